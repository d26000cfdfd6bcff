"""The top of a figure: the answer as a badge with the claim, and below it why, in as many lines as they need."""

from typing import TYPE_CHECKING

from sigstats.report.fitting import SURE, height_of, lines_of, width_of
from sigstats.report.layout import Layout
from sigstats.report.style import IDEA_COLOURS, INK, SOFT, STATUS_COLOURS, blank_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

MARGIN, GAP, BELOW = 0.1, 0.09, 0.1  # inches: beside, between lines, and before the panels
BADGE, CLAIM, LONG_CLAIM, WHY = 15.0, 13.0, 11.5, 9.5  # points
MOST_COLUMNS = 4  # of what lines stand for, beside each other
SMALLER = 0.85  # of the badge and the claim on a narrow canvas


def begin(
    asked: Layout,
    body: float,
    *,
    padding: tuple[float, float],
    status: str = "",
    claim: str = "",
    why: str = "",
    keys: "Sequence[Line2D]" = (),
) -> "Figure":
    """Return a figure whose panels have so many inches of height, below a heading as high as it has to be.

    The heading is an axes of its own, in inches, that takes no part in the layout of the panels.
    """
    figure = blank_figure((asked.canvas, body), padding=padding)
    claim = asked.title if isinstance(asked.title, str) else claim
    if asked.title is False:
        status = claim = why = ""
    if not (claim or why or status or keys):
        return figure
    heading = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    heading.set_axis_off()
    heading.set(xticks=[], yticks=[])
    heading.set_label("title")
    heading.set_in_layout(False)
    height = _write(figure, heading, asked, status, claim, why)
    height += _write_keys(figure, heading, asked, keys, height)
    whole = body + height
    figure.set_size_inches(asked.canvas, whole)
    heading.set_position((0.0, body / whole, 1.0, height / whole))
    heading.set_xlim(0.0, asked.canvas)
    heading.set_ylim(-height, 0.0)
    figure.get_layout_engine().set(rect=(0.0, 0.0, 1.0, body / whole))  # type: ignore[union-attr,call-arg]
    return figure


def _write(figure: "Figure", axes: "Axes", asked: Layout, status: str, claim: str, why: str) -> float:
    """Write badge, claim and reason from the top down; return how many inches they take."""
    dpi, room = figure.dpi, asked.canvas - 2 * MARGIN
    size = SMALLER if asked.narrow else 1.0
    top, left = MARGIN, MARGIN
    if status:
        width, height = _write_badge(figure, axes, status, BADGE * size, top)
        if asked.narrow:
            top += height + GAP
        else:
            left += width + 0.12
    for points in (CLAIM * size, LONG_CLAIM * size):
        font = {"fontsize": points}
        lines = lines_of(figure, claim, (asked.canvas - MARGIN - left) * dpi, **font)
        if len(lines) == 1:
            break
    if claim:
        said = "\n".join(lines)
        shift = 0.04 if status and not asked.narrow else 0.0
        axes.text(left, -top - shift, said, va="top", color=INK, parse_math=False, fontsize=points)
        top += height_of(figure, said, **font) / dpi + shift
    if status and not asked.narrow:
        top = max(top, MARGIN + height)
    if why:
        said = "\n".join(lines_of(figure, why, room * dpi, fontsize=WHY))
        top += GAP
        axes.text(MARGIN, -top, said, va="top", color=SOFT, parse_math=False, fontsize=WHY)
        top += height_of(figure, said, fontsize=WHY) / dpi
    return top + BELOW if top > MARGIN else MARGIN


def _write_keys(figure: "Figure", axes: "Axes", asked: Layout, keys: "Sequence[Line2D]", top: float) -> float:
    """Write what lines stand for, below the words; return the inches that it takes."""
    if not keys:
        return 0.0
    room = asked.canvas - 2 * MARGIN
    for columns in range(min(len(keys), MOST_COLUMNS), 0, -1):
        legend = axes.legend(
            handles=keys, loc="upper left", bbox_to_anchor=(MARGIN, -top), bbox_transform=axes.transData,
            frameon=False, fontsize=WHY, handlelength=2.6, borderpad=0.0, borderaxespad=0.0, ncols=columns,
        )  # fmt: skip
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        box = legend.get_window_extent(renderer)
        if box.width <= SURE * room * figure.dpi:
            break
    return float(box.height) / figure.dpi + 2 * BELOW


def _write_badge(
    figure: "Figure", axes: "Axes", status: str, points: float, top: float
) -> tuple[float, float]:
    """Write the status on its colour; return the inches that it takes."""
    colour = {**STATUS_COLOURS, **IDEA_COLOURS}[status]
    said, pad = f" {status.upper()} ", 0.22 * points / 72
    axes.text(
        MARGIN + pad,
        -top - pad,
        said,
        va="top",
        fontsize=points,
        fontweight="bold",
        color="white",
        bbox={"boxstyle": "round,pad=0.22", "facecolor": colour, "edgecolor": colour},
        parse_math=False,
    )
    width = width_of(figure, said, fontsize=points, fontweight="bold") / figure.dpi
    height = height_of(figure, said, fontsize=points, fontweight="bold") / figure.dpi
    return width + 2 * pad, height + 2 * pad
