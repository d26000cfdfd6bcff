"""Phrases that several sentences share: the effect, the margin, and what the control does."""

from sigstats.evidence.results import ContrastEvidence
from sigstats.report import naming
from sigstats.report.escaping import visible
from sigstats.report.numbers import interval, number, percent, pvalue
from sigstats.verdict import Verdict


def effect(verdict: Verdict) -> str:
    """Return the effect with its interval and unit."""
    return f"{interval(verdict.effect)} {unit(verdict)}"


def unit(verdict: Verdict) -> str:
    """Return the unit of the effect."""
    found = verdict.effect or next((arm.effect for arm in verdict.evidence.arms), None)
    return visible(found.unit) if found else naming.metric(verdict.signature)


def margin(verdict: Verdict) -> str:
    """Return the margin and where it comes from.

    Parameters
    ----------
    verdict : Verdict
        The verdict.

    Returns
    -------
    str
        Such as ``"0.05 cosine (the declared min_effect)"``.
    """
    line = verdict.evidence.interval
    if line is None or line.margin is None:
        return "none: no min_effect was declared and the noise is not known"
    size = f"{number(line.margin)} {unit(verdict)}"
    if line.margin_source == "min_effect":
        return f"{size} (the declared min_effect)"
    return f"{size} (one residual sd, because no min_effect was declared)"


def control_change(verdict: Verdict) -> str:
    """Return how much the control changes, beside the treatment, and what is shown of it.

    A control that changes a little is never called flat: its share of the treatment's effect is given, with
    the share that the signature allows.

    Parameters
    ----------
    verdict : Verdict
        A verdict with a control.

    Returns
    -------
    str
        One sentence; empty without a control.
    """
    control = verdict.evidence.control
    if control is None:
        return ""
    who = (
        f"the control{naming.plural(naming.arms(verdict, 'control'))} {naming.conditions(verdict, 'control')}"
    )
    verb = "change on average" if len(naming.arms(verdict, "control")) > 1 else "changes"
    said = f"{who} {verb} by {interval(control.effect)}"
    if control.effect.value < 0:
        said += ", against the predicted direction"
    if verdict.effect is None or not verdict.effect.low > 0:
        return said
    if control.effect.value >= 0:
        share = percent(control.effect.value / verdict.effect.value)
        said += f", {share} of the treatment's {number(verdict.effect.value)}"
    return f"{said}; {_allowed(verdict)}"


def _allowed(verdict: Verdict) -> str:
    control = verdict.evidence.control
    if control is None:
        return ""
    allowed = f"the allowed {naming.fraction(control.quiet_fraction)}"
    if is_shown(verdict, control.responds):
        return f"shown to be more than {allowed} ({pvalue(control.responds.pvalue)})"
    if is_shown(verdict, control.quiet):
        return f"shown to be less than {allowed} ({pvalue(control.quiet.pvalue)})"
    return f"not shown to be less than {allowed} ({pvalue(control.quiet.pvalue)}), nor to be more"


def is_shown(verdict: Verdict, contrast: ContrastEvidence) -> bool:
    """Return whether a comparison with the control is shown at the declared alpha."""
    return contrast.pvalue <= verdict.signature.alpha
