"""Stage 4, first half: hold every number against its bound.

Each comparison becomes a `Criterion`. A number that is missing (NaN) meets no bound, so that missing evidence
can never turn into a claim.
"""

import math

from sigstats.evidence import ArmEvidence, ClauseEvidence, ControlEvidence, Evidence
from sigstats.signature.signature import Signature
from sigstats.verdict.rules import Clause, Criterion, Findings, Reason, State

_RELATIONS = {
    "<=": lambda value, bound: value <= bound,
    "<": lambda value, bound: value < bound,
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
}


def criterion(name: str, value: float, relation: str, bound: float) -> Criterion:
    """Compare a value with a bound."""
    met = not math.isnan(value) and not math.isnan(bound) and bool(_RELATIONS[relation](value, bound))
    return Criterion(name=name, value=value, relation=relation, bound=bound, met=met)


def weigh(evidence: Evidence, signature: Signature) -> tuple[Findings, tuple[Criterion, ...]]:
    """Turn evidence into findings."""
    alpha = signature.alpha / evidence.sides
    seeds = [criterion(f"seeds[{arm.condition}]", float(arm.n_seeds), ">=", 3.0) for arm in evidence.arms]
    too_few: tuple[Reason, ...] = () if all(each.met for each in seeds) else (Reason.TOO_FEW_SEEDS,)
    if "too_few_levels" in evidence.notes:
        too_few += (Reason.TOO_FEW_LEVELS,)
    if evidence.interval is None and not too_few:
        too_few = (Reason.TOO_FEW_SEEDS,)
    levels = _levelwise(evidence, signature)
    lines = _primary(evidence, signature, alpha)
    size = _size(evidence, alpha) if signature.shape.sized else ()
    turning = _turning(evidence)
    beside = _clauses(evidence, signature.alpha)
    # A control that may lack the shape in two ways has half the error rate for each.
    either = evidence.control is not None and evidence.control_departs is not None
    control = _control(evidence.control, alpha / 2 if either else alpha)
    single = _single_controls(evidence.control, alpha)
    treatments = _treatments(evidence, signature)
    each_alone = _each_alone(evidence, signature)
    estimate = _estimate(evidence, signature)
    departs = _departs(evidence.control_departs, signature.alpha / 2 if either else signature.alpha)
    shift = evidence.design == "independent" and "common_shift" in evidence.notes
    met = {each.name: each.met for each in (*lines, *size, *turning, *beside, *control, *estimate, *departs)}
    shown = bool(lines) and all(each.met for each in lines if "refuted" not in each.name) and not shift
    small = met.get("small_pvalue", False) and not met.get("late_jump_pvalue", False)
    denied = bool(levels) and met.get(f"{levels[0].name}_refuted_pvalue", False)
    findings = Findings(
        too_few=too_few,
        reverses=bool(turning) and all(each.met for each in turning) and not shift,
        primary=State.SHOWN if shown else State.UNRESOLVED,
        opposite=met.get("opposite_pvalue", False) and not shift,
        small=denied if levels else small and not shift,
        denied=Reason(levels[0].reason) if levels else Reason.BELOW_MIN_EFFECT,
        unresolved=_why_unresolved(evidence, lines, shift=shift),
        min_effect_declared=signature.min_effect is not None and signature.shape.sized,
        artifact=met.get("control_artifact_pvalue", False) and met.get("control_also_pvalue", True),
        responds=_responds(evidence, single, met),
        clauses=(*_states(evidence, met), *_each_treatment(evidence, signature)),
        treatment_refuted=any(each.met for each in treatments),
        below_min_effect=bool(estimate) and not met["effect"],
        control_clear=_control_clear(evidence, signature, met),
    )
    criteria = (
        *seeds,
        *lines,
        *size,
        *turning,
        *beside,
        *control,
        *single,
        *departs,
        *treatments,
        *each_alone,
        *estimate,
    )
    return findings, criteria


