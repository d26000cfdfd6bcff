"""Posterior of a mean score when seeds differ: the one-dimensional model on which a verdict rests.

Model: ``v_s ~ Normal(theta, omega**2 + s_s**2)`` with the sampling sd s_s of a seed's score known, a flat prior
on theta and a half-Cauchy prior on omega, the true spread between seeds. Given omega, theta is normal; so one
integral over omega remains. It is done by the trapezoid rule in log omega, which converges exponentially
because the integrand vanishes smoothly at both ends.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.blocks import beside, plain
from sigstats.stats.checks import FloatArray

# Nodes that are held at once.
HELD = 200_000
LOWEST = 24.0
HIGHEST = 14.0
NEGLIGIBLE = 1e-16


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanPosterior:
    """Posterior of the mean score theta."""

    mean: float  # mean, sd: posterior mean and sd, in units of the score
    sd: float
    prob_positive: float  # p(theta > 0)
    # weights, centres, spreads: shape (n_nodes,): the posterior as a mixture of normals, one per node of omega; empty
    # where several tables were given
    weights: FloatArray
    centres: FloatArray
    spreads: FloatArray

    def cdf(self, theta: FloatArray | float) -> FloatArray:
        """Return P(theta' <= theta)."""
        z = (np.asarray(theta, dtype=float)[..., None] - self.centres) / self.spreads
        return np.asarray((special.ndtr(z) * self.weights).sum(axis=-1))

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the equal-tailed interval."""
        targets = np.array([(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
        normal = special.ndtri(targets)
        low = np.full(2, float((self.centres - 12.0 * normal[1] * self.spreads).min()))
        high = np.full(2, float((self.centres + 12.0 * normal[1] * self.spreads).max()))
        theta = self.mean + normal * float(self.spreads[self.weights.argmax()])
        for _ in range(100):
            value = self.cdf(theta)
            low, high = np.where(value < targets, theta, low), np.where(value < targets, high, theta)
            # Newton's step on the normal scale, where the cdf is nearly straight.
            z = special.ndtri(np.clip(value, 1e-15, 1.0 - 1e-15))
            density = self._pdf(theta) * np.sqrt(2.0 * np.pi) * np.exp(0.5 * z * z)
            step = theta - (z - normal) / np.maximum(density, 1e-300)
            # A step as small as rounding may leave the bracket, of which theta is one end.
            close = np.abs(step - theta) <= 1e-9 * self.sd
            theta = np.where(close | ((step > low) & (step < high)), step, (low + high) / 2.0)
            if close.all():
                break
        return float(theta[0]), float(theta[1])

    def _pdf(self, theta: FloatArray) -> FloatArray:
        z = (theta[:, None] - self.centres) / self.spreads
        return np.asarray(
            (np.exp(-0.5 * z * z) / self.spreads * self.weights).sum(axis=-1) / np.sqrt(2 * np.pi)
        )


def mean_posterior(scores: FloatArray, sampling_sd: FloatArray, *, prior_scale: float) -> MeanPosterior:
    """Return the posterior of the mean of scores that vary between seeds.

    Notes
    -----
    Assumptions: scores normal about the mean and independent between seeds. A half-Cauchy prior whose scale
    follows the larger of twice the sampling sd and the sd of the scores keeps its error rate when slopes vary far
    more than the noise; a half-normal prior does not.

    References
    ----------
    A. Gelman, "Prior distributions for variance parameters in hierarchical models", Bayesian Analysis 1 (2006),
    https://doi.org/10.1214/06-BA117A
    """
    if scores.ndim == 1:
        return _posterior(scores, sampling_sd, np.asarray(prior_scale))
    n_tables = len(scores)
    sds, priors = np.broadcast_to(sampling_sd, scores.shape), np.broadcast_to(prior_scale, n_tables)
    nodes = _log_ratios(scores.shape[-1]).size * scores.shape[-1]
    size = max(1, HELD // nodes)
    parts = [
        _posterior(scores[at : at + size], sds[at : at + size], priors[at : at + size])
        for at in range(0, n_tables, size)
    ]
    empty = np.empty(0)
    return MeanPosterior(
        mean=np.concatenate([each.mean for each in parts]),  # type: ignore[arg-type]
        sd=np.concatenate([each.sd for each in parts]),  # type: ignore[arg-type]
        prob_positive=np.concatenate([each.prob_positive for each in parts]),  # type: ignore[arg-type]
        weights=empty,
        centres=empty,
        spreads=empty,
    )


def _log_ratios(n: int) -> FloatArray:
    """Return the nodes: logarithms of omega over the scale of its prior."""
    step = min(0.15, 0.5 / np.sqrt(2.0 * n))
    return np.arange(-LOWEST, HIGHEST + step, step)


def _posterior(scores: FloatArray, sampling_sd: FloatArray, prior_scale: FloatArray) -> MeanPosterior:
    """Return the posterior of one table, or of a few at once."""
    log_ratio = _log_ratios(scores.shape[-1])
    if np.any(sampling_sd):
        # A power of two as the unit changes no digit, and keeps squares within the range of floating point.
        unit = np.ldexp(1.0, np.frexp(prior_scale)[1])
        groups = _alike(scores / beside(unit, 1), sampling_sd / beside(unit, 1))
        omega = beside(prior_scale / unit, 1) * np.exp(log_ratio)
    else:
        # Only the scale of the prior counts then: in its units the nodes are the same for all tables.
        unit = prior_scale
        groups = _alike(scores / beside(unit, 1), np.zeros(scores.shape[-1]))
        omega = np.exp(log_ratio)
    variance = omega[..., None] ** 2 + groups.sampling_sd[..., None, :] ** 2
    precision = 1.0 / variance
    counts, means, squares = groups.counts, groups.means[..., None, :], groups.squares[..., None, :]
    total = _over_groups(precision * counts)
    centres = _over_groups(precision * (counts * means)) / total
    squares = _over_groups(precision * (squares + counts * (means - centres[..., None]) ** 2))
    log_density = (
        log_ratio  # the step is even in log omega
        - np.log1p(np.exp(2.0 * log_ratio))
        - 0.5 * _over_groups(np.log(variance) * counts)
        - 0.5 * np.log(total)
        - 0.5 * squares
    )
    weights = np.exp(log_density - log_density.max(axis=-1, keepdims=True))
    heavy = (weights > NEGLIGIBLE).reshape(-1, log_ratio.size).any(axis=0)
    weights, centres, total = weights[..., heavy], centres[..., heavy], total[..., heavy]
    weights = weights / weights.sum(axis=-1, keepdims=True)
    spreads = 1.0 / np.sqrt(total)
    mean = (weights * centres).sum(axis=-1)
    second = (weights * (spreads**2 + (centres - mean[..., None]) ** 2)).sum(axis=-1)
    probability = (weights * special.ndtr(centres / spreads)).sum(axis=-1)
    return MeanPosterior(
        mean=plain(mean * unit),
        sd=plain(np.sqrt(second) * unit),
        prob_positive=plain(np.minimum(probability, 1.0)),
        weights=weights,
        centres=centres * beside(unit, 1),
        spreads=spreads * beside(unit, 1),
    )


def _over_groups(values: FloatArray) -> FloatArray:
    """Return sums over the last axis, which mostly has one entry."""
    return values[..., 0] if values.shape[-1] == 1 else values.sum(axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """Scores with the same sampling sd, summarised: all that the likelihood needs."""

    sampling_sd: FloatArray
    counts: FloatArray
    means: FloatArray
    squares: FloatArray


def _alike(scores: FloatArray, sampling_sd: FloatArray) -> _Groups:
    """Return the groups; seeds with the same sampling sd in one table have it in all tables of a block."""
    first, group = np.unique(
        sampling_sd[(0,) * (sampling_sd.ndim - 1)], return_index=True, return_inverse=True
    )[1:]
    counts = np.bincount(group).astype(float)
    member = (group[:, None] == np.arange(counts.size)).astype(float)
    means = scores @ member / counts
    return _Groups(
        sampling_sd=sampling_sd[..., first],
        counts=counts,
        means=means,
        squares=(scores - means[..., group]) ** 2 @ member,
    )
