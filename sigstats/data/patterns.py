"""Regular expressions of callers, which may come with somebody else's card and be searched in somebody else's files.

Forms that can take exponential time are refused. What remains can still take time that grows with a high power of the
length, so that a text for which this could be long is searched in linear time instead, with the same answer.
"""

import math
import re
import time

from sigstats.data.linear_search import Found, LinearPattern, UnsupportedError

MAX_REPEATS = 8
MOST_STEPS = 1e6  # about 10 ms
MOST_SECONDS = 2.0  # spent on one pattern by the ordinary search, before the linear one takes over

_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[*+?](?:[?+])?|\{[0-9]*,?[0-9]*\}[?+]?|[()|]|.", re.DOTALL
)
_REPEAT = re.compile(r"[*+]|\{[0-9]*,[0-9]*\}|\{[0-9]{2,}\}")
_COUNT = re.compile(r"[*+?]|\{")


class CallersPattern:
    """A regular expression that was checked, and is searched in bounded time."""

    def __init__(self, text: str) -> None:
        self._compiled = re.compile(text)
        self._linear = LinearPattern(self._compiled)
        self._repeats = len([piece for piece in _PIECE.findall(text) if _REPEAT.match(piece)])
        self._spent = 0.0

    @property
    def pattern(self) -> str:
        """The expression as it was written."""
        return self._compiled.pattern

    @property
    def groupindex(self) -> dict[str, int]:
        """The number of each named group."""
        return dict(self._compiled.groupindex)

    @property
    def groups(self) -> int:
        """The number of groups."""
        return self._compiled.groups

    def search(self, text: str) -> re.Match[str] | Found | None:
        """Return the first match."""
        # Each repetition, and the start, may stand at every place that is not before the one ahead of it.
        steps = math.comb(len(text) + self._repeats + 1, self._repeats + 1)
        if steps > MOST_STEPS or self._spent > MOST_SECONDS:
            return self._linear.search(text)
        start = time.perf_counter()
        found = self._compiled.search(text)
        self._spent += time.perf_counter() - start
        return found

    def fullmatch(self, text: str) -> Found | None:
        """Return the match of the whole text."""
        return self._linear.search(text, whole=True)


def why_refused(text: str, repeats_allowed: int = MAX_REPEATS) -> str:
    """Return why a pattern is not searched for; empty if it is."""
    slow = _why_slow(text, repeats_allowed)
    if slow:
        return slow
    try:
        CallersPattern(text)
    except UnsupportedError:
        return "flags, conditions on what stands around, and repetitions of nothing or very many times are not allowed"
    except (re.error, RecursionError, OverflowError) as error:
        return f"it is not a regular expression: {error}"
    return ""


def _why_slow(text: str, repeats_allowed: int) -> str:
    """Return why searching for a pattern could take exponential time; empty if it cannot."""
    if re.search(r"\(\?P=|\(\?\(|\\[1-9]", text):
        return "references to groups are not allowed"
    repeats = 0
    branching = [False]  # by open group: whether it can match in several ways
    closed = False  # whether the group that was just closed can
    for piece in _PIECE.findall(text):
        if closed and _COUNT.match(piece) and piece[0] != "?":
            return "a repetition, or a choice, inside a repetition is not allowed"
        closed = False
        if piece == "(":
            branching.append(False)
        elif piece == ")":
            closed = branching.pop() if len(branching) > 1 else False
            branching[-1] = branching[-1] or closed
        elif piece in ("|", "?", "??", "?+") or _REPEAT.match(piece):
            branching[-1] = True
            repeats += _REPEAT.match(piece) is not None
    return f"more than {repeats_allowed} repetitions are not allowed" if repeats > repeats_allowed else ""
