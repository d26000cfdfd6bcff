"""One sentence for each reason and each note of a verdict, with the numbers in hand."""

import math
from collections.abc import Callable

from sigstats.evidence.results import ArmEvidence
from sigstats.report.escaping import visible
from sigstats.report.numbers import interval, level, number, probability, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.rules import Reason
from sigstats.verdict.words import clauses
from sigstats.verdict.words import names as naming
from sigstats.verdict.words.phrases import (
    HIDDEN,
    alpha,
    compared,
    control_change,
    control_share,
    control_with_shape,
    departure,
    effect,
    hidden,
    is_shown,
    margin,
    upper_bound,
)


def _too_few_seeds(verdict: Decision) -> str:
    short = naming.short_of_seeds(verdict)
    if not short:
        return _too_few_at_levels(verdict)
    who = naming.listed(f"{naming.condition(verdict, arm.condition)} ({arm.n_seeds})" for arm in short)
    return (
        f"Nothing is claimed from fewer than 3 seeds per condition: {who}. The numbers below only describe."
    )


def _too_few_at_levels(verdict: Decision) -> str:
    found = clauses.primary(verdict)
    if found is None or found.at is None:
        return "Too few seeds were seen at all the levels that the claim needs, so it cannot be tested."
    place = clauses.place(verdict, found)
    return f"Too few seeds were seen{place} to test the claim there, and it is about every level."


def _too_few_levels(verdict: Decision) -> str:
    most = max((len(arm.levels) for arm in verdict.evidence.arms), default=0)
    knob = naming.knob(verdict.signature)
    found = naming.counted(most, "level")
    shape = verdict.signature.shape
    who = "A trend" if shape.is_trend else f"The shape {shape.name!r}"
    return f"{who} needs at least {shape.min_levels} levels of {knob} per seed; at most {found} can be used."


def _reverses(verdict: Decision) -> str:
    turn = verdict.evidence.reversal
    agrees, opposes = naming.verbs(verdict)
    metric, knob = naming.metric(verdict.signature), naming.knob(verdict.signature)
    if turn is None:
        return f"{metric} turns back within the swept range."
    tested = f"statistic {number(turn.statistic)}, critical value {number(turn.critical_value)}"
    if turn.of_majority:
        return (
            f"Most treatments, each on the levels it was swept over, turn: {metric} both {agrees} and {opposes}. "
            f"In the least clear of them it turns at about {level(turn.turn)} ({tested})."
        )
    fall = f"by {number(abs(turn.fall))} ({tested})"
    if turn.end == "end":
        course = f"{agrees} with {knob} up to about {level(turn.turn)} and then {opposes} {fall}"
    else:
        course = f"first {opposes} {fall} until {knob} is about {level(turn.turn)}, and then {agrees}"
    if verdict.scope is None:
        return f"{metric} {course}."
    low, high = (level(end) for end in verdict.scope)
    return f"{metric} {course}. The claim holds from {low} to {high}."


def _opposite(verdict: Decision) -> str:
    if not naming.is_trend(verdict):
        name = naming.noun(verdict)
        return (
            f"The opposite is shown: the {name} is {effect(verdict)}, and {upper_bound(verdict, 0.0, '0')}."
        )
    agrees, opposes = naming.verbs(verdict)
    metric = naming.metric(verdict.signature)
    return (
        f"{metric} {opposes} where it should have {_participle(agrees)}: the effect is {effect(verdict)}, "
        "and its upper bound is below 0."
    )


def _participle(verb: str) -> str:
    return {"rises": "risen", "falls": "fallen"}[verb]


def _below(verdict: Decision) -> str:
    name = naming.effect_name(verdict)
    shown = _below_margin(verdict)
    return f"The {name} is {effect(verdict)}. {shown[:1].upper()}{shown[1:]}."


def _below_margin(verdict: Decision) -> str:
    line = verdict.evidence.interval
    end = math.inf if line is None or line.margin is None else line.margin
    return upper_bound(verdict, end, f"the margin of {margin(verdict)}")


