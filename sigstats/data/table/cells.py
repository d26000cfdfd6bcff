"""Cells of a sweep: ids, levels and repeated measurements, as plain arrays.

A *cell* is one (condition, seed, level). Whatever the frame looked like, it arrives here as a short list of
groups, each with the number of its rows, their smallest and largest value, and what is needed for their mean
or median. This module turns labels into ids, floating-point neighbours into one level, and groups into cells.
It knows arrays only; it never sees a frame.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
ObjectArray = npt.NDArray[np.object_]

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
ROUNDING = 4 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableNote:
    """Something that was done to the table when it was read, and that its user should know."""

    code: str  # short stable name, such as "dropped_rows"
    message: str  # one plain sentence with the counts
    count: int  # how many rows, cells, levels or ids are affected

    def __str__(self) -> str:
        """Return the sentence."""
        return self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Rows of a frame, reduced to one entry per distinct (condition, seed, knob), and item where there are items."""

    # condition, seed: positions in `condition_names` and `seed_names`, shape (n,); -1 where the label
    # is missing
    condition: IntArray
    condition_names: tuple[str, ...]  # condition_names, seed_names: ids, sorted
    seed: IntArray
    seed_names: tuple[str, ...]
    knob: FloatArray  # value of the knob, shape (n,); NaN where it is missing or not a number
    rows: IntArray  # rows, count: number of rows, and of rows with a metric, shape (n,)
    count: IntArray
    low: FloatArray  # low, high: smallest and largest metric of the group, shape (n,)
    high: FloatArray
    # partial sums of the metric times `scale`, largest first, shape (n_parts, n); no rows unless a mean
    # is wanted
    parts: FloatArray
    scale: float  # a power of two
    # median of the group, shape (n,), where one is wanted; None where each group is one row
    middle: FloatArray | None
    item: IntArray | None = None  # position in `item_names`, shape (n,), -1 where missing; None without items
    item_names: tuple[str, ...] = ()

    def take(self, keep: npt.NDArray[np.bool_]) -> "Groups":
        """Return the groups for which `keep`, shape (n,), is true."""
        return Groups(
            condition=self.condition[keep],
            condition_names=self.condition_names,
            seed=self.seed[keep],
            seed_names=self.seed_names,
            knob=self.knob[keep],
            rows=self.rows[keep],
            count=self.count[keep],
            low=self.low[keep],
            high=self.high[keep],
            parts=self.parts[:, keep],
            scale=self.scale,
            middle=None if self.middle is None else self.middle[keep],
            item=None if self.item is None else self.item[keep],
            item_names=self.item_names,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One value per (condition, seed, level), and item before items are averaged, sorted in this order."""

    condition: IntArray  # condition, seed, level: positions of the ids and of the level, shape (n,)
    seed: IntArray
    level: IntArray
    value: FloatArray  # the metric, shape (n,)
    count: IntArray  # rows with a metric in the cell, shape (n,)
    differs: npt.NDArray[np.bool_]  # whether those rows disagree, shape (n,)
    group: IntArray  # position of one group of the cell, shape (n,)
    item: IntArray | None = None  # position of the item, shape (n,)


def id_text(value: object) -> str | None:
    """Return the id of one label: text unchanged, whole numbers without a decimal point."""
    if isinstance(value, str):
        return str(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float | np.floating):
        number = float(value)
        if math.isnan(number):
            return None
        whole = number.is_integer() and abs(number) < 2.0**63
        return str(int(number)) if whole else str(value)
    return str(value)


def folded(name: str) -> str:
    """Return a name without what two names of one thing may differ in: blanks, Unicode form and case."""
    return spelled(name).casefold()


def spelled(name: str) -> str:
    """Return a name in one Unicode form, without blanks around it and characters that nobody sees."""
    seen = (letter for letter in unicodedata.normalize("NFC", name) if unicodedata.category(letter) != "Cf")
    return " ".join("".join(seen).split())


def factorized(labels: ObjectArray) -> tuple[IntArray, ObjectArray]:
    """Return places of labels among the distinct ones, -1 where missing, and these in no order."""
    try:
        return pd.factorize(labels, use_na_sentinel=True)
    except TypeError:  # sets, lists and the like, which only their text tells apart
        texts = np.array([*map(id_text, labels), None], dtype=object)[:-1]
        return pd.factorize(texts, use_na_sentinel=True)


def encode(labels: ObjectArray) -> tuple[IntArray, tuple[str, ...]]:
    """Return positions of labels in the sorted tuple of their ids, and that tuple."""
    raw, uniques = factorized(labels)
    texts = [id_text(value) for value in uniques.tolist()]
    names = tuple(sorted({text for text in texts if text is not None}))
    place = {name: position for position, name in enumerate(names)}
    lookup = np.array([-1 if text is None else place[text] for text in texts] + [-1], dtype=np.int64)
    return lookup[raw], names


def parse_numbers(texts: Sequence[str | None]) -> FloatArray:
    """Return the numbers that texts spell, NaN where a text is not a plain decimal number."""
    stripped = [(text or "").strip() for text in texts]
    return np.array(
        [float(text) if NUMBER.fullmatch(text) else math.nan for text in stripped], dtype=np.float64
    )


def merge_levels(values: FloatArray, tolerance: float) -> tuple[FloatArray, IntArray]:
    """Return the levels of a knob, and for each value the position of its level.

    Neighbours are one level when they differ by no more than `tolerance` times the smaller of the range of
    all values and the larger of the two magnitudes, or by rounding error. Chains of neighbours are joined. A
    chain whose two ends differ by more than that is not rounding noise but a fine grid, and stays unchanged. A
    merged level takes the value that is shortest to write, and of those the smallest.
    """
    place = np.arange(values.size)
    if tolerance == 0 or values.size < 2:
        return values, place
    near = _within(values[:-1], values[1:], values, tolerance)
    if not near.any():
        return values, place
    starts = np.flatnonzero(np.r_[True, ~near])
    ends = np.r_[starts[1:], values.size] - 1
    wide = np.repeat(~_within(values[starts], values[ends], values, tolerance), ends - starts + 1)
    place = np.cumsum(np.r_[True, ~near | wide[1:]]) - 1
    first = np.flatnonzero(np.r_[True, np.diff(place) > 0])
    last = np.r_[first[1:], values.size]
    levels = values[first]
    for position in np.flatnonzero(last - first > 1).tolist():
        chain = values[first[position] : last[position]].tolist()
        levels[position] = min(chain, key=lambda value: (len(repr(value)), value))
    return levels, place


def _within(a: FloatArray, b: FloatArray, values: FloatArray, tolerance: float) -> npt.NDArray[np.bool_]:
    """Return whether each ascending pair is closer than the tolerance allows."""
    with np.errstate(over="ignore"):
        size = np.maximum(np.abs(a), np.abs(b))
        allowed = np.maximum(tolerance * np.minimum(values[-1] - values[0], size), ROUNDING * size)
        return np.asarray(b - a <= allowed)


def to_cells(groups: Groups, place: IntArray, n_levels: int, aggregate: str | None) -> Cells:
    """Return one value per cell from groups of which several may fall into one cell."""
    key = (groups.condition * max(len(groups.seed_names), 1) + groups.seed) * n_levels + place
    if groups.item is not None:
        key = key * len(groups.item_names) + groups.item
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.r_[True, np.diff(key) > 0])
    count = np.add.reduceat(groups.count[order], starts)
    low = np.minimum.reduceat(groups.low[order], starts)
    high = np.maximum.reduceat(groups.high[order], starts)
    first = order[starts]
    if aggregate == "mean":
        value = mean_of(np.add.reduceat(groups.parts[:, order], starts, axis=1), count) / groups.scale
    elif aggregate == "median":
        value = median_of(groups.low, key, order, starts) if groups.middle is None else groups.middle[first]
    else:
        value = high if aggregate == "max" else low
    differs = low < high
    return Cells(
        condition=groups.condition[first],
        seed=groups.seed[first],
        level=place[first],
        value=np.where(differs, value, low) + 0.0,
        count=count,
        differs=differs,
        group=first,
        item=None if groups.item is None else groups.item[first],
    )


def mean_of(parts: FloatArray, count: IntArray) -> FloatArray:
    """Return the mean from partial sums, the small ones first."""
    total = parts[-1]
    for part in parts[-2::-1]:
        total = part + total
    return np.asarray(total / count)


def median_of(values: FloatArray, key: IntArray, order: IntArray, starts: IntArray) -> FloatArray:
    """Return the median of each cell from groups of one row each."""
    ranked = values[order][np.lexsort((values[order], key))]
    sizes = np.diff(np.r_[starts, key.size])
    low, high = ranked[starts + (sizes - 1) // 2], ranked[starts + sizes // 2]
    return np.asarray(np.where(low == high, low, low / 2 + high / 2))


def matrices(cells: Cells, n_conditions: int, n_levels: int) -> list[tuple[IntArray, FloatArray]]:
    """Return for each condition its seeds and their (n_seeds, n_levels) matrix."""
    bounds = np.searchsorted(cells.condition, np.arange(n_conditions + 1))
    result = []
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        seeds, row = np.unique(cells.seed[start:stop], return_inverse=True)
        matrix = np.full((seeds.size, n_levels), np.nan)
        matrix[row, cells.level[start:stop]] = cells.value[start:stop]
        result.append((seeds, matrix))
    return result


def matrix_sizes(cells: Cells, n_levels: int) -> int:
    """Return the number of entries that the matrices of all conditions would have."""
    pairs = cells.condition * (int(cells.seed.max(initial=0)) + 1) + cells.seed
    return int(np.unique(pairs).size) * n_levels


def stops_early(matrix: FloatArray) -> tuple[str, int] | None:
    """Return at which end of the knob values are missing, as in runs that were stopped early."""
    missing = np.isnan(matrix)
    total = int(missing.sum())
    if total == 0:
        return None
    top = int(np.logical_and.accumulate(missing[:, ::-1], axis=1).sum())
    bottom = int(np.logical_and.accumulate(missing, axis=1).sum())
    end, count = ("highest", top) if top >= bottom else ("lowest", bottom)
    return (end, count) if count >= 0.75 * total else None
