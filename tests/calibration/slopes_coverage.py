"""Measure what the posterior of the mean score covers, over how much seeds differ.

The score of a seed varies around the mean for two reasons: the seeds' true scores differ, and each is measured with a
sampling sd. The first spread goes from nothing to twenty times the second, which is known, or estimated from the
residuals of a line at eight levels. The posterior is the one that decisions rest on, with the prior scale that
`sigstats.detect` takes: the larger of twice the sampling sd and the sd of the scores. Counted are how often intervals
hold the true mean, and how often P(mean > 0) exceeds .95 although the mean is 0.

    python tests/calibration/slopes_coverage.py docs/validity/slopes_coverage.csv
"""

import csv
import itertools
import sys
from pathlib import Path

import numpy as np

from sigstats.stats.scores.mean_posterior import mean_posterior

SEEDS = (3, 5, 8, 10)
SPREADS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 20.0)
SAMPLING = ("known", "estimated")
LEVELS = 8
REPLICATIONS = 10_000
ENTROPY = 20260707


def measured(n_seeds, spread, sampling, replications):
    """Return coverage of 95 % and 90 % intervals, and the rate of P(mean > 0) > .95 where the mean is 0."""
    rng = np.random.default_rng([ENTROPY, n_seeds, round(10 * spread), sampling == "estimated"])
    df = n_seeds * (LEVELS - 2)
    inside, positive = np.zeros(2), 0
    for _ in range(replications):
        scores = rng.normal(0.0, np.hypot(1.0, spread), n_seeds)
        sd = 1.0 if sampling == "known" else float(np.sqrt(rng.chisquare(df) / df))
        scale = max(2.0 * sd, float(scores.std(ddof=1)))
        posterior = mean_posterior(scores, np.full(n_seeds, sd), prior_scale=scale)
        below = float(posterior.cdf(0.0))
        inside += [0.025 <= below <= 0.975, 0.05 <= below <= 0.95]
        positive += posterior.prob_positive > 0.95
    return *(inside / replications), positive / replications


def main(target):
    """Write a row for each number of seeds and spread."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        heads = ("sampling_sd", "seeds", "spread", "coverage_95", "coverage_90", "positive", "replications")
        writer.writerow(heads)
        for sampling, n_seeds, spread in itertools.product(SAMPLING, SEEDS, SPREADS):
            found = measured(n_seeds, spread, sampling, REPLICATIONS)
            writer.writerow([sampling, n_seeds, spread, *(f"{rate:.4f}" for rate in found), REPLICATIONS])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
