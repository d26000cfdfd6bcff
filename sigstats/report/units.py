"""Units of measurement in print."""

from sigstats.report.escaping import shortened
from sigstats.report.numbers import MISSING

LONGEST_UNIT = 60
BARE = ("exponent",)


def with_unit(said: str, unit: str) -> str:
    """Return a printed number with its unit; an exponent is a bare number.

    Parameters
    ----------
    said : str
        The number.
    unit : str
        Its unit, as the evidence names it.

    Returns
    -------
    str
        Number and unit.

    Examples
    --------
    >>> with_unit("0.5", "return"), with_unit("-0.5", "exponent")
    ('0.5 return', '-0.5')
    """
    return said if unit in BARE or said == MISSING else f"{said} {shortened(unit, LONGEST_UNIT)}"