def _levelwise(evidence: Evidence, signature: Signature) -> tuple[ClauseEvidence, ...]:
    """Return the primary clause where it is about every level, so that one level outside refutes it."""
    if signature.shape.sized:
        return ()
    return tuple(each for each in evidence.clauses if each.kind == "primary")


def _primary(evidence: Evidence, signature: Signature, alpha: float) -> tuple[Criterion, ...]:
    if evidence.interval is None or evidence.slopes is None:
        return ()
    if evidence.trend is None:
        return _scored(evidence, signature, alpha)
    return (
        criterion("trend_pvalue", evidence.trend.pvalue, "<=", alpha),
        criterion("interval_low", evidence.interval.estimate.low, ">", 0.0),
        criterion("slopes_prob_positive", evidence.slopes.prob_positive, ">=", 1.0 - alpha),
    )


def _scored(evidence: Evidence, signature: Signature, alpha: float) -> tuple[Criterion, ...]:
    """Hold the primary clause of a shape that is no trend against its bounds."""
    found = next(each for each in evidence.clauses if each.kind == "primary")
    shown = (
        criterion(f"{found.name}_pvalue", found.pvalue, "<=", alpha),
        criterion(f"{found.name}_prob_positive", found.prob_positive, ">=", 1.0 - alpha),
    )
    if signature.shape.sized:
        return shown
    return (*shown, criterion(f"{found.name}_refuted_pvalue", found.pvalue_refuted, "<=", alpha))


def _clauses(evidence: Evidence, alpha: float) -> tuple[Criterion, ...]:
    """Hold the clauses beside the primary one against their bounds."""
    found: list[Criterion] = []
    for each in evidence.clauses:
        if each.kind == "required":
            found.append(criterion(f"{each.name}_pvalue", each.pvalue, "<=", alpha))
            found.append(criterion(f"{each.name}_prob_positive", each.prob_positive, ">=", 1.0 - alpha))
        if each.kind != "primary":
            found.append(criterion(f"{each.name}_refuted_pvalue", each.pvalue_refuted, "<=", alpha))
    return tuple(found)


def _states(evidence: Evidence, met: dict[str, bool]) -> tuple[Clause, ...]:
    """Return the states of the clauses beside the primary one."""
    return tuple(_state(each, met) for each in evidence.clauses if each.kind != "primary")


def _state(found: ClauseEvidence, met: dict[str, bool]) -> Clause:
    required = found.kind == "required"
    shown = required and met[f"{found.name}_pvalue"] and met[f"{found.name}_prob_positive"]
    refuted = met[f"{found.name}_refuted_pvalue"]
    return Clause(
        name=found.name,
        required=required,
        state=State.SHOWN if shown else State.REFUTED if refuted else State.UNRESOLVED,
        refuted=Reason(found.reason),
        unresolved=Reason(found.name) if required else Reason(found.reason),
    )


def _departs(found: ClauseEvidence | None, alpha: float) -> tuple[Criterion, ...]:
    """Hold a control that must depart from the shape against its bounds."""
    if found is None:
        return ()
    return (
        criterion("control_departs_pvalue", found.pvalue_refuted, "<=", alpha),
        criterion("control_also_pvalue", found.pvalue, "<=", alpha),
    )


def _responds(evidence: Evidence, single: tuple[Criterion, ...], met: dict[str, bool]) -> bool:
    """Return whether the control shows what only the treatment should show."""
    if evidence.control is None:
        return met.get("control_also_pvalue", False)
    responds = met["control_responds_pvalue"] or any(each.met for each in single)
    return responds and met.get("control_also_pvalue", True)


