"""The three lines of evidence for the mean of the treatments: trend, interval, slopes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.evidence.conditions import Arm
from sigstats.evidence.results import (
    Design,
    Estimate,
    IntervalEvidence,
    SlopesEvidence,
    TrendEvidence,
)
from sigstats.stats.classical.sign_flips import sign_flip
from sigstats.stats.scores.combine import TINY, Combination, combine, influence, welch
from sigstats.stats.scores.linear import (
    Residuals,
    kendall_null_variance,
    residuals_independent,
    residuals_repeated,
)
from sigstats.stats.scores.mean_posterior import mean_posterior

FloatArray = NDArray[np.float64]

EXACT_FROM = 6
FLIPPED_UP_TO = 1000
REPEATED = "the seed: one score each"
INDEPENDENT = "the run: level means with a variance of their own"
DEALT = "the run: runs dealt at random into curves, one score each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the lines need to know beside the arms.

    Attributes
    ----------
    design : str
        ``"repeated"`` or ``"independent"``.
    alpha : float
        One-sided level.
    scale : float
        Units of the metric per unit of the arms' common scale.
    unit : str
        Unit of measurement.
    dealt : bool
        Whether independent runs were dealt into curves, which then stand for seeds.
    prior_scale : float
        Factor on the default scale of the prior on the sd between seeds; other values than 1 show what it matters.
    """

    design: Design
    alpha: float
    scale: float
    unit: str
    dealt: bool = False
    prior_scale: float = 1.0

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
        return Estimate(
            value=float(value * self.scale),
            low=float(low * self.scale),
            high=float(high * self.scale),
            confidence=self.confidence,
            unit=self.unit,
        )


def share_all_seeds(arms: Sequence[Arm]) -> bool:
    """Return whether all arms were run with exactly the same seeds."""
    return all(np.array_equal(arm.ids, arms[0].ids) for arm in arms[1:])


def mean_effect(arms: Sequence[Arm], design: Design, *, which: str = "scores") -> Combination:
    """Return the equal-weight mean of a score over arms."""
    weights = [1.0 / len(arms)] * len(arms)
    if design == "independent":
        return welch([arm.effect for arm in arms if arm.effect is not None], weights)
    return combine([getattr(arm, which) for arm in arms], [arm.ids for arm in arms], weights)


def mean_ends(arms: Sequence[Arm]) -> Combination | None:
    """Return the equal-weight mean of last minus first level; None unless every arm has both ends."""
    ends = [arm.ends for arm in arms if arm.ends is not None]
    if len(ends) < len(arms):
        return None
    mean = welch(ends, [1.0 / len(arms)] * len(arms))
    if len(arms) == 1 or not _any_shared(arms):
        return mean
    # Last minus first is a safeguard: where seeds are shared, the variance of perfectly correlated arms bounds it.
    se = sum(end.se for end in ends) / len(arms)
    return Combination(
        estimate=mean.estimate, variance=se**2, df=min(end.df for end in ends), n_seeds=mean.n_seeds
    )


def _any_shared(arms: Sequence[Arm]) -> bool:
    ids = np.concatenate([arm.ids for arm in arms])
    return np.unique(ids).size < ids.size


def trend(arms: Sequence[Arm], frame: Frame) -> TrendEvidence:
    """Test the rank scores of the treatments."""
    if frame.design == "independent":
        return _trend_independent(arms)
    mean = mean_effect(arms, frame.design, which="taus")
    n_seeds = mean.n_seeds
    shared = share_all_seeds(arms)
    df: float | None = None
    if shared and EXACT_FROM <= n_seeds <= FLIPPED_UP_TO:
        result = sign_flip(np.mean([arm.taus for arm in arms], axis=0), alternative="greater")
        statistic, pvalue, method = result.statistic, result.pvalue, f"sign-flip, {result.method}"
    elif mean.variance > 0:
        statistic, df, pvalue = mean.estimate / mean.se, mean.df, mean.pvalue_above()
        method = "t on Kendall's tau, one per seed"
    else:
        statistic = mean.estimate / np.sqrt(_null_variance(arms, shared=shared))
        pvalue = max(float(special.ndtr(-statistic)), TINY)
        method = "all taus agree: z with Kendall's null sd"
    return TrendEvidence(
        estimate=mean.estimate,
        statistic=float(statistic),
        df=df,
        pvalue=pvalue,
        smallest_pvalue=0.5**n_seeds,
        method=method,
        null="mean Kendall tau over seeds <= 0",
        replicate=frame.replicate,
        n_seeds=n_seeds,
    )


