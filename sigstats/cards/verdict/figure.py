"""The figure of a card: one row per signature, each in its own units.

A row shows the effect with its interval, positive where it goes the predicted way, the margin that it is held against,
and the effect of the control; beside them what was expected, and the verdict as a badge. Rows are not drawn to one
scale, as their units differ: in each, the solid line is zero, and to the right is the predicted way.
"""

import math
from typing import TYPE_CHECKING, Any

from sigstats.cards.verdict.outcomes import Outcome, Prediction
from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.words import brief, in_short, title
from sigstats.report.escaping import shortened
from sigstats.report.fitting import finish, lines_of
from sigstats.report.heading import begin
from sigstats.report.intervals import draw_interval
from sigstats.report.layout import Layout
from sigstats.report.numbers import number
from sigstats.report.style import (
    FAINT,
    IDEA_COLOURS,
    INK,
    SOFT,
    STATUS_COLOURS,
    finite_range,
)
from sigstats.stats.estimate import Estimate
from sigstats.studies.answers.sizes import Size, size_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

# Inches: a row with all three parts, and the parts below each other; below them what the right side means.
BESIDE, STACKED, FOOT = (0.95,), (0.5, 0.55, 0.95), 0.2
SHARES = (0.8, 1.1, 1.25)
NAME, WORDS, LINE = 10.5, 8.5, 1.3  # points, and the height of a line as a part of them
LONGEST_NAME, MOST_ANSWER = 90, 3
SIDES = "To the right is the predicted way; each row has units of its own."
ROOM = 0.08  # of the width of a row, beside what is drawn
COLOUR_OF = {
    Outcome.AS_EXPECTED: IDEA_COLOURS["supported"],
    Outcome.IN_PART: IDEA_COLOURS["bounded"],
    Outcome.OTHERWISE: IDEA_COLOURS["contradicted"],
}


def card_figure(found: CardDecision, asked: Layout) -> "Figure":
    """Return the figure of a card."""
    n = len(found.predictions)
    with asked.drawing():
        heights = STACKED if asked.narrow else BESIDE
        figure = begin(
            asked,
            FOOT + n * sum(heights),
            padding=(0.06, 0.03),
            status=found.status,
            claim=f"{title(found)}: {brief(found)}",
            why=f"{in_short(found)} {SIDES}",
            keys=_keys(),
        )
        for number_of, axes in enumerate(_rows(figure, n, asked)):
            each = found.predictions[number_of]
            _draw_name(axes[0], each, asked)
            _draw_size(axes[1], each)
            _draw_answer_to(axes[2], each, asked)
        finish(figure, asked)
    return figure


def _rows(figure: "Figure", n: int, asked: Layout) -> "list[tuple[Axes, Axes, Axes]]":
    """Return name, size and answer of each signature: beside each other, or on a narrow figure below each other."""
    if asked.narrow:
        axes = figure.subplots(3 * n, 1, squeeze=False, height_ratios=STACKED * n).ravel()
        return [(axes[3 * at], axes[3 * at + 1], axes[3 * at + 2]) for at in range(n)]
    grid = figure.subplots(n, 3, squeeze=False, width_ratios=SHARES)
    return [tuple(row) for row in grid]


def _keys() -> "list[Line2D]":
    """Return what marks and lines stand for."""
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"color": INK, "linewidth": 2.0, "marker": "o", "markersize": 6.0}
    return [
        Line2D([], [], **look, label="treatment, interval"),
        Line2D([], [], **look | {"color": SOFT, "markerfacecolor": "white"}, label="control, interval"),
        Line2D(
            [], [], color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)), label="smallest effect that matters"
        ),
        Line2D([], [], color=FAINT, linewidth=7.0, label="range that was declared"),
    ]


def _room(asked: Layout, column: int) -> float:
    """Return the pixels of canvas that a column has for words."""
    share = 1.0 if asked.narrow else SHARES[column] / sum(SHARES)
    return 100.0 * (asked.canvas * share - 0.3)


def _draw_name(axes: "Axes", each: Prediction, asked: Layout) -> None:
    """Draw the name of a signature, and below it what was expected of it."""
    axes.set_axis_off()
    figure: Figure = axes.get_figure(root=True)  # type: ignore[assignment]
    name = lines_of(figure, shortened(each.label, LONGEST_NAME), _room(asked, 0), fontsize=NAME)
    role = "" if each.role == "core" else f"{each.role}; "
    _write(axes, 1.0, "\n".join(name), colour=INK, points=NAME)
    below = 1.0 - len(name) * LINE * NAME / (72.0 * (STACKED if asked.narrow else BESIDE)[0])
    _write(axes, below, f"{role}expected: {each.expect}", colour=SOFT)


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
    fill = "white" if hollow else colour
    draw_interval(axes, at, estimate, colour=colour, upright=False, markerfacecolor=fill)


def _draw_answer_to(axes: "Axes", each: Prediction, asked: Layout) -> None:
    """Draw the verdict as a badge, whether it is as expected, and the answer in a few words."""
    axes.set_axis_off()
    figure: Figure = axes.get_figure(root=True)  # type: ignore[assignment]
    height = STACKED[2] if asked.narrow else BESIDE[0]
    status = "no verdict" if each.verdict is None else str(each.verdict.status)
    colour = STATUS_COLOURS.get(status, SOFT)
    badge = axes.text(
        0.01,
        1.0 - 0.04 / height,
        f" {status.upper()} ",
        transform=axes.transAxes,
        va="top",
        fontsize=WORDS,
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
    if each.verdict is None:
        return
    told = each.verdict._brief()  # noqa: SLF001 - its own report
    top = 1.0 - 0.25 / height
    for said, ink in ((size_of(each.verdict).said, INK), (told, SOFT)):
        lines = lines_of(figure, said, _room(asked, 2), fontsize=WORDS)[:MOST_ANSWER]
        _write(axes, top, "\n".join(lines), colour=ink)
        top -= len(lines) * LINE * WORDS / (72.0 * height)


def _write(axes: "Axes", height: float, said: str, *, colour: str, points: float = WORDS) -> None:
    axes.text(
        0.0,
        height,
        said,
        transform=axes.transAxes,
        va="top",
        fontsize=points,
        color=colour,
        linespacing=1.1,
        parse_math=False,
    ).set_in_layout(False)
