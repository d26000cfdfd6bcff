"""Delimited text as loggers write it: quickly where every field is a number, carefully where one is not.

What loggers do that tables of results do not: a header repeated where the run was restarted, a last line cut off in the
middle, nan as text beside blank fields, and comments above the header.
"""

import csv
import io
import itertools
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sigstats.data.logs.model import FloatArray, LogError, Scalar
from sigstats.data.logs.values import as_metric, as_scalar

K = TypeVar("K", bound=Hashable)
Column = tuple[FloatArray, NDArray[np.bool_] | None]

MAX_COLUMNS = 20_000
DELIMITERS = ",\t;"


@dataclass(slots=True)
class Table:
    """The columns of a table of numbers.

    Attributes
    ----------
    columns : dict of str to ndarray
        As long as the table; NaN where a field is blank.
    logged : dict of str to (ndarray of bool, or None)
        Where the fields are not blank; None where no field is.
    constants : dict of str to scalar
        Columns of text that says the same everywhere.
    odd : list of (str, str, str)
        Code, what was found and what was done.
    """

    columns: dict[str, FloatArray] = field(default_factory=dict)
    logged: dict[str, NDArray[np.bool_] | None] = field(default_factory=dict)
    constants: dict[str, Scalar] = field(default_factory=dict)
    odd: list[tuple[str, str, str]] = field(default_factory=list)


def read_delimited(data: bytes, delimiter: str | None = None) -> Table:
    """Read delimited text with a header."""
    data = _without_comments(data.removeprefix(b"\xef\xbb\xbf"))
    if not data.strip():
        raise LogError("EMPTY", "is empty")
    if b"\0" in data:
        raise LogError("NO_TEXT", "is no text: it holds zero bytes")
    head = data[: data.index(b"\n")] if b"\n" in data else data
    if delimiter is None:
        delimiter = next((each for each in DELIMITERS if each.encode() in head), ",")
    table = _quickly(data, head, delimiter) or _carefully(data, delimiter)
    if not data.endswith(b"\n"):
        table.odd.append(("UNENDED_LINE", "the last line does not end, so its last value may be cut", "kept"))
    return table


def read_together(files: Mapping[K, bytes]) -> dict[K, Table]:
    """Read tables of numbers; those with the same header are parsed in one go."""
    groups: dict[tuple[bytes, str], dict[K, bytes]] = {}
    for key, data in files.items():
        head = data[: data.find(b"\n") + 1]
        delimiter = next((each for each in DELIMITERS if each.encode() in head), ",")
        if data.endswith(b"\n") and b"\r" not in head and not head.startswith((b"#", b"\xef")):
            groups.setdefault((head, delimiter), {})[key] = data
    tables: dict[K, Table] = {}
    for (head, delimiter), members in groups.items():
        bodies = [data[len(head) :] for data in members.values()]
        lengths = [body.count(b"\n") for body in bodies]
        joined = _quickly(b"".join([head, *bodies]), head[:-1], delimiter) if all(lengths) else None
        if joined is not None and _whole(joined, sum(lengths)):
            tables |= zip(members, _split(joined, lengths), strict=True)
    return tables


def _whole(table: Table, length: int) -> bool:
    """Return whether a table has the given length and no blank field."""
    columns = table.columns.values()
    return all(column.size == length for column in columns) and not any(
        logged is not None for logged in table.logged.values()
    )


def _split(table: Table, lengths: list[int]) -> Iterator[Table]:
    """Yield stretches of a table."""
    ends = itertools.accumulate(lengths)
    for end, length in zip(ends, lengths, strict=True):
        columns = {name: column[end - length : end] for name, column in table.columns.items()}
        yield Table(columns=columns, logged=dict.fromkeys(columns))


def _without_comments(data: bytes) -> bytes:
    """Return the text from its header on."""
    while data.startswith((b"#", b"\n", b"\r\n")):
        end = data.find(b"\n")
        data = b"" if end < 0 else data[end + 1 :]
    return data


def _quickly(data: bytes, head: bytes, delimiter: str) -> Table | None:
    """Return the table if it is made of numbers and blanks only and every line is whole; else None."""
    names = [name.strip() for name in head.decode("ascii", "replace").split(delimiter)]
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    regular = data.count(delimiter.encode()) == (len(names) - 1) * lines
    plain = b'"' not in data and "\ufffd" not in "".join(names) and len(set(names)) == len(names)
    if not (regular and plain and all(names) and len(names) <= MAX_COLUMNS) or lines < 2:
        return None
    columns = _parsed_by_arrow(data, names, delimiter) or _parsed_by_numpy(data, len(names), delimiter)
    if columns is None:
        return None
    table = Table()
    for name, (column, logged) in zip(names, columns, strict=True):
        table.columns[name], table.logged[name] = column, logged
    return table


