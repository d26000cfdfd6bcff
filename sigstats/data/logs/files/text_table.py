"""Delimited text as loggers write it: ragged, cut off, with zeros at the end, appended to by a second run.

All readers of such text use this module, and note irregularities in the same way. `number_table` reads tables that hold
nothing but numbers faster, and comes here with the others.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sigstats.data.delimited import lines_of
from sigstats.data.logs.files.sections import Sections, in_sections
from sigstats.data.logs.files.spelled import Spelled, spelled
from sigstats.data.logs.folders import as_utf8, open_file, read_bytes
from sigstats.data.logs.model import LogError
from sigstats.data.logs.recording import RunRecorder, as_number
from sigstats.data.logs.series import listed

MAX_BYTES = 2**28
MAX_COLUMNS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """A table of text."""

    header: tuple[str, ...]  # names of the columns
    rows: list[list[str]]  # as many cells as the header has
    is_cut: bool  # whether the text ended within a line, which was left out


def first_line(path: Path, max_bytes: int = 2**16) -> str:
    """Return the first line of a file that is not blank; an empty line if the file cannot be read."""
    line, left = b"", max_bytes
    try:
        with open_file(path) as handle:
            while left > 0 and not line.strip(b"\xef\xbb\xbf \t\r\n"):
                line = handle.readline(left)
                left = left - len(line) if line else 0
    except (LogError, OSError):
        return ""
    return next(iter(line.decode("utf-8-sig", errors="replace").strip().splitlines()), "")


def first_text(path: Path, max_bytes: int) -> str:
    """Return the beginning of a file; an empty text if the file cannot be read."""
    try:
        with open_file(path) as handle:
            return as_utf8(handle.read(max_bytes)).decode("utf-8-sig", errors="replace")
    except (LogError, OSError):
        return ""


def cells_of(line: str, delimiter: str = ",") -> tuple[str, ...]:
    """Return the cells of one line."""
    try:
        return tuple(next((cells for _, cells in lines_of(line, delimiter)), []))
    except csv.Error:
        return ()


def read_table(recorder: RunRecorder, path: Path, *, delimiter: str = ",") -> TextTable:
    """Return the table in a file of which every whole line ends with a line break."""
    return as_table(recorder, read_text(recorder, path, whole_lines=True), path.name, delimiter)


def read_text(recorder: RunRecorder, path: Path, *, whole_lines: bool) -> str:
    """Return the text of a log, without zeros at its end and, if so asked, without a last line that does not end."""
    data = without_zero_tail(recorder, read_bytes(path, MAX_BYTES), path.name)
    text = decoded(recorder, data, path.name)
    if whole_lines and text and not text.endswith("\n"):
        recorder.note("TRUNCATED", f"the last line of {path.name} does not end", "that line is left out")
        text = text[: text.rfind("\n") + 1]
    return text


def without_zero_tail(recorder: RunRecorder, data: bytes, file: str) -> bytes:
    """Return the content of a file without the zeros that a crash of the machine may leave at its end."""
    full = data.rstrip(b"\0")
    if len(full) < len(data):
        what = f"{file} ends with {len(data) - len(full):,} zero bytes, as after a crash of the machine"
        recorder.note("ZERO_TAIL", what, "they are left out")
    return full


def decoded(recorder: RunRecorder, data: bytes, file: str) -> str:
    """Return the content of a file as text."""
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if "\ufffd" in text:
        recorder.note("BAD_TEXT", f"{file} has bytes that are not UTF-8 text", "they are replaced")
    if "\0" in text:
        recorder.note("BAD_TEXT", f"{file} has zero bytes", "cells that hold one are not numbers")
    return text


def as_table(recorder: RunRecorder, text: str, file: str, delimiter: str = ",") -> TextTable:
    """Return the table that a text holds; its first line is the header."""
    lines = _lines(recorder, text, file, delimiter)
    header = next((tuple(cell.strip() for cell in cells) for _, cells in lines if any(cells)), ())
    if not any(header):
        raise LogError("EMPTY", "does not have a header")
    if len(header) > MAX_COLUMNS:
        raise LogError("TOO_MANY_COLUMNS", f"has {len(header):,} columns, more than {MAX_COLUMNS:,}")
    found = in_sections(header, lines)
    is_cut = not found.is_whole and not text.endswith("\n")
    if is_cut and found.ragged:
        what = f"line {found.ragged.pop()} is left out"
        recorder.note("TRUNCATED", f"the last line of {file} is cut off", what)
    _note_sections(recorder, found, file)
    return TextTable(header=found.header, rows=found.rows, is_cut=is_cut)


def _note_sections(recorder: RunRecorder, found: Sections, file: str) -> None:
    """Note the lines of a table that are not plain rows under one header."""
    out = "left out"
    _note(
        recorder, "RAGGED_ROW", f"lines of {file} do not have as many cells as the header", out, found.ragged
    )
    _note(recorder, "HEADER_AGAIN", f"the header of {file} comes again, as after a restart", out, found.again)
    what = f"the header of {file} changes further down, as when a metric is added"
    _note(recorder, "HEADER_CHANGES", what, "the rows below are read by it", found.grown)
    what = f"lines of {file} end with a delimiter that the header does not have"
    _note(recorder, "EXTRA_FIELD", what, "nothing is in the further field, and nothing is lost", found.blank)
    what = f"lines of {file} have more cells than the header has names"
    done = "read as far as the header goes; if the new column is not the last, values stand under wrong names"
    _note(recorder, "EXTRA_FIELD", what, done, found.longer)


def _lines(recorder: RunRecorder, text: str, file: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line; a line that cannot be read ends the table."""
    number = 0
    try:
        for number, cells in lines_of(text, delimiter):
            yield number, cells
    except csv.Error as error:
        recorder.note(
            "BAD_TABLE", f"line {number + 1} of {file} cannot be read: {error}", "the table ends above it"
        )


