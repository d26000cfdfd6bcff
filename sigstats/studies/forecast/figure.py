"""The figure of a forecast: solid where the law was fitted, dashed where it is carried on beyond that."""

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.report.escaping import shortened
from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.intervals import draw_interval
from sigstats.report.layout import Layout
from sigstats.report.style import FAINT, INK, SOFT, STATUS_COLOURS, drawable
from sigstats.stats.estimate import Estimate
from sigstats.studies.forecast.phrases import part
from sigstats.studies.forecast.record import Drawn, ForecastLevel, ForecastRecord, Rival
from sigstats.studies.forecast.words import brief, title
from sigstats.verdict.figure.curves import set_ticks
from sigstats.verdict.words import names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

SCREEN, PANEL, ERRORS = 8.6, 3.6, 1.5  # inches
LONGEST_NAME = 72
LAW = "#1f5fa8"
RIVAL_STYLES = {
    Rival.LAST_VALUE: (0, (1, 1.6)),
    Rival.LOG_LOG: (0, (5, 1.5, 1, 1.5)),
    Rival.SEMI_LOG: (0, (3, 1.5, 1, 1.5, 1, 1.5)),
    Rival.LINE: (0, (3, 1.5, 1, 1.5, 1, 1.5)),
}
# Short, so that two stand beside each other in a column of a paper.
RIVAL_KEYS = {
    Rival.LAST_VALUE: "last value, carried on",
    Rival.LOG_LOG: "straight in log-log",
    Rival.SEMI_LOG: "straight in log knob",
    Rival.LINE: "straight line",
}
LOOK: dict[str, Any] = {"color": LAW, "linewidth": 1.8}
SOLID: dict[str, Any] = LOOK | {"label": "law, fitted"}
DASHED: dict[str, Any] = LOOK | {"linestyle": (0, (4, 2)), "label": "law, carried on"}
FITTED: dict[str, Any] = {"color": INK, "linestyle": "none", "marker": "o", "markersize": 5.0}
HELD_OUT: dict[str, Any] = FITTED | {"markerfacecolor": "white", "markersize": 6.0}
NEW_RUN: dict[str, Any] = {"color": LAW, "linestyle": "none", "marker": "|", "markersize": 10.0}
RIVAL: dict[str, Any] = {"color": SOFT, "linewidth": 1.1}
ROOM = 0.08
FARTHEST = 0.6  # of the range of runs and law, that rivals may add on each side


def forecast_figure(found: ForecastRecord, asked: Layout) -> "Figure":
    """Return the figure: for each condition its runs and laws, and the errors below where there are any."""
    judged = found.status is not None
    n = len(found.drawn)
    heights = ([PANEL, ERRORS] if judged else [PANEL]) * n
    asked = asked.on(SCREEN)
    with asked.drawing():
        figure = begin(
            asked,
            sum(heights),
            padding=(0.08, 0.06),
            status="" if found.status is None else str(found.status),
            claim=f"{title(found)}: {brief(found)}",
            keys=_keys(found),
        )
        panels = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
        for at, drawn in enumerate(found.drawn):
            axes = panels[at * 2 if judged else at]
            _curves(axes, found, drawn)
            if judged:
                below = panels[at * 2 + 1]
                _errors(below, found, drawn)
                set_ticks(below, drawn.levels, drawn.levels, log=axes.get_xscale() == "log")
                below.set_xlim(axes.get_xlim())
                axes.tick_params(labelbottom=False)
                axes.set_xlabel("")
        finish(figure, asked)
    return figure


def _keys(found: ForecastRecord) -> "list[Line2D]":
    """Return what marks and lines stand for, each once."""
    from matplotlib.lines import Line2D

    held_out = any(_held_out(found, each).any() for each in found.drawn)
    rivals = {name for each in found.drawn for name, _ in each.rivals}
    looks: list[dict[str, Any]] = [
        FITTED | {"label": "mean, fitted"},
        *([HELD_OUT | {"label": "mean, held out"}] if held_out else []),
        SOLID,
        DASHED,
        # Upright in the legend as in the panel, so that it is not taken for the law.
        NEW_RUN | {"label": "a new run, expected"},
        *(
            RIVAL | {"linestyle": RIVAL_STYLES[name], "label": RIVAL_KEYS[name]}
            for name in RIVAL_STYLES
            if name in rivals
        ),
    ]
    return [Line2D([], [], **look) for look in looks]


def _held_out(found: ForecastRecord, drawn: Drawn) -> np.ndarray:
    """Return which levels beyond the fitted ones have runs."""
    return np.asarray((drawn.levels > _last(found, drawn)) & np.isfinite(drawn.values).any(axis=0))


