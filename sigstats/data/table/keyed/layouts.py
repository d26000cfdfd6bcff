"""Keys of equal layout gathered in blocks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
    """Yield the keys as blocks of equal layout; those that need care are flagged, and left out.

    What follows from the cells that a key has is found once for all keys with the same cells.
    """
    starts = np.searchsorted(cells.code, np.arange(cells.flagged.size + 1) * cells.table)
    first, kind = _same_cells(cells, starts)
    few = _of_keys(cells, starts, first)
    layouts = _layouts(sheet, few, wanted, tolerance, n_keys=cells.flagged.size)
    cells.flagged[few.flagged[kind]] = True
    number = layouts.number[kind]
    usable = np.flatnonzero(~cells.flagged)
    order = usable[np.argsort(number[usable], kind="stable")]
    for members in np.split(order, np.flatnonzero(np.diff(number[order])) + 1):
        if members.size:
            yield _block(sheet, members, starts, cells.value, layouts, int(kind[members[0]]))


def _same_cells(cells: KeyedCells, starts: IntArray) -> tuple[IntArray, IntArray]:
    """Return the first key with each set of cells, ascending, and for each key the place of its set."""
    own = np.repeat(np.arange(cells.flagged.size), np.diff(starts))
    sets = set_numbers(own, cells.code % cells.table, cells.flagged.size)
    first, kind = np.unique(sets, return_index=True, return_inverse=True)[1:]
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return first[order], rank[kind]


def _of_keys(cells: KeyedCells, starts: IntArray, keys: IntArray) -> KeyedCells:
    """Return the cells of some keys alone, none of which is flagged."""
    flagged = np.zeros(keys.size, dtype=bool)
    if keys.size == cells.flagged.size:
        return replace(cells, flagged=flagged)
    sizes = starts[keys + 1] - starts[keys]
    before = np.cumsum(sizes) - sizes
    at = np.repeat(starts[keys] - before, sizes) + np.arange(sizes.sum())
    code = cells.code[at] + np.repeat((np.arange(keys.size) - keys) * cells.table, sizes)
    return replace(cells, code=code, value=cells.value[at], flagged=flagged)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layouts:
    """What follows from the cells of some keys."""

    cells: KeyedCells
    levels: Local
    seeds: Local
    number: IntArray  # of the layout of each key
    # Place of each cell in the matrices of its key, whose seeds and levels are counted from 0: a number that tells
    # condition, seed and level. `most`: seeds and levels that any key has.
    place: IntArray
    most: tuple[int, int]

    def of_key(self, key: int) -> tuple[IntArray, FloatArray, list[str]]:
        """Return the places of a key's cells, its levels, and the ids of its seeds."""
        table = self.cells.table
        own = slice(*np.searchsorted(self.cells.code, [key * table, (key + 1) * table]).tolist())
        levels, seeds = self.cells.levels[self.levels.of_key(key)], self.seeds.of_key(key).tolist()
        return self.place[own], levels, [self.cells.seed_names[each] for each in seeds]


def _layouts(
    sheet: Sheet, cells: KeyedCells, wanted: tuple[str, ...] | None, tolerance: float, *, n_keys: int
) -> _Layouts:
    """Return the layouts of keys of which no two have the same cells; those that need care are flagged."""
    n, n_seeds, n_levels = cells.flagged.size, len(cells.seed_names), cells.levels.size
    key = cells.keys()
    rest = cells.code - key * cells.table
    level = rest % max(n_levels, 1)
    seed = rest // max(n_levels, 1) % max(n_seeds, 1)
    condition = rest // max(n_levels * n_seeds, 1)
    del rest
    levels = local_values(key, level, n, n_levels)
    seeds = local_values(key, seed, n, n_seeds)
    irregular.flag_names(sheet, cells, condition, seed, key)
    irregular.flag_levels(cells, levels, tolerance)
    irregular.flag_conditions(cells, condition, key, wanted)
    irregular.flag_sparse(cells, seeds, levels, condition, key)
    del level, seed
    most = (int(seeds.rank.max(initial=0)) + 1, int(levels.rank.max(initial=0)) + 1)
    place = (condition * most[0] + seeds.rank) * most[1] + levels.rank
    number = _numbers(key, place, levels, seeds, n, n_keys=n_keys)
    return _Layouts(cells=cells, levels=levels, seeds=seeds, number=number, place=place, most=most)


def _numbers(key: IntArray, place: IntArray, levels: Local, seeds: Local, n: int, *, n_keys: int) -> IntArray:
    """Return the number of each key's layout: its levels, its missing cells, and the labels its conditions share.

    Where many of all `n_keys` have seeds of the same names, they are kept apart from keys whose seeds have others.
    """
    number = set_numbers(key, place, n)
    number = number * n + set_numbers(levels.keys, levels.values, n)
    _, number = np.unique(number, return_inverse=True)
    named = number * n + set_numbers(seeds.keys, seeds.values, n)
    _, named = np.unique(named, return_inverse=True)
    return named if int(named.max(initial=0)) + 1 <= max(n_keys / OWN_LABELS, 1) else number


def _block(
    sheet: Sheet, members: IntArray, starts: IntArray, value: FloatArray, layouts: _Layouts, example: int
) -> CellBlock:
    """Return the block of some keys of equal layout, which is that of an example."""
    first, most = int(members[0]), layouts.most
    cells, levels, ids = layouts.of_key(example)
    level, row, condition = cells % most[1], cells // most[1] % most[0], cells // (most[0] * most[1])
    if members.size == members[-1] - first + 1:
        own = value[starts[first] : starts[first] + members.size * cells.size].reshape(
            members.size, cells.size
        )
    else:
        own = value[starts[members][:, None] + np.arange(cells.size)]
    names, seeds, matrices = [], [], []
    for each in np.unique(condition).tolist():
        at = condition == each
        rows, place = np.unique(row[at], return_inverse=True)
        matrix = np.full((members.size, rows.size, levels.size), np.nan)
        matrix[:, place, level[at]] = own[:, at]
        names.append(layouts.cells.condition_names[each])
        seeds.append(tuple(ids[rank] for rank in rows.tolist()))
        matrices.append(matrix)
    columns = sheet.columns
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
