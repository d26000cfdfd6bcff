"""What each field of a signature may hold, and how it is stored.

A check takes the field's name and the value in hand, and returns the value as it is stored or raises a
`SignatureError` that says what is wrong with it, the rule and the remedy. What several fields say together is
not looked at here.
"""

import datetime as dt
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, get_args

import numpy as np

from sigstats.data.table.cells import id_text
from sigstats.errors import SignatureError, unknown_option
from sigstats.shapes import Shape, as_shape

KnobScale = Literal["linear", "log", "rank"]
MetricScale = Literal["linear", "log", "logit"]
DesignChoice = Literal["auto", "repeated", "independent"]
Across = Literal["mean", "each"]
Aggregate = Literal["mean", "median", "min", "max"]


class Filters(Mapping[str, Any]):
    """A frozen `where`: column to value, tuple of values, or range.

    Examples
    --------
    >>> Filters({"layer": "last", "step": Filters({"min": 10})})["step"]
    {'min': 10}
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - whatever the column holds
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


MOST_LISTED = 20

Problems = list[tuple[str, str]]


def listed(subject: str, messages: Sequence[str]) -> str:
    """Return one message as it is, or several as a list under one head."""
    if len(messages) == 1:
        return messages[0]
    lines = [f"  - {message}" for message in messages[:MOST_LISTED]]
    if len(messages) > MOST_LISTED:
        lines.append(f"  - and {len(messages) - MOST_LISTED} more")
    return f"{subject} has {len(messages)} problems:\n" + "\n".join(lines)


def shown(value: object) -> str:
    """Return a value as Python would write it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:94]}...{text[-3:]}"


def normalised(given: Mapping[str, Any]) -> tuple[dict[str, Any], Problems]:
    """Check fields of a signature one by one."""
    values: dict[str, Any] = {}
    problems: Problems = []
    for key, value in given.items():
        try:
            values[key] = _CHECKS[key](key, value)
        except SignatureError as error:
            problems.append((key, str(error)))
    return values, problems


def label(value: object) -> str | None:
    """Return the text by which a condition is known, or None where the value cannot be one."""
    if isinstance(value, str):
        return str(value) or None
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if not isinstance(value, (int, float, np.integer, np.floating)) or not math.isfinite(value):
        return None
    return id_text(value)


def _optional_text(key: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and value.strip():
        return str(value)
    what = "text" if key in {"name", "data"} else "the name of a column, as text"
    raise SignatureError(
        f"`{key}` is {shown(value)}; it must be {what}, and not empty. Leave it out for the default."
    )


def _optional_path(key: str, value: object) -> str | None:
    return _optional_text(key, os.fspath(value) if isinstance(value, os.PathLike) else value)


def _shape(key: str, value: object) -> Shape:
    del key
    return as_shape(value)


def _labels(key: str, value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    found = _elements(value)
    if found is None:
        found = [value]
    labels = [label(each) for each in found]
    for each, text in zip(found, labels, strict=True):
        if text is None:
            raise SignatureError(
                f"`{key}` holds {shown(each)}; a condition is named by text, a finite number or a truth "
                "value. Write its label as it stands in the table."
            )
    texts = [text for text in labels if text is not None]
    if not texts:
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must name at least one condition. Leave it out for none."
        )
    twice = sorted({text for text in texts if texts.count(text) > 1})
    if twice:
        raise SignatureError(
            f"`{key}` names {', '.join(map(repr, twice))} more than once; name each condition once."
        )
    return tuple(texts)


def _elements(value: object) -> list[Any] | None:
    """Return the elements of a list-like value in a fixed order; None where it is not list-like."""
    if isinstance(value, AbstractSet):
        return sorted(value, key=lambda each: (label(each) or "", repr(each)))
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return list(value)
    if hasattr(value, "tolist") and getattr(value, "ndim", 1) == 1:
        return list(value.tolist())
    return None


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (Real, Decimal)):
        raise SignatureError(f"`{key}` is {shown(value)}; it must be a number.")
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _between(low: float, high: float, remedy: str) -> Callable[[str, object], float]:
    def check(key: str, value: object) -> float:
        number = _number(key, value)
        if low < number < high:
            return number
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must be a number in ({low:g}, {high:g}). {remedy}"
        )

    return check


def _min_effect(key: str, value: object) -> float | None:
    if value is None:
        return None
    number = _number(key, value)
    if 0 < number < math.inf:
        return number
    raise SignatureError(
        f"`{key}` is {shown(value)}; it must be a finite number above 0, in units of the metric. The shape "
        "gives the direction; leave `min_effect` out to declare none."
    )