def _curves(axes: "Axes", found: ForecastRecord, drawn: Drawn) -> None:
    last, levels = _last(found, drawn), drawn.levels
    set_ticks(axes, levels, levels, log=_log(drawn.grid))
    for row in drawn.values:
        axes.plot(levels, row, "o", color=FAINT, markersize=3, zorder=2)
    below, above = drawn.grid <= last, drawn.grid >= last
    axes.fill_between(drawn.grid, drawn.low, drawn.high, color=LAW, alpha=0.15, linewidth=0, zorder=1)
    axes.plot(drawn.grid[below], drawn.law[below], **SOLID, zorder=4)
    axes.plot(drawn.grid[above], drawn.law[above], **DASHED, zorder=4)
    for name, values in drawn.rivals:
        axes.plot(drawn.grid[above], values[above], **RIVAL, linestyle=RIVAL_STYLES[name], zorder=3)
    means = np.array(
        [np.nanmean(column) if np.isfinite(column).any() else np.nan for column in drawn.values.T]
    )
    fitted, held_out = levels <= last, _held_out(found, drawn)
    axes.plot(levels[fitted], means[fitted], **FITTED, zorder=5)
    axes.plot(levels[held_out], means[held_out], **HELD_OUT, zorder=6)
    _new_runs(axes, found, drawn)
    _divide(axes, last)
    _limits(axes, found, drawn)
    axes.set_ylabel(drawable(shortened(names.metric(found.signature), LONGEST_NAME)), parse_math=False)
    knob = drawable(shortened(names.swept(found.signature), LONGEST_NAME))
    axes.set_xlabel(knob, parse_math=False)
    if len(found.drawn) > 1:
        axes.set_title(drawable(shortened(drawn.condition, LONGEST_NAME)), parse_math=False)


def _new_runs(axes: "Axes", found: ForecastRecord, drawn: Drawn) -> None:
    """Draw where single new runs are expected."""
    for each in _levels(found, drawn):
        ends = (each.new_run.low, each.new_run.high)
        if all(map(math.isfinite, ends)):
            axes.plot([each.level] * 2, ends, color=LAW, linewidth=1.2, zorder=3)


def _limits(axes: "Axes", found: ForecastRecord, drawn: Drawn) -> None:
    """Show runs, law and new runs whole; what takes more than as much again, of a rival, leaves the panel."""
    ends = [end for each in _levels(found, drawn) for end in (each.new_run.low, each.new_run.high)]
    shown = np.concatenate([drawn.values.ravel(), drawn.law, ends])
    shown = shown[np.isfinite(shown)]
    low, high = float(shown.min()), float(shown.max())
    rivals = np.concatenate(
        [[low, high], *(values[drawn.grid >= _last(found, drawn)] for _, values in drawn.rivals)]
    )
    rivals = rivals[np.isfinite(rivals)]
    farthest = FARTHEST * (high - low)
    low, high = max(low - farthest, float(rivals.min())), min(high + farthest, float(rivals.max()))
    room = 1.5 * ROOM * ((high - low) or 1.0)
    axes.set_ylim(low - room, high + room)


def _errors(axes: "Axes", found: ForecastRecord, drawn: Drawn) -> None:
    last = _last(found, drawn)
    span = [last, float(drawn.grid[-1])]
    axes.fill_between(
        span, [-100 * found.within] * 2, [100 * found.within] * 2, color=FAINT, alpha=0.6, linewidth=0
    )
    axes.axhline(0.0, color=INK, linewidth=0.8)
    for each in _levels(found, drawn):
        error = each.relative_error
        if error is None or not math.isfinite(error.value):
            continue
        colour = STATUS_COLOURS[{True: "present", False: "absent", None: "inconclusive"}[each.within]]
        fill = "white" if each.within is None else colour
        draw_interval(axes, each.level, _in_percent(error), colour=colour, markerfacecolor=fill)
    _divide(axes, last)
    axes.set_ylabel("error, %")
    knob = drawable(shortened(names.swept(found.signature), LONGEST_NAME))
    key = f"band: within {part(found.within)}; filled: settled; lines: {percent_key(found)} intervals"
    axes.set_xlabel(f"{knob}\n{key}", parse_math=False)


def _in_percent(share: Estimate) -> Estimate:
    ends = {name: 100 * getattr(share, name) for name in ("value", "low", "high")}
    return dataclasses.replace(share, **ends)


def percent_key(found: ForecastRecord) -> str:
    """Return the confidence of the intervals."""
    return f"{round(100 * (1 - 2 * found.alpha))} %"


def _divide(axes: "Axes", last: float) -> None:
    axes.axvline(last, color=SOFT, linewidth=0.9, linestyle=(0, (2, 3)), zorder=0)


def _levels(found: ForecastRecord, drawn: Drawn) -> list[ForecastLevel]:
    return [each for each in found.levels if each.condition == drawn.condition]


def _last(found: ForecastRecord, drawn: Drawn) -> float:
    return next(fit.levels[-1] for fit in found.fits if fit.condition == drawn.condition)


def _log(grid: np.ndarray) -> bool:
    """Return whether the levels were laid out on a log scale."""
    steps = np.diff(grid)
    return bool(grid[0] > 0 and steps[-2] > 5 * steps[0])
