"""The left panel: the metric along the knob."""

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sigstats.evidence.results import FloatArray
from sigstats.evidence.scales import knob_scale, metric_scale
from sigstats.report.escaping import shortened
from sigstats.report.layout import Legend
from sigstats.report.numbers import number
from sigstats.report.style import FAINT, INK, SOFT, drawable, note
from sigstats.signature.fields import KnobScale
from sigstats.verdict.decision import Decision
from sigstats.verdict.figure.labels import END_NAME
from sigstats.verdict.figure.marks import draw_bounds, draw_location
from sigstats.verdict.figure.traces import Trace, level_intervals, level_means, traces
from sigstats.verdict.figure.units import in_own_units, name_values
from sigstats.verdict.words import names

AXIS_SCALES: dict[KnobScale, str] = {
    "linear": "",
    "log": ", log scale",
    "rank": ", by rank",
    "fraction": ", of each condition's own range",
}

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

MOST_LINES = 120
MOST_TICKS = 9
MOST_LETTERS = 54  # along the axis, in the names of levels
END_WIDTH, LEGEND_WIDTH = 22, 44  # letters in a line of a name
LONGEST = 100  # letters of a name along an axis; longer ones are cut
MOST_NOTES = 200


def draw_curves(axes: "Axes", verdict: Decision, legend: Legend = "ends") -> None:
    """Draw one thin line per seed, the level means with their band, the location, the bounds, and the scope.

    In the independent design runs cannot be followed across levels, and are drawn as dots.
    """
    axes.set_label("curves")
    found = traces(verdict)
    _set_scale(axes, verdict, found)
    for trace in found:
        positions = _positions(verdict, trace.levels, found)
        _draw_runs(
            axes, trace, positions, joined=verdict.evidence.design == "repeated" or len(trace.arms) > 1
        )
        _draw_mean(axes, trace, positions, verdict.alpha)
    places = [_positions(verdict, trace.levels, found) for trace in found]
    draw_bounds(axes, verdict, found, places)
    levels = _all_levels(found)
    draw_location(axes, verdict, levels, _positions(verdict, levels, found))
    _shade_scope(axes, verdict, found)
    _label_axes(axes, verdict, found)
    if legend == "ends":
        _label_ends(axes, found)
    axes.tick_params(color=FAINT, labelcolor=INK)
    if metric_scale(verdict.signature) in ("log", "logit"):
        name_values(axes, metric_scale(verdict.signature))
    _note_values(axes, verdict, found)


def _positions(verdict: Decision, levels: FloatArray, found: list[Trace]) -> FloatArray:
    """Return where levels stand on the axis: their values, or their ranks."""
    if knob_scale(verdict.signature) != "rank":
        return levels
    return np.searchsorted(_all_levels(found), levels).astype(float)


def _all_levels(found: list[Trace]) -> FloatArray:
    return np.unique(np.concatenate([trace.levels for trace in found])) if found else np.zeros(0)


def _set_scale(axes: "Axes", verdict: Decision, found: list[Trace]) -> None:
    levels = _all_levels(found)
    positions = _positions(verdict, levels, found)
    if verdict.evidence.level_names:
        _name_words(axes, verdict, levels, positions)
    elif len(levels):
        set_ticks(axes, levels, positions, log=knob_scale(verdict.signature) == "log" and levels.min() > 0)


def set_ticks(axes: "Axes", levels: FloatArray, positions: FloatArray, *, log: bool) -> None:
    """Put ticks at the levels, on a logarithmic axis if so asked."""
    from sigstats.report.ticks import tick_levels

    if log:
        axes.set_xscale("log")
    tick_levels(axes, positions, levels, log=log)


