"""Do the treatments' curves turn?

Treatments that were swept over the same levels are averaged first: the question is then about their mean curve.
Where levels differ, no mean curve exists; each treatment is tested on its own, and a majority must be shown to
turn.
"""

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.conditions import MIN_LEVELS, MIN_SEEDS, Condition
from sigstats.evidence.lines import LineSetting, share_all_seeds
from sigstats.evidence.results import ReversalEvidence
from sigstats.stats.blocks import SingleTableError, agreed_number, plain, seen_cells
from sigstats.stats.locations.broken_line import hinge, off_the_line
from sigstats.stats.scores.combine import Combination
from sigstats.stats.scores.reversal import (
    FOLDS,
    critical_values,
    mean_curve,
    stretch_change,
    t_statistic,
    turn_scores,
)
from sigstats.stats.scores.splits import first_best

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

METHOD = "change of the line on either side of the turn that the other seeds show; simulated critical value"


def reversal(
    conditions: Sequence[Condition],
    effect: Combination,
    levels: FloatArray,
    setting: LineSetting,
    *,
    rng: np.random.Generator,
) -> ReversalEvidence | None:
    """Test whether the treatments' curves rise and fall.

    References
    ----------
    Y. Benjamini and R. Heller, "Screening for partial conjunction hypotheses", Biometrics 64 (2008),
    https://doi.org/10.1111/j.1541-0420.2007.00984.x (a majority of treatments).
    """
    curves, ids = curves_of(conditions, setting, rng)
    used = [np.flatnonzero(seen_cells(part).any(axis=0)) for part in curves]
    if all(np.array_equal(columns, used[0]) for columns in used[1:]):
        shared = setting.design == "repeated" and share_all_seeds(conditions)
        mean, n_seeds = mean_curves(curves, ids, effect, shared=shared)
        return reversal_of(mean[..., used[0]], levels[used[0]], n_seeds, setting, setting.alpha)
    majority = len(conditions) // 2 + 1
    alpha = setting.alpha / (len(conditions) - majority + 1)
    tests = [
        reversal_of(part[..., columns], levels[columns], part.shape[-2], setting, alpha)
        for part, columns in zip(curves, used, strict=True)
    ]
    found = [test for test in tests if test is not None]
    if len(found) < majority:
        return None
    margins = np.array([_margin(test) for test in found])
    ranked = [found[agreed_number(at)] for at in np.argsort(-margins, axis=0, kind="stable")]
    return replace(
        ranked[majority - 1],
        scope=_shared_stretch(ranked[:majority]),
        of_majority=True,
        null="at most half of the treatments' mean curves both rise and fall",
    )


def _shared_stretch(tests: list[ReversalEvidence]) -> tuple[float, float] | None:
    """Return the stretch that agrees with the claim in all of these treatments; None if they share none."""
    stretches = [test.scope for test in tests if test.scope is not None]
    if len(stretches) < len(tests):
        return None
    low, high = max(each[0] for each in stretches), min(each[1] for each in stretches)
    return (low, high) if low < high else None


def _margin(test: ReversalEvidence) -> float:
    """Return by how much both statistics exceed their critical values, as the smaller ratio."""
    ratios = test.statistic / test.critical_value, test.rise_statistic / test.rise_critical_value
    return plain(np.minimum(*ratios))


def reversal_of(
    curves: FloatArray, levels: FloatArray, n_seeds: int, setting: LineSetting, alpha: float
) -> ReversalEvidence | None:
    """Test whether one set of curves rises and falls; None where there are too few seeds or levels."""
    if levels.size < MIN_LEVELS or curves.shape[-2] < MIN_SEEDS:
        return None
    if (
        curves.ndim > 2
        and curves.shape[-2] > FOLDS
        and setting.design == "repeated"
        and np.isnan(curves).any()
    ):
        # Seeds choose a turn in folds, which each table deals in an order of its own.
        raise SingleTableError
    scores = turn_scores(curves)
    counts = [(~np.isnan(each)).sum(axis=-1) for each in (scores.fall, scores.rise)]
    n_used = agreed_number(functools.reduce(np.minimum, [n_seeds, *counts]))
    if n_used < MIN_SEEDS:
        return None
    fall_bound, rise_bound = critical_values(n_used, levels.size, alpha)
    fall, rise = plain(t_statistic(scores.fall)), plain(t_statistic(scores.rise))
    turns = not setting.brief and fall > fall_bound and rise > rise_bound
    at_end, turn = (True, 0) if setting.brief else _turn(mean_curve(curves))
    return ReversalEvidence(
        end="end" if at_end else "start",
        statistic=fall,
        critical_value=fall_bound,
        fall=plain(np.nanmean(scores.fall, axis=-1) * setting.scale),
        rise_statistic=rise,
        rise_critical_value=rise_bound,
        turn=float(levels[turn]),
        scope=_scope(curves, levels, setting.confidence, at_end=at_end) if turns else None,
        of_majority=False,
        method=METHOD,
        null="the mean curve does not both rise and fall",
        replicate=setting.replicate,
        n_seeds=n_used,
    )


