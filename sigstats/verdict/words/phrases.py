"""Phrases that several sentences share: the effect, the margin and the location."""

import math
from collections.abc import Collection

from sigstats.evidence.reason import Reason
from sigstats.evidence.results import ArmEvidence, Estimate, LocationEvidence, SeedGroups
from sigstats.evidence.scales import knob_scale
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import interval, level, number, percent, pvalue
from sigstats.report.units import BARE, with_unit
from sigstats.verdict.decision import Decision
from sigstats.verdict.rules import State
from sigstats.verdict.words import names


def alpha(verdict: Decision) -> float:
    """Return the error rate of each one-sided comparison: half where the data chose the direction."""
    return verdict.alpha / verdict.evidence.sides


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


def treatments_showing(verdict: Decision) -> str:
    """Return how many of several treatments show the claim on their own; nothing where that says nothing new."""
    n = len(names.arms(verdict, "treatment"))
    showing = n - len(verdict.findings.not_alone)
    shown = verdict.findings.primary is State.SHOWN
    if n < 2 or verdict.findings.too_few or not (shown or showing):
        return ""
    many, one = _what_treatments_do(verdict)
    if showing == n:
        return f"{'both' if n == 2 else f'all {n}'} treatments {many}{_but_small(verdict)}"
    if showing < 2:
        return f"{'none' if showing == 0 else 'only 1'} of {n} treatments {one} on its own"
    return f"{showing} of {n} treatments {many} on their own"


def _what_treatments_do(verdict: Decision) -> tuple[str, str]:
    """Return what is told of treatments on their own, in the plural and in the singular.

    That they show it is said only of all that must be shown, and where none has less than the declared effect. Where
    the claim is about their mean, each was asked for an effect above 0 alone.
    """
    shape = verdict.signature.shape
    whole = not _small_ones(verdict) and (
        verdict.signature.across == "each" or all(each.kind != "required" for each in shape.clauses)
    )
    if whole or not names.is_sized(verdict):
        return "show it", "shows it"
    if names.is_trend(verdict):
        verb = names.verbs(verdict)[0]
        return verb.removesuffix("s"), verb
    side = "below" if names.sign(verdict) < 0 else "above"
    what = f"{names.with_a(names.noun(verdict))} {side} 0"
    return f"have {what}", f"has {what}"


def _small_ones(verdict: Decision) -> list[str]:
    """Return the treatments that show an effect of their own, with an estimate below the declared one."""
    declared = verdict.signature.min_effect
    if declared is None or not names.is_sized(verdict):
        return []
    showing = (
        arm for arm in names.arms(verdict, "treatment") if arm.condition not in verdict.findings.not_alone
    )
    return [arm.condition for arm in showing if arm.effect.value < declared]


def _but_small(verdict: Decision) -> str:
    """Return in which treatments the estimate is below the declared effect; nothing where the reason says so."""
    small = _small_ones(verdict)
    if not small or verdict.findings.below_in or len(small) == len(names.arms(verdict, "treatment")):
        return ""
    who = names.listed(names.condition(verdict, name) for name in small)
    return f", but the {names.effect_name(verdict)} is below the min_effect in {who}"


def agreeing(verdict: Decision) -> str:
    """Return how many seeds of each treatment go the predicted way on their own: ``"8 of 10 rise"``; else nothing."""
    arms = [arm for arm in names.arms(verdict, "treatment") if arm.n_showing is not None]
    if not arms or not names.is_sized(verdict):
        return ""
    if len(arms) == 1:
        (arm,) = arms
        return f"{arm.n_showing} of {arm.scores.size} {_do_alone(verdict)}{_far_enough(arm)}"
    counts = [
        f"{arm.n_showing} of {arm.scores.size} in {names.condition(verdict, arm.condition)}{_far_enough(arm)}"
        for arm in arms
    ]
    return f"those that {_do_alone(verdict)}: {names.listed(counts)}"


def _far_enough(arm: ArmEvidence) -> str:
    """Return how many of the seeds that go the predicted way reach the declared effect."""
    if arm.n_reaching is None or not arm.n_showing:
        return ""
    many = "none" if not arm.n_reaching else "all" if arm.n_reaching == arm.n_showing else str(arm.n_reaching)
    return f" ({many} by the min_effect or more)"


def _do_alone(verdict: Decision) -> str:
    """Return what a seed does that shows the prediction on its own, in the plural."""
    if names.is_trend(verdict):
        return names.verbs(verdict)[0].removesuffix("s")
    side = "below" if names.sign(verdict) < 0 else "above"
    return f"have {names.with_a(names.noun(verdict))} {side} 0"


def with_do(verdict: Decision) -> str:
    """Return what a seed does that the verdict says of few or none: ``"rise"``, ``"change"``, in the plural."""
    if not names.is_sized(verdict):
        return "change"
    return names.verbs(verdict)[0].removesuffix("s") if names.is_trend(verdict) else "show it"


def unseen(verdict: Decision) -> str:
    """Return what so few seeds cannot rule out, where it bears on the answer; else nothing."""
    found = verdict.evidence.unseen
    if found is None or Reason.UNSEEN_SEEDS not in verdict.notes:
        return ""
    does = with_do(verdict)
    if names.is_sized(verdict) and has_margin(verdict):
        does = "reach it" if Reason.BELOW_MIN_EFFECT in verdict.reasons else f"{does} by the margin"
    return f"{found.n_seeds} seeds cannot rule out that up to {percent(found.share)} of all seeds {does}"


def has_margin(verdict: Decision) -> bool:
    """Return whether there is a margin that a seed can reach."""
    line = verdict.evidence.interval
    return line is not None and line.margin is not None


