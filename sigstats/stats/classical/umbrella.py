"""Umbrella alternatives: values that grow over the groups up to a peak and shrink after it.

The statistic counts pairs in the expected order on both sides of the peak. With the peak given beforehand its
null distribution can be counted. With the peak chosen by the data, the choice is repeated on permuted data,
since choosing and testing on the same data would otherwise find a peak anywhere.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sigstats.errors import OptionError
from sigstats.stats import checks
from sigstats.stats.checks import Alternative, FloatArray, IntArray
from sigstats.stats.classical.concordance import dense_ranks, oriented_variance
from sigstats.stats.classical.enumeration import (
    MAX_STEPS,
    MAX_UNTIED,
    multinomial,
    network_steps,
    tail_counts,
    tied_counts,
    untied_counts,
)
from sigstats.stats.classical.ordered import Method, exact_or_normal, ordered_groups, side_and_method
from sigstats.stats.classical.result import NullTest
from sigstats.stats.random import generator
from sigstats.stats.tails import Tail

MAX_LISTED = 20_000  # arrangements that are listed one by one
_CELLS = 2_000_000  # entries of the largest intermediate array
_SLACK = 1e-10  # relative; what is equal up to rounding counts as equal


@dataclass(frozen=True, slots=True, kw_only=True)
class MackWolfe(NullTest[float]):
    """Result of `mack_wolfe`; the fields of every test are those of `NullTest`."""

    # with a given peak A, the number of pairs in the expected order, ties counting one half. With a
    # chosen peak A*, the standardised A at that peak
    statistic: float
    z: float  # a*, the standardised A at the peak, averaged over `peaks` where several are equally high
    peaks: tuple[int, ...]  # the given or chosen peak, counted from 1; several where the choice is a draw
    z_each: tuple[float, ...]  # a* for a peak at each of the groups
    # mean, variance: of A with a given peak, over all permutations, ties taken into account; None where
    # the peak was chosen
    mean: float | None
    variance: float | None
    n: int  # number of observations
    n_groups: int  # number of groups
    null: str = "all groups have the same distribution"


def mack_wolfe(
    groups: Iterable[npt.ArrayLike],
    peak: int | None = None,
    *,
    alternative: Alternative = "greater",
    method: Method = "auto",
    n_draws: int = 50_000,
    rng: int | np.random.Generator = 0,
) -> MackWolfe:
    """Test whether values grow over ordered groups up to a peak and shrink after it.

    Parameters
    ----------
    groups : sequence of array_like
        The observations of each group, in order; sizes may differ.
    peak : int, optional
        The group where the peak is expected, counted from 1 as in the papers. By default it is chosen by the
        data: the group that stands out most above all others.
    alternative : {"greater", "less", "two-sided"}
        "greater" is a peak, "less" a valley; "two-sided" needs a given peak.
    method : {"auto", "exact", "asymptotic"}
        For a given peak: "exact" counts all permutations, given the ties; "asymptotic" is the normal
        approximation, which can be wrong by a factor of 20 far out; "auto" is exact where possible. For a
        chosen peak, all arrangements are listed up to 20,000 of them, else `n_draws` random ones are drawn.
    n_draws : int
        Random permutations for a chosen peak; the p-value has a standard error of about sqrt(p / n_draws).
    rng : int or numpy.random.Generator
        Source of these permutations; the default is fixed, so that the same data give the same p-value.

    Returns
    -------
    MackWolfe
        The statistic, its peak and its p-value. Drawn p-values count the data as one of the draws and are never 0.

    Notes
    -----
    *Assumptions.* All observations are independent, within and between groups.

    *What would fool it.* A plain trend is an umbrella with its peak at an end: look at `peaks`. A batch
    shared by one group looks like a peak.

    References
    ----------
    .. [1] G. A. Mack, D. A. Wolfe, "K-sample rank tests for umbrella alternatives", Journal of the American
           Statistical Association 76(373), 175-181, 1981. https://doi.org/10.1080/01621459.1981.10477625
    .. [2] M. Hollander, D. A. Wolfe, E. Chicken, "Nonparametric Statistical Methods", 3rd edition, Wiley,
           2014, sections 6.3A and 6.3B. https://doi.org/10.1002/9781119196037

    Examples
    --------
    >>> from sigstats.stats.classical.umbrella import mack_wolfe
    >>> groups = [[8.62, 9.94, 10.06], [9.85, 10.43, 11.31], [9.98, 10.69, 11.4], [9.12, 9.89, 10.57]]
    >>> result = mack_wolfe(groups)
    >>> result.peaks, round(result.statistic, 4)
    ((3,), 1.8728)
    >>> mack_wolfe(groups, 3).statistic
    29.0
    """
    values, sizes = ordered_groups(groups, min_groups=3)
    side, how = side_and_method(alternative, method)
    draws = checks.whole("n_draws", n_draws, low=99, high=10_000_000)
    ranks, ties = dense_ranks(values)
    design = _Design.of(sizes, ties)
    if peak is not None:
        place = checks.whole("peak", peak, low=1, high=len(sizes)) - 1
        return _known(design, ranks, place, side, how)
    if side == "two-sided":
        raise OptionError(
            "`alternative` is 'two-sided' with a chosen peak; pass 'greater' (peak) or 'less' (valley)."
        )
    if how == "asymptotic":
        raise OptionError(
            "`method` is 'asymptotic' with a chosen peak; an approximation exists for a given peak only. Use 'auto'."
        )
    return _chosen(design, ranks, side, draws, generator(rng))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Design:
    """Sizes, ties and, for every possible peak, which pairs of groups are compared."""

    sizes: tuple[int, ...]  # sizes of the groups
    ties: IntArray  # how often each value occurs
    # shape (k, k, k): for a peak at p, orders[p, g, h] is 1 where group h is expected above group g, -1
    # where below, 0 if not compared
    orders: IntArray
    spread: FloatArray  # shape (k,): standard deviation of twice A - mean for each peak
    contrast_spread: (
        FloatArray  # shape (k,): standard deviation of the count of each group against all others
    )

    @classmethod
    def of(cls, sizes: tuple[int, ...], ties: IntArray) -> "_Design":
        """Return the design of groups of these sizes."""
        k = len(sizes)
        places = np.arange(k)
        upper = np.sign(places[None, :] - places[:, None])
        rising = [(places[:, None] <= p) & (places[None, :] <= p) for p in range(k)]
        falling = [(places[:, None] >= p) & (places[None, :] >= p) for p in range(k)]
        orders = np.array(
            [upper * up - upper * down for up, down in zip(rising, falling, strict=True)], dtype=np.int64
        )
        against = np.array(
            [(places == q)[None, :] * 1 - (places == q)[:, None] * 1 for q in range(k)], dtype=np.int64
        )
        return cls(
            sizes=sizes,
            ties=ties,
            orders=orders,
            spread=np.sqrt([oriented_variance(ties, sizes, order) for order in orders]),
            contrast_spread=np.sqrt([oriented_variance(ties, sizes, order) for order in against]),
        )

    def labels(self) -> IntArray:
        """Return the group of each observation, shape (n,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)


