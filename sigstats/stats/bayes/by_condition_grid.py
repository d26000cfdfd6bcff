"""Integration over the four standard deviations of slopes within conditions.

The spread between conditions enters by few sums (see `nested_model`), and what the data say about it hardly depends on
the other three standard deviations. So one axis for it, found once, serves all their values: it is summed out first,
and the other three are integrated as in `quadrature`, with its checks. The inner axis is checked in the
same way: it must reach far enough, and leaving out every second point must not change the answer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sigstats.errors import InputError
from sigstats.stats.bayes.by_condition_model import NestedModel
from sigstats.stats.bayes.mode_search import find_mode
from sigstats.stats.bayes.quadrature import EDGE_MASS, TOLERANCE, ScaleGrid, integrate_scales, mean_sd
from sigstats.stats.bayes.scale_axis import ScaleAxis, moment_mass, with_moments
from sigstats.stats.checks import FloatArray, IntArray

_STEP = 1.0  # between points of the outer axes, to begin with
_INNER_STEP = 0.7
_AROUND = (-1.5, 0.0, 1.5)  # sds from the mode at which the inner axis is tried out
_INNER_SHARE = 0.35  # of what is allowed, for the inner axis
_ROUNDS = 5
_SPARE = 1  # points by which the inner axis is longer at each end than where it was tried out
_MORE = 4  # points by which the inner axis grows at an end
_DROPPED = 1e-5  # share of mass and moments in the nodes that are left out of mixtures
_ALLOWED = TOLERANCE ** (1 / 1.5)  # by which leaving out half of the points may change the answer


@dataclass(slots=True)
class _Summed:
    """Density of three log standard deviations, the fourth summed out; remembers what was summed last."""

    model: NestedModel
    axis: ScaleAxis
    last: FloatArray = field(default_factory=lambda: np.empty(0))

    def __call__(self, *log_sds: FloatArray) -> FloatArray:
        """Return the log density, in the common shape of the log standard deviations."""
        outer = [np.asarray(log_sd)[..., None] for log_sd in log_sds]
        self.last = self.model.log_density(*outer, self.axis.log_t)
        self.last += self.axis.log_weight
        peak = self.last.max(axis=-1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            above = self.last - peak
            total = np.log(np.exp(above, out=above).sum(axis=-1)) + peak[..., 0]
        return np.asarray(total)


def integrate_nested(
    model: NestedModel, ranges: Sequence[tuple[float, float]], moments: Sequence[int]
) -> ScaleGrid:
    """Integrate the density of a nested model over its four standard deviations."""
    axis, step = _inner_axis(model, ranges, moments), _STEP
    for _ in range(_ROUNDS):
        summed = _Summed(model, axis)
        outer = integrate_scales(summed, ranges[:3], moments=moments[:3], step=step)
        if not math.isfinite(outer.log_integral):
            raise _not_finite(model)
        grid, error, edges = _joined(outer, summed, moments)
        better = _better(axis, error, edges)
        if better == axis and not grid.error > TOLERANCE:
            break
        step = step if better != axis else 0.8 * step
        axis = better
    return grid


def _not_finite(model: NestedModel) -> InputError:
    """Return the error for a density without a finite value."""
    return InputError(
        f"the posterior under the priors {tuple(map(str, model.scales))} is not finite at any point that was "
        f"tried, so nothing can be computed from it. Use priors whose scales are nearer to the size of the data."
    )


def _inner_axis(
    model: NestedModel, ranges: Sequence[tuple[float, float]], moments: Sequence[int]
) -> ScaleAxis:
    """Return an axis for the fourth standard deviation, from its density at points around the mode."""
    mode, spread = find_mode(model.log_density, ranges)
    shifts = np.array(np.meshgrid(*[_AROUND] * 3)).reshape(3, -1)
    around = (mode[:3, None] + spread[:3, None] * shifts)[:, :, None]

    def density(log_sd: FloatArray) -> FloatArray:
        values = model.log_density(*around, log_sd)
        peak = values.max(axis=0)
        return np.asarray(np.log(np.exp(values - peak).sum(axis=0)) + peak)

    axis = integrate_scales(density, ranges[3:], moments=moments[3:], step=_INNER_STEP).axes[0]
    return replace(axis, low=axis.low - _SPARE * axis.step, size=axis.size + 2 * _SPARE)


def _joined(
    outer: ScaleGrid, summed: _Summed, moments: Sequence[int]
) -> tuple[ScaleGrid, float, tuple[float, float]]:
    """Return the grid over all four, the inner axis' thinning error, and what it misses at its two ends."""
    axes = (*outer.axes, summed.axis)
    weights = sum(np.ix_(*(axis.log_weight for axis in outer.axes)))
    mass = summed.last + (np.asarray(weights) - outer.log_integral)[..., None]
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        np.exp(mass, out=mass)
    if np.isnan(mass).any():
        mass = np.nan_to_num(mass)
    inner = np.asarray(mass.sum(axis=(0, 1, 2)))
    edges = _edges(with_moments(summed.axis, inner, moments[3]))
    error = _thinning_error(axes, mass, moments)
    index = _kept(mass, axes, (*outer.marginals, inner), outer.index, moments)
    kept = mass[tuple(index)]
    grid = ScaleGrid(
        axes=axes,
        mass=mass,
        marginals=(*outer.marginals, inner),
        index=index,
        points=np.exp(np.array([axis.log_t[i] for axis, i in zip(axes, index, strict=True)])),
        weights=kept / kept.sum(),
        log_integral=outer.log_integral,
        error=(outer.error ** (1 / 1.5) + error) ** 1.5,
        edge_mass=outer.edge_mass + sum(edges),
    )
    return grid, error, edges


