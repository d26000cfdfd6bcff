"""Slopes of given ranks among the slopes between all pairs of points, without making all of them.

A slope is below b where the residual y - b x falls from the first point to the second, so that the slopes below b are
counted as the inversions of the residuals in O(n log n). Two such counts bracket a rank; the few slopes inside the
bracket are made, sorted and looked up. Residuals are rounded: a pair whose order is within rounding counts as inside.
What is returned is therefore one of the slopes as it would be computed from its pair, and of exactly the rank wanted.
Many equal slopes cannot be bracketed apart; then all slopes are gone through.

References
----------
.. [1] R. Cole, J. S. Salowe, W. L. Steiger and E. Szemeredi, "An optimal-time algorithm for slope selection", SIAM
       Journal on Computing 18(4), 792-810, 1989. https://doi.org/10.1137/0218055
.. [2] J. Matousek, "Randomized optimal algorithm for slope selection", Information Processing Letters 39(4), 183-187,
       1991. https://doi.org/10.1016/0020-0190(91)90177-J
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sigstats.stats.checks import FloatArray, IntArray

BLOCK = 1 << 22  # slopes that are held in memory at once: 32 MB
SAMPLE = 1_000_000  # pairs from which brackets are guessed
NEAR = 1 << 18  # slopes on either side of a wanted rank that a bracket should hold
ROUNDING = 8.0 * np.finfo(float).eps  # of a residual, in units of the largest term


def ordered_slopes(x: FloatArray, y: FloatArray, wanted: tuple[int, ...], n_slopes: int) -> list[float]:
    """Return the slopes of these ranks (from 0); beyond the first or last one, minus or plus infinity."""
    ranks = sorted({rank for rank in wanted if 0 <= rank < n_slopes})
    if n_slopes <= BLOCK:
        slopes = np.sort(np.concatenate(list(_slopes(x, y))))
        found = {rank: float(slopes[rank]) for rank in ranks}
    else:
        sample = _sampled_slopes(x, y)
        order = np.lexsort((y, x))
        points = _Points(x[order], y[order])
        found = {}
        for rank in ranks:
            near = points.slope(rank, n_slopes, sample)
            found[rank] = _kth_slope(x, y, rank, rank / n_slopes, sample) if near is None else near
    return [found.get(rank, -math.inf if rank < 0 else math.inf) for rank in wanted]


def _slopes(x: FloatArray, y: FloatArray) -> Iterator[FloatArray]:
    """Yield, for each point in order of x, its slopes to all points with a larger x."""
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    for i, first in enumerate(np.searchsorted(x, x, side="right").tolist()):
        with np.errstate(over="ignore"):  # slopes between almost equal x may be infinite
            yield (y[first:] - y[i]) / (x[first:] - x[i])


def _sampled_slopes(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return sorted slopes of some pairs, always the same ones, from which a bracket is guessed."""
    i, j = np.random.default_rng(0).integers(0, len(x), size=(2, SAMPLE))
    i, j = i[x[i] != x[j]], j[x[i] != x[j]]
    with np.errstate(over="ignore"):
        return np.sort((y[j] - y[i]) / (x[j] - x[i]))


