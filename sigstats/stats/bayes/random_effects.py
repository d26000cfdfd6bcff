"""Random effects: groups that are known only by an estimate and its standard error.

Each group's estimate scatters around its own true effect with a known standard error, and the true effects
scatter around a common mean with an unknown standard deviation tau. Given tau everything is normal, so one
integral over tau remains, which is done on a fine grid that measures its own error.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.bayes.grid_draws import draw_scales
from sigstats.stats.bayes.marginals import NormalMixture, ScaleMarginal, mixture, scale_marginal
from sigstats.stats.bayes.posterior import Posterior
from sigstats.stats.bayes.priors import (
    FlatPrior,
    LocationPrior,
    Normal,
    ScalePrior,
    as_location_prior,
    as_scale_prior,
    precision_of,
)
from sigstats.stats.bayes.quadrature import ScaleGrid, integrate_scales
from sigstats.stats.bayes.slopes_model import improper, moments_under
from sigstats.stats.checks import FloatArray

_STEP = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectsModel:
    """Random effects: data and priors, enough to evaluate the density."""

    # effects, standard_errors: shape (n_groups,): estimates minus `center`, and their standard errors,
    # in units of `unit`
    effects: FloatArray
    standard_errors: FloatArray
    mu: LocationPrior  # prior of the mean effect, data units
    tau: ScalePrior  # prior of the standard deviation between groups, data units
    center: float  # center, unit: what was subtracted from the effects, and what they were divided by
    unit: float

    def mean(self, tau: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return mean and variance of mu given tau, and the log likelihood of tau; shapes of tau."""
        variances = self.standard_errors**2 + tau[:, None] ** 2
        weights = 1.0 / variances
        start, precision, constant = 0.0, 0.0, math.log(self.unit)
        if isinstance(self.mu, Normal):
            sd = self.mu.sd / self.unit
            start, precision = (self.mu.mean - self.center) / self.unit, precision_of(sd)
            constant = -math.log(sd) - 0.5 * math.log(2.0 * math.pi)
        total = weights.sum(axis=1) + precision
        shift = (weights @ self.effects - start * weights.sum(axis=1)) / total
        mean = start + shift
        misfit = (weights * (self.effects - mean[:, None]) ** 2).sum(axis=1) + precision * shift * shift
        logs = np.log(variances).sum(axis=1) + np.log(total)
        constant -= 0.5 * (self.effects.size - 1) * math.log(2.0 * math.pi)
        return mean, 1.0 / total, constant - 0.5 * (logs + misfit)

    def log_density(self, log_tau: FloatArray) -> FloatArray:
        """Return the log density of the effects and of log tau, which is in internal units."""
        tau = np.exp(log_tau)
        density = self.mean(tau)[2] - self.effects.size * math.log(self.unit)
        return np.asarray(density + self.tau.logpdf(self.unit * tau) + log_tau + math.log(self.unit))


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectsDraws:
    """Joint posterior draws of a random-effects model."""

    mu: FloatArray  # mu, tau: shape (n_draws,): mean effect, and standard deviation between groups
    tau: FloatArray
    theta: FloatArray  # shape (n_draws, n_groups): true effects of the groups


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEffects(Posterior[EffectsDraws]):
    """Posterior of a random-effects model, in data units; `Posterior` describes the rest of its attributes."""

    mu: NormalMixture  # mean effect
    tau: ScaleMarginal  # standard deviation between groups
    theta: NormalMixture  # true effect of each group, in the order given
    method: str = "trapezoidal rule over tau, all else in closed form"
    _model: EffectsModel = field(repr=False)
    _grid: ScaleGrid = field(repr=False)

    _MAIN = "mu"
    _SCALARS = ("mu", "tau")
    _VECTORS = ("theta",)

    def _draw(self, n: int, source: np.random.Generator) -> EffectsDraws:
        """Return draws of all parameters together."""
        model = self._model
        tau = draw_scales(self._grid, model.log_density, n, source)[0]
        mean, variance, _ = model.mean(tau)
        mu = mean + np.sqrt(variance) * source.standard_normal(n)
        keep, own, sd = _shrunken(model, tau)
        theta = keep * mu + own + sd * source.standard_normal(own.shape)
        return EffectsDraws(
            mu=model.center + model.unit * mu,
            tau=model.unit * tau,
            theta=(model.center + model.unit * theta).T,
        )

    def _named(self) -> str:
        """Return what the main parameter is called."""
        return "mean effect"

    def _counted(self) -> str:
        """Return how many groups there are, in words."""
        return f"{len(self.theta.means)} groups"


