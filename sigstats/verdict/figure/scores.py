"""The right panel: one dot per seed, the mean with its interval, and what they are held against."""

import dataclasses
import math
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from sigstats.evidence.results import Estimate
from sigstats.report.escaping import told_apart, visible
from sigstats.report.intervals import draw_interval
from sigstats.report.numbers import number, point
from sigstats.report.row_names import name_columns
from sigstats.report.style import INK, SOFT, drawable, finite_range, note
from sigstats.report.units import BARE
from sigstats.shapes.base import Bounds
from sigstats.verdict.decision import Decision
from sigstats.verdict.figure.labels import END_NAME, GAP, VALUE
from sigstats.verdict.figure.levelwise import at_level, bounds_at_level, level_of
from sigstats.verdict.figure.traces import LABEL_WIDTH, Trace, traces
from sigstats.verdict.words import names
from sigstats.verdict.words.phrases import unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOTS_AT, MEAN_AT = -0.14, 0.16
MOST_DOTS = 200
MOST_UPRIGHT, LONGEST_UPRIGHT = 2, 24  # conditions whose names stand upright, and their letters
NARROW_MARK, WIDE_MARK = 12, 24  # letters in a line of the name of a mark
LEVEL_TICK_WIDTHS = 21  # of all together
SHORT_METRIC = 24  # letters up to which an axis repeats its name

Mark = tuple[float, str, str]


def draw_scores(
    axes: "Axes", verdict: Decision, *, named_elsewhere: bool = False, narrow: bool = False
) -> None:
    """Draw the scores of every condition beside the mean and its interval.

    Where runs cannot be followed across levels, only effects with intervals are drawn. What they are held against is
    named in short lines on a narrow figure.
    """
    axes.set_label("scores")
    bounds = bounds_at_level(verdict)
    drawn = [_drawn(verdict, trace, bounds) for trace in traces(verdict)]
    for at, (trace, estimate) in enumerate(drawn):
        _draw_dots(axes, trace, at)
        _draw_estimate(axes, trace, at, estimate, names.beside(verdict, trace.role))
    found = [trace for trace, _ in drawn]
    axes.set_xlim(-0.6, max(len(found) - 1, 0) + max(0.6, 0.22 * len(found)))
    marks = _references(verdict) if bounds is None else _ends(bounds)
    width = NARROW_MARK if narrow else WIDE_MARK
    _draw_references(axes, [(at, _in_lines(said, width), style) for at, said, style in marks])
    _label(axes, verdict, found, bounds)
    _name_conditions(axes, verdict, found, bounds, named_elsewhere=named_elsewhere)


def _in_lines(said: str, width: int) -> str:
    """Return the name of a mark in lines of so many letters, with the breaks that it has."""
    return "\n".join(textwrap.fill(line, width, break_long_words=False) for line in said.split("\n"))


def _drawn(verdict: Decision, trace: Trace, bounds: Bounds | None) -> tuple[Trace, Estimate | None]:
    """Return what stands for a condition: its scores, or (claims on every level) its least clear level."""
    if bounds is None:
        found = _estimate(verdict, trace)
        scores = names.sign(verdict) * trace.scores
        own = None if found is None else names.signed(verdict, found)
        return dataclasses.replace(trace, scores=scores), own
    return at_level(verdict, trace, bounds)


def _estimate(verdict: Decision, trace: Trace) -> Estimate | None:
    """Return the estimate of a trace: a condition's own, or that of all conditions of a role."""
    if len(trace.arms) == 1:
        return trace.arms[0].effect
    if trace.role == "treatment":
        return verdict.effect
    # Some shapes compare controls by another quantity than the one that is drawn.
    if verdict.evidence.control is None or verdict.signature.shape.compared is not None:
        return None
    return verdict.evidence.control.effect


def _draw_dots(axes: "Axes", trace: Trace, at: int) -> None:
    scores = trace.scores[np.isfinite(trace.scores)]
    scores = scores[:: math.ceil(len(scores) / MOST_DOTS) or 1]
    if not len(scores):
        return
    _note_scores(axes, trace, at)
    ranks = np.argsort(np.argsort(scores))
    jitter = (ranks * 0.618034 % 1.0 - 0.5) * min(0.26, 0.03 * len(scores))
    axes.plot(
        at + DOTS_AT + jitter,
        scores,
        linestyle="none",
        marker=trace.marker,
        markersize=6 if len(scores) <= 20 else 3.5,
        markerfacecolor=trace.colour,
        markeredgecolor="white",
        markeredgewidth=0.5,
        alpha=0.75,
        gid="scores",
        zorder=3,
    )


def _note_scores(axes: "Axes", trace: Trace, at: int) -> None:
    """Note the score of each seed, where dots are seeds."""
    seeds = trace.arms[0].scored_seeds if len(trace.arms) == 1 else ()
    if len(seeds) == len(trace.scores):
        for seed, score in zip(seeds, trace.scores, strict=True):
            if math.isfinite(score):
                note(
                    axes,
                    at + DOTS_AT,
                    float(score),
                    drawable(f"{trace.label}, seed {seed}: {number(float(score))}"),
                )


