"""Which keys need to be read one by one: in them, reading a table would refuse, merge or ask something."""

from collections.abc import Sequence

import numpy as np

from sigstats.data.table.cells import ROUNDING, IntArray
from sigstats.data.table.checks import EXACT, NO_SEED, alike
from sigstats.data.table.columns import NO_CONDITION, Sheet
from sigstats.data.table.keyed.local import Local
from sigstats.data.table.keyed.reduce import BoolArray, KeyedCells
from sigstats.data.table.summaries import may_be_summary

NUMBERS = frozenset({"number", "integer", "bool"})
SPARSE, SMALL = 50, 100_000  # cells of a matrix per value, from so many cells on


def reads_at_once(sheet: Sheet) -> bool:
    """Return whether all columns hold what can be read for all keys at once."""
    if sheet.problems or "item" in sheet.columns or sheet.columns["metric"].kind not in NUMBERS:
        return False
    attrs = getattr(sheet.source.native, "attrs", None)
    if isinstance(attrs, dict) and attrs.get("merged"):
        return False
    knob = sheet.columns["knob"].kind
    return knob in NUMBERS or (knob == "ranks" and sheet.order is not None)


def flag_names(sheet: Sheet, cells: KeyedCells, condition: IntArray, seed: IntArray, key: IntArray) -> None:
    """Flag keys with a seed or condition whose name is odd, or all but that of another."""
    schema = sheet.frame.collect_schema()
    for role, codes, names in (
        ("condition", condition, cells.condition_names),
        ("seed", seed, cells.seed_names),
    ):
        if role not in sheet.columns or schema[role].is_numeric():
            continue
        odd = _odd_names(role, names)
        if odd.any():
            cells.flagged[key[odd[codes]]] = True


def _odd_names(role: str, names: Sequence[str]) -> BoolArray:
    none = NO_SEED if role == "seed" else NO_CONDITION
    odd = [name.strip().casefold() in none or (role == "seed" and may_be_summary(name)) for name in names]
    same = {name for group in alike(names, fold=role == "condition") for name in group}
    return np.array([each or name in same for each, name in zip(odd, names, strict=True)], dtype=bool)


def flag_levels(cells: KeyedCells, own: Local, tolerance: float) -> None:
    """Flag keys with one level, with levels that are near each other, or with such as lose digits."""
    values = cells.levels[own.values]
    count = np.bincount(own.keys, minlength=cells.flagged.size)
    cells.flagged[count < 2] = True
    if not values.size:
        return
    cells.flagged[own.keys[np.abs(values) >= EXACT]] = True
    starts = np.flatnonzero(np.r_[True, own.keys[1:] != own.keys[:-1]])
    ends = np.r_[starts[1:], values.size] - 1
    width = np.zeros(cells.flagged.size)
    with np.errstate(over="ignore"):
        width[own.keys[starts]] = values[ends] - values[starts]
        size = np.maximum(np.abs(values[1:]), np.abs(values[:-1]))
        allowed = np.maximum(tolerance * np.minimum(width[own.keys[1:]], size), ROUNDING * size)
        near = (values[1:] - values[:-1] <= allowed) & (own.keys[1:] == own.keys[:-1])
    cells.flagged[own.keys[1:][near]] = True


def flag_conditions(
    cells: KeyedCells, condition: IntArray, key: IntArray, wanted: Sequence[str] | None
) -> None:
    """Flag keys whose conditions are not those that are in use."""
    if wanted is None:
        return
    n = len(cells.condition_names)
    seen = np.zeros((cells.flagged.size, n), dtype=bool)
    seen[key, condition] = True
    there = np.array([name in wanted for name in cells.condition_names], dtype=bool)
    complete = set(wanted) <= set(cells.condition_names)
    cells.flagged[~((seen == there).all(axis=1) & complete)] = True


def flag_sparse(cells: KeyedCells, seeds: Local, levels: Local, condition: IntArray, key: IntArray) -> None:
    """Flag keys whose matrices would be all but empty."""
    n = cells.flagged.size
    rows = np.bincount(seeds.keys, minlength=n) * (int(condition.max(initial=0)) + 1)
    size = rows * np.bincount(levels.keys, minlength=n)
    cells.flagged[(size > SMALL) & (size > SPARSE * np.bincount(key, minlength=n))] = True


def flag_bounds(cells: KeyedCells, bounds: tuple[float, float] | None) -> None:
    """Flag keys with a value outside what was declared."""
    if bounds is not None:
        outside = (cells.value < bounds[0]) | (cells.value > bounds[1])
        cells.flagged[cells.keys()[outside]] = True