def random_effects(
    effects: npt.ArrayLike, standard_errors: npt.ArrayLike, *, mu: LocationPrior, tau: ScalePrior
) -> RandomEffects:
    """Return the exact posterior of effects that vary by group, from estimates with known standard errors.

    Parameters
    ----------
    effects : array_like, shape (n_groups,)
        One estimate per group.
    standard_errors : array_like, shape (n_groups,)
        Their standard errors, above 0 and taken as known.
    mu : Normal or FlatPrior
        Prior of the mean effect, in units of the effects.
    tau : HalfNormal, HalfT, Exponential or FlatPrior
        Prior of the standard deviation between the groups' true effects.

    Returns
    -------
    RandomEffects
        Posterior of mean, spread and every group's effect, draws and log evidence.

    Raises
    ------
    InputError
        If the data cannot be used.
    OptionError
        If an argument is not a prior, or a flat prior leaves the posterior improper.

    Notes
    -----
    *Model.* ``effects[g] ~ N(theta[g], standard_errors[g])``, ``theta[g] ~ N(mu, tau)``.

    *Assumptions.* Groups are exchangeable and independent; estimates are normal around their true effects
    with standard errors that are known.

    *What would fool it.* Standard errors that were themselves estimated from few observations, or that ignore
    serial correlation. Estimates selected because they were large. With few groups the prior of tau decides
    how wide the posterior of mu is.

    *Accuracy.* Means are right to 1e-4 posterior sds, sds to 1e-4 relative, unless `accurate` is False.

    References
    ----------
    .. [1] D. B. Rubin, "Estimation in parallel randomized experiments", Journal of Educational Statistics
           6(4), 377-401, 1981. https://doi.org/10.3102/10769986006004377
    .. [2] A. Gelman, "Prior distributions for variance parameters in hierarchical models", Bayesian Analysis
           1(3), 515-534, 2006. https://doi.org/10.1214/06-BA117A

    Examples
    --------
    >>> from sigstats.priors import half_cauchy, normal
    >>> schools = random_effects(
    ...     [28, 8, -3, 7, -1, 1, 18, 12],
    ...     [15, 10, 16, 11, 9, 11, 10, 18],
    ...     mu=normal(0, 5),
    ...     tau=half_cauchy(5),
    ... )
    >>> print(f"{schools.mu.mean:.2f} +- {schools.mu.sd:.2f}")
    4.40 +- 3.32
    """
    model = _effects_model(effects, standard_errors, mu, tau)
    flat = isinstance(model.mu, FlatPrior)
    fall = model.effects.size - flat + model.tau.tail
    if fall <= 1.0:
        raise OptionError(improper("tau", str(model.tau), model.effects.size))
    moments = moments_under(fall)
    typical = (
        0.0 if isinstance(model.tau, FlatPrior) else math.log(float(model.tau.quantile(0.5)) / model.unit)
    )
    grid = integrate_scales(model.log_density, [(min(typical, 0.0), 0.0)], moments=[moments], step=_STEP)
    return _posterior(model, grid, moments)


def _effects_model(
    effects: npt.ArrayLike, standard_errors: npt.ArrayLike, mu: LocationPrior, tau: ScalePrior
) -> EffectsModel:
    """Return checked data in internal units, with the priors."""
    values, errors = checks.vector("effects", effects), checks.vector("standard_errors", standard_errors)
    checks.same_size(effects=values, standard_errors=errors)
    if not np.all(errors > 0.0):
        first = int(np.argmin(errors > 0.0))
        raise InputError(
            f"`standard_errors` holds {errors[first]!r} at position {first}; each must be above 0. This model cannot "
            f"take an effect as known exactly: give it the error of its measurement."
        )
    size = float(np.abs(values).max()) or 1.0
    center = size * float(np.mean(values / size))
    deviations = values - center
    unit = max(float(np.abs(deviations).max()), float(errors.min()))
    if float(errors.max()) > 1e150 * unit:
        raise InputError(
            f"`standard_errors` reach {errors.max():.0e}, beside which the rest vanishes. Leave out such effects."
        )
    return EffectsModel(
        effects=deviations / unit,
        standard_errors=errors / unit,
        mu=as_location_prior("mu", mu),
        tau=as_scale_prior("tau", tau),
        center=center,
        unit=unit,
    )


def _shrunken(model: EffectsModel, tau: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return theta given mu and tau: the share of mu, the own part and the sd; shape (n_groups, n_nodes)."""
    error, between = model.standard_errors[:, None] ** 2, tau**2
    keep = error / (error + between)
    own = between / (error + between) * model.effects[:, None]
    return keep, own, np.sqrt(keep * between)


def _posterior(model: EffectsModel, grid: ScaleGrid, moments: int) -> RandomEffects:
    """Return the result in data units."""
    tau = grid.points[0]
    mean, variance, _ = model.mean(tau)
    keep, own, sd = _shrunken(model, tau)
    spread = np.sqrt(keep**2 * variance + sd**2)
    finite = np.asarray(isinstance(model.mu, Normal) or moments == 2)
    unit, center = model.unit, model.center
    return RandomEffects(
        mu=mixture(grid.weights, center + unit * mean, unit * np.sqrt(variance), finite_sd=finite),
        tau=scale_marginal(grid.axes[0], grid.marginals[0], unit=unit, moments=moments),
        theta=mixture(
            grid.weights, center + unit * (keep * mean + own), unit * spread, finite_sd=np.asarray(True)
        ),
        log_evidence=grid.log_integral,
        accurate=grid.accurate,
        error=grid.error,
        edge_mass=grid.edge_mass,
        priors={"mu": str(model.mu), "tau": str(model.tau)},
        _model=model,
        _grid=grid,
    )
