"""The figure of a comparison: the runs of every condition, and beside them what differs, with its interval.

Left, one dot per run; where runs are paired, a line joins those of one label. Right, the difference of each treatment
from the baseline with its interval, on an axis of its own: the estimation panel of Gardner and Altman (1986), and of
Ho and others (2019), https://doi.org/10.1038/s41592-019-0470-3. Where the claim is about new items, a strip between the
two shows the mean difference of each item.
"""

import math
from typing import TYPE_CHECKING

import numpy as np

from sigstats.report.escaping import shortened
from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.intervals import draw_interval
from sigstats.report.layout import Layout
from sigstats.report.row_names import name_columns
from sigstats.report.style import (
    FAINT,
    INK,
    MARKERS,
    SOFT,
    STATUS_COLOURS,
    drawable,
)
from sigstats.studies.baseline.answer import why
from sigstats.studies.baseline.phrases import brief, claim, metric
from sigstats.studies.baseline.record import Against, Compared, GroupRuns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TALL, SMALL = 4.3, 2.5  # inches of a panel: beside another one, and above one
MOST_LINES = 60
SPREAD = 0.13
STRIP = 0.3
BINS = 30
FULL = 8  # items of one size that make a strip as wide as it gets
MOST_UPRIGHT, LONGEST_UPRIGHT, LONGEST_ASLANT = 5, 72, 24  # names that stand upright, and letters of names
MOST_ITEMS = 2000  # dots in one strip
GOLDEN = 0.6180339887498949  # multiples of it fill a strip evenly, without a generator


def comparison_figure(found: Compared, asked: Layout) -> "Figure":
    """Return the figure of a comparison."""
    with asked.drawing():
        strips = found.population != "runs"
        widths = (1.3, 1.2, 0.9) if strips else (1.5, 1)
        n = len(widths)
        figure = begin(
            asked,
            SMALL * n if asked.narrow else TALL,
            padding=(0.08, 0.05),
            status=found.status,
            claim=f"{claim(found)}: {brief(found)}",
            why=why(found, found.rows[0]),
        )
        panels = (
            figure.subplots(n, 1, squeeze=False)[:, 0]
            if asked.narrow
            else figure.subplots(1, n, squeeze=False, width_ratios=widths)[0]
        )
        _draw_runs(panels[0], found)
        if strips:
            _draw_items(panels[1], found)
        _draw_differences(panels[-1], found)
        finish(figure, asked)
    return figure


def _draw_runs(axes: "Axes", found: Compared) -> None:
    """Draw one dot per run, the baseline first, and lines between paired runs."""
    groups = [found.baseline, *(group for group in found.groups if group.role != "baseline")]
    paired = len(groups) == 2 and found.rows[0].pairing == "paired" and len(groups[0].scores) <= MOST_LINES
    if paired:
        other = dict(zip(groups[1].seeds, groups[1].scores, strict=True))
        for seed, score in zip(groups[0].seeds, groups[0].scores, strict=True):
            axes.plot([0, 1], [score, other[seed]], color=SOFT, linewidth=0.8, alpha=0.7, zorder=1)
    for at, group in enumerate(groups):
        axes.scatter(
            np.full(len(group.scores), at) if paired else at + _beside(group.scores),
            group.scores,
            s=22,
            color=_colour(found, group),
            edgecolor="white",
            linewidth=0.5,
            zorder=2,
        )
        axes.plot([at - 0.2, at + 0.2], [group.mean] * 2, color=INK, linewidth=1.6, zorder=3)
    _name_ticks(axes, [group.condition for group in groups])
    axes.set_xlim(-0.5, len(groups) - 0.5)
    axes.set_ylabel(drawable(metric(found)), parse_math=False)
    axes.set_title("runs", loc="left", fontsize=9.5, color=SOFT)


