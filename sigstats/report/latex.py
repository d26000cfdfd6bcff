r"""A document as LaTeX: its tables, with the answer as the caption of the first.

The tables need the package ``booktabs``. Names that users gave are typeset literally: no command can come from them.
"""

from collections.abc import Iterable

from sigstats.report.document import Bundle, Column, Document, Facts, Table, capitalised
from sigstats.report.escaping import latex as escaped

NEEDS = r"% needs \usepackage{booktabs}"
SYMBOLS = {"tau": r"Kendall's $\tau$", "p": "$p$"}
KINDS = {"text": "l", "prose": r"p{0.35\linewidth}", "number": "r", "interval": "l", "status": "l"}


def render(document: Document) -> str:
    r"""Return the tables of a document; the caption of the first one gives the answer."""
    return "\n".join([NEEDS, *_tables(document)]) + "\n"


def several(bundle: Bundle) -> str:
    """Return the tables of several documents."""
    return "\n".join([NEEDS, *(line for each in bundle.pages for line in _tables(each))]) + "\n"


def _tables(document: Document) -> list[str]:
    filled = [table for table in document.tables if table.rows]
    lines: list[str] = []
    for table in filled:
        title = table.title or (table.heading if lines else "")
        captions = [] if lines else _answer(document)
        captions += [escaped(capitalised(title.rstrip(":"))), *map(escaped, table.below)]
        lines += _table(table, captions)
    return lines


def _table(table: Table, caption: Iterable[str]) -> list[str]:
    said = " ".join(each if each.endswith("?") else f"{each.rstrip('.')}." for each in caption if each)
    return [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{said}}}",
        rf"  \begin{{tabular}}{{{''.join(KINDS[column.kind] for column in table.columns)}}}",
        r"    \toprule",
        rf"    {' & '.join(map(_head, table.columns))} \\",
        r"    \midrule",
        *(rf"    {' & '.join(map(_cell, row, table.columns))} \\" for row in table.rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]


def _answer(document: Document) -> list[str]:
    facts = [fact for block in document.blocks if isinstance(block, Facts) for fact in block.facts]
    title = escaped(document.title)
    status = document.status.capitalize()
    return [
        rf"\textbf{{{status}}}: {title}" if status else capitalised(title),
        "" if document.compared else escaped(capitalised(document.brief)),
        *map(escaped, document.answer),
        *(f"{fact.label.capitalize()}: {escaped(fact.said)}" for fact in facts if fact.in_caption),
        *map(escaped, document.notes),
        *(escaped(capitalised(said)) for said in document.remarks),
    ]


def _head(column: Column) -> str:
    return SYMBOLS.get(column.head, escaped(capitalised(column.head)))


def _cell(cell: str, column: Column) -> str:
    negative = column.kind == "number" and cell.startswith("-") and cell != "-"
    return f"${cell}$" if negative else escaped(cell)
