"""The right panel: one dot per seed, the mean with its interval, and what they are held against."""

import math
from typing import TYPE_CHECKING

import numpy as np

from sigstats.evidence.results import Estimate
from sigstats.report import naming
from sigstats.report.drawing import INK, SOFT, Trace, drawable, finite_range, spread_apart, traces
from sigstats.report.escaping import shortened, told_apart
from sigstats.report.numbers import number
from sigstats.report.phrases import value_of
from sigstats.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOTS_AT, MEAN_AT = -0.14, 0.16
MOST_DOTS = 200
TICK_WIDTHS = {1: 30, 2: 15}
SLANTED_TICK_WIDTH = 14
LEVEL_TICK_WIDTH = 7
METRIC_WIDTH = 24


def draw_scores(axes: "Axes", verdict: Verdict) -> None:
    """Draw the scores of every condition beside the mean and its interval.

    Where the runs have no identity across levels there are no scores, only effects with intervals.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    verdict : Verdict
        The verdict.
    """
    axes.set_label("scores")
    found = traces(verdict)
    for at, trace in enumerate(found):
        _draw_dots(axes, trace, at)
        _draw_estimate(axes, trace, at, _estimate(verdict, trace))
    axes.set_xlim(-0.6, max(len(found) - 1, 0) + max(0.6, 0.22 * len(found)))
    _draw_references(axes, verdict)
    _label(axes, verdict, found)


def _estimate(verdict: Verdict, trace: Trace) -> Estimate | None:
    """Return the estimate of a trace: a condition's own, or that of all conditions of a role."""
    if len(trace.arms) == 1:
        return trace.arms[0].effect
    if trace.role == "treatment":
        return verdict.effect
    return verdict.evidence.control.effect if verdict.evidence.control else None


def _draw_dots(axes: "Axes", trace: Trace, at: int) -> None:
    scores = trace.scores[np.isfinite(trace.scores)]
    scores = scores[:: math.ceil(len(scores) / MOST_DOTS) or 1]
    if not len(scores):
        return
    ranks = np.argsort(np.argsort(scores))
    jitter = (ranks * 0.618034 % 1.0 - 0.5) * min(0.26, 0.03 * len(scores))
    axes.plot(
        at + DOTS_AT + jitter,
        scores,
        linestyle="none",
        marker="o",
        markersize=6 if len(scores) <= 20 else 3.5,
        markerfacecolor=trace.colour,
        markeredgecolor="white",
        markeredgewidth=0.5,
        alpha=0.75,
        gid="scores",
        zorder=3,
    )


def _draw_estimate(axes: "Axes", trace: Trace, at: int, estimate: Estimate | None) -> None:
    if estimate is None or not math.isfinite(estimate.value):
        return
    from matplotlib.patheffects import withStroke

    if math.isfinite(estimate.low) and math.isfinite(estimate.high):
        axes.plot(
            [at + MEAN_AT] * 2,
            [estimate.low, estimate.high],
            color=trace.colour,
            linewidth=3,
            gid="interval",
            zorder=4,
        )
    axes.plot(
        [at + MEAN_AT],
        [estimate.value],
        marker="D" if trace.role == "treatment" else "s",
        markersize=8,
        markerfacecolor="white",
        markeredgecolor=trace.colour,
        markeredgewidth=2,
        gid="estimate",
        zorder=5,
    )
    axes.annotate(
        value_of(estimate),
        xy=(at + MEAN_AT, estimate.value),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
        fontweight="bold",
        color=trace.colour,
        path_effects=[withStroke(linewidth=3, foreground="white")],
        zorder=6,
        parse_math=False,
    )


def _draw_references(axes: "Axes", verdict: Verdict) -> None:
    """Draw zero and the margin, and name them at the right."""
    line = verdict.evidence.interval
    margin = line.margin if line is not None else verdict.signature.min_effect
    source = line.margin_source if line is not None else "min_effect"
    marks = [(0.0, "no effect", "-")]
    if margin is not None and math.isfinite(margin):
        marks.append((margin, f"{'min_effect' if source == 'min_effect' else 'margin: 1 residual sd'}", "--"))
    low, high = finite_range([*axes.get_ylim(), *(at for at, _, _ in marks)])
    room = 0.04 * (high - low or 1.0)
    axes.set_ylim(low - room, high + room)
    low, high = axes.get_ylim()
    wanted = [(at - low) / (high - low) for at, _, _ in marks]
    for (at, said, style), y in zip(marks, spread_apart(wanted, 0.05, 0.02, 0.98), strict=True):
        axes.axhline(
            at, color=INK if at == 0 else SOFT, linewidth=1.1, linestyle=style, zorder=1, gid="reference"
        )
        axes.annotate(
            f"{said}" if at == 0 else f"{said}\n{number(at)}",
            xy=(1.0, y),
            xycoords="axes fraction",
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=INK if at == 0 else SOFT,
            annotation_clip=False,
            parse_math=False,
        )


def _label(axes: "Axes", verdict: Verdict, found: list[Trace]) -> None:
    whole = [trace.arms[0].condition if len(trace.arms) == 1 else trace.label for trace in found]
    width = TICK_WIDTHS.get(len(found), SLANTED_TICK_WIDTH)
    slanted = len(found) > 2 and max(map(len, whole)) > LEVEL_TICK_WIDTH
    axes.set_xticks(range(len(found)), [drawable(label) for label in told_apart(whole, width)])
    for text, trace in zip(axes.get_xticklabels(), found, strict=True):
        text.set_parse_math(False)
        text.set_color(trace.colour)
        text.set_rotation(20 if slanted else 0)
    axes.tick_params(axis="x", length=0)
    moves = naming.noun(verdict)
    metric = drawable(shortened(verdict.signature.metric or "metric", METRIC_WIDTH))
    axes.set_ylabel(f"{moves} of {metric} over the range", parse_math=False)
    dots = "one condition" if any(len(trace.arms) > 1 for trace in found) else "one seed"
    has_scores = any(len(trace.scores) for trace in found)
    said = f"dot: {dots};  bar: mean with interval" if has_scores else "effect with interval"
    axes.set_title(said, color=SOFT, fontsize=9.5, parse_math=False)