def _draw_estimate(
    axes: "Axes", trace: Trace, at: int, estimate: Estimate | None, beside: Estimate | None
) -> None:
    if estimate is None or not math.isfinite(estimate.value):
        return
    from matplotlib.patheffects import withStroke

    draw_interval(
        axes,
        at + MEAN_AT,
        estimate,
        colour=trace.colour,
        mark="D" if trace.role == "treatment" else "s",
        markerfacecolor="white",
        markeredgewidth=1.5,
    )
    label = axes.annotate(
        point(estimate, beside=beside),
        xy=(at + MEAN_AT, estimate.value),
        xytext=(GAP, 0),
        textcoords="offset points",
        va="center",
        gid=VALUE,
        fontsize=9.5,
        fontweight="bold",
        color=trace.colour,
        path_effects=[withStroke(linewidth=3, foreground="white")],
        zorder=6,
        parse_math=False,
    )
    label.set_in_layout(False)


def _references(verdict: Decision) -> list[Mark]:
    """Return what effects are held against: zero and the margin."""
    line = verdict.evidence.interval
    margin = line.margin if line is not None else verdict.signature.min_effect
    source = line.margin_source if line is not None else "min_effect"
    marks: list[Mark] = [(0.0, "no effect", "-")]
    if margin is not None and math.isfinite(margin):
        name = "min_effect" if source == "min_effect" else "margin: 1 residual sd"
        margin *= names.sign(verdict)
        marks.append((margin, f"{name}\n{number(margin)}", "--"))
    return marks


def _ends(bounds: Bounds) -> list[Mark]:
    """Return what a level is held against: the mean and the margin around it, or a value."""
    if bounds.around_mean:
        ends: list[Mark] = [(end, f"margin\n{number(end)}", "--") for end in (bounds.low, bounds.high)]
        return [(0.0, "its mean", "-"), *ends]
    ends = [
        (bounds.low, f"above\n{number(bounds.low)}", "--"),
        (bounds.high, f"below\n{number(bounds.high)}", "--"),
    ]
    return [mark for mark in ends if math.isfinite(mark[0])]


def _draw_references(axes: "Axes", marks: list[Mark]) -> None:
    """Draw lines, and name them at the right."""
    low, high = finite_range([*axes.get_ylim(), *(at for at, _, _ in marks)])
    room = 0.04 * (high - low or 1.0)
    axes.set_ylim(low - room, high + room)
    for at, said, style in marks:
        axes.axhline(
            at, color=INK if style == "-" else SOFT, linewidth=1.1, linestyle=style, zorder=1, gid="reference"
        )
        axes.annotate(
            said,
            xy=(1.0, at),
            xycoords=axes.get_yaxis_transform(),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            gid=END_NAME,
            fontsize=8.5,
            color=INK if style == "-" else SOFT,
            annotation_clip=False,
            parse_math=False,
        )


def _name_conditions(
    axes: "Axes", verdict: Decision, found: list[Trace], bounds: Bounds | None, *, named_elsewhere: bool
) -> None:
    """Write the conditions below their dots, aslant where they are long, unless a legend names them better."""
    whole = [trace.arms[0].condition if len(trace.arms) == 1 else trace.label for trace in found]
    many = len(found) > MOST_UPRIGHT
    slanted = many and len(found) * max(map(len, whole)) > LEVEL_TICK_WIDTHS
    if slanted and named_elsewhere and bounds is None:
        axes.set_xticks([])
        return
    labels = [drawable(label) for label in told_apart(whole, LABEL_WIDTH)]
    roles = [trace.role for trace in found]
    if (
        named_elsewhere
        and not many
        and max(map(len, whole)) > LONGEST_UPRIGHT
        and len({*roles}) == len(roles)
    ):
        labels = list(roles)
    if bounds is not None:
        at = [number(level_of(verdict, trace), digits=6) for trace in found]
        labels = [f"{label}\nat {place}" for label, place in zip(labels, at, strict=True)]
    if many:
        axes.set_xticks(range(len(found)), labels)
    else:
        name_columns(axes, labels)
    for text, trace in zip(axes.get_xticklabels(), found, strict=True):
        text.set_parse_math(False)
        text.set_color(trace.colour)
        if slanted:
            text.set(rotation=20, rotation_mode="anchor", ha="right")
    axes.tick_params(axis="x", length=0)


def _label(axes: "Axes", verdict: Decision, found: list[Trace], bounds: Bounds | None) -> None:
    axes.set_ylabel(drawable(_axis_name(verdict, bounds)), parse_math=False)
    dots = "one condition" if any(len(trace.arms) > 1 for trace in found) else "one seed"
    has_scores = any(len(trace.scores) for trace in found)
    centre = "mean" if verdict.evidence.majority is None else "median"
    said = f"dot: {dots};  bar: {centre} with interval" if has_scores else "effect with interval"
    said = said if bounds is None else f"at the least clear level;  dot: {dots}"
    axes.set_title(said, color=SOFT, fontsize=9.5, parse_math=False)


def _axis_name(verdict: Decision, bounds: Bounds | None) -> str:
    """Return what the scores are."""
    metric = names.metric(verdict.signature)
    if bounds is not None:
        return f"departure of {metric} from its mean" if bounds.around_mean else metric
    if names.is_trend(verdict) or not names.is_sized(verdict):
        return f"{names.noun(verdict)} of {metric if len(metric) <= SHORT_METRIC else 'the metric'} over the range"
    noun = visible(names.noun(verdict))
    return noun if unit(verdict) in BARE else f"{noun} (in {metric})"
