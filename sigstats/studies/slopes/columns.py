"""Hierarchical slopes as pandas frames: raw estimates and shrunken ones side by side."""

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from sigstats.stats.checks import FloatArray

MEANS = {True: "the conditions included", False: "the population of conditions"}


class Marginal(Protocol):
    """What a row needs of a posterior."""

    def interval(self, level: float) -> "FloatArray":
        """Return the equal-tailed interval."""
        ...

    def hdi(self, level: float) -> "FloatArray":
        """Return the shortest interval."""
        ...


class SlopeMarginal(Marginal, Protocol):
    """What a row of a slope needs."""

    @property
    def mean(self) -> Any:  # noqa: ANN401 - a float, or an array without dimensions
        """Posterior mean."""
        ...

    @property
    def sd(self) -> Any:  # noqa: ANN401
        """Posterior standard deviation."""
        ...

    @property
    def prob_positive(self) -> Any:  # noqa: ANN401
        """Probability of being above 0."""
        ...

    def mass_inside(self, low: float, high: float) -> Any:  # noqa: ANN401
        """Return the probability of lying between two limits."""
        ...


def intervals(posterior: Marginal, confidence: float) -> dict[str, float]:
    """Return the ends of the equal-tailed and of the shortest interval."""
    ends = [*posterior.interval(confidence), *posterior.hdi(confidence)]
    return dict(zip(("low", "high", "hdi_low", "hdi_high"), map(float, ends), strict=True))


def slope_columns(posterior: SlopeMarginal, confidence: float, min_effect: float | None) -> dict[str, float]:
    """Return what a row says about a slope's posterior."""
    small = np.nan if min_effect is None else float(posterior.mass_inside(-min_effect, min_effect))
    return {
        "shrunken": float(posterior.mean),
        "sd": float(posterior.sd),
        **intervals(posterior, confidence),
        "prob_positive": float(posterior.prob_positive),
        "mass_small": small,
    }


def frame(rows: list[dict[str, Any]]) -> "pd.DataFrame":
    """Return rows as a frame."""
    import pandas as pd

    return pd.DataFrame(rows)
