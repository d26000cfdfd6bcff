"""Results on each condition, and all results together."""

import math
from dataclasses import dataclass, field

import numpy as np

from sigstats.data.table.sweep import TableNote
from sigstats.evidence.reason import Reason
from sigstats.evidence.results.comparison import ControlEvidence, NegativeControls
from sigstats.evidence.results.law import LawEvidence
from sigstats.evidence.results.lines import (
    ClauseEvidence,
    IntervalEvidence,
    LocationEvidence,
    NearEndEvidence,
    ReversalEvidence,
    ScaleEvidence,
    SlopesEvidence,
    TrendEvidence,
)
from sigstats.evidence.results.look import Look
from sigstats.evidence.results.majority import MajorityEvidence
from sigstats.stats.by_value import by_value
from sigstats.stats.estimate import Design, Estimate, FloatArray, Ranges, Role
from sigstats.stats.scores.combine import levels_with_weight


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class ShortRun:
    """A seed that was left out because it is too short.

    Attributes
    ----------
    seed : str
        Its label.
    first, last : float
        The first and last level at which it was seen.
    """

    seed: str
    first: float
    last: float


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class SeedGroups:
    """The two groups into which the scores of one condition fall.

    Attributes
    ----------
    upper, lower : tuple of str
        Seeds with the larger and with the smaller scores.
    upper_mean, lower_mean : float
        Mean oriented score of each group, in units of the metric.
    statistic, critical_value : float
        The gap between the groups in units of their spread, and what it exceeds.
    method, null : str
        The method, and the null hypothesis.
    """

    upper: tuple[str, ...]
    lower: tuple[str, ...]
    upper_mean: float
    lower_mean: float
    statistic: float
    critical_value: float
    method: str
    null: str

    def lower_lacks_it(self, margin: float | None) -> bool:
        """Return whether only the upper group shows the prediction.

        Parameters
        ----------
        margin : float or None
            Smallest effect that matters; None where none is known.

        Returns
        -------
        bool
            Whether the mean of the lower group is below the margin, and less than half of the upper group's.
        """
        half = 0.5 * self.upper_mean
        return half > 0 and self.lower_mean < (half if margin is None else min(half, margin))


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ArmEvidence:
    """One condition: its curves, its scores and its own effect.

    Attributes
    ----------
    condition : str
        The label.
    role : str
        ``"treatment"`` or ``"control"``.
    seeds : tuple of str
        Labels of the seeds that are used; of bit-identical copies only the first is kept.
    scored_seeds : tuple of str
        Those of them that have a score, in its order: a seed that misses a level which the score needs has none.
    levels : ndarray, shape (n_levels,)
        Levels of the knob at which this condition was seen, ascending, in the knob's own units.
    curves : ndarray, shape (n_seeds, n_levels)
        Metric (in the declared metric scale), NaN where missing. In the independent design the rows are
        runs without a common identity: only the columns mean anything.
    scores : ndarray, shape (n_scored_seeds,)
        Oriented scores of the claim, one per seed that has one; empty in the independent design.
    n_seeds : int
        Replicates: seeds that are used, or (independent design) the typical number of runs per level.
    n_showing : int or None
        Seeds whose own score is above 0; None where a seed has no score that depends on itself alone.
    n_reaching : int or None
        Those whose score reaches the declared `min_effect`; None where none was declared as well.
    groups : SeedGroups or None
        The two groups into which the scores fall; None where they look like one.
    effect : Estimate
        Oriented effect with its two-sided ``1 - 2 alpha`` interval; NaN if unavailable.
    tau : float
        Mean oriented Kendall tau; NaN in the independent design.
    pvalue, pvalue_opposite, pvalue_small : float
        One-sided p-values of effect <= 0, of effect >= 0, and of effect >= min_effect (NaN if undeclared).
    claim_pvalue, claim_prob_positive : float
        In this condition on its own, the largest p-value and the least posterior probability of the primary clause and
        of every clause that must be shown beside it. NaN where nothing depends on it: for controls, and for claims on a
        mean effect.
    claim_pvalue_refuted : float
        In this condition on its own, the smallest p-value of a tolerated clause being true, times their number. NaN
        where nothing depends on it, or no clause is only tolerated.
    n_copies : int
        Seeds that were left out because they repeat another seed to the last bit, as chance cannot.
    n_equal : int
        Seeds that have the curve of another and are kept, since the metric is so coarse that chance can give that.
    n_excluded : int
        Seeds that were left out because they are too short.
    short : tuple of ShortRun
        Those seeds: with fewer than 3 levels, or less than 80 % of the condition's range.
    swept : tuple of float
        First and last level of the condition's range, in the knob's own units: the range that at least half of its
        runs reach.
    n_trimmed : int
        Levels that were left out because fewer than half of the runs reach them.
    """

    condition: str
    role: Role
    seeds: tuple[str, ...]
    scored_seeds: tuple[str, ...] = field(repr=False, metadata={"json": False})
    levels: FloatArray = field(repr=False)
    curves: FloatArray = field(repr=False)
    scores: FloatArray = field(repr=False)
    n_seeds: int
    n_showing: int | None
    n_reaching: int | None
    groups: SeedGroups | None
    effect: Estimate
    tau: float
    pvalue: float
    pvalue_opposite: float
    pvalue_small: float
    claim_pvalue: float
    claim_prob_positive: float
    claim_pvalue_refuted: float = math.nan
    n_copies: int
    n_equal: int
    n_excluded: int
    short: tuple[ShortRun, ...]
    swept: tuple[float, float]
    n_trimmed: int

    def __repr__(self) -> str:
        """Return who it is as one line: all fields together fill a screen."""
        return f"<ArmEvidence {self.role} {self.condition!r}: {self.n_seeds} seeds, effect {self.effect}>"

    @property
    def constant(self) -> bool:
        """Whether several seeds have one and the same value in every cell."""
        found = self.curves[~np.isnan(self.curves)]
        return self.n_seeds > 1 and found.size > 0 and bool((found == found[0]).all())

    @property
    def deterministic(self) -> bool:
        """Whether several seeds have one and the same curve, so that chance plays no part."""
        first = self.curves[:1]
        return (
            bool(self.seeds)
            and self.n_seeds > 1
            and np.array_equal(self.curves, np.repeat(first, len(self.curves), axis=0), equal_nan=True)
        )


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class LostCells:
    """Cells that were lost, in conditions whose seeds were seen at several levels.

    Attributes
    ----------
    n_lost, n_cells : int
        Cells that are missing, of how many, in the seeds that are used.
    n_short : int
        Runs that were left out as too short.
    pvalue_level : float
        Two-sided p-value of missing cells not depending on the level, by Mantel's extension test within seeds.
    pvalue_last : float
        Two-sided p-value of runs not ending because of their last values, by Diggle's test.
    stands : bool or None
        Whether the answer is the same with the lost cells at the worst values that they could have had; None where this
        was not asked, because nothing depends on it.
    """

    n_lost: int
    n_cells: int
    n_short: int
    pvalue_level: float
    pvalue_last: float
    stands: bool | None


