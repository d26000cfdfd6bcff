"""Items within runs, such as test questions: which of them all cells have, and a cell's mean over these."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sigstats.data.table.cells import Cells, FloatArray, Groups, IntArray, TableNote
from sigstats.data.table.columns import Sheet
from sigstats.data.table.frames import plural, shorten
from sigstats.errors import Problem, TableError, option

SHARED = 0.5  # of the items of the run or cell with most of them, that all must share


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Which items were seen in which units (runs or cells): each pair once."""

    unit: IntArray  # shape (n_pairs,)
    item: IntArray
    n_units: int
    n_items: int

    @property
    def common(self) -> npt.NDArray[np.bool_]:
        """Whether every unit has the item, shape (n_items,)."""
        return np.asarray(self._units_per_item == self.n_units)

    @property
    def too_few(self) -> bool:
        """Whether the items that all units have are fewer than half of those of the unit with most."""
        return bool(self.common.sum() < SHARED * np.bincount(self.unit).max())

    @property
    def worst(self) -> int:
        """The unit that has least in common with the others."""
        popular = self._units_per_item >= (self.n_units + 1) // 2
        return int(np.bincount(self.unit, weights=popular[self.item], minlength=self.n_units).argmin())

    @property
    def _units_per_item(self) -> IntArray:
        return np.bincount(self.item, minlength=self.n_items)


def left_out(seen: Seen, unit: str) -> tuple[TableNote, ...]:
    """Return a note on the items that some unit lacks, if there are any."""
    known = int(np.unique(seen.item).size)
    lost = known - int(seen.common.sum())
    if not lost:
        return ()
    message = f"Left out {plural(lost, 'item')} of {known} that some {unit} lacks."
    return (TableNote(code="items_left_out", message=message, count=lost),)


def over_items(sheet: Sheet, live: Groups, cells: Cells, levels: FloatArray, aggregate: str) -> Cells:
    """Return one value per (condition, seed, level): the mean over the items that all of them have."""
    items = cells.item if cells.item is not None else np.zeros(cells.value.size, dtype=np.int64)
    keys = np.stack([cells.condition, cells.seed, cells.level])
    new = np.r_[True, (np.diff(keys, axis=1) != 0).any(axis=0)]
    cell = np.cumsum(new) - 1
    seen = Seen(unit=cell, item=items, n_units=int(new.sum()), n_items=len(live.item_names))
    if seen.too_few:
        raise TableError([_other_items(sheet, live, cells, levels, seen, np.flatnonzero(new))])
    common = seen.common
    n_items, label = int(common.sum()), sheet.columns["item"].label
    kept = common[items]
    starts = np.arange(seen.n_units) * n_items  # every cell has all of the common items
    value = _means(cells.value[kept], starts, n_items)
    repeats = int(cells.count[kept].max())
    if repeats > 1:
        how = "averaged" if aggregate == "mean" else f"reduced to their {aggregate}"
        message = f"Repeated measurements of an item within a cell (up to {repeats}) were {how}."
        sheet.note("repeats_averaged", int((cells.count[kept] > 1).sum()), message)
    sheet.notes += left_out(seen, "cell")
    these = "this item" if n_items == 1 else "these items"
    averaged = f"Averaged over {plural(n_items, 'item')} of {label!r} within each cell"
    message = f"{averaged}; the claim is about new runs on {these}."
    # First, since it says what the claim is about.
    sheet.notes.insert(0, TableNote(code="items_averaged", message=message, count=n_items))
    return replace(
        cells,
        condition=cells.condition[new],
        seed=cells.seed[new],
        level=cells.level[new],
        value=value,
        count=np.add.reduceat(cells.count[kept], starts),
        differs=np.zeros(seen.n_units, dtype=bool),
        group=cells.group[new],
        item=None,
    )


def _means(values: FloatArray, starts: IntArray, size: int) -> FloatArray:
    """Return the means of blocks of one size; of equal values their value, and of large ones no overflow."""
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    with np.errstate(over="ignore"):
        total = np.add.reduceat(values, starts)
    means = np.where(np.isfinite(total), total / size, np.add.reduceat(values / size, starts))
    return np.asarray(np.where(low < high, means, low) + 0.0)


def _other_items(
    sheet: Sheet, live: Groups, cells: Cells, levels: FloatArray, seen: Seen, first: IntArray
) -> Problem:
    """Return the refusal of cells with different items, with the cell that has least in common with the others."""
    at = first[seen.worst]
    condition, seed = live.condition_names[cells.condition[at]], live.seed_names[cells.seed[at]]
    where = f"condition {shorten(condition)}, seed {shorten(seed)}, level {float(levels[cells.level[at]]):g}"
    return Problem(
        code="ITEMS_DIFFER",
        column=sheet.columns["item"].label,
        message=(
            f"runs were measured on different items: {int(seen.common.sum())} of {np.unique(seen.item).size} are "
            f"common to all cells; {where} has least in common with the others"
        ),
        remedy=(
            "Leave that run out with `where`, or check the labels of the items. If every run has items of its own, "
            f"leave `item` out and pass {option('aggregate', 'mean')}."
        ),
    )
