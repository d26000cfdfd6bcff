"""Stage 4, second step: turn criteria into findings, and list the notes."""

from sigstats.evidence import Evidence, NegativeControls
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import ScaleEvidence
from sigstats.shapes import Clause, Shape
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import agreed, is_missing
from sigstats.verdict.criteria import alone
from sigstats.verdict.groups import AloneCriteria, ClauseCriteria, Criteria
from sigstats.verdict.rules import ClauseState, Findings, State, Status, decide

# With fewer seeds, what they cannot rule out stands in the headline of *absent* and *flat*.
FEW_TO_EXCLUDE = 5
SAID_OF_THE_MEAN = frozenset({Reason.BELOW_MIN_EFFECT, Reason.OPPOSITE})

# Level of the tests of whether negative controls are off all together, or go together over seeds.
DOUBTED = 0.01

# Level of the tests of whether cells were lost by chance: to miss that they were not is the worse error.
GOES_WITH = 0.1


def find(evidence: Evidence, signature: Signature, criteria: Criteria) -> Findings:
    """Turn the comparisons into findings."""
    primary, size, turn = criteria.primary, criteria.size, criteria.reversal
    # Shifts that all runs of a level share speak against everything that these runs show.
    shift = evidence.design == "independent" and Reason.COMMON_SHIFT in evidence.notes
    shown = primary is not None and primary.state is State.SHOWN and not shift
    control, departure = criteria.control, criteria.departure
    also = departure is None or departure.also.met
    return Findings(
        too_few=_too_few(evidence, criteria),
        reverses=turn is not None and turn.fall.met and turn.rise.met and not shift,
        primary=State.SHOWN if shown else State.UNRESOLVED,
        opposite=size is not None and size.opposite.met and not shift,
        small=_is_small(criteria, signature, shift=shift),
        denied=_denied(evidence, signature),
        unresolved=_why_unresolved(evidence, criteria, shift=shift),
        min_effect_declared=signature.min_effect is not None and signature.shape.sized,
        artifact=control is not None and control.artifact.met and also,
        responds=_responds(criteria),
        near_end=_near_end(criteria, signature, shown=shown),
        clauses=_clause_states(criteria, signature.shape),
        below_in=tuple(each.condition for each in criteria.small if each.met and each.condition is not None),
        not_alone=_not_alone(evidence, signature),
        below_min_effect=criteria.effect is not None and not criteria.effect.met,
        control_apart=evidence.control_apart,
        control_clear=_control_clear(criteria) if signature.control else None,
        calibrated=None if criteria.calibrated is None else criteria.calibrated.met,
        survivors=evidence.lost is not None and evidence.lost.stands is False,
    )


def by_level(evidence: Evidence) -> bool:
    """Return whether the cells that are missing go with the level."""
    return evidence.lost is not None and evidence.lost.pvalue_level <= GOES_WITH


def by_last_value(evidence: Evidence) -> bool:
    """Return whether runs end for the last values that they showed."""
    return evidence.lost is not None and evidence.lost.pvalue_last <= GOES_WITH


def _too_few(evidence: Evidence, criteria: Criteria) -> tuple[Reason, ...]:
    short = not all(each.met for each in criteria.seeds)
    others = tuple(each for each in (Reason.TOO_FEW_LEVELS, Reason.ALPHA_TOO_SMALL) if each in evidence.notes)
    untestable = evidence.interval is None and not others
    seeds = (Reason.TOO_FEW_SEEDS,) if short or untestable else ()
    unplanned = evidence.look is not None and evidence.look.number is None
    return (*seeds, *others, *((Reason.UNPLANNED_LOOK,) if unplanned else ()))


def _is_small(criteria: Criteria, signature: Signature, *, shift: bool) -> bool:
    """Return whether the claim is denied by its size; one on every level is by one level outside."""
    size, primary = criteria.size, criteria.primary
    if not signature.shape.sized:
        return isinstance(primary, ClauseCriteria) and primary.refuted is not None and primary.refuted.met
    if size is None or size.small is None or shift:
        return False
    return size.small.met and not (size.late_jump is not None and size.late_jump.met)


def _near_end(criteria: Criteria, signature: Signature, *, shown: bool) -> bool:
    """Return whether the verdict would be another if the shape were known not to stand near an end."""
    found = {each.name.removesuffix("_inside_pvalue") for each in criteria.near_end}
    if not shown:
        return bool(found & {"opposite", "small"})
    return bool(found - {"opposite", "small"}) or ("small" in found and signature.min_effect is not None)


