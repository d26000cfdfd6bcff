"""The random-slopes model: its density over the standard deviations, what is finite in it, and draws.

`sigstats.stats.bayes.random_slopes` says what the model is and makes the result; here is the model as data plus
priors, in a form that can be evaluated, integrated and drawn from.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sigstats.errors import OptionError
from sigstats.stats.bayes.correlation import LKJ
from sigstats.stats.bayes.grid_draws import draw_scales
from sigstats.stats.bayes.grouped import GroupLines, LinePrior, MeanLine, group_lines, mean_line
from sigstats.stats.bayes.priors import FlatPrior, LocationPrior, Normal, ScalePrior, precision_of
from sigstats.stats.bayes.quadrature import ScaleGrid
from sigstats.stats.bayes.reduction import Reduced
from sigstats.stats.checks import BoolArray, FloatArray, IntArray

PARAMETERS = ("mu_alpha", "mu_beta", "sigma", "sigma_alpha", "sigma_beta")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopesModel:
    """Random intercepts and slopes: data and priors, enough to evaluate the density."""

    groups: Reduced  # the data in internal units
    mu_alpha: LocationPrior  # mu_alpha, mu_beta: priors of the mean line, data units
    mu_beta: LocationPrior
    sigma: ScalePrior  # sigma, sigma_alpha, sigma_beta: priors of the standard deviations, data units
    sigma_alpha: ScalePrior
    sigma_beta: ScalePrior
    # prior of the correlation of a group's intercept (at x = 0) and slope; None where they are
    # independent
    correlation: LKJ | None = None

    @property
    def n_scales(self) -> int:
        """Number of standard deviations and correlations."""
        return 3 if self.correlation is None else 4

    @property
    def scale_priors(self) -> tuple[ScalePrior, ScalePrior, ScalePrior]:
        """Priors of the three standard deviations."""
        return self.sigma, self.sigma_alpha, self.sigma_beta

    @property
    def scale_units(self) -> tuple[float, float, float]:
        """Data units per internal unit of the three standard deviations."""
        return self.groups.unit_noise, self.groups.unit_y, self.groups.unit_slope

    @property
    def line_prior(self) -> LinePrior:
        """Prior of the mean line in internal units."""
        units = (self.groups.unit_y, self.groups.unit_slope)
        mean, precision, log_constant = np.zeros(2), np.zeros(2), 0.0
        for i, prior in enumerate((self.mu_alpha, self.mu_beta)):
            if isinstance(prior, Normal):
                sd = prior.sd / units[i]
                mean[i] = (prior.mean - self.groups.line[i]) / units[i]
                precision[i] = precision_of(sd)
                log_constant -= 0.5 * math.log(2.0 * math.pi) + math.log(sd)
            else:
                log_constant += math.log(units[i])
        return LinePrior(mean=mean, precision=precision, log_constant=log_constant)

    def log_density(self, *log_sds: FloatArray) -> FloatArray:
        """Return the log density of y and of the log standard deviations, which are in internal units.

        Where intercepts and slopes are correlated, a fourth argument holds atanh(rho).
        """
        mesh = np.broadcast_arrays(*log_sds)
        sds = np.exp(np.array([log_sd.ravel() for log_sd in mesh]))
        lines = mean_line(self.groups, self.line_prior, sds)
        density = lines.log_likelihood.reshape(mesh[0].shape)
        return np.asarray(density + self.log_prior(log_sds))

    def log_prior(self, log_sds: Sequence[FloatArray] | FloatArray) -> FloatArray:
        """Return the log prior density of the log standard deviations, and of one data unit of y."""
        density = np.asarray(-self.groups.n_observations * math.log(self.groups.unit_y))
        for log_sd, prior, unit in zip(log_sds, self.scale_priors, self.scale_units, strict=False):
            density = density + (prior.logpdf(unit * np.exp(log_sd)) + log_sd + math.log(unit))
        if self.correlation is not None:
            density = density + self.correlation.log_density_of_atanh(log_sds[3])
        return density


def likely_ranges(model: SlopesModel) -> tuple[tuple[float, float], ...]:
    """Return where log standard deviations may lie, and last atanh(rho) where it is part of the model."""
    ranges = ranges_of_scales(model.groups, model.scale_priors, model.scale_units)
    return ranges if model.correlation is None else (*ranges, (0.0, 0.0))


def ranges_of_scales(
    groups: Reduced, priors: Sequence[ScalePrior], units: Sequence[float]
) -> tuple[tuple[float, float], ...]:
    """Return where the logs of noise, of intercepts, and of slopes may lie: from the prior's size to the data's."""
    spread = math.sqrt(float(np.mean(groups.root**2 / groups.n + (groups.xbar - groups.xbar.mean()) ** 2)))
    spare = groups.n_observations - 2 * groups.labels.size
    noise = math.sqrt(groups.residual / spare) if spare > 0 and groups.residual > 0.0 else 0.5
    sizes = (noise, 0.5, *[0.5 / spread] * (len(priors) - 2))
    ranges = []
    for size, prior, unit in zip(sizes, priors, units, strict=True):
        typical = size if isinstance(prior, FlatPrior) else float(prior.quantile(0.5)) / unit
        ranges.append((math.log(min(size, typical)), math.log(size)))
    return tuple(ranges)


def existing_moments(model: SlopesModel) -> tuple[int, ...]:
    """Return how many moments of each standard deviation exist; raise where the posterior does not.

    With a correlation, the last entry is for sqrt((1 + rho) / (1 - rho)), none of whose moments are needed.
    """
    groups, tails = model.groups, [prior.tail for prior in model.scale_priors]
    flat = [isinstance(prior, FlatPrior) for prior in (model.mu_alpha, model.mu_beta)]
    informative = (groups.root > 0.0) | (groups.xbar != 0.0)
    likelihood: dict[tuple[int, ...], float] = {
        (1,): groups.labels.size - flat[0],
        (2,): int(informative[groups.design].sum()) - flat[1],
        (1, 2): int((1 + (groups.root > 0.0))[groups.design].sum()) - sum(flat),
    }
    if model.correlation is not None:  # near rho = -1 or 1 the groups' lines scatter in one direction only
        along = groups.labels.size - any(flat) + 2.0 * model.correlation.eta
        likelihood[1, 2] = min(likelihood[1, 2], along)
    for others in ((), (1,), (2,), (1, 2)):
        likelihood[(0, *others)] = groups.n_observations - sum(flat)
    powers = {
        which: power + sum(tails[j] for j in which) - (len(which) - 1) for which, power in likelihood.items()
    }
    falls = [min(power for which, power in powers.items() if j in which) for j in range(3)]
    for j in (1, 2, 0):
        if falls[j] <= 1.0:
            raise OptionError(improper(PARAMETERS[2 + j], str(model.scale_priors[j]), groups.labels.size))
    moments = tuple(map(moments_under, falls))
    return moments if model.correlation is None else (*moments, 0)


def moments_under(fall: float) -> int:
    """Return how many moments, up to 2, a standard deviation has whose density falls off with this power."""
    return min(2, math.ceil(fall) - 2) if math.isfinite(fall) else 2


def improper(name: str, prior: str, count: int) -> str:
    """Return the wording for a posterior that does not exist."""
    return (
        f"`{name}` has the prior {prior}, under which the posterior is improper with {count} "
        f"{'group' if count == 1 else 'groups'}: the data do not bound the standard deviation from above. "
        f"Use a proper prior such as half_cauchy(scale) or half_normal(scale), normal(mean, sd) for the "
        f"means, or add groups."
    )


def finite_sds(model: SlopesModel, moments: tuple[int, ...]) -> tuple[BoolArray, BoolArray]:
    """Return whether the posterior sds of the mean line and of the groups' lines exist."""
    own = model.groups.root[model.groups.design] > 0.0
    noise, intercepts, slopes = (count == 2 for count in moments[:3])
    both = intercepts and slopes
    own_line = (intercepts, slopes) if np.all(own) else (both, both)
    flat = [isinstance(prior, FlatPrior) for prior in (model.mu_alpha, model.mu_beta)]
    first = np.array(
        [not is_flat or (noise and finite) for is_flat, finite in zip(flat, own_line, strict=True)]
    )
    return first, np.where(own, noise, np.all(first))[None, :] & np.ones((2, 1), dtype=bool)


