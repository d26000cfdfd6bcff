"""Posterior of lines that vary by group: the result of `random_slopes`, and how it is put together.

At each node of the standard deviations, and at each point of importance sampling, the lines are Gaussian. Both give the
same result: mixtures of normals for the lines, and marginals of what the nodes or points stand for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sigstats.stats import checks
from sigstats.stats.bayes.correlation import CorrelationMarginal, correlation_marginal
from sigstats.stats.bayes.grouped import GroupLines, Lines, group_lines, mean_line
from sigstats.stats.bayes.marginals import (
    NormalMixture,
    ScaleMarginal,
    mixture,
    scale_marginal,
    summary_frame,
)
from sigstats.stats.bayes.quadrature import ScaleGrid
from sigstats.stats.bayes.sampled_marginals import SampledMarginal, sampled_marginal
from sigstats.stats.bayes.sampled_slopes import Sampling, WeightedNodes
from sigstats.stats.bayes.slopes_model import (
    PARAMETERS,
    SlopesDraws,
    SlopesModel,
    draw_slopes,
    finite_sds,
    group_moments,
)
from sigstats.stats.checks import FloatArray, IntArray
from sigstats.stats.random import generator

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSlopes:
    """Posterior of a random-slopes model, in data units.

    Attributes
    ----------
    mu_alpha, mu_beta : NormalMixture
        Mean intercept (at x = 0) and mean slope.
    sigma, sigma_alpha, sigma_beta : ScaleMarginal or SampledMarginal
        Standard deviation of the noise (its scale where it is Student's t, what the levels have in common where it
        differs by level), of the intercepts and of the slopes.
    alpha, beta : NormalMixture
        Intercept and slope of each group, in the order of `groups`.
    rho : CorrelationMarginal, SampledMarginal or None
        Correlation of the groups' intercepts (at x = 0) and slopes; None where they are independent by assumption.
    df : SampledMarginal or None
        Degrees of freedom of Student's t noise, where they are unknown.
    level_sigma : mapping of float to SampledMarginal, or None
        Noise sd of each level of x, where it differs by level.
    groups : tuple, length n_groups
        The groups' labels, sorted.
    log_evidence : float
        Log density of y under the model; a flat prior counts as density 1.
    accurate : bool
        Whether the numbers can be relied on; where False, treat them as not computed.
    error : float
        Estimated numerical error: of the means in posterior sds, of sds and evidence relative. From importance
        sampling, one Monte-Carlo standard error.
    edge_mass : float
        Estimated posterior mass outside the grid.
    n_observations : int
        Number of observations.
    priors : mapping of str to str
        The priors, as they would be written in a call.
    sampling : Sampling or None
        How far importance sampling can be relied on; None where the posterior is exact.
    method : str
        How the posterior was obtained.
    """

    mu_alpha: NormalMixture
    mu_beta: NormalMixture
    sigma: ScaleMarginal | SampledMarginal
    sigma_alpha: ScaleMarginal | SampledMarginal
    sigma_beta: ScaleMarginal | SampledMarginal
    alpha: NormalMixture
    beta: NormalMixture
    rho: CorrelationMarginal | SampledMarginal | None
    df: SampledMarginal | None
    level_sigma: Mapping[float, SampledMarginal] | None
    groups: tuple[Any, ...]
    log_evidence: float
    accurate: bool
    error: float
    edge_mass: float
    n_observations: int
    priors: Mapping[str, str]
    sampling: Sampling | None
    method: str
    _model: SlopesModel = field(repr=False)
    _grid: ScaleGrid | WeightedNodes = field(repr=False)

    @property
    def prob_positive(self) -> float:
        """Probability that the mean slope is above 0."""
        return float(self.mu_beta.prob_positive)

    def mass_inside(self, low: float, high: float) -> float:
        """Return the probability that the mean slope lies between two limits."""
        return float(self.mu_beta.mass_inside(low, high))

    def draws(self, n: int, *, rng: object = None) -> SlopesDraws:
        """Return independent draws of all parameters together."""
        count = checks.whole("n", n, low=1)
        if isinstance(self._grid, WeightedNodes):
            return self._grid.draw(self._model, count, generator(rng))
        return draw_slopes(self._model, self._grid, count, generator(rng))

    def summary(self) -> "pd.DataFrame":
        """Return a frame with a row per parameter: mean, sd and quantiles."""
        scalars = {name: getattr(self, name) for name in PARAMETERS}
        scalars |= {name: getattr(self, name) for name in ("rho", "df") if getattr(self, name) is not None}
        return summary_frame(scalars, {"alpha": self.alpha, "beta": self.beta})

    def __str__(self) -> str:
        """Return the mean slope in one line."""
        low, high = self.mu_beta.interval(0.9)
        return (
            f"mean slope {self.mu_beta.mean:.4g} (90 % {low:.4g} to {high:.4g}), above 0 with probability "
            f"{self.prob_positive:.4g}; {len(self.groups)} groups"
        )


def _priors(model: SlopesModel) -> dict[str, str]:
    """Return the priors as they would be written in a call."""
    names = PARAMETERS if model.correlation is None else (*PARAMETERS, "correlation")
    return {name: str(getattr(model, name)) for name in names}


def exact_posterior(model: SlopesModel, grid: ScaleGrid, moments: tuple[int, ...]) -> RandomSlopes:
    """Return the result of quadrature, in data units."""
    groups = model.groups
    lines = mean_line(groups, model.line_prior, grid.points)
    scales = (
        scale_marginal(axis, probability, unit=unit, moments=count)
        for axis, probability, unit, count in zip(
            grid.axes, grid.marginals, model.scale_units, moments, strict=False
        )
    )
    found = _lines(model, moments, grid.weights, lines, group_lines(groups, grid.points), groups.design)
    found |= zip(PARAMETERS[2:], scales, strict=True)
    return RandomSlopes(
        **found,
        rho=correlation_marginal(grid.axes[3], grid.marginals[3]) if len(grid.axes) == 4 else None,
        df=None,
        level_sigma=None,
        log_evidence=grid.log_integral,
        accurate=grid.accurate,
        error=grid.error,
        edge_mass=grid.edge_mass,
        sampling=None,
        method="trapezoidal rule over the standard deviations, all else in closed form",
        _grid=grid,
    )


def sampled_posterior(model: SlopesModel, nodes: WeightedNodes, moments: tuple[int, ...]) -> RandomSlopes:
    """Return the result of importance sampling, in data units."""
    scales = (
        sampled_marginal(unit * values, nodes.weights, moments=count)
        for values, unit, count in zip(nodes.sds, model.scale_units, moments, strict=False)
    )
    own = np.arange(model.groups.labels.size, dtype=np.int64)
    correlated = len(nodes.sds) == 4
    found = _lines(model, moments, nodes.weights, nodes.lines, nodes.each, own)
    found |= zip(PARAMETERS[2:], scales, strict=True)
    return RandomSlopes(
        **found,
        rho=sampled_marginal(np.tanh(np.log(nodes.sds[3])), nodes.weights) if correlated else None,
        df=nodes.df,
        level_sigma=nodes.level_sigma,
        log_evidence=nodes.log_integral,
        accurate=True,
        error=nodes.sampling.effective_size**-0.5,
        edge_mass=0.0,
        sampling=nodes.sampling,
        method="adaptive importance sampling, the lines in closed form at each point",
        _grid=nodes,
    )


def _lines(
    model: SlopesModel,
    moments: tuple[int, ...],
    weights: FloatArray,
    lines: Lines,
    each: GroupLines,
    design: IntArray,
) -> dict[str, Any]:
    """Return what both ways have in common: the lines in data units, and what was put in."""
    groups = model.groups
    own_mean, own_variance = group_moments(design, lines, each)
    finite_mean, finite_own = finite_sds(model, moments)
    units = (groups.unit_y, groups.unit_slope)

    def in_data_units(i: int, mean: FloatArray, variance: FloatArray, finite: npt.ArrayLike) -> NormalMixture:
        means, sds = groups.line[i] + units[i] * mean, units[i] * np.sqrt(variance)
        return mixture(weights, means, sds, finite_sd=np.asarray(finite))

    return {
        "mu_alpha": in_data_units(0, lines.mean[0], lines.covariance[0], finite_mean[0]),
        "mu_beta": in_data_units(1, lines.mean[1], lines.covariance[2], finite_mean[1]),
        "alpha": in_data_units(0, own_mean[0], own_variance[0], finite_own[0]),
        "beta": in_data_units(1, own_mean[1], own_variance[1], finite_own[1]),
        "groups": tuple(groups.labels.tolist()),
        "n_observations": groups.n_observations,
        "priors": _priors(model),
        "_model": model,
    }
