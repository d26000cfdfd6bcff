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

import numpy as np
import numpy.typing as npt
from scipy import stats as scipy_stats

from sigstats.stats.checks import IntArray

_DIRECT = 128  # up to here every pair is looked at; beyond, counting inversions is faster


def dense_ranks(values: npt.NDArray[np.generic]) -> tuple[IntArray, tuple[int, ...]]:
    """Return the rank of each value, equal values sharing one, and how often each rank occurs.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite values.

    Returns
    -------
    ranks : ndarray of int, shape (n,)
        0 for the smallest value, then 1 for the next larger one, without gaps.
    counts : tuple of int
        How many values have each rank.
    """
    _, ranks, counts = np.unique(values, return_inverse=True, return_counts=True)
    return ranks.reshape(-1).astype(np.int64), tuple(int(count) for count in counts)


def tied_pairs(counts: tuple[int, ...]) -> int:
    """Return the number of pairs of equal values."""
    return sum(count * (count - 1) // 2 for count in counts)


def concordance(x: IntArray, y: IntArray, x_counts: tuple[int, ...], y_counts: tuple[int, ...]) -> int:
    """Return S, the number of concordant minus the number of discordant pairs, in O(n log n).

    Parameters
    ----------
    x, y : ndarray of int, shape (n,)
        Dense ranks.
    x_counts, y_counts : tuple of int
        How often each rank occurs.

    Returns
    -------
    int
        S; pairs that are tied in x or in y count 0.

    Notes
    -----
    Beyond 128 points S is recovered from SciPy's tau-b, S / sqrt(pairs untied in x * pairs untied in y),
    whose relative error is a few units of 1e-16. The nearest whole number is S as long as S < 1e14, which
    holds up to n = 10^7.
    """
    n = len(x)
    if len(x_counts) == 1 or len(y_counts) == 1:
        return 0
    if n <= _DIRECT:
        earlier = x[:, None] < x
        larger, smaller = y[:, None] < y, y[:, None] > y
        return int(np.count_nonzero(earlier & larger)) - int(np.count_nonzero(earlier & smaller))
    pairs = n * (n - 1) // 2
    tau = float(scipy_stats.kendalltau(x, y, method="asymptotic").statistic)
    return round(tau * math.sqrt(pairs - tied_pairs(x_counts)) * math.sqrt(pairs - tied_pairs(y_counts)))


def concordance_variance(x_counts: tuple[int, ...], y_counts: tuple[int, ...]) -> float:
    """Return the variance of S over all permutations of y against x.

    Parameters
    ----------
    x_counts, y_counts : tuple of int
        How often each value of x, and of y, occurs.

    Returns
    -------
    float
        The variance; 0 where x or y is constant.
    """
    n = sum(x_counts)
    if len(x_counts) == 1 or len(y_counts) == 1:
        return 0.0
    # [1] equation 4.4
    v0 = n * (n - 1) * (2 * n + 5)
    vt, vu = (sum(t * (t - 1) * (2 * t + 5) for t in counts) for counts in (x_counts, y_counts))
    pairs = 4 * tied_pairs(x_counts) * tied_pairs(y_counts) / (2 * n * (n - 1))
    t3, u3 = (sum(t * (t - 1) * (t - 2) for t in counts) for counts in (x_counts, y_counts))
    triples = t3 * u3 / (9 * n * (n - 1) * (n - 2)) if t3 and u3 else 0.0
    return (v0 - vt - vu) / 18 + pairs + triples


def tau_b(score: int, x_counts: tuple[int, ...], y_counts: tuple[int, ...]) -> float | None:
    """Return Kendall's tau-b, or None where x or y is constant and it has no value.

    Parameters
    ----------
    score : int
        S.
    x_counts, y_counts : tuple of int
        How often each value of x, and of y, occurs.

    Returns
    -------
    float or None
        In [-1, 1].
    """
    n = sum(x_counts)
    pairs = n * (n - 1) // 2
    untied_x, untied_y = pairs - tied_pairs(x_counts), pairs - tied_pairs(y_counts)
    if untied_x == 0 or untied_y == 0:
        return None
    if untied_x == untied_y:
        return score / untied_x
    return score / math.sqrt(untied_x) / math.sqrt(untied_y)


def oriented_variance(y_counts: tuple[int, ...], sizes: tuple[int, ...], order: IntArray) -> float:
    """Return the permutation variance of a count of concordant pairs between groups.

    Parameters
    ----------
    y_counts : tuple of int
        How often each value occurs.
    sizes : tuple of int, length k
        Sizes of the groups.
    order : ndarray of int, shape (k, k)
        Antisymmetric: 1 where the group of the column is expected to be the larger, -1 where the smaller, 0
        where the two are not compared.

    Returns
    -------
    float
        The variance of the sum of order[g, h] * sign(value of h - value of g) over all pairs of observations.
    """
    n = sum(sizes)
    below = np.cumsum((0, *y_counts))
    # row sums and squares of the two antisymmetric matrices of signs, over ordered pairs
    a_rows = sum(t * int(2 * below[i] + t - n) ** 2 for i, t in enumerate(y_counts))
    a_squares = n * n - sum(t * t for t in y_counts)
    m = np.array(sizes, dtype=np.int64)
    b_rows = int(np.sum(m * (order @ m) ** 2))
    b_squares = int(m @ order**2 @ m)
    # [2]: variance of the generalised correlation over ordered pairs; each pair is in it twice
    triples = (a_rows - a_squares) * (b_rows - b_squares) / (n * (n - 1) * (n - 2)) if n > 2 else 0.0
    return triples + a_squares * b_squares / (2 * n * (n - 1))
