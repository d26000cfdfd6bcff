"""JSON: records, columns, runs with their history, and nested mappings; JSON Lines, whatever the file is called.

JSON is read strictly: NaN and Infinity, names that occur twice and numbers too large for a float are errors.
"""

import functools
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sigstats.data.readers.model import (
    MAX_COLUMNS,
    Content,
    Loaded,
    Options,
    as_frame,
    empty,
    refused,
    too_large,
    too_many_columns,
)
from sigstats.data.readers.nested import is_number, is_tree, tree_columns
from sigstats.data.readers.preamble import BOM, MAX_LINE, utf8
from sigstats.errors import TableError

MAX_CELLS = 50_000_000
MAX_DEPTH = 8
BLOCK = 1_000  # lines or rows that are gone through at a time
NAMED = b'":'  # ends a name, where there is no space between name and colon
SPACED = (b'" ', b'"\t', b'"\r')
MARK = b'"a line ends here"'
SETTINGS = frozenset(
    {"config", "params", "hparams", "args", "settings", "hyperparameters", "hyper_parameters"}
)

NESTED = frozenset({dict, list})

# Text with every digit, and the point, as 0: only where one of these is found can a number be too large for a float.
DIGITS = bytes.maketrans(b"123456789.E", b"0000000000e")
LARGE = (b"0" * 200, b"e000", b"e+000")
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

Record = dict[str, Any]


class _MisfitError(Exception):
    """A value does not have the form that a table needs."""


def read_json(content: Content, options: Options) -> Loaded:
    """Read JSON or JSON Lines."""
    name = content.name
    data = utf8(content, options.encoding)
    if not data.strip():
        raise empty(name)
    try:
        whole = _loaded(data)
    except (ValueError, RecursionError) as error:
        if not _is_lines(data, error):
            raise _not_json(name, error) from None
        return Loaded(frame=_frame(name, _from_lines(name, data)))
    try:
        return _interpreted(name, whole, options)
    except _MisfitError as error:
        remedy = "Write a list of objects, one for each run and level, or one list of values for each column."
        raise refused("BAD_JSON", f"{name!r} {error}", remedy) from None


def starts_as_json(data: bytes, *, certain: bool) -> bool:
    """Return whether text starts as JSON does; where another kind is likely too, its first line must be JSON."""
    start = data.removeprefix(BOM).lstrip()
    if not start.startswith((b"{", b"[")):
        return False
    try:
        return isinstance(_loaded(start[:MAX_LINE].partition(b"\n")[0]), dict | list)
    except (ValueError, RecursionError):
        return not certain


def _loaded(text: bytes, *, unique: bool = True) -> Any:  # noqa: ANN401 - any JSON
    """Return a JSON value; `unique` is whether names that occur twice are refused."""
    digits = text.translate(DIGITS)
    decoder = _decoder(unique=unique, may_be_large=any(each in digits for each in LARGE))
    value = decoder.decode(text.decode())
    if SURROGATE.search(text):
        _check_whole(value)
    return value


@functools.cache
def _decoder(*, unique: bool, may_be_large: bool) -> json.JSONDecoder:
    """Return the strict decoder; making one for each line would take as long as the line."""
    return json.JSONDecoder(
        object_pairs_hook=_unique if unique else None,
        parse_constant=_no_constant,
        parse_float=_finite if may_be_large else None,
    )


def _check_whole(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Refuse halves of signs, such as an escaped surrogate without its other half, which no frame can hold."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text or name holds half of a surrogate pair, which is no character") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a mapping, unless a name repeats."""
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("a name occurs twice in one object")
    return result


def _no_constant(name: str) -> float:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} is not a JSON number; write null for what is missing")


def _finite(text: str) -> float:
    """Return a number, unless it is too large for a float."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large")
    return number


def _is_lines(data: bytes, error: Exception) -> bool:
    """Return whether text that is not one JSON value holds one in each line."""
    if isinstance(error, json.JSONDecodeError) and error.msg.startswith("Extra data"):
        return True
    first = data.lstrip().partition(b"\n")
    try:
        return bool(first[2].strip()) and isinstance(_loaded(first[0]), dict)
    except (ValueError, RecursionError):
        return False


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]


