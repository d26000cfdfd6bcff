"""Integration over standard deviations, with a check of its own accuracy.

The posterior of a hierarchical Gaussian model has a few awkward dimensions, its standard deviations; all the
rest is Gaussian given these. This module integrates over them on a grid.

Each standard deviation t is written as log t = c + s w in the bulk of its posterior, with a centre c and a stretch s
near the posterior's own. Where a tail is long (towards t = 0, or far out under a half-Cauchy prior), log t runs away
from w exponentially, so that in w the posterior falls off fast on both sides. For such a function the trapezoidal rule
converges exponentially [1]_: halving the step squares the error. So the grid carries its own check. Leaving out every
second point along an axis gives the answer of the coarser rule; its distance d from the full answer bounds the error of
the full one by about d squared, and d ** 1.5 is what is reported.

The box is found in three passes: a climb to the mode, a coarse grid that shows how far the mass reaches, and
the final grid, which is widened where more than a billionth of the mass or of the second moment lies outside,
and refined where thinning changes the answer too much.

References
----------
.. [1] L. N. Trefethen and J. A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review
       56(3), 385-458, 2014. https://doi.org/10.1137/130932132
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sigstats.stats.bayes.mode_search import LogDensity, find_mode
from sigstats.stats.bayes.scale_axis import ScaleAxis, fitted, moment_mass, with_moments
from sigstats.stats.checks import FloatArray, IntArray

TOLERANCE = 1e-4  # of the means, in posterior sds; of the sds and of the evidence, relative
EDGE_MASS = 1e-8
MAX_NODES = 1_000_000
_ROUNDS = 8
_STRIDE = 12.0  # log units by which an axis may grow at once
_DROPPED = 1e-8  # share of mass and moments in the nodes that are left out of mixtures
_DROPPED_FROM_MANY = 1e-6  # the same in four dimensions, where nodes are many


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleGrid:
    """Posterior of some standard deviations as weighted points."""

    axes: tuple[ScaleAxis, ...]  # the grid
    mass: FloatArray  # shape (sizes of the axes): probability of every point, summing to 1
    marginals: tuple[FloatArray, ...]  # probability of each point of an axis, summing to 1
    index: IntArray  # shape (d, n_nodes): nodes that carry weight, by their place on each axis
    points: FloatArray  # shape (d, n_nodes): standard deviations at these nodes
    weights: FloatArray  # shape (n_nodes,): their probabilities, summing to 1
    log_integral: float  # log of the integral of the density
    error: float  # estimated error: of the means in posterior sds, of sds and integral relative; the largest of them
    edge_mass: float  # estimated part of the mass outside the box

    @property
    def accurate(self) -> bool:
        """Whether the error and the mass outside are small enough to rely on."""
        return bool(self.error <= TOLERANCE and self.edge_mass <= 100 * EDGE_MASS)


def integrate_scales(
    log_density: LogDensity, ranges: Sequence[tuple[float, float]], *, moments: Sequence[int], step: float
) -> ScaleGrid:
    """Integrate a density over standard deviations."""
    axes = _first_axes(log_density, ranges, moments, step)
    for _ in range(_ROUNDS):
        grid = _evaluate(log_density, axes, moments)
        axes = _improved(grid)
        if axes == grid.axes or math.prod(axis.size for axis in axes) > MAX_NODES:
            break
    return _collect(grid, moments)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    """One evaluation of the whole grid; `low`, `high` say how many points each axis lacks at its ends."""

    axes: tuple[ScaleAxis, ...]
    mass: FloatArray
    log_total: float
    edge_mass: float
    low: tuple[int, ...]
    high: tuple[int, ...]
    errors: tuple[float, ...]


def _evaluate(log_density: LogDensity, axes: tuple[ScaleAxis, ...], moments: Sequence[int]) -> _Pass:
    """Return the mass of every point of a grid, and what is wrong with the grid."""
    log_mass = _log_mass(log_density, axes)
    mass, log_total = _masses(log_mass)
    ends = [_ends(axis, _marginal(mass, j), moments[j]) for j, axis in enumerate(axes)]
    errors = tuple(_thinning_error(axes, mass, moments, j) for j in range(len(axes)))
    return _Pass(
        axes=axes,
        mass=mass,
        log_total=log_total,
        edge_mass=sum(end[0] for end in ends),
        low=tuple(end[1] for end in ends),
        high=tuple(end[2] for end in ends),
        errors=(math.nan,) * len(axes) if np.isnan(log_mass).any() else errors,
    )


def _improved(grid: _Pass) -> tuple[ScaleAxis, ...]:
    """Return wider axes where mass lies outside, else finer ones where thinning shows, else the same."""
    if any(grid.low) or any(grid.high):
        return tuple(
            replace(axis, low=axis.low - low * axis.step, size=axis.size + low + high)
            for axis, low, high in zip(grid.axes, grid.low, grid.high, strict=True)
        )
    allowed = TOLERANCE ** (1 / 1.5)
    if not sum(grid.errors) > allowed:
        return grid.axes
    share = 0.5 * allowed / len(grid.axes)
    return tuple(_finer(axis, error, share) for axis, error in zip(grid.axes, grid.errors, strict=True))


def _finer(axis: ScaleAxis, error: float, share: float) -> ScaleAxis:
    """Return an axis whose error will be as small as its share: the log of it is inverse to the step."""
    if error <= share:
        return axis
    factor = min(2.0, max(1.1, math.log(share) / math.log(min(error, 0.3))))
    size = math.ceil(factor * (axis.size - 1)) + 1
    return replace(axis, step=axis.step * (axis.size - 1) / (size - 1), size=size)


def _log_mass(log_density: LogDensity, axes: tuple[ScaleAxis, ...]) -> FloatArray:
    """Return the log mass of every point, shape (sizes of the axes)."""
    mesh = np.ix_(*(axis.log_t for axis in axes))
    weights = np.ix_(*(axis.log_weight for axis in axes))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        return np.asarray(sum(weights, start=log_density(*mesh)))


def _masses(log_mass: FloatArray) -> tuple[FloatArray, float]:
    """Return masses that sum to 1, and the log of their sum; a point that is NaN has none."""
    known = np.where(np.isnan(log_mass), -np.inf, log_mass)
    peak = float(np.max(known))
    if not math.isfinite(peak):
        return np.full(log_mass.shape, math.nan), math.nan
    mass = np.exp(known - peak)
    total = float(mass.sum())
    return mass / total, peak + math.log(total)


def _marginal(mass: FloatArray, *keep: int) -> FloatArray:
    """Return the mass summed over all axes but some."""
    return np.asarray(mass.sum(axis=tuple(k for k in range(mass.ndim) if k not in keep)))


def _ends(axis: ScaleAxis, marginal: FloatArray, moments: int) -> tuple[float, int, int]:
    """Return the estimated mass outside, and the points to add below and above."""
    weighted = with_moments(axis, marginal, moments)
    below, low = _end(weighted)
    above, high = _end(weighted[::-1])
    return below + above, _capped(axis, low, -1), _capped(axis, high, 1)


def _capped(axis: ScaleAxis, count: int, side: int) -> int:
    """Return how many points to add at one end, so that the axis does not grow by too much at once."""
    end = axis.low if side < 0 else axis.low + axis.step * (axis.size - 1)
    beyond = np.asarray(end + side * axis.step * np.arange(1, count + 1), dtype=np.float64)
    growth = np.abs(axis.from_w(beyond) - axis.from_w(np.array([end])))
    return min(count, 1 + int(np.sum(growth[1:] <= _STRIDE)))


def _end(marginal: FloatArray) -> tuple[float, int]:
    """Return the mass beyond the first point, from its fall to the next, and how many points to add."""
    edge, inner = float(marginal[0]), float(marginal[1])
    if not math.isfinite(edge):
        return math.nan, 0
    if edge <= EDGE_MASS * 1e-3:
        return edge, 0
    ratio = edge / inner if inner > 0.0 else math.inf
    if ratio >= 0.9:
        return 1.0 if ratio >= 1.0 else edge * 10.0, 8
    outside = edge * ratio / (1.0 - ratio)
    missing = math.log(outside / EDGE_MASS) / -math.log(ratio)
    return outside, max(0, min(8, math.ceil(missing)))


def _thinning_error(axes: tuple[ScaleAxis, ...], mass: FloatArray, moments: Sequence[int], j: int) -> float:
    """Return how far the two halves of the points of one axis are from the whole."""
    worst = 0.0
    halves = (slice(0, None, 2), slice(1, None, 2))
    for k, axis in enumerate(axes):
        value = np.exp(axis.log_t - axis.log_t.max()) if moments[k] == 2 else axis.log_t
        joint = _marginal(mass, j, k) if j != k else np.diag(_marginal(mass, j))
        joint = joint if j <= k else joint.T
        whole = mean_sd(joint.sum(axis=0), value)
        for half in halves:
            thinned = joint[half].sum(axis=0)
            total = float(thinned.sum())
            if not total > 0.0:
                return 1.0
            mean, sd = mean_sd(thinned / total, value)
            worst = max(
                worst, abs(2.0 * total - 1.0), abs(mean - whole[0]) / whole[1], abs(sd / whole[1] - 1.0)
            )
    return worst


def mean_sd(probability: FloatArray, value: FloatArray) -> tuple[float, float]:
    """Return mean and standard deviation of a discrete distribution."""
    mean = float(probability @ value)
    return mean, math.sqrt(max(float(probability @ (value - mean) ** 2), 1e-300))


def _collect(grid: _Pass, moments: Sequence[int]) -> ScaleGrid:
    """Return the nodes that carry weight."""
    marginals = tuple(_marginal(grid.mass, j) for j in range(len(grid.axes)))
    if not math.isfinite(grid.log_total):
        middle = np.array([[axis.size // 2] for axis in grid.axes], dtype=np.int64)
        return _result(grid, marginals, middle, np.array([math.nan]))
    importance = grid.mass
    for j, (axis, marginal) in enumerate(zip(grid.axes, marginals, strict=True)):
        shape = [-1 if k == j else 1 for k in range(len(grid.axes))]
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = moment_mass(axis, marginal, moments[j]) / marginal
        importance = importance + grid.mass * np.nan_to_num(factor).reshape(shape)
    order = np.argsort(importance, axis=None)
    dropped = _DROPPED if grid.mass.ndim < 4 else _DROPPED_FROM_MANY
    kept = np.sort(order[np.cumsum(importance.ravel()[order]) > dropped])
    weights = grid.mass.ravel()[kept]
    index = np.array(np.unravel_index(kept, grid.mass.shape), dtype=np.int64)
    return _result(grid, marginals, index, weights / weights.sum())


def _result(
    grid: _Pass, marginals: tuple[FloatArray, ...], index: IntArray, weights: FloatArray
) -> ScaleGrid:
    """Return the result with its nodes."""
    return ScaleGrid(
        axes=grid.axes,
        mass=grid.mass,
        marginals=marginals,
        index=index,
        points=np.exp(np.array([axis.log_t[i] for axis, i in zip(grid.axes, index, strict=True)])),
        weights=weights,
        log_integral=grid.log_total,
        error=float(sum(grid.errors)) ** 1.5,
        edge_mass=grid.edge_mass,
    )


def _first_axes(
    log_density: LogDensity, ranges: Sequence[tuple[float, float]], moments: Sequence[int], step: float
) -> tuple[ScaleAxis, ...]:
    """Return axes that hold the mass, found by a climb to the mode and one coarse grid."""
    mode, spread = find_mode(log_density, ranges)
    size = {1: 41, 2: 17, 3: 13}.get(mode.size, 9)
    coarse = tuple(
        ScaleAxis(
            center=float(u),
            stretch=float(s),
            left=0.175,
            right=0.175,
            low=-4.5,
            step=9.0 / (size - 1),
            size=size,
        )
        for u, s in zip(mode, np.clip(spread, 1e-3, 1.5), strict=True)
    )
    mass, log_total = _masses(_log_mass(log_density, coarse))
    if not math.isfinite(log_total):
        return coarse
    return tuple(fitted(axis, _marginal(mass, j), moments[j], step) for j, axis in enumerate(coarse))
