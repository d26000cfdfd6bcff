"""Marginal distribution of a parameter from weighted points."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sigstats.stats.bayes.marginals import Marginal, probabilities
from sigstats.stats.checks import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledMarginal(Marginal):
    """A parameter whose posterior is known by weighted points, as from importance sampling."""

    mean: float  # mean, sd: posterior mean and standard deviation; infinite where they do not exist
    sd: float
    # values, cumulative: shape (n_points,): points in ascending order, and the cdf there
    values: FloatArray = field(repr=False)
    cumulative: FloatArray = field(repr=False)

    @property
    def prob_positive(self) -> float:
        """Probability of being above 0."""
        return 1.0 - float(self.cdf(0.0))

    def cdf(self, value: npt.ArrayLike) -> FloatArray:
        """Return the probability of being at or below each value, shape of the value."""
        x = np.asarray(value, dtype=float)
        return np.asarray(np.interp(x, self.values, self.cumulative, left=0.0, right=1.0))

    def quantile(self, probability: npt.ArrayLike) -> FloatArray:
        """Return the value below which each probability lies, shape of the probability."""
        return np.asarray(np.interp(probabilities(probability), self.cumulative, self.values))


def sampled_marginal(values: FloatArray, weights: FloatArray, *, moments: int = 2) -> SampledMarginal:
    """Return the posterior of a parameter from weighted points."""
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    cumulative = (cumulative - 0.5 * weights[order]) / cumulative[-1]
    mean = float(weights @ values)
    ordered = values[order]
    for array in (ordered, cumulative):
        array.flags.writeable = False
    return SampledMarginal(
        mean=mean if moments >= 1 else math.inf,
        sd=math.sqrt(float(weights @ (values - mean) ** 2)) if moments == 2 else math.inf,
        values=ordered,
        cumulative=cumulative,
    )
