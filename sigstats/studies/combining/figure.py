"""Forest plots: a row per study, and below them what the studies say together.

J. A. C. Sterne and others draw them so in most systematic reviews; the prediction interval below the mean follows
J. IntHout and others, "Plea for routinely presenting prediction intervals in meta-analysis", BMJ Open 6 (2016),
https://doi.org/10.1136/bmjopen-2015-010247.
"""

import math
from typing import TYPE_CHECKING

from scipy import special

from sigstats.report.escaping import shortened
from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.intervals import draw_interval
from sigstats.report.layout import Layout
from sigstats.report.numbers import interval, percent
from sigstats.report.style import FAINT, INK, SOFT, STATUS_COLOURS, drawable
from sigstats.stats.estimate import Estimate
from sigstats.studies.combining.record import CombinedRecord, ReplicationRecord
from sigstats.studies.combining.replication_words import SAID
from sigstats.studies.combining.study import StudyEffect

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW, REST = 0.36, 1.0  # inches
LONGEST_NAME = 72
HALF = 0.22  # height of a diamond


def forest(found: CombinedRecord, asked: Layout) -> "Figure":
    """Return the forest plot of several studies."""
    rows = [*found.studies]
    title = f"{found.claim}: {len(rows)} studies"
    with asked.drawing():
        figure, axes = _axes(asked, len(rows) + 2, title, found.unit)
        for at, study in enumerate(rows):
            _study(axes, at, study, found.level)
        last = len(rows)
        axes.axhline(last - 0.5, color=FAINT, linewidth=0.9)
        _diamond(axes, last, found.mean)
        _bar(axes, last + 1, found.next_study)
        names = [*(study.name for study in rows), "mean over studies", "next study"]
        _label(axes, names, [_at_level(each, found.level) for each in rows] + [found.mean, found.next_study])
        _margin(axes, found.margin)
        _caption(axes, f"{percent(found.level)} intervals; next study: where its true effect is expected")
        finish(figure, asked)
    return figure


def replication_figure(found: ReplicationRecord, asked: Layout) -> "Figure":
    """Return both effects, and the prediction interval of the original."""
    rows = (found.original, found.new)
    with asked.drawing():
        figure, axes = _axes(asked, 3, f"{found.claim}: {SAID[found.status]}", found.prediction.unit)
        for at, study in enumerate(rows):
            _study(axes, at, study, found.level)
        _bar(axes, 2, found.prediction)
        axes.axvspan(
            found.prediction.low, found.prediction.high, color=FAINT, alpha=0.45, linewidth=0, zorder=0
        )
        names = [*(_with_role(*each) for each in zip(("original", "new"), rows, strict=True)), "prediction"]
        _label(axes, names, [*(_at_level(each, found.level) for each in rows), found.prediction])
        _caption(
            axes,
            f"{percent(found.level)} intervals; prediction: where the new effect lies if both are the same",
        )
        finish(figure, asked)
    return figure


def _with_role(role: str, study: StudyEffect) -> str:
    return role if study.name == role else f"{role}: {study.name}"


def _axes(asked: Layout, n_rows: int, title: str, unit: str) -> "tuple[Figure, Axes]":
    figure = begin(asked, REST + ROW * n_rows, padding=(0.08, 0.06), claim=title)
    axes = figure.add_subplot()
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1)
    axes.set_ylim(n_rows - 0.4, -0.6)
    axes.set_xlabel(drawable(f"effect, {unit}"), parse_math=False)
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure, axes


def _at_level(study: StudyEffect, level: float) -> Estimate:
    """Return the effect of a study with its t interval at the level of the figure."""
    reach = float(special.stdtrit(study.df, (1 + level) / 2)) * study.se
    value = study.effect.value
    return Estimate(
        value=value, low=value - reach, high=value + reach, confidence=level, unit=study.effect.unit
    )


def _study(axes: "Axes", at: int, study: StudyEffect, level: float) -> None:
    estimate, colour = _at_level(study, level), STATUS_COLOURS.get(study.status, SOFT)
    draw_interval(axes, at, estimate, colour=colour, upright=False, mark="s")


def _diamond(axes: "Axes", at: int, estimate: Estimate) -> None:
    xs = [estimate.low, estimate.value, estimate.high, estimate.value]
    axes.fill(xs, [at, at - HALF, at, at + HALF], color=INK, linewidth=0, zorder=3)


def _bar(axes: "Axes", at: int, estimate: Estimate) -> None:
    axes.plot(
        [estimate.low, estimate.high], [at, at], color=SOFT, linewidth=5, solid_capstyle="butt", zorder=3
    )
    axes.plot([estimate.value], [at], marker="|", color="white", markersize=9, zorder=4)


def _margin(axes: "Axes", margin: float | None) -> None:
    if margin is not None and math.isfinite(margin):
        axes.axvline(margin, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)


def _label(axes: "Axes", names: list[str], estimates: list[Estimate]) -> None:
    """Name the rows on the left, and print their numbers on the right."""
    shown = [drawable(shortened(name, LONGEST_NAME)) for name in names]
    axes.set_yticks(range(len(names)), shown, parse_math=False)
    for at, estimate in enumerate(estimates):
        axes.annotate(
            interval(estimate),
            xy=(1.0, at),
            xycoords=("axes fraction", "data"),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=INK,
            annotation_clip=False,
        )


def _caption(axes: "Axes", said: str) -> None:
    """Write what lines stand for below the name of the axis."""
    axes.set_xlabel(f"{axes.get_xlabel()}\n{said}", fontsize=9, color=SOFT, parse_math=False)
