"""Rows of all keys reduced to cells at once: in the engine of a lazy frame, or by one sort of whole numbers."""

import math
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from sigstats.data.table import cells as _cells
from sigstats.data.table import frames, grouping
from sigstats.data.table.cells import FloatArray, IntArray
from sigstats.data.table.columns import Sheet
from sigstats.data.table.frames import Frame
from sigstats.data.table.grouping import PARTS
from sigstats.data.table.keyed.codes import DENSE, ids_of, number_codes
from sigstats.data.table.keyed.keys import Keys, names_of

BoolArray = npt.NDArray[np.bool_]
# Sums of values on common grids are those on the grids of each key alone, if its largest value is at most
# 2**(SPAN - 3 * bits) times smaller than the largest of all, where each key has less than 2**bits rows.
SPAN = 70
# Keys that are looked at to tell whether rows repeat cells, and how many times as many there must be.
LOOKED_AT, MANY = 5, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedCells:
    """One value per (key, condition, seed, level), sorted in this order."""

    code: IntArray  # all four as one number, strictly ascending, shape (n,)
    value: FloatArray  # the metric, shape (n,)
    condition_names: tuple[str, ...]  # ids, sorted
    seed_names: tuple[str, ...]
    levels: FloatArray  # values of the knob in all keys, ascending
    flagged: BoolArray  # keys that need care, shape (n_keys,)

    @property
    def table(self) -> int:
        """How many codes one key has."""
        return _size(len(self.condition_names), len(self.seed_names), self.levels.size)

    def keys(self) -> IntArray:
        """Return the key of each cell."""
        return self.code // self.table


@dataclass(slots=True, kw_only=True)
class _Groups:
    """Rows, or groups of them that an engine made, of which each has a value."""

    code: IntArray
    low: FloatArray
    high: FloatArray  # the same array where a group is one row
    count: IntArray | None = None  # None where a group is one row
    parts: FloatArray | None = None
    middle: FloatArray | None = None
    scale: float = 1.0


