"""Standardised means: how many sds between seeds a mean lies above 0, or above the mean of a control.

For normal scores the probability that a new seed lies above 0 is ``Phi(mean / sd)``; that it lies above a new seed of
the control is ``Phi(difference / root of the sum of both variances)``. Bounds of the one are bounds of the other.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.crossing import crossing
from sigstats.stats.noncentral import Nodes, nodes

NEGLIGIBLE = 1e-10
SHARPEST = 12.0  # t from which on the steps of pairs, of which there are many, are no longer made smaller


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardised:
    """A standardised mean."""

    value: float  # median unbiased
    low: float  # low, high: ends of the two-sided interval
    high: float

    def probabilities(self) -> tuple[float, float, float]:
        """Return value and ends as the probability that a new seed lies above, if scores are normal."""
        value, low, high = special.ndtr(np.array([self.value, self.low, self.high]))
        return float(value), float(low), float(high)


def standardised_mean(scores: FloatArray, *, tail: float) -> Standardised | None:
    """Return mean over sd with bounds that each err with probability `tail`; None where nothing varies.

    Notes
    -----
    ``sqrt(n) mean / sd`` is noncentral t with ``n - 1`` degrees of freedom, and its distribution is inverted in the
    noncentrality. The noncentrality is that of which ``t sqrt(V / df) - Z`` is a pivot, with V chi-square and Z normal,
    so that one integral over V remains.

    *Assumptions.* Scores are normal, and independent between seeds. *What would fool it.* Skewness, heavy tails, and
    seeds of two kinds: ``docs/validity/strength.csv`` has the coverage.

    References
    ----------
    N. L. Johnson and B. L. Welch, "Applications of the non-central t-distribution", Biometrika 31 (1940),
    https://doi.org/10.1093/biomet/31.3-4.362
    """
    n, sd = scores.size, _spread(scores)
    if n < 2 or not sd > 0:
        return None
    root = float(np.sqrt(n))
    found = noncentrality(root * float(scores.mean()) / sd, n - 1.0, tail=tail)
    return Standardised(value=found.value / root, low=found.low / root, high=found.high / root)


def noncentrality(t: float, df: float, *, tail: float) -> Standardised:
    """Return the mean in units of its true standard error, from its t statistic, by the same inversion."""
    found = nodes(df, t)

    def chance(value: float) -> float:
        return float(special.ndtr(value - t * np.sqrt(found.ratios)) @ found.weights)

    return _inverted(chance, t, tail)


def standardised_difference(
    treatment: FloatArray, control: FloatArray, *, tail: float
) -> Standardised | None:
    """Return the difference of means over the root of the sum of variances; None where nothing varies.

    Notes
    -----
    The interval is generalised (Weerahandi 1993): each variance and each mean is replaced by its pivot given the data,
    and the distribution that the standardised difference then has is cut at both tails. Given the variances it is
    normal, so that an integral over two chi-squares remains. Where one side does not vary, it is
    `standardised_mean` of the other.

    *Assumptions.* Scores of both sides are normal, with any variances, and independent. *What would fool it.* The same
    as `standardised_mean`. The method of Reiser and Guttman is about as good for equal numbers of seeds, but an end of
    5 % errs in more than 10 % with 3 seeds beside 10.

    References
    ----------
    S. Weerahandi, "Generalized confidence intervals", Journal of the American Statistical Association 88 (1993),
    https://doi.org/10.1080/01621459.1993.10476355

    B. Reiser and I. Guttman, "Statistical inference for Pr(Y < X): the normal case", Technometrics 28 (1986),
    https://doi.org/10.1080/00401706.1986.10488133
    """
    one, other = _spread(treatment), _spread(control)
    difference = float(treatment.mean() - control.mean())
    if not (one > 0 and other > 0):
        return standardised_mean(
            treatment - control.mean() if one > 0 else treatment.mean() - control, tail=tail
        )
    n, m = treatment.size, control.size
    sharp = min(abs(difference) / float(np.hypot(one / np.sqrt(n), other / np.sqrt(m))), SHARPEST)
    ratios, others, weights = _pairs(nodes(n - 1, sharp), nodes(m - 1, sharp))
    first, second = one**2 / ratios, other**2 / others
    whole, se = np.sqrt(first + second), np.sqrt(first / n + second / m)

    def chance(value: float) -> float:
        return float(special.ndtr((value * whole - difference) / se) @ weights)

    return _inverted(chance, difference / float(np.hypot(one, other)), tail)


def _spread(scores: FloatArray) -> float:
    """Return the sd; exactly 0 where it is nothing but rounding."""
    sd = float(scores.std(ddof=1)) if scores.size > 1 else 0.0
    return sd if sd > 1e-10 * float(np.abs(scores).max(initial=0.0)) else 0.0


def _pairs(one: Nodes, other: Nodes) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return all pairs of nodes with some weight, and their weights."""
    weights = np.outer(one.weights, other.weights)
    rows, columns = np.nonzero(weights > NEGLIGIBLE * weights.max())
    kept = weights[rows, columns]
    return one.ratios[rows], other.ratios[columns], kept / kept.sum()


def _inverted(chance: Callable[[float], float], near: float, tail: float) -> Standardised:
    """Return where a rising function is a half, `tail`, and 1 - `tail`."""
    span = 1.0 + abs(near)
    while chance(near - span) > tail or chance(near + span) < 1.0 - tail:
        span *= 2.0

    def at(target: float) -> float:
        return crossing(lambda value: chance(value) - target, near - span, near + span, tolerance=1e-9)

    return Standardised(value=at(0.5), low=at(tail), high=at(1.0 - tail))
