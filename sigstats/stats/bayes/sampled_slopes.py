"""Random slopes whose noise is not normal with one standard deviation: posterior by importance sampling.

The exact posterior under normal noise is where the search begins. `level_noise` and `student_noise` say what the
density is; `importance` draws weighted points, and refuses where they are not reliable. At each point the lines are
Gaussian, so their posteriors are mixtures of normals, as in the exact case.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sigstats.errors import OptionError, UnreliableError
from sigstats.stats import checks
from sigstats.stats.bayes.grouped import GroupLines, MeanLine, group_lines, mean_line
from sigstats.stats.bayes.importance import WeightedSample, importance_sample
from sigstats.stats.bayes.level_noise import LevelNoise
from sigstats.stats.bayes.priors import FlatPrior
from sigstats.stats.bayes.quadrature import ScaleGrid
from sigstats.stats.bayes.sampled_marginals import SampledMarginal, sampled_marginal
from sigstats.stats.bayes.slopes_model import PARAMETERS, SlopesDraws, SlopesModel, draw_lines, group_moments
from sigstats.stats.bayes.student_noise import StudentNoise
from sigstats.stats.bayes.weighted_lines import Rows, rows_of, weighted_lines
from sigstats.stats.checks import FloatArray, IntArray

N_POINTS = 8_192
_ENTROPY = 20261121


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How far importance sampling can be relied on."""

    n_points: int  # number of weighted points
    # number of independent draws that would be as precise: means are right to one over its root, in
    # posterior sds
    effective_size: float
    pareto_k: float  # shape of the tail of the weights, at most 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedNodes:
    """Posterior as weighted points, at each of which all lines are Gaussian; internal units."""

    sds: FloatArray  # shape (3, n_points): standard deviations, as in `sigstats.stats.bayes.grouped`
    weights: FloatArray  # shape (n_points,): probabilities of the points
    lines: MeanLine  # the mean line
    each: GroupLines  # the groups' lines
    df: SampledMarginal | None  # degrees of freedom of the noise, where they are unknown
    level_sigma: Mapping[float, SampledMarginal] | None  # noise sd of each level, where they differ
    log_integral: float  # log evidence
    sampling: Sampling  # how far the points can be relied on

    def draw(self, model: SlopesModel, n: int, generator: np.random.Generator) -> SlopesDraws:
        """Return joint draws: points by their weights, then the lines there."""
        cumulative = np.cumsum(self.weights)
        place = np.searchsorted(cumulative, generator.random(n) * cumulative[-1], side="right")
        each = GroupLines(
            carry=self.each.carry[..., place],
            own=self.each.own[..., place],
            covariance=self.each.covariance[..., place],
        )
        lines = MeanLine(
            log_likelihood=self.lines.log_likelihood[place],
            mean=self.lines.mean[:, place],
            covariance=self.lines.covariance[:, place],
        )
        design = np.arange(each.own.shape[1], dtype=np.int64)
        return draw_lines(model, self.sds[:, place], lines, each, design, generator)


