"""Compare upper bounds of the mean of a bounded variable with few values: how often they hold, and how far they reach.

    python tests/calibration/bounded_means.py docs/validity/bounded_means.csv

The values lie in [0, 1]. `betting` is `mean_upper_bound`. `anderson` is the bound of Anderson (1969) by the one-sided
Kolmogorov-Smirnov test, which is proved too; `gaffke` that of Gaffke (2005), a quantile of a Dirichlet mean, whose
validity is a conjecture (Learned-Miller and Thomas, https://arxiv.org/abs/1905.06208); `t` is Student's.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy import stats

from sigstats.stats.scores.bounded_mean import mean_upper_bound

ENTROPY = 20261201
REPLICATIONS = 4000
DIRICHLET = 2000
CONFIDENCE = 0.95
SEEDS = (3, 5, 7, 10)
# Distributions in [0, 1] with their means.
CELLS = {
    "rare responders, 20 %": (
        lambda rng, n: np.where(rng.random(n) < 0.2, 0.9, 0.1) + rng.normal(0, 0.01, n),
        0.26,
    ),
    "rare responders, 50 %": (
        lambda rng, n: np.where(rng.random(n) < 0.5, 0.9, 0.1) + rng.normal(0, 0.01, n),
        0.5,
    ),
    "narrow around .1": (lambda rng, n: 0.1 + rng.uniform(-0.02, 0.02, n), 0.1),
    "uniform": (lambda rng, n: rng.random(n), 0.5),
    "accuracy on 50 items": (lambda rng, n: rng.binomial(50, 0.3, n) / 50, 0.3),
}


def anderson(values):
    """Return the bound of Anderson (1969)."""
    n = values.size
    missing = float(stats.ksone.isf(1.0 - CONFIDENCE, n))
    weights = np.diff(np.maximum(np.arange(1, n + 1) / n - missing, 0.0), prepend=0.0)
    return float(weights @ np.sort(values) + 1.0 - weights.sum())


def gaffke(values, dirichlet):
    """Return the bound of Gaffke (2005) from draws of Dirichlet weights."""
    return float(np.quantile(dirichlet @ np.append(np.sort(values), 1.0), CONFIDENCE))


def student(values):
    """Return the bound by Student's t."""
    half = stats.t.ppf(CONFIDENCE, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size)
    return float(values.mean() + half)


def rows(name, n):
    """Return one row for each method."""
    draw, mean = CELLS[name]
    rng = np.random.default_rng([ENTROPY, list(CELLS).index(name), n])
    dirichlet = rng.dirichlet(np.ones(n + 1), DIRICHLET)
    found = {"betting": [], "anderson": [], "gaffke": [], "t": []}
    for _ in range(REPLICATIONS):
        values = draw(rng, (n,))
        found["betting"].append(mean_upper_bound(values, 1.0, confidence=CONFIDENCE))
        found["anderson"].append(anderson(values))
        found["gaffke"].append(gaffke(values, dirichlet))
        found["t"].append(student(values))
    for method, bounds in found.items():
        yield {
            "distribution": name,
            "method": method,
            "n_seeds": n,
            "holds": round(float(np.mean(np.array(bounds) >= mean)), 4),
            "bound": round(float(np.mean(bounds)), 4),
            "replications": REPLICATIONS,
        }


def main(target):
    """Write all rows."""
    table = [row for name in CELLS for n in SEEDS for row in rows(name, n)]
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
