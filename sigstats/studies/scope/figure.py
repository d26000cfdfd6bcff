"""The figure of a scope: one row per cell, with the effect, its interval, and whether the claim holds there."""

import math
import textwrap
from typing import TYPE_CHECKING, Any

from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.intervals import draw_interval
from sigstats.report.layout import Layout
from sigstats.report.numbers import number
from sigstats.report.row_names import row_names
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

SCREEN, ROW, TALL_ROW, FOOT, TALL_FOOT, TALLEST = 9.0, 0.3, 0.5, 0.6, 0.9, 60.0
NAME, LONGEST_ANSWER = 9.0, 24  # points, and letters
COLOURS = {
    True: STATUS_COLOURS["present"],
    False: STATUS_COLOURS["absent"],
    None: STATUS_COLOURS["inconclusive"],
}
KEY = "Lines: interval in the cell alone; dashed: min_effect; filled: settled after correction; hollow: not known."


def scope_figure(found: ScopeRecord, asked: Layout) -> "Figure":
    """Return the figure of a scope."""
    n = len(found.cells)
    asked = asked.on(SCREEN)
    with asked.drawing():
        names, height = row_names(asked, [_name(cell) for cell in found.cells], points=NAME)
        row = max(TALL_ROW if asked.narrow else ROW, height)
        figure = begin(
            asked,
            min((TALL_FOOT if asked.narrow else FOOT) + row * n, TALLEST),
            padding=(0.08, 0.06),
            claim=f"{claim(found.signature)}: {brief(found)}",
            why=KEY,
        )
        axes = figure.add_subplot()
        for at, cell in enumerate(found.cells):
            _draw_cell(axes, at, cell)
            _draw_answer(axes, at, cell, row, asked)
        _finish(axes, found, names)
        finish(figure, asked)
    return figure


def _draw_cell(axes: "Axes", at: int, cell: ScopeCell) -> None:
    size, colour = cell_size(cell), COLOURS[cell.holds]
    estimate = None if size is None else size.estimate
    if size is None or estimate is None or not math.isfinite(estimate.value):
        return
    fill = "white" if cell.holds is None else colour
    draw_interval(axes, at, estimate, colour=colour, upright=False, markerfacecolor=fill)


def _draw_answer(axes: "Axes", at: int, cell: ScopeCell, row: float, asked: Layout) -> None:
    """Write whether the claim holds: beside the row, or above its interval where there is no room beside it."""
    said = HOLDS[cell.holds] if cell.unsettled is None else f"not known: {cell.unsettled}"
    look: dict[str, Any] = {"fontsize": 8.5, "color": COLOURS[cell.holds]}
    across = axes.get_yaxis_transform()
    if asked.narrow:
        axes.text(0.01, at - 0.1 / row, said, transform=across, va="bottom", **look)
        return
    axes.text(1.01, at, textwrap.fill(said, LONGEST_ANSWER), transform=across, va="center", **look)


def _name(cell: ScopeCell) -> str:
    """Return the name of a cell."""
    return ", ".join(drawable(places_of({name: value})) for name, value in cell.values.items())


def _finish(axes: "Axes", found: ScopeRecord, names: list[str]) -> None:
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
    axes.set_yticks(range(n), names, fontsize=NAME, parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    sign = sizes[0].sign if sizes else 1
    axes.xaxis.set_major_formatter(lambda value, _: number(sign * value))
    unit = next((size.estimate.unit for size in sizes if size.estimate is not None), "")
    what = drawable(f"effect ({unit})" if unit else "effect")
    axes.set_xlabel(f"{what}, to the right: as predicted", fontsize=8.5, color=SOFT, parse_math=False)
