"""Sweep tables of simulated values; tables of one design are checked once."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.stats.checks import FloatArray, IndexArray

Names = tuple[tuple[str, tuple[str, ...]], ...]


def table_of(
    levels: FloatArray,
    matrices: Mapping[str, FloatArray],
    seeds: Mapping[str, Sequence[str]],
    *,
    independent: bool,
) -> SweepTable:
    """Return the sweep table of simulated values; where cells are fresh runs, each is a row of its own."""
    if not all(np.isfinite(values).all() for values in matrices.values()) or independent:
        return _checked(levels, matrices, seeds, independent=independent)
    names = tuple((name, tuple(seeds[name])) for name in matrices)
    pattern, order = _pattern(levels.tobytes(), names)
    rows = tuple(matrices[name][order[name]] + 0.0 for name in pattern.conditions)
    return replace(pattern, _matrices=rows)


@functools.lru_cache(maxsize=64)
def _pattern(levels: bytes, names: Names) -> tuple[SweepTable, Mapping[str, IndexArray]]:
    """Return a table of zeros with these levels and seeds, and the rows of the seeds in the order of the table."""
    grid = np.frombuffer(levels)
    zeros = {name: np.zeros((len(seeds), grid.size)) for name, seeds in names}
    table = SweepTable.from_matrices(grid, zeros, seeds=dict(names))
    order = {
        name: np.array([seeds.index(each) for each in table.seeds(name)], dtype=np.intp)
        for name, seeds in names
    }
    return table, order


def _checked(
    levels: FloatArray,
    matrices: Mapping[str, FloatArray],
    seeds: Mapping[str, Sequence[str]],
    *,
    independent: bool,
) -> SweepTable:
    if not independent:
        kept = {name: np.atleast_1d(~np.isnan(values).all(axis=1)) for name, values in matrices.items()}
        return SweepTable.from_matrices(
            levels,
            {name: values[kept[name]] for name, values in matrices.items()},
            seeds={
                name: [s for s, k in zip(ids, kept[name], strict=True) if k] for name, ids in seeds.items()
            },
        )
    spread, labels = {}, {}
    for name, values in matrices.items():
        rows, columns = np.nonzero(~np.isnan(values))
        runs = np.full((rows.size, levels.size), np.nan)
        runs[np.arange(rows.size), columns] = values[rows, columns]
        spread[name], labels[name] = runs, [f"{name}-{r}-{c}" for r, c in zip(rows, columns, strict=True)]
    return SweepTable.from_matrices(levels, spread, seeds=labels)
