"""Numbers as people write them: decimal commas, grouped thousands, units, and means that are no measurements.

`1.000` is one or one thousand, and nothing in the number says which. A `Notation` says how numbers are written; what
several notations would read differently is *ambiguous*, and never decided by a guess.
"""

import functools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

MINUS = "\u2212"
SPACES = " \u00a0\u2009\u202f"
NEUTRAL = f"'\u2019_{SPACES}"  # between thousands, and never before decimals
MAGNITUDES = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12}
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}", re.ASCII)

_PLAIN = r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?"
_UNIT = re.compile(rf"({_PLAIN})\s*(%|‰|[A-Za-zµμΩ°][A-Za-zµμΩ°/²³^*·-]{{0,11}})", re.ASCII)
_SPREAD = re.compile(
    rf"{_PLAIN}\s*%?\s*(?:(?:±|\+/?-|\$?\\pm\$?)\s*{_PLAIN}|\(\s*(?:±|\+/?-)?\s*{_PLAIN}\s*%?\s*\)|\[\s*{_PLAIN}\s*[,;]\s*{_PLAIN}\s*\])\s*%?",
    re.ASCII,
)
MAX_TEXT = 64


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers are written."""

    decimal: str
    thousands: str  # each of these may stand between thousands

    def number(self, text: str) -> float | int | None:
        """Return the number that a text spells, None if it spells none."""
        text = text.strip().replace(MINUS, "-")
        if len(text) > MAX_TEXT or not _pattern(self.decimal, self.thousands).fullmatch(text):
            return None
        plain = text.translate({ord(mark): None for mark in self.thousands}).replace(self.decimal, ".")
        return int(plain) if re.fullmatch(r"[+-]?\d+", plain) else float(plain)

    def numbers(self, texts: Iterable[str]) -> dict[str, float | int] | None:
        """Return the number of each text; None if one of them spells none."""
        found: dict[str, float | int] = {}
        for text in texts:
            number = self.number(text)
            if number is None:
                return None
            found[text] = number
        return found


POINT = Notation(".", "," + NEUTRAL)
COMMA = Notation(",", "." + NEUTRAL)


@functools.cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    grouped = "|".join(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+" for mark in thousands)
    whole = rf"(?:{grouped}|0|[1-9]\d*)" if thousands else r"(?:0|[1-9]\d*)"
    return re.compile(rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def is_ambiguous(text: str) -> bool:
    """Return whether a text is one number with a decimal comma and another with a decimal point."""
    return GROUPED.fullmatch(text.strip().replace(MINUS, "-")) is not None


def readings(text: str) -> str:
    """Say what the two readings of an ambiguous number are."""
    mark = GROUPED.fullmatch(text.strip().replace(MINUS, "-"))
    sign = mark[1] if mark else "."
    point, comma = POINT.number(text), COMMA.number(text)
    decimal, grouped = (point, comma) if sign == "." else (comma, point)
    return f"{text.strip()!r} is {decimal:g} if {sign!r} stands before decimals, and {grouped} if it groups thousands"


def is_summary(text: str) -> bool:
    """Return whether a text is a mean with its spread, such as 0.93 +- 0.01."""
    return len(text) <= MAX_TEXT and _SPREAD.fullmatch(text.strip().replace(MINUS, "-")) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The numbers that the texts of a column spell, and what else stands in them."""

    numbers: dict[str, float]
    comma: bool = False  # whether a comma stands before decimals
    grouped: str = ""  # the sign that groups thousands, if one does
    units: tuple[str, ...] = ()  # the units behind the numbers


def spelling(texts: Sequence[str]) -> Spelling | None:
    """Return the one way in which all texts are numbers; None if there is none, or more than one."""
    bare, units = {}, []
    for text in texts:
        found = _UNIT.fullmatch(text.strip().replace(MINUS, "-")) if len(text) <= MAX_TEXT else None
        bare[text] = found[1] if found else text
        units += [found[2]] if found else []
    kinds = tuple(sorted(set(units)))
    magnitudes = set(kinds) <= set(MAGNITUDES)
    if kinds and not magnitudes and (len(kinds) > 1 or len(units) < len(texts)):
        return None
    inner = _one_notation(sorted(set(bare.values())))
    if inner is None:
        return None
    factors = {text: _factor(text) if magnitudes else 1.0 for text in texts}
    numbers = {text: _times(inner.numbers[bare[text]], factors[text]) for text in texts}
    return replace(inner, numbers=numbers, units=kinds)


def _factor(text: str) -> float:
    return MAGNITUDES.get(text.strip()[-1:], 1.0)


def _times(number: float, factor: float) -> float:
    """Return a product; 1.1M is 1100000, not its neighbour."""
    product = number * factor
    near = math.isfinite(product) and factor != 1.0 and math.isclose(product, round(product), rel_tol=1e-12)
    return float(round(product)) if near else product


def _one_notation(texts: Sequence[str]) -> Spelling | None:
    """Return the numbers in the one notation that reads them all, None if none or several do."""
    point, comma = POINT.numbers(texts), COMMA.numbers(texts)
    if point is not None and (comma is None or point == comma):
        return Spelling(
            numbers={text: float(number) for text, number in point.items()}, grouped=_grouping(texts, POINT)
        )
    if comma is not None and point is None:
        numbers = {text: float(number) for text, number in comma.items()}
        return Spelling(numbers=numbers, comma=True, grouped=_grouping(texts, COMMA))
    return None


def _grouping(texts: Sequence[str], notation: Notation) -> str:
    return next((mark for mark in notation.thousands if any(mark in text.strip() for text in texts)), "")
