"""Rules about the signatures as a set: controls, what they claim together, and claims that cannot fail."""

from collections.abc import Iterator
from itertools import combinations, islice

from sigstats.cards.data import exclusive
from sigstats.cards.lint.pairs import opposed, share_rows
from sigstats.cards.lint.rule import Declared, Rule, Trip, core, is_boundary, numbered
from sigstats.report.next_steps import StepCode
from sigstats.shapes import Shape
from sigstats.signature import toml
from sigstats.signature.fields import shown
from sigstats.signature.signature import Signature

MOST_CORE = 5
MOST_PAIRED = 1000  # a card with more has other faults, and pairs take long


def _no_control(card: Declared) -> Iterator[Trip]:
    if any(is_boundary(each) for each in card.signatures):
        return
    for number, each in core(card):
        if each.control is None and not each.shape.against_baseline:
            says = "there is no `control`, and no signature of the card is a boundary case"
            yield Trip(says=says, number=number, field="control")


def _control_alike(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        if each.control is None:
            continue
        rival = next((other for other in card.signatures if _same_in_control(each, other)), None)
        if rival is not None:
            says = f"{shown(rival.name or rival.shape.name)} predicts the same shape in the control"
            yield Trip(says=says, number=number, field="control")
        elif each.shape.positive_control and not any(
            _moves_control(each, other) for other in card.signatures
        ):
            says = f"{each.shape.name!r} asks that the control changes, and no signature says that it does"
            remedy = (
                "Add a [[signature]] that predicts how the metric changes there, as in "
                f'shape = "increasing" and treatment = {_quoted(each.control[0])}, or leave control out.'
            )
            yield Trip(says=says, number=number, field="control", remedy=remedy)


def _about_control(each: Signature, other: Signature) -> bool:
    """Return whether another signature predicts what the control of this one does."""
    columns = ("data", "knob", "metric", "condition", "runs", "read")
    same = all(getattr(each, name) == getattr(other, name) for name in columns)
    return same and other.expect == "present" and bool(set(other.treatment or ()) & set(each.control or ()))


def _same_in_control(each: Signature, other: Signature) -> bool:
    if other is each or other.shape != each.shape or not _about_control(each, other):
        return False
    if each.min_effect is None or other.min_effect is None:
        return True
    return other.min_effect >= each.quiet_fraction * each.min_effect  # a control may show less than that


def _moves_control(each: Signature, other: Signature) -> bool:
    return other is not each and other.shape.name != each.shape.name and _about_control(each, other)


def _too_many(card: Declared) -> Iterator[Trip]:
    found = core(card)
    if len(found) > MOST_CORE:
        yield Trip(
            says=f"it is one of {len(found)} core signatures", number=found[MOST_CORE][0], field="role"
        )


def _no_core(card: Declared) -> Iterator[Trip]:
    if not core(card):
        yield Trip(says="no signature has the role core")


def _nothing_expected(card: Declared) -> Iterator[Trip]:
    found = core(card)
    if found and all(each.expect == "absent" for _, each in found):
        yield Trip(says="every core signature is expected to be absent", number=found[0][0], field="expect")


def _pairs(card: Declared) -> Iterator[tuple[tuple[int, Signature], tuple[int, Signature]]]:
    yield from combinations(islice(numbered(card), MOST_PAIRED), 2)


def _impossible(card: Declared) -> Iterator[Trip]:
    for (first, one), (second, other) in _pairs(card):
        if not _both_expected(one, other):
            continue
        declared = exclusive(one, other)
        why = "they are declared to exclude each other" if declared else _conflict(one, other)
        if why is not None and (not declared or one.role == other.role == "core"):
            says = f"it cannot hold together with {_called(first, one)}: {why}"
            field = "exclusive_with" if declared else "shape"
            yield Trip(says=says, number=second, field=field, remedy=_apart(one, declared=declared))


def _apart(other: Signature, *, declared: bool) -> str:
    """Return how two signatures that exclude each other stand on one card."""
    name = "exclusive_with = [...]" if other.name is None else f"exclusive_with = {_quoted(other.name)}"
    choose = 'give the one that you do not believe role = "auxiliary" and expect = "absent".'
    return f"{choose[:1].upper()}{choose[1:]}" if declared else f"Add {name}, and {choose}"


def _quoted(name: str) -> str:
    return "[" + toml.quoted(name) + "]"


def _either_way(card: Declared) -> Iterator[Trip]:
    for (first, one), (second, other) in _pairs(card):
        if one.expect != other.expect and _same_claim(one, other):
            says = f"of the same shape and rows it expects {other.expect}, and {_called(first, one)} {one.expect}"
            yield Trip(says=says, number=second, field="expect")
        elif _both_expected(one, other) and exclusive(one, other) and not one.role == other.role == "core":
            says = f"it is expected to be present, and so is {_called(first, one)}, which excludes it"
            yield Trip(says=says, number=second, field="expect")


def _same_claim(one: Signature, other: Signature) -> bool:
    """Return whether two signatures ask for the same shape and size, against the same control."""
    same = all(getattr(one, name) == getattr(other, name) for name in ("shape", "min_effect", "control"))
    return same and share_rows(one, other)


def _both_expected(one: Signature, other: Signature) -> bool:
    return one.expect == other.expect == "present"


def _conflict(one: Signature, other: Signature) -> str | None:
    return opposed(one.shape, other.shape) if share_rows(one, other) else None


def _called(number: int, signature: Signature) -> str:
    return f"signature {number}" if signature.name is None else shown(signature.name)


def _open_direction(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        if each.shape.two_sided:
            yield Trip(
                says=f"{each.shape.name!r} holds for a rise and for a fall",
                number=number,
                field="shape",
                remedy=f"Say which: shape = {_directed(each.shape)}.",
            )


def _directed(shape: Shape) -> str:
    option = "exponent = [0.25, 0.75]" if shape.name == "power_law" else 'direction = "increasing"'
    return f'{{ name = "{shape.name}", {option} }}'


def _always_true(card: Declared) -> Iterator[Trip]:
    for number, each in numbered(card):
        if not isinstance(each.bounds, tuple) or each.metric_scale != "linear":
            continue
        low, high = each.bounds
        value, margin = getattr(each.shape, "value", None), getattr(each.shape, "margin", None)
        if each.shape.name == "flat":
            margin = margin or (None if each.min_effect is None else each.min_effect / 2)
        if margin is not None and margin >= high - low:
            says = f"the margin of {margin:g} is as wide as `bounds`"
        elif value is not None and each.shape.name == "above" and value < low:
            says = f"the shape is above {value:g}, and no value in `bounds` lies below {low:g}"
        elif value is not None and each.shape.name == "below" and value > high:
            says = f"the shape is below {value:g}, and no value in `bounds` lies above {high:g}"
        else:
            continue
        yield Trip(says=says, number=number, field="shape")


RULES = (
    Rule(
        code="SIG301",
        name="missing-control",
        trips='A core signature has no `control`, and the card has no boundary case (`role = "boundary"` or `expect = '
        '"absent"`). Claims against a `baseline` have theirs.',
        reason="the curve may have this shape whether the mechanism is there or not",
        remedy='Add control = ["..."], the condition without the mechanism, or a [[signature]] with role = "boundary" '
        'and expect = "absent" for systems in which it should fail.',
        find=_no_control,
        step=StepCode.ADD_CONTROL,
    ),
    Rule(
        code="SIG302",
        name="control-expected-alike",
        trips="A control is not expected to differ: another signature predicts the same shape there, not smaller "
        "than the quiet part of the effect; or the shape is `flat`, and no signature predicts a change there.",
        reason="such a control cannot tell the mechanism from its absence",
        remedy="Choose a control that lacks the mechanism, or take one of the two signatures out.",
        find=_control_alike,
        step=StepCode.CHANGE_CONTROL,
    ),
    Rule(
        code="SIG303",
        name="too-many-core",
        trips="More than five signatures are core.",
        reason="an idea that stands or falls with so many leaves room to choose among them afterwards",
        remedy='Keep those on which you would give the idea up; for the others write role = "auxiliary".',
        find=_too_many,
    ),
    Rule(
        code="SIG304",
        name="missing-core",
        trips="No signature is core.",
        reason="no verdict could count against the idea",
        remedy='Write role = "core" (or leave role out) where the idea stands or falls with the signature.',
        find=_no_core,
    ),
    Rule(
        code="SIG305",
        name="cannot-all-hold",
        trips="Two signatures that expect to be present exclude each other and are both core, or exclude each other "
        "undeclared: on rows that they share one rises and one falls, or no exponent or value satisfies both.",
        reason="the card fails whatever the data are, or one is forgotten once the other shows",
        remedy='Name the other in exclusive_with = ["..."], and give the one that you do not believe '
        'role = "auxiliary" and expect = "absent".',
        find=_impossible,
    ),
    Rule(
        code="SIG306",
        name="wins-either-way",
        trips="Two signatures predict opposite outcomes of the same rows: the same shape and size with another "
        "`expect`, or shapes that exclude each other and are both expected, one of them not core.",
        reason="whatever comes out fulfils one of them",
        remedy='Say which outcome the idea predicts: expect = "absent" for the other, or take one of the two out.',
        find=_either_way,
    ),
    Rule(
        code="SIG307",
        name="open-direction",
        trips="The shape leaves open whether the metric rises or falls.",
        reason="a rise and a fall would both count as a success",
        remedy="Say which.",
        find=_open_direction,
    ),
    Rule(
        code="SIG308",
        name="always-true",
        trips="Every outcome within the `bounds` of the metric satisfies the shape: `above` a value below them, "
        "`below` one above them, `flat` within a margin as wide as they are.",
        reason="no experiment could refute it",
        remedy="Choose a value or a margin that some outcome would miss, or correct bounds = [lowest, highest].",
        find=_always_true,
    ),
    Rule(
        code="SIG309",
        name="nothing-expected",
        trips="Every core signature is expected to be absent.",
        reason="an experiment in which nothing works would confirm the idea",
        remedy="Add a core [[signature]] that the idea expects to be present, where the mechanism is at work.",
        find=_nothing_expected,
    ),
)
