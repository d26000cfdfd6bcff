"""Delimited text as columns of numbers: quickly where every field is a number or blank, else by way of `text_table`."""

import io
import itertools
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sigstats.data.logs.files.spelled import Spelled, is_step, spelled, with_decimal_commas
from sigstats.data.logs.files.text_table import (
    MAX_COLUMNS,
    TextTable,
    as_table,
    decoded,
    named_columns,
    without_zero_tail,
)
from sigstats.data.logs.groups import CLOCKS, PHASES, RUNS, bare
from sigstats.data.logs.model import FloatArray, LogError, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import as_metric, as_scalar
from sigstats.data.table.spelled import POINT, is_ambiguous, readings

K = TypeVar("K", bound=Hashable)
Column = tuple[FloatArray, NDArray[np.bool_] | None]

MAX_SETTINGS = 1_000
_SETTING = re.compile(r"#+[ \t]*([A-Za-z_][\w./-]{0,100})[ \t]*[:=][ \t]*(\S.{0,1000})")
LABELS = RUNS | PHASES | CLOCKS
DELIMITERS = ",\t;"


@dataclass(slots=True)
class NumberTable:
    """The columns of a table of numbers."""

    columns: dict[str, FloatArray] = field(default_factory=dict)  # as long as the table; NaN for blank fields
    # which fields are not blank; None if all are filled
    logged: dict[str, NDArray[np.bool_] | None] = field(default_factory=dict)
    constants: dict[str, Scalar] = field(
        default_factory=dict
    )  # columns that hold the same text in every line
    texts: dict[str, list[str | None]] = field(default_factory=dict)  # columns of text that changes


def read_numbers(recorder: RunRecorder, data: bytes, file: str, delimiter: str | None = None) -> NumberTable:
    """Return the columns of a file, whose last line need not end."""
    whole = data
    full = without_zero_tail(recorder, whole, file).removeprefix(b"\xef\xbb\xbf")
    data = _without_comments(full)
    if b"\0" in (data.strip() or whole):
        raise LogError("NO_TEXT", "is not text: it holds zero bytes")
    if not data.strip():
        raise LogError("EMPTY", "is empty")
    head = data[: data.index(b"\n")] if b"\n" in data else data
    delimiter = delimiter or _delimiter(head)
    table, is_cut = _from_numbers(data, head, delimiter), False
    if table is None:
        text = as_table(recorder, decoded(recorder, data, file), file, delimiter)
        table, is_cut = _from_text(recorder, text), text.is_cut
    table.constants = {**_settings(full[: len(full) - len(data)]), **table.constants}
    if not data.endswith(b"\n") and not is_cut:
        recorder.note(
            "UNENDED_LINE", "the last line does not end, so its last value may be cut", "it is kept"
        )
    return table


def _delimiter(head: bytes) -> str:
    return next((each for each in DELIMITERS if each.encode() in head), ",")


def read_together(files: Mapping[K, bytes]) -> dict[K, NumberTable]:
    """Read tables of numbers; those with the same header are parsed in one go."""
    groups: dict[tuple[bytes, str], dict[K, bytes]] = {}
    for key, data in files.items():
        head = data[: data.find(b"\n") + 1]
        delimiter = _delimiter(head)
        if data.endswith(b"\n") and b"\r" not in head and not head.startswith((b"#", b"\xef")):
            groups.setdefault((head, delimiter), {})[key] = data
    tables: dict[K, NumberTable] = {}
    for (head, delimiter), members in groups.items():
        bodies = [data[len(head) :] for data in members.values()]
        lengths = [body.count(b"\n") for body in bodies]
        joined = _from_numbers(b"".join([head, *bodies]), head[:-1], delimiter) if all(lengths) else None
        if joined is not None and _is_full(joined, sum(lengths)):
            tables |= zip(members, _split(joined, lengths), strict=True)
    return tables


def _is_full(table: NumberTable, length: int) -> bool:
    """Return whether a table has the given length and no blank field."""
    columns = table.columns.values()
    return all(column.size == length for column in columns) and not any(
        logged is not None for logged in table.logged.values()
    )


