"""Intervals for a place by inverting tests: the candidates, the scores of the seeds, and the walk outwards.

Every candidate place is put to two tests, "the location lies later" and "the location lies earlier". Each test is a
contrast of the levels whose mean is not positive if the candidate is the location. Each seed gives one score, and the
scores are held against zero by Student's t with one degree of freedom less than there are seeds. Nothing is assumed
about how the noise of one seed hangs together along the levels, because only the spread between seeds enters.

The interval runs from the estimate outwards to the first candidate that is rejected on either side, provided that
no candidate further out speaks for the other side (`BACKING`). Where no candidate is rejected the interval is open at
that end.
"""

from collections.abc import Callable

import numpy as np
from scipy import special

from sigstats.stats.checks import BoolArray, FloatArray

FEWEST_SEEDS = 3
# Evidence, as a share of the critical value, that candidates further out must have for a rejection to count. Walking
# to the first rejection alone covers .83 to .86 of the hinges that rise by 4 noise sd over 8 levels, at 3 and 5 seeds
# and a nominal .90; demanding rejection of all candidates further out covers up to .99, with intervals a quarter to a
# half wider.
BACKING = 0.25


def fine_grid(x: FloatArray) -> FloatArray:
    """Return candidates from the first level to the last: the levels, and places between fewer than 200 of them."""
    steps = int(np.clip(400 // x.size, 1, 16))
    inner = x[:-1, None] + np.diff(x)[:, None] * np.arange(steps) / steps
    return np.append(inner.ravel(), x[-1])


def scores_of(
    curves: FloatArray, weigh: Callable[[BoolArray], tuple[FloatArray, FloatArray]]
) -> tuple[FloatArray, FloatArray]:
    """Return each seed's scores for "later" and for "earlier" at every candidate."""
    seen = ~np.isnan(curves)
    if seen.all():
        return _scores(curves, weigh(seen[0]))
    patterns, member = np.unique(seen, axis=0, return_inverse=True)
    parts = [
        _scores(curves[np.ix_(np.ravel(member) == number, pattern)], weigh(pattern))
        for number, pattern in enumerate(patterns)
    ]
    back = np.argsort(np.argsort(np.ravel(member), kind="stable"), kind="stable")
    return np.vstack([part[0] for part in parts])[back], np.vstack([part[1] for part in parts])[back]


def _scores(rows: FloatArray, weights: tuple[FloatArray, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return the scores of curves without gaps for both sides."""
    size = np.abs(rows).max(axis=1, keepdims=True)
    later, earlier = (
        np.where(np.abs(found) <= 1e-12 * size * np.abs(side).sum(axis=1), 0.0, found)
        for side in weights
        for found in (rows @ side.T,)
    )
    return later, earlier


def evidence(scores: FloatArray, confidence: float) -> FloatArray:
    """Return t over its critical value at each candidate: above 1 the candidate is rejected."""
    seen = ~np.isnan(scores)
    count = seen.sum(axis=0)
    safe = np.maximum(count, 1)
    mean = np.where(seen, scores, 0.0).sum(axis=0) / safe
    squares = np.where(seen, scores - mean, 0.0) ** 2
    sd = np.sqrt(squares.sum(axis=0) / np.maximum(count - 1, 1))
    size = np.abs(np.where(seen, scores, 0.0)).max(axis=0, initial=0.0)
    known = (count >= FEWEST_SEEDS) & (sd > 1e-10 * size)
    critical = special.stdtrit(np.arange(1, max(len(scores), 2)), (1.0 + confidence) / 2.0)[
        np.maximum(count, 2) - 2
    ]
    return np.where(known, mean / (np.where(known, sd, 1.0) / np.sqrt(safe)) / critical, np.nan)


def bounds_from(
    place: float,
    x: FloatArray,
    *,
    later: tuple[FloatArray, FloatArray],
    earlier: tuple[FloatArray, FloatArray],
    backing: tuple[float, float],
) -> tuple[float, float]:
    """Return the first rejected candidates from a place downwards and upwards."""
    if np.isnan(place):
        return -float("inf"), float("inf")
    start = float(np.clip(place, x[0], x[-1]))
    low = -_first_rejected(-later[0][::-1], later[1][::-1], -start, backing[0])
    high = _first_rejected(earlier[0], earlier[1], start, backing[1])
    return (low if place > x[0] else -float("inf")), (high if place < x[-1] else float("inf"))


def _first_rejected(places: FloatArray, ratio: FloatArray, start: float, backing: float) -> float:
    """Return the first candidate from `start` upwards whose ratio exceeds 1 and all later ones the backing."""
    known = np.isfinite(ratio) & (places >= start)
    places, ratio = places[known], ratio[known]
    rejected = (ratio > 1.0) & (np.minimum.accumulate(ratio[::-1])[::-1] > backing)
    return float(places[rejected.argmax()]) if rejected.any() else float("inf")
