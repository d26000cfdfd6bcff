"""Prior distributions for hierarchical models, as small frozen objects.

A Bayesian model needs to be told, before the data are looked at, which values of its parameters are
plausible. Here a prior is an object of options that names a distribution and its scale *in the units of the
data*: a prior on the spread of slopes of a metric in percent per step is in percent per step. The functions
`normal`, `half_normal`, `half_t`, `half_cauchy`, `exponential` and `flat` make them.

`normal` and `flat` suit locations (a mean intercept, a mean slope). The others, and `flat`, suit standard
deviations, which cannot be negative. A flat prior has density 1 everywhere; it is not a distribution, and a
posterior under it exists only where the data are informative enough.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray

_LOG_TWO_PI = math.log(2.0 * math.pi)


def _positive(name: str, given: object) -> float:
    """Return a finite number above 0."""
    remedy = (
        ", in the units of the data. For a prior without information use flat(); to leave a term out of the model, "
        "leave it out of the data."
    )
    return checks.positive(name, given, remedy)


def _where_positive(value: npt.ArrayLike, log_density: FloatArray) -> FloatArray:
    """Return a log density with minus infinity put in below 0."""
    kept: FloatArray = np.where(np.asarray(value, dtype=float) >= 0.0, log_density, -np.inf)
    return kept


def _above_zero(value: npt.ArrayLike) -> FloatArray:
    """Return values with those below 0 moved to 0."""
    moved: FloatArray = np.maximum(np.asarray(value, dtype=float), 0.0)
    return moved


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal prior of a location."""

    mean: float  # centre, in the units of the parameter
    sd: float  # standard deviation, above 0

    def logpdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the log density at each value."""
        z = (np.asarray(value, dtype=float) - self.mean) / self.sd
        density: FloatArray = -0.5 * np.square(z) - (0.5 * _LOG_TWO_PI + math.log(self.sd))
        return density

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value."""
        return np.asarray(special.ndtr((np.asarray(value, dtype=float) - self.mean) / self.sd))

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which a given probability lies."""
        return np.asarray(self.mean + self.sd * special.ndtri(np.asarray(probability, dtype=float)))

    def rescaled(self, factor: float) -> "Normal":
        """Return the same prior with its standard deviation multiplied by a factor above 0."""
        return Normal(self.mean, self.sd * _positive("factor", factor))

    def __str__(self) -> str:
        """Return the call that makes the prior."""
        return f"normal({self.mean:g}, {self.sd:g})"


@dataclass(frozen=True, slots=True)
class HalfNormal:
    """Normal distribution around 0, cut to positive values."""

    scale: float  # standard deviation of the uncut normal, above 0

    def logpdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the log density at each value; minus infinity below 0."""
        z = np.asarray(value, dtype=float) / self.scale
        return _where_positive(value, 0.5 * math.log(2.0 / math.pi) - math.log(self.scale) - 0.5 * z * z)

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value."""
        return np.asarray(special.erf(_above_zero(value) / (self.scale * math.sqrt(2.0))))

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which a given probability lies."""
        p = np.asarray(probability, dtype=float)
        return np.asarray(self.scale * math.sqrt(2.0) * special.erfinv(p))

    def rescaled(self, factor: float) -> "HalfNormal":
        """Return the same prior with its scale multiplied by a factor above 0."""
        return HalfNormal(self.scale * _positive("factor", factor))

    @property
    def tail(self) -> float:
        """Power with which the density falls off far out; infinite for an exponential or faster fall."""
        return math.inf

    def __str__(self) -> str:
        """Return the call that makes the prior."""
        return f"half_normal({self.scale:g})"


@dataclass(frozen=True, slots=True)
class HalfT:
    """Student's t distribution around 0, cut to positive values."""

    df: float  # degrees of freedom, above 0; 1 is the half-Cauchy
    scale: float  # scale, above 0

    def logpdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the log density at each value; minus infinity below 0."""
        z = np.asarray(value, dtype=float) / self.scale
        constant = math.log(2.0) + math.lgamma(0.5 * (self.df + 1.0)) - math.lgamma(0.5 * self.df)
        constant -= 0.5 * math.log(self.df * math.pi) + math.log(self.scale)
        return _where_positive(value, constant - 0.5 * (self.df + 1.0) * np.log1p(z * z / self.df))

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value."""
        square = np.square(_above_zero(value) / self.scale)
        return np.asarray(special.betainc(0.5, 0.5 * self.df, square / (self.df + square)))

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which a given probability lies."""
        p = np.asarray(probability, dtype=float)
        return np.asarray(self.scale * special.stdtrit(self.df, 0.5 * (1.0 + p)))

    def rescaled(self, factor: float) -> "HalfT":
        """Return the same prior with its scale multiplied by a factor above 0."""
        return HalfT(self.df, self.scale * _positive("factor", factor))

    @property
    def tail(self) -> float:
        """Power with which the density falls off far out."""
        return self.df + 1.0

    def __str__(self) -> str:
        """Return the call that makes the prior."""
        return f"half_cauchy({self.scale:g})" if self.df == 1 else f"half_t({self.df:g}, {self.scale:g})"


@dataclass(frozen=True, slots=True)
class Exponential:
    """Exponential distribution."""

    rate: float  # one over the mean, above 0

    def logpdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the log density at each value; minus infinity below 0."""
        return _where_positive(value, math.log(self.rate) - self.rate * np.asarray(value, dtype=float))

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value."""
        return np.asarray(-np.expm1(-self.rate * _above_zero(value)))

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which a given probability lies."""
        return np.asarray(-np.log1p(-np.asarray(probability, dtype=float)) / self.rate)

    def rescaled(self, factor: float) -> "Exponential":
        """Return the same prior with its mean multiplied by a factor above 0."""
        return Exponential(self.rate / _positive("factor", factor))

    @property
    def tail(self) -> float:
        """Power with which the density falls off far out; infinite for an exponential or faster fall."""
        return math.inf

    def __str__(self) -> str:
        """Return the call that makes the prior."""
        return f"exponential({self.rate:g})"


