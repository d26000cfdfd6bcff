"""Delimited text: the lines of any such text, and the strict reader of sweep tables.

A sweep table is read faithfully or refused, with the place of what is wrong. Training logs are read leniently by
`sigstats.data.logs.files.text_table`, since a run that crashed is still a run.
"""

import csv
import io
import itertools
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from sigstats.errors import Problem, TableError

MAX_COLUMNS = 10_000
MAX_LINE = 1_000_000
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
BOM = b"\xef\xbb\xbf"
LEADING_ZERO = re.compile(rb"""(?:^|[\n\r,;\t"])[ ]*[+-]?0[0-9]""")


def lines_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line; raises `csv.Error` at a line that cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        yield reader.line_num, cells


def refused(code: str, message: str, remedy: str) -> TableError:
    """Return the error for a file that cannot be used."""
    return TableError([Problem(code=code, column=None, message=message, remedy=remedy)])


def check_text(path: Path, data: bytes) -> None:
    """Refuse bytes that are not UTF-8 text, or that a table of text would not hold."""
    if data.startswith(WIDE_BOMS):
        raise refused("NOT_UTF8", f"{path.name!r} is UTF-16 or UTF-32 text", "Save it as UTF-8.")
    nul = data.find(b"\x00")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        message = f"{path.name!r} holds a NUL byte in line {line}; it is not plain text"
        raise refused("NOT_TEXT", message, "Check that the file is whole and of the kind that its name says.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{path.name!r} is not UTF-8: line {line} holds the byte 0x{data[error.start]:02x}"
        raise refused("NOT_UTF8", message, "Save it as UTF-8.") from None
    for start in range(0, len(data) - MAX_LINE, MAX_LINE):
        if data.find(b"\n", start, start + MAX_LINE) < 0 and data.find(b"\r", start, start + MAX_LINE) < 0:
            message = f"{path.name!r} has a line of more than {MAX_LINE} bytes"
            raise refused("LINE_TOO_LONG", message, "Check that its lines end where its rows do.")


def read_csv(path: Path, data: bytes, delimiter: str, missing: list[str]) -> pd.DataFrame:
    """Return the sweep table in delimited text."""
    check_text(path, data)
    header = _check_header(path, data, delimiter)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return _parsed_csv(data, header, delimiter, missing)
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError) as error:
        raise _broken_rows(path, error) from None


def _parsed_csv(data: bytes, header: list[str], delimiter: str, missing: list[str]) -> pd.DataFrame:
    """Return the rows of delimited text, whose header is known."""
    text_columns = _zero_columns(data, delimiter, missing) if LEADING_ZERO.search(data) else []
    frame: pd.DataFrame = pd.read_csv(
        io.BytesIO(data),
        sep=delimiter,
        index_col=False,
        keep_default_na=False,
        na_values=missing,
        low_memory=False,
        **_exact_floats(),
        dtype={header[place]: str for place in text_columns if header[place]},
    )
    return frame


def _exact_floats() -> dict[str, Any]:
    """Return the option by which pandas reads floats exactly; from 3.1 on it always does."""
    major, minor = (int(part) for part in pd.__version__.split(".")[:2])
    return {} if (major, minor) >= (3, 1) else {"float_precision": "round_trip"}


def _broken_rows(path: Path, error: Exception) -> TableError:
    """Return the error for rows that do not parse."""
    reason = str(error).removeprefix("Error tokenizing data. C error: ").strip()
    message = f"the rows of {path.name!r} do not fit together: {reason}"
    return refused("BROKEN_ROWS", message, "Look for an unclosed quote or for rows with too many fields.")


def _check_header(path: Path, data: bytes, delimiter: str) -> list[str]:
    """Return the names in the header, or refuse it."""
    start = data[: 4 * MAX_LINE].removeprefix(BOM)
    lines = lines_of(start.decode("utf-8", "ignore"), delimiter)
    filled = (cells for _, cells in lines if len(cells) > 1 or "".join(cells).strip())
    try:
        found = list(itertools.islice(filled, 2))
    except csv.Error as error:
        raise _broken_rows(path, error) from None
    if not found:
        raise refused("NO_ROWS", f"{path.name!r} is empty", "Check that whatever wrote it has finished.")
    header = found[0]
    if len(header) > MAX_COLUMNS:
        message = f"{path.name!r} has {len(header)} columns, more than the {MAX_COLUMNS} allowed"
        raise refused("TOO_MANY_COLUMNS", message, "A sweep table is long: one row per run and level.")
    if len(header) == 1 and any(mark in header[0] for mark in ";\t,"):
        other = next(mark for mark in ";\t," if mark in header[0])
        message = f"{path.name!r} has one column, named {header[0][:80]!r}"
        raise refused(
            "WRONG_DELIMITER", message, f"Its fields seem to have another delimiter: delimiter={other!r}."
        )
    repeated = [name for name in dict.fromkeys(header) if name and header.count(name) > 1]
    if repeated:
        message = f"{path.name!r} has more than one column named {repeated[0]!r}"
        raise refused("DUPLICATE_COLUMNS", message, "Rename the columns so that each name occurs once.")
    if len(found) == 2 and len(found[1]) > len(header):
        message = f"the first row of {path.name!r} has {len(found[1])} fields, its header {len(header)}"
        raise refused(
            "BROKEN_ROWS", message, "Give every column a name, or look for a superfluous delimiter."
        )
    return header


def _zero_columns(data: bytes, delimiter: str, missing: list[str]) -> list[int]:
    """Return the positions of columns of whole numbers in which some have leading zeros, as ids do."""
    texts = pd.read_csv(
        io.BytesIO(data), sep=delimiter, index_col=False, dtype=str, keep_default_na=False, na_values=missing
    )
    padded = [
        texts.iloc[:, place].str.fullmatch(r"\s*[+-]?0[0-9]+\s*", na=False) for place in range(texts.shape[1])
    ]
    return [place for place, found in enumerate(padded) if bool(found.any())]
