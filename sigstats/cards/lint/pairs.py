"""Pairs of signatures: whether they share rows, and whether both can hold of them."""

from sigstats.shapes import Shape
from sigstats.signature.rows import meet
from sigstats.signature.signature import Signature

MONOTONE = (
    "increasing", "decreasing", "linear", "saturating", "threshold", "sigmoid", "power_law", "scaling_law",
)  # fmt: skip
SAME = ("data", "knob", "metric", "condition", "runs", "read", "baseline")


def share_rows(one: Signature, other: Signature) -> bool:
    """Return whether some rows of a metric are in the treatment of both."""
    if (
        any(getattr(one, name) != getattr(other, name) for name in SAME)
        or one.shape.along != other.shape.along
    ):
        return False
    first, second = dict(one.where or {}), dict(other.where or {})
    return _treatments_meet(one, other) and all(
        meet(first[column], second[column]) for column in first.keys() & second.keys()
    )


def _treatments_meet(one: Signature, other: Signature) -> bool:
    if one.treatment is None and other.treatment is None:
        return True
    if one.treatment is None or other.treatment is None:
        named, free = (other, one) if one.treatment is None else (one, other)
        return bool(set(named.treatment or ()) - set(free.control or ()))
    return bool(set(one.treatment) & set(other.treatment))


def opposed(one: Shape, other: Shape) -> str | None:
    """Return why two shapes cannot both describe one curve, or None."""
    if one.name in other.opposes or other.name in one.opposes:
        return f"a curve is not both {one.name!r} and {other.name!r}"
    if direction(one) * direction(other) < 0:
        return "one rises and the other falls"
    first, second = getattr(one, "exponent", None), getattr(other, "exponent", None)
    if first and second and not max(first[0], second[0]) < min(first[1], second[1]):
        return f"no exponent lies in {first[0]:g} to {first[1]:g} and in {second[0]:g} to {second[1]:g}"
    if {one.name, other.name} == {"above", "below"}:
        above, below = (
            getattr(each, "value", 0.0) for each in sorted((one, other), key=lambda shape: shape.name)
        )
        return f"no value is above {above:g} and below {below:g}" if above >= below else None
    return None


def direction(shape: Shape) -> int:
    """Return +1 for a shape that rises all along, -1 for one that falls, 0 for others and for an open direction."""
    return 0 if shape.two_sided or shape.name not in MONOTONE else shape.orientation
