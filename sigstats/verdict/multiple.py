"""One p-value of the primary claim, and of several claims together.

A primary claim needs all its lines of evidence, so the largest of their p-values counts. A posterior counts by the
probability that it leaves to the other side. Where the data chose the direction, p-values are doubled. Planned looks
are counted, so that the p-value is compared with the error rate of all of them.
"""

import math
from collections.abc import Sequence
from typing import Protocol

from sigstats.evidence.look import over_looks
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import Evidence
from sigstats.stats.classical.multiplicity import adjust
from sigstats.verdict.verdict import Verdict


def primary_lines(evidence: Evidence) -> dict[str, float]:
    """Return the one-sided p-value of each line that must hold for the primary clause; empty where none was tested."""
    if evidence.majority is not None:
        return {"majority": evidence.majority.pvalue}
    clause = evidence.primary
    if clause is not None:
        return {"test": clause.pvalue, "posterior": 1.0 - clause.prob_positive}
    if evidence.trend is None or evidence.interval is None or evidence.slopes is None:
        return {}
    return {
        "trend": evidence.trend.pvalue,
        "interval": evidence.interval.pvalue,
        "slopes": 1.0 - evidence.slopes.prob_positive,
    }


def primary_pvalue(evidence: Evidence, line: str | None = None) -> float:
    """Return the p-value of the primary clause by one of its lines, or by all of them; NaN where it is unavailable."""
    lines = primary_lines(evidence)
    return _worst(list(lines.values()) if line is None else [lines.get(line, math.nan)], evidence)


def claim_pvalue(verdict: Verdict) -> float:
    """Return the p-value of the primary claim; 1 where it is unavailable."""
    evidence = verdict.evidence
    pvalues = list(primary_lines(evidence).values())
    if pvalues and verdict.signature.across == "each":
        pvalues += [arm.pvalue for arm in evidence.treatments]
    found = _worst(pvalues, evidence)
    if math.isnan(found) or Reason.UNPLANNED_LOOK in verdict.reasons:
        return 1.0
    controls = len(evidence.arms) - len(evidence.treatments)
    return over_looks(found, verdict.signature, parts=max(len(evidence.treatments), controls))


class Claimed(Protocol):
    """An answer with a p-value of its own, as that to a claim without a knob."""

    @property
    def pvalue(self) -> float:
        """The p-value of the claim; 1 where it is unavailable."""


def holm(verdicts: Sequence[Verdict | Claimed]) -> list[float]:
    """Return the p-values of the primary claims of a card, adjusted together by Holm's procedure."""
    pvalues = [claim_pvalue(each) if isinstance(each, Verdict) else each.pvalue for each in verdicts]
    return [float(p) for p in adjust(pvalues, method="holm")]


def _worst(pvalues: Sequence[float], evidence: Evidence) -> float:
    if not pvalues or any(math.isnan(p) for p in pvalues):
        return math.nan
    return min(max(pvalues) * evidence.sides, 1.0)
