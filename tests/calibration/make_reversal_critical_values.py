"""Make the table of critical values of the reversal test.

Run by hand; it takes about half an hour on two cores:

    python tests/calibration/make_reversal_critical_values.py sigstats/stats/scores/reversal_critical_values.csv
"""

import sys
from pathlib import Path

import joblib
import numpy as np

from sigstats.stats.scores.reversal import ALPHAS, simulate_critical_values

SEEDS = (3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30)
LEVELS = (3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 30, 50, 100)
ENTROPY = 20261120
CELLS = 2e7
FEWEST, MOST = 20_000, 200_000


def row(n_seeds: int, n_levels: int) -> str:
    """Return one line of the table."""
    replications = int(np.clip(CELLS / (n_seeds * n_levels), FEWEST, MOST))
    rng = np.random.default_rng([ENTROPY, n_seeds, n_levels])
    fall, rise = simulate_critical_values(n_seeds, n_levels, replications=replications, rng=rng)
    numbers = ",".join(f"{value:.4f}" for value in (*fall, *rise))
    return f"{n_seeds},{n_levels},{replications},{numbers}"


def main(target: Path) -> None:
    """Write the whole table."""
    cells = [(s, k) for s in SEEDS for k in LEVELS]
    rows = joblib.Parallel(n_jobs=-1)(joblib.delayed(row)(*cell) for cell in cells)
    names = [f"{side}_{alpha}" for side in ("fall", "rise") for alpha in ALPHAS]
    lines = [
        "# Upper quantiles of the cross-fitted t statistics under a flat mean; made by",
        "# tests/calibration/make_reversal_critical_values.py",
        ",".join(["n_seeds", "n_levels", "replications", *names]),
        *rows,
    ]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
