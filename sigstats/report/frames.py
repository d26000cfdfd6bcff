"""Verdicts as pandas frames."""

from typing import TYPE_CHECKING

from sigstats.report import naming
from sigstats.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd


def condition_table(verdict: Verdict) -> "pd.DataFrame":
    """Return one row per condition.

    Parameters
    ----------
    verdict : Verdict
        The verdict.

    Returns
    -------
    pandas.DataFrame
        Columns ``condition``, ``role``, ``n_seeds``, ``n_levels``, ``effect``, ``low``, ``high`` (the
        oriented effect with its interval, in its unit), ``tau`` and ``pvalue`` (one-sided, of effect <= 0). Where
        the claim is on every level, as for ``"flat"`` and ``"above"``, effect and p-value are those of the fitted
        line and only describe. The labels are the user's own, unchanged.
    """
    import pandas as pd

    arms = naming.ordered(verdict)
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
