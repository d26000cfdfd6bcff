"""The cells of a design: each combination of values that moderators take in the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sigstats.data.table import frames
from sigstats.data.table.cells import id_text
from sigstats.data.table.columns import open_sheet
from sigstats.data.table.keyed.keys import in_order
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError, Problem, TableError, did_you_mean
from sigstats.signature.signature import COLUMNS, Signature

MOST_CELLS = 200
Value = Any  # of a moderator: text, a number, true or false
Order = Mapping[str, tuple[Value, ...]]  # the values of each moderator, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderators:
    """What the claim may depend on.

    Attributes
    ----------
    columns : tuple of str
        Their columns.
    ordered : tuple of str
        Those whose values have an order.
    values : mapping
        The values of each, in order.
    """

    columns: tuple[str, ...]
    ordered: tuple[str, ...]
    values: Order


def moderators_of(by: object, ordered: object) -> tuple[tuple[str, ...], dict[str, tuple[Value, ...] | None]]:
    """Return the columns of all moderators, and of the ordered ones their declared order, None for that of numbers."""
    order: dict[str, tuple[Value, ...] | None]
    if isinstance(ordered, Mapping):
        order = {
            str(name): None if values is None else tuple(_names("ordered", values, text=False))
            for name, values in ordered.items()
        }
    else:
        order = dict.fromkeys(_names("ordered", ordered))
    columns = tuple(dict.fromkeys([*_names("by", by), *order]))
    if not columns:
        raise OptionError(
            "`by` names no column; a scope is asked over the values of at least one, as in by=['architecture'], or "
            "ordered='width' where they have an order."
        )
    return columns, order


def _names(option: str, given: object, *, text: bool = True) -> list[Any]:
    if given is None:
        return []
    items = [given] if isinstance(given, str) else given
    if not isinstance(items, Sequence) or (text and not all(isinstance(each, str) for each in items)):
        raise OptionError(f"`{option}` is {given!r}; it must be a column or a list of columns.")
    return list(items)


def cells_of(
    data: Any,  # noqa: ANN401 - see scope
    signature: Signature,
    columns: Sequence[str],
    order: Mapping[str, tuple[Value, ...] | None],
) -> tuple[Moderators, list[dict[str, Value]]]:
    """Return the moderators with their values, and the cells that occur, in order."""
    if isinstance(data, SweepTable):
        raise OptionError(
            "a SweepTable was given, which has no columns beside those of the sweep. Pass the data frame that it was "
            "made of."
        )
    _refuse_roles(signature, columns)
    found = _combinations(data, signature, columns)
    values = {
        column: _ordered(column, [each[at] for each in found], order.get(column), column in order)
        for at, column in enumerate(columns)
    }
    places = {
        column: {id_text(value): place for place, value in enumerate(values[column])} for column in columns
    }
    found.sort(
        key=lambda cell: [places[column][id_text(each)] for column, each in zip(columns, cell, strict=True)]
    )
    moderators = Moderators(columns=tuple(columns), ordered=tuple(order), values=values)
    return moderators, [dict(zip(columns, cell, strict=True)) for cell in found]


def _refuse_roles(signature: Signature, columns: Sequence[str]) -> None:
    """Refuse moderators that are columns of the sweep itself."""
    roles = {getattr(signature, role) or role: role for role in COLUMNS}
    if signature.shape.along is not None:
        roles[signature.shape.along] = "along"
    for column in columns:
        if column in roles:
            hint = " To ask about every treatment, use across='each'." if roles[column] == "condition" else ""
            raise OptionError(
                f"`by` names {column!r}, which is the `{roles[column]}` of the signature; a moderator is a column of "
                f"its own. Leave it out.{hint}"
            )


def _combinations(data: Any, signature: Signature, columns: Sequence[str]) -> list[tuple[Value, ...]]:  # noqa: ANN401
    """Return the combinations of values that occur in the rows that the signature uses."""
    source = frames.adopt(data)
    labels = tuple(map(str, source.labels))
    for column in columns:
        if column not in source.labels:
            raise OptionError(
                f"`by` names {column!r}, which is no column of the data; there are {labels}. "
                f"{did_you_mean(column, labels)}".rstrip()
            )
    named = {f"by{place}": column for place, column in enumerate(columns)}
    frame, filters, problems = open_sheet(source, named, signature.where or {})
    if problems:
        raise TableError(problems)
    kept = frame.filter(*(each.keep for each in filters)) if filters else frame
    rows = frames.collect(kept.select(*named).unique()).rows()
    found = [tuple(map(_plain, row)) for row in rows]
    for at, column in enumerate(columns):
        if any(each[at] is None for each in found):
            message = f"column {column!r} has rows without a value, which belong to no cell"
            remedy = "Fill the values in, or leave these rows out."
            raise TableError(
                [Problem(code="MODERATOR_MISSING", column=column, message=message, remedy=remedy)]
            )
    if len(found) > MOST_CELLS:
        raise OptionError(
            f"`by` makes {len(found)} cells; at most {MOST_CELLS} are judged. A moderator has few values: group "
            f"those of {', '.join(map(repr, columns))}, or leave a column out."
        )
    return list(dict.fromkeys(found))


def _plain(value: object) -> Value:
    """Return a value as plain Python, so that it can stand on a card; None where it is missing."""
    if frames.is_missing(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _ordered(
    column: str, values: Sequence[Value], declared: tuple[Value, ...] | None, is_ordered: bool
) -> tuple[Value, ...]:
    """Return the distinct values of a moderator in their order: declared, of time, of numbers, or of the alphabet."""
    distinct = list(dict.fromkeys(values))
    if declared is not None:
        place = {id_text(each): at for at, each in enumerate(declared)}
        unknown = [each for each in distinct if id_text(each) not in place]
        if unknown:
            raise OptionError(
                f"`ordered` gives {column!r} the order {tuple(declared)}, without {unknown[0]!r}, which occurs in the "
                "data. Add it, or leave its rows out with `where`."
            )
        return tuple(sorted(distinct, key=lambda each: place[id_text(each)]))
    found = in_order(distinct)
    if found is not None:
        return found
    if is_ordered:
        example = f"ordered={{{column!r}: {sorted(map(str, distinct))[:3]}}}"
        raise OptionError(
            f"`ordered` names {column!r}, whose values are words. Declare their order, as in {example}."
        )
    return tuple(sorted(distinct, key=lambda each: str(id_text(each))))
