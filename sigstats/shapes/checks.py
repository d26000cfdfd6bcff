"""Checks of the options of shapes."""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from sigstats.errors import SignatureError, unknown_option, unquoted


def number(shape: str, option: str, value: Any) -> float:  # noqa: ANN401 - it is checked here
    """Return a finite number, or refuse it."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise SignatureError(
            f"`{option}` of the shape {shape!r} is {value!r}; it must be a finite number."
            f"{unquoted(option, value)}"
        )
    return float(value)


def fraction(shape: str, option: str, value: Any) -> float:  # noqa: ANN401 - it is checked here
    """Return a number in (0, 1), or refuse it."""
    if not 0 < number(shape, option, value) < 1:
        raise SignatureError(
            f"`{option}` of the shape {shape!r} is {value!r}; it must lie between 0 and 1, both excluded."
        )
    return float(value)


# Words near in letters may be the contrary: these lead to the direction that is meant.
OTHER_WORDS = {
    "increasing": ("rising", "increase", "up", "upward", "upwards", "rise", "rises", "growing"),
    "decreasing": ("falling", "decrease", "down", "downward", "downwards", "fall", "falls", "declining"),
}


def one_of(shape: str, option: str, value: Any, allowed: Sequence[str]) -> None:  # noqa: ANN401 - it is checked here
    """Refuse a word that an option does not take."""
    if not isinstance(value, str) or value not in allowed:
        raise SignatureError(unknown_option(f"{option} of {shape}", value, allowed, OTHER_WORDS))
