"""Error rates of several primary claims together: Holm's procedure, and Benjamini and Hochberg's.

    python tests/calibration/several_claims.py --output docs/validity/several_claims.csv

Each replication holds so many claims on sweeps of their own, of which a part has an effect.
"""

import argparse
import csv
from pathlib import Path

import numpy as np

from sigstats import Plan, Signature, detect
from sigstats.stats.classical.multiplicity import adjust
from sigstats.verdict.multiple import primary_pvalue

ENTROPY = 20261121
ALPHA = 0.05
CELLS = ((5, 0), (20, 0), (20, 10))
SEEDS = (3, 5, 10)
SIGNATURE = Signature(shape="increasing")


def measure(n_claims: int, n_true: int, n_seeds: int, replications: int) -> dict[str, object]:
    """Return how often any false claim was made, and which share of the claims was false."""
    family = np.zeros(replications)
    false_share = np.zeros(replications)
    found = np.zeros(replications)
    for replication in range(replications):
        key = (n_claims, n_true, n_seeds, replication)
        rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=key))
        effects = [4.0] * n_true + [0.0] * (n_claims - n_true)
        plans = [Plan(effects={"t": effect}, n_seeds=n_seeds, slope_sd=0.5) for effect in effects]
        pvalues = [primary_pvalue(detect(plan.simulate(rng), SIGNATURE).evidence) for plan in plans]
        holm, bh = (adjust(pvalues, method=method) <= ALPHA for method in ("holm", "bh"))
        family[replication] = holm[n_true:].any()
        false_share[replication] = bh[n_true:].sum() / max(bh.sum(), 1)
        found[replication] = holm[:n_true].mean() if n_true else np.nan
    return {
        "claims": n_claims,
        "true": n_true,
        "n_seeds": n_seeds,
        "replications": replications,
        "holm_any_false": round(float(family.mean()), 4),
        "bh_false_share": round(float(false_share.mean()), 4),
        "holm_found": round(float(found.mean()), 4),
    }


def main() -> None:
    """Measure every cell and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    rows = [measure(*cell, n_seeds, asked.replications) for cell in CELLS for n_seeds in SEEDS]
    with asked.output.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
