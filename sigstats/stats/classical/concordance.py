"""Concordant minus discordant pairs, and how that count varies by chance.

Two observations are concordant if the one with the larger x has the larger y as well. Mann-Kendall,
Jonckheere-Terpstra and Kendall's tau all rest on the same count S, with x the time, the number of the group,
or any other variable. The variance here holds for ties in x, in y and in both.

References
----------
.. [1] M. G. Kendall, "Rank Correlation Methods", 4th edition, Griffin, 1970, sections 4.3 and 5.7.
.. [2] H. E. Daniels, "The relation between measures of correlation in the universe of sample permutations",
       Biometrika 33(2), 129-135, 1944. https://doi.org/10.1093/biomet/33.2.129
.. [3] W. R. Knight, "A computer method for calculating Kendall's tau with ungrouped data", Journal of the
       American Statistical Association 61(314), 436-439, 1966. https://doi.org/10.1080/01621459.1966.10480879
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sigstats.stats.checks import FloatArray, IntArray

_DIRECT = 128  # up to here every pair is looked at; beyond, counting inversions is faster


def dense_ranks(values: npt.NDArray[np.generic]) -> tuple[IntArray, IntArray]:
    """Return the rank of each value, equal values sharing one, and how often each rank occurs."""
    _, ranks, counts = np.unique(values, return_inverse=True, return_counts=True)
    return ranks.reshape(-1).astype(np.int64, copy=False), counts.astype(np.int64, copy=False)


def midranks(values: FloatArray) -> FloatArray:
    """Return the rank of each value along the last axis, from 1; equal values share the mean of their ranks."""
    order = values.argsort(axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    place = np.arange(values.shape[-1])
    new = np.concatenate(
        [np.ones_like(ordered[..., :1], dtype=bool), ordered[..., 1:] != ordered[..., :-1]], axis=-1
    )
    ends = np.concatenate([new[..., 1:], new[..., :1]], axis=-1)
    first = np.maximum.accumulate(np.where(new, place, 0), axis=-1)
    last = np.minimum.accumulate(np.where(ends, place, place.size)[..., ::-1], axis=-1)[..., ::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, 0.5 * (first + last) + 1.0, axis=-1)
    return ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ties:
    """Sums over the sets of t equal values that variances are made of, in unlimited integers."""

    pairs: int  # sum of t (t - 1), twice the number of tied pairs
    triples: int  # sum of t (t - 1) (t - 2)
    weighted: int  # sum of t (t - 1) (2 t + 5)


def _ties(counts: IntArray) -> _Ties:
    """Return the sums over sets of equal values."""
    repeated = counts[counts > 1]
    if not repeated.size:
        return _Ties(pairs=0, triples=0, weighted=0)
    sizes, times = (array.tolist() for array in np.unique(repeated, return_counts=True))
    sets = list(zip(sizes, times, strict=True))
    return _Ties(
        pairs=sum(m * t * (t - 1) for t, m in sets),
        triples=sum(m * t * (t - 1) * (t - 2) for t, m in sets),
        weighted=sum(m * t * (t - 1) * (2 * t + 5) for t, m in sets),
    )


def untied_pairs(counts: IntArray) -> int:
    """Return the number of pairs of different values, given how often each value occurs."""
    n = int(counts.sum())
    return (n * (n - 1) - _ties(counts).pairs) // 2


def concordance(x: IntArray, y: IntArray, x_counts: IntArray, y_counts: IntArray) -> int:
    """Return S, the number of concordant minus the number of discordant pairs, in O(n log n).

    Notes
    -----
    Beyond 128 points S is recovered from SciPy's tau-b, S / sqrt(pairs untied in x * pairs untied in y), whose relative
    error is a few units of 1e-16. The nearest whole number is S as long as S < 1e14, which holds up to n = 10^7.
    """
    n = len(x)
    if len(x_counts) == 1 or len(y_counts) == 1:
        return 0
    if n <= _DIRECT:
        earlier = x[:, None] < x
        larger, smaller = y[:, None] < y, y[:, None] > y
        return int(np.count_nonzero(earlier & larger)) - int(np.count_nonzero(earlier & smaller))
    from scipy import stats

    tau = float(stats.kendalltau(x, y, method="asymptotic").statistic)
    return round(tau * math.sqrt(untied_pairs(x_counts)) * math.sqrt(untied_pairs(y_counts)))


def concordance_variance(x_counts: IntArray, y_counts: IntArray) -> float:
    """Return the variance of S over all permutations of y against x."""
    n = int(x_counts.sum())
    if len(x_counts) == 1 or len(y_counts) == 1:
        return 0.0
    x, y = _ties(x_counts), _ties(y_counts)
    # [1] equation 4.4
    triples = x.triples * y.triples / (9 * n * (n - 1) * (n - 2)) if n > 2 else 0.0
    pairs = x.pairs * y.pairs / (2 * n * (n - 1))
    return (n * (n - 1) * (2 * n + 5) - x.weighted - y.weighted) / 18 + pairs + triples


def tau_b(score: int, x_counts: IntArray, y_counts: IntArray) -> float | None:
    """Return Kendall's tau-b, or None where x or y is constant and it is undefined."""
    untied_x, untied_y = untied_pairs(x_counts), untied_pairs(y_counts)
    if untied_x == 0 or untied_y == 0:
        return None
    if untied_x == untied_y:
        return score / untied_x
    return score / math.sqrt(untied_x) / math.sqrt(untied_y)


def oriented_variance(y_counts: IntArray, sizes: tuple[int, ...], order: IntArray) -> float:
    """Return the permutation variance of a count of concordant pairs between groups."""
    n = sum(sizes)
    values = y_counts.tolist()
    below = np.cumsum((0, *values)).tolist()
    # row sums and squares of the two antisymmetric matrices of signs, over ordered pairs
    a_rows = sum(t * (2 * below[i] + t - n) ** 2 for i, t in enumerate(values))
    a_squares = n * n - sum(t * t for t in values)
    m = np.array(sizes, dtype=np.int64)
    b_rows = int(np.sum(m * (order @ m) ** 2))
    b_squares = int(m @ order**2 @ m)
    # [2]: variance of the generalised correlation over ordered pairs; each pair is in it twice
    triples = (a_rows - a_squares) * (b_rows - b_squares) / (n * (n - 1) * (n - 2)) if n > 2 else 0.0
    return float(triples + a_squares * b_squares / (2 * n * (n - 1)))
