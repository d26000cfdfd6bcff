"""The figure of a screen: p-values against effects, and the intervals of all keys in the order of their effects."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.layout import Layout
from sigstats.report.numbers import bare_pvalue, level
from sigstats.report.style import FAINT, SOFT, STATUS_COLOURS, drawable
from sigstats.studies.screen.frame import names
from sigstats.studies.screen.record import ScreenRecord
from sigstats.studies.screen.rows import CODE, STATUSES
from sigstats.studies.screen.words import brief
from sigstats.verdict.rules import Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sigstats.data.table.cells import FloatArray, IntArray

SCREEN, ROW = 9.5, 3.6  # inches
MOST_PANELS, MOST_INTERVALS, LEAST_P = 6, 400, 1e-16
LONGEST_TITLE = 90


def screen_figure(screen: ScreenRecord, asked: Layout) -> "Figure":
    """Return the figure: a row of two panels for each signature, of the first few."""
    n = min(len(screen.signatures), MOST_PANELS)
    asked = asked.on(SCREEN)
    with asked.drawing():
        down, across = (2 * n, 1) if asked.narrow else (n, 2)
        figure = begin(
            asked, ROW * down * (0.75 if asked.narrow else 1.0), padding=(0.1, 0.08), claim=brief(screen)
        )
        grid = figure.subplots(down, across, squeeze=False).reshape(n, 2)
        for at in range(n):
            rows = np.arange(at, len(screen.rows), len(screen.signatures))
            _volcano(grid[at, 0], screen, rows)
            _intervals(grid[at, 1], screen, rows)
            title = drawable(names(screen)[at])[:LONGEST_TITLE]
            grid[at, 0].set_title(title, fontsize=10, parse_math=False)
        finish(figure, asked)
    return figure


def _volcano(axes: "Axes", screen: ScreenRecord, at: "IntArray") -> None:
    """Draw p of *present* against the effect; filled where the key is a discovery."""
    effect, found = screen.rows.effect[at], screen.discovery[at]
    p = np.maximum(screen.rows.pvalue[at], LEAST_P)
    for status, colour in STATUS_COLOURS.items():
        own = screen.rows.status[at] == CODE[Status(status)]
        for mark, some in (("discoveries", own & found), (status, own & ~found)):
            axes.plot(effect[some], p[some], gid=mark, **_dots(colour, some, filled=mark == "discoveries"))
    axes.set_yscale("log")
    axes.set_ylim(2.0, min(float(p.min(initial=0.01)), 0.01) / 2)
    axes.yaxis.set_major_formatter(lambda value, _: level(value))
    axes.axvline(0.0, color=SOFT, linewidth=0.8, zorder=0)
    if found.any():
        most = float(screen.rows.pvalue[at][found].max())
        axes.axhline(most, color=SOFT, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.annotate(
            f"discoveries up to p = {bare_pvalue(most)}", (0.0, most), xycoords=("axes fraction", "data"), ha="left",
            va="bottom", fontsize=8, color=SOFT, xytext=(4, 2), textcoords="offset points",
        )  # fmt: skip
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.set_xlabel(
        "effect, to the right: as predicted\nfilled: discoveries of present", fontsize=8.5, color=SOFT
    )
    axes.set_ylabel("p of the whole claim", fontsize=9)


def _dots(colour: str, some: Any, *, filled: bool) -> dict[str, Any]:  # noqa: ANN401 - an array of bool
    size = 5.0 if some.size <= 300 else 3.0 if some.size <= 5000 else 1.6
    fill = (
        {"markeredgewidth": 0}
        if filled
        else {"markerfacecolor": "none", "markeredgewidth": 0.7, "alpha": 0.55}
    )
    return {
        "linestyle": "none", "marker": "o", "markersize": size, "color": colour, "rasterized": some.size > 2000, **fill
    }  # fmt: skip


def _intervals(axes: "Axes", screen: ScreenRecord, at: "IntArray") -> None:
    """Draw the intervals in the order of effects; of very many keys, evenly chosen ones."""
    effect = screen.rows.effect[at]
    order = np.argsort(effect, kind="stable")[: int(np.isfinite(effect).sum())]
    shown = order
    if order.size > MOST_INTERVALS:
        shown = order[np.unique(np.linspace(0, order.size - 1, MOST_INTERVALS).astype(int))]
    rank = np.empty(effect.size)
    rank[order] = np.arange(order.size)
    low, high = _selected(screen, at)
    for code, status in enumerate(STATUSES):
        own = shown[screen.rows.status[at][shown] == code]
        colour = STATUS_COLOURS[status]
        axes.hlines(rank[own], low[own], high[own], colors=colour, linewidth=_width(shown.size), alpha=0.6)
        axes.plot(
            effect[own],
            rank[own],
            linestyle="none",
            marker="o",
            markersize=2.4,
            color=colour,
            markeredgewidth=0,
        )
        if own.size:
            axes.plot([], [], linestyle="none", marker="o", markersize=5, color=colour, label=str(status))
    axes.axvline(0.0, color=SOFT, linewidth=0.8, zorder=0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    left_out = f"\n{shown.size} of {order.size} keys are drawn" if shown.size < order.size else ""
    said = (
        "interval of each key, in the order of effects; wider for discoveries, to allow for their selection"
    )
    axes.set_xlabel(f"{said.replace('; ', ';' + chr(10))}{left_out}", fontsize=8.5, color=SOFT)
    if shown.size:
        axes.legend(loc="lower right", fontsize=8, frameon=False, handletextpad=0.1)


def _width(n: int) -> float:
    return 2.0 if n <= 40 else 1.2 if n <= 150 else 0.6


def _selected(screen: ScreenRecord, at: "IntArray") -> "tuple[FloatArray, FloatArray]":
    """Return the ends of intervals: of discoveries those that allow for their selection."""
    wide = np.isfinite(screen.selective_low[at]) & np.isfinite(screen.selective_high[at])
    low = np.where(wide, screen.selective_low[at], screen.rows.low[at])
    high = np.where(wide, screen.selective_high[at], screen.rows.high[at])
    known = np.isfinite(low) & np.isfinite(high)
    effect = screen.rows.effect[at]
    return np.where(known, low, effect), np.where(known, high, effect)
