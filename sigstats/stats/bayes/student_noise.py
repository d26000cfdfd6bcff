"""Noise with Student's t distribution: what importance sampling needs to know.

Given the standard deviations, the degrees of freedom and the mean line, the groups are independent, and each asks for
an integral over its own intercept and slope. It is estimated without bias by importance sampling with a few well-spread
points around the group's mode; so the product over groups estimates the likelihood without bias, which is all that the
outer sampling needs [1]_. One of the points is kept as a draw of the group's line. Seen from there, t noise is normal
noise with unknown weights, whose distribution is a gamma [2]_; given one draw of the weights all lines are Gaussian
again.

References
----------
.. [1] M.-N. Tran, M. Scharth, M. K. Pitt and R. Kohn, "Importance sampling squared for Bayesian inference in latent
       variable models", 2013. https://doi.org/10.48550/arXiv.1309.3339
.. [2] K. L. Lange, R. J. A. Little and J. M. G. Taylor, "Robust statistical modeling using the t distribution", Journal
       of the American Statistical Association 84(408), 881-896, 1989. https://doi.org/10.1080/01621459.1989.10478852
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.bayes.grouped import variances
from sigstats.stats.bayes.priors import Normal
from sigstats.stats.bayes.slopes_model import SlopesModel, correlated
from sigstats.stats.bayes.weighted_lines import Rows
from sigstats.stats.checks import FloatArray

_POINTS = 32  # per group and outer point
_DF = 5.0  # of the points' distribution
_CELLS = 1 << 20  # numbers handled at once
_LATTICE = (0.7548776662466927, 0.5698402909980532)  # powers of one over the plastic number
_ITERATIONS = 12
DF_SHAPE, DF_RATE = 2.0, 0.1  # prior of the degrees of freedom: a gamma distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentNoise:
    """Student's t noise."""

    model: SlopesModel  # data and priors, but for the noise
    rows: Rows  # the observations
    df: float | None  # degrees of freedom; None where they are unknown

    def degrees(self, points: FloatArray) -> FloatArray:
        """Return the degrees of freedom at each point."""
        return np.full(points.shape[1], self.df) if self.df is not None else np.exp(points[-1])

    def weights(self, points: FloatArray, kept: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return draws of the weight of each observation, given a draw of the groups' lines, shape (n, n_points)."""
        own = kept.reshape(2, -1, points.shape[1])[:, self.rows.group]
        residual = (self.rows.y[:, None] - own[0] - own[1] * self.rows.x[:, None]) * np.exp(-points[0])
        df = self.degrees(points)
        shape = np.broadcast_to(0.5 * (df + 1.0), residual.shape)
        return np.asarray(rng.standard_gamma(shape) / (0.5 * (df + residual**2)))

    def log_density(self, points: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return logs of unbiased estimates of the density, and a draw of every group's line."""
        density = self.model.log_prior(points[: self.model.n_scales]) + self._log_prior(points)
        each = _CELLS // (_POINTS * self.rows.y.size) + 1
        parts = [self._block(points[:, i : i + each], rng) for i in range(0, points.shape[1], each)]
        likelihood = np.concatenate([part[0] for part in parts])
        return density + likelihood, np.concatenate([part[1] for part in parts], axis=1)

    def _log_prior(self, points: FloatArray) -> FloatArray:
        """Return the log prior density of mean line and degrees of freedom."""
        density = np.zeros(points.shape[1])
        for i, prior in enumerate((self.model.mu_alpha, self.model.mu_beta)):
            unit = (self.model.groups.unit_y, self.model.groups.unit_slope)[i]
            value = self.model.groups.line[i] + unit * points[self.model.n_scales + i]
            density = density + math.log(unit)
            if isinstance(prior, Normal):
                density = density + prior.logpdf(value)
        if self.df is None:
            constant = DF_SHAPE * math.log(DF_RATE) - math.lgamma(DF_SHAPE)
            density = density + constant + DF_SHAPE * points[-1] - DF_RATE * np.exp(points[-1])
        return density

    def _block(self, points: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return the log likelihood, and a draw of every group's line, shape (2 n_groups, n_points)."""
        scales, mu = (
            np.exp(points[: self.model.n_scales]),
            points[self.model.n_scales : self.model.n_scales + 2],
        )
        df, entries = self.degrees(points), variances(scales)
        mode, covariance = self._modes(entries, mu, df)
        spread = (1.2 * (df + 3.0) / (df + 1.0)) * covariance
        standard, log_proposal = _spread_points(rng, mode.shape[1:])
        shift = mode[:, None] + correlated(spread[:, None], standard)
        log_proposal = log_proposal - 0.5 * np.log(spread[0] * spread[2] - spread[1] ** 2)
        misfit = self._log_noise(mu[:, None, None] + shift, scales[0], df)
        height = misfit + _log_normal(shift, entries, scales) - log_proposal
        peak = height.max(axis=0)
        likelihood = (peak + np.log(np.exp(height - peak).mean(axis=0))).sum(axis=0)
        chosen = np.argmax(height + rng.gumbel(size=height.shape), axis=0)[None, None]
        line = mu[:, None] + np.take_along_axis(shift, chosen, axis=1)[:, 0]
        return likelihood, line.reshape(-1, points.shape[1])

    def _modes(self, entries: FloatArray, mu: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return each group's most likely deviation from the mean line, and a covariance around it."""
        noise, a, b, product = entries[:4]
        c = entries[4] if len(entries) == 5 else np.zeros_like(noise)
        x, member = self.rows.x[:, None], self.rows.member.T
        away = self.rows.y[:, None] - mu[0] - mu[1] * x
        shift = np.zeros((2, len(member), mu.shape[1]))
        for _ in range(_ITERATIONS):
            own = shift[:, self.rows.group]
            weight = (df + 1.0) / (df * noise + (away - own[0] - own[1] * x) ** 2)
            a11, a12, a22 = (member @ (weight * power) for power in (1.0, x, x * x))
            u1, u2 = member @ (weight * away), member @ (weight * x * away)
            trace = a * a11 + b * a22 + 2.0 * c * a12
            determinant = 1.0 + trace + product * np.maximum(a11 * a22 - a12 * a12, 0.0)
            parts = (a + product * a22, c - product * a12, b + product * a11)
            covariance = np.stack([part / determinant for part in parts])
            v11, v12, v22 = covariance
            shift = np.stack([v11 * u1 + v12 * u2, v12 * u1 + v22 * u2])
        return shift, covariance

    def _log_noise(self, lines: FloatArray, sigma: FloatArray, df: FloatArray) -> FloatArray:
        """Return the log density of each group's observations, lines of shape (2, points, n_groups, n_nodes)."""
        own = lines[:, :, self.rows.group]
        residual = (self.rows.y[:, None] - own[0] - own[1] * self.rows.x[:, None]) / sigma
        height = np.log1p(residual**2 / df)
        summed = np.einsum("ng,knm->kgm", self.rows.member, height, optimize=True)
        constant = special.gammaln(0.5 * (df + 1.0)) - special.gammaln(0.5 * df)
        constant = constant - 0.5 * np.log(df * math.pi) - np.log(sigma)
        return np.asarray(self.rows.member.sum(axis=0)[:, None] * constant - 0.5 * (df + 1.0) * summed)


def _log_normal(shift: FloatArray, entries: FloatArray, scales: FloatArray) -> FloatArray:
    """Return the log density of deviations from the mean line."""
    first, second = shift[0] / scales[1], shift[1] / scales[2]
    square, free = first**2 + second**2, 1.0
    if len(entries) == 5:
        rho, free = np.tanh(np.log(scales[3])), entries[3] / (entries[1] * entries[2])
        square = square - 2.0 * rho * first * second
    return np.asarray(-0.5 * square / free - 0.5 * np.log(entries[3]) - math.log(2.0 * math.pi))


def _spread_points(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Return points of a two-dimensional t distribution, well spread and shifted at random, and log densities."""
    index = np.arange(1, _POINTS + 1)[:, None, None]
    shift = rng.random((2, 1, *shape))
    first, second = ((index * step + s) % 1.0 for step, s in zip(_LATTICE, shift, strict=True))
    square = _DF * np.expm1(-2.0 / _DF * np.log1p(-first))
    radius, angle = np.sqrt(square), 2.0 * math.pi * second
    density = -math.log(2.0 * math.pi) - 0.5 * (_DF + 2.0) * np.log1p(square / _DF)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)]), density
