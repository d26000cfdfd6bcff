"""The rows of a condition: copies and short seeds left out, and an order in which labels play no part."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.results import Design
from sigstats.stats.blocks import SingleTableError, agreed, agreed_number, seen_cells
from sigstats.stats.classical.coincidences import chances_of_coincidence
from sigstats.stats.scores.combine import levels_with_weight

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

FEWEST = 3

COVERED = 0.8
SLACK = 1e-9

# Orders of so many conditions are told apart in a block of tables.
MOST_ORDERED = 4

# Copies are what chance would make equal in at most so many of all tables.
COINCIDENCE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRows:
    """The rows of one condition that are used, in an order that depends on their values alone."""

    seeds: tuple[str, ...]  # label of each row; empty in the independent design, where rows mean nothing
    curves: FloatArray = field(repr=False)  # shape (n_rows, n_levels): the metric, NaN where missing
    n_copies: int  # seeds left out as copies of another
    n_equal: int  # seeds kept although their curve is that of another, as chance can make it
    short: tuple[tuple[str, int, int], ...]  # seeds left out as too short, with their first and last column
    ends: tuple[int, int]  # first and last column of the condition's range
    n_trimmed: int  # levels left out because fewer than half of the runs reach them


def usable_rows(
    curves: FloatArray,
    seeds: tuple[str, ...],
    design: Design,
    x: FloatArray,
    *,
    fewest: int,
    short_seeds: Literal["drop", "keep"],
    every_level: bool,
    same_allowed: bool = False,
) -> SeedRows:
    """Return the rows of a condition within its range, without copies and without seeds that are too short.

    A claim on every level keeps the levels that few runs reach: there it stays open. `same_allowed` says whether all
    seeds may have the same curve, as those of a control without chance have.
    """
    if design == "independent":
        return _stack_runs(curves, every_level=every_level)
    seen = seen_cells(curves)
    long_enough = _has_levels(seen, fewest)
    ends = seen_range(seen, fewest=fewest, trim=short_seeds == "drop")
    inside = _inside(curves, ends)
    if short_seeds == "drop":
        long_enough &= _covers(seen_cells(inside), x, fewest)
    if every_level:
        inside, ends = curves, seen_range(seen, fewest=fewest, trim=False)
    told = _without_copies(inside, np.flatnonzero(long_enough), fewest, same_allowed=same_allowed)
    # In a block each table would have an order of its own, and only the last digits depend on it, or folds of seeds.
    order = told.kept if curves.ndim > 2 else sorted(told.kept, key=lambda row: _value_key(inside[row]))
    left = seen[order].any(axis=0).sum() - seen_cells(inside)[order].any(axis=0).sum()
    return SeedRows(
        seeds=tuple(seeds[row] for row in order),
        curves=inside[..., order, :],
        n_copies=told.n_copies,
        n_equal=told.n_equal,
        short=tuple(_named(seeds[row], seen[row]) for row in np.flatnonzero(~long_enough)),
        ends=ends,
        n_trimmed=int(left),
    )


def _has_levels(seen: BoolArray, fewest: int) -> BoolArray:
    """Return which rows have enough levels; two are enough where there are no more."""
    return np.asarray(seen.sum(axis=1) >= min(fewest, max(int(seen.any(axis=0).sum()), 2)))


def seen_range(seen: BoolArray, *, fewest: int, trim: bool) -> tuple[int, int]:
    """Return the first and the last column that at least half of the rows reach; if not trimmed, that any does.

    Rows with too few levels have no say, unless there are no others.
    """
    voting = _has_levels(seen, fewest)
    seen = seen[voting if voting.any() else seen.any(axis=1)]
    if not seen.size:
        return 0, 0
    firsts = np.sort(seen.argmax(axis=1))
    lasts = np.sort(seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1))[::-1]
    at = (len(seen) - 1) // 2 if trim else 0
    return int(firsts[at]), int(lasts[at])


def _inside(curves: FloatArray, ends: tuple[int, int]) -> FloatArray:
    """Return the curves with nothing outside of a range."""
    columns = np.arange(curves.shape[-1])
    return np.where((columns >= ends[0]) & (columns <= ends[1]), curves, np.nan)


def _covers(seen: BoolArray, x: FloatArray, fewest: int) -> BoolArray:
    """Return which rows have enough levels, and cover at least 80 % of what the rows span together."""
    spanned = np.flatnonzero(seen.any(axis=0))
    if not spanned.size:
        return np.zeros(len(seen), dtype=bool)
    first, last = seen.argmax(axis=1), seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)
    needed = COVERED * (x[spanned[-1]] - x[spanned[0]]) - SLACK
    return np.asarray(_has_levels(seen, fewest) & (x[last] - x[first] >= needed))


def _named(seed: str, at: BoolArray) -> tuple[str, int, int]:
    """Return a seed with the first and last column at which it was seen."""
    seen = np.flatnonzero(at)
    return seed, int(seen[0]) if seen.size else 0, int(seen[-1]) if seen.size else 0


def cut(rows: SeedRows, x: FloatArray, kept: BoolArray, *, short_seeds: Literal["drop", "keep"]) -> SeedRows:
    """Return the rows of a condition on some of its levels, without the seeds that are too short there."""
    inside = np.where(kept, rows.curves, np.nan)
    if not rows.seeds:
        return replace(rows, curves=inside)
    seen = seen_cells(inside)
    covers = _covers(seen, x, FEWEST) if short_seeds == "drop" else _has_levels(seen, FEWEST)
    before = seen_cells(rows.curves)
    dropped = [_named(rows.seeds[row], before[row]) for row in np.flatnonzero(~covers)]
    return replace(
        rows,
        seeds=tuple(rows.seeds[row] for row in np.flatnonzero(covers)),
        curves=inside[..., covers, :],
        short=(*rows.short, *dropped),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """The rows that are kept, and what became of those whose curve another row has as well."""

    kept: list[int]
    n_copies: int
    n_equal: int


def _without_copies(curves: FloatArray, rows: IntArray, fewest: int, *, same_allowed: bool) -> _Told:
    """Keep one of several curves that are equal to the last bit, where chance cannot have made them so.

    Curves of one or two values repeat by chance, and so do others on a coarse metric: all of these are kept.
    """
    if curves.ndim > 2:
        return _all_kept(curves, rows, fewest)
    keys = {int(row): _bits(curves[row]) for row in rows}
    groups: dict[bytes, list[int]] = {}
    for row, key in keys.items():
        groups.setdefault(key, []).append(row)
    repeated = [each for each in groups.values() if len(each) > 1 and _varies(curves[each[0]], fewest)]
    if not repeated or (same_allowed and len(groups) == 1):
        return _Told(kept=list(keys), n_copies=0, n_equal=0)
    apart = curves[[each[0] for each in groups.values()]]
    chances = chances_of_coincidence(curves[[each[0] for each in repeated]], apart, rows.size)
    copied = [each for each, p in zip(repeated, chances, strict=True) if p <= COINCIDENCE]
    left_out = {row for each in copied for row in each[1:]}
    return _Told(
        kept=[row for row in keys if row not in left_out],
        n_copies=len(left_out),
        n_equal=sum(map(len, repeated)) - sum(map(len, copied)),
    )


def _all_kept(curves: FloatArray, rows: IntArray, fewest: int) -> _Told:
    """Return the rows of a block of tables, none of which has a curve twice; tables that have are told apart."""
    used = np.nan_to_num(curves[..., rows, :]) + 0.0
    # Equal rows have equal sums; unlike ones hardly ever have, and are then looked at for nothing.
    sums = np.sort((used * np.sqrt(np.arange(2.0, used.shape[-1] + 2.0))).sum(axis=-1), axis=-1)
    doubtful = np.flatnonzero((np.diff(sums, axis=-1) == 0).any(axis=-1))
    repeats = np.zeros(len(curves), dtype=bool)
    for table in doubtful:
        found = np.unique(used[table], axis=0, return_counts=True)
        repeats[table] = any(
            count > 1 and _varies(curve, fewest) for curve, count in zip(*found, strict=True)
        )
    if agreed(repeats):
        raise SingleTableError
    return _Told(kept=[int(row) for row in rows], n_copies=0, n_equal=0)


def _bits(curve: FloatArray) -> bytes:
    """Return a curve as bytes, which are the same for the same numbers."""
    return bytes(np.where(np.isnan(curve), np.nan, curve + 0.0).tobytes())


def _varies(curve: FloatArray, fewest: int) -> bool:
    """Return whether a curve has enough values of its own."""
    return bool(np.unique(curve[~np.isnan(curve)]).size >= fewest)


def _value_key(curve: FloatArray) -> tuple[float, ...]:
    return tuple(np.where(np.isnan(curve), -np.inf, curve).tolist())


def _stack_runs(curves: FloatArray, *, every_level: bool) -> SeedRows:
    """Sort the runs of each level by value; rows lose any meaning, as they should."""
    stacked = np.sort(curves, axis=-2)
    counts = seen_cells(stacked).sum(axis=0)
    # Few runs at a level hardly tell their variance, and a single one has none: they carry no weight.
    several = counts >= 2 if every_level else levels_with_weight(counts)
    used = np.flatnonzero(several if several.sum() >= FEWEST else counts >= 1)
    return SeedRows(
        seeds=(),
        curves=stacked[..., : int(counts.max(initial=0)), :],
        n_copies=0,
        n_equal=0,
        short=(),
        ends=(int(used[0]), int(used[-1])) if used.size else (0, 0),
        n_trimmed=0,
    )


def canonical(names: Sequence[str], rows: Mapping[str, SeedRows]) -> list[str]:
    """Sort conditions by their values; where those are the same, by the cells in which they stand."""
    if len(names) < 2:
        return list(names)
    if any(rows[name].curves.ndim > 2 for name in names):
        # The order of conditions with seeds moves the last digits only; runs without are dealt in it.
        return list(names) if any(rows[name].seeds for name in names) else _agreed_order(names, rows)
    return sorted(names, key=lambda name: _key(rows[name].curves))


def _key(curves: FloatArray) -> tuple[tuple[float, ...], ...]:
    return _value_key(np.sort(curves, axis=None)), _value_key(curves.ravel())


def _agreed_order(names: Sequence[str], rows: Mapping[str, SeedRows]) -> list[str]:
    """Return the order of conditions in a block, on which its tables must agree."""
    every = list(itertools.permutations(range(len(names)))) if len(names) <= MOST_ORDERED else []
    if not every:
        raise SingleTableError
    parts = [rows[name].curves for name in names]
    found = [
        tuple(sorted(range(len(names)), key=lambda at: _key(parts[at][table])))
        for table in range(len(parts[0]))
    ]
    return [names[at] for at in every[agreed_number(np.array([every.index(each) for each in found]))]]


def seed_identity(conditions: Sequence[SeedRows]) -> dict[str, int]:
    """Give the seeds numbers by their curves, so that labels only say which rows belong together."""
    if len(conditions) == 1:
        return {seed: number for number, seed in enumerate(conditions[0].seeds)}
    if any(each.curves.ndim > 2 for each in conditions):
        labels = dict.fromkeys(seed for each in conditions for seed in each.seeds)
        return {seed: number for number, seed in enumerate(labels)}
    keys: dict[str, list[tuple[int, tuple[float, ...]]]] = {}
    for position, condition in enumerate(conditions):
        for seed, curve in zip(condition.seeds, condition.curves, strict=False):
            keys.setdefault(seed, []).append((position, _value_key(curve)))
    return {seed: number for number, seed in enumerate(sorted(keys, key=lambda seed: keys[seed]))}
