"""What the fields of a signature may hold, and how it is stored.

A check takes the name of a field and the value in hand. It returns the value as it is stored, or raises a
`SignatureError` that says what is wrong with the value, the rule and the remedy. Which field has which check is
declared in `Signature`, and what several fields say together is checked there.
"""

import datetime as dt
import math
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields
from decimal import Decimal
from itertools import pairwise
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sigstats.data.table.ids import label
from sigstats.errors import READING_OPTIONS, SignatureError, number_in, option, unknown_option, unquoted
from sigstats.shapes import Shape, as_shape
from sigstats.signature.share import Share
from sigstats.stats.looks.joint_law import FEWEST, MOST_LOOKS, MOST_SEEDS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

KnobScale = Literal["linear", "log", "rank", "fraction"]
MetricScale = Literal["linear", "log", "logit"]
DesignChoice = Literal["auto", "repeated", "independent"]
ShortSeeds = Literal["drop", "keep"]
Across = Literal["mean", "each"]
AcrossSeeds = Literal["mean", "majority"]
Aggregate = Literal["mean", "median", "min", "max"]
Correction = Literal["holm", "dunnett", "none"]
Role = Literal["core", "auxiliary", "boundary"]
Expect = Literal["present", "absent"]
Bounds = tuple[float, float] | Literal["none"] | None


class Filters(Mapping[str, Any]):
    """A frozen `where`: column to value, tuple of values, or range.

    Examples
    --------
    >>> Filters({"layer": "last", "step": Filters({"min": 10})})["step"]
    {'min': 10}
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - whatever the column holds
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


MOST_LISTED = 20

Problems = list[tuple[str, str]]
Check = Callable[[str, Any], Any]


def listed(subject: str, messages: Sequence[str]) -> str:
    """Return one message as it is, or several as a list under one head."""
    if len(messages) == 1:
        return messages[0]
    lines = [f"  - {message}" for message in messages[:MOST_LISTED]]
    if len(messages) > MOST_LISTED:
        lines.append(f"  - and {len(messages) - MOST_LISTED} more")
    return f"{subject} has {len(messages)} problems:\n" + "\n".join(lines)


def shown(value: object) -> str:
    """Return a value as Python would write it, shortened if it is long."""
    written = repr(value)
    return written if len(written) <= 100 else f"{written[:94]}...{written[-3:]}"


def held(check: Check, *, outside: bool = False, only_compare: bool = False) -> dict[str, Any]:
    """Return the metadata of a field: its check, and whether it is outside the claim or needs a baseline.

    Outside the claim is what says where the data come from, and what explains or plans it to the readers of a card.
    """
    return {"check": check, "outside": outside, "only_compare": only_compare}


def normalised(given: Mapping[str, Any], checks: Mapping[str, Check]) -> tuple[dict[str, Any], Problems]:
    """Check values one by one; return them as they are stored, and what is wrong with the others."""
    values: dict[str, Any] = {}
    problems: Problems = []
    for key, value in given.items():
        try:
            values[key] = checks[key](key, value)
        except SignatureError as error:
            problems.append((key, str(error)))
    return values, problems


def without_defaults(record: "DataclassInstance") -> dict[str, Any]:
    """Return the fields of a record that differ from their defaults."""
    given = ((each, getattr(record, each.name)) for each in fields(record))
    return {each.name: value for each, value in given if each.default is MISSING or value != each.default}


def text(key: str, value: object) -> str | None:
    """Check text that may be left out."""
    if value is None:
        return None
    if isinstance(value, str) and value.strip():
        return str(value)
    raise SignatureError(
        f"`{key}` is {shown(value)}; it must be text, and not empty. Leave it out for the default."
    )


def texts(key: str, value: object) -> tuple[str, ...]:
    """Check a list of texts, which may be empty; one text is a list of one."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(
        isinstance(each, str) and each.strip() for each in items
    ):
        raise SignatureError(f"`{key}` is {shown(value)}; it must be a list of texts, none empty.")
    return tuple(str(each) for each in items)


def hashes(key: str, value: object) -> tuple[str, ...]:
    """Check a list of SHA-256 hashes, which may be empty."""
    found = texts(key, value)
    for each in found:
        if len(each) != 64 or not set(each) <= set("0123456789abcdef"):
            raise SignatureError(
                f"`{key}` holds {shown(each)}; it must hold hashes of data, as 64 hexadecimal digits each, which "
                "Card.narrowed writes."
            )
    return tuple(dict.fromkeys(found))


def column(key: str, value: object) -> str | None:
    """Check the name of a column, which may be left out."""
    if value is None or (isinstance(value, str) and value.strip()):
        return text(key, value)
    raise SignatureError(
        f"`{key}` is {shown(value)}; it must be the name of a column, as text, and not empty. Leave it out for the "
        "default."
    )


