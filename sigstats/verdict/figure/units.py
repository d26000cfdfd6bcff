"""Values of the metric itself on an axis that holds their logarithms or logits."""

import math
from typing import TYPE_CHECKING

import numpy as np

from sigstats.signature.fields import MetricScale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST_LOG = 600.0
LARGEST_LOGIT = 30.0
LARGEST_RATIO = 20.0  # ratio of the ends up to which evenly spaced values are named
SHARES = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)  # named on a logit axis
NARROW_SHARES = 0.4  # difference of the ends up to which evenly spaced shares are named


def in_own_units(value: float, scale: MetricScale) -> float:
    """Return a value as it was measured."""
    if scale == "log":
        return math.exp(value) if abs(value) <= LARGEST_LOG else math.nan
    if scale == "logit":
        return 1.0 / (1.0 + math.exp(-min(max(value, -LARGEST_LOG), LARGEST_LOG)))
    return value


def name_values(axes: "Axes", scale: MetricScale) -> None:
    """Put values of the metric on an axis that holds their logarithms or logits."""
    low, high = axes.get_ylim()
    most = LARGEST_LOG if scale == "log" else LARGEST_LOGIT
    if max(abs(low), abs(high)) > most:
        return
    ends = in_own_units(low, scale), in_own_units(high, scale)
    ticks = _between(_decades(*ends) if scale == "log" else _shares(*ends), *ends)
    if len(ticks) > 1:
        places = np.log(ticks) if scale == "log" else np.log(ticks / (1.0 - ticks))
        axes.set_yticks(places, [f"{each:.4g}" for each in ticks])
        axes.set_ylim(low, high)


def _decades(low: float, high: float) -> "np.ndarray":
    from matplotlib.ticker import LogLocator, MaxNLocator

    near = high < LARGEST_RATIO * low
    locator = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]) if near else LogLocator(numticks=7)
    return np.asarray(locator.tick_values(low, high), dtype=float)


def _shares(low: float, high: float) -> "np.ndarray":
    from matplotlib.ticker import MaxNLocator

    if high - low <= NARROW_SHARES:
        return np.asarray(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high), dtype=float)
    return np.array(SHARES)


def _between(ticks: "np.ndarray", low: float, high: float) -> "np.ndarray":
    return ticks[(ticks >= low) & (ticks <= high) & (ticks > 0)]