def _denied(evidence: Evidence, signature: Signature) -> Reason:
    """Return why the verdict is absent where the claim is denied by its size."""
    if signature.shape.sized or evidence.primary is None:
        return Reason.BELOW_MIN_EFFECT
    return Reason(evidence.primary.reason)


def _why_unresolved(evidence: Evidence, criteria: Criteria, *, shift: bool) -> tuple[Reason, ...]:
    if shift:
        return (Reason.COMMON_SHIFT,)
    majority = evidence.majority
    if majority is not None:
        few = majority.n_seeds < majority.fewest
        return (Reason.TOO_FEW_FOR_MAJORITY if few else Reason.UNDERPOWERED,)
    lines = () if criteria.primary is None else criteria.primary.lines.values()
    if any(is_missing(each.value) for each in lines):
        # Where few seeds saw the level of some part, that part could not be tested.
        untested = evidence.primary is not None and agreed(evidence.primary.n_seeds == 0)
        return (Reason.TOO_FEW_SEEDS if untested else Reason.ZERO_VARIANCE,)
    return (Reason.LINES_DISAGREE if any(each.met for each in lines) else Reason.UNDERPOWERED,)


def _responds(criteria: Criteria) -> bool:
    """Return whether the control shows what only the treatment should show."""
    control, departure = criteria.control, criteria.departure
    if control is None:
        return departure is not None and departure.also.met
    responds = control.responds.met or any(each.met for each in control.single)
    return responds and (departure is None or departure.also.met)


def _clause_states(criteria: Criteria, shape: Shape) -> tuple[ClauseState, ...]:
    """Return the states of the other clauses, and of each treatment that must show the claim."""
    declared = {clause.name: clause for clause in shape.clauses}
    return (
        *(_clause_state(declared[each.clause], each) for each in criteria.clauses),
        *(_treatment_state(each) for each in criteria.alone),
    )


def _clause_state(declared: Clause, compared: ClauseCriteria) -> ClauseState:
    return ClauseState(
        name=declared.name,
        condition=None,
        required=declared.kind == "required",
        state=compared.state,
        refuted=Reason(declared.refuted),
        unresolved=Reason(declared.unresolved or declared.refuted),
    )


def _treatment_state(alone: AloneCriteria) -> ClauseState:
    return ClauseState(
        name="each_treatment",
        condition=alone.condition,
        required=True,
        state=State.REFUTED if alone.refuted.met else State.SHOWN if alone.shown else State.UNRESOLVED,
        refuted=Reason.EACH_TREATMENT,
        unresolved=Reason.EACH_TREATMENT,
    )


def _not_alone(evidence: Evidence, signature: Signature) -> tuple[str, ...]:
    """Return the treatments that do not show on their own what their mean shows.

    Where the claim is about every treatment, that is the whole of it; else an effect above 0, or every level.
    """
    arms = evidence.treatments
    if signature.shape.sized and signature.across != "each":
        return tuple(arm.condition for arm in arms if not agreed(arm.effect.low > 0))
    if len(arms) < 2:
        return ()
    return tuple(each.condition for each in alone(evidence, signature) if not each.shown)


def _control_clear(criteria: Criteria) -> bool:
    control, departure = criteria.control, criteria.departure
    if departure is not None and departure.departs.met:
        return True
    if control is None or control.stuck:
        return False
    return control.quiet.met


def notes(
    evidence: Evidence, signature: Signature, criteria: Criteria, findings: Findings
) -> tuple[Reason, ...]:
    """Return what the reader must know besides the reasons."""
    planned = evidence.look is not None and evidence.look.number is not None
    found = [Reason.PLANNED_LOOK] if planned else []
    if not signature.control:
        found.append(Reason.UNCONTROLLED)
    control = evidence.control
    if _goes_other_way(evidence, criteria):
        found.append(Reason.CONTROL_OPPOSITE)
    if control is not None and control.at_bound:
        found.append(Reason.CONTROL_AT_BOUND)
    if any(arm.constant or arm.deterministic for arm in evidence.arms if arm.role == "control"):
        found.append(Reason.CONTROL_CONSTANT)
    found += _on_calibration(evidence, signature)
    if findings.primary is State.SHOWN and findings.not_alone:
        found.append(Reason.AVERAGE_ONLY)
    if _too_few_to_exclude(evidence, signature, findings):
        found.append(Reason.UNSEEN_SEEDS)
    # A curve that is shown to turn is neither smooth nor monotone; that alone is not a sign of a shift.
    reasons = {Reason.TOO_FEW_LEVELS, Reason.ALPHA_TOO_SMALL}
    explained = reasons | ({Reason.COMMON_SHIFT} if findings.reverses else set())
    found += [note for note in evidence.notes if note not in explained]
    found += _scales(evidence, signature, findings)
    if other_shape(findings, signature.shape) is not None:
        found.append(Reason.OTHER_SHAPE)
    if not findings.survivors and (by_level(evidence) or by_last_value(evidence)):
        found.append(Reason.SURVIVORS)
    return tuple(dict.fromkeys((*found, *_of_the_table(evidence))))


