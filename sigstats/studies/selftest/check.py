"""One check: a number that was found, and between which bounds it must lie."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One number of this installation, held against bounds."""

    name: str
    source: str  # where the bounds come from
    found: float | None  # None where it could not be computed
    low: float  # smallest number that passes; may be -inf
    high: float  # largest number that passes; may be inf
    error: str = ""  # why it could not be computed

    @property
    def passed(self) -> bool:
        """Whether the number was found and lies between the bounds."""
        return self.found is not None and self.low <= self.found <= self.high


def near(name: str, source: str, found: float, expected: float, tolerance: float) -> Check:
    """Return the check that a number is the expected one, but for a tolerance in its own units."""
    return Check(
        name=name, source=source, found=float(found), low=expected - tolerance, high=expected + tolerance
    )


def at_least(name: str, source: str, found: float, low: float) -> Check:
    """Return the check that a number is not smaller than a bound."""
    return Check(name=name, source=source, found=float(found), low=low, high=math.inf)


def at_most(name: str, source: str, found: float, high: float) -> Check:
    """Return the check that a number is not larger than a bound."""
    return Check(name=name, source=source, found=float(found), low=-math.inf, high=high)


def failure(name: str, error: Exception) -> Check:
    """Return the check that failed because its number could not be computed."""
    text = f"{type(error).__name__}: {error}"
    return Check(
        name=name,
        source="it must run without an error",
        found=None,
        low=-math.inf,
        high=math.inf,
        error=text,
    )
