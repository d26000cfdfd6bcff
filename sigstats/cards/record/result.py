"""The public record of a folder, and the reports on it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.cards.record.rows import RecordRows
from sigstats.report.reported import Reported

if TYPE_CHECKING:
    from sigstats.report.document import Document


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Record(Reported, RecordRows):
    """The answers in a folder.

    Attributes
    ----------
    folder : str
        The folder.
    answers : tuple of RecordedAnswer
        Sorted by idea, signature, date and file.
    ideas : tuple of RecordedIdea
        What files say of ideas, the latest last.
    unread : tuple of Unread
        JSON files that hold no answer.
    """

    def __str__(self) -> str:
        """Return how many answers there are, as one line."""
        from sigstats.cards.record.words import headline

        return headline(self)

    def _document(self) -> "Document":
        """Return all that reports say."""
        from sigstats.cards.record.words import tell

        return tell(self)

    def _record(self) -> dict[str, Any]:
        """Return everything by name."""
        from sigstats.report.json import fields

        return fields(self)
