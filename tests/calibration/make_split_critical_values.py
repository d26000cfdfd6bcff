"""Make the table of critical values of the cross-fitted scores of hinge, step and peak.

Run by hand:

    python tests/calibration/make_split_critical_values.py sigstats/stats/split_critical_values.csv
"""

import math
import sys
from pathlib import Path

import joblib
import numpy as np

from sigstats.stats.critical_values import ALPHAS
from sigstats.stats.hinge import hinge_scores, hinge_scores_all
from sigstats.stats.peak import peak_scores, peak_scores_all
from sigstats.stats.reversal import t_statistic
from sigstats.stats.step import step_scores, step_scores_all

SEEDS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 30, 50, 100, math.inf)
LEVELS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 20, 32, 64, 150)
ENTROPY = 20261121
CELLS = 2e6
FEWEST, MOST = 3_000, 50_000
COLUMNS = ("hinge_change", "hinge_flat_before", "step_jump", "step_drift", "step_gap", "peak_arm")


def statistics(curves, x):
    """Return the t statistics of all scores of many tables."""
    hinge, step, peak = hinge_scores(curves, x), step_scores(curves, x), peak_scores(curves, x)
    scores = {
        "hinge_change": [hinge.change],
        "hinge_flat_before": [0.25 * hinge.after - hinge.before],
        "step_jump": [step.jump],
        "step_drift": [0.25 * step.jump - step.drift_before, 0.25 * step.jump - step.drift_after],
        "step_gap": [step.gap - 0.5 * step.jump],
        "peak_arm": [peak.rise, peak.fall],
    }
    return {name: np.concatenate([t_statistic(each) for each in group]) for name, group in scores.items()}


def row(n_seeds, n_levels):
    """Return one line of the table."""
    if math.isinf(n_seeds):
        n_seeds = 200
    replications = int(np.clip(CELLS / (n_seeds * n_levels), FEWEST, MOST))
    rng = np.random.default_rng([ENTROPY, n_seeds, n_levels])
    x = np.linspace(0, 1, n_levels)
    found = {name: [] for name in COLUMNS}
    block = max(1, int(1e6 / (n_seeds * n_levels)))
    for start in range(0, replications, block):
        curves = rng.standard_normal((min(block, replications - start), n_seeds, n_levels))
        for name, values in statistics(curves, x).items():
            found[name].append(values)
    quantiles = np.concatenate(
        [np.quantile(np.concatenate(found[name]), 1 - np.array(ALPHAS)) for name in COLUMNS]
    )
    if n_levels == 4:
        quantiles[:12] = quantiles[-6:] = math.inf
    if n_seeds == 200:
        n_seeds = math.inf
    return ",".join([str(n_seeds), str(n_levels), str(replications), *(f"{v:.3f}" for v in quantiles)])


def main(target):
    """Write the whole table."""
    cells = [(s, k) for s in SEEDS for k in LEVELS]
    rows = joblib.Parallel(n_jobs=1)(joblib.delayed(row)(*cell) for cell in cells)
    names = [f"{name}_{alpha}" for name in COLUMNS for alpha in ALPHAS]
    target.write_text(
        "\n".join([",".join(["n_seeds", "n_levels", "replications", *names]), *rows]) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
