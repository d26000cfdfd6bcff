"""The result of a verdict as sentences: effect, tests, control and strength."""

import math
from collections.abc import Iterator

from sigstats.verdict.defence.facts import Sentence, Teller
from sigstats.verdict.rules import Status
from sigstats.verdict.words import names
from sigstats.verdict.words.controls import compared
from sigstats.verdict.words.phrases import located
from sigstats.verdict.words.strength import if_normal


def result(tell: Teller) -> Iterator[Sentence | None]:
    """Yield the verdict with its reasons, the effect, the tests, the control and the strength."""
    verdict, evidence = tell.verdict, tell.verdict.evidence
    yield tell.say("The verdict is {status}.", status=("status", "text"))
    for at, _ in enumerate(verdict.reasons):
        yield tell.say("{reason}", reason=(f"reasons[{at}]", "reason"))
    line = evidence.interval
    if line is not None and verdict.effect is not None and names.is_sized(verdict):
        yield tell.say(
            "The effect, {says}, is {effect} ({confidence} interval; {p}).",
            says=("", "effect_says"),
            effect=("effect", "effect"),
            confidence=("effect.confidence", "percent"),
            p=("evidence.interval.pvalue", "pvalue"),
        )
        if line.ends is not None:
            yield tell.say(
                "Without a fitted line, from the first level to the last, the change is {ends}.",
                ends=("evidence.interval.ends", "effect"),
            )
    yield from _place_and_law(tell)
    if evidence.majority is not None:
        yield tell.say(
            "It is shown by {k} of {n} seeds ({p}).",
            k=("evidence.majority.n_showing", "count"),
            n=("evidence.majority.n_seeds", "count"),
            p=("evidence.majority.pvalue", "pvalue"),
        )
    elif evidence.trend is not None and evidence.slopes is not None and names.is_trend(verdict):
        yield tell.say(
            "The rank test has {p} (mean tau {tau}), the posterior {probability}.",
            p=("evidence.trend.pvalue", "pvalue"),
            tau=("evidence.trend.estimate", "tau"),
            probability=("evidence.slopes.prob_positive", "probability"),
        )
    if evidence.majority is None:
        yield from _shown_clauses(tell)
    yield from _of_the_control(tell)
    yield from strength(tell)


def _place_and_law(tell: Teller) -> Iterator[Sentence]:
    """Yield where the shape has its place, and floor and exponent of a law, with intervals."""
    if located(tell.verdict):
        yield tell.say(
            "The location ({method}): {located}.",
            method=("evidence.location.method", "text"),
            located=("", "located"),
        )
    if tell.verdict.evidence.law is not None:
        yield tell.say(
            "The fitted law ({method}): {laws}.", method=("evidence.law.method", "text"), laws=("", "laws")
        )


def _shown_clauses(tell: Teller) -> Iterator[Sentence]:
    for at, _ in enumerate(tell.verdict.evidence.clauses):
        place = f"evidence.clauses[{at}]"
        yield tell.say(
            "The clause {name} has {p}: {found}.",
            name=(f"{place}.name", "clause"),
            p=(f"{place}.pvalue", "pvalue"),
            found=(place, "found"),
        )