def _parsed_by_arrow(data: bytes, names: list[str], delimiter: str) -> list[Column] | None:
    """Return columns of numbers; any field that is neither blank nor a number gives None, as does a missing pyarrow."""
    try:
        import pyarrow as pa
        from pyarrow import csv as arrow
    except ImportError:
        return None
    numbers = dict.fromkeys(names, pa.float64())
    try:
        table = arrow.read_csv(
            pa.BufferReader(data),
            read_options=arrow.ReadOptions(use_threads=False, column_names=names, skip_rows=1),
            parse_options=arrow.ParseOptions(delimiter=delimiter, quote_char=False),
            convert_options=arrow.ConvertOptions(
                column_types=numbers, null_values=[""], check_utf8=False, quoted_strings_can_be_null=False
            ),
        )
    except (pa.ArrowException, ValueError):
        return None
    return [_from_arrow(column) for column in table.columns]


def _from_arrow(column: Any) -> Column:  # noqa: ANN401 - pyarrow has no types
    logged = None if not column.null_count else np.array(column.is_valid())
    return np.array(column, dtype=np.float64), logged


def _parsed_by_numpy(data: bytes, n_columns: int, delimiter: str) -> list[Column] | None:
    """Return columns of numbers; any field that is no number, also a blank one, gives None."""
    try:
        table = np.loadtxt(io.BytesIO(data), delimiter=delimiter, skiprows=1, comments=None, ndmin=2)
    except (ValueError, OverflowError):
        return None
    return None if table.shape[1] != n_columns else [(np.array(column), None) for column in table.T]


def _carefully(data: bytes, delimiter: str) -> Table:
    """Return the table field by field."""
    table = Table()
    text = data.decode("utf-8", "replace")
    if "\ufffd" in text:
        table.odd.append(("NO_UTF8", "some letters are no UTF-8", "they were replaced"))
    rows = _rows(text, delimiter)
    names = [name.strip() for name in rows[0][1]]
    if len(names) > MAX_COLUMNS:
        raise LogError("TOO_MANY_METRICS", f"has {len(names)} columns, more than {MAX_COLUMNS}")
    body = _whole_rows(rows[1:], rows[0][1], table)
    for place, name in enumerate(names):
        if name and name not in table.columns:
            _add_column(table, name, [row[place].strip() for row in body])
    return table


def _rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the fields of each line that is not blank, and its number; a line that cannot be read ends the text."""
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows.extend((reader.line_num, row) for row in reader if any(row))
    except csv.Error:
        rows.append((reader.line_num, []))
    if not rows or not rows[0][1]:
        raise LogError("EMPTY", "has no header")
    return rows


def _whole_rows(rows: list[tuple[int, list[str]]], header: list[str], table: Table) -> list[list[str]]:
    """Return the rows that have as many fields as the header, and note the others."""
    repeated = [number for number, row in rows if row == header]
    whole = [row for _, row in rows if len(row) == len(header) and row != header]
    broken = [number for number, row in rows if len(row) != len(header)]
    if repeated:
        what = f"the header is repeated in line {repeated[0]}, as after a restart"
        table.odd.append(("REPEATED_HEADER", what, "the repetition was left out"))
    if broken and broken[-1] == rows[-1][0]:
        broken.pop()
        table.odd.append(("TRUNCATED", "the last line is cut off", "the line was left out"))
    if broken:
        what = f"{len(broken)} lines have more or fewer fields than the header, the first is line {broken[0]}"
        table.odd.append(("BROKEN_LINES", what, "they were left out"))
    return whole


def _add_column(table: Table, name: str, texts: list[str]) -> None:
    """Add a column if it is made of numbers and blanks; note a text that is the same in every line."""
    numbers = [as_metric(text) if text else None for text in texts]
    filled = sum(1 for text in texts if text)
    known = sum(1 for number in numbers if number is not None)
    if known and known >= 0.5 * filled:
        table.columns[name] = np.array([np.nan if number is None else number for number in numbers])
        logged = np.array([number is not None for number in numbers])
        table.logged[name] = None if logged.all() else logged
        if known < filled:
            other = next(text for text, number in zip(texts, numbers, strict=True) if text and number is None)
            what = f"{filled - known} fields of {name} are no numbers, such as {other[:40]!r}"
            table.odd.append(("NO_NUMBER", what, "taken as not logged"))
    elif filled == len(texts) and len(set(texts)) == 1 and texts:
        table.constants[name] = as_scalar(texts[0])
