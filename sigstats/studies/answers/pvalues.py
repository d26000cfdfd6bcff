"""One p-value for *present* and one for *absent*, of a verdict as a whole.

*Present* needs every part of the claim at once: the primary clause by each of its lines, the required clauses, every
treatment where each is claimed, and a quiet control (of several controls, a quiet mean: that none of them responds on
its own must only not be refuted, and takes no part). The largest of their p-values is one of all of them together: an
intersection-union test (Berger 1982, https://doi.org/10.1080/00401706.1982.10487790), which needs no correction.
*Absent* is shown in one of two ways: by the size of the effect (too small, or opposite), or by a control that carries
most of it. The smaller p-value counts, without a correction for the second way, which adds next to nothing where the
signature holds: `tests/calibration/ways_absent.py` measures it.

Where looks were planned, a p-value counts all of them. It counts only with the verdict: it is at most alpha where the
verdict says so, and never where it does not.
"""

import functools
from collections.abc import Iterable

import numpy as np

from sigstats.evidence.look import over_looks
from sigstats.evidence.reason import Reason
from sigstats.stats.blocks import plain
from sigstats.studies.baseline.record import Against
from sigstats.studies.baseline.result import Comparison
from sigstats.verdict.groups import ClauseCriteria, Criterion
from sigstats.verdict.multiple import primary_pvalue
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

Answer = Verdict | Comparison


def present_pvalue(answer: Answer) -> float:
    """Return the p-value of all that *present* claims; 1 where it was not tested, or something else forbids it."""
    if isinstance(answer, Comparison):
        found = _largest(_present_row(row) for row in answer.rows)
    else:
        found = _at_look(answer, _largest([primary_pvalue(answer.evidence), *_other_parts(answer)]))
    return _with_verdict(found, answer, said=answer.status is Status.PRESENT)


def absent_pvalue(answer: Answer) -> float:
    """Return the p-value of *absent*; 1 where it was not tested, or the verdict is another."""
    if isinstance(answer, Comparison):
        found = _largest(_absent_row(row) for row in answer.rows)
    else:
        found = _at_look(answer, _smallest(_ways_absent(answer)))
    return _with_verdict(found, answer, said=is_absent(answer))


def denied_pvalue(answer: Answer) -> float:
    """Return the p-value of the claim's not holding, in whichever way; 1 where the verdict is not *absent*.

    `absent_pvalue` is that of the reason that is named. An effect that goes the other way is also smaller than the
    declared one, which the data may show far better.
    """
    found = absent_pvalue(answer)
    if isinstance(answer, Comparison) or Reason.OPPOSITE not in answer.reasons:
        return found
    size = answer.groups.size
    if size is None or size.small is None or answer.signature.min_effect is None:
        return found
    return plain(np.minimum(found, _at_look(answer, at_alpha(size.small, _level(answer)))))


def is_absent(answer: Answer) -> bool:
    """Return whether it is shown that there is nothing of what would matter.

    That is *absent*, and also *partial* where the effect is smaller than declared, or outside the range that was.
    """
    if answer.status is Status.PARTIAL and isinstance(answer, Verdict):
        return bool(_ways_denied(answer))
    return answer.status is Status.ABSENT


def _ways_denied(verdict: Verdict) -> list[float]:
    """Return the p-value of each way in which a partial verdict denies what was declared in numbers."""
    alpha, groups = _level(verdict), verdict.groups
    ways = {Reason.WEAK: None if groups.size is None else groups.size.small}
    for clause in verdict.signature.shape.clauses:
        compared = groups.clause(clause.name)
        if clause.range_option is not None and compared is not None:
            ways[Reason(clause.refuted)] = compared.refuted
    return [
        at_alpha(way, alpha) for reason, way in ways.items() if reason in verdict.reasons and way is not None
    ]


def _level(verdict: Verdict) -> float:
    """Return the error rate of a single test: alpha, or that of one planned look."""
    look = verdict.evidence.look
    return verdict.signature.alpha if look is None else look.alpha


def _at_look(verdict: Verdict, pvalue: float) -> float:
    """Return a p-value that counts the planned looks."""
    evidence = verdict.evidence
    if evidence.look is not None and evidence.look.number is None:
        return 1.0
    controls = len(evidence.arms) - len(evidence.treatments)
    return over_looks(pvalue, verdict.signature, parts=max(len(evidence.treatments), controls))


def _with_verdict(pvalue: float, answer: Answer, *, said: bool) -> float:
    alpha = answer.signature.alpha
    return plain(np.minimum(pvalue, alpha) if said else np.where(pvalue > alpha, pvalue, 1.0))


def _other_parts(verdict: Verdict) -> list[float]:
    """Return the p-value of each part that *present* needs beside the primary clause."""
    alpha, groups = _level(verdict), verdict.groups
    found = [
        at_alpha(line, alpha)
        for clause in groups.clauses
        if clause.pvalue is not None
        for line in clause.lines.values()
    ]
    found += [at_alpha(line, alpha) for each in groups.alone for line in (each.pvalue, each.prob_positive)]
    if verdict.signature.control:
        found.append(_quiet(verdict))
    if groups.calibrated is not None:
        found.append(at_alpha(groups.calibrated, alpha))
    return found


def _quiet(verdict: Verdict) -> float:
    """Return the p-value of a control that lacks the shape, in one way or the other."""
    alpha, control, departure = _level(verdict), verdict.groups.control, verdict.groups.departure
    ways = [] if departure is None else [at_alpha(departure.departs, alpha)]
    if control is not None and not control.stuck:
        ways.append(at_alpha(control.quiet, alpha))
    return _smallest(ways)


def _ways_absent(verdict: Verdict) -> list[float]:
    if verdict.status is Status.PARTIAL:
        return _ways_denied(verdict)
    alpha, groups = _level(verdict), verdict.groups
    ways = [] if groups.size is None else [groups.size.opposite, groups.size.small]
    if isinstance(groups.primary, ClauseCriteria):
        ways.append(groups.primary.refuted)
    found = [at_alpha(each, alpha) for each in ways if each is not None]
    if groups.control is not None:
        also = [] if groups.departure is None else [at_alpha(groups.departure.also, alpha)]
        found.append(_largest([at_alpha(groups.control.artifact, alpha), *also]))
    if Reason.OPPOSITE in verdict.reasons and groups.size is not None:
        return [at_alpha(groups.size.opposite, alpha)]
    return found


def at_alpha(criterion: Criterion, alpha: float) -> float:
    """Return a p-value or probability as a p-value that is compared with alpha, whatever part of it was allowed."""
    allowed = 1.0 - criterion.bound if criterion.kind == "probability" else criterion.bound
    value = 1.0 - criterion.value if criterion.kind == "probability" else criterion.value
    return plain(np.minimum(value * (alpha / allowed), 1.0))


def _present_row(row: Against) -> float:
    quiet = [each.value for each in row.criteria if each.name == "control_quiet_pvalue"]
    return _largest([row.pvalue, *quiet])


def _absent_row(row: Against) -> float:
    artifact = [each.value for each in row.criteria if each.name == "control_artifact_pvalue"]
    return _smallest([row.pvalue_against, row.pvalue_small, *artifact])


def _largest(pvalues: Iterable[float]) -> float:
    """Return the largest; 1 where one is missing, or there is none."""
    found = functools.reduce(np.maximum, pvalues, 0.0)
    return plain(np.where(np.isnan(found) | (found == 0.0), 1.0, found))


def _smallest(pvalues: Iterable[float]) -> float:
    """Return the smallest of those that there are; 1 without any."""
    return plain(functools.reduce(np.fmin, pvalues, 1.0))
