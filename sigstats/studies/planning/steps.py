"""What to do after a plan, for programs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from sigstats.report.next_steps import NextStep, StepCode
from sigstats.signature.signature import Signature
from sigstats.studies.planning.record import Design, Obstacle

# Obstacles that no seeds and no levels take away.
ON_THE_CARD = {
    "control_at_bound": NextStep(code=StepCode.CHANGE_CONTROL, why="", role="control"),
    "no_room": NextStep(code=StepCode.CHANGE_CARD, why="", field="min_effect"),
    "effect_below_min_effect": NextStep(code=StepCode.CHANGE_CARD, why="", field="min_effect"),
}


class Wanted(NamedTuple):
    """What was wanted of a design."""

    target: float
    budget: float | None


def next_steps(
    design: Design,
    found: Design | None,
    wanted: Wanted,
    signature: Signature,
    roles: Mapping[str, str],
    never: Iterable[Obstacle],
) -> tuple[NextStep, ...]:
    """Return what to do; nothing where the declared design reaches the target within the budget."""
    name = signature.name
    for each in never:
        if each.code in ON_THE_CARD:
            return (replace(ON_THE_CARD[each.code], why=each.words, signature=name),)
    if design.probability >= wanted.target and (wanted.budget is None or design.cost <= wanted.budget):
        return ()
    return (_otherwise(wanted, signature),) if found is None else _towards(design, found, name, roles)


def _otherwise(wanted: Wanted, signature: Signature) -> NextStep:
    """Return what to do where no design reaches the target."""
    name = signature.name
    if signature.min_effect is None and signature.shape.sized:
        why = "Without a smallest effect that would matter, no design was found that reaches the target."
        return NextStep(code=StepCode.DECLARE_MIN_EFFECT, why=why, signature=name, field="min_effect")
    if wanted.budget is None:
        why = "No design that was tried reaches the target; change the metric, the effect or the claim."
        return NextStep(code=StepCode.CHANGE_CARD, why=why, signature=name)
    why = "No design within the budget reaches the target."
    return NextStep(code=StepCode.RAISE_BUDGET, why=why, signature=name)


def _towards(
    design: Design, found: Design, name: str | None, roles: Mapping[str, str]
) -> tuple[NextStep, ...]:
    """Return how the declared design becomes the one that was found."""
    more = {each: n - design.seeds[each] for each, n in found.seeds.items()}
    if found.levels == design.levels and not found.looks and min(more.values()) >= 0:
        why = "The cheapest design that reaches the target has more seeds."
        return tuple(
            NextStep(code=StepCode.ADD_SEEDS, why=why, signature=name, condition=each, role=roles[each], n=n)
            for each, n in more.items()
            if n
        )
    why = "`cheapest` has the seeds, levels and looks of the cheapest design that reaches the target."
    return (NextStep(code=StepCode.CHANGE_DESIGN, why=why, signature=name),)
