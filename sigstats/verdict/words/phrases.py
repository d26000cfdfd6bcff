"""Phrases that several sentences share: the effect, the margin, the location, and what the control does."""

import math

from sigstats.evidence.results import (
    ClauseEvidence,
    ContrastEvidence,
    ControlEvidence,
    Estimate,
    LocationEvidence,
)
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import interval, level, mirrored, number, percent, pvalue
from sigstats.report.units import BARE, with_unit
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import clauses, names

HIDDEN = "at a bound of the metric, where a change may stay hidden, so that being quiet says nothing"


def alpha(verdict: Decision) -> float:
    """Return the error rate of each one-sided comparison: half where the data chose the direction."""
    return verdict.signature.alpha / verdict.evidence.sides


def effect(verdict: Decision) -> str:
    """Return the effect with its interval and unit; an exponent has its own sign."""
    found = verdict.effect
    return measured(verdict, interval(found if found is None else names.signed(verdict, found)))


def measured(verdict: Decision, said: str) -> str:
    """Return a printed number with the unit of the effect."""
    return with_unit(said, unit(verdict))


def unit(verdict: Decision) -> str:
    """Return the unit of the effect."""
    found = verdict.effect or next((arm.effect for arm in verdict.evidence.arms), None)
    return shortened(found.unit, names.LONGEST_NAME) if found else names.metric(verdict.signature)


def value_of(found: Estimate | None, *, beside: Estimate | None = None) -> str:
    """Return the point estimate alone, with the digits that it has beside its interval."""
    return interval(found, beside=beside).split(" [")[0]


def margin(verdict: Decision) -> str:
    """Return the margin and where it comes from."""
    line, declared = verdict.evidence.interval, verdict.signature.min_effect
    if declared is not None:
        return f"{measured(verdict, number(declared))} (the declared min_effect)"
    if unit(verdict) in BARE:
        return f"none: no min_effect was declared, and the noise is no margin for an {unit(verdict)}"
    if line is None or line.margin is None:
        return "none: no min_effect was declared and the noise is not known"
    return f"{measured(verdict, number(line.margin))} (one residual sd, because no min_effect was declared)"


def upper_bound(verdict: Decision, end: float, said: str) -> str:
    """Return by what the effect is shown to lie below a number: its interval, or its test at every possible place.

    Where the data choose a place, the interval is that of the chosen one; a claim that is refuted must be false at all.
    """
    line, place = verdict.evidence.interval, verdict.signature.shape.location
    if names.sign(verdict) < 0:
        return f"its lower bound is above {'minus ' if end else ''}{said}"
    if line is None or place is None or line.estimate.high < end:
        return f"its upper bound is below {said}"
    tested = line.pvalue_opposite if end == 0 else line.pvalue_small
    return f"it is shown to be below {said} at every {place} that could have been chosen ({pvalue(tested)})"


def bounds(verdict: Decision) -> str:
    """Return what every level must lie within, where the claim is on every level; else nothing."""
    found = verdict.signature.shape.bounds(verdict.signature.min_effect)
    if found is None:
        return ""
    if found.around_mean:
        half = (
            " (half of the declared min_effect)"
            if verdict.signature.shape.options().get("margin") is None
            else ""
        )
        return f"{measured(verdict, number(found.high))} on either side of the curve's mean{half}"
    ends = [("above", found.low), ("below", found.high)]
    said = [f"{side} {measured(verdict, number(end, digits=6))}" for side, end in ends if math.isfinite(end)]
    return " and ".join(said)


def location(verdict: Decision) -> str:
    """Return where the shape has its onset, knee or turn, and how well that is known."""
    found = verdict.evidence.location
    if found is None:
        return ""
    beside = []
    if math.isfinite(found.resolution):
        beside.append(f"levels are {level(found.resolution)} apart")
    if math.isfinite(found.spread):
        beside.append(f"seeds differ by sd {number(found.spread, digits=2)}")
    return f"{_place(found)} ({'; '.join(beside)})" if beside else _place(found)


