"""Scaling laws: the metric approaches a floor, or a ceiling, as a power of the knob."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np

from sigstats.errors import SignatureError
from sigstats.shapes.base import (
    Clause,
    DirectedShape,
    Direction,
    FloatArray,
    MetricScale,
    Scale,
    ScoreContext,
    Scores,
    directed,
)
from sigstats.shapes.checks import fraction, number, one_of

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form

FOLLOWS = (
    Clause(
        name="along_the_law",
        kind="primary",
        says="{rises} along the law",
        refuted="opposite",
        null="mean change along the law from the first to the last level, in the claimed direction, <= 0",
        noun="{rise}",
        measures="{rise} along the law from the first to the last level",
    ),
    Clause(
        name="follows_law",
        kind="required",
        says="follows a power law with an offset",
        refuted="not_a_power_law",
        unresolved="follows_law",
        null="the mean curve departs from every such law by more than the allowed part of the change",
        sides=2,
        noun="room for departures",
        measures="allowed departure from the law minus the found one",
    ),
    Clause(
        name="bends_off_line",
        kind="required",
        says="bends away from a straight line over the logarithm of the knob",
        refuted="semi_log",
        unresolved="not_identified",
        null="the mean curve bends off that line by at most a fifth of the departure that is allowed from the law",
        noun="bend",
        measures="departure from a straight line over the log of the knob minus a fifth of the allowed departure",
        beyond="amount by which the departure from a straight line over the log of the knob falls short of a fifth of "
        "the allowed departure",
    ),
    Clause(
        name="no_break",
        kind="required",
        says="is nearer to a law than to a line with a break",
        refuted="breaks",
        unresolved="no_break",
        null="the seeds are, on average, at least as near to the broken line of the others as to their law",
        noun="nearness",
        measures="distance on the law's side of the middle between the others' law and their broken line",
        beyond="distance on the broken line's side of the middle between the others' law and their broken line",
    ),
)
EXPONENT = Clause(
    name="exponent_inside",
    kind="required",
    says="has an exponent in the declared range",
    refuted="exponent_outside",
    unresolved="exponent_inside",
    null="the exponent of the mean curve lies outside the declared range",
    sides=2,
    noun="room in the range",
    measures="departure, in the direction of the range, from the law whose exponent is the nearer end of the range",
    beyond="departure, away from the range, from the law whose exponent is the nearer end of the range",
)
NO_TURN = Clause(
    name="no_turn",
    kind="tolerated",
    says="does not turn back over the last third",
    refuted="turns_back",
    null="slope over the last third, in the claimed direction, >= 0",
    noun="late {rise}",
    measures="change over the last third, along its own line, positive in the claimed direction",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingLaw(DirectedShape):
    """The metric approaches a floor as a power of the knob: E + A x^-a, with a above 0.

    It falls to a floor, as a loss does, or rises to a ceiling, as an accuracy does. The curve must be shown to change,
    to follow such a law, to bend away from a straight line over log x, and to be nearer to the law than to a line with
    a break.

    Attributes
    ----------
    floor : bool or float
        True leaves E to the data, 0 among others; a number is the value that E must have.
    exponent : (float, float) or None
        Range in which a must be shown to lie, 0 or more; None asks only for a bend.
    direction : {"decreasing", "increasing"}
        Whether the metric falls to a floor or rises to a ceiling.
    max_departure : float
        Largest departure from the law that is allowed, as a part of the change, in (0, 1). A straight line over log x
        must depart by more than a fifth of it.
    """

    name: ClassVar[str] = "scaling_law"
    also_called: ClassVar[tuple[str, ...]] = (
        "scaling",
        "power law with a floor",
        "offset power law",
        "irreducible loss",
        "chinchilla",
        "kaplan",
        "neural scaling law",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("is straight on log-log axes, without a floor", "power_law"),
        ("is straight over the log of the knob", "linear with knob_scale='log'"),
        ("is level from some level on", "saturating with direction='decreasing'"),
    )
    knob_scale: ClassVar[Scale | None] = "log"
    metric_scale: ClassVar[MetricScale | None] = "linear"
    min_levels: ClassVar[int] = 5
    fitted_as: ClassVar["Form | None"] = "scaling_law"
    fits_law: ClassVar[bool] = True

    floor: float | Literal[True] = True
    exponent: tuple[float, float] | None = None
    direction: Direction = "decreasing"
    max_departure: float = 0.05

    def __post_init__(self) -> None:
        fraction(self.name, "max_departure", self.max_departure)
        one_of(self.name, "direction", self.direction, ("decreasing", "increasing"))
        if self.floor is not True:
            if self.floor is False:
                raise SignatureError(
                    "`floor` of the shape 'scaling_law' is False; it must be True, which leaves the floor to the data, "
                    "or its value. Write floor=0 for a law without an offset."
                )
            object.__setattr__(self, "floor", number(self.name, "floor", self.floor))
        if self.exponent is not None:
            object.__setattr__(self, "exponent", _exponents(self.name, self.exponent))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return a law with any exponent, and one whose exponent is declared."""
        return (cls(), cls(exponent=(0.2, 0.5)))

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with its direction, and floor and exponent where they are declared."""
        verb, end = ("falls", "floor") if self.falling else ("rises", "ceiling")
        which = f"a {end}" if self.floor is True else f"the {end} {self.floor:.6g}"
        inside = (
            "" if self.exponent is None else ", with an exponent from {:.6g} to {:.6g}".format(*self.exponent)
        )
        return f"{verb} towards {which} as a power of the knob{inside}"

    @property
    def clauses(self) -> tuple[Clause, ...]:  # type: ignore[override]
        """The clauses, in the words of the direction; that on the exponent where its range is declared."""
        asked = (*FOLLOWS, *(() if self.exponent is None else (EXPONENT,)), NO_TURN)
        return directed(asked, falling=self.falling)

    @property
    def least_bend(self) -> float:  # type: ignore[override]
        """Departure from a straight line over log x that a law must exceed, as a part of the change."""
        return self.max_departure / 5.0

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return change, room for departures, bend, nearness to the law, and late slope of each seed."""
        from sigstats.stats.scores.power_law_parts import exponent_parts, law_parts
        from sigstats.stats.scores.windows import late_change

        floor = None if self.floor is True else context.common(self.floor)
        found = law_parts(curves, context.levels, floor=floor)
        allowed = self.max_departure * found.change
        room = [allowed + sign * part for part in found.departures.T for sign in (-1.0, 1.0)]
        scores = {
            "along_the_law": Scores(parts=found.change[:, None]),
            "follows_law": Scores(parts=np.stack(room, axis=1)),
            "bends_off_line": Scores(parts=(found.bend - self.least_bend * found.line)[:, None]),
            "no_break": Scores(parts=found.nearer[:, None]),
            "no_turn": Scores(parts=late_change(curves, context.x)[:, None]),
        }
        if self.exponent is not None:
            inside = exponent_parts(curves, context.levels, self.exponent, floor=floor)
            scores["exponent_inside"] = Scores(parts=inside)
        return scores


def _exponents(shape: str, given: object) -> tuple[float, float]:
    """Return the declared range of the exponent."""
    try:
        low, high = (number(shape, "exponent", end) for end in given)  # type: ignore[attr-defined]
    except TypeError:
        low, high = 1.0, 0.0
    except ValueError as error:
        if isinstance(error, SignatureError):
            raise
        low, high = 1.0, 0.0
    if not 0 <= low < high:
        raise SignatureError(
            f"`exponent` of the shape 'scaling_law' is {given!r}; it must be a range of two ascending numbers, 0 or "
            "more, as in (0.2, 0.5). The sign of the power is in `direction`."
        )
    return low, high
