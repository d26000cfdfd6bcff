"""The rows of a table as loggers write it: its header may come again, grow, or have fewer names than a row has cells.

A logger that meets a new metric writes a longer header further down, or only longer rows. Rows whose further cells are
blank lose nothing. Rows that stay longer than the header are taken as far as the header goes, if each cell is of the
kind (number or word) that its column had before; every other row of another length is left out.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sigstats.data.logs.recording import as_number

Row = list[str]


@dataclass(slots=True)
class Sections:
    """The rows of a table under all names that its headers have, and the numbers of odd lines."""

    header: tuple[str, ...]  # all names, in the order in which they came up
    rows: list[Row] = field(default_factory=list)  # as many cells as the header has
    again: list[int] = field(default_factory=list)  # lines that repeat the header
    grown: list[int] = field(default_factory=list)  # lines with another header
    blank: list[int] = field(default_factory=list)  # lines whose further cells are blank
    longer: list[int] = field(default_factory=list)  # lines whose further cells have no name
    ragged: list[int] = field(default_factory=list)  # lines that are left out
    is_whole: bool = True  # whether the last line was taken


def in_sections(header: tuple[str, ...], lines: Iterable[tuple[int, Row]]) -> Sections:
    """Return the rows below a header."""
    found = Sections(header=header)
    places = list(range(len(header)))
    current = header
    waiting: list[tuple[int, Row, int]] = []
    for number, cells in lines:
        stripped = tuple(cell.strip() for cell in cells)
        found.is_whole = True
        if not cells:
            continue
        if stripped == current:
            found.again.append(number)
        elif _is_header(stripped, current):
            found.grown.append(number)
            current = stripped
            found.header = (
                *found.header,
                *(name for name in dict.fromkeys(current) if name not in found.header),
            )
            places = [found.header.index(name) for name in current]
        elif len(cells) >= len(current) and not any(stripped[len(current) :]):
            if len(cells) > len(current):
                found.blank.append(number)
            found.rows.append(_placed(cells, places, len(found.header)))
        elif len(cells) > len(current):
            waiting.append((number, cells, len(found.rows)))
            found.rows.append(_placed(cells[: len(current)], places, len(found.header)))
        else:
            found.ragged.append(number)
            found.is_whole = False
    _settle(found, waiting)
    size = len(found.header)
    found.rows = [row if len(row) == size else row + [""] * (size - len(row)) for row in found.rows]
    return found


def _placed(cells: Sequence[str], places: Sequence[int], size: int) -> Row:
    """Return the cells under the names of all sections."""
    if size == len(places) and len(cells) == size:
        return list(cells)
    row = [""] * size
    for place, cell in zip(places, cells, strict=False):
        row[place] = cell
    return row


def _is_header(cells: tuple[str, ...], header: tuple[str, ...]) -> bool:
    """Return whether a line is another header: words only, and among them most names of the one before."""
    if not all(cells) or len(set(cells)) < len(cells) or any(as_number(cell) is not None for cell in cells):
        return False
    return 2 * len(set(cells) & set(header)) > len(header)


def _settle(found: Sections, waiting: list[tuple[int, Row, int]]) -> None:
    """Keep the rows that are longer than the header, if all rows from some line on are; else leave them out."""
    lengths = Counter(len(cells) for _, cells, _ in waiting)
    size, count = lengths.most_common(1)[0] if lengths else (0, 0)
    first = next((place for _, cells, place in waiting if len(cells) == size), 0)
    kinds = _kinds(found.rows[:first])
    steady = count > 1 and 3 * count >= 2 * (len(found.rows) - first)
    out = set()
    for number, cells, place in waiting:
        fits = all(
            kind is None or not cell.strip() or (as_number(cell.strip()) is not None) is kind
            for kind, cell in zip(kinds, found.rows[place], strict=False)
        )
        if steady and len(cells) == size and fits:
            found.longer.append(number)
        else:
            found.ragged.append(number)
            out.add(place)
    if out:
        found.is_whole = found.is_whole and len(found.rows) - 1 not in out
        found.rows = [row for place, row in enumerate(found.rows) if place not in out]
    found.ragged.sort()


def _kinds(rows: list[Row]) -> list[bool | None]:
    """Return whether each column holds numbers; None where that is not known."""
    kinds: list[bool | None] = []
    for column in zip(*rows[-20:], strict=False):
        filled = [as_number(cell.strip()) is not None for cell in column if cell.strip()]
        kinds.append(filled[0] if filled and len(set(filled)) == 1 else None)
    return kinds
