"""Cells that were lost: does it depend on the level or on the last values, and what is the worst they could have been?

Where it does, the runs that are left may be survivors, and what they show may be nothing but their survival. A definite
answer then must hold as well with the lost cells at the worst values that they could have had.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sigstats.data.table.sweep import SweepTable, with_cells
from sigstats.evidence.results import ArmEvidence, Evidence, LostCells
from sigstats.evidence.scales import knob_scale, metric_scale
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import plain, seen_cells
from sigstats.stats.checks import BoolArray, FloatArray, IndexArray
from sigstats.stats.classical.lost_cells import Draw, draws_by_last_value, draws_by_level, two_sided

# What the lost cells of the treatments may have been, as (lower half of the levels, upper half); those of the controls
# then were the reverse. 1 is the highest value, 0 the lowest.
FILLS = ((1, 0), (0, 1), (0, 0), (1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """All runs of a condition at the levels of its range."""

    columns: IndexArray  # levels of the table
    cells: FloatArray = field(repr=False)  # shape (..., n_runs, n_columns)
    used: BoolArray  # shape (n_runs,): runs that are not left out


def lost_cells(table: SweepTable, arms: Sequence[ArmEvidence], signature: Signature) -> LostCells | None:
    """Return what is known of the cells that were lost; None where none was."""
    complete = all(seen_cells(table.matrix(arm.condition)).all() for arm in arms)
    if complete or not all(arm.seeds for arm in arms):
        return None
    levels: dict[str, list[Draw]] = {"treatment": [], "control": []}
    lasts: dict[str, list[Draw]] = {"treatment": [], "control": []}
    n_lost = n_cells = 0
    for arm in arms:
        block = _block(table, arm, signature)
        missing = ~seen_cells(block.cells)[block.used]
        n_lost, n_cells = n_lost + int(missing.sum()), n_cells + missing.size
        levels[arm.role] += draws_by_level(missing)
        lasts[arm.role] += draws_by_last_value(block.cells)
    n_short = sum(arm.n_excluded for arm in arms)
    if not n_lost and not n_short:
        return None
    return LostCells(
        n_lost=n_lost,
        n_cells=n_cells,
        n_short=n_short,
        pvalue_level=_smaller(levels),
        pvalue_last=_smaller(lasts),
        stands=None,
    )


def _smaller(by_role: Mapping[str, Sequence[Draw]]) -> float:
    """Return the smaller of the p-values of treatments and controls, by Bonferroni's correction."""
    found = [two_sided(draws) for draws in by_role.values() if draws]
    return plain(np.minimum(1.0, len(found) * functools.reduce(np.minimum, found))) if found else 1.0


def _block(table: SweepTable, arm: ArmEvidence, signature: Signature) -> _Block:
    """Return the runs of a condition at the levels of its range, and which of them are used."""
    cells = table.matrix(arm.condition)
    ends = arm.swept if knob_scale(signature) == "fraction" else (arm.levels[0], arm.levels[-1])
    inside = (table.levels >= ends[0]) & (table.levels <= ends[1]) & seen_cells(cells).any(axis=0)
    columns = np.flatnonzero(inside)
    used = np.isin(np.array(table.seeds(arm.condition), dtype=object), np.array(arm.seeds, dtype=object))
    return _Block(columns=columns, cells=cells[..., columns], used=used)


def worst_tables(
    table: SweepTable, evidence: Evidence, signature: Signature, *, whole_runs: bool
) -> Iterator[SweepTable]:
    """Yield the table with the lost cells at the worst values that they could have had, one way after the other.

    The worst is the lowest or highest value of the condition, or the declared bound of a metric that is analysed on a
    linear scale. `whole_runs` says whether the
    runs that were left out as too short are completed as well.
    """
    for fill in FILLS:
        filled = table
        for arm in evidence.arms:
            block = _block(table, arm, signature)
            ways = fill if arm.role == "treatment" else tuple(1 - way for way in fill)
            rows = np.flatnonzero(block.used | whole_runs)
            cells = table.matrix(arm.condition).copy()
            cells[np.ix_(rows, block.columns)] = _filled(block.cells[rows], ways, signature)
            filled = with_cells(filled, arm.condition, cells)
        yield filled


def _filled(cells: FloatArray, ways: Sequence[int], signature: Signature) -> FloatArray:
    """Return cells with those that are missing at their worst, the lower and the upper half of the levels each."""
    ends = (float(np.nanmin(cells)), float(np.nanmax(cells)))
    # On another scale the bounds of the metric may be infinite, and those of an effect are others.
    of_metric = metric_scale(signature) == "linear" and signature.shape.along is None
    if of_metric and signature.bounds is not None and signature.bounds != "none":
        ends = signature.bounds
    n_levels = cells.shape[1]
    worst = np.array([ends[ways[0] if 2 * column < n_levels - 1 else ways[1]] for column in range(n_levels)])
    return np.where(np.isnan(cells), worst, cells)
