"""Filters on the rows of a frame: equality, lists and inclusive ranges, never an expression.

A filter compares a column with plain values of its own type: text with text, numbers with numbers, times with
times. A value of another type is an error, not a filter that silently matches nothing.
"""

import datetime as dt
import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Rational
from typing import Any, TypeVar

import narwhals as nw
import numpy as np
from narwhals.dtypes import DType

from sigstats.data.table.frames import CODED, TEXT, Frame, collect, is_missing, is_opaque, shorten, to_number
from sigstats.errors import Problem, did_you_mean, number_in

LISTED = 10
Plain = TypeVar("Plain", str, bool)
REMEDY = "Give one value, a list of values, or a range such as {'min': 1, 'max': 10}."
TIMES: tuple[tuple[Any, type, str], ...] = (
    (nw.Datetime, dt.datetime, "datetime"),
    (nw.Date, dt.date, "date"),
    (nw.Duration, dt.timedelta, "timedelta"),
    (nw.Time, dt.time, "time"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter, ready to be applied to the picked columns."""

    column: str  # internal name of the column
    label: str  # the caller's name of it
    wanted: object  # the value, list or range that was given
    keep: nw.Expr  # true for the rows that stay


class _Refused(ValueError):  # noqa: N818 - never leaves this module
    """A value that a filter cannot compare with its column: (what is wrong, remedy)."""

    def __init__(self, message: str, remedy: str = REMEDY) -> None:
        super().__init__(message)
        self.remedy = remedy


def build(column: str, label: str, dtype: DType, wanted: object) -> Filter | Problem:
    """Return the filter for one column, or what is wrong with it."""
    try:
        keep = _expression(column, dtype, _plain(wanted))
    except _Refused as refused:
        message = f"`where` on column {label!r} {refused}"
        return Problem(code="WHERE_VALUE", column=label, message=message, remedy=refused.remedy)
    return Filter(column=column, label=label, wanted=wanted, keep=keep)


def _plain(wanted: object) -> object:
    """Return numpy scalars, arrays and the like as plain Python values."""
    if isinstance(wanted, np.ndarray | np.generic):
        return wanted.tolist()
    return wanted


def _expression(column: str, dtype: DType, wanted: object) -> nw.Expr:
    """Return the expression for the rows to keep."""
    if is_opaque(dtype):
        raise _Refused(
            "cannot be compared: its values have several types", "Convert the column to one type first."
        )
    target = nw.col(column).cast(nw.String) if dtype in CODED else nw.col(column)
    target = target.cast(nw.Float64) if dtype.is_decimal() else target
    if isinstance(wanted, Mapping):
        return _in_range(target, dtype, wanted)
    if isinstance(wanted, list | tuple | set | frozenset | range):
        values = [_value(dtype, _plain(value)) for value in wanted]
        if not values:
            raise _Refused("is an empty list, which would remove all rows")
        if len(values) > 50 and not dtype.is_float():
            return target.is_in(values)
        return _join(operator.or_, [target == value for value in values])
    return _join(operator.and_, [target == _value(dtype, wanted)])


def _join(how: Callable[[nw.Expr, nw.Expr], nw.Expr], parts: list[nw.Expr]) -> nw.Expr:
    """Return one expression from several."""
    return functools.reduce(how, parts)


def _in_range(target: nw.Expr, dtype: DType, wanted: Mapping[Any, object]) -> nw.Expr:
    """Return the expression for an inclusive range."""
    unknown = [key for key in wanted if key not in {"min", "max"}]
    if unknown or not wanted:
        hint = did_you_mean(str(unknown[0]), ("min", "max")) if unknown else ""
        raise _Refused(
            f"has a range with the ends {tuple(wanted)}; a range takes 'min', 'max' or both", hint or REMEDY
        )
    if not (dtype.is_numeric() or dtype.is_temporal()):
        raise _Refused(f"asks for a range, but the column holds {_family(dtype)}", "List the values to keep.")
    ends = {key: _value(dtype, _plain(value)) for key, value in wanted.items()}
    if len(ends) == 2 and ends["min"] > ends["max"]:
        raise _Refused(f"has min {wanted['min']!r} above max {wanted['max']!r}", "Swap the two ends.")
    parts: list[nw.Expr] = [target >= ends["min"]] if "min" in ends else []
    parts += [target <= ends["max"]] if "max" in ends else []
    if dtype.is_float():
        parts.append(~target.is_nan())
    return _join(operator.and_, parts)


def _value(dtype: DType, value: object) -> Any:  # noqa: ANN401 - numbers, text or times, by dtype
    """Return a value in the column's own type, or refuse it."""
    if dtype.is_numeric():
        return _number(dtype, value)
    if dtype == nw.Boolean:
        return _of_type(dtype, value, bool)
    if dtype in TEXT:
        return _of_type(dtype, value, str)
    for kind, python_type, name in TIMES:
        if dtype == kind:
            return _time(dtype, value, python_type, name)
    raise _Refused(f"cannot compare values of type {dtype}", "Convert the column to numbers or text first.")


def _of_type(dtype: DType, value: object, wanted: type[Plain]) -> Plain:
    """Return the value if it has the required type."""
    if isinstance(value, wanted):
        return value
    remedy = "Give true or false." if wanted is bool else f"Give text, such as {str(value)!r}."
    raise _Refused(f"compares {_family(dtype)} with {shorten(value)}", remedy)


def _as_number(value: object) -> str:
    number = number_in(value)
    return "Give a number." if number is None else f"Give the number {number!r}, without quotes."


def _number(dtype: DType, value: object) -> int | float:
    """Return a number rounded to the column's precision, or refuse it."""
    if dtype.is_integer() and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    real = isinstance(value, int | float | Decimal | Rational) and not isinstance(value, bool)
    number = to_number(value) if real else None
    if number is None or math.isnan(number):
        raise _Refused(f"compares numbers with {shorten(value)}", _as_number(value))
    with np.errstate(over="ignore"):
        return float(np.float32(number)) if dtype == nw.Float32 else number


def _time(dtype: DType, value: object, wanted: type, name: str) -> object:
    """Return a point or length of time if it fits the column."""
    mixed = wanted is dt.date and isinstance(value, dt.datetime)
    if mixed or not isinstance(value, wanted):
        raise _Refused(f"compares {name} values with {shorten(value)}", f"Give a datetime.{name}.")
    aware = isinstance(value, dt.datetime) and value.tzinfo is not None
    if wanted is dt.datetime and aware != (getattr(dtype, "time_zone", None) is not None):
        which = ("without", "with") if aware else ("with", "without")
        raise _Refused(
            f"compares times {which[0]} a time zone with one {which[1]}",
            "Use a time zone in both or in neither.",
        )
    return value


def _family(dtype: DType) -> str:
    """Return what the values of a column are, in one word."""
    if dtype == nw.Boolean:
        return "true/false values"
    return "text" if dtype in TEXT else "times" if dtype.is_temporal() else "numbers"


def emptied_by(frame: Frame, filters: Sequence[Filter]) -> Problem:
    """Return which filter removed the last rows, and which values there were."""
    last = filters[-1]
    for last in filters:
        left = frame.filter(last.keep)
        if not collect(left.select(nw.len().alias("n")))["n"][0]:
            break
        frame = left
    values = collect(frame.select(nw.col(last.column)).unique())[last.column].to_list()
    others = " together with the filters before it" if last is not filters[0] else ""
    return Problem(
        code="WHERE_EMPTY",
        column=last.label,
        message=f"`where` on column {last.label!r} for {shorten(last.wanted)} removes all rows{others}",
        remedy=f"Before this filter, the column holds {_available(values)}.",
    )


def _available(values: list[Any]) -> str:
    """Return values in words: all of a few, the range of many numbers."""
    known = [value for value in values if not is_missing(value)]
    if not known:
        return "missing values only"
    try:
        known = sorted(known)
    except TypeError:
        known = sorted(known, key=str)
    if len(known) <= LISTED:
        return ", ".join(shorten(value) for value in known)
    if isinstance(known[0], str):
        return ", ".join(shorten(value) for value in known[:LISTED]) + f" and {len(known) - LISTED} more"
    return f"{len(known)} values from {known[0]!r} to {known[-1]!r}"
