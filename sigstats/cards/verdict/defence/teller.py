"""Sentences about a card, and those of its verdicts, whose numbers all have a source.

What is said of a single signature are the sentences of its verdict. The source of such a fact starts with the verdict
that it is of, as in ``predictions[0].verdict.evidence.interval.margin``.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sigstats.cards.verdict.notes import rivalry, same_data
from sigstats.cards.verdict.outcomes import Outcome
from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.words import ALL, answer_in_brief, sentence, title
from sigstats.report.escaping import visible
from sigstats.report.numbers import number, percent, pvalue
from sigstats.studies.baseline.defence import ComparisonTeller
from sigstats.studies.baseline.result import Comparison
from sigstats.verdict.defence.facts import CITED, Fact, Sentence, Sources, Teller, together
from sigstats.verdict.words.names import listed, quoted

WITHIN = re.compile(r"predictions\[(?P<at>\d+)\]\.verdict(?:\.(?P<rest>.*))?")


def _tally(found: CardDecision, _: object) -> str:
    """Return how many signatures have each outcome."""
    counts = ((sum(each.outcome is outcome for each in found.predictions), outcome) for outcome in Outcome)
    return listed((f"{n} {outcome}" for n, outcome in counts if n), most=ALL)


STYLES: Mapping[str, Callable[[CardDecision, Any], str]] = {
    "at_least": lambda found, _: str(found.at_least()),
    "brief": lambda _, prediction: answer_in_brief(prediction),
    "count": lambda _, value: str(int(value)),
    "idea": lambda found, _: f'"{title(found)}"',
    "label": lambda _, value: quoted(value),
    "labels": lambda _, value: listed(map(quoted, value), most=ALL),
    "number": lambda _, value: number(value),
    "pvalue": lambda _, value: pvalue(value),
    "rivalry": lambda _, value: rivalry(value),
    "same_data": lambda found, _: " ".join(same_data(found)),
    "sentence": lambda found, _: sentence(found),
    "sure": lambda _, alpha: percent(1.0 - alpha),
    "tally": _tally,
    "text": lambda _, value: visible(value),
}


class CardTeller(Sources[CardDecision]):
    """Makes sentences about a card, and takes over those of its verdicts."""

    def __init__(self, found: CardDecision) -> None:
        super().__init__(found, STYLES)
        self.tellers: dict[int, Teller | ComparisonTeller] = {
            at: ComparisonTeller(each.verdict)
            if isinstance(each.verdict, Comparison)
            else Teller(each.verdict)
            for at, each in enumerate(found.predictions)
            if each.verdict is not None
        }

    def tell(self, source: str, style: str) -> str:
        """Return what stands at a source, in words; within a verdict, in those of the verdict."""
        inner = WITHIN.fullmatch(source)
        if inner is None:
            return super().tell(source, style)
        return self.tellers[int(inner["at"])].tell(inner["rest"] or "", style)

    def merged(self, said: Iterable[tuple[int, Sequence[Sentence]]]) -> Iterator[Sentence]:
        """Yield the sentences of several verdicts: once where they are the same, and of whom where not of all."""
        whose: dict[tuple[str, ...], list[int]] = {}
        sentences: dict[tuple[str, ...], list[Sentence]] = {}
        for at, given in said:
            own = [within(at, each) for each in given]
            key = tuple(map(str, own))
            whose.setdefault(key, []).append(at)
            sentences.setdefault(key, own)
        for key, members in whose.items():
            first, rest = sentences[key][:1], sentences[key][1:]
            yield from (
                first if len(members) == len(self.tellers) else (self._of(members, each) for each in first)
            )
            yield from rest

    def _of(self, members: list[int], said: Sentence) -> Sentence:
        """Return a sentence with the signatures that it is about before it."""
        labels = [self.say("{label}", label=(f"predictions[{at}].label", "label")) for at in members]
        return together([together(labels), said], last=": ")


def within(at: int, said: Sentence) -> Sentence:
    """Return a sentence of a verdict as one of the card."""
    return dataclasses.replace(said, facts=tuple((name, _within(at, fact)) for name, fact in said.facts))


def _within(at: int, fact: Fact) -> Fact:
    if fact.style == CITED:
        return fact
    rest = f".{fact.source}" if fact.source else ""
    return dataclasses.replace(fact, source=f"predictions[{at}].verdict{rest}")
