"""Trend over ordered groups: whether values tend to grow from one group to the next.

`jonckheere` and `cuzick` take independent groups, `page` takes blocks in which every condition was measured once. All
use ranks only. Their null hypothesis is that *every* observation (within its block, for `page`) has the same
distribution: a rejection says that some observations depend on the group, not that the mean over seeds does.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.checks import Alternative, FloatArray
from sigstats.stats.classical.concordance import concordance, concordance_variance, dense_ranks, midranks
from sigstats.stats.classical.enumeration import concordance_tails, page_tails
from sigstats.stats.classical.result import NullTest
from sigstats.stats.tails import Tail, count_tail, normal_tail

Method = Literal["auto", "exact", "asymptotic"]
METHODS: tuple[Method, ...] = ("auto", "exact", "asymptotic")


def exact_or_normal(
    how: Method, tails: tuple[int, int, int] | None, z: float, side: Alternative, *, corrected: str
) -> tuple[Tail, str]:
    """Return the p-value by enumeration where possible and wanted, else by approximation."""
    if tails is not None:
        return count_tail(*tails, side), "exact permutation distribution"
    if how == "exact":
        raise OptionError(
            "`method` is 'exact', but there are too many arrangements to count. Use 'auto' or 'asymptotic'; the "
            "normal approximation is accurate at this size."
        )
    return normal_tail(z, side), f"normal approximation, {corrected}"


def ordered_groups(
    groups: Iterable[npt.ArrayLike], *, min_groups: int = 2
) -> tuple[FloatArray, tuple[int, ...]]:
    """Return the checked observations one group after another, and the sizes of the groups."""
    samples = checks.groups("groups", groups, min_groups=min_groups)
    return np.concatenate(samples), tuple(len(sample) for sample in samples)


def side_and_method(alternative: object, method: object) -> tuple[Alternative, Method]:
    """Return the checked options of a test that can be counted out."""
    return checks.alternative(alternative), checks.choice("method", method, METHODS)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedTest(NullTest[float]):
    """Result of a test for a trend over ordered groups; the fields of every test are those of `NullTest`."""

    # Jonckheere's J, the number of pairs from different groups in the expected order, ties counting one
    # half; Cuzick's T, the sum over observations of group score times rank; or Page's L, the sum over
    # columns of position times rank sum
    statistic: float
    # mean, variance: of the statistic over all permutations (for Page, within rows); the variance takes
    # ties into account
    mean: float
    variance: float
    z: float  # (statistic - mean) / sqrt(variance), without continuity correction; 0 where the variance is


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsTest(OrderedTest):
    """Result of `jonckheere` and `cuzick`."""

    n: int  # n, n_groups: number of observations and of groups
    n_groups: int
    null: str = "all groups have the same distribution"


class Jonckheere(GroupsTest):
    """Result of `jonckheere`; see `GroupsTest`."""

    __slots__ = ()


def jonckheere(
    groups: Iterable[npt.ArrayLike], *, alternative: Alternative = "two-sided", method: Method = "auto"
) -> Jonckheere:
    """Test whether values grow over ordered groups (Jonckheere-Terpstra).

    Parameters
    ----------
    groups : sequence of array_like
        The observations of each group, in the expected order; sizes may differ.
    alternative : {"two-sided", "greater", "less"}
        Which trend counts against the null hypothesis; "greater" means growing from the first group to the last.
    method : {"auto", "exact", "asymptotic"}
        "exact" counts all permutations, given the ties: possible up to 100 observations without ties and for small or
        heavily tied data with. "asymptotic" is the normal approximation. "auto" is exact where possible.

    Returns
    -------
    Jonckheere
        J, its mean and variance, z and p-value. A two-sided exact p is twice the smaller tail.

    Notes
    -----
    *Assumptions.* All observations are independent, within and between groups.

    *What would fool it.* A shift that all observations of a group share, such as one batch per group, looks
    like a trend. A difference in spread alone is not detected, one arm of a peak may be.

    References
    ----------
    .. [1] A. R. Jonckheere, "A distribution-free k-sample test against ordered alternatives", Biometrika
           41(1-2), 133-145, 1954. https://doi.org/10.1093/biomet/41.1-2.133
    .. [2] T. J. Terpstra, "The asymptotic normality and consistency of Kendall's test against trend, when
           ties are present in one ranking", Indagationes Mathematicae 14, 327-333, 1952.
           https://doi.org/10.1016/S1385-7258(52)50043-X

    Examples
    --------
    >>> from sigstats.stats.classical.ordered import jonckheere
    >>> groups = [[106, 114, 116, 127, 145], [110, 125, 143, 148, 151], [136, 139, 149, 160, 174]]
    >>> result = jonckheere(groups, alternative="greater")
    >>> result.statistic, round(result.pvalue, 5)
    (59.0, 0.01196)
    """
    values, counts = ordered_groups(groups)
    side, how = side_and_method(alternative, method)
    sizes = np.array(counts)
    ranks, ties = dense_ranks(values)
    score = concordance(np.repeat(np.arange(len(sizes)), sizes), ranks, sizes, ties)
    compared = int(sizes.sum() ** 2 - (sizes**2).sum()) // 2
    variance = concordance_variance(sizes, ties) / 4
    z = score / 2 / math.sqrt(variance) if variance > 0 else 0.0
    counted = None if how == "asymptotic" else concordance_tails(score, counts, tuple(ties.tolist()))
    tail, name = exact_or_normal(how, counted, z, side, corrected="ties corrected")
    return Jonckheere(
        statistic=(compared + score) / 2,
        mean=compared / 2,
        variance=variance,
        z=z,
        pvalue=tail.pvalue,
        log10_pvalue=tail.log10_pvalue,
        n=int(sizes.sum()),
        n_groups=len(sizes),
        alternative=side,
        method=name,
    )


class Cuzick(GroupsTest):
    """Result of `cuzick`; see `GroupsTest`."""

    __slots__ = ()


def cuzick(
    groups: Iterable[npt.ArrayLike],
    scores: npt.ArrayLike | None = None,
    *,
    alternative: Alternative = "two-sided",
) -> Cuzick:
    """Test whether values grow with a score of the groups (Cuzick's extension of the Wilcoxon test).

    Parameters
    ----------
    groups : sequence of array_like
        The observations of each group.
    scores : array_like, shape (k,), optional
        One number per group, such as its dose; by default 1, 2, ..., k.
    alternative : {"two-sided", "greater", "less"}
        Which trend counts against the null hypothesis; "greater" means growing with the score.

    Returns
    -------
    Cuzick
        T, its mean and variance, z and p-value.

    Notes
    -----
    *Assumptions.* All observations are independent; enough of them for the normal approximation, about 10.

    *What would fool it.* The same as for `jonckheere`; scores with one extreme value make it a test of that group.

    References
    ----------
    .. [1] J. Cuzick, "A Wilcoxon-type test for trend", Statistics in Medicine 4(1), 87-90, 1985.
           https://doi.org/10.1002/sim.4780040112

    Examples
    --------
    >>> from sigstats.stats.classical.ordered import cuzick
    >>> round(cuzick([[106, 114, 116, 127, 145], [110, 125, 143, 148, 151], [136, 139, 149, 160, 174]]).z, 4)
    2.2627
    """
    values, sizes = ordered_groups(groups)
    side = checks.alternative(alternative)
    weights = np.arange(1.0, len(sizes) + 1) if scores is None else checks.vector("scores", scores)
    checks.same_size(groups=sizes, scores=weights)
    if np.ptp(weights) == 0:
        raise InputError(f"`scores` are all {weights[0]}; a trend needs at least two different scores.")
    n, labels = len(values), np.repeat(weights, sizes)
    ranks, ties = midranks(values), dense_ranks(values)[1].astype(np.float64)
    spread = float(np.sum((labels - labels.mean()) ** 2))
    # [1]: (n (n + 1) / 12) * sum of squares of the scores, reduced by the ties
    variance = n * (n + 1) / 12 * spread * (1 - float(np.sum(ties**3 - ties)) / (n**3 - n))
    statistic, mean = float(labels @ ranks), float(labels.sum()) * (n + 1) / 2
    z = float((labels - labels.mean()) @ ranks) / math.sqrt(variance) if len(ties) > 1 else 0.0
    tail = normal_tail(z, side)
    return Cuzick(
        statistic=statistic,
        mean=mean,
        variance=variance,
        z=z,
        pvalue=tail.pvalue,
        log10_pvalue=tail.log10_pvalue,
        n=n,
        n_groups=len(sizes),
        alternative=side,
        method="normal approximation, ties corrected",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(OrderedTest):
    """Result of `page`; see `OrderedTest`."""

    n_rows: int  # n_rows, n_columns: number of blocks and of conditions
    n_columns: int
    null: str = "within every row, all orders of the values are equally likely"


def page(matrix: npt.ArrayLike, *, alternative: Alternative = "greater", method: Method = "auto") -> Page:
    """Test whether values grow over the columns, each row being ranked on its own (Page's L).

    Parameters
    ----------
    matrix : array_like, shape (rows, columns)
        One row per block (a seed, a subject), columns in the expected order. At least 2 columns, no gaps.
    alternative : {"greater", "two-sided", "less"}
        Which trend counts against the null hypothesis; "greater", the test as published, means growing.
    method : {"auto", "exact", "asymptotic"}
        "exact" counts all orders within rows, given the ties: possible up to 10 columns and some dozens of
        rows. "asymptotic" is the normal approximation. "auto" is exact where possible.

    Returns
    -------
    Page
        L, its mean and variance, z and p-value. A two-sided exact p is twice the smaller tail.

    Notes
    -----
    *Assumptions.* Within a row, the observations are exchangeable under the null hypothesis; rows are independent.

    *What would fool it.* Rows that each have a trend of their own, in different directions: the null
    hypothesis is false, although the average trend is 0. With slopes that vary between seeds it rejects
    in about one case in five at a nominal 5 %. It describes seeds; it does not test their mean.

    References
    ----------
    .. [1] E. B. Page, "Ordered hypotheses for multiple treatments: a significance test for linear ranks", Journal of
           the American Statistical Association 58(301), 216-230, 1963. https://doi.org/10.1080/01621459.1963.10500843

    Examples
    --------
    >>> from sigstats.stats.classical.ordered import page
    >>> assay = [[101, 91, 103, 136, 190, 146], [117, 90, 133, 140, 161, 120], [111, 107, 121, 144, 201, 116]]
    >>> result = page(assay)
    >>> result.statistic, round(result.pvalue, 5)
    (257.0, 0.00234)
    """
    rows = checks.matrix("matrix", matrix, min_columns=2)
    side, how = side_and_method(alternative, method)
    m, k = rows.shape
    ranks = midranks(rows)
    positions = np.arange(1, k + 1)
    statistic, mean = float(positions @ ranks.sum(axis=0)), m * k * (k + 1) ** 2 / 4
    # the variance of a linear rank statistic in each row: with untied ranks, [1] equation 2
    variance = k * (k + 1) / 12 * float(np.sum((ranks - (k + 1) / 2) ** 2))
    z = (statistic - mean) / math.sqrt(variance) if variance > 0 else 0.0
    counted = None
    if how != "asymptotic":
        ties = (tuple(dense_ranks(row)[1].tolist()) for row in rows)
        counted = page_tails(round(2 * statistic), ties, m, k)
    tail, name = exact_or_normal(how, counted, z, side, corrected="ties corrected")
    return Page(
        statistic=statistic,
        mean=mean,
        variance=variance,
        z=z,
        pvalue=tail.pvalue,
        log10_pvalue=tail.log10_pvalue,
        n_rows=m,
        n_columns=k,
        alternative=side,
        method=name,
    )
