"""Where does a curve change its course? What the cross-fitted scores of hinge, step and peak have in common.

A *split* is a place among the levels that the data choose: a knot, a gap, a turn. It is chosen for each seed by the
other seeds alone (beyond 20 seeds, by the other folds), and the seed is scored there. A seed that took part in the
choice would be scored where its own noise looks most like the shape.
"""

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sigstats.stats.checks import BoolArray, FloatArray, IndexArray

Value = TypeVar("Value", np.float64, np.bool_)
# Slopes of curves over stretches of the levels: one for each seed, or the same ones for all.
Slope = Callable[[FloatArray, FloatArray, BoolArray], FloatArray]

FEWEST = 3
FOLDS = 20
SHARE = 0.02
TIE = 1e-9
TINY = 1e-14


def fewest_levels(n_levels: int) -> int:
    """Return how many levels a split must leave on each side."""
    return max(FEWEST, math.ceil(SHARE * n_levels))


def sum_of_others(values: FloatArray) -> FloatArray:
    """Return for each seed the sum of what the other seeds have; beyond 20 seeds, the other folds.

    Notes
    -----
    With many seeds a single one hardly moves the choice, except where two splits nearly tie: there each seed is scored
    at the split that it itself speaks against, and their mean is far from 0. Twenty folds keep this as small as it is
    with 20 seeds, and cost the choice a twentieth of the data. Seed ``i`` belongs to fold ``i % 20``.
    """
    folds = np.arange(values.shape[-2]) % FOLDS
    sums = values[..., :FOLDS, :].copy()
    for start in range(FOLDS, values.shape[-2], FOLDS):
        more = values[..., start : start + FOLDS, :]
        sums[..., : more.shape[-2], :] += more
    before, after = np.zeros_like(sums), np.zeros_like(sums)
    np.cumsum(sums[..., :-1, :], axis=-2, out=before[..., 1:, :])
    np.cumsum(sums[..., :0:-1, :], axis=-2, out=after[..., -2::-1, :])
    return np.asarray((before + after)[..., folds, :])


def first_best(criterion: FloatArray) -> IndexArray:
    """Return the index of the largest entry along the last axis, the first of those that rounding cannot tell apart."""
    best = criterion.max(axis=-1, keepdims=True)
    slack = TIE * np.where(np.isfinite(best), np.abs(best), 0.0)
    return np.asarray((criterion >= best - slack).argmax(axis=-1))


def chosen(values: NDArray[Value], choice: IndexArray) -> NDArray[Value]:
    """Return the entry of each seed at the split that was chosen for it."""
    return np.asarray(np.take_along_axis(values, choice[..., None], axis=-1)[..., 0])


def line_slope(curves: FloatArray, x: FloatArray, inside: BoolArray) -> FloatArray:
    """Return the slope of the least-squares line over a stretch of the levels."""
    seen = inside & ~np.isnan(curves)
    count = np.maximum(seen.sum(axis=-1), 1)
    centred = np.where(seen, x - ((seen * x).sum(axis=-1) / count)[..., None], 0.0)
    values = np.where(seen, curves, 0.0)
    values = np.where(seen, values - (values.sum(axis=-1) / count)[..., None], 0.0)
    spread = (centred**2).sum(axis=-1)
    enough = (seen.sum(axis=-1) >= 2) & (spread > 0)
    slope = (centred * values).sum(axis=-1) / np.where(enough, spread, 1.0)
    return np.asarray(np.where(enough, slope, np.nan))


def line_slopes(curves: FloatArray, x: FloatArray, stretches: BoolArray) -> FloatArray:
    """Return the slopes over several stretches, shape (..., n_stretches): one product for each pattern of gaps."""
    rows = curves.reshape(-1, x.size)
    seen = ~np.isnan(rows)
    if seen.all():
        return _slopes(rows, x, stretches).reshape(*curves.shape[:-1], len(stretches))
    found = np.full((len(rows), len(stretches)), np.nan)
    patterns, member = np.unique(seen, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        if pattern.any():
            mine = np.ravel(member) == number
            found[mine] = _slopes(rows[np.ix_(mine, pattern)], x[pattern], stretches[:, pattern])
    return found.reshape(*curves.shape[:-1], len(stretches))


def _slopes(rows: FloatArray, x: FloatArray, stretches: BoolArray) -> FloatArray:
    """Return the slopes of rows without gaps; what is rounding noise becomes 0."""
    inside = stretches.astype(float)
    count = inside.sum(axis=1)
    centred = np.where(stretches, x - (inside @ x / np.maximum(count, 1))[:, None], 0.0)
    spread = (centred**2).sum(axis=1)
    enough = (count >= 2) & (spread > 0)
    weights = centred / np.where(enough, spread, 1.0)[:, None]
    values = rows - rows.mean(axis=1, keepdims=True)
    slopes = values @ weights.T
    noise = TINY * np.abs(values).max(axis=1, keepdims=True) * np.abs(weights).sum(axis=1)
    return np.where(enough, np.where(np.abs(slopes) > noise, slopes, 0.0), np.nan)


def explained_by_others(cross: FloatArray, spread: FloatArray, possible: BoolArray) -> FloatArray:
    """Return how much of the other seeds' sum of squares a split explains.

    Notes
    -----
    For complete curves this is what least squares explains in the mean curve of the others. With missing levels it is
    the fit to all their cells, in which each seed has a level of its own (for hinges, a line of its own).
    """
    product = sum_of_others(np.where(possible, cross, 0.0))
    square = sum_of_others(np.where(possible, spread, 0.0))
    return np.where(square > 0, product**2 / np.where(square > 0, square, 1.0), -np.inf)
