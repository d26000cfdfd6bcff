"""Stage 3: SweepTable and Signature in, Evidence out."""

import functools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigstats.data.table.sweep import SweepTable, TableNote
from sigstats.evidence import control as controls
from sigstats.evidence import disagreement, lines
from sigstats.evidence import majority as majorities
from sigstats.evidence.claim import Claim, make_claim
from sigstats.evidence.conditions import Condition, Sweep, enough, prepare
from sigstats.evidence.leverage import heeding_ranks, scale_hints
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.lost import lost_cells
from sigstats.evidence.near_end import interval_with_ends
from sigstats.evidence.negative_controls import negative_controls
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import (
    ArmEvidence,
    ControlEvidence,
    Evidence,
    IntervalEvidence,
    NegativeControls,
    SeedsNeeded,
)
from sigstats.evidence.reversal import reversal
from sigstats.evidence.scales import knob_scale, metric_scale
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import SingleTableError, agreed, beside, plain, seen_cells
from sigstats.stats.scores.combine import FEWEST_RUNS, Combination, levels_with_weight
from sigstats.stats.scores.level_shift import level_shift_pvalue
from sigstats.stats.scores.linear import Residuals
from sigstats.stats.scores.power import seeds_for_power
from sigstats.stats.scores.skewness import skewness_pvalue

FloatArray = NDArray[np.float64]

POWER = 0.8
SKEWED = 0.1
SHIFTED = 0.001
FEW_SEEDS = 5
NAN = float("nan")


def gather(
    table: SweepTable,
    signature: Signature,
    *,
    rng: np.random.Generator,
    prior_scale: float = 1.0,
    brief: bool = False,
) -> Evidence:
    """Compute every statistic that the signature asks for; if brief, only those that can change status or reasons."""
    sweep = prepare(table, signature)
    single = sweep.conditions[0].curves.ndim == 2
    if not single and (signature.across_seeds == "majority" or signature.calibrate):
        raise SingleTableError
    if signature.across_seeds == "majority":
        majorities.check(sweep)
    # Below the smallest level with known critical values nothing is tested; the scores are still shown.
    shown = replace(signature, alpha=max(signature.alpha, signature.shape.least_alpha))
    claim = _claim(table, sweep, shown, rng, prior_scale, brief=brief)
    evidence = _on_the_mean(table, sweep, claim, signature, rng)
    if signature.across_seeds == "majority":
        return majorities.by_majority(evidence, table, claim, signature)
    return evidence


def _on_the_mean(
    table: SweepTable, sweep: Sweep, claim: Claim, signature: Signature, rng: np.random.Generator
) -> Evidence:
    """Compute the evidence on the mean over seeds."""
    shape, main, setting = signature.shape, claim.main, claim.setting
    left = lines.residuals(sweep.treatments, sweep.x, sweep.design)
    noise = lines.residual_sd(left)
    spread = noise if main is sweep else 0.0
    enough_levels, known = sweep.enough_levels(shape), signature.alpha >= shape.least_alpha
    testable = enough_levels and known
    conditions = tuple(
        _condition_evidence(condition, each, claim, signature, spread, testable=testable)
        for condition, each in zip(sweep.conditions, main.conditions, strict=True)
    )
    notes = sweep.notes + (() if setting.brief else _sample_notes(main))
    if any(each.groups for each in conditions):
        notes += (Reason.SEEDS_DISAGREE,)
    if not (testable and enough(main.treatments)):
        notes += () if enough_levels else (Reason.TOO_FEW_LEVELS,)
        notes += () if known else (Reason.ALPHA_TOO_SMALL,)
        return _descriptive(sweep, conditions, noise * sweep.scale, notes, table, signature)
    effect = lines.mean_effect(main.treatments, setting.design)
    curved = shape.is_trend and not sweep.two_levels
    margin, source = margin_of(signature, sweep) if _has_margin(signature, sweep) else (None, None)
    ends = lines.mean_ends(sweep.treatments) if curved else None
    interval = lines.interval(effect, ends, setting, margin=margin, margin_source=source)
    if curved:
        interval = heeding_ranks(interval, sweep, setting)
    if not setting.brief:
        notes += scale_hints(sweep, signature, [arm.curves for arm in conditions])
    # Shifts of levels decide where the levels are runs of their own; elsewhere they are a note.
    if curved and (sweep.design == "independent" or not setting.brief) and _shifted(sweep, left):
        notes += (Reason.COMMON_SHIFT,)
    turn = None
    if curved and not claim.clauses:
        turn = reversal(sweep.treatments, effect, sweep.levels, setting, rng=rng)
    bounded = interval if shape.is_trend else claim.bounded(interval, margin)
    near = claim.near_end(bounded, margin)
    clauses = claim.evidence(sweep, near)
    control = _compared(table, sweep, claim, signature)
    nominal = next((each.pvalue for each in clauses if each.kind == "primary"), interval.pvalue)
    return Evidence(
        design=sweep.design,
        arms=conditions,
        sides=claim.sides,
        orientation=sweep.orientation,
        ranges=sweep.ranges,
        control_apart=sweep.apart,
        trend=lines.trend(sweep.treatments, setting) if curved else None,
        interval=interval_with_ends(bounded, near if claim.has_splits else None),
        slopes=lines.slopes(main.treatments, effect, setting, noise_sd=spread),
        clauses=clauses,
        near_end=near,
        control_departs=claim.departure(sweep),
        location=None if setting.brief else claim.location(sweep),
        law=None if setting.brief else claim.law(sweep),
        other_scales=() if setting.brief else claim.other_scales(sweep),
        control=control,
        negative_controls=_negative_controls(sweep, claim, nominal)
        if control and signature.calibrate
        else None,
        reversal=turn,
        unseen=None if setting.brief else disagreement.unseen(sweep, main, signature, margin),
        residual_sd=noise * sweep.scale,
        seeds_needed=None if setting.brief else _seeds_needed(main, claim, effect, interval, signature),
        notes=notes,
        table_notes=_table_notes(table, sweep, signature),
        level_names=_level_names(table, signature),
        lost=lost_cells(table, conditions, signature) if sweep.design == "repeated" else None,
    )


