"""Simulation-based calibration of slopes of runs and items that are crossed.

Spreads are drawn from the priors, a table of slopes from the spreads, and the posterior of that table is asked for the
probability below each true value. The mean slopes have flat priors; as the model does not change when they are moved,
their true values may be any numbers, here 0, and the probabilities below them are uniform all the same. If the
posterior is right, all of these are uniform [1]_. The contrast is between two conditions on the same items whose runs,
numbers of runs and spreads differ; the items' slopes in the two share a large part, which cancels.

A second file takes the default priors of `hierarchical_slopes`, whose scales come from the data: how often the 90 %
interval holds the true mean slope for fixed true spreads, and how often P(mean > 0) exceeds .95 where the mean is 0.
Spreads of runs and of items are in sds of the rest of one run's slope on one item.

Run by hand; it takes some minutes, and "crossed_ranks" or "crossed_coverage" behind the folder make one file only:

    python tests/calibration/crossed_slopes.py docs/validity

References
----------
.. [1] S. Talts, M. Betancourt, D. Simpson, A. Vehtari and A. Gelman, "Validating Bayesian inference algorithms
       with simulation-based calibration", 2018. https://doi.org/10.48550/arXiv.1804.06788
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy import stats

from sigstats.priors import half_cauchy, half_normal
from sigstats.stats.bayes.crossed import crossed_slopes
from sigstats.stats.bayes.crossed_contrast import crossed_contrast
from sigstats.studies.slopes.crossed_fit import default_priors, posterior_of

ENTROPY = 20261130
REPEATED = 4242
# start of the random numbers, runs, items, tables; the third began with 500, of which two correlated quantities gave
# p = .0008 and .0006, was extended, and then repeated with other random numbers
SIZES = ((ENTROPY, 3, 3, 500), (ENTROPY, 3, 20, 500), (ENTROPY, 10, 5, 1_000), (REPEATED, 10, 5, 2_000))
PRIORS = {"sigma_seed": half_normal(0.7), "sigma_item": half_cauchy(0.5), "sigma_rest": half_normal(1.0)}
QUANTITIES = (
    "mean_slope",
    "these_items",
    "sigma_seed",
    "sigma_item",
    "sigma_rest",
    "run_1",
    "item_1",
    "contrast",
)
SPREADS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.3, 0.3))  # of runs and of items
COVERED = ((3, 10), (10, 50))
INTERVALS = 500


def slopes(n_runs, items, sds, rng):
    """Return a table of slopes around 0 and the slopes of its runs."""
    runs = sds["sigma_seed"] * rng.standard_normal(n_runs)
    rest = sds["sigma_rest"] * rng.standard_normal((n_runs, items.size))
    return runs[:, None] + items + rest, runs


def ranks(n_runs, n_items, rng):
    """Return the probability below each true value, and whether every posterior was accurate."""

    def drawn(names):
        return {name: float(PRIORS[name].quantile(rng.uniform())) for name in names}

    first, second = drawn(PRIORS), drawn(("sigma_seed", "sigma_rest"))
    items = first["sigma_item"] * rng.standard_normal(n_items)
    table, runs = slopes(n_runs, items, first, rng)
    found = crossed_slopes([table], [1.0], **PRIORS)
    truth = {"mean_slope": 0.0, "these_items": items.mean(), **first}
    below = {name: float(getattr(found, name).cdf(value)) for name, value in truth.items()}
    below["run_1"] = float(found.seed_slope.entry(0).cdf(runs[0] + items.mean()))
    below["item_1"] = float(found.item_slopes().entry(0).cdf(items[0]))
    # The same items in both: only the difference of an item's two slopes has the spread that the prior is of.
    shared = 3.0 * rng.standard_normal(n_items)
    differences = float(PRIORS["sigma_item"].quantile(rng.uniform())) * rng.standard_normal(n_items)
    pair = [
        crossed_slopes([slopes(size, shared + sign * differences, sds, rng)[0]], [1.0], **PRIORS)
        for size, sign, sds in ((n_runs, 0.5, first), (n_runs + 2, -0.5, second))
    ]
    contrast = crossed_contrast(*pair, sigma_item=PRIORS["sigma_item"])
    below["contrast"] = float(contrast.cdf(0.0))
    return below, all(each.accurate for each in (found, *pair, contrast))


def calibrate(entropy, n_runs, n_items, tables):
    """Return the Kolmogorov-Smirnov test of each quantity, and how many posteriors were not accurate."""
    rng = np.random.default_rng([entropy, n_runs, n_items])
    found = [ranks(n_runs, n_items, rng) for _ in range(tables)]
    tests = {name: stats.kstest([below[name] for below, _ in found], "uniform") for name in QUANTITIES}
    return tests, sum(not accurate for _, accurate in found)


def covers(n_runs, n_items, spread_runs, spread_items, tables):
    """Return shares of tables: interval holds the true mean, the same on these items, and P > .95 although it is 0."""
    rng = np.random.default_rng([ENTROPY, n_runs, n_items, int(10 * spread_runs), int(10 * spread_items)])
    hits = []
    for _ in range(tables):
        items = spread_items * rng.standard_normal(n_items)
        table, _ = slopes(n_runs, items, {"sigma_seed": spread_runs, "sigma_rest": 1.0}, rng)
        found = posterior_of((table,), np.ones(1), default_priors((table,)), "treatment")
        low, high = found.mean_slope.interval(0.9)
        lowest, highest = found.these_items.interval(0.9)
        hits.append((low <= 0.0 <= high, lowest <= items.mean() <= highest, found.prob_positive > 0.95))
    return np.mean(hits, axis=0)


def write_ranks(file):
    """Write the tests of all ranks."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        ["entropy", "runs", "items", "tables", "quantity", "ks_distance", "ks_pvalue", "not_accurate"]
    )
    for size in SIZES:
        tests, failures = calibrate(*size)
        for name, test in tests.items():
            writer.writerow([*size, name, f"{test.statistic:.4f}", f"{test.pvalue:.4f}", failures])
        file.flush()


def write_coverage(file):
    """Write how often intervals hold the truth."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        ["runs", "items", "spread_runs", "spread_items", "tables", "coverage_90", "these_90", "positive"]
    )
    for size in COVERED:
        for spreads in SPREADS:
            shares = covers(*size, *spreads, INTERVALS)
            writer.writerow([*size, *spreads, INTERVALS, *(f"{each:.4f}" for each in shares)])
            file.flush()


def main(folder, names):
    """Write both files, or the one that is named."""
    for name, write in (("crossed_ranks", write_ranks), ("crossed_coverage", write_coverage)):
        if not names or name in names:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                write(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
