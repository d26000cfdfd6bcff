"""The lines of a lock: the lock itself, amendments, and looks at data.

Each line is one JSON object. Its ``hash`` covers everything else in it, the hash of the line before included, so that
no line can be changed, moved or taken away without a trace in the next one.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from sigstats.cards.lock.canonical import Record, hash_of
from sigstats.cards.lock.changes import Change
from sigstats.cards.lock.clock import STAMP
from sigstats.cards.lock.existing import Existing
from sigstats.cards.lock.git import Repository

SCHEMA = 1
HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was seen of one signature at a look at data."""

    signature: str
    says: str  # hash of what the signature said
    path: str
    data_hash: str
    rows: int
    seeds: Mapping[str, int]  # by condition
    look: int | None  # which of the planned looks it is; None where none were planned, or not this one
    verdict: str
    levels: tuple[
        float, ...
    ] = ()  # at which the runs had values, and a fingerprint of each run: see `Existing`
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a lock."""

    kind: ClassVar[str]
    number: int  # from 0
    time: str
    previous: str | None  # hash of the line before
    hash: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked(Entry):
    """The first line: what the card said, and which data existed."""

    kind: ClassVar[str] = "lock"
    file: str  # name of the card
    card: Mapping[str, Record]
    card_hash: str
    data: tuple[Existing, ...]
    git: Repository | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended(Entry):
    """A declared change of the card."""

    kind: ClassVar[str] = "amendment"
    why: str
    changes: tuple[Change, ...]
    card: Mapping[str, Record]
    card_hash: str
    data: tuple[Existing, ...]
    git: Repository | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Entry):
    """A look at data that was not taken before."""

    kind: ClassVar[str] = "look"
    card_hash: str
    signatures: tuple[Looked, ...]


def record_of(entry: Entry) -> Record:
    """Return an entry as plain values, with its hash as it ought to be."""
    record = {"kind": entry.kind, "schema": SCHEMA, **_plain(asdict(entry))}
    del record["hash"]
    return {**record, "hash": hash_of(record)}


def read(record: Mapping[str, Any]) -> Entry:
    """Return the entry that a record stands for; whatever it should not hold raises ValueError or TypeError."""
    kinds = {"lock": _locked, "amendment": _amended, "look": _look}
    if record["schema"] != SCHEMA:
        raise ValueError(f"schema {record['schema']!r}")
    entry: Entry = kinds[record["kind"]](dict(record))
    numbered = isinstance(entry.number, int) and not isinstance(entry.number, bool)
    stamped = STAMP.fullmatch(entry.time) and HASH.fullmatch(entry.hash)
    linked = entry.previous is None or HASH.fullmatch(entry.previous)
    if not (numbered and stamped and linked):
        raise ValueError("number, time or hash")
    return entry


def _common(record: Record) -> Record:
    versions = {str(name): str(version) for name, version in record["versions"].items()}
    return {**{key: record[key] for key in ("number", "time", "previous", "hash")}, "versions": versions}


def _stand(record: Record) -> Record:
    """Return what the lock and amendments have in common."""
    card = record["card"]
    says = {
        "idea": dict(card["idea"]),
        "signatures": {key: dict(each) for key, each in card["signatures"].items()},
    }
    if not isinstance(record["card_hash"], str):
        raise TypeError("card_hash")
    git = record["git"]
    return {
        "card": says,
        "card_hash": record["card_hash"],
        "data": tuple(_existing(each) for each in record["data"]),
        "git": None if git is None else Repository(commit=str(git["commit"]), clean=bool(git["clean"])),
    }


def _existing(record: Record) -> Existing:
    return Existing(**{**record, **_runs(record)})


def _runs(record: Record) -> Record:
    """Return levels and runs; looks of earlier versions have none."""
    return {
        "levels": tuple(map(float, record.get("levels", ()))),
        "runs": tuple(map(str, record.get("runs", ()))),
    }


def _locked(record: Record) -> Locked:
    return Locked(**_common(record), **_stand(record), file=str(record["file"]))


def _amended(record: Record) -> Amended:
    found = tuple(Change(**each) for each in record["changes"])
    return Amended(**_common(record), **_stand(record), why=str(record["why"]), changes=found)


def _look(record: Record) -> Look:
    looked = tuple(
        Looked(**{**each, **_runs(each), "seeds": {str(name): int(n) for name, n in each["seeds"].items()}})
        for each in record["signatures"]
    )
    return Look(**_common(record), card_hash=str(record["card_hash"]), signatures=looked)


def _plain(value: Any) -> Any:  # noqa: ANN401 - plain values
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
