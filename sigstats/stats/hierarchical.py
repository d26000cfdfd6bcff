"""Bayesian random intercepts and slopes, and random effects, without simulation.

A *random-slopes* model says that every group (a seed, a document) has its own straight line, and that the
lines scatter around a mean line. How much they scatter is unknown, and with few groups it stays uncertain;
the posterior of the mean slope must carry that uncertainty along. Given the three standard deviations the
model is linear and Gaussian, so the mean line and the group lines have a posterior in closed form. Only the
standard deviations need numerical integration, and three dimensions are few enough for a grid that measures
its own error (see `sigstats.stats.quadrature`). The answer is the same each time, and no chain has to
converge.

`random_effects`, made in `sigstats.stats.pooling`, is the same idea for groups that have been summarised
already, as an estimate each with its standard error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.correlation import LKJ, CorrelationMarginal, as_correlation_prior, correlation_marginal
from sigstats.stats.grouped import group_lines, mean_line
from sigstats.stats.marginals import NormalMixture, ScaleMarginal, mixture, scale_marginal, summary_table
from sigstats.stats.priors import LocationPrior, ScalePrior, as_location_prior, as_scale_prior
from sigstats.stats.quadrature import ScaleGrid, integrate_scales
from sigstats.stats.reduction import reduce_groups
from sigstats.stats.slopes_model import (
    PARAMETERS,
    SlopesDraws,
    SlopesModel,
    draw_slopes,
    existing_moments,
    finite_sds,
    generator,
    group_moments,
    likely_ranges,
)

if TYPE_CHECKING:
    import pandas as pd

_STEP = {3: 0.6, 4: 0.75}  # by dimension


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSlopes:
    """Posterior of a random-slopes model, in data units.

    Attributes
    ----------
    mu_alpha, mu_beta : NormalMixture
        Mean intercept (at x = 0) and mean slope.
    sigma, sigma_alpha, sigma_beta : ScaleMarginal
        Standard deviation of the noise, of the intercepts and of the slopes.
    alpha, beta : NormalMixture
        Intercept and slope of each group, in the order of `groups`.
    rho : CorrelationMarginal or None
        Correlation of the groups' intercepts (at x = 0) and slopes; None where they are independent by assumption.
    groups : tuple, length n_groups
        The groups' labels, sorted.
    log_evidence : float
        Log density of y under the model; a flat prior counts as density 1.
    accurate : bool
        Whether the numbers can be relied on; where False, treat them as not computed.
    error : float
        Estimated numerical error: of the means in posterior sds, of sds and evidence relative.
    edge_mass : float
        Estimated posterior mass outside the grid.
    n_observations : int
        Number of observations.
    priors : mapping of str to str
        The priors, as they would be written in a call.
    method : str
        How the posterior was obtained.
    """

    mu_alpha: NormalMixture
    mu_beta: NormalMixture
    sigma: ScaleMarginal
    sigma_alpha: ScaleMarginal
    sigma_beta: ScaleMarginal
    alpha: NormalMixture
    beta: NormalMixture
    rho: CorrelationMarginal | None
    groups: tuple[Any, ...]
    log_evidence: float
    accurate: bool
    error: float
    edge_mass: float
    n_observations: int
    priors: Mapping[str, str]
    method: str = "trapezoidal rule over the standard deviations, all else in closed form"
    _model: SlopesModel = field(repr=False)
    _grid: ScaleGrid = field(repr=False)

    @property
    def prob_positive(self) -> float:
        """Probability that the mean slope is above 0."""
        return float(self.mu_beta.prob_positive)

    def mass_inside(self, low: float, high: float) -> float:
        """Return the probability that the mean slope lies between two limits.

        Parameters
        ----------
        low, high : float
            Limits, in units of y per unit of x.

        Returns
        -------
        float
            The probability.
        """
        return float(self.mu_beta.mass_inside(low, high))

    def draws(self, n: int, *, rng: object = None) -> SlopesDraws:
        """Return independent draws of all parameters together.

        Parameters
        ----------
        n : int
            Number of draws, at least 1.
        rng : int, numpy.random.Generator or None
            Source of randomness; None takes a fixed entropy, so that the draws are the same each time.

        Returns
        -------
        SlopesDraws
            The draws.
        """
        count = checks.whole("n", n, low=1)
        return draw_slopes(self._model, self._grid, count, generator(rng))

    def summary(self) -> "pd.DataFrame":
        """Return a frame with a row per parameter: mean, sd and quantiles.

        Returns
        -------
        pandas.DataFrame
            Index ``parameter`` (``mu_beta``, ``sigma_beta``, ``beta[0]`` ...), columns ``mean``, ``sd``,
            ``q2.5``, ``q5``, ``q50``, ``q95``, ``q97.5``. Groups are numbered from 0 in the order of
            `groups`.
        """
        import pandas as pd

        scalars = {name: getattr(self, name) for name in PARAMETERS}
        if self.rho is not None:
            scalars["rho"] = self.rho
        names, columns = summary_table(scalars, {"alpha": self.alpha, "beta": self.beta})
        return pd.DataFrame(columns, index=pd.Index(names, name="parameter"))

    def __str__(self) -> str:
        """Return the mean slope in one line."""
        low, high = self.mu_beta.interval(0.9)
        return (
            f"mean slope {self.mu_beta.mean:.4g} (90 % {low:.4g} to {high:.4g}), above 0 with probability "
            f"{self.prob_positive:.4g}; {len(self.groups)} groups"
        )


def random_slopes(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    mu_alpha: LocationPrior,
    mu_beta: LocationPrior,
    sigma: ScalePrior,
    sigma_alpha: ScalePrior,
    sigma_beta: ScalePrior,
    correlation: LKJ | None = None,
    noise_scale: npt.ArrayLike | None = None,
) -> RandomSlopes:
    """Return the exact posterior of straight lines that vary by group.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Knob and metric. x takes at least two values; a group may have only one.
    group : array_like, shape (n,)
        Label of each observation's group.
    mu_alpha, mu_beta : Normal or Flat
        Priors of the mean intercept (at x = 0, in units of y) and of the mean slope (units of y per unit of
        x).
    sigma, sigma_alpha, sigma_beta : HalfNormal, HalfT, Exponential or Flat
        Priors of the standard deviations of noise, intercepts and slopes.
    correlation : LKJ or None
        Prior of the correlation of a group's intercept (at x = 0) and slope; None makes them independent.
    noise_scale : array_like, shape (n,), or None
        Noise sd of each observation in units of sigma, in (0, inf), where observations are known to differ, as in
        averages over different numbers of items. None is 1 for all.

    Returns
    -------
    RandomSlopes
        Posterior of every parameter, draws and log evidence.

    Raises
    ------
    InputError
        If y does not vary around the groups' lines, or the data cannot be used.
    OptionError
        If an argument is no prior, or a flat prior leaves the posterior improper.

    Notes
    -----
    *Model.* ``y = alpha[g] + beta[g] x + noise``, ``alpha[g] ~ N(mu_alpha, sigma_alpha)``,
    ``beta[g] ~ N(mu_beta, sigma_beta)``, ``noise ~ N(0, sigma)``; all independent given the standard
    deviations.

    *Assumptions.* Groups are exchangeable and independent. Within a group, y follows a straight line in x
    with independent normal noise of one standard deviation. Intercepts and slopes are uncorrelated, which
    depends on where x = 0 lies: centre x if its zero has no meaning.

    *What would fool it.* A curve within groups passes as noise. Serial correlation within a group makes its
    slope look better known than it is. With few groups the spread of the slopes is known poorly, and its
    prior decides how wide the posterior of the mean slope is: a half-normal that is too narrow gives false
    certainty.

    *Accuracy.* Means are right to 1e-4 posterior sds, sds to 1e-4 relative, unless `accurate` is False.

    References
    ----------
    .. [1] D. V. Lindley and A. F. M. Smith, "Bayes estimates for the linear model", Journal of the Royal
           Statistical Society B 34(1), 1-18, 1972. https://doi.org/10.1111/j.2517-6161.1972.tb00885.x
    .. [2] A. E. Gelfand, S. E. Hills, A. Racine-Poon and A. F. M. Smith, "Illustration of Bayesian
           inference in normal data models using Gibbs sampling", Journal of the American Statistical
           Association 85(412), 972-985, 1990. https://doi.org/10.1080/01621459.1990.10474968

    Examples
    --------
    >>> from sigstats.priors import half_normal, normal
    >>> posterior = random_slopes(
    ...     x=[0, 1, 2, 0, 1, 2, 0, 1, 2],
    ...     y=[0.1, 1.0, 2.2, 0.3, 0.9, 1.6, -0.2, 1.1, 1.9],
    ...     group=["a", "a", "a", "b", "b", "b", "c", "c", "c"],
    ...     mu_alpha=normal(0, 5),
    ...     mu_beta=normal(0, 5),
    ...     sigma=half_normal(1),
    ...     sigma_alpha=half_normal(1),
    ...     sigma_beta=half_normal(1),
    ... )
    >>> print(f"{posterior.mu_beta.mean:.2f} +- {posterior.mu_beta.sd:.2f}, {posterior.prob_positive:.3f}")
    0.91 +- 0.29, 0.992
    """
    model = SlopesModel(
        groups=reduce_groups(x, y, group, noise_scale),
        mu_alpha=as_location_prior("mu_alpha", mu_alpha),
        mu_beta=as_location_prior("mu_beta", mu_beta),
        sigma=as_scale_prior("sigma", sigma),
        sigma_alpha=as_scale_prior("sigma_alpha", sigma_alpha),
        sigma_beta=as_scale_prior("sigma_beta", sigma_beta),
        correlation=as_correlation_prior("correlation", correlation),
    )
    moments = existing_moments(model)
    grid = integrate_scales(
        model.log_density, likely_ranges(model), moments=moments, step=_STEP[len(moments)]
    )
    return _posterior(model, grid, moments)


def _priors(model: SlopesModel) -> dict[str, str]:
    """Return the priors as they would be written in a call."""
    names = PARAMETERS if model.correlation is None else (*PARAMETERS, "correlation")
    return {name: str(getattr(model, name)) for name in names}


def _posterior(model: SlopesModel, grid: ScaleGrid, moments: tuple[int, ...]) -> RandomSlopes:
    """Return the result in data units."""
    groups = model.groups
    lines = mean_line(groups, model.line_prior, grid.points)
    own_mean, own_variance = group_moments(groups, lines, group_lines(groups, grid.points))
    finite_mean, finite_own = finite_sds(model, moments)
    units = (groups.unit_y, groups.unit_slope)

    def in_data_units(i: int, mean: FloatArray, variance: FloatArray, finite: npt.ArrayLike) -> NormalMixture:
        means, sds = groups.line[i] + units[i] * mean, units[i] * np.sqrt(variance)
        return mixture(grid.weights, means, sds, finite_sd=np.asarray(finite))

    sigma, sigma_alpha, sigma_beta = (
        scale_marginal(axis, probability, unit=unit, moments=count)
        for axis, probability, unit, count in zip(
            grid.axes[:3], grid.marginals[:3], model.scale_units, moments[:3], strict=True
        )
    )
    return RandomSlopes(
        mu_alpha=in_data_units(0, lines.mean[0], lines.covariance[0], finite_mean[0]),
        mu_beta=in_data_units(1, lines.mean[1], lines.covariance[2], finite_mean[1]),
        sigma=sigma,
        sigma_alpha=sigma_alpha,
        sigma_beta=sigma_beta,
        alpha=in_data_units(0, own_mean[0], own_variance[0], finite_own[0]),
        beta=in_data_units(1, own_mean[1], own_variance[1], finite_own[1]),
        rho=correlation_marginal(grid.axes[3], grid.marginals[3]) if len(grid.axes) == 4 else None,
        groups=tuple(groups.labels.tolist()),
        log_evidence=grid.log_integral,
        accurate=grid.accurate,
        error=grid.error,
        edge_mass=grid.edge_mass,
        n_observations=groups.n_observations,
        priors=_priors(model),
        _model=model,
        _grid=grid,
    )
