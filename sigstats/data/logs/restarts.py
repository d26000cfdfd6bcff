"""Steps that start again with every epoch: counted on, so that no epoch replaces the one before it."""

import numpy as np

from sigstats.data.logs.model import FloatArray, LogProblem


def counted_on(epochs: FloatArray, steps: FloatArray) -> tuple[FloatArray, float] | None:
    """Return steps that go on rising, and how many an epoch has; None where steps do not start again with epochs.

    They start again if, more often than not, an epoch begins at or below a step of the epoch before it.
    """
    known = np.isfinite(epochs) & np.isfinite(steps)
    if known.sum() < 2 or (epochs[known] % 1 != 0).any():
        return None
    numbers, where = np.unique(epochs[known], return_inverse=True)
    if numbers.size < 2:
        return None
    low, high = np.full(numbers.size, np.inf), np.full(numbers.size, -np.inf)
    np.minimum.at(low, where, steps[known])
    np.maximum.at(high, where, steps[known])
    again = np.count_nonzero(low[1:] <= high[:-1])
    if 2 * again <= numbers.size - 1:
        return None
    length = float(high.max())
    if low.min() < 1:
        rises = np.diff(np.unique(steps[known]))
        length += float(np.median(rises)) if rises.size else 1.0
    return np.where(known, (epochs - numbers[0]) * length + steps, np.nan), length


def told(run: str, step: str, epoch: str, length: float) -> LogProblem:
    """Return the problem of steps that were counted on."""
    return LogProblem(
        code="STEP_PER_EPOCH",
        run=run,
        message=f"{step!r} starts again with every {epoch!r}",
        done=f"counted on, with {length:g} steps in an epoch; read_runs(..., step={epoch!r}) counts epochs",
    )
