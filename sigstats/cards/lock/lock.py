"""Lock a card, declare a change of it, and look whether its lock is whole."""

import shlex
from pathlib import Path

from sigstats.cards.data import Checkable
from sigstats.cards.lock import canonical, clock, git
from sigstats.cards.lock.canonical import Record
from sigstats.cards.lock.chain import Break, BreakCode, Chain, against_commits, without_head
from sigstats.cards.lock.changes import changes
from sigstats.cards.lock.entries import Amended, Entry, Locked
from sigstats.cards.lock.existing import existing
from sigstats.cards.lock.file import append, create, lock_path, read_lock, refuse_existing
from sigstats.errors import CardError, OptionError, OutputError


def lock(card: Checkable) -> Locked:
    """Write the lock of a card beside it; there must be none yet."""
    path = _card_path(card)
    refuse_existing(lock_path(path))
    record = canonical.record_of(card)
    entry = Locked(
        number=0,
        time=clock.now(),
        previous=None,
        versions=versions(),
        file=path.name,
        card=record,
        card_hash=canonical.hash_of(record),
        data=existing(card),
        git=git.repository(path.parent),
    )
    made = create(lock_path(path), entry).locked
    if made is None:
        raise OutputError(
            f"the lock {str(lock_path(path))!r} was replaced while it was written. Write it again."
        )
    return made


def amend(card: Checkable, why: str) -> Amended:
    """Declare in the lock of a card in what the card differs from what was declared last, and why."""
    path = _card_path(card)
    if not why.strip():
        raise OptionError("`--why` is empty; an amendment gives its reason. Write a sentence.")
    file = lock_path(path)
    chain, _ = _read(card)
    refuse_broken(chain, file)
    record, data = canonical.record_of(card), existing(card)
    state = git.repository(path.parent)

    def entry(chain: Chain) -> Entry | None:
        latest = chain.latest
        found = () if latest is None else changes(latest.card, record)
        if latest is None or not found:
            return None
        return Amended(
            **following(chain),
            why=why.strip(),
            changes=found,
            card=record,
            card_hash=canonical.hash_of(record),
            data=data,
            git=state,
        )

    before = len(chain.amendments)
    chain = append(file, entry)
    refuse_broken(chain, file)
    if len(chain.amendments) == before:
        latest = chain.latest
        since = "" if latest is None else f" since {clock.said(latest.time)}"
        raise CardError(
            f"the card {str(path)!r} has not changed{since}. Change the card first, then declare it."
        )
    return chain.amendments[-1]


def following(chain: Chain) -> Record:
    """Return what every line after the last one has."""
    last = chain.entries[-1]
    time = max(clock.now(), last.time)  # a clock that was set back breaks no chain
    return {"number": last.number + 1, "time": time, "previous": last.hash, "versions": versions()}


def refuse_broken(chain: Chain, file: Path) -> None:
    """Raise if a lock is not as it was written."""
    if chain.breaks:
        raise CardError(
            f"the lock {str(file)!r} is not as it was written: {chain.breaks[0].message} Restore it, from git for "
            "example; nothing is added to it until then."
        )


def verify(card: Checkable, head: str | None = None) -> tuple[Chain, tuple[Break, ...]]:
    """Return the lines of the lock of a card, and every place where it is not as it was written."""
    file = lock_path(_card_path(card))
    chain, content = _read(card)
    breaks = (
        *chain.breaks,
        *other_card(card, chain),
        *(() if head is None else without_head(chain, head)),
        *against_commits(content, git.versions(file)),
    )
    return chain, breaks


def whole_chain(card: Checkable) -> Chain:
    """Return the lines of the lock of a card, which must be whole."""
    chain, _ = _read(card)
    refuse_broken(chain, lock_path(_card_path(card)))
    return chain


def _read(card: Checkable) -> tuple[Chain, bytes]:
    path = _card_path(card)
    found = read_lock(lock_path(path))
    if found is None:
        raise CardError(
            f"the card {str(path)!r} is not locked. Lock it with: sigstats lock {shlex.quote(str(path))}"
        )
    return found


def other_card(card: Checkable, chain: Chain) -> tuple[Break, ...]:
    """Return that a lock is that of another card: no signature of this one is in it, or it names another file."""
    locked, record = chain.locked, canonical.record_of(card)
    declared = {each.card_hash for each in chain.amendments}
    if locked is None or canonical.hash_of(record) in declared | {locked.card_hash}:
        return ()
    named = card.path is not None and card.path.name != locked.file
    shared = set(record["signatures"]) & set(locked.card["signatures"])
    same_idea = bool(record["idea"]) and record["idea"]["name"] == locked.card["idea"].get("name")
    if not named and (shared or same_idea):
        return ()
    message = f"The lock was made for another card, {locked.file!r}, which says something else than this one."
    return (Break(code=BreakCode.OTHER_CARD, line=1, message=message),)


def versions() -> dict[str, str]:
    """Return names and versions of sigstats, Python and the numerical packages."""
    from sigstats.detection import versions as known

    return dict(known())


def _card_path(card: Checkable) -> Path:
    if card.path is None:
        raise CardError(
            "the card has no file, beside which its lock would be. Write it to a file, and read it again."
        )
    return card.path
