"""The methods paragraph of a paper: what was claimed, the data, the test, its bounds, the result, and then p."""

import math
from collections.abc import Iterator

from sigstats.verdict.decision import Decision
from sigstats.verdict.defence.facts import Defence, Passage, Sentence, Teller, joined
from sigstats.verdict.defence.methods import left_out, scales
from sigstats.verdict.words import majority, names, phrases

MOST_CONDITIONS = 4


def paragraph(verdict: Decision) -> Defence:
    """Return the methods and the result as one paragraph."""
    tell = Teller(verdict)
    said = (*_predicted(tell), *_data(tell), *_tests(tell), *_result(tell), *_software(tell))
    return Defence(passages=(Passage(title="Methods", sentences=joined(said)),))


def _predicted(tell: Teller) -> Iterator[Sentence]:
    """Say what was claimed of whom, and what of the control."""
    verdict = tell.verdict
    counts = {role: len(names.arms(verdict, role)) for role in ("treatment", "control")}
    if max(counts.values()) > MOST_CONDITIONS:
        who = "{treatments} conditions"
        treatments = ("", "n_treatments")
    else:
        who, treatments = "{treatments}", ("", "treatments")
    beside = ""
    if 0 < counts["control"] <= MOST_CONDITIONS:
        less = "shows clearly less of it" if verdict.groups.departure is None else "departs from that"
        less = less if counts["control"] == 1 else less.replace("shows", "show").replace("departs", "depart")
        beside = f", and that {{controls}} {less}"
    yield tell.say(
        f"We predicted that in {who} {{claim}}{beside}.",
        claim=("", "claim"),
        treatments=treatments,
        **({"controls": ("", "controls")} if beside else {}),
    )


def _data(tell: Teller) -> Iterator[Sentence | None]:
    """Say how many seeds and levels there were, and what counts as one observation."""
    repeated = tell.verdict.evidence.design == "repeated"
    one = "all values of one seed count as one observation" if repeated else "every run is one observation"
    arms = tell.verdict.evidence.arms
    fewer = any(arm.n_excluded or arm.n_copies for arm in arms)
    of = "Of each condition, {seeds} are used" if fewer else "Each condition was run with {seeds}"
    yield tell.say(
        f"{of} at {{levels}} of {{knob}}, from {{low}} to {{high}}; {one}.",
        seeds=("", "n_seeds"),
        levels=("", "n_levels"),
        knob=("", "knob"),
        low=("", "lowest"),
        high=("", "highest"),
    )
    yield from left_out(tell)
    yield scales(tell)


def _tests(tell: Teller) -> Iterator[Sentence | None]:
    """Say by which test the claim counts as shown, above which margin, and when the control counts as quiet."""
    verdict, evidence = tell.verdict, tell.verdict.evidence
    if evidence.interval is None:
        yield tell.say("There are too few seeds or levels for a test; the numbers only describe.")
        return
    alpha = ("", "alpha")
    if evidence.majority is not None:
        yield tell.say(
            "That most seeds show it was tested by the {method} ({cited}), at an error rate of {alpha}.",
            method=("evidence.majority.method", "text"),
            cited=("clopper_pearson", "cited"),
            alpha=alpha,
        )
    elif names.is_trend(verdict):
        yield tell.say(
            "The trend counts as shown where a rank test ({rank}), the interval of the mean effect ({mean}) and its "
            "posterior probability all show it, each at a one-sided error rate of {alpha} ({cited}).",
            rank=("evidence.trend.method", "text"),
            mean=("evidence.interval.method", "text"),
            alpha=alpha,
            cited=("berger", "cited"),
        )
    else:
        yield tell.say(
            "The claim counts as shown where every part of it ({parts}) is shown by a test on one score per seed and "
            "by its posterior probability, each at a one-sided error rate of {alpha} ({cited}).",
            parts=("", "parts"),
            alpha=alpha,
            cited=("berger", "cited"),
        )
    if names.is_sized(verdict) and not phrases.no_margin(verdict):
        yield tell.say("Effects below {margin} count as small.", margin=("", "margin"))
    if phrases.bounds(verdict) and not names.is_sized(verdict):
        yield tell.say("The allowed range is {bounds}.", bounds=("", "bounds"))
    if evidence.control is not None and verdict.groups.control is not None:
        yield tell.say(
            "The control had to be shown to have less than {share} of the treatment's effect.",
            share=("signature.quiet_fraction", "percent"),
        )


def _result(tell: Teller) -> Iterator[Sentence | None]:
    """Give the size with its interval, how many seeds show it, and then p; the place; the control; the verdict."""
    verdict, evidence = tell.verdict, tell.verdict.evidence
    effect, line = verdict.effect, evidence.interval
    if effect is not None and line is not None and names.is_sized(verdict):
        seeds = majority.count(verdict) or phrases.agreeing(verdict)
        brackets = "{confidence} interval; " if math.isfinite(effect.low) else ""
        counted = "{seeds}; " if seeds else ""
        yield tell.say(
            f"The effect ({{says}}) was {{effect}} ({brackets}{counted}{{p}}).",
            says=("", "effect_says"),
            effect=("effect", "effect"),
            p=("evidence.interval.pvalue", "pvalue"),
            **({"confidence": ("effect.confidence", "percent")} if brackets else {}),
            **({"seeds": ("", "agreeing")} if seeds else {}),
        )
    elif evidence.primary is not None:
        at = next(k for k, each in enumerate(evidence.clauses) if each is evidence.primary)
        yield tell.say(
            "At the least clear level, {found} ({p}).",
            found=(f"evidence.clauses[{at}]", "found"),
            p=(f"evidence.clauses[{at}].pvalue", "pvalue"),
        )
    if phrases.located(verdict):
        yield tell.say("It had its {located}.", located=("", "located"))
    if evidence.law is not None:
        yield tell.say("The fitted law: {laws}.", laws=("", "laws"))
    yield from _control(tell)
    yield tell.say("By these rules the signature is {status}.", status=("status", "text"))
    if verdict.reasons:
        yield tell.say("{reason}", reason=("reasons[0]", "reason"))


def _control(tell: Teller) -> Iterator[Sentence]:
    """Give the size in the control, and then whether it is shown to be less than its share."""
    verdict = tell.verdict
    control, compared = verdict.evidence.control, verdict.groups.control
    if verdict.groups.departure is not None:
        yield tell.say(
            "That the control departs from the shape has {p}.",
            p=("evidence.control_departs.pvalue_refuted", "pvalue"),
        )
    if control is None or compared is None:
        return
    test = "responds" if compared.responds.met else "quiet"
    shown = "shown" if compared.responds.met or compared.quiet.met else "not shown"
    side = "more" if compared.responds.met else "less"
    yield tell.say(
        f"In the control, {{what}} was {{size}}, {shown} to be {side} than that share ({{p}}).",
        what=("", "compared_by"),
        size=("evidence.control.effect", "effect"),
        p=(f"evidence.control.{test}.pvalue", "pvalue"),
    )


def _software(tell: Teller) -> Iterator[Sentence]:
    yield tell.say("The analysis was made with {package}.", package=("provenance.versions[0]", "package"))
