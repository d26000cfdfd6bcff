"""One role of a sweep whose runs were all measured on the same items, and the crossed model fitted to it.

Each run and item has a least-squares slope, one number, so that nothing is assumed about levels or about noise along
the knob. `sigstats.stats.bayes.crossed` makes the posterior; here it looks like that of a role without items.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import InputError, OptionError
from sigstats.evidence.conditions import Condition, Sweep
from sigstats.evidence.scales import metric_scale, on_metric_scale
from sigstats.signature.signature import Signature
from sigstats.stats.bayes.compaction import compacted
from sigstats.stats.bayes.crossed import CrossedSlopes, crossed_slopes
from sigstats.stats.bayes.crossed_contrast import CrossedContrast, crossed_contrast
from sigstats.stats.bayes.marginals import NormalMixture, ScaleMarginal
from sigstats.stats.bayes.priors import ScalePrior, half_cauchy
from sigstats.stats.scores.linear import linear_scores, score_sd_factor
from sigstats.studies.slopes.crossed_sums import item_scale, items_of, kappa_of, rest_sd
from sigstats.studies.slopes.crossing import SlopeSplit
from sigstats.studies.slopes.fit import RawSlope, inaccurate, refuse_copies
from sigstats.studies.slopes.item_table import ItemTable

FloatArray = NDArray[np.float64]

SDS = {
    "sigma_beta": "slopes of the seeds of a condition",
    "sigma_item": "slopes of the items",
    "sigma_rest": "the rest: one seed on one item",
}
ENGINE = {"sigma_beta": "sigma_seed", "sigma_item": "sigma_item", "sigma_rest": "sigma_rest"}
Chosen = Mapping[str, ScalePrior | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedFit:
    """Posterior of the slopes of the treatments or of the controls, over seeds and items."""

    role: str  # "treatment" or "control"
    arms: tuple[Condition, ...]  # the conditions; a seed's score is the mean over its items
    items: tuple[str, ...]
    slopes: tuple[FloatArray, ...] = field(
        repr=False
    )  # of each condition, shape (n_seeds, n_items), metric units
    chosen: Chosen  # priors that were given
    priors: Mapping[str, ScalePrior]  # as used, in units of the metric
    posterior: CrossedSlopes = field(repr=False)  # of the mean over the conditions
    scale: float  # units of the metric per unit of the arms' scores

    @property
    def slope(self) -> NormalMixture:
        """Mean slope of the conditions over new seeds and new items."""
        return self.posterior.mean_slope

    @property
    def sds(self) -> dict[str, ScaleMarginal]:
        """Posterior of each standard deviation."""
        return {name: getattr(self.posterior, own) for name, own in ENGINE.items()}

    def further(self, name: str) -> tuple[tuple[str, NormalMixture, RawSlope], ...]:
        """Return other means beside that of the conditions: that on these items."""
        raw = self._raw(_equal(self), these=True)
        return ((f"{name}, on these items", self.posterior.these_items, raw),)

    def condition_slopes(self) -> tuple[NormalMixture, ...]:
        """Return the posterior of each condition's slope over new seeds and new items."""
        return tuple(each.mean_slope for each in self.each())

    def each(self) -> tuple[CrossedSlopes, ...]:
        """Return the posterior of each condition; runs and rest share their spreads with the other conditions."""
        if len(self.arms) == 1:
            return (self.posterior,)
        return tuple(self._posterior(weights, self._priors(weights)) for weights in np.eye(len(self.arms)))

    def seed_slopes(self) -> tuple[NormalMixture, ...]:
        """Return the posterior of each seed's slope on these items."""
        found = self.posterior.seed_slope
        return tuple(compacted(found.entry(i)) for i in range(len(found.means)))

    def noise_sd(self) -> float:
        """Return the sd of what seeds and items leave, in units of the metric."""
        return self.scale * rest_sd(self.common)

    @property
    def common(self) -> tuple[FloatArray, ...]:
        """The slopes in units of the arms' scores, in which squares neither overflow nor vanish."""
        return tuple(each / self.scale for each in self.slopes)

    def raw(self, place: int) -> RawSlope:
        """Return the mean of a condition's slopes, and its standard error over new seeds and items."""
        return self._raw(np.eye(len(self.arms))[place], these=False)

    def raw_mean(self) -> RawSlope:
        """Return the mean over conditions of their raw slopes, and its standard error over new seeds and items."""
        return self._raw(_equal(self), these=False)

    def again(self, name: str, factor: float) -> "CrossedFit":
        """Return the role fitted again under another scale of one prior."""
        if factor == 1.0 or name not in self.priors:
            return self
        priors = {**self.priors, name: self.priors[name].rescaled(factor)}
        return replace(self, priors=priors, posterior=self._posterior(_equal(self), priors))

    def split(self) -> SlopeSplit:
        """Return where the variance of the mean slope comes from."""
        medians = [float(posterior.quantile(0.5)) / self.scale for posterior in self.sds.values()]
        seed, item, rest = (median**2 for median in medians)
        kappa = self.posterior.model.kappa
        parts = np.array([kappa * seed, item / len(self.items), kappa * rest / len(self.items)])
        seeds, items, left = (float(part) for part in parts / parts.sum())
        return SlopeSplit(seeds=seeds, items=items, rest=left)

    def _posterior(self, weights: FloatArray, priors: Mapping[str, ScalePrior]) -> CrossedSlopes:
        """Return the posterior of a weighted sum of the conditions."""
        return posterior_of(self.slopes, weights, priors, self.role)

    def _priors(self, weights: FloatArray) -> dict[str, ScalePrior]:
        """Return the priors for a weighted sum of the conditions."""
        return {**self.priors, "sigma_item": self.chosen.get("sigma_item") or _item_prior([self], [weights])}

    def _raw(self, weights: FloatArray, *, these: bool) -> RawSlope:
        """Return a weighted sum of the conditions' means and its standard error."""
        return _raw_sum([self], [weights], [1.0], these=these)


