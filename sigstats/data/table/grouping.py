"""Rows of a frame reduced to groups: the one group-by, in the frame's own engine.

Rows with the same condition, seed and knob become one group with its size, extremes and, on request, partial
sums or the median. Ten million rows leave as a few thousand groups; everything later works on those.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from sigstats.data.table.cells import FloatArray, Groups, encode, id_text, parse_numbers
from sigstats.data.table.frames import CODED, Column, Frame, collect

KEYS = ("condition", "seed", "knob", "item")
WIDE = frozenset({nw.Int128, nw.UInt128})
FEW_ROWS = 50_000
PARTS = ("part0", "part1", "part2")
SIZES = ("rows", "count")
NUMBERS = ("low", "high", *PARTS, "middle")
NO_CODES = frozenset({nw.Implementation.PYARROW, nw.Implementation.DASK})
NO_MEDIAN = frozenset({nw.Implementation.PYARROW, nw.Implementation.DASK})


def clean_metric(kind: str) -> nw.Expr:
    """Return the metric as 64-bit floats, null where it is missing."""
    metric = nw.col("metric").cast(nw.Float64)
    return nw.when(~metric.is_nan()).then(metric) if kind == "number" else metric


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedRows:
    """Rows reduced to groups, still with the caller's labels."""

    frame: nw.DataFrame[Any]  # holds the keys
    numbers: Mapping[str, npt.NDArray[Any]]  # rows, count, low, high, and part0 ... or middle
    scale: float = 1.0  # power of two by which the partial sums were multiplied, so that they cannot overflow


def seem_distinct(frame: Frame, columns: Mapping[str, Column]) -> bool:
    """Return whether hardly any rows repeat a cell, so that grouping them would spare nothing.

    Of a sample of 4 sqrt(n) rows some 8 (r - 1) pairs would be of one cell if each cell had r rows. Listed or grouped,
    rows give the same cells; only medians may differ in the last bit.
    """
    if not isinstance(frame, nw.DataFrame):
        return False  # the engine groups them
    n = len(frame)
    sample = np.unique(np.random.default_rng(0).integers(n, size=4 * math.isqrt(n)))
    keys = frame.select(*_used_keys(columns))
    return bool(keys[sample].is_unique().all()) if keys.columns else False


def reduce_rows(frame: Frame, columns: Mapping[str, Column], aggregate: str | None) -> GroupedRows:
    """Reduce rows to one per distinct (condition, seed, knob, item), in the frame's own engine."""
    listed = isinstance(frame, nw.DataFrame) and (
        len(frame) <= FEW_ROWS or (aggregate != "median" and seem_distinct(frame, columns))
    )
    if listed or (aggregate == "median" and frame.implementation in NO_MEDIAN):
        return list_rows(frame, columns, aggregate)
    keys = _used_keys(columns)
    if frame.implementation.is_polars():
        frame = frame.lazy()
    frame = frame.select(*keys_of(frame, keys), metric_of(columns))
    value = nw.col("value")
    wanted = [nw.len().alias("rows"), value.count().alias("count"), value.min().alias("low")]
    wanted.append(value.max().alias("high"))
    scale = 1.0
    if aggregate == "mean":
        size = collect(frame.select(value.abs().max().alias("top"), nw.len().alias("rows")))
        scale, coarse, fine = grids(size["top"][0], size["rows"][0])
        frame = split(frame, scale, coarse, fine)
        wanted += [nw.col(name).sum().alias(name) for name in PARTS]
    elif aggregate == "median":
        wanted.append(value.median().alias("middle"))
    if not keys:
        return _grouped(collect(frame.select(*wanted)), scale)
    return _grouped(collect(frame.group_by(*keys).agg(*wanted)), scale)


def _grouped(frame: nw.DataFrame[Any], scale: float) -> GroupedRows:
    """Return the groups of an engine with their numbers as arrays."""
    sizes = {name: frame[name].to_numpy().astype(np.int64) for name in SIZES}
    numbers = {name: floats_of(frame[name]) for name in NUMBERS if name in frame.columns}
    return GroupedRows(frame=frame, numbers=sizes | numbers, scale=scale)


def list_rows(frame: Frame, columns: Mapping[str, Column], aggregate: str | None) -> GroupedRows:
    """Make each row a separate group."""
    eager = collect(frame.select(*keys_of(frame, _used_keys(columns)), metric_of(columns)))
    values = floats_of(eager["value"])
    known = ~np.isnan(values)
    arrays: dict[str, npt.NDArray[Any]] = {
        "rows": np.ones(values.size, dtype=np.int64),
        "count": known.astype(np.int64),
    }
    arrays |= {"low": values, "high": values}
    scale = 1.0
    if aggregate == "mean":
        with np.errstate(invalid="ignore"):
            scale, coarse, fine = grids(np.abs(values[known]).max(initial=0.0), values.size)
            parts = split_values(np.where(known, values, 0.0) * scale, coarse, fine)
            arrays |= dict(zip(PARTS, parts, strict=True))
    return GroupedRows(frame=eager, numbers=arrays, scale=scale)


def _used_keys(columns: Mapping[str, Column]) -> list[str]:
    """Return the roles by which rows are grouped."""
    return [key for key in KEYS if key in columns and columns[key].kind != "broken"]


def metric_of(columns: Mapping[str, Column]) -> nw.Expr:
    """Return the metric under the name "value"; zero if the column cannot be used."""
    metric = columns["metric"]
    value = nw.lit(0.0) if metric.kind == "broken" else clean_metric(metric.kind)
    return value.alias("value")


