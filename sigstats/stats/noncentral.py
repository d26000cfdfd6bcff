"""The noncentral t distribution, as an average of normal ones over the variance that the sample may have.

It is ``(Z + shift) / sqrt(V / df)``, with Z normal and V chi-square. The function of scipy gives NaN at some places
where the probability lies within rounding of 0 or 1.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.crossing import crossing

STEP = 0.25  # of log chi-square, between nodes; the rule errs by less than 1e-9 then
SHARPEST = 300.0  # shift from which on steps are no longer made smaller
NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Values of variances of the sample over the true ones, and their weights."""

    ratios: FloatArray
    weights: FloatArray


def nodes(df: float, shift: float = 0.0) -> Nodes:
    """Return chi-square over its degrees of freedom at even steps of its logarithm.

    What is averaged rises from 0 to 1 where the root of the ratio is near ``shift / bound``: the larger the shift, the
    steeper, and the smaller the steps.
    """
    step = STEP / max(float(np.sqrt(df / 2.0)), min(abs(shift), SHARPEST) / 6.0, 1.0)
    at = np.arange(-60.0 / df, np.log(2.0 * df + 80.0), step)
    density = df / 2.0 * at - np.exp(at) / 2.0
    weights = np.exp(density - density.max())
    kept = weights > NEGLIGIBLE
    return Nodes(ratios=np.exp(at[kept]) / df, weights=weights[kept] / weights[kept].sum())


def t_above(bound: float, df: float, shift: float) -> float:
    """Return the probability of a noncentral t above a bound."""
    found = nodes(df, shift)
    return float(special.ndtr(shift - bound * np.sqrt(found.ratios)) @ found.weights)


def shift_of(bound: float, df: float, chance: float) -> float:
    """Return the noncentrality with which t lies above a bound with a probability."""
    span = 4.0 + abs(bound)
    while t_above(bound, df, span) < chance:
        span *= 2.0
    while t_above(bound, df, -span) > chance:
        span *= 2.0
    return crossing(lambda shift: t_above(bound, df, shift) - chance, -span, span, tolerance=1e-10)
