"""The answer for each treatment as a table for other programs."""

import math
from typing import TYPE_CHECKING

from sigstats.stats.estimate import Estimate
from sigstats.studies.baseline.record import Compared

if TYPE_CHECKING:
    import pandas as pd


def frame(found: Compared) -> "pd.DataFrame":
    """Return one row per treatment."""
    from sigstats.data.table.frames import told

    means = {group.condition: group.mean for group in found.groups}
    return told(
        {
            "treatment": row.condition,
            "runs": row.n_runs[0],
            "baseline_runs": row.n_runs[1],
            "items": row.n_items,
            "mean": means[row.condition],
            "baseline_mean": found.baseline.mean,
            "difference": row.difference.value,
            "low": row.difference.low,
            "high": row.difference.high,
            **_beyond(row.control, row.contrast),
            "ratio": math.nan if row.ratio is None else row.ratio.value,
            "standardised": row.standardised,
            "wins": row.wins.value,
            "wins_low": row.wins.low,
            "wins_high": row.wins.high,
            "pvalue": row.pvalue,
            "status": str(row.status),
            "reason": str(row.reasons[0]) if row.reasons else "",
        }
        for row in found.rows
    )


def _beyond(control: Estimate | None, contrast: Estimate | None) -> dict[str, float]:
    """Return the control's difference and what the treatment gains beyond it; nothing without controls."""
    if control is None or contrast is None:
        return {}
    return {
        "control_difference": control.value,
        "gain": contrast.value,
        "gain_low": contrast.low,
        "gain_high": contrast.high,
    }
