"""Excel and ODS workbooks, read by calamine: values only, no formulas, macros or links."""

import io
import struct
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from sigstats.data.readers.model import (
    MAX_COLUMNS,
    Content,
    Loaded,
    Options,
    as_frame,
    empty,
    refused,
    too_large,
    too_many_columns,
)
from sigstats.data.readers.notation import with_spelled
from sigstats.data.readers.packed import inflated, members_of
from sigstats.data.readers.sheet_area import excel_area, ods_area
from sigstats.data.readers.sheet_cells import Unread, has_bad_places, unread_cells
from sigstats.errors import TableError, did_you_mean, missing_extra, option

MAX_CELLS = 20_000_000
SHOWN = 5


def read_sheet(content: Content, options: Options) -> Loaded:
    """Read the one sheet of a workbook, or the one that was named."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise missing_extra("python-calamine", "excel", "Reading Excel and ODS files") from None
    try:
        parts = _checked_parts(content, options.max_bytes)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content.data))
        name = _chosen(content.name, book, options.part)
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=True)
        start = sheet.start or (0, 0)
        merged = [(first, last) for first, last in getattr(sheet, "merged_cell_ranges", None) or ()]
    except BaseException as error:
        # A panic of calamine, which is written in Rust, is no Exception and has no importable class.
        known = (CalamineError, OSError, ValueError, NotImplementedError, zipfile.BadZipFile, struct.error)
        broken = isinstance(error, known) or type(error).__name__ == "PanicException"
        if isinstance(error, TableError) or not broken:
            raise
        message = f"{content.name!r} is not a readable workbook: {str(error)[:120]}"
        hint = "Check that the file is whole and opens in a spreadsheet."
        raise refused("BAD_WORKBOOK", message, hint) from None
    title = f"{content.name}, sheet {name}"
    told = [*_noted(title, rows, start, unread_cells(parts, name)), *_filled_down(title, rows, start, merged)]
    loaded = _table(title, rows, options)
    return Loaded(frame=loaded.frame, notes=loaded.notes, interpreted=(*told, *loaded.interpreted))


def _checked_parts(content: Content, limit: int) -> dict[str, bytes]:
    """Return the sheets of a workbook as XML; refuse one that unpacks to too much, or has sheets that are too large."""
    parts: dict[str, bytes] = {}
    if not zipfile.is_zipfile(io.BytesIO(content.data)):
        return parts
    members = members_of(content)
    if any(member.filename.endswith(".bin") and "workbook" in member.filename for member in members):
        raise refused("BAD_WORKBOOK", f"{content.name!r} is a binary workbook", "Save it as .xlsx.")
    left = limit
    for member in members:
        data = inflated(content, member, max(left, 0))
        left -= len(data)
        area = ods_area(data) if b"table:table" in data else excel_area(data) if b"sheetData" in data else 0
        if area > MAX_CELLS:
            raise too_large(content.name, f"has a sheet of {area} cells, more", MAX_CELLS)
        if b"sheetData" in data and has_bad_places(data):
            message = f"{content.name!r} is not a readable workbook: a cell stands where no sheet has one"
            raise refused("BAD_WORKBOOK", message, "Check that the file is whole and opens in a spreadsheet.")
        if b"sheetData" in data or member.filename.startswith(("xl/workbook.xml", "xl/_rels/")):
            parts[member.filename] = data
    return parts


def _noted(name: str, rows: list[list[Any]], start: tuple[int, int], cells: list[Unread]) -> list[str]:
    """Return notes on the cells without a value; refuse a column in which nothing was computed."""
    head = next((place for place, row in enumerate(rows) if any(cell != "" for cell in row)), 0)
    notes = []
    for error in (False, True):
        found = [cell for cell in cells if cell.error is error and cell.row - start[0] > head]
        for column in dict.fromkeys(cell.column for cell in found):
            at = column - start[1]
            inside = 0 <= at < len(rows[0]) if rows else False
            if inside and not any(row[at] != "" for row in rows[head + 1 :]):
                first = next(cell.place for cell in found if cell.column == column)
                title = _title(rows[head][at])
                if error:
                    message = f"column {title!r} of {name!r} holds nothing but errors, the first in {first}"
                    raise refused("ERROR_CELLS", message, "Correct the formulas.")
                message = (
                    f"column {title!r} of {name!r} holds formulas whose values were never computed, the first in "
                    f"{first}: whatever wrote the file saved the formulas alone"
                )
                remedy = (
                    "Open the file in a spreadsheet and save it, or write the values instead of formulas."
                )
                raise refused("UNCOMPUTED_FORMULAS", message, remedy)
        if found:
            shown = ", ".join(cell.place for cell in found[:SHOWN])
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            what = "an error, such as #DIV/0!" if error else "a formula that was never computed"
            count = "1 cell holds" if len(found) == 1 else f"{len(found)} cells hold"
            notes.append(
                f"{name!r}: {count} {what}, and {'is' if len(found) == 1 else 'are'} missing: {shown}{more}."
            )
    return notes


def _filled_down(
    name: str,
    rows: list[list[Any]],
    start: tuple[int, int],
    merged: list[tuple[tuple[int, int], tuple[int, int]]],
) -> list[str]:
    """Write the value of merged cells, one above the other, into each of their rows; return a note on it."""
    head = next((place for place, row in enumerate(rows) if any(cell != "" for cell in row)), 0)
    count = 0
    for (top, left), (bottom, right) in merged:
        first, last, at = top - start[0], min(bottom - start[0] + 1, len(rows)), left - start[1]
        if left != right or first <= head or not 0 <= at < len(rows[head]) or first >= len(rows):
            continue
        for row in rows[first + 1 : last]:
            row[at] = rows[first][at]
        count += last - first > 1
    if not count:
        return []
    return [f"{name!r}: {count} merged cells were filled down, so that each of their rows has the value."]


def _chosen(name: str, book: Any, part: str | None) -> str:  # noqa: ANN401 - calamine's workbook
    """Return the name of the sheet to be read."""
    names = [
        each.name
        for each in book.sheets_metadata
        if "work" in str(each.typ).lower() and "visible" in str(each.visible).lower()
    ] or list(book.sheet_names)
    if part is not None and part not in book.sheet_names:
        hint = did_you_mean(part, book.sheet_names) or f"Name one: {option('part', names[0])}."
        raise refused(
            "NO_SHEET", f"{name!r} has no sheet {part!r}, but {', '.join(map(repr, names[:10]))}", hint
        )
    if part is not None:
        return part
    filled = [each for each in names if book.get_sheet_by_name(each).height] or names
    if len(filled) > 1:
        message = (
            f"{name!r} has {len(filled)} sheets with something in them: {', '.join(map(repr, filled[:10]))}"
        )
        raise refused("SEVERAL_SHEETS", message, f"Name one: {option('part', filled[0])}.")
    if not filled:
        raise empty(name)
    return str(filled[0])


def _table(name: str, rows: list[list[Any]], options: Options) -> Loaded:
    """Return the rows of a sheet under their header."""
    filled = [row for row in rows if any(cell != "" for cell in row)]
    if not filled:
        raise empty(name)
    if len(filled[0]) > MAX_COLUMNS:
        raise too_many_columns(name, len(filled[0]))
    header = [_title(cell) for cell in filled[0]]
    used = [
        place for place, title in enumerate(header) if title or any(row[place] != "" for row in filled[1:])
    ]
    titles = [header[place] for place in used]
    if not all(titles):
        place = used[titles.index("")] + 1
        message = f"column {place} of {name!r} has values but no name in the first filled row"
        raise refused(
            "NO_COLUMN_NAME", message, "Put the names of the columns into one row, right above the values."
        )
    repeated = next((title for title in titles if titles.count(title) > 1), None)
    if repeated is not None:
        message = f"{name!r} has more than one column named {repeated!r}"
        raise refused("DUPLICATE_COLUMNS", message, "Rename the columns so that each name occurs once.")
    columns = {
        title: _column([row[place] for row in filled[1:]], options.missing_words)
        for title, place in zip(titles, used, strict=True)
    }
    return with_spelled(name, as_frame(columns), options)


def _title(cell: object) -> str:
    """Return the name of a column; a workbook holds whole numbers as 1.0."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _column(cells: list[Any], missing: Sequence[str]) -> Any:  # noqa: ANN401 - numbers, or a list
    """Return the values of a column: whole numbers as such, which a workbook does not tell from others."""
    values = [None if isinstance(cell, str) and cell.strip() in missing else cell for cell in cells]
    known = [value for value in values if value is not None]
    numbers = [value for value in known if isinstance(value, int | float) and not isinstance(value, bool)]
    if known and len(numbers) == len(known):
        whole = len(known) == len(values) and all(
            float(value).is_integer() and abs(value) < 2**53 for value in known
        )
        return np.array(
            [np.nan if value is None else value for value in values], dtype=np.int64 if whole else float
        )
    return values if known else np.full(len(values), np.nan)