def _null_variance(arms: Sequence[Arm], *, shared: bool) -> float:
    """Return the variance of the mean tau if no seed depended on the knob; shared seeds count as one."""
    parts = [
        np.mean([kendall_null_variance(n) for n in (~np.isnan(arm.curves)).sum(axis=1)]) / arm.n_seeds
        for arm in arms
    ]
    return float(np.mean(parts)) if shared or _any_shared(arms) else float(np.sum(parts)) / len(arms) ** 2


def _trend_independent(arms: Sequence[Arm]) -> TrendEvidence:
    """Sum the Jonckheere-Terpstra statistics of the treatments; exact for a single small one."""
    from sigstats.stats.classical.ordered import jonckheere

    method: Literal["auto", "asymptotic"] = "auto" if len(arms) == 1 else "asymptotic"
    tests = [jonckheere(_runs_by_level(arm), alternative="greater", method=method) for arm in arms]
    excess = sum(test.statistic - test.mean for test in tests)
    variance = sum(test.variance for test in tests)
    possible = sum(test.mean for test in tests)
    if len(arms) == 1:
        statistic, pvalue, how = tests[0].z, tests[0].pvalue, tests[0].method
    else:
        statistic = float(excess / np.sqrt(variance)) if variance > 0 else float("nan")
        pvalue = max(float(special.ndtr(-statistic)), TINY)
        how = "normal approximation, summed over treatments"
    return TrendEvidence(
        estimate=float(excess / possible) if possible else float("nan"),
        statistic=statistic,
        df=None,
        pvalue=pvalue if variance > 0 else float("nan"),
        smallest_pvalue=_fewest_deals([len(runs) for arm in arms for runs in _runs_by_level(arm)]),
        method=f"Jonckheere-Terpstra, {how}",
        null="runs have the same distribution at every level",
        replicate="the run",
        n_seeds=min(arm.n_seeds for arm in arms),
    )


def _fewest_deals(sizes: list[int]) -> float:
    """Return one over the number of ways to deal the runs to levels of these sizes."""
    ways = special.gammaln(sum(sizes) + 1.0) - special.gammaln(np.array(sizes) + 1.0).sum()
    return max(float(np.exp(-ways)), TINY)


def _runs_by_level(arm: Arm) -> list[FloatArray]:
    return [column[~np.isnan(column)] for column in arm.curves.T if not np.isnan(column).all()]


def residuals(arms: Sequence[Arm], x: FloatArray, design: Design) -> Residuals:
    """Return the pooled residuals of the treatments."""
    parts = [
        residuals_repeated(arm.curves, x) if design == "repeated" else residuals_independent(arm.curves)
        for arm in arms
        if arm.n_seeds
    ]
    return Residuals(
        sum_of_squares=sum(part.sum_of_squares for part in parts), df=sum(part.df for part in parts)
    )


def residual_sd(left: Residuals) -> float:
    """Return the residual sd; NaN without degrees of freedom, exactly 0 where only rounding is left."""
    if left.df <= 0:
        return float("nan")
    sd = float(np.sqrt(left.sum_of_squares / left.df))
    return sd if sd > 1e-13 else 0.0


def interval(
    effect: Combination,
    ends: Combination | None,
    frame: Frame,
    *,
    margin: float | None,
    margin_source: str | None,
) -> IntervalEvidence:
    """Return the bounds of the effect, held against zero and the margin."""
    no = float("nan")
    return IntervalEvidence(
        estimate=frame.estimate(effect),
        se=effect.se * frame.scale,
        df=effect.df,
        pvalue=effect.pvalue_above(),
        pvalue_opposite=effect.pvalue_below(),
        margin=None if margin is None else margin * frame.scale,
        margin_source=margin_source,
        pvalue_small=no if margin is None else effect.pvalue_below(margin),
        ends=None if ends is None else frame.estimate(ends),
        pvalue_late=no if margin is None or ends is None else ends.pvalue_above(margin),
        method="t on linear scores, one per seed"
        if frame.design == "repeated"
        else "t on the contrast of level means, Satterthwaite df",
        null="mean linear score over seeds <= 0",
        replicate=frame.replicate,
        n_seeds=effect.n_seeds,
    )


def with_bounds(line: IntervalEvidence, low: float, high: float, *, method: str) -> IntervalEvidence:
    """Return the same effect with bounds of another method."""
    return replace(line, estimate=replace(line.estimate, low=low, high=high), method=f"{method} over seeds")