def _spread(count: int) -> npt.NDArray[np.intp]:
    """Return which of many levels get a tick: the first, the last and some between."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_TICKS)).round().astype(np.intp))


def _name_words(axes: "Axes", verdict: Decision, levels: FloatArray, positions: FloatArray) -> None:
    """Put the names of the levels on the axis."""
    from sigstats.report.ticks import tick_words

    if knob_scale(verdict.signature) == "log":
        axes.set_xscale("log")
    shown = _spread(len(levels)).tolist() if len(levels) else []
    width = max(MOST_LETTERS // max(len(shown), 1), 4)
    words = [shortened(names.level(verdict, float(levels[at])), width) for at in shown]
    tick_words(axes, positions[shown], words)


def _draw_runs(axes: "Axes", trace: Trace, positions: FloatArray, *, joined: bool) -> None:
    step = math.ceil(len(trace.curves) / MOST_LINES)
    rows = trace.curves[::step]
    alpha = float(np.clip(2.2 / max(len(rows), 1) ** 0.5, 0.12, 0.6))
    for row in rows:
        present = np.isfinite(row)
        style: dict[str, Any] = (
            {"linewidth": 0.8, "linestyle": "-"}
            if joined
            else {"linestyle": "none", "marker": "o", "markersize": 3, "markeredgewidth": 0}
        )
        axes.plot(
            positions[present], row[present], color=trace.colour, alpha=alpha, gid="seed", zorder=2, **style
        )


def _draw_mean(axes: "Axes", trace: Trace, positions: FloatArray, alpha: float) -> None:
    means = level_means(trace.curves)
    low, high = level_intervals(trace.curves, alpha)
    drawn = np.isfinite(low)
    if drawn.any():
        axes.fill_between(
            positions[drawn], low[drawn], high[drawn], color=trace.colour, alpha=0.16, linewidth=0, zorder=1
        )
    present = np.isfinite(means)
    axes.plot(
        positions[present],
        means[present],
        color=trace.colour,
        linestyle=trace.dashes,
        linewidth=2.6,
        marker=trace.marker,
        markersize=4.2 if present.sum() <= 40 else 0,
        gid="mean",
        zorder=3,
    )


def _shade_scope(axes: "Axes", verdict: Decision, found: list[Trace]) -> None:
    """Shade the stretch in which the claim holds, where that is not the whole range."""
    levels = _all_levels(found)
    if verdict.scope is None or len(levels) < 2:
        return
    low, high = verdict.scope
    slack = 1e-9 * (levels[-1] - levels[0])
    if low <= levels[0] + slack and high >= levels[-1] - slack:
        return
    ends = np.interp([low, high], levels, _positions(verdict, levels, found))
    axes.axvspan(ends[0], ends[1], color="#f0e442", alpha=0.22, linewidth=0, zorder=0, gid="scope")
    axes.text(
        ends[0],
        1.0,
        " holds here",
        transform=axes.get_xaxis_transform(),
        va="top",
        fontsize=9,
        color=SOFT,
        parse_math=False,
    )


def _label_axes(axes: "Axes", verdict: Decision, found: list[Trace]) -> None:
    signature = verdict.signature
    scale = AXIS_SCALES[knob_scale(signature)]
    scaled = metric_scale(signature)
    on_scale = "" if scaled == "linear" else f", {scaled} scale"
    knob, metric = (
        drawable(shortened(each, LONGEST)) for each in (names.knob(signature), names.metric(signature))
    )
    axes.set_xlabel(f"{knob}{scale}", parse_math=False)
    axes.set_ylabel(f"{metric}{on_scale}", parse_math=False)
    pooled = any(len(trace.arms) > 1 for trace in found)
    thin = "condition" if pooled else "seed"
    runs = f"thin: one {thin}" if verdict.evidence.design == "repeated" or pooled else "dots: single runs"
    confidence = round(100 * (1 - 2 * signature.alpha))
    axes.set_title(
        f"{runs};  thick: mean with {confidence}% interval", color=SOFT, fontsize=9.5, parse_math=False
    )


def _label_ends(axes: "Axes", found: list[Trace]) -> None:
    """Write the name of each condition at the end of its mean; `place_labels` moves names that would touch."""
    with_role = len(found) <= 2 and all(len(trace.arms) == 1 for trace in found)
    for trace in found:
        name = "\n".join(textwrap.wrap(trace.label, END_WIDTH)) or trace.label
        axes.annotate(
            f"{name}\n({trace.role})" if with_role and trace.label != trace.role else name,
            xy=(1.0, _end(trace)),
            xycoords=axes.get_yaxis_transform(),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            gid=END_NAME,
            color=trace.colour,
            fontsize=10,
            fontweight="bold" if trace.role == "treatment" else "normal",
            annotation_clip=False,
            parse_math=False,
        )


def _end(trace: Trace) -> float:
    means = level_means(trace.curves)
    finite = means[np.isfinite(means)]
    return float(finite[-1]) if len(finite) else 0.0


def handles(verdict: Decision, letters: int = LEGEND_WIDTH) -> "list[Line2D]":
    """Return a line with the name of each condition, for a legend above the panel."""
    from matplotlib.lines import Line2D

    return [
        Line2D(
            [], [], color=trace.colour, linestyle=trace.dashes, marker=trace.marker, linewidth=2.2, markersize=4.2,
            label="\n".join(textwrap.wrap(_with_role(trace), letters)),
        )
        for trace in traces(verdict)
    ]  # fmt: skip


def _with_role(trace: Trace) -> str:
    return trace.label if trace.role in trace.label else f"{trace.label} ({trace.role})"


def _note_values(axes: "Axes", verdict: Decision, found: list[Trace]) -> None:
    """Note the mean at each level, for pages on which a point can be asked."""
    if sum(len(trace.levels) for trace in found) > MOST_NOTES:
        return
    metric = names.metric(verdict.signature)
    for trace in found:
        means = level_means(trace.curves)
        places = _positions(verdict, trace.levels, found)
        for at, level, mean, rows in zip(places, trace.levels, means, trace.curves.T, strict=True):
            if np.isfinite(mean):
                said = number(in_own_units(float(mean), metric_scale(verdict.signature)))
                count = int(np.isfinite(rows).sum())
                where = f"{names.knob(verdict.signature)} {names.level(verdict, float(level))}"
                note(
                    axes,
                    float(at),
                    float(mean),
                    f"{trace.label}, {where}: mean {metric} {said} ({count} runs)",
                )
