"""Measure what adding seeds until the verdict is *present* does to its error rate.

python tests/calibration/optional_stopping.py --output docs/validity/optional_stopping.csv
"""

import argparse
import csv
from pathlib import Path

import joblib
import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.detection import detect
from sigstats.signature.signature import Signature
from sigstats.studies.simulation.plan import Plan

FEWEST, MOST = 3, 20
ENTROPY = 20261120
CLAIM = Signature(shape="increasing")


def first_present(plan: Plan, replication: int) -> int:
    """Return the number of seeds at which the verdict is first present; 0 if never."""
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=(replication,)))
    curves = plan.simulate(rng).matrix("treatment")
    for n in range(FEWEST, MOST + 1):
        table = SweepTable.from_matrices(plan.levels, {"treatment": curves[:n]})
        if detect(table, CLAIM).status == "present":
            return n
    return 0


def main() -> None:
    """Measure and write the share of sweeps that were ever called present, by the largest number of seeds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    plan = Plan(effects={"treatment": 0.0}, n_seeds=MOST, levels=8, slope_sd=0.3, noise_sd=0.3)
    parallel = joblib.Parallel(n_jobs=-1)
    stopped = np.array(parallel(joblib.delayed(first_present)(plan, r) for r in range(asked.replications)))
    with asked.output.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["most_seeds", "ever_present", "replications"])
        for most in (3, 5, 8, 10, 20):
            share = ((stopped > 0) & (stopped <= most)).mean()
            writer.writerow([most, round(float(share), 4), asked.replications])


if __name__ == "__main__":
    main()
