"""Treatment minus control where both were measured on the same items.

The runs of the two are independent, and so are their standard deviations; the items are the same. So the part of the
items is that of the differences between each item's two slopes, with a standard deviation of its own: an item that is
steep in both cancels. Three standard deviations are integrated on a grid (the rests of both, and the items'
differences); those of the runs enter through the axes on which each of the two was computed.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sigstats.stats.bayes.crossed import CrossedSlopes
from sigstats.stats.bayes.crossed_model import CrossedModel
from sigstats.stats.bayes.marginals import Marginal, NormalMixture, mixture
from sigstats.stats.bayes.priors import FlatPrior, ScalePrior
from sigstats.stats.bayes.quadrature import integrate_scales
from sigstats.stats.bayes.scale_axis import ScaleAxis
from sigstats.stats.bayes.slopes_model import moments_under
from sigstats.stats.checks import FloatArray

_STEP = 0.8
_BIN = 0.02  # width of the cells of log variances in which nodes are merged, as in `compaction`
_DROPPED = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedContrast(Marginal):
    """Posterior of the mean slope of one role minus that of another, runs and items crossed.

    Attributes
    ----------
    mean, sd : float
        Posterior mean and standard deviation; infinite where it does not exist.
    prob_positive : float
        Probability that the difference is above 0.
    error : float
        Estimated numerical error.
    accurate : bool
        Whether the numbers can be relied on.
    """

    mean: float
    sd: float
    prob_positive: float
    error: float
    accurate: bool = field(metadata={"json": False})
    _mixture: NormalMixture = field(repr=False)

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value, shape of the value."""
        return self._mixture.cdf(value)

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which each probability lies, shape of the probability."""
        return self._mixture.quantile(probability)

    def mass_inside(self, low: float, high: float) -> float:
        """Return the probability of lying between two limits."""
        return float(self._mixture.mass_inside(low, high))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of the two: its sums, its unit in units of the contrast, and the axis of its runs."""

    model: CrossedModel
    axis: ScaleAxis
    factor: float

    def of_run(self, rest: FloatArray) -> FloatArray:
        """Return the variance of a run's mean at each rest and each point of the axis, own units."""
        return np.asarray(rest[..., None] ** 2 / self.model.items.size + np.exp(2.0 * self.axis.log_t))

    def log_mass(self, rest: FloatArray) -> FloatArray:
        """Return the log mass of each point of the axis given the rest."""
        prior = self.model.log_prior(1, self.axis.log_t) + self.axis.log_weight
        return np.asarray(self.model.log_likelihood(1, self.of_run(rest)) + prior)

    def log_density(self, log_rest: FloatArray) -> FloatArray:
        """Return the log density of the rest, runs summed out, but for a constant."""
        rest = np.exp(log_rest)
        mass = self.log_mass(rest)
        peak = mass.max(axis=-1)
        total = np.log(np.exp(mass - peak[..., None]).sum(axis=-1)) + peak
        return np.asarray(total + self.model.log_likelihood(0, rest**2) + self.model.log_prior(0, log_rest))


