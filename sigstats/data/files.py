"""Sweep tables from files: CSV, TSV, JSON Lines and Parquet.

A file is data, never instructions: nothing in it is evaluated, and formats that can run code when they are
loaded are refused. What cannot be read faithfully - broken encodings, unclosed quotes, rows with too many
fields, numbers that JSON does not have - is an error that names the place, not a guess.
"""

import contextlib
import json
import math
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from sigstats.data.delimited import BOM, MAX_COLUMNS, check_text, read_csv, refused
from sigstats.errors import OptionError, TableError, did_you_mean, missing_extra, unknown_option

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
MAX_BYTES = 2 * 1024**3


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
        return read_csv(place, data, delimiter or ("\t" if kind == "tsv" else ","), list(missing))
    except MemoryError:
        message = f"{place.name!r} does not fit into the memory of this machine"
        raise refused(
            "NO_MEMORY", message, "Filter or aggregate it first, for instance with duckdb."
        ) from None


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
        raise refused("UNSAFE_FILE", message, "Save the columns as CSV, JSON Lines or Parquet.")
    if kind is not None:
        return kind
    if ending in PACKED:
        raise refused("PACKED_FILE", f"{path.name!r} is a packed file", "Unpack it first.")
    if ending not in KINDS:
        message = f"{path.name!r} has the ending {ending!r}, which is not that of a table"
        raise refused("UNKNOWN_FILE", message, f"Name what it holds: kind=..., one of {kinds}.")
    return KINDS[ending]


@contextlib.contextmanager
def _opened(path: Path, max_bytes: int) -> Iterator[tuple[BinaryIO, int]]:
    """Open a regular file without waiting, and give its size at that moment."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb") as handle:  # noqa: PTH123 - a descriptor, not a path
            yield handle, _checked_size(path, os.fstat(handle.fileno()), max_bytes)
    except FileNotFoundError:
        raise refused("NO_FILE", f"the file {str(path)!r} does not exist", _near_files(path)) from None
    except IsADirectoryError:
        raise _not_regular(path) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise refused(
            "UNREADABLE_FILE", f"{str(path)!r} cannot be read: {reason}", "Check its permissions."
        ) from error


def _checked_size(path: Path, status: os.stat_result, max_bytes: int) -> int:
    """Return the size of a regular file, or refuse it."""
    if not stat.S_ISREG(status.st_mode):
        raise _not_regular(path)
    if status.st_size > max_bytes:
        message = f"{path.name!r} has {status.st_size} bytes, more than the {max_bytes} allowed"
        raise refused("FILE_TOO_LARGE", message, "Filter it first, or raise max_bytes.")
    return status.st_size


def _not_regular(path: Path) -> TableError:
    """Return the error for a directory, a pipe or a device."""
    message = f"{str(path)!r} is not a regular file but a directory, a pipe or a device"
    return refused("NOT_A_FILE", message, "Give the path of a CSV, JSON Lines or Parquet file.")


def _near_files(path: Path) -> str:
    """Return a hint at files with a similar name."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return "Check the path."
    return did_you_mean(path.name, names) or "Check the path."


def _read_jsonl(path: Path, data: bytes) -> pd.DataFrame:
    """Read JSON Lines: one flat object per line."""
    check_text(path, data)
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
            raise refused("TOO_MANY_COLUMNS", message, "A sweep table is long: one row per run and level.")
    for column in columns.values():
        column.extend([None] * (count - len(column)))
    if not count:
        raise refused("NO_ROWS", f"{path.name!r} is empty", "Check that whatever wrote it has finished.")
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
        raise refused(
            "BAD_JSON", message, "Write one object per line, with null for what is missing."
        ) from None
    if not isinstance(value, dict) or any(isinstance(item, dict | list) for item in value.values()):
        message = f"line {line} of {path.name!r} is not a flat object of names and plain values"
        raise refused("BAD_JSON", message, "Write one object per line, without nested values.")
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
        raise refused("BAD_PARQUET", message, "Check that the file is whole.") from None
    if size > max_bytes:
        message = f"{path.name!r} unpacks to more than the {max_bytes} bytes allowed"
        raise refused("FILE_TOO_LARGE", message, "Filter it first, or raise max_bytes.")
    return pa.Table.from_batches(batches, schema=schema)
