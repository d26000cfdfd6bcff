"""Errors and warnings of sigstats.

Every error raised on purpose derives from `SigstatsError`:

    SigstatsError
    ├── InputError (ValueError)         something handed in cannot be used
    │   ├── TableError                  the sweep table: codes, columns, first rows, remedies
    │   ├── SignatureError              the signature or one of its fields
    │   │   └── KeywordError (TypeError)    a keyword that a function does not take; the nearest one
    │   ├── CardError                   a card file: place in the file, nearest right spelling
    │   ├── StudiesError                studies that cannot be put together: the field and both values
    │   └── OptionError                 an option of a function (method, alternative, rng ...)
    ├── UnreliableError (ArithmeticError) a number was sought by simulation that cannot vouch for it
    ├── WorkerError (RuntimeError)      a process that worked on a part was ended; there is no answer
    ├── OutputError (OSError)           a file could not be written; nothing was left half written
    └── MissingExtraError (ImportError) an optional dependency is absent; names the extra

An error is never a verdict. A message has three parts: what was wrong with the value in hand, the rule,
and the remedy.
"""

import contextlib
import functools
import inspect
import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
Place = Literal["python", "shell", "card"]
# Where the caller would type a remedy, and the options of `read_sweep`, which a card holds in a table of their own.
_PLACE: ContextVar[tuple[Place, str | None, Mapping[str, object]]] = ContextVar(
    "place", default=("python", None, MappingProxyType({}))
)
READING_OPTIONS = (
    "comment", "decimal", "delimiter", "encoding", "kind", "missing", "names", "part", "thousands", "units",
)  # fmt: skip
# What is never suggested for the other; and by how much the nearest word must be nearer to be the only one.
OPPOSITES = (
    {"increasing", "decreasing"}, {"convex", "concave"}, {"higher", "lower"}, {"above", "below"}, {"peak", "valley"},
    {"min", "max"}, {"present", "absent"}, {"repeated", "independent"},
)  # fmt: skip
CLEARLY = 0.1
_NUMBER = re.compile(
    r"\s*([+-]?[0-9]{1,300}(?:[.,][0-9]{0,300})?(?:[eE][+-]?[0-9]{1,2})?)\s*(%?)\s*", re.ASCII
)
# Keywords of other packages, and what stands for them here.
KEYWORDS_ELSEWHERE = {
    "alternative": "The shape says the direction, as in shape='increasing' or shape='decreasing'.",
    "level": "Error rates are given as `alpha`: 0.05 goes with intervals of 90 %.",
    "hue": "The conditions are in the column `condition`.",
}
ONE_WORD = ("bounds", "levels", "looks")  # lists that the command line takes as one word, such as 0,1


class SigstatsError(Exception):
    """Root of all errors raised on purpose by sigstats."""


class InputError(SigstatsError, ValueError):
    """Something handed in cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a sweep table.

    Attributes
    ----------
    code : str
        Short stable name in capitals, such as ``"MISSING_COLUMN"``.
    column : str or None
        The column it was found in, by the user's own name.
    message : str
        What is wrong with the value in hand, and the rule.
    remedy : str
        What to do about it.
    rows : tuple of int
        Positions (from 0) of the first offending rows, at most five.
    """

    code: str
    column: str | None
    message: str
    remedy: str
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        """Return the problem as one line."""
        where = f" (first rows: {', '.join(map(str, self.rows))})" if self.rows else ""
        return f"{self.code}: {self.message}{where}. {self.remedy}"


class TableError(InputError):
    """The sweep table cannot be used; every problem found is listed at once.

    Attributes
    ----------
    problems : tuple of Problem
        All problems, in the order in which they were found.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "the table has a problem" if count == 1 else f"the table has {count} problems"
        super().__init__(head + ":\n" + "\n".join(f"  - {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[type["TableError"], tuple[tuple[Problem, ...]]]:
        """Pickle by the problems, from which the message is made again."""
        return (type(self), (self.problems,))


class SignatureError(InputError):
    """A signature, or one of its fields, makes no sense."""


class KeywordError(SignatureError, TypeError):
    """A function was given a keyword that it does not take; the message names the nearest one."""


class CardError(InputError):
    """A card file cannot be used; the message names the place in the file."""


class StudiesError(InputError):
    """Studies cannot be put together, or one of them holds no effect.

    Attributes
    ----------
    field : str
        What is in the way, such as ``"metric"`` or ``"data_hash"``.
    values : tuple
        What the studies have there.
    """

    def __init__(self, message: str, *, field: str, values: tuple[object, ...]) -> None:
        self.field, self.values = field, values
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the field and its values."""
        return (_studies_error, (str(self), self.field, self.values))


