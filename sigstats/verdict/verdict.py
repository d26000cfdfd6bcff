"""The public answer: what was decided, and the reports on it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.report.reported import Reported
from sigstats.stats.by_value import by_value
from sigstats.verdict.answered import Answered
from sigstats.verdict.decision import Decision

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Legend, Panels, Style, WidthName
    from sigstats.verdict.defence.facts import Defence


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Verdict(Reported, Answered, Decision):
    """The answer to one signature on one table.

    Attributes
    ----------
    status : Status
        ``"present"``, ``"absent"``, ``"partial"`` or ``"inconclusive"``.
    reasons : tuple of Reason
        Why; empty for a plain *present*.
    notes : tuple of Reason
        What the reader must know beside it.
    rule : int
        Number of the row of the verdict table that applied.
    criteria : tuple of Criterion
        Every comparison that was made.
    scope : tuple of float or None
        Part of the knob's range in which the shape holds (low, high); None where nowhere shown, and where each
        treatment has its own.
    effect : Estimate or None
        Oriented mean effect of the treatments (for claims on most seeds, that of the median seed): positive means the
        predicted direction.
    contrast : Estimate or None
        Treatment minus control, oriented; None without a control.
    evidence : Evidence
        The statistics behind it.
    signature : Signature
        What was predicted.
    provenance : Provenance
        What is needed to repeat it.
    influence : tuple of Influence
        Single runs without which the status is another (condition, seed, status without it); empty where none decides.
        A change that only having one run fewer explains does not count. Filled by `detect`, for at most 5 runs.
    with_short : Status or None
        What the status is with the runs that were left out as too short; None where there are none, or where nothing
        can be said with them. Filled by `detect`.
    moderators : tuple of str
        Columns of the data beside those in use, by which `sigstats.scope` can be asked where the signature holds.
        Filled by `detect` where the verdict is *partial* or the seeds fall into groups, with at most three of them.
    findings : Findings
        What the verdict table decided on: for each part of the claim whether it is shown, and where not. Not written to
        JSON.
    groups : Criteria
        The comparisons of `criteria` in groups by what they are about. Not written to JSON.
    """

    def __str__(self) -> str:
        """Return status, signature and reasons as one line."""
        from sigstats.verdict.words.document import headline

        return headline(self)

    def table(self) -> "pd.DataFrame":
        """Return one row per condition: role, seeds, levels, effect with bounds, tau, p-values and strength."""
        from sigstats.verdict.words import frame

        return frame.condition_table(self)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        width: "float | WidthName | None" = None,
        panels: "Panels" = "both",
        title: bool | str = True,
        legend: "Legend | bool | None" = None,
        style: "Style | None" = None,
    ) -> "Figure":
        """Return the figure: curves of treatment and control, scores with the interval, verdict in the title.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Axes of the caller's own, into which one panel is drawn: the curves, or with ``panels="scores"`` the
            scores. None makes a figure.
        width : float, {"column", "page", "screen", "slide"} or None
            Width of the figure in inches, or 3.3 for a column, 6.8 for a page, 10.5 for a screen (also None), 13.33
            for a slide. Each has a layout of its own, with letters that can be read at that size.
        panels : {"both", "curves", "scores"}
            What is drawn.
        title : bool or str
            Whether the answer stands above the panels; or words in its place.
        legend : {"ends", "above"}, bool or None
            Where conditions are named: at the ends of their curves, or above them; False for nowhere. None chooses by
            the width.
        style : str, mapping or None
            Name of a style of Matplotlib, or settings such as ``{"font.family": "serif"}``, on top of the report's own.

        Returns
        -------
        matplotlib.figure.Figure
            A notebook shows it as the result of a cell; save it with ``savefig``.
        """
        from sigstats.report.layout import layout
        from sigstats.verdict.figure import figure

        asked = layout(ax, width=width, panels=panels, title=title, legend=legend, style=style)
        return figure.verdict_figure(self, asked)

    def methods(self, *, full: bool = False) -> "Defence":
        """Return the methods paragraph of a paper with the result; every number is one of the verdict.

        Printed, it is plain text; ``methods().to_markdown()`` is Markdown, ``methods().to_latex()`` LaTeX.

        Parameters
        ----------
        full : bool
            Whether to say everything, in three passages: methods, result, and what it does not show.

        Returns
        -------
        Defence
            The text, with the source of each number and the works that it cites.
        """
        from sigstats.verdict.defence.methods import methods
        from sigstats.verdict.defence.paragraph import paragraph

        return methods(self) if full else paragraph(self)

    def answers(self) -> "Defence":
        """Return replies to the questions that readers ask, as far as the verdict carries the facts for them.

        Printed, it is plain text; ``answers().to_markdown()`` is Markdown, ``answers().to_latex()`` LaTeX.
        """
        from sigstats.verdict.defence.answers import answers

        return answers(self)

    def _document(self) -> "Document":
        """Return all that reports say of the verdict."""
        from sigstats.verdict.words.document import tell

        return tell(self, self.plot)

    def _brief(self) -> str:
        """Return the answer in a few words, without the rest of the report."""
        from sigstats.verdict.words.document import brief

        return brief(self)

    def _record(self) -> dict[str, Any]:
        """Return all that is known of the verdict; curves only where they have at most 5000 cells."""
        from sigstats.verdict.words.record import record

        return record(self)
