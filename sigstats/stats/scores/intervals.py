"""Intervals for the mean of one score per seed, by several methods.

The decision of a verdict rests on the t interval. The others are here because people use them; what each one
covers with few seeds is measured, and stands in the documentation beside its name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.combine import mean_of

IntervalMethod = Literal["t", "bootstrap-t", "wild cluster", "bca", "percentile"]

DRAWS = 9999
ENUMERATED = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanInterval:
    """A two-sided interval for a mean."""

    low: float  # low, high: ends; infinite where the method cannot bound the mean with so few scores
    high: float
    confidence: float  # nominal two-sided confidence
    method: str  # how it was made
    n: int  # number of scores


def mean_interval(
    scores: FloatArray, *, confidence: float, method: IntervalMethod, rng: np.random.Generator
) -> MeanInterval:
    """Return an interval for the mean of independent scores.

    Notes
    -----
    Assumptions: seeds are independent. What would fool the bootstrap: few seeds; a resample of 3 seeds has ten
    different values, and its spread is too small by the factor (n - 1) / n.

    References
    ----------
    B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987), https://doi.org/10.1080/01621459.1987.10478410

    P. Hall, "Theoretical comparison of bootstrap confidence intervals", Annals of Statistics 16 (1988),
    https://doi.org/10.1214/aos/1176350933

    J. A. Hartigan, "Using subsample values as typical values", JASA 64 (1969),
    https://doi.org/10.1080/01621459.1969.10501057
    """
    makers: dict[str, Callable[[FloatArray, float, np.random.Generator], tuple[float, float]]] = {
        "t": _t,
        "bootstrap-t": _bootstrap_t,
        "wild cluster": _wild_cluster,
        "bca": _bca,
        "percentile": _percentile,
    }
    how = checks.choice("method", method, tuple(makers))
    values = np.sort(np.asarray(scores, dtype=float))
    low, high = makers[how](values, confidence, rng)
    return MeanInterval(low=low, high=high, confidence=confidence, method=method, n=values.size)


def share_interval(hits: int, n: int, confidence: float) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval of a share, of which `hits` in `n` were seen."""
    tail = (1 - confidence) / 2
    low = float(special.betaincinv(hits, n - hits + 1, tail)) if hits else 0.0
    high = float(special.betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return low, high


def _t(scores: FloatArray, confidence: float, _: np.random.Generator) -> tuple[float, float]:
    return mean_of(scores).interval(confidence)


def _resampled(scores: FloatArray, rng: np.random.Generator) -> FloatArray:
    return scores[rng.integers(0, scores.size, (DRAWS, scores.size))]


def _percentile(scores: FloatArray, confidence: float, rng: np.random.Generator) -> tuple[float, float]:
    means = _resampled(scores, rng).mean(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _bca(scores: FloatArray, confidence: float, rng: np.random.Generator) -> tuple[float, float]:
    means = _resampled(scores, rng).mean(axis=1)
    mean = scores.mean()
    below = ((means < mean).sum() + 0.5 * (means == mean).sum()) / DRAWS
    bias = special.ndtri(np.clip(below, 1 / DRAWS, 1 - 1 / DRAWS))
    left_out = (scores.sum() - scores) / (scores.size - 1)
    pull = left_out.mean() - left_out
    size = float((pull**2).sum())
    acceleration = float((pull**3).sum()) / (6.0 * size**1.5) if size > 0 else 0.0
    z = bias + special.ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    levels = special.ndtr(bias + z / (1.0 - acceleration * z))
    low, high = np.quantile(means, levels)
    return float(low), float(high)


def _bootstrap_t(scores: FloatArray, confidence: float, rng: np.random.Generator) -> tuple[float, float]:
    drawn = _resampled(scores, rng)
    spread = drawn.std(axis=1, ddof=1)
    mean, se = float(scores.mean()), float(scores.std(ddof=1) / np.sqrt(scores.size))
    # A resample of one seed alone does not vary: its statistic is taken as beyond any bound.
    shift = drawn.mean(axis=1) - mean
    safe = np.where(spread > 0, spread, 1.0)
    statistic = np.where(spread > 0, shift * np.sqrt(scores.size) / safe, np.copysign(np.inf, shift))
    low, high = np.quantile(statistic, [(1 - confidence) / 2, (1 + confidence) / 2], method="inverted_cdf")
    return mean - float(high) * se, mean - float(low) * se


def _wild_cluster(scores: FloatArray, confidence: float, rng: np.random.Generator) -> tuple[float, float]:
    """Invert the sign-flip test: its interval is bounded by ordered means of subsets of the scores."""
    means = np.sort(_subset_means(scores, rng))
    # With N patterns in all, N - 1 subset means cut the line into N equally likely pieces.
    total = means.size + 1
    skip = int(np.floor(total * (1.0 - confidence) / 2.0 + 1e-9))
    if skip < 1:
        return -float("inf"), float("inf")
    return float(means[skip - 1]), float(means[-skip])


def _subset_means(scores: FloatArray, rng: np.random.Generator) -> FloatArray:
    n = scores.size
    if n <= ENUMERATED:
        member = (np.arange(1, 2**n)[:, None] >> np.arange(n)) & 1
    else:
        member = rng.integers(0, 2, (DRAWS, n))
        member = member[member.any(axis=1)]
    return np.asarray((member @ scores) / member.sum(axis=1))
