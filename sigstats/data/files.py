"""Sweep tables from files: CSV, TSV, JSON Lines and Parquet.

A file is data, never instructions: nothing in it is evaluated, and formats that can run code when they are
loaded are refused. What cannot be read faithfully - broken encodings, unclosed quotes, rows with too many
fields, numbers that JSON does not have - is an error that names the place, not a guess.
"""

import contextlib
import csv
import io
import json
import math
import os
import re
import stat
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from sigstats.errors import (
    OptionError,
    Problem,
    TableError,
    did_you_mean,
    missing_extra,
    unknown_option,
)

__all__ = ["read_sweep"]

KINDS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
RUNS_CODE = frozenset({".pkl", ".pickle", ".joblib", ".npz", ".npy", ".pt", ".pth", ".ckpt", ".bin", ".dill"})
PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz", ".7z"})
MISSING = ("", "nan", "NaN", "NA", "<NA>")
MAX_COLUMNS = 10_000
MAX_LINE = 1_000_000
MAX_BYTES = 2 * 1024**3
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
BOM = b"\xef\xbb\xbf"
LEADING_ZERO = re.compile(rb"""(?:^|[\n\r,;\t"])[ ]*[+-]?0[0-9]""")


def read_sweep(
    path: str | os.PathLike[str],
    *,
    kind: str | None = None,
    delimiter: str | None = None,
    missing: Sequence[str] = MISSING,
    max_bytes: int = MAX_BYTES,
) -> Any:  # noqa: ANN401 - a frame of one library or another
    r"""Read a sweep table from a file.

    Parameters
    ----------
    path : str or path-like
        A regular file on this machine.
    kind : {"csv", "tsv", "jsonl", "parquet"}, optional
        What the file holds; by default, its ending decides.
    delimiter : str, optional
        The character between the fields of a CSV file, by default a comma.
    missing : sequence of str, default ("", "nan", "NaN", "NA", "<NA>")
        Fields of a CSV or TSV file that mean a missing value. Other words, such as "None", stay text.
    max_bytes : int, default 2 GiB
        Largest file that is read, and for Parquet the largest content after unpacking, in bytes.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        The columns under their own names; a pyarrow table for Parquet. Whole numbers with leading zeros, such
        as 007, stay text.

    Raises
    ------
    TableError
        If the file does not exist or cannot be read faithfully.
    OptionError
        If an option is not valid.
    MissingExtraError
        If the file is Parquet and pyarrow is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "sweep.csv"
    >>> _ = file.write_text("knob,metric,seed\n1,0.5,0\n2,0.7,0\n")
    >>> read_sweep(file)
       knob  metric  seed
    0     1     0.5     0
    1     2     0.7     0
    """
    place = _checked_path(path)
    kind = _checked_kind(place, kind)
    if delimiter is not None and (
        not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n'
    ):
        raise OptionError(f"`delimiter` is {delimiter!r}; it must be one character, such as ';'.")
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes < 1:
        raise OptionError(f"`max_bytes` is {max_bytes!r}; it must be a whole number of at least 1.")
    try:
        with _opened(place, max_bytes) as (handle, size):
            if kind == "parquet":
                return _read_parquet(place, handle, max_bytes)
            data = handle.read(size)
        if kind == "jsonl":
            return _read_jsonl(place, data)
        return _read_csv(place, data, delimiter or ("\t" if kind == "tsv" else ","), list(missing))
    except MemoryError:
        message = f"{place.name!r} does not fit into the memory of this machine"
        raise _refused(
            "NO_MEMORY", message, "Filter or aggregate it first, for instance with duckdb."
        ) from None


def _refused(code: str, message: str, remedy: str) -> TableError:
    """Return the error for a file that cannot be used."""
    return TableError([Problem(code=code, column=None, message=message, remedy=remedy)])


def _checked_path(path: object) -> Path:
    """Return the path, or refuse what is not one."""
    if not isinstance(path, str | os.PathLike):
        raise OptionError(f"`path` is of type {type(path).__name__!r}; it must be text or a path.")
    text = os.fspath(path)
    if not isinstance(text, str) or "\x00" in text or not text:
        raise OptionError(f"`path` is {text!r}; it must be the name of a file.")
    return Path(text)


