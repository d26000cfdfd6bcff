"""The figure of a scope: one row per cell, with the effect, its interval, and whether the claim holds there."""

import math
import textwrap
from typing import TYPE_CHECKING

from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.layout import Layout
from sigstats.report.numbers import number
from sigstats.report.style import (
    FAINT,
    INK,
    SOFT,
    STATUS_COLOURS,
    drawable,
    finite_range,
)
from sigstats.studies.scope.frame import cell_size
from sigstats.studies.scope.record import ScopeCell, ScopeRecord
from sigstats.studies.scope.words import HOLDS, brief, places_of
from sigstats.verdict.words.names import claim

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SCREEN, ROW, TALL_ROW, FOOT, TALLEST = 9.0, 0.3, 0.45, 0.75, 60.0
LONGEST_LABEL, LONGEST_ANSWER = 52, 24
COLOURS = {
    True: STATUS_COLOURS["present"],
    False: STATUS_COLOURS["absent"],
    None: STATUS_COLOURS["inconclusive"],
}
KEY = "lines: interval in the cell alone; dashed: min_effect; filled: settled after correction; hollow: not known"


def scope_figure(found: ScopeRecord, asked: Layout | None = None) -> "Figure":
    """Return the figure of a scope."""
    n = len(found.cells)
    asked = asked or Layout(width=SCREEN)
    with asked.drawing():
        row = TALL_ROW if asked.narrow else ROW
        figure = begin(
            asked,
            min(FOOT + row * n, TALLEST),
            padding=(0.08, 0.06),
            claim=f"{claim(found.signature)}: {brief(found)}",
        )
        axes = figure.add_subplot()
        for at, cell in enumerate(found.cells):
            _draw_cell(axes, at, cell)
        _finish(axes, found)
        finish(figure, asked)
    return figure


def _draw_cell(axes: "Axes", at: int, cell: ScopeCell) -> None:
    size, colour = cell_size(cell), COLOURS[cell.holds]
    said = HOLDS[cell.holds] if cell.unsettled is None else f"not known: {cell.unsettled}"
    axes.text(
        1.01,
        at,
        textwrap.fill(said, LONGEST_ANSWER),
        transform=axes.get_yaxis_transform(),
        va="center",
        fontsize=8.5,
        color=colour,
    )
    estimate = None if size is None else size.estimate
    if size is None or estimate is None or not math.isfinite(estimate.value):
        return
    if math.isfinite(estimate.low) and math.isfinite(estimate.high):
        axes.plot([estimate.low, estimate.high], [at, at], color=colour, linewidth=2.2, zorder=3)
    fill = "white" if cell.holds is None else colour
    axes.plot([estimate.value], [at], marker="o", markersize=6, color=colour, markerfacecolor=fill, zorder=4)


def _name(cell: ScopeCell) -> str:
    """Return the name of a cell, each moderator cut on its own, so that the last one is not lost."""
    most = LONGEST_LABEL // len(cell.values)
    parts = (drawable(places_of({name: value})) for name, value in cell.values.items())
    return ", ".join(part if len(part) <= most else f"{part[: most - 4]} ..." for part in parts)


def _finish(axes: "Axes", found: ScopeRecord) -> None:
    """Draw zero, the margin and the names of the cells."""
    n = len(found.cells)
    sizes = [size for size in map(cell_size, found.cells) if size is not None]
    ends = [0.0]
    for size in sizes:
        ends += [] if size.margin is None else [size.margin]
        if size.estimate is not None:
            ends += [size.estimate.value, size.estimate.low, size.estimate.high]
    low, high = finite_range(ends)
    room = 0.05 * ((high - low) or 1.0)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(n - 0.4, -0.6)
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1)
    if found.signature.min_effect is not None:
        for at, cell in enumerate(found.cells):
            own = cell_size(cell)
            if own is not None and own.margin is not None and math.isfinite(own.margin):
                axes.plot(
                    [own.margin] * 2, [at - 0.5, at + 0.5], color=SOFT, linewidth=0.9, linestyle=(0, (4, 3))
                )
    axes.set_yticks(range(n), [_name(cell) for cell in found.cells], fontsize=9, parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    sign = sizes[0].sign if sizes else 1
    axes.xaxis.set_major_formatter(lambda value, _: number(sign * value))
    unit = next((size.estimate.unit for size in sizes if size.estimate is not None), "")
    what = drawable(f"effect ({unit})" if unit else "effect")
    axes.set_xlabel(f"{what}, to the right: as predicted\n{KEY}", fontsize=8.5, color=SOFT, parse_math=False)
