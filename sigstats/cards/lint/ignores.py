"""Comments on a card that ignore a rule: ``# lint: ignore[SIG107] why``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sigstats.signature import toml

_COMMENT = re.compile(r"#+\s*lint:\s*ignore\s*(?:\[([^\]]*)\])?[\s:,-]*(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """One comment.

    Above the first table of the card it is about the whole card; elsewhere about the table in which it stands, or about
    the next one where it stands alone above it.
    """

    line: int
    codes: tuple[str, ...]
    reason: str
    table: str = ""  # table, number: what it is about; empty and 0 for the whole card
    number: int = 0

    def covers(self, code: str, table: str, number: int) -> bool:
        """Return whether it ignores a code there."""
        about = not self.table or (self.table, self.number) == (table, number)
        return about and code in self.codes


def ignores_in(card: toml.CardFile) -> tuple[Ignore, ...]:
    """Return all such comments of a card."""
    return tuple(_ignores(card.text, card.lines))


def _ignores(text: str, lines: Mapping[toml.Place, int]) -> Iterator[Ignore]:
    heads = sorted(
        (line, table, number) for (table, number, key), line in lines.items() if number and not key
    )
    written = [line.strip() for line in text.split("\n")]
    for line, comment, alone in toml.comments(text):
        found = _COMMENT.fullmatch(comment)
        if found:
            about = _next_line(written, line) if alone else line
            _, table, number = max((head for head in heads if head[0] <= about), default=(0, "", 0))
            if alone and (not heads or line < heads[0][0]):
                table, number = "", 0
            codes = tuple(code.strip().upper() for code in (found[1] or "").split(",") if code.strip())
            yield Ignore(line=line, codes=codes, reason=found[2].strip(), table=table, number=number)


def _next_line(written: list[str], line: int) -> int:
    """Return the next line that holds more than a comment; the line itself where there is none."""
    later = (
        at for at, each in enumerate(written, start=1) if at > line and each and not each.startswith("#")
    )
    return next(later, line)
