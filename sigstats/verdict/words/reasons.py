"""One sentence for each reason of a verdict, with its numbers."""

import math
from collections.abc import Callable

from sigstats.evidence.reason import Reason
from sigstats.report.numbers import number, probability, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.groups import TrendCriteria
from sigstats.verdict.words import clauses, controls, looks, majority, names, negative_controls, places
from sigstats.verdict.words.phrases import (
    alpha,
    effect,
    margin,
    no_margin,
    other_way,
    treatments,
    upper_bound,
)


def _too_few_seeds(verdict: Decision) -> str:
    short = names.short_of_seeds(verdict)
    if not short:
        return _too_few_at_levels(verdict)
    who = names.listed(f"{names.condition(verdict, arm.condition)} ({arm.n_seeds})" for arm in short)
    return (
        f"Nothing is claimed from fewer than 3 seeds per condition: {who}. The numbers below only describe."
    )


def _too_few_at_levels(verdict: Decision) -> str:
    found = verdict.evidence.primary
    if found is None or found.at is None:
        return "Too few seeds were seen at all the levels that the claim needs, so it cannot be tested."
    place = clauses.place(verdict, found)
    return f"Too few seeds were seen{place} to test the claim there, and it is about every level."


def _too_few_levels(verdict: Decision) -> str:
    most = max((len(arm.levels) for arm in verdict.evidence.arms), default=0)
    knob = names.knob(verdict.signature)
    found = names.counted(most, "level")
    shape = verdict.signature.shape
    who = "A trend" if shape.is_trend else f"The shape {shape.name!r}"
    fits = names.listed(names.shapes_for(most), most=99)
    instead = f" On {found} these can be asked: {fits}." if fits and not shape.on_two_levels else ""
    return f"{who} needs at least {shape.min_levels} levels of {knob} per seed; at most {found} can be used.{instead}"


def _alpha_too_small(verdict: Decision) -> str:
    shape, alpha = verdict.signature.shape, verdict.signature.alpha
    return (
        f"Where a {shape.name} changes is chosen from the data, and what chance then does is known for an alpha of "
        f"{shape.least_alpha:g} and more, not for {alpha:.3g}."
    )


def _reverses(verdict: Decision) -> str:
    turn = verdict.evidence.reversal
    agrees, opposes = names.verbs(verdict)
    metric, knob = names.metric(verdict.signature), names.knob(verdict.signature)
    if turn is None:
        return f"{metric} turns back within the swept range."
    tested = f"statistic {number(turn.statistic)}, critical value {number(turn.critical_value)}"
    if turn.of_majority:
        return (
            f"Most treatments, each on the levels it was swept over, turn: {metric} both {agrees} and {opposes}. "
            f"In the least clear of them it turns at about {names.level(verdict, turn.turn)} ({tested})."
        )
    fall = f"by {number(abs(turn.fall))} ({tested})"
    if turn.end == "end":
        course = (
            f"{agrees} with {knob} up to about {names.level(verdict, turn.turn)} and then {opposes} {fall}"
        )
    else:
        course = f"first {opposes} {fall} until {knob} is about {names.level(verdict, turn.turn)}, and then {agrees}"
    if verdict.scope is None:
        return f"{metric} {course}."
    low, high = (names.level(verdict, end) for end in verdict.scope)
    return f"{metric} {course}. The claim holds from {low} to {high}."


def _opposite(verdict: Decision) -> str:
    if not names.is_trend(verdict):
        name = names.noun(verdict)
        return (
            f"The opposite is shown: the {name} is {effect(verdict)}, and {upper_bound(verdict, 0.0, '0')}."
        )
    agrees, opposes = names.verbs(verdict)
    metric = names.metric(verdict.signature)
    return (
        f"{metric} {opposes} where it should have {_participle(agrees)}: the effect is {effect(verdict)}, "
        "and its upper bound is below 0."
    )


def _participle(verb: str) -> str:
    return {"rises": "risen", "falls": "fallen"}[verb]


def _below(verdict: Decision) -> str:
    name = names.effect_name(verdict)
    shown = _below_margin(verdict)
    if other_way(verdict):
        return (
            f"The {name} is {effect(verdict)}: it is shown not to be above the margin of {margin(verdict)}, and the "
            "estimate goes the other way."
        )
    return f"The {name} is {effect(verdict)}. {shown[:1].upper()}{shown[1:]}."


