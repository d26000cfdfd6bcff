"""Tests of contrasts between independent groups: one that was planned, or the largest of several.

A contrast is a row of weights with sum 0 (see `contrasts`). Applied to group means it is compared with the
spread within groups. Where several shapes are plausible, `max_contrast` tests them together and accounts for
their correlation.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.by_value import by_value
from sigstats.stats.checks import Alternative, FloatArray
from sigstats.stats.classical.result import NullTest
from sigstats.stats.tails import SMALLEST, t_tail


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastTest(NullTest[float | None]):
    """Result of `contrast_test`; the fields of every test are those of `NullTest`."""

    statistic: float | None  # t; None where no group varies
    estimate: float  # the contrast of the group means, in the unit of the values
    standard_error: float  # its standard error from the variance pooled over groups
    df: int  # residual degrees of freedom
    n: int  # number of observations
    null: str = "the contrast of the group means is 0"
    method: str = "t test with pooled variance"


def contrast_test(
    groups: Iterable[npt.ArrayLike], weights: npt.ArrayLike, *, alternative: Alternative = "two-sided"
) -> ContrastTest:
    """Test a contrast of the means of independent groups.

    Parameters
    ----------
    groups : sequence of array_like
        The observations of each group.
    weights : array_like, shape (k,)
        One weight per group, with sum 0.
    alternative : {"two-sided", "greater", "less"}
        Which sign of the contrast counts against the null hypothesis.

    Returns
    -------
    ContrastTest
        Estimate, standard error, t and p-value.

    Notes
    -----
    *Assumptions.* Independent, roughly normal observations with one variance in all groups.

    *What would fool it.* Unequal variances with unequal sizes.

    References
    ----------
    .. [1] H. Scheffé, "The Analysis of Variance", Wiley, 1959, section 3.4.

    Examples
    --------
    >>> from sigstats.stats.classical.group_contrasts import contrast_test
    >>> round(contrast_test([[1.0, 2.0], [2.0, 4.0], [5.0, 6.0]], [-1, 0, 1]).statistic, 3)
    4.0
    """
    means, sizes, pooled = _summaries(groups)
    row = _weights(weights, len(means))[0]
    side = checks.alternative(alternative)
    df = int(sizes.sum()) - len(means)
    estimate, se = float(row @ means), pooled * math.sqrt(float(np.sum(row**2 / sizes)))
    t = estimate / se if se > 0 else None
    tail = None if t is None else t_tail(t, df, side)
    return ContrastTest(
        statistic=t,
        estimate=estimate,
        standard_error=se,
        pvalue=None if tail is None else tail.pvalue,
        log10_pvalue=None if tail is None else tail.log10_pvalue,
        df=df,
        n=int(sizes.sum()),
        alternative=side,
    )


def _summaries(groups: Iterable[npt.ArrayLike]) -> tuple[FloatArray, FloatArray, float]:
    """Return means and sizes of the groups, and the standard deviation pooled over them."""
    samples = checks.groups("groups", groups)
    sizes = np.array([float(len(sample)) for sample in samples])
    df = int(sizes.sum()) - len(samples)
    if df < 1:
        raise InputError(
            "`groups` have one observation each; the variance needs a group with two. Add observations."
        )
    # A power of two changes no digit, and keeps sums and squares from overflowing.
    largest = max(float(np.abs(sample).max()) for sample in samples)
    unit = math.ldexp(1.0, min(max(math.frexp(largest)[1], -1000), 1000))
    samples = tuple(sample / unit for sample in samples)
    means = np.array([sample.mean() for sample in samples])
    squares = sum(float(np.sum((sample - sample.mean()) ** 2)) for sample in samples if np.ptp(sample) > 0)
    return means * unit, sizes, math.sqrt(squares / df) * unit


def _weights(weights: npt.ArrayLike, k: int) -> FloatArray:
    """Return contrasts as rows, checked."""
    rows = np.atleast_2d(np.asarray(weights, dtype=object))
    matrix = checks.matrix("weights", rows)
    if matrix.shape[1] != k:
        raise InputError(
            f"`weights` has {matrix.shape[1]} entries for {k} groups; give one weight per group."
        )
    size = np.abs(matrix).max(axis=1)
    if np.any(size == 0) or np.any(np.abs(matrix.sum(axis=1)) > 1e-9 * size):
        raise InputError("`weights` do not sum to 0, or are all 0; subtract their mean.")
    return matrix


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class MaxContrast:
    """Result of `max_contrast`."""

    statistic: float  # the largest t
    best: int  # position of its contrast, from 0
    pvalue: float  # adjusted for the number of contrasts and their correlation, in (0, 1]
    statistics: tuple[float, ...]  # statistics, pvalues: t and adjusted p-value of every contrast
    pvalues: tuple[float, ...]
    correlation: FloatArray = field(repr=False)  # shape (m, m): of the contrasts
    df: int  # residual degrees of freedom
    n: int  # number of observations
    alternative: Alternative  # "greater" or "less"
    null: str = "all group means are equal"  # the null hypothesis
    method: str = "multivariate t, integrated over 32,768 directions"  # how the p-values were obtained


def max_contrast(
    groups: Iterable[npt.ArrayLike], weights: npt.ArrayLike, *, alternative: Alternative = "greater"
) -> MaxContrast:
    """Test several contrasts of the means of independent groups at once, by the largest of them.

    Parameters
    ----------
    groups : sequence of array_like
        The observations of each group.
    weights : array_like, shape (m, k)
        One row per contrast, one weight per group, each row with sum 0.
    alternative : {"greater", "less", "two-sided"}
        Which sign of the contrasts counts against the null hypothesis.

    Returns
    -------
    MaxContrast
        t and adjusted p-value of each contrast, and the largest.

    Notes
    -----
    *Assumptions.* Those of `contrast_test`. The chance of any false claim among the contrasts is then alpha.

    *What would fool it.* The contrast with the largest t need not be the right shape: neighbours score nearly as well.

    The p-value is the average, over directions in the space of the contrasts, of the tail of an F distribution. The
    directions are always the same 32,768 points of a low-discrepancy sequence; the relative error is about 1e-3.

    References
    ----------
    .. [1] F. Bretz, J. C. Pinheiro, M. Branson, "Combining multiple comparisons and modeling techniques in
           dose-response studies", Biometrics 61(3), 738-748, 2005. https://doi.org/10.1111/j.1541-0420.2005.00344.x
    .. [2] A. Genz, F. Bretz, "Computation of Multivariate Normal and t Probabilities", Springer, 2009, section 4.1.
           https://doi.org/10.1007/978-3-642-01689-9

    Examples
    --------
    >>> from sigstats.stats.classical.group_contrasts import max_contrast
    >>> result = max_contrast([[1.0, 2.0], [2.0, 4.0], [5.0, 6.0]], [[-1, 0, 1], [-2, 1, 1]])
    >>> result.best, round(result.pvalue, 2)
    (0, 0.02)
    """
    means, sizes, pooled = _summaries(groups)
    rows = _weights(weights, len(means))
    side = checks.alternative(alternative)
    if pooled == 0.0:
        raise InputError("`groups` do not vary within any group; a test needs noise. Add observations.")
    units = rows / np.sqrt(sizes)
    lengths = np.sqrt(np.sum(units**2, axis=1))
    t = rows @ means / (pooled * lengths)
    units = units / lengths[:, None]
    correlation = units @ units.T
    correlation.setflags(write=False)
    df = int(sizes.sum()) - len(means)
    against = {"greater": t, "less": -t, "two-sided": np.abs(t)}[side]
    pvalues = tuple(_largest_exceeds(float(value), units, df, side) for value in against)
    best = int(np.argmax(against))
    return MaxContrast(
        statistic=float(t[best]),
        best=best,
        pvalue=pvalues[best],
        statistics=tuple(t.tolist()),
        pvalues=pvalues,
        correlation=correlation,
        df=df,
        n=int(sizes.sum()),
        alternative=side,
    )


@lru_cache(maxsize=16)
def _directions(rank: int) -> FloatArray:
    """Return evenly spread points of the unit sphere, shape (32768, rank), always the same ones."""
    from scipy.stats import qmc

    shift = np.random.default_rng(0).random(rank)
    uniform = (qmc.Sobol(rank, scramble=False).random_base2(15) + shift) % 1.0
    normal = special.ndtri(np.clip(uniform, 1e-12, 1 - 1e-12))
    return np.asarray(normal / np.sqrt(np.sum(normal**2, axis=1, keepdims=True)))


def _largest_exceeds(t: float, units: FloatArray, df: int, side: Alternative) -> float:
    """Return the chance that the largest of correlated t statistics is at least t."""
    left, scale, _ = np.linalg.svd(units, full_matrices=False)
    rank = int(np.count_nonzero(scale > 1e-10 * scale[0]))
    along = (left[:, :rank] * scale[:rank]) @ _directions(rank).T
    largest = np.abs(along).max(axis=0) if side == "two-sided" else along.max(axis=0)
    # where the largest contrast is m, the length has to reach t / m; its square is rank * F(rank, df)
    with np.errstate(divide="ignore", over="ignore"):
        needed = np.abs(t / largest)
        beyond = special.fdtrc(rank, df, needed**2 / rank)
    chance = np.where(largest > 0, beyond, 0.0) if t > 0 else np.where(largest < 0, 1.0 - beyond, 1.0)
    return min(1.0, max(float(chance.mean()), SMALLEST))