def _turn(curve: FloatArray) -> tuple[bool, int]:
    """Return whether a mean curve falls after its turn (else before it), and the turn's position."""
    bent = _unit_bends(curve.size) @ curve
    highest, lowest = (1 + int(first_best(way)) for way in (-bent, bent))
    falls_after = -stretch_change(curve, np.array(highest))
    fell_before = stretch_change(curve[::-1], np.array(curve.size - 1 - lowest))
    return (True, highest) if falls_after >= fell_before else (False, lowest)


@functools.cache
def _unit_bends(n_levels: int) -> FloatArray:
    """Return a bend at every inner level, its line taken off, of length 1: two lines fit best at the largest."""
    index = np.arange(float(n_levels))
    bends = off_the_line(hinge(index, index[1:-1]), index)
    return np.asarray(bends / np.sqrt((bends**2).sum(axis=1, keepdims=True)))


def _scope(
    curves: FloatArray, levels: FloatArray, confidence: float, *, at_end: bool
) -> tuple[float, float] | None:
    """Return the stretch that agrees with the claim, up to the nearer end of the turn's interval; None if none does."""
    from sigstats.stats.locations.onset import location

    rows = curves if at_end else -curves[:, ::-1]
    low = location(rows, np.arange(float(levels.size)), form="peak", confidence=confidence).low
    last = int(np.floor(low)) if np.isfinite(low) else 0
    if last < 1:
        return None
    return (
        (float(levels[0]), float(levels[last])) if at_end else (float(levels[-1 - last]), float(levels[-1]))
    )


def mean_curves(
    curves: list[FloatArray], ids: list[IntArray], effect: Combination, *, shared: bool
) -> tuple[FloatArray, int]:
    """Return one curve per seed for the mean over conditions, and how many replicates they are worth.

    Where conditions share their seeds these are means within seeds. Otherwise each seed's deviation from the curve of
    its own condition is added to the mean curve, stretched so that the mean has the right variance.
    """
    if len(curves) == 1 or shared:
        return np.asarray(sum(curves) / len(curves)), curves[0].shape[-2]
    means = [mean_curve(part) for part in curves]
    union = np.unique(np.concatenate(ids))
    n = union.size
    stretch = np.sqrt((n - 1.0) / max(n - len(curves), 1.0))
    pseudo = np.repeat(np.mean(means, axis=0)[..., None, :], n, axis=-2)
    for part, mean, rows in zip(curves, means, ids, strict=True):
        share = stretch * n / (len(curves) * part.shape[-2])
        pseudo[..., np.searchsorted(union, rows), :] += share * (part - mean[..., None, :])
    return pseudo, agreed_number(np.minimum(n, np.floor(effect.df) + 1))


def curves_of(
    conditions: Sequence[Condition], setting: LineSetting, rng: np.random.Generator
) -> tuple[list[FloatArray], list[IntArray]]:
    """Return curves and identities of rows by condition; independent runs are dealt into curves."""
    if setting.design == "repeated" and not setting.dealt:
        return [each.curves for each in conditions], [each.ids for each in conditions]
    dealt = [deal(each.curves, rng) for each in conditions]
    sizes = [part.shape[-2] for part in dealt]
    return dealt, np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])


def deal(runs: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Deal the runs of each level at random into rows: in the independent design any dealing is as good."""
    counts = seen_cells(runs).sum(axis=0)
    rows = int(np.median(counts[counts > 0]))
    dealt = np.full((*runs.shape[:-2], rows, runs.shape[-1]), np.nan)
    for level, count in enumerate(counts):
        chosen = rng.permutation(count)[:rows]
        dealt[..., : chosen.size, level] = runs[..., chosen, level]
    return dealt
