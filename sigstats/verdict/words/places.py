"""A place that may lie too near an end of the swept range to be tested, in words."""

from sigstats.evidence.reason import Reason
from sigstats.report.numbers import pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names

DECLARE_LOG_KNOB = "declare knob_scale='log'"
WHERE = {"start": "the start", "end": "the end", "both": "an end"}
BEYOND = {"start": "below {low}", "end": "above {high}", "both": "below {low} and above {high}"}
FROM_ZERO = {
    "start": "at more levels near {low}",
    "both": "further, above {high}, or at more levels near {low}",
}


def near_end(verdict: Decision) -> str:
    """Return at which end the shape may stand, and that it is refuted elsewhere."""
    place, knob = _place(verdict), names.swept(verdict.signature)
    end, found = _open_end(verdict)
    return (
        f"The {place} may lie too near {WHERE[end]} of the swept range of {knob} to be tested there. The data speak "
        f"against the claim wherever else it may lie, but do not rule it out there ({pvalue(found)})."
    )


def brief(verdict: Decision) -> str:
    """Return the same in a few words."""
    return f"the {_place(verdict)} may lie too near {WHERE[_open_end(verdict)[0]]} of the range"


def remedy(verdict: Decision) -> str:
    """Return where to sweep, or on which scale the levels that were swept would do."""
    if Reason.LOG_KNOB in verdict.notes:
        knob = names.swept(verdict.signature)
        return (
            f"If a factor of {knob} is meant to count the same everywhere, {DECLARE_LOG_KNOB}: its levels are about "
            f"evenly spaced on that scale, and leave room on either side of the {_place(verdict)}."
        )
    swept = [float(each) for arm in verdict.evidence.treatments for each in arm.levels]
    low, high = (names.level(verdict, end) for end in (min(swept), max(swept)))
    where = told_where(_open_end(verdict)[0], min(swept)).format(low=low, high=high)
    return (
        f"Sweep {names.swept(verdict.signature)} {where}, so that at least three levels lie on either side of the "
        f"{_place(verdict)}."
    )


def told_where(end: str, least: float) -> str:
    """Return where to sweep; a knob whose least level is 0, such as a step, is taken to have no levels below."""
    if least == 0.0 and end in FROM_ZERO:
        return FROM_ZERO[end]
    return f"further, {BEYOND[end]}, or at more levels there"


def _place(verdict: Decision) -> str:
    return verdict.signature.shape.location or "onset"


def _open_end(verdict: Decision) -> tuple[str, float]:
    """Return the end at which the shape is not excluded, and the p-value of its standing there."""
    near, opened = verdict.evidence.near_end, verdict.groups.near_end
    if near is None or not opened:
        return "both", float("nan")
    large = all(each.name.startswith("small") for each in opened)
    start, end = (
        (near.pvalue_start_large, near.pvalue_end_large) if large else (near.pvalue_start, near.pvalue_end)
    )
    bound = min(each.bound for each in opened)
    if start > bound and end > bound:
        return "both", max(start, end)
    return ("start", start) if start > bound else ("end", end)
