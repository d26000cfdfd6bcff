"""Make the table of critical values of the cross-fitted scores of hinge, step and peak.

Run by hand; it takes about ten minutes on one core:

    python tests/calibration/make_split_critical_values.py sigstats/stats/scores/split_critical_values.csv

The curves are independent normal noise around a flat mean. The levels are equally spaced; where spacing matters to a
score, they also crowd at the low end, each gap four times the one before or as much as six decades allow, and the
larger critical value counts. The rows for infinitely many seeds come from the mean curves of their folds.
"""

import math
import sys
from pathlib import Path

import joblib
import numpy as np

from sigstats.stats.scores.critical_values import ALPHAS
from sigstats.stats.scores.hinge import hinge_scores, hinge_scores_all
from sigstats.stats.scores.peak import peak_scores, peak_scores_all
from sigstats.stats.scores.reversal import t_statistic
from sigstats.stats.scores.splits import FOLDS
from sigstats.stats.scores.step import step_scores, step_scores_all

SEEDS = (3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 50, math.inf)
LEVELS = (4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 32, 64, 150)
FRACTIONS = (0.25, 0.5)
ENTROPY = 20261121
CELLS = 3e6
FEWEST, MOST = 4_000, 40_000
BLOCK = 1e5
ENOUGH_FOR_SD = 8_000
GROWTH, DECADES = 4.0, 6
CROWDED_CELLS, CROWDED_FEWEST, CROWDED_MOST = 1e6, 3_000, 20_000
CROWDED_COLUMNS = ("hinge_change", "hinge_flat_before", "peak_arm")
COLUMNS = ("hinge_change", "hinge_flat_before", "step_jump", "step_drift", "step_gap", "peak_arm")


def scores_of(hinge, step, peak):
    """Return for each column of the table one or more scores; the largest critical value of them counts."""
    return {
        "hinge_change": [hinge.change],
        "hinge_flat_before": [0.25 * hinge.after - hinge.before],
        "step_jump": [step.jump],
        "step_drift": [
            fraction * step.jump - drift
            for fraction in FRACTIONS
            for drift in (step.drift_before, step.drift_after)
        ],
        "step_gap": [step.gap - 0.5 * step.jump],
        "peak_arm": [peak.rise, peak.fall],
    }


def statistics(curves, x):
    """Return the t statistics of every score, a list for each column."""
    found = scores_of(hinge_scores(curves, x), step_scores(curves, x), peak_scores(curves, x))
    return {name: [t_statistic(each) for each in group] for name, group in found.items()}


def limits(curves, x):
    """Return the same for infinitely many seeds, whose folds have the mean curves `curves`.

    The variance of a score is then known, and the mean over seeds is the mean over folds.
    """
    at = (hinge_scores(curves, x), step_scores(curves, x), peak_scores(curves, x))
    some = curves[:ENOUGH_FOR_SD, :1]
    everywhere = (hinge_scores_all(some, x), step_scores_all(some, x), peak_scores_all(some, x))
    index = {
        "hinge": np.searchsorted(everywhere[0].knot, at[0].knot - 1e-9),
        "step": np.searchsorted(everywhere[1].split, at[1].split),
        "peak": np.searchsorted(everywhere[2].split, at[2].split),
    }
    chosen, all_scores = scores_of(*at), scores_of(*everywhere)
    return {
        name: [
            known_variance(one, every, index[name.partition("_")[0]])
            for one, every in zip(chosen[name], all_scores[name], strict=True)
        ]
        for name in COLUMNS
    }


def known_variance(scores, everywhere, index):
    """Return mean over standard error, with the variance of the score at each split as it is everywhere."""
    if not everywhere.size:
        return np.zeros(len(scores))
    folds = index.shape[1]
    variance = everywhere[:, 0].var(axis=0)[index].mean(axis=1)
    return scores[:, :folds].mean(axis=1) / np.sqrt(variance / folds)


def quantiles(draws):
    """Return the largest quantiles of the scores of one column; infinite where the shape has no split."""
    if not np.isfinite(draws[0]).all() or not np.any(draws[0]):
        return np.full(len(ALPHAS), math.inf)
    return np.max([np.quantile(values, 1.0 - np.array(ALPHAS)) for values in draws], axis=0)


def crowded(n_levels):
    """Return levels whose gaps grow."""
    growth = min(GROWTH, 10.0 ** (DECADES / max(n_levels - 2, 1)))
    x = np.concatenate([[0.0], np.cumsum(growth ** np.arange(n_levels - 1))])
    return x / x[-1]


def simulate(n_seeds, x, replications, stream):
    """Return the critical values of every column at one set of levels."""
    many = math.isinf(n_seeds)
    drawn = FOLDS if many else n_seeds
    rng = np.random.default_rng([ENTROPY, 0 if many else n_seeds, x.size, *stream])
    block = replications if many else max(1, int(BLOCK / (drawn * x.size)))
    parts = []
    for start in range(0, replications, block):
        curves = rng.standard_normal((min(block, replications - start), drawn, x.size))
        parts.append(limits(curves, x) if many else statistics(curves, x))
    return {
        name: quantiles(
            [np.concatenate(draws) for draws in zip(*(part[name] for part in parts), strict=True)]
        )
        for name in COLUMNS
    }


def row(n_seeds, n_levels):
    """Return one line of the table."""
    size = (FOLDS if math.isinf(n_seeds) else n_seeds) * n_levels
    replications = int(np.clip(CELLS / size, FEWEST, MOST))
    values = simulate(n_seeds, np.linspace(0, 1, n_levels), replications, ())
    fewer = int(np.clip(CROWDED_CELLS / size, CROWDED_FEWEST, CROWDED_MOST))
    others = simulate(n_seeds, crowded(n_levels), fewer, (1,))
    for name in CROWDED_COLUMNS:
        values[name] = np.maximum(values[name], others[name])
    numbers = [f"{value:.3f}" for name in COLUMNS for value in values[name]]
    return ",".join([str(n_seeds), str(n_levels), str(replications), *numbers])


def main(target):
    """Write the whole table."""
    cells = [(seeds, levels) for seeds in SEEDS for levels in LEVELS]
    rows = joblib.Parallel(n_jobs=1)(joblib.delayed(row)(*cell) for cell in cells)
    names = [f"{name}_{alpha}" for name in COLUMNS for alpha in ALPHAS]
    lines = [
        "# Upper quantiles of the t statistics of cross-fitted scores under a flat mean; made by",
        "# tests/calibration/make_split_critical_values.py",
        ",".join(["n_seeds", "n_levels", "replications", *names]),
        *rows,
    ]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
