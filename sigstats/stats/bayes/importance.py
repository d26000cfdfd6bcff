"""Importance sampling that checks itself.

Where a posterior has no closed form, points are drawn from a distribution that is near it, and weighted by the ratio
of the densities. The answer is right if no region of the posterior is missed, which shows in the largest weights.
Their tail is fitted by a generalised Pareto distribution, whose shape k says how many moments the weights have [1]_.
Below 0.7 the weighted means are reliable, and the largest weights are replaced by the fit's quantiles; above, the
result is refused.

The proposal is a multivariate t distribution with 5 degrees of freedom, whose mean and covariance are learnt in a few
rounds [2]_. Its tails are heavier than those of a posterior in log standard deviations. All random numbers come from a
generator with fixed entropy, so that the same input gives the same answer.

References
----------
.. [1] A. Vehtari, D. Simpson, A. Gelman, Y. Yao and J. Gabry, "Pareto smoothed importance sampling", Journal of Machine
       Learning Research 25(72), 1-58, 2024. https://doi.org/10.48550/arXiv.1507.02646
.. [2] O. Cappé, R. Douc, A. Guillin, J.-M. Marin and C. P. Robert, "Adaptive importance sampling in general mixture
       classes", Statistics and Computing 18(4), 447-459, 2008. https://doi.org/10.1007/s11222-008-9059-x
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sigstats.errors import UnreliableError
from sigstats.stats.checks import FloatArray

RELIABLE = 0.7  # largest shape of the weights' tail
_DF = 5.0
_ROUNDS = (1_000, 1_000, 2_000, 4_000)
_TEMPERED = 8  # effective points per parameter that a round must leave

Target = Callable[[FloatArray, np.random.Generator], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedSample:
    """Points with weights that represent a posterior."""

    points: FloatArray  # shape (n_parameters, n_points): where the posterior was evaluated
    kept: FloatArray  # shape (n_kept, n_points): what the density was asked to keep beside its value
    weights: FloatArray  # shape (n_points,): smoothed weights, summing to 1
    log_integral: float  # log of the integral of the density
    pareto_k: float  # shape of the tail of the weights
    effective_size: float  # number of independent draws that would be as precise


def importance_sample(
    target: Target, mean: FloatArray, covariance: FloatArray, n: int, rng: np.random.Generator
) -> WeightedSample:
    """Return weighted points of a density."""
    for size in (*_ROUNDS, n):
        points, kept, log_ratio = _round(target, mean, covariance, size, rng)
        share = _temper(log_ratio, _TEMPERED * mean.size)
        weights, shape = smoothed(share * log_ratio)
        if size != n or share < 1.0:
            mean = points @ weights
            covariance = np.cov(points, aweights=weights, ddof=0) * (1.1 if share == 1.0 else 2.0)
    if share < 1.0 or not shape <= RELIABLE:
        what = (
            "has too few effective points for its parameters"
            if share < 1.0
            else f"has a tail of shape {shape:.2f}"
        )
        raise UnreliableError(
            f"the sample of importance sampling {what}; the shape may be at most {RELIABLE}, and each parameter needs "
            f"at least {_TEMPERED} effective points. The posterior is too far from any multivariate t distribution: "
            f"use noise='normal', or tighter priors."
        )
    peak = float(log_ratio.max())
    return WeightedSample(
        points=points,
        kept=kept,
        weights=weights,
        log_integral=peak + math.log(float(np.mean(np.exp(log_ratio - peak)))),
        pareto_k=shape,
        effective_size=1.0 / float(weights @ weights),
    )


def _round(
    target: Target, mean: FloatArray, covariance: FloatArray, n: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return points of a multivariate t distribution, what is kept, and the logs of their importance ratios."""
    d = mean.size
    scale = covariance * (_DF - 2.0) / _DF
    try:
        root = np.linalg.cholesky(scale + 1e-12 * np.diag(np.diag(scale)))
    except np.linalg.LinAlgError:
        raise UnreliableError(
            "importance sampling collapsed: too few of its points carry weight to learn where the posterior lies. Use "
            "noise='normal', or tighter priors."
        ) from None
    normal, stretch = rng.standard_normal((d, n)), np.sqrt(_DF / rng.chisquare(_DF, n))
    standard = normal * stretch
    points = mean[:, None] + root @ standard
    constant = math.lgamma(0.5 * (_DF + d)) - math.lgamma(0.5 * _DF) - 0.5 * d * math.log(_DF * math.pi)
    square = np.sum(standard**2, axis=0)
    proposal = constant - np.log(np.diag(root)).sum() - 0.5 * (_DF + d) * np.log1p(square / _DF)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        density, kept = target(points, rng)
    ratio = density - proposal
    return points, kept, np.where(np.isnan(ratio), -np.inf, ratio)


def _temper(log_ratio: FloatArray, least: int) -> float:
    """Return the largest power of the ratios, a power of 1/2, that leaves enough effective points."""
    if not np.isfinite(log_ratio.max()):
        raise UnreliableError(
            "the density is NaN or infinite at every point that was tried. Check the scales of y and x."
        )
    share = 1.0
    while share > 1e-6:
        weights = np.exp(share * (log_ratio - log_ratio.max()))
        if float(weights.sum()) ** 2 / float(weights @ weights) >= least:
            return share
        share *= 0.5
    return share


def smoothed(log_ratio: FloatArray) -> tuple[FloatArray, float]:
    """Return weights that sum to 1, the largest of them smoothed, and the shape k of their tail."""
    n = log_ratio.size
    tail = min(math.ceil(0.2 * n), math.ceil(3.0 * math.sqrt(n)))
    order = np.argsort(log_ratio, kind="stable")
    weights = np.exp(log_ratio - log_ratio[order[-1]])
    largest, cutoff = order[-tail:], float(weights[order[-tail - 1]])
    excess = weights[largest] - cutoff
    if tail < 5 or not excess[0] < excess[-1]:
        return weights / weights.sum(), math.inf if excess[-1] > 0.0 else -math.inf
    shape, scale = pareto_fit(excess[excess > 0.0])
    ranks = (np.arange(tail) + 0.5) / tail
    fitted = scale * (
        -np.log1p(-ranks) if abs(shape) < 1e-12 else np.expm1(-shape * np.log1p(-ranks)) / shape
    )
    weights[largest] = np.minimum(cutoff + fitted, 1.0)
    return weights / weights.sum(), shape


def pareto_fit(excess: FloatArray) -> tuple[float, float]:
    """Return shape and scale of a generalised Pareto distribution of sorted values above 0.

    References
    ----------
    .. [1] J. Zhang and M. A. Stephens, "A new and efficient estimation method for the generalized Pareto distribution",
           Technometrics 51(3), 316-325, 2009. https://doi.org/10.1198/tech.2009.08017
    """
    n = excess.size
    count = 30 + math.isqrt(n)
    quartile = float(excess[math.floor(n / 4 + 0.5) - 1])
    theta = 1.0 / excess[-1] + (1.0 - np.sqrt(count / (np.arange(1, count + 1) - 0.5))) / (3.0 * quartile)
    shapes = np.mean(np.log1p(-theta[:, None] * excess), axis=1)
    height = n * (np.log(-theta / shapes) - shapes - 1.0)
    weight = np.exp(height - height.max())
    best = float(theta @ weight / weight.sum())
    shape = float(np.mean(np.log1p(-best * excess)))
    return (n * shape + 5.0) / (n + 10.0), -shape / best
