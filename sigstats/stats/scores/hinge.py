"""Does a slope change? Two straight pieces that meet in a knot, with the knot found by the other seeds.

A hinge is a curve of two straight pieces. The coefficient of ``max(x - knot, 0)`` beside a line is the *change* of
slope at the knot. Where the knot lies is for the data to say, and one who tests a change where the same data bend most
finds one in straight noise too often. So the knot at which a seed is scored is the one that fits the other seeds best.

The knot may stand at a level or between two. The slopes *before* and *after* are those of two lines of their own, one
through the levels up to the knot and one through those from it on. A continuous fit would give both with less noise if
the knot were known; but it is not, and its error tilts the two slopes of every seed alike, which no variation between
seeds reveals. A line through levels on one side is free of that error.
"""

from dataclasses import dataclass

import numpy as np

from sigstats.stats.checks import BoolArray, FloatArray, IndexArray
from sigstats.stats.scores.polynomials import curvature
from sigstats.stats.scores.splits import (
    chosen,
    explained_by_others,
    fewest_levels,
    first_best,
    line_slope,
    line_slopes,
)

STEPS_PER_GAP = 4
MOST_KNOTS = 129
ROUNDING = 1e-9
STRAIGHT = 4  # fewest levels of which a bend can be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class HingeScores:
    """Slopes on both sides of the knot and their change, per unit of `x`."""

    # before, after: shape (..., n_seeds): slope of the seed's line over the levels up to the knot, and
    # from the knot on; NaN where it was seen at fewer than two of them
    before: FloatArray
    after: FloatArray
    # change of slope in the seed's continuous hinge; the same when a line is added to the seed. It
    # estimates `after` - `before`, with less noise
    change: FloatArray
    knot: FloatArray  # shape (..., n_seeds): where the knot stands, in units of `x`
    # index of the last level that is not above the knot. Without meaning, like `knot`, where the scores
    # are NaN
    split: IndexArray


def hinge_knots(x: FloatArray) -> FloatArray:
    """Return where a knot may stand."""
    return np.interp(_places(x.size), np.arange(x.size), x)


def _places(n_levels: int) -> FloatArray:
    """Return the knots as places among the levels: 2.25 is a quarter of the way from level 2 to level 3."""
    each = fewest_levels(n_levels)
    first, last = each - 1, n_levels - each
    if last < first:
        return np.zeros(0)
    return np.linspace(first, last, min(STEPS_PER_GAP * (last - first) + 1, MOST_KNOTS))


def hinge_scores(curves: FloatArray, x: FloatArray) -> HingeScores:
    """Score each seed's hinge at the knot that the other seeds show.

    Notes
    -----
    The knot of a seed is the one at which a continuous hinge leaves the smallest sum of squares in the mean curve of
    the others, whichever way it bends (`splits.explained_by_others`). Knot and change stay the same when
    a line is added to a seed, so slopes that vary between seeds do no harm.

    *Assumptions.* Seeds are independent. The scores depend on each other through the knots, so that a t statistic over
    them is held against `sigstats.stats.scores.critical_values.critical_value`, not against Student's t.

    *What would fool it.* Any bend: the change of slope is positive for a smooth convex curve too, and one that starts
    flat, such as the cube of the knob, has a slope before that is small beside the slope after.

    References
    ----------
    P. I. Feder, "On asymptotic distribution theory in segmented regression problems", Annals of Statistics 3 (1975),
    https://doi.org/10.1214/aos/1176342999
    """
    places = _places(x.size)
    if places.size == 0 or curves.shape[-2] < 2:
        return _no_scores(curves.shape[:-1])
    cross, spread, possible = hinge_fits(curves, x, places)
    criterion = explained_by_others(cross, spread, possible)
    choice = first_best(criterion)
    usable = np.isfinite(chosen(criterion, choice)) & chosen(possible, choice)
    place = places[choice]
    before, after = (
        np.where(usable, line_slope(curves, x, side), np.nan) for side in _sides(x.size, place[..., None])
    )
    return HingeScores(
        before=before,
        after=after,
        change=chosen(cross, choice) / np.where(usable, chosen(spread, choice), np.nan),
        knot=hinge_knots(x)[choice],
        split=_last_up_to(place),
    )


def hinge_scores_all(curves: FloatArray, x: FloatArray) -> HingeScores:
    """Score each seed's hinge at every knot, for statements that must hold wherever the knot is."""
    places = _places(x.size)
    cross, spread, possible = hinge_fits(curves, x, places)
    before, after = (line_slopes(curves, x, side) for side in _sides(x.size, places[:, None]))
    return HingeScores(
        before=np.where(possible, before, np.nan),
        after=np.where(possible, after, np.nan),
        change=cross / np.where(possible, spread, np.nan),
        knot=hinge_knots(x),
        split=_last_up_to(places),
    )