def other_shape(findings: Findings, shape: Shape) -> tuple[str, str] | None:
    """Return what the curve may do in place of a clause that it refutes, and the shape that claims this; else None."""
    if findings.primary is not State.SHOWN:
        return None
    refuted = {each.name for each in findings.clauses if each.state is State.REFUTED}
    return next((each.instead for each in shape.clauses if each.name in refuted and each.instead), None)


def _of_the_table(evidence: Evidence) -> tuple[Reason, ...]:
    """Return that levels are not those planned, and that something was changed when the table was read."""
    unplanned = [note for note in evidence.table_notes if note.code == Reason.LEVELS_NOT_AS_PLANNED]
    changed = len(evidence.table_notes) > len(unplanned)
    return (Reason.LEVELS_NOT_AS_PLANNED,) * bool(unplanned) + (Reason.TABLE_NOTES,) * changed


def _on_calibration(evidence: Evidence, signature: Signature) -> tuple[Reason, ...]:
    """Return why nothing is calibrated, or that the controls do not look like ones by which it can be."""
    found = evidence.negative_controls
    if found is None:
        return (Reason.UNCALIBRATED,) if signature.calibrate else ()
    return (Reason.DOUBTFUL_CONTROLS,) if in_doubt(found) else ()


def in_doubt(found: NegativeControls) -> bool:
    """Return whether something seems to be there in some controls or in all, or they share what moves them."""
    return bool(found.outliers) or found.pvalue_off <= DOUBTED or found.pvalue_shared <= DOUBTED


def _scales(evidence: Evidence, signature: Signature, findings: Findings) -> tuple[Reason, ...]:
    """Return whether a curve that is shown to be steepest in the middle is so on other scales of the metric."""
    steep = next((each for each in findings.clauses if each.name == signature.shape.steep_clause), None)
    others = [each for each in evidence.other_scales if not each.n_outside]
    if steep is None or steep.state is not State.SHOWN or findings.primary is not State.SHOWN or not others:
        return ()
    everywhere = all(steep_on(each, signature) for each in others)
    return (Reason.STEEP_ON_OTHER_SCALES if everywhere else Reason.STEEP_ON_THIS_SCALE,)


def steep_on(found: ScaleEvidence, signature: Signature) -> bool:
    """Return whether the middle is shown to be steepest on a scale of the metric, as a clause is shown."""
    return found.pvalue <= signature.alpha and found.prob_positive >= 1.0 - signature.alpha


def _too_few_to_exclude(evidence: Evidence, signature: Signature, findings: Findings) -> bool:
    """Return whether the verdict says that something is not there, by a mean of seeds too few to exclude rare ones."""
    unseen, rule = evidence.unseen, decide(findings)
    if unseen is None or evidence.majority is not None or unseen.n_seeds >= FEW_TO_EXCLUDE:
        return False
    if rule.status is Status.ABSENT:
        return set(rule.reasons(findings)) <= SAID_OF_THE_MEAN
    return rule.status is Status.PRESENT and signature.shape.positive_control


def _goes_other_way(evidence: Evidence, criteria: Criteria) -> bool:
    """Return whether the control of a plain trend is shown to go the other way."""
    if evidence.trend is None or evidence.clauses:
        return False
    return criteria.control is not None and criteria.control.opposite.met


def scope(evidence: Evidence, findings: Findings) -> tuple[float, float] | None:
    """Return the part of the knob's range in which the shape holds; None where each treatment has its own."""
    if findings.too_few:
        return None
    if findings.reverses and evidence.reversal is not None:
        return evidence.reversal.scope
    if findings.primary is not State.SHOWN:
        return None
    if evidence.ranges == "own":
        return None
    swept = [evidence.tested_levels(arm) for arm in evidence.treatments]
    low = max(float(levels[0]) for levels in swept)
    high = min(float(levels[-1]) for levels in swept)
    return (low, high) if low < high else None
