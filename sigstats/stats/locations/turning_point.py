"""A turning point: where the mean curve stops rising and begins to fall.

Nothing but the turn itself is assumed: the curve may rise and fall along lines, bends or tails that are flat. A
parabola or two lines would put the turn of a lopsided curve in the wrong place.
"""

import numpy as np

from sigstats.stats.checks import FloatArray, IndexArray

FEWEST_LEVELS = 3
WINDOWS = 8


def turns(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return where the running mean is largest, for each curve.

    Notes
    -----
    The running mean is taken over 3 levels below 20 levels, then over about a fifth of the levels; at the ends over
    those that exist.
    """
    if x.size < FEWEST_LEVELS:
        return np.full(len(curves), np.nan)
    smooth = _running_mean(curves, max(1, x.size // 10))
    top = smooth.argmax(axis=1)
    inner = np.clip(top, 1, x.size - 2)
    found = np.where(top == 0, -np.inf, np.where(top == x.size - 1, np.inf, _vertex(x, smooth, inner)))
    return np.where(np.ptp(curves, axis=1) > 1e-12 * np.abs(curves).max(axis=1), found, np.nan)


def _running_mean(curves: FloatArray, half: int) -> FloatArray:
    index = np.arange(curves.shape[1])
    low, high = np.maximum(index - half, 0), np.minimum(index + half + 1, curves.shape[1])
    centred = curves - curves.mean(axis=1, keepdims=True)
    sums = np.cumsum(np.insert(centred, 0, 0.0, axis=1), axis=1)
    return np.asarray((sums[:, high] - sums[:, low]) / (high - low))


def _vertex(x: FloatArray, y: FloatArray, middle: IndexArray) -> FloatArray:
    """Return the vertices of parabolas through three neighbouring points, kept within half a gap of the middle one."""
    rows = np.arange(len(y))
    before, after = x[middle] - x[middle - 1], x[middle + 1] - x[middle]
    rise = (y[rows, middle] - y[rows, middle - 1]) / before
    fall = (y[rows, middle] - y[rows, middle + 1]) / after
    # The slope changes from rise to -fall between the middles of the two gaps.
    turned = np.where(rise + fall > 0, rise, 0.5) / np.where(rise + fall > 0, rise + fall, 1.0)
    vertex = x[middle] - before / 2.0 + (before + after) / 2.0 * turned
    return np.clip(vertex, x[middle] - before / 2.0, x[middle] + after / 2.0)


def turn_contrasts(x: FloatArray, candidates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the contrasts that test each candidate turn."""
    falls = _falls_up_to(x)
    rises = _falls_up_to(-x[::-1])[::-1, ::-1]
    nothing = np.full((1, x.size), np.nan)
    up_to = np.searchsorted(x, candidates, side="right")
    start = np.searchsorted(x, candidates, side="left")
    return np.vstack([rises, nothing])[start], np.vstack([nothing, falls])[up_to]


def _falls_up_to(x: FloatArray) -> FloatArray:
    """Return for each level the summed unit slopes, downwards, over stretches of 2 levels to a quarter of all."""
    weights = np.full((x.size, x.size), np.nan)
    if x.size < 2:
        return weights
    longest = min(max(3, x.size // 4 + 1), x.size)
    weights[1:] = 0.0
    for size in np.unique(np.linspace(2, longest, WINDOWS).round().astype(int)):
        index = np.arange(x.size - size + 1)[:, None] + np.arange(size)
        centred = x[index] - x[index].mean(axis=1, keepdims=True)
        weights[index[:, -1:], index] -= centred / np.sqrt((centred**2).sum(axis=1, keepdims=True))
    return weights
