"""A verdict on a card as plain values: the schema of its JSON."""

from typing import Any

from sigstats.cards.verdict.record import CardDecision
from sigstats.cards.verdict.words import sentence


def record(found: CardDecision) -> dict[str, Any]:
    """Return every verdict under `results`, and what became of the idea under `idea`."""
    return {
        "results": [each.to_dict() for each in found.verdicts],
        "idea": {
            "name": None if found.idea is None else found.idea.name,
            "status": found.status,
            "rule": found.rule,
            "alpha": found.alpha,
            "dependence": found.dependence,
            "at_least": found.at_least(),
            "sentence": sentence(found),
            "predictions": [
                {
                    "signature": each.label,
                    "role": each.role,
                    "expect": each.expect,
                    "status": None if each.verdict is None else each.verdict.status,
                    "outcome": each.outcome,
                    "pvalue": each.pvalue,
                    "adjusted_pvalue": adjusted,
                    "pvalue_otherwise": each.pvalue_otherwise,
                }
                for each, adjusted in zip(found.predictions, found.adjusted, strict=True)
            ],
            "core": found.core,
            "rivals": found.rivals,
        },
        **({} if found.standing is None else {"standing": found.standing}),
    }
