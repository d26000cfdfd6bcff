"""Stage 4, first step: compare every number with its bound.

Each comparison becomes a `Criterion` in its group. A number that is missing (NaN) meets no bound, so that missing
evidence can never turn into a claim.
"""

from dataclasses import replace

from sigstats.evidence import ClauseEvidence, ControlEvidence, Evidence
from sigstats.evidence.control import AT_BOUND
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import agreed, agreed_order, capped, plain
from sigstats.verdict.groups import (
    AloneCriteria,
    ClauseCriteria,
    ControlCriteria,
    Criteria,
    Criterion,
    CriterionKind,
    DepartureCriteria,
    MajorityCriteria,
    ReversalCriteria,
    SizeCriteria,
    TrendCriteria,
)

_RELATIONS = {
    "<=": lambda value, bound: value <= bound,
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
}


def compare(evidence: Evidence, signature: Signature) -> Criteria:
    """Compare every number with its bound."""
    alpha = signature.alpha / evidence.sides
    # A control that may lack the shape in two ways has half the error rate for each.
    ways = 2 if evidence.control is not None and evidence.control_departs is not None else 1
    look = evidence.look
    share = 1.0 if look is None else look.alpha_control / look.alpha
    return Criteria(
        seeds=tuple(
            criterion("seeds", arm.n_seeds, ">=", 3.0, condition=arm.condition) for arm in evidence.arms
        ),
        primary=_primary(evidence, signature, alpha),
        size=_size(evidence, alpha) if signature.shape.sized else None,
        reversal=_reversal(evidence),
        clauses=tuple(_clause(each, signature, signature.alpha) for each in evidence.other_clauses),
        control=_control(evidence.control, share * alpha / ways, share * alpha),
        departure=_departure(evidence.control_departs, share * signature.alpha / ways),
        calibrated=None
        if evidence.negative_controls is None
        else _pvalue("calibrated", evidence.negative_controls.pvalue, share * alpha),
        small=_small(evidence, signature, alpha),
        near_end=_near_end(evidence, signature, alpha),
        alone=alone(evidence, signature) if signature.across == "each" else (),
        effect=_effect(evidence, signature),
    )


def criterion(
    name: str,
    value: float,
    relation: str,
    bound: float,
    *,
    kind: CriterionKind = "number",
    condition: str | None = None,
) -> Criterion:
    """Compare a value with a bound."""
    return Criterion(
        name=name if condition is None else f"{name}[{condition}]",
        value=plain(value),
        relation=relation,
        bound=bound,
        # Every comparison with NaN is false.
        met=agreed(_RELATIONS[relation](value, bound)),
        kind=kind,
        condition=condition,
    )


def _pvalue(name: str, value: float, alpha: float, condition: str | None = None) -> Criterion:
    return criterion(f"{name}_pvalue", value, "<=", alpha, kind="pvalue", condition=condition)


def _probability(name: str, value: float, alpha: float, condition: str | None = None) -> Criterion:
    return criterion(
        f"{name}_prob_positive", value, ">=", 1.0 - alpha, kind="probability", condition=condition
    )


def _primary(
    evidence: Evidence, signature: Signature, alpha: float
) -> TrendCriteria | MajorityCriteria | ClauseCriteria | None:
    if evidence.majority is not None:
        return MajorityCriteria(majority=_pvalue("majority", evidence.majority.pvalue, alpha))
    if evidence.interval is None or evidence.slopes is None:
        return None
    if evidence.trend is not None:
        return TrendCriteria(
            trend=_pvalue("trend", evidence.trend.pvalue, alpha),
            interval=criterion("interval_low", evidence.interval.estimate.low, ">", 0.0),
            slopes=_probability("slopes", evidence.slopes.prob_positive, alpha),
        )
    if evidence.primary is None:
        return None
    shown = _clause(evidence.primary, signature, alpha)
    # An effect is refuted by its size; a claim on every level by one level outside.
    return replace(shown, refuted=None) if signature.shape.sized else shown


def _clause(found: ClauseEvidence, signature: Signature, alpha: float) -> ClauseCriteria:
    """Compare one clause with its bounds, in the words of the claimed direction; a tolerated one need not be shown."""
    needed = found.kind != "tolerated"
    called = {each.name: each.called.replace(" ", "_") for each in signature.shape.clauses}
    name = called.get(found.name) or found.name
    return ClauseCriteria(
        clause=found.name,
        pvalue=_pvalue(name, found.pvalue, alpha) if needed else None,
        prob_positive=_probability(name, found.prob_positive, alpha) if needed else None,
        refuted=_pvalue(f"{name}_refuted", found.pvalue_refuted, alpha),
    )