@dataclass(slots=True)
class _Points:
    """Points in order of x, those with the same x in order of y."""

    x: FloatArray
    y: FloatArray
    # The bracket that was looked into last, how many slopes are below it, and the sorted slopes inside.
    low: float = math.nan
    high: float = math.nan
    below: int = 0
    inside: FloatArray | None = None

    def slope(self, rank: int, n_slopes: int, sample: FloatArray) -> float | None:
        """Return the slope of a rank from 0; None where no bracket holds few enough."""
        known = self._known(rank)
        per_place = n_slopes / len(sample)  # slopes for each slope of the sample
        place = rank / per_place
        for _ in range(4):
            guess = None if known is not None else _between(sample, place)
            if guess is None:
                break
            place += (rank - self._count_below(guess)) / per_place
            low = _between(sample, place - NEAR / per_place)
            high = _between(sample, place + NEAR / per_place)
            if low is None or high is None or not low < high:
                break
            self._look_into(low, high)
            known = self._known(rank)
        return known

    def _known(self, rank: int) -> float | None:
        """Return the slope of a rank if it is in the last bracket, clear of its ends."""
        if self.inside is None or not self.below <= rank < self.below + len(self.inside):
            return None
        found = float(self.inside[rank - self.below])
        return found if self.low < found < self.high else None

    def _residuals(self, slope: float) -> tuple[FloatArray, float]:
        """Return the residuals of a slope, and within which difference their order is not known."""
        x, y = self.x - self.x[len(self.x) // 2], self.y - self.y[len(self.y) // 2]
        fitted = slope * x
        return y - fitted, ROUNDING * float(np.abs(y).max() + np.abs(fitted).max())

    def _count_below(self, slope: float) -> int:
        """Return how many slopes are certainly below one."""
        return _n_inversions(*self._residuals(slope))

    def _look_into(self, low: float, high: float) -> None:
        """Count the slopes below a bracket, and make those that are not certainly outside it."""
        self.low, self.high, self.below, self.inside = low, high, self._count_below(low), None
        at_low, unsure_low = self._residuals(low)
        at_high, unsure_high = self._residuals(high)
        order = np.argsort(at_low, kind="stable")
        apart = np.diff(self.x[order]) != 0
        if np.any(
            np.diff(at_low[order])[apart] <= 2.0 * unsure_low
        ):  # the order at the lower end is not certain
            return
        pairs = _inversions(at_high[order], 2.0 * unsure_high)
        if pairs is None:
            return
        i, j = order[pairs[0]], order[pairs[1]]
        keep = (self.x[i] < self.x[j]) & (at_high[j] <= at_high[i] + unsure_high)
        i, j = i[keep], j[keep]
        with np.errstate(over="ignore"):
            self.inside = np.sort((self.y[j] - self.y[i]) / (self.x[j] - self.x[i]))


def _between(sample: FloatArray, place: float) -> float | None:
    """Return a number between two neighbours in a sorted sample, so that it is hardly one of the slopes."""
    first = math.floor(place)
    if not 0 <= first < len(sample) - 1:
        return None
    return float(sample[first] + (place - first) * (sample[first + 1] - sample[first]))


def _ranks(values: FloatArray, shift: float) -> tuple[IntArray, IntArray]:
    """Return the rank of each value, and the least rank of a value that is larger than it even without the shift."""
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = np.arange(len(values))
    return ranks, np.searchsorted(values[order], values + shift, side="right")


def _runs(ranks: IntArray, least: IntArray) -> Iterator[tuple[IntArray, IntArray, IntArray, IntArray]]:
    """Yield places j, and between which bounds of an order those i in the left half of its block are at least as large.

    Blocks double from one item to the next, so that every pair is met once. The last value is that order.
    """
    n, width = len(ranks), 1
    order = np.arange(n)
    while width < n:
        half = np.arange(n) // width
        right = np.flatnonzero(half % 2 == 1)
        keys = half[order] * n + ranks[order]
        start = np.searchsorted(keys, (half[right] - 1) * n + np.minimum(least[right], n - 1))
        stop = half[right] * width
        start = np.where(least[right] >= n, stop, start)
        yield right, start, stop, order
        width *= 2
        # Two sorted halves next to each other are merged in linear time.
        order = order[np.argsort((order // width) * n + ranks[order], kind="stable")]


def _n_inversions(values: FloatArray, unsure: float) -> int:
    """Return in how many pairs the first value is larger than the second, for certain."""
    return sum(int((stop - start).sum()) for _, start, stop, _ in _runs(*_ranks(values, unsure)))


def _inversions(values: FloatArray, unsure: float) -> tuple[IntArray, IntArray] | None:
    """Return the pairs in which the first value may be larger than the second; None where they are too many."""
    firsts, seconds, total = [], [], 0
    for right, start, stop, order in _runs(*_ranks(values, -unsure)):
        counts = stop - start
        n = int(counts.sum())
        total += n
        if total > BLOCK:
            return None
        seconds.append(np.repeat(right, counts))
        firsts.append(order[np.arange(n) + np.repeat(start - (np.cumsum(counts) - counts), counts)])
    return np.concatenate(firsts), np.concatenate(seconds)


def _kth_slope(x: FloatArray, y: FloatArray, rank: int, share: float, sample: FloatArray) -> float:
    """Return the slope of this rank: count those outside a bracket, sort those inside it."""
    centre, width = share * len(sample), 4.0 * math.sqrt(len(sample) * share * (1.0 - share)) + 4.0
    while True:
        first, last = int(centre - width), int(centre + width)
        low = float(sample[first]) if first >= 0 else -math.inf
        high = float(sample[last]) if last < len(sample) else math.inf
        below = up_to_low = up_to_high = 0
        inside = []
        for slopes in _slopes(x, y):
            below += int(np.count_nonzero(slopes < low))
            up_to_low += int(np.count_nonzero(slopes <= low))
            up_to_high += int(np.count_nonzero(slopes <= high))
            inside.append(slopes[(slopes > low) & (slopes < high)])
        middle = np.sort(np.concatenate(inside))
        if up_to_low <= rank < up_to_low + len(middle):
            return float(middle[rank - up_to_low])
        if below <= rank < up_to_high:
            return low if rank < up_to_low else high
        width *= 4.0
