"""How numbers are printed: as many digits as the interval supports, and a p-value never as zero."""

import dataclasses
import math

from sigstats.stats.estimate import Estimate

MISSING = "n/a"
SMALLEST_PRINTED = 1e-16
LARGEST_PVALUE = 0.99
LARGEST_PROBABILITY = 0.9999


def number(value: float | None, *, digits: int = 3) -> str:
    """Return a number with so many significant digits, in plain notation where that is short."""
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    if value == 0:
        return "0"
    rounded = f"{value:.{digits - 1}e}"
    mantissa, power = rounded.split("e")
    exponent = int(power)
    if -4 <= exponent < 6:
        return _trimmed(f"{float(rounded):.{max(digits - 1 - exponent, 0)}f}")
    return f"{_trimmed(mantissa)}e{exponent}"


def level(value: float) -> str:
    """Return a level of the knob, short but without losing what tells levels apart."""
    return number(value, digits=6)


def interval(estimate: Estimate | None, *, beside: Estimate | None = None) -> str:
    """Return value and interval to the two digits that the half-width of the interval supports."""
    value, *ends = _printed(estimate, beside)
    return f"{value} [{', '.join(ends)}]" if ends else value


def point(estimate: Estimate | None, *, beside: Estimate | None = None) -> str:
    """Return the value alone, with the digits that it has in front of its interval."""
    return _printed(estimate, beside)[0]


def _printed(estimate: Estimate | None, beside: Estimate | None) -> list[str]:
    """Return the value and, if there are any, both ends of its interval."""
    if estimate is None or math.isnan(estimate.value):
        return [MISSING]
    ends = (estimate.low, estimate.high)
    if not all(math.isfinite(end) for end in ends):
        return [number(estimate.value)]
    decimals = _decimals_of(estimate)
    if decimals is not None and beside is not None:
        decimals = _no_more_than(decimals, beside, estimate)
    if decimals is None:
        return [number(part) for part in (estimate.value, *ends)]
    return [_signed_zero(f"{part:.{decimals}f}") for part in (estimate.value, *ends)]


def mirrored(estimate: Estimate) -> Estimate:
    """Return an estimate with its sign turned."""
    return dataclasses.replace(estimate, value=-estimate.value, low=-estimate.high, high=-estimate.low)


def raised(estimate: Estimate, by: float) -> Estimate:
    """Return an estimate with a constant added."""
    return dataclasses.replace(
        estimate, value=by + estimate.value, low=by + estimate.low, high=by + estimate.high
    )


def pvalue(value: float | None, *, symbol: str = "p") -> str:
    """Return a p-value as a statement that stays true after rounding."""
    if value is None or math.isnan(value):
        return f"no {symbol}-value"
    return f"{symbol} {' '.join(_pvalue(value))}"


def bare_pvalue(value: float) -> str:
    """Return a p-value without its symbol: ``"0.012"``, ``"below 1e-16"``."""
    return MISSING if math.isnan(value) else _bare(*_pvalue(value))


def _pvalue(value: float) -> tuple[str, str]:
    if value < SMALLEST_PRINTED:
        return "<", "1e-16"
    if value > LARGEST_PVALUE:
        return ">", str(LARGEST_PVALUE)
    return "=", number(value, digits=4 if 0.045 <= value < 0.055 else 2)


def _bare(sign: str, said: str) -> str:
    return {"<": "below ", ">": "over ", "=": ""}[sign] + said


def probability(value: float | None, of: str) -> str:
    """Return a posterior probability, never rounded to 0 or 1."""
    if value is None or math.isnan(value):
        return f"P({of}) not available"
    return f"P({of}) {' '.join(_probability(value))}"


def bare_probability(value: float) -> str:
    """Return a posterior probability without what it is of: ``"0.98"``, ``"over 0.9999"``."""
    return MISSING if math.isnan(value) else _bare(*_probability(value))


def _probability(value: float) -> tuple[str, str]:
    if value > LARGEST_PROBABILITY:
        return ">", str(LARGEST_PROBABILITY)
    if value < 1 - LARGEST_PROBABILITY:
        return "<", f"{1 - LARGEST_PROBABILITY:.4f}"
    digits = 2 if value < 0.9 else max(2, 1 - math.floor(math.log10(1 - value)))
    return "=", number(value, digits=digits)


def percent(share: float) -> str:
    """Return a share as whole per cent, or as ``less than 1%``."""
    if 0 < share < 0.01:
        return "less than 1%"
    return f"{share:.0%}"


def _decimals(half_width: float) -> int | None:
    if half_width <= 0:
        return 2
    decimals = 1 - math.floor(math.log10(half_width))
    return max(decimals, 0) if decimals <= 6 else None


def _decimals_of(estimate: Estimate) -> int | None:
    """Return how many decimals an estimate has in print; None without an interval, and in other notation."""
    every = (estimate.value, estimate.low, estimate.high)
    largest = max(map(abs, every))
    if not all(map(math.isfinite, every)) or largest >= 1e6:
        return None
    return _decimals(max((estimate.high - estimate.low) / 2, largest * 1e-4))


def _no_more_than(decimals: int, beside: Estimate, estimate: Estimate) -> int:
    fewer = _decimals_of(beside)
    if fewer is None or fewer >= decimals:
        return decimals
    step = 10.0**-fewer
    survives = abs(estimate.value) >= 100 * step and estimate.high - estimate.low >= 2 * step
    return fewer if survives else decimals


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed_zero(text: str) -> str:
    return text.removeprefix("-") if float(text) == 0 else text