def _underpowered(verdict: Decision) -> str:
    found, name = clauses.primary(verdict), naming.effect_name(verdict)
    if found is None:
        return (
            f"The {name} is {effect(verdict)}: the data show neither the predicted trend, nor that it is smaller "
            f"than the margin of {margin(verdict)}."
        )
    claim = f"that {naming.metric(verdict.signature)} {clauses.says(verdict, found)}"
    if not naming.is_sized(verdict):
        numbers = f"{clauses.found(verdict, found)} ({clauses.tested(verdict, found)})"
        return f"The data show neither {claim}, nor that it does not: {numbers}."
    return (
        f"The {name} is {effect(verdict)}: the data show neither {claim}, nor that the {name} is smaller than the "
        f"margin of {margin(verdict)}."
    )


def _lines_disagree(verdict: Decision) -> str:
    found, bound = verdict.evidence, alpha(verdict)
    scored = clauses.primary(verdict)
    if scored is not None:
        return (
            f"Test and posterior must both hold, and they disagree: {pvalue(scored.pvalue)} (must be <= "
            f"{number(bound)}); {clauses.posterior(verdict, scored)} (must be >= {number(1 - bound)})."
        )
    lines = []
    if found.trend is not None:
        lines.append(f"trend {pvalue(found.trend.pvalue)} (must be <= {number(bound)})")
    if found.interval is not None:
        lines.append(f"lower bound of the effect {number(found.interval.estimate.low)} (must be > 0)")
    if found.slopes is not None:
        lines.append(
            f"{probability(found.slopes.prob_positive, 'mean > 0')} (must be >= {number(1 - bound)})"
        )
    return f"All three lines must hold, and they disagree: {'; '.join(lines)}."


def _zero_variance(verdict: Decision) -> str:
    noise, found = verdict.evidence.residual_sd, clauses.primary(verdict)
    if found is not None and clauses.seeds_differ(verdict):
        where = clauses.place(verdict, found)
        return (
            f"The seeds differ (residual sd {number(noise)}), but all have the same score{where}, so there is no "
            "variation to hold it against."
        )
    return (
        f"The seeds do not differ from each other (residual sd {number(noise)}), so there is no variation to hold "
        "the effect against."
    )


def _common_shift(verdict: Decision) -> str:
    knob = naming.knob(verdict.signature)
    return (
        f"Whole levels of {knob} are shifted by more than runs at one level differ. "
        "When the runs of a level share a cause, such a shift cannot be told from a trend."
    )


def shown_claim(verdict: Decision) -> str:
    """Return the claim as something that is shown: ``"The trend is shown"``."""
    found = clauses.primary(verdict)
    if found is None:
        return "The trend is shown" if naming.is_trend(verdict) else "The claim is shown"
    return f"That {naming.metric(verdict.signature)} {clauses.says(verdict, found)} is shown"


def _weak(verdict: Decision) -> str:
    return (
        f"{shown_claim(verdict)}, but it is small: the {naming.effect_name(verdict)} is {effect(verdict)}, and "
        f"{_below_margin(verdict)}."
    )


def _artifact(verdict: Decision) -> str:
    found = verdict.evidence.control
    tested = f" ({pvalue(found.artifact.pvalue)})" if found else ""
    return (
        f"The shape appears without the mechanism: {control_with_shape(verdict)}; shown to be more than 80% of the "
        f"treatment's{tested}."
    )


def _unspecific(verdict: Decision) -> str:
    change = control_change(verdict) or "the control responds as well"
    return f"{shown_claim(verdict)}, but {change}.{_single_controls(verdict)}"


def _single_controls(verdict: Decision) -> str:
    """Return which controls respond on their own, where there are several."""
    found = verdict.evidence.control
    if found is None or len(found.single_responds) < 2:
        return ""
    bound = alpha(verdict)
    alone = naming.listed(
        f"{naming.condition(verdict, name)} ({pvalue(p)})" for name, p in found.single_responds if p <= bound
    )
    return f" On its own, more than that is shown for {alone}." if alone else ""