def _level_names(table: SweepTable, signature: Signature) -> tuple[tuple[float, str], ...]:
    """Return the names of the levels, which shares of a range do not have."""
    return () if knob_scale(signature) == "fraction" else table.level_names


def _has_margin(signature: Signature, sweep: Sweep) -> bool:
    """Return whether an effect can be called small: the default margin is the noise about a line, in the metric."""
    shape = signature.shape
    by_default = shape.unit == "metric" and not sweep.two_levels
    return shape.sized and (by_default or signature.min_effect is not None)


def _shifted(sweep: Sweep, left: Residuals) -> bool:
    """Return whether the levels of some treatment are shifted for all its seeds alike."""
    noises = [left] if len(sweep.treatments) == 1 else [_own(each, sweep) for each in sweep.treatments]
    shifts = [
        level_shift_pvalue(a.curves, sweep.x, own) for a, own in zip(sweep.treatments, noises, strict=True)
    ]
    return agreed(functools.reduce(np.minimum, shifts) <= SHIFTED)


def _compared(table: SweepTable, sweep: Sweep, claim: Claim, signature: Signature) -> ControlEvidence | None:
    """Compare treatments and controls by the score that the shape names."""
    if signature.shape.positive_control:
        return None
    first, *others = claim.for_control(sweep, largest=False)
    largest = claim.for_control(sweep, largest=True) if claim.seeks_control else ()
    return controls.compare_sweep(table, first, claim.setting, signature, *others, largest=largest)


def _negative_controls(sweep: Sweep, claim: Claim, nominal: float) -> NegativeControls | None:
    """Return what many controls say of the effect, each condition at its own place."""
    return negative_controls(claim.for_control(sweep, largest=claim.seeks_control), claim.setting, nominal)


def _own(condition: Condition, sweep: Sweep) -> Residuals:
    return lines.residuals([condition], sweep.x, sweep.design)


def _table_notes(table: SweepTable, sweep: Sweep, signature: Signature) -> tuple[TableNote, ...]:
    """Leave out what the evidence says better: copies, and missing cells where every cell is a run of its own."""
    level_wise = signature.shape.level_wise
    said = {"identical_conditions"} if sweep.two_levels else {"identical_seeds", "identical_conditions"}
    if sweep.design == "independent":
        said |= {"missing_cells", "missing_at_extreme"}
    lone = _lone_runs(table, sweep, level_wise=level_wise) if sweep.design == "independent" else ()
    return tuple(note for note in table.notes if note.code not in said) + lone