def _edges(marginal: FloatArray) -> tuple[float, float]:
    """Return the estimated mass below the first and above the last point, from the fall towards it."""
    return _edge(marginal), _edge(marginal[::-1])


def _edge(marginal: FloatArray) -> float:
    first, second = float(marginal[0]), float(marginal[1])
    ratio = first / second if second > 0.0 else 1.0
    return first if first <= 1e-3 * EDGE_MASS else first * ratio / max(1.0 - ratio, 1e-3)


def _thinning_error(axes: Sequence[ScaleAxis], mass: FloatArray, moments: Sequence[int]) -> float:
    """Return how far the two halves of the points of the inner axis are from the whole, over all four."""
    worst = 0.0
    for k, axis in enumerate(axes):
        others = tuple(j for j in range(3) if j != k)
        joint = (
            mass.sum(axis=others).reshape(-1, mass.shape[3]) if k < 3 else np.diag(mass.sum(axis=(0, 1, 2)))
        )
        value = np.exp(axis.log_t - axis.log_t.max()) if moments[k] == 2 else axis.log_t
        whole = mean_sd(_shares(joint), value)
        for half in (joint[:, ::2], joint[:, 1::2]):
            mean, sd = mean_sd(_shares(half), value)
            moved = abs(mean - whole[0]) / whole[1], abs(sd / whole[1] - 1.0)
            worst = max(worst, abs(2.0 * float(half.sum()) - 1.0), *moved)
    return worst


def _shares(joint: FloatArray) -> FloatArray:
    """Return the mass at each point of the first axis, made to sum to 1."""
    mass = joint.sum(axis=1)
    return np.asarray(mass / mass.sum())


def _kept(
    mass: FloatArray,
    axes: Sequence[ScaleAxis],
    marginals: Sequence[FloatArray],
    outer: IntArray,
    moments: Sequence[int],
) -> IntArray:
    """Return the nodes that carry weight, shape (4, n_nodes): all but a small share of mass and moments.

    They are dropped by the power of two of what they carry, which needs no sorting.
    """
    parts = zip(axes, marginals, moments, strict=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = [np.nan_to_num(moment_mass(axis, part, count) / part) for axis, part, count in parts]
    shared = 1.0 + sum(factor[place] for factor, place in zip(factors, outer, strict=False))
    joint = mass[tuple(outer)]
    joint = joint * shared[:, None] + joint * factors[3]
    size = np.frexp(joint)[1]
    lowest = int(size.min())
    cumulative = np.cumsum(np.bincount(size.ravel() - lowest, joint.ravel()))
    first = int(np.searchsorted(cumulative, _DROPPED, side="right"))
    node, place = np.nonzero((size >= first + lowest) & (joint > 0.0))
    return np.concatenate([outer[:, node], place[None, :]])


def _better(axis: ScaleAxis, error: float, edges: tuple[float, float]) -> ScaleAxis:
    """Return a wider axis where mass lies outside, and a finer one where thinning shows."""
    low, high = (_MORE if edge > EDGE_MASS else 0 for edge in edges)
    wider = replace(axis, low=axis.low - low * axis.step, size=axis.size + low + high)
    if low or high or error <= _INNER_SHARE * _ALLOWED:
        return wider
    size = math.ceil(1.4 * (axis.size - 1)) + 1
    return replace(axis, step=axis.step * (axis.size - 1) / (size - 1), size=size)
