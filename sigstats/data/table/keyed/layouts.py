"""Keys of equal layout gathered in blocks."""

from collections.abc import Iterator

import numpy as np

from sigstats.data.table import intake
from sigstats.data.table.block import CellBlock
from sigstats.data.table.cells import FloatArray, IntArray
from sigstats.data.table.columns import Sheet
from sigstats.data.table.keyed import irregular
from sigstats.data.table.keyed.local import Local, local_values, set_numbers
from sigstats.data.table.keyed.reduce import KeyedCells

OWN_LABELS = 8  # tables per set of seeds from which on each set is a block of its own


def blocks_of(
    sheet: Sheet, cells: KeyedCells, wanted: tuple[str, ...] | None, tolerance: float
) -> Iterator[CellBlock]:
    """Yield the keys as blocks of equal layout; those that need care are flagged, and left out."""
    n_keys, n_seeds, n_levels = cells.flagged.size, len(cells.seed_names), cells.levels.size
    key = cells.keys()
    rest = cells.code - key * cells.table
    level = rest % max(n_levels, 1)
    seed = rest // max(n_levels, 1) % max(n_seeds, 1)
    condition = rest // max(n_levels * n_seeds, 1)
    del rest
    levels = local_values(key, level, n_keys, n_levels)
    seeds = local_values(key, seed, n_keys, n_seeds)
    irregular.flag_names(sheet, cells, condition, seed, key)
    irregular.flag_levels(cells, levels, tolerance)
    irregular.flag_conditions(cells, condition, key, wanted)
    irregular.flag_sparse(cells, seeds, levels, condition, key)
    del level, seed
    most = (int(seeds.rank.max(initial=0)) + 1, int(levels.rank.max(initial=0)) + 1)
    layout = (condition * most[0] + seeds.rank) * most[1] + levels.rank
    number = _layout_numbers(key, layout, levels, seeds, n_keys)
    starts = np.searchsorted(key, np.arange(n_keys + 1))
    labels = _Labels(sheet, cells, levels, seeds)
    usable = np.flatnonzero(~cells.flagged)
    order = usable[np.argsort(number[usable], kind="stable")]
    for members in np.split(order, np.flatnonzero(np.diff(number[order])) + 1):
        if members.size:
            yield _block(members, starts, layout, cells.value, most, labels)


def _layout_numbers(key: IntArray, layout: IntArray, levels: Local, seeds: Local, n_keys: int) -> IntArray:
    """Return the number of each key's layout: its levels, its missing cells, and the labels its conditions share.

    Where many keys have seeds of the same names, they are kept apart from keys whose seeds have others.
    """
    number = set_numbers(key, layout, n_keys)
    number = number * n_keys + set_numbers(levels.keys, levels.values, n_keys)
    _, number = np.unique(number, return_inverse=True)
    named = number * n_keys + set_numbers(seeds.keys, seeds.values, n_keys)
    _, named = np.unique(named, return_inverse=True)
    return named if int(named.max(initial=0)) + 1 <= max(n_keys / OWN_LABELS, 1) else number


class _Labels:
    """The names of what occurs in a key."""

    def __init__(self, sheet: Sheet, cells: KeyedCells, levels: Local, seeds: Local) -> None:
        n_keys = cells.flagged.size
        self.sheet, self.cells, self.levels, self.seeds = sheet, cells, levels, seeds
        self.first_level = np.searchsorted(levels.keys, np.arange(n_keys + 1))
        self.first_seed = np.searchsorted(seeds.keys, np.arange(n_keys + 1))

    def levels_of(self, key: int) -> FloatArray:
        return self.cells.levels[self.levels.values[self.first_level[key] : self.first_level[key + 1]]]

    def seeds_of(self, key: int) -> list[str]:
        found = self.seeds.values[self.first_seed[key] : self.first_seed[key + 1]]
        return [self.cells.seed_names[each] for each in found.tolist()]


def _block(
    members: IntArray,
    starts: IntArray,
    layout: IntArray,
    value: FloatArray,
    most: tuple[int, int],
    labels: _Labels,
) -> CellBlock:
    """Return the block of some keys of equal layout."""
    first = int(members[0])
    cells = layout[starts[first] : starts[first + 1]]
    level, row, condition = cells % most[1], cells // most[1] % most[0], cells // (most[0] * most[1])
    if members.size == members[-1] - first + 1:
        own = value[starts[first] : starts[first] + members.size * cells.size].reshape(
            members.size, cells.size
        )
    else:
        own = value[starts[members][:, None] + np.arange(cells.size)]
    names, levels, ids = [], labels.levels_of(first), labels.seeds_of(first)
    seeds, matrices = [], []
    for each in np.unique(condition).tolist():
        at = condition == each
        rows, place = np.unique(row[at], return_inverse=True)
        matrix = np.full((members.size, rows.size, levels.size), np.nan)
        matrix[:, place, level[at]] = own[:, at]
        names.append(labels.cells.condition_names[each])
        seeds.append(tuple(ids[rank] for rank in rows.tolist()))
        matrices.append(matrix)
    columns = labels.sheet.columns
    return CellBlock(
        table_of=members,
        conditions=tuple(names),
        seeds=tuple(seeds),
        levels=levels,
        cells=tuple(matrices),
        knob=columns["knob"].label,
        metric=columns["metric"].label,
        seed=columns["seed"].label,
        condition=columns["condition"].label if "condition" in columns else None,
        level_names=intake.level_names(columns["knob"], levels),
    )