def _one_of(*options: str | None) -> Callable[[str, object], str | None]:
    named = [option for option in options if option is not None]

    def check(key: str, value: object) -> str | None:
        if (value is None and None in options) or (isinstance(value, str) and value in named):
            return None if value is None else str(value)
        raise SignatureError(unknown_option(key, value, named))

    return check


def _truth(key: str, value: object) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise SignatureError(f"`{key}` is {shown(value)}; it must be True or False.")


def _where(key: str, value: object) -> Filters | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must map columns to a value, a list of values or a range, as in "
            '{"step": {"min": 10, "max": 90}}. Expressions are not evaluated.'
        )
    for column in value:
        if not isinstance(column, str) or not column:
            raise SignatureError(f"`{key}` names column {shown(column)}; a column is named by text.")
    return Filters({str(column): _condition(column, wanted) for column, wanted in value.items()}) or None


def _condition(column: str, wanted: object) -> object:
    place = f"`where` for column {shown(column)}"
    if isinstance(wanted, Mapping):
        return _range(place, wanted)
    several = _elements(wanted)
    if several is None:
        return _scalar(place, wanted)
    if not several:
        raise SignatureError(f"{place} is an empty list; list at least one value, or leave the column out.")
    return tuple(_scalar(place, each) for each in several)


def _range(place: str, wanted: Mapping[Any, Any]) -> Filters:
    unknown = [key for key in wanted if key not in ("min", "max")]
    if unknown or not wanted:
        raise SignatureError(
            f"{place} is {shown(dict(wanted))}; a range has `min`, `max` or both, and nothing else."
        )
    ends = {key: _scalar(place, wanted[key]) for key in ("min", "max") if key in wanted}
    if any(isinstance(end, (str, bool)) for end in ends.values()):
        raise SignatureError(f"{place} is {shown(dict(wanted))}; the ends of a range are numbers or dates.")
    try:
        reversed_ = len(ends) == 2 and ends["min"] > ends["max"]
    except TypeError as error:
        raise SignatureError(f"{place} is {shown(dict(wanted))}; both ends must be of one kind.") from error
    if reversed_:
        raise SignatureError(
            f"{place} is {shown(dict(wanted))}; `min` must not be above `max`. Exchange them."
        )
    return Filters(ends)


def _scalar(place: str, value: object) -> Any:  # noqa: ANN401 - whatever the column holds
    if isinstance(value, np.datetime64) and not np.isnat(value):
        value = value.astype("datetime64[us]").item()
    elif isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        raise SignatureError(
            f"{place} is nan, which equals nothing; rows without a number are dropped anyway."
        )
    if isinstance(value, (str, bool, int, float, dt.date, dt.time)):
        return value
    raise SignatureError(
        f"{place} holds {shown(value)}; it must be text, a number, a truth value or a date. Expressions are "
        "not evaluated."
    )


RUNS_OPTIONS = (
    "after", "align", "at", "censored", "count_from", "format", "grid", "levels", "missing", "pattern", "step",
    "unfinished",
)  # fmt: skip


def _runs(key: str, value: object) -> Filters | None:
    """Return how training runs become rows; what the options mean is checked when the runs are read."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must map options to values, as in {{'at': 'last'}}."
        )
    unknown = [each for each in value if each not in RUNS_OPTIONS]
    if unknown:
        raise SignatureError(unknown_option(f"{key} option", unknown[0], RUNS_OPTIONS))
    return Filters({str(each): _runs_value(key, each, given) for each, given in value.items()}) or None


def _runs_value(key: str, option: str, given: object) -> object:
    """Return an option of `runs`: text, a number, or a list of these."""
    parts = _elements(given)
    plain = [given] if parts is None else parts
    if not all(isinstance(each, str | int | float | np.number | None) for each in plain):
        raise SignatureError(
            f"`{key}` has {option} = {shown(given)}; it must be text, a number or a list of these."
        )
    return given if parts is None else tuple(plain)


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "name": _optional_text,
    "data": _optional_path,
    "knob": _optional_text,
    "metric": _optional_text,
    "seed": _optional_text,
    "condition": _optional_text,
    "shape": _shape,
    "treatment": _labels,
    "control": _labels,
    "min_effect": _min_effect,
    "knob_scale": _one_of(*get_args(KnobScale)),
    "metric_scale": _one_of(*get_args(MetricScale)),
    "design": _one_of(*get_args(DesignChoice)),
    "paired": _truth,
    "quiet_fraction": _between(0, 1, "The default is 0.5."),
    "alpha": _between(0, 0.5, "The default is 0.05."),
    "across": _one_of(*get_args(Across)),
    "where": _where,
    "aggregate": _one_of(None, *get_args(Aggregate)),
    "runs": _runs,
}
