"""Mann-Kendall tests for series whose neighbours resemble each other, or that have seasons.

A series that drifts slowly has fewer independent observations than points, so the plain test finds trends that are not
there. Two corrections enlarge the variance of S by the autocorrelation of the detrended series; a third test compares
only observations of the same season. pymannkendall computes the statistics; the p-values are made here, since its own
are 0 beyond z = 8.3, and since it calls a series with a negative corrected variance "no trend".
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.checks import Alternative, FloatArray, Missing
from sigstats.stats.classical.concordance import concordance_variance, dense_ranks
from sigstats.stats.classical.result import NullTest
from sigstats.stats.classical.trend import standardised
from sigstats.stats.tails import normal_tail

_FEWEST = 4  # the variance corrections divide by n - 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedMannKendall(NullTest[float | None]):
    """Result of `hamed_rao` and `yue_wang`; the fields of every test are those of `NullTest`."""

    statistic: int  # s, the number of pairs that go up minus the number that go down
    # variance of S after the correction. It can come out negative; None where the autocorrelation
    # cannot be estimated, as for a perfect line
    variance: float | None
    uncorrected_variance: float  # variance of S for independent observations, ties taken into account
    z: float | None  # (S - sign S) / sqrt(variance); None unless the variance is positive
    tau: float  # s divided by the number of pairs
    n: int  # number of observations used
    null: str = "the series is stationary: it has no trend, whatever its autocorrelation"


def hamed_rao(
    y: npt.ArrayLike,
    *,
    lag: int | None = None,
    screen: float = 0.05,
    alternative: Alternative = "two-sided",
    missing: Missing = "error",
) -> CorrectedMannKendall:
    """Test one autocorrelated series for a trend, by the correction of Hamed and Rao.

    Parameters
    ----------
    y : array_like, shape (n,)
        The series at equal steps, at least 4 observations.
    lag : int, optional
        Largest lag whose autocorrelation is used, in [1, n - 1]; by default all.
    screen : float
        Lags count if their autocorrelation is significant at this level, in (0, 1).
    alternative : {"two-sided", "greater", "less"}
        Which trend counts against the null hypothesis; "greater" is upward.
    missing : {"error", "drop"}
        Whether NaN is refused, or dropped, after which the series closes up.

    Returns
    -------
    CorrectedMannKendall
        S with corrected variance and p-value.

    Notes
    -----
    *Assumptions.* Equal steps, a linear trend plus a stationary series, and enough points to estimate
    autocorrelations: at 10 points they are noise.

    *What would fool it.* Short series, and a strong autocorrelation at lag 1 (above about .6): both leave too
    many false trends. Slow swings of the size of the series cannot be told from a trend.

    References
    ----------
    .. [1] K. H. Hamed, A. R. Rao, "A modified Mann-Kendall trend test for autocorrelated data", Journal of
           Hydrology 204(1-4), 182-196, 1998. https://doi.org/10.1016/S0022-1694(97)00125-X
    .. [2] M. M. Hussain, I. Mahmud, "pyMannKendall: a python package for non parametric Mann Kendall family of trend
           tests", Journal of Open Source Software 4(39), 1556, 2019. https://doi.org/10.21105/joss.01556

    Examples
    --------
    >>> from sigstats.stats.classical.serial import hamed_rao
    >>> y = [1.0, 1.2, 1.1, 1.5, 1.9, 1.8, 1.7, 2.1, 2.4, 2.3, 2.6, 2.5]
    >>> hamed_rao(y, lag=1).statistic
    54
    """
    from pymannkendall import hamed_rao_modification_test

    series, largest = _series(y, lag, missing)
    level = checks.fraction("screen", screen)
    side = checks.alternative(alternative)
    with np.errstate(all="ignore"):
        theirs = hamed_rao_modification_test(series, alpha=level, lag=largest)
    return _corrected(
        series,
        float(theirs.s),
        float(theirs.var_s),
        side,
        "Hamed and Rao (1998): significant lags of the ranks",
    )


def yue_wang(
    y: npt.ArrayLike,
    *,
    lag: int | None = None,
    alternative: Alternative = "two-sided",
    missing: Missing = "error",
) -> CorrectedMannKendall:
    """Test one autocorrelated series for a trend, by the correction of Yue and Wang.

    Parameters
    ----------
    y : array_like, shape (n,)
        The series at equal steps, at least 4 observations.
    lag : int, optional
        Largest lag whose autocorrelation is used, in [1, n - 1]; by default all. With all of them the
        correction is erratic; the authors also propose 1.
    alternative : {"two-sided", "greater", "less"}
        Which trend counts against the null hypothesis; "greater" is upward.
    missing : {"error", "drop"}
        Whether NaN is refused, or dropped, after which the series closes up.

    Returns
    -------
    CorrectedMannKendall
        S with corrected variance and p-value.

    Notes
    -----
    *Assumptions.* As for `hamed_rao`; every lag counts, significant or not.

    *What would fool it.* The corrected variance is often far too small, or negative, in which case there is no p-value.

    References
    ----------
    .. [1] S. Yue, C. Wang, "The Mann-Kendall test modified by effective sample size to detect trend in
           serially correlated hydrological series", Water Resources Management 18(3), 201-218, 2004.
           https://doi.org/10.1023/B:WARM.0000043140.61082.60

    Examples
    --------
    >>> from sigstats.stats.classical.serial import yue_wang
    >>> y = [1.0, 1.2, 1.1, 1.5, 1.9, 1.8, 1.7, 2.1, 2.4, 2.3, 2.6, 2.5]
    >>> yue_wang(y, lag=1).statistic
    54
    """
    from pymannkendall import yue_wang_modification_test

    series, largest = _series(y, lag, missing)
    side = checks.alternative(alternative)
    with np.errstate(all="ignore"):
        theirs = yue_wang_modification_test(series, lag=largest)
    return _corrected(
        series,
        float(theirs.s),
        float(theirs.var_s),
        side,
        "Yue and Wang (2004): all lags of the detrended series",
    )


def _series(y: npt.ArrayLike, lag: int | None, missing: object) -> tuple[FloatArray, int | None]:
    """Return the checked series and lag."""
    series = checks.vector_with_gaps("y", y, missing)
    n = int(np.count_nonzero(~np.isnan(series)))
    if n < _FEWEST:
        raise InputError(
            f"`y` has {n} observations; the correction needs at least {_FEWEST}. Add observations."
        )
    return series, None if lag is None else checks.whole("lag", lag, low=1, high=n - 1)


def _corrected(
    series: FloatArray, score: float, corrected: float, side: Alternative, method: str
) -> CorrectedMannKendall:
    """Return the result for a score and its corrected variance, which may be unusable."""
    seen = series[~np.isnan(series)]
    n = len(seen)
    variance = corrected if math.isfinite(corrected) else None
    z = standardised(score, variance) if variance is not None and variance > 0 else None
    tail = None if z is None else normal_tail(z, side)
    return CorrectedMannKendall(
        statistic=round(score),
        variance=variance,
        uncorrected_variance=concordance_variance(np.ones(n, dtype=np.int64), dense_ranks(seen)[1]),
        z=z,
        pvalue=None if tail is None else tail.pvalue,
        log10_pvalue=None if tail is None else tail.log10_pvalue,
        tau=score / (n * (n - 1) / 2),
        n=n,
        alternative=side,
        method=method,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonalMannKendall(NullTest[float]):
    """Result of `seasonal_mann_kendall`; the fields of every test are those of `NullTest`."""

    statistic: int  # s, summed over seasons
    variance: float  # variance of S if the seasons are independent
    z: float  # (S - sign S) / sqrt(variance); 0 where every season is constant
    tau: float  # s divided by the number of pairs within seasons
    n: int  # number of observations used
    period: int  # observations per cycle
    null: str = (
        "within each season the observations are independent with one distribution, and so are the seasons"
    )
    method: str = "normal approximation, continuity corrected"


def seasonal_mann_kendall(
    y: npt.ArrayLike, period: int, *, alternative: Alternative = "two-sided", missing: Missing = "error"
) -> SeasonalMannKendall:
    """Test a series with seasons for a trend, comparing like season with like.

    Parameters
    ----------
    y : array_like, shape (n,)
        The series at equal steps. It need not end with a full cycle.
    period : int
        Observations per cycle, at least 2; 12 for months.
    alternative : {"two-sided", "greater", "less"}
        Which trend counts against the null hypothesis; "greater" is upward.
    missing : {"error", "drop"}
        Whether NaN is refused, or left out in its season.

    Returns
    -------
    SeasonalMannKendall
        S, its variance, z, p-value and tau.

    Notes
    -----
    *Assumptions.* Observations are independent within and between seasons.

    *What would fool it.* Serial correlation, which makes p too small; opposite trends in different seasons,
    which cancel.

    References
    ----------
    .. [1] R. M. Hirsch, J. R. Slack, R. A. Smith, "Techniques of trend analysis for monthly water quality
           data", Water Resources Research 18(1), 107-121, 1982. https://doi.org/10.1029/WR018i001p00107

    Examples
    --------
    >>> from sigstats.stats.classical.serial import seasonal_mann_kendall
    >>> seasonal_mann_kendall([1, 9, 2, 10, 4, 12, 3, 15], 2).statistic
    10
    """
    from pymannkendall import seasonal_test

    series = checks.vector_with_gaps("y", y, missing)
    cycle = checks.whole("period", period, low=2)
    side = checks.alternative(alternative)
    per_season = [int(np.count_nonzero(~np.isnan(series[start::cycle]))) for start in range(cycle)]
    if max(per_season) < 2:
        raise InputError(
            f"`y` has less than two observations in every season of `period` {cycle}; add cycles."
        )
    with np.errstate(all="ignore"):
        theirs = seasonal_test(series, period=cycle)
    z = standardised(float(theirs.s), float(theirs.var_s))
    tail = normal_tail(z, side)
    return SeasonalMannKendall(
        statistic=round(theirs.s),
        variance=float(theirs.var_s),
        z=z,
        pvalue=tail.pvalue,
        log10_pvalue=tail.log10_pvalue,
        tau=float(theirs.Tau),
        n=sum(per_season),
        period=cycle,
        alternative=side,
    )
