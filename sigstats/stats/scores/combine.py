"""Means of several conditions and differences between them, each with a variance and degrees of freedom.

A condition brings one score per seed. A weighted sum of condition means is estimated by the weighted sum of
their averages; how its variance is estimated depends on which seeds the conditions share:

* no seed in common: the variances add, and the degrees of freedom are Welch's;
* all seeds in common: the weighted sum is taken within each seed first, which is right whatever the correlation;
* some in common: the contributions of each seed are added before they are squared, and the degrees of freedom
  are those of the smallest condition.

Seeds stand on the last axis. Axes before it are tables, of which each has numbers of its own (`sigstats.stats.blocks`).
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.blocks import beside, plain, seen_cells
from sigstats.stats.checks import BoolArray, FloatArray, IndexArray

ZERO = 1e-10
# Parts of at most so many replicates are small, and others unlike them from so many times as many on.
SMALL, UNLIKE = 4.0, 2.0
FEWEST_RUNS = 3
BOUNDED_AT = 0.95
DOMINATES = 0.7  # share that one level has of the squared weights of a contrast
LARGEST = 1e150
TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """An estimate with its variance."""

    estimate: float  # the weighted sum of means
    variance: float  # estimated variance of the estimate; exactly 0 where the scores do not vary
    df: float  # degrees of freedom of the variance
    n_seeds: int  # replicates of the smallest condition

    @property
    def se(self) -> float:
        """Standard error."""
        return plain(np.sqrt(self.variance))

    def pvalue_above(self, bound: float = 0.0) -> float:
        """Return the one-sided p-value of the estimate being at most `bound`; NaN without variance."""
        return self._tail(bound - self.estimate)

    def pvalue_below(self, bound: float = 0.0) -> float:
        """Return the one-sided p-value of the estimate being at least `bound`; NaN without variance."""
        return self._tail(self.estimate - bound)

    def _tail(self, distance: float) -> float:
        """Return the probability of less than a distance."""
        known = self._known
        if known is False:
            return float("nan")
        if known is True:
            return plain(np.maximum(special.stdtr(self.df, distance / self.se), TINY))
        found = special.stdtr(self.df, distance / np.where(known, self.se, 1.0))
        return plain(np.where(known, np.maximum(found, TINY), np.nan))

    @property
    def _known(self) -> "bool | BoolArray":
        """Whether the variance is known: one answer if it is the same for all tables."""
        known = np.asarray((self.variance > 0) & (self.df > 0))
        return bool(known.all()) if known.ndim == 0 or known.all() else known

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the two-sided t interval; NaN without variance."""
        known = self._known
        if known is False:
            return float("nan"), float("nan")
        half = plain(special.stdtrit(self.df, (1.0 + confidence) / 2.0) * self.se)
        if known is not True:
            half = plain(np.where(known, half, np.nan))
        return self.estimate - half, self.estimate + half


def welch(parts: Sequence[Combination], weights: "Sequence[float | FloatArray]") -> Combination:
    """Return the weighted sum of independent estimates, with Welch-Satterthwaite degrees of freedom.

    Notes
    -----
    The formula takes the estimated variances for the true ones. Where a part of 3 or 4 replicates, whose variance is
    hardly known, stands beside one at least twice as large, the test errs in up to .062 instead of .05 (3 beside 20).
    There the degrees of freedom are at most those with which t has the critical value of Banerjee's bound: the root of
    the mean of the parts' squared critical values, weighted by their shares of the variance. That bound holds whatever
    the variances are.

    References
    ----------
    B. L. Welch, "The generalization of Student's problem when several different population variances are
    involved", Biometrika 34 (1947), https://doi.org/10.1093/biomet/34.1-2.28

    S. K. Banerjee, "Approximate confidence interval for linear functions of means of k populations when the population
    variances are not equal", Sankhya 22 (1960), pages 357-358
    """
    estimate = plain(sum(weight * part.estimate for weight, part in zip(weights, parts, strict=True)))
    shares = [weight**2 * part.variance for weight, part in zip(weights, parts, strict=True)]
    variance = plain(sum(shares))
    dfs = [part.df for part in parts]
    smallest = plain(functools.reduce(np.minimum, dfs))
    varies = variance > 0
    if np.any(varies):
        # Shares of the whole, so that squares of tiny variances cannot vanish.
        relative = [share / np.where(varies, variance, 1.0) for share in shares]
        total = sum(each**2 / np.where(each > 0, df, 1.0) for each, df in zip(relative, dfs, strict=True))
        df = np.minimum(1.0 / np.where(varies, total, 1.0), _bounded_df(relative, dfs))
        smallest = plain(np.where(varies, df, smallest))
    return Combination(
        estimate=estimate,
        variance=variance,
        df=plain(smallest),
        n_seeds=min(part.n_seeds for part in parts),
    )


