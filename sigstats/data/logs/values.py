"""Values as logs write them: numbers as text, nested settings, JSON that is not strict.

Settings become flat, with dotted keys. A number written as text is a number. A word for NaN or infinity is that
number in a metric, and stays text in a setting.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.folders import read_bytes
from sigstats.data.logs.model import LogError, Scalar

__all__ = ["as_metric", "as_scalar", "flatten", "json_lines", "read_json"]

MAX_DEPTH = 32
MAX_KEYS = 10_000
MAX_TEXT = 1_000
LARGEST = 1.797e308  # what some databases store for infinity

_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_HALVES = re.compile("[\ud800-\udfff]")
_PADDED = re.compile(r"[+-]?0[0-9]+")
_WORDS: dict[str, Scalar] = {
    "true": True,
    "false": False,
    "none": None,
    "null": None,
    "~": None,
    "inf": math.inf,
    "+inf": math.inf,
    "-inf": -math.inf,
    "infinity": math.inf,
    "-infinity": -math.inf,
}
_NO_NUMBERS = {
    "nan": math.nan,
    "inf": math.inf,
    "+inf": math.inf,
    "-inf": -math.inf,
    "infinity": math.inf,
    "+infinity": math.inf,
    "-infinity": -math.inf,
}


def as_scalar(value: object) -> Scalar:
    """Return a setting as a plain value; text for a number, a truth value or "none" is converted."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if not isinstance(value, str):
        return _as_text(value)
    text = value.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and not _PADDED.fullmatch(text):
        return float(text)
    return _WORDS.get(text.lower(), value[:MAX_TEXT])


def _as_text(value: object) -> str:
    try:
        return json.dumps(value, default=str)[:MAX_TEXT]
    except (ValueError, TypeError, RecursionError):
        return type(value).__name__


def whole_letters(text: str) -> str:
    """Return a text without lone surrogates, which neither files nor frames can hold."""
    if text.isascii():
        return text
    return _HALVES.sub("\ufffd", text)


def as_metric(value: object) -> float | None:
    """Return a measured value as a number, or None if it is not one."""
    if isinstance(value, bool | float):
        return float(value)
    if isinstance(value, int):
        return float(value) if abs(value) < 10**300 else math.inf * (1 if value > 0 else -1)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    return _NO_NUMBERS.get(text.lower())


def flatten(nested: Mapping[Any, Any], prefix: str = "") -> dict[str, Scalar]:
    """Return nested settings as one flat mapping with dotted keys."""
    flat: dict[str, Scalar] = {}
    stack: list[tuple[str, Any, int]] = [(prefix, nested, 0)]
    while stack and len(flat) < MAX_KEYS:
        key, value, depth = stack.pop()
        if isinstance(value, Mapping) and depth < MAX_DEPTH:
            inner = [(f"{key}.{name}" if key else str(name), each, depth + 1) for name, each in value.items()]
            stack.extend(reversed(inner))
        else:
            flat[key[:MAX_TEXT]] = as_scalar(value)
    return flat


def read_json(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return what a JSON file holds; bare NaN and Infinity are numbers."""
    return parse_json(read_bytes(path))


def parse_json(data: bytes) -> Any:  # noqa: ANN401 - whatever the text holds
    """Return what JSON holds; bare NaN and Infinity are numbers."""
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_unique)
    except UnicodeDecodeError:
        raise LogError("BAD_JSON", "is not UTF-8 text") from None
    except RecursionError:
        raise LogError("BAD_JSON", "is nested too deeply") from None
    except ValueError as error:
        raise LogError("BAD_JSON", f"is not valid JSON: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; one key with two values is refused, as either may be meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        first: dict[str, Any] = {}
        for key, value in pairs:
            if repr(first.setdefault(key, value)) != repr(value):
                what = f"gives {key!r} twice, as {first[key]!r:.40} and as {value!r:.40}"
                raise LogError("SAME_KEY", what)
    return found


def json_lines(data: bytes) -> Iterator[tuple[int, Any]]:
    """Yield the number and the content of each line of JSON Lines."""
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, parse_json(line)
        except LogError as error:
            yield number, error
