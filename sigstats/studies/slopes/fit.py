"""One role of a sweep (its treatments, or its controls) and the hierarchical model fitted to it.

One condition has seeds around one population (`sigstats.stats.bayes.random_slopes`); several conditions have seeds
around each condition, and conditions around a mean (`sigstats.stats.bayes.by_condition`). Here both look the same.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigstats.data.memory import LINE, need_stated, too_little
from sigstats.errors import InputError, OptionError
from sigstats.evidence import lines
from sigstats.evidence.conditions import Condition, Sweep
from sigstats.stats.bayes.by_condition import NestedRandomSlopes, random_slopes_by_condition
from sigstats.stats.bayes.compaction import compacted
from sigstats.stats.bayes.marginals import NormalMixture, ScaleMarginal
from sigstats.stats.bayes.priors import LocationPrior, ScalePrior, flat, half_cauchy
from sigstats.stats.bayes.random_slopes import RandomSlopes, random_slopes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

CENTRE = 0.5
SDS = {
    "sigma": "noise within a seed",
    "sigma_alpha": "levels of the seeds of a condition",
    "sigma_beta": "slopes of the seeds of a condition",
    "sigma_condition_slope": "slopes of the conditions",
}
ENGINE = {  # what the model of several conditions calls its standard deviations
    "sigma": "sigma",
    "sigma_alpha": "sigma_seed_intercept",
    "sigma_beta": "sigma_seed_slope",
    "sigma_condition_slope": "sigma_condition_slope",
}
Priors = Mapping[str, LocationPrior | ScalePrior | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """The rows of the table that a role is fitted to."""

    # shape (n_obs,): knob, rescaled so that the swept range has length 1 and 0 is its middle; it grows
    # in the predicted direction
    x: FloatArray
    y: FloatArray  # shape (n_obs,): metric, in its own units
    # seed, condition, level: shape (n_obs,): which seed (over all conditions), condition and level of
    # the sweep a row belongs to
    seed: IntArray
    condition: IntArray
    level: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSlope:
    """A mean of least-squares slopes, in units of the metric."""

    value: float
    error: float  # its standard error


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFit:
    """Posterior of the slopes of the treatments or of the controls."""

    role: str  # "treatment" or "control"
    arms: tuple[Condition, ...]  # the conditions
    data: Observations  # what was fitted
    priors: Mapping[str, LocationPrior | ScalePrior]  # as used, in units of the metric
    posterior: RandomSlopes | NestedRandomSlopes = field(repr=False)  # the whole posterior
    slope: NormalMixture  # mean slope of the conditions that are included
    scale: float  # units of the metric per unit of the arms' scores

    @property
    def sds(self) -> dict[str, ScaleMarginal]:
        """Posterior of each standard deviation."""
        if isinstance(self.posterior, NestedRandomSlopes):
            return {name: getattr(self.posterior, own) for name, own in ENGINE.items()}
        return {name: getattr(self.posterior, name) for name in list(SDS)[:3]}

    @property
    def population(self) -> NormalMixture:
        """Mean slope of the population that conditions come from; with one condition, of its seeds."""
        return compacted(self.posterior.mu_beta)

    def further(self, name: str) -> tuple[tuple[str, NormalMixture, RawSlope], ...]:
        """Return other means beside that of the conditions: that of the population they come from."""
        if len(self.arms) == 1:
            return ()
        return ((f"population of {name}", self.population, RawSlope(value=np.nan, error=np.nan)),)

    def raw(self, place: int) -> RawSlope:
        """Return the mean of the least-squares slopes of a condition's seeds, and its standard error."""
        arm = self.arms[place]
        error = float(arm.scores.std(ddof=1)) / float(np.sqrt(arm.n_seeds))
        return RawSlope(value=float(arm.scores.mean()) * self.scale, error=error * self.scale)

    def raw_mean(self) -> RawSlope:
        """Return the mean over conditions of their raw slopes, and its standard error."""
        each = [self.raw(place) for place in range(len(self.arms))]
        error = math.hypot(*(raw.error for raw in each)) / len(each)
        return RawSlope(value=float(np.mean([raw.value for raw in each])), error=error)

    def condition_slopes(self) -> tuple[NormalMixture, ...]:
        """Return the posterior of each condition's slope."""
        if isinstance(self.posterior, NestedRandomSlopes):
            entries = range(len(self.arms))
            return tuple(compacted(self.posterior.condition_slope.entry(i)) for i in entries)
        return (self.slope,)

    def seed_slopes(self) -> tuple[NormalMixture, ...]:
        """Return the posterior of each seed's slope."""
        if isinstance(self.posterior, NestedRandomSlopes):
            return self.posterior.seed_slopes()
        entries = range(len(self.posterior.groups))
        return tuple(compacted(self.posterior.beta.entry(i)) for i in entries)

    def noise_sd(self) -> float:
        """Return the residual sd around the seeds' own least-squares lines, in units of the metric."""
        rest, df = 0.0, 0
        for seed in range(int(self.data.seed.max()) + 1):
            x, y = (v[self.data.seed == seed] for v in (self.data.x, self.data.y / self.scale))
            deviation, own = x - x.mean(), y - y.mean()
            slope = float(deviation @ own) / float(deviation @ deviation)
            rest += float(((own - slope * deviation) ** 2).sum())
            df += x.size - 2
        return self.scale * float(np.sqrt(rest / df)) if df else float("nan")


