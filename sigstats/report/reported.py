"""Base class of results with reports: define `_document` and `_record`, and every format follows."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from sigstats.errors import InputError

if TYPE_CHECKING:
    from sigstats.report.document import Bundle, Document


class Reported:
    """A result with reports in every format.

    A result defines `_document`, all that is said of it, and `_record`, its plain data. Formats are imported when they
    are asked for, so that a bare import stays quick.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the answer as one line: all fields together fill a screen."""
        return f"<{type(self).__name__} {self}>"

    def __bool__(self) -> NoReturn:
        """Refuse to be a condition: an answer that was found is not therefore a yes."""
        raise InputError(f"{self._named()} is neither true nor false. {self._way_to_ask()}")

    def _equals_word(self, word: str) -> NoReturn:
        """Refuse to be compared with a word, which would always be false."""
        raise InputError(f"{self._named()} was compared with the word {str(word)!r}. {self._way_to_ask()}")

    def _named(self) -> str:
        name = type(self).__name__
        return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"

    def _way_to_ask(self) -> str:
        """Return what to write instead."""
        status: Any = getattr(self, "status", None)
        if status is None:
            return "Ask for one of its numbers, or whether there is one: result is not None."
        kind: Any = type(status)
        first = next(iter(kind))
        short = f", or result.is_{first}" if hasattr(self, f"is_{first}") else ""
        words = tuple(map(str, kind))
        return f"Ask for its status, which is one of {words}: result.status == '{first}'{short}."

    def _document(self) -> "Document":
        """Return everything that a report says."""
        raise NotImplementedError

    def _brief(self) -> str:
        """Return the answer in a few words, as the report has it."""
        return self._document().brief

    def _record(self) -> dict[str, Any]:
        """Return everything that is known, by name."""
        raise NotImplementedError

    def summary(self, *, full: bool = False) -> str:
        """Return the result as text for a terminal, ready to be printed.

        Parameters
        ----------
        full : bool
            Whether to say everything; else a verdict says in five lines what a reader needs first.

        Returns
        -------
        str
            Lines of at most 100 columns.
        """
        from sigstats.report import text

        return text.render(self._document(), full=full)

    def to_markdown(self) -> str:
        """Return the report as Markdown."""
        from sigstats.report import markdown

        return markdown.render(self._document())

    def to_latex(self) -> str:
        """Return the tables of the report as LaTeX; the caption of the first one gives the answer."""
        from sigstats.report import latex

        return latex.render(self._document())

    def to_html(self) -> str:
        """Return the report as one self-contained, escaped HTML page with its figure, if it has one."""
        from sigstats.report import html

        return html.render(self._document())

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values with a schema version, ready for strict JSON."""
        from sigstats.report import json

        return json.record(self._record())

    def to_json(self) -> str:
        """Return `to_dict` as strict JSON."""
        from sigstats.report import json

        return json.written(self.to_dict())

    def _repr_html_(self) -> str:
        """Return the part of the report that a notebook shows."""
        from sigstats.report import html

        return html.fragment(self._document())


def bundle(results: "Iterable[Reported]") -> "Bundle":
    """Return the reports of several results as one."""
    from sigstats.report.document import Bundle

    return Bundle(documents=tuple(each._document() for each in results))  # noqa: SLF001 - asked of no user
