"""Posterior of the difference of two independent parameters, without simulation.

Treatments and controls are fitted apart, so their slopes are independent in the posterior, and the density of the
difference is the convolution of the two densities. Each is a mixture of normals, smooth everywhere; on an axis ``centre
+ width sinh(u)`` it dies off quickly on both sides, and the trapezoidal rule converges exponentially there [1]_. One
density is put on such an axis, and the cdf of the other is shifted by each of its points.

References
----------
.. [1] L. N. Trefethen and J. A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review
       56(3), 385-458, 2014. https://doi.org/10.1137/130932132
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import InputError
from sigstats.stats.bayes import compaction
from sigstats.stats.bayes.compaction import compacted
from sigstats.stats.bayes.marginals import Marginal, NormalMixture, exponent_of, probabilities
from sigstats.stats.checks import FloatArray, IndexArray

TOLERANCE = 1e-6  # of the total probability
_STEP = 0.05  # of u, between the points of an axis
_FAR = 8.3  # sds at which an axis ends; 1e-16 of a normal lies beyond
_CELLS = 1 << 17  # numbers handled at once, so that they stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class SinhAxis:
    """Points ``centre + width sinh(u)``, evenly spaced in u and symmetric around 0."""

    centre: float  # centre, width: place and width of the bulk
    width: float
    step: float  # distance of the points in u
    half: int  # number of points on either side of the centre

    @property
    def u(self) -> FloatArray:
        """Points, shape (2 half + 1,)."""
        return np.asarray(self.step * np.arange(-self.half, self.half + 1), dtype=np.float64)

    @property
    def values(self) -> FloatArray:
        """Values of the parameter at the points."""
        return np.asarray(self.centre + self.width * np.sinh(self.u))

    @property
    def slope(self) -> FloatArray:
        """Derivative of the values by u."""
        return np.asarray(self.width * np.cosh(self.u))

    def to_u(self, value: FloatArray) -> FloatArray:
        """Return the u of values; beyond the axis, its ends."""
        end = self.step * self.half
        return np.clip(np.arcsinh((value - self.centre) / self.width), -end, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabulated:
    """A smooth distribution, known by its cdf and density on an axis."""

    axis: SinhAxis  # the points
    # cumulative, density: shape (n_points,): cdf, and density with respect to u, at the points
    cumulative: FloatArray
    density: FloatArray

    def _cubic(self, u: FloatArray) -> tuple[IndexArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return the point left of each u, the way to the next one, and the cubic with the values and slopes there."""
        place = u / self.axis.step + self.axis.half
        left = np.clip(place.astype(np.intp), 0, self.cumulative.size - 2)
        rise = self.cumulative[left + 1] - self.cumulative[left]
        first = self.axis.step * self.density[left] - rise
        second = rise - self.axis.step * self.density[left + 1]
        return left, place - left, rise, first, second

    def at(self, u: FloatArray) -> FloatArray:
        """Return the cdf at some u."""
        left, t, rise, first, second = self._cubic(u)
        return np.asarray(self.cumulative[left] + t * rise + t * (1.0 - t) * ((1.0 - t) * first + t * second))

    def slope_at(self, u: FloatArray) -> FloatArray:
        """Return the density with respect to u, as the derivative of the cdf."""
        _, t, rise, first, second = self._cubic(u)
        bent = (1.0 - t) * (1.0 - 3.0 * t) * first + t * (2.0 - 3.0 * t) * second
        return np.asarray((rise + bent) / self.axis.step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Marginal):
    """Posterior of one parameter minus another that is independent of it.

    Attributes
    ----------
    mean, sd : float
        Posterior mean and standard deviation; infinite where it does not exist.
    prob_positive : float
        Probability that the difference is above 0.
    error : float
        Estimated error of every probability.
    """

    mean: float
    sd: float
    prob_positive: float
    error: float
    _table: Tabulated = field(repr=False)
    _exponent: int = field(repr=False)

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value, shape of the value."""
        u = self._table.axis.to_u(np.ldexp(np.asarray(value, dtype=float), -self._exponent))
        return np.clip(self._table.at(u), 0.0, 1.0)

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which each probability lies, shape of the probability."""
        p, table = probabilities(probability), self._table
        right = np.clip(np.searchsorted(table.cumulative, p), 1, table.cumulative.size - 1)
        low, high = table.axis.u[right - 1], table.axis.u[right]
        for _ in range(40):
            middle = 0.5 * (low + high)
            below = table.at(middle) < p
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found = table.axis.centre + table.axis.width * np.sinh(0.5 * (low + high))
        return np.asarray(np.ldexp(found, self._exponent))