def reduce_keys(sheet: Sheet, keys: Keys, aggregate: str | None) -> KeyedCells:
    """Return the cells of all keys; those in which anything is out of the ordinary are flagged."""
    flagged = np.zeros(len(keys), dtype=bool)
    frame, scale = _grouped(sheet, keys, aggregate, flagged)
    code = keys.of_rows(frame)
    odd = np.zeros(code.size, dtype=bool)
    condition, conditions = _ids(frame, "condition")
    _append(code, condition, len(conditions), odd)
    seed, seeds = _ids(frame, "seed")
    _append(code, seed, len(seeds), odd)
    del condition, seed
    levels, level = _levels(grouping.knob_values(frame["knob"], sheet.columns["knob"]))
    _append(code, level, levels.size, odd)
    del level
    table = _size(len(conditions), len(seeds), levels.size)
    if odd.any():
        flagged[code[odd] // table] = True
    low = grouping.floats_of(frame["low"])
    live = ~(odd | np.isnan(low))
    groups = _Groups(code=code, low=low, high=low, scale=scale)
    if "high" in frame.columns:
        groups.high = grouping.floats_of(frame["high"])
        groups.count = np.asarray(frame["count"].to_numpy(), dtype=np.int64)
        if PARTS[0] in frame.columns:
            groups.parts = np.array([grouping.floats_of(frame[name]) for name in PARTS])
        if "middle" in frame.columns:
            groups.middle = grouping.floats_of(frame["middle"])
    if not live.all():
        _flag_lost(code // (table // max(len(conditions), 1)), live, flagged, len(conditions))
        _take(groups, live)
    del frame, odd, live
    _flag_infinite(groups, table, flagged)
    if aggregate == "mean" and groups.count is None:
        _split(groups, table, flagged)
    code, value, differs = _cells_of(groups, aggregate)
    if aggregate is None and differs is not None:
        flagged[code[differs] // table] = True
    return KeyedCells(
        code=code,
        value=value,
        condition_names=conditions,
        seed_names=seeds,
        levels=levels,
        flagged=flagged,
    )


def _grouped(
    sheet: Sheet, keys: Keys, aggregate: str | None, flagged: BoolArray
) -> tuple[nw.DataFrame[Any], float]:
    """Return rows with their value, or groups of them that a lazy frame's engine makes, and the scale of sums."""
    names = list(names_of(keys.columns))
    roles = [role for role in grouping.KEYS if role in sheet.columns]
    value = grouping.metric_of(sheet.columns)
    lazy = isinstance(sheet.frame, nw.LazyFrame)
    no_median = aggregate == "median" and sheet.frame.implementation in grouping.NO_MEDIAN
    if not lazy or no_median or _seem_distinct(sheet.frame, keys, roles):
        rows = frames.collect(sheet.frame.select(*names, *roles, value))
        return rows.rename({"value": "low"}), 1.0
    frame = sheet.frame.select(*grouping.keys_of(sheet.frame, [*names, *roles]), value)
    value = nw.col("value")
    wanted = [value.count().alias("count"), value.min().alias("low"), value.max().alias("high")]
    scale = 1.0
    if aggregate == "mean":
        sizes = value.abs().max().alias("top"), nw.len().alias("rows")
        found = frames.collect(frame.group_by(*names).agg(*sizes))
        tops, longest = grouping.floats_of(found["top"]), int(found["rows"].to_numpy().max(initial=1))
        scale, coarse, fine = grouping.grids(_largest(tops), longest)
        flagged[keys.of_rows(found)] |= _too_small(tops, longest)
        frame = grouping.split(frame, scale, coarse, fine)
        wanted += [nw.col(name).sum().alias(name) for name in PARTS]
    elif aggregate == "median":
        wanted.append(value.median().alias("middle"))
    return frames.collect(frame.group_by(*names, *roles).agg(*wanted)), scale


def _seem_distinct(frame: Frame, keys: Keys, roles: list[str]) -> bool:
    """Return whether rows of a lazy polars frame are cells already, by a few of many keys: no grouping is needed then.

    It would cost more than all the rest. Rows that repeat a cell all the same are merged later.
    """
    if not frame.implementation.is_polars() or len(keys) < LOOKED_AT * MANY:
        return False
    some = np.linspace(0, len(keys) - 1, LOOKED_AT).astype(int)
    places = [each[some] for each in keys.places()]
    among = [
        nw.col(name).is_in([values[place] for place in each])
        for name, values, each in zip(names_of(keys.columns), keys.values, places, strict=True)
    ]
    found = frames.collect(frame.filter(*among).select(*names_of(keys.columns), *roles))
    return bool(found.is_unique().all())


def _ids(frame: nw.DataFrame[Any], role: str) -> tuple[IntArray, tuple[str, ...]]:
    """Return ids of a role; without a condition column, all rows are one treatment."""
    if role in frame.columns:
        return ids_of(frame[role])
    return np.zeros(len(frame), dtype=np.int64), ("treatment",)


def _size(*counts: int) -> int:
    """Return how many codes tell all combinations apart; a role of which nothing is known counts as one."""
    return math.prod(max(count, 1) for count in counts)


def _append(code: IntArray, places: IntArray, n: int, odd: BoolArray) -> None:
    """Make codes tell the places apart as well; one that is missing is odd, and counts as the first."""
    if places.min(initial=0) < 0:
        odd |= places < 0
        places = np.maximum(places, 0)
    code *= max(n, 1)
    code += places


def _levels(knob: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the values of the knob in order, and the place of each row's; -1 where it has none."""
    codes, distinct = number_codes(knob)
    found = np.array(distinct, dtype=float) + 0.0
    finite = np.isfinite(found)
    order = np.argsort(np.where(finite, found, np.inf), kind="stable")[: int(finite.sum())]
    if np.array_equal(order, np.arange(found.size)) and codes.min(initial=0) >= 0:
        return found, codes
    rank = np.full(found.size + 1, -1, dtype=np.int64)
    rank[order] = np.arange(order.size)
    return found[order], rank[codes]


def _flag_lost(pairs: IntArray, live: BoolArray, flagged: BoolArray, n_conditions: int) -> None:
    """Flag keys of which a condition has no value at all; `pairs` number keys and conditions together."""
    size = flagged.size * max(n_conditions, 1)
    lost = (np.bincount(pairs, minlength=size) > 0) & (np.bincount(pairs[live], minlength=size) == 0)
    flagged[np.flatnonzero(lost) // max(n_conditions, 1)] = True


def _flag_infinite(groups: _Groups, table: int, flagged: BoolArray) -> None:
    infinite = np.isinf(groups.low) | np.isinf(groups.high)
    if infinite.any():
        flagged[groups.code[infinite] // table] = True


def _take(groups: _Groups, at: npt.NDArray[Any]) -> None:
    """Keep some of the groups, or put them in another order."""
    same = groups.high is groups.low
    groups.code, groups.low = groups.code[at], groups.low[at]
    groups.high = groups.low if same else groups.high[at]
    groups.count = None if groups.count is None else groups.count[at]
    groups.parts = None if groups.parts is None else groups.parts[:, at]
    groups.middle = None if groups.middle is None else groups.middle[at]


def _largest(tops: FloatArray) -> float:
    finite = tops[np.isfinite(tops)]
    return float(finite.max(initial=0.0))


def _too_small(tops: FloatArray, rows: int) -> BoolArray:
    """Return which keys have values too small for sums on common grids, or so large that these are scaled."""
    exponents, bits = np.frexp(tops)[1], int(np.frexp(float(rows))[1])
    largest = int(np.frexp(_largest(tops))[1])
    return np.asarray((tops > 0) & ((exponents < largest - (SPAN - 3 * bits)) | (largest > 850)))


def _split(groups: _Groups, table: int, flagged: BoolArray) -> None:
    """Split values into parts whose sums do not depend on the order of rows."""
    keys = groups.code // table
    tops, size = np.zeros(flagged.size), np.abs(groups.low)
    np.maximum.at(tops, keys, np.where(np.isfinite(size), size, 0.0))
    rows = int(np.bincount(keys, minlength=1).max(initial=1))
    groups.scale, coarse, fine = grouping.grids(_largest(tops), rows)
    flagged |= _too_small(tops, rows)
    with np.errstate(invalid="ignore", over="ignore"):
        groups.parts = grouping.split_values(groups.low * groups.scale, coarse, fine)


def _scattered(groups: _Groups) -> tuple[IntArray, FloatArray] | None:
    """Return codes and values in order, without a sort, where each cell is one row and few cells are missing."""
    code = groups.code
    if groups.high is not groups.low:
        return None
    size = int(code.max()) + 1
    if size > DENSE * code.size:
        return None
    seen = np.zeros(size, dtype=bool)
    seen[code] = True
    found = np.flatnonzero(seen)
    if found.size < code.size:
        return None
    values = np.empty(size)
    values[code] = groups.low
    return found, values[found] + 0.0


def _cells_of(groups: _Groups, aggregate: str | None) -> tuple[IntArray, FloatArray, BoolArray | None]:
    """Return codes, values, and which cells hold rows that disagree; None where each cell is one row."""
    ascending = bool((groups.code[1:] > groups.code[:-1]).all())
    if ascending and groups.high is groups.low:
        return groups.code, groups.low + 0.0, None
    if not ascending:
        dense = _scattered(groups)
        if dense is not None:
            return *dense, None
        _take(groups, np.argsort(groups.code, kind="stable"))
    new = np.r_[True, groups.code[1:] != groups.code[:-1]][: groups.code.size]
    starts = np.flatnonzero(new)
    low, high = np.minimum.reduceat(groups.low, starts), np.maximum.reduceat(groups.high, starts)
    value = low
    if aggregate == "mean" and groups.parts is not None:
        sizes = np.diff(np.r_[starts, groups.code.size])
        count = sizes if groups.count is None else np.add.reduceat(groups.count, starts)
        value = _cells.mean_of(np.add.reduceat(groups.parts, starts, axis=1), count) / groups.scale
    elif aggregate == "median" and groups.middle is None:
        value = _cells.median_of(groups.low, groups.code, np.arange(groups.code.size), starts)
    elif aggregate == "median" and groups.middle is not None:
        value = groups.middle[starts]
    elif aggregate == "max":
        value = high
    differs = low < high
    return groups.code[starts], np.where(differs, value, low) + 0.0, differs
