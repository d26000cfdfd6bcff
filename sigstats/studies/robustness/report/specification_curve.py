"""The specification curve: effects of all analyses, sorted, above a matrix of the options that they took."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigstats.report.escaping import shortened
from sigstats.report.numbers import percent
from sigstats.report.style import FAINT, INK, MARK_COLOURS, MARKERS, SOFT, drawable
from sigstats.studies.robustness.record import RobustnessRecord
from sigstats.studies.robustness.report.document import share_of_option
from sigstats.verdict.rules import Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sigstats.studies.robustness.choices import Choice
    from sigstats.studies.robustness.multiverse import Analysis

MOST_UNITS = 4
OPTION_WIDTH = 28
UNIT_WIDTH = 26
FEW = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Analyses whose effects share a unit: those with an effect first, from the smallest to the largest."""

    unit: str
    analyses: "tuple[Analysis, ...]"


def groups_by_unit(robustness: RobustnessRecord) -> list[Group]:
    """Return the analyses by unit of their effect, the declared unit first."""
    units: dict[str, list[Analysis]] = {}
    for each in robustness.analyses:
        units.setdefault(each.reading.unit, []).append(each)
    order = sorted(
        units, key=lambda unit: (not any(each.declared for each in units[unit]), -len(units[unit]))
    )
    return [Group(unit=unit, analyses=tuple(sorted(units[unit], key=_place))) for unit in order[:MOST_UNITS]]


def _place(analysis: "Analysis") -> tuple[bool, float, tuple[tuple[str, str], ...]]:
    effect = analysis.reading.effect
    missing = math.isnan(effect)
    return missing, 0.0 if missing else effect, analysis.options


def n_rows(choices: "Sequence[Choice]") -> int:
    """Return the number of rows of the matrix: one per option, and one above each choice."""
    return sum(len(choice.options) for choice in choices) + len(choices)


def draw_specifications(axes: "Axes", group: Group, robustness: RobustnessRecord, *, first: bool) -> None:
    """Draw the effects of analyses that share a unit."""
    axes.set_label(f"specifications {group.unit}")
    few = len(group.analyses) <= FEW
    for status, colour in MARK_COLOURS.items():
        at = [place for place, each in enumerate(group.analyses) if each.reading.status == status]
        readings = [group.analyses[place].reading for place in at]
        axes.vlines(
            at,
            [each.low for each in readings],
            [each.high for each in readings],
            colors=colour,
            linewidth=1.4 if few else 0.7,
            alpha=0.45,
            gid="interval",
        )
        axes.plot(
            at,
            [each.effect for each in readings],
            linestyle="none",
            marker=MARKERS[status],
            markersize=5 if few else 2.6,
            color=colour,
            markeredgewidth=0,
            gid=f"effects {status}",
        )
    _mark_declared(axes, group)
    axes.axhline(0.0, color=SOFT, linewidth=0.9, zorder=0)
    axes.set_xlim(-1, len(group.analyses))
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    axes.tick_params(axis="y", labelsize=8.5)
    name = shortened(group.unit, UNIT_WIDTH) or "no unit"
    axes.set_title(drawable(f"effect, {name}" if first else name), fontsize=9.5, parse_math=False)
    if first:
        _legend(axes, robustness)


def _mark_declared(axes: "Axes", group: Group) -> None:
    for place, each in enumerate(group.analyses):
        if each.declared and not math.isnan(each.reading.effect):
            axes.plot(
                [place],
                [each.reading.effect],
                marker="D",
                markersize=8,
                markerfacecolor="white",
                markeredgecolor=MARK_COLOURS[each.reading.status],
                markeredgewidth=2,
                zorder=5,
                gid="declared",
            )


def _legend(axes: "Axes", robustness: RobustnessRecord) -> None:
    from matplotlib.lines import Line2D

    present = {each.reading.status for each in robustness.analyses}
    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=MARKERS[status],
            markersize=6,
            color=MARK_COLOURS[status],
            label=str(status),
        )
        for status in Status
        if status in present
    ]
    handles.append(
        Line2D(
            [],
            [],
            linestyle="none",
            marker="D",
            markersize=7,
            markerfacecolor="white",
            markeredgecolor=INK,
            label="as declared (*)",
        )
    )
    figure = axes.figure
    figure.legend(
        handles=handles,
        loc="outside upper right",
        ncols=len(handles),
        frameon=False,
        fontsize=9,
        handletextpad=0.1,
    )


def draw_matrix(axes: "Axes", group: Group, robustness: RobustnessRecord, *, first: bool, last: bool) -> None:
    """Draw which options each analysis took."""
    axes.set_label(f"options {group.unit}")
    for side in axes.spines.values():
        side.set_visible(False)
    ticks, labels, bold = [], [], []
    row = 0
    for choice in robustness.choices:
        ticks.append(row)
        labels.append(choice.name.replace("_", " "))
        bold.append(True)
        row += 1
        for option in choice.options:
            _draw_row(axes, group, choice.name, option.name, row, n_all=len(group.analyses))
            mark = " *" if option.name == choice.declared else ""
            ticks.append(row)
            labels.append(drawable(shortened(option.name, OPTION_WIDTH) + mark))
            bold.append(False)
            if last:
                _draw_share(axes, share_of_option(robustness, choice.name, option.name), row)
            row += 1
    axes.set_ylim(max(row, 1) - 0.5, -0.5)
    axes.tick_params(axis="both", length=0, labelbottom=False)
    axes.set_yticks(ticks, labels if first else [""] * len(ticks), fontsize=8, parse_math=False)
    for label, heavy in zip(axes.get_yticklabels(), bold, strict=True):
        label.set_fontweight("bold" if heavy else "normal")
    if last:
        axes.text(
            1.015, 1.0, "stands", transform=axes.transAxes, ha="left", va="bottom", fontsize=8, color=SOFT
        )


def _draw_row(axes: "Axes", group: Group, choice: str, option: str, row: int, *, n_all: int) -> None:
    axes.axhline(row, color=FAINT, linewidth=0.5, zorder=0)
    for status, colour in MARK_COLOURS.items():
        at = [
            place
            for place, each in enumerate(group.analyses)
            if each.reading.status == status and each.option(choice) == option
        ]
        if at:
            axes.vlines(
                at,
                row - 0.36,
                row + 0.36,
                colors=colour,
                linewidth=max(0.5, min(3.0, 180.0 / n_all)),
                gid="option",
            )


def _draw_share(axes: "Axes", share: float, row: int) -> None:
    from matplotlib.transforms import blended_transform_factory

    said = "none run" if math.isnan(share) else percent(share)
    where = blended_transform_factory(axes.transAxes, axes.transData)
    axes.text(
        1.015, row, said, transform=where, ha="left", va="center", fontsize=8, color=INK, parse_math=False
    )
