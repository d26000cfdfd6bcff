"""Checks of what is handed in, shared by every function of `sigstats.stats`.

A function of this package takes arrays and options. Each is looked at once, here, and comes back in one form: floats
that are finite, in an array of known shape, or one of a few allowed words. What cannot be used raises `InputError` (the
data) or `OptionError` (a setting); the message says what was found, what the rule is, and what to do.
"""

import math
from collections.abc import Iterable, Sequence, Sized
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError, OptionError, unknown_option, unquoted

Alternative = Literal["two-sided", "greater", "less"]
Missing = Literal["error", "drop"]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "greater", "less")
MISSING: tuple[Missing, ...] = ("error", "drop")

MOST_PROCESSES = 10_000

Word = TypeVar("Word", bound=str)


def choice(name: str, given: object, options: Sequence[Word]) -> Word:
    """Return an option that is one of a few words."""
    for option in options:
        if isinstance(given, str) and given == option:
            return option
    raise OptionError(unknown_option(name, given, options))


def alternative(given: object) -> Alternative:
    """Return the checked side of a test: "two-sided", "greater" or "less"."""
    return choice("alternative", given, ALTERNATIVES)


def fraction(name: str, given: object, *, example: float = 0.95) -> float:
    """Return a number strictly between 0 and 1, such as a confidence or an error rate."""
    value = number(name, given)
    if not 0.0 < value < 1.0:
        raise OptionError(f"`{name}` is {given!r}; it must lie strictly between 0 and 1, such as {example}.")
    return value


def number(name: str, given: object) -> float:
    """Return a finite real number; booleans, text, NaN and infinities are refused."""
    scalar = isinstance(given, (int, float, np.integer, np.floating)) and not isinstance(given, bool)
    if not scalar or not _is_finite(given):
        raise OptionError(f"`{name}` is {given!r}; it must be a finite number.{unquoted(name, given)}")
    return float(given)  # type: ignore[arg-type]


def _is_finite(value: Any) -> bool:  # noqa: ANN401 - a number
    """Return whether a number is finite as a float; whole numbers can be too large for one."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def positive(name: str, given: object, remedy: str = "") -> float:
    """Return a finite number above 0; `remedy` ends the message where there is more to say than the rule."""
    value = number(name, given)
    if not value > 0.0:
        raise OptionError(f"`{name}` is {given!r}; it must be above 0{remedy or '.'}")
    return value


def whole(name: str, given: object, *, low: int, high: int | None = None) -> int:
    """Return a whole number of at least `low` and, where given, at most `high`."""
    whole_number = isinstance(given, (int, np.integer)) and not isinstance(given, bool)
    if not whole_number or given < low or (high is not None and given > high):  # type: ignore[operator]
        allowed = f"of at least {low:,}" if high is None else f"from {low:,} to {high:,}"
        raise OptionError(
            f"`{name}` is {given!r}; it must be a whole number {allowed}.{unquoted(name, given)}"
        )
    return int(given)  # type: ignore[call-overload, no-any-return]


def processes(name: str, given: object) -> int:
    """Return a number of processes in joblib's terms: at least 1, or negative to leave processors free."""
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given == 0:
        raise OptionError(
            f"`{name}` is {given!r}; it must be a whole number of processes, or -1 for all processors."
        )
    if abs(int(given)) > MOST_PROCESSES:
        raise OptionError(
            f"`{name}` is {given!r}, more processes than any machine runs at once. Use -1 for all processors."
        )
    return int(given)


def _floats(name: str, values: npt.ArrayLike) -> FloatArray:
    """Return an array of floats of any shape, or say why the values are not numbers."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise InputError(f"`{name}` has masked entries; every entry must be a number. Remove them first.")
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"`{name}` is not rectangular; rows must have equal lengths. Split it into groups."
        ) from error
    if array.dtype.kind == "O":
        array = _from_objects(name, array)
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"`{name}` holds {array.dtype} values; they must be real numbers. Convert the values to floats first."
        )
    return array.astype(np.float64)


def _from_objects(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return an object array (decimals, fractions, integers beyond 64 bits) as floats."""
    flat = array.ravel().tolist()
    odd = next((i for i, value in enumerate(flat) if isinstance(value, (str, bytes, complex))), None)
    if odd is not None:
        raise InputError(
            f"`{name}` holds {flat[odd]!r} at position {odd}; values must be real numbers. Convert them to "
            f"floats first."
        )
    try:
        return np.array([float(value) for value in flat]).reshape(array.shape)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"`{name}` holds values that are not real numbers. Convert them to floats first."
        ) from error