def fit(sweep: Sweep, role: str, chosen: Priors) -> RoleFit:
    """Fit the treatments, or the controls."""
    arms = sweep.treatments if role == "treatment" else sweep.controls
    refuse_copies(arms, role)
    priors = {name: prior for name, prior in chosen.items() if prior is not None}
    wanted = [name for name in SDS if len(arms) > 1 or name != "sigma_condition_slope"]
    if any(name not in priors for name in wanted):
        defaults = default_priors(arms, sweep, role)
        priors |= {name: defaults[name] for name in wanted if name not in priors}
    return fit_with(sweep, role, {"mu_beta": flat(), **priors})


def fit_with(sweep: Sweep, role: str, priors: Mapping[str, LocationPrior | ScalePrior]) -> RoleFit:
    """Fit the treatments, or the controls, under priors that are all given."""
    seeds = sum(len(arm.curves) for arm in (*sweep.treatments, *sweep.controls))
    remedy = "Ask `detect`, which needs little for each seed, or fewer seeds."
    with need_stated(lambda: too_little(f"a posterior over {seeds:,} seeds", LINE * seeds, remedy)):
        return _fitted(sweep, role, priors)


def _fitted(sweep: Sweep, role: str, priors: Mapping[str, LocationPrior | ScalePrior]) -> RoleFit:
    arms = sweep.treatments if role == "treatment" else sweep.controls
    data = observations(sweep, arms)
    several = len(arms) > 1
    if several and "mu_alpha" in priors:
        raise OptionError(
            f"`mu_alpha` is {priors['mu_alpha']} and there are {len(arms)} {role}s; with several conditions each has "
            "a level of its own, with a flat prior, and no mean level is modelled. Leave `mu_alpha` out, or name one "
            f"{role}."
        )
    used = {name: prior for name, prior in priors.items() if several or name != "sigma_condition_slope"}
    given: dict[str, Any] = dict(used)
    posterior: RandomSlopes | NestedRandomSlopes
    if several:
        scales = {ENGINE[name]: given[name] for name in SDS}
        posterior = random_slopes_by_condition(
            data.x, data.y, data.seed, data.condition, mu_beta=given["mu_beta"], **scales
        )
        slope = compacted(posterior.mean_slope)
    else:
        used = {"mu_alpha": flat(), **used}
        posterior = random_slopes(data.x, data.y, data.seed, **(given | used))
        slope = compacted(posterior.mu_beta)
    _require_accuracy(posterior, role)
    return RoleFit(
        role=role, arms=arms, data=data, priors=used, posterior=posterior, slope=slope, scale=sweep.scale
    )


