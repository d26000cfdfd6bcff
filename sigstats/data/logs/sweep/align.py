"""Bring runs with different steps to common steps: a decision of the user, which is recorded.

"exact" leaves every value at the step at which it was logged. "nearest" takes, for each step of a grid, the nearest
value within half the distance to the next step. "interpolate" is linear between neighbouring values. "bin" takes means
over intervals. None of them extrapolates.
"""

from collections.abc import Sequence

import numpy as np

from sigstats.data.logs.model import FloatArray, Series
from sigstats.data.logs.sweep.reduce import Align
from sigstats.errors import OptionError

MAX_GRID = 100_000


def as_grid(given: object) -> int | FloatArray:
    """Return a checked grid of steps."""
    if isinstance(given, int) and not isinstance(given, bool) and 2 <= given <= MAX_GRID:
        return given
    if isinstance(given, Sequence | np.ndarray) and not isinstance(given, str):
        try:
            grid = np.array(given, dtype=np.float64)
        except (TypeError, ValueError):
            grid = np.empty(0)
        if (
            grid.ndim == 1
            and 2 <= grid.size <= MAX_GRID
            and np.isfinite(grid).all()
            and (np.diff(grid) > 0).all()
        ):
            return grid
    raise OptionError(
        f"`grid` is {given!r}; it must be a number of steps, at least 2, or a list of rising steps, "
        "such as [0, 100, 200]."
    )


def aligned(
    courses: Sequence[Series], align: Align, grid: int | FloatArray
) -> tuple[list[Series], tuple[str, ...]]:
    """Return courses on common steps, and what was done."""
    if not courses:
        return [], ()
    if align == "exact" and all(each.steps.size == 1 for each in courses):
        return list(courses), ()
    same = all(np.array_equal(courses[0].steps, other.steps) for other in courses[1:])
    if align == "exact":
        return list(courses), () if same else (_unequal(courses),)
    return _on_grid(courses, align, grid)


def _on_grid(
    courses: Sequence[Series], align: Align, grid: int | FloatArray
) -> tuple[list[Series], tuple[str, ...]]:
    """Return courses on a grid of steps, and what was done."""
    low, high = min(each.steps[0] for each in courses), max(each.steps[-1] for each in courses)
    if low == high and isinstance(grid, int):
        return list(courses), (f"every value was logged at step {low:g}.",)
    if align == "bin":
        edges = np.linspace(low, high, grid + 1) if isinstance(grid, int) else grid
        note = f"steps were put into {edges.size - 1} intervals from {edges[0]:g} to {edges[-1]:g}, one mean in each"
        return [_binned(each, edges) for each in courses], (
            f"{note}; the knob is the middle of an interval.",
        )
    points = np.linspace(low, high, grid) if isinstance(grid, int) else grid
    where = f"{points.size} steps from {points[0]:g} to {points[-1]:g}"
    if align == "interpolate":
        return [_interpolated(each, points) for each in courses], (
            f"values at {where} were interpolated linearly between neighbouring logged values.",
        )
    found = [_nearest(each, points) for each in courses]
    shift = max((distance for _, distance in found), default=0.0)
    note = f"values at {where} are the nearest logged ones, at most {shift:g} steps away."
    return [each for each, _ in found], (note,)


def _unequal(courses: Sequence[Series]) -> str:
    """Return a note on steps that differ; it is an error if no two runs share a step."""
    steps, counts = np.unique(np.concatenate([each.steps for each in courses]), return_counts=True)
    if counts.max() == 1 and len(courses) > 1:
        raise OptionError(
            f"`align` is 'exact', but no two of the {len(courses)} runs share a step. Use align='nearest', "
            "'interpolate' or 'bin' with `grid`, the number of steps to compare at."
        )
    shared = int(np.count_nonzero(counts == len(courses)))
    return (
        f"runs differ in their steps: {shared} of {steps.size} steps were logged by all {len(courses)} runs; "
        "align='exact' keeps them all and fills in nothing."
    )


def _binned(series: Series, edges: FloatArray) -> Series:
    place = np.searchsorted(edges, series.steps, side="right") - 1
    place[series.steps == edges[-1]] = edges.size - 2
    inside = (place >= 0) & (place < edges.size - 1)
    place, values = place[inside], series.values[inside]
    counts = np.bincount(place, minlength=edges.size - 1)
    sums = np.bincount(place, weights=values, minlength=edges.size - 1)
    filled = counts > 0
    middles = edges[:-1] + np.diff(edges) / 2
    return Series(steps=middles[filled], values=sums[filled] / counts[filled])


def _interpolated(series: Series, points: FloatArray) -> Series:
    inside = points[(points >= series.steps[0]) & (points <= series.steps[-1])]
    return Series(steps=inside, values=np.interp(inside, series.steps, series.values))


def _nearest(series: Series, points: FloatArray) -> tuple[Series, float]:
    """Return the nearest values, and the largest distance among them."""
    after = np.clip(np.searchsorted(series.steps, points), 1, max(series.steps.size - 1, 1))
    after = np.minimum(after, series.steps.size - 1)
    before = np.maximum(after - 1, 0)
    use_before = np.abs(series.steps[before] - points) <= np.abs(series.steps[after] - points)
    place = np.where(use_before, before, after)
    distance = np.abs(series.steps[place] - points)
    gaps = np.diff(points)
    reach = np.minimum(np.append(gaps, gaps[-1]), np.insert(gaps, 0, gaps[0])) / 2
    close = distance <= reach
    found = Series(steps=points[close], values=series.values[place[close]])
    return found, float(distance[close].max()) if close.any() else 0.0
