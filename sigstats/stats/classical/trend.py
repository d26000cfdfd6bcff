"""Monotone trend of one series: whether y tends to go up, or down, with x.

Every pair of observations votes: up if the later one is larger, down if it is smaller. `mann_kendall` asks
whether the votes could have come about by chance; `theil_sen` takes the median of the slopes between pairs as
the size of the trend.

These tests treat the *observations* as the replicates. A sweep of several seeds has the seed as its replicate
instead, so there they serve as a description of one seed, not as a test of the mean over seeds.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.checks import Alternative, FloatArray, IntArray, Missing
from sigstats.stats.classical.concordance import (
    concordance,
    concordance_variance,
    dense_ranks,
    tau_b,
    untied_pairs,
)
from sigstats.stats.classical.enumeration import concordance_tails
from sigstats.stats.classical.result import NullTest
from sigstats.stats.tails import Tail, count_tail, normal_tail

_BLOCK = 1 << 22  # pairs whose slopes are held in memory at once: 32 MB


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

    All n (n - 1) / 2 slopes are looked at. Up to four million of them are held in memory together (32 MB);
    beyond that they are made point by point and only those near the wanted ranks are kept, so that time grows
    with the square of n (about a second at n = 10,000) and memory does not. Both ways give the same numbers.

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
    low, below, above, high = _ordered_slopes(places, values, wanted, n_slopes)
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


def _slopes(x: FloatArray, y: FloatArray) -> Iterator[FloatArray]:
    """Yield, for each point in order of x, its slopes to all points with a larger x."""
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    for i, first in enumerate(np.searchsorted(x, x, side="right").tolist()):
        with np.errstate(over="ignore"):  # slopes between almost equal x may be infinite
            yield (y[first:] - y[i]) / (x[first:] - x[i])


def _ordered_slopes(x: FloatArray, y: FloatArray, wanted: tuple[int, ...], n_slopes: int) -> list[float]:
    """Return the slopes of these ranks (from 0); beyond the first or last one, minus or plus infinity."""
    ranks = sorted({rank for rank in wanted if 0 <= rank < n_slopes})
    if n_slopes <= _BLOCK:
        slopes = np.sort(np.concatenate(list(_slopes(x, y))))
        found = {rank: float(slopes[rank]) for rank in ranks}
    else:
        sample = _sampled_slopes(x, y)
        found = {rank: _kth_slope(x, y, rank, rank / n_slopes, sample) for rank in ranks}
    return [found.get(rank, -math.inf if rank < 0 else math.inf) for rank in wanted]


def _sampled_slopes(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return sorted slopes of some pairs, always the same ones, from which a bracket is guessed."""
    i, j = np.random.default_rng(0).integers(0, len(x), size=(2, 200_000))
    i, j = i[x[i] != x[j]], j[x[i] != x[j]]
    with np.errstate(over="ignore"):
        return np.sort((y[j] - y[i]) / (x[j] - x[i]))


def _kth_slope(x: FloatArray, y: FloatArray, rank: int, share: float, sample: FloatArray) -> float:
    """Return the slope of this rank: count those outside a bracket, sort those inside it."""
    centre, width = share * len(sample), 4.0 * math.sqrt(len(sample) * share * (1.0 - share)) + 4.0
    while True:
        first, last = int(centre - width), int(centre + width)
        low = float(sample[first]) if first >= 0 else -math.inf
        high = float(sample[last]) if last < len(sample) else math.inf
        below = up_to_low = up_to_high = 0
        inside = []
        for slopes in _slopes(x, y):
            below += int(np.count_nonzero(slopes < low))
            up_to_low += int(np.count_nonzero(slopes <= low))
            up_to_high += int(np.count_nonzero(slopes <= high))
            inside.append(slopes[(slopes > low) & (slopes < high)])
        middle = np.sort(np.concatenate(inside))
        if up_to_low <= rank < up_to_low + len(middle):
            return float(middle[rank - up_to_low])
        if below <= rank < up_to_high:
            return low if rank < up_to_low else high
        width *= 4.0
