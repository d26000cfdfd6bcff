"""Check a card: the verdicts, how they stand to its lock, and the record of this look at the data."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sigstats.cards.data import Checkable
from sigstats.cards.lock.canonical import keyed
from sigstats.cards.lock.existing import Seen, look, look_at
from sigstats.cards.lock.record import Answer
from sigstats.cards.lock.record import record as write
from sigstats.cards.lock.result import Standing
from sigstats.cards.lock.standing import is_locked, standing, without_lock
from sigstats.cards.verdict.check import Missing, Rng, check, sources
from sigstats.cards.verdict.outcomes import Prediction
from sigstats.cards.verdict.result import CardVerdict
from sigstats.errors import CardError, OutputError
from sigstats.signature.signature import Signature
from sigstats.stats.classical.closed_testing import Dependence
from sigstats.studies.answers.pvalues import Answer as AnyAnswer

IN_MEMORY = "a table in memory"

Tell = Callable[[str], None]


def checked(
    card: Checkable,
    data: Any = None,  # noqa: ANN401 - a frame, a path, or a mapping from names to either
    *,
    signature: str | None = None,
    dependence: Dependence = "any",
    missing: Missing = "error",
    rng: Rng = None,
    record: bool = True,
    tell: Tell = lambda _: None,
    warn: Tell,
) -> CardVerdict:
    """Return the verdicts on a card with their standing; a look that could not be recorded is told to `warn`."""
    known: dict[Any, Any] = {}
    found = check(
        card,
        data,
        signature=signature,
        dependence=dependence,
        missing=missing,
        rng=rng,
        known=known,
        tell=tell,
    )
    if card.path is None:
        return found
    each = {
        key: one for key, one in zip(keyed(card), found.predictions, strict=True) if one.verdict is not None
    }
    if not is_locked(card):
        suggested = [key for key, one in each.items() if one.suggested_by_these_data]
        return replace(found, standing=without_lock(each, suggested=suggested))
    answers = _answers(each, sources(card, data), known)
    stands = standing(card, answers)
    if record and not stands.breaks:
        _record(card, answers, warn)
    return replace(found, standing=stands)


def standing_of(found: CardVerdict) -> Standing | None:
    """Return the standing that `checked` gave to a verdict."""
    return found.standing if isinstance(found.standing, Standing) else None


def _answers(
    predictions: Mapping[str, Prediction],
    source_of: Callable[[Signature], tuple[Signature, Any]],
    known: MutableMapping[Any, Any],
) -> dict[str, Answer]:
    answers = {}
    for key, each in predictions.items():
        if each.verdict is not None:
            seen = _seen(key, *source_of(each.signature), known)
            status = str(each.verdict.status)
            answers[key] = Answer(seen=seen, verdict=status, look=_planned_look(each.verdict))
    return answers


def _seen(key: str, signature: Signature, source: Any, known: MutableMapping[Any, Any]) -> Seen:  # noqa: ANN401 - see `checked`
    if isinstance(source, Path):
        return look(key, signature, source, known)
    return look_at(key, signature, source, place=IN_MEMORY)


def _planned_look(answer: AnyAnswer) -> int | None:
    """Return which of the planned looks an answer is at; claims on a baseline plan none."""
    found = None if answer.signature.shape.against_baseline else answer.look  # type: ignore[union-attr]
    return None if found is None else found.number


def _record(card: Checkable, answers: Mapping[str, Answer], warn: Tell) -> None:
    try:
        write(card, answers)
    except (OutputError, CardError) as error:
        warn(f"this look at the data was not recorded: {error}")
