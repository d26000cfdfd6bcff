"""The figure of a robustness analysis: every analysis, what the verdict rests on, and over which bounds it stands.

At the top, the specification curve: one dot per analysis, its effect with its interval, sorted, coloured by verdict,
and below it a matrix that says which options each analysis took. Effects on different scales of the metric cannot be
compared, so that each unit has a panel of its own. At the bottom, the effect without each seed and level, and the
ranges of the bounds over which each verdict is given.

The figure is a bare `matplotlib.figure.Figure`: no window, no global state.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.layout import Layout
from sigstats.studies.robustness.record import RobustnessRecord
from sigstats.studies.robustness.report.document import agreement, claim, weakest
from sigstats.studies.robustness.report.panels import draw_influence, draw_margins, influence_rows
from sigstats.studies.robustness.report.specification_curve import (
    draw_matrix,
    draw_specifications,
    groups_by_unit,
    n_rows,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

ROW = 0.17  # inches
CURVE_HEIGHT, MARGINS_HEIGHT = 2.3, 2.6
LEAST_SHARE = 0.14


def robustness_figure(robustness: RobustnessRecord, asked: Layout) -> "Figure":
    """Return the figure of a robustness analysis."""
    with asked.drawing():
        heights = _heights(robustness, narrow=asked.narrow)
        figure = begin(
            asked,
            sum(heights),
            padding=(0.06, 0.05),
            status=robustness.verdict.status,
            claim=f"{claim(robustness)}; {agreement(robustness)}",
            why=weakest(robustness),
        )
        parts: Any = figure.subfigures(2, 1, height_ratios=heights)
        _draw_curve(parts[0], robustness)
        _draw_below(parts[1], robustness, narrow=asked.narrow)
        finish(figure, asked)
    return figure


def _heights(robustness: RobustnessRecord, *, narrow: bool) -> tuple[float, float]:
    """Return the heights of the specification curve and of what is below it, in inches."""
    matrix = ROW * max(n_rows(robustness.choices), 1) + 0.5
    below = _influence_height(robustness)
    return CURVE_HEIGHT + matrix + 0.3, below + MARGINS_HEIGHT if narrow else below


def _influence_height(robustness: RobustnessRecord) -> float:
    return max(2.6, 0.2 * len(influence_rows(robustness)) + 1.1)


def _draw_curve(figure: "SubFigure", robustness: RobustnessRecord) -> None:
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


def _draw_below(figure: "SubFigure", robustness: RobustnessRecord, *, narrow: bool) -> None:
    panels: Any
    if narrow:
        panels = figure.subplots(2, 1, height_ratios=(_influence_height(robustness), MARGINS_HEIGHT))
    else:
        panels = figure.subplots(1, 2, width_ratios=(1.1, 1))
    draw_influence(panels[0], robustness)
    draw_margins(panels[1], robustness)
