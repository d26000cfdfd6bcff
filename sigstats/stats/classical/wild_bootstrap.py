"""Wild cluster bootstrap: a regression tested by reweighting the residuals of whole clusters.

Under the null hypothesis, with symmetric errors, the residuals of a whole cluster (seed) might as well have
come with the other sign. So signs are flipped, cluster by cluster, and the regression is fitted again, often
or in all ways there are.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sigstats.stats import checks
from sigstats.stats.checks import Alternative, FloatArray
from sigstats.stats.classical.clustered import ClusteredFit, ClusterTest, clustered_fit
from sigstats.stats.random import generator

Weights = Literal["rademacher", "webb"]
WEIGHTS: tuple[Weights, ...] = ("rademacher", "webb")
MAX_ENUMERATED = 12  # clusters: 4,096 combinations of signs
_WEBB = np.sqrt(np.array([1.5, 1.0, 0.5, 0.5, 1.0, 1.5])) * np.array([-1, -1, -1, 1, 1, 1])
_SLACK = 1e-10  # relative; what is equal up to rounding counts as equal
_BATCH = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class WildClusterBootstrap(ClusterTest[float]):
    """Result of `wild_cluster_bootstrap`, with t by the CR1 sandwich; the other fields are those of `ClusterTest`.

    The p-value is the share of the draws that are at least as extreme, the data themselves included.
    """

    # n_reached, n_draws: number of draws at least as extreme, and of all draws; the data count as one
    # of them
    n_reached: int
    n_draws: int
    smallest: float  # the smallest p-value that could have come out


def wild_cluster_bootstrap(
    design: npt.ArrayLike,
    y: npt.ArrayLike,
    cluster: npt.ArrayLike,
    *,
    contrast: npt.ArrayLike,
    weights: Weights,
    null_value: float = 0.0,
    alternative: Alternative = "two-sided",
    n_draws: int = 9_999,
    rng: int | np.random.Generator = 0,
) -> WildClusterBootstrap:
    """Test a combination of regression coefficients by reweighting the residuals of whole clusters.

    Parameters
    ----------
    design : array_like, shape (n, p)
        One column per coefficient, a column of ones for the intercept included.
    y : array_like, shape (n,)
        Observations.
    cluster : array_like, shape (n,)
        Label of the cluster (seed) of each observation, numbers or text.
    contrast : array_like, shape (p,)
        Weights of the coefficients: [0, 1] for the slope beside an intercept.
    weights : {"rademacher", "webb"}
        "rademacher" keeps or flips the residuals of a cluster; all combinations are listed up to 12
        clusters. "webb" draws one of six factors, which gives finer p-values below 8 clusters or so.
    null_value : float
        Value of the combination under the null hypothesis.
    alternative : {"two-sided", "greater", "less"}
        Which side counts against the null hypothesis; two-sided compares absolute t.
    n_draws : int
        Random draws where the combinations are not listed.
    rng : int or numpy.random.Generator
        Source of these draws; the default is fixed, so that the same data give the same p-value.

    Returns
    -------
    WildClusterBootstrap
        t, p-value and what the p-value counts.

    Notes
    -----
    *Assumptions.* Clusters are independent, and their errors symmetric. The null hypothesis is imposed when
    residuals are taken (the restricted version), and each draw is studentised.

    *What would fool it.* Few clusters: with G of them, no two-sided p below 2 / 2^G can come out. A regressor
    that varies in one or two clusters only.

    The data count as one of the draws, ties count as reached, up to a relative slack of 1e-10, so p is never 0.

    References
    ----------
    .. [1] A. C. Cameron, J. B. Gelbach, D. L. Miller, "Bootstrap-based improvements for inference with clustered
           errors", Review of Economics and Statistics 90(3), 414-427, 2008. https://doi.org/10.1162/rest.90.3.414
    .. [2] M. D. Webb, "Reworking wild bootstrap-based inference for clustered errors", Canadian Journal of
           Economics 56(3), 839-858, 2023. https://doi.org/10.1111/caje.12661

    Examples
    --------
    >>> import numpy as np
    >>> from sigstats.stats.classical.wild_bootstrap import wild_cluster_bootstrap
    >>> x, seed = np.tile([0.0, 1.0, 2.0], 4), np.repeat([1, 2, 3, 4], 3)
    >>> y = np.array([0.0, 1.0, 2.0, 0.5, 2.0, 3.5, 0.0, 0.5, 1.0, 0.0, 1.2, 1.9])
    >>> design = np.column_stack([np.ones(12), x])
    >>> wild_cluster_bootstrap(design, y, seed, contrast=[0, 1], weights="rademacher").pvalue
    0.125
    """
    side, kind = checks.alternative(alternative), checks.choice("weights", weights, WEIGHTS)
    value = checks.number("null_value", null_value)
    draws = checks.whole("n_draws", n_draws, low=99, high=10_000_000)
    fit = clustered_fit(design, y, cluster, contrast)
    numerator, scores = _linear_in_weights(fit, math.ldexp(value, -fit.unit))
    clusters = len(fit.bounds)
    listed = kind == "rademacher" and clusters <= MAX_ENUMERATED
    observed = _studentised(np.ones((1, clusters)), numerator, scores, fit)[0]
    batches = _all_signs(clusters) if listed else _drawn_weights(kind, clusters, draws, generator(rng))
    reached = sum(_count_reached(_studentised(w, numerator, scores, fit), observed, side) for w in batches)
    count, total = (reached, 2**clusters) if listed else (reached + 1, draws + 1)
    best = (2 if side == "two-sided" else 1) / total if listed else 1 / total
    return WildClusterBootstrap(
        statistic=float(observed) if math.isfinite(observed) else None,
        estimate=math.ldexp(float(fit.contrast @ fit.coefficients), fit.unit),
        pvalue=count / total,
        log10_pvalue=math.log10(count / total),
        n_reached=count,
        n_draws=total,
        smallest=best,
        n=len(fit.y),
        n_clusters=clusters,
        alternative=side,
        method=f"{kind} weights, " + (f"all {total} combinations" if listed else f"{draws} random draws"),
    )


def _linear_in_weights(fit: ClusteredFit, value: float) -> tuple[FloatArray, FloatArray]:
    """Return how the estimate, shape (G,), and the clusters' scores, shape (G, G), depend on the weights."""
    direction = fit.inverse @ fit.contrast
    gap = (float(fit.contrast @ fit.coefficients) - value) / float(fit.contrast @ direction)
    restricted = fit.residuals + fit.design @ (direction * gap)
    rows = fit.design @ direction
    numerator = np.array([rows[part] @ restricted[part] for part in fit.bounds])
    # residuals of a draw: its errors minus what the design explains of them
    pulled = np.array([rows[part] @ fit.design[part] for part in fit.bounds])
    explained = np.array([fit.design[part].T @ restricted[part] for part in fit.bounds])
    return numerator, np.diag(numerator) - pulled @ fit.inverse @ explained.T