def group_moments(design: IntArray, lines: MeanLine, each: GroupLines) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of the groups' intercepts and slopes at each node."""
    v11, v12, v22 = lines.covariance
    mean = np.einsum("ijdk,jk->idk", each.carry, lines.mean)[:, design] + each.own
    first, second = each.carry[:, 0], each.carry[:, 1]
    variance = first**2 * v11 + 2.0 * first * second * v12 + second**2 * v22 + each.covariance[[0, 2]]
    return mean, np.maximum(variance, 0.0)[:, design]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopesDraws:
    """Joint posterior draws of a random-slopes model, in data units."""

    # mu_alpha, mu_beta, sigma, sigma_alpha, sigma_beta: shape (n_draws,): mean line and standard
    # deviations
    mu_alpha: FloatArray
    mu_beta: FloatArray
    sigma: FloatArray
    sigma_alpha: FloatArray
    sigma_beta: FloatArray
    alpha: FloatArray  # alpha, beta: shape (n_draws, n_groups): intercepts and slopes of the groups
    beta: FloatArray
    # shape (n_draws,): correlation of the groups' intercepts and slopes, where it was part of the model
    rho: FloatArray | None = None


def draw_slopes(model: SlopesModel, grid: ScaleGrid, n: int, generator: np.random.Generator) -> SlopesDraws:
    """Return joint draws: standard deviations, then the mean line, then the groups' lines."""
    groups = model.groups
    sds = draw_scales(grid, model.log_density, n, generator)
    lines = mean_line(groups, model.line_prior, sds)
    return draw_lines(model, sds, lines, group_lines(groups, sds), groups.design, generator)