def difference(first: NormalMixture, second: NormalMixture) -> Difference:
    """Return the posterior of one parameter minus another, which are independent.

    Notes
    -----
    *Assumptions.* Independence in the posterior: no parameter and no observation in common.
    """
    exponent = max(exponent_of(first.sds), exponent_of(second.sds))
    minuend, subtrahend = (_scaled(compacted(each), -exponent) for each in (first, second))
    table, points = _table(minuend), _table(subtrahend)
    weights = points.axis.step * points.density
    kept = weights > 1e-14
    shifts, weights = points.axis.values[kept], weights[kept] / weights[kept].sum()
    convolved = _convolved(table, _spanning_both(table.axis, points.axis), shifts, weights)
    mean = float(first.mean) - float(second.mean)
    positive = weights @ special.ndtr((minuend.means - shifts[:, None]) / minuend.sds) @ minuend.weights
    return Difference(
        mean=mean,
        sd=math.hypot(float(first.sd), float(second.sd)),
        prob_positive=float(np.clip(positive, 0.0, 1.0)),
        error=2.0 * compaction.ERROR + 3.0 * TOLERANCE,
        _table=convolved,
        _exponent=exponent,
    )


def _scaled(mixture: NormalMixture, exponent: int) -> NormalMixture:
    """Return a mixture whose means and sds are multiplied by a power of two."""
    return replace(mixture, means=np.ldexp(mixture.means, exponent), sds=np.ldexp(mixture.sds, exponent))


def _table(mixture: NormalMixture) -> Tabulated:
    """Return a mixture on an axis whose points are near enough for the cubics between them, and for a sum."""
    axis = _axis(mixture)
    table = _tabulated(mixture, axis)
    for _ in range(5):
        finer = replace(axis, step=0.5 * axis.step, half=2 * axis.half)
        refined = _tabulated(mixture, finer)
        missed = float(np.abs(table.at(finer.u) - refined.cumulative).max())
        total = axis.step * float(table.density.sum())
        if missed <= TOLERANCE and abs(total - 1.0) <= TOLERANCE:
            return table
        axis, table = finer, refined
    raise InputError(
        f"the difference of two posteriors misses {max(missed, abs(total - 1.0)):.1e} of the probability, more than "
        f"{TOLERANCE:g}: one of them mixes very narrow and very wide distributions. Use prior scales nearer to the "
        f"size of the data."
    )


def _axis(mixture: NormalMixture) -> SinhAxis:
    """Return an axis for a mixture: around its bulk, as far as its widest and its farthest normals reach."""
    centre = _median(mixture.means, mixture.weights)
    away = np.abs(mixture.means - centre)
    width = math.hypot(_median(mixture.sds, mixture.weights), _median(away, mixture.weights))
    return _spanning(centre, width, float(np.max(away + _FAR * mixture.sds)), _STEP)


def _spanning(centre: float, width: float, reach: float, step: float) -> SinhAxis:
    half = math.ceil(math.asinh(reach / width) / step)
    return SinhAxis(centre=centre, width=width, step=step, half=half)


def _spanning_both(first: SinhAxis, second: SinhAxis) -> SinhAxis:
    """Return an axis for the difference of parameters on two axes."""
    reach = sum(axis.width * math.sinh(axis.step * axis.half) for axis in (first, second))
    width = math.hypot(first.width, second.width)
    return _spanning(first.centre - second.centre, width, reach, min(first.step, second.step))


def _median(values: FloatArray, weights: FloatArray) -> float:
    order = np.argsort(values, kind="stable")
    place = np.searchsorted(np.cumsum(weights[order]), 0.5 * weights.sum())
    return float(values[order][min(int(place), values.size - 1)])


def _tabulated(mixture: NormalMixture, axis: SinhAxis) -> Tabulated:
    """Return cdf and density of a mixture on an axis."""
    values, rows = axis.values, max(1, _CELLS // mixture.weights.size)
    height = mixture.weights / mixture.sds / math.sqrt(2.0 * math.pi)
    parts = [(values[i : i + rows, None] - mixture.means) / mixture.sds for i in range(0, values.size, rows)]
    return Tabulated(
        axis=axis,
        cumulative=np.concatenate([special.ndtr(z) @ mixture.weights for z in parts]),
        density=axis.slope * np.concatenate([np.exp(-0.5 * z * z) @ height for z in parts]),
    )


def _convolved(table: Tabulated, axis: SinhAxis, shifts: FloatArray, weights: FloatArray) -> Tabulated:
    """Return cdf and density of a tabulated parameter minus the points."""
    cumulative, density = np.empty(axis.u.size), np.empty(axis.u.size)
    rows = max(1, _CELLS // shifts.size)
    for i in range(0, axis.u.size, rows):
        block = slice(i, i + rows)
        u = table.axis.to_u(axis.values[block, None] + shifts)
        cumulative[block] = table.at(u) @ weights
        density[block] = (table.slope_at(u) / (table.axis.width * np.cosh(u))) @ weights
    return Tabulated(axis=axis, cumulative=np.maximum.accumulate(cumulative), density=axis.slope * density)