def _studentised(
    weights: FloatArray, numerator: FloatArray, scores: FloatArray, fit: ClusteredFit
) -> FloatArray:
    """Return t with the CR1 sandwich per row of weights; infinite where only the scores vanish."""
    clusters, n, p = len(fit.bounds), *fit.design.shape
    factor = clusters / (clusters - 1) * (n - 1) / max(n - p, 1)
    top = weights @ numerator
    bottom = np.sqrt(factor * np.sum((weights @ scores.T) ** 2, axis=1))
    noise = 1e-13 * float(np.sum(np.abs(numerator)))
    top = np.where(np.abs(top) <= noise, 0.0, top)
    bottom = np.where(bottom <= noise, 0.0, bottom)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(top == 0.0, 0.0, top / bottom))


def _count_reached(t: FloatArray, observed: float, side: Alternative) -> int:
    """Return how many draws are at least as extreme as the data."""
    against = {"two-sided": (np.abs(t), abs(observed)), "greater": (t, observed), "less": (-t, -observed)}
    drawn, bound = against[side]
    slack = _SLACK * abs(bound) if math.isfinite(bound) else 0.0
    return int(np.count_nonzero(drawn >= bound - slack))


def _all_signs(clusters: int) -> Iterator[FloatArray]:
    """Yield all combinations of keeping and flipping."""
    yield np.array(list(itertools.product((1.0, -1.0), repeat=clusters)))


def _drawn_weights(
    kind: Weights, clusters: int, n_draws: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield random weights in batches."""
    values = _WEBB if kind == "webb" else np.array([-1.0, 1.0])
    for start in range(0, n_draws, _BATCH):
        yield rng.choice(values, size=(min(_BATCH, n_draws - start), clusters))