def _below_margin(verdict: Decision) -> str:
    line = verdict.evidence.interval
    end = math.inf if line is None or line.margin is None else line.margin
    return upper_bound(verdict, end, f"the margin of {margin(verdict)}")


def _underpowered(verdict: Decision) -> str:
    found, name = verdict.evidence.primary, names.effect_name(verdict)
    size = f"The {name} is {effect(verdict)}"
    claim, it = "the predicted trend", "it"
    if found is not None:
        claim, it = f"that {names.metric(verdict.signature)} {clauses.says(verdict, found)}", f"the {name}"
        if not names.is_sized(verdict):
            numbers = f"{clauses.found(verdict, found)} ({clauses.tested(verdict, found)})"
            return f"The data show neither {claim}, nor that it does not: {numbers}."
    why = no_margin(verdict)
    if why:
        return f"{size}: the data do not show {claim}, and cannot show that {it} is small: {why}."
    return f"{size}: the data show neither {claim}, nor that {it} is smaller than the margin of {margin(verdict)}."


def _lines_disagree(verdict: Decision) -> str:
    primary, scored, bound = verdict.groups.primary, verdict.evidence.primary, alpha(verdict)
    if isinstance(primary, TrendCriteria):
        lines = (
            f"trend {pvalue(primary.trend.value)} (must be <= {number(bound)})",
            f"lower bound of the effect {number(primary.interval.value)} (must be > 0)",
            f"{probability(primary.slopes.value, 'mean > 0')} (must be >= {number(1 - bound)})",
        )
        return f"All three lines must hold, and they disagree: {'; '.join(lines)}."
    numbers = ""
    if scored is not None:
        numbers = (
            f": {pvalue(scored.pvalue)} (must be <= {number(bound)}); {clauses.posterior(verdict, scored)} "
            f"(must be >= {number(1 - bound)})"
        )
    return f"Test and posterior must both hold, and they disagree{numbers}."


def _zero_variance(verdict: Decision) -> str:
    noise, found = verdict.evidence.residual_sd, verdict.evidence.primary
    if found is not None and clauses.seeds_differ(verdict):
        where = clauses.place(verdict, found)
        return (
            f"The seeds differ (residual sd {number(noise)}), but all have the same score{where}, so there is no "
            "variation to compare it with."
        )
    return (
        f"The seeds do not differ from each other (residual sd {number(noise)}), so there is no variation to "
        "compare the effect with."
    )


def _common_shift(verdict: Decision) -> str:
    knob = names.knob(verdict.signature)
    return (
        f"Whole levels of {knob} are shifted by more than runs at one level differ. "
        "When the runs of a level share a cause, such a shift cannot be distinguished from a trend."
    )


def shown_claim(verdict: Decision) -> str:
    """Return the claim as something that is shown: ``"The trend is shown"``."""
    found, most = verdict.evidence.primary, "" if verdict.evidence.majority is None else " in most seeds"
    if found is None:
        return f"The {'trend' if names.is_trend(verdict) else 'claim'} is shown{most}"
    return f"That {names.metric(verdict.signature)} {clauses.says(verdict, found)} is shown{most}"


def _weak(verdict: Decision) -> str:
    return (
        f"{shown_claim(verdict)}, but it is small: the {names.effect_name(verdict)} is {effect(verdict)}, and "
        f"{_below_margin(verdict)}."
    )


def _artifact(verdict: Decision) -> str:
    found = verdict.evidence.control
    tested = f" ({pvalue(found.artifact.pvalue)})" if found else ""
    return (
        f"The shape appears without the mechanism: {controls.with_shape(verdict)}; shown to be more than 80% of the "
        f"treatment's{tested}."
    )


def _unspecific(verdict: Decision) -> str:
    change = controls.change(verdict) or "the control responds as well"
    return f"{shown_claim(verdict)}, but {change}.{_single_controls(verdict)}"


def _single_controls(verdict: Decision) -> str:
    """Return which of several controls respond on their own."""
    found = verdict.groups.control
    responding = () if found is None else [each for each in found.single if each.met]
    alone = names.listed(
        f"{names.condition(verdict, each.condition)} ({pvalue(each.value)})"
        for each in responding
        if each.condition
    )
    return f" On its own, more than that is shown for {alone}." if alone else ""


def _some_conditions(verdict: Decision) -> str:
    who = treatments(verdict, verdict.findings.below_in)
    where = (
        f": in {who} the {names.effect_name(verdict)} is shown to be below {margin(verdict)}" if who else ""
    )
    return f"{shown_claim(verdict)} for the mean of the treatments, but not everywhere{where}."