def located(verdict: Decision) -> str:
    """Return the location with its name and confidence: ``"onset at step = 12 [8, 16] (...) (90% interval)"``."""
    where, found = location(verdict), verdict.evidence.location
    if found is None:
        return ""
    finite = math.isfinite(found.low) or math.isfinite(found.high)
    confidence = (
        f" ({percent(found.confidence)} interval)" if finite and math.isfinite(found.confidence) else ""
    )
    at = f"at {names.knob(verdict.signature)} = " if found.status == "inside" else ""
    return f"{visible(found.name)} {at}{where}{confidence}"


def _place(found: LocationEvidence) -> str:
    bound = bounded_place(found)
    if found.status == "below_range":
        return f"before the first level that can tell{', ' + bound if bound else ''}"
    if found.status == "above_range":
        return f"beyond the last level that can tell{', ' + bound if bound else ''}"
    if found.status != "inside" or not math.isfinite(found.value):
        return f"not located{', ' + bound if bound else ''}"
    said = number(found.value)
    if math.isfinite(found.low) and math.isfinite(found.high):
        return f"{said} [{number(found.low)}, {number(found.high)}]"
    return f"{said}, {bound or 'without bounds'}"


def bounded_place(found: LocationEvidence) -> str:
    """Return the finite ends of a location in words: ``"not before 8"``."""
    ends = (("before", found.low), ("after", found.high))
    return " and ".join(f"not {side} {number(end)}" for side, end in ends if math.isfinite(end))


def control_change(verdict: Decision) -> str:
    """Return how much the control changes, beside the treatment, and what is shown of it.

    A control that changes a little is never called flat: its share of the treatment's effect is given, with
    the share that the signature allows. Of a control that departs from the shape, that is said first.
    """
    control = verdict.evidence.control
    if control is None:
        return departure(verdict)
    if not clauses.is_shown(verdict):
        return control_share(verdict)
    if departs(verdict):
        return control_with_shape(verdict)
    return f"{control_with_shape(verdict)}; {_allowed(verdict, control)}"


def departs(verdict: Decision) -> bool:
    """Return whether a control is shown to depart from the shape."""
    found = verdict.evidence.control_departs
    bound = verdict.signature.alpha
    return found is not None and clauses.holds(
        verdict, "control_departs_pvalue", otherwise=found.pvalue_refuted <= bound
    )


def control_with_shape(verdict: Decision) -> str:
    """Return how much the control shows, after whether it is shown to depart from the shape, or to have it as well."""
    found, share = verdict.evidence.control_departs, control_share(verdict)
    if found is None:
        return share
    who = names.who_controls(verdict)
    verb = "are" if len(names.arms(verdict, "control")) > 1 else "is"
    also = clauses.holds(verdict, "control_also_pvalue", otherwise=found.pvalue <= verdict.signature.alpha)
    if departs(verdict):
        said = f"shown to depart from {_shape_of(found)} ({pvalue(found.pvalue_refuted)})"
    elif also:
        said = f"shown to {_infinitive(visible(found.says))} as well ({pvalue(found.pvalue)})"
    else:
        return share
    return f"{who} {verb} {said}, and {share.removeprefix(f'{who} ')}"


def _shape_of(clause: ClauseEvidence) -> str:
    """Return what a control departs from: ``"a straight line"`` where the clause says that it follows one."""
    said = visible(clause.says)
    return said.removeprefix("follows ") if said.startswith("follows ") else "the shape"


def _infinitive(said: str) -> str:
    verb, _, rest = said.partition(" ")
    return f"{verb.removesuffix('s')} {rest}"


