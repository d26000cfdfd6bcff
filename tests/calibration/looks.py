"""Measure how often verdicts at planned looks state what is not so, at one look or more.

    python tests/calibration/looks.py docs/validity/looks.csv

One simulated table grows: its first seeds are the table of the first look. Every table is analysed once at each number
of seeds, and judged at the level of each plan, and at the level of a single look ("naive"). Judging at another level
needs the bounds of the effect and of the turn anew, and nothing else; `test_looks.py` compares this with `detect`. What
counts is that a false statement is made at any look, whether or not the study would have been stopped before.

Truths, with a control that has no effect unless said otherwise:

null            no effect: it must not be said to rise, to fall, or to turn
at margin       the effect is the declared `min_effect`: it must not be said to be smaller
at residual sd  the effect is the default margin: it must not be said to be smaller
half in control the control has half of a clear effect, the least that is not quiet: it must not be said to have less,
                nor to have more
0.8 in control  the control has so much that more would make the effect an artifact: it must not be said to have more
"""

import csv
import itertools
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.data.table.sweep import SweepTable
from sigstats.evidence import gather
from sigstats.evidence.look import WELCH
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import Look
from sigstats.signature.signature import Signature
from sigstats.stats.looks.joint_law import alpha_per_look
from sigstats.stats.scores.reversal import critical_values
from sigstats.verdict.criteria import compare
from sigstats.verdict.findings import find
from sigstats.verdict.rules import State, Status, decide

PLANS = ((3, 5), (3, 5, 8))
SEEDS = tuple(sorted({n for plan in PLANS for n in plan}))
NOISES = ("iid", "random slopes", "AR(0.9)")
LEVELS = np.arange(8.0)
MARGIN, CLEAR = 2.0, 12.0
TABLES, ENTROPY = 2000, 20261130


@dataclass(frozen=True)
class Truth:
    """A truth, its effects, and what must not be said of it."""

    name: str
    effect: float
    of_control: float | None
    min_effect: float | None
    false: tuple[str, ...]


TRUTHS = (
    Truth("null", 0.0, None, MARGIN, ("rises", "opposite", "reverses")),
    Truth("null", 0.0, 0.0, MARGIN, ("present", "rises", "opposite", "reverses")),
    Truth("at margin", MARGIN, None, MARGIN, ("small",)),
    Truth("at margin", MARGIN, 0.0, MARGIN, ("small",)),
    Truth("at residual sd", np.nan, None, None, ("small",)),
    Truth("half in control", CLEAR, CLEAR / 2, None, ("present", "unspecific")),
    Truth("0.8 in control", CLEAR, 0.8 * CLEAR, None, ("artifact",)),
)


def noise(kind, rng, n):
    """Return the noise of so many seeds: cells of sd 1, and slopes that vary as much as a fitted line does."""
    cells = rng.standard_normal((n, LEVELS.size))
    if kind == "random slopes":
        x = LEVELS / LEVELS[-1] - 0.5
        return cells + rng.standard_normal((n, 1)) / np.sqrt((x**2).sum()) * x
    if kind == "AR(0.9)":
        for level in range(1, LEVELS.size):
            cells[:, level] = 0.9 * cells[:, level - 1] + np.sqrt(1.0 - 0.9**2) * cells[:, level]
    return cells


def residual_sd(kind):
    """Return the residual sd that the default margin estimates, from many seeds."""
    curves = noise(kind, np.random.default_rng(ENTROPY), 100_000)
    x = LEVELS - LEVELS.mean()
    centred = curves - curves.mean(axis=0) - curves.mean(axis=1, keepdims=True) + curves.mean()
    slopes = centred @ x / (x**2).sum()
    return float(np.sqrt(((centred - slopes[:, None] * x) ** 2).sum(axis=1).mean() / (LEVELS.size - 2)))


