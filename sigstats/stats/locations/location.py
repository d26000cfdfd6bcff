"""What all intervals for a location on the knob have in common.

A location is a place on the knob: the onset of a hinge, the gap of a step, a knee, a turning point, a crossing. Its
interval comes from inverted tests (`inversion`) and is never narrower than the gap between the levels at the estimate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.locations.inversion import FEWEST_SEEDS
from sigstats.stats.scores.reversal import mean_curve

Status = Literal["inside", "below_range", "above_range", "unresolved"]

Fit = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place on the knob, with an interval over seeds."""

    name: str  # what is located: "onset", "knee", "turn" or "crossing"
    # where the mean curve has it, in units of the levels; NaN where `status` says that it lies outside
    # the range, or that the mean curve does not have it
    estimate: float
    low: float  # low, high: ends of the interval; -inf or inf where the data set no bound on that side
    high: float
    confidence: float  # nominal two-sided confidence
    resolution: float  # gap between the neighbouring levels at the estimate; the interval is at least as wide
    # standard deviation over seeds of the locations of the single seeds. It holds the noise of single
    # curves as well, and says nothing about the error of `estimate`. NaN unless at least 3 seeds, and
    # more than half of them, have one inside the range
    spread: float
    # where the estimate lies: inside the levels that can tell; at or before the first of them; at or
    # beyond the last; or "unresolved" where the interval is open at both ends
    status: Status
    n_seeds: int  # number of seeds
    method: str  # how the interval was made

    def __str__(self) -> str:
        """Return the location as one line."""
        place = f"{self.estimate:.4g}" if np.isfinite(self.estimate) else self.status.replace("_", " ")
        return f"{self.name}: {place} [{self.low:.4g}, {self.high:.4g}] ({self.confidence:.0%})"


def checked(curves: npt.ArrayLike, x: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return curves and levels as arrays of floats that fit each other."""
    levels = checks.vector("x", x, min_size=2)
    try:
        values = np.array(curves, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            "`curves` is not a rectangular array of numbers; curves must have one row per seed and one column per "
            "level, NaN where missing. Convert it first."
        ) from error
    if values.ndim != 2 or values.shape[1] != levels.size:
        raise InputError(
            f"`curves` has shape {values.shape} and `x` has {levels.size} levels; curves must have one row per seed "
            f"and one column per level. Reshape it."
        )
    if np.isinf(values).any():
        raise InputError(
            "`curves` holds infinite values; each must be a finite number, or NaN where missing."
        )
    if (np.diff(levels) <= 0).any():
        raise InputError(
            "`x` is not ascending; each level must be larger than the one before. Sort the columns."
        )
    seen = ~np.isnan(values)
    if not seen.any():
        raise InputError("`curves` is all NaN; at least one seed must be seen. Check the selection.")
    if seen.any(axis=0).sum() < 2:
        raise InputError("`curves` holds values at one level only; at least 2 levels are needed. Add levels.")
    return values[np.ix_(seen.any(axis=1), seen.any(axis=0))], levels[seen.any(axis=0)]


def average(curves: FloatArray) -> FloatArray:
    """Return the mean curve, adjusted for which seeds were seen at which levels."""
    level = mean_curve(curves)
    return np.asarray(level + np.nanmean(curves - level, axis=1).mean())


def gap_at(place: float, x: FloatArray) -> tuple[float, float]:
    """Return the two levels around a place; at a level, those of the larger gap beside it."""
    last = x.size - 2
    before = int(np.clip(np.searchsorted(x, place, side="left") - 1, 0, last))
    after = int(np.clip(np.searchsorted(x, place, side="right") - 1, 0, last))
    first = before if x[before + 1] - x[before] >= x[after + 1] - x[after] else after
    return float(x[first]), float(x[first + 1])


def spread_of(rows: FloatArray, x: FloatArray, fit: Fit) -> float:
    """Return the sd of the places of single seeds, or NaN where too few of them lie inside the range."""
    seen = ~np.isnan(rows)
    whole = seen.all(axis=1)
    alone = [fit(row[None, mask], x[mask]) for row, mask in zip(rows[~whole], seen[~whole], strict=True)]
    places = np.concatenate([fit(rows[whole], x), *alone])
    inside = places[np.isfinite(places)]
    if inside.size < FEWEST_SEEDS or 2 * inside.size <= places.size:
        return float("nan")
    return float(np.std(np.sort(inside), ddof=1))


def assembled(
    name: str,
    place: float,
    bounds: tuple[float, float],
    *,
    x: FloatArray,
    confidence: float,
    spread: float,
    n_seeds: int,
    method: str,
    whole_gap: bool,
) -> Location:
    """Return the location, its interval widened to at least one gap."""
    left, right = gap_at(place, x)
    low, high = bounds
    status: Status = "below_range" if place < 0 else "above_range"
    if np.isfinite(place):
        half = (right - left) / 2.0
        low = min(low, left if whole_gap else place - half)
        high = max(high, right if whole_gap else place + half)
        status = "inside"
    return Location(
        name=name,
        estimate=place if status == "inside" else float("nan"),
        low=low,
        high=high,
        confidence=confidence,
        resolution=right - left,
        spread=spread,
        status="unresolved" if np.isinf(low) and np.isinf(high) else status,
        n_seeds=n_seeds,
        method=method,
    )
