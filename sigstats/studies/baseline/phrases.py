"""Parts of sentences on treatments and a baseline."""

import math

from sigstats.evidence.reason import Reason
from sigstats.report.escaping import shortened
from sigstats.report.numbers import interval, number
from sigstats.signature.share import Share
from sigstats.studies.baseline.record import Against, Compared
from sigstats.verdict.rules import Status
from sigstats.verdict.words import names

POPULATIONS = {
    "runs": "new runs",
    "items": "new items, with these runs",
    "both": "new runs and new items",
}
BRIEF = {
    Reason.TOO_FEW_SEEDS: "fewer than 3 runs",
    Reason.TOO_FEW_ITEMS: "fewer than 3 items",
    Reason.OPPOSITE: "the other way round",
    Reason.BELOW_MIN_EFFECT: "if at all, by less than the margin",
    Reason.NOT_EQUIVALENT: "they differ by more than the margin",
    Reason.WORSE: "worse by more than the margin",
    Reason.UNDERPOWERED: "the data cannot tell",
    Reason.ZERO_VARIANCE: "nothing varies, so nothing can be tested",
    Reason.WEAK: "shown, but smaller than min_effect",
    Reason.ARTIFACT: "the control gains as much",
    Reason.UNSPECIFIC: "the control gains as well",
    Reason.SIZE_UNRESOLVED: "shown, but not to be as large as min_effect",
    Reason.CONTROL_UNRESOLVED: "shown, but not shown to be less in the control",
    Reason.SOME_CONDITIONS: "for some treatments, not for others",
}


def headline(found: Compared) -> str:
    """Return the answer as one line."""
    return f"{found.status.upper()}: {claim(found)} ({brief(found)})"


def claim(found: Compared) -> str:
    """Return the claim: ``"accuracy is higher in 'muon' than in 'adamw'"``."""
    who = names.listed((quoted(row.condition) for row in found.rows), most=3)
    shape = found.signature.shape
    link = "and" if shape.name == "equivalent" else "than"
    return f"{metric(found)} {shape.claim}{by_margin(found)} in {who} {link} in {quoted(found.baseline.condition)}"


def by_margin(found: Compared) -> str:
    """Return the margin that a claim is about: ``" by 1 or more"``; else nothing."""
    margin = found.signature.min_effect
    if margin is None or found.signature.shape.name not in ("equivalent", "not_worse"):
        return ""
    said = declared(margin)
    return f" within {said}" if found.signature.shape.name == "equivalent" else f" by {said} or more"


def declared(margin: float) -> str:
    """Return a margin as it was declared."""
    return str(margin) if isinstance(margin, Share) else number(margin)


def quoted(name: str) -> str:
    """Return the name of a condition in quotes."""
    return f"'{shortened(name, names.LONGEST_NAME)}'"


def metric(found: Compared) -> str:
    """Return the name of the metric."""
    return shortened(found.unit, names.LONGEST_NAME)


def brief(found: Compared) -> str:
    """Return the answer in a few words."""
    holding = [quoted(row.condition) for row in found.rows if row.status is Status.PRESENT]
    if holding and len(holding) < len(found.rows):
        return f"shown only for {names.listed(holding, most=3)}"
    of_all = ((Reason.SOME_CONDITIONS,), (Reason.UNDERPOWERED,))
    if len({row.reasons[:1] for row in found.rows}) > 1 and found.reasons not in of_all:
        return "the reasons differ by treatment"
    if found.reasons == (Reason.UNSPECIFIC,) and several_controls(found):
        return "a control gains as well"
    if found.reasons:
        return BRIEF.get(found.reasons[0], str(found.reasons[0]))
    if found.signature.control:
        return (
            "shown, and less than half as much in the control"
            if found.signature.quiet_fraction == 0.5
            else "shown"
        )
    return "shown" if len(found.rows) == 1 else f"shown for all {len(found.rows)}"


def controls(found: Compared) -> str:
    """Return the names of the controls; nothing without any."""
    return names.listed(quoted(group.condition) for group in found.groups if group.role == "control")


def several_controls(found: Compared) -> bool:
    """Return whether there is more than one control, of which the mean is told."""
    return len(found.signature.control or ()) > 1


def difference(found: Compared, row: Against) -> str:
    """Return the difference with its interval, unit and ratio."""
    said = f"{interval(row.difference)} {metric(found)}"
    if row.ratio is not None and math.isfinite(row.ratio.low):
        said += f", {interval(row.ratio)} times the baseline"
    return said


def margin(found: Compared, row: Against) -> str:
    """Return the margin in units of the metric, and as it was declared."""
    given = found.signature.min_effect
    if row.margin is None or not math.isfinite(row.margin):
        return "none" if given is None else declared(given)
    said = f"{number(row.margin)} {metric(found)}"
    return f"{said} ({given} of the baseline)" if isinstance(given, Share) else said
