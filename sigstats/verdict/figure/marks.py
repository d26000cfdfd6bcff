"""What is drawn over the curves of some shapes: the location with its interval, and the bounds of every level."""

import math
from typing import TYPE_CHECKING

import numpy as np

from sigstats.evidence.results import FloatArray, LocationEvidence
from sigstats.report.escaping import visible
from sigstats.report.numbers import number
from sigstats.report.style import SOFT, drawable
from sigstats.verdict.decision import Decision
from sigstats.verdict.figure.labels import BOUND_NAME
from sigstats.verdict.figure.traces import Trace, level_means
from sigstats.verdict.words import names, phrases

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLACE = "#c65a00"
HEADROOM = 0.12


def draw_location(axes: "Axes", verdict: Decision, levels: FloatArray, positions: FloatArray) -> None:
    """Draw the onset, knee or turn as a vertical line in a band, with its name."""
    found = verdict.evidence.location
    if found is None or len(levels) < 2:
        return
    low, high = (float(np.interp(end, levels, positions)) for end in _band(found, levels))
    low_y, high_y = axes.get_ylim()
    axes.set_ylim(low_y, high_y + HEADROOM * (high_y - low_y))
    if math.isfinite(found.low) or math.isfinite(found.high):
        axes.axvspan(low, high, color=PLACE, alpha=0.13, linewidth=0, zorder=0, gid="location")
    at = low
    if found.status == "inside" and math.isfinite(found.value):
        at = float(np.interp(found.value, levels, positions))
        axes.axvline(at, color=PLACE, linewidth=1.2, zorder=1, gid="location")
    left = at - positions[0] <= 0.6 * (positions[-1] - positions[0])
    axes.annotate(
        drawable(_label(verdict, found)),
        xy=(at, 1.0),
        xycoords=axes.get_xaxis_transform(),
        xytext=(4 if left else -4, -2),
        textcoords="offset points",
        ha="left" if left else "right",
        va="top",
        fontsize=9,
        color=PLACE,
        parse_math=False,
    )


def _band(found: LocationEvidence, levels: FloatArray) -> tuple[float, float]:
    low = found.low if math.isfinite(found.low) else float(levels[0])
    high = found.high if math.isfinite(found.high) else float(levels[-1])
    return low, high


def _label(verdict: Decision, found: LocationEvidence) -> str:
    name = visible(found.name)
    if found.status == "below_range":
        return f"{name} before the first level that can tell"
    if found.status == "above_range":
        return f"{name} beyond the last level that can tell"
    if found.status != "inside":
        return f"{name} not located"
    return f"{name} {phrases.place(verdict, found)}"


def draw_bounds(axes: "Axes", verdict: Decision, found: list[Trace], positions: list[FloatArray]) -> None:
    """Draw what every level must lie within: a band around each mean, or a line at a value."""
    bounds = verdict.signature.shape.bounds(verdict.signature.min_effect)
    if bounds is None:
        return
    if not bounds.around_mean:
        for end in (bounds.low, bounds.high):
            if math.isfinite(end):
                axes.axhline(end, color=SOFT, linewidth=1.2, linestyle="--", zorder=1, gid="bound")
                _name_bound(axes, verdict, end, above=math.isfinite(bounds.low))
        return
    for trace, at in zip(found, positions, strict=True):
        means = level_means(trace.curves)
        if np.isfinite(means).any() and len(at):
            middle = float(np.nanmean(means))
            for end in (bounds.low, bounds.high):
                axes.plot(
                    at[[0, -1]],
                    [middle + end] * 2,
                    color=trace.colour,
                    linewidth=1.1,
                    linestyle=":",
                    gid="bound",
                )
            if trace.role == "treatment":
                axes.fill_between(
                    at[[0, -1]],
                    middle + bounds.low,
                    middle + bounds.high,
                    color=trace.colour,
                    alpha=0.07,
                    linewidth=0,
                )


def _name_bound(axes: "Axes", verdict: Decision, end: float, *, above: bool) -> None:
    from matplotlib.patheffects import withStroke

    side = "above" if above else "below"
    label = axes.annotate(
        drawable(f"{side} {number(end, digits=6)}: where {names.metric(verdict.signature)} should lie"),
        xy=(0.0, end),
        xycoords=axes.get_yaxis_transform(),
        xytext=(4, 3 if above else -3),
        textcoords="offset points",
        va="bottom" if above else "top",
        gid=BOUND_NAME,
        fontsize=8.5,
        color=SOFT,
        path_effects=[withStroke(linewidth=3, foreground="white")],
        zorder=6,
        parse_math=False,
    )
    label.set_in_layout(False)