def _name_ticks(axes: "Axes", conditions: list[str]) -> None:
    """Write names below the axis: in lines, or aslant where there are many."""
    if len(conditions) <= MOST_UPRIGHT:
        name_columns(axes, [drawable(shortened(name, LONGEST_UPRIGHT)) for name in conditions])
        return
    names = [drawable(shortened(name, LONGEST_ASLANT)) for name in conditions]
    axes.set_xticks(
        range(len(names)), names, parse_math=False, rotation=35, ha="right", rotation_mode="anchor"
    )


def _beside(scores: np.ndarray) -> np.ndarray:
    """Return how far each dot stands to the side, so that few overlap; the same for the same runs."""
    rank = np.argsort(np.argsort(scores, kind="stable"), kind="stable")
    return SPREAD * np.array([-1.0, 0.0, 1.0])[rank % 3] if scores.size > 3 else np.zeros(scores.size)


def _colour(found: Compared, group: GroupRuns) -> str:
    status = next((row.status for row in found.rows if row.condition == group.condition), None)
    return SOFT if status is None else STATUS_COLOURS[status]


def _draw_items(axes: "Axes", found: Compared) -> None:
    """Draw the mean difference of each item, one strip per treatment."""
    axes.axhline(0.0, color=INK, linewidth=0.9)
    groups = {group.condition: group for group in found.groups}
    every = math.ceil(found.baseline.items.size / MOST_ITEMS)
    for at, row in enumerate(found.rows):
        shown = (groups[row.condition].items - found.baseline.items)[::every]
        axes.scatter(
            at + _jitter(shown),
            shown,
            s=float(np.clip(2400 / shown.size, 5, 20)),
            color=STATUS_COLOURS[row.status],
            alpha=float(np.clip(8 / shown.size**0.5, 0.3, 0.7)),
            linewidth=0,
            gid="items",
            zorder=2,
        )
    _name_treatments(axes, found)
    axes.set_ylabel(_difference(found), parse_math=False)
    which = "one item" if every == 1 else f"one item in {every}"
    axes.set_title(f"dot: {which}, minus the baseline", loc="left", fontsize=9.5, color=SOFT)


def _jitter(values: np.ndarray) -> np.ndarray:
    """Return how far each of many dots stands to the side: a strip as wide as values are frequent, in any order."""
    rank = np.empty(values.size)
    rank[np.argsort(values, kind="stable")] = np.arange(values.size)
    step = np.ptp(values) / BINS or 1.0
    _, bins, counts = np.unique(np.round(values / step), return_inverse=True, return_counts=True)
    width = counts[bins] / max(counts.max(), FULL)
    return np.asarray(2 * STRIP * width * (rank * GOLDEN % 1.0 - 0.5))


def _draw_estimate(axes: "Axes", at: float, row: Against) -> None:
    """Draw a difference with its interval."""
    draw_interval(axes, at, row.difference, colour=STATUS_COLOURS[row.status], mark=MARKERS[row.status])


def _difference(found: Compared) -> str:
    return drawable(f"difference, {metric(found)}")


def _name_treatments(axes: "Axes", found: Compared) -> None:
    _name_ticks(axes, [row.condition for row in found.rows])
    axes.set_xlim(-0.6, len(found.rows) - 0.4)


def _draw_differences(axes: "Axes", found: Compared) -> None:
    """Draw the difference of each treatment with its interval, zero, and the margin."""
    axes.axhline(0.0, color=INK, linewidth=0.9)
    for at, row in enumerate(found.rows):
        _draw_estimate(axes, at, row)
    margin = found.rows[0].margin
    if margin is not None and math.isfinite(margin):
        two = found.signature.shape.name == "equivalent"
        below = found.signature.shape.name == "not_worse"
        sign = found.signature.shape.orientation * (-1 if below else 1)
        for end in (margin, -margin) if two else (sign * margin,):
            axes.axhline(end, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
    _name_treatments(axes, found)
    axes.set_ylabel(_difference(found), parse_math=False)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    confidence = found.rows[0].difference.confidence
    axes.set_title(f"minus the baseline, {confidence:.0%} interval", loc="left", fontsize=9.5, color=SOFT)