def _not_json(name: str, error: Exception) -> TableError:
    remedy = "Write one object per line, or one list of objects, with null for what is missing."
    return refused("BAD_JSON", f"{name!r} is not strict JSON: {_reason(error)}", remedy)


def _from_lines(name: str, data: bytes) -> Iterator[Record]:
    """Yield the rows in lines of JSON."""
    lines = [(line, text) for line, text in enumerate(data.split(b"\n"), start=1) if text.strip()]
    unmarked = MARK not in data
    for start in range(0, len(lines), BLOCK):
        block = lines[start : start + BLOCK]
        at_once = _at_once([text for _, text in block]) if unmarked else None
        yield from at_once or _one_by_one(name, block)


def _at_once(lines: list[bytes]) -> list[Record] | None:
    """Return flat objects, one per line, parsed as one list; None where lines must be looked at one by one."""
    # What stands between the lines occurs in none of them, so no value can begin in one and end in another.
    text = b"[" + (b"," + MARK + b",").join(lines) + b"]"
    counted = not any(each in text for each in SPACED)
    try:
        values = _loaded(text, unique=not counted)
        if counted and not _names_once(text, values[::2]):
            values = _loaded(text)
    except (ValueError, RecursionError):
        return None
    rows = values[::2]
    if len(rows) != len(lines) or set(map(type, rows)) != {dict}:
        return None
    if values[1::2] != [json.loads(MARK)] * (len(lines) - 1):
        return None
    inside = itertools.chain.from_iterable(map(dict.values, rows))
    return rows if NESTED.isdisjoint(map(type, inside)) else None


def _names_once(text: bytes, rows: list[Any]) -> bool:
    """Return whether no object can have a name twice: all have the same names, and no more are written."""
    if set(map(type, rows)) != {dict}:
        return False
    alike = set(map(tuple, rows))
    return len(alike) == 1 and text.count(NAMED) == len(next(iter(alike))) * len(rows)


def _one_by_one(name: str, lines: Iterable[tuple[int, bytes]]) -> Iterator[Record]:
    """Yield the rows in numbered lines of JSON."""
    for line, text in lines:
        try:
            value = _loaded(text)
        except (ValueError, RecursionError) as error:
            message = f"line {line} of {name!r} is not strict JSON: {_reason(error)}"
            raise refused(
                "BAD_JSON", message, "Write one object per line, with null for what is missing."
            ) from None
        try:
            yield from _rows_of(value)
        except _MisfitError:
            message = f"line {line} of {name!r} is not a flat object of names and plain values"
            raise refused("BAD_JSON", message, "Write one object per line, without lists.") from None


def _interpreted(name: str, whole: Any, options: Options) -> Loaded:  # noqa: ANN401 - any JSON
    """Return the table that a JSON value is, in the first form that fits."""
    if isinstance(whole, list):
        return Loaded(frame=_frame(name, _from_list(whole)))
    if not isinstance(whole, dict):
        raise _MisfitError("holds one value, not a table")
    if not whole:
        raise empty(name)
    split = _from_split(whole)
    if split is not None:
        return Loaded(frame=_frame(name, split))
    return _as_columns(name, whole) if _is_columns(whole) else _from_object(name, whole, options)


def _from_object(name: str, whole: Mapping[str, Any], options: Options) -> Loaded:
    """Return the table that an object is: lists under the names of conditions, a run, or what its objects are."""
    values = list(whole.values())
    if len(values) > 1 and all(isinstance(each, list) and _is_history(each) for each in values):
        rows = (_with_key("condition", key, row) for key, each in whole.items() for row in _from_list(each))
        note = f"{name!r}: the column 'condition' holds the names of its {len(values)} lists."
        return Loaded(frame=_frame(name, rows), notes=(note,))
    history = _history_of(whole)
    settled = SETTINGS & whole.keys() or not all(isinstance(each, dict) for each in values)
    if history is None and not settled:
        return _from_objects(name, whole, options)
    notes = (f"{name!r}: its rows stand under {history!r}.",) if len(values) == 1 else ()
    return Loaded(frame=_frame(name, _rows_of(whole)), notes=notes)


