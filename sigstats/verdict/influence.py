"""Which single runs could decide a verdict: a screen on the scores, before anything is judged again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.evidence import ArmEvidence, Evidence
from sigstats.evidence.conditions import MIN_SEEDS
from sigstats.evidence.control import ARTIFACT_FRACTION
from sigstats.evidence.scales import rescaled_knob
from sigstats.signature.signature import Signature
from sigstats.stats.scores.combine import levels_with_weight, line_weights
from sigstats.verdict.rules import Status

FloatArray = NDArray[np.float64]

# Runs that are judged again at most: those that move the effect most.
MOST = 5
# A claim on every level can hang on one cell: those so many robust sds from the median of their level are judged again.
OUTLYING = 4.0
MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """A run without which the verdict is another.

    Attributes
    ----------
    condition, seed : str
        The run.
    level : float or None
        Its level where every cell is a run of its own; None where the seed is left out at all levels.
    status : Status
        What the verdict is without it.
    """

    condition: str
    seed: str
    level: float | None
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that can be left out: a seed, or one of the runs at a level, by its rank among their values."""

    condition: str
    seed: str | None
    level: float | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """Mean effect of the treatments or the controls, as it is, and without each run of all conditions."""

    mean: FloatArray
    variance: FloatArray
    df: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    """Mean effect of one condition: first as it is, then without each of its runs, for the same number of runs.

    The number is kept, so that a verdict that changes only because one run fewer shows less does not count.
    """

    mean: FloatArray
    variance: FloatArray
    df: float
    runs: tuple[Run, ...]


def suspects(evidence: Evidence, signature: Signature) -> tuple[Run, ...]:
    """Return the runs without which some comparison of the effect, or of the control, may come out otherwise."""
    few = any(arm.n_seeds < MIN_SEEDS for arm in evidence.arms)
    # A count of seeds hangs on no single one, except that one fewer shows less.
    if evidence.interval is None or few or evidence.majority is not None:
        return ()
    if not signature.shape.sized:
        return _outlying(evidence)
    unit = _unit(evidence.arms)
    make = _repeated if evidence.design == "repeated" else _independent
    scaled = [replace(arm, scores=arm.scores / unit, curves=arm.curves / unit) for arm in evidence.arms]
    arms = [make(arm, evidence, signature) for arm in scaled]
    treated = [arm.role == "treatment" for arm in evidence.arms]
    treatment = _side(arms, treated)
    se, margin = evidence.interval.se / unit, evidence.interval.margin
    shared = se**2 / treatment.variance[0] if treatment.variance[0] > 0 else 1.0
    rows = [_claims(treatment, shared, None if margin is None else margin / unit)]
    if evidence.control is not None:
        control = _side(arms, [not each for each in treated])
        shares = (signature.quiet_fraction, ARTIFACT_FRACTION)
        rows += [_shares(treatment, control, share) for share in shares]
    alpha = signature.alpha / evidence.sides
    # Both ends of each comparison: shown, or its contrary shown.
    chance = np.concatenate([part for row in rows for part in (row, 1.0 - row)])
    shown = chance <= alpha
    changed = np.flatnonzero((shown[:, 1:] != shown[:, :1]).any(axis=0))
    with np.errstate(divide="ignore"):
        moved = np.abs(special.ndtri(np.clip(chance, 1e-300, 1.0 - 1e-16)))
    weight = np.abs(moved[:, 1:] - moved[:, :1]).max(axis=0)
    runs = [run for arm in arms for run in arm.runs]
    return tuple(runs[at] for at in sorted(changed, key=lambda at: -weight[at])[:MOST])


def _outlying(evidence: Evidence) -> tuple[Run, ...]:
    """Return the runs with a cell far from the others at its level, the farthest first."""
    found: list[tuple[float, Run]] = []
    for arm in evidence.arms:
        away = np.abs(arm.curves - np.nanmedian(arm.curves, axis=0))
        sd = MAD_TO_SD * np.nanmedian(away)
        with np.errstate(invalid="ignore", divide="ignore"):
            far = np.nan_to_num(away / sd, nan=0.0)
        if arm.n_seeds < 4:
            continue
        if evidence.design == "repeated":
            runs = [Run(condition=arm.condition, seed=seed) for seed in arm.seeds]
            found += zip(far.max(axis=1).tolist(), runs, strict=True)
            continue
        ranks = np.argsort(np.argsort(arm.curves, axis=0, kind="stable"), axis=0, kind="stable")
        for row, k in np.argwhere(far > OUTLYING):
            at, rank = float(arm.levels[k]), int(ranks[row, k])
            found.append((float(far[row, k]), Run(condition=arm.condition, seed=None, level=at, rank=rank)))
    far_off = sorted((each for each in found if each[0] > OUTLYING), key=lambda each: -each[0])
    return tuple(run for _, run in far_off[:MOST])


