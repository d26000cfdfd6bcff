"""Data frames of any library: chosen columns in, groups of equal rows out.

Everything that depends on a frame library is here, behind narwhals: recognising a frame, picking columns by
the user's own labels, and the one group-by that reduces rows to groups in the frame's own engine. Labels never
become part of an expression: each picked column gets an internal name first.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from sigstats._cells import FloatArray, Groups, IntArray, encode, id_text, parse_numbers
from sigstats.errors import Problem, TableError

Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
KEYS = ("condition", "seed", "knob")
PARTS = ("part0", "part1", "part2")
NO_MEDIAN = frozenset({nw.Implementation.PYARROW, nw.Implementation.DASK})
SHOWN = 5


def shorten(value: object, width: int = 80) -> str:
    """Return a value's repr, cut to a width, fit for a message."""
    text = repr(value)
    return text if len(text) <= width else text[: width - 4] + "..." + text[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A frame as the caller gave it, and the labels of its columns."""

    frame: Frame
    native: Any
    labels: tuple[object, ...]

    def pick(self, columns: Mapping[str, object]) -> Frame:
        """Return a frame of some columns under internal names.

        Parameters
        ----------
        columns : mapping of str to object
            Internal name to the caller's label; every label exists.

        Returns
        -------
        narwhals frame
            New frame; the caller's is not touched.
        """
        if isinstance(self.native, pd.DataFrame):
            place = {name: self.labels.index(label) for name, label in columns.items()}
            arrays = {name: _plain(self.native.iloc[:, at]) for name, at in place.items()}
            return nw.from_native(pd.DataFrame(arrays, copy=False))
        if isinstance(self.frame, nw.DataFrame):
            return self.frame.select(*(self.frame[str(label)].alias(name) for name, label in columns.items()))
        literal = _literal_name if self.frame.implementation.is_polars() else str
        return self.frame.select(nw.col(literal(str(label))).alias(name) for name, label in columns.items())


def adopt(frame: object) -> Source:
    """Recognise a data frame.

    Parameters
    ----------
    frame : object
        Anything that narwhals knows as a frame.

    Returns
    -------
    Source
        The frame and its labels.

    Raises
    ------
    TableError
        When it is no frame, or its column labels are nested or repeated.
    """
    labels = tuple(frame.columns) if isinstance(frame, pd.DataFrame) else ()
    if isinstance(frame, pd.DataFrame) and isinstance(frame.columns, pd.MultiIndex):
        raise TableError([_nested_columns(labels)])
    _refuse_repeated(labels)
    try:
        adopted = nw.from_native(frame)
    except TypeError:
        raise TableError([_no_frame(frame)]) from None
    native = adopted.to_native()
    if not labels:
        labels = tuple(_names(adopted, native))
        _refuse_repeated(labels)
    return Source(frame=adopted, native=native, labels=labels)


def _names(frame: Frame, native: Any) -> Iterable[str]:
    """Return the column names, without letting narwhals trip over repeated ones."""
    names = getattr(native, "column_names", None)
    return names if isinstance(names, list) else frame.collect_schema().names()


def _refuse_repeated(labels: Sequence[object]) -> None:
    """Raise when a column label occurs more than once."""
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


def _nested_columns(labels: Sequence[object]) -> Problem:
    """Return the problem of a pandas frame whose columns are a MultiIndex."""
    return Problem(
        code="MULTIINDEX_COLUMNS",
        column=None,
        message=f"the columns are a MultiIndex, such as {shorten(labels[0] if labels else ())}",
        remedy="Flatten them first: frame.columns = ['_'.join(map(str, c)) for c in frame.columns].",
    )


def _no_frame(given: object) -> Problem:
    """Return the problem of something that is not a data frame, with a hint how to make it one."""
    kind = type(given).__name__
    module = type(given).__module__.partition(".")[0]
    if isinstance(given, Mapping):
        hint = "Build one with pd.DataFrame(...) from columns of equal length."
    elif module == "xarray":
        hint = "Call .to_dataframe().reset_index() on it first."
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


def _plain(series: "pd.Series[Any]") -> Any:
    """Return the values of a pandas column in a dtype that every pandas operation supports."""
    dtype: Any = series.dtype
    if isinstance(dtype, pd.SparseDtype):
        return series.sparse.to_dense().array
    if isinstance(dtype, pd.CategoricalDtype) and not dtype.ordered:
        return series.astype(dtype.categories.dtype).array
    if isinstance(dtype, np.dtype):
        if dtype.kind == "f" and dtype.itemsize not in {4, 8}:
            return series.astype(np.float64).array
        if not dtype.isnative:
            return series.astype(dtype.newbyteorder("=")).array
        if dtype.kind == "O":
            return _plain_objects(series)
    return series.array


def _plain_objects(series: "pd.Series[Any]") -> Any:
    """Return an object column in the one dtype that holds all its values, if there is one."""
    kind = pd.api.types.infer_dtype(series, skipna=True)
    if kind == "boolean" and not series.isna().any():
        return series.astype(bool).array
    if kind in {"floating", "integer", "mixed-integer-float"}:
        numbers = pd.to_numeric(series, errors="coerce")
        if numbers.dtype != object and numbers.isna().sum() == series.isna().sum():
            return numbers.array
    if kind in {"datetime", "datetime64", "timedelta", "timedelta64"}:
        return series.infer_objects().array
    return series.array


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What one role's column holds.

    Attributes
    ----------
    role, label : str
        Internal name, and the caller's own.
    kind : {"number", "integer", "bool", "text", "ranks", "label", "broken"}
        How its values are read. A broken column has a problem already; nothing more is said about it.
    categories : tuple of str
        Ordered categories, for ranks.
    """

    role: str
    label: str
    kind: str
    categories: tuple[str, ...] = ()


def is_opaque(dtype: Any) -> bool:
    """Return whether a column holds Python objects, or something that only Python objects can show."""
    return dtype in {nw.Object, nw.Unknown}


def python_values(series: nw.Series[Any]) -> list[object]:
    """Return the values of a column as Python objects, with None for each kind of missing value."""
    values = series.to_list()
    return [None if _is_missing(value) else value for value in values]


def _is_missing(value: object) -> bool:
    """Return whether a Python object stands for a missing value."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | np.floating) and math.isnan(value)


def to_number(value: object) -> float | None:
    """Return a Python number as a float, or None where it is not a real number.

    Examples
    --------
    >>> to_number(Fraction(1, 4)), to_number(True), to_number("0.5"), to_number(1j)
    (0.25, 1.0, None, None)
    """
    if isinstance(value, bool | np.bool_ | int | float | Decimal | Fraction | np.integer | np.floating):
        try:
            return float(value)
        except OverflowError:
            return None
    return None


def with_values(frame: nw.DataFrame[Any], role: str, values: Any, dtype: Any) -> nw.DataFrame[Any]:
    """Return the frame with one column replaced by plain values."""
    series = nw.new_series(role, values, dtype, backend=frame.implementation)
    return frame.with_columns(series)


def with_floats(frame: nw.DataFrame[Any], role: str, values: Iterable[float | None]) -> nw.DataFrame[Any]:
    """Return the frame with one column replaced by numbers, NaN where missing."""
    numbers = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    return with_values(frame, role, numbers, nw.Float64)


def with_ids(frame: nw.DataFrame[Any], role: str, values: Iterable[object]) -> nw.DataFrame[Any]:
    """Return the frame with one column replaced by the ids of its labels, None where missing."""
    return with_values(frame, role, [id_text(value) for value in values], nw.String)


def clean_metric(kind: str) -> nw.Expr:
    """Return the metric as 64-bit floats, null where it is missing."""
    metric = nw.col("metric").cast(nw.Float64)
    return nw.when(~metric.is_nan()).then(metric) if kind == "number" else metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """Rows reduced to groups, still with the caller's labels.

    Attributes
    ----------
    frame : narwhals.DataFrame
        Columns: the keys, ``rows``, ``count``, ``low``, ``high``, and ``part0`` ... or ``middle``.
    scale : float
        Power of two by which the partial sums were multiplied, so that they cannot overflow.
    """

    frame: nw.DataFrame[Any]
    scale: float = 1.0


def reduce_rows(frame: Frame, columns: Mapping[str, Column], aggregate: str | None) -> Reduced:
    """Reduce rows to one per distinct (condition, seed, knob), in the frame's own engine.

    Parameters
    ----------
    frame : narwhals frame
        Columns under internal names, filtered.
    columns : mapping of str to Column
        The columns by role; broken ones are left out.
    aggregate : {"mean", "median", "min", "max"} or None
        What is wanted besides count and extremes.

    Returns
    -------
    Reduced
        The groups.
    """
    keys = [key for key in KEYS if key in columns and columns[key].kind != "broken"]
    metric = columns["metric"]
    value = clean_metric(metric.kind) if metric.kind != "broken" else nw.lit(0.0)
    frame = frame.select(*(_key(frame, key) for key in keys), value.alias("value"))
    if aggregate == "median" and frame.implementation in NO_MEDIAN:
        frame = _as_pandas(frame)
    value = nw.col("value")
    wanted = [
        nw.len().alias("rows"),
        value.count().alias("count"),
        value.min().alias("low"),
        value.max().alias("high"),
    ]
    scale = 1.0
    if aggregate == "mean":
        frame, scale = _split(frame)
        wanted += [nw.col(name).sum().alias(name) for name in PARTS]
    if aggregate == "median":
        wanted.append(value.median().alias("middle"))
    if not keys:
        return Reduced(frame=collect(frame.select(*wanted)), scale=scale)
    if frame.implementation.is_polars():
        frame = frame.lazy()
    return Reduced(frame=collect(frame.group_by(*keys).agg(*wanted)), scale=scale)


def group_by_level(
    frame: Frame, columns: Mapping[str, Column], labels: nw.Series[Any], place: IntArray
) -> Reduced:
    """Group rows by level where several labels of the knob are one level, for the median.

    Parameters
    ----------
    frame : narwhals frame
        Columns under internal names, filtered.
    columns : mapping of str to Column
        The columns by role.
    labels : narwhals.Series
        Labels of the knob, shape (n,), as `reduce_rows` returned them.
    place : IntArray
        Position of the level of each, shape (n,).

    Returns
    -------
    Reduced
        Groups whose knob is the position of the level.
    """
    keys = [key for key in KEYS if key in columns]
    eager = collect(frame.select(*(_key(frame, key) for key in keys), "metric"))
    known = dict(zip(labels.to_list(), place.tolist(), strict=True))
    eager = eager.filter(nw.col("knob").is_in(list(known)))
    knob = eager["knob"].replace_strict(
        list(known), [float(at) for at in known.values()], return_dtype=nw.Float64
    )
    columns = {**columns, "knob": Column(role="knob", label="", kind="number")}
    return reduce_rows(eager.with_columns(knob.alias("knob")), columns, "median")


def collect(frame: Frame) -> nw.DataFrame[Any]:
    """Return an eager frame; polars uses its streaming engine, which needs little memory."""
    if isinstance(frame, nw.DataFrame):
        return frame
    if frame.implementation.is_polars():
        return frame.collect(backend="polars", engine="streaming")
    return frame.collect()


def _as_pandas(frame: Frame) -> Frame:
    """Return the same rows as pandas, for engines that know the median only approximately."""
    return nw.from_native(collect(frame).to_pandas())


def _key(frame: Frame, name: str) -> nw.Expr:
    """Return a key column in a dtype by which every engine can group."""
    dtype = frame.collect_schema()[name]
    if dtype in {nw.Categorical, nw.Enum}:
        return nw.col(name).cast(nw.String)
    if dtype.is_decimal() or (name == "knob" and dtype.is_float()):
        return nw.col(name).cast(nw.Float64)
    return nw.col(name)


def _split(frame: Frame) -> tuple[Frame, float]:
    """Split the values so that their sums do not depend on the order of the rows.

    Adding and subtracting a constant much larger than any value rounds the value to a coarse grid, on which
    sums are exact. The remainder is treated alike on a finer grid; what is left after that is negligible. This
    is the pre-rounding of Demmel and Nguyen (2013), doi:10.1109/ARITH.2013.9.
    """
    size = collect(frame.select(nw.col("value").abs().max().alias("top"), nw.len().alias("rows")))
    top, rows = size["top"][0], size["rows"][0]
    exponent = math.frexp(top)[1] if top is not None and math.isfinite(top) else 0
    bits = math.frexp(float(rows))[1]
    scale = 2.0**-128 if exponent > 850 else 1.0
    exponent += -128 if exponent > 850 else 0
    coarse = math.ldexp(1.5, exponent + bits)
    fine = math.ldexp(1.5, exponent + 2 * bits - 53)
    frame = frame.with_columns((nw.col("value") * scale).alias("rest"))
    frame = frame.with_columns(((nw.col("rest") + coarse) - coarse).alias("part0"))
    frame = frame.with_columns((nw.col("rest") - nw.col("part0")).alias("rest"))
    frame = frame.with_columns(((nw.col("rest") + fine) - fine).alias("part1"))
    frame = frame.with_columns((nw.col("rest") - nw.col("part1")).alias("part2"))
    return frame, scale


def to_groups(result: Reduced, columns: Mapping[str, Column]) -> Groups:
    """Return the groups as arrays, with ids and numbers in place of labels.

    Parameters
    ----------
    result : Reduced
        What `reduce_rows` returned.
    columns : mapping of str to Column
        The columns by role.

    Returns
    -------
    Groups
        The groups, in the order of the reduced frame.
    """
    reduced = result.frame
    size = len(reduced)
    codes, names = {}, {}
    for role in ("condition", "seed"):
        known = role in reduced.columns
        labels = (
            _labels(reduced[role]) if known else np.full(size, "treatment" if role == "condition" else "")
        )
        codes[role], names[role] = encode(labels)
    parts = [_floats(reduced[name]) for name in PARTS if name in reduced.columns]
    return Groups(
        condition=codes["condition"],
        condition_names=names["condition"],
        seed=codes["seed"],
        seed_names=names["seed"],
        knob=_knob(reduced["knob"], columns["knob"]) if "knob" in reduced.columns else np.zeros(size),
        rows=reduced["rows"].to_numpy().astype(np.int64),
        count=reduced["count"].to_numpy().astype(np.int64),
        low=_floats(reduced["low"]),
        high=_floats(reduced["high"]),
        scale=result.scale,
        parts=np.array(parts) if parts else np.empty((0, size)),
        middle=_floats(reduced["middle"]) if "middle" in reduced.columns else None,
    )


def _labels(series: nw.Series[Any]) -> Any:
    """Return labels as an array in which missing ones are None or NaN and integers stay exact."""
    if series.dtype.is_integer() and series.null_count() == 0:
        return series.to_numpy()
    if series.dtype in {nw.Float32, nw.Float64}:
        return _floats(series) if series.dtype == nw.Float64 else series.to_numpy()
    if series.dtype == nw.String:
        return np.asarray(series.to_numpy(), dtype=object)
    return np.array([*series.to_list(), None], dtype=object)[:-1]


def _floats(series: nw.Series[Any]) -> FloatArray:
    """Return numbers as 64-bit floats, NaN where missing."""
    if series.null_count():
        return np.array(
            [math.nan if v is None or v is pd.NA else v for v in series.to_list()], dtype=np.float64
        )
    return np.asarray(series.to_numpy(), dtype=np.float64)


def _knob(series: nw.Series[Any], column: Column) -> FloatArray:
    """Return the values of the knob as numbers, NaN where a label is no number."""
    if column.kind not in {"text", "ranks"}:
        return _floats(series.cast(nw.Float64) if series.dtype == nw.Boolean else series)
    codes, texts = encode(_labels(series))
    if column.kind == "text":
        numbers = parse_numbers(texts)
    else:
        rank = {category: float(place) for place, category in enumerate(column.categories, start=1)}
        numbers = np.array([rank.get(text, math.nan) for text in texts])
    return np.append(numbers, math.nan)[codes]


def mark_broken(column: Column) -> Column:
    """Return the column, marked as one about which a problem is known."""
    return replace(column, kind="broken")
