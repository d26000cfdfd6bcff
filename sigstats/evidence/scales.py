"""Scales of the knob and of the metric, and the common scale on which everything is computed."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import Problem, SignatureError, TableError, option
from sigstats.signature.fields import KnobScale, MetricScale
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import SingleTableError, agreed, beside, plain, seen_cells

FloatArray = NDArray[np.float64]
MOST_HALF = 0.6e308  # half of the largest range, so that a line over it ends at numbers
FARTHEST = 1e300  # how many times a margin around the mean may be larger than the metric


def knob_scale(signature: Signature) -> KnobScale:
    """Return the scale of the knob: the shape's where it needs one, else the declared one."""
    return signature.shape.knob_scale or signature.knob_scale


def metric_scale(signature: Signature) -> MetricScale:
    """Return the scale of the metric: the shape's where it needs one, else the declared one."""
    return signature.shape.metric_scale or signature.metric_scale


def rescaled_knob(
    levels: FloatArray, scale: KnobScale, knob: str, *, within: tuple[int, int] = (0, -1)
) -> FloatArray:
    """Return levels on the knob's scale, rescaled to [0, 1]."""
    if scale == "rank":
        return _between(np.linspace(0.0, 1.0, levels.size), within)
    if scale == "log" and levels[0] <= 0:
        problem = Problem(
            code="KNOB_NOT_POSITIVE",
            column=knob,
            message=f"the level {levels[0]:g} has no logarithm; a log scale needs levels above 0",
            remedy=_without_log(knob, levels),
        )
        raise TableError([problem])
    if levels.size < 2:
        return np.zeros(levels.size)
    places = np.log(levels) if scale == "log" else levels
    # A power of two brings the levels below 1/2 in size, so that no difference can overflow.
    scaled = np.ldexp(places, -int(np.frexp(np.abs(places).max())[1]) - 1)
    x = _between(scaled, within)
    same = np.flatnonzero(np.diff(x) <= 0)
    if same.size:
        raise TableError([_coincide(levels, int(same[0]), knob, scale)])
    return x


def _coincide(levels: FloatArray, at: int, knob: str, scale: KnobScale) -> Problem:
    """Return the problem of levels that differ by less than numbers between 0 and 1 can."""
    wider = "log" if levels[0] > 0 and scale != "log" else "rank"
    return Problem(
        code="KNOB_LEVELS_COINCIDE",
        column=knob,
        message=f"the levels {levels[at]:g} and {levels[at + 1]:g} cannot be told apart on a scale from "
        f"{levels[0]:g} to {levels[-1]:g}",
        remedy=f"Use {option('knob_scale', wider)}.",
    )


def _without_log(knob: str, levels: FloatArray) -> str:
    """Return what to do about levels that have no logarithm, as the caller types it."""
    rank, above = option("knob_scale", "rank"), levels[levels > 0]
    if not above.size:
        return f"Use {rank}."
    # A bound that is written in full, and keeps the least of the levels that have a logarithm.
    least = float(above.min())
    bound = least if least.is_integer() else 10.0 ** math.floor(math.log10(least))
    window = {knob: {"min": int(bound) if bound.is_integer() else bound}}
    which = "it" if levels.size - above.size == 1 else "such levels"
    return f"Leave {which} out with {option('where', window)}, or use {rank}."


def _between(x: FloatArray, within: tuple[int, int]) -> FloatArray:
    first, last = within
    return np.asarray((x - x[first]) / (x[last] - x[first])) if x.size > 1 else x


def on_metric_scale(values: FloatArray, scale: MetricScale, metric: str) -> FloatArray:
    """Return the metric on its scale."""
    if scale == "linear":
        return values
    upper = np.inf if scale == "log" else 1.0
    # Missing cells are outside of nothing.
    without = (values <= 0) | (values >= upper)
    if agreed(without.any(axis=(-2, -1)) if values.ndim > 2 else without.any()):
        outside = values[without]
        bounds = "above 0" if scale == "log" else "strictly between 0 and 1"
        problem = Problem(
            code="METRIC_OUT_OF_SCALE",
            column=metric,
            message=f"{outside.size} values such as {outside[0]:g} do not fit "
            f"metric_scale={scale!r}, which needs values {bounds}",
            remedy=f"Use {option('metric_scale', 'linear')}, or rescale the metric before the sweep is read.",
        )
        raise TableError([problem])
    with np.errstate(invalid="ignore"):
        return np.log(values) if scale == "log" else np.log(values) - np.log1p(-values)


def common_scale(curves: Mapping[str, FloatArray]) -> tuple[float, float]:
    """Return a power of two and a centre that bring all values near 0 and below 2 in size."""
    values = np.concatenate([matrix[..., seen_cells(matrix)] for matrix in curves.values()], axis=-1)
    largest = np.abs(values).max(axis=-1, initial=0.0)
    halves = (values / 2.0).max(axis=-1, initial=0.0) - (values / 2.0).min(axis=-1, initial=0.0)
    if np.max(halves) > MOST_HALF:
        if np.ndim(halves):
            raise SingleTableError
        message = (
            f"the metric, of up to {largest:.3g} in size, differs by more than {2.0 * MOST_HALF:.1e}, so that a line "
            "over it would end beyond all numbers"
        )
        remedy = "Give it in a larger unit, such as 1e100 of the present one."
        raise TableError([Problem(code="METRIC_TOO_LARGE", column=None, message=message, remedy=remedy)])
    # The exponent of 0 is 0.
    exponent = np.frexp(largest)[1]
    scale = np.ldexp(1.0, np.clip(exponent, -1000, 1000))
    values, n = values / beside(scale, 1), values.shape[-1]
    if not n:
        return plain(scale), float("nan")
    # The median: all values are known, which `np.median` would ask once more.
    middle = np.partition(values, [(n - 1) // 2, n // 2], axis=-1)[..., [(n - 1) // 2, n // 2]]
    return plain(scale), plain(middle.mean(axis=-1))


def refuse_far_margin(signature: Signature, scale: float) -> None:
    """Raise if a margin around the mean is so much larger than every value that they make no difference to it."""
    bounds = signature.shape.bounds(signature.min_effect)
    if bounds is None or not bounds.around_mean or not agreed(bounds.high / FARTHEST > scale):
        return
    raise SignatureError(
        f"the margin is {bounds.high:g}, and no value of the metric is larger than {float(np.max(scale)):.1g} in size: "
        "they are not in the same unit. Give `min_effect`, or the margin of the shape, in the unit of the metric."
    )
