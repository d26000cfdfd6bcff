"""Filters on the command line: ``column=value``, read as data and never evaluated.

The text before the first ``=`` is the column. What follows is one of

* ``value``: rows in which the column equals it;
* ``value,value,...``: rows in which it equals one of them;
* ``min..max``: rows in which it lies between the two, ends included; ``min..`` and ``..max`` leave one end
  open. The ends are numbers or dates; any other text with two dots in it is a value.

A value in single or double quotes is text, whatever it looks like, and may hold commas. Of the others,
``true`` and ``false`` are truth values, plain decimal numbers are numbers, and ``2024-05-31`` and
``2024-05-31T12:00:00`` are dates. Where the column holds text, every value but the ends of a range is taken
as the text that was typed.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

import narwhals as nw

from sigstats.errors import OptionError

_ITEM = re.compile(r"""\s*("[^"]*"|'[^']*'|[^,"']*)\s*(?:,|\Z)""")
_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}.*)?")
_FORMS = "Write column=value, column=a,b or column=min..max."

Value = str | bool | float | dt.date


class Typed(str):
    """Text from the command line that could also be read as another type."""

    __slots__ = ("reading",)
    reading: Value


def read_filters(texts: Iterable[str]) -> dict[str, Any] | None:
    """Read the filters of a command line."""
    filters: dict[str, Any] = {}
    for text in texts:
        column, equals, wanted = text.partition("=")
        column = column.strip()
        if not equals or not column:
            raise OptionError(f"`--where` is {text!r}; it must name a column and a value. {_FORMS}")
        if column in filters:
            raise OptionError(f"`--where` names column {column!r} twice; list its values in one: column=a,b.")
        filters[column] = _wanted(text, wanted)
    return filters or None


def settled(filters: Mapping[str, Any] | None, schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the filters with every value in the type of its column."""
    if filters is None:
        return None
    return {
        column: _settle(wanted, is_text=_is_text(schema.get(column))) for column, wanted in filters.items()
    }


def schema_of(frame: Any) -> dict[str, Any]:  # noqa: ANN401 - any frame
    """Return column and narwhals dtype of each column whose name is text."""
    return dict(nw.from_native(frame).collect_schema())


def _is_text(dtype: object) -> bool:
    return dtype in (nw.String, nw.Categorical, nw.Enum)


def _settle(wanted: object, *, is_text: bool) -> Any:  # noqa: ANN401 - whatever the column holds
    if isinstance(wanted, dict):
        return {key: _settle(each, is_text=False) for key, each in wanted.items()}
    if isinstance(wanted, list):
        return [_settle(each, is_text=is_text) for each in wanted]
    if isinstance(wanted, Typed):
        return str(wanted) if is_text else wanted.reading
    return wanted


def _wanted(text: str, wanted: str) -> object:
    ends = _range(wanted)
    if ends is not None:
        return ends
    items, position = [], 0
    while position <= len(wanted):
        found = _ITEM.match(wanted, position)
        if found is None or not found[1]:
            raise OptionError(f"`--where` is {text!r}; a value in it is empty or badly quoted. {_FORMS}")
        items.append(found[1])
        position = found.end() if found[0].endswith(",") else len(wanted) + 1
    if len(items) > 1 and any(_range(item) for item in items):
        raise OptionError(f"`--where` is {text!r}; a list cannot hold a range. {_FORMS}")
    return _value(items[0]) if len(items) == 1 else [_value(item) for item in items]


def _range(text: str) -> dict[str, Typed] | None:
    low, dots, high = text.strip().partition("..")
    ends = {key: _value(each.strip()) for key, each in (("min", low), ("max", high)) if each.strip()}
    readable = [end for end in ends.values() if isinstance(end, Typed) and not isinstance(end.reading, bool)]
    if not dots or not ends or len(readable) != len(ends):
        return None
    return {key: end for key, end in ends.items() if isinstance(end, Typed)}


def _value(text: str) -> str:
    text = text.strip()
    if text[:1] in ('"', "'"):
        return text[1:-1]
    reading = _reading(text)
    if reading is None:
        return text
    typed = Typed(text)
    typed.reading = reading
    return typed


def _reading(text: str) -> Value | None:
    """Return the value that the text could mean, other than text; None if there is none."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    if _DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)
        except ValueError:
            return None
    return None
