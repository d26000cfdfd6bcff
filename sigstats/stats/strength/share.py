"""The control's share of an effect: the ratio of two means, with all ratios that the data do not exclude."""

from dataclasses import dataclass

import numpy as np
from scipy import special


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoMeans:
    """Two means with their variances and their covariance."""

    treatment: float
    control: float
    treatment_variance: float
    control_variance: float
    covariance: float
    df: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanRatio:
    """The control's mean over the treatment's, and which ratios the data do not exclude."""

    value: float
    low: float  # low, high: ends of the set; infinite where it has none
    high: float
    gap: tuple[float, float] | None  # ratios that are excluded in the midst of an unbounded set


def mean_ratio(means: TwoMeans, *, tail: float) -> MeanRatio | None:
    """Return the ratio of two means with Fieller's set; None where the treatment's mean is 0 or nothing varies.

    Notes
    -----
    A ratio r is not excluded where ``control - r treatment`` is not shown to differ from 0. Where the treatment's mean
    is not shown to differ from 0, such ratios reach to infinity: the set is then everything, or everything but a gap,
    and no bounded interval would keep its confidence.

    *Assumptions.* Both means are normal, with variances whose ratio is known to Welch's approximation.

    References
    ----------
    E. C. Fieller, "Some problems in interval estimation", Journal of the Royal Statistical Society B 16 (1954),
    https://doi.org/10.1111/j.2517-6161.1954.tb00159.x
    """
    if means.treatment == 0 or not (means.df > 0 and means.treatment_variance + means.control_variance > 0):
        return None
    squared = float(special.stdtrit(means.df, 1.0 - tail)) ** 2
    # r is in the set where a r^2 - 2 b r + c <= 0.
    a = means.treatment**2 - squared * means.treatment_variance
    b = means.treatment * means.control - squared * means.covariance
    c = means.control**2 - squared * means.control_variance
    value, inside = means.control / means.treatment, b * b - a * c
    if a > 0:
        root = float(np.sqrt(max(inside, 0.0)))
        return MeanRatio(value=value, low=(b - root) / a, high=(b + root) / a, gap=None)
    gap = None
    if a < 0 and inside > 0:
        root = float(np.sqrt(inside))
        gap = ((b + root) / a, (b - root) / a)
    return MeanRatio(value=value, low=-np.inf, high=np.inf, gap=gap)
