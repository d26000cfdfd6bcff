"""Treatments against a baseline, as data: what reports read."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table.cells import TableNote
from sigstats.evidence.reason import Reason
from sigstats.signature.signature import Signature
from sigstats.stats.comparisons.groups import Population, Split
from sigstats.stats.estimate import Estimate
from sigstats.verdict.decision import Provenance
from sigstats.verdict.groups import Criterion
from sigstats.verdict.rules import Status

FloatArray = NDArray[np.float64]
Pairing = Literal["paired", "independent", "partly paired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRuns:
    """The runs of one condition: a score each, the mean over its items.

    Attributes
    ----------
    condition : str
        The label.
    role : str
        ``"baseline"``, ``"treatment"`` or ``"control"``.
    seeds : tuple of str
        Labels of the runs.
    scores : ndarray, shape (n_runs,)
        Mean of each run over the common items, in the metric scale.
    items : ndarray, shape (n_items,)
        Mean of each item over the runs; empty without items.
    """

    condition: str
    role: str
    seeds: tuple[str, ...]
    scores: FloatArray = field(repr=False)
    items: FloatArray = field(repr=False)

    @property
    def mean(self) -> float:
        """Mean over runs."""
        return float(self.scores.mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What would resolve an open question.

    Attributes
    ----------
    runs : int or None
        Runs per condition, with the items at hand; None where more than 1000 would be needed, or no number is enough.
    items : int or None
        Items, with the runs at hand; None where items do not vary, or no number is enough.
    margin : float
        Difference at which that was computed, in units of the metric; never the observed one.
    power : float
        Probability of a definite answer at that difference.
    """

    runs: int | None
    items: int | None
    margin: float
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """One treatment against the baseline.

    Attributes
    ----------
    condition : str
        The treatment.
    status : Status
        ``"present"``, ``"absent"``, ``"partial"`` or ``"inconclusive"``.
    reasons : tuple of Reason
        Why; empty for a plain *present*.
    rule : int
        Number of the row of the verdict table that applied.
    criteria : tuple of Criterion
        Every comparison that was made.
    difference : Estimate
        Mean of the treatment minus that of the baseline, with its interval.
    ratio : Estimate or None
        Mean of the treatment over that of the baseline, with Fieller's interval; None where the latter may be 0.
    standardised : float
        The difference in units of the sd between runs (Hedges' g); NaN without one.
    wins : Estimate
        Probability that a new run of the treatment is higher than a new run of the baseline, in pairs where runs are
        paired: the share of such pairs, or of all combinations; ties count half. The bounds hold whatever the
        distribution of the scores.
    pairing : str
        ``"paired"`` where runs share labels, ``"independent"`` where none do, else ``"partly paired"``.
    correlation : float
        Correlation of paired runs; NaN without pairs.
    df : float
        Degrees of freedom.
    pvalue : float
        One-sided p-value of the claim, corrected for the number of treatments; NaN where nothing could be tested.
    pvalue_against : float
        The same for its denial: the opposite, or (equivalent, not worse) a difference outside the margin.
    pvalue_small : float
        The same for a gain below the margin; NaN without a margin, and for claims that are about the margin.
    margin : float or None
        The margin in units of the metric; of a relative one, the part of the baseline's observed mean.
    control : Estimate or None
        Mean of the controls minus that of the baseline; None without controls.
    contrast : Estimate or None
        Difference of the treatment minus that of the controls; None without controls.
    n_runs : tuple of int
        Runs of the treatment and of the baseline.
    n_items : int
        Items that all runs have; 0 without items.
    split : Split or None
        Variance components of the difference between runs, items and the rest; None without items.
    needed : Needed or None
        What would resolve an open question; None without a margin.
    """

    condition: str
    status: Status
    reasons: tuple[Reason, ...]
    rule: int
    criteria: tuple[Criterion, ...]
    difference: Estimate
    ratio: Estimate | None
    standardised: float
    wins: Estimate
    pairing: Pairing
    correlation: float
    df: float
    pvalue: float
    pvalue_against: float
    pvalue_small: float
    margin: float | None
    control: Estimate | None
    contrast: Estimate | None
    n_runs: tuple[int, int]
    n_items: int
    split: Split | None
    needed: Needed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The answer to a claim on treatments and a baseline, without its reports; `Comparison` lists the attributes."""

    status: Status
    reasons: tuple[Reason, ...]
    notes: tuple[TableNote, ...]
    rows: tuple[Against, ...]
    groups: tuple[GroupRuns, ...] = field(repr=False)
    population: Population
    correction: str
    unit: str
    signature: Signature
    provenance: Provenance = field(repr=False)

    @property
    def baseline(self) -> GroupRuns:
        """The runs that treatments are compared with."""
        return next(group for group in self.groups if group.role == "baseline")