def _note(recorder: RunRecorder, code: str, message: str, done: str, lines: list[int]) -> None:
    if lines:
        shown = ", ".join(map(str, lines[:5])) + (" ..." if len(lines) > 5 else "")
        recorder.note(code, message, f"{done}: {len(lines):,} line{'s' if len(lines) > 1 else ''} ({shown})")


def named_columns(recorder: RunRecorder, header: Iterable[str]) -> dict[str, int]:
    """Return the place of each column that has a name; of columns with one name the first."""
    places: dict[str, int] = {}
    twice: list[str] = []
    for place, name in enumerate(header):
        if name in places:
            twice.append(name)
        elif name:
            places[name] = place
    if twice:
        recorder.note("DUPLICATE_COLUMN", f"several columns are called {listed(twice)}", "the first is taken")
    return places


def take_columns(recorder: RunRecorder, table: TextTable, steps: Iterable[str]) -> None:
    """Record the columns of a table with one row per step as metrics."""
    places = named_columns(recorder, table.header)
    counts = [places[name] for name in steps if name in places]
    metrics = [(place, name) for name, place in places.items() if place not in counts[:1]]
    plain = _with_spelled(recorder, table, places)
    for position, cells in enumerate(plain):
        at = next((cells[place] for place in counts if cells[place].strip()), "" if counts else position)
        step = as_number(at)
        for place, metric in metrics:
            cell = cells[place].strip()
            if cell:
                recorder.add(metric, step, cell)


def _with_spelled(recorder: RunRecorder, table: TextTable, places: Mapping[str, int]) -> list[list[str]]:
    """Return the rows of a table in which numbers that are spelled, such as 1k or 51%, are plain."""
    numbers: dict[int, Mapping[str, float]] = {}
    told: list[str] = []
    for name, place in places.items():
        texts = [cell for cells in table.rows if (cell := cells[place].strip())]
        found = spelled(name, texts) if any(as_number(text) is None for text in texts) else Spelled()
        if found.numbers:
            numbers[place] = found.numbers
            told.append(f"{name}: {found.told}")
    if not numbers:
        return table.rows
    recorder.note("SPELLED_NUMBER", f"numbers are spelled, in {listed(told)}", "they are read so")
    return [
        [
            repr(numbers[place][cell.strip()])
            if place in numbers and cell.strip() in numbers[place]
            else cell
            for place, cell in enumerate(cells)
        ]
        for cells in table.rows
    ]
