"""Correlation of the intercepts and slopes of groups: its prior and its posterior.

A seed that starts high may rise less, or more. The correlation rho of intercept and slope says which, and has its own
prior, here that of Lewandowski, Kurowicka and Joe: for two variables, a density proportional to
``(1 - rho^2)^(eta - 1)``. On the grid, rho is represented by ``sqrt((1 + rho) / (1 - rho))``, which is positive, as
standard deviations are; its logarithm is the inverse hyperbolic tangent of rho.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import OptionError
from sigstats.stats import checks
from sigstats.stats.bayes.marginals import Marginal, ScaleMarginal, scale_marginal
from sigstats.stats.bayes.scale_axis import ScaleAxis
from sigstats.stats.checks import FloatArray

_LOG_TWO = math.log(2.0)


@dataclass(frozen=True, slots=True)
class LKJ:
    """Prior of the correlation of two variables."""

    eta: float  # shape, above 0: 1 is uniform on (-1, 1), more draws rho towards 0, less towards -1 and 1

    def logpdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the log density at each value; minus infinity outside (-1, 1)."""
        rho = np.asarray(value, dtype=float)
        inside = np.abs(rho) < 1.0
        log_free = np.log1p(-np.square(np.where(inside, rho, 0.0)))
        return np.asarray(np.where(inside, (self.eta - 1.0) * log_free - self._log_constant, -np.inf))

    def log_density_of_atanh(self, u: npt.ArrayLike) -> FloatArray:
        """Return the log density of u = atanh(rho) at each value."""
        size = np.abs(np.asarray(u, dtype=float))
        log_cosh = size + np.log1p(np.exp(-2.0 * size)) - _LOG_TWO
        return np.asarray(-2.0 * self.eta * log_cosh - self._log_constant)

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value."""
        share = np.clip(0.5 + 0.5 * np.asarray(value, dtype=float), 0.0, 1.0)
        return np.asarray(special.betainc(self.eta, self.eta, share))

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which a given probability lies."""
        p = np.asarray(probability, dtype=float)
        return np.asarray(2.0 * special.betaincinv(self.eta, self.eta, p) - 1.0)

    @property
    def _log_constant(self) -> float:
        """Log of the integral of (1 - rho^2)^(eta - 1)."""
        return (2.0 * self.eta - 1.0) * _LOG_TWO + float(special.betaln(self.eta, self.eta))

    def __str__(self) -> str:
        """Return the call that makes the prior."""
        return f"lkj({self.eta:g})"


def lkj(eta: float) -> LKJ:
    """Return a prior of the correlation of a group's intercept and slope.

    Parameters
    ----------
    eta : float
        Shape, in (0, inf): 1 is uniform on (-1, 1); 2 makes correlations near -1 and 1 unlikely.

    Returns
    -------
    LKJ
        The prior, with density proportional to ``(1 - rho^2)^(eta - 1)``.

    References
    ----------
    .. [1] D. Lewandowski, D. Kurowicka and H. Joe, "Generating random correlation matrices based on vines and
           extended onion method", Journal of Multivariate Analysis 100(9), 1989-2001, 2009.
           https://doi.org/10.1016/j.jmva.2009.04.008

    Examples
    --------
    >>> round(float(lkj(2).cdf(0.5)), 4)
    0.8438
    """
    return LKJ(checks.positive("eta", eta, ": 1 is uniform on (-1, 1), 2 prefers weak correlations."))


def as_correlation_prior(name: str, given: object) -> LKJ | None:
    """Return a prior of a correlation that was passed, or None; raise for anything else."""
    if given is None or isinstance(given, LKJ):
        return given
    raise OptionError(
        f"`{name}` is {given!r}; it must be None, for intercepts and slopes that are independent, or lkj(eta), from "
        f"sigstats.priors."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationMarginal(Marginal):
    """A correlation whose posterior is known on a grid."""

    mean: float  # mean, sd: posterior mean and standard deviation
    sd: float
    _odds: ScaleMarginal = field(repr=False)

    @property
    def prob_positive(self) -> float:
        """Probability of being above 0."""
        return 1.0 - float(self._odds.cdf(1.0))

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value, shape of the value."""
        rho = np.clip(np.asarray(value, dtype=float), -1.0, 1.0)
        with np.errstate(divide="ignore"):
            return self._odds.cdf(np.sqrt((1.0 + rho) / (1.0 - rho)))

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which each probability lies, shape of the probability."""
        return np.asarray(np.tanh(np.log(self._odds.quantile(probability))))


def correlation_marginal(axis: ScaleAxis, probability: FloatArray) -> CorrelationMarginal:
    """Return the posterior of a correlation."""
    rho = np.tanh(axis.log_t)
    mean = float(probability @ rho)
    return CorrelationMarginal(
        mean=mean,
        sd=math.sqrt(float(probability @ (rho - mean) ** 2)),
        _odds=scale_marginal(axis, probability, unit=1.0, moments=0),
    )
