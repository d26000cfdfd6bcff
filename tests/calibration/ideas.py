"""Error rates of what is said of an idea: supported, contradicted, and how many signatures hold at least.

    python tests/calibration/ideas.py --output docs/validity/ideas.csv

Each signature predicts a rise in a treatment that a control does not share. Verdicts on sweeps of each kind are made
once, all kinds from the same random numbers, and with these turned to their negative as well. Cards are put together
from them: of different replications (independent), of one replication (shared: the seeds of all signatures bring the
same), or of one replication and its negative (opposed). Every statement that is counted is false, most of them only
just: an effect of exactly the declared size, a control with exactly the half that is allowed.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from sigstats import Signature, SweepTable
from sigstats.cards.verdict.check import conclude
from sigstats.cards.verdict.outcomes import Prediction, judged
from sigstats.cards.verdict.rules import IdeaStatus, Settled
from sigstats.data.table.sweep import with_cells
from sigstats.detection import verdict_on
from sigstats.evidence.open_table import read_table

ENTROPY = 20261130
SEEDS = (3, 5, 10)
LEVELS = np.linspace(0.0, 1.0, 8)
DEPENDENCES = ("independent", "shared", "opposed")
SLOPE_SD, NOISE_SD, MARGIN = 0.5, 1.0, 1.0


@dataclass(frozen=True)
class Truth:
    """One signature: the effects of treatment and control, and whether the prediction holds."""

    effects: tuple[float, float]
    holds: bool
    expect: str = "present"
    alternative: bool = False  # to the one after it


STRONG = Truth((6.0, 0.0), holds=True)
NOTHING = Truth((0.0, 0.0), holds=False)
SHARED = Truth((6.0, 3.0), holds=False)  # the control has exactly the half that is allowed
BARELY = Truth((MARGIN, 0.5 * MARGIN), holds=True)  # the least that holds, in both respects
OPPOSITE = Truth((-6.0, 0.0), holds=False)
MISSED = replace(BARELY, holds=False, expect="absent")  # expected to be absent, and only just there

CLAIM = Signature(shape="increasing", control="control", min_effect=MARGIN)
CARDS: dict[str, tuple[Truth, ...]] = {
    "nothing holds": (NOTHING, NOTHING, NOTHING),
    "one holds, two do not": (STRONG, NOTHING, NOTHING),
    "two hold, one does not": (STRONG, STRONG, NOTHING),
    "two hold, the control shares the third": (STRONG, STRONG, SHARED),
    "one holds, neither of two alternatives": (STRONG, replace(NOTHING, alternative=True), NOTHING),
    "three are expected to be absent, and are only just there": (MISSED, MISSED, MISSED),
    "all three hold, only just": (BARELY, BARELY, BARELY),
    "two hold, only just, and one is opposite": (BARELY, BARELY, OPPOSITE),
    "one holds, only just": (BARELY,),
    "all three hold": (STRONG, STRONG, STRONG),
}
Pool = dict[tuple[tuple[float, float], int], list[dict[str, Prediction]]]


def empty(n_seeds: int) -> SweepTable:
    """Return a table to be filled: reading one takes longer than judging it."""
    rows = [
        (condition, f"{condition}-{seed}", level, seed + level)
        for condition in ("treatment", "control")
        for seed in range(n_seeds)
        for level in LEVELS
    ]
    return read_table(pd.DataFrame(rows, columns=["condition", "seed", "knob", "metric"]), CLAIM)


def sweep(table: SweepTable, effects: tuple[float, float], replication: int, sign: int) -> SweepTable:
    """Return a sweep; kinds that differ in their effects have the same random numbers."""
    n_seeds = len(table.seeds("treatment"))
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=(n_seeds, replication)))
    for condition, effect in zip(("treatment", "control"), effects, strict=True):
        slopes = effect + sign * SLOPE_SD * rng.standard_normal(n_seeds)
        noise = sign * NOISE_SD * rng.standard_normal((n_seeds, len(LEVELS)))
        table = with_cells(table, condition, slopes[:, None] * LEVELS + noise)
    return table


def answers(n_seeds: int, replications: int) -> Pool:
    """Return what became of a single prediction of each kind, in each replication."""
    table = empty(n_seeds)
    kinds = {
        (truth.effects, sign)
        for truths in CARDS.values()
        for at, truth in enumerate(truths)
        for sign in ((1, -1) if at % 2 else (1,))
    }
    return {
        (effects, sign): [
            lean(verdict_on(sweep(table, effects, at, sign), CLAIM)) for at in range(replications)
        ]
        for effects, sign in sorted(kinds)
    }


def lean(verdict: object) -> dict[str, Prediction]:
    """Return the prediction for both expectations, without the verdict itself."""
    found = {}
    for expect in ("present", "absent"):
        made = judged(replace(verdict.signature, expect=expect), verdict, number=1)
        found[expect] = replace(made, verdict=None)
    return found


def cards(
    truths: tuple[Truth, ...], pool: Pool, dependence: str, replications: int
) -> Iterator[list[Prediction]]:
    """Yield cards with one prediction of each kind that is asked for."""
    rng = np.random.default_rng(ENTROPY)
    same = np.arange(replications)
    orders = [same if dependence != "independent" else rng.permutation(replications) for _ in truths]
    signs = [-1 if dependence == "opposed" and at % 2 else 1 for at in range(len(truths))]
    for card in range(replications):
        made = []
        for at, truth in enumerate(truths):
            found = pool[truth.effects, signs[at]][orders[at][card]][truth.expect]
            names = [f"m{at + 1}"] if truth.alternative else []
            signature = replace(found.signature, name=f"m{at}", exclusive_with=names)
            made.append(replace(found, signature=signature, label=f"m{at}"))
        yield made


def measure(name: str, n_seeds: int, dependence: str, pool: Pool, replications: int) -> dict[str, object]:
    """Return how often each statement was made although it is false, and how often each status was given."""
    truths = CARDS[name]
    holding = sum(truth.holds for truth in truths)
    counts = {str(status): 0 for status in IdeaStatus}
    false = dict.fromkeys(("false_support", "false_contradiction", "bound_too_high", "simes_too_high"), 0)
    found = 0
    for predictions in cards(truths, pool, dependence, replications):
        idea = conclude(None, predictions)
        counts[idea.status] += 1
        named = {label for each in idea.core if each.settled is Settled.OTHERWISE for label in each.labels}
        false["false_support"] += idea.status is IdeaStatus.SUPPORTED and holding < len(truths)
        false["false_contradiction"] += any(
            truth.holds and f"m{at}" in named for at, truth in enumerate(truths)
        )
        false["bound_too_high"] += idea.at_least() > holding
        false["simes_too_high"] += conclude(None, predictions, dependence="positive").at_least() > holding
        found += idea.at_least()
    rates = {key: round(value / replications, 4) for key, value in (*false.items(), *counts.items())}
    return {
        "card": name,
        "dependence": dependence,
        "n_seeds": n_seeds,
        "replications": replications,
        "holding": holding,
        "signatures": len(truths),
        **rates,
        "mean_bound": round(found / replications, 3),
    }


def main() -> None:
    """Measure every cell and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    rows = []
    for n_seeds in SEEDS:
        pool = answers(n_seeds, asked.replications)
        rows += [
            measure(name, n_seeds, dependence, pool, asked.replications)
            for name, truths in CARDS.items()
            for dependence in (DEPENDENCES if len(truths) > 1 else DEPENDENCES[:1])
        ]
        with asked.output.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
