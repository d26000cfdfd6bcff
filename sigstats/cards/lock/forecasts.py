"""How forecasts stand to the lock of their card: whether they were declared before any run that they predict.

Of a forecast, the runs that its law is fitted to may exist when the card is locked: they are what it starts from. It is
*confirmatory* where the card is as it was locked, declares the forecast, and no run at the levels that it predicts was
there then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sigstats.cards.data import Checkable
from sigstats.cards.lock import clock
from sigstats.cards.lock.chain import Chain
from sigstats.cards.lock.entries import Locked
from sigstats.cards.lock.existing import Seen
from sigstats.cards.lock.record import Answer
from sigstats.cards.lock.record import record as write
from sigstats.cards.lock.result import Deviation, Ground, Kind, SignatureStanding, Standing
from sigstats.cards.lock.standing import deviations, is_locked, trusted, without_lock, worded
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import CardError, OutputError
from sigstats.evidence.look import look_at
from sigstats.signature.signature import Signature
from sigstats.studies.forecast.record import ForecastRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasted:
    """A forecast, the signature on the card that it was asked of, and the data that it was made from."""

    made: ForecastRecord
    signature: Signature
    seen: Seen

    @property
    def ahead(self) -> frozenset[float]:
        """The levels that are predicted."""
        return frozenset(self.made.to)


def standing(card: Checkable, found: Mapping[str, Forecasted]) -> Standing:
    """Return how forecasts stand to what was declared; they are called by the names or places of their signatures."""
    chain, breaks = trusted(card)
    if chain is None or chain.locked is None:
        without = without_lock(found, breaks)
        return worded(
            replace(without, signatures=tuple(replace(each, ahead=True) for each in without.signatures))
        )
    locked = chain.locked
    differs = deviations(card, chain, locked)
    each = tuple(_signature(key, one, chain, locked, differs) for key, one in found.items())
    order = tuple(Kind)
    return worded(
        Standing(
            kind=max((one.kind for one in each), key=order.index, default=Kind.EXPLORATORY),
            signatures=each,
            deviations=differs,
            locked=locked.time,
            head=chain.head,
        )
    )


def _signature(
    key: str, one: Forecasted, chain: Chain, locked: Locked, differs: tuple[Deviation, ...]
) -> SignatureStanding:
    existed = _existed(key, one, locked)
    grounds = [] if one.signature.forecast is not None else [Ground.NOT_DECLARED]
    grounds += [existed] if existed is not None else []
    exploratory = bool(grounds)
    if any(each.signature in (None, key) for each in differs):
        grounds.append(Ground.CARD_CHANGED)
    number, planned = _number(key, one, chain), len(one.signature.looks or ()) or 1
    if number > planned:
        grounds.append(Ground.UNPLANNED_LOOK)
    return SignatureStanding(
        signature=key,
        kind=Kind.EXPLORATORY if exploratory else Kind.DEVIATES if grounds else Kind.CONFIRMATORY,
        grounds=tuple(grounds),
        look=number,
        planned=planned,
        n_runs=one.seen.n_runs,
        dated=one.seen.changed is not None,
        ahead=True,
    )


def _existed(key: str, one: Forecasted, locked: Locked) -> Ground | None:
    """Return that runs at the predicted levels were there when the card was locked, or that this cannot be excluded."""
    for earlier in locked.data:
        own = earlier.signature == key or one.seen.runs_of(earlier) > 0
        if own and earlier.may_hold(one.ahead):
            return Ground.DATA_EXISTED
    older = one.seen.changed is not None and one.seen.changed < clock.seconds(locked.time)
    return Ground.DATA_OLDER if older and one.made.status is not None else None


def _number(key: str, one: Forecasted, chain: Chain) -> int:
    """Return how many data with runs at the predicted levels were looked at, up to these."""
    looked = [
        each.data_hash
        for look in chain.looks
        for each in look.signatures
        if each.signature == key and one.ahead & set(each.levels)
    ]
    this = str(one.seen.found.data_hash)
    before = looked[: looked.index(this)] if this in looked else looked
    return len(set(before)) + 1


def stands(
    card: Checkable, found: Mapping[str, Forecasted], *, record: bool, warn: Callable[[str], None]
) -> Standing:
    """Return how forecasts stand to their lock; those that are judged are looks at data, which the lock records."""
    now = standing(card, found)
    judged = {key: _answer(one) for key, one in found.items() if one.made.status is not None}
    if record and judged and is_locked(card) and not now.breaks:
        try:
            write(card, judged)
        except (OutputError, CardError) as error:
            warn(f"this look at the data was not recorded: {error}")
    return now


def _answer(one: Forecasted) -> Answer:
    table = one.seen.table
    look = look_at(table, one.made.signature) if isinstance(table, SweepTable) else None
    return Answer(seen=one.seen, verdict=str(one.made.status), look=None if look is None else look.number)
