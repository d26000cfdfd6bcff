"""Means of several conditions and differences between them, each with a variance and degrees of freedom.

A condition brings one score per seed. A weighted sum of condition means is estimated by the weighted sum of
their averages; how its variance is estimated depends on which seeds the conditions share:

* no seed in common: the variances add, and the degrees of freedom are Welch's;
* all seeds in common: the weighted sum is taken within each seed first, which is right whatever the correlation;
* some in common: the contributions of each seed are added before they are squared, and the degrees of freedom
  are those of the smallest condition.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

ZERO = 1e-10
TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """An estimate with its variance.

    Attributes
    ----------
    estimate : float
        The weighted sum of means.
    variance : float
        Estimated variance of the estimate; exactly 0 where the scores do not vary.
    df : float
        Degrees of freedom of the variance.
    n_seeds : int
        Replicates of the smallest condition.
    """

    estimate: float
    variance: float
    df: float
    n_seeds: int

    @property
    def se(self) -> float:
        """Standard error."""
        return float(np.sqrt(self.variance))

    def pvalue_above(self, bound: float = 0.0) -> float:
        """Return the one-sided p-value of the estimate being at most `bound`; NaN without variance.

        Parameters
        ----------
        bound : float
            Edge of the null hypothesis.

        Returns
        -------
        float
            In (0, 1], or NaN where the scores do not vary.
        """
        if not (self.variance > 0 and self.df > 0):
            return float("nan")
        return max(float(special.stdtr(self.df, -(self.estimate - bound) / self.se)), TINY)

    def pvalue_below(self, bound: float = 0.0) -> float:
        """Return the one-sided p-value of the estimate being at least `bound`; NaN without variance.

        Parameters
        ----------
        bound : float
            Edge of the null hypothesis.

        Returns
        -------
        float
            In (0, 1], or NaN where the scores do not vary.
        """
        if not (self.variance > 0 and self.df > 0):
            return float("nan")
        return max(float(special.stdtr(self.df, (self.estimate - bound) / self.se)), TINY)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the two-sided t interval; NaN without variance.

        Parameters
        ----------
        confidence : float
            In (0, 1).

        Returns
        -------
        low, high : float
            Ends of the interval.
        """
        if not (self.variance > 0 and self.df > 0):
            return float("nan"), float("nan")
        half = float(special.stdtrit(self.df, (1.0 + confidence) / 2.0)) * self.se
        return self.estimate - half, self.estimate + half


def welch(parts: Sequence[Combination], weights: Sequence[float]) -> Combination:
    """Return the weighted sum of independent estimates, with Welch-Satterthwaite degrees of freedom.

    Parameters
    ----------
    parts : sequence of Combination
        Independent estimates.
    weights : sequence of float
        One weight each.

    Returns
    -------
    Combination
        The weighted sum.

    References
    ----------
    B. L. Welch, "The generalization of Student's problem when several different population variances are
    involved", Biometrika 34 (1947), https://doi.org/10.1093/biomet/34.1-2.28
    """
    estimate = float(sum(weight * part.estimate for weight, part in zip(weights, parts, strict=True)))
    shares = [weight**2 * part.variance for weight, part in zip(weights, parts, strict=True)]
    variance = float(sum(shares))
    if variance > 0:
        # Shares of the whole, so that squares of tiny variances cannot vanish.
        df = 1.0 / sum(
            (share / variance) ** 2 / part.df for share, part in zip(shares, parts, strict=True) if share > 0
        )
    else:
        df = min(part.df for part in parts)
    return Combination(
        estimate=estimate, variance=variance, df=df, n_seeds=min(part.n_seeds for part in parts)
    )


def negligible_to_zero(variance: float, reference: float) -> float:
    """Return a variance, or exactly 0 where it is nothing but the rounding error of a reference.

    Parameters
    ----------
    variance, reference : float
        Both >= 0, in the same units.

    Returns
    -------
    float
        The variance, or 0.
    """
    return 0.0 if variance <= ZERO**2 * reference else variance


def mean_of(scores: FloatArray) -> Combination:
    """Return the mean of one condition's scores.

    Parameters
    ----------
    scores : ndarray, shape (n_seeds,)
        At least 2 scores.

    Returns
    -------
    Combination
        Mean, squared standard error and ``n_seeds - 1`` degrees of freedom.
    """
    n = scores.size
    mean = float(scores.mean())
    largest = float(np.abs(scores).max(initial=0.0))
    # Beside a bound far above the metric, as in a margin of 1 for values of 1e-200, the largest square is infinite.
    variance = negligible_to_zero(float(((scores - mean) ** 2).sum() / (n - 1)), largest * largest)
    return Combination(estimate=mean, variance=variance / n, df=float(n - 1), n_seeds=n)


