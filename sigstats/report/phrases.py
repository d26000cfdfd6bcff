"""Phrases that several sentences share: the effect, the margin, and what the control does."""

import dataclasses

from sigstats.evidence.results import ContrastEvidence, Estimate
from sigstats.report import naming
from sigstats.report.escaping import shortened
from sigstats.report.numbers import interval, number, percent, pvalue
from sigstats.verdict import Verdict


def effect(verdict: Verdict) -> str:
    """Return the effect with its interval and unit."""
    return f"{interval(verdict.effect)} {unit(verdict)}"


def unit(verdict: Verdict) -> str:
    """Return the unit of the effect."""
    found = verdict.effect or next((arm.effect for arm in verdict.evidence.arms), None)
    return shortened(found.unit, naming.LONGEST_NAME) if found else naming.metric(verdict.signature)


def value_of(found: Estimate | None) -> str:
    """Return the point estimate alone, with the digits that it has beside its interval."""
    return interval(found).split(" [")[0]


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
    line, declared = verdict.evidence.interval, verdict.signature.min_effect
    if declared is not None:
        return f"{number(declared)} {unit(verdict)} (the declared min_effect)"
    if line is None or line.margin is None:
        return "none: no min_effect was declared and the noise is not known"
    return f"{number(line.margin)} {unit(verdict)} (one residual sd, because no min_effect was declared)"


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
        A clause without a full stop; empty without a control.
    """
    if not _shows_effect(verdict):
        return control_share(verdict)
    return f"{control_share(verdict)}; {_allowed(verdict)}"


def control_share(verdict: Verdict) -> str:
    """Return how much the control changes, and which share of the treatment's effect that is.

    Parameters
    ----------
    verdict : Verdict
        A verdict with a control.

    Returns
    -------
    str
        A clause without a full stop; empty without a control.
    """
    control = verdict.evidence.control
    if control is None:
        return ""
    several = len(naming.arms(verdict, "control")) > 1
    agrees, opposes = naming.verbs(verdict.signature)
    against = value_of(control.effect).startswith("-")
    verb = opposes if against else agrees
    said = f"{naming.who_controls(verdict)} {verb.removesuffix('s') if several else verb}"
    said += " on average" if several else ""
    if against:
        return f"{said} by {interval(_mirrored(control.effect))}, against the predicted direction"
    said += f" by {interval(control.effect)}"
    if verdict.effect is None or not _shows_effect(verdict):
        return said
    share = percent(max(control.effect.value / verdict.effect.value, 0.0))
    return f"{said}, {share} of the treatment's {value_of(verdict.effect)}"


def _shows_effect(verdict: Verdict) -> bool:
    return verdict.effect is not None and verdict.effect.low > 0


def _mirrored(found: Estimate) -> Estimate:
    return dataclasses.replace(found, value=-found.value, low=-found.high, high=-found.low)


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
