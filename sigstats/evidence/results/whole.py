"""Results on each condition, and all results together."""

from dataclasses import dataclass, field

import numpy as np

from sigstats.data.table.sweep import TableNote
from sigstats.evidence.reason import Reason
from sigstats.evidence.results.comparison import ControlEvidence
from sigstats.evidence.results.lines import (
    ClauseEvidence,
    IntervalEvidence,
    LocationEvidence,
    NearEndEvidence,
    ReversalEvidence,
    SlopesEvidence,
    TrendEvidence,
)
from sigstats.stats.estimate import Design, Estimate, FloatArray, Ranges, Role


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
        Oriented effect with its two-sided ``1 - 2 alpha`` interval; NaN if unavailable.
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
    short: tuple[ShortRun, ...]
    swept: tuple[float, float]
    n_trimmed: int

    @property
    def constant(self) -> bool:
        """Whether several seeds have one and the same value in every cell."""
        found = self.curves[~np.isnan(self.curves)]
        return self.n_seeds > 1 and found.size > 0 and bool((found == found[0]).all())


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
    ranges : str
        ``"equal"`` where the treatments were swept over the same range, ``"common"`` where they were cut to the levels
        that all compared conditions span, and ``"own"`` where each counts over its own range.
    control_apart : bool
        Whether the controls have too few levels in common with the treatments to be compared with them.
    trend, interval, slopes : TrendEvidence, IntervalEvidence, SlopesEvidence or None
        The three lines of the treatments' mean; None when there are too few seeds or levels. The trend is None for
        shapes that are none.
    clauses : tuple of ClauseEvidence
        The scored clauses of the shape; empty for a plain trend.
    near_end : NearEndEvidence or None
        Whether the shape may stand too near an end of the range; None where it has no place, or could be tested at all.
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
        units of the metric; NaN if unavailable. All seeds together: one diverged cell widens it, but not the margin.
    seeds_needed : SeedsNeeded or None
        What would resolve an inconclusive verdict.
    notes : tuple of Reason
        What the reader must know, such as ``"duplicate_seeds"``.
    table_notes : tuple of TableNote
        What was dropped, merged or converted when the table was read.
    """

    design: Design
    arms: tuple[ArmEvidence, ...]
    sides: int
    orientation: int
    ranges: Ranges
    control_apart: bool
    trend: TrendEvidence | None
    interval: IntervalEvidence | None
    slopes: SlopesEvidence | None
    clauses: tuple[ClauseEvidence, ...]
    near_end: NearEndEvidence | None
    control_departs: ClauseEvidence | None
    location: LocationEvidence | None
    control: ControlEvidence | None
    reversal: ReversalEvidence | None
    residual_sd: float
    seeds_needed: SeedsNeeded | None
    notes: tuple[Reason, ...]
    table_notes: tuple[TableNote, ...]

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
        """Return the levels that carry weight: in the independent design a run that stands alone has no variance.

        Parameters
        ----------
        arm : ArmEvidence
            One of `arms`.

        Returns
        -------
        ndarray
            Levels at which the condition was seen; of independent runs those with two or more, if any.
        """
        several = (~np.isnan(arm.curves)).sum(axis=0) >= 2
        return arm.levels[several] if self.design == "independent" and several.any() else arm.levels
