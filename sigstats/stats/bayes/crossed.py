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

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.bayes.compaction import compacted
from sigstats.stats.bayes.grid_draws import draw_scales
from sigstats.stats.bayes.marginals import NormalMixture, ScaleMarginal, mixture, scale_marginal
from sigstats.stats.bayes.posterior import Posterior
from sigstats.stats.bayes.priors import FlatPrior, ScalePrior, as_scale_prior
from sigstats.stats.bayes.quadrature import ScaleGrid, integrate_scales
from sigstats.stats.bayes.slopes_model import improper, moments_under
from sigstats.stats.checks import FloatArray

SCALES = ("sigma_rest", "sigma_seed", "sigma_item")
_STEP = 0.8
_SD_CELL = (
    0.01  # width, in log sds and in sds, of the cells in which nodes are merged for the slopes of items
)
_MEAN_CELL = 1.0 / 30.0
_ROUNDING = 1e-14  # of the largest slope: what is smaller is no variation


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedModel:
    """The sums that the slopes of runs and items enter by, in units of `unit`, and the priors."""

    means: tuple[FloatArray, ...]  # of each condition, shape (n_runs,): mean slope of each run over the items
    items: FloatArray  # shape (n_items,): weighted sum over conditions of each item's mean over runs
    weights: FloatArray  # shape (n_conditions,)
    kappa: float  # sum over conditions of squared weight over number of runs
    # sums of squares and degrees of freedom of rest, runs (their means) and items
    squares: tuple[float, float, float]
    df: tuple[float, float, float]
    unit: float
    scales: tuple[ScalePrior, ScalePrior, ScalePrior]  # of rest, runs and items, in data units

    @property
    def centre(self) -> float:
        """Weighted sum of the conditions' means."""
        return float(self.items.mean())

    def variances(self, rest: FloatArray, seed: FloatArray, item: FloatArray) -> tuple[FloatArray, ...]:
        """Return the variances of a cell's rest, of a run's mean, and of an item's weighted sum."""
        noise = rest * rest
        return noise, seed * seed + noise / self.items.size, item * item + self.kappa * noise

    def log_density(self, *log_sds: FloatArray) -> FloatArray:
        """Return the log density of the slopes and of the log standard deviations, which are in internal units."""
        total = self.log_constant
        for which, log_sd in enumerate(log_sds):
            total = total + self.log_prior(which, log_sd)
        variances = self.variances(*(np.exp(log_sd) for log_sd in log_sds))
        for which, variance in enumerate(variances):
            total = total + self.log_likelihood(which, variance)
        return np.asarray(total)

    def log_likelihood(self, which: int, variance: FloatArray) -> FloatArray:
        """Return the log density of the sums of rest, runs or items given their variance."""
        return np.asarray(-0.5 * (self.df[which] * np.log(variance) + self.squares[which] / variance))

    def log_prior(self, which: int, log_sd: FloatArray) -> FloatArray:
        """Return the log prior density of one log standard deviation."""
        return np.asarray(
            self.scales[which].logpdf(self.unit * np.exp(log_sd)) + log_sd + math.log(self.unit)
        )

    @property
    def log_constant(self) -> float:
        """Logs that do not depend on the standard deviations, for slopes in orthogonal coordinates and data units."""
        _, runs, items = self.df
        n_items = self.items.size
        scaled = runs * math.log(n_items) - items * math.log(self.kappa)
        flat = math.log(n_items) - math.log(self.kappa)
        return -0.5 * (scaled + flat + sum(self.df) * math.log(2.0 * math.pi)) - sum(self.df) * math.log(
            self.unit
        )


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
    1.11 +- 0.53
    """
    priors = dict(zip(SCALES, (sigma_rest, sigma_seed, sigma_item), strict=True))
    scales = tuple(as_scale_prior(name, prior) for name, prior in priors.items())
    model = _model(slopes, checks.vector("weights", weights), scales)  # type: ignore[arg-type]
    moments = _existing_moments(model)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        grid = integrate_scales(model.log_density, ranges_of(model), moments=moments, step=_STEP)
        return _posterior(model, grid, moments)


def _model(
    slopes: Sequence[npt.ArrayLike], weights: FloatArray, scales: tuple[ScalePrior, ScalePrior, ScalePrior]
) -> CrossedModel:
    """Return the sums of checked tables in internal units."""
    tables = [np.asarray(each, dtype=np.float64) for each in slopes]
    _check(tables, weights)
    size = max(float(np.abs(each).max()) for each in tables)
    tables = [each / size for each in tables] if size else tables
    n_items = tables[0].shape[1]
    left = [t - t.mean(axis=0) - t.mean(axis=1)[:, None] + t.mean() for t in tables]
    rest = math.fsum(float((each**2).sum()) for each in left)
    df = float(sum((len(each) - 1) * (n_items - 1) for each in tables))
    if not math.sqrt(rest / df) > _ROUNDING:
        raise no_rest()
    unit = math.sqrt(rest / df)
    means = tuple(each.mean(axis=1) / unit for each in tables)
    items = np.sum([w * each.mean(axis=0) for w, each in zip(weights, tables, strict=True)], axis=0) / unit
    by_run = math.fsum(float(((each - each.mean()) ** 2).sum()) for each in means)
    return CrossedModel(
        means=means,
        items=items,
        weights=weights,
        kappa=float(sum(w * w / len(each) for w, each in zip(weights, tables, strict=True))),
        squares=(rest / unit**2, by_run, float(((items - items.mean()) ** 2).sum())),
        df=(df, float(sum(len(each) - 1 for each in tables)), float(n_items - 1)),
        unit=unit * (size or 1.0),
        scales=scales,
    )


def no_rest() -> InputError:
    """Return the error for slopes that runs and items explain to the last digit."""
    return InputError(
        "the slopes do not vary beyond what runs and items share, so that there is no rest to judge them by. Pass the "
        "metric unrounded if it was rounded, and leave out items that are constant."
    )


def _check(tables: Sequence[FloatArray], weights: FloatArray) -> None:
    """Raise for tables that do not fit together."""
    shapes = tuple(each.shape for each in tables)
    if len(tables) != weights.size or not weights.any():
        raise InputError(
            f"`weights` is {tuple(weights.tolist())} and there are {len(tables)} tables; each table needs one weight, "
            "and one of them must differ from 0."
        )
    if any(len(shape) != 2 or min(shape) < 2 or shape[1] != shapes[0][1] for shape in shapes):
        raise InputError(
            f"`slopes` holds tables of shapes {shapes}; each must have at least 2 runs and 2 items, and the items of "
            "the first."
        )
    if not all(np.isfinite(each).all() for each in tables):
        raise InputError("`slopes` holds values that are not finite; leave out items that some run lacks.")


def ranges_of(model: CrossedModel) -> list[tuple[float, float]]:
    """Return where the log standard deviations may lie: from the prior's size to the data's."""
    noise = 1.0
    sizes = (
        noise,
        math.sqrt(max(model.squares[1] / model.df[1], noise / model.items.size)),
        math.sqrt(max(model.squares[2] / model.df[2], noise * model.kappa)),
    )
    found = []
    for size, prior in zip(sizes, model.scales, strict=True):
        typical = size if isinstance(prior, FlatPrior) else float(prior.quantile(0.5)) / model.unit
        found.append((math.log(min(size, typical)), math.log(size)))
    return found


def _existing_moments(model: CrossedModel) -> tuple[int, ...]:
    """Return how many moments of each standard deviation exist; raise where the posterior does not."""
    rest, run, item = model.df
    likelihood = {(1,): run, (2,): item, (1, 2): run + item}
    likelihood |= {(0, *others): rest + run + item for others in ((), (1,), (2,), (1, 2))}
    falls = [math.inf] * 3
    for which, power in likelihood.items():
        fall = power + sum(model.scales[j].tail for j in which) - (len(which) - 1)
        falls = [min(old, fall) if j in which else old for j, old in enumerate(falls)]
    for j in (1, 2, 0):
        if falls[j] <= 1.0:
            count = int(model.df[j]) + 1
            raise OptionError(improper(SCALES[j], str(model.scales[j]), count))
    return tuple(map(moments_under, falls))


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
    total = np.bincount(place, weights)
    kept = total > 0.0
    return (
        total[kept],
        np.asarray(np.bincount(place, weights * keep)[kept] / total[kept]),
        np.asarray(np.bincount(place, weights * variance)[kept] / total[kept]),
    )