def path(key: str, value: object) -> str | None:
    """Check a path, which may be left out and is kept as text."""
    return text(key, os.fspath(value) if isinstance(value, os.PathLike) else value)


def shape(key: str, value: object) -> Shape:
    """Check a shape."""
    del key
    return as_shape(value)


def labels(key: str, value: object) -> tuple[str, ...] | None:
    """Check the names of conditions: one, several, or None."""
    if value is None:
        return None
    found = elements(value)
    if found is None:
        found = [value]
    named = [label(each) for each in found]
    for each, name in zip(found, named, strict=True):
        if name is None:
            raise SignatureError(
                f"`{key}` holds {shown(each)}; a condition is named by text, a finite number or a truth "
                "value. Write its label as it stands in the table."
            )
    names = [name for name in named if name is not None]
    if not names:
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must name at least one condition. Leave it out for none."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SignatureError(
            f"`{key}` names {', '.join(map(repr, twice))} more than once; name each condition once."
        )
    return tuple(names)


def baseline(key: str, value: object) -> str | None:
    """Check the name of the one condition that others are compared with."""
    found = labels(key, value)
    if found is not None and len(found) > 1:
        raise SignatureError(f"`{key}` names {found}; it must name one condition.")
    return None if found is None else found[0]


def levels(key: str, value: object) -> tuple[str, ...] | tuple[float, ...] | None:
    """Check the levels of the knob: words in their order, or the numbers at which it is planned to run."""
    if value is None:
        return None
    found = elements(value)
    if found and not isinstance(value, AbstractSet) and all(map(is_number, found)):
        return _planned(key, value, found)
    named = [] if found is None or isinstance(value, AbstractSet) else [label(each) for each in found]
    if len(named) < 2 or None in named or len(set(named)) < len(named):
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must list at least two different levels of the knob in their order: words, "
            "as in ['off', 'on'], or the numbers that are planned, as in [1, 10, 100]."
        )
    return tuple(str(each) for each in named)


def _planned(key: str, value: object, found: Sequence[object]) -> tuple[float, ...]:
    numbers = tuple(as_number(key, each) for each in found)
    rising = all(low < high for low, high in pairwise(numbers))
    if len(numbers) < 2 or not rising or not all(map(math.isfinite, numbers)):
        raise SignatureError(
            f"`{key}` is {shown(value)}; planned levels are at least two finite numbers, each above the one before. "
            "List them in ascending order. If the numbers are names whose order you set, write them as text: "
            "['8', '2']."
        )
    return numbers


def looks(key: str, value: object) -> tuple[int, ...] | None:
    """Check the seeds per condition at each planned look at the data, which may be left out."""
    if value is None:
        return None
    found = None if isinstance(value, AbstractSet) else elements(value)
    counts = [] if found is None else [_count(each) for each in found]
    whole = [each for each in counts if each is not None]
    if not whole or len(whole) < len(counts) or any(low >= high for low, high in pairwise(whole)):
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must list the number of seeds per condition at each planned look at the "
            f"data, each above the one before, as in {option(key, [3, 5, 8])}.{_as_numbers(key, value)}"
        )
    if whole[0] < FEWEST or whole[-1] > MOST_SEEDS or len(whole) > MOST_LOOKS:
        raise SignatureError(
            f"`{key}` is {shown(value)}; at most {MOST_LOOKS} looks can be planned, at {FEWEST} to {MOST_SEEDS} seeds: "
            f"fewer than {FEWEST} claim nothing. Plan fewer looks, as in [3, 5, 8]."
        )
    return tuple(whole)


SEEDS_OF = ("treatment", "control")


