"""Which column separates rows that fall into one cell: a condition, a seed or a setting that was forgotten."""

import itertools
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from sigstats.data.table import frames
from sigstats.data.table.cells import factorized
from sigstats.data.table.columns import Sheet
from sigstats.data.table.grouping import clean_metric
from sigstats.data.table.items import ITEM_NAMES
from sigstats.data.table.no_seed import SEEDS
from sigstats.errors import option, place_of_caller

MAX_ROWS = 2_000_000
MAX_COLUMNS = 40
PAIRED = 8
FEW = 12

# Columns whose values recur in every run and were not repeated: time, and repeats of one item.
TIMES = frozenset(
    {"step", "steps", "global_step", "iteration", "iter", "update", "time", "tokens", "layer", "epoch"}
)
REPEATS = frozenset({"epoch", "repeat", "rep", "trial", "attempt", "replicate", "replication", "replica"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Separator:
    """A column that separates rows, and its values."""

    label: object
    codes: Any  # position of each row's value, shape (n,)
    values: list[Any]
    is_label: bool  # whether it holds labels, not numbers
    recurs: bool = False  # whether all values occur in every cell

    @property
    def is_item(self) -> bool:
        """Whether its name says that it holds what was repeated within a run."""
        return str(self.label).lower() in ITEM_NAMES

    @property
    def may_be_item(self) -> bool:
        """Whether it looks like what was repeated within a run: many values, all of which occur in every cell."""
        return self.recurs and len(self.values) > FEW and str(self.label).lower() not in TIMES

    @property
    def chosen(self) -> Any:  # noqa: ANN401 - a label or a number
        """The value that a filter would keep: the first label, or the largest number."""
        return self.values[0] if self.is_label else max(self.values)

    @property
    def may_be_condition(self) -> bool:
        """Whether the values are few enough to be conditions."""
        return self.is_label or len(self.values) <= FEW


def separation(sheet: Sheet) -> str:
    """Return what separates the rows of one cell and how to say so; empty if nothing does."""
    if isinstance(sheet.base, nw.LazyFrame):
        return _items_by_name(sheet) or _unnamed_text(sheet)
    found = _found(sheet)
    if not found:
        return _items_by_name(sheet)
    if any(each.is_item for each in found):
        # Repeats of an item are averaged, whatever tells them apart.
        found = tuple(each for each in found if str(each.label).lower() not in REPEATS)
    named = " and ".join(repr(str(each.label)) for each in found)
    verb = "separate" if len(found) > 1 else "separates"
    how = " and ".join(_remedies(sheet, found))
    return f"column{'s' * (len(found) > 1)} {named} {verb} them: {_give(how)}"


def _give(how: str) -> str:
    """Return how options are given: passed, or written on a card."""
    return f"write on the card {how}" if place_of_caller() == "card" else f"pass {how}"


def _unnamed_text(sheet: Sheet) -> str:
    """Return which columns of text of a lazy frame were not named; whether they separate rows is not computed."""
    schema = sheet.source.frame.collect_schema()
    left = [
        label
        for label in sheet.source.labels
        if label not in sheet.taken() and schema[str(label)] in frames.TEXT
    ]
    if not left or "condition" in sheet.columns:
        return ""
    named = ", ".join(repr(str(label)) for label in left[:5])
    first = option("condition", str(left[0]))
    return (
        f"no role was given to {named}, which may separate them: {_give(first)} if it says what was compared"
    )


def _remedies(sheet: Sheet, found: tuple[Separator, ...]) -> list[str]:
    """Return the options that tell the rows apart; of several columns one can be the condition."""
    has_condition = "condition" in sheet.columns
    parts: list[str] = []
    where: dict[Any, Any] = {}
    for each in found:
        if SEEDS.fullmatch(str(each.label)):
            parts.append(option("seed", str(each.label)))
        elif each.is_item:
            parts.append(option("item", str(each.label)))
        elif each.may_be_item and len(found) == 1:
            other = _other_than_item(each, sheet)
            parts.append(
                f"{option('item', str(each.label))} if it was repeated within a run, or else {other}"
            )
        elif not has_condition and each.may_be_condition:
            parts.append(option("condition", str(each.label)))
            has_condition = True
        else:
            where[str(each.label)] = each.chosen
    return parts + ([option("where", {**sheet.where, **where})] if where else [])


def _other_than_item(column: Separator, sheet: Sheet) -> str:
    if "condition" not in sheet.columns and column.may_be_condition:
        return option("condition", str(column.label))
    return option("where", {**sheet.where, str(column.label): column.chosen})


def _found(sheet: Sheet) -> tuple[Separator, ...]:
    """Return the column, or else the pair of columns, within whose values no cell has two metrics."""
    others = [label for label in sheet.source.labels if label not in sheet.taken()]
    if not others or len(others) > MAX_COLUMNS:
        return ()
    frame = sheet.with_others(others)
    if frame is None or len(frame) > MAX_ROWS or frames.is_opaque(frame.collect_schema()["metric"]):
        return ()
    kept = frame.filter(~clean_metric(sheet.columns["metric"].kind).is_null())
    cell = _combined([_codes(kept[role]) for role in ("condition", "seed", "knob") if role in sheet.columns])
    metric = _codes(kept["metric"])
    candidates = [_separator(label, kept[f"other{place}"]) for place, label in enumerate(others)]
    usable = [each for each in candidates if each is not None and 1 < len(each.values) <= len(kept) / 2]
    usable.sort(key=lambda each: (not each.is_label, len(each.values)))
    for size in (1, 2):
        for chosen in itertools.combinations(usable if size == 1 else usable[:PAIRED], size):
            if _separates(cell, metric, chosen):
                return tuple(replace(each, recurs=_recurs(cell, each)) for each in chosen)
    return ()


def _items_by_name(sheet: Sheet) -> str:
    """Return which column holds items by its name, where no column separates rows because items were repeated."""
    named = [str(label) for label in sheet.source.labels if str(label).lower() in ITEM_NAMES]
    free = [label for label in named if label not in sheet.taken()]
    frame = sheet.with_others(free) if free else None
    if frame is not None:
        free = [label for place, label in enumerate(free) if frame[f"other{place}"].n_unique() > 1]
    return f"column {free[0]!r} tells what was repeated: pass {option('item', free[0])}" if free else ""


def _recurs(cell: Any, column: Separator) -> bool:  # noqa: ANN401 - an array of whole numbers
    """Return whether every cell has every value of a column."""
    pairs = int(_combined([cell, column.codes]).max(initial=-1)) + 1
    return pairs == (int(cell.max(initial=-1)) + 1) * len(column.values)


def _separator(label: object, series: nw.Series[Any]) -> Separator | None:
    """Return a column as codes; None if it cannot hold labels or settings."""
    dtype = series.dtype
    if dtype.is_nested() or series.null_count() or not isinstance(label, str):
        return None
    try:
        codes, values = pd.factorize(_objects(series), sort=False)
    except TypeError:  # lists and arrays, which are no labels
        return None
    plain = [value.item() if isinstance(value, np.generic) else value for value in values.tolist()]
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in plain)
    if not numeric and not all(isinstance(value, str | bool) for value in plain):
        return None
    return Separator(label=label, codes=codes, values=plain, is_label=not numeric)


def _objects(series: nw.Series[Any]) -> "np.ndarray[Any, np.dtype[np.object_]]":
    return np.fromiter(series.to_list(), dtype=object, count=len(series))


def _codes(series: nw.Series[Any]) -> Any:  # noqa: ANN401 - an array of whole numbers
    return factorized(_objects(series))[0] + 1  # a missing value counts as one of its own


def _combined(parts: list[Any]) -> Any:  # noqa: ANN401 - an array of whole numbers
    """Return one code for each combination of codes."""
    total = np.zeros(parts[0].size if parts else 0, dtype=np.int64)
    for part in parts:
        total = pd.factorize(total * (int(part.max(initial=0)) + 1) + part)[0]
    return total


def _separates(cell: Any, metric: Any, chosen: tuple[Separator, ...]) -> bool:  # noqa: ANN401 - arrays
    """Return whether no combination of cell and values has two metrics."""
    parts = _combined([cell, *(each.codes for each in chosen)])
    return int(_combined([parts, metric]).max(initial=-1)) == int(parts.max(initial=-1))
