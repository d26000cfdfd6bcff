"""Results on the law that a metric follows over the knob."""

from dataclasses import dataclass

from sigstats.stats.estimate import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionLaw:
    """The law E + A x^-a of the mean curve of one condition.

    Attributes
    ----------
    condition : str
        The label.
    exponent : Estimate
        a; its interval starts at 0 where no floor is in sight, and has no end where all of the change may lie before
        the second level.
    floor : Estimate
        E, the floor (or ceiling) that the metric approaches; infinite ends where the data set none.
    excess : Estimate
        Distance of the law from its floor at the level `at`.
    at : float
        The middle of the swept range on a log scale.
    n_seeds : int
        Number of replicates.
    """

    condition: str
    exponent: Estimate
    floor: Estimate
    excess: Estimate
    at: float
    n_seeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LawEvidence:
    """The laws of all conditions, and how treatment and control differ.

    Attributes
    ----------
    conditions : tuple of ConditionLaw
        One per condition, treatments first.
    exponent_difference : Estimate or None
        Exponent of the treatments minus that of the controls; None without controls.
    excess_ratio : Estimate or None
        Distance from the floor at the middle of the range: that of the treatments, divided by that of the controls;
        None without controls.
    decades_more : float or None
        How many decades more of the knob would show a floor, if the law goes on as it was fitted; None where the range
        suffices, infinite where the curve does not bend at all.
    method : str
        The methods.
    """

    conditions: tuple[ConditionLaw, ...]
    exponent_difference: Estimate | None
    excess_ratio: Estimate | None
    decades_more: float | None
    method: str
