"""Signatures that exclude each other: which one the data support better, and by how much."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sigstats.cards.verdict.outcomes import Outcome, Prediction
from sigstats.cards.verdict.weigh import exclude
from sigstats.shapes.powers import PowerLaw
from sigstats.stats.estimate import Estimate
from sigstats.studies.baseline.result import Comparison

Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivalry:
    """Two signatures of which at most one can hold.

    Attributes
    ----------
    better, worse : str
        The signature that the data support better, and the other; where neither is, as they stand on the card.
    decided : bool
        Whether one is better supported.
    pvalues : tuple of float
        p-value of *present* of `better` and of `worse`, side by side.
    nearer : Estimate or None
        For two ranges of one exponent, how much nearer the exponent lies to that of `better`, with the interval of the
        exponent over seeds; None elsewhere.
    conflict : bool
        Whether both are shown although only one can hold.
    """

    better: str
    worse: str
    decided: bool
    pvalues: tuple[float, float]
    nearer: Estimate | None
    conflict: bool


def rivalries(predictions: Sequence[Prediction]) -> tuple[Rivalry, ...]:
    """Return every pair of signatures that exclude each other and were both judged."""
    return tuple(
        _rivalry(first, second)
        for first, second in combinations(predictions, 2)
        if exclude(first.signature, second.signature)
        and first.verdict is not None
        and second.verdict is not None
    )


def _rivalry(first: Prediction, second: Prediction) -> Rivalry:
    nearer = _nearer(first, second)
    ahead = nearer.value if nearer is not None else _present(second) - _present(first)
    better, worse = (first, second) if ahead >= 0 else (second, first)
    if nearer is not None and ahead < 0:
        nearer = Estimate(
            value=-nearer.value,
            low=-nearer.high,
            high=-nearer.low,
            confidence=nearer.confidence,
            unit=nearer.unit,
        )
    return Rivalry(
        better=better.label,
        worse=worse.label,
        decided=nearer.low > 0 if nearer is not None else _is_ahead(better, worse),
        pvalues=(_present(better), _present(worse)),
        nearer=nearer,
        conflict=_shown(first) and _shown(second),
    )


def _present(prediction: Prediction) -> float:
    return prediction.pvalue if prediction.expect == "present" else prediction.pvalue_otherwise


def _shown(prediction: Prediction) -> bool:
    wanted = Outcome.AS_EXPECTED if prediction.expect == "present" else Outcome.OTHERWISE
    return prediction.outcome is wanted


def _is_ahead(better: Prediction, worse: Prediction) -> bool:
    """Return whether one of two is shown and the other is not: p-values alone do not order two claims."""
    return _shown(better) and not _shown(worse)


def _nearer(first: Prediction, second: Prediction) -> Estimate | None:
    """Return how much nearer the exponent of both lies to the range of the first."""
    ranges = (_range(first), _range(second))
    verdict = first.verdict
    if ranges[0] is None or ranges[1] is None or verdict is None or isinstance(verdict, Comparison):
        return None
    found = verdict.effect
    if found is None or not all(map(math.isfinite, (found.value, found.low, found.high))):
        return None
    # The effect is oriented; exponents on a card are not.
    sign = verdict.evidence.orientation
    one, other = ranges[0], ranges[1]
    ends = sorted(_ahead(sign * end, one, other) for end in (found.low, found.high))
    return Estimate(
        value=_ahead(sign * found.value, one, other),
        low=ends[0],
        high=ends[1],
        confidence=found.confidence,
        unit=found.unit,
    )


def _range(prediction: Prediction) -> Range | None:
    shape = prediction.signature.shape
    return shape.exponent if isinstance(shape, PowerLaw) else None


def _ahead(exponent: float, first: Range, second: Range) -> float:
    """Return how much further an exponent is from the second range; monotone, as the ranges do not overlap."""
    return _distance(exponent, second) - _distance(exponent, first)


def _distance(exponent: float, within: Range) -> float:
    return max(within[0] - exponent, exponent - within[1], 0.0)
