"""From a data frame to one block of runs, items and levels for each condition, and the table of the runs' means.

Every run must have been measured on the same items at the same levels. Items that some run lacks somewhere are left
out, as `compare` does; what cannot be mended so is an error that says what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table import columns, frames, roles
from sigstats.data.table.cells import encode
from sigstats.data.table.frames import plural
from sigstats.data.table.sweep import SweepTable, with_cells
from sigstats.errors import OptionError, Problem, TableError
from sigstats.evidence.open_table import read_table
from sigstats.signature.signature import Signature
from sigstats.studies.slopes.fit import no_lines

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SHARED = 0.5  # of the items of the run with most of them, that all runs must share
FEWEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTable:
    """The items that every run has at every level of its condition."""

    table: SweepTable  # of the runs' means over these items
    items: tuple[str, ...]
    seeds: Mapping[str, tuple[str, ...]]  # of each condition, in the order of the blocks
    blocks: Mapping[str, FloatArray] = field(
        repr=False
    )  # shape (n_runs, n_items, n_levels), NaN at levels not swept
    n_left_out: int


def read(data: Any, signature: Signature, item: object) -> ItemTable:  # noqa: ANN401 - see detect
    """Return the items that all runs of the conditions in use have in common."""
    if isinstance(data, SweepTable):
        raise OptionError(
            f"`item` is {item!r}, and a SweepTable was given, which has one value for each seed and level. Pass the "
            "data frame itself, with one row for each run, item and level."
        )
    means = read_table(data, replace(signature, aggregate="mean", item=None))
    cells, pairs, names = _cells(data, signature, item)
    blocks = {name: _block(cells, name, pairs, len(names)) for name in means.conditions}
    seeds = {name: means.seeds(name) for name in means.conditions}
    kept = _kept(blocks, seeds, means, str(item))
    blocks = {name: block[:, kept] for name, block in blocks.items()}
    for name, block in blocks.items():
        means = with_cells(means, name, block.mean(axis=1))
    used = tuple(name for name, here in zip(names, kept, strict=True) if here)
    return ItemTable(table=means, items=used, seeds=seeds, blocks=blocks, n_left_out=len(names) - len(used))


def _cells(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature,
    item: object,
) -> tuple[SweepTable, dict[str, tuple[str, int]], tuple[str, ...]]:
    """Return a table in which each run and item is a seed, the run and item of each, and the items."""
    source = frames.adopt(data)
    given: dict[str, object] = {
        "knob": signature.knob,
        "metric": signature.metric,
        "seed": signature.seed,
        "condition": signature.condition,
        "item": item,
    }
    chosen, problems = roles.choose(source.labels, given)
    picked, filters, refused = columns.open_sheet(source, chosen, signature.where or {})
    if problems or refused:
        raise TableError([*problems, *refused])
    frame = frames.collect(picked.filter(*(each.keep for each in filters)) if filters else picked).to_pandas()
    if frame["item"].isna().any():
        problem = Problem(
            code="MISSING_ITEM",
            column=str(item),
            message=f"the item column {str(item)!r} holds missing values; such rows are never dropped silently",
            remedy="Fill in the item, or leave out the rows with `where`.",
        )
        raise TableError([problem])
    runs, seeds = encode(frame["seed"].to_numpy(dtype=object))
    codes, names = encode(frame["item"].to_numpy(dtype=object))
    keys, place = np.unique(runs * len(names) + codes, return_inverse=True)
    each = [(seeds[key // len(names)], key % len(names)) for key in keys.tolist()]
    labels = np.array([f"{seed} on {names[code]}" for seed, code in each], dtype=object)
    if len(set(labels)) < len(labels):
        labels = np.array([f"{label} ({at})" for at, label in enumerate(labels)], dtype=object)
    # The columns keep their own names, so that a problem speaks of these.
    own = {role: str(label) for role, label in chosen.items() if role != "item"}
    whole = frame.assign(seed=labels[place])[list(own)].rename(columns=own)
    named = replace(
        signature,
        knob=own["knob"],
        metric=own["metric"],
        seed=own["seed"],
        condition=own.get("condition"),
        item=None,
        where=None,
    )
    table = read_table(whole, named)
    return table, dict(zip(labels.tolist(), each, strict=True)), names


def _block(
    cells: SweepTable, condition: str, pairs: Mapping[str, tuple[str, int]], n_items: int
) -> FloatArray:
    """Return the values of a condition, shape (n_runs, n_items, n_levels), runs sorted as in a sweep table."""
    found = [pairs[label] for label in cells.seeds(condition)]
    place = {seed: at for at, seed in enumerate(sorted({seed for seed, _ in found}))}
    block = np.full((len(place), n_items, cells.levels.size), np.nan)
    block[[place[seed] for seed, _ in found], [code for _, code in found]] = cells.matrix(condition)
    return block


def _kept(
    blocks: Mapping[str, FloatArray], seeds: Mapping[str, tuple[str, ...]], means: SweepTable, item: str
) -> BoolArray:
    """Return which items all runs have at all levels of their condition; raise where too few are left."""
    seen = {name: np.isfinite(block) for name, block in blocks.items()}
    runs = np.concatenate([each.any(axis=2) for each in seen.values()])
    if len(runs) > 1 and runs.sum(axis=0).max() == 1:
        raise OptionError(
            f"`item` is {item!r}, and every value of it belongs to one run: items are nested in runs, and their spread "
            "is part of that of the runs. Leave `item` out, and use aggregate='mean', so that each run counts by its "
            "mean."
        )
    for name, each in seen.items():
        _require_levels(each, name, seeds[name], means)
    own = {
        name: np.asarray(each[:, :, each.any(axis=(0, 1))].all(axis=(0, 2))) for name, each in seen.items()
    }
    common = np.all(list(own.values()), axis=0)
    if common.sum() < SHARED * runs.sum(axis=1).max():
        raise _differ(own, common, runs, item)
    if common.sum() < FEWEST:
        verb = "was" if common.sum() == 1 else "were"
        raise OptionError(
            f"`item` is {item!r}, of which {plural(int(common.sum()), 'value')} {verb} measured in every run at every "
            f"level; crossed slopes need at least {FEWEST}. Leave `item` out, and use aggregate='mean', for the slopes "
            "of new runs on these items."
        )
    return np.asarray(common)


def _require_levels(seen: BoolArray, name: str, seeds: tuple[str, ...], means: SweepTable) -> None:
    """Raise where a run lacks a level altogether."""
    by_run = seen.any(axis=1)
    if by_run.sum(axis=1).max() == 1:
        raise no_lines()
    lacking = np.argwhere(by_run.any(axis=0) & ~by_run)
    if lacking.size:
        run, level = lacking[0]
        value = float(means.levels[level])
        shown = dict(means.level_names).get(value, format(value, "g"))
        raise OptionError(
            f"run {seeds[run]!r} of {name!r} was not measured at {means.knob} = {shown}; crossed slopes need "
            "all runs of a condition at the same levels, so that their slopes are known equally well. Leave out that "
            "run or that level with `where`."
        )


def _differ(own: Mapping[str, BoolArray], common: BoolArray, runs: BoolArray, item: str) -> OptionError:
    """Return the refusal of runs on different items."""
    counts = {name: int(each.sum()) for name, each in own.items()}
    apart = min(counts.values()) >= SHARED * runs.sum(axis=1).max()
    remedy = (
        "The conditions were measured on different items: ask for one condition at a time, as in treatment='...'."
        if apart
        else "Leave out runs that lack many items with `where`, or check the labels of the items."
    )
    return OptionError(
        f"`item` is {item!r}; of {common.size} items, {int(common.sum())} were measured in every run at every level "
        f"(within the conditions: {counts}). {remedy}"
    )
