"""The left panel: the metric along the knob."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sigstats.evidence.results import FloatArray
from sigstats.evidence.scales import knob_scale, metric_scale
from sigstats.report.escaping import shortened
from sigstats.report.style import FAINT, INK, SOFT, drawable, spread_apart
from sigstats.signature.fields import KnobScale
from sigstats.verdict.decision import Decision
from sigstats.verdict.figure.marks import draw_bounds, draw_location
from sigstats.verdict.figure.traces import Trace, level_intervals, level_means, traces
from sigstats.verdict.words import names

AXIS_SCALES: dict[KnobScale, str] = {
    "linear": "",
    "log": ", log scale",
    "rank": ", by rank",
    "fraction": ", of each condition's own range",
}

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LINES = 120
MOST_TICKS = 9
LEAST_GAP = 0.08  # of the length of the axis, between two levels that are named
AXIS_NAME_WIDTH = 48
WIDE_NUMBER = 5  # digits
LARGEST_LOG = 600.0
LARGEST_RATIO = 20.0  # ratio of the ends up to which evenly spaced values are named
MOST_LETTERS = 54  # along the axis, in the names of levels
PANEL_LABEL_GAP = 0.055


def draw_curves(axes: "Axes", verdict: Decision) -> None:
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
    _label_ends(axes, found)
    if metric_scale(verdict.signature) == "log":
        _name_values(axes)


def _positions(verdict: Decision, levels: FloatArray, found: list[Trace]) -> FloatArray:
    """Return where levels stand on the axis: their values, or their ranks."""
    if knob_scale(verdict.signature) != "rank":
        return levels
    return np.searchsorted(_all_levels(found), levels).astype(float)


def _all_levels(found: list[Trace]) -> FloatArray:
    return np.unique(np.concatenate([trace.levels for trace in found])) if found else np.zeros(0)


def _set_scale(axes: "Axes", verdict: Decision, found: list[Trace]) -> None:
    levels = _all_levels(found)
    if verdict.evidence.level_names:
        _name_words(axes, verdict, levels, _positions(verdict, levels, found))
        return
    if knob_scale(verdict.signature) in ("linear", "fraction") and len(levels):
        _thin_ticks(axes, levels)
    if knob_scale(verdict.signature) == "log" and len(levels) and levels.min() > 0:
        axes.set_xscale("log")
        _name_levels(axes, levels)
    if knob_scale(verdict.signature) == "rank" and len(levels):
        shown = _spread(len(levels))
        axes.set_xticks(shown, [f"{levels[at]:.4g}" for at in shown])


def _thin_ticks(axes: "Axes", levels: FloatArray) -> None:
    """Put fewer ticks on an axis whose numbers are wide."""
    from matplotlib.ticker import MaxNLocator

    width = max(len(f"{end:.6g}") for end in (levels[0], levels[-1]))
    if width >= WIDE_NUMBER:
        bins = max(MOST_LETTERS // (width + 3), 3)
        axes.xaxis.set_major_locator(MaxNLocator(bins, steps=[1, 2, 2.5, 5, 10]))


def _name_values(axes: "Axes") -> None:
    """Put values of the metric on an axis that holds their logarithms."""
    from matplotlib.ticker import LogLocator, MaxNLocator

    low, high = axes.get_ylim()
    if max(abs(low), abs(high)) > LARGEST_LOG:
        return
    ends = math.exp(low), math.exp(high)
    near = ends[1] < LARGEST_RATIO * ends[0]
    locator = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]) if near else LogLocator(numticks=7)
    ticks = np.asarray(locator.tick_values(*ends), dtype=float)
    ticks = ticks[(ticks >= ends[0]) & (ticks <= ends[1])]
    if len(ticks) > 1:
        axes.set_yticks(np.log(ticks), [f"{each:.4g}" for each in ticks])


def _spread(count: int) -> npt.NDArray[np.intp]:
    """Return which of many levels get a tick: the first, the last and some between."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_TICKS)).round().astype(np.intp))


def _name_words(axes: "Axes", verdict: Decision, levels: FloatArray, positions: FloatArray) -> None:
    """Put the names of the levels on the axis."""
    if knob_scale(verdict.signature) == "log":
        axes.set_xscale("log")
        axes.minorticks_off()
    shown = _spread(len(levels)).tolist() if len(levels) else []
    width = max(MOST_LETTERS // max(len(shown), 1), 4)
    words = [drawable(shortened(names.level(verdict, float(levels[at])), width)) for at in shown]
    axes.set_xticks([positions[at] for at in shown], words)
    for label in axes.get_xticklabels():
        label.set_parse_math(False)


def _name_levels(axes: "Axes", levels: FloatArray) -> None:
    """Put the levels themselves on a logarithmic axis, where they are few and apart; else decades, as usual."""
    places = np.log(levels)
    apart = float(np.diff(places).min(initial=np.inf)) >= LEAST_GAP * float(np.ptp(places))
    decades = bool(np.isclose(np.log10(levels), np.log10(levels).round()).all())
    if 1 < len(levels) <= MOST_TICKS and apart and not decades:
        axes.set_xticks(levels, [f"{each:.4g}" for each in levels])
        axes.minorticks_off()


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
        marker="o",
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
    on_scale = "" if scaled == "linear" else ", log scale" if scaled == "log" else f" ({scaled})"
    knob = drawable(shortened(names.knob(signature), AXIS_NAME_WIDTH))
    metric = drawable(shortened(names.metric(signature), AXIS_NAME_WIDTH))
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
    """Write the name of each condition at the end of its mean."""
    low, high = axes.get_ylim()
    left, right = axes.get_xlim()
    axes.set_ylim(low, high)
    axes.set_xlim(left, right)
    ends = [_end(trace) for trace in found]
    wanted = [(y - low) / (high - low) for y in ends]
    with_role = len(found) <= 2 and all(len(trace.arms) == 1 for trace in found)
    gap = PANEL_LABEL_GAP * (2 if with_role else 1)
    for trace, y in zip(found, spread_apart(wanted, gap, 0.02, 0.98), strict=True):
        axes.annotate(
            f"{trace.label}\n({trace.role})" if with_role and trace.label != trace.role else trace.label,
            xy=(1.0, y),
            xycoords="axes fraction",
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=trace.colour,
            fontsize=10,
            fontweight="bold" if trace.role == "treatment" else "normal",
            annotation_clip=False,
            parse_math=False,
        )
    axes.tick_params(color=FAINT, labelcolor=INK)


def _end(trace: Trace) -> float:
    means = level_means(trace.curves)
    finite = means[np.isfinite(means)]
    return float(finite[-1]) if len(finite) else 0.0
