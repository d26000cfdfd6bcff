"""Many verdicts as small panels on one figure, each with its status and its claim above it."""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sigstats.report.escaping import shortened
from sigstats.report.fitting import finish
from sigstats.report.heading import begin
from sigstats.report.layout import Panels, Style, WidthName, layout
from sigstats.report.style import STATUS_COLOURS, drawable
from sigstats.stats import checks
from sigstats.verdict.decision import Decision
from sigstats.verdict.figure.curves import draw_curves, handles
from sigstats.verdict.figure.labels import place_labels
from sigstats.verdict.figure.scores import draw_scores
from sigstats.verdict.words import names
from sigstats.verdict.words.side_by_side import named

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL_WIDTH, PANEL_HEIGHT = 3.4, 2.6  # inches of canvas
MOST = 60
LONGEST_NAME = 72


def plot_grid(
    verdicts: "Iterable[Any] | Mapping[object, Any]",
    *,
    columns: int | None = None,
    width: float | WidthName | None = None,
    panels: Panels = "curves",
    title: bool | str = True,
    style: Style | None = None,
) -> "Figure":
    """Draw many verdicts beside each other: a small panel for each, with its status.

    Parameters
    ----------
    verdicts : iterable of Verdict, or mapping of names to them
        At most 60. A mapping names the panels; else they have the names of their signatures, or their claims.
    columns : int or None
        Panels beside each other; None fits them to the width.
    width : float, {"column", "page", "screen", "slide"} or None
        Width of the figure in inches, or the name of one; None means "screen".
    panels : {"curves", "scores"}
        What is drawn of each verdict.
    title : bool or str
        Whether the number of verdicts by status stands at the top; or words in its place.
    style : str, mapping or None
        Name of a style of Matplotlib, or settings, on top of the report's own.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook shows it as the result of a cell; save it with ``savefig``.

    Raises
    ------
    OptionError
        If there is no verdict, there are too many, or an option makes no sense.

    Examples
    --------
    >>> from sigstats import detect, simulate_sweep
    >>> found = {
    ...     seeds: detect(simulate_sweep(4.0, n_seeds=seeds), shape="increasing") for seeds in (3, 5)
    ... }
    >>> figure = plot_grid(found, width="page")
    >>> [axes.get_title("left").split()[0] for axes in figure.axes if axes.get_label() == "curves"]
    ['PRESENT', 'PRESENT']
    """
    asked = layout(width=width, panels="curves" if panels == "both" else panels, title=title, style=style)
    found = named(verdicts, most=MOST)
    fit = max(int(asked.canvas // PANEL_WIDTH), 1)
    across = min(fit if columns is None else checks.whole("columns", columns, low=1, high=12), len(found))
    down = math.ceil(len(found) / across)
    with asked.drawing():
        figure = begin(
            asked,
            down * PANEL_HEIGHT,
            padding=(0.08, 0.06),
            claim=_counted([verdict for _, verdict in found]),
            keys=handles(found[0][1]) if _same_conditions([verdict for _, verdict in found]) else (),
        )
        grid = figure.subplots(down, across, squeeze=False).ravel()
        for axes, (name, verdict) in zip(grid, found, strict=False):
            if panels == "scores":
                draw_scores(axes, verdict)
            else:
                draw_curves(axes, verdict, "none")
            axes.set_title(
                drawable(f"{verdict.status.upper()} {shortened(name, LONGEST_NAME)}"),
                color=STATUS_COLOURS[verdict.status],
                fontsize=9.5,
                parse_math=False,
            )
        for axes in grid[len(found) :]:
            axes.remove()
        finish(figure, asked)
        place_labels(grid[: len(found)])
    return figure


def _counted(verdicts: list[Decision]) -> str:
    """Return how many verdicts there are of each status."""
    counts = {status: sum(each.status == status for each in verdicts) for status in STATUS_COLOURS}
    return f"{len(verdicts)} verdicts: {', '.join(f'{n} {status}' for status, n in counts.items() if n)}"


def _same_conditions(verdicts: list[Decision]) -> bool:
    """Return whether one legend holds for all panels."""
    return len({tuple((arm.condition, arm.role) for arm in names.ordered(each)) for each in verdicts}) == 1