def _split(table: NumberTable, lengths: list[int]) -> Iterator[NumberTable]:
    """Yield stretches of a table."""
    ends = itertools.accumulate(lengths)
    for end, length in zip(ends, lengths, strict=True):
        columns = {name: column[end - length : end] for name, column in table.columns.items()}
        yield NumberTable(columns=columns, logged=dict.fromkeys(columns))


def _without_comments(data: bytes) -> bytes:
    """Return the text from its header on."""
    while data.startswith((b"#", b"\n", b"\r\n")):
        end = data.find(b"\n")
        data = b"" if end < 0 else data[end + 1 :]
    return data


def _settings(comments: bytes) -> dict[str, Scalar]:
    """Return the settings in the comments above a header, such as ``# seed: 0``."""
    lines = comments.decode("utf-8", "replace").splitlines()
    pairs = (_SETTING.fullmatch(line) for line in lines[:MAX_SETTINGS])
    return {pair[1]: as_scalar(pair[2].strip()) for pair in pairs if pair}


def _from_numbers(data: bytes, head: bytes, delimiter: str) -> NumberTable | None:
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
    table = NumberTable()
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
    """Return columns of numbers; any field that is not a number, also a blank one, gives None."""
    try:
        table = np.loadtxt(io.BytesIO(data), delimiter=delimiter, skiprows=1, comments=None, ndmin=2)
    except (ValueError, OverflowError):
        return None
    return None if table.shape[1] != n_columns else [(np.array(column), None) for column in table.T]


def _from_text(recorder: RunRecorder, text: TextTable) -> NumberTable:
    """Return the columns of a table in which some fields are neither numbers nor blank."""
    table = NumberTable()
    places = named_columns(recorder, text.header)
    columns = {name: [cells[place].strip() for cells in text.rows] for name, place in places.items()}
    found = {name: spelled(name, texts) for name, texts in columns.items() if bare(name) not in LABELS}
    if any(map(_has_comma, found.values())):
        others = (name for name, each in found.items() if not each.told)
        found |= {name: with_decimal_commas(name, columns[name]) for name in others}
    for name, texts in columns.items():
        _add_column(recorder, table, name, texts, found.get(name, Spelled()))
    told = [f"{name}: {each.told}" for name, each in found.items() if name in table.columns and each.told]
    if told:
        recorder.note("SPELLED_NUMBER", f"numbers are spelled, in {listed(told)}", "they are read so")
    recorder.note_words()
    return table


def _has_comma(found: Spelled) -> bool:
    """Return whether a comma stands before decimals in a column."""
    return any("," in text and number != POINT.number(text) for text, number in found.numbers.items())


def _add_column(
    recorder: RunRecorder, table: NumberTable, name: str, texts: list[str], found: Spelled
) -> None:
    """Add a column that is mostly numbers; take a text that is the same in every line as a setting."""
    numbers = [_number(text, found) for text in texts]
    filled = sum(1 for text in texts if text)
    known = sum(1 for number in numbers if number is not None)
    is_setting = filled == len(texts) and len(set(texts)) == 1 and texts and as_metric(texts[0]) is None
    if found.is_open:
        odd = next(text for text in texts if is_ambiguous(text))
        what = f"the numbers of {name} can be read in two ways: {readings(odd)}"
        recorder.note(
            "OPEN_NUMBER", what, "the column is left out; write decimals with a point and no thousands"
        )
    elif is_setting and not is_step(name) and not {"%", ","} & set(texts[0]):
        table.constants[name] = as_scalar(texts[0])
    elif known and known >= 0.5 * filled:
        table.columns[name] = np.array([np.nan if number is None else number for number in numbers])
        logged = np.array([number is not None for number in numbers])
        table.logged[name] = None if logged.all() else logged
        for text, number in zip(texts, numbers, strict=True):
            if text and number is None:
                recorder.count_word(name, text)
    elif is_setting and not is_step(name):
        table.constants[name] = as_scalar(texts[0])
    elif filled:
        table.texts[name] = [text or None for text in texts]


def _number(text: str, found: Spelled) -> float | None:
    spelled_out = found.numbers.get(text)
    return spelled_out if spelled_out is not None else as_metric(text) if text else None
