"""Results are equal when all that they hold is equal, arrays included; a number that is not known equals itself.

What `dataclasses` writes compares fields as a tuple. That fails where a field is an array, and calls NaN different from
NaN. The class decorator `by_value` stands above `dataclass` and replaces both methods.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def by_value(cls: type[T]) -> type[T]:
    """Let a frozen dataclass be compared and hashed by the values of its fields."""

    def equal(self: Any, other: object) -> bool:  # noqa: ANN401 - a dataclass
        if isinstance(other, str) and hasattr(self, "_equals_word"):
            return bool(self._equals_word(other))
        return same(self, other) if type(other) is type(self) else NotImplemented

    for name, method in (("__eq__", equal), ("__hash__", hash_of)):
        setattr(cls, name, method)
    return cls


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 - whatever fields hold
    """Return whether two values are equal: arrays by their elements, NaN to NaN."""
    if one is other:
        return True
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return _same_arrays(one, other)
    if _compared_by_fields(one):
        return type(one) is type(other) and same(_fields(one), _fields(other))
    if isinstance(one, (tuple, list)):
        return (
            isinstance(other, tuple if isinstance(one, tuple) else list)
            and len(one) == len(other)
            and all(same(a, b) for a, b in zip(one, other, strict=True))
        )
    if isinstance(one, Mapping):
        return (
            isinstance(other, Mapping)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    return bool(one == other) or (_is_nan(one) and _is_nan(other))


def hash_of(value: Any) -> int:  # noqa: ANN401 - whatever fields hold
    """Return a hash that is the same for values that are the same."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "biuf":
            numbers = value.astype(np.float64) + 0.0  # no negative zeros
            return hash((value.shape, np.where(np.isnan(numbers), np.nan, numbers).tobytes()))
        return hash((value.shape, hash_of(value.ravel().tolist())))
    if _compared_by_fields(value):
        return hash((type(value), *map(hash_of, _fields(value))))
    if isinstance(value, (tuple, list)):
        return hash(tuple(map(hash_of, value)))
    if isinstance(value, Mapping):
        return hash(frozenset((key, hash_of(each)) for key, each in value.items()))
    return 0 if _is_nan(value) else hash(value)


def _same_arrays(one: Any, other: Any) -> bool:  # noqa: ANN401 - one of them is an array
    if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
        return False
    if one.shape != other.shape:
        return False
    if one.dtype.kind in "biuf" and other.dtype.kind in "biuf":
        return bool(((one == other) | ((one != one) & (other != other))).all())  # noqa: PLR0124 - NaN
    return same(one.ravel().tolist(), other.ravel().tolist())


def _compared_by_fields(value: object) -> bool:
    """Return whether a value is a dataclass that has no way of its own to compare itself."""
    parameters = getattr(type(value), "__dataclass_params__", None)
    return parameters is not None and parameters.eq


def _fields(value: Any) -> tuple[object, ...]:  # noqa: ANN401 - a dataclass
    return tuple(getattr(value, each.name) for each in dataclasses.fields(value) if each.compare)


def _is_nan(value: object) -> bool:
    return isinstance(value, (float, np.floating)) and bool(value != value)  # noqa: PLR0124 - NaN