def _size(evidence: Evidence, alpha: float) -> tuple[Criterion, ...]:
    interval = evidence.interval
    if interval is None:
        return ()
    opposite = criterion("opposite_pvalue", interval.pvalue_opposite, "<=", alpha)
    if interval.margin is None:
        return (opposite,)
    small = criterion("small_pvalue", interval.pvalue_small, "<=", alpha)
    if evidence.trend is None:
        return (opposite, small)
    return (opposite, small, criterion("late_jump_pvalue", interval.pvalue_late, "<=", alpha))


def _turning(evidence: Evidence) -> tuple[Criterion, ...]:
    turning = evidence.reversal
    if turning is None:
        return ()
    return (
        criterion("reversal_fall", turning.statistic, ">", turning.critical_value),
        criterion("reversal_rise", turning.rise_statistic, ">", turning.rise_critical_value),
    )


def _control(control: ControlEvidence | None, alpha: float) -> tuple[Criterion, ...]:
    if control is None:
        return ()
    contrasts = (control.specific, control.quiet, control.responds, control.artifact)
    named = tuple(criterion(f"control_{each.name}_pvalue", each.pvalue, "<=", alpha) for each in contrasts)
    return (*named, criterion("control_opposite_pvalue", control.pvalue_opposite, "<=", alpha))


def _single_controls(control: ControlEvidence | None, alpha: float) -> tuple[Criterion, ...]:
    if control is None or len(control.single_responds) < 2:
        return ()
    return tuple(
        criterion(f"control_responds_pvalue[{name}]", pvalue, "<=", alpha)
        for name, pvalue in control.single_responds
    )


def _treatments(evidence: Evidence, signature: Signature) -> tuple[Criterion, ...]:
    """Hold each of several treatments below the declared effect, by Holm's procedure."""
    arms = _treated(evidence)
    if not _sized(signature) or len(arms) < 2 or evidence.interval is None:
        return ()
    order = sorted(arms, key=lambda arm: (math.isnan(arm.pvalue_small), arm.pvalue_small))
    criteria, open_so_far = [], True
    for position, arm in enumerate(order):
        each = criterion(
            f"small_pvalue[{arm.condition}]",
            arm.pvalue_small,
            "<=",
            signature.alpha / evidence.sides / (len(order) - position),
        )
        open_so_far = open_so_far and each.met
        criteria.append(each if open_so_far == each.met else _unmet(each))
    return tuple(criteria)


def _unmet(each: Criterion) -> Criterion:
    return Criterion(name=each.name, value=each.value, relation=each.relation, bound=each.bound, met=False)


def _estimate(evidence: Evidence, signature: Signature) -> tuple[Criterion, ...]:
    if signature.min_effect is None or not signature.shape.sized or evidence.interval is None:
        return ()
    return (criterion("effect", evidence.interval.estimate.value, ">=", signature.min_effect),)


def _sized(signature: Signature) -> bool:
    return signature.min_effect is not None and signature.shape.sized


def _why_unresolved(evidence: Evidence, lines: tuple[Criterion, ...], *, shift: bool) -> tuple[Reason, ...]:
    if shift:
        return (Reason.COMMON_SHIFT,)
    lines = tuple(each for each in lines if "refuted" not in each.name)
    if any(math.isnan(each.value) for each in lines):
        return (Reason.TOO_FEW_SEEDS if _untested(evidence) else Reason.ZERO_VARIANCE,)
    if any(each.met for each in lines):
        return (Reason.LINES_DISAGREE,)
    return (Reason.UNDERPOWERED,)


def _untested(evidence: Evidence) -> bool:
    """Return whether some part of the primary clause had too few seeds for a test, as where few saw its level."""
    return any(each.kind == "primary" and each.n_seeds == 0 for each in evidence.clauses)


def _alone(arm: ArmEvidence, evidence: Evidence, signature: Signature) -> tuple[Criterion, Criterion]:
    """Hold the primary clause in one treatment on its own against its bounds."""
    alpha = signature.alpha / evidence.sides
    return (
        criterion(f"claim_pvalue[{arm.condition}]", arm.claim_pvalue, "<=", alpha),
        criterion(f"claim_prob_positive[{arm.condition}]", arm.claim_prob_positive, ">=", 1.0 - alpha),
    )