def _bounded_df(shares: Sequence[FloatArray], dfs: Sequence[float]) -> FloatArray | float:
    """Return the degrees of freedom of Banerjee's bound; infinite where no part is small beside another."""
    parts = list(zip(shares, dfs, strict=True))
    fewest = functools.reduce(np.minimum, [np.where(share > 0, df + 1.0, np.inf) for share, df in parts])
    most = functools.reduce(np.maximum, [np.where(share > 0, df + 1.0, 0.0) for share, df in parts])
    needed = (fewest <= SMALL) & (most >= UNLIKE * fewest)
    return np.where(needed, banerjee_df(shares, dfs, BOUNDED_AT), np.inf) if needed.any() else np.inf


def banerjee_df(shares: Sequence[float | FloatArray], dfs: Sequence[float], at: float) -> float:
    """Return the degrees of freedom with which t has the critical value of Banerjee's bound at a probability."""
    squares = sum(
        np.where(share > 0, share * special.stdtrit(np.where(share > 0, df, 1.0), at) ** 2, 0.0)
        for share, df in zip(map(np.asarray, shares), dfs, strict=True)
    )
    # The inverse of `special.stdtrit` in its degrees of freedom.
    return plain(special.stdtridf(at, np.sqrt(squares)))


def negligible_to_zero(variance: float, reference: float) -> float:
    """Return a variance, or exactly 0 where it is nothing but the rounding error of a reference."""
    return plain(np.where(variance <= ZERO**2 * reference, 0.0, variance))


def _square(size: float | FloatArray) -> float:
    """Return a square that is finite: beside a bound far above the metric, as in a margin of 1 for values of 1e-200."""
    return plain(np.minimum(size, LARGEST) ** 2)


def mean_of(scores: FloatArray, *, rounding: float | None = None) -> Combination:
    """Return the mean of one condition's scores; an sd up to `rounding` is none (None: 1e-10 of the largest score)."""
    n = scores.shape[-1]
    mean = plain(scores.mean(axis=-1))
    largest = np.abs(scores).max(axis=-1, initial=0.0) if rounding is None else rounding / ZERO
    squares = ((scores - beside(mean, 1)) ** 2).sum(axis=-1)
    variance = negligible_to_zero(squares / (n - 1), _square(largest))
    return Combination(estimate=mean, variance=variance / n, df=float(n - 1), n_seeds=n)


def combine(
    scores: Sequence[FloatArray],
    seeds: Sequence[IndexArray],
    weights: Sequence[float],
    *,
    rounding: Sequence[float] | None = None,
) -> Combination:
    """Return the weighted sum of condition means, with regard to shared seeds; `rounding` is that of `mean_of`."""
    union = np.unique(np.concatenate(seeds))
    total = sum(ids.size for ids in seeds)
    of_each: Sequence[float | None] = rounding or [None] * len(scores)
    if union.size == total:
        return welch(
            [mean_of(values, rounding=r) for values, r in zip(scores, of_each, strict=True)], weights
        )
    contributions = np.zeros((*scores[0].shape[:-1], union.size))
    for values, ids, weight in zip(scores, seeds, weights, strict=True):
        n = values.shape[-1]
        share = weight * (values - values.mean(axis=-1, keepdims=True)) / np.sqrt(n * (n - 1.0))
        contributions[..., np.searchsorted(union, ids)] += share
    estimate = plain(
        sum(weight * values.mean(axis=-1) for values, weight in zip(scores, weights, strict=True))
    )
    size = functools.reduce(
        np.maximum,
        [
            abs(weight) * (np.abs(values).max(axis=-1) if r is None else r / ZERO)
            for values, weight, r in zip(scores, weights, of_each, strict=True)
        ],
    )
    variance = negligible_to_zero((contributions**2).sum(axis=-1), _square(size))
    smallest = min(values.shape[-1] for values in scores)
    return Combination(estimate=estimate, variance=variance, df=float(smallest - 1), n_seeds=smallest)