def seeds(key: str, value: object) -> int | Filters | None:
    """Check the planned number of seeds: of every condition, or of treatment and control."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        counts = {name: _count(each) for name, each in value.items()}
        if counts and set(counts) <= set(SEEDS_OF) and None not in counts.values():
            return Filters({name: counts[name] for name in SEEDS_OF if name in counts})
    elif (count := _count(value)) is not None:
        return count
    raise SignatureError(
        f"`{key}` is {shown(value)}; it must be a whole number of seeds for each condition, as in "
        f"{option(key, 5)}, or one for treatment and one for control, as in "
        f"{option(key, {'treatment': 5, 'control': 8})}."
    )


def _count(value: object) -> int | None:
    """Return a whole number above 0; None if it is none."""
    whole = is_number(value) and math.isfinite(number := as_number("", value)) and number == int(number)
    return int(number) if whole and number >= 1 else None


def is_number(value: object) -> bool:
    """Return whether a value is a number, and no truth value."""
    return isinstance(value, (Real, Decimal)) and not isinstance(value, (bool, np.bool_))


def cost(key: str, value: object) -> float | None:
    """Check the cost of one run, which may be left out."""
    if value is None:
        return None
    number = as_number(key, value)
    if 0 < number < math.inf:
        return number
    raise SignatureError(
        f"`{key}` is {shown(value)}; it must be a finite number above 0, such as the hours that one run takes."
    )


def population(key: str, value: object) -> tuple[str, ...]:
    """Check what would be drawn anew: runs, items or both."""
    named = [value] if isinstance(value, str) else elements(value)
    if not named or any(each not in ("seed", "item") for each in named) or len(set(named)) < len(named):
        raise SignatureError(
            f"`{key}` is {shown(value)}; it says what the claim generalises over: 'seed' (new runs, these items), "
            "'item' (new items, these runs) or ['seed', 'item'] (both new)."
        )
    return tuple(sorted(named, reverse=True))


def elements(value: object) -> list[Any] | None:
    """Return the elements of a list-like value in a fixed order; None if it is not list-like."""
    if isinstance(value, AbstractSet):
        return sorted(value, key=lambda each: (label(each) or "", repr(each)))
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return list(value)
    if hasattr(value, "tolist") and getattr(value, "ndim", 1) == 1:
        return list(value.tolist())
    return None


def as_number(key: str, value: object) -> float:
    """Return a number as float, however large it is."""
    if isinstance(value, bool) or not isinstance(value, (Real, Decimal)):
        raise SignatureError(f"`{key}` is {shown(value)}; it must be a number.{_as_number(key, value)}")
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _as_number(key: str, value: object) -> str:
    """Return how a number that was given as text is given."""
    return unquoted(key, value) or (" Give a number, not a word." if isinstance(value, str) else "")


def _as_numbers(key: str, value: object) -> str:
    """Return how a list of numbers that were given as text is given; empty if they are none."""
    parts = value.split(",") if isinstance(value, str) else elements(value)
    numbers = [number_in(each) if isinstance(each, str) else each for each in parts or ()]
    if not any(isinstance(each, str) for each in parts or ()) or None in numbers:
        return ""
    return f" Write {option(key, numbers)}, without quotes."


def between(low: float, high: float, remedy: str) -> Callable[[str, object], float]:
    """Return the check of a number in an open range."""

    def check(key: str, value: object) -> float:
        number = as_number(key, value)
        if low < number < high:
            return number
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must be a number in ({low:g}, {high:g}). {remedy}"
        )

    return check


def min_effect(key: str, value: object) -> float | None:
    """Check the smallest effect, which may be left out."""
    if value is None or isinstance(value, Share):
        return value
    if (
        isinstance(value, str)
        and re.fullmatch(r"\s*\d+(\.\d*)?\s*%\s*", value)
        and float(value.strip()[:-1]) > 0
    ):
        return Share(float(value.strip()[:-1]) / 100)
    if isinstance(value, str) and "%" in value:
        raise SignatureError(
            f"`{key}` is {shown(value)}; as a part of the baseline's mean it must be one number above 0 before a "
            'per cent sign, as in "2%".'
        )
    number = as_number(key, value)
    if 0 < number < math.inf:
        return number
    raise SignatureError(
        f"`{key}` is {shown(value)}; it must be a finite number above 0, in units of the metric. The shape "
        "gives the direction; leave `min_effect` out to declare none."
    )


def one_of(*options: str | None) -> Callable[[str, object], str | None]:
    """Return the check of a word that is one of a few; None may be one of them."""
    named = [option for option in options if option is not None]

    def check(key: str, value: object) -> str | None:
        if (value is None and None in options) or (isinstance(value, str) and value in named):
            return None if value is None else str(value)
        raise SignatureError(unknown_option(key, value, named))

    return check


def bounds(key: str, value: object) -> Bounds:
    """Check the bounds of the metric: two numbers, "none", or None where the data show them."""
    if value is None or (isinstance(value, str) and value == "none"):
        return None if value is None else "none"
    ends = elements(value)
    if ends is None or len(ends) != 2:
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must hold the lowest and the highest value that the metric can take, as in "
            f"{option(key, [0, 1])}, or be {option(key, 'none')} for a metric without bounds. Leave it out if the data "
            "show them."
        )
    if any(isinstance(end, str) for end in ends):
        raise SignatureError(
            f"`{key}` is {shown(value)}; its two ends must be numbers.{_as_numbers(key, ends)}"
        )
    low, high = (as_number(key, end) for end in ends)
    if not low < high:
        raise SignatureError(f"`{key}` is {shown(value)}; the first number must be below the second.")
    return (low, high)


def truth(key: str, value: object) -> bool:
    """Check a truth value."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise SignatureError(
        f"`{key}` is {shown(value)}; it must be True or False. {_truly(key, value)}".rstrip()
    )


