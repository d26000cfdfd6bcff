"""Corners that could be slow, each beside what a user would call instead.

Run it by hand: ``python tests/benchmarks/bench_corners.py``. Processor time, the best of several turns. The first turn
of a sign-flip test draws the patterns, and stands in a line of its own. No bound: read the ratios.
"""

import time
from collections.abc import Callable

import numpy as np
from scipy import stats

import sigstats as ss
from sigstats.stats import page, sign_flip
from sigstats.stats.scores.linear import residuals_repeated
from sigstats.stats.scores.reversal import mean_of_others

REPEATS = 5
LEVELS = np.arange(50.0)
RNG = np.random.default_rng(1)
SHAPES = {
    "increasing": ("increasing", LEVELS / 25),
    "hinge": ({"name": "threshold", "form": "hinge"}, np.maximum(LEVELS - 20, 0) / 15),
    "step": ({"name": "threshold", "form": "step"}, np.where(LEVELS > 25, 1.0, 0.0)),
    "peak": ("peak", 2 - np.abs(LEVELS - 25) / 12),
    "saturating": ("saturating", 1 - np.exp(-LEVELS / 8)),
}


def seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the least processor time of a call."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def with_gaps(n_seeds: int, n_levels: int) -> np.ndarray:
    """Return noise in which a twentieth of the cells is missing."""
    curves = RNG.normal(size=(n_seeds, n_levels))
    curves[RNG.random(curves.shape) < 0.05] = np.nan
    return curves


def additive_fits(curves: np.ndarray) -> None:
    """Fit seed and level by dense least squares, each seed left out in turn."""
    for left_out in range(len(curves)):
        rest = np.delete(curves, left_out, axis=0)
        where = np.argwhere(~np.isnan(rest))
        design = np.zeros((len(where), sum(rest.shape)))
        rows = np.arange(len(where))
        design[rows, where[:, 0]] = design[rows, len(rest) + where[:, 1]] = 1.0
        np.linalg.lstsq(design, rest[~np.isnan(rest)], rcond=None)


def show(name: str, ours: Callable[[], object], theirs: Callable[[], object] | None, instead: str) -> None:
    """Print one line: both times and their ratio."""
    mine, other = seconds(ours), None if theirs is None else seconds(theirs, 2)
    ratio = "" if other is None else f"{1000 * other:10.2f} ms {mine / other:8.3f}"
    print(f"{name:42} {1000 * mine:9.2f} ms  {instead:34} {ratio}")


def main() -> None:
    """Print one line for each corner, then shapes beside the plainest of them."""
    for n in (30, 1_000):
        scores = RNG.normal(0.1, 1.0, n)
        drawn = seconds(lambda scores=scores: sign_flip(scores), 1)
        print(f"{f'sign_flip, {n} seeds, first call':42} {1000 * drawn:9.2f} ms")
        show(
            f"sign_flip, {n} seeds",
            lambda scores=scores: sign_flip(scores),
            lambda scores=scores: stats.permutation_test(
                (scores,), np.sum, permutation_type="samples", n_resamples=2**15 - 1, vectorized=True
            ),
            "scipy.stats.permutation_test",
        )
    for shape in ((10, 50), (10, 1_000), (10, 10_000)):
        curves, x = with_gaps(*shape), np.linspace(0.0, 1.0, shape[1])
        show(
            f"residual of {shape[0]} x {shape[1]} with gaps",
            lambda curves=curves, x=x: residuals_repeated(curves, x),
            None,
            "",
        )
    curves = with_gaps(10, 50)
    show(
        "mean curves of others, 10 x 50 with gaps",
        lambda: mean_of_others(curves),
        lambda: additive_fits(curves),
        "dense least squares",
    )
    for shape in ((50, 8), (1_000, 20)):
        rows = RNG.normal(size=shape)
        show(
            f"page, {shape[0]} x {shape[1]}",
            lambda rows=rows: page(rows),
            lambda rows=rows: stats.page_trend_test(rows, method="asymptotic"),
            "scipy.stats.page_trend_test",
        )
    print("\nShapes at 10 seeds and 50 levels")
    plainest = None
    for name, (shape, mean) in SHAPES.items():
        noise = RNG.normal(0.0, 0.2, (2, 10, 50))
        table = ss.SweepTable.from_matrices(LEVELS, {"a": mean + noise[0], "none": noise[1]})
        spent = seconds(lambda table=table, shape=shape: ss.detect(table, shape=shape, control="none"))
        plainest = plainest or spent
        print(f"{name:42} {1000 * spent:9.2f} ms  {spent / plainest:5.1f} times `increasing`")


if __name__ == "__main__":
    main()
