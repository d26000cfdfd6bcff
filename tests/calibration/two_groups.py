"""Find the critical values of the gap between two groups of scores, and measure how often groups are seen.

    python tests/calibration/two_groups.py sigstats/stats/scores/gap_critical_values.csv docs/validity/two_groups.csv

The first file holds the critical values; the second the rates: of false alarms on normal scores (the worst spread of
seeds and mean that was tried), and of two groups that are there (half of the seeds rise by 8 or 20 sampling sds of a
score, the others do not), where a sample holds both.
"""

import csv
import sys
from pathlib import Path

import numpy as np

from sigstats.stats.scores.two_groups import FROM_SCORES, two_groups

ENTROPY = 20261129
SIZES = (5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 25, 30, 40, 50, 75, 100)
DRAWS = 200_000
REPLICATIONS = 4_000
# Sd between seeds and mean of the seeds, in sampling sds of a score.
SPREADS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 20.0)
MEANS = (0.0, 2.0, 4.0, 8.0)
RISES = (8.0, 20.0)


def ratios(ordered):
    """Return the largest ratio of gap to spread of many sorted samples, one per row."""
    n = ordered.shape[1]
    centred = ordered - ordered.mean(axis=1, keepdims=True)
    below = np.arange(1, n)
    sums = centred.cumsum(axis=1)[:, :-1]
    within = (centred**2).sum(axis=1, keepdims=True) - sums**2 * n / (below * (n - below))
    return (np.diff(ordered, axis=1) / np.sqrt(within / (n - 2))).max(axis=1)


def critical_values(target):
    """Write the critical values."""
    lines = [
        "# 95 % quantiles of the largest ratio of gap to spread in normal samples; made by",
        "# tests/calibration/two_groups.py",
        "n_scores,critical_value,replications",
    ]
    for n in SIZES:
        rng = np.random.default_rng([ENTROPY, n])
        parts = [ratios(np.sort(rng.standard_normal((DRAWS // 10, n)), axis=1)) for _ in range(10)]
        lines.append(f"{n},{np.quantile(np.concatenate(parts), 0.95):.3f},{DRAWS}")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def found(samples):
    """Return for each sample how many scores its lower group has; 0 where no groups are seen."""
    groups = [two_groups(scores, 1.0) for scores in samples]
    return np.array([0 if each is None else each.n_lower for each in groups])


def rates(n):
    """Return the rates at one number of seeds."""
    rng = np.random.default_rng([ENTROPY, n, 1])
    draw = lambda: rng.standard_normal((REPLICATIONS, n))  # noqa: E731 - one line for each of three uses
    cells = [(s, m) for s in SPREADS for m in MEANS] if n < FROM_SCORES else [(0.0, 0.0), (3.0, 0.0)]
    alarms = max((found(m + s * draw() + draw()) > 0).mean() for s, m in cells)
    row = {"n_seeds": n, "false_alarm": alarms}
    for rise in RISES:
        shows = rng.random((REPLICATIONS, n)) < 0.5
        mixed = shows.any(axis=1) & ~shows.all(axis=1)
        right = found(rise * shows + draw()) == (~shows).sum(axis=1)
        row[f"found_{rise:g}"] = right[mixed].mean()
    return {**row, "replications": REPLICATIONS}


def main(values, target):
    """Write both files."""
    critical_values(values)
    rows = [rates(n) for n in (3, 4, 5, 6, 7, 8, 10, 15, 20)]
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {key: round(float(value), 4) if isinstance(value, float) else value for key, value in row.items()}
            for row in rows
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