def control_share(verdict: Decision) -> str:
    """Return how much the control shows, and which share of the treatment's effect that is."""
    control = verdict.evidence.control
    if control is None:
        return ""
    if names.is_trend(verdict) and verdict.signature.shape.compared is None:
        said = _control_moves(verdict, control)
        beside = (
            ""
            if control.effect.value < 0
            else _share(control, f"the treatment's {value_of(control.treatment)}")
        )
    else:
        size = interval(names.signed(verdict, control.effect), beside=control.treatment)
        said = f"in {names.who_controls(verdict)}, {_compared(verdict)} is {size}"
        treatment = names.signed(verdict, control.treatment)
        beside = _share(control, f"the treatment's {value_of(treatment)}")
        beside = beside or f", in the treatment {interval(treatment)}"
    return f"{said}{beside}"


def compared(verdict: Decision) -> str:
    """Return what treatment and control are compared by where that is not the effect; else nothing."""
    found = verdict.signature.shape.compared
    return "" if found is None else names.with_knob(found, verdict.signature)


def _compared(verdict: Decision) -> str:
    return compared(verdict) or f"the {names.noun(verdict)}"


def _control_moves(verdict: Decision, control: ControlEvidence) -> str:
    several = len(names.arms(verdict, "control")) > 1
    agrees, opposes = names.verbs(verdict)
    against = value_of(control.effect).startswith("-")
    verb = opposes if against else agrees
    said = f"{names.who_controls(verdict)} {verb.removesuffix('s') if several else verb}"
    said += " on average" if several else ""
    if against:
        size = interval(mirrored(control.effect), beside=control.treatment)
        return f"{said} by {size}, against the predicted direction"
    return f"{said} by {interval(control.effect, beside=control.treatment)}"


def _share(control: ControlEvidence, of: str) -> str:
    """Return the control's share where the treatment has something to take a share of."""
    if not control.treatment.low > 0:
        return ""
    return f", {percent(max(control.effect.value / control.treatment.value, 0.0))} of {of}"


def _allowed(verdict: Decision, control: ControlEvidence) -> str:
    allowed = f"the allowed {names.fraction(control.quiet_fraction)}"
    if not control.treatment.low > 0:
        allowed = f"{names.fraction(control.quiet_fraction)} of that"
    if is_shown(verdict, control.responds):
        return f"shown to be more than {allowed} ({pvalue(control.responds.pvalue)})"
    if hidden(verdict):
        return HIDDEN
    if is_shown(verdict, control.quiet):
        return f"shown to be less than {allowed} ({pvalue(control.quiet.pvalue)})"
    either = verdict.evidence.control_departs
    depart = f", nor to depart from {_shape_of(either)} ({pvalue(either.pvalue_refuted)})" if either else ""
    return f"not shown to be less than {allowed} ({pvalue(control.quiet.pvalue)}), nor to be more{depart}"


def hidden(verdict: Decision) -> bool:
    """Return whether a control is quiet where that says nothing: at a bound of the metric."""
    control = verdict.evidence.control
    return control is not None and control.at_bound and is_shown(verdict, control.quiet)


def departure(verdict: Decision) -> str:
    """Return whether a control that must depart from the shape does; empty where none must."""
    found = verdict.evidence.control_departs
    if found is None:
        return ""
    who, numbers = names.who_controls(verdict), clauses.found(verdict, found)
    verb = "are" if len(names.arms(verdict, "control")) > 1 else "is"
    if departs(verdict):
        clearest = clauses.found(verdict, found, least=False)
        return f"{who} {verb} shown to depart from the shape: {clearest} ({pvalue(found.pvalue_refuted)})"
    if clauses.holds(verdict, "control_also_pvalue", otherwise=found.pvalue <= verdict.signature.alpha):
        return f"{who} {verb} shown to have the same shape: {numbers} ({pvalue(found.pvalue)})"
    return f"{who} {verb} not shown to depart from the shape: {numbers} ({pvalue(found.pvalue_refuted)})"


def is_shown(verdict: Decision, contrast: ContrastEvidence) -> bool:
    """Return whether a comparison with the control is shown, at the bound that the verdict holds it against."""
    shown = contrast.pvalue <= alpha(verdict)
    return clauses.holds(verdict, f"control_{contrast.name}_pvalue", otherwise=shown)
