"""The size of what was found, for tables and figures: effect, what it is held against, and the control."""

from dataclasses import dataclass

from sigstats.report.numbers import interval, mirrored
from sigstats.report.units import with_unit
from sigstats.shapes.powers import PowerLaw
from sigstats.stats.estimate import Estimate
from sigstats.studies.answers.pvalues import Answer
from sigstats.studies.baseline.result import Comparison
from sigstats.verdict.verdict import Verdict
from sigstats.verdict.words import clauses, names, phrases


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One effect, positive where it goes the predicted way."""

    estimate: Estimate | None
    margin: float | None  # in the same units; None where nothing is held against it
    control: Estimate | None
    said: str  # with unit, as reports print it
    sign: int = 1  # -1 where reports print the opposite sign: an exponent of a falling metric
    within: tuple[float, float] | None = None  # where it must lie, if that was declared


def size_of(answer: Answer) -> Size:
    """Return the size that an answer is about; of several treatments the smallest."""
    return _of_comparison(answer) if isinstance(answer, Comparison) else _of_verdict(answer)


def estimate_of(answer: Answer) -> Estimate | None:
    """Return the estimate that an answer is about, without its words; None where there is none."""
    if isinstance(answer, Comparison):
        return size_of(answer).estimate
    if names.is_sized(answer):
        return answer.effect
    found = answer.evidence.primary
    return None if found is None else found.estimate


def _of_verdict(verdict: Verdict) -> Size:
    evidence, control = verdict.evidence, verdict.evidence.control
    if names.is_sized(verdict):
        line = evidence.interval
        return Size(
            estimate=estimate_of(verdict),
            margin=None if line is None else line.margin,
            control=None if control is None else control.effect,
            said=phrases.effect(verdict),
            sign=names.sign(verdict),
            within=_within(verdict),
        )
    found = evidence.primary
    if found is None:
        return Size(estimate=None, margin=None, control=None, said="n/a")
    said = clauses.found(verdict, found, least=False)
    return Size(estimate=found.estimate, margin=None, control=None, said=said)


def _within(verdict: Verdict) -> tuple[float, float] | None:
    """Return the range in which an exponent must lie, with the sign of the effect."""
    shape = verdict.signature.shape
    if not isinstance(shape, PowerLaw) or shape.exponent is None:
        return None
    low, high = sorted(verdict.evidence.orientation * end for end in shape.exponent)
    return low, high


def _of_comparison(found: Comparison) -> Size:
    way = -1 if found.signature.shape.name == "lower" else 1
    row = min(found.rows, key=lambda each: way * each.difference.value)
    contrast, estimate = row.contrast, row.difference
    control = None if contrast is None else _minus(estimate, contrast)
    turned = [None if each is None else mirrored(each) if way < 0 else each for each in (estimate, control)]
    said = with_unit(interval(estimate), found.unit)
    return Size(estimate=turned[0], margin=row.margin, control=turned[1], said=said, sign=way)


def _minus(difference: Estimate, contrast: Estimate) -> Estimate:
    """Return the difference of the controls, of which no interval is known."""
    return Estimate(
        value=difference.value - contrast.value,
        low=float("nan"),
        high=float("nan"),
        confidence=difference.confidence,
        unit=difference.unit,
    )
