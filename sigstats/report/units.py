"""Units of measurement in print."""

from sigstats.report.escaping import shortened
from sigstats.report.numbers import MISSING

LONGEST_UNIT = 60
BARE = ("exponent",)


def with_unit(said: str, unit: str) -> str:
    """Return a printed number with its unit; an exponent is a bare number."""
    return said if unit in BARE or said == MISSING else f"{said} {shortened(unit, LONGEST_UNIT)}"
