"""A verdict on a card as a pandas frame."""

import math
from typing import TYPE_CHECKING

from sigstats.cards.verdict.record import CardDecision
from sigstats.studies.answers.sizes import size_of

if TYPE_CHECKING:
    import pandas as pd


def table(found: CardDecision) -> "pd.DataFrame":
    """Return one row per signature; effects are positive where they go the predicted way."""
    from sigstats.data.table.frames import told

    otherwise = {
        label: each.adjusted_otherwise
        for each in found.core
        if len(each.labels) == 1
        for label in each.labels
    }
    rows = []
    for each, adjusted in zip(found.predictions, found.adjusted, strict=True):
        size = None if each.verdict is None else size_of(each.verdict)
        estimate = None if size is None else size.estimate
        rows.append(
            {
                "signature": each.label,
                "role": each.role,
                "expect": each.expect,
                "status": None if each.verdict is None else str(each.verdict.status),
                "outcome": str(each.outcome),
                "effect": math.nan if estimate is None else estimate.value,
                "low": math.nan if estimate is None else estimate.low,
                "high": math.nan if estimate is None else estimate.high,
                "margin": math.nan if size is None or size.margin is None else size.margin,
                "unit": None if estimate is None else estimate.unit,
                "pvalue": each.pvalue,
                "adjusted_pvalue": adjusted,
                "pvalue_otherwise": each.pvalue_otherwise,
                "adjusted_pvalue_otherwise": otherwise.get(each.label, math.nan),
            }
        )
    return told(rows)