def combine(scores: Sequence[FloatArray], seeds: Sequence[IntArray], weights: Sequence[float]) -> Combination:
    """Return the weighted sum of condition means, with regard to shared seeds.

    Parameters
    ----------
    scores : sequence of ndarray, each of shape (n_seeds,)
        Scores of each condition.
    seeds : sequence of ndarray of int, each of shape (n_seeds,)
        Identity of each score's seed; equal numbers mean the same seed.
    weights : sequence of float
        One weight per condition.

    Returns
    -------
    Combination
        The weighted sum.

    Examples
    --------
    >>> import numpy as np
    >>> first, second = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.5])
    >>> ids = np.arange(3)
    >>> round(combine([second, first], [ids, ids], [1.0, -1.0]).se, 4)
    0.1667
    """
    union = np.unique(np.concatenate(seeds))
    total = sum(ids.size for ids in seeds)
    if union.size == total:
        return welch([mean_of(values) for values in scores], weights)
    contributions = np.zeros(union.size)
    for values, ids, weight in zip(scores, seeds, weights, strict=True):
        n = values.size
        share = weight * (values - values.mean()) / np.sqrt(n * (n - 1.0))
        contributions[np.searchsorted(union, ids)] += share
    estimate = float(sum(weight * values.mean() for values, weight in zip(scores, weights, strict=True)))
    size = max(
        abs(weight) * float(np.abs(values).max()) for values, weight in zip(scores, weights, strict=True)
    )
    variance = negligible_to_zero(float((contributions**2).sum()), size * size)
    smallest = min(values.size for values in scores)
    return Combination(estimate=estimate, variance=variance, df=float(smallest - 1), n_seeds=smallest)


def influence(
    scores: Sequence[FloatArray], seeds: Sequence[IntArray], weights: Sequence[float]
) -> tuple[IntArray, FloatArray]:
    """Return how far each seed moves the weighted sum of condition means.

    Parameters
    ----------
    scores, seeds, weights
        As in `combine`.

    Returns
    -------
    ids : ndarray of int, shape (n_union,)
        The seeds, ascending.
    values : ndarray, shape (n_union,)
        Their contributions, which sum to zero.
    """
    union = np.unique(np.concatenate(seeds))
    contributions = np.zeros(union.size)
    for values, ids, weight in zip(scores, seeds, weights, strict=True):
        contributions[np.searchsorted(union, ids)] += weight * (values - values.mean()) / values.size
    return union, contributions


def level_contrast(curves: FloatArray, weights: FloatArray) -> Combination:
    """Return a contrast of level means whose runs are independent, with a variance of its own at each level.

    Parameters
    ----------
    curves : ndarray, shape (n_runs, n_levels)
        Metric, NaN where there is no run; only the columns mean anything. Every level with a non-zero weight has at
        least 2 runs.
    weights : ndarray, shape (n_levels,)
        Contrast weights.

    Returns
    -------
    Combination
        The contrast with Satterthwaite degrees of freedom.

    References
    ----------
    F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2
    (1946), https://doi.org/10.2307/3002019
    """
    used = np.flatnonzero(weights)
    columns = [curves[~np.isnan(curves[:, k]), k] for k in used]
    parts = [mean_of(np.sort(column)) for column in columns]
    combination = welch(parts, [float(weights[k]) for k in used])
    return Combination(
        estimate=combination.estimate,
        variance=combination.variance,
        df=combination.df,
        n_seeds=int(np.median([column.size for column in columns])),
    )


def line_weights(x: FloatArray) -> FloatArray:
    """Return the contrast weights of the least-squares slope on the rescaled knob.

    Parameters
    ----------
    x : ndarray, shape (n_levels,)
        Rescaled levels.

    Returns
    -------
    ndarray, shape (n_levels,)
        Weights that sum to zero.
    """
    centred = x - x.mean()
    return np.asarray(centred / (centred @ centred))


def end_weights(n_levels: int) -> FloatArray:
    """Return the contrast weights of last level minus first level.

    Parameters
    ----------
    n_levels : int
        Number of levels, at least 2.

    Returns
    -------
    ndarray, shape (n_levels,)
        -1, 0, ..., 0, 1.
    """
    weights = np.zeros(n_levels)
    weights[0], weights[-1] = -1.0, 1.0
    return weights
