"""Monotone trend of one series: whether y tends to go up, or down, with x.

Every pair of observations votes: up if the later one is larger, down if it is smaller. `mann_kendall` asks
whether the votes could have come about by chance; `theil_sen` takes the median of the slopes between pairs as
the size of the trend.

These tests treat the *observations* as the replicates. A sweep of several seeds has the seed as its replicate
instead, so there they serve as a description of one seed, not as a test of the mean over seeds.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.checks import Alternative, IntArray, Missing
from sigstats.stats.classical.concordance import (
    concordance,
    concordance_variance,
    dense_ranks,
    tau_b,
    untied_pairs,
)
from sigstats.stats.classical.enumeration import concordance_tails
from sigstats.stats.classical.result import NullTest
from sigstats.stats.classical.slope_ranks import ordered_slopes
from sigstats.stats.tails import Tail, count_tail, normal_tail


@dataclass(frozen=True, slots=True, kw_only=True)
class MannKendall(NullTest[float]):
    """Result of `mann_kendall`; the fields of every test are those of `NullTest`."""

    statistic: int  # s, the number of pairs that go up minus the number that go down
    variance: (
        float  # variance of S over all orders of the observations, ties in y and in x taken into account
    )
    z: float  # (S - sign S) / sqrt(variance); 0 where y or x is constant
    tau: float | None  # Kendall's tau-b in [-1, 1]; None where y or x is constant
    n: int  # number of observations used
    null: str = "the observations are independent with one distribution, whatever x is"


def mann_kendall(
    y: npt.ArrayLike,
    x: npt.ArrayLike | None = None,
    *,
    alternative: Alternative = "two-sided",
    method: Literal["asymptotic", "exact"] = "asymptotic",
    missing: Missing = "error",
) -> MannKendall:
    """Test whether one series tends to go up or down.

    Parameters
    ----------
    y : array_like, shape (n,)
        The series, at least 3 observations. Only their order matters.
    x : array_like, shape (n,), optional
        What y is ordered by; values may repeat, and pairs with equal x do not vote. By default the position in y.
    alternative : {"two-sided", "greater", "less"}
        Which trend counts against the null hypothesis; "greater" is upward.
    method : {"asymptotic", "exact"}
        "asymptotic" is the normal approximation with continuity correction. "exact" counts all orders of the
        observations: up to 100 of them without ties, fewer with.
    missing : {"error", "drop"}
        Whether NaN in y is refused, or dropped together with its x. Without x, the rest closes up.

    Returns
    -------
    MannKendall
        S, its variance, z, p-value and tau.

    Notes
    -----
    *Assumptions.* Under the null hypothesis the observations are independent and exchangeable. Nothing is
    assumed about their distribution or about the spacing of x. Ties are allowed everywhere.

    *What would fool it.* Serial correlation: neighbours that resemble each other look like a trend (see
    `hamed_rao`). A change of spread, or a step, counts as a trend. A rise followed by an equal fall does not.

    The work grows as n log n.

    References
    ----------
    .. [1] H. B. Mann, "Nonparametric tests against trend", Econometrica 13(3), 245-259, 1945.
           https://doi.org/10.2307/1907187
    .. [2] M. G. Kendall, "Rank Correlation Methods", 4th edition, Griffin, 1970, chapters 4 and 5.

    Examples
    --------
    >>> from sigstats.stats.classical.trend import mann_kendall
    >>> result = mann_kendall([0.31, 0.35, 0.34, 0.42, 0.47, 0.51])
    >>> result.statistic
    13
    >>> round(result.pvalue, 4)
    0.0242
    """
    side = checks.alternative(alternative)
    how = checks.choice("method", method, ("asymptotic", "exact"))
    y_ranks, y_counts, x_ranks, x_counts = _ranked(y, x, missing)
    score = concordance(x_ranks, y_ranks, x_counts, y_counts)
    variance = concordance_variance(x_counts, y_counts)
    z = standardised(score, variance)
    tail = _exact_tail(score, x_counts, y_counts, side) if how == "exact" else normal_tail(z, side)
    return MannKendall(
        statistic=score,
        variance=variance,
        z=z,
        pvalue=tail.pvalue,
        log10_pvalue=tail.log10_pvalue,
        tau=tau_b(score, x_counts, y_counts),
        n=len(y_ranks),
        alternative=side,
        method="exact permutation distribution"
        if how == "exact"
        else "normal approximation, continuity corrected",
    )


def standardised(score: float, variance: float) -> float:
    """Return (S - sign S) / sqrt(variance), and 0 where S cannot vary."""
    return (score - math.copysign(1.0, score)) / math.sqrt(variance) if score and variance > 0 else 0.0


def _ranked(
    y: npt.ArrayLike, x: npt.ArrayLike | None, missing: object
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return dense ranks of y and of x, each with its counts."""
    values = checks.vector_with_gaps("y", y, missing)
    kept = ~np.isnan(values)
    n = int(np.count_nonzero(kept))
    if n < 3:
        raise InputError(f"`y` has {n} observations; a trend needs at least 3. Add observations.")
    if x is None:
        return *dense_ranks(values[kept]), np.arange(n), np.ones(n, dtype=np.int64)
    places = checks.vector("x", x)
    checks.same_size(y=values, x=places)
    return *dense_ranks(values[kept]), *dense_ranks(places[kept])


