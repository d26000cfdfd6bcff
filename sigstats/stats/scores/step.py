"""Does a curve jump? Two levels of the metric with a gap between them, the gap found by the other seeds.

A step is a mean before and a mean after. Its *jump* is the difference of the two; a step in the strict sense is flat on
both sides (no *drift*) and makes most of its jump between two neighbouring levels (the *gap*). The gap at which a seed
is scored is the one that fits the other seeds best.
"""

from dataclasses import dataclass

import numpy as np

from sigstats.stats.checks import BoolArray, FloatArray, IndexArray
from sigstats.stats.scores.splits import (
    FEWEST,
    Slope,
    chosen,
    explained_by_others,
    fewest_levels,
    first_best,
    line_slope,
    line_slopes,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScores:
    """Jump, drifts and gap of each seed, in units of the metric."""

    # shape (..., n_seeds): mean after the gap minus mean before it; NaN where the seed was not seen on
    # a side
    jump: FloatArray
    # drift_before, drift_after: change of the seed's line over the whole stretch before (after) the
    # gap; NaN where fewer than two of its levels were seen
    drift_before: FloatArray
    drift_after: FloatArray
    # metric at the first level after the gap minus that at the last level before it; NaN where one is
    # missing
    gap: FloatArray
    # shape (..., n_seeds): index of the last level before the gap; without meaning where the scores are
    # NaN
    split: IndexArray


def step_gaps(n_levels: int) -> IndexArray:
    """Return the indices of the levels after which a step may come."""
    each = fewest_levels(n_levels) if n_levels >= 2 * FEWEST else 2
    return np.arange(each - 1, n_levels - each)


def end_gaps(n_levels: int) -> IndexArray:
    """Return the indices of the levels after which a step may come, too near an end to be sought there."""
    return np.setdiff1d(np.arange(n_levels - 1), step_gaps(n_levels))


def step_scores(curves: FloatArray, x: FloatArray) -> StepScores:
    """Score each seed's step at the gap that the other seeds show.

    Notes
    -----
    The gap of a seed is the one at which two means leave the smallest sum of squares in the mean curve of the others,
    whichever way it jumps.

    *Assumptions.* Seeds are independent. The scores depend on each other through the gaps, so that a t statistic over
    them is held against `sigstats.stats.scores.critical_values.critical_value`, not against Student's t.

    *What would fool it.* Any rise has a jump: only the drifts and the gap tell a step from a slope. Every level but the
    two at the gap counts for the drifts, so few levels leave them uncertain.

    References
    ----------
    D. V. Hinkley, "Inference about the change-point in a sequence of random variables", Biometrika 57 (1970),
    https://doi.org/10.1093/biomet/57.1.1
    """
    gaps = step_gaps(x.size)
    if gaps.size == 0 or curves.shape[-2] < 2:
        nothing = np.full(curves.shape[:-1], np.nan)
        where = np.zeros(nothing.shape, dtype=np.intp)
        return StepScores(jump=nothing, drift_before=nothing, drift_after=nothing, gap=nothing, split=where)
    cross, spread, possible = _fits(curves, gaps)
    criterion = explained_by_others(cross, spread, possible)
    choice = first_best(criterion)
    found = np.isfinite(chosen(criterion, choice))
    curves = np.where(found[..., None], curves, np.nan)
    split = gaps[choice]
    drift_before, drift_after = _drifts(curves, x, split, line_slope)
    return StepScores(
        jump=np.where(found, chosen(_jumps(cross, spread, possible), choice), np.nan),
        drift_before=drift_before,
        drift_after=drift_after,
        gap=chosen(curves, split + 1) - chosen(curves, split),
        split=split,
    )


def step_scores_all(curves: FloatArray, x: FloatArray) -> StepScores:
    """Score each seed's step at every gap, for statements that must hold wherever the step is."""
    return step_scores_at(curves, x, step_gaps(x.size))


def step_scores_at(curves: FloatArray, x: FloatArray, gaps: IndexArray) -> StepScores:
    """Score each seed's step at each of these gaps; a side of one level has no drift that could be seen: NaN."""
    jump = _jumps(*_fits(curves, gaps))
    before, after = _drifts(curves, x, gaps, line_slopes)
    return StepScores(
        jump=jump,
        drift_before=before,
        drift_after=after,
        gap=curves[..., gaps + 1] - curves[..., gaps],
        split=gaps,
    )


def _drifts(
    curves: FloatArray, x: FloatArray, split: IndexArray, slope: Slope
) -> tuple[FloatArray, FloatArray]:
    """Return the change of the line over the stretch before and over that after the gap."""
    before = np.arange(x.size) <= split[..., None]
    return (
        slope(curves, x, before) * (x[split] - x[0]),
        slope(curves, x, ~before) * (x[-1] - x[split + 1]),
    )


def _fits(curves: FloatArray, gaps: IndexArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return product with the step and square of the step, after means are taken out, and who has both sides."""
    seen = ~np.isnan(curves)
    values = np.where(seen, curves, 0.0)
    count = seen.sum(axis=-1, keepdims=True)
    values = np.where(seen, values - values.sum(axis=-1, keepdims=True) / np.maximum(count, 1), 0.0)
    n_before = seen.cumsum(axis=-1)[..., gaps]
    n_after = count - n_before
    spread = n_before * n_after / np.maximum(count, 1)
    return -values.cumsum(axis=-1)[..., gaps], spread, (n_before > 0) & (n_after > 0)


def _jumps(cross: FloatArray, spread: FloatArray, possible: BoolArray) -> FloatArray:
    return np.where(possible, cross / np.where(possible, spread, 1.0), np.nan)
