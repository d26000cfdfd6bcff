"""Results on how many seeds show the claim."""

from dataclasses import dataclass

from sigstats.stats.by_value import by_value


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class MajorityEvidence:
    """Do most seeds show the claim? Each seed counts as one that does or does not.

    Attributes
    ----------
    n_seeds : int
        Number of seeds.
    n_showing : int
        Seeds whose score reaches `bound`; is above it where the bound is 0.
    bound : float
        What a seed's score must reach: the declared `min_effect`, else 0. In units of the metric.
    share_low, share_high : float
        Exact two-sided ``1 - 2 alpha`` interval of the share of all seeds that would show it.
    pvalue : float
        One-sided p-value of at most half of all seeds showing it.
    n_needed : int or None
        Seeds, of these, that must show it for a majority to be shown; None where all would not be enough.
    fewest : int
        Seeds with which a majority can be shown at all.
    method, null, replicate : str
        The method, the null hypothesis, and what was counted as one independent observation.
    """

    n_seeds: int
    n_showing: int
    bound: float
    share_low: float
    share_high: float
    pvalue: float
    n_needed: int | None
    fewest: int
    method: str
    null: str
    replicate: str
