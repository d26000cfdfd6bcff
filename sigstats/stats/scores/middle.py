"""Is a curve steepest in the middle of its rise? Low, steep, high: the three stretches found by the other seeds.

A phase change is flat, then steep, then flat. Its *middle* runs from where the curve has left its low end to where it
has nearly reached its high end: the levels at which the other seeds, made monotone, are 15 to 85 % of the way up. A
staircase with a landing in between has its middle on the landing, and is not steep there; a stretch that held the
steepest levels alone would miss that. What each seed scores is by how much more it rises over the middle than it would
at the slope of one of its ends.
"""

import math
from dataclasses import dataclass

import numpy as np

from sigstats.stats.blocks import mean_where
from sigstats.stats.checks import FloatArray, IndexArray
from sigstats.stats.curves.monotone import rising_fits
from sigstats.stats.scores.reversal import mean_curve
from sigstats.stats.scores.splits import FOLDS, SHARE, Slope, line_slope, line_slopes, sum_of_others

LOW = 0.15  # share of the rise below which a level belongs to the low end; above 1 - LOW, to the high end
FEWEST_AT_END = 2
MOST_PLACES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class MiddleScores:
    """What each seed shows of a middle that is steeper than the ends, in units of the metric."""

    # over_start, over_end: shape (..., n_seeds): rise over the middle minus what it would be at the slope of the low
    # (high) end; NaN where fewer than two levels of a stretch were seen
    over_start: FloatArray
    over_end: FloatArray
    # along_start, along_end: rise of the line over the low (high) end; negative where that end falls
    along_start: FloatArray
    along_end: FloatArray
    first: IndexArray  # index of the last level of the low end
    last: IndexArray  # index of the first level of the high end


