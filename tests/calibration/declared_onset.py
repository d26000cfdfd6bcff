"""Measure how often a threshold with a declared onset is shown, where it is true and where it just is not.

Run by hand; it takes a few seconds:

    python tests/calibration/declared_onset.py docs/validity/declared_onset.csv

8 equally spaced levels, noise of sd 1. A rate is the share of sweeps in which the primary and the required clauses are
all shown at a one-sided 5 %, by Student's t and by the posterior of the mean, at the onset that is declared.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from flat_contrasts import needed

from sigstats.shapes import ScoreContext, Threshold

ENTROPY, REPLICATIONS, N_LEVELS = 20261203, 10_000, 8
SEEDS = (3, 5, 10)
LEVELS = np.arange(float(N_LEVELS))
X = LEVELS / LEVELS[-1]
NAMES = ("form", "truth", "declared at", "size", "true", "n_seeds", "replications", "rate")


def hinge(place, size):
    """Return a rise by `size` from an onset on."""
    return size * np.clip((X - place) / (1.0 - place), 0.0, 1.0)


def bent(place, size):
    """Return a curve that is a quarter as steep before the onset as after it: the null of *flat before*."""
    return size * (0.25 * np.minimum(X, place) + np.maximum(X - place, 0.0))


def step(size):
    """Return a jump in the middle."""
    return np.where(X >= 0.5, size, 0.0)


def drifting(size):
    """Return a jump before which the curve drifts by a quarter of it: the null of *flat before*."""
    before = X < 0.5
    drift = np.where(before, X / X[before].max(), 0.0)
    # The drift raises the mean before the jump by half of itself, and so lowers the jump.
    return step(size) + 0.25 * size / (1.0 + 0.25 * drift[before].mean()) * drift


CELLS = (
    ("hinge", "hinge at .4", 0.4, 8, "yes", hinge(0.4, 8)),
    ("hinge", "hinge at .4", 0.4, 16, "yes", hinge(0.4, 16)),
    ("hinge", "hinge at .5", 0.4, 8, "yes", hinge(0.5, 8)),
    ("hinge", "a quarter as steep before", 0.4, 8, "no", bent(0.4, 8)),
    ("hinge", "a quarter as steep before", 0.4, 40, "no", bent(0.4, 40)),
    ("hinge", "hinge at .2", 0.5, 16, "no", hinge(0.2, 16)),
    ("hinge", "line", 0.4, 8, "no", 8.0 * X),
    ("hinge", "flat", 0.4, 0, "no", 0.0 * X),
    ("step", "step at .5", 0.5, 8, "yes", step(8)),
    ("step", "step at .5", 0.5, 16, "yes", step(16)),
    ("step", "drift of a quarter before", 0.5, 8, "no", drifting(8)),
    ("step", "drift of a quarter before", 0.5, 40, "no", drifting(40)),
    ("step", "step at .5", 0.65, 16, "no", step(16)),
    ("step", "line", 0.5, 16, "no", 16.0 * X),
)


def shown(shape, curves):
    """Return in which sweeps all clauses that must be shown are."""
    n_seeds = curves.shape[-2]
    setting = ScoreContext(
        x=X, levels=LEVELS, alpha=0.05, orientation=1, scale=1.0, centre=0.0, min_effect=None
    )
    weights = shape.level_weights(setting)
    found = np.ones(len(curves), dtype=bool)
    for clause in shape.clauses:
        if clause.kind != "tolerated":
            scores = curves @ weights[clause.name].weights.T
            se = scores.std(axis=-2, ddof=1) / np.sqrt(n_seeds)
            found &= (scores.mean(axis=-2) > needed(n_seeds) * se).all(axis=-1)
    return found


def main(target):
    """Write the table."""
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        for form, truth, declared, size, true, curve in CELLS:
            shape = Threshold(form=form, onset=declared * LEVELS[-1])
            for n_seeds in SEEDS:
                rng = np.random.default_rng([ENTROPY, n_seeds])
                curves = curve + rng.standard_normal((REPLICATIONS, n_seeds, N_LEVELS))
                rate = shown(shape, curves).mean()
                writer.writerow((form, truth, declared, size, true, n_seeds, REPLICATIONS, f"{rate:.4f}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
