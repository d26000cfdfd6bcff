"""Replies to the questions that readers of a result ask, made of facts that the verdict carries."""

import math
from collections.abc import Callable, Iterator

from sigstats.evidence.conditions import MIN_SEEDS
from sigstats.evidence.reason import Reason
from sigstats.verdict.decision import Decision
from sigstats.verdict.defence.facts import Defence, Passage, Sentence, Teller, around, joined, together
from sigstats.verdict.defence.limits import beyond_the_range, of_scales
from sigstats.verdict.defence.methods import MOST_CONDITIONS, conventions, margin
from sigstats.verdict.defence.result import beside_controls, strength
from sigstats.verdict.rules import Status
from sigstats.verdict.words import names, phrases
from sigstats.verdict.words.controls import compared
from sigstats.verdict.words.sentences import seeds_would_tell

Reply = Iterator[Sentence | None]
TRIED = "Which analyses were tried?"


def answers(verdict: Decision) -> Defence:
    """Return a passage for each question to which the verdict holds an answer."""
    tell = Teller(verdict)
    replies = ((question, joined(reply(tell))) for question, reply in QUESTIONS.items())
    return Defence(
        passages=tuple(Passage(title=question, sentences=reply) for question, reply in replies if reply)
    )


def _few_seeds(tell: Teller) -> Reply:
    """Say how many seeds there are, which effect they would have shown, and how many would show the margin."""
    verdict, evidence = tell.verdict, tell.verdict.evidence
    yield conventions(tell)
    repeated = evidence.design == "repeated"
    counted = (
        tell.say(
            f"{{n}} {'seeds' if repeated else 'runs at a typical level'} of {{who}}",
            n=(f"{place}.n_seeds", "count"),
            who=(f"{place}.condition", "condition"),
        )
        for place, _ in tell.arms()
    )
    if len(evidence.arms) <= MOST_CONDITIONS:
        yield around("There are ", together(counted), ".")
    planned = verdict.signature.seeds
    if isinstance(planned, int):
        yield tell.say("The card planned {planned} for each condition.", planned=("signature.seeds", "count"))
    elif verdict.signature.looks is None:
        yield tell.say("Why there are so many, and not more, the signature does not say.")
    if tell.strength.detectable is not None:
        yield tell.say(
            f"With the spread between them, that many {'seeds' if repeated else 'runs'} would show a mean effect of "
            "{effect} with probability {power} ({confidence} bounds; it does not depend on the effect that was seen).",
            effect=("strength.detectable", "detectable"),
            confidence=("strength.detectable.confidence", "percent"),
            power=("strength.power", "number"),
        )
    if evidence.trend is not None and repeated:
        yield tell.say(
            "An exact test of so few signs could give no p-value below {least}.",
            least=("evidence.trend.smallest_pvalue", "bound"),
        )
    needed = evidence.seeds_needed
    if verdict.status is Status.INCONCLUSIVE and needed is not None and seeds_would_tell(verdict, needed):
        yield tell.say("{needed}", needed=("evidence.seeds_needed", "seeds_needed"))
    for at, note in enumerate(verdict.notes):
        if note in (Reason.UNSEEN_SEEDS, Reason.SEEDS_DISAGREE, Reason.SKEWED_SCORES):
            yield tell.say("{note}", note=(f"notes[{at}]", "reason"))


def _elsewhere(tell: Teller) -> Reply:
    """Say for which conditions and levels the claim is made."""
    yield tell.say("The claim is made for {who}, and for nothing that was not run.", who=("", "treatments"))
    yield beyond_the_range(tell)
    verdict = tell.verdict
    if verdict.scope is not None and (verdict.status is Status.PRESENT or Reason.REVERSES in verdict.reasons):
        yield tell.say(
            "It is shown for the levels of {knob} that were run, from {low} to {high}.",
            knob=("", "knob"),
            low=("scope[0]", "level"),
            high=("scope[1]", "level"),
        )


