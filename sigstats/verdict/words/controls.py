"""What the control does, in words: how much of the shape it shows, and what the verdict holds of it."""

from sigstats.evidence.reason import Reason
from sigstats.evidence.results import ClauseEvidence, ControlEvidence
from sigstats.report.escaping import visible
from sigstats.report.numbers import interval, mirrored, percent, point, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import clauses, names

HIDDEN = "at a bound of the metric, where a change may stay hidden, so that being quiet says nothing"


def change(verdict: Decision) -> str:
    """Return how much the control changes compared with the treatment, and what the verdict makes of it.

    A control that changes a little is never called flat: its share of the treatment's effect is given, with
    the share that the signature allows. If the control departs from the shape, that is said first.
    """
    control = verdict.evidence.control
    if control is None:
        return departure(verdict)
    if not clauses.effect_is_shown(verdict):
        return share(verdict)
    if departs(verdict):
        return with_shape(verdict)
    return f"{with_shape(verdict)}; {_allowed(verdict, control)}"


def uncompared(verdict: Decision) -> str:
    """Return that there is no control, or that the one which was declared could not be compared."""
    declared = verdict.signature.control or ()
    if not declared:
        return "none was declared, so that anything may have caused it"
    who = names.listed(map(names.quoted, declared))
    return f"{who} {'was' if len(declared) == 1 else 'were'} declared, but could not be compared with the treatment"


def beside(verdict: Decision) -> str:
    """Return that the control has the effect as well where the main reason is another one; else nothing."""
    control, found = verdict.evidence.control, verdict.groups.control
    if control is None or found is None or not found.responds.met or not control.effect.low > 0:
        return ""
    if not verdict.reasons or verdict.reasons[0] in (Reason.ARTIFACT, Reason.UNSPECIFIC):
        return ""
    if verdict.groups.departure is not None and not has_shape(verdict):
        return ""
    many = len(names.arms(verdict, "control")) > 1
    who, has = ("the controls", "have") if many else ("the control", "has")
    if control.share is not None:
        what = compared(verdict) or names.effect_name(verdict)
        return f"{who} {has} {percent(control.share)} of the treatment's {what}"
    return f"{who} {has} {names.with_a(names.noun(verdict))}"


def departs(verdict: Decision) -> bool:
    """Return whether a control is shown to depart from the shape."""
    found = verdict.groups.departure
    return found is not None and found.departs.met


def has_shape(verdict: Decision) -> bool:
    """Return whether a control is shown to have the shape as well."""
    found = verdict.groups.departure
    return found is not None and found.also.met


def is_quiet(verdict: Decision) -> bool:
    """Return whether the control is shown to have less than its share of the effect."""
    found = verdict.groups.control
    return found is not None and found.quiet.met


def with_shape(verdict: Decision) -> str:
    """Return how much the control shows, after whether it is shown to depart from the shape, or to have it as well."""
    found = verdict.evidence.control_departs
    if found is None:
        return share(verdict)
    if departs(verdict):
        said = f"shown to depart from {_shape_of(found)} ({pvalue(found.pvalue_refuted)})"
    elif has_shape(verdict):
        said = f"shown to {_infinitive(visible(found.says))} as well ({pvalue(found.pvalue)})"
    else:
        return share(verdict)
    return f"{names.who_controls(verdict)} {_are(verdict)} {said}, and {_moves(verdict) or share(verdict)}"


def _are(verdict: Decision) -> str:
    return "are" if len(names.arms(verdict, "control")) > 1 else "is"


def _shape_of(clause: ClauseEvidence) -> str:
    """Return what a control departs from: ``"a straight line"`` where the clause says that it follows one."""
    said = visible(clause.says)
    return said.removeprefix("follows ") if said.startswith("follows ") else "the shape"


def _infinitive(said: str) -> str:
    verb, _, rest = said.partition(" ")
    return f"{verb.removesuffix('s')} {rest}"


