"""How the levels of a knob share the weight of a line."""

import numpy as np

from sigstats.stats.checks import FloatArray

FEWEST_LEVELS = 4
# Levels are geometric where the steps of their logarithms differ at most so much, and those of the levels so much more.
EVEN, UNEVEN = 2.0, 4.0


def leverage(x: FloatArray) -> float:
    """Return the largest share of one level in the sum of squares of the levels about their mean."""
    squares = (x - x.mean()) ** 2
    return float(squares.max() / squares.sum()) if squares.sum() > 0 else 1.0


def geometric(levels: FloatArray) -> bool:
    """Return whether levels are about evenly spaced on a log scale, and far from it on a linear one."""
    if levels.size < FEWEST_LEVELS or levels[0] <= 0:
        return False
    ratios, gaps = np.diff(np.log(levels)), np.diff(levels)
    return bool(ratios.max() <= EVEN * ratios.min() and gaps.max() >= UNEVEN * gaps.min())
