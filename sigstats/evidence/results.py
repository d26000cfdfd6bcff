"""The objects of stage 3: the statistics of one signature on one table, before anybody judges them.

Every line of evidence is a function of the same scores, one per seed, oriented so that larger always means
more of the predicted shape. Each result names its null hypothesis, its replicate and its method.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigstats.table import TableNote

FloatArray = NDArray[np.float64]
Design = Literal["repeated", "independent"]
Role = Literal["treatment", "control"]
ClauseKind = Literal["primary", "required", "tolerated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval.

    Attributes
    ----------
    value : float
        Point estimate, in `unit`.
    low, high : float
        Ends of the two-sided interval; NaN where the data give none.
    confidence : float
        Two-sided confidence of the interval, in (0, 1). Each end alone is a one-sided bound at
        ``(1 + confidence) / 2``.
    unit : str
        Unit of measurement: the metric's name, or ``"log metric"`` and the like where it was transformed.
    """

    value: float
    low: float
    high: float
    confidence: float
    unit: str

    def __str__(self) -> str:
        """Return value, interval and unit."""
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}] {self.unit}"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalEvidence:
    """Bounds of the effect: the mean linear score, in units of the metric.

    Attributes
    ----------
    estimate : Estimate
        Oriented effect with its two-sided ``1 - 2 alpha`` interval.
    se, df : float
        Standard error and degrees of freedom.
    pvalue, pvalue_opposite : float
        One-sided p-values of effect <= 0 and of effect >= 0.
    margin : float or None
        Effect below which the trend would not matter, in units of the metric; None where there is none.
    margin_source : str or None
        ``"min_effect"`` where declared, else ``"residual sd"``.
    pvalue_small : float
        One-sided p-value of effect >= margin; NaN without a margin.
    ends : Estimate or None
        Last level minus first level, oriented, beside the effect; None where no seed has both.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopesEvidence:
    """Posterior of the mean score of the included treatments.

    Attributes
    ----------
    estimate : Estimate
        Posterior mean with its equal-tailed interval.
    sd : float
        Posterior sd; infinite where it has no second moment.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastEvidence:
    """One comparison of treatment and control: a weighted difference of mean scores.

    Attributes
    ----------
    name : str
        ``"specific"``, ``"quiet"``, ``"responds"`` or ``"artifact"``.
    estimate : Estimate
        The weighted difference with its two-sided ``1 - 2 alpha`` interval.
    se, df : float
        Standard error and degrees of freedom.
    pvalue : float
        One-sided p-value of the difference being <= 0, in (0, 1]; NaN where no test was possible.
    method, null, replicate : str
        The method, the null hypothesis, and what was counted as one independent observation.
    n_seeds : int
        Replicates of the smaller side.
    """

    name: str
    estimate: Estimate
    se: float
    df: float
    pvalue: float
    method: str
    null: str
    replicate: str
    n_seeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlEvidence:
    """Treatment against control.

    Attributes
    ----------
    treatment, effect : Estimate
        Mean oriented score of the treatments, and of the controls, by which they are compared: for trends the
        effect itself; of a score with several parts the weaker one.
    pvalue_opposite : float
        One-sided p-value of the controls' effect being >= 0.
    specific, quiet, responds, artifact : ContrastEvidence
        T - C, q T - C, C - q T and C - 0.8 T, with T and C the mean oriented scores and q the quiet fraction.
    single_responds : tuple of (str, float)
        For each control on its own, the Holm-adjusted p-value of its C - q T being <= 0.
    at_bound : bool
        Whether the control sits at the floor or ceiling of a bounded metric, where it could not move.
    quiet_fraction : float
        q.
    """

    treatment: Estimate
    effect: Estimate
    pvalue_opposite: float
    specific: ContrastEvidence
    quiet: ContrastEvidence
    responds: ContrastEvidence
    artifact: ContrastEvidence
    single_responds: tuple[tuple[str, float], ...]
    at_bound: bool
    quiet_fraction: float

    @property
    def null(self) -> str:
        """Null hypothesis of the comparison that says whether the effect is specific."""
        return self.specific.null

    @property
    def replicate(self) -> str:
        """What was counted as one independent observation."""
        return self.specific.replicate

    @property
    def n_seeds(self) -> int:
        """Replicates of the smaller side."""
        return self.specific.n_seeds

    @property
    def method(self) -> str:
        """How the two sides were compared."""
        return self.specific.method


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
        Reason of a verdict that suffers from its being refuted.
    estimate : Estimate
        Mean score of the part that is shown least, with its two-sided ``1 - 2 alpha`` interval; positive where the
        clause holds.
    at : float or None
        Level of the knob which that part speaks of; None where parts are not levels.
    pvalue : float
        One-sided p-value of that part's mean being <= 0: the largest over the parts, all of which must hold. NaN
        where a part could not be tested.
    pvalue_refuted : float
        Holm-adjusted p-value of no part being below 0; where the data chose a split, the largest over all splits.
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
    pvalue: float
    pvalue_refuted: float
    prob_positive: float
    n_parts: int
    method: str
    null: str
    replicate: str
    n_seeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationEvidence:
    """Where on the knob a shape has its onset, knee or turn.

    Attributes
    ----------
    name : str
        ``"onset"``, ``"knee"`` or ``"turn"``.
    value : float
        Estimate, in units of the knob.
    low, high : float
        Ends of the interval; infinite where the data give no bound.
    confidence : float
        Two-sided confidence, in (0, 1).
    resolution : float
        Gap between the neighbouring levels at the estimate: nothing finer can be known.
    spread : float
        Sd between seeds of their own locations, apart from the error of the mean; NaN where it cannot be had.
    status : str
        ``"inside"`` the swept range, ``"below_range"``, ``"above_range"`` or ``"unresolved"``.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmEvidence:
    """One condition: its curves, its scores and its own effect.

    Attributes
    ----------
    condition : str
        The label.
    role : str
        ``"treatment"`` or ``"control"``.
    seeds : tuple of str
        Labels of the seeds that were scored; of bit-identical copies only the first is kept.
    levels : ndarray, shape (n_levels,)
        Levels of the knob at which this condition was seen, ascending, in the knob's own units.
    curves : ndarray, shape (n_seeds, n_levels)
        Metric (in the declared metric scale), NaN where missing. In the independent design the rows are
        runs without a common identity: only the columns mean anything.
    scores : ndarray, shape (n_seeds,)
        Oriented scores of the claim, one per seed; empty in the independent design.
    n_seeds : int
        Replicates: seeds that were scored, or (independent design) the typical number of runs per level.
    effect : Estimate
        Oriented effect with its two-sided ``1 - 2 alpha`` interval; NaN where it cannot be had.
    tau : float
        Mean oriented Kendall tau; NaN in the independent design.
    pvalue, pvalue_opposite, pvalue_small : float
        One-sided p-values of effect <= 0, of effect >= 0, and of effect >= min_effect (NaN if undeclared).
    claim_pvalue, claim_prob_positive : float
        Of the primary clause in this condition on its own, the largest p-value of the tests that must hold and the
        posterior probability. NaN where nothing depends on it: for controls, and for claims on a mean effect.
    n_copies : int
        Seeds that were left out because they repeat another seed to the last bit.
    n_excluded : int
        Seeds that were left out because they have fewer than 3 levels.
    """

    condition: str
    role: Role
    seeds: tuple[str, ...]
    levels: FloatArray = field(repr=False)
    curves: FloatArray = field(repr=False)
    scores: FloatArray = field(repr=False)
    n_seeds: int
    effect: Estimate
    tau: float
    pvalue: float
    pvalue_opposite: float
    pvalue_small: float
    claim_pvalue: float
    claim_prob_positive: float
    n_copies: int
    n_excluded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedsNeeded:
    """How many seeds per condition would resolve an inconclusive verdict.

    Attributes
    ----------
    n_seeds : int or None
        Seeds per condition for the stated power; None when more than 1000 would be needed or the variances are
        unknown.
    effect : float
        The effect at which power was computed: the declared `min_effect`, else the default margin; never the
        observed effect. In units of the metric.
    effect_source : str
        ``"min_effect"`` or ``"residual sd"``.
    power : float
        Probability of a definite answer at that effect.
    bottleneck : str
        ``"treatment"`` or ``"control"``: which comparison needs most seeds.
    """

    n_seeds: int | None
    effect: float
    effect_source: str
    power: float
    bottleneck: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All statistics of one signature on one table; a field that does not apply is None.

    Attributes
    ----------
    design : str
        ``"repeated"`` or ``"independent"``.
    arms : tuple of ArmEvidence
        One per condition, treatments first.
    sides : int
        2 where the data chose the direction of the effect, so that each direction has half the error rate; else 1.
    orientation : int
        +1 where larger scores mean a rising metric, -1 where they mean a falling one: as the shape claims, or (two
        sides) as the data chose.
    trend, interval, slopes : TrendEvidence, IntervalEvidence, SlopesEvidence or None
        The three lines of the treatments' mean; None when there are too few seeds or levels. The trend is None for
        shapes that are none.
    clauses : tuple of ClauseEvidence
        The scored clauses of the shape; empty for a plain trend.
    control_departs : ClauseEvidence or None
        The primary clause in the controls, where these must be shown to depart from the shape.
    location : LocationEvidence or None
        Onset, knee or turn; None where the shape has none, or its primary clause is not shown.
    control : ControlEvidence or None
        Treatment against control; None without a control.
    reversal : ReversalEvidence or None
        Whether the curve turns; None when there are too few seeds or levels to ask.
    residual_sd : float
        Noise of one cell: treatments only, after each seed's own line and the level means are removed, in
        units of the metric; NaN where it cannot be had.
    seeds_needed : SeedsNeeded or None
        What would resolve an inconclusive verdict.
    notes : tuple of str
        Codes of what the reader must know, such as ``"duplicate_seeds"``.
    table_notes : tuple of TableNote
        What was dropped, merged or converted when the table was read.
    """

    design: Design
    arms: tuple[ArmEvidence, ...]
    sides: int
    orientation: int
    trend: TrendEvidence | None
    interval: IntervalEvidence | None
    slopes: SlopesEvidence | None
    clauses: tuple[ClauseEvidence, ...]
    control_departs: ClauseEvidence | None
    location: LocationEvidence | None
    control: ControlEvidence | None
    reversal: ReversalEvidence | None
    residual_sd: float
    seeds_needed: SeedsNeeded | None
    notes: tuple[str, ...]
    table_notes: tuple[TableNote, ...]
