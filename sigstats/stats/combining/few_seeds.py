"""Random effects over studies of few seeds, whose standard errors are themselves estimates.

`random_effects` takes standard errors as known. A study of 3 seeds does not know its own: its estimate has a t
distribution around its true effect. A t distribution is a normal one whose variance is uncertain, so here the variances
are drawn from what each study says of its own, and each draw is weighted by how well it fits all studies together.
Given a draw, everything is the model of `random_effects`.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.bayes.compaction import compacted
from sigstats.stats.bayes.marginals import NormalMixture, ScaleMarginal, mixture, scale_marginal
from sigstats.stats.bayes.priors import FlatPrior, HalfT, ScalePrior, as_scale_prior
from sigstats.stats.bayes.random_effects import EffectsModel
from sigstats.stats.bayes.scale_axis import ScaleAxis
from sigstats.stats.bayes.slopes_model import improper, moments_under
from sigstats.stats.checks import FloatArray

ENTROPY = 20261130
DRAWS = (1024, 4096, 16384)  # of the variances: more where too few of them fit all studies
ENOUGH = 200  # effective draws
CELLS = 1 << 21  # numbers handled at once
STEP = 0.25  # of the grid in log tau
BELOW, ABOVE = 7.0, 7.0  # how far the grid reaches beyond what the data and the prior name, in log tau
WIDENED = 2.0  # default scale of tau's prior, in the larger of typical error and spread of the estimates
NEGLIGIBLE = 1e-14
APART = 1e100  # by which no two sizes differ that are squared together


@dataclass(frozen=True, slots=True, kw_only=True)
class StudiesPosterior:
    """Posterior of effects that vary between studies, in data units."""

    mean: NormalMixture  # mean effect over all studies that might be done
    tau: ScaleMarginal  # sd between the true effects of studies
    next_study: NormalMixture  # true effect of a study that is not among these
    prior: ScalePrior  # of tau
    effective_draws: float  # draws of the variances that the posterior rests on


def default_prior(effects: FloatArray, standard_errors: FloatArray) -> HalfT:
    """Return the half-Cauchy prior of the sd between studies that is used where none is declared."""
    largest = float(standard_errors.max())
    typical = largest * math.sqrt(float(np.median((standard_errors / largest) ** 2)))
    size = float(np.abs(effects).max()) or 1.0  # so that squares of large effects are numbers
    spread = size * float((effects / size).std(ddof=1))
    return HalfT(1.0, float(f"{WIDENED * max(typical, spread):.3g}"))


def studies_posterior(
    effects: npt.ArrayLike,
    standard_errors: npt.ArrayLike,
    dfs: npt.ArrayLike,
    *,
    tau: ScalePrior | None,
    draws: Sequence[int] = DRAWS,
) -> StudiesPosterior:
    """Return the posterior of effects that vary by study, from estimates with estimated standard errors.

    Parameters
    ----------
    effects, standard_errors, dfs : array_like, shape (n_studies,)
        One estimate per study, its standard error (above 0), and the degrees of freedom of that.
    tau : ScalePrior or None
        Prior of the sd between the studies' true effects; None takes `default_prior`.
    draws : sequence of int
        Draws of the variances: the first number at which 200 are effective, else the last.

    Returns
    -------
    StudiesPosterior
        Mean, spread and the next study.

    Notes
    -----
    *Model.* ``effects[i] ~ N(theta[i], sigma[i])``, ``theta[i] ~ N(mu, tau)``, flat prior on mu and on log sigma[i];
    what the seeds of a study say of its sigma is ``df s^2 / sigma^2 ~ chi^2(df)``. So each estimate alone has the t
    interval that its own study reports.

    *Assumptions.* Studies are independent and exchangeable; estimates are normal.

    *What would fool it.* Studies that were published because of what they found. Studies that share runs.

    References
    ----------
    .. [1] D. B. Rubin, "Estimation in parallel randomized experiments", Journal of Educational Statistics 6(4),
           377-401, 1981. https://doi.org/10.3102/10769986006004377
    .. [2] J. P. T. Higgins, S. G. Thompson and D. J. Spiegelhalter, "A re-evaluation of random-effects meta-analysis",
           Journal of the Royal Statistical Society A 172 (2009). https://doi.org/10.1111/j.1467-985X.2008.00552.x
    """
    values, errors = checks.vector("effects", effects), checks.vector("standard_errors", standard_errors)
    freedom = checks.vector("dfs", dfs)
    checks.same_size(effects=values, standard_errors=errors, dfs=freedom)
    if values.size < 2 or not (np.all(errors > 0.0) and np.all(freedom > 0.0)):
        raise InputError(
            "at least 2 studies, with standard errors and degrees of freedom above 0, can be combined."
        )
    apart = max(float(errors.max()), float(np.ptp(values)))
    if not apart / APART < float(errors.min()):
        raise InputError(
            f"the smallest standard error, {errors.min():.3g}, is too small beside {apart:.3g}, the largest of the "
            f"errors and of the differences between studies: such studies cannot be weighed against each other. Are "
            f"all in the same unit?"
        )
    order = np.lexsort((values, errors, freedom))  # so that the order of studies does not matter
    values, errors, freedom = values[order], errors[order], freedom[order]
    prior = default_prior(values, errors) if tau is None else as_scale_prior("tau", tau)
    fall = values.size - 1 + prior.tail
    if fall <= 1.0:
        raise OptionError(improper("tau", str(prior), values.size))
    for n in draws:
        found = _integrate(values, errors, freedom, prior, n, moments_under(fall))
        if found.effective_draws >= ENOUGH:
            break
    return found


def _integrate(
    values: FloatArray, errors: FloatArray, freedom: FloatArray, prior: ScalePrior, draws: int, moments: int
) -> StudiesPosterior:
    """Return the posterior: draws of the variances by a grid of tau, weighted, all else in closed form."""
    center = float(values.mean())
    unit = max(float(np.abs(values - center).max()), float(errors.min()))
    axis = _axis(values - center, errors, prior, unit)
    log_tau = np.tile(axis.log_t, draws)
    sigma = errors / np.sqrt(_precisions(draws, tuple(freedom.tolist())))
    rows = max(1, CELLS // (axis.size * values.size))
    parts = [
        EffectsModel(
            effects=(values - center) / unit,
            standard_errors=np.repeat(sigma[first : first + rows] / unit, axis.size, axis=0),
            mu=FlatPrior(),
            tau=prior,
            center=center,
            unit=unit,
        ).mean(np.exp(log_tau[: len(sigma[first : first + rows]) * axis.size]))
        for first in range(0, draws, rows)
    ]
    at, variance, log_likelihood = (np.concatenate(part) for part in zip(*parts, strict=True))
    log_density = log_likelihood + prior.logpdf(unit * np.exp(log_tau)) + log_tau
    weights = np.exp(log_density - log_density.max())
    weights /= weights.sum()
    table = weights.reshape(draws, axis.size)
    kept = weights > NEGLIGIBLE
    kept_weights = weights[kept] / weights[kept].sum()
    means, own = center + unit * at[kept], variance[kept]
    finite = np.asarray(moments == 2)

    def of(variances: FloatArray) -> NormalMixture:
        return compacted(mixture(kept_weights, means, unit * np.sqrt(variances), finite_sd=finite))

    per_draw = table.sum(axis=1)
    return StudiesPosterior(
        mean=of(own),
        tau=scale_marginal(axis, table.sum(axis=0), unit=unit, moments=moments),
        next_study=of(own + np.exp(2.0 * log_tau[kept])),
        prior=prior,
        effective_draws=float(1.0 / (per_draw**2).sum()),
    )


def _axis(deviations: FloatArray, errors: FloatArray, prior: ScalePrior, unit: float) -> ScaleAxis:
    """Return a grid that is even in log tau, in internal units."""
    named = [float(errors.min()), float(errors.max()), float(np.abs(deviations).max()) or float(errors.max())]
    if not isinstance(prior, FlatPrior):
        named.append(float(prior.quantile(0.5)))
    low, high = math.log(min(named) / unit) - BELOW, math.log(max(named) / unit) + ABOVE
    size = math.ceil((high - low) / STEP) + 1
    return ScaleAxis(center=0.0, stretch=1.0, left=0.0, right=0.0, low=low, step=STEP, size=size)


@functools.lru_cache(maxsize=16)
def _precisions(draws: int, dfs: tuple[float, ...]) -> FloatArray:
    """Return draws of s^2 / sigma^2, shape (draws, n_studies), each column evenly spread; the same for each call."""
    rng = np.random.default_rng(ENTROPY)
    columns = [special.chdtri(df, (rng.permutation(draws) + 0.5) / draws) / df for df in dfs]
    found = np.column_stack(columns)
    found.flags.writeable = False
    return found
