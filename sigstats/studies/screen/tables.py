"""The tables of all keys on one machine, and the verdicts on them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sigstats.data.parallel import parallel_map
from sigstats.data.table.block import CellBlock
from sigstats.data.table.cells import IntArray
from sigstats.data.table.frames import adopt
from sigstats.data.table.keyed.keys import Keys
from sigstats.data.table.keyed.read import KeyedTables, Reading, keys_in, read_keys, rows_of_keys
from sigstats.data.table.keyed.reduce import BoolArray
from sigstats.detection import verdict_on
from sigstats.errors import SigstatsError
from sigstats.evidence.open_table import read_table
from sigstats.signature.signature import Signature
from sigstats.studies.answers.ask import ask
from sigstats.studies.answers.pvalues import Answer
from sigstats.studies.screen.judging import judge_block
from sigstats.studies.screen.rows import Row, Rows, placed, row_of, stacked

MOST_CELLS, MOST_TABLES = 2_000_000, 20_000  # of one task
FRAMES = 32  # keys that are read one by one and handed to a process together


class Tables:
    """The tables of all keys; how they are read is remembered."""

    def __init__(self, data: Any, by: Sequence[str], *, n_jobs: int = 1) -> None:  # noqa: ANN401 - see screen
        self.data, self.n_jobs = data, n_jobs
        self.source, self.keys = keys_in(data, by)
        self._read: dict[str, KeyedTables] = {}

    def of(self, signature: Signature) -> KeyedTables:
        """Return the tables that a signature is about."""
        shape = signature.shape
        if shape.along is not None or shape.against_baseline or signature.item is not None:
            return KeyedTables(blocks=(), singles=np.arange(len(self.keys)))
        reading = _reading(signature)
        name = repr(reading)
        if name not in self._read:
            self._read[name] = read_keys(self.data, self.keys, reading)
        return self._read[name]

    def judge(self, signature: Signature, only: BoolArray | None = None) -> Rows:
        """Return a row per key; those that are not asked about have no status."""
        tables = self.of(signature)
        parts = list(_parts(tables.blocks, only))
        singles = tables.singles if only is None else tables.singles[only[tables.singles]]
        label = "judging tables"
        judged = parallel_map(judge_block, parts, signature, n_jobs=self.n_jobs, label=label, block=1)
        places = [part.table_of for part in parts]
        if singles.size:
            frames = list(_batches(self.source, self.keys, singles))
            label = "judging tables one by one"
            judged += parallel_map(_judge_frames, frames, signature, n_jobs=self.n_jobs, label=label, block=1)
            places.append(singles)
        return placed(judged, np.concatenate(places) if places else np.empty(0, dtype=int), len(self.keys))

    def rows_of(self, place: int) -> Any:  # noqa: ANN401 - a frame
        """Return the rows of one key, with all columns."""
        return next(rows for _, rows in rows_of_keys(self.source, self.keys, np.array([place])))

    def first_error(self, signature: Signature) -> None:
        """Raise what keeps the first key from being analysed; without keys, the data."""
        ask(self.rows_of(0) if len(self.keys) else self.data, signature)


def is_ray(data: Any) -> bool:  # noqa: ANN401
    """Return whether the data are a ray data set, which is no frame."""
    return hasattr(data, "map_batches") and hasattr(data, "to_pandas")


def answer_on(data: Any, keys: Keys, place: int, signature: Signature) -> Answer:  # noqa: ANN401
    """Return the whole answer on one key."""
    if is_ray(data):
        data = data.to_pandas()
    rows = next(rows for _, rows in rows_of_keys(adopt(data), keys, np.array([place])))
    return ask(rows, signature)


def _reading(signature: Signature) -> Reading:
    bounds = signature.bounds
    return Reading(
        given={
            "knob": signature.knob,
            "metric": signature.metric,
            "seed": signature.seed,
            "condition": signature.condition,
        },
        where=signature.where or {},
        aggregate=signature.aggregate,
        conditions=signature.in_use,
        order=signature.order,
        bounds=None if bounds is None or isinstance(bounds, str) else bounds,
    )


def _parts(blocks: Sequence[CellBlock], only: BoolArray | None) -> Iterator[CellBlock]:
    """Yield blocks in pieces of bounded size, of some keys only."""
    for each in blocks:
        block = each
        if only is not None:
            block = each.take(np.flatnonzero(only[each.table_of]))
        size = max(sum(cells[0].size for cells in each.cells), 1)
        step = max(min(MOST_CELLS // size, MOST_TABLES), 1)
        for start in range(0, block.n_tables, step):
            yield block.take(slice(start, start + step))


def _batches(source: Any, keys: Keys, singles: IntArray) -> Iterator[list[Any]]:  # noqa: ANN401 - a frame
    batch = []
    for _, frame in rows_of_keys(source, keys, singles):
        batch.append(frame)
        if len(batch) == FRAMES:
            yield batch
            batch = []
    if batch:
        yield batch


def _judge_frames(frames: Sequence[Any], signature: Signature) -> Rows:
    return stacked([_judged(frame, signature) for frame in frames])


def _judged(frame: Any, signature: Signature) -> Row:  # noqa: ANN401 - a frame
    """Return the row of a key that is read on its own."""
    try:
        if signature.shape.against_baseline:
            return row_of(ask(frame, signature))
        return row_of(verdict_on(read_table(frame, signature), signature))
    except SigstatsError as error:
        # A key that cannot be read has no status, with the reason; it never counts as an answer.
        return Row(problem=str(error))


def at_rate(signature: Signature, share: float) -> Signature:
    """Return the signature with the error rate that its intervals have after selection."""
    return replace(signature, alpha=signature.alpha * share)