def _lone_runs(table: SweepTable, sweep: Sweep, *, level_wise: bool) -> tuple[TableNote, ...]:
    """Return a note on levels with so few runs that they carry no weight, in a condition that has more at others."""
    lone = np.zeros(sweep.levels.size, dtype=bool)
    for each in sweep.conditions:
        counts = seen_cells(each.curves).sum(axis=0)
        used = counts >= 2 if level_wise else levels_with_weight(counts)
        if used.any():
            lone |= (counts > 0) & ~used
    if not lone.any():
        return ()
    named = dict(table.level_names)
    levels = ", ".join(named.get(level, f"{level:g}") for level in sweep.levels[lone].tolist())
    fewest = 2 if level_wise else FEWEST_RUNS
    where = f"the level {levels}" if lone.sum() == 1 else f"the levels {levels}"
    message = (
        f"a condition has fewer than {fewest} runs at {where} of {table.knob!r}; they carry no weight in the size of "
        "the effect and its tests"
    )
    return (TableNote(code="lone_runs", message=message, count=int(lone.sum())),)


def setting_of(table: SweepTable, signature: Signature, sweep: Sweep) -> LineSetting:
    """Return what the lines of evidence need to know besides the conditions."""
    shape = signature.shape
    unit = _metric_unit(table, signature)
    return LineSetting(
        design=sweep.design,
        alpha=signature.alpha / (2 if shape.two_sided else 1),
        scale=sweep.scale,
        unit=unit if shape.unit == "metric" else shape.unit,
    )


def _metric_unit(table: SweepTable, signature: Signature) -> str:
    scale = metric_scale(signature)
    return table.metric if scale == "linear" else f"{scale} {table.metric}"


def margin_of(signature: Signature, sweep: Sweep) -> tuple[float | None, str | None]:
    """Return the margin on the common scale, and where it comes from."""
    if signature.min_effect is not None:
        return signature.min_effect / sweep.scale, "min_effect"
    noise = lines.typical_sd(sweep.treatments, sweep.x, sweep.design)
    return (noise, "residual sd") if agreed(noise > 0) else (None, None)


def _descriptive(
    sweep: Sweep,
    conditions: tuple[ArmEvidence, ...],
    noise: float,
    notes: tuple[Reason, ...],
    table: SweepTable,
    signature: Signature,
) -> Evidence:
    return Evidence(
        design=sweep.design,
        arms=conditions,
        sides=1,
        orientation=sweep.orientation,
        ranges=sweep.ranges,
        control_apart=sweep.apart,
        trend=None,
        interval=None,
        slopes=None,
        clauses=(),
        near_end=None,
        control_departs=None,
        location=None,
        control=None,
        reversal=None,
        residual_sd=noise,
        seeds_needed=None,
        notes=notes,
        table_notes=_table_notes(table, sweep, signature),
        level_names=_level_names(table, signature),
    )


def _condition_evidence(
    condition: Condition,
    scored: Condition,
    claim: Claim,
    signature: Signature,
    noise: float,
    *,
    testable: bool,
) -> ArmEvidence:
    """Return one condition: its curves as they are, and its scores by the claim."""
    sweep, setting = claim.sweep, claim.setting
    tested = scored.effect if scored.n_seeds >= 3 and testable else None
    # Of conditions on their own only a small effect, of several treatments, decides.
    told = not setting.brief
    asked_small = told or (condition.role == "treatment" and len(sweep.treatments) > 1)
    value = (
        scored.effect.estimate
        if scored.effect
        else (plain(scored.scores[..., 0]) if scored.scores.size else NAN)
    )
    least = signature.min_effect if signature.shape.sized else None
    asked = tested is not None and _asked_alone(condition, signature)
    alone = _alone(condition, tested, claim, noise) if asked and tested else (NAN, NAN)
    seen = seen_cells(condition.curves).any(axis=0)
    raw = (condition.curves * sweep.orientation + beside(sweep.centre, 2))[..., seen] * beside(sweep.scale, 2)
    return ArmEvidence(
        condition=condition.name,
        role=condition.role,
        seeds=condition.seeds,
        scored_seeds=scored.seeds,
        levels=sweep.levels[seen],
        curves=raw,
        scores=scored.scores * beside(sweep.scale, 1),
        n_seeds=condition.n_seeds,
        n_showing=None if setting.brief else disagreement.n_above(scored.scores, signature.shape, 0.0),
        n_reaching=None
        if setting.brief
        else disagreement.n_above(scored.scores, signature.shape, least, scale=sweep.scale),
        groups=None
        if setting.brief
        else disagreement.groups_of(scored, signature.shape, noise_sd=noise, scale=sweep.scale),
        effect=setting.estimate(tested) if tested and told else setting.measured(value),
        tau=plain(condition.taus.mean(axis=-1)) if condition.taus.size else NAN,
        pvalue=tested.pvalue_above() if tested and told else NAN,
        pvalue_opposite=tested.pvalue_below() if tested and told else NAN,
        pvalue_small=claim.small_alone(condition, tested, least / sweep.scale)
        if tested and least is not None and asked_small
        else NAN,
        claim_pvalue=alone[0],
        claim_prob_positive=alone[1],
        claim_pvalue_refuted=claim.refuted_alone(condition) if asked else NAN,
        n_copies=condition.n_copies,
        n_equal=condition.n_equal,
        n_excluded=condition.n_excluded,
        short=condition.short,
        swept=condition.swept,
        n_trimmed=condition.n_trimmed,
    )