TRUTHS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def _truly(key: str, value: object) -> str:
    """Return how a truth value that was given as a word or number is given."""
    meant = TRUTHS.get(str(value).strip().casefold())
    quotes = ", without quotes" if isinstance(value, str) else ""
    return "" if meant is None else f"Write {option(key, meant)}{quotes}."


def where(key: str, value: object) -> Filters | None:
    """Check which rows to use, which may be left out."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must map columns to a value, a list of values or a range, as in "
            '{"step": {"min": 10, "max": 90}}. Expressions are not evaluated.'
        )
    for name in value:
        if not isinstance(name, str) or not name:
            raise SignatureError(f"`{key}` names column {shown(name)}; a column is named by text.")
    return Filters({str(name): _condition(name, wanted) for name, wanted in value.items()}) or None


def _condition(name: str, wanted: object) -> object:
    place = f"`where` for column {shown(name)}"
    if isinstance(wanted, Mapping):
        return _range(place, wanted)
    several = elements(wanted)
    if several is None:
        return _scalar(place, wanted)
    if not several:
        raise SignatureError(f"{place} is an empty list; list at least one value, or leave the column out.")
    return tuple(_scalar(place, each) for each in several)


def _range(place: str, wanted: Mapping[Any, Any]) -> Filters:
    unknown = [key for key in wanted if key not in ("min", "max")]
    if unknown or not wanted:
        raise SignatureError(
            f"{place} is {shown(dict(wanted))}; a range has `min`, `max` or both, and nothing else."
        )
    ends = {key: _scalar(place, wanted[key]) for key in ("min", "max") if key in wanted}
    if any(isinstance(end, (str, bool)) for end in ends.values()):
        raise SignatureError(f"{place} is {shown(dict(wanted))}; the ends of a range are numbers or dates.")
    try:
        reversed_ = len(ends) == 2 and ends["min"] > ends["max"]
    except TypeError as error:
        raise SignatureError(f"{place} is {shown(dict(wanted))}; both ends must be of one kind.") from error
    if reversed_:
        raise SignatureError(
            f"{place} is {shown(dict(wanted))}; `min` must not be above `max`. Exchange them."
        )
    return Filters(ends)


def _scalar(place: str, value: object) -> Any:  # noqa: ANN401 - whatever the column holds
    if isinstance(value, np.datetime64) and not np.isnat(value):
        value = value.astype("datetime64[us]").item()
    elif isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        raise SignatureError(
            f"{place} is nan, which equals nothing; rows without a number are dropped anyway."
        )
    if isinstance(value, (str, bool, int, float, dt.date, dt.time)):
        return value
    raise SignatureError(
        f"{place} holds {shown(value)}; it must be text, a number, a truth value or a date. Expressions are "
        "not evaluated."
    )


RUNS_OPTIONS = (
    "after", "align", "at", "censored", "count_from", "format", "grid", "levels", "missing", "pattern", "step",
    "unfinished",
)  # fmt: skip


def runs(key: str, value: object) -> Filters | None:
    """Return how training runs become rows; what the options mean is checked when the runs are read."""
    return _options(key, value, RUNS_OPTIONS, _runs_value, example="{'at': 'last'}")


def read(key: str, value: object) -> Filters | None:
    """Return how a table is read; what the options mean is checked when it is."""
    return _options(key, value, READING_OPTIONS, _read_value, example="{'decimal': ','}")


def _options(
    key: str,
    value: object,
    known: Collection[str],
    checked: Callable[[str, str, object], object],
    *,
    example: str,
) -> Filters | None:
    """Return options of a reader by name; None where there are none."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise SignatureError(f"`{key}` is {shown(value)}; it must map options to values, as in {example}.")
    unknown = [each for each in value if each not in known]
    if unknown:
        raise SignatureError(unknown_option(f"{key} option", unknown[0], known))
    return Filters({str(each): checked(key, each, given) for each, given in value.items()}) or None


def _read_value(key: str, option: str, given: object) -> object:
    """Return an option of `read`: text, or a list of texts."""
    parts = elements(given)
    if not all(isinstance(each, str) for each in ([given] if parts is None else parts)):
        raise SignatureError(f"`{key}` has {option} = {shown(given)}; it must be text, or a list of texts.")
    return given if parts is None else tuple(parts)


def _runs_value(key: str, option: str, given: object) -> object:
    """Return an option of `runs`: text, a number, or a list of these."""
    parts = elements(given)
    plain = [given] if parts is None else parts
    if not all(isinstance(each, str | int | float | np.number | None) for each in plain):
        raise SignatureError(
            f"`{key}` has {option} = {shown(given)}; it must be text, a number or a list of these."
        )
    return given if parts is None else tuple(plain)
