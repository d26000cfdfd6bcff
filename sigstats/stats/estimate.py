"""A number with its interval, and the words that the results share."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigstats.stats.by_value import by_value

FloatArray = NDArray[np.float64]
Design = Literal["repeated", "independent"]
Role = Literal["treatment", "control"]
# How the ranges of conditions compare: the same, cut to what they have in common, or each its own.
Ranges = Literal["equal", "common", "own"]
ClauseKind = Literal["primary", "required", "tolerated"]


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval.

    Attributes
    ----------
    value : float
        Point estimate, in `unit`.
    low, high : float
        Ends of the two-sided interval; NaN where the data give none.
    confidence : float
        Two-sided confidence of the interval, in (0, 1). Each end alone is a one-sided bound at
        ``(1 + confidence) / 2``.
    unit : str
        Unit of measurement: the metric's name, or ``"log metric"`` and the like where it was transformed.
    """

    value: float
    low: float
    high: float
    confidence: float
    unit: str

    def __str__(self) -> str:
        """Return value, interval and unit."""
        # Nothing may steer a terminal.
        unit = self.unit if self.unit.isprintable() else repr(self.unit)[1:-1]
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}] {unit}"
