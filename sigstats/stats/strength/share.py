"""The control's share of an effect: the ratio of two means, with all ratios that the data do not exclude."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.crossing import crossing
from sigstats.stats.scores.combine import Combination, welch

ENDLESS = 1e9  # a ratio so large, beside the one that was seen, counts as infinite


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoMeans:
    """Two means with their variances, and the degrees of freedom of these."""

    treatment: float
    control: float
    treatment_variance: float
    control_variance: float
    covariance: float
    treatment_df: float
    control_df: float
    shared_df: float | None  # of every difference, where both sides are the same seeds; else None

    def variance(self, ratio: float) -> float:
        """Return the variance of the control's mean minus a multiple of the treatment's."""
        return ratio**2 * self.treatment_variance + self.control_variance - 2.0 * ratio * self.covariance

    def df(self, ratio: float) -> float:
        """Return its degrees of freedom, as Welch's test has them."""
        if self.shared_df is not None:
            return self.shared_df
        sides = (
            (self.treatment, self.treatment_variance, self.treatment_df),
            (self.control, self.control_variance, self.control_df),
        )
        parts = [
            Combination(estimate=mean, variance=variance, df=df, n_seeds=int(df) + 1)
            for mean, variance, df in sides
        ]
        return welch(parts, (-ratio, 1.0)).df


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
    A ratio r is not excluded where ``control - r treatment`` is not shown to differ from 0, by Welch's t at that r.
    Where the treatment's mean is not shown to differ from 0, such ratios reach to infinity: the set is then
    everything, or everything but a gap, and no bounded interval would keep its confidence.

    *Assumptions.* Both means are normal. *What would fool it.* Skewed scores: ``docs/validity/strength.csv`` has the
    coverage.

    References
    ----------
    E. C. Fieller, "Some problems in interval estimation", Journal of the Royal Statistical Society B 16 (1954),
    https://doi.org/10.1111/j.2517-6161.1954.tb00159.x
    """
    if means.treatment == 0 or not means.treatment_variance + means.control_variance > 0:
        return None

    def excess(ratio: float) -> float:
        """Return by how much a ratio is beyond its bound; below 0 where it is not excluded."""
        critical = float(special.stdtrit(means.df(ratio), 1.0 - tail))
        bound = critical * float(np.sqrt(max(means.variance(ratio), 0.0)))
        return abs(means.control - ratio * means.treatment) - bound

    value = means.control / means.treatment
    unit = max(abs(value), 1.0)
    if excess(value + ENDLESS * unit) > 0 and excess(value - ENDLESS * unit) > 0:
        low, high = (_end(excess, value, side * unit) for side in (-1.0, 1.0))
        return MeanRatio(value=value, low=low, high=high, gap=None)
    return MeanRatio(value=value, low=-np.inf, high=np.inf, gap=_gap(excess, means, value))


def _end(excess: Callable[[float], float], inside: float, step: float) -> float:
    """Return the ratio at which the sign of the excess first differs from that inside, stepping outwards."""
    sign = excess(inside) > 0
    near, far = inside, inside + 1e-6 * step
    while (excess(far) > 0) == sign and abs(far - inside) < ENDLESS * abs(step):
        near, far = far, inside + 1.5 * (far - inside)
    if (excess(far) > 0) == sign:
        return float(np.copysign(np.inf, step))
    return near if near == far else crossing(excess, near, far, tolerance=1e-12)


def _gap(excess: Callable[[float], float], means: TwoMeans, value: float) -> tuple[float, float] | None:
    """Return the ratios that are excluded although larger ones are not; None where none is."""
    # Where a difference is largest in units of its standard error: at right angles to the ratio that was seen.
    below = means.treatment_variance * means.control - means.covariance * means.treatment
    if below == 0:
        return None
    farthest = (means.covariance * means.control - means.control_variance * means.treatment) / below
    if not excess(farthest) > 0:
        return None
    unit = max(abs(value), abs(farthest), 1.0)
    low, high = (_end(excess, farthest, side * unit) for side in (-1.0, 1.0))
    return (low, high)
