"""Does a slope change? Two lines that meet in a knot, with the knot found by the other seeds.

A hinge is a curve of two straight pieces. The coefficient of ``max(x - knot, 0)`` beside a line is the *change* of
slope at the knot. Where the knot lies is for the data to say, and one who lets every seed help to choose it finds a
change in straight noise (15 to 21 % of the time at a nominal 5 %). So the knot at which a seed is scored is the one
that fits the other seeds best.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigstats.stats.splits import chosen, explained_by_others, fewest_levels, first_best

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

MOST_KNOTS = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class HingeScores:
    """Slopes on both sides of the knot, one of each per seed.

    Attributes
    ----------
    before, after : ndarray, shape (..., n_seeds) or (..., n_seeds, n_knots)
        Slope of the seed's fitted hinge below and above the knot, in units of the metric per unit of `x`; NaN where the
        seed has fewer than two levels on a side.
    change : ndarray, same shape
        `after` - `before`.
    split : ndarray of int, shape (..., n_seeds) or (n_knots,)
        Index of the level at which the knot stands; without meaning where the scores are NaN.
    """

    before: FloatArray
    after: FloatArray
    change: FloatArray
    split: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fits:
    """Every seed's hinge at every knot, and what the choice of the knot needs."""

    scores: HingeScores
    cross: FloatArray
    spread: FloatArray
    possible: BoolArray


def hinge_knots(n_levels: int) -> IntArray:
    """Return the indices of the levels at which a knot may stand.

    Parameters
    ----------
    n_levels : int
        Number of levels.

    Returns
    -------
    ndarray of int
        Levels with at least 3 levels (2 % of many) on each side, the knot itself counted on both; empty below 5 levels.
        Where more than 128 levels qualify, 128 of them, evenly spread.
    """
    each = fewest_levels(n_levels)
    knots = np.arange(each - 1, n_levels - each + 1)
    if knots.size <= MOST_KNOTS:
        return knots
    return knots[np.linspace(0, knots.size - 1, MOST_KNOTS).round().astype(np.intp)]


def hinge_scores(curves: FloatArray, x: FloatArray) -> HingeScores:
    """Fit each seed's hinge at the knot that the other seeds show.

    Parameters
    ----------
    curves : ndarray, shape (..., n_seeds, n_levels)
        Oriented curves, NaN where missing.
    x : ndarray, shape (n_levels,)
        Levels rescaled to [0, 1], ascending.

    Returns
    -------
    HingeScores
        Slopes and their change; NaN everywhere below 5 levels or 2 seeds.

    Notes
    -----
    The knot of a seed is the level at which a continuous hinge leaves the smallest sum of squares in the mean curve of
    the others, whichever way it bends (`sigstats.stats.splits.explained_by_others`). Knot and change stay the same when
    a line is added to a seed, so slopes that vary between seeds do no harm.

    *Assumptions.* Seeds are independent. The scores depend on each other through the knots, so that a t statistic over
    them is held against `sigstats.stats.critical_values.critical_value`, not against Student's t.

    *What would fool it.* Any bend: the change of slope is positive for a smooth convex curve too. Only `before`
    tells a threshold from a curve.

    References
    ----------
    D. J. Hudson, "Fitting segmented curves whose join points have to be estimated", Journal of the American Statistical
    Association 61 (1966), https://doi.org/10.1080/01621459.1966.10482198

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(0, 1, 9)
    >>> scores = hinge_scores(3 * np.maximum(x - 0.5, 0) + np.zeros((3, 1)), x)
    >>> scores.split, scores.change.round(9)
    (array([4, 4, 4]), array([3., 3., 3.]))
    """
    knots = hinge_knots(x.size)
    if knots.size == 0 or curves.shape[-2] < 2:
        return _no_scores(curves.shape[:-1])
    fits = _fits(curves, x, knots)
    criterion = explained_by_others(fits.cross, fits.spread, fits.possible)
    choice = first_best(criterion)
    found = np.isfinite(chosen(criterion, choice))
    before, after, change = (
        np.where(found, chosen(values, choice), np.nan)
        for values in (fits.scores.before, fits.scores.after, fits.scores.change)
    )
    return HingeScores(before=before, after=after, change=change, split=knots[choice])


def hinge_scores_all(curves: FloatArray, x: FloatArray) -> HingeScores:
    """Fit each seed's hinge at every knot, for statements that must hold wherever the knot is.

    Parameters
    ----------
    curves, x : ndarray
        As in `hinge_scores`.

    Returns
    -------
    HingeScores
        Arrays of shape (..., n_seeds, n_knots); `split` holds the knots (`hinge_knots`).
    """
    return _fits(curves, x, hinge_knots(x.size)).scores


def _no_scores(shape: tuple[int, ...]) -> HingeScores:
    nothing = np.full(shape, np.nan)
    return HingeScores(before=nothing, after=nothing, change=nothing, split=np.zeros(shape, dtype=np.intp))


def _fits(curves: FloatArray, x: FloatArray, knots: IntArray) -> _Fits:
    """Fit all hinges: take the line out of the curve and out of the bend, then compare what is left."""
    seen = ~np.isnan(curves)
    count = np.maximum(seen.sum(axis=-1, keepdims=True), 1)
    centred = np.where(seen, x - (seen * x).sum(axis=-1, keepdims=True) / count, 0.0)
    span = (centred**2).sum(axis=-1, keepdims=True)
    span = np.where(span > 0, span, 1.0)
    values = np.where(seen, curves, 0.0)
    values = np.where(seen, values - values.sum(axis=-1, keepdims=True) / count, 0.0)
    slope = (centred * values).sum(axis=-1, keepdims=True) / span
    bend, below, above = _bends(x, knots)
    tilt = centred @ bend.T / span
    cross = (values - slope * centred) @ bend.T
    spread = seen.astype(float) @ (bend**2).T - (seen.astype(float) @ bend.T) ** 2 / count - tilt**2 * span
    up_to = seen.cumsum(axis=-1)[..., knots]
    possible = (up_to >= 2) & (seen.sum(axis=-1, keepdims=True) - up_to + seen[..., knots] >= 2)
    change = np.where(possible, cross / np.where(possible, spread, 1.0), np.nan)
    before, after = slope + change * (below - tilt), slope + change * (above - tilt)
    scores = HingeScores(before=before, after=after, change=change, split=knots)
    return _Fits(scores=scores, cross=cross, spread=spread, possible=possible)


def _bends(x: FloatArray, knots: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the bent form of each knot with its slopes below and above.

    The form is ``max(x - knot, 0)`` or ``max(knot - x, 0)``, whichever is smaller: they differ by a line, and the
    smaller one loses fewer digits when the line is taken out.
    """
    knot = x[knots][:, None]
    low = knot < 0.5
    bend = np.where(low, np.maximum(knot - x, 0.0), np.maximum(x - knot, 0.0))
    return bend, np.where(low, -1.0, 0.0)[:, 0], np.where(low, 0.0, 1.0)[:, 0]
