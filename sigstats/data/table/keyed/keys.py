"""The keys of a frame: each combination of values that some of its columns take."""

import datetime as dt
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from sigstats.data.table import frames
from sigstats.data.table.cells import IntArray, ObjectArray, id_text
from sigstats.data.table.frames import Frame
from sigstats.data.table.grouping import keys_of
from sigstats.data.table.keyed.codes import codes_of
from sigstats.errors import OptionError, Problem, TableError, did_you_mean

NAME = "by"  # of the columns, with a number behind it
Value = Any  # text, a number, a date, true or false


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys that occur in a frame, in order."""

    columns: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]  # the distinct values of each column, in order
    combinations: IntArray  # place of each key among all combinations of values, ascending, shape (n_keys,)

    def __len__(self) -> int:
        """Return the number of keys."""
        return int(self.combinations.size)

    def places(self) -> list[IntArray]:
        """Return for each column the place of the value of every key."""
        sizes = [len(each) for each in self.values]
        return (
            list(np.unravel_index(self.combinations, sizes))
            if len(self)
            else [self.combinations] * len(sizes)
        )

    def column(self, at: int) -> ObjectArray:
        """Return the value of every key in one of the columns."""
        found = np.empty(len(self.values[at]), dtype=object)
        found[:] = self.values[at]
        return found[self.places()[at]]

    def key(self, place: int) -> tuple[Value, ...]:
        """Return one key."""
        return tuple(self.values[at][each[place]] for at, each in enumerate(self.places()))

    def find(self, given: Sequence[Value]) -> int:
        """Return the place of a key; -1 if there is none such."""
        try:
            at = [list(values).index(value) for values, value in zip(self.values, given, strict=True)]
        except ValueError:
            return -1
        code = int(np.ravel_multi_index(at, [len(each) for each in self.values]))
        place = int(np.searchsorted(self.combinations, code))
        return place if place < len(self) and self.combinations[place] == code else -1

    def of_rows(self, frame: nw.DataFrame[Any]) -> IntArray:
        """Return the place of the key of every row of a frame that holds the columns under internal names."""
        coded = [codes_of(frame[f"{NAME}{at}"]) for at in range(len(self.values))]
        codes = _combined(coded, self.values)
        if self.combinations.size == np.prod([len(each) for each in self.values], dtype=object):
            return codes
        return np.searchsorted(self.combinations, codes)


def names_of(by: Sequence[str]) -> dict[str, str]:
    """Return the columns by their internal names."""
    return {f"{NAME}{at}": column for at, column in enumerate(by)}


def check_columns(by: Sequence[str], labels: Sequence[object]) -> None:
    """Refuse columns that are not there."""
    there = tuple(map(str, labels))
    for column in by:
        if column not in labels:
            raise OptionError(
                f"`by` names {column!r}, which is no column of the data; there are {there}. "
                f"{did_you_mean(column, there)}".rstrip()
            )


def find_keys(frame: Frame, by: Sequence[str]) -> Keys:
    """Return the keys of a frame that holds the columns under internal names; one that is missing is refused."""
    names = list(names_of(by))
    if isinstance(frame, nw.LazyFrame):
        frame = frames.collect(frame.select(*keys_of(frame, names)).unique())
    values, coded = [], [_coded(frame[name], column) for name, column in zip(names, by, strict=True)]
    for (codes, found), column in zip(coded, by, strict=True):
        plain = _plain(found)
        if codes.min(initial=0) < 0 or any(map(frames.is_missing, _examples(plain))):
            message = f"column {column!r} has rows without a value, which belong to no key"
            remedy = "Fill the values in, or leave these rows out of the data."
            raise TableError([Problem(code="KEY_MISSING", column=column, message=message, remedy=remedy)])
        _refuse_mixed(plain, column)
        values.append(in_order(plain) or tuple(sorted(plain, key=lambda each: str(id_text(each)))))
    codes = _combined(coded, values)
    size = int(np.prod([len(each) for each in values], dtype=object))
    if size <= max(4 * codes.size, 1000):
        return Keys(columns=tuple(by), values=tuple(values), combinations=np.flatnonzero(np.bincount(codes)))
    return Keys(columns=tuple(by), values=tuple(values), combinations=np.sort(pd.unique(codes)))


def _coded(series: nw.Series[Any], column: str) -> tuple[IntArray, list[Any]]:
    """Return the place of each value among the distinct ones; values that cannot be told apart are refused."""
    try:
        return codes_of(series)
    except TypeError as error:
        message = f"the values of column {column!r} cannot be told apart ({error}); a key is text, a number or a date"
        remedy = "Convert the column to text first."
        raise TableError(
            [Problem(code="KEY_VALUES", column=column, message=message, remedy=remedy)]
        ) from None


def _refuse_mixed(values: Sequence[Value], column: str) -> None:
    """Refuse values of several kinds: 1 and "1" read alike, and dates have no order among other values."""
    examples: dict[str, Value] = {}
    for value in _examples(values):
        examples.setdefault(_kind(value), value)
    if len(examples) > 1:
        said = " and ".join(f"{kind} {value!r}" for kind, value in list(examples.items())[:2])
        message = f"column {column!r} holds values of several kinds, such as {said}, which no key can tell apart safely"
        remedy = "Convert the column to one type first."
        raise TableError([Problem(code="KEY_KINDS", column=column, message=message, remedy=remedy)])


def _plain(values: list[Any]) -> list[Value]:
    """Return values as plain Python objects."""
    if not any(hasattr(each, "item") for each in _examples(values)):
        return values
    return [each.item() if hasattr(each, "item") else each for each in values]


def _examples(values: Sequence[Value]) -> Sequence[Value]:
    """Return a value of each type; all of them where some are times, of which some may have a zone."""
    first: dict[type, Value] = {}
    for value in values:
        first.setdefault(type(value), value)
    return values if any(issubclass(each, dt.datetime) for each in first) else list(first.values())


def _kind(value: Value) -> str:
    """Return what kind of value it is, in one word; values of one kind can be compared."""
    if isinstance(value, bool):
        return "truth value"
    if isinstance(value, str):
        return "text"
    if isinstance(value, numbers.Number):
        return "number"
    if isinstance(value, dt.datetime):
        return "time" if value.tzinfo is None else "time with a zone"
    if isinstance(value, dt.date):
        return "date"
    return "duration" if isinstance(value, dt.timedelta) else type(value).__name__


def _combined(coded: Sequence[tuple[IntArray, list[Any]]], values: Sequence[tuple[Value, ...]]) -> IntArray:
    """Return for every row the place of its key among all combinations of values."""
    whole: IntArray | None = None
    for (codes, found), known in zip(coded, values, strict=True):
        place = {value: rank for rank, value in enumerate(known)}
        ranks = np.array([place[each] for each in _plain(found)], dtype=np.int64)
        in_order = np.array_equal(ranks, np.arange(ranks.size))
        own = np.asarray(codes, dtype=np.int64) if in_order else ranks[codes]
        whole = own if whole is None else whole * len(known) + own
    return np.empty(0, dtype=np.int64) if whole is None else whole


def in_order(values: Sequence[Value]) -> tuple[Value, ...] | None:
    """Return distinct values in their order, that of time or of numbers; None for words, which have none."""
    if values and all(isinstance(each, dt.date | dt.timedelta) for each in values):
        return tuple(sorted(values))
    try:
        return tuple(sorted(values, key=_number))
    except ValueError:
        return None


def _number(value: Value) -> float:
    """Return a number, also one that is written as text; true and false have no order."""
    try:
        return float(str(value) if isinstance(value, bool) else value)
    except TypeError:
        raise ValueError(value) from None
