"""Stage 4, first half: hold every number against its bound.

Each comparison becomes a `Criterion`. A number that is missing (NaN) meets no bound, so that missing evidence
can never turn into a claim.
"""

import math

from sigstats.evidence import ArmEvidence, ControlEvidence, Evidence
from sigstats.signature import Signature
from sigstats.verdict import Clause, Criterion, Findings, Reason, State

_RELATIONS = {
    "<=": lambda value, bound: value <= bound,
    "<": lambda value, bound: value < bound,
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
}


def criterion(name: str, value: float, relation: str, bound: float) -> Criterion:
    """Compare a value with a bound.

    Parameters
    ----------
    name : str
        What is compared.
    value : float
        The number in hand.
    relation : {"<=", "<", ">=", ">"}
        The comparison.
    bound : float
        What it is held against.

    Returns
    -------
    Criterion
        Not met when either number is missing.

    Examples
    --------
    >>> criterion("trend_pvalue", 0.01, "<=", 0.05).met
    True
    >>> criterion("trend_pvalue", float("nan"), "<=", 0.05).met
    False
    """
    met = not math.isnan(value) and not math.isnan(bound) and bool(_RELATIONS[relation](value, bound))
    return Criterion(name=name, value=value, relation=relation, bound=bound, met=met)


def weigh(evidence: Evidence, signature: Signature) -> tuple[Findings, tuple[Criterion, ...]]:
    """Turn evidence into findings.

    Parameters
    ----------
    evidence : Evidence
        The numbers.
    signature : Signature
        The bounds: alpha, smallest effect, quiet fraction, across.

    Returns
    -------
    findings : Findings
        What the verdict depends on.
    criteria : tuple of Criterion
        Every comparison that was made.
    """
    alpha = signature.alpha
    seeds = [criterion(f"seeds[{arm.condition}]", float(arm.n_seeds), ">=", 3.0) for arm in evidence.arms]
    too_few: tuple[Reason, ...] = () if all(each.met for each in seeds) else (Reason.TOO_FEW_SEEDS,)
    if "too_few_levels" in evidence.notes:
        too_few += (Reason.TOO_FEW_LEVELS,)
    if evidence.interval is None and not too_few:
        too_few = (Reason.TOO_FEW_SEEDS,)
    lines = _primary(evidence, alpha)
    size = _size(evidence, alpha)
    turning = _turning(evidence)
    control = _control(evidence.control, alpha)
    single = _single_controls(evidence.control, alpha)
    treatments = _treatments(evidence, signature)
    estimate = _estimate(evidence, signature)
    shift = evidence.design == "independent" and "common_shift" in evidence.notes
    met = {each.name: each.met for each in (*lines, *size, *turning, *control, *estimate)}
    shown = bool(lines) and all(each.met for each in lines) and not shift
    findings = Findings(
        too_few=too_few,
        reverses=bool(turning) and all(each.met for each in turning) and not shift,
        primary=State.SHOWN if shown else State.UNRESOLVED,
        opposite=met.get("opposite_pvalue", False) and not shift,
        small=met.get("small_pvalue", False) and not met.get("late_jump_pvalue", False) and not shift,
        unresolved=_why_unresolved(lines, shift=shift),
        min_effect_declared=signature.min_effect is not None,
        artifact=met.get("control_artifact_pvalue", False),
        responds=met.get("control_responds_pvalue", False) or any(each.met for each in single),
        clauses=_each_treatment(evidence, signature),
        treatment_refuted=any(each.met for each in treatments),
        below_min_effect=bool(estimate) and not met["effect"],
        control_clear=_control_clear(evidence, signature, met),
    )
    return findings, (*seeds, *lines, *size, *turning, *control, *single, *treatments, *estimate)


def _primary(evidence: Evidence, alpha: float) -> tuple[Criterion, ...]:
    if evidence.trend is None or evidence.interval is None or evidence.slopes is None:
        return ()
    return (
        criterion("trend_pvalue", evidence.trend.pvalue, "<=", alpha),
        criterion("interval_low", evidence.interval.estimate.low, ">", 0.0),
        criterion("slopes_prob_positive", evidence.slopes.prob_positive, ">=", 1.0 - alpha),
    )


