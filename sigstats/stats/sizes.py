"""The size of numbers as a power of two, by which they are divided before they are squared."""

import numpy as np

from sigstats.stats.checks import FloatArray


def exponent_of(*arrays: FloatArray) -> int:
    """Return the power of two that brings the largest of all values below 1 in size; NaN is passed over."""
    largest = max((float(np.nanmax(np.abs(each), initial=0.0)) for each in arrays), default=0.0)
    return int(np.frexp(largest)[1])