Fits = Sequence[CrossedFit]


def fit_crossed(
    sweep: Sweep, signature: Signature, table: ItemTable, role: str, chosen: Chosen
) -> CrossedFit:
    """Fit the treatments, or the controls."""
    arms = sweep.treatments if role == "treatment" else sweep.controls
    refuse_copies(arms, role)
    factors = np.array([arm.sd_factors[0] for arm in arms])
    if np.ptp(factors) > 1e-9 * factors.max():
        raise OptionError(
            f"the {role}s {tuple(arm.name for arm in arms)} were swept at different levels, so that their slopes are "
            "not known equally well, as crossed slopes need. Ask for one of them at a time, or select common levels "
            "with `where`."
        )
    slopes = tuple(_slopes(sweep, signature, table, arm) for arm in arms)
    _require_rest(slopes, table, role)
    n_items = len(table.items)
    arms = tuple(
        replace(arm, scores=each.mean(axis=1) / sweep.scale, sd_factors=np.full(len(each), n_items**-0.5))
        for arm, each in zip(arms, slopes, strict=True)
    )
    weights = np.full(len(arms), 1.0 / len(arms))
    priors = default_priors(slopes, sweep.scale) | {
        name: prior for name, prior in chosen.items() if prior is not None
    }
    return CrossedFit(
        role=role,
        arms=arms,
        items=table.items,
        slopes=slopes,
        chosen=chosen,
        priors=priors,
        posterior=posterior_of(slopes, weights, priors, role),
        scale=sweep.scale,
    )


def posterior_of(
    slopes: tuple[FloatArray, ...], weights: FloatArray, priors: Mapping[str, ScalePrior], role: str
) -> CrossedSlopes:
    """Return the posterior of a weighted sum of conditions, or raise where it is not accurate."""
    given = {ENGINE[name]: prior for name, prior in priors.items()}
    found = crossed_slopes(slopes, weights, **given)
    if not found.accurate:
        raise inaccurate(f"{role}s", found.error, found.edge_mass, found.priors)
    return found


def contrast_of(fits: Fits, factor: float = 1.0) -> CrossedContrast:
    """Return treatments minus controls over new seeds and new items; `factor` rescales the prior of the items."""
    weights = [_equal(each) for each in fits]
    prior = (fits[0].chosen.get("sigma_item") or _item_prior(fits, weights)).rescaled(factor)
    found = crossed_contrast(fits[0].posterior, fits[1].posterior, sigma_item=prior)
    if not found.accurate:
        raise inaccurate("contrast", found.error, math.nan, {"sigma_item": str(prior)})
    return found


