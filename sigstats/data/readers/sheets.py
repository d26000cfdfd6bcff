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
from sigstats.errors import TableError, did_you_mean, missing_extra, option

MAX_CELLS = 20_000_000


def read_sheet(content: Content, options: Options) -> Loaded:
    """Read the one sheet of a workbook, or the one that was named."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise missing_extra("python-calamine", "excel", "Reading Excel and ODS files") from None
    try:
        _check_members(content, options.max_bytes)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content.data))
        name = _chosen(content.name, book, options.part)
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
    except BaseException as error:
        # A panic of calamine, which is written in Rust, is no Exception and has no importable class.
        known = (CalamineError, OSError, ValueError, NotImplementedError, zipfile.BadZipFile, struct.error)
        broken = isinstance(error, known) or type(error).__name__ == "PanicException"
        if isinstance(error, TableError) or not broken:
            raise
        message = f"{content.name!r} is not a readable workbook: {str(error)[:120]}"
        hint = "Check that the file is whole and opens in a spreadsheet."
        raise refused("BAD_WORKBOOK", message, hint) from None
    return _table(f"{content.name}, sheet {name}", rows, options)


def _check_members(content: Content, limit: int) -> None:
    """Refuse a workbook whose parts unpack to too much, lead out of it, or make sheets that are too large."""
    if not zipfile.is_zipfile(io.BytesIO(content.data)):
        return
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
