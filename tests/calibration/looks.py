"""Measure how often verdicts at planned looks state what is not so, at one look or more.

    python tests/calibration/looks.py docs/validity/looks.csv

One simulated table grows: its first seeds are the table of the first look. Tables are judged many at a time, by the
lines and rules of a verdict on a rise, at the level of each plan and at that of a single look ("naive");
`test_looks.py` compares this with `detect`. What counts is that a false statement is made at any look, whether or not
the study would have been stopped before.

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
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.evidence.look import WELCH
from sigstats.signature.signature import Signature
from sigstats.stats.looks.joint_law import alpha_per_look
from sigstats.stats.scores.linear import kendall_null_variance, rank_scores
from sigstats.stats.scores.reversal import critical_values, t_statistic, turn_scores
from sigstats.stats.scores.typical_sd import typical_sd_repeated

PLANS = ((3, 5), (3, 4, 5), (3, 5, 8), (4, 6))
SEEDS = tuple(sorted({n for plan in PLANS for n in plan}))
NOISES = ("iid", "random slopes", "AR(0.9)")
X = np.arange(8.0) / 7.0
LINE = (X - X.mean()) / ((X - X.mean()) ** 2).sum()
# Sampling sd of a score for noise of sd 1.
FACTOR = float(np.sqrt((LINE**2).sum()))
MARGIN, CLEAR = 2.0, 12.0
TABLES, ENTROPY = 10_000, 20261130


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


def noise(kind, rng, size):
    """Return the noise of many seeds: cells of sd 1, and slopes that vary as much as a fitted line does."""
    cells = rng.standard_normal((*size, X.size))
    if kind == "random slopes":
        return cells + rng.standard_normal((*size, 1)) * FACTOR * (X - X.mean())
    if kind == "AR(0.9)":
        for level in range(1, X.size):
            cells[..., level] = 0.9 * cells[..., level - 1] + np.sqrt(1.0 - 0.9**2) * cells[..., level]
    return cells


def residual_sd(kind):
    """Return the residual sd that the default margin estimates, from many seeds."""
    return float(noise_of(noise(kind, np.random.default_rng(ENTROPY), (1, 100_000)))[0])


@dataclass(frozen=True)
class Lines:
    """All that verdicts on many tables with as many seeds depend on, one number per table."""

    rises: np.ndarray  # the largest p-value of the three lines
    falls: np.ndarray
    small: np.ndarray
    late: np.ndarray
    large: np.ndarray  # whether the estimate reaches a declared smallest effect
    turn_fall: np.ndarray  # t statistics of the turn
    turn_rise: np.ndarray
    quiet: np.ndarray  # p-values of the control; NaN without one
    responds: np.ndarray
    artifact: np.ndarray


def lines_of(treatment, control, truth):
    """Return the lines of tables, shape (tables, seeds, levels)."""
    n_tables = len(treatment)
    scores, ends = treatment @ LINE, treatment[..., -1] - treatment[..., 0]
    if truth.min_effect is None:
        margin = np.array([typical_sd_repeated([each], X) for each in treatment])
    else:
        margin = np.full(n_tables, truth.min_effect)
    nothing = np.full(n_tables, np.nan)
    other = None if control is None else control @ LINE
    turn = turn_scores(treatment)
    parts = [t_above(scores, 0.0), trend(treatment), 1.0 - posterior(scores, noise_of(treatment) * FACTOR)]
    return Lines(
        rises=np.max(parts, axis=0),
        falls=t_above(-scores, 0.0),
        small=t_above(-scores, -margin),
        late=t_above(ends, margin),
        large=scores.mean(axis=1) >= (-np.inf if truth.min_effect is None else truth.min_effect),
        turn_fall=t_statistic(turn.fall),
        turn_rise=t_statistic(turn.rise),
        quiet=nothing if other is None else welch(0.5 * scores, other),
        responds=nothing if other is None else welch(other, 0.5 * scores),
        artifact=nothing if other is None else welch(other, 0.8 * scores),
    )


def t_above(scores, bound):
    n = scores.shape[1]
    se = scores.std(axis=1, ddof=1) / np.sqrt(n)
    return special.stdtr(n - 1.0, (bound - scores.mean(axis=1)) / se)


def welch(first, second):
    n = first.shape[1]
    a, b = first.var(axis=1, ddof=1) / n, second.var(axis=1, ddof=1) / n
    df = (n - 1.0) * (a + b) ** 2 / (a**2 + b**2)
    return special.stdtr(df, (second.mean(axis=1) - first.mean(axis=1)) / np.sqrt(a + b))


def trend(curves):
    """Return p-values of Kendall's tau: t below 6 seeds, all flips of signs from there on."""
    n_tables, n, n_levels = curves.shape
    taus = rank_scores(curves.reshape(-1, n_levels)).reshape(n_tables, n)
    if n >= 6:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=n)))
        return (taus @ signs.T >= taus.sum(axis=1, keepdims=True) - 1e-9).mean(axis=1)
    varies = np.ptp(taus, axis=1) > 1e-12
    by_t = t_above(np.where(varies[:, None], taus, np.arange(n)), 0.0)
    z = taus.mean(axis=1) / np.sqrt(kendall_null_variance(n_levels) / n)
    return np.where(varies, by_t, special.ndtr(-z))


