"""Trend by the signs of a few differences: the last third of a series against the first."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sigstats.stats import checks
from sigstats.stats.checks import Alternative
from sigstats.stats.classical.result import NullTest
from sigstats.stats.tails import Tail, count_tail, normal_tail


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxStuart(NullTest[float]):
    """Result of `cox_stuart`; the fields of every test are those of `NullTest`."""

    statistic: int  # number of pairs that go up
    n_pairs: int  # number of pairs that differ
    z: float  # standardised statistic, continuity corrected up to 30 observations
    n: int  # number of observations
    null: str = "between the first and the last third, a rise is as likely as a fall"


def cox_stuart(
    y: npt.ArrayLike,
    *,
    alternative: Alternative = "two-sided",
    method: Literal["asymptotic", "exact"] = "asymptotic",
) -> CoxStuart:
    """Test whether the last third of a series lies above, or below, its first third.

    Parameters
    ----------
    y : array_like, shape (n,)
        The series, at least 3 observations. The k-th is paired with the k-th of the last third (rounded up);
        the middle is not used, and neither are pairs that are equal.
    alternative : {"two-sided", "greater", "less"}
        Which trend counts against the null hypothesis; "greater" is upward.
    method : {"asymptotic", "exact"}
        "asymptotic" is the normal approximation of the textbooks, with mean n / 6 and variance n / 12.
        "exact" is the binomial distribution of the pairs; prefer it below about 60 observations, where the
        other can be off by a factor 2.

    Returns
    -------
    CoxStuart
        The count of rises, z and p-value.

    Notes
    -----
    *Assumptions.* Observations are independent; nothing else.

    *What would fool it.* Serial correlation; anything that happens in the middle. It has less power than
    `mann_kendall`.

    References
    ----------
    .. [1] D. R. Cox, A. Stuart, "Some quick sign tests for trend in location and dispersion", Biometrika
           42(1-2), 80-95, 1955. https://doi.org/10.1093/biomet/42.1-2.80
    .. [2] L. Sachs, "Angewandte Statistik", 8th edition, Springer, 1997, pages 486-487.

    Examples
    --------
    >>> from sigstats.stats.classical.sign_trend import cox_stuart
    >>> result = cox_stuart([5, 6, 2, 3, 5, 6, 4, 3, 7, 8, 9, 7, 5, 3, 4, 7, 3, 5, 6, 7, 8, 9])
    >>> result.statistic, result.n_pairs, round(result.pvalue, 4)
    (7, 8, 0.0364)
    """
    series = checks.vector("y", y, min_size=3)
    side = checks.alternative(alternative)
    how = checks.choice("method", method, ("asymptotic", "exact"))
    third = math.ceil(len(series) / 3)
    differences = series[-third:] - series[:third]
    rises, n_pairs = int(np.count_nonzero(differences > 0)), int(np.count_nonzero(differences))
    z = _standardised(rises, n_pairs, len(series) * n_pairs / third, corrected=len(series) <= 30)
    tail = _binomial_tail(rises, n_pairs, side) if how == "exact" else normal_tail(z, side)
    return CoxStuart(
        statistic=rises,
        n_pairs=n_pairs,
        z=z,
        pvalue=tail.pvalue,
        log10_pvalue=tail.log10_pvalue,
        n=len(series),
        alternative=side,
        method="exact binomial"
        if how == "exact"
        else "normal approximation with mean n / 6 and variance n / 12",
    )


def _standardised(rises: int, n_pairs: int, n: float, *, corrected: bool) -> float:
    """Return [2]'s z: the larger of rises and falls against n / 6, with the sign of the trend."""
    if n_pairs == 0 or 2 * rises == n_pairs:
        return 0.0
    distance = abs(max(rises, n_pairs - rises) - n / 6) - (0.5 if corrected else 0.0)
    return math.copysign(max(distance, 0.0) / math.sqrt(n / 12), 2 * rises - n_pairs)


def _binomial_tail(rises: int, n_pairs: int, side: Alternative) -> Tail:
    """Return the p-value of a fair coin."""
    ways = [math.comb(n_pairs, k) for k in range(n_pairs + 1)]
    return count_tail(sum(ways[: rises + 1]), sum(ways[rises:]), 2**n_pairs, side)