def observations(sweep: Sweep, arms: tuple[Condition, ...]) -> Observations:
    """Return the rows of some arms, in the metric's own units."""
    curves = np.concatenate([arm.curves for arm in arms])
    condition = np.repeat(np.arange(len(arms)), [len(arm.curves) for arm in arms])
    seed, level = np.nonzero(~np.isnan(curves))
    return Observations(
        x=sweep.orientation * (sweep.x[level] - CENTRE),
        y=(sweep.orientation * curves[seed, level] + sweep.centre) * sweep.scale,
        seed=seed,
        condition=condition[seed],
        level=level,
    )


def default_priors(arms: tuple[Condition, ...], sweep: Sweep, role: str) -> dict[str, ScalePrior]:
    """Return half-Cauchy priors whose scales come from the data."""
    noise = lines.residual_sd(lines.residuals(arms, sweep.x, sweep.design))
    if not noise > 0:
        names = tuple(arm.name for arm in arms)
        raise OptionError(
            f"the metric of the {role}s {names} does not vary around the seeds' lines beyond what all seeds share "
            f"(residual sd {noise:g}), so the priors cannot take their scales from it. Give `sigma`, `sigma_alpha`, "
            "`sigma_beta` (and `sigma_condition_slope`) priors of your own if the shared curve is to count as noise; "
            f"leave the {role}s out if they are constant; pass the metric unrounded if it was rounded."
        )
    sampling = noise * float(np.sqrt((np.concatenate([arm.sd_factors for arm in arms]) ** 2).mean()))
    slopes = _within([arm.scores for arm in arms])
    means = np.array([arm.scores.mean() for arm in arms])
    error = float(np.sqrt(np.mean([arm.scores.var(ddof=1) / arm.n_seeds for arm in arms])))
    error = max(error, sampling / float(np.sqrt(min(arm.n_seeds for arm in arms))))
    scales = {
        "sigma": 2.0 * noise,
        "sigma_alpha": max(2.0 * noise, _within([np.nanmean(arm.curves, axis=1) for arm in arms])),
        "sigma_beta": max(2.0 * sampling, slopes),
        "sigma_condition_slope": max(2.0 * error, float(means.std(ddof=1)) if len(arms) > 1 else 0.0),
    }
    return {name: half_cauchy(scale * sweep.scale) for name, scale in scales.items()}


def _within(values: list[FloatArray]) -> float:
    """Return the sd of values around the mean of their condition."""
    squares = sum(float(((each - each.mean()) ** 2).sum()) for each in values)
    return float(np.sqrt(squares / (sum(each.size for each in values) - len(values))))


def refuse_copies(arms: tuple[Condition, ...], role: str) -> None:
    """Refuse conditions that hold the same numbers, which would count as independent."""
    seen: dict[bytes, str] = {}
    for arm in arms:
        other = seen.setdefault((arm.curves + 0.0).tobytes(), arm.name)
        if other is not arm.name:
            raise OptionError(
                f"the {role}s {other!r} and {arm.name!r} hold the same numbers; conditions must be measured "
                "separately, or the same evidence counts twice. Name one of them."
            )


def _require_accuracy(posterior: RandomSlopes | NestedRandomSlopes, role: str) -> None:
    """Raise where the quadrature did not reach its accuracy."""
    if not posterior.accurate:
        raise inaccurate(f"{role}s", posterior.error, posterior.edge_mass, posterior.priors)


def no_lines() -> OptionError:
    """Return the error for runs that were seen at one level each."""
    return OptionError(
        "hierarchical slopes need the repeated design: here every cell is a fresh run, and no seed has a line of "
        "its own. Use `effect_interval`, or give recurring runs the same seed label."
    )


def inaccurate(what: str, error: float, edge_mass: float, priors: Mapping[str, str]) -> InputError:
    """Return the error for a quadrature that did not reach its accuracy."""
    return InputError(
        f"the posterior of the {what} could not be computed: the quadrature over the standard deviations has an "
        f"estimated error of {error:.1e} and leaves {edge_mass:.1e} of the mass out, where "
        f"1e-4 and 1e-6 are allowed. Use priors whose scales are nearer to the size of the data: "
        f"{dict(priors)}."
    )
