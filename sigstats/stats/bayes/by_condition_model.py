"""Slopes of seeds within conditions: density over four standard deviations, and the posterior given these.

For the seeds of one condition the mean line is (alpha_c, beta_c). Its intercept has a flat prior and
integrates out, which leaves a slope b_c with information I_c; both follow from the sums of `grouped`. The
conditions' slopes are then random effects around mu_beta, with variances sigma_condition_slope ** 2 + 1 /
I_c. Conditions observed in the same way share I_c, and enter by their number, mean and sum of squares only.
"""

import math
from dataclasses import dataclass

import numpy as np

from sigstats.stats.bayes.grouped import Table, information
from sigstats.stats.bayes.priors import LocationPrior, Normal, ScalePrior, precision_of
from sigstats.stats.bayes.reduction import Reduced
from sigstats.stats.checks import FloatArray, IntArray

_LOG_TWO_PI = math.log(2.0 * math.pi)


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedModel:
    """Slopes of seeds within conditions: data and priors, enough to evaluate the density."""

    groups: Reduced  # the seeds' data in internal units, each condition's mean removed
    condition: IntArray  # shape (n_groups,): condition of each seed
    tables: tuple[Table, ...]  # of `sigstats.stats.bayes.grouped.tables_by_condition`
    kind: IntArray  # shape (n_conditions,): conditions that were observed in the same way have the same kind
    means: FloatArray  # shape (n_conditions,): what was subtracted from y in each condition, data units
    mu_beta: LocationPrior  # prior of the mean slope, data units
    # priors of sigma, sigma_seed_intercept, sigma_seed_slope, sigma_condition_slope; data units
    scales: tuple[ScalePrior, ScalePrior, ScalePrior, ScalePrior]

    @property
    def n_conditions(self) -> int:
        """Number of conditions."""
        return self.kind.size

    @property
    def units(self) -> tuple[float, float, float, float]:
        """Data units per internal unit of the four standard deviations."""
        y, slope = self.groups.unit_y, self.groups.unit_slope
        return y, y, slope, slope

    @property
    def slope_prior(self) -> tuple[float, float, float]:
        """Mean and precision of mu_beta in internal units (0, 0 where flat), and the log constant."""
        unit = self.groups.unit_slope
        if isinstance(self.mu_beta, Normal):
            sd = self.mu_beta.sd / unit
            mean = (self.mu_beta.mean - self.groups.line[1]) / unit
            return mean, precision_of(sd), -math.log(sd) - 0.5 * _LOG_TWO_PI
        return 0.0, 0.0, math.log(unit)

    def log_density(self, *log_sds: FloatArray) -> FloatArray:
        """Return the log density of y and of the log standard deviations, which are in internal units."""
        inner = np.broadcast_arrays(*log_sds[:3])
        sds = np.exp(np.array([log_sd.ravel() for log_sd in inner]))
        lines = condition_lines(self, sds)
        shape = inner[0].shape
        kinds = [
            _Kind(k.count, *(v.reshape(shape) for v in (k.weight, k.slope, k.squares)))
            for k in _by_kind(self, lines)
        ]
        parts = [
            prior.logpdf(unit * np.exp(log_sd)) + log_sd + math.log(unit)
            for log_sd, prior, unit in zip(log_sds, self.scales, self.units, strict=True)
        ]
        constant = (self.n_conditions - self.groups.n_observations) * math.log(self.groups.unit_y)
        rest = constant + lines.log_rest.reshape(shape) + parts[0] + parts[1] + parts[2]
        return np.asarray(_log_likelihood(self, kinds, np.exp(log_sds[3])) + rest + parts[3])


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionLines:
    """Sums of each condition at each node of the first three standard deviations."""

    # p11, p12, h1: shape (n_conditions, n_nodes): information of the intercept, mixed information, and
    # score of the intercept
    p11: FloatArray
    p12: FloatArray
    h1: FloatArray
    # shape (n_conditions, n_nodes): slope that fits the condition's seeds best; 0 where they do not
    # determine one
    slope: FloatArray
    # shape (n_conditions, n_nodes): information about it once the intercept is integrated out
    slope_information: FloatArray
    log_rest: FloatArray  # shape (n_nodes,): log likelihood but for the conditions' slopes


