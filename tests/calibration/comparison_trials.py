"""How often the true shape predicts best, and how large the weight of "none of these" is, on simulated sweeps.

python tests/calibration/comparison_trials.py --output docs/validity/comparison_trials.csv

Every sweep has 8 levels and independent normal noise of sd 1; the mean curve has the given height in noise sd. All
shapes take part. A second set puts bounded metrics on the logit scale and counts what becomes of a declared threshold
there: where the metric is a straight line in the logit, and where a hinge or a step is there on the metric's own scale.
"""

import argparse
import csv
from collections import Counter
from pathlib import Path

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.studies.comparison.compare import ShapeComparison, compare_shapes

ENTROPY = 20261122
LEVELS = np.arange(8.0)
X = LEVELS / LEVELS[-1]
SEEDS = (3, 5, 10)
HEIGHTS = (4.0, 8.0)
STATUSES = ("stays", "vanishes", "unclear", "not there")

# Name of the truth: its form from 0 to 1, and the shapes of the list that describe it.
TRUTHS = {
    "flat": (0.0 * X, ("flat",)),
    "line": (X, ("linear",)),
    "hinge at .4": (np.maximum(X - 0.4, 0.0) / 0.6, ("hinge",)),
    "step at .5": ((X > 0.5).astype(float), ("step",)),
    "exponential saturation": (np.expm1(-4.0 * X) / np.expm1(-4.0), ("saturating",)),
    "logistic rise": (1.0 / (1.0 + np.exp(-12.0 * (X - 0.5))), ("sigmoid",)),
    "two lines that turn at .6": (np.where(X < 0.6, X / 0.6, (1.0 - X) / 0.4), ("tent", "peak")),
    "bell": (np.exp(-(((X - 0.5) / 0.2) ** 2)), ("peak",)),
    "double wave": (0.5 * np.sin(4.0 * np.pi * X), ("none of these",)),
    "one and a half waves": (0.5 * np.sin(3.0 * np.pi * X), ("none of these",)),
    "flat, one seed ten times as noisy": (0.0 * X, ("flat",)),
}
# Name of the truth: its mean, whether mean and noise are on the logit scale, the sd of the noise, and what is declared.
BOUNDED = {
    "line in the logit": (-7.0 + 5.6 * X, True, 0.3, "hinge"),
    "hinge in the metric": (0.2 + np.maximum(X - 0.4, 0.0), False, 0.03, "hinge"),
    "step in the metric": (0.1 + 0.6 * (X > 0.5), False, 0.03, "step"),
}
COLUMNS = (
    "kind", "truth", "height", "n_seeds", "best", "best_or_close", "weight", "none_is_best", "none_weight",
    "often_best", *STATUSES, "replications",
)  # fmt: skip


def compared(truth, height, n_seeds, rng) -> tuple[ShapeComparison, tuple[str, ...]]:
    """Compare shapes on one simulated sweep."""
    form, names = TRUTHS[truth]
    noise = rng.standard_normal((n_seeds, X.size))
    if truth.endswith("ten times as noisy"):
        noise[0] *= 10.0
    curves = height * form + noise
    return compare_shapes(SweepTable.from_matrices(LEVELS, {"model": curves}), bounds=None), names


def shape_row(truth, height, n_seeds, replications, stream):
    """Return one line: how often the truth is best, is close to the best, and which weight it has."""
    rng = np.random.default_rng(stream)
    best, close, weight, none = Counter(), 0, 0.0, 0.0
    for _ in range(replications):
        found, names = compared(truth, height, n_seeds, rng)
        best[found.best] += 1
        close += any(name in found.close for name in names)
        weight += sum(found.weights[name] for name in names)
        none += found.none_of_these
    return {
        "kind": "shape",
        "truth": truth,
        "height": height,
        "n_seeds": n_seeds,
        "best": share(sum(best[name] for name in names), replications),
        "best_or_close": share(close, replications),
        "weight": share(weight, replications),
        "none_is_best": share(best["none of these"], replications),
        "none_weight": share(none, replications),
        "often_best": "; ".join(f"{name} {count / replications:.2f}" for name, count in best.most_common(4)),
        "replications": replications,
    }


def scale_row(truth, n_seeds, replications, stream):
    """Return one line: what becomes of a threshold on the logit scale."""
    mean, logit, sd, form = BOUNDED[truth]
    rng = np.random.default_rng(stream)
    status = Counter()
    for _ in range(replications):
        values = mean + sd * rng.standard_normal((n_seeds, X.size))
        metric = 1.0 / (1.0 + np.exp(-values)) if logit else np.clip(values, 0.005, 0.995)
        found = compare_shapes(
            SweepTable.from_matrices(LEVELS, {"model": metric}), shape={"name": "threshold", "form": form}
        )
        status[found.threshold.status] += 1
    counts = {name: share(status[name], replications) for name in STATUSES}
    return {"kind": "scale", "truth": truth, "n_seeds": n_seeds, **counts, "replications": replications}


def share(count, replications):
    """Return a share to four decimals."""
    return round(float(count) / replications, 4)


def rows(replications):
    """Yield the lines of all cells in a fixed order."""
    for number, truth in enumerate(TRUTHS):
        for height in HEIGHTS if not truth.startswith("flat") else (0.0,):
            for n_seeds in SEEDS:
                key = (0, number, int(height), n_seeds)
                yield shape_row(
                    truth, height, n_seeds, replications, np.random.SeedSequence(ENTROPY, spawn_key=key)
                )
    for number, truth in enumerate(BOUNDED):
        for n_seeds in SEEDS:
            stream = np.random.SeedSequence(ENTROPY, spawn_key=(1, number, n_seeds))
            yield scale_row(truth, n_seeds, replications, stream)


def main():
    """Measure all cells and write them as CSV."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=300)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    with asked.output.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(rows(asked.replications))


if __name__ == "__main__":
    main()
