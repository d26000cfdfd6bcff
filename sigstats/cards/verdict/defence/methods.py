"""The methods section of a card: its predictions, how the idea was judged, the result, and what that does not show."""

from collections.abc import Iterator

from sigstats.cards.verdict.defence.teller import CardTeller, within
from sigstats.cards.verdict.outcomes import Outcome
from sigstats.cards.verdict.record import CardDecision
from sigstats.studies.baseline.defence import ComparisonTeller
from sigstats.studies.baseline.defence import limits as limits_of_comparison
from sigstats.studies.baseline.defence import methods as methods_of_comparison
from sigstats.verdict.defence.facts import Defence, Passage, Sentence, Teller, around, joined, together
from sigstats.verdict.defence.limits import limits as limits_of_verdict
from sigstats.verdict.defence.methods import methods as methods_of_verdict
from sigstats.verdict.words.names import quoted


def methods(found: CardDecision, *, full: bool) -> Defence:
    """Return how the idea was judged and what was found; in full, also of each signature, and what it does not show."""
    tell = CardTeller(found)
    described = (*_predicted(tell), *_judged(tell), *standing(tell))
    short = (
        Passage(title="Methods", sentences=joined(described)),
        Passage(title="Result", sentences=joined(_result(tell))),
    )
    if not full:
        return Defence(passages=short)
    limits = Passage(title="What this does not show", sentences=joined(_limits(tell)), listed=True)
    return Defence(passages=(*short, *_of_signatures(tell), limits))


def _predicted(tell: CardTeller) -> Iterator[Sentence | None]:
    """Say which signatures there are, and what was expected of each."""
    found = tell.found
    each = together(
        tell.say(
            "{label} ({role}, expected to be {expect})",
            label=(f"predictions[{at}].label", "label"),
            role=(f"predictions[{at}].role", "text"),
            expect=(f"predictions[{at}].expect", "text"),
        )
        for at, _ in enumerate(found.predictions)
    )
    who = "The card predicts" if found.idea is None else "From the idea {idea} the card predicts"
    counted = tell.say(
        f"{who} {{n}} {'signature' if len(found.predictions) == 1 else 'signatures'}",
        **({} if found.idea is None else {"idea": ("", "idea")}),
        n=("predictions#", "count"),
    )
    yield around("", together([counted, each], last=": "), ".")
    for at, core in enumerate(found.core):
        if len(core.labels) > 1:
            yield tell.say(
                "As {labels} exclude each other, they count as one core prediction, which any one of them fulfils; "
                "its p-value is multiplied by their number.",
                labels=(f"core[{at}].labels", "labels"),
            )


def _judged(tell: CardTeller) -> Iterator[Sentence | None]:
    """Say by which rule the idea was judged, and how p-values were corrected."""
    found = tell.found
    holm = {"any": "by Holm's procedure", "positive": "by Hommel's procedure"}[found.dependence]
    if not found.core:
        yield tell.say("No signature is declared as core, so that none decides about the idea.")
    else:
        several = len(found.core) > 1
        yield tell.say(
            "The idea counts as supported where every core prediction is as expected; all of them are needed, so that "
            "no correction for their number is (intersection-union test; {cited}).",
            cited=("berger", "cited"),
        )
        over = f", after correction {holm} over all {{n}} core predictions" if several else ""
        yield tell.say(
            f"It counts as contradicted where one is shown to be otherwise than predicted{over}, at an error rate of "
            "{alpha}; as bounded where each holds at least in part; and else as open.",
            alpha=("alpha", "number"),
            **({"n": ("core#", "count")} if several else {}),
        )
    if any(each.role != "core" for each in found.predictions):
        yield tell.say("Auxiliary and boundary signatures do not decide.")
    if len(found.predictions) > 1:
        assumed = {
            "any": "whatever the dependence between them",
            "positive": "if no two of them are dependent in opposite ways",
        }[found.dependence]
        yield tell.say(
            "The p-value of a signature that is present is the largest of all parts of its claim; of one that is "
            "absent, that of the test which shows it. How many signatures are as expected, at least, is found by "
            f"closed testing, which holds {assumed} ({{cited}}).",
            cited=("goeman_solari", "cited"),
        )