def _dip(tell: Teller) -> Reply:
    """Say whether the curve was shown to turn."""
    turn, groups = tell.verdict.evidence.reversal, tell.verdict.groups.reversal
    if turn is None or groups is None:
        return
    facts = {
        "size": ("evidence.reversal.fall", "size"),
        "statistic": ("evidence.reversal.statistic", "number"),
        "critical": ("evidence.reversal.critical_value", "number"),
    }
    tested = "(statistic {statistic}, critical value {critical})"
    if turn.statistic <= 0:
        yield tell.say(
            f"No turn was found: beyond the place that the other seeds choose, the mean goes on {tested}.",
            statistic=facts["statistic"],
            critical=facts["critical"],
        )
    elif not groups.fall.met:
        yield tell.say(
            f"The mean goes back by {{size}} beyond the turning point that the other seeds choose, which is not shown "
            f"to differ from noise {tested}.",
            **facts,
        )
    elif groups.rise.met:
        yield tell.say(
            f"The curve is shown to turn at about {{turn}}: it goes back by {{size}} {tested}.",
            turn=("evidence.reversal.turn", "level"),
            **facts,
        )
    else:
        yield tell.say(
            f"The mean is shown to go back by {{size}} {tested}, but not to go the predicted way first.",
            **facts,
        )


def _margin(tell: Teller) -> Reply:
    """Say what the margin is and where it comes from."""
    verdict = tell.verdict
    if not names.is_sized(verdict) or verdict.evidence.interval is None:
        return
    yield margin(tell)
    if verdict.signature.min_effect is not None:
        if verdict.signature.why is None:
            yield tell.say("The signature declares it without a reason.")
        else:
            yield tell.say('The reason that its author gives: "{why}".', why=("signature.why", "text"))
        yield tell.say("An effect is called small only where it is shown to be below it.")
        if verdict.effect is not None and verdict.evidence.majority is None:
            yield tell.say(
                "The test that the effect is smaller than this margin has {p}.",
                p=("evidence.interval.pvalue_small", "pvalue"),
            )
    elif phrases.has_margin(verdict):
        yield tell.say(
            "It is a convention, taken from the noise of these runs, and says nothing about what matters: for a claim "
            "about size, min_effect should be declared."
        )


def _absence(tell: Teller) -> Reply:
    """Say what distinguishes an absent effect from one that was not shown."""
    verdict = tell.verdict
    if verdict.status is Status.INCONCLUSIVE:
        yield tell.say("The verdict is not that it is absent, but {status}.", status=("status", "text"))
    elif verdict.status is Status.ABSENT:
        yield tell.say("That the signature is absent was shown, not concluded from a test that failed.")
    else:
        return
    for at, _ in enumerate(verdict.reasons):
        yield tell.say("{reason}", reason=(f"reasons[{at}]", "reason"))


def _tried(tell: Teller) -> Reply:
    """Say which analyses are known."""
    yield tell.say(
        "This analysis is the only one that the verdict knows of: {claim}, on {rows} rows ({digest}).",
        claim=("", "claim"),
        rows=("provenance.n_rows", "count"),
        digest=("provenance.data_hash", "digest"),
    )
    yield tell.say(
        "Which others were made, and whether the prediction came before the data, it cannot say; sigstats.robustness "
        "makes every analysis that the signature leaves open."
    )
    yield tell.say(
        "Comparisons made by fixed rules: {n}; rule {rule} decided.",
        n=("criteria#", "count"),
        rule=("rule", "count"),
    )


def _one_run(tell: Teller) -> Reply:
    """Say without which single runs the verdict is another, where that was asked."""
    verdict, evidence = tell.verdict, tell.verdict.evidence
    for at, run in enumerate(verdict.influence):
        place = f"influence[{at}]"
        level = "" if run.level is None else " at {level}"
        yield tell.say(
            f"Without seed {{seed}}{level} of {{condition}} the verdict is {{status}}.",
            seed=(f"{place}.seed", "name"),
            condition=(f"{place}.condition", "condition"),
            status=(f"{place}.status", "text"),
            **({} if run.level is None else {"level": (f"{place}.level", "level")}),
        )
    enough = all(arm.n_seeds > MIN_SEEDS for arm in evidence.arms)
    if (
        verdict.influence
        or evidence.interval is None
        or evidence.majority is not None
        or not names.is_sized(verdict)
    ):
        return
    if enough and Reason.TOO_FEW_SEEDS not in verdict.reasons:
        yield tell.say(
            "Of the runs without which a comparison might come out otherwise, none was found without which the verdict "
            "is another; a change that only having one run fewer explains does not count."
        )
    else:
        yield tell.say(
            "That cannot be asked: with one run fewer there would be too few seeds in a condition."
        )


