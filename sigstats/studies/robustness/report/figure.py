"""The figure of a robustness analysis: every analysis, what the verdict rests on, and over which bounds it stands.

At the top, the specification curve: one dot per analysis, its effect with its interval, sorted, coloured by verdict,
and below it a matrix that says which options each analysis took. Effects on different scales of the metric cannot be
compared, so that each unit has a panel of its own. At the bottom, the effect without each seed and level, and the
ranges of the bounds over which each verdict is given.

The figure is a bare `matplotlib.figure.Figure`: no window, no global state.
"""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sigstats.report.style import INK, SOFT, drawable, plain_style
from sigstats.studies.robustness.report.document import tell_robustness
from sigstats.studies.robustness.report.panels import draw_influence, draw_margins, influence_rows
from sigstats.studies.robustness.report.specification_curve import (
    draw_matrix,
    draw_specifications,
    groups_by_unit,
    n_rows,
)
from sigstats.verdict.figure.figure import STATUS_COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

    from sigstats.studies.robustness.result import Robustness

WIDTH = 10.5
ROW = 0.17  # inches
TITLE_HEIGHT, CURVE_HEIGHT = 1.1, 2.3
TITLE_COLUMNS, WHY_COLUMNS = 88, 128
LEAST_SHARE = 0.14


def robustness_figure(robustness: "Robustness") -> "Figure":
    """Return the figure of a robustness analysis."""
    with plain_style():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine

        heights = _heights(robustness)
        engine = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05)
        figure = Figure(figsize=(WIDTH, sum(heights)), layout=engine, facecolor="white")
        FigureCanvasAgg(figure)
        parts: Any = figure.subfigures(3, 1, height_ratios=heights)
        top, middle, bottom = parts
        _draw_title(top, robustness)
        _draw_curve(middle, robustness)
        _draw_below(bottom, robustness)
    return figure


def _heights(robustness: "Robustness") -> tuple[float, float, float]:
    """Return the heights of title, specification curve and what is below it, in inches."""
    matrix = ROW * max(n_rows(robustness.choices), 1) + 0.5
    below = max(2.6, 0.2 * len(influence_rows(robustness)) + 1.1)
    return TITLE_HEIGHT, CURVE_HEIGHT + matrix, below


def _draw_title(figure: "SubFigure", robustness: "Robustness") -> None:
    story = tell_robustness(robustness)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_label("title")
    colour = STATUS_COLOURS[story.status]
    badge = axes.text(
        0.004,
        0.92,
        f" {story.status.upper()} ",
        transform=axes.transAxes,
        va="top",
        fontsize=15,
        fontweight="bold",
        color="white",
        bbox={"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": colour},
        parse_math=False,
    )
    claim = _wrapped(f"{story.claim}; {story.agreement}", TITLE_COLUMNS)
    note = axes.annotate(
        claim,
        xy=(1, 0.5),
        xycoords=badge,
        xytext=(12, 0),
        textcoords="offset points",
        va="center",
        fontsize=13 if "\n" not in claim else 11.5,
        color=INK,
        annotation_clip=False,
        parse_math=False,
    )
    note.set_in_layout(False)
    axes.text(
        0.0,
        0.3,
        _wrapped(story.weakest, WHY_COLUMNS),
        transform=axes.transAxes,
        va="top",
        fontsize=9.5,
        color=SOFT,
        parse_math=False,
    )


def _wrapped(said: str, columns: int) -> str:
    return "\n".join(textwrap.wrap(drawable(said), columns, max_lines=2, placeholder=" ..."))


def _draw_curve(figure: "SubFigure", robustness: "Robustness") -> None:
    groups = groups_by_unit(robustness)
    grid = figure.add_gridspec(
        2,
        len(groups),
        height_ratios=(CURVE_HEIGHT, ROW * max(n_rows(robustness.choices), 1) + 0.5),
        width_ratios=_widths([len(group.analyses) for group in groups]),
    )
    for at, group in enumerate(groups):
        above = figure.add_subplot(grid[0, at])
        draw_specifications(above, group, robustness, first=at == 0)
        last = at == len(groups) - 1
        draw_matrix(
            figure.add_subplot(grid[1, at], sharex=above), group, robustness, first=at == 0, last=last
        )


def _widths(counts: Sequence[int]) -> list[float]:
    return [max(count / max(sum(counts), 1), LEAST_SHARE) for count in counts]


def _draw_below(figure: "SubFigure", robustness: "Robustness") -> None:
    grid: Any = figure.add_gridspec(1, 2, width_ratios=(1.1, 1))
    draw_influence(figure.add_subplot(grid[0, 0]), robustness)
    draw_margins(figure.add_subplot(grid[0, 1]), robustness)
