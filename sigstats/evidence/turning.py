"""Does the treatments' mean curve turn? Brings arms into the form that the reversal test takes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.arms import MIN_LEVELS, MIN_SEEDS, Arm
from sigstats.evidence.lines import Frame, share_all_seeds
from sigstats.evidence.results import ReversalEvidence
from sigstats.stats.contrast import Combination
from sigstats.stats.reversal import (
    critical_values,
    mean_curve,
    smooth,
    stretch_change,
    t_statistic,
    turn_scores,
)

FloatArray = NDArray[np.float64]


def reversal(
    arms: Sequence[Arm], effect: Combination, levels: FloatArray, frame: Frame, *, rng: np.random.Generator
) -> ReversalEvidence | None:
    """Test whether the mean curve of the treatments rises and falls.

    Parameters
    ----------
    arms : sequence of Arm
        Treatments with at least 3 seeds each.
    effect : Combination
        Their mean linear score, whose degrees of freedom count the replicates.
    levels : ndarray, shape (n_levels,)
        Levels in the knob's own units.
    frame : Frame
        Design, level and scale.
    rng : numpy.random.Generator
        Used only in the independent design, where runs are dealt at random into curves.

    Returns
    -------
    ReversalEvidence or None
        None where there are too few levels.
    """
    if levels.size < MIN_LEVELS:
        return None
    curves, n_seeds = _mean_curves(arms, effect, frame, rng)
    scores = turn_scores(curves)
    n_used = min(n_seeds, int((~np.isnan(scores.fall)).sum()), int((~np.isnan(scores.rise)).sum()))
    if n_used < MIN_SEEDS:
        return None
    fall_bound, rise_bound = critical_values(n_used, levels.size, frame.alpha)
    at_end, turn = _overall_turn(mean_curve(curves))
    first, last = float(levels[0]), float(levels[-1])
    where = float(levels[turn])
    return ReversalEvidence(
        end="end" if at_end else "start",
        statistic=float(t_statistic(scores.fall)),
        critical_value=fall_bound,
        fall=float(np.nanmean(scores.fall) * frame.scale),
        rise_statistic=float(t_statistic(scores.rise)),
        rise_critical_value=rise_bound,
        turn=where,
        scope=(first, where) if at_end else (where, last),
        method="change of the line on either side of the turn that the other seeds show; simulated critical value",
        null="the mean curve does not both rise and fall",
        replicate=frame.replicate,
        n_seeds=n_used,
    )


def _overall_turn(curve: FloatArray) -> tuple[bool, int]:
    last = curve.size - 1
    highest = int(smooth(curve).argmax())
    lowest = last - int(smooth(-curve[::-1]).argmax())
    falls_after = -stretch_change(curve, np.array(highest))
    fell_before = -stretch_change(-curve[::-1], np.array(last - lowest))
    return (True, highest) if falls_after >= fell_before else (False, lowest)


def _mean_curves(
    arms: Sequence[Arm], effect: Combination, frame: Frame, rng: np.random.Generator
) -> tuple[FloatArray, int]:
    """Return one curve per seed for the mean over arms, and how many replicates they are worth.

    Where arms share their seeds these are means within seeds. Otherwise each seed's deviation from its own arm's
    curve is added to the mean curve, stretched so that the mean has the right variance.
    """
    if frame.design == "independent":
        dealt = [_deal(arm.curves, rng) for arm in arms]
        ids = np.split(np.arange(sum(len(part) for part in dealt)), np.cumsum([len(part) for part in dealt])[:-1])
    else:
        dealt, ids = [arm.curves for arm in arms], [arm.ids for arm in arms]
    if len(arms) == 1 or (frame.design == "repeated" and share_all_seeds(arms)):
        return np.mean(dealt, axis=0), len(dealt[0])
    means = [mean_curve(part) for part in dealt]
    union = np.unique(np.concatenate(ids))
    n = union.size
    stretch = np.sqrt((n - 1.0) / max(n - len(arms), 1.0))
    curves = np.tile(np.mean(means, axis=0), (n, 1))
    for part, mean, rows in zip(dealt, means, ids, strict=True):
        curves[np.searchsorted(union, rows)] += stretch * n / (len(arms) * len(part)) * (part - mean)
    return curves, min(n, int(effect.df) + 1)


def _deal(runs: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Deal the runs of each level at random into rows: in the independent design any dealing is as good."""
    counts = (~np.isnan(runs)).sum(axis=0)
    rows = int(np.median(counts[counts > 0]))
    dealt = np.full((rows, runs.shape[1]), np.nan)
    for level, count in enumerate(counts):
        chosen = rng.permutation(count)[:rows]
        dealt[: chosen.size, level] = runs[chosen, level]
    return dealt