def _pair_scores(design: _Design, ranks: IntArray, labels: IntArray) -> IntArray:
    """Return, for each arrangement of labels, how far group h lies above group g, shape (draws, k, k)."""
    k, values = len(design.sizes), len(design.ties)
    cells = labels * values + ranks
    draws = len(labels)
    flat = (np.arange(draws)[:, None] * (k * values) + cells).ravel()
    table = np.bincount(flat, minlength=draws * k * values).reshape(draws, k, values)
    below = np.cumsum(table, axis=2) - table
    scores = below @ table.transpose(0, 2, 1)
    return np.asarray(scores - scores.transpose(0, 2, 1))


def _standardised(design: _Design, scores: IntArray) -> FloatArray:
    """Return A* for every arrangement and peak, shape (draws, k); 0 where nothing can vary."""
    doubled = np.einsum("dgh,pgh->dp", scores, design.orders) / 2
    return np.asarray(np.divide(doubled, design.spread, out=np.zeros(doubled.shape), where=design.spread > 0))


def _peaks(design: _Design, scores: IntArray) -> npt.NDArray[np.bool_]:
    """Return which groups stand out most above all others, shape (draws, k)."""
    above = scores.sum(axis=1).astype(np.float64)
    height = np.divide(
        above, design.contrast_spread, out=np.zeros(above.shape), where=design.contrast_spread > 0
    )
    highest = height.max(axis=1, keepdims=True)
    return np.asarray(height >= highest - _SLACK * (1 + np.abs(highest)))


