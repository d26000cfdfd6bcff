"""The figure of a calibration: how often each verdict came, and which part of it was wrong."""

from typing import TYPE_CHECKING

from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.layout import Layout
from sigstats.report.style import HATCHES, INK, MARK_COLOURS, note
from sigstats.studies.simulation.rates import Rates
from sigstats.verdict.rules import Status

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCREEN, HEIGHT = 7.0, 2.4  # inches


def calibration_figure(found: Rates, claim: str, why: str, asked: Layout) -> "Figure":
    """Return the figure: a bar for each status, with the share that is known to within its line."""
    asked = asked.on(SCREEN)
    with asked.drawing():
        figure = begin(asked, HEIGHT, padding=(0.08, 0.06), claim=claim, why=why)
        axes = figure.add_subplot()
        axes.set_label("verdicts")
        for at, status in enumerate(Status):
            rate = found.rate(status)
            error = found.margin_of_error(rate)
            axes.barh(
                at, rate, height=0.6, color=MARK_COLOURS[status], hatch=HATCHES[status], edgecolor="white"
            )
            axes.plot([max(rate - error, 0.0), min(rate + error, 1.0)], [at, at], color=INK, linewidth=1.2)
            axes.annotate(
                f"{rate:.3f}",
                (min(rate + error, 1.0), at),
                (6, 0),
                textcoords="offset points",
                va="center",
                fontsize=9.5,
            )
            note(axes, rate, at, f"{status}: {rate:.3f}, known to within {error:.3f}")
        axes.set_yticks(range(len(Status)), list(map(str, Status)))
        axes.set_ylim(len(Status) - 0.4, -0.6)
        axes.set_xlim(0.0, 1.12)
        axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0])
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("share of the simulated sweeps; lines: how well it is known", fontsize=9.5)
        finish(figure, asked)
    return figure
