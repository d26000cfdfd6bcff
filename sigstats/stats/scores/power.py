"""How many seeds would settle a question, from the spread between seeds that a table shows."""

import numpy as np
from scipy import special


def t_power(n_seeds: float, effect: float, variance: float, df: float, alpha: float) -> float:
    """Return the power of a one-sided t test."""
    critical = float(special.stdtrit(df, 1.0 - alpha))
    shift = effect * float(np.sqrt(n_seeds / variance))
    return float(1.0 - special.nctdtr(df, min(shift, 37.0), critical))


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