def _require_finite(name: str, array: FloatArray) -> None:
    """Raise where an entry is NaN or infinite."""
    bad = np.flatnonzero(~np.isfinite(array.ravel()))
    if bad.size:
        first = ", ".join(map(str, bad[:5]))
        raise InputError(
            f"`{name}` has {bad.size} entries that are NaN or infinite (first positions: {first}); every entry must "
            "be finite. Drop or impute them before the call, so that the choice is yours."
        )


def vector(name: str, values: npt.ArrayLike, *, min_size: int = 1) -> FloatArray:
    """Return values as a one-dimensional array of finite floats."""
    array = _floats(name, values)
    if array.ndim != 1:
        raise InputError(
            f"`{name}` has {array.ndim} dimensions; it must have one. Pass one series at a time."
        )
    _require_finite(name, array)
    if array.size < min_size:
        raise InputError(
            f"`{name}` has {array.size} values; at least {min_size} are needed. Add observations."
        )
    return array


def vector_with_gaps(name: str, values: npt.ArrayLike, missing: object) -> FloatArray:
    """Return a one-dimensional float array in which NaN is left in place if `missing` is "drop"."""
    if choice("missing", missing, MISSING) == "error":
        return vector(name, values)
    array = _floats(name, values)
    vector(name, array[~np.isnan(array)] if array.ndim == 1 else array)
    return array


def matrix(name: str, values: npt.ArrayLike, *, min_rows: int = 1, min_columns: int = 1) -> FloatArray:
    """Return values as a two-dimensional array of finite floats."""
    array = _floats(name, values)
    if array.ndim != 2:
        raise InputError(
            f"`{name}` has {array.ndim} dimensions; it must have two: rows and columns. Reshape it."
        )
    _require_finite(name, array)
    rows, columns = array.shape
    if rows < min_rows or columns < min_columns:
        raise InputError(
            f"`{name}` has shape ({rows}, {columns}); at least {min_rows} rows and {min_columns} columns are needed. "
            "Add observations."
        )
    return array


def sorted_labels(name: str, given: npt.ArrayLike) -> tuple[npt.NDArray[np.generic], IndexArray]:
    """Return the labels of observations in order, and each observation's place among them."""
    try:
        array = np.asarray(given)
    except (TypeError, ValueError):
        raise InputError(f"`{name}` is not rectangular; it must have one label per observation.") from None
    if array.ndim != 1:
        raise InputError(f"`{name}` has {array.ndim} dimensions; it must have one label per observation.")
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        raise InputError(
            f"`{name}` holds NaN or infinite labels; each observation needs one. Drop rows without a label."
        )
    try:
        found, places = np.unique(array, return_inverse=True)
    except TypeError:
        raise InputError(
            f"`{name}` mixes labels that cannot be sorted together. Convert them to text first."
        ) from None
    return found, places.ravel()


def groups(name: str, values: Iterable[npt.ArrayLike], *, min_groups: int = 2) -> tuple[FloatArray, ...]:
    """Return groups as one-dimensional arrays of finite floats, none of them empty."""
    alone = isinstance(values, np.ndarray) and values.ndim == 0
    if isinstance(values, (str, bytes)) or alone or not isinstance(values, Iterable):
        raise InputError(f"`{name}` is {values!r}; it must be a sequence of arrays, one per group.")
    arrays = tuple(vector(f"{name}[{index}]", group) for index, group in enumerate(values))
    if len(arrays) < min_groups:
        raise InputError(f"`{name}` has {len(arrays)} groups; at least {min_groups} are needed. Add groups.")
    return arrays


def same_size(**arrays: Sized) -> None:
    """Raise unless the named arrays have as many entries (rows) as each other."""
    if len({len(array) for array in arrays.values()}) > 1:
        sizes = ", ".join(f"`{name}` {len(array)}" for name, array in arrays.items())
        raise InputError(
            f"The arguments differ in length: {sizes}. Each observation needs an entry in every one."
        )
