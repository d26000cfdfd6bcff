"""Posterior of a mean score when seeds differ: the one-dimensional model on which a verdict rests.

Model: ``v_s ~ Normal(theta, omega**2 + s_s**2)`` with the sampling sd s_s of a seed's score known, a flat prior
on theta and a half-Cauchy prior on omega, the true spread between seeds. Given omega, theta is normal; so one
integral over omega remains. It is done by the trapezoid rule in v, with ``omega = s * sinh(v)`` and s the smallest
sampling sd. The rule converges exponentially, because the integrand is smooth, even about v = 0, and vanishes at both
ends; nodes are needed only where it counts. With the step chosen here P(theta > 0) is right to 1e-10.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from sigstats.stats.blocks import beside, plain
from sigstats.stats.checks import FloatArray, IndexArray

# Tables that are computed at once.
TABLES = 1000
# The smallest sampling sd that is told from 0, over the scale of the prior.
FLOOR = 1e-12
# Where nodes begin and end: below, the scores vary too much for so small an omega; above, too little for so large a
# one. What is left out is less than 1e-12 of the whole.
BELOW, ABOVE = 8.5, 28.0
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

    The sampling sds of several tables are in proportion: those of one table are multiples of those of another.

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
    # A power of two as the unit changes no digit, and keeps squares within the range of floating point.
    unit = np.ldexp(1.0, np.frexp(prior_scale)[1])
    tables = _summary(scores / beside(unit, 1), sampling_sd / beside(unit, 1), np.asarray(prior_scale / unit))
    first, last = tables.nodes()
    if scores.ndim == 1:
        return _posterior(tables, unit, range(int(first), int(last)))
    numbers = np.empty((3, len(scores)))
    # Tables with about the same nodes are computed together.
    order = np.argsort(last, kind="stable")
    for at in np.split(order, range(TABLES, order.size, TABLES)):
        nodes = range(int(first[at].min()), int(last[at].max()))
        each = _posterior(tables.take(at), unit[at], nodes)
        numbers[:, at] = each.mean, each.sd, each.prob_positive
    mean, sd, probability = numbers
    empty = np.empty(0)
    return MeanPosterior(
        mean=plain(mean),
        sd=plain(sd),
        prob_positive=plain(probability),
        weights=empty,
        centres=empty,
        spreads=empty,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Summary:
    """All that the likelihood needs: seeds with the same sampling sd are one group."""

    counts: FloatArray  # seeds of each group, shape (n_groups,)
    variances: FloatArray  # their sampling variances, over that of the most exact group
    exact: FloatArray  # exact, scale: smallest sampling sd, and scale of the prior; one of each table
    scale: FloatArray
    mean: FloatArray  # of all scores, one of each table
    means: FloatArray  # means, squares: of each group about that mean, and sum of squares about its own
    squares: FloatArray

    def take(self, at: IndexArray) -> "_Summary":
        """Return some of the tables."""
        own = {name: getattr(self, name)[at] for name in ("exact", "scale", "mean", "means", "squares")}
        return replace(self, **own)

    @property
    def n(self) -> float:
        """How many seeds there are."""
        return float(self.counts.sum())

    @property
    def step(self) -> float:
        """The step from node to node, in v."""
        return float(min(0.15, 0.5 / np.sqrt(2.0 * self.n)))

    def nodes(self) -> tuple[IndexArray, IndexArray]:
        """Return the first node of each table, and the one after the last: numbers of steps from v = 0."""
        spread = np.sqrt((self.squares.sum(axis=-1) + self.means**2 @ self.counts) / (self.n - 1.0))
        largest = np.maximum(np.maximum(self.scale, spread), self.exact * np.sqrt(self.variances.max()))
        last = np.arcsinh(largest * np.exp(ABOVE / self.n + 1.0) / self.exact)
        if self.counts.size > 1:
            # A few exact seeds that agree may want the smallest omega, whatever the others do.
            first = np.zeros_like(last)
        else:
            lowest = spread / (1.0 + BELOW / np.sqrt(self.n - 1.0)) / self.exact
            first = np.arcsinh(np.sqrt(np.maximum(lowest**2 - 1.0, 0.0)))
        return (first / self.step).astype(np.intp), (last / self.step).astype(np.intp) + 2


def _summary(scores: FloatArray, sampling_sd: FloatArray, scale: FloatArray) -> _Summary:
    """Return what the likelihood needs of one table, or of several."""
    floor = FLOOR * scale
    sds = np.maximum(sampling_sd, beside(floor, 1))
    known = sds.reshape(-1, sds.shape[-1])
    sd = known[known.max(axis=-1).argmax()]  # of a table where it is more than rounding
    found, first, group = np.unique(sd, return_index=True, return_inverse=True)
    counts = np.bincount(group).astype(float)
    member = (group[:, None] == np.arange(counts.size)).astype(float)
    mean = scores.mean(axis=-1)
    about = scores - beside(mean, 1)
    means = about @ member / counts
    return _Summary(
        counts=counts,
        variances=(found / found[0]) ** 2,
        exact=np.broadcast_to(sds[..., first[0]], mean.shape),
        scale=np.broadcast_to(scale, mean.shape),
        mean=mean,
        means=means,
        squares=(about - means[..., group]) ** 2 @ member,
    )


def _posterior(tables: _Summary, unit: FloatArray, nodes: range) -> MeanPosterior:
    """Return the posterior of one table, or of a few at once, from the same nodes."""
    v = tables.step * np.asarray(nodes)
    omega = np.sinh(v)  # over the smallest sampling sd, as everything here
    precision = 1.0 / (tables.variances[:, None] + omega**2)
    total = tables.counts @ precision
    log_density = np.log(np.cosh(v)) + 0.5 * (tables.counts @ np.log(precision)) - 0.5 * np.log(total)
    log_density[v == 0.0] -= np.log(2.0)  # the rule is over both signs of v
    exact = beside(tables.exact, 1)
    squares = (tables.squares / exact**2) @ precision
    # The mean given omega, about the mean of all scores, where it is not that mean: there it depends on omega.
    several = tables.counts.size > 1
    moved = (tables.means * tables.counts) @ precision / total if several else np.zeros(1)
    for group in range(tables.counts.size if several else 0):
        apart = (tables.means[..., group : group + 1] - moved) / exact
        squares += tables.counts[group] * precision[group] * apart**2
    log_density = log_density - 0.5 * squares
    weights = np.exp(log_density - log_density.max(axis=-1, keepdims=True))
    weights /= 1.0 + (exact / beside(tables.scale, 1)) ** 2 * omega**2
    weights /= weights.sum(axis=-1, keepdims=True)
    # Beyond the last node terms of the variance fall by a constant factor: slowly for 3 seeds.
    rest = weights[..., -1] / total[-1] / np.expm1((tables.n - 2.0) * tables.step)
    second = (weights @ (1.0 / total) + rest) * tables.exact**2
    heavy = (weights > NEGLIGIBLE).reshape(-1, v.size).any(axis=0)
    weights, total = weights[..., heavy], total[heavy]
    centres = beside(tables.mean, 1) + (moved[..., heavy] if several else moved)
    mean = (weights * centres).sum(axis=-1)
    if several:
        second += (weights * (centres - beside(mean, 1)) ** 2).sum(axis=-1)
    probability = (weights * special.ndtr(centres / exact * np.sqrt(total))).sum(axis=-1)
    return MeanPosterior(
        mean=plain(mean * unit),
        sd=plain(np.sqrt(second) * unit),
        prob_positive=plain(np.minimum(probability, 1.0)),
        weights=weights,
        centres=np.broadcast_to(centres, weights.shape) * beside(unit, 1),
        spreads=exact / np.sqrt(total) * beside(unit, 1),
    )
