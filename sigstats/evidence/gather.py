"""Stage 3: SweepTable and Signature in, Evidence out."""

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence import control as controls
from sigstats.evidence import lines
from sigstats.evidence.arms import Arm, Sweep, enough, prepare
from sigstats.evidence.lines import Frame
from sigstats.evidence.results import (
    ArmEvidence,
    Evidence,
    IntervalEvidence,
    SeedsNeeded,
)
from sigstats.evidence.turning import reversal
from sigstats.signature import Signature
from sigstats.stats.contrast import Combination
from sigstats.stats.level_shift import level_shift_pvalue
from sigstats.stats.power import seeds_for_power
from sigstats.stats.scores import Residuals
from sigstats.stats.skewness import skewness_pvalue
from sigstats.table import SweepTable, TableNote

FloatArray = NDArray[np.float64]

POWER = 0.8
SKEWED = 0.1
SHIFTED = 0.001
FEW_SEEDS = 5
NAN = float("nan")


def gather(table: SweepTable, signature: Signature, *, rng: np.random.Generator) -> Evidence:
    """Compute every statistic that the signature asks for.

    Parameters
    ----------
    table : SweepTable
        The sweep.
    signature : Signature
        What was predicted.
    rng : numpy.random.Generator
        Source of randomness for what is random at all.

    Returns
    -------
    Evidence
        Numbers only; nothing is judged here.
    """
    sweep = prepare(table, signature)
    frame = frame_of(table, signature, sweep)
    left = lines.residuals(sweep.treatments, sweep.x, sweep.design)
    noise = lines.residual_sd(left)
    margin, source = margin_of(signature, sweep.scale, noise)
    arms = tuple(_arm_evidence(arm, sweep, frame, signature, noise) for arm in sweep.arms)
    notes = sweep.notes + _sample_notes(sweep)
    if not (sweep.enough_levels and enough(sweep.treatments)):
        reason = () if sweep.enough_levels else ("too_few_levels",)
        return _descriptive(sweep, arms, noise * sweep.scale, notes + reason, table)
    effect = lines.mean_effect(sweep.treatments, sweep.design)
    interval = lines.interval(
        effect, lines.mean_ends(sweep.treatments), frame, margin=margin, margin_source=source
    )
    noises = [left] if len(sweep.treatments) == 1 else [_own(arm, sweep) for arm in sweep.treatments]
    shifts = [
        level_shift_pvalue(a.curves, sweep.x, own) for a, own in zip(sweep.treatments, noises, strict=True)
    ]
    if min(shifts) <= SHIFTED:
        notes += ("common_shift",)
    compared = controls.compare_sweep(table, sweep, frame, signature)
    return Evidence(
        design=sweep.design,
        arms=arms,
        trend=lines.trend(sweep.treatments, frame),
        interval=interval,
        slopes=lines.slopes(sweep.treatments, effect, frame, noise_sd=noise),
        control=compared,
        reversal=reversal(sweep.treatments, effect, sweep.levels, frame, rng=rng),
        residual_sd=noise * sweep.scale,
        seeds_needed=_seeds_needed(sweep, effect, interval, signature),
        notes=notes,
        table_notes=_table_notes(table, sweep),
    )


def _own(arm: Arm, sweep: Sweep) -> Residuals:
    return lines.residuals([arm], sweep.x, sweep.design)


def _table_notes(table: SweepTable, sweep: Sweep) -> tuple[TableNote, ...]:
    """Leave out what the evidence says better: copies, and missing cells where every cell is a run of its own."""
    said = {"identical_seeds", "identical_conditions"}
    if sweep.design == "independent":
        said |= {"missing_cells", "missing_at_extreme"}
    return tuple(note for note in table.notes if note.code not in said)


def frame_of(table: SweepTable, signature: Signature, sweep: Sweep) -> Frame:
    """Return what the lines of evidence need to know beside the arms.

    Parameters
    ----------
    table, signature, sweep
        The sweep, what was predicted of it, and its arms.

    Returns
    -------
    Frame
        Design, level, scale and unit.
    """
    name = table.metric
    unit = name if signature.metric_scale == "linear" else f"{signature.metric_scale} {name}"
    return Frame(design=sweep.design, alpha=signature.alpha, scale=sweep.scale, unit=unit)


