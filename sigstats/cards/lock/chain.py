"""Whether a lock is whole: every line as it was written, in order, none missing in between.

What a chain of hashes cannot show: that the whole file was written anew, or that its last lines are missing. For that,
somebody else must know a hash of it: the head that was published, or git.
"""

import enum
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sigstats.cards.lock import entries
from sigstats.cards.lock.canonical import hash_of
from sigstats.cards.lock.entries import Amended, Entry, Locked, Look

MOST_BYTES = 50_000_000


class BreakCode(enum.StrEnum):
    """What is wrong with a lock."""

    UNREADABLE = "unreadable"
    NOT_AN_ENTRY = "not_an_entry"
    CUT_OFF = "cut_off"
    CHANGED = "changed"
    OUT_OF_ORDER = "out_of_order"
    EARLIER = "earlier"
    NO_LOCK = "no_lock"
    HEAD_MISSING = "head_missing"
    COMMITTED_OTHERWISE = "committed_otherwise"
    OTHER_CARD = "other_card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One place where a lock is not as it was written.

    Attributes
    ----------
    code : BreakCode
        What is wrong.
    line : int or None
        The line, from 1; None where it concerns the whole file.
    message : str
        The same in words.
    """

    code: BreakCode
    line: int | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The lines of a lock, and where they are not as they were written."""

    entries: tuple[Entry, ...]
    breaks: tuple[Break, ...]

    @property
    def locked(self) -> Locked | None:
        """The first line, None where it is missing."""
        return self.entries[0] if self.entries and isinstance(self.entries[0], Locked) else None

    @property
    def amendments(self) -> tuple[Amended, ...]:
        """The declared changes, in order."""
        return tuple(each for each in self.entries if isinstance(each, Amended))

    @property
    def looks(self) -> tuple[Look, ...]:
        """The looks at data, in order."""
        return tuple(each for each in self.entries if isinstance(each, Look))

    @property
    def latest(self) -> Locked | Amended | None:
        """The version of the card that was declared last."""
        return self.amendments[-1] if self.amendments else self.locked

    @property
    def head(self) -> str | None:
        """The hash of the last line."""
        return self.entries[-1].hash if self.entries else None


def parse(content: bytes) -> Chain:
    """Return the lines of a lock, and every break."""
    *lines, rest = content.split(b"\n")
    found: list[Entry] = []
    breaks: list[Break] = []
    for line, text in enumerate(lines, start=1):
        record = _record(text)
        entry = None if record is None else _entry(record)
        if record is None or entry is None:
            breaks.append(_break(BreakCode.NOT_AN_ENTRY, line, "is no entry of a lock"))
            continue
        breaks += _against(record, entry, line, found[-1] if found else None)
        found.append(entry)
    if rest:
        breaks.append(_break(BreakCode.CUT_OFF, len(lines) + 1, "does not end: the file was cut off"))
    if not found or not isinstance(found[0], Locked):
        breaks.insert(0, Break(code=BreakCode.NO_LOCK, line=1, message="The first line is not a lock."))
    return Chain(entries=tuple(found), breaks=tuple(breaks))


def without_head(chain: Chain, head: str) -> tuple[Break, ...]:
    """Return that a published hash is missing from a chain, if it is."""
    wanted = head.strip().lower()
    if len(wanted) >= 12 and any(entry.hash.startswith(wanted) for entry in chain.entries):
        return ()
    message = (
        f"No line has the hash {head[:64]!r}: lines at the end are missing, or the file was written anew after the "
        "hash was published."
    )
    return (Break(code=BreakCode.HEAD_MISSING, line=None, message=message),)


def against_commits(content: bytes, versions: Iterable[tuple[str, bytes]]) -> tuple[Break, ...]:
    """Return the first commit whose version of a lock is not the beginning of what it is now."""
    for commit, version in versions:
        if not content.startswith(version):
            message = (
                f"The lock in commit {commit[:12]} is not the beginning of this one: lines were changed or taken away "
                "since."
            )
            return (Break(code=BreakCode.COMMITTED_OTHERWISE, line=None, message=message),)
    return ()


def _against(record: dict[str, Any], entry: Entry, line: int, before: Entry | None) -> list[Break]:
    """Return what is wrong with a line, by itself and after the line before."""
    found = []
    body = {key: value for key, value in record.items() if key != "hash"}
    if hash_of(body) != entry.hash:
        found.append(_break(BreakCode.CHANGED, line, "was changed: its content does not have its hash"))
    if entry.previous != (before.hash if before else None) or entry.number != (
        before.number + 1 if before else 0
    ):
        found.append(_break(BreakCode.OUT_OF_ORDER, line, f"does not follow {_what_is_before(before, line)}"))
    elif before is not None and entry.time < before.time:
        found.append(_break(BreakCode.EARLIER, line, "is earlier than the line before it"))
    if before is not None and isinstance(entry, Locked):
        found.append(_break(BreakCode.OUT_OF_ORDER, line, "is a second lock"))
    return found


def _what_is_before(before: Entry | None, line: int) -> str:
    return (
        f"line {line - 1}: a line was taken away, moved, added or changed"
        if before
        else "nothing, but a line"
    )


def _break(code: BreakCode, line: int, what: str) -> Break:
    return Break(code=code, line=line, message=f"Line {line} {what}.")


def _record(text: bytes) -> dict[str, Any] | None:
    """Return the JSON object on a line; one that says a thing twice is none."""
    try:
        found = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _entry(record: dict[str, Any]) -> Entry | None:
    try:
        return entries.read(record)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
