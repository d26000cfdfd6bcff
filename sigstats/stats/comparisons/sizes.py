"""Sizes of a difference between two groups: ratio, standardised difference and correlation."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.comparisons.groups import Group, Population, contrast


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The mean of one group over that of another."""

    value: float
    low: float  # low, high: Fieller's interval; infinite where the data give no bound
    high: float


def ratio(treatment: Group, baseline: Group, population: Population, *, confidence: float) -> Ratio | None:
    """Return the ratio of two means with Fieller's interval; None where the baseline's mean may be 0.

    Notes
    -----
    An end r of the interval is a ratio at which ``treatment - r baseline`` is just not distinguishable from 0. The
    ends are found from the variances of both means and of their difference, with the degrees of freedom of the latter.

    References
    ----------
    E. C. Fieller, "Some problems in interval estimation", Journal of the Royal Statistical Society B 16 (1954),
    https://doi.org/10.1111/j.2517-6161.1954.tb00159.x
    """
    pair = (treatment, baseline)
    below = contrast(pair, (0.0, 1.0), population)
    above = contrast(pair, (1.0, 0.0), population)
    between = contrast(pair, (1.0, -1.0), population)
    if not (below.variance >= 0 and between.df > 0) or below.estimate == 0:
        return None
    value = above.estimate / below.estimate
    if not between.variance > 0:
        return Ratio(value=value, low=np.nan, high=np.nan)
    critical = float(special.stdtrit(between.df, (1.0 + confidence) / 2.0)) ** 2
    covariance = (above.variance + below.variance - between.variance) / 2.0
    # r solves a r^2 - 2 b r + c = 0; b^2 - a c without the difference of two large products.
    a = below.estimate**2 - critical * below.variance
    b = above.estimate * below.estimate - critical * covariance
    if a <= 0:
        return None
    spread = (
        below.estimate**2 * between.variance
        + 2.0 * below.estimate * between.estimate * (below.variance - covariance)
        + between.estimate**2 * below.variance
    )
    left = critical * spread - critical**2 * (above.variance * below.variance - covariance**2)
    root = float(np.sqrt(max(left, 0.0)))
    return Ratio(value=value, low=(b - root) / a, high=(b + root) / a)


def standardised(treatment: Group, baseline: Group) -> float:
    """Return the difference of means in units of the pooled sd between runs, corrected for few runs; NaN without one.

    References
    ----------
    L. V. Hedges, "Distribution theory for Glass's estimator of effect size and related estimators", Journal of
    Educational Statistics 6 (1981), https://doi.org/10.3102/10769986006002107
    """
    one, other = treatment.scores, baseline.scores
    df = one.size + other.size - 2
    if df < 2:
        return float("nan")
    squares = ((one - one.mean()) ** 2).sum() + ((other - other.mean()) ** 2).sum()
    if not squares > df * max(treatment.rounding, baseline.rounding) ** 2:
        return float("nan")
    correct = float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))
    return correct * float(one.mean() - other.mean()) / float(np.sqrt(squares / df))


def correlation(treatment: Group, baseline: Group) -> float:
    """Return the correlation of paired runs; NaN with fewer than 3, or where a side does not vary."""
    one, other = treatment.scores, baseline.scores
    if one.size < 3 or not (np.ptp(one) > treatment.rounding and np.ptp(other) > baseline.rounding):
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])