def hinge_scores_at(curves: FloatArray, x: FloatArray, knot: float) -> HingeScores:
    """Score each seed's hinge at a knot that was named before the data; Student's t holds for these scores."""
    place = np.asarray(np.interp(knot, x, np.arange(x.size)))
    cross, spread, possible = hinge_fits(curves, x, np.array([place]))
    before, after = (
        np.where(possible[..., 0], line_slope(curves, x, side), np.nan) for side in _sides(x.size, place)
    )
    return HingeScores(
        before=before,
        after=after,
        change=(cross / np.where(possible, spread, np.nan))[..., 0],
        knot=np.full(before.shape, knot),
        split=np.full(before.shape, _last_up_to(place)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndHinges:
    """What each seed would show of a knot that lies too near an end to be sought there; (..., n_seeds, n_knots)."""

    before: FloatArray  # slope of the short or long side up to the knot; 0 where that is one level
    after: FloatArray  # slope from the knot on
    # minus the sag of the longer side, which is straight where the knot stands near an end: negative where
    # that side bends as a hinge does, further inside
    straight: FloatArray
    knot: FloatArray  # shape (n_knots,): where each knot stands, in units of `x`
    n_start: int  # how many knots stand near the start; the others stand near the end


def end_hinges(curves: FloatArray, x: FloatArray) -> EndHinges:
    """Score each seed at the knots that leave fewer levels on a side than a knot must that is sought.

    Notes
    -----
    Knots stand at levels and between them: the first is in the first gap, where a side of one level counts as flat;
    the last is at the last level but one, since a single level has no slope.
    """
    each = fewest_levels(x.size)
    low = np.arange(0.5, min(each - 1, x.size - 2), 0.5)
    high = np.arange(max(x.size - each, low[-1] if low.size else 0.0) + 0.5, x.size - 1.5, 0.5)
    places = np.concatenate([low, high])
    sides = _sides(x.size, places[:, None])
    before, after = (line_slopes(curves, x, side) for side in sides)
    before[..., sides[0].sum(axis=1) <= 1] = 0.0
    straight = np.full(before.shape, np.nan)
    for number, (up_to, from_on) in enumerate(zip(*sides, strict=True)):
        longer = up_to if up_to.sum() > from_on.sum() else from_on
        if longer.sum() >= STRAIGHT:
            straight[..., number] = -curvature(curves[..., longer], x[longer])
    knot = np.interp(places, np.arange(x.size), x)
    return EndHinges(before=before, after=after, straight=straight, knot=knot, n_start=low.size)


def _no_scores(shape: tuple[int, ...]) -> HingeScores:
    nothing = np.full(shape, np.nan)
    where = np.zeros(shape, dtype=np.intp)
    return HingeScores(before=nothing, after=nothing, change=nothing, knot=nothing, split=where)


def _sides(n_levels: int, place: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Return which levels lie up to a place and from it on; a level at the place belongs to both."""
    index = np.arange(n_levels)
    return index <= place + ROUNDING, index >= place - ROUNDING


def _last_up_to(place: FloatArray) -> IndexArray:
    return np.asarray(np.floor(place + ROUNDING)).astype(np.intp)


def hinge_fits(
    curves: FloatArray, x: FloatArray, places: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Take the line out of curve and bend; return product, square of the bend, and who has both sides of the knot."""
    seen = ~np.isnan(curves)
    count = np.maximum(seen.sum(axis=-1, keepdims=True), 1)
    centred = np.where(seen, x - (seen * x).sum(axis=-1, keepdims=True) / count, 0.0)
    span = (centred**2).sum(axis=-1, keepdims=True)
    span = np.where(span > 0, span, 1.0)
    values = np.where(seen, curves, 0.0)
    values = np.where(seen, values - values.sum(axis=-1, keepdims=True) / count, 0.0)
    slope = (centred * values).sum(axis=-1, keepdims=True) / span
    bend = _bends(x, np.interp(places, np.arange(x.size), x))
    weight = seen.astype(float)
    cross = (values - slope * centred) @ bend.T
    spread = weight @ (bend**2).T - (weight @ bend.T) ** 2 / count - (centred @ bend.T) ** 2 / span
    below, above = _sides(x.size, places[:, None])
    possible = (weight @ below.T >= 2) & (weight @ above.T >= 2)
    return cross, spread, possible


def _bends(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the bent form of each knot, shape (n_knots, n_levels).

    The form is ``max(x - knot, 0)`` or ``max(knot - x, 0)``, whichever is smaller: they differ by a line, and the
    smaller one loses fewer digits when the line is taken out.
    """
    knot = knots[:, None]
    return np.where(knot < 0.5, np.maximum(knot - x, 0.0), np.maximum(x - knot, 0.0))