@by_value
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
        ``"min_effect"`` or ``"residual sd"``; ``"share"`` for claims on most seeds, where a share stands in its place.
    power : float
        Probability of a definite answer at that effect.
    bottleneck : str
        ``"treatment"`` or ``"control"``: which comparison needs most seeds.
    share : float or None
        For claims on most seeds, the share of all seeds that show it at which power was computed; else None.
    """

    n_seeds: int | None
    effect: float
    effect_source: str
    power: float
    bottleneck: str
    share: float | None = None


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenSeeds:
    """What the seeds of a treatment cannot rule out: others that do what few or none of them do.

    Attributes
    ----------
    condition : str
        The treatment with the fewest seeds.
    n_seeds, n_showing : int
        Its seeds, and those of them that change by the margin or more (above 0 where there is no margin).
    share : float
        Largest share of all seeds that may do so, at one-sided `confidence`.
    confidence : float
        ``1 - alpha``.
    mean_low, mean_high : float or None
        One-sided bounds of the mean effect that hold for every distribution of scores, where the bounds of the metric
        were declared and a single treatment was swept; else None. In units of the metric.
    """

    condition: str
    n_seeds: int
    n_showing: int
    share: float
    confidence: float
    mean_low: float | None
    mean_high: float | None


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
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
    ranges : str
        ``"equal"`` where the treatments were swept over the same range, ``"common"`` where they were cut to the levels
        that all compared conditions span, and ``"own"`` where each counts over its own range.
    control_apart : bool
        Whether the controls have too few levels in common with the treatments to be compared with them.
    majority : MajorityEvidence or None
        How many seeds show the claim, where it is about most of them; None where it is about their mean.
    trend, interval, slopes : TrendEvidence, IntervalEvidence, SlopesEvidence or None
        The three lines of the treatments' mean; None when there are too few seeds or levels. The trend is None for
        shapes that are none, and with the slopes for claims on most seeds, whose interval is that of the median.
    clauses : tuple of ClauseEvidence
        The scored clauses of the shape; empty for a plain trend.
    near_end : NearEndEvidence or None
        Whether the shape may stand too near an end of the range; None where it has no place, or could be tested at all.
    control_departs : ClauseEvidence or None
        The primary clause in the controls, where these must be shown to depart from the shape.
    location : LocationEvidence or None
        Onset, knee, turn or midpoint; None where the shape has none, or its primary clause is not shown.
    other_scales : tuple of ScaleEvidence
        Whether the curve is steepest in the middle on other scales of the metric, where that is claimed; else empty.
    law : LawEvidence or None
        Floor and exponent of each condition, and how treatment and control differ; None where the shape claims no such
        law, or there is too little data.
    control : ControlEvidence or None
        Treatment against control; None without a control.
    negative_controls : NegativeControls or None
        What five or more negative controls say of the effect; None where the signature does not ask, or they cannot
        tell.
    reversal : ReversalEvidence or None
        Whether the curve turns; None when there are too few seeds or levels to ask.
    unseen : UnseenSeeds or None
        What so few seeds cannot rule out; None where every cell is a fresh run, or with too little data.
    residual_sd : float
        Noise of one cell: treatments only, after each seed's own line and the level means are removed, in
        units of the metric; NaN if unavailable. All seeds together: one diverged cell widens it, but not the margin.
    seeds_needed : SeedsNeeded or None
        What would resolve an inconclusive verdict.
    notes : tuple of Reason
        What the reader must know, such as ``"duplicate_seeds"``.
    table_notes : tuple of TableNote
        What was dropped, merged or converted when the table was read.
    lost : LostCells or None
        Cells that were lost; None where none was, and in the independent design.
    level_names : tuple of tuple
        Pairs of a level and its name, where the knob holds words; else empty.
    look : Look or None
        Which of the planned looks this is; None where none were planned.
    """

    design: Design
    arms: tuple[ArmEvidence, ...]
    sides: int
    orientation: int
    ranges: Ranges
    control_apart: bool
    majority: MajorityEvidence | None = None
    unseen: UnseenSeeds | None = None
    trend: TrendEvidence | None
    interval: IntervalEvidence | None
    slopes: SlopesEvidence | None
    clauses: tuple[ClauseEvidence, ...]
    near_end: NearEndEvidence | None
    control_departs: ClauseEvidence | None
    location: LocationEvidence | None
    control: ControlEvidence | None
    negative_controls: NegativeControls | None = None
    reversal: ReversalEvidence | None
    residual_sd: float
    seeds_needed: SeedsNeeded | None
    notes: tuple[Reason, ...]
    table_notes: tuple[TableNote, ...]
    lost: LostCells | None = None
    other_scales: tuple[ScaleEvidence, ...] = ()
    law: LawEvidence | None = None
    level_names: tuple[tuple[float, str], ...] = ()
    look: Look | None = None

    def __repr__(self) -> str:
        """Return what it is about as one line: all fields together fill a screen."""
        seeds = ", ".join(f"{arm.condition} ({arm.n_seeds} seeds)" for arm in self.arms)
        return f"<Evidence {self.design} design: {seeds}>"

    @property
    def treatments(self) -> tuple[ArmEvidence, ...]:
        """Conditions with the mechanism."""
        return tuple(arm for arm in self.arms if arm.role == "treatment")

    @property
    def primary(self) -> ClauseEvidence | None:
        """The primary clause where it was scored; None for trends, and with too little data."""
        return next((each for each in self.clauses if each.kind == "primary"), None)

    @property
    def other_clauses(self) -> tuple[ClauseEvidence, ...]:
        """The clauses other than the primary one."""
        return tuple(each for each in self.clauses if each.kind != "primary")

    def tested_levels(self, arm: ArmEvidence) -> FloatArray:
        """Return the levels that carry weight: in the independent design those with enough runs.

        Parameters
        ----------
        arm : ArmEvidence
            One of `arms`.

        Returns
        -------
        ndarray
            Levels at which the condition was seen; of independent runs those with three or more, or (where these are
            fewer than 3, or the claim is about every level) with two or more, if any.
        """
        counts = (~np.isnan(arm.curves)).sum(axis=0)
        by_level = self.primary is not None and self.primary.at is not None
        several = counts >= 2 if by_level else levels_with_weight(counts)
        return arm.levels[several] if self.design == "independent" and several.any() else arm.levels