def _some_conditions(verdict: Decision) -> str:
    floor = verdict.signature.min_effect or 0.0
    lacking = [arm for arm in naming.arms(verdict, "treatment") if arm.effect.high < floor]
    who = naming.listed(_with_effect(verdict, arm) for arm in lacking)
    where = f": not in {who}" if who else ""
    return f"{shown_claim(verdict)} for the mean of the treatments, but not everywhere{where}."


def _with_effect(verdict: Decision, arm: ArmEvidence) -> str:
    return f"{naming.condition(verdict, arm.condition)} ({interval(naming.signed(verdict, arm.effect))})"


def _by_name(verdict: Decision, arm: ArmEvidence) -> str:
    return naming.condition(verdict, arm.condition)


def _size_unresolved(verdict: Decision) -> str:
    return (
        f"{shown_claim(verdict)}, but the {naming.effect_name(verdict)} is {effect(verdict)}, and the estimate is "
        f"{'nearer to 0 than' if naming.sign(verdict) < 0 else 'below'} the margin of {margin(verdict)}."
    )


def _control_unresolved(verdict: Decision) -> str:
    found, shown = verdict.evidence.control, shown_claim(verdict)
    if found is None:
        return f"{shown}, but {departure(verdict) or 'the control could not be compared'}."
    if hidden(verdict):
        who = naming.who_controls(verdict)
        verb = "sit" if len(naming.arms(verdict, "control")) > 1 else "sits"
        share = control_share(verdict)
        return f"{shown}, but {who} {verb} {HIDDEN}. {share[:1].upper()}{share[1:]}."
    differs = "is shown" if is_shown(verdict, found.specific) else "is not shown"
    bound = (
        " The control sits at a bound of the metric, where a change may stay hidden."
        if found.at_bound
        else ""
    )
    more = (
        "changes by more" if naming.is_trend(verdict) and not compared(verdict) else "shows more of the shape"
    )
    return (
        f"{shown}, but {control_change(verdict)}. That the treatment {more} than the "
        f"control {differs} ({pvalue(found.specific.pvalue)}).{bound}"
    )


def _each_treatment(verdict: Decision) -> str:
    lacking = [arm for arm in naming.arms(verdict, "treatment") if not _alone(verdict, arm)]
    named = _with_effect if naming.is_sized(verdict) else _by_name
    who = naming.listed(named(verdict, arm) for arm in lacking)
    where = f": not in {who}" if who else ""
    return f"The claim is about every treatment, and it is not shown for each on its own{where}."


def _alone(verdict: Decision, arm: ArmEvidence) -> bool:
    """Return whether the verdict holds the claim to be shown in one treatment on its own."""
    names = (f"claim_pvalue[{arm.condition}]", f"claim_prob_positive[{arm.condition}]")
    return all(clauses.holds(verdict, name, otherwise=False) for name in names)


def _uncontrolled(verdict: Decision) -> str:
    claim = naming.claim(verdict.signature)
    return f"No control was declared: this is about whether {claim}, not about what causes it."


def _average_only(verdict: Decision) -> str:
    treatments = naming.arms(verdict, "treatment")
    if not naming.is_sized(verdict):
        lacking = [arm for arm in treatments if not _shows_each_level(verdict, arm)]
        who = naming.listed(_by_name(verdict, arm) for arm in lacking)
    else:
        lacking = [arm for arm in treatments if not arm.effect.low > 0]
        who = naming.listed(_with_effect(verdict, arm) for arm in lacking)
    return (
        f"The claim is about the mean of the treatments; on its own it is not shown in {who or 'every one'}."
    )


def _shows_each_level(verdict: Decision, arm: ArmEvidence) -> bool:
    bound = alpha(verdict)
    return arm.claim_pvalue <= bound and arm.claim_prob_positive >= 1 - bound


def _control_opposite(verdict: Decision) -> str:
    found = verdict.evidence.control
    if found is None:
        return "The control goes the other way."
    tested = f"{interval(naming.signed(verdict, found.effect))} ({pvalue(found.pvalue_opposite)})"
    if len(naming.arms(verdict, "control")) > 1:
        return f"On average the controls go the other way: their effect is {tested}."
    return f"The control goes the other way: its effect is {tested}."


