"""Crossed slopes: every run was measured on every item, and both vary.

Each run and item has a slope. In the complete table of one condition it splits into the condition's mean slope, a part
of the run, a part of the item, and the rest, which holds what this run does on this item and the noise. The sums of
squares of runs, items and rest are then sufficient: given the three standard deviations the mean slope is normal around
the mean of the table, and the three are integrated out on a grid that measures its own error.

Several conditions are asked one question at a time: a weighted sum of them. Its item part is the weighted sum of the
item's slopes, with a standard deviation of its own, so that nothing is assumed about how these agree over conditions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sigstats.stats import checks
from sigstats.stats.bayes.compaction import compacted
from sigstats.stats.bayes.crossed_model import (
    SCALES,
    CrossedModel,
    crossed_model,
    existing_moments,
    ranges_of,
)
from sigstats.stats.bayes.grid_draws import draw_scales
from sigstats.stats.bayes.marginals import NormalMixture, ScaleMarginal, mixture, scale_marginal
from sigstats.stats.bayes.posterior import Posterior
from sigstats.stats.bayes.priors import ScalePrior, as_scale_prior
from sigstats.stats.bayes.quadrature import ScaleGrid, integrate_scales
from sigstats.stats.checks import FloatArray

_STEP = 0.8
_SD_CELL = (
    0.01  # width, in log sds and in sds, of the cells in which nodes are merged for the slopes of items
)
_MEAN_CELL = 1.0 / 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedDraws:
    """Joint posterior draws of crossed slopes, in data units."""

    mean_slope: FloatArray  # mean_slope, these_items: shape (n_draws,): over new items, and over these
    these_items: FloatArray
    seed_slope: (
        FloatArray  # shape (n_draws, n_runs): of each run over these items, conditions one after another
    )
    item_slope: FloatArray  # shape (n_draws, n_items): of each item over new runs
    sigma_seed: FloatArray  # sigma_seed, sigma_item, sigma_rest: shape (n_draws,)
    sigma_item: FloatArray
    sigma_rest: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedSlopes(Posterior[CrossedDraws]):
    """Posterior of slopes of runs and items that are crossed; `Posterior` describes the rest of its attributes.

    Attributes
    ----------
    mean_slope : NormalMixture
        Mean slope over new runs and new items.
    these_items : NormalMixture
        Mean slope over new runs, on the items at hand.
    seed_slope : NormalMixture
        Slope of each run on the items at hand, conditions one after another.
    sigma_seed, sigma_item, sigma_rest : ScaleMarginal
        Standard deviations of the slopes of runs and of items, and of the rest of a cell's slope.
    """

    mean_slope: NormalMixture
    these_items: NormalMixture
    seed_slope: NormalMixture
    sigma_seed: ScaleMarginal
    sigma_item: ScaleMarginal
    sigma_rest: ScaleMarginal
    method: str = "trapezoidal rule over the standard deviations, all else in closed form"
    _model: CrossedModel = field(repr=False)
    _grid: ScaleGrid = field(repr=False)

    _MAIN = "mean_slope"
    _SCALARS = ("mean_slope", "these_items", "sigma_seed", "sigma_item", "sigma_rest")
    _VECTORS = ("seed_slope",)

    @property
    def model(self) -> CrossedModel:
        """The sums of the data and the priors."""
        return self._model

    @property
    def grid(self) -> ScaleGrid:
        """The grid of the standard deviations: rest, runs, items."""
        return self._grid

    def item_slopes(self) -> NormalMixture:
        """Return the slope of each item over new runs, like nodes merged.

        Returns
        -------
        NormalMixture
            One entry per item, in the order given; of several conditions, of their weighted sum.
        """
        model, (rest, seed, item) = self._model, self._grid.points
        _, of_run, of_item = model.variances(rest, seed, item)
        keep = item**2 / of_item
        own = model.kappa * (rest**2 * keep * (1.0 - 1.0 / model.items.size) + of_run)
        away = (model.items - model.centre)[:, None]
        weights, keep, own = _merged(self._grid.weights, keep, own, float(np.abs(away).max()))
        means = model.centre + keep * away
        sds = np.broadcast_to(np.sqrt(own), means.shape)
        return mixture(
            weights,
            model.unit * means,
            model.unit * sds,
            finite_sd=np.asarray(math.isfinite(self.these_items.sd)),
        )

    def _draw(self, n: int, source: np.random.Generator) -> CrossedDraws:
        """Return draws of all parameters together."""
        model, unit = self._model, self._model.unit
        rest, seed, item = draw_scales(self._grid, model.log_density, n, source)
        _, of_run, of_item = model.variances(rest, seed, item)
        normal = source.standard_normal
        runs, total = [], np.zeros(n)
        keep_run = (seed**2 / of_run)[:, None]
        for means, weight in zip(model.means, model.weights, strict=True):
            mean = means.mean() + np.sqrt(of_run / means.size) * normal(n)
            total = total + weight * mean
            spread = np.sqrt(keep_run * (rest**2 / model.items.size)[:, None])
            runs.append(
                keep_run * means + (1.0 - keep_run) * mean[:, None] + spread * normal((n, means.size))
            )
        keep = (item**2 / of_item)[:, None]
        shifts = np.sqrt(keep * model.kappa * rest[:, None] ** 2) * normal((n, model.items.size))
        shifts -= shifts.mean(axis=1, keepdims=True)
        items = total[:, None] + keep * (model.items - model.centre) + shifts
        return CrossedDraws(
            mean_slope=unit * (total + item / math.sqrt(model.items.size) * normal(n)),
            these_items=unit * total,
            seed_slope=unit * np.concatenate(runs, axis=1),
            item_slope=unit * items,
            sigma_seed=unit * seed,
            sigma_item=unit * item,
            sigma_rest=unit * rest,
        )

    def _named(self) -> str:
        """Return what the main parameter is called."""
        return "mean slope"

    def _counted(self) -> str:
        """Return how many groups there are, in words."""
        return f"{sum(each.size for each in self._model.means)} runs on {self._model.items.size} items"


def crossed_slopes(
    slopes: Sequence[npt.ArrayLike],
    weights: npt.ArrayLike,
    *,
    sigma_seed: ScalePrior,
    sigma_item: ScalePrior,
    sigma_rest: ScalePrior,
) -> CrossedSlopes:
    """Return the exact posterior of a mean slope where runs and items are crossed.

    Parameters
    ----------
    slopes : sequence of array_like, shape (n_runs, n_items) each
        Slope of each run on each item, one complete table per condition, all on the same items; numbers of runs may
        differ.
    weights : array_like, shape (n_conditions,)
        Weights of the sum of conditions that is asked for: equal ones for their mean, one 1 for a single condition.
    sigma_seed, sigma_item, sigma_rest : HalfNormal, HalfT, Exponential or FlatPrior
        Priors of the standard deviations of the runs' slopes, of the items' weighted sums, and of the rest of a cell.

    Returns
    -------
    CrossedSlopes
        Posterior of the mean slope over new runs and items, over new runs on these items, of runs and items.

    Raises
    ------
    InputError
        If tables do not fit together, or slopes do not vary beyond what runs and items share.
    OptionError
        If an argument is not a prior, or a flat prior leaves the posterior improper.

    Notes
    -----
    *Model.* ``slope[c, r, i] = beta[c] + run[c, r] + item[c, i] + rest[c, r, i]``, with ``beta`` flat, ``run ~ N(0,
    sigma_seed)``, ``rest ~ N(0, sigma_rest)`` and ``sum_c weights[c] item[c, i] ~ N(0, sigma_item)``.

    *Assumptions.* Runs are exchangeable and independent, also over conditions, with one spread in all of them; so are
    items; the rest is independent normal noise of one sd. *What would fool it.* Items in groups that move together,
    such as questions on one text, count as independent.

    *Accuracy.* Means are right to 1e-4 posterior sds, sds to 1e-4 relative, unless `accurate` is False.

    References
    ----------
    .. [1] R. H. Baayen, D. J. Davidson and D. M. Bates, "Mixed-effects modeling with crossed random effects for
           subjects and items", Journal of Memory and Language 59(4), 390-412, 2008.
           https://doi.org/10.1016/j.jml.2007.12.005
    .. [2] G. E. P. Box and G. C. Tiao, "Bayesian Inference in Statistical Analysis", 1973, chapter 6.
           https://doi.org/10.1002/9781118033197

    Examples
    --------
    >>> from sigstats.priors import half_normal
    >>> posterior = crossed_slopes(
    ...     [[[1.2, 0.4, 2.1, 1.0], [0.9, 0.1, 1.6, 0.8], [1.4, 0.7, 2.0, 1.1]]],
    ...     [1.0],
    ...     sigma_seed=half_normal(1),
    ...     sigma_item=half_normal(1),
    ...     sigma_rest=half_normal(1),
    ... )
    >>> print(f"{posterior.mean_slope.mean:.2f} +- {posterior.mean_slope.sd:.2f}")
    1.11 +- 0.54
    """
    priors = dict(zip(SCALES, (sigma_rest, sigma_seed, sigma_item), strict=True))
    scales = tuple(as_scale_prior(name, prior) for name, prior in priors.items())
    model = crossed_model(slopes, checks.vector("weights", weights), scales)  # type: ignore[arg-type]
    moments = existing_moments(model)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        grid = integrate_scales(model.log_density, ranges_of(model), moments=moments, step=_STEP)
        return _posterior(model, grid, moments)


def _posterior(model: CrossedModel, grid: ScaleGrid, moments: tuple[int, ...]) -> CrossedSlopes:
    """Return the result in data units."""
    unit, n_items = model.unit, model.items.size
    rest, seed, item = grid.points
    _, of_run, _ = model.variances(rest, seed, item)
    these = model.kappa * of_run
    finite = np.asarray(min(moments) == 2)
    finite_these = np.asarray(min(moments[:2]) == 2)
    runs, spreads = [], []
    keep = seed**2 / of_run
    for means in model.means:
        runs.append(means.mean() + keep * (means - means.mean())[:, None])
        own = keep * rest**2 / n_items + (1.0 - keep) ** 2 * of_run / means.size
        spreads.append(np.broadcast_to(np.sqrt(own), (means.size, own.size)))
    sds = [
        scale_marginal(axis, probability, unit=unit, moments=count)
        for axis, probability, count in zip(grid.axes, grid.marginals, moments, strict=True)
    ]
    return CrossedSlopes(
        mean_slope=_around(model, grid.weights, these + item**2 / n_items, finite),
        these_items=_around(model, grid.weights, these, finite_these),
        seed_slope=mixture(
            grid.weights, unit * np.concatenate(runs), unit * np.concatenate(spreads), finite_sd=finite_these
        ),
        sigma_rest=sds[0],
        sigma_seed=sds[1],
        sigma_item=sds[2],
        log_evidence=grid.log_integral,
        accurate=grid.accurate,
        error=grid.error,
        edge_mass=grid.edge_mass,
        priors=dict(zip(SCALES, map(str, model.scales), strict=True)),
        _model=model,
        _grid=grid,
    )


def _around(
    model: CrossedModel, weights: FloatArray, variance: FloatArray, finite: npt.NDArray[np.bool_]
) -> NormalMixture:
    """Return the mixture of normals around the centre of the table, in data units."""
    means = np.full(variance.size, model.unit * model.centre)
    return compacted(mixture(weights, means, model.unit * np.sqrt(variance), finite_sd=finite))


def _merged(
    weights: FloatArray, keep: FloatArray, variance: FloatArray, farthest: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return nodes with those merged whose sds, and whose means of the farthest item, are alike.

    The widths are those of `compaction`, and so is the error: a few millionths of a probability.
    """
    row = np.floor(0.5 * np.log(variance) / _SD_CELL)
    column = np.floor(keep * farthest / (_MEAN_CELL * np.exp(_SD_CELL * row)))
    place = np.unique(np.array([row, column]), axis=1, return_inverse=True)[1].ravel()
    total = np.asarray(np.bincount(place, weights), dtype=np.float64)
    kept = total > 0.0
    return (
        total[kept],
        np.asarray(np.bincount(place, weights * keep)[kept] / total[kept]),
        np.asarray(np.bincount(place, weights * variance)[kept] / total[kept]),
    )
