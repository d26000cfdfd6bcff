"""Bayesian random intercepts and slopes, and random effects, without simulation.

A *random-slopes* model says that every group (a seed, a document) has its own straight line, and that the lines scatter
around a mean line. How much they scatter is unknown, and with few groups it stays uncertain; the posterior of the mean
slope must carry that uncertainty along. Given the three standard deviations the model is linear and Gaussian, so the
mean line and the group lines have a posterior in closed form. Only the standard deviations need numerical integration,
and three dimensions are few enough for a grid that measures its own error (see `sigstats.stats.bayes.quadrature`). The
answer is the same each time, and no chain has to converge.

Noise with heavy tails, or noise that differs by level, has no such closed form; there the posterior comes from
importance sampling, which refuses to answer where it is not reliable (see `sigstats.stats.bayes.importance`).

`random_effects`, made in `sigstats.stats.bayes.random_effects`, is the same idea for groups that have been summarised
already, as an estimate each with its standard error.
"""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from sigstats.stats import checks
from sigstats.stats.bayes.correlation import LKJ, as_correlation_prior
from sigstats.stats.bayes.priors import LocationPrior, ScalePrior, as_location_prior, as_scale_prior
from sigstats.stats.bayes.quadrature import integrate_scales
from sigstats.stats.bayes.reduction import reduce_groups
from sigstats.stats.bayes.sampled_slopes import checked_noise, sample_nodes
from sigstats.stats.bayes.slopes_model import SlopesModel, existing_moments, likely_ranges
from sigstats.stats.bayes.slopes_posterior import RandomSlopes, exact_posterior, sampled_posterior

__all__ = ["RandomSlopes", "random_slopes"]

Noise = Literal["normal", "student_t", "by_level"]
NOISES: tuple[Noise, ...] = get_args(Noise)
_STEP = {3: 0.6, 4: 0.75}  # by dimension


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
    noise: Noise = "normal",
    df: float | None = None,
    noise_spread: float | None = None,
) -> RandomSlopes:
    """Return the posterior of straight lines that vary by group; it is exact where the noise is normal.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Knob and metric. x takes at least two values; a group may have only one.
    group : array_like, shape (n,)
        Label of each observation's group.
    mu_alpha, mu_beta : Normal or FlatPrior
        Priors of the mean intercept (at x = 0, in units of y) and of the mean slope (units of y per unit of x).
    sigma, sigma_alpha, sigma_beta : HalfNormal, HalfT, Exponential or FlatPrior
        Priors of the standard deviations of noise, intercepts and slopes.
    correlation : LKJ or None
        Prior of the correlation of a group's intercept (at x = 0) and slope; None makes them independent.
    noise_scale : array_like, shape (n,), or None
        Noise sd of each observation in units of sigma, in (0, inf), where observations are known to differ, as in
        averages over different numbers of items. None is 1 for all.
    noise : {"normal", "student_t", "by_level"}
        Distribution of the noise: normal with standard deviation sigma; Student's t with scale sigma; normal with a
        standard deviation of its own at each level of x, ``sigma exp(eta)`` with ``eta ~ N(0, noise_spread)``. The
        last two are sampled, and need proper priors of the standard deviations.
    df : float or None
        Degrees of freedom of Student's t, in (0, inf); None leaves them unknown, with a gamma prior of shape 2 and rate
        0.1.
    noise_spread : float or None
        Prior sd of the log of a level's noise sd, in (0, inf), for ``noise="by_level"``.

    Returns
    -------
    RandomSlopes
        Posterior of every parameter, draws and log evidence.

    Raises
    ------
    InputError
        If y does not vary around the groups' lines, or the data cannot be used.
    OptionError
        If an argument is not a prior, a flat prior leaves the posterior improper, or options do not fit together.
    UnreliableError
        If the answer of importance sampling is not reliable.

    Notes
    -----
    *Model.* ``y = alpha[g] + beta[g] x + noise``, ``alpha[g] ~ N(mu_alpha, sigma_alpha)``,
    ``beta[g] ~ N(mu_beta, sigma_beta)``, ``noise ~ N(0, sigma)``; all independent given the standard
    deviations, unless `correlation` or `noise` says otherwise.

    *Assumptions.* Groups are exchangeable and independent. Within a group, y follows a straight line in x
    with independent normal noise of one standard deviation. Intercepts and slopes are uncorrelated, which
    depends on where x = 0 lies: centre x if its zero has no meaning.

    *What would fool it.* A curve within groups passes as noise. Serial correlation within a group makes its slope look
    better known than it is. With few groups the spread of the slopes is known poorly, and its prior decides how wide
    the posterior of the mean slope is: a half-normal that is too narrow gives false certainty.

    *Accuracy.* Means are right to 1e-4 posterior sds, sds to 1e-4 relative, unless `accurate` is False. With
    ``noise="student_t"`` or ``"by_level"`` there is a Monte-Carlo error, which `error` and `sampling` state; the random
    numbers have a fixed entropy, so that the same input gives the same answer. A posterior with several far modes,
    as from groups that repeat each other exactly, can hide one of them from the sampling.

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
    checks.choice("noise", noise, NOISES)
    model = SlopesModel(
        groups=reduce_groups(x, y, group, noise_scale),
        mu_alpha=as_location_prior("mu_alpha", mu_alpha),
        mu_beta=as_location_prior("mu_beta", mu_beta),
        sigma=as_scale_prior("sigma", sigma),
        sigma_alpha=as_scale_prior("sigma_alpha", sigma_alpha),
        sigma_beta=as_scale_prior("sigma_beta", sigma_beta),
        correlation=as_correlation_prior("correlation", correlation),
    )
    degrees, spread = checked_noise(model, noise, df, noise_spread, noise_scale)
    moments = existing_moments(model)
    grid = integrate_scales(
        model.log_density, likely_ranges(model), moments=moments, step=_STEP[len(moments)]
    )
    if noise == "normal":
        with np.errstate(all=None if grid.accurate else "ignore"):  # `accurate` is False
            return exact_posterior(model, grid, moments)
    data = (
        checks.vector("x", x),
        checks.vector("y", y),
        checks.sorted_labels("group", group)[1].astype(np.int64),
    )
    nodes = sample_nodes(model, grid, data, noise=noise, df=degrees, noise_spread=spread)
    return sampled_posterior(model, nodes, moments)