def _unit(arms: Sequence[ArmEvidence]) -> float:
    """Return a power of two that brings all values to a size whose square neither overflows nor vanishes."""
    sizes = [
        np.abs(part[~np.isnan(part)]).max(initial=0.0) for arm in arms for part in (arm.scores, arm.curves)
    ]
    return float(np.ldexp(1.0, int(np.clip(np.frexp(max(sizes))[1], -1000, 1000))))


def _claims(side: _Side, shared: float, margin: float | None) -> FloatArray:
    """Return the p-values of an effect <= 0, and <= the margin."""
    bounds = np.array([0.0] if margin is None else [0.0, margin])
    return _pvalues(side.mean - bounds[:, None], shared * side.variance, side.df)


def _shares(treatment: _Side, control: _Side, share: float) -> FloatArray:
    """Return the p-values of the control showing at least a share of the treatment's effect."""
    parts = np.array([share**2 * treatment.variance, control.variance])
    total = parts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = total**2 / (parts[0] ** 2 / treatment.df + parts[1] ** 2 / control.df)
    return _pvalues((share * treatment.mean - control.mean)[None, :], total, df)


def _pvalues(estimate: FloatArray, variance: FloatArray, df: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.nan_to_num(special.stdtr(df, -estimate / np.sqrt(variance)), nan=0.5))


def _side(arms: Sequence[_Arm], used: Sequence[bool]) -> _Side:
    """Return the mean over conditions without each run; what belongs to the other side changes nothing."""
    k, n_runs = sum(used), sum(len(arm.runs) for arm in arms)
    mean, variance, squares = np.zeros(n_runs + 1), np.zeros(n_runs + 1), np.zeros(n_runs + 1)
    start = 1
    for arm, counts in zip(arms, used, strict=True):
        stop = start + len(arm.runs)
        if counts:
            own, spread = np.full(n_runs + 1, arm.mean[0] / k), np.full(n_runs + 1, arm.variance[0] / k**2)
            own[start:stop], spread[start:stop] = arm.mean[1:] / k, arm.variance[1:] / k**2
            mean, variance, squares = mean + own, variance + spread, squares + spread**2 / arm.df
        start = stop
    with np.errstate(invalid="ignore", divide="ignore"):
        return _Side(mean=mean, variance=variance, df=variance**2 / squares)


def _without_each(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of values without each of them, from the distance of each to their mean."""
    n, mean = values.size, values.mean()
    apart = values - mean
    squares = (apart**2).sum() - apart**2 * n / (n - 1.0)
    return mean - apart / (n - 1.0), np.maximum(squares, 0.0) / (n - 2.0)


def _repeated(arm: ArmEvidence, evidence: Evidence, signature: Signature) -> _Arm:
    """Return a condition with one score per seed; without a fourth seed none can be left out."""
    del evidence, signature
    n = arm.scores.size
    means, variances = (np.empty(0), np.empty(0)) if n < 4 else _without_each(arm.scores)
    spread = arm.scores.var(ddof=1)
    runs = [Run(condition=arm.condition, seed=seed) for seed in arm.scored_seeds] if n >= 4 else []
    return _Arm(
        mean=np.append(arm.scores.mean(), means),
        variance=np.append(spread, variances) / n,
        df=n - 1.0,
        runs=tuple(runs),
    )


def _independent(arm: ArmEvidence, evidence: Evidence, signature: Signature) -> _Arm:
    """Return a condition whose cells are runs of their own, by the line through its level means."""
    seen = ~np.isnan(arm.curves)
    used = np.flatnonzero(levels_with_weight(seen.sum(axis=0)))
    scale = signature.shape.knob_scale or signature.knob_scale
    weights = line_weights(rescaled_knob(arm.levels[used], scale, "knob")) * evidence.orientation
    columns = [arm.curves[seen[:, k], k] for k in used]
    mean = sum(w * column.mean() for w, column in zip(weights, columns, strict=True))
    parts = np.array(
        [w**2 * column.var(ddof=1) / column.size for w, column in zip(weights, columns, strict=True)]
    )
    means, variances, runs = [float(mean)], [float(parts.sum())], []
    for w, column, part, k in zip(weights, columns, parts, used, strict=True):
        if column.size < 4:
            continue
        without, spread = _without_each(column)
        means += list(mean + w * (without - column.mean()))
        variances += list(parts.sum() - part + w**2 * spread / column.size)
        ranks = np.argsort(np.argsort(column, kind="stable"), kind="stable")
        at = float(arm.levels[k])
        runs += [Run(condition=arm.condition, seed=None, level=at, rank=int(rank)) for rank in ranks]
    squares = sum(part**2 / (column.size - 1) for part, column in zip(parts, columns, strict=True))
    df = float(parts.sum() ** 2 / squares) if squares > 0 else float("nan")
    return _Arm(mean=np.array(means), variance=np.array(variances), df=df, runs=tuple(runs))
