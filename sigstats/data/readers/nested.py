"""Numbers in nested mappings, such as model -> seed -> level -> value: one row for each number."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sigstats.data.readers.model import refused
from sigstats.errors import TableError, option

# What the levels of nesting are, from the outside in, and the value, where the caller does not name them.
USUAL = ("condition", "seed", "knob", "metric")
MAX_DEPTH = 8
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def is_number(text: str) -> bool:
    """Return whether a name is a number."""
    return NUMBER.fullmatch(text) is not None


def is_tree(value: object) -> bool:
    """Return whether mappings are nested to the same depth everywhere, down to numbers."""
    depth = _depth(value)
    return depth is not None and 2 <= depth <= MAX_DEPTH


def _depth(value: object, level: int = 0) -> int | None:
    if not isinstance(value, Mapping):
        number = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
        return 0 if number else None
    if not value or level > MAX_DEPTH:
        return None
    depths = {_depth(each, level + 1) for each in value.values()}
    return None if len(depths) > 1 or None in depths else 1 + int(depths.pop() or 0)


def tree_columns(
    name: str, tree: Mapping[str, Any], names: Sequence[str] | None
) -> tuple[dict[str, list[Any]], tuple[str, ...]]:
    """Return one row for each number in a tree."""
    paths = list(_paths(tree, ()))
    depth = len(paths[0][0])
    metrics = _metrics(paths)
    keys = depth - bool(metrics)
    wanted = keys + (not metrics)
    if names is None and keys != len(USUAL) - 1:
        raise _unnamed(name, paths[0], wanted, metrics)
    used = tuple(names) if names is not None else USUAL[:wanted]
    if len(used) != wanted or len({*used, *metrics}) < len(used) + len(metrics):
        raise _unnamed(name, paths[0], wanted, metrics)
    columns: dict[str, list[Any]] = {each: [] for each in (*used[:keys], *(metrics or used[keys:]))}
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for path, value in paths:
        rows.setdefault(path[:keys], {})[path[-1] if metrics else used[-1]] = value
    for key, values in rows.items():
        for title, part in zip(used[:keys], key, strict=True):
            columns[title].append(part)
        for title in metrics or used[keys:]:
            columns[title].append(values.get(title))
    for title in used[:keys]:
        columns[title] = _keys(columns[title])
    first = " -> ".join(map(repr, paths[0][0]))
    note = (
        f"{name!r}: its levels of nesting were read as {' -> '.join(used[:keys])}, the first being {first}."
    )
    return columns, (() if names is not None else (note,))


def _paths(tree: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _paths(value, (*path, key))
        else:
            yield (*path, key), value


def _metrics(paths: Sequence[tuple[tuple[str, ...], Any]]) -> tuple[str, ...]:
    """Return the innermost names, if they are names of metrics and not levels."""
    inner = tuple(dict.fromkeys(path[-1] for path, _ in paths))
    return () if all(NUMBER.fullmatch(each) for each in inner) else inner


def _keys(texts: list[str]) -> list[Any]:
    """Return the keys of one level of nesting as numbers, if all are; padded whole numbers stay text."""
    if not all(NUMBER.fullmatch(text) for text in texts) or any(
        re.match(r"[+-]?0\d", text) for text in texts
    ):
        return texts
    if all(re.fullmatch(r"[+-]?\d{1,18}", text) for text in texts):
        return [int(text) for text in texts]
    return [float(text) for text in texts]


def _unnamed(
    name: str, first: tuple[tuple[str, ...], Any], wanted: int, metrics: tuple[str, ...]
) -> TableError:
    path, value = first
    example = [*USUAL[:3], "metric"]
    shown = (
        example[:wanted]
        if wanted <= 4
        else [*example[:3], *(f"level{n}" for n in range(wanted - 4)), "metric"]
    )
    if wanted == 3 and not metrics:
        shown = ["seed", "knob", "metric"]
    if wanted == 2:
        shown = ["seed", "knob"] if metrics else ["knob", "metric"]
    message = (
        f"{name!r} is nested {len(path)} deep, as in {' -> '.join(map(repr, path))} -> {value!r}, and nothing says "
        "what the levels of nesting are"
    )
    more = "" if metrics else ", and then the value"
    remedy = f"Name them from the outside in{more}: {option('names', shown)}."
    return refused("NESTED_WITHOUT_NAMES", message, remedy)