def draw_lines(
    model: SlopesModel,
    sds: FloatArray,
    lines: MeanLine,
    each: GroupLines,
    design: IntArray,
    generator: np.random.Generator,
) -> SlopesDraws:
    """Return joint draws of the lines at given standard deviations, in data units."""
    groups = model.groups
    mean = lines.mean + correlated(lines.covariance, generator.standard_normal((2, sds.shape[1])))
    own = np.einsum("ijdk,jk->idk", each.carry, mean)[:, design] + each.own
    own += correlated(each.covariance[:, design], generator.standard_normal(own.shape))
    units = np.array([groups.unit_y, groups.unit_slope])
    line = np.array(groups.line)
    scales = sds[:3] * np.array(model.scale_units)[:, None]
    return SlopesDraws(
        mu_alpha=line[0] + units[0] * mean[0],
        mu_beta=line[1] + units[1] * mean[1],
        sigma=scales[0],
        sigma_alpha=scales[1],
        sigma_beta=scales[2],
        alpha=(line[0] + units[0] * own[0]).T,
        beta=(line[1] + units[1] * own[1]).T,
        rho=None if model.correlation is None else np.tanh(np.log(sds[3])),
    )


def correlated(covariance: FloatArray, normal: FloatArray) -> FloatArray:
    """Return pairs with given covariances from independent standard normals."""
    v11, v12, v22 = covariance
    first = np.sqrt(np.maximum(v11, 0.0))
    slope = np.divide(v12, first, out=np.zeros_like(first), where=first > 0.0)
    rest = np.sqrt(np.maximum(v22 - slope * slope, 0.0))
    return np.stack([first * normal[0], slope * normal[0] + rest * normal[1]])
