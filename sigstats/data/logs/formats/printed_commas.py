"""Commas within the numbers of a printed log: thousands or decimals, as the whole log tells, never cut off.

A number such as ``1,234.5`` or ``51,3`` can be read in one way only, one such as ``1,234`` in two. The other numbers of
the log decide: points for decimals make it 1234, commas for decimals 1.234. A counter is a whole number, so ``step
1,000`` is a thousand. What stays open is left out, and a problem names the line and both readings.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

MOST_NAMED = 3

_BETWEEN_DIGITS = re.compile(r"[0-9],[0-9]")
_NUMBER = re.compile(
    r"(?<![\w.,])(?<![0-9]{2}:[0-9]{2}:)(?<![ \[(][0-9]{2}:)[0-9]+(?:[.,][0-9]+)+"
    r"(?:[eE][-+]?[0-9]+)?(?![0-9]|[.,][0-9])"
)
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?P<rest>\.[0-9]+)?")
_POINTED = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?P<rest>,[0-9]+)?")
_DECIMAL = re.compile(r"[0-9]+,[0-9]+(?:[eE][-+]?[0-9]+)?")
_PLAIN = re.compile(r"[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_COUNTER = re.compile(
    r"(?:step|iter|iteration|update|epoch|(?<=[\[( ])[0-9,.]{1,20}[ \t]*(?:/|of))s?[ \t:=#\[(]*\Z",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"epochs?[ \t:=#\[(]*\Z", re.IGNORECASE)
MAX_BEFORE = 40


def has_commas(line: str) -> bool:
    """Return whether a line has a comma between two digits, outside of braces."""
    return "," in line and _BETWEEN_DIGITS.search(line) is not None and "{" not in line


def joined(line: str) -> str:
    """Return a line with a 1 for each number with commas, to see whether it is of a known form at all."""
    return _NUMBER.sub(lambda found: "1" if "," in found[0] else found[0], line) if has_commas(line) else line


@dataclass(slots=True)
class Commas:
    """What commas mean in a log, and what stays open."""

    points: bool = False  # whether points are before decimals
    decimals: bool = False  # whether commas are before decimals
    n_open: int = 0  # numbers that can be read in two ways
    examples: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Commas":
        """Return what commas mean in the lines of a log that have values."""
        points = weak = decimals = False
        for line in lines:
            for found in _NUMBER.finditer(line):
                text = found[0]
                whole, pointed = _THOUSANDS.fullmatch(text), _POINTED.fullmatch(text)
                points = points or bool((whole and whole["rest"]) or (_PLAIN.fullmatch(text) and not pointed))
                weak = weak or bool(pointed and not pointed["rest"])
                decimals = decimals or bool(
                    (pointed and pointed["rest"] and not whole) or (_DECIMAL.fullmatch(text) and not whole)
                )
        return cls(points=points or (weak and not decimals), decimals=decimals)

    def plain(self, line: str, number: int) -> str:
        """Return a line with points in its numbers and nothing else; a number that stays open becomes no number."""
        return _NUMBER.sub(lambda found: self._read(found, number), line)

    def _read(self, found: re.Match[str], number: int) -> str:
        text = found[0]
        if "," not in text and not (self.decimals and _POINTED.fullmatch(text)):
            return text
        before = found.string[max(0, found.start() - MAX_BEFORE) : found.start()]
        readings = self._readings(text, before)
        if len(readings) == 1:
            return readings[0]
        self.n_open += 1
        if len(self.examples) < MOST_NAMED:
            either = " or ".join(readings) if readings else "several numbers or none"
            self.examples.append(f"line {number} has {text!r}, which is {either}")
        return "?"

    def _readings(self, text: str, before: str) -> Sequence[str]:
        """Return how a number can be read: in one way, in two, or in none."""
        thousands, pointed = _THOUSANDS.fullmatch(text), _POINTED.fullmatch(text)
        as_decimal = text.replace(",", ".")
        if thousands:
            whole = text.replace(",", "")
            if thousands["rest"] or text.count(",") > 1:
                return [whole]
            return self._either(whole, as_decimal, before)
        if pointed and (pointed["rest"] or text.count(".") > 1):
            return [text.replace(".", "").replace(",", ".")]
        if pointed:
            whole = text.replace(".", "")
            return [whole] if _COUNTER.search(before) and not self.points else [text, whole]
        if _DECIMAL.fullmatch(text):
            pair = text.replace(",", " and ")
            return [as_decimal] if not self.points else [as_decimal, f"two numbers, {pair}"]
        return []

    def _either(self, whole: str, decimal: str, before: str) -> Sequence[str]:
        """Return the readings of a number such as ``1,234``."""
        if _COUNTER.search(before) and not (self.decimals and _EPOCH.search(before)):
            return [whole]
        if self.points != self.decimals and not _EPOCH.search(before):
            return [whole] if self.points else [decimal]
        return [whole, decimal]


def plain_lines(lines: Sequence[str], measured: Sequence[int]) -> tuple[dict[int, str], Commas]:
    """Return, by place, the lines whose commas were read, given which lines have values; and what stays open."""
    if not any(has_commas(lines[place]) for place in measured):
        return {}, Commas()
    chosen = [place for place in measured if "{" not in lines[place]]
    commas = Commas.of(lines[place] for place in chosen)
    return dict(_rewritten(commas, lines, chosen)), commas


def _rewritten(commas: Commas, lines: Sequence[str], places: Sequence[int]) -> Iterator[tuple[int, str]]:
    for place in places:
        plain = commas.plain(lines[place], place + 1)
        if plain != lines[place]:
            yield place, plain
