"""What ``sigstats lock``, ``sigstats amend`` and the lock's part of ``sigstats check`` do."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sigstats.errors import OptionError, unknown_option

if TYPE_CHECKING:
    from sigstats.cards.verdict.result import CardVerdict
    from sigstats.signature.signature import Signature
    from sigstats.studies.answers.pvalues import Answer as AnyAnswer

    Pairs = Sequence[tuple[Signature, AnyAnswer]]
    from sigstats.cards.lock.result import Standing

NOT_AS_LOCKED = 14
EXPORTS = ("osf", "prml")


def as_json(found: "CardVerdict") -> str:
    """Return the answer to a card as JSON, with what to do next."""
    from sigstats.cards.lock.checked import standing_of
    from sigstats.report.json import written

    return written({**found.to_dict(), "next": steps_of(found.answered, standing_of(found))})


def steps_of(pairs: "Pairs", standing: "Standing | None") -> list[dict[str, Any]]:
    """Return what to do next after a check, as plain values."""
    from sigstats.cards.next_steps import after_answer, after_standing
    from sigstats.report.next_steps import records

    steps = [step for signature, answer in pairs for step in after_answer(answer, signature.name)]
    return records([*steps, *(() if standing is None else after_standing(standing))])


def lock(path: str, *, as_json: bool) -> str:
    """Lock a card, and return what is to be said of it."""
    from sigstats.cards.card import Card
    from sigstats.cards.lock import words
    from sigstats.cards.lock.entries import record_of
    from sigstats.cards.lock.file import lock_path
    from sigstats.cards.lock.lock import lock as make
    from sigstats.report.next_steps import NextStep, StepCode

    card = Card.from_toml(path)
    entry = make(card)
    if not as_json:
        return words.locked(entry, str(lock_path(card.path)) if card.path else "")
    steps = [
        NextStep(code=StepCode.PUBLISH_HEAD, why=words.PUBLISH),
        NextStep(code=StepCode.COLLECT_DATA, why="The card is locked."),
    ]
    return _json({"lock": record_of(entry), "head": entry.hash}, steps)


def amend(path: str, why: str, *, as_json: bool) -> str:
    """Declare a change of a card, and return what is to be said of it."""
    from sigstats.cards.card import Card
    from sigstats.cards.lock import words
    from sigstats.cards.lock.entries import record_of
    from sigstats.cards.lock.lock import amend as make
    from sigstats.report.next_steps import NextStep, StepCode

    entry = make(Card.from_toml(path), why)
    if not as_json:
        return words.amended(entry)
    steps = [NextStep(code=StepCode.PUBLISH_HEAD, why=words.PUBLISH)]
    return _json({"amendment": record_of(entry), "head": entry.hash}, steps)


def verify(path: str, head: str | None, *, as_json: bool) -> tuple[str, int]:
    """Return whether the lock of a card is as it was written, and the exit code."""
    from sigstats.cards.card import Card
    from sigstats.cards.lock import words
    from sigstats.cards.lock.lock import verify as look
    from sigstats.cards.lock.standing import planned_looks
    from sigstats.report.json import plain
    from sigstats.report.next_steps import NextStep, StepCode

    chain, breaks = look(Card.from_toml(path), head)
    code = NOT_AS_LOCKED if breaks else 0
    if not as_json:
        return words.verified(chain, breaks, planned_looks(chain)), code
    steps = [NextStep(code=StepCode.RESTORE_LOCK, why=breaks[0].message)] if breaks else []
    counts = {
        "lines": len(chain.entries),
        "amendments": len(chain.amendments),
        "looks": len(chain.looks),
        "planned_looks": planned_looks(chain),
    }
    return _json({"whole": not breaks, "head": chain.head, **counts, "breaks": plain(breaks)}, steps), code


def export(path: str, name: str, producer: str | None) -> str:
    """Return a locked card in the format of a registry."""
    from sigstats.cards.card import Card
    from sigstats.cards.lock.lock import whole_chain

    if name not in EXPORTS:
        raise OptionError(unknown_option("--export", name, EXPORTS))
    card = Card.from_toml(path)
    chain = whole_chain(card)
    if name == "osf":
        from sigstats.cards.lock.export.osf import preregistration

        return preregistration(chain)
    if not producer:
        raise OptionError(
            "a PRML manifest names its producer; add --producer with a domain, an ORCID or a handle."
        )
    from sigstats.cards.lock.export.prml import manifest

    return manifest(chain, producer)


def _json(values: dict[str, Any], steps: "list[Any]") -> str:
    from sigstats.report.json import SCHEMA, written
    from sigstats.report.next_steps import records

    return written({"schema": SCHEMA, **values, "next": records(steps)})
