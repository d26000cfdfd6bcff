"""Names of rows and of columns: broken into lines that fit, by their measured width, before the panels are laid out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sigstats.report.fitting import COLUMNS, NAME_SHARE, lines_of
from sigstats.report.layout import Layout
from sigstats.report.style import blank_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE, GAP = 1.32, 0.5  # height of a line, and between two rows, as a part of the size of letters


def row_names(
    asked: Layout, names: Sequence[str], *, points: float, most: int = 3
) -> tuple[list[str], float]:
    """Return names in lines, and the inches that a row needs for the longest; what is too long loses its middle."""
    probe = blank_figure((asked.canvas, 1.0), padding=(0.0, 0.0))
    room = NAME_SHARE * asked.canvas * probe.dpi
    broken = [_at_most(lines_of(probe, name, room, fontsize=points), most) for name in names]
    lines = max((name.count("\n") + 1 for name in broken), default=1)
    return broken, (LINE * lines + GAP) * points / 72


def _at_most(lines: list[str], most: int) -> str:
    """Return the first and the last lines, with a mark for those that are left out."""
    if len(lines) > most:
        lines = [*lines[: most - 1], f"... {lines[-1]}"]
    return "\n".join(lines)


def name_columns(axes: "Axes", names: Sequence[str]) -> None:
    """Put names below an axis: each goes into as many lines as its share of the width asks for."""
    axes.set_xticks(range(len(names)), names, parse_math=False)
    axes.xaxis.set_gid(COLUMNS)
