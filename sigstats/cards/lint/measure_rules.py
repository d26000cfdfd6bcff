"""Rules about what is measured, and about the smallest effect that would matter."""

import functools
import re
from collections.abc import Callable, Iterator

from sigstats.cards.lint.rule import Declared, Rule, Trip, numbered
from sigstats.report.next_steps import StepCode
from sigstats.shapes import Shape
from sigstats.signature.share import Share
from sigstats.signature.signature import Signature

# Words that name no quantity, and words that do not turn them into one.
GENERIC = frozenset({
    "abilities", "ability", "behavior", "behaviour", "benefit", "capabilities", "capability", "competence",
    "effectiveness", "efficiency", "gain", "generalisation", "generalise", "generalising", "generalization",
    "generalize", "generalizing", "goodness", "improvement", "intelligence", "learning", "measure", "measurement",
    "metric", "metrics", "outcome", "outcomes", "output", "outputs", "performance", "quality", "quantity",
    "reasoning", "result", "results", "robustness", "score", "scores", "skill", "skills", "stability", "success",
    "understanding", "value", "values",
})  # fmt: skip
FILLER = frozenset({
    "a", "an", "and", "better", "downstream", "final", "general", "good", "higher", "improved", "in", "increased",
    "its", "lower", "model", "models", "more", "network", "networks", "of", "on", "or", "our", "overall",
    "stronger", "task", "tasks", "test", "the", "this", "training",
})  # fmt: skip
TINY_SHARE = 1e-3
TINY = 1e-9


def _without(card: Declared, *, field: str) -> Iterator[Trip]:
    for number, each in numbered(card):
        if not getattr(each, field):
            yield Trip(says=f"there is no `{field}`", number=number, field=field)


def _missing(field: str) -> Callable[[Declared], Iterator[Trip]]:
    return functools.partial(_without, field=field)


def is_generic(text: str) -> bool:
    """Return whether a text holds generic words only."""
    return set(re.findall(r"\w+", text.lower())) <= GENERIC | FILLER


def _generic(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        if each.quantity and is_generic(each.quantity):
            yield Trip(says=f"`quantity` is {each.quantity!r}", number=number, field="quantity")


def _no_effect(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        if each.min_effect is None and each.shape.sized:
            yield Trip(says="there is no `min_effect`", number=number, field="min_effect")


def _no_why(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        if each.min_effect is not None and each.why is None:
            says = f"`min_effect` is {each.min_effect}, and there is no `why`"
            yield Trip(says=says, number=number, field="why")


def _range_of(signature: Signature) -> tuple[float, float] | None:
    """Return the bounds of what is analysed, where they are declared."""
    declared = isinstance(signature.bounds, tuple) and signature.metric_scale == "linear"
    return signature.bounds if declared and signature.shape.unit == "metric" else None  # type: ignore[return-value]


def out_of_reach(shape: Shape, low: float, high: float) -> str | None:
    """Return why no outcome within the bounds could show the shape, or None."""
    value = getattr(shape, "value", None)
    if shape.name == "above" and value is not None and value >= high:
        return f"the shape is above {value:g}, and the highest value in `bounds` is {high:g}"
    if shape.name == "below" and value is not None and value <= low:
        return f"the shape is below {value:g}, and the lowest value in `bounds` is {low:g}"
    return None


def _beyond(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        found = _range_of(each)
        if found is None:
            continue
        low, high = found
        if (
            each.min_effect is not None
            and not isinstance(each.min_effect, Share)
            and each.min_effect > high - low
        ):
            says = f"`min_effect` is {each.min_effect:g}, and `bounds` leave room for {high - low:g}"
            yield Trip(says=says, number=number, field="min_effect")
        never = out_of_reach(each.shape, low, high)
        if never is not None:
            yield Trip(says=never, number=number, field="shape")


def _tiny(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        if each.min_effect is None or each.shape.unit != "metric":
            continue
        found = _range_of(each)
        if isinstance(each.min_effect, Share):
            tiny, of = each.min_effect < TINY_SHARE, "of the mean of the baseline"
        elif found is not None:
            width = found[1] - found[0]
            tiny, of = each.min_effect < TINY_SHARE * width, f"where `bounds` leave room for {width:g}"
        else:
            tiny, of = each.min_effect < TINY, "about what computers round"
        if tiny:
            says = f"`min_effect` is {each.min_effect}, {of}"
            yield Trip(says=says, number=number, field="min_effect")


RULES = (
    Rule(
        code="SIG201",
        name="missing-quantity",
        trips="A signature has no `quantity`.",
        reason="the name of a column does not say what is measured",
        remedy='Add quantity = "..." to the signature: what is measured, in words.',
        find=_missing("quantity"),
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG202",
        name="generic-quantity",
        trips='The `quantity` is a generic word, such as "performance" or "generalization".',
        reason="nearly anything can be measured under that name once the data are seen",
        remedy='Name what is counted or averaged, as in quantity = "share of held-out mazes that are solved".',
        find=_generic,
    ),
    Rule(
        code="SIG203",
        name="missing-computation",
        trips="A signature has no `computed`.",
        reason="the same quantity computed in another way may have another shape",
        remedy='Add computed = "..." to the signature: over what it is averaged, and on which data.',
        find=_missing("computed"),
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG204",
        name="missing-place",
        trips="A signature has no `place`.",
        reason="another layer, phase or scale could be chosen once the data are seen",
        remedy='Add place = "..." to the signature: the layer, the phase of training, the scale.',
        find=_missing("place"),
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG205",
        name="missing-min-effect",
        trips="A signature whose effect has a size has no `min_effect`.",
        reason="a small effect can then be neither claimed nor ruled out",
        remedy="Add min_effect = ... to the signature: the smallest change that would matter, in units of the metric.",
        find=_no_effect,
        step=StepCode.DECLARE_MIN_EFFECT,
    ),
    Rule(
        code="SIG206",
        name="missing-why",
        trips="A `min_effect` has no `why`.",
        reason="a margin without a reason can be moved until the verdict pleases",
        remedy='Add why = "..." to the signature: why a smaller effect would not matter.',
        find=_no_why,
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG207",
        name="effect-beyond-range",
        trips="The `min_effect` is larger than the `bounds` of the metric, or the `value` of the shape lies beyond.",
        reason="no outcome could show it",
        remedy="Correct min_effect or the value of the shape, or bounds = [lowest, highest].",
        find=_beyond,
    ),
    Rule(
        code="SIG208",
        name="effect-in-the-noise",
        trips="The `min_effect` is below a thousandth of the `bounds` of the metric or of the mean of the baseline; "
        "where no bounds are declared, below 1e-9. The rule sees no data: `sigstats plan` compares the effect with the "
        "noise of a pilot.",
        reason="any noise is as large, so that it rules nothing out",
        remedy="Raise min_effect to the smallest change that would matter to somebody, and say why.",
        find=_tiny,
    ),
)
