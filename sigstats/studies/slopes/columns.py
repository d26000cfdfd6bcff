"""Hierarchical slopes as pandas frames: raw estimates and shrunken ones side by side."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.stats.bayes.crossed_contrast import CrossedContrast
from sigstats.stats.bayes.difference import Difference
from sigstats.stats.bayes.marginals import Marginal, NormalMixture

if TYPE_CHECKING:
    import pandas as pd

Slope = NormalMixture | Difference | CrossedContrast


def intervals(posterior: Marginal, confidence: float) -> dict[str, float]:
    """Return the ends of the equal-tailed and of the shortest interval."""
    ends = [*posterior.interval(confidence), *posterior.hdi(confidence)]
    return dict(zip(("low", "high", "hdi_low", "hdi_high"), map(float, ends), strict=True))


def slope_columns(posterior: Slope, confidence: float, min_effect: float | None) -> dict[str, float]:
    """Return what a row says about a slope's posterior."""
    small = np.nan if min_effect is None else float(posterior.mass_inside(-min_effect, min_effect))
    return {
        "shrunken": float(posterior.mean),
        "sd": float(posterior.sd),
        **intervals(posterior, confidence),
        "prob_positive": float(posterior.prob_positive),
        "mass_small": small,
    }


def frame(rows: list[dict[str, Any]] | dict[str, Any]) -> "pd.DataFrame":
    """Return rows, or columns, as a frame."""
    from sigstats.data.table.frames import told

    return told(rows)


def stacked(frames: "list[pd.DataFrame]") -> "pd.DataFrame":
    """Return frames below each other."""
    import pandas as pd

    return pd.concat(frames, ignore_index=True)