def _studies_error(message: str, field: str, values: tuple[object, ...]) -> StudiesError:
    """Return the error again, from what was pickled."""
    return StudiesError(message, field=field, values=values)


class OptionError(InputError):
    """An option of a function has a value that it does not take."""


class UnreliableError(SigstatsError, ArithmeticError):
    """A number was sought by simulation, and the simulation cannot vouch for it; there is no number."""


class WorkerError(SigstatsError, RuntimeError):
    """A process that worked on a part of the answer was ended before it was done; there is no answer."""


class OutputError(SigstatsError, OSError):
    """A file could not be written; nothing was overwritten or left half written."""


class MissingExtraError(SigstatsError, ImportError):
    """An optional dependency is not installed."""


def did_you_mean(given: str, options: Iterable[str]) -> str:
    """Return a hint such as ``Did you mean 'metric'?``, or an empty string."""
    near = _near(given, list(options))
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else ""


def nearest(given: str, options: Iterable[str]) -> str | None:
    """Return the one option that a word is all but equal to; None if there is none, or more than one."""
    near = _near(given, list(options))
    return near[0] if len(near) == 1 else None


def _near(given: str, available: list[str]) -> list[str]:
    """Return at most two options that a word is close to: one if only its case differs, never one and its opposite."""
    import difflib

    same = [option for option in available if _plain(option) == _plain(given)]
    part = [option for option in available if _plain(given) in _plain(option).split("_")]
    if len(same) == 1 or 0 < len(part) <= 2:
        return same if len(same) == 1 else part
    near = difflib.get_close_matches(given, available, n=2, cutoff=0.6) or difflib.get_close_matches(
        given.casefold(), available, n=2, cutoff=0.6
    )
    if len(near) < 2:
        return near
    first, second = (difflib.SequenceMatcher(None, option, given.casefold()).ratio() for option in near)
    if set(near) in OPPOSITES:
        return near[:1] if first > second else []
    return near[:1] if first - second > CLEARLY else near


def _plain(word: str) -> str:
    """Return a word without case, and with one sign between its parts."""
    return "_".join(word.casefold().replace("-", " ").replace("_", " ").split())


def unknown_option(
    name: str, given: object, options: Iterable[str], also_called: Mapping[str, Iterable[str]] | None = None
) -> str:
    """Return the wording for an option that does not exist; `also_called` are other words for options."""
    allowed = tuple(sorted(options))
    hint = ""
    if isinstance(given, str):
        meant = list(map(repr, meant_by(given, also_called or {})))
        hint = f"Did you mean {' or '.join(meant)}?" if meant else did_you_mean(given, allowed)
    return f"`{name}` is {given!r}; it must be one of {allowed}. {hint}".rstrip()


def unknown_keyword(name: str, known: Iterable[str]) -> KeywordError:
    """Return the error for a keyword that a function does not take."""
    names = tuple(known)
    hint = KEYWORDS_ELSEWHERE.get(name) or did_you_mean(name, names) or f"The keywords are {names}."
    return KeywordError(f"there is no keyword {name!r}. {hint}")


def knows_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse a keyword that a function does not take, with the nearest one that it does."""
    known = [
        each.name
        for each in inspect.signature(function).parameters.values()
        if each.kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        and each.name != "self"
    ]

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in known:
                raise unknown_keyword(name, known)
        return function(*args, **kwargs)

    return checked


def knows_fields(cls: type[T]) -> type[T]:
    """Let a dataclass refuse a keyword that is no field of it, as functions do."""
    setattr(cls, "__init__", knows_keywords(cls.__init__))  # noqa: B010 - type checkers refuse the plain form
    return cls


def meant_by(word: str, also_called: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the options that a word is another word for, sorted."""
    plain = " ".join(word.casefold().replace("_", " ").replace("-", " ").split())
    return sorted(each for each, words in also_called.items() if plain in words)