def slopes(arms: Sequence[Arm], effect: Combination, frame: Frame, *, noise_sd: float) -> SlopesEvidence:
    """Return the posterior of the mean score."""
    if frame.design == "independent":
        return _slopes_independent(effect, frame)
    scores, sampling, default = _scored(arms, effect, noise_sd)
    prior_scale = frame.prior_scale * default
    typical = float(np.sqrt((sampling**2).mean()))
    shared = {
        "prior_scale": prior_scale * frame.scale,
        "sampling_sd": typical * frame.scale,
        "method": "normal scores, flat prior on the mean, half-Cauchy prior on the sd between seeds",
        "null": "mean linear score over seeds <= 0",
        "replicate": frame.replicate,
        "n_seeds": effect.n_seeds,
    }
    if not prior_scale > 0:
        unresolved = frame.measured(effect.estimate)
        return SlopesEvidence(estimate=unresolved, sd=float("nan"), prob_positive=float("nan"), **shared)  # type: ignore[arg-type]
    posterior = mean_posterior(scores, sampling, prior_scale=prior_scale)
    low, high = posterior.interval(frame.confidence)
    return SlopesEvidence(
        estimate=frame.measured(posterior.mean, low, high),
        sd=posterior.sd * frame.scale,
        prob_positive=posterior.prob_positive,
        **shared,  # type: ignore[arg-type]
    )


def prob_positive(
    arms: Sequence[Arm],
    effect: Combination,
    design: Design,
    *,
    noise_sd: float,
    prior_scale: float = 1.0,
) -> float:
    """Return the posterior probability that the mean score is positive, without the rest of the line."""
    if design == "independent":
        return (
            float(special.stdtr(effect.df, effect.estimate / effect.se))
            if effect.variance > 0
            else float("nan")
        )
    scores, sampling, default = _scored(arms, effect, noise_sd)
    if not default > 0:
        return float("nan")
    return mean_posterior(scores, sampling, prior_scale=prior_scale * default).prob_positive


def _scored(
    arms: Sequence[Arm], effect: Combination, noise_sd: float
) -> tuple[FloatArray, FloatArray, float]:
    """Return scores, their sampling sds, and the scale of the prior on the sd between seeds."""
    scores, sampling = _pseudo_scores(arms, effect, 0.0 if np.isnan(noise_sd) else noise_sd)
    spread = float(np.sqrt(effect.variance * scores.size)) if effect.variance > 0 else 0.0
    return scores, sampling, max(2.0 * float(np.sqrt((sampling**2).mean())), spread)


def _pseudo_scores(
    arms: Sequence[Arm], effect: Combination, noise_sd: float
) -> tuple[FloatArray, FloatArray]:
    """Return one score per seed for the mean over arms, and its sampling sd.

    Where all arms share their seeds these are the within-seed means. Otherwise each seed's influence on the mean
    stands in, stretched so that their spread gives the variance of the mean.
    """
    weight = 1.0 / len(arms)
    if share_all_seeds(arms):
        scores = np.mean([arm.scores for arm in arms], axis=0)
        factors = np.sqrt(sum(arm.sd_factors**2 for arm in arms)) * weight
        return scores, noise_sd * factors
    ids, moved = influence([arm.scores for arm in arms], [arm.ids for arm in arms], [weight] * len(arms))
    n = ids.size
    size = float(np.sqrt((moved**2).sum()))
    stretch = np.sqrt(effect.variance * n * (n - 1.0)) / size if size > 0 else 0.0
    squares = np.zeros(n)
    for arm in arms:
        squares[np.searchsorted(ids, arm.ids)] += (weight * n / arm.n_seeds * arm.sd_factors) ** 2
    return effect.estimate + stretch * moved, noise_sd * np.sqrt(squares)


def _slopes_independent(effect: Combination, frame: Frame) -> SlopesEvidence:
    low, high = effect.interval(frame.confidence)
    known = effect.variance > 0
    sd = (
        effect.se * float(np.sqrt(effect.df / (effect.df - 2.0))) if known and effect.df > 2 else float("inf")
    )
    return SlopesEvidence(
        estimate=frame.measured(effect.estimate, low, high),
        sd=(sd if known else float("nan")) * frame.scale,
        prob_positive=prob_positive((), effect, frame.design, noise_sd=float("nan")),
        prior_scale=float("nan"),
        sampling_sd=effect.se * frame.scale,
        method="t around the contrast of level means",
        null="contrast of level means <= 0",
        replicate=frame.replicate,
        n_seeds=effect.n_seeds,
    )
