"""The three lines of evidence for the mean of the treatments: trend, interval, slopes."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.evidence.conditions import Condition
from sigstats.evidence.results import Design, Estimate, IntervalEvidence, SlopesEvidence, TrendEvidence
from sigstats.stats.blocks import agreed, beside, plain, seen_cells
from sigstats.stats.classical.sign_flips import flip_pvalue
from sigstats.stats.scores.combine import TINY, Combination, combine, influence, welch
from sigstats.stats.scores.linear import (
    Residuals,
    kendall_null_variance,
    residuals_independent,
    residuals_repeated,
)
from sigstats.stats.scores.mean_posterior import mean_posterior
from sigstats.stats.scores.typical_sd import typical_sd_independent, typical_sd_repeated

FloatArray = NDArray[np.float64]

EXACT_FROM = 6
FLIPPED_UP_TO = 1000
NAN = float("nan")
REPEATED = "the seed: one score each"
INDEPENDENT = "the run: level means with a variance of their own"
DEALT = "the run: runs dealt at random into curves, one score each"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSetting:
    """What every line of evidence needs to know besides the conditions."""

    design: Design
    alpha: float
    # Units of the metric per unit of the common scale.
    scale: float
    unit: str
    # Whether independent runs were dealt into curves, which then stand for seeds.
    dealt: bool = False
    # Factor on the default scale of the prior on the sd between seeds.
    prior_scale: float = 1.0
    # Whether only what decides is computed, and nothing that reports alone show.
    brief: bool = False

    @property
    def confidence(self) -> float:
        """Two-sided confidence of the intervals."""
        return 1.0 - 2.0 * self.alpha

    @property
    def replicate(self) -> str:
        """What counts as one independent observation."""
        if self.dealt:
            return DEALT
        return REPEATED if self.design == "repeated" else INDEPENDENT

    def estimate(self, combination: Combination) -> Estimate:
        """Return a combination in units of the metric."""
        low, high = combination.interval(self.confidence)
        return self.measured(combination.estimate, low, high)

    def measured(self, value: float, low: float = np.nan, high: float = np.nan) -> Estimate:
        """Return numbers of the common scale in units of the metric."""
        if np.ndim(low) == np.ndim(high) == 0 and np.isnan(low) and np.isnan(high):
            ends = NAN, NAN  # of all tables
        else:
            ends = plain(low * self.scale), plain(high * self.scale)
        return Estimate(
            value=plain(value * self.scale),
            low=ends[0],
            high=ends[1],
            confidence=self.confidence,
            unit=self.unit,
        )


def share_all_seeds(conditions: Sequence[Condition]) -> bool:
    """Return whether all conditions were run with exactly the same seeds."""
    return all(np.array_equal(each.ids, conditions[0].ids) for each in conditions[1:])


def mean_effect(conditions: Sequence[Condition], design: Design, *, which: str = "scores") -> Combination:
    """Return the equal-weight mean of a score over conditions."""
    weights = [1.0 / len(conditions)] * len(conditions)
    if design == "independent":
        return welch([each.effect for each in conditions if each.effect is not None], weights)
    return combine([getattr(each, which) for each in conditions], [each.ids for each in conditions], weights)


def mean_ends(conditions: Sequence[Condition]) -> Combination | None:
    """Return the equal-weight mean of last minus first level; None unless every condition has both ends."""
    ends = [each.ends for each in conditions if each.ends is not None]
    if len(ends) < len(conditions):
        return None
    mean = welch(ends, [1.0 / len(conditions)] * len(conditions))
    if len(conditions) == 1 or not _any_shared(conditions):
        return mean
    # A safeguard: where seeds are shared, the variance of perfectly correlated conditions bounds that of the mean.
    se = sum(end.se for end in ends) / len(conditions)
    least = functools.reduce(np.minimum, [end.df for end in ends])
    return Combination(estimate=mean.estimate, variance=se**2, df=plain(least), n_seeds=mean.n_seeds)


def _any_shared(conditions: Sequence[Condition]) -> bool:
    ids = np.concatenate([each.ids for each in conditions])
    return np.unique(ids).size < ids.size


def trend(conditions: Sequence[Condition], setting: LineSetting) -> TrendEvidence:
    """Test the rank scores of the treatments."""
    if setting.design == "independent":
        return _trend_independent(conditions)
    mean = mean_effect(conditions, setting.design, which="taus")
    n_seeds = mean.n_seeds
    shared = share_all_seeds(conditions)
    df: float | None = None
    if shared and EXACT_FROM <= n_seeds <= FLIPPED_UP_TO:
        taus = np.mean([each.taus for each in conditions], axis=0)
        statistic, (pvalue, how) = plain(taus.sum(axis=-1)), flip_pvalue(taus)
        method = f"sign-flip, {how}"
    else:
        varies = np.asarray(mean.variance > 0)
        z = mean.estimate / np.sqrt(
            np.where(varies, mean.variance, _null_variance(conditions, shared=shared))
        )
        by_z, statistic = np.maximum(special.ndtr(-z), TINY), plain(z)
        pvalue, df = plain(np.where(varies, mean.pvalue_above(), by_z)), mean.df if varies.any() else None
        # In a block, words are those of most tables: only reports on one table show them.
        method = (
            "t on Kendall's tau, one per seed" if varies.any() else "all taus agree: z with Kendall's null sd"
        )
    return TrendEvidence(
        estimate=mean.estimate,
        statistic=statistic,
        df=df,
        pvalue=pvalue,
        smallest_pvalue=0.5**n_seeds,
        method=method,
        null="mean Kendall tau over seeds <= 0",
        replicate=setting.replicate,
        n_seeds=n_seeds,
    )


def _null_variance(conditions: Sequence[Condition], *, shared: bool) -> float:
    """Return the variance of the mean tau if no seed depended on the knob; shared seeds count as one."""
    parts = [
        np.mean([kendall_null_variance(n) for n in seen_cells(each.curves).sum(axis=1)]) / each.n_seeds
        for each in conditions
    ]
    return (
        float(np.mean(parts))
        if shared or _any_shared(conditions)
        else float(np.sum(parts)) / len(conditions) ** 2
    )


def _trend_independent(conditions: Sequence[Condition]) -> TrendEvidence:
    """Sum the Jonckheere-Terpstra statistics of the treatments; exact for a single small one."""
    from sigstats.stats.classical.ordered_blocks import jonckheere_of_tables

    method: Literal["auto", "asymptotic"] = "auto" if len(conditions) == 1 else "asymptotic"
    tests = [jonckheere_of_tables(_runs_by_level(each), method=method) for each in conditions]
    excess = sum(test.statistic - test.mean for test in tests)
    variance = sum(test.variance for test in tests)
    possible = sum(test.mean for test in tests)
    if len(conditions) == 1:
        statistic, pvalue, how = plain(tests[0].z), plain(tests[0].pvalue), tests[0].method
    else:
        varies = variance > 0
        statistic = plain(np.where(varies, excess / np.sqrt(np.where(varies, variance, 1.0)), np.nan))
        pvalue = plain(np.maximum(special.ndtr(-statistic), TINY))
        how = "normal approximation, summed over treatments"
    return TrendEvidence(
        # Every treatment has two levels or more, so that there are pairs.
        estimate=plain(excess / possible),
        statistic=statistic,
        df=None,
        pvalue=plain(np.where(variance > 0, pvalue, np.nan)),
        smallest_pvalue=_fewest_deals(
            [runs.shape[-1] for each in conditions for runs in _runs_by_level(each)]
        ),
        method=f"Jonckheere-Terpstra, {how}",
        null="runs have the same distribution at every level",
        replicate="the run",
        n_seeds=min(each.n_seeds for each in conditions),
    )


def _fewest_deals(sizes: list[int]) -> float:
    """Return one over the number of ways to deal the runs to levels of these sizes."""
    ways = special.gammaln(sum(sizes) + 1.0) - special.gammaln(np.array(sizes) + 1.0).sum()
    return max(float(np.exp(-ways)), TINY)


def _runs_by_level(condition: Condition) -> list[FloatArray]:
    """Return the runs of each level, on the last axis."""
    seen = seen_cells(condition.curves)
    return [condition.curves[..., rows, level] for level, rows in enumerate(seen.T) if rows.any()]


def residuals(conditions: Sequence[Condition], x: FloatArray, design: Design) -> Residuals:
    """Return the pooled residuals of the treatments."""
    parts = [
        residuals_repeated(each.curves, x) if design == "repeated" else residuals_independent(each.curves)
        for each in conditions
        if each.n_seeds
    ]
    return Residuals(
        sum_of_squares=sum(part.sum_of_squares for part in parts), df=sum(part.df for part in parts)
    )


def residual_sd(left: Residuals) -> float:
    """Return the residual sd; NaN without degrees of freedom, exactly 0 where only rounding is left."""
    if left.df <= 0:
        return float("nan")
    return _no_rounding(np.sqrt(left.sum_of_squares / left.df))


def typical_sd(conditions: Sequence[Condition], x: FloatArray, design: Design) -> float:
    """Return the residual sd of a typical seed of the treatments, in which one diverged cell does not count."""
    curves = [each.curves for each in conditions if each.n_seeds]
    if not curves:
        return float("nan")
    sd = typical_sd_repeated(curves, x) if design == "repeated" else typical_sd_independent(curves)
    return _no_rounding(sd)


def _no_rounding(sd: float) -> float:
    return plain(np.where(sd <= 1e-13, 0.0, sd))


def interval(
    effect: Combination,
    ends: Combination | None,
    setting: LineSetting,
    *,
    margin: float | None,
    margin_source: str | None,
) -> IntervalEvidence:
    """Return the bounds of the effect, compared with zero and the margin."""
    no = float("nan")
    return IntervalEvidence(
        estimate=setting.estimate(effect),
        se=effect.se * setting.scale,
        df=effect.df,
        pvalue=effect.pvalue_above(),
        pvalue_opposite=effect.pvalue_below(),
        margin=None if margin is None else margin * setting.scale,
        margin_source=margin_source,
        pvalue_small=no if margin is None else effect.pvalue_below(margin),
        ends=None if ends is None else setting.estimate(ends),
        pvalue_late=no if margin is None or ends is None else ends.pvalue_above(margin),
        method="t on linear scores, one per seed"
        if setting.design == "repeated"
        else "t on the contrast of level means, Satterthwaite df",
        null="mean linear score over seeds <= 0",
        replicate=setting.replicate,
        n_seeds=effect.n_seeds,
    )


def with_bounds(line: IntervalEvidence, low: float, high: float, *, method: str) -> IntervalEvidence:
    """Return the same effect with bounds of another method."""
    return replace(line, estimate=replace(line.estimate, low=low, high=high), method=f"{method} over seeds")


def slopes(
    conditions: Sequence[Condition], effect: Combination, setting: LineSetting, *, noise_sd: float
) -> SlopesEvidence:
    """Return the posterior of the mean score."""
    if setting.design == "independent":
        return _slopes_independent(effect, setting)
    scores, sampling, default = _scored(conditions, effect, noise_sd)
    prior_scale = setting.prior_scale * default
    typical = plain(np.sqrt((sampling**2).mean(axis=-1)))
    shared: dict[str, Any] = {
        "prior_scale": prior_scale * setting.scale,
        "sampling_sd": typical * setting.scale,
        "method": "normal scores, flat prior on the mean, half-Cauchy prior on the sd between seeds",
        "null": "mean linear score over seeds <= 0",
        "replicate": setting.replicate,
        "n_seeds": effect.n_seeds,
    }
    if not agreed(prior_scale > 0):
        unresolved = setting.measured(effect.estimate)
        return SlopesEvidence(estimate=unresolved, sd=float("nan"), prob_positive=float("nan"), **shared)
    posterior = mean_posterior(scores, sampling, prior_scale=prior_scale)
    ends = (np.nan, np.nan) if setting.brief else posterior.interval(setting.confidence)
    return SlopesEvidence(
        estimate=setting.measured(posterior.mean, *ends),
        sd=posterior.sd * setting.scale,
        prob_positive=posterior.prob_positive,
        **shared,
    )


def prob_positive(
    conditions: Sequence[Condition],
    effect: Combination,
    design: Design,
    *,
    noise_sd: float,
    prior_scale: float = 1.0,
) -> float:
    """Return the posterior probability that the mean score is positive, without the rest of the line."""
    if design == "independent":
        if not agreed(effect.variance > 0):
            return float("nan")
        return plain(special.stdtr(effect.df, effect.estimate / effect.se))
    scores, sampling, default = _scored(conditions, effect, noise_sd)
    if not agreed(default > 0):
        return float("nan")
    return mean_posterior(scores, sampling, prior_scale=prior_scale * default).prob_positive


def _scored(
    conditions: Sequence[Condition], effect: Combination, noise_sd: float
) -> tuple[FloatArray, FloatArray, float]:
    """Return scores, their sampling sds, and the scale of the prior on the sd between seeds."""
    scores, sampling = _pseudo_scores(conditions, effect, np.nan_to_num(noise_sd))
    spread = np.sqrt(effect.variance * scores.shape[-1])
    return scores, sampling, plain(np.maximum(2.0 * np.sqrt((sampling**2).mean(axis=-1)), spread))


def _pseudo_scores(
    conditions: Sequence[Condition], effect: Combination, noise_sd: float
) -> tuple[FloatArray, FloatArray]:
    """Return one score per seed for the mean over conditions, and its sampling sd.

    Where all conditions share their seeds these are the within-seed means. Otherwise each seed's influence on the mean
    stands in, stretched so that their spread gives the variance of the mean.
    """
    weight = 1.0 / len(conditions)
    if share_all_seeds(conditions):
        scores = np.mean([each.scores for each in conditions], axis=0)
        factors = np.sqrt(sum(each.sd_factors**2 for each in conditions)) * weight
        return scores, beside(noise_sd, 1) * factors
    ids, moved = influence(
        [each.scores for each in conditions], [each.ids for each in conditions], [weight] * len(conditions)
    )
    n = ids.size
    size = np.sqrt((moved**2).sum(axis=-1))
    stretch = np.where(
        size > 0, np.sqrt(effect.variance * n * (n - 1.0)) / np.where(size > 0, size, 1.0), 0.0
    )
    squares = np.zeros(n)
    for condition in conditions:
        squares[np.searchsorted(ids, condition.ids)] += (
            weight * n / condition.n_seeds * condition.sd_factors
        ) ** 2
    scores = beside(effect.estimate, 1) + beside(stretch, 1) * moved
    return scores, beside(noise_sd, 1) * np.sqrt(squares)


def _slopes_independent(effect: Combination, setting: LineSetting) -> SlopesEvidence:
    low, high = effect.interval(setting.confidence)
    known, finite = effect.variance > 0, effect.df > 2
    wider = np.where(finite, effect.df / np.where(finite, effect.df - 2.0, 1.0), 1.0)
    sd = np.where(known, np.where(finite, effect.se * np.sqrt(wider), np.inf), np.nan)
    return SlopesEvidence(
        estimate=setting.measured(effect.estimate, low, high),
        sd=plain(sd * setting.scale),
        prob_positive=prob_positive((), effect, setting.design, noise_sd=float("nan")),
        prior_scale=float("nan"),
        sampling_sd=effect.se * setting.scale,
        method="t around the contrast of level means",
        null="contrast of level means <= 0",
        replicate=setting.replicate,
        n_seeds=effect.n_seeds,
    )
