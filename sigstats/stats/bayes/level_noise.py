"""Noise whose standard deviation differs by level of x: what importance sampling needs to know.

The noise sd of a level is ``sigma exp(eta)``, and the eta of the levels are normal around 0 with a known spread. Given
these and the other standard deviations, everything is Gaussian.
"""

from dataclasses import dataclass

import numpy as np

from sigstats.stats.bayes.slopes_model import SlopesModel
from sigstats.stats.bayes.weighted_lines import Rows, weighted_lines
from sigstats.stats.checks import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelNoise:
    """Noise that differs by level."""

    model: SlopesModel  # data and priors, but for the noise
    rows: Rows  # the observations
    level: IntArray  # shape (n,): level of each observation
    spread: float  # prior sd of eta, above 0

    def weights(self, points: FloatArray) -> FloatArray:
        """Return the weight of each observation, shape (n, n_points)."""
        return np.asarray(np.exp(-2.0 * points[self.model.n_scales :])[self.level])

    def log_density(self, points: FloatArray, _: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return the log density of data and parameters, and nothing to keep beside it."""
        scales, eta = points[: self.model.n_scales], points[self.model.n_scales :]
        lines, _groups = weighted_lines(
            self.rows, self.model.line_prior, np.exp(scales), self.weights(points)
        )
        prior = -0.5 * (eta / self.spread) ** 2 - np.log(self.spread * np.sqrt(2.0 * np.pi))
        density = lines.log_likelihood + self.model.log_prior(scales) + prior.sum(axis=0)
        return density, np.empty((0, points.shape[1]))

    def start(
        self, logs: tuple[FloatArray, FloatArray], residuals: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return a guess of mean and covariance, from the posterior under equal noise and the residuals there."""
        count = np.bincount(self.level)
        squares = np.bincount(self.level, residuals**2) / count
        eta = 0.5 * np.log(np.maximum(squares / residuals.var(), 1e-6))
        precision = 2.0 * count + self.spread**-2
        size = self.model.n_scales + count.size
        covariance = np.zeros((size, size))
        covariance[: self.model.n_scales, : self.model.n_scales] = logs[1]
        covariance[np.arange(self.model.n_scales, size), np.arange(self.model.n_scales, size)] = (
            1.0 / precision
        )
        return np.concatenate([logs[0], 2.0 * count * eta / precision]), 2.0 * covariance