def n_at_end(n_levels: int) -> int:
    """Return how many levels stand for the low end, and for the high one, in the size of the rise: a sixth."""
    return max(FEWEST_AT_END, n_levels // 6)


def rise_of(curves: FloatArray) -> FloatArray:
    """Return the mean of the last levels minus the mean of the first ones; NaN for a seed that lacks either."""
    n = n_at_end(curves.shape[-1])
    seen = ~np.isnan(curves)
    ends = (slice(-n, None), slice(n))
    last, first = (mean_where(curves[..., end], seen[..., end]) for end in ends)
    return np.asarray(last - first)


def _fewest(n_levels: int) -> int:
    """Return how many levels each end needs."""
    return max(FEWEST_AT_END, math.ceil(SHARE * n_levels))


def means_of_others(curves: FloatArray) -> FloatArray:
    """Return for each seed the mean curve of the others; beyond 20 seeds, of the other folds."""
    folds = np.arange(curves.shape[-2]) % FOLDS
    if not np.isnan(curves).any():
        others = curves.shape[-2] - np.bincount(folds)[folds]
        return np.asarray(sum_of_others(curves) / others[:, None])
    means = [_filled(curves[..., folds != fold, :]) for fold in range(folds.max() + 1)]
    return np.stack(means, axis=-2)[..., folds, :]


def _filled(curves: FloatArray) -> FloatArray:
    """Return the mean curve; levels that nobody saw lie on the line between their neighbours."""
    level = mean_curve(curves)
    seen = (~np.isnan(curves)).any(axis=-2)
    index = np.arange(level.shape[-1])
    rows, known = level.reshape(-1, index.size), seen.reshape(-1, index.size)
    filled = [np.interp(index, index[k], row[k]) for row, k in zip(rows, known, strict=True)]
    return np.array(filled).reshape(level.shape)


def middle_scores(curves: FloatArray, x: FloatArray) -> MiddleScores:
    """Score each seed at the middle that the other seeds show.

    Notes
    -----
    The mean of the others is made monotone. Its low end is the mean of the first sixth of the levels (two at least),
    its high end that of the last. Levels up to 15 % of the way belong to the low end, those beyond 85 % to the high
    end, and each end has at least two; the middle is what lies between, with the neighbours where that is one level or
    none.

    *Assumptions.* Seeds are independent. The scores depend on each other through the middles, so that t statistics over
    them are held against `sigstats.stats.scores.critical_values.critical_value`, not against Student's t.

    *What would fool it.* A landing closer than 15 % to an end counts as part of that end, and one of a single level
    is none.

    References
    ----------
    T. Robertson, F. T. Wright and R. L. Dykstra, *Order Restricted Statistical Inference*, 1988 (monotone means).

    R. L. Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24 (1982),
    https://doi.org/10.1080/00401706.1982.10487790 (both ends must be less steep, each at the full level)
    """
    n, each = x.size, _fewest(x.size)
    if n < 2 * each + 1 or curves.shape[-2] < 2:
        nothing = np.full(curves.shape[:-1], np.nan)
        where = np.zeros(nothing.shape, dtype=np.intp)
        return MiddleScores(
            over_start=nothing,
            over_end=nothing,
            along_start=nothing,
            along_end=nothing,
            first=where,
            last=where,
        )
    fitted = rising_fits(means_of_others(curves))
    size = n_at_end(n)
    low, high = fitted[..., :size].mean(axis=-1), fitted[..., -size:].mean(axis=-1)
    way = (fitted - low[..., None]) / np.where(high > low, high - low, np.inf)[..., None]
    first = np.clip((way < LOW).sum(axis=-1) - 1, each - 1, n - each - 1)
    last = np.clip(n - (way > 1.0 - LOW).sum(axis=-1), first + 1, n - each)
    return _scored(curves, x, first, last, line_slope)


def middle_places(n_levels: int) -> tuple[IndexArray, IndexArray]:
    """Return the last level of the low end and the first of the high end, for every middle that may be found."""
    each = _fewest(n_levels)
    return _pairs(np.arange(each - 1, n_levels - each + 1))


def end_places(n_levels: int) -> tuple[IndexArray, IndexArray, int]:
    """Return the same for middles too near an end to be sought, and how many of these lie near the start."""
    each = _fewest(n_levels)
    if n_levels < 2 * each + 1:
        nothing = np.zeros(0, dtype=np.intp)
        return nothing, nothing, 0
    inner = np.arange(each - 1, n_levels - each + 1)
    first, last = _pairs(np.concatenate([np.arange(each - 1), inner]))
    start = first < each - 1
    late_first, late_last = _pairs(np.concatenate([inner, np.arange(n_levels - each + 1, n_levels)]))
    end = late_last > n_levels - each
    return (
        np.concatenate([first[start], late_first[end]]),
        np.concatenate([last[start], late_last[end]]),
        int(start.sum()),
    )


def _pairs(index: IndexArray) -> tuple[IndexArray, IndexArray]:
    """Return all pairs of ascending places; of many places, evenly spread ones."""
    if index.size > MOST_PLACES:
        index = index[np.linspace(0, index.size - 1, MOST_PLACES).round().astype(int)]
    one, other = np.triu_indices(index.size, 1)
    return index[one], index[other]


def middle_scores_at(curves: FloatArray, x: FloatArray, first: IndexArray, last: IndexArray) -> MiddleScores:
    """Score each seed at each of these middles, along a new last axis; an end of one level has no slope: NaN."""
    return _scored(curves, x, first, last, line_slopes)


def _scored(
    curves: FloatArray, x: FloatArray, first: IndexArray, last: IndexArray, slope: Slope
) -> MiddleScores:
    index = np.arange(x.size)
    one, other = first[..., None], last[..., None]
    # With fewer than two levels between the ends, those beside them stand for the middle as well.
    narrow = last - first < 3
    low, high = np.where(narrow, first, first + 1), np.where(narrow, last, last - 1)
    steep = slope(curves, x, (index >= low[..., None]) & (index <= high[..., None]))
    start, end = slope(curves, x, index <= one), slope(curves, x, index >= other)
    width = x[high] - x[low]
    return MiddleScores(
        over_start=(steep - start) * width,
        over_end=(steep - end) * width,
        along_start=start * (x[first] - x[0]),
        along_end=end * (x[-1] - x[last]),
        first=first,
        last=last,
    )
