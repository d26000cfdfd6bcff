"""Which data there are: their hashes, and a fingerprint of each run, by which runs are known again among others.

Nothing of the outcomes can be read from it: values enter hashes only.
"""

import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sigstats.cards.data import Checkable, sweep_of
from sigstats.cards.lock.canonical import keyed
from sigstats.data.places import is_folder, mode_of
from sigstats.errors import SigstatsError
from sigstats.signature.signature import Signature

if TYPE_CHECKING:
    from sigstats.data.table.sweep import SweepTable
    from sigstats.studies.baseline.table import RunsTable

MOST_RUNS = 20_000
MOST_FILES = 20_000
BLOCK = 1 << 20
DIGITS = 16
# So many values that differ are a run of their own, whatever it is called; fewer may well recur in another run.
TELLING = 3


class Earlier(Protocol):
    """Runs that there were at an earlier time."""

    @property
    def levels(self) -> tuple[float, ...]:
        """Levels of the knob at which they had values."""

    @property
    def runs(self) -> tuple[str, ...]:
        """A fingerprint of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """The data of one signature at one time.

    Attributes
    ----------
    signature : str
        The signature, by name or place.
    path : str
        Where the data are, as the card says it.
    file_hash : str or None
        SHA-256 of the file; None for a folder.
    data_hash : str or None
        SHA-256 of the table that the signature is about, as in a verdict; None where it could not be read.
    rows : int or None
        Rows of that table.
    levels : tuple of float
        Levels of the knob at which the runs had values; empty without a knob.
    runs : tuple of str
        A fingerprint of each run: of its values at these levels, so that other labels do not make it new; where it has
        too few values to know it by, of its condition and seed as well.
    """

    signature: str
    path: str
    file_hash: str | None = None
    data_hash: str | None = None
    rows: int | None = None
    levels: tuple[float, ...] = ()
    runs: tuple[str, ...] = ()

    def may_hold(self, predicted: Iterable[float]) -> bool:
        """Return whether runs at predicted levels are among these data; they may be where these could not be read."""
        return self.data_hash is None or not set(predicted).isdisjoint(self.levels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Data as they are now, with what is needed to know them again."""

    found: Existing
    table: "SweepTable | RunsTable | None"
    changed: float | None  # when the file was last changed, in seconds since 1970

    @property
    def n_runs(self) -> int:
        """How many runs there are."""
        return 0 if self.table is None else sum(seeds_of(self.table).values())

    def runs_of(self, earlier: Earlier) -> int:
        """Return how many runs were there at an earlier time, with the same values at the levels of that time."""
        if self.table is None or not earlier.runs:
            return 0
        return len(set(earlier.runs) & set(fingerprints(self.table, earlier.levels or None)))

    def holds(self, earlier: Earlier) -> bool:
        """Return whether all runs of an earlier time are still there, as they were."""
        return bool(earlier.runs) and self.runs_of(earlier) == len(set(earlier.runs))


def existing(card: Checkable) -> tuple[Existing, ...]:
    """Return the data that the signatures of a card name and that exist; data that cannot be read yet count too."""
    frames: dict[Any, Any] = {}
    found = []
    for key, signature in keyed(card).items():
        path = card.data_path(signature)
        if path is not None and (mode_of(path) is not None or _files(path)):
            found.append(look(key, signature, path, frames).found)
    return tuple(found)


def look(key: str, signature: Signature, path: Path, frames: MutableMapping[Any, Any]) -> Seen:
    """Return what is known of the file or folder of a signature; `frames` keeps what has been read."""
    try:
        frame = sweep_of(path, signature, frames)
    except SigstatsError:
        frame = None
    seen = look_at(key, signature, frame, place=signature.data if signature.data is not None else str(path))
    files = _files(path)
    named = replace(seen.found, file_hash=None if is_folder(path) else _files_hash(files))
    return replace(seen, found=named, changed=max((each.stat().st_mtime for each in files), default=None))


def look_at(key: str, signature: Signature, frame: Any, *, place: str) -> Seen:  # noqa: ANN401 - a frame
    """Return what is known of the data of a signature, in a frame; None where there is no frame yet."""
    try:
        table = None if frame is None else table_of(frame, signature)
    except SigstatsError:
        table = None
    if table is None:
        return Seen(found=Existing(signature=key, path=place), table=None, changed=None)
    levels = _levels(table)
    found = Existing(
        signature=key,
        path=place,
        data_hash=table.data_hash,
        rows=int(table.n_rows),
        levels=levels,
        runs=tuple(sorted(fingerprints(table, levels or None)))[:MOST_RUNS],
    )
    return Seen(found=found, table=table, changed=None)


def table_of(frame: Any, signature: Signature) -> "SweepTable | RunsTable":  # noqa: ANN401 - a frame
    """Return the table that a signature is about."""
    if signature.shape.against_baseline:
        from sigstats.studies.baseline.table import read

        return read(frame, signature)
    from sigstats.evidence.open_table import read_table

    return read_table(frame, signature)


def seeds_of(table: "SweepTable | RunsTable") -> Mapping[str, int]:
    """Return how many seeds each condition has."""
    if isinstance(table.conditions, Mapping):
        return {name: len(runs.seeds) for name, runs in table.conditions.items()}
    return {name: len(table.seeds(name)) for name in table.conditions}


def fingerprints(table: "SweepTable | RunsTable", levels: tuple[float, ...] | None) -> list[str]:
    """Return a fingerprint of each run, of its values at some levels; none where a level is missing."""
    if isinstance(table.conditions, Mapping):
        return [_fingerprint(*run) for run in _runs_without_knob(table)]
    own: Any = table.levels
    wanted = own if levels is None else np.asarray(levels, dtype=np.float64)
    if not np.isin(wanted, own).all():
        return []
    at = np.searchsorted(own, wanted)
    return [
        _fingerprint(condition, seed, row[at])
        for condition in table.conditions
        for seed, row in zip(table.seeds(condition), table.matrix(condition), strict=True)
    ]


def _runs_without_knob(table: Any) -> Iterator[tuple[str, str, Any]]:  # noqa: ANN401 - a table without a knob
    for condition, runs in table.conditions.items():
        for seed, row in zip(runs.seeds, runs.values, strict=True):
            yield condition, seed, row


def _levels(table: "SweepTable | RunsTable") -> tuple[float, ...]:
    return () if isinstance(table.conditions, Mapping) else tuple(table.levels.tolist())


def _fingerprint(condition: str, seed: str, values: Any) -> str:  # noqa: ANN401 - an array
    digest = hashlib.sha256(b"sigstats run 2")
    differing = np.unique(values[np.isfinite(values)]).size
    for name in () if differing >= TELLING else (condition, seed):
        data = name.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    digest.update(np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes())
    return digest.hexdigest()[:DIGITS]


def _files(path: Path) -> list[Path]:
    """Return the files that a path stands for: itself, those in a folder, or those that match a pattern."""
    from sigstats.data.readers.source import files_named

    if is_folder(path):
        return [each for each in itertools.islice(path.rglob("*"), MOST_FILES) if os.path.isfile(each)]  # noqa: PTH113
    try:
        return [each for each in files_named(path) if os.path.isfile(each)]  # noqa: PTH113
    except SigstatsError:
        return []


def _files_hash(files: list[Path]) -> str | None:
    """Return the SHA-256 of the bytes of a file, or of the hashes of several."""
    try:
        hashes = [_file_hash(each) for each in files]
    except OSError:
        return None
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest() if hashes else None


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