def influence(
    scores: Sequence[FloatArray], seeds: Sequence[IndexArray], weights: Sequence[float]
) -> tuple[IndexArray, FloatArray]:
    """Return how far each seed moves the weighted sum of condition means."""
    union = np.unique(np.concatenate(seeds))
    contributions = np.zeros((*scores[0].shape[:-1], union.size))
    for values, ids, weight in zip(scores, seeds, weights, strict=True):
        moved = weight * (values - values.mean(axis=-1, keepdims=True)) / values.shape[-1]
        contributions[..., np.searchsorted(union, ids)] += moved
    return union, contributions


def level_contrast(curves: FloatArray, weights: FloatArray) -> Combination:
    """Return a contrast of level means whose runs are independent, with a variance of its own at each level.

    Notes
    -----
    Satterthwaite's formula takes the estimated variances for the true ones. Where one level has most of the weight (one
    level against the mean of all) and its 3 runs happen to lie close together, it counts the runs of all the others:
    with 20 levels, one of them differed from the rest in .32 of level curves instead of .05. The degrees of freedom of
    such a contrast are at most those that it has if all levels vary alike, which follow from weights and runs.

    References
    ----------
    F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2
    (1946), https://doi.org/10.2307/3002019
    """
    return level_contrasts(curves, np.asarray(weights)[None])[0]


def level_contrasts(curves: FloatArray, weights: FloatArray) -> list[Combination]:
    """Return contrasts of level means as `level_contrast` does, one for each row of the weights."""
    seen = seen_cells(curves)
    counts = seen.sum(axis=0)
    parts = {
        k: mean_of(np.sort(curves[..., seen[:, k], k], axis=-1))
        for k in np.flatnonzero((weights != 0.0).any(axis=0)).tolist()
    }
    using: dict[bytes, list[int]] = {}
    for row, used in enumerate(weights != 0.0):
        using.setdefault(used.tobytes(), []).append(row)
    found: dict[int, Combination] = {}
    for rows in using.values():
        levels = np.flatnonzero(weights[rows[0]]).tolist()
        own = weights[rows].reshape(len(rows), -1, *(1,) * (curves.ndim - 2))
        whole = welch([parts[k] for k in levels], [own[:, k] for k in levels])
        most = _df_if_alike(weights[np.ix_(rows, levels)], counts[levels])
        df_of_all = np.minimum(whole.df, most.reshape(-1, *(1,) * (curves.ndim - 2)))
        numbers = np.broadcast_arrays(whole.estimate, whole.variance, df_of_all)
        n_seeds = int(np.median(counts[levels]))
        for row, (estimate, variance, df) in zip(rows, zip(*numbers, strict=True), strict=True):
            found[row] = Combination(
                estimate=plain(estimate),
                variance=plain(variance),
                df=plain(df),
                n_seeds=n_seeds,
            )
    return [found[row] for row in range(len(weights))]


def _df_if_alike(weights: FloatArray, counts: IndexArray) -> FloatArray:
    """Return the degrees of freedom of contrasts of levels that vary alike; infinite where no level dominates."""
    squares = weights**2
    shares = squares / counts
    df = shares.sum(axis=-1) ** 2 / (shares**2 / np.maximum(counts - 1, 1)).sum(axis=-1)
    return np.asarray(np.where(squares.max(axis=-1) > DOMINATES * squares.sum(axis=-1), df, np.inf))


def levels_with_weight(counts: IndexArray) -> BoolArray:
    """Return which levels take part in a contrast of level means, from their numbers of independent runs.

    Those with 3 runs or more. The variance of two runs is hardly known, and a single such level makes the t test of the
    contrast reject in up to .085 instead of .05. Where fewer than 3 levels are left, those with two runs describe.
    """
    several = counts >= FEWEST_RUNS
    return np.asarray(several if several.sum() >= FEWEST_RUNS else counts >= 2)


def line_weights(x: FloatArray) -> FloatArray:
    """Return the contrast weights of the least-squares slope on the rescaled knob."""
    centred = x - x.mean()
    return np.asarray(centred / (centred @ centred))


def end_weights(n_levels: int) -> FloatArray:
    """Return the contrast weights of last level minus first level."""
    weights = np.zeros(n_levels)
    weights[0], weights[-1] = -1.0, 1.0
    return weights
