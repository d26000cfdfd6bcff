"""Bends: saturation and curvature."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sigstats.shapes.base import (
    Clause,
    DirectedShape,
    Direction,
    FloatArray,
    Located,
    ScoreContext,
    Scores,
    Shape,
    Weights,
    directed,
)
from sigstats.shapes.checks import fraction, one_of

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturating(DirectedShape):
    """The metric changes early and levels off late.

    The windows are fixed before the data are seen: the first and the last third of the knob's range, at least three
    levels each. The late slope, up or down, must be shown to be less than a part of the early one.

    Attributes
    ----------
    late : float
        The late slope must lie below this part of the early slope, in (0, 1).
    direction : {"increasing", "decreasing"}
        Whether the metric rises, or falls, before it levels off.
    """

    name: ClassVar[str] = "saturating"
    also_called: ClassVar[tuple[str, ...]] = (
        "plateau",
        "saturates",
        "saturation",
        "levels off",
        "diminishing returns",
        "asymptote",
        "exponential",
        "logarithmic",
        "knee",
        "elbow",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("still rises in the last third", "increasing or concave"),
        ("comes down after its height", "peak"),
        ("jumps once and stays", "threshold with form='step'"),
    )
    min_levels: ClassVar[int] = 6
    location: ClassVar[str | None] = "knee"
    located_as: ClassVar[Located | None] = "saturating"
    fitted_as: ClassVar["Form | None"] = "saturating"
    compared: ClassVar[str | None] = "the early change minus the late change over an equal stretch"
    scores_blocks: ClassVar[bool] = True

    late: float = 0.25
    direction: Direction = "increasing"

    def __post_init__(self) -> None:
        fraction(self.name, "late", self.late)
        one_of(self.name, "direction", self.direction, ("decreasing", "increasing"))

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with its direction."""
        return f"{'falls' if self.falling else 'rises'} early and levels off along the knob"

    @property
    def clauses(self) -> tuple[Clause, ...]:  # type: ignore[override]
        """The clauses, in the words of the direction."""
        return directed(SATURATING, falling=self.falling)

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return early rise, allowance minus late rise over as much of the range, and their difference."""
        from sigstats.stats.scores.windows import early_width, late_slopes, window_slopes

        found, width = window_slopes(curves, context.x), early_width(context.x)
        early, late = width * found.early, width * found.late
        allowed, later = self.late * early, width * late_slopes(curves, context.x)
        return {
            "rises_early": Scores(parts=early[..., None]),
            "levels_off": Scores(
                parts=np.stack([allowed - late, allowed + late], axis=-1),
                ends=np.stack([allowed[..., None] - later, allowed[..., None] + later], axis=-2),
            ),
            "control": Scores(parts=(early - late)[..., None]),
        }

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the changes over the two windows as contrasts of level means."""
        from sigstats.stats.scores.combine import line_weights
        from sigstats.stats.scores.windows import early_width, end_windows

        early, late = np.zeros(context.x.size), np.zeros(context.x.size)
        first, last = end_windows(context.x)
        width = early_width(context.x)
        early[first], late[last] = (width * line_weights(context.x[window]) for window in (first, last))
        none, allowed = np.zeros(1), self.late * early
        return {
            "rises_early": Weights(weights=early[None], offsets=none),
            "levels_off": Weights(weights=np.stack([allowed - late, allowed + late]), offsets=np.zeros(2)),
            "control": Weights(weights=(early - late)[None], offsets=none),
        }


SATURATING = (
    Clause(
        name="rises_early",
        kind="primary",
        says="{rises} over the first third of the knob's range",
        refuted="opposite",
        null="slope over the first third, in the claimed direction, <= 0",
        noun="early {rise}",
        measures="{rise} of the line over the first third",
    ),
    Clause(
        name="levels_off",
        kind="required",
        says="levels off over the last third",
        refuted="not_levelling_off",
        unresolved="levels_off",
        null="the late slope, in either direction, is at least the allowed part of the early slope",
        noun="levelling",
        measures="margin by which the late change, whatever its sign, stays below the allowed part of the early {rise}",
        beyond="excess of the late change, whatever its sign, over the allowed part of the early {rise}",
        sides=2,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Convex(Shape):
    """The curve bends upwards: its middle lies below the line between its ends.

    The score is the sag of the seed's best-fitting parabola, in units of the metric.
    """

    name: ClassVar[str] = "convex"
    also_called: ClassVar[tuple[str, ...]] = ("accelerating", "exponential", "bends upwards")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("is level, then rises", "threshold"),
        ("falls, then rises", "valley"),
    )
    one_way: ClassVar[bool] = False
    claim: ClassVar[str] = "bends upwards along the knob"
    fitted_as: ClassVar["Form | None"] = "convex"
    opposes: ClassVar[frozenset[str]] = frozenset({"concave"})
    free_scores: ClassVar[bool] = True
    scores_blocks: ClassVar[bool] = True
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(
            name="bends_upwards",
            kind="primary",
            says="bends upwards",
            refuted="opposite",
            null="mean sag over seeds <= 0",
            noun="sag",
            measures="depth of the fitted parabola's middle below the line between its ends",
        ),
    )

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return the sag."""
        from sigstats.stats.scores.polynomials import curvature

        return {self.primary: Scores(parts=curvature(curves, context.x)[..., None])}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the sag as a contrast of level means."""
        from sigstats.stats.classical.contrast_weights import polynomial_contrast

        basis = polynomial_contrast(context.x, 2)
        sag = basis / (4.0 * float(basis @ context.x**2))
        return {self.primary: Weights(weights=sag[None], offsets=np.zeros(1))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Concave(Convex):
    """The curve bends downwards: its middle lies above the line between its ends; the mirror of `Convex`."""

    name: ClassVar[str] = "concave"
    also_called: ClassVar[tuple[str, ...]] = (
        "diminishing returns",
        "logarithmic",
        "decelerating",
        "bends downwards",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("rises, then stays level", "saturating"),
        ("rises, then falls", "peak"),
    )
    claim: ClassVar[str] = "bends downwards along the knob"
    fitted_as: ClassVar["Form | None"] = "concave"
    opposes: ClassVar[frozenset[str]] = frozenset({"convex"})
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(
            name="bends_downwards",
            kind="primary",
            says="bends downwards",
            refuted="opposite",
            null="mean sag over seeds >= 0",
            noun="arch",
            measures="height of the fitted parabola's middle above the line between its ends",
        ),
    )

    @property
    def orientation(self) -> int:
        """-1: larger scores mean a bend downwards."""
        return -1
