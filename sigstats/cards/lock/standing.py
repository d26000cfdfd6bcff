"""How an answer stands to what was declared before the data: confirmatory, deviating or exploratory.

A lock says what the card said and which data existed. An answer is *confirmatory* where the card is as it was locked,
the data are others than those that existed then, and this look at data was planned; it *deviates* where the card says
something else, or the look was not planned; without a lock that can be trusted, or on data that existed, it is
*exploratory*.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sigstats.cards.data import Checkable, is_suggested
from sigstats.cards.lock import canonical, clock, words
from sigstats.cards.lock.chain import Break, BreakCode, Chain
from sigstats.cards.lock.changes import Change, changes
from sigstats.cards.lock.entries import Amended, Locked, Looked
from sigstats.cards.lock.existing import Existing, Seen
from sigstats.cards.lock.file import lock_path, read_lock
from sigstats.cards.lock.lock import other_card
from sigstats.cards.lock.record import Answer
from sigstats.cards.lock.result import Deviation, Ground, Kind, SignatureStanding, Standing
from sigstats.errors import CardError
from sigstats.verdict.rules import Status

ORDER = tuple(Kind)


def standing(card: Checkable, answers: Mapping[str, Answer]) -> Standing:
    """Return how answers stand to what was declared; they are called by the names or places of their signatures."""
    chain, breaks = trusted(card)
    locked = None if chain is None else chain.locked
    if chain is None or locked is None:
        return without_lock(answers, breaks, suggested=_suggested(card, answers))
    differs = deviations(card, chain, locked)
    each = tuple(_signature(card, key, answer, chain, locked, differs) for key, answer in answers.items())
    found = Standing(
        kind=max((one.kind for one in each), key=ORDER.index, default=Kind.EXPLORATORY),
        signatures=each,
        deviations=differs,
        locked=locked.time,
        head=chain.head,
    )
    return worded(found)


def trusted(card: Checkable) -> tuple[Chain | None, tuple[Break, ...]]:
    """Return the lock of a card; None where there is none, or where it is not as it was written: then also why."""
    try:
        there = None if card.path is None else read_lock(lock_path(card.path))
    except CardError as error:
        return None, (Break(code=BreakCode.UNREADABLE, line=None, message=str(error)),)
    if there is None:
        return None, ()
    chain = there[0]
    breaks = (*chain.breaks, *other_card(card, chain))
    return (None if breaks else chain), breaks


def worded(found: Standing) -> Standing:
    """Return a standing with its sentences."""
    return replace(
        found,
        sentence=words.sentence(found),
        clause=words.clause(found),
        details=tuple(words.details(found)),
    )


def without_lock(
    keys: Iterable[str], breaks: tuple[Break, ...] = (), *, suggested: Collection[str] = ()
) -> Standing:
    """Return the standing of answers where there is no lock, or one that cannot be trusted.

    `suggested` are the signatures that these data suggested.
    """
    ground = Ground.BROKEN_LOCK if breaks else Ground.NO_LOCK
    each = tuple(
        SignatureStanding(
            signature=key,
            kind=Kind.EXPLORATORY,
            grounds=(ground, *([Ground.SUGGESTED_BY_THESE_DATA] if key in suggested else [])),
        )
        for key in keys
    )
    return worded(Standing(kind=Kind.EXPLORATORY, signatures=each, breaks=breaks))


def _suggested(card: Checkable, answers: Mapping[str, Answer]) -> list[str]:
    """Return the signatures that the data of their answers suggested."""
    own = canonical.keyed(card)
    return [key for key, each in answers.items() if is_suggested(own[key], each.seen.found.data_hash)]


def is_locked(card: Checkable) -> bool:
    """Return whether there is a lock beside a card."""
    return card.path is not None and os.path.lexists(lock_path(card.path))


def deviations(card: Checkable, chain: Chain, locked: Locked) -> tuple[Deviation, ...]:
    """Return what a card says differently than its lock, each with its amendment if it was declared."""
    found = changes(locked.card, canonical.record_of(card))
    return tuple(_deviation(each, chain) for each in found)


def _deviation(change: Change, chain: Chain) -> Deviation:
    by = _declared(change, chain.amendments)
    return Deviation(
        signature=change.signature,
        field=change.field,
        locked=change.old,
        now=change.new,
        why=None if by is None else by.why,
        declared=None if by is None else by.time,
        before_data=by is not None
        and not by.data
        and not any(look.number < by.number for look in chain.looks),
    )


def _declared(change: Change, amendments: Sequence[Amended]) -> Amended | None:
    """Return the amendment that made a field what it is now, None where the last one made it something else."""
    for amended in reversed(amendments):
        for each in amended.changes:
            if each.place == change.place:
                return amended if each.new == change.new else None
    return None


def _signature(
    card: Checkable, key: str, answer: Answer, chain: Chain, locked: Locked, differs: Sequence[Deviation]
) -> SignatureStanding:
    seen, says = answer.seen, canonical.hash_of(canonical.signature_record(canonical.keyed(card)[key]))
    looked = [each for look in chain.looks for each in look.signatures if each.signature == key]
    same = [each for each in looked if each.data_hash == seen.found.data_hash]
    before = looked[: looked.index(same[0])] if same else looked
    plan = locked.card["signatures"].get(key, {}).get("looks", ())
    number = answer.look if plan else len({each.data_hash for each in before}) + 1
    n_existed, existed = _existed(seen, locked)
    suggested = is_suggested(canonical.keyed(card)[key], seen.found.data_hash)
    grounds = [*existed, *([Ground.SUGGESTED_BY_THESE_DATA] if suggested else [])]
    if any(each.signature in (None, key) for each in differs):
        grounds.append(Ground.CARD_CHANGED)
    if number is None or number > (len(plan) or 1):
        grounds.append(Ground.UNPLANNED_LOOK)
    between = [each for each in before if plan and _claimed_nothing(each, locked) and seen.holds(each)]
    others = [each for each in before if each not in between]
    if plan and number is not None and any(each.look is None or each.look >= number for each in others):
        grounds.append(Ground.REPEATED_LOOK)
    if any(each.says != says for each in same):
        grounds.append(Ground.OTHER_VERSION_SEEN)
    return SignatureStanding(
        signature=key,
        kind=Kind.EXPLORATORY if existed or suggested else Kind.DEVIATES if grounds else Kind.CONFIRMATORY,
        grounds=tuple(grounds),
        look=number,
        planned=len(plan) or 1,
        repeated=any(each.says == says for each in same),
        n_runs=seen.n_runs,
        n_existed=n_existed,
        n_between=len(between) if number is not None else 0,
        dated=seen.changed is not None,
    )


def planned_looks(chain: Chain) -> int:
    """Return how many recorded looks the lock plans: with the card as it was locked, each once and in order."""
    last: dict[str, int] = {}
    count = 0
    for look in chain.looks:
        numbers = {each.signature: _planned_number(each, chain) for each in look.signatures}
        count += all(number > last.get(key, 0) for key, number in numbers.items())
        last |= {key: max(number, last.get(key, 0)) for key, number in numbers.items()}
    return count


def _planned_number(each: Looked, chain: Chain) -> int:
    """Return which planned look of a signature this is, from 1; 0 where it is none, or the card said something else."""
    locked = chain.locked
    if locked is None or not _as_locked(each, locked):
        return 0
    return (each.look or 0) if locked.card["signatures"][each.signature].get("looks") else 1


def _as_locked(each: Looked, locked: Locked) -> bool:
    """Return whether the signature said at a look what it said when it was locked."""
    said = locked.card["signatures"].get(each.signature)
    return said is not None and each.says == canonical.hash_of(said)


def _claimed_nothing(each: Looked, locked: Locked) -> bool:
    """Return whether a look was at numbers of seeds that were not planned, at which the locked plan claims nothing.

    Errors are made at planned looks only, and all of them together are paid for, whichever of them are taken. So it
    does no harm to have seen numbers in between, as long as nothing else is changed for them.
    """
    return each.look is None and each.verdict == Status.INCONCLUSIVE and _as_locked(each, locked)


def _existed(seen: Seen, locked: Locked) -> tuple[int, tuple[Ground, ...]]:
    """Return how many runs existed when the card was locked, and what that means."""
    earlier = locked.data  # of all signatures: the same data may be named by another one
    if any(_same(seen.found, each) for each in earlier):
        return seen.n_runs, (Ground.DATA_EXISTED,)
    count = max((seen.runs_of(each) for each in earlier), default=0)
    if count and count >= seen.n_runs:
        return count, (Ground.DATA_EXISTED,)
    if count:
        return count, (Ground.SOME_DATA_EXISTED,)
    if seen.changed is not None and seen.changed < clock.seconds(locked.time):
        return 0, (Ground.DATA_OLDER,)
    return 0, ()


def _same(now: Existing, then: Existing) -> bool:
    """Return whether the bytes or the table are the same."""
    same_file = now.file_hash is not None and now.file_hash == then.file_hash
    return same_file or (now.data_hash is not None and now.data_hash == then.data_hash)
