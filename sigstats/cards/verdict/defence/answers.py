"""Replies to the questions that readers of a card ask: those on the idea, and then those that its verdicts answer."""

from collections.abc import Iterator

from sigstats.cards.verdict.defence.methods import standing
from sigstats.cards.verdict.defence.teller import CardTeller
from sigstats.cards.verdict.record import CardDecision
from sigstats.verdict.defence.answers import QUESTIONS, TRIED
from sigstats.verdict.defence.facts import Defence, Passage, Sentence, Teller, joined

ALL_TOLD = "How many predictions were made, and how many came true?"


def answers(found: CardDecision) -> Defence:
    """Return a passage for each question to which the card, or one of its verdicts, holds an answer."""
    tell = CardTeller(found)
    passages = [
        Passage(title=ALL_TOLD, sentences=joined(_how_many(tell))),
        Passage(title=TRIED, sentences=joined(_tried(tell))),
        *(
            Passage(title=question, sentences=_replies(tell, question))
            for question in QUESTIONS
            if question != TRIED
        ),
    ]
    return Defence(passages=tuple(each for each in passages if each.sentences))


def _how_many(tell: CardTeller) -> Iterator[Sentence | None]:
    """Say how many signatures there are, and what became of them."""
    several = len(tell.found.predictions) > 1
    yield tell.say(
        f"{'Signatures' if several else 'Signature'} on the card: {{n}}. Of these: {{tally}}.",
        n=("predictions#", "count"),
        tally=("", "tally"),
    )
    if several:
        yield tell.say(
            "Verdicts can be wrong by chance. With confidence {sure}, the number of those that are as expected is at "
            "least {n}.",
            sure=("alpha", "sure"),
            n=("", "at_least"),
        )


def _tried(tell: CardTeller) -> Iterator[Sentence | None]:
    """Say which analyses are known: those of this check, and the looks that a lock recorded."""
    if tell.tellers:
        yield tell.say("These are the analyses that the card knows of.")
    for at in tell.tellers:
        place = f"predictions[{at}].verdict"
        yield tell.say(
            "{label}: {claim}, on {rows} rows ({digest}).",
            label=(f"predictions[{at}].label", "label"),
            claim=(place, "claim"),
            rows=(f"{place}.provenance.n_rows", "count"),
            digest=(f"{place}.provenance.data_hash", "digest"),
        )
    yield from standing(tell)
    yield tell.say(
        "What was tried and not recorded it cannot say; sigstats.robustness makes every analysis that a signature "
        "leaves open."
    )


def _replies(tell: CardTeller, question: str) -> tuple[Sentence, ...]:
    """Return what the verdicts reply to a question, each once."""
    replies = (
        (at, joined(QUESTIONS[question](inner)))
        for at, inner in tell.tellers.items()
        if isinstance(inner, Teller)
    )
    return tuple(tell.merged(replies))
