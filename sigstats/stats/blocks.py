"""Many tables at once: numbers of several tables stand along leading axes, and one computation serves all of them.

A function of arrays with seeds and levels on the last axes gives one number for one table, and an array of numbers, one
per table, for a block of tables. Tables of a block have the same layout: conditions, seeds, levels and missing cells.
Numbers are typed as floats, of which a block has arrays in their place.

Where what is done next depends on a number, all tables of the block must agree on it (`agreed`); tables that do not are
told apart, and each part is computed on its own.
"""

import dataclasses
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar, cast

import numpy as np

from sigstats.stats.checks import BoolArray, FloatArray, IndexArray

T = TypeVar("T")


class TablesDifferError(Exception):
    """Tables of a block need different computations; `groups` has a number for each table, the same for alike ones."""

    def __init__(self, groups: IndexArray) -> None:
        super().__init__("tables of a block need different computations")
        self.groups = groups


class SingleTableError(Exception):
    """What is asked can only be computed for one table at a time."""


# What tables were found to differ in, while they are all treated like the first one; None where differing is an error.
_differing: ContextVar[list[BoolArray] | None] = ContextVar("differing", default=None)


def agreed(holds: Any) -> bool:  # noqa: ANN401 - a truth value, or one per table
    """Return whether something holds, on which all tables of a block must agree."""
    if np.ndim(holds) == 0:
        return bool(holds)
    if holds.all():
        return True
    if not holds.any():
        return False
    noted = _differing.get()
    if noted is None:
        raise TablesDifferError(np.asarray(holds, dtype=np.intp))
    noted.append(holds)
    return bool(holds[0])


def sorted_out(function: Callable[[], T]) -> T:
    """Return the result of a function on tables that agree in all that it asks; else raise, once for all it asked.

    Until the end all tables are treated like the first one, so that they are told apart at one go.
    """
    noted: list[BoolArray] = []
    token = _differing.set(noted)
    try:
        result = function()
    except SingleTableError:
        if noted:
            # It may hold of the first table alone.
            raise _apart(noted) from None
        raise
    finally:
        _differing.reset(token)
    if noted:
        raise _apart(noted)
    return result


def _apart(noted: Sequence[BoolArray]) -> TablesDifferError:
    """Return the error that tells tables apart by all that they were found to differ in."""
    bits = np.packbits(np.array(noted), axis=0)
    return TablesDifferError(np.unique(bits, axis=1, return_inverse=True)[1].reshape(-1))


def agreed_number(value: Any) -> int:  # noqa: ANN401 - a whole number, or one per table
    """Return a whole number on which all tables of a block must agree."""
    if np.ndim(value) == 0:
        return int(value)
    found = np.asarray(value, dtype=np.intp)
    if (found == found[0]).all():
        return int(found[0])
    raise TablesDifferError(found)


def agreed_order(items: Sequence[T], values: Sequence[float]) -> list[T]:
    """Return items in the order of their values, missing ones last; all tables of a block must agree on it."""
    places = np.array(np.broadcast_arrays(*values)).argsort(axis=0, kind="stable")
    return [items[agreed_number(at)] for at in places]


def is_missing(value: float) -> bool:
    """Return whether a number is missing, on which all tables of a block must agree."""
    return agreed(np.isnan(value))


def plain(value: Any) -> float:  # noqa: ANN401 - a number, or one per table
    """Return the number of one table as a float, and numbers of several as an array, in the place of a float."""
    return float(value) if np.ndim(value) == 0 else cast("float", np.asarray(value, dtype=float))


def capped(pvalue: float) -> float:
    """Return a p-value, or one per table, of at most 1; a missing one stays missing."""
    return plain(np.minimum(pvalue, 1.0))


def truth(holds: Any) -> bool:  # noqa: ANN401 - a truth value, or one per table
    """Return the truth value of one table, and those of several as an array, in the place of one."""
    return bool(holds) if np.ndim(holds) == 0 else cast("bool", np.asarray(holds))


def beside(value: Any, axes: int) -> Any:  # noqa: ANN401 - a number, or one per table
    """Return numbers, one per table, so that they can be joined with arrays that have so many axes more."""
    if np.ndim(value) == 0:
        return value
    return np.asarray(value)[(..., *(None,) * axes)]


def seen_cells(curves: FloatArray) -> BoolArray:
    """Return which seeds were seen at which levels, shape (n_seeds, n_levels): the same in all tables of a block."""
    return np.asarray(~np.isnan(curves[(0,) * (curves.ndim - 2)]))


def agreed_pattern(holds: BoolArray) -> BoolArray:
    """Return which entries of the last axis something holds of, on which all tables of a block must agree."""
    if holds.ndim == 1:
        return holds
    if (holds == holds[0]).all():
        return np.asarray(holds[0])
    raise TablesDifferError(np.unique(holds, axis=0, return_inverse=True)[1].reshape(-1))


def chosen(items: Sequence[T], at: Any) -> T:  # noqa: ANN401 - a place, or one per table
    """Return one of several results; for a block the result that has the numbers of each table's own choice.

    Words in it are those of the first one: only reports on one table show them.
    """
    if np.ndim(at) == 0:
        return items[int(at)]
    first = items[0]
    changes: dict[str, Any] = {}
    for each in dataclasses.fields(first):  # type: ignore[arg-type]
        values = [getattr(item, each.name) for item in items]
        if dataclasses.is_dataclass(values[0]):
            changes[each.name] = chosen(values, at)
        elif all(isinstance(value, float | np.ndarray) for value in values) or _numbers_differ(values):
            changes[each.name] = picked(values, at)
    return dataclasses.replace(first, **changes)  # type: ignore[type-var]


def _numbers_differ(values: Sequence[Any]) -> bool:
    """Return whether values are whole numbers, not all the same."""
    return all(isinstance(value, int) for value in values) and len(set(values)) > 1


def picked(values: Sequence[Any], at: IndexArray) -> FloatArray:
    """Return for each table the number at its place among several."""
    every = np.stack(np.broadcast_arrays(*values, np.zeros(at.shape))[:-1])
    return np.asarray(every[at, np.arange(at.size)])


def chosen_number(values: FloatArray, at: Any) -> Any:  # noqa: ANN401 - a place, or one per table
    """Return one of several numbers along the first axis, of each table its own."""
    return values[at] if np.ndim(at) == 0 else picked(list(values), at)


def mean_where(values: FloatArray, known: BoolArray) -> FloatArray:
    """Return the mean of the known numbers along the last axis; NaN where none is."""
    count = known.sum(axis=-1)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=-1) / np.maximum(count, 1), np.nan)


def by_table(function: Callable[..., Any], *values: Any, axes: tuple[int, ...]) -> Any:  # noqa: ANN401
    """Apply a function of one table to every table; `axes` says how many axes each value has in one table.

    For what is rarely asked, or gains nothing from being done at once.
    """
    lengths = [len(v) for v, n in zip(values, axes, strict=True) if np.ndim(v) > n]
    if not lengths:
        return function(*values)
    each = (
        function(*(v[at] if np.ndim(v) > n else v for v, n in zip(values, axes, strict=True)))
        for at in range(lengths[0])
    )
    return np.array(list(each))
