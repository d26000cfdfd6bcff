"""The figure of a verdict: the curves, the scores, and the answer as its title.

Left, the metric along the knob: one thin line per seed, the level mean as a thick line, with its interval
across seeds as a band. Right, one dot per seed, the mean with its interval beside them, and what that is
held against. Treatments are coloured, controls are grey and dashed.

The figure is a bare `matplotlib.figure.Figure`: no window, no global state.
"""

import textwrap
from typing import TYPE_CHECKING, Any

from sigstats.report.style import INK, SOFT, drawable, plain_style
from sigstats.verdict.decision import Decision
from sigstats.verdict.figure.curves import draw_curves
from sigstats.verdict.figure.labels import place_labels
from sigstats.verdict.figure.scores import draw_scores
from sigstats.verdict.rules import Status
from sigstats.verdict.words import clauses, controls, names, phrases, sentences
from sigstats.verdict.words.document import brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STATUS_COLOURS = {
    Status.PRESENT: "#00694f",
    Status.PARTIAL: "#8a5a00",
    Status.ABSENT: "#a3320b",
    Status.INCONCLUSIVE: "#55595f",
}
SIZE = (10.5, 5.4)
TITLE_NAME = 32
TITLE_COLUMNS = 88
WHY_COLUMNS = 128
TITLE_LINES = 2
WHY_LINES = 2


def verdict_figure(verdict: Decision) -> "Figure":
    """Return the figure of a verdict."""
    with plain_style():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine

        engine = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.05)
        figure = Figure(figsize=SIZE, layout=engine, facecolor="white")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(2, 2, height_ratios=(0.19, 1), width_ratios=(1.75, 1))
        _draw_title(figure.add_subplot(grid[0, :]), verdict)
        draw_curves(figure.add_subplot(grid[1, 0]), verdict)
        draw_scores(figure.add_subplot(grid[1, 1]), verdict)
        place_labels(figure)
    return figure


def title(verdict: Decision) -> str:
    """Return the claim with the answer in a few words, as it stands beside the status."""
    return drawable(f"{names.claim(verdict.signature, width=TITLE_NAME)}: {brief(verdict)}")


def _draw_title(axes: "Axes", verdict: Decision) -> None:
    axes.set_axis_off()
    axes.set_label("title")
    colour = STATUS_COLOURS[verdict.status]
    badge = axes.text(
        0.004,
        0.86,
        f" {verdict.status.upper()} ",
        transform=axes.transAxes,
        va="top",
        fontsize=15,
        fontweight="bold",
        color="white",
        bbox={"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": colour},
        parse_math=False,
    )
    claim = _wrapped(title(verdict), TITLE_COLUMNS, TITLE_LINES)
    _beside(axes, badge, claim, fontsize=13 if "\n" not in claim else 11.5)
    why = _detail(verdict)
    axes.text(
        0.0,
        0.22,
        _wrapped(drawable(why), WHY_COLUMNS, WHY_LINES),
        transform=axes.transAxes,
        va="top",
        fontsize=9.5,
        color=SOFT,
        parse_math=False,
    )


def _detail(verdict: Decision) -> str:
    """Return the sentence below the title: why, or the numbers of what was shown."""
    if verdict.reasons:
        return sentences.why(verdict)[0]
    primary = verdict.evidence.primary
    if names.is_sized(verdict) or primary is None:
        size = f"{names.effect_name(verdict)} {phrases.effect(verdict)}"
    else:
        size = clauses.found(verdict, primary)
    said = (size, phrases.located(verdict), controls.change(verdict))
    return "; ".join(part for part in said if part)


def _beside(axes: "Axes", badge: Any, said: str, *, fontsize: float) -> None:  # noqa: ANN401 - a matplotlib artist
    note = axes.annotate(
        said,
        xy=(1, 0.5),
        xycoords=badge,
        xytext=(12, 0),
        textcoords="offset points",
        va="center",
        fontsize=fontsize,
        color=INK,
        annotation_clip=False,
        parse_math=False,
    )
    note.set_in_layout(False)


def _wrapped(said: str, columns: int, most: int) -> str:
    return "\n".join(textwrap.wrap(said, columns, max_lines=most, placeholder=" ..."))