def _exact_tail(score: int, x_counts: IntArray, y_counts: IntArray, side: Alternative) -> Tail:
    """Return the p-value of S from its distribution over all orders of the observations."""
    tails = concordance_tails(score, tuple(x_counts.tolist()), tuple(y_counts.tolist()))
    if tails is None:
        raise OptionError(
            f"`method` is 'exact' for {x_counts.sum()} observations with {len(x_counts)} and {len(y_counts)} "
            "different values; that is too many orders to count. Use method='asymptotic', which is accurate at this "
            "size."
        )
    return count_tail(*tails, side)


@dataclass(frozen=True, slots=True, kw_only=True)
class TheilSen:
    """Result of `theil_sen`."""

    slope: float  # median of the slopes between pairs of points, in units of y per unit of x
    intercept: float  # median of y minus slope times median of x
    intercept_joint: float  # median of y - slope * x: half of the points lie above the line
    # low, high: ends of Sen's interval for the slope; infinite where there are too few pairs for this
    # confidence
    low: float
    high: float
    confidence: float  # of the interval
    n: int  # number of points
    n_slopes: int  # number of pairs with different x
    statistic: int  # Kendall's S of y with x: pairs that rise minus pairs that fall
    pvalue: float  # two-sided p-value of the Mann-Kendall test that goes with the slope; 1 for two points
    # the null hypothesis of that test
    null: str = "the observations are independent with one distribution, whatever x is"
    method: str = "Sen's interval by normal approximation, ties corrected"  # how the interval was obtained


def theil_sen(x: npt.ArrayLike, y: npt.ArrayLike, *, confidence: float = 0.95) -> TheilSen:
    """Estimate the slope of a line as the median slope between pairs of points.

    Parameters
    ----------
    x : array_like, shape (n,)
        Positions; values may repeat, but not all be equal.
    y : array_like, shape (n,)
        Values.
    confidence : float
        Two-sided confidence of the interval, in (0, 1).

    Returns
    -------
    TheilSen
        Slope, intercepts and interval.

    Notes
    -----
    *Assumptions.* A straight line plus independent errors with one distribution, which may be skewed or heavy-tailed.
    The slope stands up to outliers in up to 29 % of the points. The interval inverts the test of `mann_kendall`.

    *What would fool it.* Serial correlation makes the interval too short. On a curve the slope is a
    compromise that belongs to no point of it.

    Up to four million slopes (n = 2,900) are made and sorted. Beyond that, slopes are counted without being made, and
    only those near the wanted ranks are made: n = 100,000 takes seconds, and the numbers are the same. Where many
    slopes are equal, as in coarsely rounded data, time grows with the square of n.

    References
    ----------
    .. [1] P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", Journal of the American
           Statistical Association 63(324), 1379-1389, 1968. https://doi.org/10.1080/01621459.1968.10480934
    .. [2] W. J. Conover, "Practical Nonparametric Statistics", 3rd edition, Wiley, 1999, section 5.5 (intercept).

    Examples
    --------
    >>> from sigstats.stats.classical.trend import theil_sen
    >>> result = theil_sen([1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78], confidence=0.93)
    >>> result.slope, round(result.low, 3), result.high
    (4.0, 3.714, 4.375)
    """
    level = checks.fraction("confidence", confidence)
    places, values = checks.vector("x", x, min_size=2), checks.vector("y", y, min_size=2)
    checks.same_size(x=places, y=values)
    x_counts, y_counts = dense_ranks(places)[1], dense_ranks(values)[1]
    n = len(places)
    n_slopes = untied_pairs(x_counts)
    if n_slopes == 0:
        raise InputError(f"`x` has the one value {places[0]}; a slope needs at least two. Vary x.")
    spread = -float(special.ndtri((1.0 - level) / 2.0)) * math.sqrt(concordance_variance(x_counts, y_counts))
    # [1] equation 3.7: the interval runs from one of the ordered slopes to another
    wanted = (
        round((n_slopes - spread) / 2) - 1,
        (n_slopes - 1) // 2,
        n_slopes // 2,
        round((n_slopes + spread) / 2),
    )
    # powers of two keep the differences of huge or tiny numbers inside the range of floats, without rounding
    x_unit, y_unit = (math.frexp(float(np.max(np.abs(array))))[1] for array in (places, values))
    places, values = np.ldexp(places, -x_unit), np.ldexp(values, -y_unit)
    low, below, above, high = ordered_slopes(places, values, wanted, n_slopes)
    slope = 0.5 * below + 0.5 * above
    test = mann_kendall(values, places) if n > 2 else None
    return TheilSen(
        slope=_rescaled(slope, y_unit - x_unit),
        intercept=_rescaled(float(np.median(values)) - slope * float(np.median(places)), y_unit),
        intercept_joint=_rescaled(float(np.median(values - slope * places)), y_unit),
        low=_rescaled(low, y_unit - x_unit),
        high=_rescaled(high, y_unit - x_unit),
        confidence=level,
        n=n,
        n_slopes=n_slopes,
        statistic=test.statistic if test else int(np.sign(slope)),
        pvalue=test.pvalue if test else 1.0,
    )


def _rescaled(value: float, exponent: int) -> float:
    """Return value * 2^exponent, or say that it does not fit into a float."""
    try:
        return math.ldexp(value, exponent)
    except OverflowError as error:
        raise InputError("the slope exceeds the largest float; give `x` or `y` in larger units.") from error