def _size(evidence: Evidence, alpha: float) -> tuple[Criterion, ...]:
    interval = evidence.interval
    if interval is None:
        return ()
    opposite = criterion("opposite_pvalue", interval.pvalue_opposite, "<=", alpha)
    if interval.margin is None:
        return (opposite,)
    small = criterion("small_pvalue", interval.pvalue_small, "<=", alpha)
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
    arms = [arm for arm in evidence.arms if arm.role == "treatment"]
    if signature.min_effect is None or len(arms) < 2 or evidence.interval is None:
        return ()
    order = sorted(arms, key=lambda arm: (math.isnan(arm.pvalue_small), arm.pvalue_small))
    criteria, open_so_far = [], True
    for position, arm in enumerate(order):
        each = criterion(
            f"small_pvalue[{arm.condition}]",
            arm.pvalue_small,
            "<=",
            signature.alpha / (len(order) - position),
        )
        open_so_far = open_so_far and each.met
        criteria.append(each if open_so_far == each.met else _unmet(each))
    return tuple(criteria)


def _unmet(each: Criterion) -> Criterion:
    return Criterion(name=each.name, value=each.value, relation=each.relation, bound=each.bound, met=False)


def _estimate(evidence: Evidence, signature: Signature) -> tuple[Criterion, ...]:
    if signature.min_effect is None or evidence.interval is None:
        return ()
    return (criterion("effect", evidence.interval.estimate.value, ">=", signature.min_effect),)


def _why_unresolved(lines: tuple[Criterion, ...], *, shift: bool) -> tuple[Reason, ...]:
    if shift:
        return (Reason.COMMON_SHIFT,)
    if any(math.isnan(each.value) for each in lines):
        return (Reason.ZERO_VARIANCE,)
    if any(each.met for each in lines):
        return (Reason.LINES_DISAGREE,)
    return (Reason.UNDERPOWERED,)


def _each_treatment(evidence: Evidence, signature: Signature) -> tuple[Clause, ...]:
    if signature.across != "each":
        return ()
    return tuple(
        Clause(
            name=f"each_treatment[{arm.condition}]",
            required=True,
            state=State.SHOWN if arm.shown else State.UNRESOLVED,
            reason=Reason.EACH_TREATMENT,
        )
        for arm in evidence.arms
        if arm.role == "treatment"
    )


def _control_clear(evidence: Evidence, signature: Signature, met: dict[str, bool]) -> bool | None:
    if not signature.control:
        return None
    if evidence.control is None or evidence.control.at_bound:
        return False
    return met["control_specific_pvalue"] and met["control_quiet_pvalue"]


def notes(evidence: Evidence, signature: Signature, findings: Findings) -> tuple[Reason, ...]:
    """Return what the reader must know beside the reasons.

    Parameters
    ----------
    evidence : Evidence
        The numbers.
    signature : Signature
        What was predicted.
    findings : Findings
        What was found.

    Returns
    -------
    tuple of Reason
        Notes, those on the control first.
    """
    found = []
    if not signature.control:
        found.append(Reason.UNCONTROLLED)
    control = evidence.control
    if control is not None and criterion("opposite", control.pvalue_opposite, "<=", signature.alpha).met:
        found.append(Reason.CONTROL_OPPOSITE)
    if control is not None and control.at_bound:
        found.append(Reason.CONTROL_AT_BOUND)
    treatments = [arm for arm in evidence.arms if arm.role == "treatment"]
    if findings.primary is State.SHOWN and not all(_positive(arm) for arm in treatments):
        found.append(Reason.AVERAGE_ONLY)
    # A curve that is shown to turn is neither smooth nor monotone; that alone is no sign of a shift.
    explained = {Reason.TOO_FEW_LEVELS} | ({Reason.COMMON_SHIFT} if findings.reverses else set())
    found += [Reason(code) for code in evidence.notes if code not in explained]
    if evidence.table_notes:
        found.append(Reason.TABLE_NOTES)
    return tuple(dict.fromkeys(found))


def _positive(arm: ArmEvidence) -> bool:
    return criterion("low", arm.effect.low, ">", 0.0).met


def scope(evidence: Evidence, findings: Findings) -> tuple[float, float] | None:
    """Return the part of the knob's range in which the shape holds.

    Parameters
    ----------
    evidence : Evidence
        The numbers.
    findings : Findings
        What was found.

    Returns
    -------
    tuple of float or None
        (low, high) in units of the knob: the stretch that agrees where the curve turns, the whole range where
        the primary clause is shown, else None.
    """
    if findings.too_few:
        return None
    if findings.reverses and evidence.reversal is not None:
        return evidence.reversal.scope
    if findings.primary is not State.SHOWN:
        return None
    low = min(float(arm.levels[0]) for arm in evidence.arms)
    high = max(float(arm.levels[-1]) for arm in evidence.arms)
    return low, high
