"""How many seeds would settle a question, and which effect some could show, from the spread that a table shows."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.noncentral import shift_of, t_above


def t_power(n_seeds: float, effect: float, variance: float, df: float, alpha: float) -> float:
    """Return the power of a one-sided t test."""
    critical = float(special.stdtrit(df, 1.0 - alpha))
    return t_above(critical, df, effect * float(np.sqrt(n_seeds / variance)))


def seeds_for_power(
    effect: float, variance: float, df_per_seed: float, *, alpha: float, power: float, largest: int = 1000
) -> int | None:
    """Return the smallest number of seeds at which a one-sided t test has the power asked for."""
    if not (variance > 0 and effect > 0):
        return None

    def enough(n: int) -> bool:
        return t_power(n, effect, variance, max(df_per_seed * (n - 1), 1.0), alpha) >= power

    margin = float(special.ndtri(1.0 - alpha) + special.ndtri(power))
    ratio = margin * float(np.sqrt(variance)) / effect
    n = max(3, int(min(ratio, float(np.sqrt(largest + 1.0))) ** 2))
    while n > 3 and enough(n - 1):
        n -= 1
    while n <= largest and not enough(n):
        n += 1
    return n if n <= largest else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectableEffect:
    """The effect that a test would show with the power asked for."""

    value: float  # at the standard error that was estimated
    low: float  # low, high: at the ends of the interval of the standard error
    high: float


def detectable_effect(
    se: float, df: float, *, alpha: float, power: float, tail: float
) -> DetectableEffect | None:
    """Return the effect that a one-sided t test would show with a power; None where nothing varies.

    Notes
    -----
    It depends on the spread between seeds and on their number, not on the effect that was seen. The spread is known to
    its degrees of freedom only: the bounds are those of a normal sample's variance.
    """
    if not (se > 0 and df > 0):
        return None
    critical = float(special.stdtrit(df, 1.0 - alpha))
    noncentrality = shift_of(critical, df, power)
    ends = np.sqrt(df / special.chdtri(df, np.array([tail, 1.0 - tail])))
    low, high = (float(end) for end in noncentrality * se * ends)
    return DetectableEffect(value=noncentrality * se, low=low, high=high)
