"""The figure of a card: one row per signature, each in its own units.

A row shows the effect with its interval, positive where it goes the predicted way, the margin that it is held against,
and the effect of the control; beside them what was expected, and the verdict as a badge. Rows are not drawn to one
scale, as their units differ: in each, the left line is zero and the dashed one the margin.
"""

import math
import textwrap
from typing import TYPE_CHECKING

from sigstats.cards.verdict.outcomes import Outcome, Prediction
from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.words import brief, in_short, title
from sigstats.report.numbers import number
from sigstats.report.style import (
    FAINT,
    IDEA_COLOURS,
    INK,
    SOFT,
    STATUS_COLOURS,
    blank_figure,
    draw_answer,
    drawable,
    finite_range,
    plain_style,
)
from sigstats.stats.estimate import Estimate
from sigstats.studies.answers.sizes import Size, size_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEADING, ROW, FOOT = 10.5, 1.1, 0.78, 0.35
NAME_COLUMNS, BRIEF_COLUMNS = 34, 62
KEY = (
    "filled: treatment; hollow: control; lines: intervals; dashed: margin; grey: declared range. To the right is the "
    "predicted way; each row has units of its own."
)
ROOM = 0.08  # of the width of a row, beside what is drawn
COLOUR_OF = {
    Outcome.AS_EXPECTED: IDEA_COLOURS["supported"],
    Outcome.IN_PART: IDEA_COLOURS["bounded"],
    Outcome.OTHERWISE: IDEA_COLOURS["contradicted"],
}


def card_figure(found: CardDecision) -> "Figure":
    """Return the figure of a card."""
    n = len(found.predictions)
    with plain_style():
        figure = blank_figure((WIDTH, HEADING + FOOT + ROW * n), padding=(0.06, 0.03))
        grid = figure.add_gridspec(
            n + 2, 3, height_ratios=(HEADING, *[ROW] * n, FOOT), width_ratios=(0.8, 1.1, 1.25)
        )
        heading = figure.add_subplot(grid[0, :])
        draw_answer(
            heading, found.status, f"{title(found)}: {brief(found)}", in_short(found), heights=(0.92, 0.30)
        )
        for at, each in enumerate(found.predictions, start=1):
            _draw_name(figure.add_subplot(grid[at, 0]), each)
            _draw_size(figure.add_subplot(grid[at, 1]), each)
            _draw_answer_to(figure.add_subplot(grid[at, 2]), each)
        _write_key(figure.add_subplot(grid[n + 1, :]))
    return figure


def _write_key(axes: "Axes") -> None:
    axes.set_axis_off()
    axes.text(0.0, 0.3, KEY, transform=axes.transAxes, va="center", fontsize=8, color=SOFT).set_in_layout(
        False
    )


def _draw_name(axes: "Axes", each: Prediction) -> None:
    """Draw the name of a signature, and below it what was expected of it."""
    axes.set_axis_off()
    name = textwrap.wrap(drawable(each.label), NAME_COLUMNS, max_lines=2, placeholder=" ...")
    axes.text(
        0.0,
        0.56,
        "\n".join(name),
        transform=axes.transAxes,
        va="bottom",
        fontsize=10.5,
        color=INK,
        linespacing=1.0,
        parse_math=False,
    ).set_in_layout(False)
    role = "" if each.role == "core" else f"{each.role}; "
    axes.text(
        0.0,
        0.44,
        f"{role}expected: {each.expect}",
        transform=axes.transAxes,
        va="top",
        fontsize=8.5,
        color=SOFT,
        parse_math=False,
    ).set_in_layout(False)


def _draw_size(axes: "Axes", each: Prediction) -> None:
    """Draw effect, margin and control of a signature along an axis of their own units."""
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    size = None if each.verdict is None else size_of(each.verdict)
    if (
        each.verdict is None
        or size is None
        or size.estimate is None
        or not math.isfinite(size.estimate.value)
    ):
        axes.set_axis_off()
        axes.text(
            0.5, 0.5, "nothing to draw", transform=axes.transAxes, ha="center", color=SOFT, fontsize=8.5
        )
        return
    low, high = finite_range(_ends(size))
    room = ROOM * ((high - low) or 1.0)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(0.0, 1.0)
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1)
    if size.margin is not None and math.isfinite(size.margin):
        axes.axvline(size.margin, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    if size.within is not None:
        axes.axvspan(*size.within, color=FAINT, linewidth=0, zorder=0)
    if size.control is not None:
        _draw_estimate(axes, 0.28, size.control, SOFT, hollow=True)
    _draw_estimate(axes, 0.66, size.estimate, STATUS_COLOURS[each.verdict.status], hollow=False)
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda value, _: number(size.sign * value))
    axes.tick_params(axis="x", labelsize=7.5, length=2.5, pad=1.5)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)


def _ends(size: Size) -> list[float]:
    ends = [0.0, size.margin if size.margin is not None else 0.0]
    ends += size.within or ()
    for estimate in (size.estimate, size.control):
        if estimate is not None:
            ends += [estimate.value, estimate.low, estimate.high]
    return ends


def _draw_estimate(axes: "Axes", at: float, estimate: Estimate, colour: str, *, hollow: bool) -> None:
    if math.isfinite(estimate.low) and math.isfinite(estimate.high):
        axes.plot([estimate.low, estimate.high], [at, at], color=colour, linewidth=2.2, zorder=3)
    axes.plot(
        [estimate.value],
        [at],
        marker="o",
        markersize=6.5,
        color=colour,
        markerfacecolor="white" if hollow else colour,
        zorder=4,
    )


def _draw_answer_to(axes: "Axes", each: Prediction) -> None:
    """Draw the verdict as a badge, whether it is as expected, and the answer in a few words."""
    axes.set_axis_off()
    status = "no verdict" if each.verdict is None else str(each.verdict.status)
    colour = STATUS_COLOURS.get(status, SOFT)
    badge = axes.text(
        0.02,
        0.80,
        f" {status.upper()} ",
        transform=axes.transAxes,
        va="center",
        fontsize=8.5,
        fontweight="bold",
        color="white",
        bbox={"boxstyle": "round,pad=0.2", "facecolor": colour, "edgecolor": colour},
    )
    badge.set_in_layout(False)
    axes.annotate(
        str(each.outcome),
        xy=(1, 0.5),
        xycoords=badge,
        xytext=(9, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        fontweight="bold",
        color=COLOUR_OF.get(each.outcome, SOFT),
        annotation_clip=False,
    ).set_in_layout(False)
    if each.verdict is not None:
        told = each.verdict._document().brief  # noqa: SLF001 - its own report
        _write(axes, 0.54, size_of(each.verdict).said, colour=INK)
        _write(axes, 0.28, told, colour=SOFT)


def _write(axes: "Axes", height: float, said: str, *, colour: str) -> None:
    axes.text(
        0.02,
        height,
        textwrap.shorten(drawable(said), BRIEF_COLUMNS, placeholder=" ..."),
        transform=axes.transAxes,
        va="top",
        fontsize=8.5,
        color=colour,
        parse_math=False,
    ).set_in_layout(False)
