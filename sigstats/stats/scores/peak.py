"""Does a curve rise and then fall? Two lines with a turn between them, the turn found by the other seeds.

A parabola with its top inside the range fits many curves that never turn, such as one that saturates. So a peak is
claimed from two lines: one that rises up to the turn, one that falls after it. The turn of a seed is the level at which
two lines that meet fit the others best. The highest point of their smoothed mean would not do: where one arm is much
steeper than the other, smoothing moves it to the flat side, and the steep arm is taken for less than it is.
"""

from dataclasses import dataclass

import numpy as np

from sigstats.stats.checks import FloatArray, IndexArray
from sigstats.stats.scores.hinge import hinge_fits
from sigstats.stats.scores.splits import (
    Slope,
    fewest_levels,
    first_best,
    line_slope,
    line_slopes,
    sum_of_others,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakScores:
    """Rise and fall of each seed, in units of the metric."""

    # shape (..., n_seeds): change of the seed's line from the first level to the turn; NaN where fewer
    # than two of these were seen
    rise: FloatArray
    fall: FloatArray  # minus the change of the seed's line from the turn to the last level; positive when it falls
    # shape (..., n_seeds): index of the turn, a level that belongs to both lines; without meaning where
    # the scores are NaN
    split: IndexArray


def peak_turns(n_levels: int) -> IndexArray:
    """Return the indices of the levels at which a turn may stand."""
    each = fewest_levels(n_levels)
    return np.arange(each - 1, n_levels - each + 1)


def end_turns(n_levels: int) -> IndexArray:
    """Return the indices of the inner levels that lie too near an end for a turn to be sought there."""
    return np.setdiff1d(np.arange(1, n_levels - 1), peak_turns(n_levels))


def peak_scores(curves: FloatArray, x: FloatArray) -> PeakScores:
    """Score each seed's rise and fall at the turn that the other seeds show.

    Notes
    -----
    The turn is the level at which a bend downwards explains most of the others' sum of squares, among the levels that
    leave three on each side. A curve that is highest at an end gets a turn at its sharpest bend; one of its lines then
    does not have the sign that a peak needs.

    *Assumptions.* Seeds are independent. The scores depend on each other through the turns, so that a t statistic over
    them is held against `sigstats.stats.scores.critical_values.critical_value`, not against Student's t.

    *What would fool it.* A peak within two levels of an end has too short an arm to be shown.

    References
    ----------
    U. Simonsohn, "Two lines: a valid alternative to the invalid testing of U-shaped relationships with quadratic
    regressions", Advances in Methods and Practices in Psychological Science 1 (2018),
    https://doi.org/10.1177/2515245918805755
    """
    turns = peak_turns(x.size)
    if turns.size == 0 or curves.shape[-2] < 2:
        nothing = np.full(curves.shape[:-1], np.nan)
        return PeakScores(rise=nothing, fall=nothing, split=np.zeros(nothing.shape, dtype=np.intp))
    cross, spread, possible = hinge_fits(curves, x, turns.astype(float))
    others = (sum_of_others(np.where(possible, part, 0.0)) for part in (cross, spread))
    split = turns[first_best(_bend(*others))]
    rise, fall = _arms(curves, x, split, line_slope)
    return PeakScores(rise=rise, fall=fall, split=split)


def _bend(cross: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the root of the sum of squares that a bend explains, positive where it is downwards."""
    return np.where(spread > 0, -cross / np.sqrt(np.where(spread > 0, spread, 1.0)), -np.inf)


def peak_scores_all(curves: FloatArray, x: FloatArray) -> PeakScores:
    """Score each seed's rise and fall at every turn, for statements that must hold wherever the turn is."""
    return peak_scores_at(curves, x, peak_turns(x.size))


def peak_scores_at(curves: FloatArray, x: FloatArray, turns: IndexArray) -> PeakScores:
    """Score each seed's rise and fall at each of these turns."""
    rise, fall = _arms(curves, x, turns, line_slopes)
    return PeakScores(rise=rise, fall=fall, split=turns)


def _arms(
    curves: FloatArray, x: FloatArray, split: IndexArray, slope: Slope
) -> tuple[FloatArray, FloatArray]:
    """Return the change of the line up to the turn, and minus that from the turn on."""
    index = np.arange(x.size)
    rise = slope(curves, x, index <= split[..., None]) * (x[split] - x[0])
    return rise, -slope(curves, x, index >= split[..., None]) * (x[-1] - x[split])
