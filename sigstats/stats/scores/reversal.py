"""Does a curve turn? Cross-fitted test of a stretch that goes against the claim.

A claim of a rise fails in an interesting way when the curve comes down again, or falls before it rises. Where
the turning point lies is for the data to say, so it is *cross-fitted*: the turn used for one seed is found from
the other seeds only.

For each seed, the mean curve of the others is smoothed over three neighbouring levels. Its maximum is a turn
with a fall after it; its minimum a turn with a fall before it. The side on which the others fall further is
taken, and the seed's own curve gives two scores there: the change of its least-squares line over the stretch
that falls (sign reversed, so that positive means a fall), and over the stretch that rises. Both are held
against zero by t statistics over seeds.

Seeds share the curves that chose their turns, so the scores depend on each other and Student's t is not their
law. The critical values were simulated once for each number of seeds and levels under a flat mean
(`critical_values`), and stand in a table beside this module.
"""

import functools
from dataclasses import dataclass

import numpy as np

from sigstats.stats.checks import BoolArray, FloatArray, IndexArray
from sigstats.stats.scores.critical_values import ALPHAS, critical_table

FOLDS = 50
FEW_LEVELS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnScores:
    """Cross-fitted scores of the two stretches of each seed."""

    # shape (..., n_seeds): size of the fall, positive when there is one; NaN where the seed has fewer
    # than two levels there
    fall: FloatArray
    rise: FloatArray  # shape (..., n_seeds): size of the rise on the other side of the turn
    # shape (..., n_seeds): whether the stretch that falls runs to the last level (else it starts at the
    # first)
    at_end: BoolArray


def smooth(curve: FloatArray) -> FloatArray:
    """Return the running mean over three levels, with the end levels repeated once."""
    padded = np.concatenate([curve[..., :1], curve, curve[..., -1:]], axis=-1)
    return np.asarray((padded[..., :-2] + padded[..., 1:-1] + padded[..., 2:]) / 3.0)


def stretch_change(curves: FloatArray, start: IndexArray) -> FloatArray:
    """Return the change of the least-squares line from level `start` to the last level."""
    n_levels = curves.shape[-1]
    if n_levels <= FEW_LEVELS and not np.isnan(curves).any():
        # With few levels it is quicker to have the changes from all of them.
        changes = curves @ _change_weights(n_levels).T
        return np.take_along_axis(changes, start[..., None], axis=-1)[..., 0]
    index = np.arange(n_levels)
    inside = index >= start[..., None]
    seen = inside & ~np.isnan(curves)
    count = seen.sum(axis=-1)
    centre = (index * seen).sum(axis=-1) / np.maximum(count, 1)
    centred = np.where(seen, index - centre[..., None], 0.0)
    spread = (centred**2).sum(axis=-1)
    cross = (centred * np.where(seen, curves, 0.0)).sum(axis=-1)
    length = n_levels - 1 - start
    change = length * cross / np.where(spread > 0, spread, 1.0)
    return np.where(length == 0, 0.0, np.where(spread > 0, change, np.nan))


@functools.cache
def _change_weights(n_levels: int) -> FloatArray:
    """Return the weights of the levels in the change of the line from each level to the last one."""
    start, index = np.arange(n_levels)[:, None], np.arange(n_levels)
    inside = index >= start
    centred = np.where(inside, index - (start + n_levels - 1) / 2.0, 0.0)
    spread = (centred**2).sum(axis=1, keepdims=True)
    return np.asarray((n_levels - 1 - start) * centred / np.where(spread > 0, spread, 1.0))


def mean_curve(curves: FloatArray) -> FloatArray:
    """Return the level means, adjusted for which seeds were seen at which levels.

    Where cells are missing, plain means would mix the differences between seeds into the curve; the additive
    model seed + level is fitted instead, by least squares, with effects of levels whose sum over cells is 0.
    """
    seen = ~np.isnan(curves)
    if seen.all():
        return np.asarray(curves.mean(axis=-2))
    if curves.ndim > 2:
        return np.stack([mean_curve(each) for each in curves])
    seeds, levels = seen.any(axis=1), seen.any(axis=0)
    kept = seen[seeds][:, levels].astype(float)
    values = np.where(kept > 0, curves[seeds][:, levels], 0.0)
    effects = np.zeros(curves.shape[1])
    if kept.size:
        effects[levels] = _level_effects(values, kept)
    return effects


def _level_effects(values: FloatArray, seen: FloatArray) -> FloatArray:
    """Return the effects of levels in the model seed + level, from a system as large as the smaller side."""
    if seen.shape[0] > seen.shape[1]:
        return _row_effects(values.T, seen.T)[0]
    seeds, part_of_seed = _row_effects(values, seen)
    cells = seen.sum(axis=0)
    level = (values.sum(axis=0) - seeds @ seen) / cells
    part = part_of_seed[seen.argmax(axis=0)]
    return np.asarray(
        level - (np.bincount(part, cells * level) / np.maximum(np.bincount(part, cells), 1))[part]
    )


