"""Many sweep tables of equal layout as a few arrays, so that what is done to all of them is done at once."""

from dataclasses import dataclass, replace

import numpy as np

from sigstats.data.table.cells import FloatArray, IntArray
from sigstats.data.table.checks import notes_on_matrices
from sigstats.data.table.sweep import SweepTable, assembled


@dataclass(frozen=True, slots=True, kw_only=True)
class CellBlock:
    """Tables of equal layout: the same conditions, seeds, levels and missing cells.

    Tables whose seeds bear other labels are in one block where the same labels are shared between conditions, since no
    number depends on what a seed is called. The labels of a block are those of its first table.
    """

    table_of: IntArray  # which key each table belongs to, shape (n_tables,)
    conditions: tuple[str, ...]  # ids of the conditions, sorted
    seeds: tuple[tuple[str, ...], ...]  # ids of the seeds of each condition in the first table, sorted
    levels: FloatArray  # levels of the knob, ascending, shape (n_levels,)
    cells: tuple[
        FloatArray, ...
    ]  # metric of each condition, (n_tables, n_seeds, n_levels), NaN where missing
    # Names of the columns; `condition` is None where there was none.
    knob: str = "knob"
    metric: str = "metric"
    seed: str = "seed"
    condition: str | None = "condition"
    level_names: tuple[tuple[float, str], ...] = ()  # levels that have a name, with it

    def __post_init__(self) -> None:
        for array in (self.table_of, self.levels, *self.cells):
            array.flags.writeable = False

    @property
    def n_tables(self) -> int:
        """How many tables there are."""
        return int(self.table_of.size)

    def take(self, places: IntArray | slice) -> "CellBlock":
        """Return some of the tables."""
        cells = tuple(each[places] for each in self.cells)
        return replace(self, table_of=self.table_of[places], cells=cells)

    def table(self, place: int) -> SweepTable:
        """Return one of the tables.

        Its cells and notes on them are those that reading its rows gives. Seeds are called as in the first table, a
        cell counts as one row, and what was dropped or merged when rows were read is not told.
        """
        matrices = tuple(each[place] for each in self.cells)
        return assembled(
            knob=self.knob,
            metric=self.metric,
            seed=self.seed,
            condition=self.condition,
            conditions=self.conditions,
            levels=self.levels,
            notes=tuple(notes_on_matrices(self.knob, self.conditions, self.seeds, matrices)),
            n_rows=int(sum(np.count_nonzero(~np.isnan(each)) for each in matrices)),
            level_names=self.level_names,
            seeds=self.seeds,
            matrices=matrices,
        )