def _shown_alone(arm: ArmEvidence, evidence: Evidence, signature: Signature) -> bool:
    return all(each.met for each in _alone(arm, evidence, signature))


def _each_alone(evidence: Evidence, signature: Signature) -> tuple[Criterion, ...]:
    if signature.across != "each":
        return ()
    return tuple(each for arm in _treated(evidence) for each in _alone(arm, evidence, signature))


def _treated(evidence: Evidence) -> tuple[ArmEvidence, ...]:
    return tuple(arm for arm in evidence.arms if arm.role == "treatment")


def _each_treatment(evidence: Evidence, signature: Signature) -> tuple[Clause, ...]:
    if signature.across != "each":
        return ()
    return tuple(
        Clause(
            name=f"each_treatment[{arm.condition}]",
            required=True,
            state=State.SHOWN if _shown_alone(arm, evidence, signature) else State.UNRESOLVED,
            refuted=Reason.EACH_TREATMENT,
            unresolved=Reason.EACH_TREATMENT,
        )
        for arm in _treated(evidence)
    )


def _control_clear(evidence: Evidence, signature: Signature, met: dict[str, bool]) -> bool | None:
    if not signature.control:
        return None
    if met.get("control_departs_pvalue", False):
        return True
    if evidence.control is None or evidence.control.at_bound:
        return False
    return met["control_specific_pvalue"] and met["control_quiet_pvalue"]


def notes(evidence: Evidence, signature: Signature, findings: Findings) -> tuple[Reason, ...]:
    """Return what the reader must know beside the reasons."""
    found = []
    if not signature.control:
        found.append(Reason.UNCONTROLLED)
    control = evidence.control
    if _goes_other_way(evidence, signature):
        found.append(Reason.CONTROL_OPPOSITE)
    if control is not None and control.at_bound:
        found.append(Reason.CONTROL_AT_BOUND)
    if findings.primary is State.SHOWN and not _shown_by_all(evidence, signature):
        found.append(Reason.AVERAGE_ONLY)
    # A curve that is shown to turn is neither smooth nor monotone; that alone is no sign of a shift.
    explained = {Reason.TOO_FEW_LEVELS} | ({Reason.COMMON_SHIFT} if findings.reverses else set())
    found += [Reason(code) for code in evidence.notes if code not in explained]
    if evidence.table_notes:
        found.append(Reason.TABLE_NOTES)
    return tuple(dict.fromkeys(found))


def _goes_other_way(evidence: Evidence, signature: Signature) -> bool:
    """Return whether the control of a plain trend is shown to go the other way."""
    if evidence.control is None or evidence.trend is None or evidence.clauses:
        return False
    return criterion("opposite", evidence.control.pvalue_opposite, "<=", signature.alpha).met


def _shown_by_all(evidence: Evidence, signature: Signature) -> bool:
    """Return whether every treatment shows on its own what their mean shows: an effect above 0, or every level."""
    treatments = _treated(evidence)
    if signature.shape.sized:
        return all(criterion("low", arm.effect.low, ">", 0.0).met for arm in treatments)
    return len(treatments) < 2 or all(_shown_alone(arm, evidence, signature) for arm in treatments)


def scope(evidence: Evidence, findings: Findings) -> tuple[float, float] | None:
    """Return the part of the knob's range in which the shape holds."""
    if findings.too_few:
        return None
    if findings.reverses and evidence.reversal is not None:
        return evidence.reversal.scope
    if findings.primary is not State.SHOWN:
        return None
    swept = [evidence.tested_levels(arm) for arm in _treated(evidence)]
    low = max(float(levels[0]) for levels in swept)
    high = min(float(levels[-1]) for levels in swept)
    return (low, high) if low < high else None
