"""What is said of items that were measured in every run."""

from dataclasses import dataclass

from sigstats.evidence.results import Estimate
from sigstats.stats.bayes.difference import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopeSplit:
    """Where the variance of the mean slope over new seeds and new items comes from, as shares that sum to 1.

    Each standard deviation counts with the median of its posterior.

    Attributes
    ----------
    seeds, items, rest : float
        Share of each.
    """

    seeds: float
    items: float
    rest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What is said of items that were measured in every run.

    Attributes
    ----------
    n_items, n_left_out : int
        Items that count, and items that some run lacked.
    these_items : Estimate
        Mean slope of the treatments over new seeds, on these items.
    prob_positive : float
        Posterior probability that it is above zero.
    contrast : Difference or None
        The same minus that of the controls; None without a control.
    split : SlopeSplit
        Where the variance of the mean slope comes from.
    """

    n_items: int
    n_left_out: int
    these_items: Estimate
    prob_positive: float
    contrast: Difference | None
    split: SlopeSplit
