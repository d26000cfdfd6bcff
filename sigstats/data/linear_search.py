"""Search for a regular expression in time that grows with the text, whatever the expression and the text are.

All ways through the expression are followed side by side, one character after the other, and of two that meet only the
one that Python would have tried first goes on (R. Cox, 2009, "Regular expression matching: the virtual machine
approach"; after K. Thompson, 1968, doi:10.1145/363347.363387). So the answer is that of `re`, which follows one way after
the other and may need as many steps as there are ways.
"""

import importlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

_parser: Any = importlib.import_module("re._parser")  # has no types
MAX_SIZE = 3_000  # instructions, after repetitions by number are written out

_EMPTY_HAS_NO_EDGE = re.fullmatch(r"\B", "") is not None  # since Python 3.14

Test = Callable[[str], bool]
Spans = tuple[int, ...]

_CATEGORIES: dict[str, Test] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda letter: letter.isalnum() or letter == "_",
}


class UnsupportedError(ValueError):
    """The expression has a part for which this search knows no steps."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, with the methods of `re.Match` that are used."""

    text: str
    spans: Spans
    names: dict[str, int]

    def __getitem__(self, group: int) -> str | None:
        """Return the text of a group, or None if it took no part."""
        start, end = self.spans[2 * group : 2 * group + 2]
        return None if min(start, end) < 0 else self.text[start:end]

    def groupdict(self) -> dict[str, str | None]:
        """Return the text of each named group."""
        return {name: self[group] for name, group in self.names.items()}


@dataclass(frozen=True, slots=True)
class _Step:
    """One instruction: what it does, where it goes on, and its letter test or place."""

    kind: str  # "letter", "split", "save", "at", "match"
    to: tuple[int, ...] = ()
    test: Test | None = None
    slot: int = 0
    at: str = ""


