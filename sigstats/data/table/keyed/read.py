"""From a frame with the rows of many tables to blocks of tables, and the keys that are read one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from sigstats.data.table import frames, intake
from sigstats.data.table.block import CellBlock
from sigstats.data.table.cells import IntArray
from sigstats.data.table.columns import Sheet
from sigstats.data.table.frames import FrameSource
from sigstats.data.table.keyed.irregular import flag_bounds, reads_at_once
from sigstats.data.table.keyed.keys import Keys, check_columns, find_keys, names_of
from sigstats.data.table.keyed.layouts import blocks_of
from sigstats.data.table.keyed.reduce import reduce_keys
from sigstats.data.table.roles import KNOB
from sigstats.data.table.sweep import LEVEL_TOLERANCE
from sigstats.errors import TableError

ROWS_AT_ONCE = 1_000_000  # of keys that are read one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How tables are read: columns by their roles, filters, and what is asked of the values."""

    given: Mapping[str, object]
    where: Mapping[Any, object]
    aggregate: str | None
    conditions: tuple[str, ...] | None  # that are in use; None for all
    order: tuple[str, ...] | None  # of levels that are words
    bounds: tuple[float, float] | None  # within which all values lie


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedTables:
    """The tables of all keys."""

    blocks: tuple[CellBlock, ...]
    singles: IntArray  # keys that are read one by one


def keys_in(data: object, by: Sequence[str]) -> tuple[FrameSource, Keys]:
    """Return the frame, and the keys in it, whatever rows are used later."""
    source = frames.adopt(data)
    check_columns(by, source.labels)
    return source, find_keys(source.pick(names_of(by)), by)


def read_keys(data: object, keys: Keys, reading: Reading) -> KeyedTables:
    """Return the tables of all keys as blocks, and the keys that are to be read one by one."""
    everyone = KeyedTables(blocks=(), singles=np.arange(len(keys)))
    try:
        sheet = _opened(data, keys, reading)
    except TableError:
        # What is wrong with the whole frame is said of each key in the words of reading it.
        return everyone
    if not reads_at_once(sheet):
        return everyone
    cells = reduce_keys(sheet, keys, reading.aggregate)
    flag_bounds(cells, reading.bounds)
    blocks = tuple(blocks_of(sheet, cells, reading.conditions, LEVEL_TOLERANCE))
    return KeyedTables(blocks=blocks, singles=np.flatnonzero(cells.flagged))


def _opened(data: object, keys: Keys, reading: Reading) -> Sheet:
    return intake.opened(
        data,
        reading.given,
        reading.where,
        KNOB,
        reading.conditions,
        reading.order,
        also=names_of(keys.columns),
    )


def rows_of_keys(source: FrameSource, keys: Keys, wanted: IntArray) -> Iterator[tuple[int, Any]]:
    """Yield some keys, each with a frame of all columns of its rows."""
    if not wanted.size:
        return
    if isinstance(source.frame, nw.DataFrame):
        yield from _sorted_rows(source.frame, source, keys, wanted)
        return
    size = frames.collect(source.frame.select(nw.len().alias("n")))["n"][0]
    several = max(1, int(ROWS_AT_ONCE * len(keys) // max(size, 1)))
    for start in range(0, wanted.size, several):
        some = wanted[start : start + several]
        places = [each[some] for each in keys.places()]
        used = [[keys.values[at][place] for place in np.unique(each)] for at, each in enumerate(places)]
        among = [nw.col(column).is_in(values) for column, values in zip(keys.columns, used, strict=True)]
        frame = frames.collect(source.frame.filter(*among))
        yield from _sorted_rows(frame, frames.adopt(frame.to_native()), keys, some)


def _sorted_rows(
    frame: nw.DataFrame[Any], source: FrameSource, keys: Keys, wanted: IntArray
) -> Iterator[tuple[int, Any]]:
    """Yield the rows of some keys of an eager frame, in their order."""
    picked = source.pick(names_of(keys.columns))
    used = np.zeros(len(keys), dtype=bool)
    used[wanted] = True
    key = keys.of_rows(frames.collect(picked))
    rows = np.flatnonzero((key >= 0) & used[np.maximum(key, 0)])
    rows = rows[np.argsort(key[rows], kind="stable")]
    ends = np.searchsorted(key[rows], wanted, side="right")
    starts = np.searchsorted(key[rows], wanted, side="left")
    for place, start, end in zip(wanted.tolist(), starts.tolist(), ends.tolist(), strict=True):
        yield place, frame[rows[start:end].tolist()].to_native()