def share(verdict: Decision) -> str:
    """Return how much the control shows, and which share of the treatment's effect that is."""
    control = verdict.evidence.control
    if control is None:
        return ""
    who, moves = names.who_controls(verdict), _moves(verdict)
    if moves:
        return f"{who} {moves}"
    size = interval(names.signed(verdict, control.effect), beside=control.treatment)
    treatment = names.signed(verdict, control.treatment)
    beside = _share_of(control, f"the treatment's {point(treatment)}")
    own = _own(verdict) if compared(verdict) else ""
    said = f"{own}{compared(verdict) or f'the {names.noun(verdict)}'}{',' if own else ''}"
    return f"in {who}, {said} is {size}{beside or f', in the treatment {interval(treatment)}'}"


def _own(verdict: Decision) -> str:
    """Return the effect of a control as tables and figures give it, where it is compared by something else."""
    arms = names.arms(verdict, "control")
    if len(arms) != 1 or not names.is_sized(verdict):
        return ""
    size = interval(names.signed(verdict, arms[0].effect), beside=names.beside(verdict, "control"))
    return f"the {names.noun(verdict)} is {size}; what is compared, "


def compared(verdict: Decision) -> str:
    """Return what treatment and control are compared by where that is not the effect; else nothing."""
    found = verdict.signature.shape.compared
    return "" if found is None else names.with_knob(found, verdict.signature)


def _moves(verdict: Decision) -> str:
    """Return by how much a control rises or falls, where that is what the claim is about: ``"rises by 0.1"``."""
    control = verdict.evidence.control
    if control is None or not names.is_trend(verdict) or compared(verdict):
        return ""
    several = len(names.arms(verdict, "control")) > 1
    agrees, opposes = names.verbs(verdict)
    against = point(control.effect).startswith("-")
    verb = opposes if against else agrees
    said = f"{verb.removesuffix('s')} on average" if several else verb
    if against:
        size = interval(mirrored(control.effect), beside=control.treatment)
        said += f" by {size}, against the predicted direction"
    else:
        said += f" by {interval(control.effect, beside=control.treatment)}"
    of = f"the treatment's {point(control.treatment)}"
    return said if control.effect.value < 0 else f"{said}{_share_of(control, of)}"


def _share_of(control: ControlEvidence, of: str) -> str:
    """Return the control's share where the treatment has something to take a share of."""
    return "" if control.share is None else f", {percent(max(control.share, 0.0))} of {of}"


def _allowed(verdict: Decision, control: ControlEvidence) -> str:
    allowed = f"the allowed {names.fraction(control.quiet_fraction)}"
    if control.share is None:
        allowed = f"{names.fraction(control.quiet_fraction)} of that"
    compared = verdict.groups.control
    if compared is not None and compared.responds.met:
        return f"shown to be more than {allowed} ({pvalue(control.responds.pvalue)})"
    if hidden(verdict):
        return HIDDEN
    if is_quiet(verdict):
        return f"shown to be less than {allowed} ({pvalue(control.quiet.pvalue)})"
    either = verdict.evidence.control_departs
    depart = f", nor to depart from {_shape_of(either)} ({pvalue(either.pvalue_refuted)})" if either else ""
    return f"not shown to be less than {allowed} ({pvalue(control.quiet.pvalue)}), nor to be more{depart}"


def hidden(verdict: Decision) -> bool:
    """Return whether a control is quiet where that says nothing: at a bound of the metric."""
    found = verdict.groups.control
    return found is not None and found.stuck and is_quiet(verdict)


def departure(verdict: Decision) -> str:
    """Return whether a control that must depart from the shape does; empty where none must."""
    found = verdict.evidence.control_departs
    if found is None:
        return ""
    who, numbers = f"{names.who_controls(verdict)} {_are(verdict)}", clauses.found(verdict, found)
    if departs(verdict):
        clearest = clauses.found(verdict, found, least=False)
        return f"{who} shown to depart from the shape: {clearest} ({pvalue(found.pvalue_refuted)})"
    if has_shape(verdict):
        return f"{who} shown to have the same shape: {numbers} ({pvalue(found.pvalue)})"
    return f"{who} not shown to depart from the shape: {numbers} ({pvalue(found.pvalue_refuted)})"