def lower_lacks_it(verdict: Decision, groups: SeedGroups) -> bool:
    """Return whether only the upper of two groups of seeds shows the prediction."""
    line = verdict.evidence.interval
    return names.is_sized(verdict) and groups.lower_lacks_it(None if line is None else line.margin)


def divided(verdict: Decision) -> str:
    """Return how many seeds show the prediction where those of a treatment fall into two groups; else nothing."""
    arms = [
        arm for arm in names.arms(verdict, "treatment") if arm.groups and lower_lacks_it(verdict, arm.groups)
    ]
    if not arms or not names.is_sized(verdict):
        return ""
    shown = sum(len(arm.groups.upper) for arm in arms if arm.groups)
    total = sum(arm.scores.size for arm in arms)
    where = ""
    if len(names.arms(verdict, "treatment")) > 1:
        where = f" of {names.listed(names.condition(verdict, arm.condition) for arm in arms)}"
    verb = "shows" if shown == 1 else "show"
    return f"only {shown} of {total} seeds{where} {verb} it"


def margin(verdict: Decision) -> str:
    """Return the margin and where it comes from."""
    line, declared = verdict.evidence.interval, verdict.signature.min_effect
    if declared is not None:
        return f"{measured(verdict, number(declared))} (the declared min_effect)"
    if line is None or line.margin is None:
        return f"none: {no_margin(verdict)}"
    return f"{measured(verdict, number(line.margin))} (one residual sd, because no min_effect was declared)"


def other_way(verdict: Decision) -> bool:
    """Return whether the estimate is opposite to what was predicted, by so much that no margin may bound it there."""
    found, line = verdict.effect, verdict.evidence.interval
    if found is None or line is None or line.margin is None:
        return False
    return found.value < 0 and not found.low > -line.margin


def no_margin(verdict: Decision) -> str:
    """Return why an effect cannot be called small; empty if there is a margin."""
    line = verdict.evidence.interval
    if verdict.signature.min_effect is not None or (line is not None and line.margin is not None):
        return ""
    if unit(verdict) in BARE:
        return f"no min_effect was declared, and the noise cannot serve as a margin for {names.with_a(unit(verdict))}"
    if verdict.signature.shape.is_trend and not names.is_trend(verdict):
        return "no min_effect was declared, and two levels leave no noise about a line to serve as a margin"
    return "no min_effect was declared and the noise is not known"


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
    """Return where the shape has its onset, knee, turn or midpoint, and how well that is known."""
    found = verdict.evidence.location
    if found is None:
        return ""
    beside, factor = [], "a factor of " if knob_scale(verdict.signature) == "log" else ""
    if math.isfinite(found.resolution) and not verdict.evidence.level_names:
        beside.append(f"levels are {factor}{level(found.resolution)} apart")
    if found.width is not None and math.isfinite(found.width.value):
        beside.append(f"10 to 90% of the change {_width(found.width)}")
    if math.isfinite(found.spread):
        beside.append(
            f"seeds differ by {factor or 'sd '}{number(found.spread, digits=2)}{' (sd)' if factor else ''}"
        )
    where = place(verdict, found)
    return f"{where} ({'; '.join(beside)})" if beside else where


def _width(found: Estimate) -> str:
    """Return over how much of the knob the change goes: ``"within 12 [8, 20] of step"``, ``"within a factor of 3"``."""
    said = f"{number(found.value, digits=2)} [{number(found.low, digits=2)}, {number(found.high, digits=2)}]"
    if found.unit == "factor":
        return f"within a factor of {said}"
    return f"within {said}{' levels' if found.unit == 'levels' else ''}"


def located(verdict: Decision) -> str:
    """Return the location with its name and confidence: ``"onset at step = 12 [8, 16] (...) (90% interval)"``."""
    where, found = location(verdict), verdict.evidence.location
    if found is None or Reason.ONSET_NEAR_END in verdict.reasons:
        return ""
    finite = math.isfinite(found.low) or math.isfinite(found.high)
    confidence = (
        f" ({percent(found.confidence)} interval)" if finite and math.isfinite(found.confidence) else ""
    )
    at = f"at {names.knob(verdict.signature)} = " if found.status == "inside" else ""
    return f"{visible(found.name)} {at}{where}{confidence}"


def place(verdict: Decision, found: LocationEvidence) -> str:
    """Return a location with its interval, in levels as the user calls them."""
    bound = _bounded_place(verdict, found)
    if found.status == "below_range":
        return f"before the first level that can tell{', ' + bound if bound else ''}"
    if found.status == "above_range":
        return f"beyond the last level that can tell{', ' + bound if bound else ''}"
    if found.status != "inside" or not math.isfinite(found.value):
        return f"not located{', ' + bound if bound else ''}"
    said = _at(verdict, found.value)
    if math.isfinite(found.low) and math.isfinite(found.high):
        return f"{said} [{_at(verdict, found.low)}, {_at(verdict, found.high)}]"
    return f"{said}, {bound or 'without bounds'}"


def _at(verdict: Decision, value: float) -> str:
    return names.level(verdict, value) if verdict.evidence.level_names else number(value)


def _bounded_place(verdict: Decision, found: LocationEvidence) -> str:
    """Return the finite ends of a location in words: ``"not before 8"``."""
    ends = (("before", found.low), ("after", found.high))
    return " and ".join(f"not {side} {_at(verdict, end)}" for side, end in ends if math.isfinite(end))


def treatments(verdict: Decision, conditions: Collection[str]) -> str:
    """Return some of the treatments by name, with their effects where the claim is about these."""
    found = [arm for arm in names.arms(verdict, "treatment") if arm.condition in conditions]
    sized = names.is_sized(verdict)
    return names.listed(
        names.condition(verdict, arm.condition)
        + (f" ({interval(names.signed(verdict, arm.effect))})" if sized else "")
        for arm in found
    )
