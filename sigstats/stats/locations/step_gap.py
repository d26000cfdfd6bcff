"""A step: one level before, another after, and the gap between two levels in which it happens."""

import numpy as np

from sigstats.stats.checks import FloatArray


def steps(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return the middle of the gap in which the least-squares upward step happens, for each curve.

    References
    ----------
    D. V. Hinkley, "Inference about the change-point in a sequence of random variables", Biometrika 57 (1970),
    https://doi.org/10.1093/biomet/57.1.1
    """
    if x.size < 2:
        return np.full(len(curves), np.nan)
    before = np.arange(1, x.size)
    centred = curves - curves.mean(axis=1, keepdims=True)
    # With the mean taken off, the root of the gain in fit is -sum(before) * sqrt(n / (before * after)).
    gains = -np.cumsum(centred, axis=1)[:, :-1] * np.sqrt(x.size / (before * (x.size - before)))
    middles = (x[1:] + x[:-1]) / 2.0
    return np.where(
        gains.max(axis=1) > 1e-9 * np.abs(centred).max(axis=1), middles[gains.argmax(axis=1)], np.nan
    )


def step_candidates(x: FloatArray) -> FloatArray:
    """Return a place before all levels, the middle of each gap, and a place after all levels."""
    return np.concatenate([[x[0] - (x[1] - x[0])], (x[1:] + x[:-1]) / 2.0, [x[-1] + (x[-1] - x[-2])]])


def step_contrasts(x: FloatArray, candidates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the contrasts that test each candidate gap."""
    first = np.searchsorted(x, candidates)
    later = _splits_after(x.size)[first]
    mirrored = _splits_after(x.size)[x.size - first]
    return later, -mirrored[:, ::-1]


def _splits_after(n: int) -> FloatArray:
    """Return for each first level f = 0 .. n the summed unit contrasts over all splits of levels f .. n - 1."""
    weights = np.full((n + 1, n), np.nan)
    for f in range(n - 1):
        size = n - f
        low = np.arange(1, size)
        scale = np.sqrt(low * (size - low) / size)
        up, down = scale / (size - low), scale / low
        weights[f] = 0.0
        weights[f, f:] = np.append(0.0, np.cumsum(up)) - np.append(np.cumsum(down[::-1])[::-1], 0.0)
    return weights