def _checked_kind(path: Path, kind: str | None) -> str:
    """Return what the file holds, or refuse it."""
    kinds = tuple(sorted(set(KINDS.values())))
    if kind is not None and kind not in kinds:
        raise OptionError(unknown_option("kind", kind, kinds))
    ending = path.suffix.lower()
    if ending in RUNS_CODE:
        message = f"{path.name!r} is refused: files that end in {ending!r} can run code when they are loaded"
        raise _refused("UNSAFE_FILE", message, "Save the columns as CSV, JSON Lines or Parquet.")
    if kind is not None:
        return kind
    if ending in PACKED:
        raise _refused("PACKED_FILE", f"{path.name!r} is a packed file", "Unpack it first.")
    if ending not in KINDS:
        message = f"{path.name!r} has the ending {ending!r}, which is not that of a table"
        raise _refused("UNKNOWN_FILE", message, f"Name what it holds: kind=..., one of {kinds}.")
    return KINDS[ending]


@contextlib.contextmanager
def _opened(path: Path, max_bytes: int) -> Iterator[tuple[BinaryIO, int]]:
    """Open a regular file without waiting, and give its size at that moment."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb") as handle:  # noqa: PTH123 - a descriptor, not a path
            yield handle, _checked_size(path, os.fstat(handle.fileno()), max_bytes)
    except FileNotFoundError:
        raise _refused("NO_FILE", f"the file {str(path)!r} does not exist", _near_files(path)) from None
    except IsADirectoryError:
        raise _not_regular(path) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise _refused(
            "UNREADABLE_FILE", f"{str(path)!r} cannot be read: {reason}", "Check its permissions."
        ) from error


def _checked_size(path: Path, status: os.stat_result, max_bytes: int) -> int:
    """Return the size of a regular file, or refuse it."""
    if not stat.S_ISREG(status.st_mode):
        raise _not_regular(path)
    if status.st_size > max_bytes:
        message = f"{path.name!r} has {status.st_size} bytes, more than the {max_bytes} allowed"
        raise _refused("FILE_TOO_LARGE", message, "Filter it first, or raise max_bytes.")
    return status.st_size


def _not_regular(path: Path) -> TableError:
    """Return the error for a directory, a pipe or a device."""
    message = f"{str(path)!r} is not a regular file but a directory, a pipe or a device"
    return _refused("NOT_A_FILE", message, "Give the path of a CSV, JSON Lines or Parquet file.")


def _near_files(path: Path) -> str:
    """Return a hint at files with a similar name."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return "Check the path."
    return did_you_mean(path.name, names) or "Check the path."