def missing_extra(package: str, extra: str, purpose: str) -> MissingExtraError:
    """Return the error for an optional dependency that is absent."""
    return MissingExtraError(
        f"{purpose} needs {package}, which is not installed. Install it with: pip install 'sigstats[{extra}]'"
    )


@contextlib.contextmanager
def remedies_for(
    place: Place, file: str | None = None, reading: Mapping[str, object] | None = None
) -> Iterator[None]:
    """Word the remedies of errors for a place - Python, a shell, or a card - and for a file and how it is read."""
    token = _PLACE.set((place, file, reading or {}))
    try:
        yield
    finally:
        _PLACE.reset(token)


def place_of_caller() -> Place:
    """Return where the caller would type a remedy."""
    return _PLACE.get()[0]


def file_of_caller() -> str | None:
    """Return the file that the caller named, if that is known."""
    return _PLACE.get()[1]


def reading_of_caller() -> Mapping[str, object]:
    """Return the options of `read_sweep` with which the caller's file is read."""
    return _PLACE.get()[2]


def option(name: str, value: object) -> str:
    """Return how the caller gives an option, such as ``decimal=','`` or ``--decimal ,``."""
    place = place_of_caller()
    if place == "shell":
        return " ".join(f"--{name.replace('_', '-')} {_quoted(each)}" for each in _as_words(name, value))
    if place == "card":
        inner = f"{name} = {_as_toml(value)}"
        return f"read = {{ {inner} }}" if name in READING_OPTIONS else inner
    return f"{name}={value!r}"


def reading_options(given: Mapping[str, object]) -> str:
    """Return how the caller gives several options of `read_sweep` together."""
    if place_of_caller() == "card":
        return f"read = {_as_toml(given)}"
    return (" " if place_of_caller() == "shell" else ", ").join(
        option(name, value) for name, value in given.items()
    )


def number_in(text: object) -> float | None:
    """Return the number that a text spells, also with a decimal comma or a per cent sign; None if it spells none."""
    found = _NUMBER.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    number = float(found[1].replace(",", ".")) / (100 if found[2] else 1)
    return int(number) if found[1].lstrip("+-").isdigit() and not found[2] else number


def unquoted(name: str, given: object) -> str:
    """Return how a number that was given as text is given as a number, after a space; empty if it is none."""
    number = number_in(given)
    return "" if number is None else f" Write {option(name, number)}, without quotes."


def _quoted(word: str) -> str:
    """Return a word for a shell; signs are quoted, so that a full stop after them is none of them."""
    return (
        word
        if word.replace(",", "x").isalnum() and word[-1] != ","
        else f"'{word}'"
        if shlex.quote(word) == word
        else shlex.quote(word)
    )


def _as_words(name: str, value: object) -> list[str]:
    """Return the values of an option of the command line; filters and lists are one option for each."""
    if isinstance(value, Mapping) and name == "where":
        return [f"{column}={_as_filter(wanted)}" for column, wanted in value.items()]
    if isinstance(value, list | tuple):
        words = [str(each) for each in value]
        return [",".join(words)] if name in ONE_WORD else words
    return [str(value)]


def _as_filter(wanted: Any) -> str:  # noqa: ANN401 - whatever the column holds
    if isinstance(wanted, Mapping):
        return f"{wanted.get('min', '')}..{wanted.get('max', '')}"
    values = wanted if isinstance(wanted, list | tuple) else [wanted]
    odd = set(",\"'")
    return ",".join(
        json.dumps(each, ensure_ascii=False) if isinstance(each, str) and odd & set(each) else str(each)
        for each in values
    )


def _as_key(key: str) -> str:
    """Return a key of TOML, quoted if it must be."""
    bare = key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()
    return key if bare else json.dumps(key, ensure_ascii=False)


def _as_toml(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_as_key(str(key))} = {_as_toml(each)}" for key, each in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_as_toml, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else str(value)
