"""Bayesian slopes of seeds within conditions, without simulation.

Every condition has its own intercept; slopes vary between conditions around a mean slope, and between the
seeds of a condition around the condition's. The model is linear and Gaussian given four standard deviations,
over which a grid integrates that measures its own error (see `sigstats.stats.bayes.quadrature`).
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.bayes.by_condition_grid import integrate_nested
from sigstats.stats.bayes.by_condition_model import (
    ConditionLines,
    NestedModel,
    NestedSlopes,
    condition_lines,
    nested_slopes,
)
from sigstats.stats.bayes.by_condition_seeds import (
    NestedDraws,
    condition_moments,
    draw_nested,
    seed_mixtures,
    seed_slopes,
)
from sigstats.stats.bayes.grouped import tables_by_condition
from sigstats.stats.bayes.marginals import NormalMixture, ScaleMarginal, mixture, scale_marginal
from sigstats.stats.bayes.posterior import Posterior
from sigstats.stats.bayes.priors import (
    FlatPrior,
    LocationPrior,
    ScalePrior,
    as_location_prior,
    as_scale_prior,
)
from sigstats.stats.bayes.quadrature import ScaleGrid
from sigstats.stats.bayes.reduction import Reduced, no_noise, reduce_groups
from sigstats.stats.bayes.slopes_model import improper, moments_under, ranges_of_scales
from sigstats.stats.checks import FloatArray, IntArray

SCALES = ("sigma", "sigma_seed_intercept", "sigma_seed_slope", "sigma_condition_slope")


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedRandomSlopes(Posterior[NestedDraws]):
    """Posterior of slopes of seeds within conditions, in data units.

    Attributes
    ----------
    mu_beta : NormalMixture
        Mean slope over the population of conditions.
    mean_slope : NormalMixture
        Mean slope of these conditions, each with the same weight.
    condition_slope : NormalMixture
        Slope of each condition, in the order of `conditions`.
    sigma, sigma_seed_intercept, sigma_seed_slope, sigma_condition_slope : ScaleMarginal
        Standard deviation of noise, of the seeds' intercepts and slopes, and of the conditions' slopes.
    seed_slope_mean, seed_slope_sd : ndarray, shape (n_seeds,)
        Posterior mean and sd of each seed's slope, in the order of `seeds`.
    conditions : tuple, length n_conditions
        Labels, sorted.
    seeds : tuple of tuple, length n_seeds
        Pairs (condition, seed), sorted.
    log_evidence : float
        Log density of y; a flat prior (as that of each condition's intercept) counts as density 1.
    accurate : bool
        Whether the numbers can be relied on; where False, treat them as not computed.
    error : float
        Estimated numerical error: of the means in posterior sds, of sds and evidence relative.
    edge_mass : float
        Estimated posterior mass outside the grid.
    priors : mapping of str to str
        The priors, as they would be written in a call.
    method : str
        How the posterior was obtained.
    """

    mu_beta: NormalMixture
    mean_slope: NormalMixture
    condition_slope: NormalMixture
    sigma: ScaleMarginal
    sigma_seed_intercept: ScaleMarginal
    sigma_seed_slope: ScaleMarginal
    sigma_condition_slope: ScaleMarginal
    seed_slope_mean: FloatArray
    seed_slope_sd: FloatArray
    conditions: tuple[Any, ...]
    seeds: tuple[tuple[Any, Any], ...]
    method: str = "trapezoidal rule over the standard deviations, all else in closed form"
    _model: NestedModel = field(repr=False)
    _grid: ScaleGrid = field(repr=False)

    _MAIN = "mu_beta"
    _SCALARS = ("mu_beta", *SCALES)
    _VECTORS = ("condition_slope",)

    def contrast(self, weights: npt.ArrayLike) -> NormalMixture:
        """Return the posterior of a weighted sum of the conditions' slopes, such as treatment minus control.

        Parameters
        ----------
        weights : array_like, shape (n_conditions,)
            Weight of each condition, in the order of `conditions`.

        Returns
        -------
        NormalMixture
            The contrast, in units of a slope.
        """
        w = checks.vector("weights", weights)
        if w.size != len(self.conditions):
            raise InputError(
                f"`weights` has {w.size} entries and there are {len(self.conditions)} conditions; each condition "
                f"needs one weight. The order is {self.conditions}."
            )
        return _contrast(self._model, self._grid, _slopes(self._model, self._grid)[1], w)

    def seed_slopes(self) -> tuple[NormalMixture, ...]:
        """Return the whole posterior of each seed's slope; takes some milliseconds per seed.

        Returns
        -------
        tuple of NormalMixture, length n_seeds
            In the order of `seeds`; like nodes are merged, which moves probabilities by at most 5e-6.
        """
        nodes, slopes = _slopes(self._model, self._grid)
        return seed_mixtures(self._model, nodes.sds, nodes.place, self._grid.weights, nodes.lines, slopes)

    def _draw(self, n: int, source: np.random.Generator) -> NestedDraws:
        """Return draws of all parameters together."""
        return draw_nested(self._model, self._grid, n, source)

    def _named(self) -> str:
        """Return what the main parameter is called."""
        return "mean slope"

    def _counted(self) -> str:
        """Return how many groups there are, in words."""
        return f"{len(self.seeds)} seeds in {len(self.conditions)} conditions"


def random_slopes_by_condition(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    seed: npt.ArrayLike,
    condition: npt.ArrayLike,
    *,
    mu_beta: LocationPrior,
    sigma: ScalePrior,
    sigma_seed_intercept: ScalePrior,
    sigma_seed_slope: ScalePrior,
    sigma_condition_slope: ScalePrior,
) -> NestedRandomSlopes:
    """Return the exact posterior of slopes that vary by condition, and within a condition by seed.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Knob and metric.
    seed, condition : array_like, shape (n,)
        Labels of each observation. A seed belongs to its condition: equal labels in two conditions are two seeds.
    mu_beta : Normal or FlatPrior
        Prior of the mean slope over conditions, in units of y per unit of x.
    sigma, sigma_seed_intercept, sigma_seed_slope, sigma_condition_slope : HalfNormal, HalfT, Exponential or FlatPrior
        Priors of the standard deviations.

    Returns
    -------
    NestedRandomSlopes
        Posterior of every slope, contrasts of conditions, draws and log evidence.

    Raises
    ------
    InputError
        If y does not vary around the seeds' lines, or the data cannot be used.
    OptionError
        If an argument is not a prior, or a flat prior leaves the posterior improper.

    Notes
    -----
    *Model.* ``y = alpha[c] + a[s] + (mu_beta + g[c] + b[s]) x + noise``, with ``alpha[c]`` flat,
    ``a ~ N(0, sigma_seed_intercept)``, ``b ~ N(0, sigma_seed_slope)``, ``g ~ N(0, sigma_condition_slope)``
    and ``noise ~ N(0, sigma)``, all independent given the standard deviations.

    *Assumptions.* Conditions are exchangeable, and so are the seeds of a condition; seeds and noise vary
    equally in all conditions. Within a seed, y follows a straight line in x.

    *What would fool it.* A control pooled with treatments is drawn towards them: model it apart. With two
    conditions their spread is hardly known, and its prior decides how far their slopes are pulled together.

    *Accuracy.* Means are right to 1e-4 posterior sds, sds to 1e-4 relative, unless `accurate` is False.

    References
    ----------
    .. [1] D. V. Lindley and A. F. M. Smith, "Bayes estimates for the linear model", Journal of the Royal
           Statistical Society B 34(1), 1-18, 1972. https://doi.org/10.1111/j.2517-6161.1972.tb00885.x

    Examples
    --------
    >>> from sigstats.priors import half_normal, normal
    >>> posterior = random_slopes_by_condition(
    ...     x=[0, 1, 2] * 4,
    ...     y=[0.1, 1.0, 2.2, 0.3, 0.9, 1.6, -0.2, 0.1, 0.9, 0.4, 0.3, 1.1],
    ...     seed=[1, 1, 1, 2, 2, 2] * 2,
    ...     condition=["a"] * 6 + ["b"] * 6,
    ...     mu_beta=normal(0, 1),
    ...     sigma=half_normal(1),
    ...     sigma_seed_intercept=half_normal(1),
    ...     sigma_seed_slope=half_normal(0.5),
    ...     sigma_condition_slope=half_normal(0.5),
    ... )
    >>> print(f"{posterior.contrast([1, -1]).prob_positive:.2f}")
    0.81
    """
    priors = dict(
        zip(SCALES, (sigma, sigma_seed_intercept, sigma_seed_slope, sigma_condition_slope), strict=True)
    )
    scales = tuple(as_scale_prior(name, prior) for name, prior in priors.items())
    groups, seeds, means = _reduce_nested(x, y, seed, condition)
    conditions = tuple(dict.fromkeys(pair[0] for pair in seeds))
    of_group = np.array([conditions.index(pair[0]) for pair in seeds], dtype=np.int64)
    model = NestedModel(
        groups=groups,
        condition=of_group,
        tables=tables_by_condition(groups, of_group),
        kind=_kinds(groups, of_group, len(conditions)),
        means=means,
        mu_beta=as_location_prior("mu_beta", mu_beta),
        scales=scales,  # type: ignore[arg-type]
    )
    moments = _existing_moments(model)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        # far from the mode anything may overflow; what matters is checked by the grid itself
        grid = integrate_nested(model, ranges_of_scales(groups, scales, model.units), moments)
        return _posterior(model, grid, moments, conditions, seeds)


def _reduce_nested(
    x: npt.ArrayLike, y: npt.ArrayLike, seed: npt.ArrayLike, condition: npt.ArrayLike
) -> tuple[Reduced, tuple[tuple[Any, Any], ...], FloatArray]:
    """Return reduced seeds, the pair of labels of each, and the condition means removed from y."""
    knob, metric = checks.vector("x", x, min_size=2), checks.vector("y", y, min_size=2)
    seeds, seed_of = checks.sorted_labels("seed", seed)
    conditions, condition_of = checks.sorted_labels("condition", condition)
    checks.same_size(x=knob, y=metric, seed=seed_of, condition=condition_of)
    size = float(np.abs(metric).max()) or 1.0
    order = np.lexsort((metric, condition_of))  # the same sum whatever the order of rows
    means = size * np.bincount(condition_of[order], metric[order] / size) / np.bincount(condition_of)
    groups = reduce_groups(knob, metric - means[condition_of], condition_of * len(seeds) + seed_of)
    if math.sqrt(groups.residual / groups.n_observations) * groups.unit_y <= 1e-15 * size:
        raise no_noise()
    rows, places = conditions.tolist(), seeds.tolist()
    pairs = tuple((rows[p // len(places)], places[p % len(places)]) for p in groups.labels.tolist())
    return groups, pairs, means


def _kinds(groups: Reduced, condition: IntArray, n_conditions: int) -> IntArray:
    """Return which conditions have seeds of the same designs."""
    designs = [tuple(sorted(groups.design[condition == c].tolist())) for c in range(n_conditions)]
    known = list(dict.fromkeys(designs))
    return np.array([known.index(design) for design in designs], dtype=np.int64)


def _existing_moments(model: NestedModel) -> tuple[int, ...]:
    """Return how many moments of each standard deviation exist; raise where the posterior does not."""
    groups, flat = model.groups, isinstance(model.mu_beta, FlatPrior)
    seeds, conditions = groups.labels.size, model.n_conditions
    sloped = groups.root[groups.design] > 0.0
    informed = len(set(model.condition[sloped].tolist()))
    likelihood = {
        (1,): seeds - conditions,
        (2,): int(sloped.sum()) - flat,
        (3,): informed - flat,
        (2, 3): int(sloped.sum()) - flat,
        (0, 1, 2, 3): groups.n_observations - conditions - flat,
    }
    likelihood |= {(0,): likelihood[0, 1, 2, 3], (1, 2): likelihood[1,] + likelihood[2,]}
    falls = [math.inf] * 4
    for which, power in likelihood.items():
        fall = power + sum(model.scales[j].tail for j in which) - (len(which) - 1)
        falls = [min(old, fall) if j in which else old for j, old in enumerate(falls)]
    for j in (3, 1, 2, 0):
        if falls[j] <= 1.0:
            raise OptionError(improper(SCALES[j], str(model.scales[j]), seeds))
    return tuple(map(moments_under, falls))


@dataclass(frozen=True, slots=True, kw_only=True)
class _InnerNodes:
    """Nodes of the first three standard deviations, and which of them each node of all four belongs to."""

    sds: FloatArray
    place: IntArray
    lines: ConditionLines


def _slopes(model: NestedModel, grid: ScaleGrid) -> tuple[_InnerNodes, NestedSlopes]:
    """Return the posterior of the conditions' slopes at the nodes, with the first three sds done once."""
    inner = np.ravel_multi_index(tuple(grid.index[:3]), grid.mass.shape[:3])
    new = np.diff(inner, prepend=-1) != 0  # nodes are in order
    place = np.cumsum(new) - 1
    sds = grid.points[:3, new]
    lines = condition_lines(model, sds)
    nodes = _InnerNodes(sds=sds, place=place, lines=lines)
    return nodes, nested_slopes(model, lines, place, grid.points[3])


def _contrast(model: NestedModel, grid: ScaleGrid, slopes: NestedSlopes, w: FloatArray) -> NormalMixture:
    """Return a weighted sum of the conditions' slopes, in data units."""
    each = slopes.keep.shape[0] > 1
    keep = w @ slopes.keep if each else float(w.sum()) * slopes.keep[0]
    spread = w**2 @ slopes.spread if each else float(w @ w) * slopes.spread[0]
    mean = w @ slopes.moments()[0]
    unit = model.groups.unit_slope
    return mixture(
        grid.weights,
        model.groups.line[1] * float(w.sum()) + unit * mean,
        unit * np.sqrt(spread + keep**2 * slopes.variance),
        finite_sd=np.asarray(True),
    )


def _posterior(
    model: NestedModel,
    grid: ScaleGrid,
    moments: tuple[int, ...],
    conditions: tuple[Any, ...],
    seeds: tuple[tuple[Any, Any], ...],
) -> NestedRandomSlopes:
    """Return the result in data units."""
    line, unit = model.groups.line[1], model.groups.unit_slope
    nodes, slopes = _slopes(model, grid)
    own, spread = slopes.moments()
    finite = np.asarray(not isinstance(model.mu_beta, FlatPrior) or moments[3] == 2)
    inside = condition_moments(own, spread, nodes.place, grid.weights)
    weights = np.asarray(np.bincount(nodes.place, grid.weights), dtype=np.float64)
    seed_mean, seed_sd = seed_slopes(model, nodes.sds, weights, nodes.lines, inside)
    sigma, intercept, seed_slope, condition_slope = (
        scale_marginal(axis, probability, unit=own, moments=count)
        for axis, probability, own, count in zip(grid.axes, grid.marginals, model.units, moments, strict=True)
    )
    return NestedRandomSlopes(
        mu_beta=mixture(
            grid.weights, line + unit * slopes.mean, unit * np.sqrt(slopes.variance), finite_sd=finite
        ),
        mean_slope=_contrast(model, grid, slopes, np.full(len(conditions), 1.0 / len(conditions))),
        condition_slope=mixture(
            grid.weights,
            line + unit * own,
            np.broadcast_to(unit * np.sqrt(spread), own.shape),
            finite_sd=np.asarray(True),
        ),
        sigma=sigma,
        sigma_seed_intercept=intercept,
        sigma_seed_slope=seed_slope,
        sigma_condition_slope=condition_slope,
        seed_slope_mean=line + unit * seed_mean,
        seed_slope_sd=unit * seed_sd,
        conditions=conditions,
        seeds=seeds,
        log_evidence=grid.log_integral,
        accurate=grid.accurate,
        error=grid.error,
        edge_mass=grid.edge_mass,
        priors={"mu_beta": str(model.mu_beta), **dict(zip(SCALES, map(str, model.scales), strict=True))},
        _model=model,
        _grid=grid,
    )
