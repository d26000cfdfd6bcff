"""Where on the knob a shape has its onset, knee, turn or midpoint."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.conditions import MIN_LEVELS, MIN_SEEDS, Sweep
from sigstats.evidence.lines import LineSetting, mean_effect, share_all_seeds
from sigstats.evidence.results import LocationEvidence
from sigstats.evidence.reversal import curves_of, mean_curves
from sigstats.evidence.scales import knob_scale
from sigstats.shapes.base import Located
from sigstats.signature.signature import Signature
from sigstats.stats.estimate import Estimate
from sigstats.stats.locations.location import Location

if TYPE_CHECKING:
    from sigstats.stats.locations.midpoint import Width

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


def mean_curves_of(
    sweep: Sweep, setting: LineSetting, rng: np.random.Generator
) -> tuple[FloatArray, IntArray]:
    """Return one curve per seed for the mean of the treatments, and the positions of the levels."""
    conditions = sweep.treatments
    curves, ids = curves_of(conditions, setting, rng)
    seen = [np.flatnonzero((~np.isnan(part)).any(axis=0)) for part in curves]
    columns = seen[0]
    if not all(np.array_equal(columns, each) for each in seen[1:]) or columns.size < MIN_LEVELS:
        return np.empty((0, columns.size)), columns
    shared = sweep.design == "repeated" and share_all_seeds(conditions)
    mean, _ = mean_curves(curves, ids, mean_effect(conditions, sweep.design), shared=shared)
    return mean[:, columns], columns


def locate(
    sweep: Sweep,
    setting: LineSetting,
    signature: Signature,
    *,
    form: Located | None,
    value: float | None = None,
    rng: np.random.Generator,
) -> LocationEvidence | None:
    """Return where the treatments' mean curve has an onset, knee, turn or midpoint, or crosses a value."""
    from sigstats.stats.locations.crossing import crossing
    from sigstats.stats.locations.midpoint import rise_width
    from sigstats.stats.locations.onset import location

    curves, columns = mean_curves_of(sweep, setting, rng)
    if len(curves) < MIN_SEEDS:
        return None
    x, levels = sweep.x[columns], sweep.levels[columns]
    if value is not None:
        found = crossing(curves, x, value=value, confidence=setting.confidence)
    elif form is not None:
        found = location(curves, x, form=form, confidence=setting.confidence)
    else:
        return None
    place = _in_units(found, x, levels, setting, knob_scale(signature))
    if value is not None or form != "sigmoid":
        return place
    return replace(
        place, width=_width(rise_width(curves, x, confidence=setting.confidence), x, levels, signature)
    )


def _width(found: "Width", x: FloatArray, levels: FloatArray, signature: Signature) -> Estimate:
    """Return a width as the knob's scale has it: a factor, a number of levels, or in units of the knob."""
    scale = knob_scale(signature)
    ends = np.array([found.estimate, found.low, found.high]) / (x[-1] - x[0])
    if scale == "log":
        ends, unit = np.exp(ends * np.log(levels[-1] / levels[0])), "factor"
    elif scale == "rank":
        ends, unit = ends * (levels.size - 1), "levels"
    else:
        ends, unit = ends * (levels[-1] - levels[0]), signature.knob or "knob"
    value, low, high = ends.tolist()
    return Estimate(value=value, low=low, high=high, confidence=found.confidence, unit=unit)


def _in_units(
    found: Location, x: FloatArray, levels: FloatArray, setting: LineSetting, scale: str
) -> LocationEvidence:
    """Return a location in units of the knob, gap and spread as its scale has them; between levels it is followed."""
    value, low, high = (_back(place, x, levels) for place in (found.estimate, found.low, found.high))
    if scale == "log" and np.isfinite(value):
        gap = float(np.exp(_gap(float(np.log(value)), np.log(levels))))
        spread = float(np.exp(found.spread * np.log(levels[-1] / levels[0]) / (x[-1] - x[0])))
    else:
        gap = _gap(value, levels)
        spread = found.spread * gap / (found.resolution or 1.0)
    return LocationEvidence(
        name=found.name,
        value=value,
        low=low,
        high=high,
        confidence=found.confidence,
        resolution=gap,
        spread=spread,
        status=found.status,
        method=found.method,
        replicate=setting.replicate,
        n_seeds=found.n_seeds,
    )


def _back(place: float, x: FloatArray, levels: FloatArray) -> float:
    if not np.isfinite(place):
        return float(place)
    return float(np.interp(place, x, levels))


def _gap(value: float, levels: FloatArray) -> float:
    """Return the gap between the levels around a value; at a level, the wider of its two."""
    if not np.isfinite(value):
        return float("nan")
    gaps = np.diff(levels)
    right = int(np.clip(np.searchsorted(levels, value, side="right"), 1, levels.size - 1))
    left = int(np.clip(np.searchsorted(levels, value, side="left"), 1, levels.size - 1))
    return float(max(gaps[right - 1], gaps[left - 1]))
