"""Draws from the hierarchical model: of the posterior, of the priors, and of what they predict.

All draws are independent; no chain is involved. What ArviZ needs beside the posterior (pointwise log likelihood,
predictions, draws from the priors) follows from the joint draws and the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import OptionError
from sigstats.stats import checks
from sigstats.stats.bayes.by_condition import NestedRandomSlopes
from sigstats.stats.bayes.priors import FlatPrior, LocationPrior, Normal, ScalePrior
from sigstats.stats.random import generator
from sigstats.studies.slopes.arviz import CHAINS, DrawGroups
from sigstats.studies.slopes.fit import SDS, Observations, RoleFit

FloatArray = NDArray[np.float64]

MOST_NUMBERS = 50_000_000  # of a pointwise group: 400 MB
LOG_ROOT_TWO_PI = 0.5 * float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True, kw_only=True)
class JointDraws:
    """Joint posterior draws of the slopes of seeds and of their population.

    Slopes are changes over the swept range, oriented so that positive means the predicted direction; intercepts are
    levels of the metric in the middle of the range.

    Attributes
    ----------
    mean_slope : ndarray, shape (n_draws,)
        Mean slope of the conditions that are included.
    mu_beta : ndarray, shape (n_draws,)
        Mean slope of the population that they come from; with one condition the same as `mean_slope`.
    condition_intercept, condition_slope : ndarray, shape (n_draws, n_conditions)
        Lines of the conditions.
    alpha, beta : ndarray, shape (n_draws, n_seeds)
        Intercepts and slopes of the seeds.
    sigma, sigma_alpha, sigma_beta : ndarray, shape (n_draws,)
        Standard deviations of the noise, and of the levels and slopes of the seeds of a condition.
    sigma_condition_slope : ndarray, shape (n_draws,), or None
        Standard deviation of the conditions' slopes; None with one condition.
    """

    mean_slope: FloatArray
    mu_beta: FloatArray
    condition_intercept: FloatArray
    condition_slope: FloatArray
    alpha: FloatArray
    beta: FloatArray
    sigma: FloatArray
    sigma_alpha: FloatArray
    sigma_beta: FloatArray
    sigma_condition_slope: FloatArray | None

    def variables(self) -> dict[str, FloatArray]:
        """Return the arrays by name, those that do not apply left out."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value is not None}


def joint_draws(fitted: RoleFit, n: int, rng: np.random.Generator | int | None) -> JointDraws:
    """Return joint posterior draws of a role."""
    if isinstance(fitted.posterior, NestedRandomSlopes):
        nested = fitted.posterior.draws(n, rng=rng)
        return JointDraws(
            mean_slope=nested.condition_slope.mean(axis=1),
            mu_beta=nested.mu_beta,
            condition_intercept=nested.condition_intercept,
            condition_slope=nested.condition_slope,
            alpha=nested.seed_intercept,
            beta=nested.seed_slope,
            sigma=nested.sigma,
            sigma_alpha=nested.sigma_seed_intercept,
            sigma_beta=nested.sigma_seed_slope,
            sigma_condition_slope=nested.sigma_condition_slope,
        )
    simple = fitted.posterior.draws(n, rng=rng)
    return JointDraws(
        mean_slope=simple.mu_beta,
        mu_beta=simple.mu_beta,
        condition_intercept=simple.mu_alpha[:, None],
        condition_slope=simple.mu_beta[:, None],
        alpha=simple.alpha,
        beta=simple.beta,
        sigma=simple.sigma,
        sigma_alpha=simple.sigma_alpha,
        sigma_beta=simple.sigma_beta,
        sigma_condition_slope=None,
    )


def require_room(n: int, data: Observations) -> None:
    """Raise where a number per draw and row would fill the memory."""
    if n * data.y.size > MOST_NUMBERS:
        raise OptionError(
            f"`n` is {n} and the table has {data.y.size} rows; pointwise groups hold a number for each draw and row, "
            f"at most {MOST_NUMBERS:,}. Ask for at most {max(4, MOST_NUMBERS // data.y.size // 4 * 4)} draws."
        )


def fitted_values(draws: JointDraws, data: Observations) -> FloatArray:
    """Return what each draw expects in each row, shape (n_draws, n_obs)."""
    return np.asarray(draws.alpha[:, data.seed] + draws.beta[:, data.seed] * data.x)


def log_likelihood(draws: JointDraws, data: Observations) -> FloatArray:
    """Return the log density of each row given each draw, shape (n_draws, n_obs)."""
    z = (data.y - fitted_values(draws, data)) / draws.sigma[:, None]
    return np.asarray(-0.5 * z * z - np.log(draws.sigma)[:, None] - LOG_ROOT_TWO_PI)


