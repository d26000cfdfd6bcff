"""A scope as a pandas frame."""

import math
from typing import TYPE_CHECKING

from sigstats.studies.answers.sizes import Size, size_of
from sigstats.studies.scope.record import ScopeCell, ScopeRecord

if TYPE_CHECKING:
    import pandas as pd


def table(found: ScopeRecord) -> "pd.DataFrame":
    """Return one row per cell; effects are positive where they go the predicted way."""
    from sigstats.data.table.frames import told

    rows: list[dict[str, object]] = []
    for each in found.cells:
        size = cell_size(each)
        estimate = None if size is None else size.estimate
        own = {
            "holds": {True: "yes", False: "no", None: "unknown"}[each.holds],
            "unsettled": None if each.unsettled is None else str(each.unsettled),
            "status": None if each.status is None else str(each.status),
            "reasons": ", ".join(map(str, each.reasons)),
            "effect": math.nan if estimate is None else estimate.value,
            "low": math.nan if estimate is None else estimate.low,
            "high": math.nan if estimate is None else estimate.high,
            "margin": math.nan if size is None or size.margin is None else size.margin,
            "pvalue_holds": each.pvalue_holds,
            "adjusted_holds": each.adjusted_holds,
            "pvalue_not": each.pvalue_not,
            "adjusted_not": each.adjusted_not,
            "problem": each.problem,
        }
        rows.append(
            {(f"{name}_" if name in own else name): value for name, value in each.values.items()} | own
        )
    return told(rows)


def cell_size(cell: ScopeCell) -> Size | None:
    """Return the size of the effect in a cell; None where it was not analysed."""
    return None if cell.verdict is None else size_of(cell.verdict)