def keys_of(frame: Frame, names: Iterable[str]) -> list[nw.Expr]:
    """Return key columns in dtypes by which every engine can group."""
    schema = frame.collect_schema()
    keys = []
    for name in names:
        dtype, key = schema[name], nw.col(name)
        if dtype in CODED and frame.implementation in NO_CODES:
            key = key.cast(nw.String)
        elif dtype.is_decimal() or (name == "knob" and dtype.is_float()):
            key = key.cast(nw.Float64)
        keys.append(key)
    return keys


def grids(top: float | None, rows: int) -> tuple[float, float, float]:
    """Return a scale and two constants that round values to a coarse and to a fine grid.

    Adding and subtracting a constant much larger than any value rounds the value to a coarse grid, on which
    sums are exact and so do not depend on the order of the rows. The remainder is treated alike on a finer
    grid; what is left after that is negligible. This is the pre-rounding of Demmel and Nguyen (2013),
    doi:10.1109/ARITH.2013.9.
    """
    exponent = math.frexp(top)[1] if top is not None and math.isfinite(top) else 0
    bits = math.frexp(float(rows))[1]
    scale = 2.0**-128 if exponent > 850 else 1.0
    exponent += -128 if exponent > 850 else 0
    return scale, math.ldexp(1.5, exponent + bits), math.ldexp(1.5, exponent + 2 * bits - 53)


def split(frame: Frame, scale: float, coarse: float, fine: float) -> Frame:
    """Split the values into parts on two grids and a remainder."""
    frame = frame.with_columns((nw.col("value") * scale).alias("rest"))
    frame = frame.with_columns(((nw.col("rest") + coarse) - coarse).alias("part0"))
    frame = frame.with_columns((nw.col("rest") - nw.col("part0")).alias("rest"))
    frame = frame.with_columns(((nw.col("rest") + fine) - fine).alias("part1"))
    return frame.with_columns((nw.col("rest") - nw.col("part1")).alias("part2"))


def split_values(values: FloatArray, coarse: float, fine: float) -> FloatArray:
    """Return the parts of values on two grids, and the remainder, shape (3, n)."""
    first = (values + coarse) - coarse
    rest = values - first
    second = (rest + fine) - fine
    return np.array([first, second, rest - second])


def to_groups(result: GroupedRows, columns: Mapping[str, Column]) -> Groups:
    """Return the groups as arrays, with ids and numbers in place of labels."""
    reduced, numbers = result.frame, result.numbers
    size = len(reduced)
    codes, names = {}, {}
    if "item" in reduced.columns:
        codes["item"], names["item"] = encode(labels_of(reduced["item"]))
    for role in ("condition", "seed"):
        known = role in reduced.columns
        labels = (
            labels_of(reduced[role]) if known else np.full(size, "treatment" if role == "condition" else "")
        )
        codes[role], names[role] = encode(labels)
    parts = [numbers[name] for name in PARTS if name in numbers]
    return Groups(
        condition=codes["condition"],
        condition_names=names["condition"],
        seed=codes["seed"],
        seed_names=names["seed"],
        item=codes.get("item"),
        item_names=names.get("item", ()),
        knob=knob_values(reduced["knob"], columns["knob"]) if "knob" in reduced.columns else np.zeros(size),
        rows=numbers["rows"],
        count=numbers["count"],
        low=numbers["low"],
        high=numbers["high"],
        scale=result.scale,
        parts=np.array(parts) if parts else np.empty((0, size)),
        middle=numbers.get("middle"),
    )


def labels_of(series: nw.Series[Any]) -> npt.NDArray[Any]:
    """Return labels as an array in which missing ones are None or NaN and integers stay exact."""
    if series.dtype.is_integer() and series.null_count() == 0 and series.dtype not in WIDE:
        return series.to_numpy()
    if series.dtype in {nw.Float32, nw.Float64}:
        return floats_of(series) if series.dtype == nw.Float64 else series.to_numpy()
    if series.dtype == nw.String:
        return np.asarray(series.to_numpy(), dtype=object)
    return np.array([*series.to_list(), None], dtype=object)[:-1]


def floats_of(series: nw.Series[Any]) -> FloatArray:
    """Return numbers as 64-bit floats, NaN where missing."""
    if series.dtype in WIDE:
        series = series.cast(nw.Float64)
    if series.null_count():
        return np.array(
            [math.nan if v is None or v is pd.NA else v for v in series.to_list()], dtype=np.float64
        )
    return np.asarray(series.to_numpy(), dtype=np.float64)


def ranks_of(texts: Sequence[str], categories: Sequence[str]) -> FloatArray:
    """Return the place of each id among ordered categories, from 1; NaN for one that is not among them.

    A category that is a number is found by its value, since its text ("1.0") may differ from the id ("1").
    """
    places = range(1, len(categories) + 1)
    numbers = zip(parse_numbers(categories).tolist(), places, strict=True)
    rank: dict[str | None, int] = {
        id_text(number): place for number, place in numbers if not math.isnan(number)
    }
    rank |= dict(zip(categories, places, strict=True))
    return np.array([float(rank.get(text, math.nan)) for text in texts])


def knob_values(series: nw.Series[Any], column: Column) -> FloatArray:
    """Return the values of the knob as numbers, NaN if a label is not one."""
    if column.kind not in {"text", "ranks"}:
        return floats_of(series.cast(nw.Float64) if series.dtype == nw.Boolean else series)
    codes, texts = encode(labels_of(series))
    numbers = parse_numbers(texts) if column.kind == "text" else ranks_of(texts, column.categories)
    return np.append(numbers, math.nan)[codes]
