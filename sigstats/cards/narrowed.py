"""The next card: a signature narrowed to where the data show it, marked as suggested by these data."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from sigstats.cards.data import chosen
from sigstats.errors import OptionError
from sigstats.evidence.open_table import read_table
from sigstats.evidence.reason import Reason
from sigstats.signature.signature import CLAIM, COMPARED, Signature
from sigstats.studies.scope.record import ScopeRecord, Suggestion
from sigstats.studies.scope.words import places_of
from sigstats.verdict.verdict import Verdict

Signatures = tuple[Signature, ...]


class Narrowable(Protocol):
    """What is asked of a card."""

    @property
    def signatures(self) -> Signatures:
        """The signatures."""

    def sweep(self, signature: Signature) -> Any:  # noqa: ANN401 - a frame
        """Read the sweep that a signature names."""


def narrowed(
    card: Narrowable,
    found: object,
    *,
    signature: str | None = None,
    data: Any = None,  # noqa: ANN401 - see Card.narrowed
) -> Signatures:
    """Return the signatures of a card, one of them narrowed to where it was found to hold."""
    if not isinstance(found, ScopeRecord | Verdict):
        raise OptionError(
            f"a card is narrowed to a Scope or a Verdict, and {type(found).__name__} was given. Make one with "
            "sigstats.scope or sigstats.detect."
        )
    place = _place(card.signatures, found.signature, signature)
    own = card.signatures[place]
    new = _to_scope(own, found) if isinstance(found, ScopeRecord) else _to_verdict(card, own, found, data)
    others = (*card.signatures[:place], *card.signatures[place + 1 :])
    renamed = _renamed(others, own.name, [each.name for each in new if each.name is not None])
    return (*renamed[:place], *new, *renamed[place:])


def _place(signatures: Sequence[Signature], asked: Signature, name: str | None) -> int:
    """Return which signature of the card was asked: the one of a name, or the only one that makes the same claim."""
    named = [at - 1 for at, _ in chosen(signatures, name)]
    same = [at for at in named if _claim(signatures[at]) == _claim(asked)]
    if len(same) == 1:
        return same[0]
    which = f"signature {name!r}" if name is not None else "none of the signatures"
    if not same:
        verb = "makes another claim than" if name is not None else "of the card makes the claim of"
        raise OptionError(
            f"{which} {verb} what was handed in. Ask for the scope of a signature of this card, as it is."
        )
    raise OptionError(f"{len(same)} signatures of the card make this claim. Say which one, with `signature`.")


def _claim(signature: Signature) -> dict[str, object]:
    return {name: getattr(signature, name) for name in (*CLAIM, *COMPARED)}


def _to_scope(own: Signature, found: ScopeRecord) -> Signatures:
    if len(found.holds) == len(found.cells):
        raise OptionError("the signature holds in every cell, so there is nothing to narrow it to.")
    if not found.suggestions:
        raise OptionError(
            "the signature is shown to hold in no cell, so there is nothing to narrow it to. Unknown cells may need "
            "more seeds."
        )
    return tuple(_of_suggestion(own, each, several=len(found.suggestions) > 1) for each in found.suggestions)


def _of_suggestion(own: Signature, suggestion: Suggestion, *, several: bool) -> Signature:
    name = own.name
    if several and name is not None:
        name = f"{name} ({places_of(suggestion.where)})"
    return dataclasses.replace(
        own,
        name=name,
        where={**(own.where or {}), **suggestion.where},
        suggested_by=(*own.suggested_by, *suggestion.data_hashes),
    )


def _to_verdict(card: Narrowable, own: Signature, verdict: Verdict, data: Any) -> Signatures:  # noqa: ANN401
    """Return the signature narrowed to the part of the knob, or to the treatments, of a partial verdict."""
    smaller = dict(_smaller(own, verdict))
    if not smaller:
        raise OptionError(
            f"the verdict is {verdict.status}, and names neither a part of the knob nor treatments in which the claim "
            "holds. Ask sigstats.scope where it does."
        )
    frame = card.sweep(own) if data is None else data
    if read_table(frame, own).data_hash != verdict.provenance.data_hash:
        raise OptionError("these are not the data of the verdict. Hand in the data that it was made of.")
    found = dataclasses.replace(own, **smaller)
    hashes = (*own.suggested_by, verdict.provenance.data_hash, read_table(frame, found).data_hash)
    return (dataclasses.replace(found, suggested_by=hashes),)


def _smaller(own: Signature, verdict: Verdict) -> Iterator[tuple[str, Any]]:
    """Yield fields that narrow a signature to what a partial verdict found."""
    if Reason.REVERSES in verdict.reasons and verdict.scope is not None:
        low, high = verdict.scope
        names = verdict.evidence.level_names
        knob = own.knob or "knob"
        rows: object = (
            [name for level, name in names if low <= level <= high] if names else {"min": low, "max": high}
        )
        yield "where", {**(own.where or {}), knob: rows}
    if Reason.SOME_CONDITIONS in verdict.reasons:
        short = {*verdict.findings.below_in, *verdict.findings.not_alone}
        showing = [arm.condition for arm in verdict.evidence.treatments if arm.condition not in short]
        if showing:
            yield "treatment", showing


def _renamed(others: Signatures, old: str | None, new: Sequence[str]) -> Signatures:
    """Return the other signatures; those that exclude the narrowed one exclude all that it became."""
    return tuple(
        dataclasses.replace(
            each,
            exclusive_with=tuple(
                name for one in each.exclusive_with for name in (new if one == old else (one,))
            ),
        )
        if old in each.exclusive_with
        else each
        for each in others
    )
