"""The vocabulary of predicted forms.

A shape is a frozen object of options that names its clauses. A string with the same name works wherever the
shape has no option that must be chosen.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from sigstats.errors import SignatureError, did_you_mean, unknown_option


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Base of all shapes: a name, a direction and a sentence.

    Attributes
    ----------
    name : str
        What a card or a call says to mean this shape.
    direction : int
        +1 where a larger score means a rising metric, -1 where it means a falling one.
    claim : str
        What the shape claims, in words.
    primary : str
        Name of the primary clause.
    """

    name: ClassVar[str]
    direction: ClassVar[int]
    claim: ClassVar[str]
    primary: ClassVar[str]

    def options(self) -> dict[str, Any]:
        """Return the options as a plain dictionary."""
        return asdict(self)

    def __str__(self) -> str:
        """Return the name with the options, if any."""
        given = ", ".join(f"{key}={value!r}" for key, value in self.options().items())
        return f"{self.name}({given})" if given else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Increasing(Shape):
    """The metric rises with the knob, in expectation over seeds.

    The primary clause is the trend: rank test, interval of the linear effect and posterior must all hold. A
    stretch at either end that goes the other way makes the claim partial.
    """

    name: ClassVar[str] = "increasing"
    direction: ClassVar[int] = 1
    claim: ClassVar[str] = "rises with the knob"
    primary: ClassVar[str] = "rises"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decreasing(Shape):
    """The metric falls with the knob, in expectation over seeds; the mirror of `Increasing`."""

    name: ClassVar[str] = "decreasing"
    direction: ClassVar[int] = -1
    claim: ClassVar[str] = "falls with the knob"
    primary: ClassVar[str] = "falls"


SHAPES: dict[str, type[Shape]] = {shape.name: shape for shape in (Decreasing, Increasing)}


def as_shape(given: object) -> Shape:
    """Return the shape that a name, a mapping or a shape object means.

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
        If there is no such shape or option.

    Examples
    --------
    >>> as_shape("increasing")
    Increasing()
    """
    if isinstance(given, Shape):
        return given
    if isinstance(given, type) and issubclass(given, Shape) and given is not Shape:
        return given()
    if isinstance(given, str):
        return _from_mapping({"name": given})
    if isinstance(given, Mapping):
        return _from_mapping(given)
    raise SignatureError(
        f"`shape` is {given!r}; it must be the name of a shape, a table with `name` and options, or an object "
        f"of sigstats.shapes. The names are {tuple(sorted(SHAPES))}."
    )


def _from_mapping(given: Mapping[str, Any]) -> Shape:
    name = given.get("name")
    if not isinstance(name, str) or name not in SHAPES:
        raise SignatureError(unknown_option("shape", name, SHAPES))
    shape = SHAPES[name]
    allowed = tuple(sorted(option.name for option in fields(shape)))
    options = {key: value for key, value in given.items() if key != "name"}
    for key in options:
        if key not in allowed:
            hint = did_you_mean(key, allowed)
            raise SignatureError(
                f"shape {name!r} has no option {key!r}; its options are {allowed}. {hint}".rstrip()
            )
    return shape(**options)
