"""The rows of a condition: copies and short seeds left out, and an order in which labels play no part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.results import Design

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRows:
    """The rows of one condition that are used, in an order that depends on their values alone."""

    seeds: tuple[str, ...]  # label of each row; empty in the independent design, where rows mean nothing
    curves: FloatArray = field(repr=False)  # shape (n_rows, n_levels): the metric, NaN where missing
    n_copies: int  # seeds left out as copies of another
    n_excluded: int  # seeds left out as too short


def usable_rows(curves: FloatArray, seeds: tuple[str, ...], design: Design, *, fewest: int) -> SeedRows:
    """Return the rows of a condition without copies and without seeds that have too few levels."""
    if design == "independent":
        return _stack_runs(curves)
    seen = ~np.isnan(curves)
    long_enough = seen.sum(axis=1) >= min(fewest, max(int(seen.any(axis=0).sum()), 2))
    kept, copies = _without_copies(curves, np.flatnonzero(long_enough), fewest)
    order = sorted(kept, key=lambda row: _value_key(curves[row]))
    return SeedRows(
        seeds=tuple(seeds[row] for row in order),
        curves=curves[order],
        n_copies=copies,
        n_excluded=int((~long_enough).sum()),
    )


def _without_copies(curves: FloatArray, rows: IntArray, fewest: int) -> tuple[list[int], int]:
    """Keep one of several bit-identical curves; curves of one or two values repeat by chance and are all kept."""
    found: set[bytes] = set()
    kept = []
    for row in rows:
        curve = np.where(np.isnan(curves[row]), np.nan, curves[row] + 0.0)
        key = curve.tobytes()
        if key in found and np.unique(curve[~np.isnan(curve)]).size >= fewest:
            continue
        found.add(key)
        kept.append(int(row))
    return kept, rows.size - len(kept)


def _value_key(curve: FloatArray) -> tuple[float, ...]:
    return tuple(np.where(np.isnan(curve), -np.inf, curve).tolist())


def _stack_runs(curves: FloatArray) -> SeedRows:
    """Sort the runs of each level by value; rows lose any meaning, as they should."""
    stacked = np.sort(curves, axis=0)
    n_rows = int((~np.isnan(stacked)).sum(axis=0).max(initial=0))
    return SeedRows(seeds=(), curves=stacked[:n_rows], n_copies=0, n_excluded=0)


def canonical(names: Sequence[str], rows: Mapping[str, SeedRows]) -> list[str]:
    """Sort conditions by their values; where those are the same, by the cells in which they stand."""
    if len(names) < 2:
        return list(names)

    def key(name: str) -> tuple[tuple[float, ...], ...]:
        curves = rows[name].curves
        return _value_key(np.sort(curves, axis=None)), _value_key(curves.ravel())

    return sorted(names, key=key)


def seed_identity(conditions: Sequence[SeedRows]) -> dict[str, int]:
    """Give the seeds numbers by their curves, so that labels only say which rows belong together."""
    if len(conditions) == 1:
        return {seed: number for number, seed in enumerate(conditions[0].seeds)}
    keys: dict[str, list[tuple[int, tuple[float, ...]]]] = {}
    for position, condition in enumerate(conditions):
        for seed, curve in zip(condition.seeds, condition.curves, strict=False):
            keys.setdefault(seed, []).append((position, _value_key(curve)))
    return {seed: number for number, seed in enumerate(sorted(keys, key=lambda seed: keys[seed]))}