def _control_at_bound(verdict: Decision) -> str:
    controls = naming.conditions(verdict, "control") or "The control"
    return f"At the floor or ceiling of the metric, where a change may stay hidden: {controls}."


def _small_sample(verdict: Decision) -> str:
    seeds = naming.seed_range(arm.n_seeds for arm in verdict.evidence.arms)
    trend = verdict.evidence.trend
    least = trend.smallest_pvalue if trend else 0.0
    bound = f"; an exact test could give no p-value below {number(least, digits=2)}" if least > 1e-16 else ""
    return f"With {seeds} seeds per condition the tests rely on normally distributed scores{bound}."


def _skewed_scores(_verdict: Decision) -> str:
    return "The scores are skewed across seeds: bounds from so few of them can be too narrow on one side."


def _duplicate_seeds(verdict: Decision) -> str:
    copied = [arm for arm in naming.ordered(verdict) if arm.n_copies]
    who = naming.listed(f"{naming.condition(verdict, arm.condition)} ({arm.n_copies})" for arm in copied)
    return f"Seeds that repeat another seed to the last bit were counted once{': ' + who if who else ''}."


def _identical_arms(_verdict: Decision) -> str:
    return "Two conditions hold identical values: check whether one was copied from the other."


def _seeds_excluded(verdict: Decision) -> str:
    without = [arm for arm in naming.ordered(verdict) if arm.n_excluded]
    who = naming.listed(f"{naming.condition(verdict, arm.condition)} ({arm.n_excluded})" for arm in without)
    return f"Seeds with fewer than 3 levels were left out{': ' + who if who else ''}."


def _range_differs(verdict: Decision) -> str:
    knob = naming.knob(verdict.signature)
    swept = [arm for arm in naming.ordered(verdict) if len(arm.levels)]
    ranges = (
        f"{naming.condition(verdict, arm.condition)} {level(min(arm.levels))} to {level(max(arm.levels))}"
        for arm in swept
    )
    spans = naming.listed(ranges) or "see the data"
    whole = [end for arm in swept if arm.role == "treatment" for end in (min(arm.levels), max(arm.levels))]
    counted = ""
    if whole and naming.is_trend(verdict):
        ends = f"{level(min(whole))} to {level(max(whole))}"
        counted = f" Effects are changes of lines over the treatments' range, {ends}."
    elif whole and verdict.signature.shape.sized:
        counted = " Each condition counts by the shape over its own range."
    return f"The conditions were not swept over the same range of {knob}: {spans}.{counted}"


def _table_notes(verdict: Decision) -> str:
    said = [visible(note).rstrip(".") for note in verdict.evidence.table_notes]
    more = f"; and {len(said) - 3} more" if len(said) > 3 else ""
    return f"While the table was read: {'; '.join(said[:3]) or 'it was changed'}{more}."


SENTENCES: dict[Reason, Callable[[Decision], str]] = {
    Reason.TOO_FEW_SEEDS: _too_few_seeds,
    Reason.TOO_FEW_LEVELS: _too_few_levels,
    Reason.REVERSES: _reverses,
    Reason.OPPOSITE: _opposite,
    Reason.BELOW_MIN_EFFECT: _below,
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
    Reason.EACH_TREATMENT: _each_treatment,
    Reason.UNCONTROLLED: _uncontrolled,
    Reason.AVERAGE_ONLY: _average_only,
    Reason.CONTROL_OPPOSITE: _control_opposite,
    Reason.CONTROL_AT_BOUND: _control_at_bound,
    Reason.SMALL_SAMPLE: _small_sample,
    Reason.SKEWED_SCORES: _skewed_scores,
    Reason.DUPLICATE_SEEDS: _duplicate_seeds,
    Reason.IDENTICAL_ARMS: _identical_arms,
    Reason.SEEDS_EXCLUDED: _seeds_excluded,
    Reason.RANGE_DIFFERS: _range_differs,
    Reason.TABLE_NOTES: _table_notes,
}