def predictions(draws: JointDraws, data: Observations, source: np.random.Generator) -> FloatArray:
    """Return new measurements of the same seeds, one per draw and row, shape (n_draws, n_obs)."""
    noise = source.standard_normal((draws.sigma.size, data.y.size))
    return np.asarray(fitted_values(draws, data) + draws.sigma[:, None] * noise)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorDraws:
    """Draws from the priors, as far as these are distributions."""

    variables: Mapping[str, FloatArray]  # shape (n_draws, ...): by name, as in `JointDraws`
    left_out: str  # which parameters lack draws, and why; empty where all have them


def prior_draws(fitted: RoleFit, n: int, source: np.random.Generator) -> PriorDraws:
    """Return draws from the priors of a role."""
    priors, seeds = fitted.priors, np.array([arm.n_seeds for arm in fitted.arms])
    found = {name: _scales(priors[name], n, source) for name in SDS if name in priors}
    drawn = {name: value for name, value in found.items() if value is not None}
    slopes = _slopes(priors["mu_beta"], drawn, n, seeds, source, nested=len(fitted.arms) > 1)
    drawn |= slopes
    level = priors.get("mu_alpha")
    if isinstance(level, Normal) and "sigma_alpha" in drawn:
        mean = level.mean + level.sd * source.standard_normal(n)
        drawn["condition_intercept"] = mean[:, None]
        spread = drawn["sigma_alpha"][:, None] * source.standard_normal((n, int(seeds[0])))
        drawn["alpha"] = mean[:, None] + spread
    names = ("mean_slope", "mu_beta", "condition_slope", "beta", "condition_intercept", "alpha", *found)
    missing = [name for name in names if name not in drawn]
    reason = f"{', '.join(missing)}: below a flat prior, which is not a distribution and cannot be drawn from"
    return PriorDraws(variables=drawn, left_out=reason if missing else "")


def _slopes(
    prior: LocationPrior | ScalePrior,
    sds: Mapping[str, FloatArray],
    n: int,
    seeds: NDArray[np.intp],
    source: np.random.Generator,
    *,
    nested: bool,
) -> dict[str, FloatArray]:
    """Return draws of all slopes, down to where a flat prior ends them."""
    if not isinstance(prior, Normal):
        return {}
    mean = prior.mean + prior.sd * source.standard_normal(n)
    found = {"mu_beta": mean}
    if nested and "sigma_condition_slope" not in sds:
        return found
    condition = np.repeat(mean[:, None], seeds.size, axis=1)
    if nested:
        condition += sds["sigma_condition_slope"][:, None] * source.standard_normal(condition.shape)
    found |= {"condition_slope": condition, "mean_slope": condition.mean(axis=1)}
    if "sigma_beta" in sds:
        noise = source.standard_normal((n, int(seeds.sum())))
        found["beta"] = np.repeat(condition, seeds, axis=1) + sds["sigma_beta"][:, None] * noise
    return found


def _scales(prior: LocationPrior | ScalePrior, n: int, source: np.random.Generator) -> FloatArray | None:
    """Return draws of a standard deviation, by the inverse of its distribution function; None where flat."""
    if isinstance(prior, FlatPrior):
        return None
    return np.asarray(prior.quantile(source.uniform(1e-16, 1.0 - 1e-16, n)))


def arviz_groups(
    fitted: RoleFit, levels: FloatArray, n: int, rng: np.random.Generator | int | None
) -> DrawGroups:
    """Return draws and data of a role as ArviZ wants them."""
    data, count = fitted.data, checks.whole("n", n, low=CHAINS) // CHAINS * CHAINS
    require_room(count, data)
    source = generator(rng)
    drawn = joint_draws(fitted, count, source)
    prior = prior_draws(fitted, count, source)
    written = "; ".join(f"{name} ~ {each}" for name, each in fitted.priors.items())
    about = {"priors": written, "log_evidence": repr(fitted.posterior.log_evidence)}
    if prior.left_out and not prior.variables:
        about["no_prior_group"] = prior.left_out
    seeds = [(arm.name, seed) for arm in fitted.arms for seed in arm.seeds]
    return DrawGroups(
        sampled={
            "posterior": drawn.variables(),
            "posterior_predictive": {"y": predictions(drawn, data, source)},
            "log_likelihood": {"y": log_likelihood(drawn, data)},
            "prior": prior.variables,
        },
        constant={"observed_data": {"y": data.y}, "constant_data": {"x": data.x}},
        attributes={"posterior": about, "prior": {"left_out": prior.left_out, "priors": written}},
        conditions=[arm.name for arm in fitted.arms],
        seeds=[f"{condition}: {seed}" for condition, seed in seeds],
        obs_condition=[seeds[place][0] for place in data.seed],
        obs_seed=[seeds[place][1] for place in data.seed],
        obs_level=levels[data.level],
    )
