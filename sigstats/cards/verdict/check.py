"""Check every signature of a card, and judge the idea."""

import dataclasses
import glob
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sigstats.cards.data import Checkable, chosen, named, no_data, notes_of, place_of, sweep_of
from sigstats.cards.verdict.outcomes import Outcome, Prediction, judged
from sigstats.cards.verdict.result import CardVerdict
from sigstats.cards.verdict.rivals import rivalries
from sigstats.cards.verdict.weigh import weigh
from sigstats.data.places import mode_of
from sigstats.data.progress import progress
from sigstats.errors import OptionError, did_you_mean, remedies_for
from sigstats.signature.idea import Idea
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.classical.closed_testing import DEPENDENCES, Dependence, adjusted
from sigstats.studies.answers.ask import ask
from sigstats.studies.answers.pvalues import Answer

Missing = Literal["error", "open"]
Rng = np.random.Generator | int | None


def check(
    card: Checkable,
    data: Any = None,  # noqa: ANN401 - a frame, a path, or a mapping from names to either
    *,
    signature: str | None = None,
    dependence: Dependence = "any",
    missing: Missing = "error",
    rng: Rng = None,
    known: dict[Any, Any] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> CardVerdict:
    """Return the verdicts on a card.

    `known` keeps the data that are read, and `tell` hears what was decided while logs became tables.
    """
    checks.choice("dependence", dependence, DEPENDENCES)
    checks.choice("missing", missing, ("error", "open"))
    asked = {number for number, _ in chosen(card.signatures, signature)}
    source_of = sources(card, data)
    known = {} if known is None else known
    predictions = []
    with progress("checking", len(asked)) as advance:
        for number, each in enumerate(card.signatures, start=1):
            if number not in asked:
                predictions.append(judged(each, None, number=number, missing=Outcome.NOT_ASKED))
                continue
            about, source = source_of(each)
            if source is None and missing == "error":
                raise no_data(each)
            with named(place_of(number, each), only=len(asked) == 1):
                answer = None
                if missing == "error" or not _is_missing(source):
                    answer = _answer(card, about, source, known, rng, tell)
                predictions.append(judged(about, answer, number=number))
            advance()
    return conclude(card.idea, predictions, dependence=dependence)


def conclude(
    idea: Idea | None, predictions: Sequence[Prediction], *, dependence: Dependence = "any"
) -> CardVerdict:
    """Return the verdict on an idea from what became of its predictions."""
    core = [each for each in predictions if each.role == "core"]
    alpha = max(each.signature.alpha for each in core or predictions)
    rule, settled = weigh(predictions, alpha=alpha, dependence=dependence)
    return CardVerdict(
        status=rule.status,
        rule=rule.number,
        idea=idea,
        predictions=tuple(predictions),
        core=settled,
        adjusted=tuple(
            float(p) for p in adjusted([each.pvalue for each in predictions], dependence=dependence)
        ),
        rivals=rivalries(predictions),
        alpha=alpha,
        dependence=dependence,
    )


def sources(card: Checkable, data: Any) -> Callable[[Signature], tuple[Signature, Any]]:  # noqa: ANN401 - see `check`
    """Return what gives a signature, as it is checked, with its data: a path, a frame, or None."""
    handed_in = _by_label(card, data)
    return lambda signature: _source(card, signature, handed_in(signature))


def _by_label(card: Checkable, data: Any) -> Callable[[Signature], Any]:  # noqa: ANN401 - see `check`
    """Return what was handed in for a signature; None where its card says where the data are."""
    if not isinstance(data, Mapping):
        return lambda _: data
    names = tuple(each.name for each in card.signatures if each.name is not None)
    strangers = [name for name in data if name not in names]
    if strangers:
        hint = did_you_mean(str(strangers[0]), names)
        raise OptionError(
            f"`data` has an entry {strangers[0]!r}, which no signature is called; the card has {names}. {hint}".rstrip()
        )
    return lambda signature: None if signature.name is None else data.get(signature.name)


def _source(card: Checkable, signature: Signature, given: Any) -> tuple[Signature, Any]:  # noqa: ANN401 - see `check`
    """Return a signature and its data: a path, a frame, or None where nothing says where they are."""
    if given is None:
        return signature, card.data_path(signature)
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        return dataclasses.replace(signature, data=str(path)), path
    return signature, given


def _is_missing(source: Any) -> bool:  # noqa: ANN401 - see `check`
    if isinstance(source, Path):
        return mode_of(source) is None and not glob.has_magic(str(source))
    return source is None


def _answer(
    card: Checkable,
    signature: Signature,
    source: Any,  # noqa: ANN401 - see `check`
    known: dict[Any, Any],
    rng: Rng,
    tell: Callable[[str], None],
) -> Answer:
    """Return the answer to one signature."""
    if not isinstance(source, Path):
        return ask(source, signature, rng=rng)
    with remedies_for("python" if card.path is None else "card", str(source), signature.read):
        frame = sweep_of(source, signature, known)
        for note in notes_of(frame):
            tell(note)
        return ask(frame, signature, rng=rng)
