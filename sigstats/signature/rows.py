"""Which rows filters of `where` have in common."""

from collections.abc import Mapping
from typing import Any


def meet(first: Any, second: Any) -> bool:  # noqa: ANN401 - values, lists or ranges, as in `where`
    """Return whether two filters of one column let some value through both."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        low, high = (
            _larger(first.get("min"), second.get("min")),
            _smaller(first.get("max"), second.get("max")),
        )
        return low is None or high is None or _ordered(low, high)
    if isinstance(second, Mapping):
        first, second = second, first
    values = second if isinstance(second, tuple) else (second,)
    if isinstance(first, Mapping):
        return any(_within(value, first) for value in values)
    return bool(set(first if isinstance(first, tuple) else (first,)) & set(values))


def _within(value: Any, ends: Mapping[str, Any]) -> bool:  # noqa: ANN401 - as in `where`
    above = "min" not in ends or _ordered(ends["min"], value)
    return above and ("max" not in ends or _ordered(value, ends["max"]))


def _ordered(low: Any, high: Any) -> bool:  # noqa: ANN401 - as in `where`
    """Return whether the first is not above the second; what cannot be compared may be either."""
    try:
        return bool(low <= high)
    except TypeError:
        return True


def _larger(first: Any, second: Any) -> Any:  # noqa: ANN401 - as in `where`
    return second if first is None or (second is not None and _ordered(first, second)) else first


def _smaller(first: Any, second: Any) -> Any:  # noqa: ANN401 - as in `where`
    return second if first is None or (second is not None and _ordered(second, first)) else first
