"""May the shape have its place too near an end of the range to be sought there?

A split must leave some levels on both sides to be tested, but the metric knows nothing of that. A step after the first
level looks, at every split that can be tested, like a drift before the step. So what is refuted at those splits counts
only if the shape is also excluded at every place nearer an end: if, at each, some part of some clause is refuted.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.evidence.conditions import MIN_SEEDS
from sigstats.evidence.parts import Scored
from sigstats.evidence.results import ClauseEvidence, IntervalEvidence, NearEndEvidence
from sigstats.shapes import Clause
from sigstats.stats.blocks import beside, plain
from sigstats.stats.scores.combine import TINY

FloatArray = NDArray[np.float64]

PLACE = "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class NearEnd:
    """P-values of the shape standing near the start and near the end: the largest over conditions and places."""

    start: float
    end: float

    @property
    def anywhere(self) -> float:
        """The larger of the two."""
        return plain(np.maximum(self.start, self.end))


def near_end(
    scored: Sequence[Scored], clauses: Sequence[Clause], bounds: Mapping[str, float]
) -> NearEnd | None:
    """Return the p-values of the shape standing near an end; None where it has no place there.

    Notes
    -----
    At one place every part of every clause must hold, so the place is excluded by the smallest p-value, with
    Bonferroni's correction for their number. The two sides of one comparison cannot both fail and count once. A part is
    held against 0, or against the number that `bounds` gives its clause. One seed gives one score, and the place is
    fixed, so Student's t holds. Each condition may have its place elsewhere: all of them must exclude it.
    """
    parts = [
        found for each in scored for found in (_one_condition(each, clauses, bounds),) if found is not None
    ]
    if not parts:
        return None
    return NearEnd(
        start=plain(functools.reduce(np.maximum, [each.start for each in parts])),
        end=plain(functools.reduce(np.maximum, [each.end for each in parts])),
    )


def _one_condition(scored: Scored, clauses: Sequence[Clause], bounds: Mapping[str, float]) -> NearEnd | None:
    sides = {clause.name: clause.sides for clause in clauses} | {PLACE: 1}
    near = {name: each for name, each in scored.scores.items() if name in sides and each.ends is not None}
    if not near:
        return None
    comparisons = np.concatenate(
        [
            _comparisons(each.ends, sides[name], bounds.get(name, 0.0))
            for name, each in near.items()
            if each.ends is not None
        ],
        axis=-2,
    )
    tested = ~np.isnan(comparisons)
    least = tested.sum(axis=-2) * np.where(tested, comparisons, 1.0).min(axis=-2)
    pvalues = np.where(tested.any(axis=-2), np.clip(least, TINY, 1.0), 1.0)
    n_start = next(iter(near.values())).n_start
    return NearEnd(
        start=plain(pvalues[..., :n_start].max(axis=-1, initial=TINY)),
        end=plain(pvalues[..., n_start:].max(axis=-1, initial=TINY)),
    )


def _comparisons(scores: FloatArray, sides: int, bound: float) -> FloatArray:
    """Return one-sided p-values of every part's mean being at least a bound, shape (..., n_comparisons, n_places)."""
    seen = ~np.isnan(scores)
    count = seen.sum(axis=-3)
    safe = np.maximum(count, 2)
    mean = np.where(seen, scores, 0.0).sum(axis=-3) / safe
    variance = (np.where(seen, scores - mean[..., None, :, :], 0.0) ** 2).sum(axis=-3) / (safe - 1.0)
    size = np.abs(np.where(seen, scores, 0.0)).max(axis=-3, initial=0.0)
    known = (count >= MIN_SEEDS) & (variance > (1e-10 * size) ** 2)
    statistic = (mean - beside(bound, 2)) / np.sqrt(np.where(known, variance, 1.0) / safe)
    pvalues = np.where(known, special.stdtr(safe - 1.0, statistic), np.inf)
    least = pvalues.reshape(*pvalues.shape[:-2], -1, sides, pvalues.shape[-1]).min(axis=-2)
    return np.where(np.isfinite(least), least, np.nan)


def clause_with_ends(found: ClauseEvidence, near: NearEndEvidence | None) -> ClauseEvidence:
    """Return a clause that is refuted only if the shape does not stand near an end either."""
    if near is None:
        return found
    return replace(found, pvalue_refuted=plain(np.maximum(found.pvalue_refuted, near.pvalue)))


def interval_with_ends(line: IntervalEvidence, near: NearEndEvidence | None) -> IntervalEvidence:
    """Return an interval whose effect is small, or opposite, only if the shape does not stand near an end either."""
    if near is None:
        return line
    return replace(
        line,
        pvalue_small=plain(np.maximum(line.pvalue_small, near.pvalue_large)),
        pvalue_opposite=plain(np.maximum(line.pvalue_opposite, near.pvalue)),
    )
