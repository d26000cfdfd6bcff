"""What all readers of tables share: options, content, what was read, and refusals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sigstats.errors import Problem, TableError, place_of_caller

MAX_BYTES = 2 * 1024**3
MAX_COLUMNS = 10_000
EXACT = 2**53  # from here on floats do not hold every whole number
MISSING = ("", "nan", "NaN", "NA", "<NA>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a table is to be read; None leaves it to the reader."""

    delimiter: str | None = None  # between the fields of a line
    decimal: str | None = None  # before the decimals of a number
    thousands: str | None = None  # between groups of three digits
    comment: str | None = None  # at the start of lines that are left out
    encoding: str | None = None  # of text
    missing: tuple[str, ...] | None = None  # fields that mean a missing value
    part: str | None = None  # sheet of a workbook, or file in an archive
    units: tuple[str, ...] | None = None  # behind numbers, to be left out
    names: tuple[str, ...] | None = None  # of nested levels or axes from the outside in, and of the values
    max_bytes: int = MAX_BYTES

    @property
    def missing_words(self) -> tuple[str, ...]:
        """The fields that mean a missing value."""
        return MISSING if self.missing is None else self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes of a file, unpacked, and the name by which messages speak of it."""

    name: str
    data: bytes
    label: str = ""  # of several files, what tells this one from the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A table as it was read, and what its user should know about that."""

    frame: Any  # a pandas frame, or a pyarrow table
    notes: tuple[str, ...] = ()  # what was left out or found out
    interpreted: tuple[str, ...] = ()  # which values were read otherwise than they stand there


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormat:
    """One kind of file: by what it is known, how it is read, and what the documentation says of it."""

    name: str  # the `kind`
    endings: tuple[str, ...]
    written_by: str  # writers, what is read, and what is not, as in the documentation
    reads: str
    leaves: str
    read: Callable[[Content, Options], Loaded]
    options: tuple[str, ...] = ()  # the options that it takes, beside `max_bytes`
    start: bytes | None = None  # the bytes with which such files start, if they can be told by them


def refused(code: str, message: str, remedy: str) -> TableError:
    """Return the error for a file that cannot be used."""
    return TableError([Problem(code=code, column=None, message=message, remedy=remedy)])


def too_large(name: str, size: str, limit: int) -> TableError:
    """Return the error for a file that is larger than allowed, packed or unpacked."""
    remedy = "Filter it first, or raise max_bytes." if place_of_caller() == "python" else "Filter it first."
    return refused("FILE_TOO_LARGE", f"{name!r} {size} than the {limit} allowed", remedy)


def too_many_columns(name: str, count: int) -> TableError:
    """Return the error for a table with too many columns."""
    message = f"{name!r} has {count} columns, more than the {MAX_COLUMNS} allowed"
    return refused("TOO_MANY_COLUMNS", message, "A sweep table is long: one row per run and level.")


def empty(name: str) -> TableError:
    """Return the error for a file without anything in it."""
    return refused("NO_ROWS", f"{name!r} is empty", "Check that whatever wrote it has finished.")


def means_not_seeds(name: str, column: object, text: str) -> TableError:
    """Return the error for a column of means with their spread."""
    message = (
        f"column {column!r} of {name!r} holds means with their spread, such as {text!r}; a mean over seeds is not a "
        "seed, and what the seeds did cannot be found out from it"
    )
    return refused("MEANS_NOT_SEEDS", message, "Give the value of each seed, in a row of its own.")


def as_frame(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return columns of equal length as a frame; whole numbers beside missing ones keep all digits."""
    return pd.DataFrame({name: _whole(column) for name, column in columns.items()})


def _whole(column: Any) -> Any:  # noqa: ANN401 - a column of any kind
    """Return a list of whole numbers too large for floats, some of them missing, in a type that holds them."""
    if not isinstance(column, list) or None not in column:
        return column
    known = [each for each in column if each is not None]
    whole = all(isinstance(each, int) and not isinstance(each, bool) for each in known)
    if not whole or not any(abs(each) >= EXACT for each in known):
        return column
    if all(-(2**63) <= each < 2**63 for each in known):
        return pd.array(column, dtype="Int64")
    return pd.Series(column, dtype=object)