def _from_objects(name: str, whole: Mapping[str, Any], options: Options) -> Loaded:
    """Return the table that objects under names are: columns as pandas writes them, runs, or nested levels."""
    if options.names is None and _is_pandas(whole):
        columns = {key: list(each.values()) for key, each in whole.items()}
        return _as_columns(name, columns)
    if all(_history_of(each) is not None for each in whole.values()):
        rows = (_with_key("run", key, row) for key, each in whole.items() for row in _rows_of(each))
        return Loaded(frame=_frame(name, rows))
    if is_tree(whole):
        columns, notes = tree_columns(name, whole, options.names)
        return Loaded(frame=as_frame(columns), interpreted=notes)
    if any(isinstance(leaf, list) for each in whole.values() for leaf in each.values()):
        message = f"{name!r} holds lists of numbers, whose places do not say which levels they are"
        remedy = _call_for_lists(name, whole)
        raise refused("BAD_JSON", message, remedy)
    raise _MisfitError("is nested, but not to the same depth everywhere, or not down to numbers")


def _call_for_lists(name: str, whole: Mapping[str, Any]) -> str:
    """Return code that makes a table of lists of numbers under conditions, or under conditions and seeds."""
    first = next(iter(whole.values()))
    inner = next(iter(first.values())) if isinstance(first, dict) and first else first
    read = f"json.loads(pathlib.Path({name!r}).read_text())"
    load = f"Load it with data = {read}, write its levels down, as in levels = [1, 2, 4]"
    if isinstance(inner, dict):
        return (
            f"{load}, and make arrays of its lists: sigstats.from_array({{condition: array}}, knob=levels)."
        )
    if not isinstance(first, dict):
        return f"{load}, and call sigstats.from_array(data, knob=levels)."
    call = "sigstats.from_array({name: list(runs.values()) for name, runs in data.items()}, knob=levels"
    same = all(isinstance(each, dict) and list(each) == list(first) for each in whole.values())
    return f"{load}, and call {call}{f', seeds={list(first)!r}' if same else ''})."


def _with_key(title: str, key: str, row: Record) -> Record:
    """Return a row with the name under which it stood."""
    if title in row and row[title] != key:
        raise _MisfitError(f"has two values of {title!r}: {key!r} and {row[title]!r}")
    return {title: key, **row}


def _is_pandas(whole: Mapping[str, Any]) -> bool:
    """Return whether objects are columns as pandas writes them: each from 0, 1, 2 ... to values."""
    first = [str(place) for place in range(len(next(iter(whole.values()))))]
    return all(
        list(each) == first and all(map(_is_plain, each.values())) for each in whole.values()
    ) and bool(first)


def _is_plain(value: object) -> bool:
    return not isinstance(value, dict | list)


def _is_columns(whole: Mapping[str, Any]) -> bool:
    """Return whether an object holds one list of plain values for each column."""
    lists = [each for each in whole.values() if isinstance(each, list)]
    same = len(lists) == len(whole) and len({len(each) for each in lists}) == 1
    return same and all(_is_plain(value) for each in lists for value in each)


def _as_columns(name: str, columns: Mapping[str, Any]) -> Loaded:
    if len(columns) > MAX_COLUMNS:
        raise too_many_columns(name, len(columns))
    return Loaded(frame=as_frame(columns))


def _from_split(whole: Mapping[str, Any]) -> Iterable[Record] | None:
    """Return the rows of a table with its columns and its data apart."""
    data = whole.get("data")
    if "schema" in whole and isinstance(data, list):
        return _from_list(data)
    heads = whole.get("columns")
    if not (
        isinstance(heads, list) and isinstance(data, list) and set(whole) <= {"columns", "index", "data"}
    ):
        return None
    return _from_list([[str(head) for head in heads], *data])


