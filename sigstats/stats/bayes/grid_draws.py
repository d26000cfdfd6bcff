"""Independent draws of standard deviations from a posterior that is known on a grid.

Proposals come from the linear interpolation of the gridded density: a point is chosen by its mass, and moved
by a triangular kernel as wide as the grid's step. The interpolation is close to the density, so a rejection
step with the density itself turns nearly every proposal into an exact, independent draw.
"""

import itertools
import math

import numpy as np

from sigstats.stats.bayes.mode_search import LogDensity
from sigstats.stats.bayes.quadrature import ScaleGrid
from sigstats.stats.checks import FloatArray


def draw_scales(
    grid: ScaleGrid, log_density: LogDensity, n: int, generator: np.random.Generator
) -> FloatArray:
    """Return independent draws of the standard deviations."""
    cumulative = np.cumsum(grid.mass.ravel())
    parts: list[FloatArray] = []
    found, ceiling = 0, 0.0
    while found < n:
        size = math.ceil(1.5 * (n - found)) + 64
        w = _propose(grid, cumulative, size, generator)
        log_t, log_jacobian = _log_scales(grid, w)
        density = np.exp(log_density(*log_t) + log_jacobian - grid.log_integral)
        ratio = density / _interpolated(grid, w)
        ceiling = ceiling or 1.02 * float(ratio.max())
        accepted = np.exp(log_t[:, generator.random(size) * ceiling < ratio])
        parts.append(accepted)
        found += accepted.shape[1]
    return np.concatenate(parts, axis=1)[:, :n]


def _propose(
    grid: ScaleGrid, cumulative: FloatArray, size: int, generator: np.random.Generator
) -> FloatArray:
    """Return points of the linear interpolation, in units of w, shape (d, size)."""
    chosen = np.searchsorted(cumulative, generator.random(size) * cumulative[-1], side="right")
    index = np.array(np.unravel_index(np.minimum(chosen, cumulative.size - 1), grid.mass.shape))
    low = np.array([[axis.low] for axis in grid.axes])
    step = np.array([[axis.step] for axis in grid.axes])
    shift = generator.random((2, *index.shape)).sum(axis=0) - 1.0
    return np.asarray(low + step * (index + shift))


def _log_scales(grid: ScaleGrid, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log standard deviations, and the log of their derivative by w."""
    pairs = list(zip(grid.axes, w, strict=True))
    slopes = np.array([axis.slope(places) for axis, places in pairs])
    return np.array([axis.from_w(places) for axis, places in pairs]), np.log(slopes).sum(axis=0)


def _interpolated(grid: ScaleGrid, w: FloatArray) -> FloatArray:
    """Return the density of the proposals, per unit of w."""
    low = np.array([[axis.low] for axis in grid.axes])
    step = np.array([[axis.step] for axis in grid.axes])
    place = (w - low) / step
    corner = np.floor(place).astype(np.intp)
    share = place - corner
    # per axis: flat offset and weight of the lower and of the upper neighbour, the weight 0 outside the grid
    offsets, weights = [], []
    for size, stride, c, s in zip(grid.mass.shape, _strides(grid.mass.shape), corner, share, strict=True):
        both = np.stack([c, c + 1])
        inside = (both >= 0) & (both < size)
        offsets.append(np.where(inside, both, 0) * stride)
        weights.append(np.where(inside, np.stack([1.0 - s, s]), 0.0))
    mass, total = grid.mass.ravel(), np.zeros(w.shape[1])
    for sides in itertools.product((0, 1), repeat=len(grid.axes)):
        offset = sum(each[side] for each, side in zip(offsets, sides, strict=True))
        weight = math.prod(each[side] for each, side in zip(weights, sides, strict=True))
        total += weight * mass[offset]
    return np.asarray(total / step.prod())


def _strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return how far neighbours along each axis are apart in a flat array."""
    return tuple(math.prod(shape[j + 1 :]) for j in range(len(shape)))