def crossed_contrast(
    first: CrossedSlopes, second: CrossedSlopes, *, sigma_item: ScalePrior
) -> CrossedContrast:
    """Return the posterior of the first mean slope minus the second, over new runs and items.

    Parameters
    ----------
    first, second : CrossedSlopes
        Posteriors on the same items, in the same order, of runs that are independent.
    sigma_item : HalfNormal, HalfT, Exponential or FlatPrior
        Prior of the standard deviation, over items, of the difference between an item's two slopes.

    Returns
    -------
    CrossedContrast
        The difference.
    """
    sides = [_Side(model=each.model, axis=each.grid.axes[1], factor=1.0) for each in (first, second)]
    unit = max(each.model.unit for each in sides)
    one, two = (_Side(model=s.model, axis=s.axis, factor=s.model.unit / unit) for s in sides)
    values = one.factor * one.model.items - two.factor * two.model.items
    n_items, centre = values.size, float(values.mean())
    square = float(((values - centre) ** 2).sum())

    def noise(side: _Side, rest: FloatArray) -> FloatArray:
        return np.asarray(side.model.kappa * (side.factor * rest) ** 2)

    def density(rest_one: FloatArray, rest_two: FloatArray, log_item: FloatArray) -> FloatArray:
        variance = noise(one, np.exp(rest_one)) + noise(two, np.exp(rest_two)) + np.exp(2.0 * log_item)
        items = -0.5 * ((n_items - 1.0) * np.log(variance) + square / variance)
        prior = sigma_item.logpdf(unit * np.exp(log_item)) + log_item + math.log(unit)
        return np.asarray(one.log_density(rest_one) + two.log_density(rest_two) + items + prior)

    size = math.sqrt(
        max(square / (n_items - 1.0), float(noise(one, np.ones(1))[0] + noise(two, np.ones(1))[0]))
    )
    typical = size if isinstance(sigma_item, FlatPrior) else float(sigma_item.quantile(0.5)) / unit
    ranges = [(0.0, 0.0), (0.0, 0.0), (math.log(min(size, typical)), math.log(size))]
    moments = (2, 2, moments_under(n_items - 1.0 + sigma_item.tail))
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        grid = integrate_scales(density, ranges, moments=moments, step=_STEP)
        weights, variance = _merged_variances(one, two, grid.points, grid.weights, n_items)
    finite = all(math.isfinite(each.these_items.sd) for each in (first, second)) and moments[2] == 2
    found = mixture(
        weights,
        np.full(weights.size, unit * centre),
        unit * np.sqrt(variance),
        finite_sd=np.asarray(finite),
    )
    return CrossedContrast(
        mean=float(found.mean),
        sd=float(found.sd),
        prob_positive=float(found.prob_positive),
        error=grid.error,
        accurate=grid.accurate,
        _mixture=found,
    )


def _merged_variances(
    one: _Side, two: _Side, points: FloatArray, weights: FloatArray, n_items: int
) -> tuple[FloatArray, FloatArray]:
    """Return weights and variances of the difference, with like variances merged."""
    rests, place = np.unique(points[:2], axis=1, return_inverse=True)
    place = place.ravel()
    of_one, of_two = (_given_rest(side, rest) for side, rest in zip((one, two), rests, strict=True))
    parts: list[tuple[FloatArray, FloatArray]] = []
    for pair in range(rests.shape[1]):
        mine = place == pair
        runs = np.add.outer(of_one[1][pair], of_two[1][pair]).ravel()
        mass = np.multiply.outer(of_one[0][pair], of_two[0][pair]).ravel()
        mass, runs = _binned(mass, runs)
        kept = mass > _DROPPED
        variance = np.add.outer(points[2, mine] ** 2 / n_items, runs[kept]).ravel()
        parts.append(_binned(np.multiply.outer(weights[mine], mass[kept]).ravel(), variance))
    mass, variance = (np.concatenate(each) for each in zip(*parts, strict=True))
    mass, variance = _binned(mass, variance)
    return mass / mass.sum(), variance


def _given_rest(side: _Side, rest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return probabilities of the points of the runs' axis at each rest, and what runs add to the variance."""
    mass = side.log_mass(rest)
    mass = np.exp(mass - mass.max(axis=1, keepdims=True))
    return mass / mass.sum(axis=1, keepdims=True), side.model.kappa * side.factor**2 * side.of_run(rest)


def _binned(weights: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return weights and mean variances of cells of like variance."""
    cell = np.floor(np.log(variance) / _BIN).astype(np.int64)
    cell -= cell.min()
    total = np.asarray(np.bincount(cell, weights), dtype=np.float64)
    filled = total > 0.0
    return total[filled], np.asarray(np.bincount(cell, weights * variance)[filled] / total[filled])
