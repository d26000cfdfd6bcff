"""How far scores with a cross-fitted split must be stretched before Student's t holds."""

import numpy as np
from scipy import special

from sigstats.shapes.base import FloatArray, ScoreContext
from sigstats.stats.blocks import agreed_number
from sigstats.stats.scores.critical_values import ALPHAS, Statistic, critical_value

LEAST_ALPHA = min(ALPHAS)


def stretch(statistic: Statistic, scores: FloatArray, context: ScoreContext) -> float:
    """Return the ratio of the simulated critical value to Student's, at least 1."""
    n_seeds = agreed_number((~np.isnan(scores)).sum(axis=-1))
    if n_seeds < 3:
        return float("nan")
    bound = critical_value(statistic, n_seeds, context.x.size, context.alpha)
    return max(1.0, bound / float(special.stdtrit(n_seeds - 1, 1.0 - context.alpha)))
