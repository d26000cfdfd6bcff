"""The lines of evidence in words: the three of a trend, and the clauses of a shape."""

from typing import Any

from sigstats.evidence.results import ClauseEvidence
from sigstats.report.document import Line
from sigstats.report.escaping import visible
from sigstats.report.numbers import interval, number, probability, pvalue
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import clauses, controls, majority, names

DUTIES = {"primary": "must be shown", "required": "must be shown", "tolerated": "must not be refuted"}


def told(verdict: Decision) -> list[Line]:
    """Return the lines of evidence that the verdict rests on."""
    if verdict.evidence.majority is not None:
        return [majority.line(verdict, verdict.evidence.majority)]
    found = [_clause(verdict, each) for each in verdict.evidence.clauses]
    lines = _trend(verdict) + found if verdict.evidence.primary is None else found
    departs = verdict.evidence.control_departs
    return lines if departs is None else [*lines, _departure(verdict, departs)]


def _trend(verdict: Decision) -> list[Line]:
    found = verdict.evidence
    lines = []
    if found.trend is not None:
        least = pvalue(found.trend.smallest_pvalue, symbol="smallest possible for an exact test: p")
        result = f"mean tau {number(round(found.trend.estimate, 2))}, {pvalue(found.trend.pvalue)} ({least})"
        lines.append(_line(verdict, "trend", result, found.trend))
    if found.interval is not None:
        result = f"{interval(found.interval.estimate)}, {pvalue(found.interval.pvalue)}"
        lines.append(_line(verdict, "interval", result, found.interval))
    if found.slopes is not None:
        chance = probability(found.slopes.prob_positive, "mean > 0")
        lines.append(_line(verdict, "slopes", f"{interval(found.slopes.estimate)}, {chance}", found.slopes))
    return lines


def _line(verdict: Decision, name: str, result: str, found: Any) -> Line:  # noqa: ANN401 - any line of evidence
    primary = verdict.groups.primary
    compared = None if primary is None else primary.lines.get(name)
    return Line(
        name=name,
        says="",
        state="" if compared is None else "shown" if compared.met else "not shown",
        duty=DUTIES["primary"],
        result=result,
        **_made(found),
    )


def _clause(verdict: Decision, clause: ClauseEvidence) -> Line:
    refuted = f"; refuted: {pvalue(clause.pvalue_refuted)}" if clause.kind == "tolerated" else ""
    return Line(
        name=clauses.called(verdict, clause.name),
        says=clauses.says(verdict, clause),
        state=clauses.state(verdict, clause),
        duty=DUTIES[clause.kind],
        result=f"{clauses.found(verdict, clause)}; {clauses.tested(verdict, clause)}{refuted}",
        **_made(clause),
    )


def _departure(verdict: Decision, clause: ClauseEvidence) -> Line:
    null = "at no level does the control depart" if clause.at is not None else "the control does not depart"
    return Line(
        name="control departs",
        says=f"not so in {names.conditions(verdict, 'control')}",
        state="shown" if controls.departs(verdict) else "not shown",
        duty=DUTIES["required"],
        result=f"{clauses.found(verdict, clause, least=False)}; {pvalue(clause.pvalue_refuted)}",
        **_made(clause, null=f"{null} from the shape"),
    )


def _made(found: Any, *, null: str | None = None) -> dict[str, str]:  # noqa: ANN401 - any line of evidence
    return {
        "null": visible(found.null) if null is None else null,
        "method": visible(found.method),
        "replicate": f"{visible(found.replicate)} (n = {found.n_seeds})",
    }
