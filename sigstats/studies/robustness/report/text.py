"""The report of a robustness analysis for a terminal: plain text, at most 100 columns."""

import textwrap
from typing import TYPE_CHECKING

from sigstats.report.text import WIDTH
from sigstats.studies.robustness.report.document import tell_robustness
from sigstats.studies.robustness.report.tables import Row, Table

if TYPE_CHECKING:
    from sigstats.studies.robustness.result import Robustness

GAP = "  "
NARROWEST = 12


def headline(robustness: "Robustness") -> str:
    """Return the answer as one line: status, claim and agreement."""
    story = tell_robustness(robustness)
    return f"{story.status.upper()}: {story.claim}; {story.agreement}"


def summary(robustness: "Robustness") -> str:
    """Return the whole result as text, ready to be printed."""
    story = tell_robustness(robustness)
    head = [_wrapped(f"{story.status.upper()}: {story.claim}; {story.agreement}", indent=2)]
    head.append(_wrapped(f"weakest point: {story.weakest}", indent=2))
    return "\n\n".join(["\n".join(head), *(_table(each) for each in story.tables)])


def _table(table: Table) -> str:
    below = [_wrapped(sentence, indent=4, first=2) for sentence in table.below]
    return "\n".join([table.title, *(_grid((table.head, *table.rows)) if table.rows else []), *below])


def _grid(rows: tuple[Row, ...]) -> list[str]:
    """Return rows as aligned columns; the widest column is wrapped until the line fits."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    room = WIDTH - 2 - len(GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return [line for row in rows for line in _row(row, widths)]


def _row(row: Row, widths: list[int]) -> list[str]:
    cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    lines = []
    for at in range(height):
        parts = [
            (cell[at] if at < len(cell) else "").ljust(width)
            for cell, width in zip(cells, widths, strict=True)
        ]
        lines.append(("  " + GAP.join(parts)).rstrip())
    return lines


def _wrapped(text: str, *, indent: int, first: int = 0) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=" " * first,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )
