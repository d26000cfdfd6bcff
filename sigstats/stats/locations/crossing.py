"""Where the mean curve first reaches a value, with an interval over seeds."""

import numpy as np
import numpy.typing as npt

from sigstats.stats import checks
from sigstats.stats.checks import BoolArray, FloatArray
from sigstats.stats.locations.inversion import BACKING, bounds_from, evidence, fine_grid, scores_of
from sigstats.stats.locations.location import Location, assembled, average, checked, spread_of

FAR = 1e9  # how many times a value may be larger than the curves before it makes no difference
METHOD = "linear interpolation of the mean curve; inverted t tests over seeds"


def crossing(curves: npt.ArrayLike, x: npt.ArrayLike, *, value: float, confidence: float) -> Location:
    """Return where the mean curve first crosses a value upwards, with an interval over seeds.

    Notes
    -----
    A place belongs to the interval unless the mean over seeds of their interpolated values is shown, there or nearer
    to the estimate, to be on the wrong side of the value. This is Fieller's construction: where the curve is too flat
    to tell, the interval is open.

    *Assumptions.* Seeds are independent, and their values at each level roughly normal; between levels the mean curve
    is close to a straight line. A cell that is missing is missing whatever its value would have been.

    *What would fool it.* Values at a floor or a ceiling in most seeds are far from normal: three seeds that all fail
    say little about a mean. A curve that reaches the value, falls back and reaches it again: the first
    crossing is meant.

    References
    ----------
    E. C. Fieller, "Some problems in interval estimation", Journal of the Royal Statistical Society B 16 (1954),
    https://doi.org/10.1111/j.2517-6161.1954.tb00159.x
    """
    goal = checks.number("value", value)
    level = checks.fraction("confidence", confidence)
    rows, levels = checked(curves, x)
    # A value far beyond the curves is as far as any other: squares of the distance stay numbers.
    farthest = FAR * (float(np.nanmax(np.abs(rows), initial=0.0)) or 1.0)
    rows = rows - min(max(goal, -farthest), farthest)
    place = float(reaches(average(rows)[None, :], levels)[0])
    candidates = fine_grid(levels)
    later, earlier = scores_of(rows, lambda seen: interpolations(levels, seen, candidates))
    # Only the first crossing is asked for: what the curve does after it does not matter for the upper end.
    bounds = bounds_from(
        place,
        levels,
        later=(candidates, evidence(later, level)),
        earlier=(candidates, evidence(earlier, level)),
        backing=(BACKING, -float("inf")),
    )
    return assembled(
        "crossing",
        place,
        bounds,
        x=levels,
        confidence=level,
        spread=spread_of(rows, levels, reaches),
        n_seeds=rows.shape[0],
        method=METHOD,
        whole_gap=True,
    )


def reaches(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return where each curve first rises to 0, by linear interpolation."""
    if x.size < 2:
        return np.full(len(curves), np.nan)
    there = curves >= 0
    after = np.clip(there.argmax(axis=1), 1, None)
    rows = np.arange(len(curves))
    low, high = curves[rows, after - 1], curves[rows, after]
    share = low / np.where(high > low, low - high, -1.0)
    place = x[after - 1] + share * (x[after] - x[after - 1])
    return np.where(there[:, 0], -np.inf, np.where(there.any(axis=1), place, np.inf))


def interpolations(x: FloatArray, seen: BoolArray, candidates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return weights of minus and plus the interpolated value; NaN beside a level that was not seen."""
    before = np.clip(np.searchsorted(x, candidates, side="right") - 1, 0, x.size - 2)
    share = (candidates - x[before]) / (x[before + 1] - x[before])
    weights = np.zeros((candidates.size, x.size))
    rows = np.arange(candidates.size)
    weights[rows, before], weights[rows, before + 1] = 1.0 - share, share
    lost = (weights[:, ~seen] != 0).any(axis=1)
    found = np.where(lost[:, None], np.nan, weights[:, seen])
    return -found, found