def _of_the_control(tell: Teller) -> Iterator[Sentence | None]:
    if tell.verdict.groups.departure is not None:
        yield tell.say(
            "That the control departs from the shape has {p}.",
            p=("evidence.control_departs.pvalue_refuted", "pvalue"),
        )
    control = tell.verdict.evidence.control
    if control is None:
        return
    by = ", compared by {compared}," if compared(tell.verdict) else ""
    # A share of what goes the other way is none.
    has_share = control.treatment.value > 0
    below = "; that the control stays below the allowed share has {quiet}" if has_share else ""
    yield tell.say(
        f"Treatment minus control{by} is {{difference}} ({{p}}){below}.",
        **({"compared": ("", "compared")} if by else {}),
        difference=("contrast", "effect"),
        p=("evidence.control.specific.pvalue", "pvalue"),
        **({"quiet": ("evidence.control.quiet.pvalue", "pvalue")} if has_share else {}),
    )
    if tell.strength.share is not None and not math.isfinite(tell.strength.share.low):
        yield tell.say(
            "As the treatment's effect is not shown to differ from zero, the data do not bound the control's share "
            "of it ({confidence} set by Fieller's method; {cited}).",
            confidence=("strength.share.confidence", "percent"),
            cited=("fieller", "cited"),
        )
    elif tell.strength.share is not None:
        yield tell.say(
            "The control's share of the effect is {share} ({confidence} interval by Fieller's method; {cited}).",
            share=("strength.share", "share"),
            confidence=("strength.share.confidence", "percent"),
            cited=("fieller", "cited"),
        )
    yield from beside_controls(tell)


def beside_controls(tell: Teller) -> Iterator[Sentence]:
    """Yield the calibrated p-value beside the nominal one, and how far the negative controls are off."""
    found = tell.verdict.evidence.negative_controls
    if found is None:
        return
    place = "evidence.negative_controls"
    yield tell.say(
        "By its seeds alone the claim has nominal {nominal}; as one more condition beside {n} negative controls it has "
        "calibrated {calibrated}.",
        nominal=(f"{place}.nominal_pvalue", "pvalue"),
        n=(f"{place}.n_controls", "count"),
        calibrated=(f"{place}.pvalue", "pvalue"),
    )
    own = (
        ""
        if found.n_nonzero is None
        else "; {nonzero} of them differ from zero at {level} by tests of their own"
    )
    counted = {"nonzero": (f"{place}.n_nonzero", "count"), "level": (f"{place}.level", "number")}
    yield tell.say(
        "The effects of these controls have a mean of {mean}, and an sd of {sd} beside what their seeds explain"
        f"{own}.",
        mean=(f"{place}.mean", "signed"),
        sd=(f"{place}.sd", "size"),
        **({} if found.n_nonzero is None else counted),
    )


def strength(tell: Teller) -> Iterator[Sentence | None]:
    """Yield what a new seed would show, and a replication."""
    found = tell.strength.weakest
    if found is not None:
        least = ", the least of all treatments" if len(tell.strength.treatments) > 1 else ""
        yield tell.say(
            f"By these runs, {{does}} with an estimated probability of {{chance}}{least} ({{confidence}} bounds for "
            "scores of any distribution; {cited}).",
            does=("strength.weakest", "new_seed"),
            chance=("strength.weakest.probability", "chance"),
            confidence=("strength.weakest.probability.confidence", "percent"),
            cited=("clopper_pearson", "cited"),
        )
        if if_normal(tell.verdict, found):
            yield tell.say(
                "If scores are normal, that is {range} ({confidence} bounds).",
                range=("strength.weakest", "if_normal"),
                confidence=("strength.weakest.probability.confidence", "percent"),
            )
        if found.standardised is not None:
            yield tell.say(
                "The mean effect in {who} is {size} sds between its seeds ({confidence} bounds if scores are normal).",
                who=("strength.weakest.condition", "condition"),
                size=("strength.weakest.standardised", "standardised"),
                confidence=("strength.weakest.standardised.confidence", "percent"),
            )
    if tell.strength.replication is not None:
        quiet = "" if tell.verdict.evidence.control is None else ", and that the control is quiet,"
        new = "As many new seeds" if tell.verdict.evidence.design == "repeated" else "As many new runs"
        yield tell.say(
            f"{new} would show the effect{quiet} with an estimated probability of {{chance}} (predictive, with "
            "{confidence} bounds; {cited}).",
            chance=("strength.replication", "chance"),
            confidence=("strength.replication.confidence", "percent"),
            cited=("spiegelhalter", "cited"),
        )
        if tell.verdict.status is Status.PRESENT:
            yield tell.say(
                "For results that were picked because they were shown, such a probability is too high if little is "
                "there."
            )