def _known(design: _Design, ranks: IntArray, place: int, side: Alternative, how: Method) -> MackWolfe:
    """Return the result for a peak given beforehand."""
    scores = _pair_scores(design, ranks, design.labels()[None, :])
    z_each = _standardised(design, scores)[0]
    order = design.orders[place]
    score = int(np.sum(order * scores[0])) // 2
    m = np.array(design.sizes)
    compared = int(m @ np.abs(order) @ m) // 2
    counted = None if how == "asymptotic" else _tails(design, place, score + compared)
    tail, name = exact_or_normal(how, counted, float(z_each[place]), side, corrected="ties corrected")
    return MackWolfe(
        statistic=(score + compared) / 2,
        z=float(z_each[place]),
        pvalue=tail.pvalue,
        log10_pvalue=tail.log10_pvalue,
        peaks=(place + 1,),
        z_each=tuple(z_each.tolist()),
        mean=compared / 2,
        variance=float(design.spread[place]) ** 2 / 4,
        n=len(ranks),
        n_groups=len(design.sizes),
        alternative=side,
        method=name,
    )


def _tails(design: _Design, place: int, doubled: int) -> tuple[int, int, int] | None:
    """Return the tails of twice A over all arrangements, or None where there are too many to count."""
    sizes, ties = design.sizes, tuple(design.ties.tolist())
    if max(ties) == 1:
        if len(ties) > MAX_UNTIED:
            return None
        # the groups before the peak, those after it, and the peak against all of them vary independently
        blocks = (sizes[:place], sizes[place + 1 :], (sum(sizes) - sizes[place], sizes[place]))
        return tail_counts(untied_counts(tuple(block for block in blocks if block)), doubled // 2)
    if network_steps(sizes, ties) > MAX_STEPS:
        return None
    return tail_counts(tied_counts(sizes, ties, design.orders[place]), doubled)


def _chosen(
    design: _Design, ranks: IntArray, side: Alternative, n_draws: int, rng: np.random.Generator
) -> MackWolfe:
    """Return the result for a peak chosen by the data."""
    ranks = ranks if side == "greater" else len(design.ties) - 1 - ranks
    scores = _pair_scores(design, ranks, design.labels()[None, :])
    peaks, z_each = _peaks(design, scores)[0], _standardised(design, scores)[0]
    observed = float(z_each[peaks].mean())
    total = multinomial(design.sizes)
    listed = total <= MAX_LISTED
    batches = _all_labels(design) if listed else _drawn_labels(design, n_draws, rng)
    reached = sum(_count_reached(design, ranks, labels, observed) for labels in batches)
    count, of = (reached, total) if listed else (reached + 1, n_draws + 1)
    tail = Tail(pvalue=count / of, log10_pvalue=math.log10(count / of))
    sign = 1.0 if side == "greater" else -1.0
    return MackWolfe(
        statistic=sign * observed,
        z=sign * observed,
        pvalue=tail.pvalue,
        log10_pvalue=tail.log10_pvalue,
        peaks=tuple((np.flatnonzero(peaks) + 1).tolist()),
        z_each=tuple((sign * z_each).tolist()),
        mean=None,
        variance=None,
        n=len(ranks),
        n_groups=len(design.sizes),
        alternative=side,
        method=f"exact permutation distribution ({total})" if listed else f"{n_draws} random permutations",
    )


def _count_reached(design: _Design, ranks: IntArray, labels: IntArray, observed: float) -> int:
    """Return how many arrangements have a statistic at least as large as the observed one."""
    scores = _pair_scores(design, ranks, labels)
    peaks, z_each = _peaks(design, scores), _standardised(design, scores)
    statistics = np.sum(z_each * peaks, axis=1) / peaks.sum(axis=1)
    return int(np.count_nonzero(statistics >= observed - _SLACK * (1 + abs(observed))))


def _drawn_labels(design: _Design, n_draws: int, rng: np.random.Generator) -> Iterator[IntArray]:
    """Yield random arrangements of the labels, in batches that fit into memory."""
    batch = max(1, _CELLS // (len(design.sizes) * len(design.ties)))
    for start in range(0, n_draws, batch):
        rows = min(batch, n_draws - start)
        yield rng.permuted(np.tile(design.labels(), (rows, 1)), axis=1)


def _all_labels(design: _Design) -> Iterator[IntArray]:
    """Yield all arrangements of the labels, in one batch."""
    yield np.array(list(_label_orders(list(design.sizes))), dtype=np.int64)


def _label_orders(left: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every order of labels of which left[g] remain."""
    if not any(left):
        yield ()
    for g, remaining in enumerate(left):
        if remaining:
            for rest in _label_orders([count - (h == g) for h, count in enumerate(left)]):
                yield (g, *rest)