def noise_of(curves):
    """Return the residual sd of each table: its seeds' lines and level means taken off."""
    n, n_levels = curves.shape[1:]
    free = curves - curves.mean(axis=2, keepdims=True) - (curves @ LINE)[..., None] * (X - X.mean())
    left = free - free.mean(axis=1, keepdims=True)
    return np.sqrt((left**2).sum(axis=(1, 2)) / ((n - 1) * (n_levels - 2)))


def posterior(scores, sampling):
    """Return the posterior probability of a positive mean, as `mean_posterior` computes it."""
    n = scores.shape[1]
    scale = np.maximum(2.0 * sampling, scores.std(axis=1, ddof=1))[:, None]
    ratio = np.arange(-24.0, 14.0, 0.1)
    variance = (scale * np.exp(ratio)) ** 2 + sampling[:, None] ** 2
    squares = scores.var(axis=1)[:, None] * n / variance
    density = ratio - np.log1p(np.exp(2.0 * ratio)) - 0.5 * (n - 1) * np.log(variance) - 0.5 * squares
    weights = np.exp(density - density.max(axis=1, keepdims=True))
    chance = special.ndtr(scores.mean(axis=1)[:, None] / np.sqrt(variance / n))
    return (weights * chance).sum(axis=1) / weights.sum(axis=1)


def stated(found, alpha, share, n, truth):
    """Return what verdicts state at a level: the rules of the verdict table for a rise, one after the other."""
    fall, rise = critical_values(n, X.size, alpha)
    reverses = (found.turn_fall > fall) & (found.turn_rise > rise)
    rises = (found.rises <= alpha) & ~reverses
    opposite = ~reverses & ~rises & (found.falls <= alpha)
    small = ~reverses & ~opposite & (found.small <= alpha) & ~(found.late <= alpha)
    below, weak = small & ~rises, small & rises & (truth.min_effect is not None)
    artifact = rises & ~weak & (found.artifact <= share * alpha)
    unspecific = rises & ~weak & ~artifact & (found.responds <= share * alpha)
    clear = (found.quiet <= share * alpha) | (truth.of_control is None)
    return {
        "rises": rises,
        "present": rises & ~weak & ~artifact & ~unspecific & found.large & clear,
        "opposite": opposite,
        "reverses": reverses,
        "small": below | weak,
        "unspecific": unspecific,
        "artifact": artifact,
    }


def claim(truth):
    """Return what is claimed."""
    control = None if truth.of_control is None else "control"
    return Signature(shape="increasing", control=control, min_effect=truth.min_effect, bounds="none")


def simulated(truth, kind, n_tables):
    """Return the growing tables of a truth: treatment and control, shape (tables, seeds, levels)."""
    rng = np.random.default_rng([ENTROPY, TRUTHS.index(truth), NOISES.index(kind)])
    effect = residual_sd_of[kind] if np.isnan(truth.effect) else truth.effect
    treatment = effect * X + noise(kind, rng, (n_tables, SEEDS[-1]))
    if truth.of_control is None:
        return treatment, None
    return treatment, truth.of_control * X + noise(kind, rng, (n_tables, SEEDS[-1]))


residual_sd_of = {kind: residual_sd(kind) for kind in NOISES}


def rows(truth, kind, n_tables):
    """Yield the error rates of one truth and noise, for every plan and statement."""
    treatment, control = simulated(truth, kind, n_tables)
    found = {n: lines_of(treatment[:, :n], None if control is None else control[:, :n], truth) for n in SEEDS}
    # A margin that is estimated makes a single test err, too: the rates of single looks stand beside those of plans.
    for plan in PLANS if truth.min_effect or truth.of_control else (*((n,) for n in (3, 5, 8)), *PLANS):
        level, share = alpha_per_look(plan), WELCH if len(plan) > 1 else 1.0
        planned = [stated(found[n], level, share, n, truth) for n in plan]
        naive = [stated(found[n], 0.05, 1.0, n, truth) for n in plan]
        for statement in truth.false:
            error, plain = (
                float(np.any([each[statement] for each in looks], axis=0).mean())
                for looks in (planned, naive)
            )
            yield {
                "looks": " ".join(map(str, plan)),
                "alpha": round(level, 4),
                "truth": truth.name,
                "noise": kind,
                "control": "no" if truth.of_control is None else "yes",
                "statement": statement,
                "error": round(error, 4),
                "naive": round(plain, 4),
                "tables": n_tables,
            }


def main():
    """Measure all truths and noises."""
    known = [row for truth, kind in itertools.product(TRUTHS, NOISES) for row in rows(truth, kind, TABLES)]
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(known[0]))
        writer.writeheader()
        writer.writerows(known)


if __name__ == "__main__":
    main()
