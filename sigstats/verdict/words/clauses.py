"""The clauses of a shape in words: what each measures, what was found, and whether it is shown.

All words come from the shape itself, so that a new shape needs none here.
"""

from dataclasses import replace

from sigstats.evidence.reason import Reason
from sigstats.evidence.results import ClauseEvidence, Estimate
from sigstats.report.escaping import visible
from sigstats.report.numbers import interval, mirrored, number, probability, pvalue, raised
from sigstats.report.units import BARE, with_unit
from sigstats.shapes import Clause
from sigstats.verdict.decision import Decision
from sigstats.verdict.groups import TrendCriteria
from sigstats.verdict.rules import State
from sigstats.verdict.words import names


def state(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return what the verdict holds of a clause."""
    found = _state(verdict, clause)
    if found is State.UNRESOLVED:
        return "not refuted" if clause.kind == "tolerated" else "not shown"
    return found.value


def _state(verdict: Decision, clause: ClauseEvidence) -> State:
    compared = verdict.groups.clause(clause.name)
    return State.UNRESOLVED if compared is None else compared.state


def effect_is_shown(verdict: Decision) -> bool:
    """Return whether an effect is shown that the control's can be compared with: of a trend, by its interval."""
    found = verdict.groups.primary
    if isinstance(found, TrendCriteria):
        return found.interval.met
    return found is not None and found.state is State.SHOWN


def seeds_differ(verdict: Decision) -> bool:
    """Return whether the seeds differ where the scores of the primary clause may not."""
    return verdict.evidence.primary is not None and verdict.evidence.residual_sd > 0


def all_shown(verdict: Decision) -> bool:
    """Return whether every other required clause is shown."""
    of_mean = (each for each in verdict.findings.clauses if each.condition is None)
    return all(each.state is State.SHOWN for each in of_mean if each.required)


def says(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return a clause in words, with the user's name of the knob."""
    return names.with_knob(visible(clause.says), verdict.signature)


def called(verdict: Decision, name: str) -> str:
    """Return what a reader calls the clause of a name: in the words of the direction that was claimed."""
    known = {each.name: each.called for each in verdict.signature.shape.clauses}
    return visible(known.get(name, name.replace("_", " ")))


def measures(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return what the score of a clause measures; simply its score where the shape does not say."""
    declared = _declared(verdict, clause)
    if declared is None:
        return "score"
    if clause.kind == "primary" and clause.estimate.unit in BARE:
        return visible(names.effect_says(verdict))
    return names.with_knob(visible(declared.parts or declared.measures), verdict.signature)


def _declared(verdict: Decision, clause: ClauseEvidence) -> Clause | None:
    return next((each for each in verdict.signature.shape.clauses if each.name == clause.name), None)


def estimate(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return the estimate of a clause with interval and unit, and the level that it is about."""
    own = names.signed(verdict, clause.estimate) if clause.kind == "primary" else clause.estimate
    return f"{with_unit(interval(own), own.unit)}{place(verdict, clause)}"


def place(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return the level that the estimate of a clause is about, if any."""
    return (
        ""
        if clause.at is None
        else f" at {names.knob(verdict.signature)} = {names.level(verdict, clause.at)}"
    )


def found(verdict: Decision, clause: ClauseEvidence, *, least: bool = True) -> str:
    """Return what was found of a clause, as a sentence without its end."""
    range_, declared = _declared_range(verdict, clause), _declared(verdict, clause)
    if range_:
        return _in_range(verdict, clause, range_)
    away = departure(verdict, clause)
    if away is not None:
        margin = number(away.value + clause.estimate.value)
        said = estimate(verdict, replace(clause, estimate=away))
        return f"the departure from its mean, of which {margin} is allowed, is {said}{_least(clause) if least else ''}"
    what, own = measures(verdict, clause), clause
    if declared is not None and declared.beyond and clause.estimate.value < 0:
        what, own = visible(declared.beyond), replace(clause, estimate=mirrored(clause.estimate))
    what = with_article(what)
    what += "," if "," in what and not what.endswith(",") else ""
    return f"{what} is {estimate(verdict, own)}{_least(clause) if least else ''}"


def departure(verdict: Decision, clause: ClauseEvidence) -> Estimate | None:
    """Return how far a curve departs from its mean, where its score is the room that is left within a margin."""
    bounds = verdict.signature.shape.bounds(verdict.signature.min_effect)
    if bounds is None or not bounds.around_mean:
        return None
    return raised(mirrored(clause.estimate), bounds.high)


def _declared_range(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return the range in which the effect should lie, where the clause is about that; else nothing."""
    declared = _declared(verdict, clause)
    if declared is None or declared.range_option is None or verdict.evidence.primary is None:
        return ""
    range_ = verdict.signature.shape.options()[declared.range_option]
    return "" if range_ is None else "{:.6g} to {:.6g}".format(*range_)


def _in_range(verdict: Decision, clause: ClauseEvidence, range_: str) -> str:
    """Return on which side of the nearer end of its range an effect lies, and how far from it."""
    what = f"the {names.noun(verdict)} {own_effect(verdict)}"
    if clause.estimate.value < 0:
        return f"{what} lies outside {range_}, by {interval(mirrored(clause.estimate))}"
    return f"{what} lies inside {range_}, {interval(clause.estimate)} from the nearer end"


def own_effect(verdict: Decision) -> str:
    """Return the effect that the primary clause measures, with the sign that a reader expects and its interval."""
    found = verdict.evidence.primary
    return interval(None if found is None else names.signed(verdict, found.estimate))


def with_article(what: str) -> str:
    """Return a noun with its article, if it has none yet."""
    return what if what.startswith(("a ", "the ")) else f"the {what}"


def _least(clause: ClauseEvidence) -> str:
    if clause.at is not None:
        return ", the least clear level"
    if clause.about is not None:
        return f" for {clause.about}, the weakest of the {clause.n_parts} comparisons that it needs"
    return f", the weakest of the {clause.n_parts} comparisons that it needs" if clause.n_parts > 1 else ""


def tested(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return p-value and posterior probability of a clause."""
    return f"{pvalue(clause.pvalue)}, {posterior(verdict, clause)}"


def posterior(verdict: Decision, clause: ClauseEvidence) -> str:
    """Return the posterior probability that a clause holds; of a negative exponent, that it is below 0."""
    negative = clause.kind == "primary" and names.sign(verdict) < 0
    return probability(clause.prob_positive, "mean < 0" if negative else "mean > 0")


def refuted_by(verdict: Decision, reason: Reason) -> list[ClauseEvidence]:
    """Return the refuted clauses for which a reason stands."""
    return [
        each
        for each in verdict.evidence.clauses
        if each.reason == reason and _state(verdict, each) is State.REFUTED
    ]


def left_open(verdict: Decision, reason: Reason) -> ClauseEvidence | None:
    """Return the clause that must be shown and is neither shown nor refuted, where a reason stands for one."""
    open_ones = {
        each.name
        for each in verdict.findings.clauses
        if each.required and each.state is State.UNRESOLVED and each.unresolved is reason
    }
    return next((each for each in verdict.evidence.clauses if each.name in open_ones), None)


def sentence(verdict: Decision, reason: Reason) -> str:
    """Return what a reason that belongs to a clause says, with the numbers of that clause."""
    refuted, unresolved = refuted_by(verdict, reason), left_open(verdict, reason)
    if unresolved is not None:
        return (
            f"{_that(verdict, unresolved)} is neither shown nor refuted: {found(verdict, unresolved)} "
            f"(that it is so: {tested(verdict, unresolved)}; that it is not: {pvalue(unresolved.pvalue_refuted)})."
        )
    said = [
        f"{_that(verdict, each)} is refuted: {found(verdict, each)} ({pvalue(each.pvalue_refuted)})."
        for each in refuted
    ]
    return " ".join(said) or f"{_unnamed(reason)[:1].upper()}{_unnamed(reason)[1:]}."


def _that(verdict: Decision, clause: ClauseEvidence) -> str:
    return f"That {names.metric(verdict.signature)} {says(verdict, clause)}"


def brief(verdict: Decision, reason: Reason) -> str:
    """Return a reason that belongs to a clause in a few words."""
    metric, unresolved = names.metric(verdict.signature), left_open(verdict, reason)
    if unresolved is not None:
        return f"not shown: {metric} {says(verdict, unresolved)}"
    for refuted in refuted_by(verdict, reason)[:1]:
        if refuted.at is not None:
            return f"refuted{place(verdict, refuted)}"
        if _declared_range(verdict, refuted):
            return f"refuted by {names.with_a(names.noun(verdict))} of {own_effect(verdict)}"
        return f"refuted: {metric} {says(verdict, refuted)}"
    return _unnamed(reason)


def _unnamed(reason: Reason) -> str:
    return f"a part of the claim does not hold or is not shown: {reason.value.replace('_', ' ')}"