@dataclass(frozen=True, slots=True)
class FlatPrior:
    """Density 1 everywhere (for a standard deviation: from 0 on); not a distribution."""

    def logpdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return 0 for each value."""
        return np.zeros(np.shape(np.asarray(value, dtype=float)))

    def rescaled(self, factor: float) -> "FlatPrior":
        """Return the same prior: it has no scale."""
        _positive("factor", factor)
        return self

    @property
    def tail(self) -> float:
        """Power with which the density falls off far out: it does not."""
        return 0.0

    def __str__(self) -> str:
        """Return the call that makes the prior."""
        return "flat()"


LocationPrior = Normal | FlatPrior
ScalePrior = HalfNormal | HalfT | Exponential | FlatPrior


def normal(mean: float, sd: float) -> Normal:
    """Return a normal prior of a location.

    Parameters
    ----------
    mean : float
        Centre, in the units of the parameter.
    sd : float
        Standard deviation, in (0, inf).

    Returns
    -------
    Normal
        The prior.

    Examples
    --------
    >>> print(normal(0, 2.5))
    normal(0, 2.5)
    """
    return Normal(checks.number("mean", mean), _positive("sd", sd))


def half_normal(scale: float) -> HalfNormal:
    """Return a half-normal prior of a standard deviation; its tail is light.

    Parameters
    ----------
    scale : float
        Standard deviation of the uncut normal, in (0, inf). The prior mean is 0.8 of it.

    Returns
    -------
    HalfNormal
        The prior.

    Examples
    --------
    >>> round(float(half_normal(2.0).quantile(0.95)), 2)
    3.92
    """
    return HalfNormal(_positive("scale", scale))


def half_t(df: float, scale: float) -> HalfT:
    """Return a half-t prior of a standard deviation.

    Parameters
    ----------
    df : float
        Degrees of freedom, in (0, inf); fewer mean a heavier tail.
    scale : float
        Scale, in (0, inf).

    Returns
    -------
    HalfT
        The prior.

    References
    ----------
    .. [1] A. Gelman, "Prior distributions for variance parameters in hierarchical models", Bayesian Analysis
           1(3), 515-534, 2006. https://doi.org/10.1214/06-BA117A

    Examples
    --------
    >>> print(half_t(4, 0.5))
    half_t(4, 0.5)
    """
    return HalfT(_positive("df", df), _positive("scale", scale))


def half_cauchy(scale: float) -> HalfT:
    """Return a half-Cauchy prior of a standard deviation; half of it lies above its scale.

    Parameters
    ----------
    scale : float
        Median, in (0, inf).

    Returns
    -------
    HalfT
        The prior, with one degree of freedom.

    References
    ----------
    .. [1] N. G. Polson and J. G. Scott, "On the half-Cauchy prior for a global scale parameter", Bayesian
           Analysis 7(4), 887-902, 2012. https://doi.org/10.1214/12-BA730

    Examples
    --------
    >>> round(float(half_cauchy(5.0).cdf(5.0)), 3)
    0.5
    """
    return HalfT(1.0, _positive("scale", scale))


def exponential(rate: float) -> Exponential:
    """Return an exponential prior of a standard deviation.

    Parameters
    ----------
    rate : float
        One over the prior mean, in (0, inf).

    Returns
    -------
    Exponential
        The prior.

    Examples
    --------
    >>> round(float(exponential(0.5).quantile(0.5)), 4)
    1.3863
    """
    return Exponential(_positive("rate", rate))


def flat() -> FlatPrior:
    """Return the prior that has density 1 everywhere, for a location or a standard deviation.

    Returns
    -------
    FlatPrior
        The prior.

    Examples
    --------
    >>> print(flat())
    flat()
    """
    return FlatPrior()


def precision_of(sd: float) -> float:
    """Return 1 / sd**2 of a prior in units of the data; raise where the data dwarf the prior beyond all floats."""
    if not 1e-150 < sd < 1e150:
        raise InputError(
            f"the sd of a prior is {sd:.0e} times the size of the data, which leaves no common scale. Give priors in "
            "units of the data."
        )
    return float(sd**-2)


def as_location_prior(name: str, given: object) -> LocationPrior:
    """Return a prior of a location that was passed; raise for anything else."""
    if isinstance(given, LocationPrior):
        return given
    raise OptionError(
        f"`{name}` is {given!r}; it must be a prior of a location: flat() or normal(mean, sd), from sigstats.priors."
    )


def as_scale_prior(name: str, given: object) -> ScalePrior:
    """Return a prior of a standard deviation that was passed; raise for anything else."""
    if isinstance(given, ScalePrior):
        return given
    raise OptionError(
        f"`{name}` is {given!r}; it must be a prior of a standard deviation: exponential(rate), flat(), "
        f"half_cauchy(scale), half_normal(scale) or half_t(df, scale), from sigstats.priors."
    )