def sample_nodes(
    model: SlopesModel,
    grid: ScaleGrid,
    data: tuple[FloatArray, FloatArray, IntArray],
    *,
    noise: str,
    df: float | None,
    noise_spread: float,
) -> WeightedNodes:
    """Return the posterior under another noise, as weighted points."""
    if not grid.accurate:
        raise UnreliableError(
            "the posterior under normal noise, from which importance sampling starts, is not accurate. Priors and data "
            "may lie many orders of magnitude apart: give scales in the units of the data."
        )
    rng, rows = np.random.default_rng(_ENTROPY), rows_of(model.groups, *data)
    first = _FirstGuess.of(model, grid, rows)
    if noise == "student_t":
        return _student(StudentNoise(model=model, rows=rows, df=df), first, rng)
    level = np.unique(rows.x, return_inverse=True)[1].astype(np.int64)
    found = LevelNoise(model=model, rows=rows, level=level, spread=noise_spread)
    return _by_level(found, np.unique(data[0]), first, rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class _FirstGuess:
    """Mean and covariance of log standard deviations and of the mean line; residuals around the groups' lines."""

    log_mean: FloatArray
    log_covariance: FloatArray
    line_mean: FloatArray
    line_covariance: FloatArray
    residuals: FloatArray

    @classmethod
    def of(cls, model: SlopesModel, grid: ScaleGrid, rows: Rows) -> "_FirstGuess":
        """Return it from the posterior under normal noise with one standard deviation."""
        logs, weights = np.log(grid.points), grid.weights
        lines = mean_line(model.groups, model.line_prior, grid.points)
        own, _ = group_moments(model.groups.design, lines, group_lines(model.groups, grid.points))
        v11, v12, v22 = lines.covariance @ weights
        between = np.cov(lines.mean, aweights=weights, ddof=0)
        line = own @ weights
        return cls(
            log_mean=logs @ weights,
            log_covariance=np.cov(logs, aweights=weights, ddof=0) + 0.01 * np.eye(len(logs)),
            line_mean=lines.mean @ weights,
            line_covariance=between + np.array([[v11, v12], [v12, v22]]),
            residuals=rows.y - line[0][rows.group] - line[1][rows.group] * rows.x,
        )


def _by_level(
    noise: LevelNoise, levels: FloatArray, first: _FirstGuess, rng: np.random.Generator
) -> WeightedNodes:
    """Return the posterior where noise differs by level."""
    start = noise.start((first.log_mean, first.log_covariance), first.residuals)
    found = importance_sample(noise.log_density, *start, N_POINTS, rng)
    factors = np.exp(found.points[noise.model.n_scales :])
    sigma = noise.model.groups.unit_noise * np.exp(found.points[0]) * factors
    marginals = [sampled_marginal(values, found.weights) for values in sigma]
    by_level = dict(zip(levels.tolist(), marginals, strict=True))
    return _nodes(noise, noise.weights(found.points), found, df=None, level_sigma=by_level)


def _student(noise: StudentNoise, first: _FirstGuess, rng: np.random.Generator) -> WeightedNodes:
    """Return the posterior where noise has Student's t distribution."""
    size = noise.model.n_scales + 2 + (noise.df is None)
    mean, covariance = np.full(size, math.log(8.0)), np.eye(size)
    places = slice(0, noise.model.n_scales), slice(noise.model.n_scales, noise.model.n_scales + 2)
    for place, center, spread in zip(
        places, (first.log_mean, first.line_mean), (first.log_covariance, first.line_covariance), strict=True
    ):
        mean[place], covariance[place, place] = center, 2.0 * spread
    mean[0] = math.log(1.2 * float(np.median(np.abs(first.residuals))) + 0.1 * float(first.residuals.std()))
    found = importance_sample(noise.log_density, mean, covariance, N_POINTS, rng)
    weights = noise.weights(found.points, found.kept, rng)
    df = sampled_marginal(noise.degrees(found.points), found.weights) if noise.df is None else None
    return _nodes(noise, weights, found, df=df, level_sigma=None)


def _nodes(
    noise: LevelNoise | StudentNoise,
    weights: FloatArray,
    found: WeightedSample,
    *,
    df: SampledMarginal | None,
    level_sigma: Mapping[float, SampledMarginal] | None,
) -> WeightedNodes:
    """Return weighted points with the lines that are Gaussian there, given the weights of the observations."""
    scales = np.exp(found.points[: noise.model.n_scales])
    lines, each = weighted_lines(noise.rows, noise.model.line_prior, scales, weights)
    return WeightedNodes(
        sds=scales,
        weights=found.weights,
        lines=lines,
        each=each,
        df=df,
        level_sigma=level_sigma,
        log_integral=found.log_integral,
        sampling=Sampling(
            n_points=found.weights.size, effective_size=found.effective_size, pareto_k=found.pareto_k
        ),
    )


def checked_noise(
    model: SlopesModel, noise: str, df: object, noise_spread: object, noise_scale: object
) -> tuple[float | None, float]:
    """Return degrees of freedom and spread of the levels' noise; raise where the options do not fit together."""
    if noise != "student_t" and df is not None:
        raise OptionError(
            f"`df` is {df!r} and `noise` is {noise!r}; only noise='student_t' has degrees of freedom."
        )
    if noise != "by_level" and noise_spread is not None:
        raise OptionError(
            f"`noise_spread` is {noise_spread!r} and `noise` is {noise!r}; only the noise of noise='by_level' has a "
            f"spread."
        )
    if noise == "by_level" and noise_spread is None:
        raise OptionError(
            "`noise_spread` is None; noise='by_level' needs the prior sd of the log of a level's noise sd: 0.5 allows "
            "a factor of about 2.7 either way."
        )
    if noise != "normal" and noise_scale is not None:
        raise OptionError(
            f"`noise_scale` is given and `noise` is {noise!r}; known noise scales go with noise='normal' only."
        )
    flat = [
        name
        for name, prior in zip(PARAMETERS[2:], model.scale_priors, strict=True)
        if isinstance(prior, FlatPrior)
    ]
    if noise != "normal" and flat:
        raise OptionError(
            f"`{flat[0]}` has the prior flat() and `noise` is {noise!r}; importance sampling needs proper priors of "
            f"the standard deviations, such as half_cauchy(scale) or half_normal(scale)."
        )
    return (
        None if df is None else checks.positive("df", df),
        1.0 if noise_spread is None else checks.positive("noise_spread", noise_spread),
    )
