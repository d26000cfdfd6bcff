"""How often a signature that holds only just is called *absent*, by either of the two ways in which that is shown.

    python tests/calibration/ways_absent.py --output docs/validity/ways_absent.csv

The effect is exactly the declared one and the control has exactly the half that is allowed. Scores are normal, one per
seed; the t tests of the effect and of the control are those of a verdict, without its other lines of evidence. The
ratio is that of the effect to the sd of the scores.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from scipy import stats

from sigstats.evidence.control import ARTIFACT_FRACTION

ENTROPY = 20261201
ALPHA, ALLOWED = 0.05, 0.5
SEEDS = (3, 5, 10)
RATIOS = (0.3, 0.5, 0.7, 0.84, 1.0, 1.3, 1.7, 2.2, 3.0, 4.0)


def measure(n_seeds: int, ratio: float, replications: int) -> dict[str, object]:
    """Return how often the effect is called too small, or the control is said to carry most of it."""
    key = (n_seeds, RATIOS.index(ratio))
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=key))
    treatment = ratio + rng.standard_normal((replications, n_seeds))
    control = ALLOWED * ratio + rng.standard_normal((replications, n_seeds))
    means, variances = zip(
        *((each.mean(axis=1), each.var(axis=1, ddof=1) / n_seeds) for each in (treatment, control)),
        strict=True,
    )
    se = np.sqrt(variances[0])
    small = stats.t.cdf((means[0] - ratio) / se, n_seeds - 1) <= ALPHA
    shown = stats.t.sf(means[0] / se, n_seeds - 1) <= ALPHA
    parts = (ARTIFACT_FRACTION**2 * variances[0], variances[1])
    total = parts[0] + parts[1]
    df = total**2 * (n_seeds - 1) / (parts[0] ** 2 + parts[1] ** 2)
    carries = stats.t.sf((means[1] - ARTIFACT_FRACTION * means[0]) / np.sqrt(total), df) <= ALPHA
    return {
        "n_seeds": n_seeds,
        "ratio": ratio,
        "replications": replications,
        "contradicted": round(float(np.mean((~shown & small) | (shown & carries & ~small))), 4),
        "by_control": round(float(np.mean(shown & carries)), 4),
        "expected_absent": round(float(np.mean(small | (shown & carries))), 4),
    }


def main() -> None:
    """Measure every cell and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=200_000)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    rows = [measure(n_seeds, ratio, asked.replications) for n_seeds in SEEDS for ratio in RATIOS]
    with asked.output.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
