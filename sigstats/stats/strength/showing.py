"""How often a new seed shows more than another: the share of pairs, with bounds that hold for scores of any kind."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray

ROUNDING = 1e-12  # of the largest score


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """A share of seeds, or of pairs of seeds."""

    share: float
    low: float  # low, high: ends of the two-sided interval
    high: float


def share_above_zero(scores: FloatArray, *, tail: float) -> Showing:
    """Return the share of scores above 0, with exact bounds that each err with probability `tail` at most.

    Notes
    -----
    *Assumptions.* Seeds are independent. Nothing else is assumed of the scores.

    References
    ----------
    C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    Biometrika 26 (1934), https://doi.org/10.1093/biomet/26.4.404
    """
    return _bounded(float((scores > 0).mean()), scores.size, tail)


def share_of_pairs(treatment: FloatArray, control: FloatArray, *, tail: float) -> Showing:
    """Return the share of pairs in which the treatment has the larger score; a tie counts half.

    Notes
    -----
    The share over all pairs is the statistic of Mann and Whitney. It has the bounds of a binomial share of as many
    trials as the smaller side has seeds, since so many pairs have no seed in common. They are cautious where both sides
    vary alike. Narrower intervals err where they do not: with 3 seeds beside 10, that of Newcombe (2006) misses in more
    than .2 instead of .1, and that of Brunner and Munzel (2000) in more than .9 where the sides are nearly apart.

    *Assumptions.* The seeds of a side are independent; some may be correlated with a seed of the other side. Nothing
    else is assumed of the scores. ``docs/validity/strength.csv`` has the coverage.

    References
    ----------
    H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than the
    other", Annals of Mathematical Statistics 18 (1947), https://doi.org/10.1214/aoms/1177730491

    R. G. Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2:
    asymptotic methods and evaluation", Statistics in Medicine 25 (2006), https://doi.org/10.1002/sim.2324
    """
    return _bounded(_wins(treatment[:, None], control[None, :]), min(treatment.size, control.size), tail)


def share_within_pairs(treatment: FloatArray, control: FloatArray, *, tail: float) -> Showing:
    """Return the share of seeds that have the larger score in the treatment, with the bounds of `share_above_zero`."""
    return _bounded(_wins(treatment, control), treatment.size, tail)


def apart(treatment: FloatArray, control: FloatArray) -> FloatArray:
    """Return treatment minus control; 0 where that is nothing but rounding."""
    difference = treatment - control
    largest = max(float(np.abs(treatment).max(initial=0.0)), float(np.abs(control).max(initial=0.0)))
    return np.where(np.abs(difference) > ROUNDING * largest, difference, 0.0)


def _wins(treatment: FloatArray, control: FloatArray) -> float:
    """Return the share of differences above 0; ties count half."""
    return float((np.sign(apart(treatment, control)).mean() + 1.0) / 2.0)


def _bounded(share: float, n: int, tail: float) -> Showing:
    count = share * n
    low = float(special.betaincinv(count, n - count + 1.0, tail)) if share > 0 else 0.0
    high = float(special.betaincinv(count + 1.0, n - count, 1.0 - tail)) if share < 1 else 1.0
    return Showing(share=share, low=low, high=high)
