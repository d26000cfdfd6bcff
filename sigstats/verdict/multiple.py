"""One p-value of the primary clause.

A primary claim needs all its lines of evidence, so the largest of their p-values counts. A posterior counts by the
probability that it leaves to the other side. Where the data chose the direction, p-values are doubled.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np

from sigstats.evidence.results import Evidence
from sigstats.stats.blocks import plain


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


def _worst(pvalues: Sequence[float], evidence: Evidence) -> float:
    if not pvalues:
        return math.nan
    # A missing number makes the largest a missing one.
    return plain(np.minimum(functools.reduce(np.maximum, pvalues) * evidence.sides, 1.0))
