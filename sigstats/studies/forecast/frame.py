"""A forecast as a pandas frame."""

import math
from typing import TYPE_CHECKING

from sigstats.stats.estimate import Estimate
from sigstats.studies.forecast.record import ForecastLevel, ForecastRecord

if TYPE_CHECKING:
    import pandas as pd


def table(found: ForecastRecord) -> "pd.DataFrame":
    """Return one row per predicted level and condition; errors are prediction minus observed mean."""
    from sigstats.data.table.frames import told

    return told([_row(found, each) for each in found.levels])


def _row(found: ForecastRecord, each: ForecastLevel) -> dict[str, object]:
    rivals = {
        f"{rival.rival.replace(' ', '_').replace('-', '_')}_relative_error": math.nan
        if rival.relative_error is None
        else rival.relative_error
        for rival in found.rivals
        if (rival.condition, rival.level) == (each.condition, each.level)
    }
    return {
        "condition": each.condition,
        "level": each.level,
        "n_seeds": each.n_seeds,
        **_bounds("prediction", each.prediction),
        "new_run_low": each.new_run.low,
        "new_run_high": each.new_run.high,
        **_bounds("observed", each.observed),
        **_bounds("error", each.error),
        **_bounds("relative_error", each.relative_error),
        "within": each.within,
        "pvalue_within": each.pvalue_within,
        "pvalue_outside": each.pvalue_outside,
        **rivals,
    }


def _bounds(name: str, found: Estimate | None) -> dict[str, float]:
    values = (math.nan,) * 3 if found is None else (found.value, found.low, found.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))
