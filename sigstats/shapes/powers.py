"""Power laws: the metric is proportional to a power of the knob."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sigstats.errors import SignatureError
from sigstats.shapes.base import (
    Clause,
    EitherDirection,
    FloatArray,
    MetricScale,
    Scale,
    ScoreContext,
    Scores,
    Shape,
    Unit,
    Weights,
)
from sigstats.shapes.checks import fraction, number
from sigstats.shapes.trends import STRAIGHT, straightness, straightness_weights
from sigstats.stats.blocks import beside

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw(Shape):
    """The metric is proportional to the knob to a power: a straight line on log-log axes.

    Knob and metric are analysed on the log scale, so means over seeds are geometric.

    Attributes
    ----------
    exponent : (float, float) or None
        Range in which the exponent must be shown to lie; None asks only that it differs from 0.
    max_departure : float
        Largest departure from the straight line on log-log axes, as a part of the change along it, in (0, 1).
    """

    name: ClassVar[str] = "power_law"
    also_called: ClassVar[tuple[str, ...]] = ("power", "scaling", "log log", "loglog", "allometric")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        (
            "levels off at a floor, such as an irreducible loss",
            "scaling_law",
        ),
        ("is straight where only the metric has a log scale", "linear with metric_scale='log'"),
    )
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(
            name="power",
            kind="primary",
            says="has an exponent other than 0",
            refuted="opposite",
            null="mean exponent over seeds, positive in the claimed or found direction, <= 0",
            noun="exponent",
            measures="exponent of the knob, positive in the claimed or found direction",
        ),
        replace(STRAIGHT, instead=("flattens towards a floor or a ceiling", "scaling_law")),
        Clause(
            name="exponent_inside",
            kind="required",
            says="has an exponent in the declared range",
            refuted="exponent_outside",
            unresolved="exponent_inside",
            null="the mean exponent over seeds lies outside the declared range",
            sides=2,
            noun="room in the range",
            measures="distance of the exponent from the nearer end of its range",
            range_option="exponent",
        ),
    )
    knob_scale: ClassVar[Scale | None] = "log"
    metric_scale: ClassVar[MetricScale | None] = "log"
    unit: ClassVar[Unit] = "exponent"
    fitted_as: ClassVar["Form | None"] = "power_law"
    scores_blocks: ClassVar[bool] = True

    exponent: tuple[float, float] | None = None
    max_departure: float = 0.1

    def __post_init__(self) -> None:
        fraction(self.name, "max_departure", self.max_departure)
        if self.exponent is None:
            return
        try:
            low, high = (number(self.name, "exponent", end) for end in self.exponent)
        except TypeError:
            low, high = 1.0, 0.0
        except ValueError as error:
            if isinstance(error, SignatureError):
                raise
            low, high = 1.0, 0.0
        if not low < high:
            raise SignatureError(
                f"`exponent` of the shape 'power_law' is {self.exponent!r}; it must be a range of two ascending "
                "numbers, as in (-0.6, -0.4)."
            )
        object.__setattr__(self, "exponent", (low, high))

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with the range of the exponent where it is declared."""
        if self.exponent is None:
            return "follows a power of the knob"
        return "follows a power of the knob, with an exponent from {:.6g} to {:.6g}".format(*self.exponent)

    @property
    def orientation(self) -> int:
        """-1 where only negative exponents are claimed, else +1."""
        return -1 if self.exponent is not None and self.exponent[1] <= 0 else 1

    @property
    def two_sided(self) -> bool:
        """Whether the claim leaves the sign of the exponent open."""
        return self.exponent is None or self.exponent[0] < 0 < self.exponent[1]

    @property
    def fitted_direction(self) -> EitherDirection:
        """The sign of the exponent, where the claim sets one."""
        if self.two_sided:
            return "either"
        return "increasing" if self.orientation > 0 else "decreasing"

    def _bounds(self, context: ScoreContext) -> tuple[float, float] | None:
        if self.exponent is None:
            return None
        low, high = (context.orientation * end / context.scale for end in self.exponent)
        return (low, high) if context.orientation > 0 else (high, low)

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return the exponent, straightness, and the distances of the exponent from the ends of its range."""
        from sigstats.stats.scores.polynomials import polynomial_departures

        found = polynomial_departures(curves, context.x)
        exponent = found.effect / _decades(context)
        parts = straightness(found.effect, found.quadratic, found.cubic, self.max_departure)
        scores = {"power": Scores(parts=exponent[..., None]), "straight": Scores(parts=parts)}
        bounds = self._bounds(context)
        if bounds is not None:
            low, high = (beside(end, 1) for end in bounds)
            inside = np.stack([exponent - low, high - exponent], axis=-1)
            scores["exponent_inside"] = Scores(parts=inside)
        return scores

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the same as contrasts of level means."""
        from sigstats.stats.scores.combine import line_weights

        line = line_weights(context.x) / _decades(context)
        found = {
            "power": Weights(weights=line[None], offsets=np.zeros(1)),
            "straight": straightness_weights(context.x, self.max_departure),
        }
        bounds = self._bounds(context)
        if bounds is not None:
            offsets = np.stack([-np.asarray(bounds[0]), np.asarray(bounds[1])], axis=-1)
            found["exponent_inside"] = Weights(weights=np.stack([line, -line]), offsets=offsets)
        return found


def _decades(context: ScoreContext) -> float:
    """Return the natural logarithm of the ratio of the last level to the first."""
    return float(np.log(context.levels[-1] / context.levels[0]))
