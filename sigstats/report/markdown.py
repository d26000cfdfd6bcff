"""A document as Markdown, for an issue, a pull request or a notebook.

Names that users gave are shown literally: they can start no link, image, tag or table cell.
"""

from collections.abc import Iterable

from sigstats.report.document import Bundle, Checks, Document, Facts, Line, Lines, Table, capitalised
from sigstats.report.escaping import markdown as escaped

RULES = {"text": "---", "prose": "---", "number": "--:", "interval": "--:", "status": "---"}


def render(document: Document) -> str:
    """Return a document as Markdown."""
    status = f"{document.status.upper()}: " if document.status else ""
    repeat = "; ".join(f"{each.label} {escaped(each.said)}" for each in document.repeat)
    parts = [
        f"## {status}{escaped(document.title)}",
        f"**{escaped(document.name)}**" if document.name else "",
        _compared(document),
        " ".join(escaped(said) for said in (document.meaning, *document.answer) if said),
        *(_block(block) for block in (*document.blocks, *document.grounds)),
        _section("Notes", document.notes),
        "\n\n".join(escaped(said) for said in document.remarks),
        _section("What would resolve it", document.resolve),
        f"Repeat with: {repeat}." if repeat else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def several(bundle: Bundle) -> str:
    """Return what holds for all documents together, how they stand to what was declared, then every document."""
    whole = [] if bundle.whole is None else [render(bundle.whole)]
    if bundle.standing:
        said, *details = bundle.standing
        parts = (f"**{escaped(said)}**", _bulleted(map(escaped, details)))
        whole += [f"{part}\n" for part in parts if part]
    return "\n".join([*whole, *map(render, bundle.documents)])


def _compared(document: Document) -> str:
    if document.compared:
        return f"Compared: {escaped(document.compared)}."
    return f"{escaped(capitalised(document.brief))}." if document.brief else ""


def _block(block: Facts | Table | Lines | Checks) -> str:
    match block:
        case Facts():
            return _bulleted(f"**{fact.label}:** {escaped(fact.said)}" for fact in block.facts)
        case Table():
            return _table(block)
        case Lines():
            return f"### {capitalised(block.title)} ({block.duty})\n\n{_bulleted(map(_line, block.lines))}"
        case Checks():
            checks = (f"[{'x' if met else ' '}] {escaped(said)}" for met, said in block.checks)
            return f"### {capitalised(block.title)}\n\n{_bulleted(checks)}"


def _table(table: Table) -> str:
    heads = [column.head for column in table.columns]
    parts = [f"### {escaped(capitalised(table.title.rstrip(':')))}" if table.title else ""]
    parts += [_rows(heads, [RULES[column.kind] for column in table.columns], table.rows)] * bool(table.rows)
    return "\n\n".join(part for part in (*parts, *map(escaped, table.below)) if part)


def _rows(heads: Iterable[str], rules: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [map(escaped, heads), rules, *(map(escaped, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _bulleted(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _section(title: str, sentences: tuple[str, ...]) -> str:
    return f"### {title}\n\n{_bulleted(map(escaped, sentences))}" if sentences else ""


def _line(line: Line) -> str:
    says = f" ({escaped(line.says)})" if line.says else ""
    state = f", {line.state.upper()}" if line.state else ""
    return (
        f"**{escaped(line.name)}{says}{state}:** {escaped(line.result)}. {escaped(line.method)}; "
        f"null: {escaped(line.null)}; replicate: {escaped(line.replicate)}."
    )
