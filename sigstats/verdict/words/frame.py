"""Verdicts as pandas frames."""

from typing import TYPE_CHECKING

from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names

if TYPE_CHECKING:
    import pandas as pd


def condition_table(verdict: Decision) -> "pd.DataFrame":
    """Return one row per condition."""
    import pandas as pd

    arms = names.ordered(verdict)
    columns: dict[str, list[object]] = {
        "condition": [arm.condition for arm in arms],
        "role": [arm.role for arm in arms],
        "n_seeds": [arm.n_seeds for arm in arms],
        "n_levels": [len(arm.levels) for arm in arms],
        "effect": [arm.effect.value for arm in arms],
        "low": [arm.effect.low for arm in arms],
        "high": [arm.effect.high for arm in arms],
        "tau": [arm.tau for arm in arms],
        "pvalue": [arm.pvalue for arm in arms],
    }
    return pd.DataFrame(columns)