def _check_text(path: Path, data: bytes) -> None:
    """Refuse bytes that are not UTF-8 text, or that a table of text would not hold."""
    if data.startswith(WIDE_BOMS):
        raise _refused("NOT_UTF8", f"{path.name!r} is UTF-16 or UTF-32 text", "Save it as UTF-8.")
    nul = data.find(b"\x00")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        message = f"{path.name!r} holds a NUL byte in line {line}; it is not plain text"
        raise _refused(
            "NOT_TEXT", message, "Check that the file is whole and of the kind that its name says."
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{path.name!r} is not UTF-8: line {line} holds the byte 0x{data[error.start]:02x}"
        raise _refused("NOT_UTF8", message, "Save it as UTF-8.") from None
    for start in range(0, len(data) - MAX_LINE, MAX_LINE):
        if data.find(b"\n", start, start + MAX_LINE) < 0 and data.find(b"\r", start, start + MAX_LINE) < 0:
            message = f"{path.name!r} has a line of more than {MAX_LINE} bytes"
            raise _refused("LINE_TOO_LONG", message, "Check that its lines end where its rows do.")


def _read_csv(path: Path, data: bytes, delimiter: str, missing: list[str]) -> pd.DataFrame:
    """Read delimited text."""
    _check_text(path, data)
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
    return _refused("BROKEN_ROWS", message, "Look for an unclosed quote or for rows with too many fields.")


def _check_header(path: Path, data: bytes, delimiter: str) -> list[str]:
    """Return the names in the header, or refuse it."""
    start = data[: 4 * MAX_LINE].removeprefix(BOM)
    rows = csv.reader(io.StringIO(start.decode("utf-8", "ignore"), newline=""), delimiter=delimiter)
    try:
        found = [
            row
            for row, _ in zip(
                (row for row in rows if len(row) > 1 or "".join(row).strip()), range(2), strict=False
            )
        ]
    except csv.Error as error:
        raise _broken_rows(path, error) from None
    if not found:
        raise _refused("NO_ROWS", f"{path.name!r} is empty", "Check that whatever wrote it has finished.")
    header = found[0]
    if len(header) > MAX_COLUMNS:
        message = f"{path.name!r} has {len(header)} columns, more than the {MAX_COLUMNS} allowed"
        raise _refused("TOO_MANY_COLUMNS", message, "A sweep table is long: one row per run and level.")
    if len(header) == 1 and any(mark in header[0] for mark in ";\t,"):
        other = next(mark for mark in ";\t," if mark in header[0])
        message = f"{path.name!r} has one column, named {header[0][:80]!r}"
        raise _refused(
            "WRONG_DELIMITER", message, f"Its fields seem to have another delimiter: delimiter={other!r}."
        )
    repeated = [name for name in dict.fromkeys(header) if name and header.count(name) > 1]
    if repeated:
        message = f"{path.name!r} has more than one column named {repeated[0]!r}"
        raise _refused("DUPLICATE_COLUMNS", message, "Rename the columns so that each name occurs once.")
    if len(found) == 2 and len(found[1]) > len(header):
        message = f"the first row of {path.name!r} has {len(found[1])} fields, its header {len(header)}"
        raise _refused(
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


def _read_jsonl(path: Path, data: bytes) -> pd.DataFrame:
    """Read JSON Lines: one flat object per line."""
    _check_text(path, data)
    columns: dict[str, list[Any]] = {}
    count = 0
    for line, text in enumerate(data.removeprefix(BOM).split(b"\n"), start=1):
        if not text.strip():
            continue
        for name, value in _parsed(path, line, text).items():
            column = columns.setdefault(name, [])
            column.extend([None] * (count - len(column)))
            column.append(value)
        count += 1
        if len(columns) > MAX_COLUMNS:
            message = f"{path.name!r} has more than {MAX_COLUMNS} different keys"
            raise _refused("TOO_MANY_COLUMNS", message, "A sweep table is long: one row per run and level.")
    for column in columns.values():
        column.extend([None] * (count - len(column)))
    if not count:
        raise _refused("NO_ROWS", f"{path.name!r} is empty", "Check that whatever wrote it has finished.")
    return pd.DataFrame(columns)


def _parsed(path: Path, line: int, text: bytes) -> dict[str, Any]:
    """Return the object in one line of JSON Lines."""
    try:
        value = json.loads(
            text.decode(), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        message = f"line {line} of {path.name!r} is not strict JSON: {reason}"
        raise _refused(
            "BAD_JSON", message, "Write one object per line, with null for what is missing."
        ) from None
    if not isinstance(value, dict) or any(isinstance(item, dict | list) for item in value.values()):
        message = f"line {line} of {path.name!r} is not a flat object of names and plain values"
        raise _refused("BAD_JSON", message, "Write one object per line, without nested values.")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a mapping, unless a name repeats."""
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("a name occurs twice in one object")
    return result


def _no_constant(name: str) -> float:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    """Return a number, unless it is too large for a float."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large")
    return number


def _read_parquet(path: Path, handle: BinaryIO, max_bytes: int) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Read Parquet, unless its content is larger than allowed."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise missing_extra("pyarrow", "parquet", "Reading Parquet files") from None
    try:
        file = parquet.ParquetFile(handle)
        schema = file.schema_arrow
        fixed = all(pa.types.is_primitive(kind) for kind in schema.types)
        batches: list[Any] = []
        size = 0
        for batch in file.iter_batches(batch_size=65_536 if fixed else 2_048):
            size += batch.nbytes
            if size > max_bytes:
                break
            batches.append(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        message = f"{path.name!r} is not a readable Parquet file: {str(error)[:200]}"
        raise _refused("BAD_PARQUET", message, "Check that the file is whole.") from None
    if size > max_bytes:
        message = f"{path.name!r} unpacks to more than the {max_bytes} bytes allowed"
        raise _refused("FILE_TOO_LARGE", message, "Filter it first, or raise max_bytes.")
    return pa.Table.from_batches(batches, schema=schema)