def _alone(condition: Condition, effect: Combination, claim: Claim, noise: float) -> tuple[float, float]:
    """Return the largest p-value and the least probability of what must be shown, in one treatment on its own."""
    setting, found = claim.setting, claim.alone(condition)
    pvalues, chances = [each.pvalue for each in found], [each.prob_positive for each in found]
    if claim.primary is None:
        pvalues += [effect.pvalue_above(), lines.trend([condition], setting).pvalue]
        chances.append(
            lines.prob_positive(
                [condition], effect, setting.design, noise_sd=noise, prior_scale=setting.prior_scale
            )
        )
    # A missing number stays one.
    return plain(functools.reduce(np.maximum, pvalues)), plain(functools.reduce(np.minimum, chances))


def _asked_alone(condition: Condition, signature: Signature) -> bool:
    """Return whether something depends on what one condition shows on its own."""
    return condition.role == "treatment" and (signature.across == "each" or not signature.shape.sized)


def _sample_notes(sweep: Sweep) -> tuple[Reason, ...]:
    notes: tuple[Reason, ...] = ()
    if sweep.design == "repeated" and any(3 <= each.n_seeds <= FEW_SEEDS for each in sweep.conditions):
        notes += (Reason.SMALL_SAMPLE,)
    if any(skewness_pvalue(each.scores) <= SKEWED for each in sweep.conditions):
        notes += (Reason.SKEWED_SCORES,)
    return notes


def _seeds_needed(
    sweep: Sweep, claim: Claim, effect: Combination, interval: IntervalEvidence, signature: Signature
) -> SeedsNeeded | None:
    """Return the seeds at which the declared effect, never the observed one, would be found."""
    asked = claim.asked_power(interval, effect)
    if asked is None:
        return None
    target, spread, df_ratio = asked
    alpha = claim.setting.alpha
    wanted = {"treatment": seeds_for_power(target, spread, df_ratio, alpha=alpha, power=POWER)}
    if sweep.controls and enough(sweep.controls) and not signature.shape.positive_control:
        quiet = signature.quiet_fraction
        other = lines.mean_effect(sweep.controls, claim.setting.design)
        both = quiet**2 * spread + other.variance * other.n_seeds
        df_both = min(df_ratio, other.df / max(other.n_seeds - 1, 1))
        # A control that may lack the shape in two ways has half the error rate for each.
        alpha /= 2 if signature.shape.departs_by else 1
        wanted["control"] = seeds_for_power(quiet * target, both, df_both, alpha=alpha, power=POWER)
    bottleneck = max(wanted, key=lambda side: np.inf if wanted[side] is None else float(wanted[side] or 0))
    return SeedsNeeded(
        n_seeds=wanted[bottleneck],
        effect=target * sweep.scale,
        effect_source="margin" if interval.margin_source is None else interval.margin_source,
        power=POWER,
        bottleneck=bottleneck,
    )


def _claim(
    table: SweepTable,
    sweep: Sweep,
    signature: Signature,
    rng: np.random.Generator,
    prior_scale: float,
    *,
    brief: bool,
) -> Claim:
    setting, metric = setting_of(table, signature, sweep), _metric_unit(table, signature)
    setting = replace(setting, prior_scale=prior_scale, brief=brief)
    return make_claim(sweep, setting, signature, metric, rng)
