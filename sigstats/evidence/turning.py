"""Do the treatments' curves turn? Each is scored on its own; the scores are averaged like all others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.arms import MIN_LEVELS, MIN_SEEDS, Arm
from sigstats.evidence.lines import Frame
from sigstats.evidence.results import ReversalEvidence
from sigstats.stats.contrast import Combination, combine
from sigstats.stats.reversal import critical_values, mean_curve, smooth, stretch_change, turn_scores

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


def reversal(
    arms: Sequence[Arm], levels: FloatArray, frame: Frame, *, rng: np.random.Generator
) -> ReversalEvidence | None:
    """Test whether the treatments' curves rise and fall, on average over treatments.

    Parameters
    ----------
    arms : sequence of Arm
        Treatments with at least 3 seeds each.
    levels : ndarray, shape (n_levels,)
        Levels in the knob's own units.
    frame : Frame
        Design, level and scale.
    rng : numpy.random.Generator
        Used only in the independent design, where runs are dealt at random into curves.

    Returns
    -------
    ReversalEvidence or None
        None where there are too few levels, or too few seeds on either side of the turn.
    """
    curves, ids = _curves(arms, frame, rng)
    used = [np.flatnonzero((~np.isnan(part)).any(axis=0)) for part in curves]
    if min(columns.size for columns in used) < MIN_LEVELS or min(len(part) for part in curves) < MIN_SEEDS:
        return None
    shortened = [part[:, columns] for part, columns in zip(curves, used, strict=True)]
    scores = [turn_scores(part) for part in shortened]
    fall = _mean([each.fall for each in scores], ids)
    rise = _mean([each.rise for each in scores], ids)
    if fall is None or rise is None:
        return None
    n_seeds = min(int(min(fall.df, rise.df)) + 1, fall.n_seeds * len(arms))
    bounds = [critical_values(n_seeds, columns.size, frame.alpha) for columns in used]
    turns = [_turn(part, levels[columns]) for part, columns in zip(shortened, used, strict=True)]
    return ReversalEvidence(
        end="end" if sum(each[0] for each in turns) * 2 >= len(turns) else "start",
        statistic=_statistic(fall),
        critical_value=max(bound[0] for bound in bounds),
        fall=fall.estimate * frame.scale,
        rise_statistic=_statistic(rise),
        rise_critical_value=max(bound[1] for bound in bounds),
        turn=float(np.median([each[1] for each in turns])),
        scope=_shared_stretch([each[2] for each in turns]),
        method="change of the line on either side of the turn that the other seeds show; simulated critical value",
        null="the curve does not both rise and fall, on average over seeds and treatments",
        replicate=frame.replicate,
        n_seeds=n_seeds,
    )


def _statistic(scores: Combination) -> float:
    return scores.estimate / scores.se if scores.variance > 0 else 0.0


def _mean(scores: list[FloatArray], ids: list[IntArray]) -> Combination | None:
    """Return the equal-weight mean of the scores that could be had; None with fewer than 3 in an arm."""
    seen = [~np.isnan(values) for values in scores]
    if min(int(mask.sum()) for mask in seen) < MIN_SEEDS:
        return None
    return combine(
        [values[mask] for values, mask in zip(scores, seen, strict=True)],
        [part[mask] for part, mask in zip(ids, seen, strict=True)],
        [1.0 / len(scores)] * len(scores),
    )


def _turn(curves: FloatArray, levels: FloatArray) -> tuple[bool, float, tuple[float, float]]:
    """Return where the mean curve of one arm turns: whether it falls after, the level, and the stretch that agrees."""
    curve = mean_curve(curves)
    last = curve.size - 1
    highest = int(smooth(curve).argmax())
    lowest = last - int(smooth(-curve[::-1]).argmax())
    falls_after = -stretch_change(curve, np.array(highest))
    fell_before = -stretch_change(-curve[::-1], np.array(last - lowest))
    if falls_after >= fell_before:
        return True, float(levels[highest]), (float(levels[0]), float(levels[highest]))
    return False, float(levels[lowest]), (float(levels[lowest]), float(levels[-1]))


def _shared_stretch(stretches: list[tuple[float, float]]) -> tuple[float, float] | None:
    low, high = max(each[0] for each in stretches), min(each[1] for each in stretches)
    return (low, high) if low < high else None


def _curves(
    arms: Sequence[Arm], frame: Frame, rng: np.random.Generator
) -> tuple[list[FloatArray], list[IntArray]]:
    if frame.design == "repeated":
        return [arm.curves for arm in arms], [arm.ids for arm in arms]
    dealt = [_deal(arm.curves, rng) for arm in arms]
    numbers = np.arange(sum(len(part) for part in dealt))
    return dealt, np.split(numbers, np.cumsum([len(part) for part in dealt])[:-1])


def _deal(runs: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Deal the runs of each level at random into rows: in the independent design any dealing is as good."""
    counts = (~np.isnan(runs)).sum(axis=0)
    rows = int(np.median(counts[counts > 0]))
    dealt = np.full((rows, runs.shape[1]), np.nan)
    for level, count in enumerate(counts):
        chosen = rng.permutation(count)[:rows]
        dealt[: chosen.size, level] = runs[chosen, level]
    return dealt
