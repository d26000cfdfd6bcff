"""Measure what intervals for a mean of few scores cover, by method, number of seeds and distribution.

python tests/calibration/interval_coverage.py --output docs/validity/interval_coverage.csv
"""

import argparse
import csv
from pathlib import Path

import joblib
import numpy as np

from sigstats.stats.scores.intervals import mean_interval
from sigstats.studies.simulation.plan import SPREADS

METHODS = ("t", "bootstrap-t", "wild cluster", "bca", "percentile")
SEEDS = (3, 5, 8, 10, 20)
CONFIDENCES = (0.9, 0.95)
ENTROPY = 20261120


def measure(method: str, n: int, spread: str, replications: int) -> list[dict[str, object]]:
    """Return coverage and median width relative to t at both confidences."""
    rows = []
    for confidence in CONFIDENCES:
        covered, widths = 0, []
        for replication in range(replications):
            stream = np.random.SeedSequence(ENTROPY, spawn_key=(n, replication))
            rng = np.random.default_rng(stream)
            scores = SPREADS[spread](rng, (n,))
            found = mean_interval(scores, confidence=confidence, method=method, rng=rng)
            by_t = mean_interval(scores, confidence=confidence, method="t", rng=rng)
            covered += found.low <= 0.0 <= found.high
            widths.append((found.high - found.low) / (by_t.high - by_t.low))
        rows.append(
            {
                "method": method,
                "scores": spread,
                "n_seeds": n,
                "confidence": confidence,
                "coverage": round(covered / replications, 4),
                "width_over_t": round(float(np.median(widths)), 3),
                "replications": replications,
            }
        )
    return rows


def main() -> None:
    """Measure all combinations and write them as CSV."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    tasks = [(m, n, s) for s in ("normal", "t3", "lognormal") for n in SEEDS for m in METHODS]
    parts = joblib.Parallel(n_jobs=-1)(joblib.delayed(measure)(*task, asked.replications) for task in tasks)
    rows = [row for part in parts for row in part]
    with asked.output.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