def _control(tell: Teller) -> Reply:
    """Say what the control does."""
    verdict, control = tell.verdict, tell.verdict.evidence.control
    if not verdict.signature.control:
        yield tell.say(
            "No control was declared, so the verdict is about whether the shape is there, not about why."
        )
        return
    if control is None:
        return
    what = "{compared}" if compared(verdict) else "the effect"
    yield tell.say(
        f"In {{who}}, {what} is {{control}}, in the treatment {{treatment}}; that the treatment has more has {{p}}.",
        **({"compared": ("", "compared")} if compared(verdict) else {}),
        who=("", "controls"),
        control=("evidence.control.effect", "effect"),
        treatment=("evidence.control.treatment", "effect"),
        p=("evidence.control.specific.pvalue", "pvalue"),
    )
    if tell.strength.share is not None and math.isfinite(tell.strength.share.low):
        yield tell.say(
            "That is a share of {share} ({confidence} interval).",
            share=("strength.share", "share"),
            confidence=("strength.share.confidence", "percent"),
        )
    if verdict.groups.departure is not None:
        yield tell.say(
            "That the control departs from the shape has {p}.",
            p=("evidence.control_departs.pvalue_refuted", "pvalue"),
        )
    if control.treatment.value > 0:
        yield tell.say(
            "Less than {allowed} is allowed; that it stays below has {p}.",
            allowed=("evidence.control.quiet_fraction", "percent"),
            p=("evidence.control.quiet.pvalue", "pvalue"),
        )
    for at, note in enumerate(verdict.notes):
        if note in (Reason.CONTROL_AT_BOUND, Reason.CONTROL_CONSTANT, Reason.CONTROL_OPPOSITE):
            yield tell.say("{note}", note=(f"notes[{at}]", "reason"))


def _fractions(tell: Teller) -> Reply:
    """Say where the parts of the effect come from that a control may have, and that a curve may depart from a line."""
    signature, control = tell.verdict.signature, tell.verdict.evidence.control
    if control is not None and tell.verdict.groups.control is not None:
        yield tell.say(
            "They are conventions, fixed before the data: with {allowed} of the effect or more in the control, the "
            "mechanism explains no more of it than what treatment and control share.",
            allowed=("evidence.control.quiet_fraction", "percent"),
        )
        yield tell.say(
            "From four fifths on, the two are called the same: that is where equivalence of an effect is drawn by "
            "custom, as in bioequivalence. Set quiet_fraction for another bound; sigstats.robustness shows over which "
            "bounds the verdict stands."
        )
    if signature.shape.name == "linear":
        yield tell.say(
            "How far a curve may depart from a line is part of the claim ({shape}), as a part of the effect: a tenth "
            "can hardly be seen in a figure.",
            shape=("signature.shape", "shape"),
        )


def _negative_controls(tell: Teller) -> Reply:
    """Say what negative controls show of themselves, where these were declared."""
    yield from beside_controls(tell)
    for at, note in enumerate(tell.verdict.notes):
        if note in (Reason.UNCALIBRATED, Reason.DOUBTFUL_CONTROLS):
            yield tell.say("{note}", note=(f"notes[{at}]", "reason"))


def _again(tell: Teller) -> Reply:
    """Say what new runs would show, unless the shape is absent from these."""
    if tell.verdict.status is not Status.ABSENT:
        yield from strength(tell)


QUESTIONS: dict[str, Callable[[Teller], Reply]] = {
    "Why so few seeds, and what could they have shown?": _few_seeds,
    "Does it hold for other models, or beyond this range?": _elsewhere,
    "Does it come from the scale of the metric?": of_scales,
    "Does the curve turn back?": _dip,
    "Why this margin?": _margin,
    "Is a test that finds nothing taken for absence?": _absence,
    TRIED: _tried,
    "Does one run decide?": _one_run,
    "What about the control?": _control,
    "Why these fractions?": _fractions,
    "Do conditions in which nothing should be there show as much?": _negative_controls,
    "Would it come again?": _again,
}