def raw_difference(fits: Fits, *, these: bool) -> RawSlope:
    """Return the difference of the raw slopes of treatments and controls, and its standard error."""
    return _raw_sum(fits, [_equal(each) for each in fits], [1.0, -1.0], these=these)


def _raw_sum(fits: Fits, weights: Sequence[FloatArray], signs: Sequence[float], *, these: bool) -> RawSlope:
    """Return a weighted sum of means and its standard error: over new seeds, or also over new items.

    The second is that of the two-way analysis of variance, and never smaller than either part alone.
    """
    value, runs, rest = 0.0, 0.0, 0.0
    for fitted, own, sign in zip(fits, weights, signs, strict=True):
        for weight, arm in zip(own, fitted.arms, strict=True):
            value += sign * weight * float(arm.scores.mean())
            runs += weight**2 * float(arm.scores.var(ddof=1)) / arm.n_seeds
        rest += rest_sd(fitted.common) ** 2 * kappa_of(own, fitted.common)
    scale = fits[0].scale
    if these:
        return RawSlope(value=scale * value, error=scale * math.sqrt(runs))
    parts = zip(fits, weights, signs, strict=True)
    per_item = np.sum([sign * items_of(own, each.common) for each, own, sign in parts], axis=0)
    items = float(per_item.var(ddof=1)) / per_item.size
    total = max(runs + items - rest / per_item.size, runs, items)
    return RawSlope(value=scale * value, error=scale * math.sqrt(total))


def _slopes(sweep: Sweep, signature: Signature, table: ItemTable, arm: Condition) -> FloatArray:
    """Return the slope of each seed on each item over the swept range, oriented, in units of the metric."""
    rows = [table.seeds[arm.name].index(seed) for seed in arm.seeds]
    used = ~np.isnan(arm.curves).any(axis=0)
    places = np.searchsorted(table.table.levels, sweep.levels[used])
    values = table.blocks[arm.name][rows][:, :, places]
    values = on_metric_scale(values, metric_scale(signature), table.table.metric)
    curves = (values / sweep.scale - sweep.centre).reshape(-1, places.size)
    # The range of a condition may be its own; its factor tells which knob its scores were made with.
    own = float(arm.sd_factors[0] / score_sd_factor(arm.curves[:1], sweep.x)[0])
    scores = linear_scores(curves, sweep.x[used]).reshape(values.shape[:2])
    return np.asarray(scores * own * sweep.orientation * sweep.scale)


def _require_rest(slopes: tuple[FloatArray, ...], table: ItemTable, role: str) -> None:
    """Raise where runs and items explain all slopes but for rounding."""
    largest = max(float(np.nanmax(np.abs(block))) for block in table.blocks.values())
    rest = max(
        float(np.abs(each - each.mean(axis=0) - each.mean(axis=1)[:, None] + each.mean()).max())
        for each in slopes
    )
    if not rest > 256 * np.finfo(float).eps * largest:
        raise InputError(
            f"the slopes of the {role}s do not vary beyond what seeds and items share, so that nothing tells how well "
            "they are known. Leave out items that are constant, and pass the metric unrounded if it was rounded."
        )


def default_priors(slopes: Sequence[FloatArray], scale: float = 1.0) -> dict[str, ScalePrior]:
    """Return half-Cauchy priors whose scales come from the data."""
    common = tuple(each / scale for each in slopes)
    noise, n_items = rest_sd(common), common[0].shape[1]
    squares = sum(float(((each.mean(axis=1) - each.mean()) ** 2).sum()) for each in common)
    spread = math.sqrt(squares / sum(len(each) - 1 for each in common))
    weights = np.full(len(common), 1.0 / len(common))
    return {
        "sigma_beta": half_cauchy(scale * max(2.0 * noise / math.sqrt(n_items), spread)),
        "sigma_item": half_cauchy(scale * item_scale([common], [weights])),
        "sigma_rest": half_cauchy(scale * 2.0 * noise),
    }


def _item_prior(fits: Fits, weights: Sequence[FloatArray]) -> ScalePrior:
    """Return a half-Cauchy prior of the items' part in a weighted sum, or in the difference of two."""
    return half_cauchy(fits[0].scale * item_scale([each.common for each in fits], weights))


def _equal(fitted: CrossedFit) -> FloatArray:
    """Return the weights of the mean over conditions."""
    return np.full(len(fitted.arms), 1.0 / len(fitted.arms))
