"""A verdict on a card as plain values: the schema of its JSON."""

from dataclasses import dataclass
from typing import Any

from sigstats.cards.verdict.outcomes import Outcome
from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.rivals import Rivalry
from sigstats.cards.verdict.rules import IdeaStatus
from sigstats.cards.verdict.weigh import CorePrediction
from sigstats.cards.verdict.words import sentence
from sigstats.signature.fields import Expect, Role
from sigstats.stats.classical.closed_testing import Dependence
from sigstats.verdict.rules import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionRecord:
    """What became of one signature, without its verdict."""

    signature: str
    role: Role
    expect: Expect
    status: Status | None
    outcome: Outcome
    pvalue: float
    adjusted_pvalue: float
    pvalue_otherwise: float
    suggested_by_these_data: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaRecord:
    """What became of an idea, without the verdicts."""

    name: str | None
    status: IdeaStatus
    rule: int
    alpha: float
    dependence: Dependence
    at_least: int
    sentence: str
    predictions: tuple[PredictionRecord, ...]
    core: tuple[CorePrediction, ...]
    rivals: tuple[Rivalry, ...]


def record(found: CardDecision) -> dict[str, Any]:
    """Return every verdict under `results`, what became of the idea under `idea`, and how both stand to a lock."""
    return {
        "results": [each.to_dict() for each in found.verdicts],
        "idea": _idea(found),
        **({} if found.standing is None else {"standing": found.standing}),
    }


def _idea(found: CardDecision) -> IdeaRecord:
    return IdeaRecord(
        name=None if found.idea is None else found.idea.name,
        status=found.status,
        rule=found.rule,
        alpha=found.alpha,
        dependence=found.dependence,
        at_least=found.at_least(),
        sentence=sentence(found),
        predictions=tuple(
            PredictionRecord(
                signature=each.label,
                role=each.role,
                expect=each.expect,
                status=None if each.verdict is None else each.verdict.status,
                outcome=each.outcome,
                pvalue=each.pvalue,
                adjusted_pvalue=adjusted,
                pvalue_otherwise=each.pvalue_otherwise,
                suggested_by_these_data=each.suggested_by_these_data,
            )
            for each, adjusted in zip(found.predictions, found.adjusted, strict=True)
        ),
        core=found.core,
        rivals=found.rivals,
    )
