"""The clauses of a shape in words: what each measures, what was found, and whether it is shown.

All words come from the shape itself, so that a new shape needs none here.
"""

from dataclasses import replace

from sigstats.evidence.results import ClauseEvidence
from sigstats.report.escaping import visible
from sigstats.report.numbers import interval, level, mirrored, probability, pvalue
from sigstats.report.units import BARE, with_unit
from sigstats.verdict.decision import Decision
from sigstats.verdict.rules import Reason
from sigstats.verdict.words import names

# A distance that is negative is told as one on the other side.
OTHER_SIDE = {"above": "below", "below": "above", "inside": "outside"}


def primary(verdict: Decision) -> ClauseEvidence | None:
    """Return the primary clause where it was scored; None for trends, and with too little data."""
    return next((each for each in verdict.evidence.clauses if each.kind == "primary"), None)


def state(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return what the criteria of the verdict say of a clause."""
    met = {each.name for each in verdict.criteria if each.met}
    if f"{clause.name}_refuted_pvalue" in met:
        return "refuted"
    if clause.kind == "tolerated":
        return "not refuted"
    shown = {f"{clause.name}_pvalue", f"{clause.name}_prob_positive"} <= met
    return "shown" if shown else "not shown"


def holds(verdict: Decision, name: str, *, otherwise: bool) -> bool:
    """Return whether a comparison of the verdict holds."""
    return next((each.met for each in verdict.criteria if each.name == name), otherwise)


def is_shown(verdict: Decision) -> bool:
    """Return whether the primary claim is shown, as far as the report can tell."""
    found = primary(verdict)
    if found is None:
        return verdict.effect is not None and verdict.effect.low > 0
    return state(verdict, found) == "shown"


def seeds_differ(verdict: Decision) -> bool:
    """Return whether the seeds differ where the scores of the primary clause may not."""
    return primary(verdict) is not None and verdict.evidence.residual_sd > 0


def all_shown(verdict: Decision) -> bool:
    """Return whether every required clause beside the primary one is shown."""
    required = [each for each in verdict.evidence.clauses if each.kind == "required"]
    return all(state(verdict, each) == "shown" for each in required)


def says(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return a clause in words, with the user's name of the knob."""
    return names.with_knob(visible(clause.says), verdict.signature)


def measures(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return what the score of a clause measures; simply its score where the shape does not say."""
    if clause.kind == "primary" and clause.estimate.unit in BARE:
        return visible(names.effect_says(verdict))
    named = {each.name: each.parts or each.measures for each in verdict.signature.shape.clauses}
    return names.with_knob(visible(named.get(clause.name, "score")), verdict.signature)


def estimate(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return the estimate of a clause with interval and unit, and the level that it speaks of."""
    own = names.signed(verdict, clause.estimate) if clause.kind == "primary" else clause.estimate
    return f"{with_unit(interval(own), own.unit)}{place(verdict, clause)}"


def place(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return the level that the estimate of a clause speaks of, if it is one."""
    return "" if clause.at is None else f" at {names.knob(verdict.signature)} = {level(clause.at)}"


def found(verdict: Decision, clause: ClauseEvidence, *, least: bool = True) -> str:
    """Return what was found of a clause, as a sentence without its end."""
    range_ = _declared_range(verdict, clause)
    if range_:
        return _in_range(verdict, clause, range_)
    what, own = measures(verdict, clause), clause
    side = what.removeprefix("distance ").split(" ")[0] if what.startswith("distance ") else ""
    if side in OTHER_SIDE and clause.estimate.value < 0:
        what = what.replace(side, OTHER_SIDE[side], 1)
        own = replace(clause, estimate=mirrored(clause.estimate))
    what = with_article(what)
    what += "," if "," in what and not what.endswith(",") else ""
    return f"{what} is {estimate(verdict, own)}{_least(clause) if least else ''}"


def _declared_range(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return the range in which an exponent should lie, where the clause is about that; else nothing."""
    declared = verdict.signature.shape.options().get("exponent")
    if clause.name != "exponent_inside" or declared is None or primary(verdict) is None:
        return ""
    return "{:.6g} to {:.6g}".format(*declared)


def _in_range(verdict: Decision, clause: ClauseEvidence, range_: str) -> str:
    """Return on which side of the nearer end of its range an exponent lies, and how far from it."""
    if clause.estimate.value < 0:
        return f"the exponent {exponent(verdict)} lies outside {range_}, by {interval(mirrored(clause.estimate))}"
    return f"the exponent {exponent(verdict)} lies inside {range_}, {interval(clause.estimate)} from the nearer end"


def exponent(verdict: Decision) -> str:
    """Return the exponent of a power law with its own sign and its interval."""
    found = primary(verdict)
    return interval(None if found is None else names.signed(verdict, found.estimate))


def with_article(what: str) -> str:
    """Return a noun with its article, if it has none yet."""
    return what if what.startswith(("a ", "the ")) else f"the {what}"


def _least(clause: ClauseEvidence) -> str:
    if clause.at is not None:
        return ", the least clear level"
    return f", the least clear of {clause.n_parts} parts" if clause.n_parts > 1 else ""


def tested(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return p-value and posterior probability of a clause."""
    return f"{pvalue(clause.pvalue)}, {posterior(verdict, clause)}"


def posterior(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return the posterior probability that a clause holds; of a negative exponent, that it is below 0."""
    negative = clause.kind == "primary" and names.sign(verdict) < 0
    return probability(clause.prob_positive, "mean < 0" if negative else "mean > 0")


def of_reason(verdict: Decision, reason: Reason) -> list[ClauseEvidence]:
    """Return the clauses that a reason speaks of: those that it refutes, or the one that it leaves unresolved."""
    named = [each for each in verdict.evidence.clauses if each.name == reason]
    blamed = [
        each for each in verdict.evidence.clauses if each.reason == reason and reason is not Reason.OPPOSITE
    ]
    return named or [each for each in blamed if state(verdict, each) == "refuted"] or blamed


def sentence(verdict: Decision, reason: Reason) -> str:
    """Return what a reason that belongs to a clause says, with the numbers of that clause."""
    clauses = of_reason(verdict, reason)
    if not clauses:
        return f"{_unnamed(reason)[:1].upper()}{_unnamed(reason)[1:]}."
    return " ".join(_sentence(verdict, each, unresolved=each.name == reason) for each in clauses)


def _sentence(verdict: Decision, clause: ClauseEvidence, *, unresolved: bool) -> str:
    subject = f"That {names.metric(verdict.signature)} {says(verdict, clause)}"
    if unresolved:
        return (
            f"{subject} is not shown: {found(verdict, clause)} ({tested(verdict, clause)}). It is not refuted either "
            f"({pvalue(clause.pvalue_refuted)})."
        )
    return f"{subject} is refuted: {found(verdict, clause)} ({pvalue(clause.pvalue_refuted)})."


def brief(verdict: Decision, reason: Reason) -> str:
    """Return a reason that belongs to a clause in a few words."""
    clauses = of_reason(verdict, reason)
    if not clauses:
        return _unnamed(reason)
    if clauses[0].name != reason and clauses[0].at is not None:
        return f"refuted{place(verdict, clauses[0])}"
    if clauses[0].name != reason and _declared_range(verdict, clauses[0]):
        return f"refuted by an exponent of {exponent(verdict)}"
    how = "not shown" if clauses[0].name == reason else "refuted"
    return f"{how}: {names.metric(verdict.signature)} {says(verdict, clauses[0])}"


def _unnamed(reason: Reason) -> str:
    return f"a part of the claim does not hold or is not shown: {reason.value.replace('_', ' ')}"