class LinearPattern:
    """A compiled expression."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        if pattern.flags & (re.ASCII | re.IGNORECASE | re.LOCALE | re.MULTILINE):
            raise UnsupportedError("flags")
        self._names, self._dotall = dict(pattern.groupindex), bool(pattern.flags & re.DOTALL)
        self._slots = 2 * (pattern.groups + 1)
        self._steps: list[_Step] = []
        self._emit(_Step("save", (1,), slot=0))
        self._sequence(_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
        self._emit(_Step("save", (len(self._steps) + 1,), slot=1))
        self._emit(_Step("match"))

    def search(self, text: str, *, whole: bool = False) -> Found | None:
        """Return the first match, or the one of the whole text."""
        found: Spans | None = None
        threads: list[tuple[int, Spans]] = []
        for at in range(len(text) + 1):
            if found is None and (at == 0 or not whole):
                threads.append((0, (-1,) * self._slots))
            current, threads = self._followed(threads, text, at), []
            for step, spans in current:
                each = self._steps[step]
                if each.kind == "match":
                    if whole and at < len(text):
                        continue
                    found = spans
                    break
                if at < len(text) and each.test is not None and each.test(text[at]):
                    threads.append((each.to[0], spans))
            if not threads and (found is not None or whole):
                break
        return None if found is None else Found(text, found, self._names)

    def _followed(self, threads: Iterable[tuple[int, Spans]], text: str, at: int) -> list[tuple[int, Spans]]:
        """Return the threads that wait for a letter or have matched, in the order in which Python tries them."""
        waiting: list[tuple[int, Spans]] = []
        seen: set[int] = set()
        for thread in threads:
            stack = [thread]
            while stack:
                step, spans = stack.pop()
                if step in seen:
                    continue
                seen.add(step)
                each = self._steps[step]
                if each.kind == "split":
                    stack += [(to, spans) for to in reversed(each.to)]
                elif each.kind == "save":
                    stack.append((each.to[0], (*spans[: each.slot], at, *spans[each.slot + 1 :])))
                elif each.kind == "at":
                    if _stands(each.at, text, at):
                        stack.append((each.to[0], spans))
                else:
                    waiting.append((step, spans))
        return waiting

    def _emit(self, step: _Step) -> int:
        if len(self._steps) >= MAX_SIZE:
            raise UnsupportedError("size")
        self._steps.append(step)
        return len(self._steps) - 1

    def _next(self) -> int:
        return len(self._steps) + 1

    def _sequence(self, parts: Iterable[tuple[Any, Any]]) -> None:
        for kind, value in parts:
            name = str(kind)
            if name == "SUBPATTERN":
                self._group(*value)
            elif name == "BRANCH":
                self._branch(value[1])
            elif name in ("MAX_REPEAT", "MIN_REPEAT"):
                self._repeat(*value, greedy=name == "MAX_REPEAT")
            elif name == "AT":
                self._emit(_Step("at", (self._next(),), at=str(value)))
            else:
                self._emit(_Step("letter", (self._next(),), test=self._letter(name, value)))

    def _group(self, group: int | None, add: int, remove: int, parts: Any) -> None:  # noqa: ANN401 - see _parser
        if add or remove:
            raise UnsupportedError("flags")
        if group is None:
            self._sequence(parts)
            return
        self._emit(_Step("save", (self._next(),), slot=2 * group))
        self._sequence(parts)
        self._emit(_Step("save", (self._next(),), slot=2 * group + 1))

    def _branch(self, choices: list[Any]) -> None:
        ends = []
        for choice in choices[:-1]:
            split = self._emit(_Step("split"))
            self._sequence(choice)
            ends.append(self._emit(_Step("split")))
            self._steps[split] = _Step("split", (split + 1, len(self._steps)))
        self._sequence(choices[-1])
        for end in ends:
            self._steps[end] = _Step("split", (len(self._steps),))

    def _repeat(self, least: int, most: Any, parts: Any, *, greedy: bool) -> None:  # noqa: ANN401 - see _parser
        if parts.getwidth()[0] == 0:
            raise UnsupportedError("repeated nothing")  # what a group then holds differs between versions
        for _ in range(least):
            self._sequence(parts)
        endless = str(most) == "MAXREPEAT"
        splits = []
        for _ in range(1 if endless else most - least):
            splits.append(self._emit(_Step("split")))
            self._sequence(parts)
            if endless:
                self._emit(_Step("split", (splits[-1],)))
        after = len(self._steps)
        for split in splits:
            self._steps[split] = _Step("split", (split + 1, after) if greedy else (after, split + 1))

    def _letter(self, name: str, value: Any) -> Test:  # noqa: ANN401 - see _parser
        match name:
            case "LITERAL":
                return chr(value).__eq__
            case "NOT_LITERAL":
                return chr(value).__ne__
            case "ANY":
                return (lambda _: True) if self._dotall else "\n".__ne__
            case "IN":
                return _one_of(value)
        raise UnsupportedError(name)


def _one_of(parts: list[tuple[Any, Any]]) -> Test:
    """Return the test of a set of letters."""
    negated, tests = False, []
    for kind, value in parts:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                tests.append(chr(value).__eq__)
            case "RANGE":
                tests.append(lambda letter, low=value[0], high=value[1]: low <= ord(letter) <= high)
            case "CATEGORY":
                tests.append(_category(str(value)))
            case other:
                raise UnsupportedError(other)
    known: dict[str, bool] = {}

    def test(letter: str) -> bool:
        if letter not in known:
            known[letter] = any(each(letter) for each in tests) != negated
        return known[letter]

    return test


def _category(name: str) -> Test:
    plain = name.replace("_NOT_", "_")
    if plain not in _CATEGORIES:
        raise UnsupportedError(name)
    test = _CATEGORIES[plain]
    return test if plain == name else lambda letter: not test(letter)


def _stands(what: str, text: str, at: int) -> bool:
    """Return whether a place in the text is the one that an anchor asks for."""
    if what in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
        return at == 0
    if what == "AT_END":
        return at == len(text) or (at == len(text) - 1 and text[at] == "\n")
    if what == "AT_END_STRING":
        return at == len(text)
    if not text:
        return what == "AT_NON_BOUNDARY" and _EMPTY_HAS_NO_EDGE
    word = _CATEGORIES["CATEGORY_WORD"]
    edge = (at > 0 and word(text[at - 1])) != (at < len(text) and word(text[at]))
    return edge == (what == "AT_BOUNDARY")
