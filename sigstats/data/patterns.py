"""Regular expressions of callers, which may come with somebody else's card and be searched in somebody else's files.

They are those of Python. Some need more time than anybody has on a text of thirty letters, so that the search is given
up after two seconds of processor time (the package `regex` counts them; `re` cannot be stopped).
"""

import re
import time
from collections.abc import Callable
from math import prod
from typing import Any

import regex

from sigstats.errors import OptionError

MOST_SECONDS = 2.0  # of processor time, for all that is searched with one pattern
MOST_COPIES = 10_000  # a part is written out as often as it is asked for, which takes memory

_COUNT = re.compile(r"\{([0-9]*),?([0-9]*)\}")


class CallersPattern:
    """A regular expression that was checked, and whose search comes to an end.

    `option` is the argument that brought it, and `remedy` what else the caller can do; both are for errors
    (`OptionError`).
    """

    def __init__(self, option: str, text: str, *, most_letters: int, remedy: str) -> None:
        self._option, self._remedy = option, remedy
        self._left = MOST_SECONDS
        if len(text) > most_letters:
            raise self._refused(text[:20] + "...", f"it has more than {most_letters} characters")
        try:
            copies = prod(max(int(n) for n in counts if n) for counts in _COUNT.findall(text) if any(counts))
            if copies > MOST_COPIES:
                raise self._refused(
                    text, f"its parts are asked for {copies:,} times, at most {MOST_COPIES:,} may be"
                )
            self._compiled: Any = regex.compile(text)
        except (regex.error, RecursionError, OverflowError, ValueError) as error:
            raise self._refused(text, f"it is not a regular expression: {error}") from None

    @property
    def pattern(self) -> str:
        """The expression as it was written."""
        return str(self._compiled.pattern)

    @property
    def groupindex(self) -> dict[str, int]:
        """The number of each named group."""
        return dict(self._compiled.groupindex)

    @property
    def groups(self) -> int:
        """The number of groups."""
        return int(self._compiled.groups)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match."""
        return self._in_time(self._compiled.search, text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Return the match of the whole text."""
        return self._in_time(self._compiled.fullmatch, text)

    def _in_time(self, search: Callable[..., Any], text: str) -> re.Match[str] | None:
        start = time.process_time()
        try:
            found: re.Match[str] | None = search(text, timeout=max(self._left, 1e-3))
        except TimeoutError:
            raise self._refused(
                self.pattern, f"a search of {text[:40]!r} takes more than {MOST_SECONDS:g} seconds"
            ) from None
        self._left -= time.process_time() - start
        return found

    def _refused(self, text: str, why: str) -> OptionError:
        return OptionError(f"`{self._option}` is {text!r}; {why}. {self._remedy}")
