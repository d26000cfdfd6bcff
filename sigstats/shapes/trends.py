"""Trends: the metric rises, falls, or follows a straight line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sigstats.shapes.base import (
    Clause,
    EitherDirection,
    FloatArray,
    ScoreContext,
    Scores,
    Shape,
    Spare,
    Weights,
)
from sigstats.shapes.checks import fraction, one_of

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form

RISES = Clause(
    name="rises",
    kind="primary",
    says="rises with the knob",
    refuted="opposite",
    null="mean linear score over seeds <= 0",
    noun="rise",
    measures="second level minus first",
)
FALLS = Clause(
    name="falls",
    kind="primary",
    says="falls with the knob",
    refuted="opposite",
    null="mean linear score over seeds >= 0",
    noun="fall",
    measures="first level minus second",
)
STRAIGHT = Clause(
    name="straight",
    kind="required",
    says="follows a straight line",
    refuted="not_linear",
    unresolved="straight",
    null="the bend or the S of the mean curve departs from the line by more than the allowed part of the effect",
    in_metric=True,
    sides=2,
    noun="room for departures",
    measures="allowed departure from the line minus the found one",
)


def _turns_back(how: str) -> Clause:
    return Clause(
        name="does_not_turn_back",
        kind="tolerated",
        says=f"does not {how} at either end",
        refuted="reverses",
        null="the mean curve does not both rise and fall",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Increasing(Shape):
    """The metric rises with the knob, in expectation over seeds.

    The primary clause is the trend: rank test, interval of the linear effect and posterior must all hold. A
    stretch at either end that goes the other way makes the claim partial.
    """

    name: ClassVar[str] = "increasing"
    also_called: ClassVar[tuple[str, ...]] = (
        "rises",
        "rising",
        "grows",
        "growing",
        "up",
        "upward",
        "trend",
        "positive",
        "monotone",
        "monotonic",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("rises early, then stays level", "saturating"),
        ("stays level, then rises", "threshold"),
        ("rises, then falls", "peak"),
        ("rises by the same amount everywhere", "linear"),
        ("was not found to rise: that it is level is a claim of its own", "flat"),
    )
    claim: ClassVar[str] = "rises with the knob"
    clauses: ClassVar[tuple[Clause, ...]] = (RISES, _turns_back("fall"))
    is_trend: ClassVar[bool] = True
    fitted_as: ClassVar["Form | None"] = "increasing"
    opposes: ClassVar[frozenset[str]] = frozenset({"decreasing"})
    on_two_levels: ClassVar[bool] = True
    levels_to_spare: ClassVar[Spare] = "half"
    knob_scale_open: ClassVar[bool] = True
    metric_scale_open: ClassVar[bool] = True
    holds_for_ranks: ClassVar[bool] = True
    free_scores: ClassVar[bool] = True
    scores_blocks: ClassVar[bool] = True

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return each seed's difference where there are two levels; more levels are scored as a trend."""
        if context.x.size != 2:
            return {}
        return {self.primary: Scores(parts=(curves[..., 1] - curves[..., 0])[..., None])}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the same difference as a contrast of level means."""
        if context.x.size != 2:
            return {}
        return {self.primary: Weights(weights=np.array([[-1.0, 1.0]]), offsets=np.zeros(1))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decreasing(Increasing):
    """The metric falls with the knob, in expectation over seeds; the mirror of `Increasing`."""

    name: ClassVar[str] = "decreasing"
    also_called: ClassVar[tuple[str, ...]] = (
        "falls",
        "falling",
        "declines",
        "down",
        "downward",
        "negative",
        "monotone",
        "monotonic",
        "decay",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("falls early, then stays level", "saturating with direction='decreasing'"),
        ("falls, then rises", "valley"),
        ("falls as a power of the knob, with a floor or without", "scaling_law or power_law"),
    )
    claim: ClassVar[str] = "falls with the knob"
    clauses: ClassVar[tuple[Clause, ...]] = (FALLS, _turns_back("rise"))
    fitted_as: ClassVar["Form | None"] = "decreasing"
    opposes: ClassVar[frozenset[str]] = frozenset({"increasing"})

    @property
    def orientation(self) -> int:
        """-1: larger scores mean a falling metric."""
        return -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear(Shape):
    """The metric changes along a straight line.

    A trend is not enough: the curve must also be shown to be nearly straight. Of its bend (quadratic) and its S
    (cubic) the peak departure from the line must lie within a part of the effect. A control lacks the shape where it is
    shown to depart from a straight line, or to carry less than the quiet fraction of the effect.

    Attributes
    ----------
    max_departure : float
        Largest departure from the line that is allowed, as a part of the effect, in (0, 1).
    direction : {"either", "increasing", "decreasing"}
        Whether the line must rise or fall; "either" lets the data choose, at half the error rate for each.
    """

    name: ClassVar[str] = "linear"
    also_called: ClassVar[tuple[str, ...]] = ("line", "straight", "proportional")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("rises, straight or not", "increasing"),
        ("is straight on log-log axes", "power_law"),
        ("is straight from an onset on", "threshold"),
    )
    one_way: ClassVar[bool] = False
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(
            name="changes",
            kind="primary",
            says="changes with the knob",
            refuted="opposite",
            null="mean linear score over seeds, in the direction of the change, <= 0",
        ),
        STRAIGHT,
    )
    is_trend: ClassVar[bool] = True
    departs_by: ClassVar[str | None] = "straight"
    fitted_as: ClassVar["Form | None"] = "linear"
    free_scores: ClassVar[bool] = True
    scores_blocks: ClassVar[bool] = True

    max_departure: float = 0.1
    direction: EitherDirection = "either"

    def __post_init__(self) -> None:
        fraction(self.name, "max_departure", self.max_departure)
        one_of(self.name, "direction", self.direction, ("decreasing", "either", "increasing"))

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with its direction if it sets one."""
        verb = {"either": "changes", "increasing": "rises", "decreasing": "falls"}[self.direction]
        return f"{verb} in a straight line with the knob"

    @property
    def orientation(self) -> int:
        """-1 for a falling line, else +1."""
        return -1 if self.direction == "decreasing" else 1

    @property
    def two_sided(self) -> bool:
        """Whether the data choose between rising and falling."""
        return self.direction == "either"

    @property
    def fitted_direction(self) -> EitherDirection:
        """The claimed direction."""
        return self.direction

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return how far bend and S stay within the allowed departure."""
        from sigstats.stats.scores.polynomials import polynomial_departures

        found = polynomial_departures(curves, context.x)
        parts = straightness(found.effect, found.quadratic, found.cubic, self.max_departure)
        return {"straight": Scores(parts=parts)}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return bend and S as contrasts of level means."""
        return {"straight": straightness_weights(context.x, self.max_departure)}


def straightness(
    effect: FloatArray, quadratic: FloatArray, cubic: FloatArray, max_departure: float
) -> FloatArray:
    """Return the four parts that a straight line must show."""
    allowed = max_departure * effect
    departures = [quadratic] if np.isnan(cubic).all() else [quadratic, cubic]
    return np.stack([allowed + sign * each for each in departures for sign in (-1.0, 1.0)], axis=-1)


def straightness_weights(x: FloatArray, max_departure: float) -> Weights:
    """Return the same four parts as contrasts of level means."""
    from sigstats.stats.classical.contrast_weights import polynomial_contrast
    from sigstats.stats.scores.combine import line_weights

    line = max_departure * line_weights(x)
    rows = []
    for degree in (2, 3)[: x.size - 2]:
        basis = polynomial_contrast(x, degree)
        departure = basis * np.abs(basis).max()
        rows += [line - departure, line + departure]
    return Weights(weights=np.array(rows), offsets=np.zeros(len(rows)))
