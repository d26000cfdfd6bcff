"""A broken line: two straight lines that meet, the second one steeper.

The least-squares join is exact: within one gap between levels the gain in fit is a ratio of squares whose only
stationary point has a closed form, so that no search over the knob is needed.
"""

import numpy as np

from sigstats.stats.checks import FloatArray
from sigstats.stats.locations.inversion import scores_of

FEWEST_LEVELS = 4
ALTERNATIVES = 120


def off_the_line(rows: FloatArray, x: FloatArray) -> FloatArray:
    """Return rows without their least-squares lines."""
    centred = x - x.mean()
    slopes = (rows @ centred) / (centred @ centred)
    return np.asarray(rows - rows.mean(axis=1, keepdims=True) - slopes[:, None] * centred)


def hinge(x: FloatArray, at: FloatArray) -> FloatArray:
    """Return hinges ``max(x - at, 0)``, one row for each place."""
    return np.maximum(x - at[:, None], 0.0)


def joins(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return the join of the least-squares broken line whose slope increases there, for each curve.

    References
    ----------
    D. J. Hudson, "Fitting segmented curves whose join points have to be estimated", JASA 61 (1966),
    https://doi.org/10.1080/01621459.1966.10482198
    """
    if x.size < FEWEST_LEVELS:
        return np.full(len(curves), np.nan)
    places, gains = _gains(curves, x)
    best = gains.argmax(axis=1)[:, None]
    place = np.take_along_axis(places, best, axis=1)[:, 0]
    gain = np.take_along_axis(gains, best, axis=1)[:, 0]
    size = np.abs(curves - curves.mean(axis=1, keepdims=True)).max(axis=1)
    found = np.where(place <= x[1], -np.inf, np.where(place >= x[-2], np.inf, place))
    return np.where(gain > 1e-9 * size, found, np.nan)


def _gains(curves: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where the gain in fit can be largest, and its signed root there: three places in each inner gap.

    A hinge at a distance t after level k is g - t d, with g = x - x_k and d = 1 on the levels after k. With P, Q the
    products of g and d with the curve, and G, H, F those of g with g, g with d, and d with d (lines taken off), the
    gain (P - t Q)^2 / (G - 2 t H + t^2 F) is stationary at t = (Q G - P H) / (Q H - P F).
    """
    left, width = x[1:-2], np.diff(x)[1:-1]
    after = (x > left[:, None] + width[:, None] / 2.0).astype(float)
    d, g = off_the_line(after, x), off_the_line(after * (x - left[:, None]), x)
    P, Q = curves @ g.T, curves @ d.T
    G, H, F = (g * g).sum(axis=1), (g * d).sum(axis=1), (d * d).sum(axis=1)
    below = Q * H - P * F
    between = np.clip((Q * G - P * H) / np.where(below == 0, 1.0, below), 0.0, width)
    t = np.stack([np.zeros_like(P), between, np.broadcast_to(width, P.shape)])
    gains = (P - t * Q) / np.sqrt(G - 2.0 * t * H + t**2 * F)
    return np.hstack(list(left + t)), np.hstack(list(gains))


def join_candidates(x: FloatArray, grid: FloatArray) -> FloatArray:
    """Return the candidates with at least two levels on each side."""
    return np.asarray(grid[(grid >= x[1]) & (grid <= x[-2])])


def join_contrasts(x: FloatArray, candidates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the contrasts that test each candidate join.

    Notes
    -----
    Two directions of unit length are added. The first is the score: the derivative of the hinge with respect to its
    place, freed from the broken line itself, with its sign. It is the best direction against a join nearby under
    independent noise. The second is the average over the joins on that side, each freed from the broken line at the
    candidate and scaled to unit length; it keeps its power against joins far away.
    """
    if x.size < FEWEST_LEVELS:
        none = np.full((candidates.size, x.size), np.nan)
        return none, none
    others = _alternatives(x)
    bend, bends = off_the_line(hinge(x, candidates), x), off_the_line(hinge(x, others), x)
    size = (bend**2).sum(axis=1)
    usable = size > 1e-12 * float(np.ptp(x)) ** 2
    share = (bend @ bends.T) / np.where(usable, size, 1.0)[:, None]
    left_over = (bends**2).sum(axis=1) - share**2 * size[:, None]
    scale = np.where(left_over > 1e-9 * (bends**2).sum(axis=1), left_over, np.inf) ** -0.5
    late, early = others > candidates[:, None], others < candidates[:, None]
    after = 0.5 * ((x > candidates[:, None]).astype(float) + (x >= candidates[:, None]))
    score = off_the_line(after, x)
    along = (score * bend).sum(axis=1) / np.where(usable, size, 1.0)
    score = _unit(score - along[:, None] * bend)
    averages = [
        _unit((scale * side) @ bends - (scale * side * share).sum(axis=1)[:, None] * bend)
        for side in (late, early)
    ]
    usable &= np.abs(score).max(axis=1) > 0
    return (
        np.where(usable[:, None], averages[0] - score, np.nan),
        np.where(usable[:, None], averages[1] + score, np.nan),
    )


def join_advantages(rows: FloatArray, x: FloatArray, place: float, candidates: FloatArray) -> FloatArray:
    """Return how much better a broken line at a place describes each seed than one at each candidate."""
    rows = rows[(~np.isnan(rows)).sum(axis=1) >= FEWEST_LEVELS]
    places = np.append(candidates, np.clip(place, x[1], x[-2]))
    if not len(rows):
        return np.empty((0, candidates.size))
    products, _ = scores_of(rows, lambda seen: _bends_twice(x[seen], places))
    size = (off_the_line(hinge(x, places), x) ** 2).sum(axis=1)
    gains = np.maximum(products.mean(axis=0), 0.0) / size * products
    return np.asarray(gains[:, -1:] - gains[:, :-1])


def _bends_twice(x: FloatArray, places: FloatArray) -> tuple[FloatArray, FloatArray]:
    bends = off_the_line(hinge(x, places), x)
    return bends, bends


def _alternatives(x: FloatArray) -> FloatArray:
    """Return the joins that stand for all: inner levels and the middles between them, or evenly many of those."""
    inner = x[1:-1]
    every = np.sort(np.concatenate([inner, (inner[1:] + inner[:-1]) / 2.0]))
    if every.size <= ALTERNATIVES:
        return np.asarray(every)
    return np.asarray(every[np.linspace(0, every.size - 1, ALTERNATIVES).round().astype(int)])


def _unit(rows: FloatArray) -> FloatArray:
    """Return rows of length 1; rows that are rounding noise become 0."""
    length = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return np.where(length > 1e-9, rows / np.where(length > 1e-9, length, 1.0), 0.0)
