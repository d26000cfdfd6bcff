"""The figure of a comparison of shapes: how much worse each predicts a new seed than the best, and its weight."""

from typing import TYPE_CHECKING, Any

from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.layout import Layout
from sigstats.report.style import FAINT, INK, SOFT, drawable, note
from sigstats.studies.comparison.record import ComparisonRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SCREEN, ROW, FOOT = 8.0, 0.28, 0.95  # inches
COLOUR, DECLARED = "#0072b2", "#a3320b"


def shapes_figure(found: ComparisonRecord, claim: str, asked: Layout) -> "Figure":
    """Return the figure: left the differences in error with their standard errors, right the weights."""
    table: Any = found.table
    asked = asked.on(SCREEN)
    with asked.drawing():
        figure = begin(asked, FOOT + ROW * len(table), padding=(0.08, 0.06), claim=claim)
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(2.2, 1))
        for at, row in enumerate(table.itertuples()):
            colour = DECLARED if row.shape == found.declared else COLOUR
            ends = [row.difference - row.difference_se, row.difference + row.difference_se]
            left.plot(ends, [at, at], color=colour, linewidth=2.0, gid="interval")
            left.plot([row.difference], [at], "o", color=colour, markersize=6, gid="difference")
            right.barh(at, row.weight, height=0.55, color=colour, linewidth=0)
            said = (
                f"{row.shape}: {row.difference:.3g} more squared error than the best; weight {row.weight:.2f}"
            )
            note(left, float(row.difference), at, drawable(said))
        names = [f"{name} (declared)" if name == found.declared else name for name in table["shape"]]
        _finish(left, [drawable(name) for name in names])
        left.set_xlabel(
            drawable(f"error minus that of the best, in squared {found.unit}"), fontsize=9, parse_math=False
        )
        left.set_title("how much worse, with 1 standard error", color=SOFT, fontsize=9.5)
        right.set_xlim(0.0, 1.0)
        right.set_xlabel("weight in the best mixture", fontsize=9)
        right.grid(axis="x", color=FAINT, linewidth=0.6)
        right.tick_params(axis="y", length=0, labelleft=False)
        finish(figure, asked)
    return figure


def _finish(axes: "Axes", names: list[str]) -> None:
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=0)
    axes.set_yticks(range(len(names)), names, fontsize=9, parse_math=False)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
