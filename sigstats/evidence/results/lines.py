"""Results on the treatments: the three lines of a trend, clauses, turns and places."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sigstats.stats.blocks import plain
from sigstats.stats.by_value import by_value
from sigstats.stats.estimate import ClauseKind, Estimate


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class TrendEvidence:
    """One-sided test of the rank scores (Kendall's tau, one per seed).

    Attributes
    ----------
    estimate : float
        Mean oriented tau over seeds and treatments, in [-1, 1].
    statistic : float
        The test statistic; NaN where no test was possible.
    df : float or None
        Degrees of freedom where the reference is Student's t.
    pvalue : float
        One-sided, in (0, 1]; NaN where no test was possible.
    smallest_pvalue : float
        Smallest p-value that an exact test can give with so many seeds: of all sign patterns, or (independent
        design) of all ways to deal the runs to the levels. A smaller `pvalue` rests on normality.
    method, null, replicate : str
        The method, the null hypothesis, and what was counted as one independent observation.
    n_seeds : int
        Number of replicates.
    """

    estimate: float
    statistic: float
    df: float | None
    pvalue: float
    smallest_pvalue: float
    method: str
    null: str
    replicate: str
    n_seeds: int


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IntervalEvidence:
    """Bounds of the effect: the mean linear score, in units of the metric.

    Attributes
    ----------
    estimate : Estimate
        Oriented effect with its two-sided ``1 - 2 alpha`` interval.
    se, df : float
        Standard error and degrees of freedom.
    pvalue, pvalue_opposite : float
        One-sided p-values of effect <= 0 and of effect >= 0. Where a single level carries most of the line, the latter,
        like `pvalue_small`, is that of the rank test if it is larger.
    margin : float or None
        Effect below which the trend would not matter, in units of the metric; None without a margin.
    margin_source : str or None
        ``"min_effect"`` where declared, else ``"residual sd"``: that of a typical seed, the median over seeds.
    pvalue_small : float
        One-sided p-value of effect >= margin; NaN without a margin.
    ends : Estimate or None
        Last level minus first level, oriented, for comparison with the effect; None where no seed has both.
    pvalue_late : float
        One-sided p-value of (last minus first) <= margin; NaN without a margin.
    method, null, replicate : str
        The method, the null hypothesis, and what was counted as one independent observation.
    n_seeds : int
        Number of replicates.
    """

    estimate: Estimate
    se: float
    df: float
    pvalue: float
    pvalue_opposite: float
    margin: float | None
    margin_source: str | None
    pvalue_small: float
    ends: Estimate | None
    pvalue_late: float
    method: str
    null: str
    replicate: str
    n_seeds: int

    def __repr__(self) -> str:
        """Return the main numbers as one line."""
        return (
            f"<IntervalEvidence {self.estimate}; p = {self.pvalue:.3g}, {self.method}, {self.n_seeds} seeds>"
        )


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class SlopesEvidence:
    """Posterior of the mean score of the included treatments.

    Attributes
    ----------
    estimate : Estimate
        Posterior mean with its equal-tailed interval.
    sd : float
        Posterior sd; infinite if the second moment does not exist.
    prob_positive : float
        Posterior probability that the mean oriented score is above zero; NaN where unresolved.
    prior_scale : float
        Scale of the half-Cauchy prior on the between-seed sd, in units of the metric.
    sampling_sd : float
        Sampling sd of one seed's score, from the residual sd, in units of the metric.
    method, null, replicate : str
        The model, the statement whose probability is given, and what was counted as one observation.
    n_seeds : int
        Number of replicates.
    """

    estimate: Estimate
    sd: float
    prob_positive: float
    prior_scale: float
    sampling_sd: float
    method: str
    null: str
    replicate: str
    n_seeds: int


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalEvidence:
    """Does the curve turn: rise towards a turning point and fall after it, or fall before it rises?

    The turning point of each seed is found from the other seeds; the critical value is simulated under a
    flat mean, because such scores depend on each other.

    Attributes
    ----------
    end : str
        ``"end"`` when the fall comes after the rise, ``"start"`` when it comes before.
    statistic : float
        t-like statistic of the fall, on the side that the other seeds choose for each seed.
    critical_value : float
        What it must exceed at the declared alpha.
    fall : float
        Mean oriented size of the fall, positive when there is one, in units of the metric.
    rise_statistic, rise_critical_value : float
        The same for the rise on the other side of the turning point.
    turn : float
        Turning point of the mean curve, in units of the knob.
    scope : tuple of float or None
        Stretch of the knob that agrees with the claim: (low, high); None where treatments share none.
    of_majority : bool
        Whether treatments were tested one by one, because their levels differ; the numbers are then those of the
        least clear of a majority that turns.
    method, null, replicate : str
        The method, the null hypothesis, and what was counted as one independent observation.
    n_seeds : int
        Number of replicates.
    """

    end: Literal["start", "end"]
    statistic: float
    critical_value: float
    fall: float
    rise_statistic: float
    rise_critical_value: float
    turn: float
    scope: tuple[float, float] | None
    of_majority: bool
    method: str
    null: str
    replicate: str
    n_seeds: int


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseEvidence:
    """One clause of a shape: means over seeds that must all be above zero.

    Attributes
    ----------
    name : str
        The clause.
    kind : str
        ``"primary"``, ``"required"`` or ``"tolerated"``.
    says : str
        The clause in words.
    reason : str
        Reason of a verdict that refutes it.
    estimate : Estimate
        Mean score of the part that is shown least, with its two-sided ``1 - 2 alpha`` interval; positive where the
        clause holds.
    at : float or None
        Level of the knob that this part is about; None where parts are not levels.
    about : str or None
        What this part is about in words, where parts are neither levels nor the same in every condition.
    pvalue : float
        One-sided p-value of that part's mean being <= 0: the largest over the parts, all of which must hold. NaN
        where a part could not be tested.
    pvalue_refuted : float
        Holm-adjusted p-value of no part being below 0; where the data chose a split, the largest over all splits, and
        over the places near an end at which the shape may stand.
    prob_positive : float
        Posterior probability that the mean of the part that is shown least is above 0; NaN where unresolved.
    n_parts : int
        Number of parts.
    method, null, replicate : str
        The method, the null hypothesis, and what was counted as one independent observation.
    n_seeds : int
        Number of replicates.
    """

    name: str
    kind: ClauseKind
    says: str
    reason: str
    estimate: Estimate
    at: float | None
    about: str | None
    pvalue: float
    pvalue_refuted: float
    prob_positive: float
    n_parts: int
    method: str
    null: str
    replicate: str
    n_seeds: int


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class NearEndEvidence:
    """May the shape have its onset, knee or turn too near an end of the range to be tested there?

    Attributes
    ----------
    pvalue_start, pvalue_end : float
        P-value of the shape standing there, near the start and near the end: the largest over places, at each of which
        some part of some clause must be refuted. What is refuted counts only with these p-values;
        `ClauseEvidence.pvalue_refuted` and the p-values of `IntervalEvidence` already heed them.
    pvalue_start_large, pvalue_end_large : float
        The same for the shape with an effect of at least the margin.
    refuted : tuple of (str, float)
        P-values that refute at every place that could be tested: of the clauses by name, of an effect that is
        ``"opposite"`` and of one that is ``"small"``.
    """

    pvalue_start: float
    pvalue_end: float
    pvalue_start_large: float
    pvalue_end_large: float
    refuted: tuple[tuple[str, float], ...]

    @property
    def pvalue(self) -> float:
        """P-value of the shape standing near either end."""
        return plain(np.maximum(self.pvalue_start, self.pvalue_end))

    @property
    def pvalue_large(self) -> float:
        """The same with an effect of at least the margin."""
        return plain(np.maximum(self.pvalue_start_large, self.pvalue_end_large))


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class LocationEvidence:
    """Where on the knob a shape has its onset, knee, turn or midpoint.

    Attributes
    ----------
    name : str
        ``"onset"``, ``"knee"``, ``"turn"`` or ``"midpoint"``.
    value : float
        Estimate, in units of the knob.
    low, high : float
        Ends of the interval; infinite where the data give no bound.
    confidence : float
        Two-sided confidence, in (0, 1).
    resolution : float
        Gap between the neighbouring levels at the estimate: nothing finer can be known. On a log knob the factor
        between them.
    spread : float
        Sd between seeds of their own locations, apart from the error of the mean; NaN if unavailable. On a log knob a
        factor, the exponential of the sd of the logarithms.
    status : str
        ``"inside"`` the swept range, ``"below_range"``, ``"above_range"`` or ``"unresolved"``.
    width : Estimate or None
        How far the knob moves while the mean curve goes from 10 to 90 % of its rise, where that is asked for: on a log
        knob the factor between the two places (unit ``"factor"``), on a ranked one levels, else in units of the knob.
    method, replicate : str
        The method, and what was counted as one independent observation.
    n_seeds : int
        Number of replicates.
    """

    name: str
    value: float
    low: float
    high: float
    confidence: float
    resolution: float
    spread: float
    status: str
    method: str
    replicate: str
    n_seeds: int
    width: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleEvidence:
    """Is the curve steepest in the middle on another scale of the metric, too?

    Attributes
    ----------
    scale : str
        ``"linear"``, ``"log"`` or ``"logit"``.
    n_outside : int
        Values of the metric that the scale does not have; where there are any, nothing else is known.
    estimate : Estimate
        Mean score of the part of the clause that is shown least, in units of that scale.
    pvalue : float
        One-sided p-value of that part's mean being <= 0; NaN where it could not be tested.
    prob_positive : float
        Posterior probability that it is above 0; NaN where unresolved.
    n_seeds : int
        Number of replicates.
    """

    scale: str
    n_outside: int
    estimate: Estimate
    pvalue: float
    prob_positive: float
    n_seeds: int
