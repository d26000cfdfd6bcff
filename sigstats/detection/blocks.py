"""Verdicts on many tables of equal layout at once, by the same path as a single one.

All numbers are computed for a block of tables, as arrays. Where what is done next depends on a number, tables that
differ in it are told apart and computed again, each part on its own; so in the end every part has one status, one rule
and the same reasons. What can only be computed for a single table is computed table by table.
"""

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from sigstats.data.table.sweep import SweepTable, TableNote
from sigstats.detection.single import brief_evidence, decision_of, hangs_on_lost, verdict_on
from sigstats.errors import SigstatsError
from sigstats.evidence import ArmEvidence, Evidence
from sigstats.evidence.reason import Reason
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import SingleTableError, TablesDifferError, sorted_out
from sigstats.stats.checks import FloatArray, IndexArray
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

Outcome = tuple[Status, tuple[Reason, ...]]
T = TypeVar("T")

# Cells of tables that are computed at once.
CELLS = 2_000_000
# Tables that a group must have on average, where tables are told apart before their evidence is there: fewer are not
# worth it.
FEWEST = 2


class Block(Protocol):
    """Tables of equal layout: the same conditions, seeds, levels and missing cells."""

    @property
    def n_tables(self) -> int: ...  # noqa: D102

    @property
    def condition(self) -> str | None: ...  # noqa: D102

    @property
    def conditions(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def seeds(self) -> tuple[tuple[str, ...], ...]: ...  # noqa: D102

    @property
    def levels(self) -> FloatArray: ...  # noqa: D102

    @property
    def cells(self) -> tuple[FloatArray, ...]: ...  # noqa: D102

    @property
    def knob(self) -> str: ...  # noqa: D102

    @property
    def metric(self) -> str: ...  # noqa: D102

    @property
    def level_names(self) -> tuple[tuple[float, str], ...]: ...  # noqa: D102

    def table(self, place: int) -> SweepTable: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Tables of a block that share a verdict."""

    tables: IndexArray  # their places in the block
    # The verdict: its numbers are arrays with an entry per table where there are several tables; else plain.
    # None where the tables could not be analysed.
    verdict: Verdict | None
    error: SigstatsError | None  # what kept them from being analysed
    at_once: bool  # whether they were computed together


@dataclass(frozen=True, slots=True)
class _Tables:
    """Some tables of a block, with the members of a table that evidence is gathered from."""

    block: Block
    places: IndexArray
    notes: tuple[TableNote, ...] = ()

    @property
    def knob(self) -> str:
        return self.block.knob

    @property
    def metric(self) -> str:
        return self.block.metric

    @property
    def condition(self) -> str | None:
        return self.block.condition

    @property
    def conditions(self) -> tuple[str, ...]:
        return self.block.conditions

    @property
    def levels(self) -> FloatArray:
        return self.block.levels

    @property
    def level_names(self) -> tuple[tuple[float, str], ...]:
        return self.block.level_names

    def seeds(self, condition: str) -> tuple[str, ...]:
        return self.block.seeds[self.block.conditions.index(condition)]

    def matrix(self, condition: str) -> FloatArray:
        return self.block.cells[self.block.conditions.index(condition)][self.places]


def verdicts_on_block(block: Block, signature: Signature) -> Iterator[Part]:
    """Yield the verdicts on the tables of a block, which cover every table once.

    They hold what decides, and not what only reports on one table show: notes, scope, places and hints.
    """
    cells = sum(each[0].size for each in block.cells)
    size = max(1, CELLS // max(cells, 1))
    pending = [np.arange(block.n_tables)[start : start + size] for start in range(0, block.n_tables, size)]
    while pending:
        places = pending.pop()
        try:
            evidence = _gathered(block, places, signature)
        except TablesDifferError as differ:
            groups = _told_apart(places, differ)
            if FEWEST * len(groups) > places.size:
                yield from (_single(block, int(place), signature) for place in places)
            else:
                pending += groups
        except (SingleTableError, SigstatsError):
            # A problem of one table is not one of them all.
            yield from (_single(block, int(place), signature) for place in places)
        else:
            yield from _decided(block, places, evidence, signature)


def decisions_on(tables: Sequence[SweepTable], signature: Signature) -> list[Outcome | SigstatsError]:
    """Return status and reasons of the verdict on each of some tables, those of equal layout computed together.

    For a table that cannot be analysed it is the error that says why.
    """
    layouts: dict[tuple[object, ...], list[int]] = {}
    for at, table in enumerate(tables):
        layouts.setdefault(_layout(table), []).append(at)
    found: dict[int, Outcome | SigstatsError] = {}
    for places in layouts.values():
        block = _Stacked([tables[at] for at in places])
        for part in verdicts_on_block(block, signature):
            outcome = (part.verdict.status, part.verdict.reasons) if part.verdict is not None else part.error
            if outcome is not None:
                found |= dict.fromkeys((places[int(at)] for at in part.tables), outcome)
    return [found[at] for at in range(len(tables))]


def _layout(table: SweepTable) -> tuple[object, ...]:
    """Return what tables of a block have in common."""
    cells = [table.matrix(name) for name in table.conditions]
    patterns = tuple((each.shape, np.packbits(np.isnan(each)).tobytes()) for each in cells)
    seeds = tuple(table.seeds(name) for name in table.conditions)
    return table.conditions, seeds, table.levels.tobytes(), table.level_names, patterns


@dataclass(frozen=True, slots=True)
class _Stacked:
    """Tables of equal layout as a block."""

    tables: Sequence[SweepTable]

    @property
    def n_tables(self) -> int:
        return len(self.tables)

    @property
    def condition(self) -> str | None:
        return self.tables[0].condition

    @property
    def conditions(self) -> tuple[str, ...]:
        return self.tables[0].conditions

    @property
    def seeds(self) -> tuple[tuple[str, ...], ...]:
        return tuple(self.tables[0].seeds(name) for name in self.conditions)

    @property
    def levels(self) -> FloatArray:
        return self.tables[0].levels

    @property
    def cells(self) -> tuple[FloatArray, ...]:
        return tuple(np.stack([each.matrix(name) for each in self.tables]) for name in self.conditions)

    @property
    def knob(self) -> str:
        return self.tables[0].knob

    @property
    def metric(self) -> str:
        return self.tables[0].metric

    @property
    def level_names(self) -> tuple[tuple[float, str], ...]:
        return self.tables[0].level_names

    def table(self, place: int) -> SweepTable:
        return self.tables[place]


def _gathered(block: Block, places: IndexArray, signature: Signature) -> Evidence:
    if places.size == 1:
        raise SingleTableError
    tables: Any = _Tables(block, places)
    return brief_evidence(tables, signature)


def _decided(block: Block, places: IndexArray, evidence: Evidence, signature: Signature) -> Iterator[Part]:
    """Yield the tables with the same answer to every comparison, with their verdict."""
    pending, arrays = [np.arange(places.size)], _arrays(evidence)
    while pending:
        at = pending.pop()
        own = evidence if at.size == places.size else _of_tables(evidence, arrays, at)
        try:
            verdict = sorted_out(functools.partial(_decision, own, signature))
        except TablesDifferError as differ:
            pending += _told_apart(at, differ)
        except SingleTableError:
            yield from (_single(block, int(place), signature) for place in places[at])
        else:
            yield Part(tables=places[at], verdict=verdict, error=None, at_once=True)


def _decision(evidence: Evidence, signature: Signature) -> Verdict:
    """Return the verdict that evidence leads to; one that hangs on lost cells is asked of each table on its own."""
    verdict = decision_of(evidence, signature)
    if hangs_on_lost(verdict):
        raise SingleTableError
    return verdict


def _told_apart(places: IndexArray, differ: TablesDifferError) -> list[IndexArray]:
    return [places[differ.groups == group] for group in np.unique(differ.groups)]


def _single(block: Block, place: int, signature: Signature) -> Part:
    """Return the verdict on one table, as `detect` finds it."""
    at, verdict, failed = np.array([place]), None, None
    try:
        verdict = verdict_on(block.table(place), signature)
    except SigstatsError as error:
        # A table that cannot be analysed has no status; it never counts as an answer.
        failed = error
    return Part(tables=at, verdict=verdict, error=failed, at_once=False)


def _arrays(found: object) -> Any:  # noqa: ANN401 - as nested as the result
    """Return where a result has an entry per table: by member, True for an array; None where there is none."""
    if isinstance(found, np.ndarray):
        return True
    if isinstance(found, tuple):
        members = [_arrays(each) for each in found]
        return None if all(each is None for each in members) else members
    if not dataclasses.is_dataclass(found):
        return None
    # What it was computed from is not needed any more.
    left = ("levels", "curves", "scores") if isinstance(found, ArmEvidence) else ()
    inside = {each.name: _arrays(getattr(found, each.name)) for each in dataclasses.fields(found)}
    return {name: each for name, each in inside.items() if each is not None and name not in left} or None


def _of_tables(found: T, arrays: Any, at: IndexArray) -> T:  # noqa: ANN401 - as nested as the result
    """Return a result on some of its tables; `arrays` says where it has an entry per table."""
    if arrays is None:
        return found
    if isinstance(found, np.ndarray):
        return found[at]  # type: ignore[return-value]
    if isinstance(found, tuple):
        members = zip(found, arrays, strict=True)
        return tuple(_of_tables(each, inside, at) for each, inside in members)  # type: ignore[return-value]
    changes = {name: _of_tables(getattr(found, name), inside, at) for name, inside in arrays.items()}
    return dataclasses.replace(found, **changes)  # type: ignore[type-var]
