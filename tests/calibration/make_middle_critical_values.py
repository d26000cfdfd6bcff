"""Make the table of critical values of the scores of a middle that is steeper than both ends.

Run by hand; it takes about ten minutes on one core:

    python tests/calibration/make_middle_critical_values.py sigstats/stats/scores/middle_critical_values.csv

The statistic is the smaller of the two t statistics, over the start and over the end, since both must be shown. The
curves are independent normal noise around means whose middle is not steeper than both ends: flat ones, lines that end
in a plateau, and staircases with a landing of a third of the levels at a half or at .35 of the rise. The ambiguous
sizes shrink with the square root of the number of seeds, and so do those that are simulated. The largest critical
value counts. Below .01 the quantiles are Student's times the largest stretch that was found above: so few draws do
not reach them.
"""

import math
import sys
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.stats.scores.critical_values import ALPHAS
from sigstats.stats.scores.middle import middle_scores
from sigstats.stats.scores.reversal import t_statistic

SEEDS = (3, 4, 5, 6, 8, 10, 20, math.inf)
LEVELS = (6, 8, 10, 12, 16, 20, 32)
MANY = 60  # seeds that stand for infinitely many
SIZES = (3.0, 6.0, 12.0, 24.0)
CROWDED_SIZES = (6.0, 12.0)
SIMULATED = tuple(alpha for alpha in ALPHAS if alpha >= 0.01)
CELLS, FEWEST, MOST = 4e5, 600, 3_000
ENTROPY = 20261130


def staircase(n_levels, landing, height):
    """Return a curve of two steps with a landing of so many levels between them."""
    before = (n_levels - landing) // 2
    index = np.arange(n_levels)
    return np.where(index < before, 0.0, np.where(index < before + landing, height, 1.0))


def nulls(n_levels, n_seeds):
    """Yield levels and mean curves."""
    even = np.linspace(0.0, 1.0, n_levels)
    powers = np.concatenate([[0.0], np.cumsum(2.0 ** np.arange(n_levels - 1))]) if n_levels <= 20 else None
    landing = max(2, n_levels // 3)
    scale = 1.0 / math.sqrt((n_seeds - 1) / 2.0)
    yield even, np.zeros(n_levels)
    for size in SIZES:
        yield even, size * scale * np.minimum(even / 0.6, 1.0)
        for height in (0.5, 0.35):
            yield even, size * scale * staircase(n_levels, landing, height)
    if powers is not None:
        crowded = powers / powers[-1]
        yield crowded, np.zeros(n_levels)
        for size in CROWDED_SIZES:
            yield crowded, size * scale * np.minimum(crowded / 0.2, 1.0)


def quantiles(n_seeds, x, mean, replications, rng):
    """Return the upper quantiles of the smaller t statistic."""
    draws = []
    block = max(1, int(2e5 / (n_seeds * x.size)))
    for start in range(0, replications, block):
        noise = rng.standard_normal((min(block, replications - start), n_seeds, x.size))
        found = middle_scores(mean + noise, x)
        draws.append(np.minimum(t_statistic(found.over_start), t_statistic(found.over_end)))
    return np.quantile(np.concatenate(draws), 1.0 - np.array(SIMULATED))


def row(n_seeds, n_levels):
    """Return one line of the table."""
    drawn = MANY if math.isinf(n_seeds) else int(n_seeds)
    replications = int(np.clip(CELLS / (drawn * n_levels), FEWEST, MOST))
    rng = np.random.default_rng([ENTROPY, drawn, n_levels])
    found = [quantiles(drawn, x, mean, replications, rng) for x, mean in nulls(n_levels, drawn)]
    student = special.stdtrit(drawn - 1.0, 1.0 - np.array(ALPHAS))
    if math.isinf(n_seeds):
        found = [
            each * special.ndtri(1.0 - np.array(SIMULATED)) / student[: len(SIMULATED)] for each in found
        ]
        student = special.ndtri(1.0 - np.array(ALPHAS))
    largest = np.maximum(np.max(found, axis=0), student[: len(SIMULATED)])
    stretch = float((largest / student[: len(SIMULATED)]).max())
    values = np.concatenate([largest, stretch * student[len(SIMULATED) :]])
    return ",".join([str(n_seeds), str(n_levels), str(replications), *(f"{value:.3f}" for value in values)])


def main(target):
    """Write the whole table."""
    lines = [
        "# Upper quantiles of the smaller t statistic of a middle that is steeper than both ends; made by",
        "# tests/calibration/make_middle_critical_values.py",
        ",".join(["n_seeds", "n_levels", "replications", *(f"middle_steeper_{alpha}" for alpha in ALPHAS)]),
    ]
    for seeds in SEEDS:
        for levels in LEVELS:
            lines.append(row(seeds, levels))
            target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
