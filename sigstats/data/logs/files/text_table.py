"""Tables of text as loggers write them: ragged, cut off, with zeros at the end, appended to by a second run."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sigstats.data.logs.folders import open_file, read_bytes
from sigstats.data.logs.model import LogError, LogProblem

MAX_BYTES = 2**28
MAX_COLUMNS = 100_000
MAX_FIELD = 131_072


@dataclass(slots=True, kw_only=True)
class Rows:
    """A table of text.

    Attributes
    ----------
    header : tuple of str
        Names of the columns.
    rows : list of (int, list of str)
        Number of the line, from 1, and as many cells as the header has.
    problems : list of LogProblem
        What was odd.
    """

    header: tuple[str, ...]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    problems: list[LogProblem] = field(default_factory=list)


def first_line(path: Path, max_bytes: int = 2**16) -> str:
    """Return the first line of a file that is not blank; what cannot be read is an empty line."""
    line, left = b"", max_bytes
    try:
        with open_file(path) as handle:
            while left > 0 and not line.strip(b"\xef\xbb\xbf \t\r\n"):
                line = handle.readline(left)
                left = left - len(line) if line else 0
    except (LogError, OSError):
        return ""
    return next(iter(line.decode("utf-8-sig", errors="replace").strip().splitlines()), "")


def head(path: Path, max_bytes: int) -> str:
    """Return the beginning of a file as text; what cannot be read is empty text."""
    try:
        with open_file(path) as handle:
            return handle.read(max_bytes).decode("utf-8-sig", errors="replace")
    except (LogError, OSError):
        return ""


def columns_of(line: str, delimiter: str = ",") -> tuple[str, ...]:
    """Return the cells of one line."""
    try:
        return tuple(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return ()


def read_text(path: Path, run: str, *, ends_lines: bool) -> tuple[str, list[LogProblem]]:
    """Return the text of a log, without zeros at its end and without a last line that was not finished."""
    data = read_bytes(path, MAX_BYTES)
    problems: list[LogProblem] = []
    full = data.rstrip(b"\0")
    if len(full) < len(data):
        problems.append(
            LogProblem(
                code="ZERO_TAIL",
                run=run,
                message=f"{path.name} ends with {len(data) - len(full):,} zero bytes, as after a crash of the machine",
                done="they are left out",
            )
        )
    text = full.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if "\ufffd" in text or "\0" in text:
        problems.append(
            LogProblem(
                code="BAD_TEXT",
                run=run,
                message=f"{path.name} has bytes that are no text",
                done="cells that are no numbers are left out",
            )
        )
    if ends_lines and text and not text.endswith("\n"):
        cut = text.rfind("\n") + 1
        problems.append(truncated(run, f"the last line of {path.name} does not end"))
        text = text[:cut]
    return text, problems


def truncated(run: str, message: str) -> LogProblem:
    """Return the problem of a last line that was cut off."""
    return LogProblem(code="TRUNCATED", run=run, message=message, done="that line is left out")


def read_rows(text: str, file: str, run: str, *, delimiter: str = ",") -> Rows:
    """Return the table that a text holds; its first line is the header."""
    lines = _lines(text, delimiter)
    header = next((tuple(cell.strip() for cell in cells) for _, cells in lines if cells), None)
    if header is None or not any(header):
        raise LogError("EMPTY", "has no header")
    if len(header) > MAX_COLUMNS:
        raise LogError("BAD_TABLE", f"has {len(header):,} columns, more than {MAX_COLUMNS:,}")
    table = Rows(header=header)
    ragged: list[int] = []
    again: list[int] = []
    for number, cells in lines:
        if len(cells) != len(header):
            ragged += [number] if cells else []
        elif tuple(cell.strip() for cell in cells) == header:
            again.append(number)
        else:
            table.rows.append((number, cells))
    _note(table, "RAGGED_ROW", run, f"lines of {file} have another number of cells than the header", ragged)
    _note(table, "HEADER_AGAIN", run, f"the header of {file} comes again, as after a restart", again)
    return table


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise LogError("BAD_TABLE", f"line {reader.line_num} is no line of a table: {error}") from None


def _note(table: Rows, code: str, run: str, message: str, lines: list[int]) -> None:
    if lines:
        shown = ", ".join(map(str, lines[:5])) + (" ..." if len(lines) > 5 else "")
        done = f"left out: {len(lines):,} line{'s' if len(lines) > 1 else ''} ({shown})"
        table.problems.append(LogProblem(code=code, run=run, message=message, done=done))
