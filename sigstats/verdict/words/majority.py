"""Claims on most seeds in words: how many show it, out of how many, and what that says."""

from collections.abc import Callable

from sigstats.evidence.reason import Reason
from sigstats.evidence.results import MajorityEvidence, SeedsNeeded
from sigstats.report.document import Line
from sigstats.report.escaping import visible
from sigstats.report.numbers import number, percent, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names
from sigstats.verdict.words.phrases import effect, margin, measured

BRIEF: dict[Reason, str] = {
    Reason.OPPOSITE: "most seeds go the other way",
    Reason.BELOW_MIN_EFFECT: "most seeds stay below the margin",
    Reason.UNDERPOWERED: "neither a majority nor its absence is shown",
}


def count(verdict: Decision) -> str:
    """Return how many seeds show the claim: ``"9 of 10 seeds show it"``; nothing where the claim is on the mean."""
    found = verdict.evidence.majority
    if found is None:
        return ""
    return f"{found.n_showing} of {found.n_seeds} seeds {'shows' if found.n_showing == 1 else 'show'} it"


def shown(verdict: Decision, found: MajorityEvidence) -> str:
    """Return that most seeds show the claim, with the count and the median seed."""
    who = names.conditions(verdict, "treatment")
    return (
        f"It is shown that {names.claim(verdict.signature)}: in {who}, {count(verdict)}{_at_least(verdict, found)} "
        f"({pvalue(found.pvalue)}). The {names.effect_name(verdict)} of the median seed is {effect(verdict)}."
    )


def _at_least(verdict: Decision, found: MajorityEvidence) -> str:
    if found.bound == 0:
        return ""
    return f", by {measured(verdict, number(found.bound))} (the declared min_effect) or more"


def _opposite(verdict: Decision) -> str:
    line = verdict.evidence.interval
    tested = "" if line is None else f" ({pvalue(line.pvalue_opposite)})"
    below = sum(int((arm.scores < 0).sum()) for arm in names.arms(verdict, "treatment"))
    n = sum(arm.scores.size for arm in names.arms(verdict, "treatment"))
    return (
        f"Most seeds go the other way: {below} of {n}{tested}. The {names.effect_name(verdict)} of the median seed is "
        f"{effect(verdict)}."
    )


def _below(verdict: Decision) -> str:
    line = verdict.evidence.interval
    if line is None or line.margin is None:
        return "Most seeds stay below the margin."
    arms = names.arms(verdict, "treatment")
    below = sum(int((arm.scores < line.margin).sum()) for arm in arms)
    n = sum(arm.scores.size for arm in arms)
    return (
        f"Most seeds stay below the margin of {margin(verdict)}: {below} of {n} ({pvalue(line.pvalue_small)}). The "
        f"{names.effect_name(verdict)} of the median seed is {effect(verdict)}."
    )


def _open(verdict: Decision) -> str:
    found = verdict.evidence.majority
    if found is None:
        return "The seeds could not be counted."
    share = f"{percent(found.share_low)} to {percent(found.share_high)} of all seeds would"
    return (
        f"{count(verdict).capitalize()}{_at_least(verdict, found)}, so that {share} "
        f"({percent(verdict.evidence.interval.estimate.confidence) if verdict.evidence.interval else ''} interval); "
        f"{found.n_needed} of {found.n_seeds} would show that most do ({pvalue(found.pvalue)})."
    )


def too_few(verdict: Decision) -> str:
    """Return that so few seeds cannot show a majority, even if all of them agree."""
    found = verdict.evidence.majority
    if found is None:
        return "A majority cannot be shown with so few seeds, even if all of them show it."
    alpha = number(verdict.alpha)
    return (
        f"{count(verdict)}, but that most of all seeds do takes at least {found.fewest} seeds at alpha {alpha}, even "
        f"if every one of them shows it: with {found.n_seeds}, the smallest possible p-value is "
        f"{number(0.5**found.n_seeds, digits=2)}."
    )


REASONS: dict[Reason, Callable[[Decision], str]] = {
    Reason.OPPOSITE: _opposite,
    Reason.BELOW_MIN_EFFECT: _below,
    Reason.UNDERPOWERED: _open,
}


def line(verdict: Decision, found: MajorityEvidence) -> Line:
    """Return the one line of evidence of a claim on most seeds."""
    share = f"{percent(found.share_low)} to {percent(found.share_high)} of all seeds"
    met = verdict.groups.primary is not None and verdict.groups.primary.lines["majority"].met
    return Line(
        name="majority",
        says="",
        state="shown" if met else "not shown",
        duty="must be shown",
        result=f"{count(verdict)} ({share}), {pvalue(found.pvalue)}",
        null=visible(found.null),
        method=visible(found.method),
        replicate=f"{visible(found.replicate)} (n = {found.n_seeds})",
    )


def seeds_needed(verdict: Decision, needed: SeedsNeeded, share: float) -> str:
    """Return how many seeds would show a majority where most seeds show it."""
    have = f"(now {names.seed_range(arm.n_seeds for arm in verdict.evidence.arms)})"
    if needed.n_seeds is None:
        return f"More than 1000 seeds would be needed to show a majority {have}."
    most = "; the comparison with the control needs most" if needed.bottleneck == "control" else ""
    return (
        f"If {percent(share)} of all seeds show it, about {names.counted(needed.n_seeds, 'seed')} per condition would "
        f"show a majority with probability {number(needed.power)} {have}{most}."
    )