def _row_effects(values: FloatArray, seen: FloatArray) -> tuple[FloatArray, IndexArray]:
    """Return the effects of rows, those of columns eliminated, and the part of the table that each row is in.

    Rows without a column in common, not even by way of other rows, are in different parts: nothing compares these.
    """
    cells, share = seen.sum(axis=1), seen / seen.sum(axis=0)
    overlap = share @ seen.T
    joined = overlap > 0
    while not np.array_equal(joined, wider := (joined.astype(float) @ joined) > 0):
        joined = wider
    # The sum of effects over the cells of a part is free; this makes it 0.
    system = np.diag(cells) - overlap + joined * np.outer(cells, cells) / (joined @ cells)
    target = values.sum(axis=1) - share @ values.sum(axis=0)
    return np.linalg.solve(system, target), joined.argmax(axis=1)


def mean_of_others(curves: FloatArray) -> FloatArray:
    """Return for each seed the mean curve of the others; beyond 50 seeds with gaps, of the other folds."""
    n_seeds = curves.shape[-2]
    if not np.isnan(curves).any():
        return np.asarray((curves.sum(axis=-2, keepdims=True) - curves) / (n_seeds - 1))
    folds = np.arange(n_seeds) % min(n_seeds, FOLDS)
    means = [mean_curve(curves[..., folds != fold, :]) for fold in range(folds.max() + 1)]
    return np.stack(means, axis=-2)[..., folds, :]


def turn_scores(curves: FloatArray) -> TurnScores:
    """Score the falling and the rising stretch of each seed at the turn that the other seeds show."""
    others = mean_of_others(curves)
    last = curves.shape[-1] - 1
    highest = smooth(others).argmax(axis=-1)
    lowest = last - smooth(-others[..., ::-1]).argmax(axis=-1)
    at_end = -stretch_change(others, highest) >= -stretch_change(-others[..., ::-1], last - lowest)
    backwards = curves[..., ::-1]
    fall = np.where(at_end, -stretch_change(curves, highest), stretch_change(backwards, last - lowest))
    rise = np.where(at_end, -stretch_change(backwards, last - highest), stretch_change(curves, lowest))
    return TurnScores(fall=fall, rise=rise, at_end=at_end)


def t_statistic(scores: FloatArray) -> FloatArray:
    """Return mean over standard error along the last axis; 0 where the scores do not vary, NaN scores left out."""
    seen = ~np.isnan(scores)
    count = seen.sum(axis=-1)
    safe = np.maximum(count, 1)
    mean = np.where(seen, scores, 0.0).sum(axis=-1) / safe
    variance = (np.where(seen, scores - mean[..., None], 0.0) ** 2).sum(axis=-1) / np.maximum(count - 1, 1)
    size = np.abs(np.where(seen, scores, 0.0)).max(axis=-1)
    possible = (count >= 3) & (variance > (1e-10 * size) ** 2)
    return np.where(possible, mean / np.sqrt(np.where(possible, variance, 1.0) / safe), 0.0)


def simulate_critical_values(
    n_seeds: int, n_levels: int, *, replications: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Simulate the critical values of fall and rise under a flat mean with independent normal noise."""
    falls, rises = [], []
    block = max(1, int(4e6 / (n_seeds * n_levels)))
    for start in range(0, replications, block):
        size = min(block, replications - start)
        scores = turn_scores(rng.standard_normal((size, n_seeds, n_levels)))
        falls.append(t_statistic(scores.fall))
        rises.append(t_statistic(scores.rise))
    quantiles = 1.0 - np.array(ALPHAS)
    return np.quantile(np.concatenate(falls), quantiles), np.quantile(np.concatenate(rises), quantiles)


@functools.cache
def critical_values(n_seeds: int, n_levels: int, alpha: float) -> tuple[float, float]:
    """Return what the t statistics of fall and rise must exceed at one-sided level `alpha`.

    Sizes between the rows of the table take the larger of the neighbouring values, so that the error rate
    stays below `alpha`; levels of `alpha` between the columns are interpolated on a logarithmic scale, and
    below the smallest one no reversal can be shown.
    """
    table = critical_table("reversal_critical_values.csv")
    if alpha < min(ALPHAS):
        return float("inf"), float("inf")
    sizes = sorted({size for size, _ in table})
    counts = sorted({count for _, count in table})
    size = max(s for s in sizes if s <= n_seeds)
    near = {
        max(c for c in counts if c <= n_levels),
        min((c for c in counts if c >= n_levels), default=counts[-1]),
    }
    wanted, known = np.log(min(alpha, ALPHAS[0])), np.log(ALPHAS[::-1])
    fall, rise = (
        max(float(np.interp(wanted, known, table[size, count][name][::-1])) for count in near)
        for name in ("fall", "rise")
    )
    return fall, rise