def rejudged(evidence, signature, alpha, *, alpha_control, n_levels=LEVELS.size):
    """Return findings and rule of a trend's evidence at another level."""
    line, turn = evidence.interval, evidence.reversal
    reach = special.stdtrit(line.df, 1.0 - alpha) * line.se
    value = line.estimate.value
    line = replace(line, estimate=replace(line.estimate, low=value - reach, high=value + reach))
    if turn is not None:
        fall, rise = critical_values(turn.n_seeds, n_levels, alpha)
        turn = replace(turn, critical_value=fall, rise_critical_value=rise)
    look = Look(
        number=1, planned=(1,), n_seeds=(), next_seeds=None, more_in_control=0,
        alpha=alpha, alpha_control=alpha_control,
    )  # fmt: skip
    changed = replace(evidence, interval=line, reversal=turn, look=look)
    tested = replace(signature, alpha=alpha)
    findings = find(changed, tested, compare(changed, tested))
    return findings, decide(findings)


def said(findings, rule):
    """Return what is stated, by the names in `Truth.false`."""
    reasons = rule.reasons(findings)
    return {
        "rises": findings.primary is State.SHOWN and Reason.REVERSES not in reasons,
        "present": rule.status is Status.PRESENT,
        "opposite": Reason.OPPOSITE in reasons,
        "reverses": Reason.REVERSES in reasons,
        "small": Reason.BELOW_MIN_EFFECT in reasons or Reason.WEAK in reasons,
        "unspecific": Reason.UNSPECIFIC in reasons,
        "artifact": Reason.ARTIFACT in reasons,
    }


def statements(truth, kind, replication, levels_of):
    """Return, for each level and number of seeds, the false statements that are made on one growing table."""
    rng = np.random.default_rng([ENTROPY, TRUTHS.index(truth), NOISES.index(kind), replication])
    x = LEVELS / LEVELS[-1]
    effect = residual_sd_of[kind] if np.isnan(truth.effect) else truth.effect
    cells = {"treatment": effect * x + noise(kind, rng, SEEDS[-1])}
    if truth.of_control is not None:
        cells["control"] = truth.of_control * x + noise(kind, rng, SEEDS[-1])
    control = None if truth.of_control is None else "control"
    signature = Signature(shape="increasing", control=control, min_effect=truth.min_effect, bounds="none")
    found = {}
    for n in SEEDS:
        table = SweepTable.from_matrices(LEVELS, {name: each[:n] for name, each in cells.items()})
        evidence = gather(table, signature, rng=np.random.default_rng(0))
        for level, share in levels_of[n]:
            stated = said(*rejudged(evidence, signature, level, alpha_control=share * level))
            found[level, n] = {name for name in truth.false if stated[name]}
    return found


residual_sd_of = {kind: residual_sd(kind) for kind in NOISES}


def rows(truth, kind, tables):
    """Yield the error rates of one truth and noise, for every plan and statement."""
    levels = {plan: alpha_per_look(plan) for plan in PLANS}
    levels_of = {n: {(0.05, 1.0)} | {(levels[plan], WELCH) for plan in PLANS if n in plan} for n in SEEDS}
    found = [statements(truth, kind, replication, levels_of) for replication in range(tables)]
    for plan, statement in itertools.product(PLANS, truth.false):
        planned = np.mean([any(statement in each[levels[plan], n] for n in plan) for each in found])
        naive = np.mean([any(statement in each[0.05, n] for n in plan) for each in found])
        yield {
            "looks": " ".join(map(str, plan)),
            "alpha": round(levels[plan], 4),
            "truth": truth.name,
            "noise": kind,
            "control": "no" if truth.of_control is None else "yes",
            "statement": statement,
            "error": round(float(planned), 4),
            "naive": round(float(naive), 4),
            "tables": tables,
        }


def main():
    """Measure all truths and noises, and write them as they come."""
    output, tables = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else TABLES
    writer = None
    with output.open("w", encoding="utf-8", newline="") as target:
        for truth, kind in itertools.product(TRUTHS, NOISES):
            for row in rows(truth, kind, tables):
                if writer is None:
                    writer = csv.DictWriter(target, fieldnames=list(row))
                    writer.writeheader()
                writer.writerow(row)
            target.flush()
            print(f"{truth.name}, {kind}", file=sys.stderr)


if __name__ == "__main__":
    main()
