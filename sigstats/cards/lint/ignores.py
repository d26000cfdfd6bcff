"""Comments on a card that ignore a rule: ``# lint: ignore[SIG107] why``."""

import re
from bisect import bisect
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


def ignores_in(card: toml.CardFile) -> tuple[Ignore, ...]:
    """Return all such comments of a card."""
    return tuple(_ignores(card.text, card.lines))


def _ignores(text: str, lines: Mapping[toml.Place, int]) -> Iterator[Ignore]:
    heads = sorted((line, *place[:2]) for place, line in lines.items() if place[1] and not place[2])
    starts = [line for line, _, _ in heads]
    below = _next_lines(text)
    for line, comment, alone in toml.comments(text):
        found = _COMMENT.fullmatch(comment)
        if found:
            at = bisect(starts, below[line - 1] if alone and bisect(starts, line) else line)
            _, table, number = heads[at - 1] if at else (0, "", 0)
            codes = tuple(code.strip().upper() for code in (found[1] or "").split(",") if code.strip())
            yield Ignore(line=line, codes=codes, reason=found[2].strip(), table=table, number=number)


def _next_lines(text: str) -> list[int]:
    """Return for each line the next one that holds more than a comment; the last one where there is none."""
    written = text.split("\n")
    found = [len(written)] * len(written)
    for at in range(len(written) - 1, 0, -1):
        bare = written[at].strip()
        found[at - 1] = at + 1 if bare and not bare.startswith("#") else found[at]
    return found
