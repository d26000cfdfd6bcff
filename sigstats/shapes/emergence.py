"""Emergence: low, steep, high."""

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
    directed,
)
from sigstats.shapes.checks import one_of
from sigstats.shapes.crossfit import LEAST_ALPHA, stretch

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form
    from sigstats.stats.scores.middle import MiddleScores

FALLS_BACK = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sigmoid(DirectedShape):
    """The metric is low, rises steeply, and is high: a phase change along the knob.

    The middle of each seed, from 15 to 85 % of the rise, is found from the other seeds, and the seed is scored there.

    Attributes
    ----------
    direction : {"increasing", "decreasing"}
        Whether the metric rises, or falls, through the middle.
    """

    name: ClassVar[str] = "sigmoid"
    also_called: ClassVar[tuple[str, ...]] = (
        "emergence",
        "emergent",
        "grokking",
        "phase change",
        "phase transition",
        "s curve",
        "s shape",
        "logistic",
        "transition",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("stays level, then rises to the end of the range", "threshold"),
        ("jumps from one level to the next", "threshold with form='step'"),
        ("rises from the first level on, then stays level", "saturating"),
    )
    min_levels: ClassVar[int] = 6
    least_alpha: ClassVar[float] = LEAST_ALPHA
    location: ClassVar[str | None] = "midpoint"
    located_as: ClassVar[Located | None] = "sigmoid"
    fitted_as: ClassVar["Form | None"] = "sigmoid"
    opposes: ClassVar[frozenset[str]] = frozenset({"flat", "linear"})
    steep_clause: ClassVar[str | None] = "steepest_in_middle"
    scores_blocks: ClassVar[bool] = True

    direction: Direction = "increasing"

    def __post_init__(self) -> None:
        one_of(self.name, "direction", self.direction, ("decreasing", "increasing"))

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with its direction."""
        low, steep, high = ("high", "falls", "low") if self.falling else ("low", "rises", "high")
        return f"stays {low}, {steep} steeply in the middle, and stays {high} along the knob"

    @property
    def clauses(self) -> tuple[Clause, ...]:  # type: ignore[override]
        """The clauses, in the words of the direction."""
        return directed(SIGMOID, falling=self.falling)

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return the rise; by how much the middle is steeper than each end; and what the ends do not give back."""
        from sigstats.stats.scores.middle import (
            end_places,
            middle_places,
            middle_scores,
            middle_scores_at,
            rise_of,
        )

        rise, chosen = rise_of(curves), middle_scores(curves, context.x)
        every = middle_scores_at(curves, context.x, *middle_places(context.x.size))
        first, last, n_start = end_places(context.x.size)
        end = middle_scores_at(curves, context.x, first, last)
        return {
            "rises": Scores(parts=rise[..., None]),
            "steepest_in_middle": Scores(
                parts=_steeper(chosen),
                stretch=stretch("middle_steeper", chosen.over_start, context),
                every=_steeper(every, axis=-2),
                ends=_steeper(end, axis=-2),
                n_start=n_start,
            ),
            "keeps_ends": Scores(
                parts=_kept(chosen, rise), ends=_kept(end, rise[..., None], axis=-2), n_start=n_start
            ),
        }


def _steeper(at: "MiddleScores", *, axis: int = -1) -> FloatArray:
    return np.stack([at.over_start, at.over_end], axis=axis)


def _kept(at: "MiddleScores", rise: FloatArray, *, axis: int = -1) -> FloatArray:
    return np.stack([FALLS_BACK * rise + at.along_start, FALLS_BACK * rise + at.along_end], axis=axis)


SIGMOID = (
    Clause(
        name="rises",
        kind="primary",
        says="{rises} from its first levels to its last",
        refuted="opposite",
        null="the mean of the last levels, in the claimed direction, <= that of the first",
        noun="{rise}",
        measures="{rise} from the mean of the first levels to that of the last (a sixth of the levels each)",
    ),
    Clause(
        name="steepest_in_middle",
        kind="required",
        says="is steeper in the middle of the {rise} than at both ends",
        refuted="not_steepest_in_middle",
        unresolved="steepest_in_middle",
        null="the slope in the middle is at most that of the start, or at most that of the end",
        noun="steepness of the middle",
        measures="{rise} over the middle beyond what it would be at the slope of the end that is more like it",
        beyond="{rise} over the middle short of what it would be at the slope of an end",
    ),
    Clause(
        name="keeps_ends",
        kind="required",
        says="does not {fall} by half of the {rise} at either end",
        refuted="gives_back",
        unresolved="keeps_ends",
        null="along the start or along the end the metric moves against the claim by at least half of the change",
        noun="hold of the ends",
        measures="margin by which what an end gives back stays below half of the {rise}",
        beyond="excess of what an end gives back over half of the {rise}",
    ),
)
