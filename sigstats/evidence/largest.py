"""Where a condition may have most of a shape: the scores by which a side counts that must be shown to be small.

That an effect is small must hold wherever it may be. The place at which the weakest part has the largest upper bound
stands for all of them: there a bound from above is hardest to show.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.evidence.parts import Scored
from sigstats.shapes import Scores

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.intp]

# Confidence of the upper bound by which the place is chosen.
BOUND = 0.95


@dataclass(frozen=True, slots=True)
class _Places:
    """Mean and standard error of a condition's parts at every place, shape (n_parts, n_places)."""

    mean: FloatArray = field(repr=False)
    se: FloatArray = field(repr=False)
    n_seeds: int

    @property
    def high(self) -> FloatArray:
        """Upper bound of the weakest part at every place."""
        factor = float(special.stdtrit(self.n_seeds - 1, BOUND))
        return np.asarray((self.mean + factor * self.se).min(axis=-2))


def with_largest(scored: Sequence[Scored], name: str) -> tuple[Scored, ...]:
    """Return the scores of conditions at the place where each, or their mean, may have most of the shape.

    Each condition may have its own place. But the mean of two conditions, one of which has one part and the other the
    other part, has most of the shape at a place that is the best of neither: the common place counts if it gives more.
    """
    if any(name not in each.scores or each.scores[name].every is None for each in scored):
        return tuple(scored)
    found = [_places(each.scores[name]) for each in scored]
    own = [each.high.argmax(axis=-1) for each in found]
    if len({each.mean.shape for each in found}) == 1 and len(found) > 1:
        common = [_mean_of(found).high.argmax(axis=-1)] * len(found)
        better = _mean_at(found, common) > _mean_at(found, own)
        own = [np.where(better, one, other) for one, other in zip(common, own, strict=True)]
    return tuple(_at(each, name, place) for each, place in zip(scored, own, strict=True))


def _places(scores: Scores) -> _Places:
    every = np.empty((0, 0, 0)) if scores.every is None else scores.every
    seen = ~np.isnan(every)
    count = seen.sum(axis=-3)
    safe = np.maximum(count, 2)
    mean = np.where(seen, every, 0.0).sum(axis=-3) / safe
    squares = (np.where(seen, every - mean[..., None, :, :], 0.0) ** 2).sum(axis=-3)
    se = np.sqrt(squares / (safe - 1.0) / safe)
    n_seeds = max(every.shape[-3], 2)
    return _Places(np.where(count >= 2, mean, -np.inf), np.where(count >= 2, se, 0.0), n_seeds)


def _mean_of(places: Sequence[_Places]) -> _Places:
    mean = np.mean([each.mean for each in places], axis=0)
    se = np.sqrt(np.sum([each.se**2 for each in places], axis=0)) / len(places)
    return _Places(mean, se, min(each.n_seeds for each in places))


def _mean_at(places: Sequence[_Places], chosen: Sequence[IndexArray]) -> FloatArray:
    """Return the upper bound of the weakest part of the mean, each condition at its place."""
    taken = [
        _Places(_taken(each.mean, at)[..., None], _taken(each.se, at)[..., None], each.n_seeds)
        for each, at in zip(places, chosen, strict=True)
    ]
    return _mean_of(taken).high[..., 0]


def _taken(values: FloatArray, at: IndexArray) -> FloatArray:
    """Return what stands at a place of the last axis, or at the place of each table."""
    places = np.asarray(at)[(..., *(None,) * (values.ndim - np.ndim(at)))]
    return np.take_along_axis(values, places, axis=-1)[..., 0]


def _at(scored: Scored, name: str, place: IndexArray) -> Scored:
    every = scored.scores[name].every
    if every is None:
        return scored
    return replace(scored, scores={**scored.scores, name: Scores(parts=_taken(every, place))})
