"""What a verdict rests on, and over which bounds it stands: the two panels below the specification curve."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sigstats.report.escaping import shortened
from sigstats.report.numbers import number
from sigstats.report.style import HATCHES, INK, MARK_COLOURS, MARKERS, SOFT, drawable, finite_range
from sigstats.studies.robustness.record import RobustnessRecord
from sigstats.studies.robustness.report.document import BOUNDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sigstats.studies.robustness.influence import Removal
    from sigstats.studies.robustness.thresholds import Margin, Segment

MOST_REMOVALS = 22
NAME_WIDTH = 20
UNIT_WIDTH = 40
FARTHEST = 100.0
SINGLE = ("seed", "level", "condition")


def influence_rows(robustness: RobustnessRecord) -> list[tuple[str, Any]]:
    """Return what is drawn of the influence: a label and a reading each, the whole table first."""
    declared = next((each.reading for each in robustness.analyses if each.declared), None)
    removals = [each for each in robustness.influence.removals if each.kind in SINGLE]
    shown = removals[:MOST_REMOVALS]
    named = {name: level for level, name in robustness.verdict.evidence.level_names}
    shown.sort(key=lambda each: _order(each, named))
    rows = [("nothing left out", declared)] if declared is not None else []
    rows += [(f"{each.kind} {shortened(each.items[0], NAME_WIDTH)}", each.reading) for each in shown]
    return rows


def _order(removal: "Removal", named: Mapping[str, float]) -> tuple[int, float]:
    """Return where a removal stands: by kind, levels in their own order, of which some have names."""
    if removal.kind != "level":
        return SINGLE.index(removal.kind), 0.0
    level = removal.items[0]
    return SINGLE.index(removal.kind), named[level] if level in named else float(level)


def draw_influence(axes: "Axes", robustness: RobustnessRecord) -> None:
    """Draw effect and verdict without each seed, level and condition."""
    axes.set_label("influence")
    rows = influence_rows(robustness)
    for at, (_, reading) in enumerate(rows):
        colour = MARK_COLOURS[reading.status]
        if math.isfinite(reading.low) and math.isfinite(reading.high):
            axes.plot(
                [reading.low, reading.high], [at, at], color=colour, linewidth=2, alpha=0.6, gid="interval"
            )
        axes.plot(
            [reading.effect],
            [at],
            marker=MARKERS[reading.status] if at else "*",
            markersize=6 if at else 10,
            color=colour,
            linestyle="none",
            gid="without",
        )
    labels = [drawable(label) for label, _ in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=8.5, parse_math=False)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvline(0.0, color=SOFT, linewidth=0.9, zorder=0)
    smallest = robustness.verdict.signature.min_effect
    values = [value for _, each in rows for value in (each.low, each.high, each.effect)]
    if smallest is not None and _near(smallest, values):
        axes.axvline(smallest, color=SOFT, linewidth=0.9, linestyle=(0, (4, 2)), zorder=0, gid="min_effect")
    unit = rows[0][1].unit if rows else ""
    more = sum(each.kind in SINGLE for each in robustness.influence.removals) - (len(rows) - 1)
    axes.set_title(
        "without each seed and level" + (f" ({more} more not shown)" if rows and more > 0 else ""),
        fontsize=10,
    )
    axes.set_xlabel(drawable(f"effect, {shortened(unit, UNIT_WIDTH)}"), fontsize=9, parse_math=False)


def _near(bound: float, values: Sequence[float]) -> bool:
    low, high = finite_range([*values, 0.0])
    return bound <= high + 0.5 * (high - low)


def draw_margins(axes: "Axes", robustness: RobustnessRecord) -> None:
    """Draw over which values of each bound each verdict is given."""
    axes.set_label("margins")
    margins = [each for each in robustness.margins if each.segments]
    for at, margin in enumerate(margins):
        _draw_margin(axes, margin, at, _unit_of(margin, robustness))
    axes.set_xscale("log")
    axes.set_xlim(0.8 / FARTHEST, 1.25 * FARTHEST)
    axes.set_xticks([0.01, 0.1, 1.0, 10.0, 100.0], ["0.01", "0.1", "1", "10", "100"])
    axes.minorticks_off()
    axes.set_ylim(max(len(margins), 1) - 0.4, -0.75)
    axes.set_yticks(range(len(margins)), [_name(each) for each in margins], fontsize=9, parse_math=False)
    axes.axvline(1.0, color=INK, linewidth=1.0, zorder=3)
    axes.set_xlabel(_axis_label(margins), fontsize=9)
    axes.set_title("over which bounds", fontsize=10)


def _axis_label(margins: "Sequence[Margin]") -> str:
    undeclared = any(each.declared is None for each in margins)
    return "times the declared value" + (" (not declared: times the effect)" if undeclared else "")


def _unit_of(margin: "Margin", robustness: RobustnessRecord) -> float:
    """Return the value that is drawn at 1: the declared one, or the size of the effect."""
    if margin.declared is not None:
        return margin.declared
    effect = robustness.verdict.effect
    size = abs(effect.value) if effect is not None else math.nan
    return size if math.isfinite(size) and size > 0 else margin.segments[0].high


def _name(margin: "Margin") -> str:
    if margin.name == "prior_scale":
        return "prior scale\nthe default"
    declared = "not declared" if margin.declared is None else number(margin.declared)
    return f"{BOUNDS.get(margin.name, margin.name)}\n{declared}"


def _draw_margin(axes: "Axes", margin: "Margin", at: int, unit: float) -> None:
    for segment in margin.segments:
        axes.barh(
            at,
            (segment.high - segment.low) / unit,
            left=segment.low / unit,
            height=0.34,
            color=MARK_COLOURS[segment.status],
            linewidth=0,
            hatch=HATCHES[segment.status],
            edgecolor="white",
            gid=f"segment {segment.status}",
        )
    own = next((each for each in margin.segments if _holds(each, margin.declared)), None)
    for end, side in ((margin.low, "right"), (margin.high, "left")):
        if own is not None and end is not None and 1 / FARTHEST < end / unit < FARTHEST:
            axes.annotate(
                number(end),
                xy=(end / unit, at - 0.19),
                xytext=(-2 if side == "right" else 2, 2),
                textcoords="offset points",
                ha=side,
                va="bottom",
                fontsize=8.5,
                color=INK,
                parse_math=False,
            )


def _holds(segment: "Segment", declared: float | None) -> bool:
    return declared is not None and segment.low <= declared <= segment.high