def margin_of(signature: Signature, scale: float, noise: float) -> tuple[float | None, str | None]:
    """Return the margin on the common scale, and where it comes from.

    Parameters
    ----------
    signature : Signature
        May declare the smallest effect.
    scale : float
        Units of the metric per unit of the common scale.
    noise : float
        Residual sd on the common scale, the margin where none was declared.

    Returns
    -------
    margin : float or None
        None without a declared effect and without noise.
    source : str or None
        ``"min_effect"`` or ``"residual sd"``.
    """
    if signature.min_effect is not None:
        return signature.min_effect / scale, "min_effect"
    return (noise, "residual sd") if noise > 0 else (None, None)


def _descriptive(
    sweep: Sweep, arms: tuple[ArmEvidence, ...], noise: float, notes: tuple[str, ...], table: SweepTable
) -> Evidence:
    return Evidence(
        design=sweep.design,
        arms=arms,
        trend=None,
        interval=None,
        slopes=None,
        control=None,
        reversal=None,
        residual_sd=noise,
        seeds_needed=None,
        notes=notes,
        table_notes=_table_notes(table, sweep),
    )


def _arm_evidence(arm: Arm, sweep: Sweep, frame: Frame, signature: Signature, noise: float) -> ArmEvidence:
    tested = arm.effect if arm.n_seeds >= 3 and sweep.enough_levels else None
    value = arm.effect.estimate if arm.effect else (float(arm.scores[0]) if arm.scores.size else NAN)
    least = signature.min_effect
    seen = (~np.isnan(arm.curves)).any(axis=0)
    raw = (arm.curves * sweep.direction + sweep.centre)[:, seen] * sweep.scale
    return ArmEvidence(
        condition=arm.condition,
        role=arm.role,
        seeds=arm.seeds,
        levels=sweep.levels[seen],
        curves=raw,
        scores=arm.scores * sweep.scale,
        n_seeds=arm.n_seeds,
        effect=frame.estimate(tested) if tested else frame.measured(value),
        tau=float(arm.taus.mean()) if arm.taus.size else NAN,
        pvalue=tested.pvalue_above() if tested else NAN,
        pvalue_opposite=tested.pvalue_below() if tested else NAN,
        pvalue_small=tested.pvalue_below(least / sweep.scale) if tested and least is not None else NAN,
        shown=tested is not None and arm.role == "treatment" and _shows(arm, tested, frame, noise),
        n_copies=arm.n_copies,
        n_excluded=arm.n_excluded,
    )


def _shows(arm: Arm, effect: Combination, frame: Frame, noise: float) -> bool:
    """Return whether all three lines hold for one treatment on its own."""
    alpha = frame.alpha
    if not effect.pvalue_above() <= alpha:
        return False
    rank = lines.trend([arm], frame).pvalue
    return rank <= alpha and lines.prob_positive([arm], effect, frame.design, noise_sd=noise) >= 1.0 - alpha


def _sample_notes(sweep: Sweep) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if sweep.design == "repeated" and any(3 <= arm.n_seeds <= FEW_SEEDS for arm in sweep.arms):
        notes += ("small_sample",)
    if any(skewness_pvalue(arm.scores) <= SKEWED for arm in sweep.arms):
        notes += ("skewed_scores",)
    return notes


def _seeds_needed(
    sweep: Sweep, effect: Combination, interval: IntervalEvidence, signature: Signature
) -> SeedsNeeded | None:
    """Return the seeds at which the declared effect, never the observed one, would be found."""
    if interval.margin is None or interval.margin_source is None:
        return None
    target = interval.margin / sweep.scale
    spread = effect.variance * effect.n_seeds
    df_ratio = effect.df / max(effect.n_seeds - 1, 1)
    wanted = {"treatment": seeds_for_power(target, spread, df_ratio, alpha=signature.alpha, power=POWER)}
    if sweep.controls and enough(sweep.controls):
        quiet = signature.quiet_fraction
        other = lines.mean_effect(sweep.controls, sweep.design)
        both = quiet**2 * spread + other.variance * other.n_seeds
        df_both = min(df_ratio, other.df / max(other.n_seeds - 1, 1))
        wanted["control"] = seeds_for_power(quiet * target, both, df_both, alpha=signature.alpha, power=POWER)
    bottleneck = max(wanted, key=lambda side: np.inf if wanted[side] is None else float(wanted[side] or 0))
    return SeedsNeeded(
        n_seeds=wanted[bottleneck],
        effect=interval.margin,
        effect_source=interval.margin_source,
        power=POWER,
        bottleneck=bottleneck,
    )
