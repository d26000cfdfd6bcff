"""What to do after a plan, for programs."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sigstats.report.next_steps import NextStep, StepCode
from sigstats.signature.signature import Signature
from sigstats.studies.planning.record import Design, Obstacle


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
        if each.code == "control_at_bound":
            return (NextStep(code=StepCode.CHANGE_CONTROL, why=each.words, signature=name, role="control"),)
        if each.code in ("no_room", "effect_below_min_effect"):
            return (NextStep(code=StepCode.CHANGE_CARD, why=each.words, signature=name, field="min_effect"),)
    if design.probability >= wanted.target and (wanted.budget is None or design.cost <= wanted.budget):
        return ()
    if found is not None:
        return _towards(design, found, name, roles)
    if signature.min_effect is None and signature.shape.sized:
        why = "Without a smallest effect that would matter, no design was found that reaches the target."
        return (NextStep(code=StepCode.DECLARE_MIN_EFFECT, why=why, signature=name, field="min_effect"),)
    if wanted.budget is None:
        why = "No design that was tried reaches the target; change the metric, the effect or the claim."
        return (NextStep(code=StepCode.CHANGE_CARD, why=why, signature=name),)
    why = "No design within the budget reaches the target."
    return (NextStep(code=StepCode.RAISE_BUDGET, why=why, signature=name),)


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
