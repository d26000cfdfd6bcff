"""Posterior of lines that vary by group: the result of `random_slopes`, and how it is put together.

At each node of the standard deviations, and at each point of importance sampling, the lines are Gaussian. Both give the
same result: mixtures of normals for the lines, and marginals of what the nodes or points stand for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sigstats.stats.bayes.correlation import CorrelationMarginal, correlation_marginal
from sigstats.stats.bayes.grouped import GroupLines, MeanLine, group_lines, mean_line
from sigstats.stats.bayes.marginals import NormalMixture, ScaleMarginal, mixture, scale_marginal
from sigstats.stats.bayes.posterior import Posterior
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSlopes(Posterior[SlopesDraws]):
    """Posterior of a random-slopes model, in data units; `Posterior` describes the rest of its attributes."""

    mu_alpha: NormalMixture  # mu_alpha, mu_beta: mean intercept (at x = 0) and mean slope
    mu_beta: NormalMixture
    # sigma, sigma_alpha, sigma_beta: standard deviation of the noise (its scale where it is Student's
    # t, what the levels have in common where it differs by level), of the intercepts and of the slopes
    sigma: ScaleMarginal | SampledMarginal
    sigma_alpha: ScaleMarginal | SampledMarginal
    sigma_beta: ScaleMarginal | SampledMarginal
    alpha: NormalMixture  # alpha, beta: intercept and slope of each group, in the order of `groups`
    beta: NormalMixture
    # correlation of the groups' intercepts (at x = 0) and slopes; None where they are independent by
    # assumption
    rho: CorrelationMarginal | SampledMarginal | None
    df: SampledMarginal | None  # degrees of freedom of Student's t noise, where they are unknown
    level_sigma: (
        Mapping[float, SampledMarginal] | None
    )  # noise sd of each level of x, where it differs by level
    groups: tuple[Any, ...]  # the groups' labels, sorted
    n_observations: int  # number of observations
    sampling: (
        Sampling | None
    )  # how far importance sampling can be relied on; None where the posterior is exact
    _model: SlopesModel = field(repr=False)
    _grid: ScaleGrid | WeightedNodes = field(repr=False)

    _MAIN = "mu_beta"
    _SCALARS = (*PARAMETERS, "rho", "df")
    _VECTORS = ("alpha", "beta")

    def _draw(self, n: int, source: np.random.Generator) -> SlopesDraws:
        """Return draws of all parameters together."""
        if isinstance(self._grid, WeightedNodes):
            return self._grid.draw(self._model, n, source)
        return draw_slopes(self._model, self._grid, n, source)

    def _named(self) -> str:
        """Return what the main parameter is called."""
        return "mean slope"

    def _counted(self) -> str:
        """Return how many groups there are, in words."""
        return f"{len(self.groups)} groups"


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
    lines: MeanLine,
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
