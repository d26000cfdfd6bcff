"""The figure of a verdict: the curves, the scores, and the answer as its title.

Left, the metric along the knob: one thin line per seed, the level mean as a thick line, with its interval
across seeds as a band. Right, one dot per seed, the mean with its interval beside them, and what that is
held against. Treatments are coloured, controls are grey and dashed. On a narrow figure the panels stand above each
other.

The figure is a bare `matplotlib.figure.Figure`: no window, no global state.
"""

from typing import TYPE_CHECKING

from sigstats.report.fitting import finish, fit_into, lines_of
from sigstats.report.heading import begin
from sigstats.report.layout import Layout, bring_into
from sigstats.verdict.decision import Decision
from sigstats.verdict.figure.curves import LEGEND_WIDTH, draw_curves, handles
from sigstats.verdict.figure.labels import place_labels
from sigstats.verdict.figure.scores import draw_scores
from sigstats.verdict.words import clauses, controls, names, phrases, sentences
from sigstats.verdict.words.document import brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHARE = 1.75  # width of the curves, as a part of that of the scores
TITLE, MOST_LINES = 10.5, 3  # points of the title of the caller's axes, and its lines
LETTERS, FEWEST_LETTERS = 12, 16  # of a line of a legend: in an inch of the caller's axes, and at least
TALL, SMALL = 4.4, 2.5  # inches of canvas for a panel: beside another one, and above one


def verdict_figure(verdict: Decision, asked: Layout) -> "Figure":
    """Return the figure of a verdict, or that of the axes that were given."""
    with asked.drawing():
        if asked.ax is not None:
            return _into(verdict, asked)
        figure = begin(
            asked,
            _height(asked),
            padding=(0.08, 0.05),
            status=verdict.status,
            claim=title(verdict),
            why=_detail(verdict),
            keys=handles(verdict) if _legend(asked) == "above" and asked.panels != "scores" else (),
        )
        panels = _panels(figure, asked)
        _draw(verdict, asked, panels)
        finish(figure, asked)
        place_labels(panels.values())
    return figure


def _height(asked: Layout) -> float:
    """Return inches of canvas for the panels, as high as they can be read in their width."""
    if asked.panels == "both" and asked.narrow:
        return 2 * SMALL + 0.4
    return SMALL if asked.narrow else TALL if asked.panels == "both" else min(TALL, 0.5 * asked.canvas)


def _panels(figure: "Figure", asked: Layout) -> "dict[str, Axes]":
    if asked.panels != "both":
        return {asked.panels: figure.add_subplot()}
    across = {"nrows": 2} if asked.narrow else {"ncols": 2, "width_ratios": (SHARE, 1)}
    grid = figure.add_gridspec(**{"nrows": 1, "ncols": 1, **across})  # type: ignore[arg-type]
    return {name: figure.add_subplot(grid[at]) for at, name in enumerate(("curves", "scores"))}


def _legend(asked: Layout) -> str:
    return asked.legend or ("above" if asked.narrow else "ends")


def _draw(verdict: Decision, asked: Layout, panels: "dict[str, Axes]") -> None:
    if "curves" in panels:
        draw_curves(panels["curves"], verdict, "ends" if _legend(asked) == "ends" else "none")
    if "scores" in panels:
        draw_scores(
            panels["scores"],
            verdict,
            named_elsewhere=_legend(asked) != "none" and "curves" in panels,
            narrow=asked.narrow,
        )


def _into(verdict: Decision, asked: Layout) -> "Figure":
    """Draw one panel into the caller's axes, with the names of conditions in a legend inside."""
    axes: Axes = asked.ax
    figure: Figure = axes.get_figure(root=True)  # type: ignore[assignment]
    name = "scores" if asked.panels == "scores" else "curves"
    before = set(axes.findobj())
    legend = asked.legend or "above"
    if name == "scores":
        draw_scores(axes, verdict)
    else:
        draw_curves(axes, verdict, "ends" if legend == "ends" else "none")
        if legend == "above":
            letters = int(LETTERS * axes.get_window_extent().width / figure.dpi)
            named = handles(verdict, min(max(letters, FEWEST_LETTERS), LEGEND_WIDTH))
            key = axes.legend(handles=named, loc="best", frameon=False, fontsize=9, handlelength=2.6)
            key.set_in_layout(False)  # it stands inside
    if asked.title:
        said = asked.title if isinstance(asked.title, str) else _answer(verdict, figure, axes)
        axes.set_title(said, fontsize=TITLE, loc="left", parse_math=False)
    else:
        axes.set_title("", loc="left")
    bring_into(axes, before, asked)
    fit_into(axes)
    place_labels([axes])
    return figure


def _answer(verdict: Decision, figure: "Figure", axes: "Axes") -> str:
    """Return the answer as the title of the caller's axes: in a few words where they are narrow."""
    whole = f"{verdict.status.upper()}: {title(verdict)}"
    lines = lines_of(figure, whole, axes.get_window_extent().width, fontsize=TITLE)
    return (
        whole if len(lines) <= MOST_LINES else f"{verdict.status.upper()}: {names.claim(verdict.signature)}"
    )


def title(verdict: Decision) -> str:
    """Return the claim with the answer in a few words, as it stands beside the status."""
    return f"{names.claim(verdict.signature)}: {brief(verdict)}"


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