def _size(evidence: Evidence, alpha: float) -> SizeCriteria | None:
    line = evidence.interval
    if line is None:
        return None
    has_margin = line.margin is not None
    has_late = has_margin and evidence.trend is not None
    return SizeCriteria(
        opposite=_pvalue("opposite", line.pvalue_opposite, alpha),
        small=_pvalue("small", line.pvalue_small, alpha) if has_margin else None,
        late_jump=_pvalue("late_jump", line.pvalue_late, alpha) if has_late else None,
    )


def _reversal(evidence: Evidence) -> ReversalCriteria | None:
    turn = evidence.reversal
    if turn is None:
        return None
    return ReversalCriteria(
        fall=criterion("reversal_fall", turn.statistic, ">", turn.critical_value),
        rise=criterion("reversal_rise", turn.rise_statistic, ">", turn.rise_critical_value),
    )


def _control(control: ControlEvidence | None, alpha: float, each_alpha: float) -> ControlCriteria | None:
    if control is None:
        return None
    several = control.single_responds if len(control.single_responds) > 1 else ()
    return ControlCriteria(
        quiet=_pvalue("control_quiet", control.quiet.pvalue, alpha),
        responds=_pvalue("control_responds", control.responds.pvalue, alpha),
        artifact=_pvalue("control_artifact", control.artifact.pvalue, alpha),
        opposite=_pvalue("control_opposite", control.pvalue_opposite, alpha),
        off_bound=criterion("control_off_bound", 1.0 - control.stuck_share, ">", 1.0 - AT_BOUND)
        if agreed(control.at_bound)
        else None,
        single=tuple(_pvalue("control_responds", pvalue, each_alpha, name) for name, pvalue in several),
    )


def _departure(found: ClauseEvidence | None, alpha: float) -> DepartureCriteria | None:
    """Compare a control that must depart from the shape with its bounds."""
    if found is None:
        return None
    return DepartureCriteria(
        departs=_pvalue("control_departs", found.pvalue_refuted, alpha),
        also=_pvalue("control_also", found.pvalue, alpha),
    )


def _small(evidence: Evidence, signature: Signature, alpha: float) -> tuple[Criterion, ...]:
    """Ask of each of several treatments whether it is below the declared effect, by Holm's procedure."""
    if _effect(evidence, signature) is None or len(evidence.treatments) < 2:
        return ()
    # What is missing comes last.
    order = agreed_order(evidence.treatments, [arm.pvalue_small for arm in evidence.treatments])
    criteria: list[Criterion] = []
    for position, arm in enumerate(order):
        each = _pvalue("small", arm.pvalue_small, alpha / (len(order) - position), arm.condition)
        # Where one is not met, none after it is.
        criteria.append(replace(each, met=each.met and all(before.met for before in criteria)))
    return tuple(criteria)


def _near_end(evidence: Evidence, signature: Signature, alpha: float) -> tuple[Criterion, ...]:
    """Return what is refuted wherever the shape can be tested, where it is not excluded near an end."""
    near = evidence.near_end
    if near is None:
        return ()
    levels = {"opposite": alpha, "small": alpha}
    ends = {"small": near.pvalue_large}
    return tuple(
        each
        for name, pvalue in near.refuted
        for each in (_pvalue(f"{name}_inside", pvalue, levels.get(name, signature.alpha)),)
        if each.met and not agreed(ends.get(name, near.pvalue) <= each.bound)
    )


def alone(evidence: Evidence, signature: Signature) -> tuple[AloneCriteria, ...]:
    """Compare all that must be shown or tolerated, in each treatment on its own, with its bounds.

    A tolerated clause is refuted in one of several treatments at the error rate of all together.
    """
    alpha, n = signature.alpha / evidence.sides, len(evidence.treatments)
    return tuple(
        AloneCriteria(
            condition=arm.condition,
            pvalue=_pvalue("claim", arm.claim_pvalue, alpha, arm.condition),
            prob_positive=_probability("claim", arm.claim_prob_positive, alpha, arm.condition),
            refuted=_pvalue(
                "claim_refuted",
                capped(n * arm.claim_pvalue_refuted),
                signature.alpha,
                arm.condition,
            ),
        )
        for arm in evidence.treatments
    )


def _effect(evidence: Evidence, signature: Signature) -> Criterion | None:
    if signature.min_effect is None or not signature.shape.sized or evidence.interval is None:
        return None
    return criterion("effect", evidence.interval.estimate.value, ">=", signature.min_effect)
