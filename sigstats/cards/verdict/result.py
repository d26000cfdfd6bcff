"""The public answer to a card: the verdicts on its signatures, and one on its idea."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.cards.verdict.record import CardDecision
from sigstats.report.drawn import Drawn
from sigstats.stats.by_value import by_value

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigstats.report.document import Bundle, Document
    from sigstats.report.layout import Layout
    from sigstats.verdict.defence.facts import Defence


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CardVerdict(Drawn, CardDecision):
    """The answer to a whole card.

    Attributes
    ----------
    status : IdeaStatus
        ``"supported"``, ``"contradicted"``, ``"bounded"`` or ``"open"``.
    rule : int
        Number of the row of the table that applied.
    idea : Idea or None
        The idea, in its author's words.
    predictions : tuple of Prediction
        One per signature, in the order of the card: its verdict, its role, what was expected and what became of it.
    core : tuple of CorePrediction
        What decided: each core signature; those that exclude each other are one.
    adjusted : tuple of float
        For each signature, the p-value of its being as expected, corrected over all signatures of the card.
    rivals : tuple of Rivalry
        Pairs of signatures that exclude each other, and which one is better supported.
    alpha : float
        Error rate of each statement: the largest one among the core signatures.
    dependence : str
        What was assumed of the dependence between the signatures: ``"any"`` or ``"positive"``.
    standing : Standing or None
        How the answers stand to what was declared before the data (`sigstats.Standing`); None for a card
        without a file.
    """

    def __str__(self) -> str:
        """Return status, idea and the main reason as one line."""
        from sigstats.cards.verdict.words import headline

        return headline(self)

    def table(self) -> "pd.DataFrame":
        """Return one row per signature: role, expectation, status, outcome, effect with bounds, p-values."""
        from sigstats.cards.verdict.frame import table

        return table(self)

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure: a row per signature with its effect, its control, what was expected and its verdict."""
        from sigstats.cards.verdict.figure import card_figure

        return card_figure(self, asked)

    def methods(self, *, full: bool = False) -> "Defence":
        """Return how the idea was judged, and with which result.

        Every number is one of the card or of its verdicts. Printed, it is plain text; ``methods().to_markdown()`` is
        Markdown, ``methods().to_latex()`` LaTeX.

        Parameters
        ----------
        full : bool
            Whether to add methods and result of each signature, and what all this does not show.

        Returns
        -------
        Defence
            The text, with the source of each number and the works that it cites.
        """
        from sigstats.cards.verdict.defence.methods import methods

        return methods(self, full=full)

    def answers(self) -> "Defence":
        """Return replies to the questions that readers ask, as far as the card and its verdicts carry the facts.

        Printed, it is plain text; ``answers().to_markdown()`` is Markdown, ``answers().to_latex()`` LaTeX.
        """
        from sigstats.cards.verdict.defence.answers import answers

        return answers(self)

    def summary(self, *, full: bool = False) -> str:
        """Return every verdict and then the one on the idea, as text for a terminal.

        Parameters
        ----------
        full : bool
            Whether to say everything of each verdict; else five lines of each.

        Returns
        -------
        str
            Lines of at most 100 columns.
        """
        from sigstats.report import text

        return text.several(self._bundle(), full=full)

    def to_markdown(self) -> str:
        """Return the report on the idea and then every verdict, as Markdown."""
        from sigstats.report import markdown

        return markdown.several(self._bundle())

    def to_latex(self) -> str:
        """Return the tables of the report as LaTeX; the caption of the first one gives the answer."""
        from sigstats.report import latex

        return latex.several(self._bundle())

    def to_html(self) -> str:
        """Return the report on the idea and then every verdict, as one self-contained HTML page."""
        from sigstats.report import html

        return html.several(self._bundle())

    def _bundle(self) -> "Bundle":
        from sigstats.cards.verdict.document import bundled

        return bundled(self, self.plot)

    def _document(self) -> "Document":
        """Return all that is said of the idea."""
        from sigstats.cards.verdict.document import tell

        return tell(self, self.plot)

    def _record(self) -> dict[str, Any]:
        """Return every verdict under `results`, and what became of the idea."""
        from sigstats.cards.verdict.plain import record

        return record(self)
