"""Looks at data are recorded: which data, which verdict, which version, when."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sigstats.cards.data import Checkable
from sigstats.cards.lock import canonical
from sigstats.cards.lock.chain import Chain
from sigstats.cards.lock.entries import Entry, Look, Looked
from sigstats.cards.lock.existing import Seen, seeds_of
from sigstats.cards.lock.file import append, lock_path
from sigstats.cards.lock.lock import following


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The verdict on one signature, and the data that it rests on."""

    seen: Seen
    verdict: str
    look: int | None = None  # which of the planned looks it is, by the numbers of seeds


def record(card: Checkable, answers: Mapping[str, Answer]) -> Chain:
    """Add a look at data to the lock of a card; what was seen before with the same verdict is not added again."""
    says = canonical.record_of(card)
    looked = [_looked(key, answer, says["signatures"][key]) for key, answer in answers.items()]

    def entry(chain: Chain) -> Entry | None:
        known = [_identity(each) for look in chain.looks for each in look.signatures]
        new = tuple(each for each in looked if _identity(each) not in known)
        if not new:
            return None
        return Look(**following(chain), card_hash=canonical.hash_of(says), signatures=new)

    return append(lock_path(Path(str(card.path))), entry)


def _looked(key: str, answer: Answer, says: canonical.Record) -> Looked:
    found, table = answer.seen.found, answer.seen.table
    return Looked(
        signature=key,
        says=canonical.hash_of(says),
        path=found.path,
        data_hash=str(found.data_hash),
        rows=found.rows or 0,
        seeds={} if table is None else dict(seeds_of(table)),
        look=answer.look,
        verdict=answer.verdict,
        levels=found.levels,
        runs=found.runs,
    )


def _identity(each: Looked) -> tuple[str, ...]:
    """Return what makes a look the same look."""
    return each.signature, each.says, each.data_hash, each.verdict