def _from_list(values: list[Any]) -> Iterator[Record]:
    """Yield the rows in a list: of objects, or of lists below their header."""
    if values and isinstance(values[0], list):
        head = values[0]
        fits = all(isinstance(each, list) and len(each) == len(head) for each in values)
        if not fits or not all(isinstance(each, str) for each in head) or len(set(head)) < len(head):
            raise _MisfitError("is a list of lists without a header, or with rows of other lengths")
        values = [dict(zip(head, each, strict=True)) for each in values[1:]]
    for value in values:
        yield from _rows_of(value)


def _rows_of(value: Any) -> Iterator[Record]:  # noqa: ANN401 - any JSON
    """Yield the rows of an object: one, or one for each entry of its history."""
    if not isinstance(value, dict):
        raise _MisfitError("holds something that is not an object")
    if NESTED.isdisjoint(map(type, value.values())):
        yield value
        return
    history = _history_of(value)
    if history is None:
        yield _flat(value)
        return
    fixed = _flat({key: each for key, each in value.items() if key != history})
    entries = value[history]
    if isinstance(entries, dict):
        entries = [dict(zip(entries, row, strict=True)) for row in zip(*entries.values(), strict=True)]
    for entry in entries:
        row = _flat(entry)
        both = fixed.keys() & row.keys()
        if any(fixed[key] != row[key] for key in both):
            raise _MisfitError(f"has two values of {min(both)!r}: one of the run, one in its {history!r}")
        yield {**fixed, **row}


def _history_of(value: Mapping[str, Any]) -> str | None:
    """Return the name under which a run keeps its rows."""
    found = [key for key, each in value.items() if _is_history(each)]
    return found[0] if len(found) == 1 else None


def _is_history(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, dict) for each in value)
    # Lists under numbers are not columns but values of seeds or levels, whose places say nothing.
    return isinstance(value, dict) and not all(map(is_number, value)) and _is_columns(value)


def _flat(value: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Record:
    """Return an object without nesting; settings keep their own names, others get that of what holds them."""
    if depth > MAX_DEPTH:
        raise _MisfitError(f"is nested more than {MAX_DEPTH} deep")
    flat: Record = {}
    for key, each in value.items():
        if isinstance(each, list):
            raise _MisfitError(f"holds a list under {key!r}, where a plain value should be")
        if not isinstance(each, dict):
            inner = {prefix + key: each}
        else:
            inner = _flat(each, prefix if key in SETTINGS else f"{prefix}{key}.", depth + 1)
        for name, found in inner.items():
            if name in flat:
                raise _MisfitError(f"has two values of {name!r}")
            flat[name] = found
    return flat


def _frame(name: str, rows: Iterable[Record]) -> Any:  # noqa: ANN401 - a pandas frame
    """Return rows as a frame; what a row does not have is missing there."""
    columns: dict[str, list[Any]] = {}
    count = 0
    left = iter(rows)
    while block := list(itertools.islice(left, BLOCK)):
        alike = set(map(tuple, block))
        if len(alike) == 1 and (not count or alike == {tuple(columns)}):
            for key, values in zip(block[0], zip(*map(dict.values, block), strict=True), strict=True):
                columns.setdefault(key, []).extend(values)
        else:
            for at, row in enumerate(block, start=count):
                for key, value in row.items():
                    column = columns.setdefault(key, [])
                    column.extend([None] * (at - len(column)))
                    column.append(value)
        count += len(block)
        if len(columns) > MAX_COLUMNS:
            message = f"{name!r} has more than {MAX_COLUMNS} different keys"
            raise refused("TOO_MANY_COLUMNS", message, "A sweep table is long: one row per run and level.")
        if count * len(columns) > MAX_CELLS:
            raise too_large(name, "makes more cells", MAX_CELLS)
    for column in columns.values():
        column.extend([None] * (count - len(column)))
    if not count:
        raise empty(name)
    return as_frame(columns)
