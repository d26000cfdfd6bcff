"""Base class of results with reports: define `_document` and `_record`, and every format follows."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sigstats.report.document import Bundle, Document


class Reported:
    """A result with reports in every format.

    A result defines `_document`, all that is said of it, and `_record`, its plain data. Formats are imported when they
    are asked for, so that a bare import stays quick.
    """

    __slots__ = ()

    def _document(self) -> "Document":
        """Return everything that a report says."""
        raise NotImplementedError

    def _record(self) -> dict[str, Any]:
        """Return everything that is known, by name."""
        raise NotImplementedError

    def summary(self) -> str:
        """Return the result as text for a terminal, ready to be printed."""
        from sigstats.report import text

        return text.render(self._document())

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
