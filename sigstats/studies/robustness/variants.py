"""What an option does to the table and to the signature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table.sweep import SweepTable
from sigstats.evidence.conditions import roles
from sigstats.shapes.base import Scale
from sigstats.signature.fields import MetricScale
from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.stats.classical.concordance import midranks
from sigstats.studies.robustness.options import (
    COMPLETE,
    LOWER_HALF,
    UPPER_HALF,
    WHOLE,
    WITHOUT_FIRST,
    WITHOUT_LAST,
)

IntArray = NDArray[np.intp]
Options = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One call of `sigstats.detect`: what it is given, and what it is asked."""

    table: SweepTable
    signature: Signature


def relevant(table: SweepTable, signature: Signature) -> SweepTable:
    """Return the conditions that a signature names, at the levels where any of them was seen."""
    names = sorted(name for group in roles(table, signature) for name in group)
    cells = {name: table.matrix(name) for name in names}
    seen = np.any([np.isfinite(each).any(axis=0) for each in cells.values()], axis=0)
    return rebuilt(table, cells, columns=np.flatnonzero(seen))


def rebuilt(
    table: SweepTable,
    cells: Mapping[str, FloatArray] | None = None,
    *,
    seeds: Mapping[str, Sequence[str]] | None = None,
    columns: IntArray | None = None,
) -> SweepTable:
    """Return a table with other cells, or some columns, under the old names; seeds without a value are left out."""
    cells = {name: table.matrix(name) for name in table.conditions} if cells is None else cells
    at = np.arange(table.levels.size) if columns is None else columns
    matrices, labels, names = [], [], []
    for name in sorted(cells):
        values = np.array(cells[name][:, at], dtype=float)
        seen = np.isfinite(values).any(axis=1)
        if not seen.any():
            continue
        own = table.seeds(name) if seeds is None else tuple(seeds[name])
        matrices.append(values[seen])
        labels.append(tuple(np.array(own, dtype=object)[seen].tolist()))
        names.append(name)
    return replace(
        table,
        conditions=tuple(names),
        levels=np.array(table.levels[at]),
        n_rows=int(sum(np.isfinite(each).sum() for each in matrices)),
        _seeds=tuple(labels),
        _matrices=tuple(matrices),
    )


def with_seeds(table: SweepTable, kept: Mapping[str, NDArray[np.bool_]]) -> SweepTable:
    """Return the table with some seeds of each condition only."""
    cells = {name: table.matrix(name)[rows] for name, rows in kept.items()}
    seeds = {name: np.array(table.seeds(name), dtype=object)[rows].tolist() for name, rows in kept.items()}
    return rebuilt(table, cells, seeds=seeds)


def columns_in_window(n_levels: int, option: str) -> IntArray:
    """Return the columns of a window."""
    every, half = np.arange(n_levels), (n_levels + 1) // 2
    chosen = {
        WHOLE: every,
        WITHOUT_FIRST: every[1:],
        WITHOUT_LAST: every[:-1],
        LOWER_HALF: every[:half],
        UPPER_HALF: every[n_levels - half :],
    }
    return chosen[option]


def within(table: SweepTable, option: str) -> SweepTable:
    """Return the part of a table that lies in a window of levels."""
    if option == WHOLE:
        return table
    return rebuilt(table, columns=columns_in_window(table.levels.size, option))


def whole_rows(table: SweepTable) -> dict[str, NDArray[np.bool_]]:
    """Return which seeds have every level at which their condition was seen."""
    found = {}
    for name in table.conditions:
        seen = np.isfinite(table.matrix(name))
        found[name] = np.asarray(seen[:, seen.any(axis=0)].all(axis=1))
    return found


def complete_only(table: SweepTable) -> SweepTable:
    """Return the table with its complete seeds only."""
    return with_seeds(table, whole_rows(table))


def ranked(table: SweepTable) -> SweepTable:
    """Return the table with the rank of each cell among all its cells in place of the metric, from 0 to 1.

    Notes
    -----
    All runs go through the same monotone transform, so runs stay apart and effects keep their order. Ratios of effects
    change, because ranks spread out values that lie close together, as those of a control that moves little. With one
    treatment and no noise, a control with 1/4 of the treatment's effect has 10/13 of it on ranks, and the noise of a
    flat control fills half of all ranks. Claims with a control are therefore not analysed on ranks.

    References
    ----------
    W. J. Conover and R. L. Iman, "Rank transformations as a bridge between parametric and nonparametric statistics",
    The American Statistician 35 (1981), https://doi.org/10.1080/00031305.1981.10479327
    """
    values = [table.matrix(name) for name in table.conditions]
    joined = np.concatenate(values)
    seen = np.isfinite(joined)
    ranks = np.full(joined.shape, np.nan)
    ranks[seen] = (midranks(joined[seen]) - 1.0) / max(int(seen.sum()) - 1, 1)
    parts = np.split(ranks, np.cumsum([len(each) for each in values])[:-1])
    cells = dict(zip(table.conditions, parts, strict=True))
    return replace(rebuilt(table, cells), metric=f"rank of {table.metric}")


def carried_over(min_effect: float | None, typical: float, declared: str, other: str) -> float | None:
    """Return the smallest effect on another scale of the metric: as large, near the typical value, as on its own."""
    if min_effect is None or other == "rank":
        return None
    return min_effect * _derivative(other, typical) / _derivative(declared, typical)


def _derivative(scale: str, value: float) -> float:
    if scale == "linear":
        return 1.0
    return 1.0 / value if scale == "log" else 1.0 / (value * (1.0 - value))


def typical_value(table: SweepTable, signature: Signature) -> float:
    """Return the median of the treatments' values."""
    treatments, _ = roles(table, signature)
    return float(np.nanmedian(np.concatenate([table.matrix(name).ravel() for name in treatments])))


def variant_of(table: SweepTable, signature: Signature, options: Options, typical: float) -> Variant:
    """Return the table and the signature that a combination of options stands for."""
    part = within(table, options.get("window", WHOLE))
    if options.get("missing") == COMPLETE:
        part = complete_only(part)
    changes: dict[str, Any] = {"where": None, "aggregate": None, "item": None}
    changes |= {name: options[name] for name in ("knob_scale", "design") if name in options}
    if "paired" in options:
        changes["paired"] = options["paired"] == "yes"
    if "by_scale" in options:
        changes["shape"] = signature.shape.on_scale(cast("Scale", options["by_scale"]))
    if "quiet_fraction" in options:
        changes["quiet_fraction"] = float(options["quiet_fraction"])
    scale = options.get("metric_scale", signature.metric_scale)
    if scale != signature.metric_scale:
        changes["min_effect"] = carried_over(signature.min_effect, typical, signature.metric_scale, scale)
        changes["metric_scale"] = cast("MetricScale", "linear" if scale == "rank" else scale)
    if scale == "rank":
        part = ranked(part)
    return Variant(table=part, signature=replace(signature, **changes))
