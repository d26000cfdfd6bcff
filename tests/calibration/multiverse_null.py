"""Measure how often the joint test over a multiverse rejects where there is nothing.

Every seed of one treatment has a slope of its own around zero, on top of an intercept and noise. The multiverse crosses
scales of the knob and of the metric with windows of levels. Slopes are normal, or +1 and -1 sd with even odds.

Counted are rejections at 5 % by the joint test (mean, maximum, and number of analyses that cross alpha), and beside
them what happens without it: how often at least one analysis of the table crosses 5 % by all its lines of evidence, and
how often the declared one does.

    python tests/calibration/multiverse_null.py docs/validity/multiverse_null.csv [replications]
"""

import csv
import itertools
import sys
from pathlib import Path

import joblib
import numpy as np

from sigstats import (
    Signature,
    SweepTable,
    detect,
)
from sigstats.studies.robustness import (
    multiverse,
)
from sigstats.studies.robustness.choices import default_choices
from sigstats.studies.robustness.joint_test import joint_test

SEEDS = (3, 5, 10)
SLOPES = ("normal", "two-point")
LEVELS = np.array([1.0, 2.0, 3.0, 6.0, 9.0, 20.0, 30.0, 64.0])
REPLICATIONS = 1000
ENTROPY = 20260303
ALPHA = 0.05
MIDDLE, SLOPE_SD, INTERCEPT_SD, NOISE_SD = 10.0, 1.0, 0.5, 0.3
ALLOWED = {
    "knob_scale": ("linear", "log"),
    "metric_scale": ("linear", "log", "rank"),
    "window": ("whole range", "without the last level"),
}
COLUMNS = ("joint_mean", "joint_max", "joint_count", "any_analysis", "declared_analysis")


def null_table(n_seeds, replication, spread):
    """Return one treatment whose seeds have slopes around zero."""
    rng = np.random.default_rng([ENTROPY, n_seeds, replication])
    x = np.log(LEVELS) / np.log(LEVELS[-1])
    starts = MIDDLE + rng.normal(0.0, INTERCEPT_SD, (n_seeds, 1))
    slopes = rng.normal(0.0, SLOPE_SD, (n_seeds, 1))
    slopes = SLOPE_SD * np.sign(slopes) if spread == "two-point" else slopes
    return SweepTable.from_matrices(
        LEVELS, {"treatment": starts + slopes * x + rng.normal(0.0, NOISE_SD, (n_seeds, LEVELS.size))}
    )


def outcome(n_seeds, replication, spread):
    """Return what is rejected, the number of analyses, and the smallest p-value of the joint test."""
    signature = Signature(shape="increasing", design="repeated", alpha=ALPHA, knob_scale="log")
    table = null_table(n_seeds, replication, spread)
    choices = [c.only(*ALLOWED[c.name]) for c in default_choices(table, signature) if c.name in ALLOWED]
    planned, pruned = multiverse.plan(table, signature, choices)
    verdict = detect(table, signature)
    analyses, _ = multiverse.run(planned, pruned, choices, verdict, n_jobs=1)
    joint = joint_test(analyses, signature)
    crossing = [each.reading.pvalue <= ALPHA for each in analyses]
    declared = next(each.reading.pvalue <= ALPHA for each in analyses if each.declared)
    joints = [joint.pvalue, joint.max_pvalue, joint.significant_pvalue]
    return (
        [each <= ALPHA for each in joints] + [any(crossing), declared],
        len(analyses),
        joint.smallest_pvalue,
    )


def main(target, replications):
    """Write a row for each number of seeds."""
    parallel = joblib.Parallel(n_jobs=1, batch_size=20)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["slopes", "seeds", "analyses", "smallest_pvalue", *COLUMNS, "replications"])
        for spread, n_seeds in itertools.product(SLOPES, SEEDS):
            found = parallel(joblib.delayed(outcome)(n_seeds, each, spread) for each in range(replications))
            rates = np.mean([each[0] for each in found], axis=0)
            row = [
                spread,
                n_seeds,
                found[0][1],
                found[0][2],
                *(f"{rate:.4f}" for rate in rates),
                replications,
            ]
            writer.writerow(row)
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else REPLICATIONS)
