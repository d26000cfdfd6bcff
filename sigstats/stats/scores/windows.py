"""How steep is a curve early on, and how steep late? Slopes over fixed windows at the two ends.

A curve that saturates rises over the first third of the knob's range and hardly over the last. The windows are fixed
beforehand, so that nothing needs to be cross-fitted and Student's t holds.
"""

import math
from dataclasses import dataclass

import numpy as np

from sigstats.stats.checks import BoolArray, FloatArray
from sigstats.stats.scores.splits import FEWEST, SHARE, line_slope


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSlopes:
    """Slopes of each seed at both ends, in units of the metric per unit of `x`."""

    # early, late: shape (..., n_seeds): slope of the seed's line over the first (last) window; NaN
    # where fewer than two of its levels were seen
    early: FloatArray
    late: FloatArray


def end_windows(x: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Return which levels belong to the window at the start and to that at the end."""
    index = np.arange(x.size)
    if x.size < 2 * FEWEST:
        return np.zeros(x.size, dtype=bool), np.zeros(x.size, dtype=bool)
    least_early, least_late = index < FEWEST, index >= x.size - FEWEST
    early = (x <= 1.0 / 3.0 + 1e-9) | least_early
    late = (x >= 2.0 / 3.0 - 1e-9) | least_late
    return early & ~least_late, late & ~least_early


def early_width(x: FloatArray) -> float:
    """Return how much of the range the window at the start spans; NaN where there is none."""
    early, _ = end_windows(x)
    return float(np.ptp(x[early])) if early.any() else float("nan")


def window_slopes(curves: FloatArray, x: FloatArray) -> WindowSlopes:
    """Return each seed's slope over the first and over the last third of the range.

    Notes
    -----
    *Assumptions.* Seeds are independent; t over seeds holds.

    *What would fool it.* With levels crowded at one end, a window that must hold three levels reaches far into the
    range (`end_windows` says which it holds).
    """
    early, late = end_windows(x)
    return WindowSlopes(early=line_slope(curves, x, early), late=line_slope(curves, x, late))


def late_change(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return how far each seed's line over the last third of the range goes from its first level to its last."""
    _, late = end_windows(x)
    return line_slope(curves, x, late) * (np.ptp(x[late]) if late.any() else np.nan)


def late_slopes(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return each seed's slope over shorter windows at the end, down to two levels (or a fiftieth of many)."""
    _, late = end_windows(x)
    sizes = range(max(2, math.ceil(SHARE * x.size)), int(late.sum()))
    index = np.arange(x.size)
    found = np.full((*curves.shape[:-1], len(sizes)), np.nan)
    for number, size in enumerate(sizes):
        found[..., number] = line_slope(curves, x, index >= x.size - size)
    return found
