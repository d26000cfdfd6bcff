"""Seeds within conditions: moments of their slopes, and joint draws of everything.

Given a condition's line, a seed's line is shrunk towards it, as in `grouped`.
"""

from dataclasses import dataclass

import numpy as np

from sigstats.stats.bayes.by_condition_model import (
    ConditionLines,
    NestedModel,
    NestedSlopes,
    condition_lines,
    nested_slopes,
)
from sigstats.stats.bayes.compaction import compacted
from sigstats.stats.bayes.grid_draws import draw_scales
from sigstats.stats.bayes.grouped import center_of, group_lines
from sigstats.stats.bayes.marginals import NormalMixture, mixture
from sigstats.stats.bayes.quadrature import ScaleGrid
from sigstats.stats.bayes.slopes_model import correlated
from sigstats.stats.checks import FloatArray, IntArray

_BLOCK = 1 << 16  # nodes times seeds handled at once


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedDraws:
    """Joint posterior draws of slopes of seeds within conditions, in data units."""

    mu_beta: FloatArray  # shape (n_draws,): mean slope
    # sigma, sigma_seed_intercept, sigma_seed_slope, sigma_condition_slope: shape (n_draws,): standard
    # deviations
    sigma: FloatArray
    sigma_seed_intercept: FloatArray
    sigma_seed_slope: FloatArray
    sigma_condition_slope: FloatArray
    # condition_intercept, condition_slope: shape (n_draws, n_conditions): lines of the conditions
    condition_intercept: FloatArray
    condition_slope: FloatArray
    # seed_intercept, seed_slope: shape (n_draws, n_seeds): lines of the seeds: condition and seed
    # together
    seed_intercept: FloatArray
    seed_slope: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionMoments:
    """Mean and variance of the conditions' slopes, shape (n_conditions, n_nodes), internal units."""

    mean: FloatArray
    variance: FloatArray


def condition_moments(
    mean: FloatArray, variance: FloatArray, place: IntArray, weights: FloatArray
) -> ConditionMoments:
    """Return moments of the conditions' slopes at nodes of the first three sds, over the fourth."""
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    weighted = weights * mean
    total = np.add.reduceat(weights, starts)
    first = np.add.reduceat(weighted, starts, axis=1) / total
    second = np.add.reduceat(weighted * mean, starts, axis=1) / total
    inside = np.add.reduceat(weights * variance, starts, axis=1) / total
    return ConditionMoments(mean=first, variance=inside + np.maximum(second - first**2, 0.0))


def seed_slopes(
    model: NestedModel, sds: FloatArray, weights: FloatArray, lines: ConditionLines, slopes: ConditionMoments
) -> tuple[FloatArray, FloatArray]:
    """Return posterior mean and sd of each seed's slope."""
    first, second = np.zeros(model.condition.size), np.zeros(model.condition.size)
    rows = max(1, _BLOCK // model.condition.size)
    for i in range(0, weights.size, rows):
        block = slice(i, i + rows)
        mean, variance = _seed_slopes(model, sds, lines, slopes, block)
        first += mean @ weights[block]
        second += (variance + mean**2) @ weights[block]
    return first, np.sqrt(np.maximum(second - first**2, 0.0))


def _seed_slopes(
    model: NestedModel, sds: FloatArray, lines: ConditionLines, slopes: ConditionMoments, block: slice
) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of each seed's slope at some nodes, shape (n_seeds, n_nodes)."""
    gain, own, rest = _seed_given_condition(model, sds, lines, block)
    mean, variance = slopes.mean[:, block][model.condition], slopes.variance[:, block][model.condition]
    return gain * mean + own, gain**2 * variance + rest


def _seed_given_condition(
    model: NestedModel, sds: FloatArray, lines: ConditionLines, block: slice
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return each seed's slope given its condition's: gain, own part and variance, shape (n_seeds, n_nodes)."""
    c, d = model.condition, model.groups.design
    each, center = group_lines(model.groups, sds[:, block]), center_of(model.groups)
    p11, p12, h1 = (part[:, block][c] for part in (lines.p11, lines.p12, lines.h1))
    from_intercept, from_slope = each.carry[1, 0][d], each.carry[1, 1][d]
    # the condition's intercept, at x = center, is (h1 - p12 slope) / p11 plus noise of variance 1 / p11
    gain = from_slope - from_intercept * (p12 / p11 + center)
    own = from_intercept * h1 / p11 + each.own[1]
    return gain, own, from_intercept**2 / p11 + each.covariance[2][d]


def seed_mixtures(
    model: NestedModel,
    sds: FloatArray,
    place: IntArray,
    weights: FloatArray,
    lines: ConditionLines,
    slopes: NestedSlopes,
) -> tuple[NormalMixture, ...]:
    """Return the posterior of each seed's slope, with like nodes merged."""
    gain, own, rest = _seed_given_condition(model, sds, lines, slice(None))
    line, unit = model.groups.line[1], model.groups.unit_slope
    means, variances = slopes.moments()
    found = []
    for seed, c in enumerate(model.condition.tolist()):
        mean = gain[seed][place] * means[c] + own[seed][place]
        variance = gain[seed][place] ** 2 * variances[min(c, len(variances) - 1)] + rest[seed][place]
        each = mixture(weights, line + unit * mean, unit * np.sqrt(variance), finite_sd=np.asarray(True))
        found.append(compacted(each))
    return tuple(found)


def draw_nested(model: NestedModel, grid: ScaleGrid, n: int, generator: np.random.Generator) -> NestedDraws:
    """Return joint draws: standard deviations, mean slope, conditions' lines, seeds' lines."""
    groups, c, d = model.groups, model.condition, model.groups.design
    sds = draw_scales(grid, model.log_density, n, generator)
    lines = condition_lines(model, sds[:3])
    slopes = nested_slopes(model, lines, np.arange(n), sds[3])
    mu = slopes.mean + np.sqrt(slopes.variance) * generator.standard_normal(n)
    noise = generator.standard_normal((2, *slopes.own.shape))
    beta = slopes.own + slopes.keep * (mu - slopes.own) + np.sqrt(slopes.spread) * noise[0]
    alpha = (lines.h1 - lines.p12 * beta) / lines.p11 + noise[1] / np.sqrt(lines.p11)
    alpha = alpha - center_of(groups) * beta
    each = group_lines(groups, sds[:3])
    own = each.carry[:, 0][:, d] * alpha[c] + each.carry[:, 1][:, d] * beta[c] + each.own
    own += correlated(each.covariance[:, d], generator.standard_normal(own.shape))
    line, unit, unit_slope = groups.line, groups.unit_y, groups.unit_slope
    scales = sds * np.array(model.units)[:, None]
    return NestedDraws(
        mu_beta=line[1] + unit_slope * mu,
        sigma=scales[0],
        sigma_seed_intercept=scales[1],
        sigma_seed_slope=scales[2],
        sigma_condition_slope=scales[3],
        condition_intercept=(line[0] + unit * alpha).T + model.means,
        condition_slope=(line[1] + unit_slope * beta).T,
        seed_intercept=(line[0] + unit * own[0]).T + model.means[c],
        seed_slope=(line[1] + unit_slope * own[1]).T,
    )
