"""Least-squares curves that only go one way, or go up and then down."""

import numpy as np

from sigstats.stats.checks import FloatArray


def monotone_fit(values: FloatArray, weights: FloatArray, *, increasing: bool) -> FloatArray:
    """Return the monotone curve with the smallest weighted sum of squares: neighbours that violate it are pooled."""
    blocks: list[tuple[float, float, int]] = []  # weight, mean, number of levels
    ordered = values if increasing else values[::-1]
    own = weights if increasing else weights[::-1]
    for value, own_weight in zip(ordered.tolist(), own.tolist(), strict=True):
        weight, mean, size = own_weight, value, 1
        while blocks and blocks[-1][1] >= mean:
            before, centre, width = blocks.pop()
            mean = (before * centre + weight * mean) / (before + weight)
            weight, size = before + weight, size + width
        blocks.append((weight, mean, size))
    fit = np.repeat([mean for _, mean, _ in blocks], [size for _, _, size in blocks])
    return fit if increasing else fit[::-1]


def unimodal_fit(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the curve with the smallest weighted sum of squares that does not fall, then does not rise.

    References
    ----------
    Q. F. Stout, "Unimodal regression via prefix isotonic regression", Computational Statistics & Data Analysis 53
    (2008), https://doi.org/10.1016/j.csda.2008.08.005
    """
    before = prefix_misfits(values, weights)
    after = prefix_misfits(values[::-1], weights[::-1])[::-1]
    at = int((before[1:-2] + after[2:-1]).argmin()) + 2
    rise = monotone_fit(values[:at], weights[:at], increasing=True)
    fall = monotone_fit(values[at:], weights[at:], increasing=False)
    return np.append(rise, fall)


def prefix_misfits(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted sums of squares around the increasing fits to the first 1, 2, ... levels, in one pass."""
    blocks: list[tuple[float, float, float]] = [(0.0, -np.inf, 0.0)]  # weight, mean, misfit up to its end
    misfits = np.empty(values.size)
    for place, (value, own_weight) in enumerate(zip(values.tolist(), weights.tolist(), strict=True)):
        weight, mean, inside = own_weight, value, 0.0
        while blocks[-1][1] >= mean:
            before, centre, up_to = blocks.pop()
            inside += up_to - blocks[-1][2] + before * weight / (before + weight) * (mean - centre) ** 2
            mean = (before * centre + weight * mean) / (before + weight)
            weight += before
        blocks.append((weight, mean, blocks[-1][2] + inside))
        misfits[place] = blocks[-1][2]
    return misfits


MANY_LEVELS = 64


def rising_fits(curves: FloatArray) -> FloatArray:
    """Return the increasing least-squares curve of each row, for any leading axes.

    Notes
    -----
    At level ``k`` it is the largest over starts ``i <= k`` of the smallest mean over ``i .. j`` with ``j >= k``.

    References
    ----------
    T. Robertson, F. T. Wright and R. L. Dykstra, *Order Restricted Statistical Inference*, 1988, theorem 1.4.4.
    """
    n = curves.shape[-1]
    if n > MANY_LEVELS:
        rows = curves.reshape(-1, n)
        weights = np.ones(n)
        return np.array([monotone_fit(row, weights, increasing=True) for row in rows]).reshape(curves.shape)
    fitted = np.full(curves.shape, -np.inf)
    for start in range(n):
        means = np.cumsum(curves[..., start:], axis=-1) / np.arange(1, n - start + 1)
        least = np.minimum.accumulate(means[..., ::-1], axis=-1)[..., ::-1]
        np.maximum(fitted[..., start:], least, out=fitted[..., start:])
    return fitted