def _size_unresolved(verdict: Decision) -> str:
    return (
        f"{shown_claim(verdict)}, but the {names.effect_name(verdict)} is {effect(verdict)}, and the estimate is "
        f"{'nearer to 0 than' if names.sign(verdict) < 0 else 'below'} the margin of {margin(verdict)}."
    )


def _control_unresolved(verdict: Decision) -> str:
    found, shown = verdict.evidence.control, shown_claim(verdict)
    if found is None:
        return f"{shown}, but {controls.departure(verdict) or 'the control could not be compared'}."
    if controls.hidden(verdict):
        who = names.who_controls(verdict)
        verb = "sit" if len(names.arms(verdict, "control")) > 1 else "sits"
        share = controls.share(verdict)
        return f"{shown}, but {who} {verb} {controls.HIDDEN}. {share[:1].upper()}{share[1:]}."
    compared = verdict.groups.control
    bound = (
        " The control sits at a bound of the metric, where a change may stay hidden."
        if compared is not None and compared.stuck
        else ""
    )
    return f"{shown}, but {controls.change(verdict)}.{bound}"


def _ranges_do_not_overlap(verdict: Decision) -> str:
    knob, least = names.swept(verdict.signature), max(3, verdict.signature.shape.min_levels)
    differ = len({arm.swept for arm in verdict.evidence.arms}) > 1
    where = f" ({names.ranges(verdict)})" if differ else ""
    return (
        f"{shown_claim(verdict)}, but the control cannot be compared: it and the treatment have too few levels of "
        f"{knob} in common{where}. They need at least {least} that span half of each range."
    )


def _within_controls(verdict: Decision) -> str:
    return negative_controls.within(verdict, shown_claim(verdict))


def _each_treatment(verdict: Decision) -> str:
    lacking = [each.condition for each in verdict.groups.alone if not each.shown]
    who = treatments(verdict, lacking)
    where = f": not in {who}" if who else ""
    against = [each.condition for each in verdict.groups.alone if each.refuted.met]
    clauses = names.listed(each.says for each in verdict.signature.shape.clauses if each.kind == "tolerated")
    told = names.listed(names.condition(verdict, each) for each in against)
    also = f" In {told} it is refuted that {names.metric(verdict.signature)} {clauses}." if against else ""
    return f"The claim is about every treatment, and it is not shown for each on its own{where}.{also}"


def _of_a_baseline(said: str) -> Callable[[Decision], str]:
    """Return a sentence on claims without a knob, whose numbers `sigstats.studies.baseline` tells."""
    return lambda _: said


REASONS: dict[Reason, Callable[[Decision], str]] = {
    Reason.TOO_FEW_SEEDS: _too_few_seeds,
    Reason.TOO_FEW_LEVELS: _too_few_levels,
    Reason.ALPHA_TOO_SMALL: _alpha_too_small,
    Reason.UNPLANNED_LOOK: looks.unplanned,
    Reason.TOO_FEW_ITEMS: _of_a_baseline("Nothing is claimed of new items from fewer than 3."),
    Reason.NOT_EQUIVALENT: _of_a_baseline("The means are shown to differ by more than the margin."),
    Reason.WORSE: _of_a_baseline("The treatment is shown to be worse by more than the margin."),
    Reason.REVERSES: _reverses,
    Reason.OPPOSITE: _opposite,
    Reason.BELOW_MIN_EFFECT: _below,
    Reason.TOO_FEW_FOR_MAJORITY: majority.too_few,
    Reason.UNDERPOWERED: _underpowered,
    Reason.LINES_DISAGREE: _lines_disagree,
    Reason.ZERO_VARIANCE: _zero_variance,
    Reason.COMMON_SHIFT: _common_shift,
    Reason.WEAK: _weak,
    Reason.ARTIFACT: _artifact,
    Reason.UNSPECIFIC: _unspecific,
    Reason.SOME_CONDITIONS: _some_conditions,
    Reason.SIZE_UNRESOLVED: _size_unresolved,
    Reason.CONTROL_UNRESOLVED: _control_unresolved,
    Reason.RANGES_DO_NOT_OVERLAP: _ranges_do_not_overlap,
    Reason.WITHIN_CONTROLS: _within_controls,
    Reason.EACH_TREATMENT: _each_treatment,
    Reason.ONSET_NEAR_END: places.near_end,
}
