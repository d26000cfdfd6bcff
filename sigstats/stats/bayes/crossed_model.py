"""Crossed slopes: the sums that tables of slopes enter by, and the density of the three standard deviations.

`sigstats.stats.bayes.crossed` says what the model is and makes the result.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError, OptionError
from sigstats.stats.bayes.priors import FlatPrior, ScalePrior
from sigstats.stats.bayes.slopes_model import improper, moments_under
from sigstats.stats.checks import FloatArray

SCALES = ("sigma_rest", "sigma_seed", "sigma_item")
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
        total = np.asarray(self.log_constant)
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


def crossed_model(
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


def existing_moments(model: CrossedModel) -> tuple[int, ...]:
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
