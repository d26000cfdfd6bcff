"""Compare the power of Welch's test for treatment against control with the power that any such test could have.

    python tests/calibration/welch_bound.py docs/validity/welch_bound.csv

Scores of treatment and control are normal, with as many seeds on each side, a mean difference and two variances that
are not known. Every test that does not depend on the unit and the zero of the metric is a function of two numbers: the
share of the first side in the sum of both variances, and the difference in units of their root. Their joint law is
known, so that sizes and powers are integrals, without simulation.

The best power is that of a linear programme (Neyman and Pearson): over all tests on a grid of the two numbers, the
largest power at one ratio of the variances under the condition that the size is at most a bound at 41 ratios from
1/50 to 50. The test may know the ratio at which its power counts, so no test that is valid at all ratios has more power
there. Welch's test is not exact: `largest_size` is what it reaches at the worst ratio. `best_at_alpha` holds all other
tests to .05, `best_at_size` to what Welch's test uses.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy import optimize, stats

ALPHA = 0.05
SEEDS = (3, 4, 5, 7, 10)
NULL_RATIOS = np.geomspace(0.02, 50, 41)
SHARES, DIFFERENCES, POINTS = 60, 160, 4000
# q T - C with q = 1/2: the sd of the first side is half that of the second where both arms vary alike.
RATIO = 0.5
# An effect of 4 noise sd on 8 levels, where a score has a sd of 1.08 and a flat control is compared with half of it.
DIFFERENCE = 0.5 * 4.0 / (1.0 / np.sqrt(((np.arange(8) / 7 - 0.5) ** 2).sum()))


def scale(share, ratio, n):
    """Return what the difference in units of the root of both variances is divided by to follow a t law."""
    se = np.sqrt((ratio**2 + 1.0) / n)
    return se, se * np.sqrt((share / ratio**2 + 1.0 - share) / 2.0)


def upper_tail(t, n, shift):
    """Return the upper tail of Student's t with the degrees of freedom of both sides, shifted."""
    df = 2 * (n - 1)
    return stats.nct.sf(t, df, shift) if shift else stats.t.sf(t, df)


def welch(n, ratio, difference):
    """Return how often Welch's test rejects."""
    quotient = ratio**2 * stats.f.ppf((np.arange(POINTS) + 0.5) / POINTS, n - 1, n - 1)
    share = quotient / (1.0 + quotient)
    se, unit = scale(share, ratio, n)
    df = (n - 1) / (share**2 + (1.0 - share) ** 2)
    critical = stats.t.isf(ALPHA, df) / np.sqrt(n)
    return float(upper_tail(critical / unit, n, difference / se).mean())


def cells(n, ratio, difference):
    """Return the probability of every cell of the grid."""
    edges = np.sin(np.linspace(0.0, 1.0, SHARES + 1) * np.pi / 2.0) ** 2
    inner = stats.f.cdf(edges[1:-1] / (1.0 - edges[1:-1]) / ratio**2, n - 1, n - 1)
    shares = np.diff(np.concatenate([[0.0], inner, [1.0]]))
    se, unit = scale((edges[1:] + edges[:-1]) / 2.0, ratio, n)
    tails = upper_tail(np.geomspace(0.05, 60.0, DIFFERENCES)[None, :] / unit[:, None], n, difference / se)
    ones = np.ones((SHARES, 1))
    return (shares[:, None] * -np.diff(np.hstack([ones, tails, 0.0 * ones]), axis=1)).ravel()


def best(n, size):
    """Return the largest power of a test whose size is at most a bound at every ratio."""
    nulls = np.array([cells(n, ratio, 0.0) for ratio in NULL_RATIOS])
    bounds = np.full(NULL_RATIOS.size, size)
    found = optimize.linprog(
        -cells(n, RATIO, DIFFERENCE), A_ub=nulls, b_ub=bounds, bounds=(0, 1), method="highs"
    )
    return float(-found.fun)


def row(n):
    """Return powers and sizes at one number of seeds."""
    largest = max(welch(n, ratio, 0.0) for ratio in NULL_RATIOS)
    found = {
        "welch": welch(n, RATIO, DIFFERENCE),
        "largest_size": largest,
        "best_at_alpha": best(n, ALPHA),
        "best_at_size": best(n, largest),
    }
    return {"n_seeds": n, **{name: round(value, 4) for name, value in found.items()}}


def main(target):
    """Write all rows."""
    rows = [row(n) for n in SEEDS]
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
