"""A unit in which values of any size, far from 0 or not, are computed without losing digits.

Squares of 1e200 overflow, those of 1e-200 vanish, and means of values such as 1e12 + 0.1 lose the digits that differ.
Values are therefore moved by one of them, where all are nearly the same, and divided by a power of two, where they are
very large or small. Both are exact, and neither happens to ordinary values.
"""

import math
from dataclasses import dataclass
from typing import overload

import numpy as np

from sigstats.stats.checks import FloatArray

ORDINARY = 200  # powers of two up to which fourth powers neither overflow nor vanish
FAR = 2.0**-20  # values that differ by less than this part of their size are far from 0
LARGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What was taken off values, and the power of two by which they were divided."""

    offset: float = 0.0  # in the unit: what was taken off
    exponent: int = 0

    @overload
    def reduced(self, values: FloatArray) -> FloatArray: ...
    @overload
    def reduced(self, values: float) -> float: ...
    def reduced(self, values: FloatArray | float) -> FloatArray | float:
        """Return values in the unit."""
        return self.part(values) - self.offset

    @overload
    def part(self, sizes: FloatArray) -> FloatArray: ...
    @overload
    def part(self, sizes: float) -> float: ...
    def part(self, sizes: FloatArray | float) -> FloatArray | float:
        """Return differences in the unit."""
        return _times(sizes, -self.exponent)

    @overload
    def restored(self, values: FloatArray) -> FloatArray: ...
    @overload
    def restored(self, values: float) -> float: ...
    def restored(self, values: FloatArray | float) -> FloatArray | float:
        """Return values as they were."""
        return _times(values + self.offset, self.exponent)

    @overload
    def size(self, sizes: FloatArray) -> FloatArray: ...
    @overload
    def size(self, sizes: float) -> float: ...
    def size(self, sizes: FloatArray | float) -> FloatArray | float:
        """Return differences in units of the metric."""
        return _times(sizes, self.exponent)


def unit_of(values: FloatArray) -> Unit:
    """Return the unit for some values, whatever their order."""
    low, high = float(values.min()), float(values.max())
    largest, spread = (
        max(abs(low), abs(high)),
        high / 2 - low / 2,
    )  # halves, for their difference may overflow
    far = (low > 0) == (high > 0) and spread <= FAR * largest / 2
    exponent = math.frexp(2 * spread if far and spread > 0 else largest)[1]
    exponent = 0 if abs(exponent) <= ORDINARY else max(-LARGEST, min(exponent, LARGEST))
    plain = Unit(exponent=exponent)
    return Unit(offset=plain.part(low), exponent=exponent) if far else plain


def _times(values: FloatArray | float, exponent: int) -> "FloatArray | float":
    """Return values times a power of two; what is too large becomes infinite."""
    if not exponent:
        return values
    with np.errstate(over="ignore", under="ignore"):
        found = np.ldexp(values, exponent)
    return float(found) if np.ndim(found) == 0 else found
