"""From predictions to what became of the core: alternatives joined, p-values corrected over the card."""

from collections.abc import Sequence
from dataclasses import dataclass

from sigstats.cards.data import exclusive, target
from sigstats.cards.verdict.outcomes import Outcome, Prediction
from sigstats.cards.verdict.rules import Rule, Settled, decide
from sigstats.shapes.powers import PowerLaw
from sigstats.shapes.scaling import ScalingLaw
from sigstats.signature.signature import Signature
from sigstats.stats.classical.closed_testing import Dependence, adjusted


@dataclass(frozen=True, slots=True, kw_only=True)
class CorePrediction:
    """One core prediction: a signature, or several that exclude each other, of which one is to hold.

    Attributes
    ----------
    labels : tuple of str
        The signatures.
    settled : Settled
        What became of it, after correction.
    pvalue : float
        p-value of its being as expected; of alternatives the smallest, times their number.
    pvalue_otherwise : float
        p-value of its being otherwise; of alternatives the largest, since all must be.
    adjusted_otherwise : float
        The same, corrected over all core predictions.
    """

    labels: tuple[str, ...]
    settled: Settled
    pvalue: float
    pvalue_otherwise: float
    adjusted_otherwise: float


def weigh(
    predictions: Sequence[Prediction], *, alpha: float, dependence: Dependence
) -> tuple[Rule, tuple[CorePrediction, ...]]:
    """Return the rule that applies to the idea, and what became of each core prediction."""
    sets = alternatives([each for each in predictions if each.role == "core"])
    otherwise = [max(each.pvalue_otherwise for each in members) for members in sets]
    corrected = adjusted(otherwise, dependence=dependence)
    core = tuple(
        CorePrediction(
            labels=tuple(each.label for each in members),
            settled=_settled(members, corrected=float(after), alpha=alpha),
            pvalue=min(1.0, len(members) * min(each.pvalue for each in members)),
            pvalue_otherwise=before,
            adjusted_otherwise=float(after),
        )
        for members, before, after in zip(sets, otherwise, corrected, strict=True)
    )
    return decide(frozenset(each.settled for each in core)), core


def alternatives(core: Sequence[Prediction]) -> list[list[Prediction]]:
    """Return core signatures in sets that are joined by exclusions; most sets hold one signature."""
    set_of = list(range(len(core)))
    for second, each in enumerate(core):
        joined = {set_of[first] for first in range(second) if excluded(core[first], each)}
        lowest = min(joined, default=second)
        set_of = [lowest if old in joined else old for old in set_of]
        set_of[second] = lowest
    return [
        [each for each, its in zip(core, set_of, strict=True) if its == wanted]
        for wanted in sorted(set(set_of))
    ]


def excluded(first: Prediction, second: Prediction) -> bool:
    """Return whether two signatures that are expected cannot both hold."""
    return first.expect == second.expect == "present" and exclude(first.signature, second.signature)


def exclude(first: Signature, second: Signature) -> bool:
    """Return whether two signatures cannot both hold: as declared, or by ranges of one exponent that do not overlap."""
    return exclusive(first, second) or (target(first) == target(second) and _apart(first, second))


def _apart(first: Signature, second: Signature) -> bool:
    """Return whether both claim a power law of the same rows, with exponents in ranges that do not overlap."""
    shapes = (first.shape, second.shape)
    ranges = [
        shape.exponent
        for shape in shapes
        if isinstance(shape, (PowerLaw, ScalingLaw)) and shape.exponent is not None
    ]
    if len(ranges) < 2 or len({shape.name for shape in shapes}) > 1:
        return False
    (low, high), (other_low, other_high) = ranges
    return high <= other_low or other_high <= low


def _settled(members: Sequence[Prediction], *, corrected: float, alpha: float) -> Settled:
    """Return what became of one core prediction."""
    shown = [each for each in members if each.outcome is Outcome.AS_EXPECTED]
    outcomes = {each.outcome for each in members}
    if any(excluded(one, other) for one in shown for other in shown if one is not other):
        return Settled.CONFLICT
    if Outcome.NOT_ASKED in outcomes:
        return Settled.OPEN
    if any(len(members) * each.pvalue <= each.signature.alpha for each in shown):
        return Settled.AS_EXPECTED
    if outcomes == {Outcome.OTHERWISE}:
        return Settled.OTHERWISE if corrected <= alpha else Settled.OPEN
    return Settled.IN_PART if outcomes <= {Outcome.IN_PART, Outcome.OTHERWISE} else Settled.OPEN
