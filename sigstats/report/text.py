"""A document for a terminal: plain text without colour codes, wrapped where the document says so."""

import dataclasses
import textwrap
from collections.abc import Iterable, Sequence

from sigstats.report.document import Bundle, Checks, Document, Facts, Line, Lines, Table
from sigstats.report.escaping import shortened

WIDTH = 100
LABEL = 11
LONGEST_NAME = 30  # of a condition in a table, where its numbers leave no room for more
NARROWEST = 12
GAP = "  "
MOST_CHECKS = 16


def render(document: Document, *, full: bool = True) -> str:
    """Return a document as text, ready to be printed: all of it, or the lines that a reader meets first."""
    if not full and document.first:
        return "\n".join(
            [_wrapped(document.headline), *(_labelled(each.label, each.said) for each in document.first)]
        )
    parts = [
        _opening(document),
        *(_block(block, wrapped=document.wrapped) for block in (*document.blocks, *document.grounds)),
        _bulleted("notes", document.notes),
        [_wrapped(said) if document.wrapped else said for said in document.remarks],
        [_wrapped("repeat with: " + "; ".join(f"{each.label} {each.said}" for each in document.repeat))]
        * bool(document.repeat),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def several(bundle: Bundle, *, full: bool = True) -> str:
    """Return every document, how they stand to what was declared, then what holds for all of them together."""
    parts = [render(document, full=full) for document in bundle.documents]
    if bundle.standing:
        said, *details = bundle.standing
        parts.append(
            "\n".join([_wrapped(said), *(_wrapped(f"- {each}", indent=4, first=2) for each in details)])
        )
    if bundle.whole is not None:
        parts.append(render(bundle.whole))
    return f"\n{'-' * WIDTH}\n".join(parts)


def _opening(document: Document) -> list[str]:
    """Return the answer and why; labels stand in a column where something was compared."""
    if not document.wrapped:
        return [document.headline, *document.answer]
    first = _wrapped(document.headline)
    if not document.compared:
        return [first, *map(_wrapped, document.answer), *_to_resolve(document)]
    named = [_labelled("signature", document.name)] if document.name else []
    return [
        first,
        *named,
        _labelled("compared", document.compared),
        *(_labelled("" if at else "why", said) for at, said in enumerate(document.answer)),
        *_to_resolve(document),
    ]


def _to_resolve(document: Document) -> list[str]:
    return [_labelled("" if at else "to resolve", said) for at, said in enumerate(document.resolve)]


def _block(block: Facts | Table | Lines | Checks, *, wrapped: bool) -> list[str]:
    match block:
        case Facts():
            return [_labelled(fact.label, fact.said) for fact in block.facts]
        case Table():
            return _table(block, wrapped=wrapped)
        case Lines():
            return _lines(block)
        case Checks():
            return _checks(block)


def _table(table: Table, *, wrapped: bool) -> list[str]:
    rows, more = table.cut(table.most)
    cells = [tuple(column.head for column in table.columns), *rows] if rows else []
    lines = _compact(cells) if table.compact else _grid(cells, wrapped=wrapped)
    after = [f"... {more} (see {table.rest[1]})"] * bool(more)
    after += [_wrapped(said, indent=4, first=2) for said in table.below]
    return [*([table.title] if table.title else []), *lines, *after]


def _compact(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows as aligned columns from the margin on; names are cut where the line has no room for them."""
    if not rows:
        return []
    room = WIDTH - sum(len(GAP) + width for width in _widths(rows)[1:])
    cells = [(shortened(row[0], max(room, LONGEST_NAME)), *row[1:]) for row in rows]
    widths = _widths(cells)
    return [_aligned(row, widths)[:WIDTH] for row in cells]


def _grid(rows: Sequence[tuple[str, ...]], *, wrapped: bool) -> list[str]:
    """Return rows as aligned columns; the widest column is wrapped until the line fits."""
    if not rows:
        return []
    widths = _widths(rows)
    room = WIDTH - len(GAP) * len(widths) if wrapped else sum(widths)
    while sum(widths) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return [GAP + line for row in rows for line in _wrapped_row(row, widths)]


def _wrapped_row(row: tuple[str, ...], widths: list[int]) -> list[str]:
    cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    return [_aligned([cell[at] if at < len(cell) else "" for cell in cells], widths) for at in range(height)]


def _widths(rows: Sequence[tuple[str, ...]]) -> list[int]:
    return [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _lines(block: Lines) -> list[str]:
    """Return lines of evidence; what is the same in all of them stands in the title."""
    lines = block.lines
    title, shared = f"{block.title} ({block.duty})", []
    if len({line.replicate for line in lines}) == 1:
        shared.append(f"replicate: {lines[0].replicate}")
        lines = tuple(dataclasses.replace(line, replicate="") for line in lines)
    if len(lines) > 1 and len({line.method for line in lines}) == 1:
        shared.append(f"method: {lines[0].method}")
        lines = tuple(dataclasses.replace(line, method="") for line in lines)
    width = max(LABEL, *(len(line.name) + 2 for line in lines))
    return [_wrapped("; ".join([title, *shared])), *(_line(line, width) for line in lines)]


def _line(line: Line, width: int) -> str:
    """Return one line of evidence: its name with what is said of it, then how that was found."""
    state = f"{line.state.upper()}: " if line.says else ""
    says = f"{line.says}; " if line.says else ""
    first = _wrapped(f"  {line.name.ljust(width)}{state}{says}{line.result}", indent=width + 2)
    method = [line.method] if line.method else []
    replicate = [f"replicate: {line.replicate}"] if line.replicate else []
    beside = "; ".join([*method, f"null: {line.null}", *replicate])
    return f"{first}\n{_wrapped(beside, indent=width + 2, first=width + 2)}"


def _checks(block: Checks) -> list[str]:
    said = [f"[{'x' if met else ' '}] {comparison}" for met, comparison in block.checks]
    shown = said[:MOST_CHECKS]
    hidden = len(said) - len(shown)
    lines = [f"{block.title} ([x] holds, [ ] does not)", *_in_columns(shown)]
    return [*lines, f"  ... and {hidden} more (see {block.whole})"] if hidden else lines


def _in_columns(cells: Sequence[str]) -> list[str]:
    width = WIDTH // 2 - 2
    if any(len(cell) > width for cell in cells):
        return [_wrapped("  " + cell, indent=6) for cell in cells]
    half = (len(cells) + 1) // 2
    left, right = cells[:half], [*cells[half:], ""]
    return [f"  {first.ljust(width)}{second}".rstrip() for first, second in zip(left, right, strict=False)]


def _bulleted(title: str, sentences: Iterable[str]) -> list[str]:
    lines = [_wrapped(f"- {sentence}", indent=4, first=2) for sentence in sentences]
    return [title, *lines] if lines else []


def _labelled(label: str, said: str) -> str:
    head = label.ljust(LABEL) if len(label) < LABEL else f"{label}  "
    return _wrapped(f"{head}{said}", indent=LABEL)


def _wrapped(text: str, *, indent: int = 2, first: int = 0) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=" " * first,
        subsequent_indent=" " * indent,
        replace_whitespace=False,
        break_on_hyphens=False,
    )
