"""The vocabulary of predicted forms.

A shape is a frozen object of options that names its clauses and the functions of `sigstats.stats` that score them. A
string with the same name works wherever the shape has no option that must be chosen. A new shape is one class, entered
in `SHAPES`: calls, cards, the command line, reports, robustness, comparison and documentation pick it up from there.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from sigstats.errors import SignatureError, did_you_mean, unknown_option
from sigstats.shapes.against import AGAINST, Equivalent, Higher, Lower, NotWorse
from sigstats.shapes.base import Clause, ScoreContext, Scores, Shape, Weights
from sigstats.shapes.bends import Concave, Convex, Saturating
from sigstats.shapes.bounds import Above, Below, Flat
from sigstats.shapes.contrasts import Custom, Ordered
from sigstats.shapes.emergence import Sigmoid
from sigstats.shapes.fading import Fades
from sigstats.shapes.powers import PowerLaw
from sigstats.shapes.scaling import ScalingLaw
from sigstats.shapes.thresholds import Threshold
from sigstats.shapes.trends import Decreasing, Increasing, Linear
from sigstats.shapes.turns import Peak, Valley

__all__ = [
    "Above",
    "Below",
    "Clause",
    "Concave",
    "Convex",
    "Custom",
    "Decreasing",
    "Equivalent",
    "Fades",
    "Flat",
    "Higher",
    "Increasing",
    "Linear",
    "Lower",
    "NotWorse",
    "Ordered",
    "Peak",
    "PowerLaw",
    "Saturating",
    "ScalingLaw",
    "ScoreContext",
    "Scores",
    "Shape",
    "Sigmoid",
    "Threshold",
    "Valley",
    "Weights",
    "as_shape",
]

SHAPES: dict[str, type[Shape]] = {
    shape.name: shape
    for shape in (
        Increasing,
        Decreasing,
        Linear,
        Flat,
        Saturating,
        Threshold,
        Sigmoid,
        Peak,
        Valley,
        Convex,
        Concave,
        PowerLaw,
        ScalingLaw,
        Above,
        Below,
        Ordered,
        Fades,
        Custom,
    )
}


def as_shape(given: object) -> Shape:
    """Return the shape that is meant by a name, a mapping or a shape object.

    Parameters
    ----------
    given : str, mapping or Shape
        ``"increasing"``, ``{"name": "increasing"}`` or ``Increasing()``.

    Returns
    -------
    Shape
        The frozen shape.

    Raises
    ------
    SignatureError
        If the shape or an option does not exist, or an option that must be chosen is missing.

    Examples
    --------
    >>> as_shape({"name": "threshold", "form": "step"})
    Threshold(form='step', direction='increasing', onset=None)
    """
    if isinstance(given, Shape):
        return given
    if (
        isinstance(given, type)
        and issubclass(given, Shape)
        and given in (*SHAPES.values(), *AGAINST.values())
    ):
        return _made(given, {})
    if isinstance(given, str):
        return _from_mapping({"name": given})
    if isinstance(given, Mapping):
        return _from_mapping(given)
    raise SignatureError(
        f"`shape` is {given!r}; it must be the name of a shape, a table with `name` and options, or an object "
        f"of sigstats.shapes. The names are {tuple(sorted(SHAPES))}."
    )


def unknown_shape(name: object, known: Mapping[str, type[Shape]]) -> SignatureError:
    """Return the error for a shape that does not exist; other words for a shape lead to it."""
    return SignatureError(unknown_option("shape", name, known, other_words(known)))


def other_words(known: Mapping[str, type[Shape]]) -> dict[str, tuple[str, ...]]:
    """Return the other words for each shape."""
    return {each: shape.also_called for each, shape in known.items()}


def _from_mapping(given: Mapping[str, Any]) -> Shape:
    name = given.get("name")
    known = SHAPES | AGAINST
    if not isinstance(name, str) or name not in known:
        raise unknown_shape(name, known)
    return _made(known[name], {key: value for key, value in given.items() if key != "name"})


def _made(shape: type[Shape], options: dict[str, Any]) -> Shape:
    allowed = tuple(sorted(option.name for option in fields(shape)))
    for key in options:
        if key not in allowed:
            hint = did_you_mean(key, allowed)
            raise SignatureError(
                f"shape {shape.name!r} has no option {key!r}; its options are {allowed}. {hint}".rstrip()
            )
    for option in fields(shape):
        if option.name not in options and option.default is MISSING:
            raise SignatureError(
                f"shape {shape.name!r} needs the option {option.name!r}, as in shape={{'name': {shape.name!r}, "
                f"{option.name!r}: ...}}; its options are {allowed}."
            )
    return shape(**options)