def condition_lines(model: NestedModel, sds: FloatArray) -> ConditionLines:
    """Return the sums of each condition given sigma, sigma_seed_intercept and sigma_seed_slope."""
    groups = model.groups
    sums, log_determinants = information(groups, model.tables, sds)
    p11, p12, p22, h1, h2, q = sums
    shift = p12 / p11
    slope_information = np.maximum(p22 - p12 * shift, 0.0)
    score = h2 - shift * h1
    known = slope_information > 1e-12 * p22
    slope = np.divide(score, slope_information, out=np.zeros_like(score), where=known)
    slope_information = np.where(known, slope_information, 0.0)
    misfit = (q - h1 * h1 / p11 - slope * score).sum(axis=0) + groups.residual / sds[0] ** 2
    logs = (groups.n_observations - 2 * groups.labels.size) * 2.0 * np.log(sds[0]) + log_determinants
    logs = logs + np.log(p11).sum(axis=0)
    constant = -0.5 * (groups.n_observations - model.n_conditions) * _LOG_TWO_PI
    return ConditionLines(
        p11=p11,
        p12=p12,
        h1=h1,
        slope=slope,
        slope_information=slope_information,
        log_rest=constant - 0.5 * (logs + misfit),
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    """Conditions observed in the same way: how many, their information, mean slope and squares around it."""

    count: int
    weight: FloatArray
    slope: FloatArray
    squares: FloatArray

    def at(self, place: IntArray) -> "_Kind":
        """Return the same at some nodes."""
        return _Kind(self.count, self.weight[place], self.slope[place], self.squares[place])


def _by_kind(model: NestedModel, lines: ConditionLines) -> list[_Kind]:
    """Return the kinds, with arrays of shape (n_nodes,)."""
    found = []
    for kind in range(int(model.kind.max()) + 1):
        members = np.flatnonzero(model.kind == kind)
        slopes = lines.slope if members.size == model.kind.size else lines.slope[members]
        center = slopes.mean(axis=0)
        squares = ((slopes - center) ** 2).sum(axis=0)
        found.append(_Kind(members.size, lines.slope_information[members[0]], center, squares))
    return found


def _pooled(
    model: NestedModel, kinds: list[_Kind], condition_slope: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean and precision of mu_beta, from sums by kind whose nodes broadcast with the fourth sd."""
    start, precision, _ = model.slope_prior
    square = condition_slope**2
    total, score = np.asarray(precision), np.asarray(0.0)
    for kind in kinds:
        weight = kind.count * kind.weight / (1.0 + kind.weight * square)
        total = total + weight
        score = score + weight * (kind.slope - start)
    return start + score / total, total


def _log_likelihood(model: NestedModel, kinds: list[_Kind], condition_slope: FloatArray) -> FloatArray:
    """Return the log likelihood of the conditions' slopes, mu_beta integrated out."""
    start, precision, constant = model.slope_prior
    square = condition_slope**2
    total, logs, misfit = np.asarray(precision), np.asarray(0.0), np.asarray(0.0)
    mean = _pooled(model, kinds, condition_slope)[0] if len(kinds) > 1 else np.asarray(start)
    for kind in kinds:
        spread = 1.0 + kind.weight * square
        weight = kind.weight / spread
        total = total + kind.count * weight
        logs = logs + kind.count * np.log(spread)
        misfit = misfit + weight * kind.squares
        if len(kinds) > 1:
            misfit = misfit + kind.count * weight * (kind.slope - mean) ** 2
        elif precision > 0.0:  # the same and the prior's part together
            misfit = misfit + (total - precision) * precision / total * (kind.slope - start) ** 2
    if len(kinds) > 1:
        misfit = misfit + precision * (mean - start) ** 2
    return np.asarray(constant + 0.5 * _LOG_TWO_PI - 0.5 * (logs + np.log(total) + misfit))


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedSlopes:
    """Posterior of all slopes at each node of the four standard deviations; internal units.

    A condition's slope is ``own + keep (mu_beta - own)``, plus independent noise with variance spread.
    """

    mean: FloatArray  # mean, variance: shape (n_nodes,): of mu_beta
    variance: FloatArray
    own: FloatArray  # shape (n_conditions, n_nodes): slope that fits the condition's seeds best
    # keep, spread: shape (n_conditions, n_nodes): one row where all conditions were observed in the
    # same way
    keep: FloatArray
    spread: FloatArray

    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Return mean (n_conditions, n_nodes) and variance (as `spread`) of the conditions' slopes."""
        return self.own + self.keep * (self.mean - self.own), self.spread + self.keep**2 * self.variance


def nested_slopes(
    model: NestedModel, lines: ConditionLines, place: IntArray, condition_slope: FloatArray
) -> NestedSlopes:
    """Return the posterior of mu_beta and of the conditions' slopes given the standard deviations."""
    kinds = _by_kind(model, lines)
    mean, precision = _pooled(model, [kind.at(place) for kind in kinds], condition_slope)
    between = condition_slope**2
    rows = slice(0, 1) if len(kinds) == 1 else slice(None)
    keep = 1.0 / (1.0 + lines.slope_information[rows][:, place] * between)
    return NestedSlopes(
        mean=mean, variance=1.0 / precision, own=lines.slope[:, place], keep=keep, spread=between * keep
    )
