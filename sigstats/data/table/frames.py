"""Data frames of any library, and the columns that are picked from them.

What depends on a frame library is here, behind narwhals: recognising a frame, and picking columns by the
user's own labels. Labels never become part of an expression: each picked column gets an internal name first.
"""

import contextlib
import math
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from numbers import Rational
from typing import Any, cast

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.dtypes import DType

from sigstats.data.table.cells import id_text
from sigstats.errors import Problem, TableError

Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
SHOWN = 5
EXACT = 2**53
CODED = (nw.Categorical, nw.Enum)
TEXT = (nw.String, *CODED)


def told(content: Any, columns: list[str] | None = None) -> pd.DataFrame:  # noqa: ANN401 - as pandas takes it
    """Return an answer as a pandas frame; halves of letters, which pandas cannot hold, are spelled out."""
    try:
        return pd.DataFrame(content, columns=columns)
    except UnicodeEncodeError:
        return pd.DataFrame(
            spelled_out(content), columns=None if columns is None else spelled_out(list(columns))
        )


def spelled_out(content: Any) -> Any:  # noqa: ANN401 - whatever holds text
    """Return text, or what holds it, with an escape in the place of each half of a letter."""
    if isinstance(content, str):
        return content.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(content, Mapping):
        return {spelled_out(name): spelled_out(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [spelled_out(each) for each in content]
    if isinstance(content, pd.Series | np.ndarray) and content.dtype == object:
        return np.array([spelled_out(each) for each in content] + [None], dtype=object)[:-1]
    return content


def shorten(value: object, width: int = 80) -> str:
    """Return the repr of a value, cut to a width for messages."""
    text = repr(value)
    return text if len(text) <= width else text[: width - 4] + "..." + text[-1]


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    several = f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else several}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSource:
    """A frame as the caller gave it, and the labels of its columns."""

    frame: Frame
    native: Any
    labels: tuple[object, ...]

    def pick(self, columns: Mapping[str, object]) -> Frame:
        """Return a frame of some columns under internal names."""
        if isinstance(self.native, pd.DataFrame):
            place = {name: self.labels.index(label) for name, label in columns.items()}
            arrays: dict[str, Any] = {
                name: _plain(self.native.iloc[:, at], coded=name in ("knob", "seed", "condition", "item"))
                for name, at in place.items()
            }
            try:
                made = pd.DataFrame(arrays, copy=False)
            except (
                UnicodeEncodeError
            ):  # halves of letters, as in odd file names, which Arrow's text cannot hold
                made = pd.DataFrame(
                    {name: pd.Series(each, dtype=each.dtype) for name, each in arrays.items()}, copy=False
                )
            return nw.from_native(made)
        if isinstance(self.frame, nw.DataFrame):
            return self.frame.select(*(self.frame[str(label)].alias(name) for name, label in columns.items()))
        literal = _literal_name if self.frame.implementation.is_polars() else str
        return self.frame.select(nw.col(literal(str(label))).alias(name) for name, label in columns.items())


def adopt(frame: object) -> FrameSource:
    """Recognise a data frame."""
    frame = _in_native_order(frame)
    labels = _native_labels(frame)
    refuse_repeated(labels)
    try:
        adopted = _adopted(frame)
    except TypeError:
        raise TableError([_no_frame(frame)]) from None
    labels = labels or tuple(adopted.collect_schema().names())
    return FrameSource(frame=adopted, native=adopted.to_native(), labels=labels)


def _in_native_order(frame: object) -> object:
    """Return a pandas frame with its numbers in the machine's order of bytes: of others, pandas can take no rows."""
    if not isinstance(frame, pd.DataFrame):
        return frame
    if not any(map(_is_turned, frame.dtypes)):
        return frame
    return _changed(
        frame,
        lambda each: (
            each.astype(cast("Any", each.dtype).newbyteorder("=")) if _is_turned(each.dtype) else each
        ),
    )


def _is_turned(dtype: object) -> bool:
    """Return whether numbers are stored in the order of bytes of other machines."""
    return isinstance(dtype, np.dtype) and not dtype.isnative


def _changed(frame: pd.DataFrame, change: "Callable[[pd.Series[Any]], pd.Series[Any]]") -> pd.DataFrame:
    """Return a frame of changed columns, which may have one name."""
    columns = [change(frame.iloc[:, at]) for at in range(frame.shape[1])]
    return pd.concat(columns, axis=1, keys=frame.columns)


def _adopted(frame: object) -> Frame:
    """Return the frame as narwhals sees it, without its warning to users of dask, who cannot act on it."""
    with contextlib.ExitStack() as stack:
        if type(frame).__module__.partition(".")[0] == "dask":
            stack.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", message="Dask support is moving", category=FutureWarning)
        adopted: Frame = nw.from_native(cast("Any", frame))
    return adopted


def _native_labels(frame: object) -> tuple[object, ...]:
    """Return the labels of a pandas or pyarrow frame, in which they may repeat; of others nothing."""
    if isinstance(frame, pd.DataFrame):
        return tuple(frame.columns)
    names = getattr(frame, "column_names", None)
    return tuple(names) if isinstance(names, list) else ()


def refuse_repeated(labels: Sequence[object]) -> None:
    """Raise if a column label occurs more than once."""
    repeated = [label for label in dict.fromkeys(labels) if labels.count(label) > 1]
    if not repeated:
        return
    shown = ", ".join(shorten(label) for label in repeated[:SHOWN])
    raise TableError(
        [
            Problem(
                code="DUPLICATE_COLUMNS",
                column=str(repeated[0]),
                message=f"the frame has more than one column named {shown}",
                remedy="Rename the columns so that each name occurs once.",
            )
        ]
    )


def _no_frame(given: object) -> Problem:
    """Return the problem of something that is not a data frame, with a hint at how to make one."""
    kind = type(given).__name__
    module = type(given).__module__.partition(".")[0]
    if module == "xarray":
        hint = "Call .to_dataframe().reset_index() on it first."
    elif isinstance(given, Mapping):
        hint = "Build one with pd.DataFrame(...) from columns of equal length."
    elif isinstance(given, str | bytes):
        hint = "Read the file first: sigstats.read_sweep(path)."
    else:
        hint = "Build one with pd.DataFrame(...), naming the columns."
    return Problem(
        code="NOT_A_FRAME",
        column=None,
        message=f"a data frame is needed (pandas, polars, pyarrow, duckdb, dask), not {kind!r}",
        remedy=hint,
    )


def _literal_name(name: str) -> str:
    """Return a name that polars reads as itself, never as a pattern."""
    special = name == "*" or (name.startswith("^") and name.endswith("$"))
    return f"^{re.escape(name)}$" if special else name


def _plain(series: "pd.Series[Any]", *, coded: bool) -> object:
    """Return the values of a pandas column in a dtype that every pandas operation supports.

    Categories become their values, unless `coded` keeps their codes.
    """
    dtype: Any = series.dtype
    if isinstance(dtype, pd.SparseDtype):
        return cast("Any", series).sparse.to_dense().array
    if isinstance(dtype, pd.CategoricalDtype) and not coded:
        return series.astype(dtype.categories.dtype).array
    if isinstance(dtype, np.dtype):
        if dtype.kind == "f" and dtype.itemsize not in {4, 8}:
            return series.astype(np.float64).array
        if dtype.kind == "O":
            return _plain_objects(series)
    return series.array


def _is_large(value: object) -> bool:
    """Return whether a whole number is one that floats need not hold."""
    return isinstance(value, int) and abs(value) >= EXACT


def _plain_objects(series: "pd.Series[Any]") -> object:
    """Return an object column in the one dtype that holds all its values, if there is one."""
    kind = pd.api.types.infer_dtype(series, skipna=True)
    if kind == "empty":
        return np.full(len(series), math.nan)
    if kind == "boolean" and not series.isna().any():
        return series.astype(bool).array
    exact = kind == "integer" and series.isna().any() and any(_is_large(each) for each in series)
    if kind in {"floating", "integer", "mixed-integer-float"} and not exact:
        try:
            numbers = pd.to_numeric(series, errors="coerce")
        except OverflowError:
            return series.array
        if numbers.dtype != object and numbers.isna().sum() == series.isna().sum():
            return numbers.array
    if kind in {"datetime", "datetime64", "timedelta", "timedelta64"}:
        return series.infer_objects().array
    return series.array


def collect(frame: Frame) -> nw.DataFrame[Any]:
    """Return an eager frame; polars uses its streaming engine, which needs little memory."""
    if isinstance(frame, nw.DataFrame):
        return frame
    if frame.implementation.is_polars():
        return frame.collect(backend="polars", engine="streaming")
    return frame.collect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What the column of a role holds."""

    role: str  # role, label: internal name, and the caller's own
    label: str
    kind: str  # how its values are read. A broken column has a problem already; nothing more is said about it
    categories: tuple[str, ...] = ()  # names of what counts as 1, 2, ...; of true and false, as 0 and 1


def is_opaque(dtype: DType) -> bool:
    """Return whether a column holds Python objects, or values that only Python objects can represent."""
    return dtype in {nw.Object, nw.Unknown}


def python_values(series: nw.Series[Any]) -> list[object]:
    """Return the values of a column as Python objects, with None for each kind of missing value."""
    values = series.to_list()
    return [None if is_missing(value) else value for value in values]


def is_missing(value: object) -> bool:
    """Return whether a Python object means a missing value."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | np.floating) and math.isnan(value)


def to_number(value: object) -> float | None:
    """Return a Python number as a float, or None if it is not a real number."""
    if isinstance(value, bool | np.bool_ | int | float | Decimal | Rational | np.integer | np.floating):
        try:
            return float(value)
        except (OverflowError, ValueError):
            return None
    return None


def _with_values(
    frame: nw.DataFrame[Any], role: str, values: object, dtype: type[nw.Float64 | nw.String]
) -> nw.DataFrame[Any]:
    """Return the frame with one column replaced by plain values."""
    series = nw.new_series(role, cast("Any", values), dtype, backend=frame.implementation)
    return frame.with_columns(series)


def with_floats(frame: nw.DataFrame[Any], role: str, values: Iterable[float | None]) -> nw.DataFrame[Any]:
    """Return the frame with one column replaced by numbers, NaN where missing."""
    numbers = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    return _with_values(frame, role, numbers, nw.Float64)


def with_ids(frame: nw.DataFrame[Any], role: str, values: Iterable[object]) -> nw.DataFrame[Any]:
    """Return the frame with one column replaced by the ids of its labels, None where missing."""
    ids = [id_text(value) for value in values]
    try:
        return _with_values(frame, role, ids, nw.String)
    except UnicodeEncodeError:
        return _with_values(frame, role, spelled_out(ids), nw.String)


def without_halves(frame: object) -> object:
    """Return a frame of pandas with halves of letters spelled out in its texts; another as it is."""
    if not isinstance(frame, pd.DataFrame):
        return frame
    return _changed(
        frame,
        lambda each: (
            pd.Series(spelled_out(each), index=each.index, dtype=object) if each.dtype.kind == "O" else each
        ),
    )


def mark_broken(column: Column) -> Column:
    """Return the column, marked as having a problem."""
    return replace(column, kind="broken")