def standing(tell: CardTeller) -> Iterator[Sentence | None]:
    """Say how the answers stand to what was declared before the data, with the looks that were recorded."""
    if tell.found.standing is None:
        yield tell.say("Nothing says whether the card was written before the data.")
        return
    yield tell.say("{sentence}", sentence=("standing.sentence", "text"))
    for at, _ in enumerate(tell.found.standing.details):
        yield tell.say("{detail}", detail=(f"standing.details[{at}]", "text"))


def _result(tell: CardTeller) -> Iterator[Sentence | None]:
    """Say what became of the idea and of each signature, and how many are as expected at least."""
    found = tell.found
    yield tell.say("{sentence}", sentence=("", "sentence"))
    yield tell.say("This is rule {rule} of the table on ideas.", rule=("rule", "count"))
    for at, each in enumerate(found.predictions):
        yield _became(tell, at, each.outcome)
    if len(found.predictions) > 1:
        yield tell.say(
            "The number of signatures that are as expected is at least {n} of {of}, with confidence {sure}.",
            sure=("alpha", "sure"),
            n=("", "at_least"),
            of=("predictions#", "count"),
        )
    for at, _ in enumerate(found.rivals):
        yield tell.say("{rivalry}", rivalry=(f"rivals[{at}]", "rivalry"))


def _became(tell: CardTeller, at: int, outcome: Outcome) -> Sentence:
    """Return what became of one signature, with the p-value of that."""
    place = f"predictions[{at}]"
    facts = {"label": (f"{place}.label", "label"), "outcome": (f"{place}.outcome", "text")}
    if tell.found.predictions[at].verdict is None:
        return tell.say("{label}: {outcome}.", **facts)
    facts["brief"] = (place, "brief")
    if outcome is Outcome.AS_EXPECTED:
        corrected = len(tell.found.predictions) > 1
        return tell.say(
            f"{{label}}: {{outcome}} ({{brief}}; {{p}}{', corrected over all signatures {corrected}' * corrected}).",
            p=(f"{place}.pvalue", "pvalue"),
            **({"corrected": (f"adjusted[{at}]", "pvalue")} if corrected else {}),
            **facts,
        )
    if outcome is Outcome.OTHERWISE:
        return tell.say(
            "{label}: {outcome} ({brief}; {p}).", p=(f"{place}.pvalue_otherwise", "pvalue"), **facts
        )
    return tell.say("{label}: {outcome} ({brief}).", **facts)


def _of_signatures(tell: CardTeller) -> Iterator[Passage]:
    """Yield methods and result of every signature that has an answer."""
    for at, inner in tell.tellers.items():
        own = (
            methods_of_comparison(inner.found)
            if isinstance(inner, ComparisonTeller)
            else methods_of_verdict(inner.found)
        )
        label = quoted(tell.found.predictions[at].label)
        for passage in own.passages[:2]:
            yield Passage(
                title=f"{passage.title} for {label}",
                sentences=tuple(within(at, each) for each in passage.sentences),
            )


def _limits(tell: CardTeller) -> Iterator[Sentence | None]:
    """Say what is not shown of the idea, and then of its signatures."""
    yield tell.say(
        "That predictions of an idea hold does not show that the idea is true: another idea may predict them as well."
    )
    if tell.found.idea is not None:
        yield tell.say(
            "The verdict on the idea is about the runs on the card, not about everything that the idea applies to."
        )
    if not any(each.role == "boundary" for each in tell.found.predictions):
        yield tell.say("No boundary signature asks where the idea ends.")
    if tell.tell("", "same_data"):
        yield tell.say("{shared}", shared=("", "same_data"))
    yield tell.say(
        "It cannot say what was tried and not recorded."
        if tell.found.standing is not None
        else "The analysis does not know when the predictions were made, nor what else was tried."
    )
    yield from tell.merged((at, (each,)) for at, inner in tell.tellers.items() for each in _of_one(inner))


def _of_one(inner: Teller | ComparisonTeller) -> Iterator[Sentence]:
    """Yield what one answer does not show."""
    found = limits_of_comparison(inner) if isinstance(inner, ComparisonTeller) else limits_of_verdict(inner)
    return (each for each in found if each is not None)
