"""Measure how often `detect` makes a false statement of a knob that was only off or on.

Run by hand; it takes a few minutes on one core:

    python tests/calibration/two_level_trials.py docs/validity/two_level_trials.csv

Without an effect, *present* and *absent* (the opposite) are false; with a control that carries exactly half of the
effect, *present* and *unspecific* are; with an effect of exactly the declared margin, *below_min_effect* and *weak*.
"""

import csv
import sys
from pathlib import Path

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.detection import verdict_on
from sigstats.signature.signature import Signature

SEEDS = (3, 4, 5, 10)
REPLICATIONS = {"no effect": 4_000}
REPLICATIONS_OF_OTHERS = 1_000
ENTROPY = 20261130
NAMES = (
    "cell",
    "design",
    "n_seeds",
    "replications",
    "present",
    "opposite",
    "unspecific",
    "artifact",
    "small",
)
CELLS = {
    "no effect": ({"treatment": 0.0}, {}),
    "no effect, with a control": ({"treatment": 0.0, "control": 0.0}, {"control": "control"}),
    "control at half": ({"treatment": 4.0, "control": 2.0}, {"control": "control"}),
    "effect at the margin": ({"treatment": 4.0}, {"min_effect": 4.0}),
}


def table(effects, n, *, fresh, rng):
    """Return a sweep of two levels: noise of sd 1, and an intercept for each seed that is seen at both."""
    matrices, seeds = {}, {}
    for place, (name, effect) in enumerate(effects.items()):
        curves = (
            rng.normal(size=(n, 2)) + 3.0 * rng.normal(size=(n, 1)) * (not fresh) + effect * np.array([0, 1])
        )
        labels = [f"{place}{seed:03}" for seed in range(n)]
        if fresh:
            apart = np.full((2 * n, 2), np.nan)
            apart[:n, 0], apart[n:, 1] = curves[:, 0], curves[:, 1]
            curves, labels = apart, [*labels, *(f"{label}b" for label in labels)]
        matrices[name], seeds[name] = curves, labels
    return SweepTable.from_matrices([0.0, 1.0], matrices, seeds=seeds)


def measure(effects, claim, n, *, fresh, replications, rng):
    """Return the share of tables of which each statement is made."""
    signature = Signature(shape="increasing", **claim)
    counts = dict.fromkeys(NAMES[4:], 0)
    for _ in range(replications):
        found = verdict_on(table(effects, n, fresh=fresh, rng=rng), signature)
        reasons = set(found.reasons)
        counts["present"] += found.status == "present"
        for name in ("opposite", "unspecific", "artifact"):
            counts[name] += name in reasons
        counts["small"] += bool(reasons & {"below_min_effect", "weak"})
    return [f"{count / replications:.4f}" for count in counts.values()]


def main(path):
    """Write all rates."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        for number, (cell, (effects, claim)) in enumerate(CELLS.items()):
            replications = REPLICATIONS.get(cell, REPLICATIONS_OF_OTHERS)
            for fresh in (False, True):
                for n in SEEDS:
                    rng = np.random.default_rng([ENTROPY, number, int(fresh), n])
                    rates = measure(effects, claim, n, fresh=fresh, replications=replications, rng=rng)
                    writer.writerow([cell, "independent" if fresh else "repeated", n, replications, *rates])


if __name__ == "__main__":
    main(sys.argv[1])
