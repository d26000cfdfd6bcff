"""The public answer to where a signature holds, and the reports on it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.report.drawn import Drawn
from sigstats.stats.by_value import by_value
from sigstats.studies.scope.record import ScopeRecord

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Layout


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Scope(Drawn, ScopeRecord):
    """Where a signature holds, where it does not, and where that is not known.

    The cells of each kind are in `holds`, `holds_not` and `unknown`.

    Attributes
    ----------
    signature : Signature
        What was predicted.
    moderators : Moderators
        Columns of the moderators, which of them are ordered, and the values of each in order.
    holds_at : str or None
        The end of the ordered moderator at which the signature was declared to hold.
    alpha : float
        For each kind of statement, the probability that any of them is false.
    cells : tuple of ScopeCell
        Every cell that occurs, in the order of the moderators: its verdict, p-values, and whether the signature holds.
    boundaries : tuple of Boundary
        For each ordered moderator, and each combination of the others: where the signature stops to hold.
    suggestions : tuple of Suggestion
        Rows in which it holds, for `sigstats.Card.narrowed`.
    """

    def __str__(self) -> str:
        """Return the answer as one line."""
        from sigstats.studies.scope.words import headline

        return headline(self)

    def table(self) -> "pd.DataFrame":
        """Return one row per cell: moderators, whether it holds, status, reasons, effect with bounds, p-values."""
        from sigstats.studies.scope.frame import table

        return table(self)

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure: a row per cell with its effect, and whether the claim holds there."""
        from sigstats.studies.scope.figure import scope_figure

        return scope_figure(self, asked)

    def _document(self) -> "Document":
        """Return all that reports say."""
        from sigstats.studies.scope.words import tell

        return tell(self, self.plot)

    def _record(self) -> dict[str, Any]:
        """Return everything by name, and the sentence."""
        from sigstats.studies.scope.words import record

        return record(self)
