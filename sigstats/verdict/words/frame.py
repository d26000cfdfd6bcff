"""Verdicts as pandas frames."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sigstats.evidence.results.strength import SeedStrength
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names

if TYPE_CHECKING:
    import pandas as pd


def condition_table(verdict: Decision) -> "pd.DataFrame":
    """Return one row per condition; what there is not is NaN.

    `probability` and `standardised` are those of `Strength`, `calibrated_pvalue` that of a treatment beside negative
    controls.
    """
    import pandas as pd

    from sigstats.data.table.frames import told

    arms = names.ordered(verdict)
    strength = {each.condition: each for each in verdict.strength.treatments}
    controls = verdict.evidence.negative_controls
    calibrated = {} if controls is None else dict(controls.pvalues)
    columns: dict[str, object] = {
        "condition": [arm.condition for arm in arms],
        "role": [arm.role for arm in arms],
        "n_seeds": [arm.n_seeds for arm in arms],
        "n_levels": [len(arm.levels) for arm in arms],
        "effect": [arm.effect.value for arm in arms],
        "low": [arm.effect.low for arm in arms],
        "high": [arm.effect.high for arm in arms],
        "tau": [arm.tau for arm in arms],
        "pvalue": [arm.pvalue for arm in arms],
        "calibrated_pvalue": [calibrated.get(arm.condition, math.nan) for arm in arms],
        "n_showing": pd.array([arm.n_showing for arm in arms], dtype="Int64"),
        "probability": [_value(strength, arm.condition, "probability") for arm in arms],
        "standardised": [_value(strength, arm.condition, "standardised") for arm in arms],
    }
    return told(columns)


def _value(strength: Mapping[str, SeedStrength], condition: str, name: str) -> float:
    """Return an estimate of what a treatment's seeds show; NaN where there is none."""
    found = getattr(strength.get(condition), name, None)
    return math.nan if found is None else float(found.value)
