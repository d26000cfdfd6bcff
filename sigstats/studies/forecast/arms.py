"""The runs of each condition, as a forecast uses them: copies left out, and only seeds seen at every fitted level."""

from dataclasses import dataclass

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.evidence.conditions import design_of, roles
from sigstats.evidence.seeds import usable_rows
from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.linked_means import LevelRuns, level_runs
from sigstats.stats.estimate import Design

FEWEST_SEEDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One condition, with its runs at the fitted levels and then at the predicted ones; NaN where none was run."""

    condition: str
    runs: LevelRuns
    fitted: FloatArray
    to: FloatArray
    seeds_left_out: int
    copies_left_out: int

    @property
    def n_fitted(self) -> int:
        """Number of fitted levels, whose columns come first."""
        return int(self.fitted.size)

    @property
    def n_seeds(self) -> int:
        """Seeds that the law was fitted to; of independent runs, the fewest at a level."""
        return int(self.runs.counts[: self.n_fitted].min())


def arms_of(
    table: SweepTable, signature: Signature, fitted: FloatArray, to: FloatArray
) -> tuple[Design, list[Arm]]:
    """Return the treatments; each at those of the fitted levels at which it was run."""
    names, _ = roles(table, signature)
    raw = {name: _columns(table, name, np.concatenate([fitted, to])) for name in names}
    design = design_of({name: table.matrix(name) for name in names}, signature)
    return design, [_arm(name, raw[name], table.seeds(name), design, fitted, to) for name in sorted(names)]


def _columns(table: SweepTable, condition: str, levels: FloatArray) -> FloatArray:
    """Return the values at some levels, NaN where a level was not run."""
    values = table.matrix(condition)
    at = np.searchsorted(table.levels, levels)
    known = np.isin(levels, table.levels)
    found = np.full((len(values), levels.size), np.nan)
    found[:, known] = values[:, at[known]]
    return found


def _arm(
    condition: str,
    values: FloatArray,
    seeds: tuple[str, ...],
    design: Design,
    fitted: FloatArray,
    to: FloatArray,
) -> Arm:
    copies = left_out = 0
    if design == "repeated":
        x = np.arange(values.shape[1], dtype=np.float64)
        rows = usable_rows(values, seeds, design, x, fewest=1, short_seeds="keep", every_level=True)
        values, copies = rows.curves, rows.n_copies
        values, left_out = _whole(values, fitted.size)
    seen = (~np.isnan(values[:, : fitted.size])).any(axis=0)
    kept = np.concatenate([seen, np.ones(to.size, dtype=bool)])
    return Arm(
        condition=condition,
        runs=level_runs(values[:, kept], design),
        fitted=fitted[seen],
        to=to,
        seeds_left_out=left_out,
        copies_left_out=copies,
    )


def _whole(values: FloatArray, n_fitted: int) -> tuple[FloatArray, int]:
    """Return the rows without seeds that lack some of the fitted levels, if enough are seen at all of them.

    A seed that is seen at some of the levels only would bend the mean curve. Seeds that are seen at predicted levels
    alone stay: they bend nothing.
    """
    seen = ~np.isnan(values[:, :n_fitted])
    everywhere = seen.any(axis=0)
    whole = seen[:, everywhere].all(axis=1)
    if whole.sum() < FEWEST_SEEDS:
        return values, 0
    kept = whole | ~seen.any(axis=1)
    return values[kept], int((~kept).sum())


def at_levels(table: SweepTable, names: list[str], levels: FloatArray) -> SweepTable:
    """Return the table at some of its levels, for its hash."""
    values = {name: _columns(table, name, levels) for name in names}
    rows = {name: np.asarray((~np.isnan(each)).any(axis=1)) for name, each in values.items()}
    return SweepTable.from_matrices(
        levels,
        {name: values[name][rows[name]] for name in names},
        seeds={
            name: [seed for seed, kept in zip(table.seeds(name), rows[name], strict=True) if kept]
            for name in names
        },
    )
