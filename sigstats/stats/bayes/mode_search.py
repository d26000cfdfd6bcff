"""Mode of a density over log standard deviations: a coarse lattice, then Newton's method.

The climb only has to come near: the grid that follows finds out how far the mass reaches.
"""

from collections.abc import Callable, Sequence

import numpy as np

from sigstats.stats.checks import FloatArray

LogDensity = Callable[..., FloatArray]

_SEARCH = {1: 61, 2: 17, 3: 11, 4: 7}  # points per axis of the lattice
_REACH = 5.0  # log units by which the lattice exceeds the given range


def find_mode(
    log_density: LogDensity, ranges: Sequence[tuple[float, float]]
) -> tuple[FloatArray, FloatArray]:
    """Return the mode of a density, and its sd in each direction from the curvature there."""
    return _climb(log_density, _search(log_density, ranges))


def _search(log_density: LogDensity, ranges: Sequence[tuple[float, float]]) -> FloatArray:
    """Return the best point of a wide, coarse lattice."""
    count = _SEARCH.get(len(ranges), 5)
    lattice = [np.linspace(low - _REACH, high + _REACH, count) for low, high in ranges]
    mesh = np.ix_(*lattice)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        values = np.asarray(log_density(*mesh))
    best = np.unravel_index(np.nanargmax(np.where(np.isfinite(values), values, -np.inf)), values.shape)
    return np.array([axis[i] for axis, i in zip(lattice, best, strict=True)])


def _climb(log_density: LogDensity, start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mode near a point, and the sd in each direction from the curvature there."""
    point, d = start, start.size
    spread = np.ones(d)
    shares = np.array([1.0, 0.5, 0.25, 0.1, 0.03, 0.0])
    for _ in range(40):
        gradient, curvature = _derivatives(log_density, point)
        roots, vectors = np.linalg.eigh(-curvature)
        roots = np.maximum(np.abs(roots), 0.1)
        spread = np.sqrt((vectors**2 / roots).sum(axis=1))
        move = vectors @ ((vectors.T @ gradient) / roots)
        move *= min(1.0, 2.0 / max(float(np.abs(move).max()), 1e-300))
        tried = _at(log_density, point[:, None] + move[:, None] * shares)
        share = float(shares[int(np.argmax(tried))])
        point = point + share * move
        if share * float(np.abs(move / spread).max()) < 0.05:
            break
    return point, spread


def _at(log_density: LogDensity, points: FloatArray) -> FloatArray:
    """Return the log density at the columns of an array, minus infinity where it is NaN or infinite."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        values = np.asarray(log_density(*points))
    return np.where(np.isfinite(values), values, -np.inf)


def _derivatives(log_density: LogDensity, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return gradient and Hessian by central differences, in one call of the density."""
    d, h = point.size, 1e-3
    unit = h * np.eye(d)
    pairs: list[tuple[int, int]] = [(i, j) for i in range(d) for j in range(i)]
    moves = [np.zeros(d), *unit, *(-unit)]
    moves += [a * unit[i] + b * unit[j] for i, j in pairs for a in (1, -1) for b in (1, -1)]
    values = _at(log_density, point[:, None] + np.array(moves).T)
    with np.errstate(invalid="ignore"):  # beyond the edge of the density it is -inf on both sides
        return _differences(values, d, h, pairs)


def _differences(
    values: FloatArray, d: int, h: float, pairs: list[tuple[int, int]]
) -> tuple[FloatArray, FloatArray]:
    up, down = values[1 : d + 1], values[d + 1 : 2 * d + 1]
    gradient = (up - down) / (2.0 * h)
    curvature = np.diag((up + down - 2.0 * values[0]) / h**2)
    for (i, j), corner in zip(pairs, values[2 * d + 1 :].reshape(-1, 4), strict=True):
        curvature[i, j] = curvature[j, i] = (corner[0] - corner[1] - corner[2] + corner[3]) / (4.0 * h**2)
    return np.nan_to_num(gradient), np.nan_to_num(curvature, posinf=0.0, neginf=0.0)
