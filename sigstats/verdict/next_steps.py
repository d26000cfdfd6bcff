"""What to do next about an open verdict, as data: from its reasons and evidence, never from its words."""

from collections.abc import Iterator

from sigstats.evidence import Look
from sigstats.evidence.reason import Reason
from sigstats.report.next_steps import NextStep, StepCode
from sigstats.verdict.decision import Decision
from sigstats.verdict.findings import other_shape
from sigstats.verdict.rules import Status
from sigstats.verdict.words.names import short_of_seeds
from sigstats.verdict.words.sentences import cause, seeds_would_tell

FEWEST_SEEDS = 3
# What helps against a reason or note, where it is always the same.
HELP = {
    Reason.SURVIVORS: (StepCode.RERUN_LOST, "Cells were lost for what they showed."),
    Reason.RANGES_DO_NOT_OVERLAP: (
        StepCode.MATCH_LEVELS,
        "Control and treatment have too few levels in common.",
    ),
    Reason.WITHIN_CONTROLS: (
        StepCode.CHANGE_CONTROL,
        "The effect is not shown to exceed what the negative controls show of themselves.",
    ),
    Reason.ZERO_VARIANCE: (StepCode.REPLACE_SEEDS, "The seeds do not differ."),
    Reason.COMMON_SHIFT: (StepCode.REPEAT_LEVELS, "Runs at one level share something besides the level."),
    Reason.CONTROL_AT_BOUND: (StepCode.CHANGE_CONTROL, "The control is at the bound of the metric."),
    Reason.DUPLICATE_SEEDS: (StepCode.REPLACE_SEEDS, "Some seeds are copies of others."),
}


def steps(verdict: Decision, signature: str | None = None) -> list[NextStep]:
    """Return what to do next; nothing where the verdict is definite and has a control."""
    if verdict.status is not Status.INCONCLUSIVE:
        why = "Without a control, a shared cause cannot be told from the mechanism."
        alone = Reason.UNCONTROLLED in verdict.notes and verdict.status is not Status.ABSENT
        control = NextStep(code=StepCode.ADD_CONTROL, why=why, signature=signature, field="control")
        return [*([control] if alone else []), *_shapes(verdict, signature), *_scopes(verdict, signature)]
    found = cause(verdict)
    if found is not None:
        why = f"Without seed {found.seed} the verdict is {found.status}."
        return [NextStep(code=StepCode.INSPECT_RUN, why=why, signature=signature, condition=found.condition)]
    open_ones = (*verdict.reasons, *verdict.notes)
    known = [HELP[reason] for reason in open_ones if reason in HELP]
    helps = [NextStep(code=code, why=why, signature=signature) for code, why in known]
    missing = (*_levels(verdict, signature), *_margin(verdict, signature), *_seeds(verdict, signature))
    return list(dict.fromkeys([*helps, *missing, *_scopes(verdict, signature)]))


def _shapes(verdict: Decision, signature: str | None) -> Iterator[NextStep]:
    """Yield the shape that claims what the curve may do in place of a clause that it refutes."""
    other = other_shape(verdict.findings, verdict.signature.shape)
    if other is not None:
        why = f"If the curve {other[0]}, {other[1]!r} claims that, for new runs."
        yield NextStep(code=StepCode.CHANGE_CARD, why=why, signature=signature, field="shape")


def _scopes(verdict: Decision, signature: str | None) -> Iterator[NextStep]:
    """Yield the columns by which it can be asked where the signature holds."""
    for column in verdict.moderators:
        why = "Where the signature holds may depend on this column."
        yield NextStep(code=StepCode.FIND_SCOPE, why=why, signature=signature, field=column)


def _levels(verdict: Decision, signature: str | None) -> Iterator[NextStep]:
    if Reason.TOO_FEW_LEVELS in verdict.reasons:
        fewest = verdict.signature.shape.min_levels
        why = f"The shape needs at least {fewest} levels."
        yield NextStep(code=StepCode.ADD_LEVELS, why=why, signature=signature, field="levels", n=fewest)


def _margin(verdict: Decision, signature: str | None) -> Iterator[NextStep]:
    if Reason.UNDERPOWERED in verdict.reasons and verdict.signature.min_effect is None:
        why = "Without a smallest effect that would matter, no effect can be ruled out by it."
        yield NextStep(code=StepCode.DECLARE_MIN_EFFECT, why=why, signature=signature, field="min_effect")


def _seeds(verdict: Decision, signature: str | None) -> Iterator[NextStep]:
    """Yield how many seeds are missing in which condition."""
    if verdict.look is not None:
        yield from _to_next_look(verdict.look, verdict, signature)
        return
    short = {arm.condition for arm in short_of_seeds(verdict)}
    needed = verdict.evidence.seeds_needed
    tell = needed is not None and seeds_would_tell(verdict, needed)
    if not short and not tell:
        if not any(reason in HELP for reason in verdict.reasons) and not {
            Reason.TOO_FEW_LEVELS,
            Reason.ALPHA_TOO_SMALL,
        } & set(verdict.reasons):
            role = "control" if Reason.CONTROL_UNRESOLVED in verdict.reasons else "treatment"
            why = "More seeds narrow what is open; how many cannot be said."
            yield NextStep(code=StepCode.ADD_SEEDS, why=why, signature=signature, role=role)
        return
    for arm in verdict.evidence.arms:
        wanted, why = FEWEST_SEEDS, f"At least {FEWEST_SEEDS} seeds are needed in every condition."
        if arm.condition not in short:
            if needed is None or not tell:
                continue
            wanted = needed.n_seeds if needed.n_seeds is not None else 0
            why = (
                "How many seeds would tell cannot be said."
                if needed.n_seeds is None
                else f"About {needed.n_seeds} seeds per condition would tell with probability {needed.power:g}."
            )
        more = wanted - arm.n_seeds if wanted else None
        if more is None or more > 0:
            yield NextStep(
                code=StepCode.ADD_SEEDS,
                why=why,
                signature=signature,
                condition=arm.condition,
                role=arm.role,
                n=more,
            )


def _to_next_look(look: Look, verdict: Decision, signature: str | None) -> Iterator[NextStep]:
    """Yield how many seeds are missing up to the next planned look; after the last one, new data need a new plan."""
    if look.next_seeds is None:
        why = "The last planned look is over: more data need a plan, and a card, of their own."
        yield NextStep(code=StepCode.CHANGE_CARD, why=why, signature=signature, field="looks")
        return
    roles = {arm.condition: arm.role for arm in verdict.evidence.arms}
    for condition, have in look.n_seeds:
        role = roles.get(condition, "treatment")
        wanted = look.next_seeds + (look.more_in_control if role == "control" else 0)
        if wanted > have:
            why = f"The next planned look is at {wanted} seeds."
            n = wanted - have
            yield NextStep(
                code=StepCode.ADD_SEEDS, why=why, signature=signature, condition=condition, role=role, n=n
            )
