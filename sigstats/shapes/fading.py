"""Fades: an effect that is there at first is lost along a second column."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from sigstats.errors import SignatureError
from sigstats.shapes.base import (
    Clause,
    Direction,
    FloatArray,
    MetricScale,
    Scale,
    ScoreContext,
    Scores,
    Shape,
    Weights,
)
from sigstats.shapes.checks import one_of
from sigstats.stats.blocks import beside

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Fades(Shape):
    """The effect of the knob, there at first, is lost along another column, such as the training step.

    The metric of this claim is the effect itself: the linear score of each seed at every level of that column.

    Attributes
    ----------
    by : str
        The column along which the effect fades; numbers.
    by_scale : {"linear", "log", "rank"}
        Scale of that column.
    direction : {"increasing", "decreasing"}
        Direction of the effect at first.
    """

    name: ClassVar[str] = "fades"
    also_called: ClassVar[tuple[str, ...]] = (
        "transient",
        "decays",
        "decay",
        "washes out",
        "disappears",
        "vanishes",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("the metric itself falls along the column", "decreasing, with that column as the knob"),
    )
    one_way: ClassVar[bool] = False
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(
            name="there_and_fading",
            kind="primary",
            says="is there at the first level and declines from there",
            refuted="opposite",
            null="the effect at the first level is <= 0, or does not decline",
            noun="first effect",
            measures="effect at the first level",
            parts="effect at the first level, or its decline from there,",
        ),
        Clause(
            name="not_reversed",
            kind="tolerated",
            says="has not turned round at the last level",
            refuted="reversed_at_end",
            null="the effect at the last level is >= 0",
            noun="last effect",
            measures="effect at the last level",
        ),
    )
    metric_scale: ClassVar[MetricScale | None] = "linear"
    compared: ClassVar[str | None] = "the weaker of first effect and decline"
    knob_scale_open: ClassVar[bool] = True
    metric_scale_open: ClassVar[bool] = True
    scores_blocks: ClassVar[bool] = True

    by: str
    by_scale: Scale = "linear"
    direction: Direction = "increasing"

    def __post_init__(self) -> None:
        if not isinstance(self.by, str) or not self.by:
            raise SignatureError(
                f"`by` of the shape 'fades' is {self.by!r}; it must be the name of a column."
            )
        one_of(self.name, "by_scale", self.by_scale, ("linear", "log", "rank"))
        one_of(self.name, "direction", self.direction, ("decreasing", "increasing"))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return an effect that fades with training."""
        return (cls(by="step"),)

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with its column."""
        verb = "falls" if self.direction == "decreasing" else "rises"
        return f"{verb} with the knob at first, and less and less so along {self.by}"

    @property
    def along(self) -> str:  # type: ignore[override]
        """The column along which the effect fades."""
        return self.by

    @property
    def knob_scale(self) -> Scale:  # type: ignore[override]
        """Scale of the column along which the effect fades."""
        return self.by_scale

    @property
    def orientation(self) -> int:
        """-1 where the metric falls with the knob at first."""
        return -1 if self.direction == "decreasing" else 1

    @property
    def fitted_as(self) -> "Form":  # type: ignore[override]
        """The course of the effect: it loses the sign that it has at first."""
        return "decreasing" if self.direction == "increasing" else "increasing"

    def sketch(self) -> tuple[float, ...] | None:
        """Return an effect that is lost."""
        effect = np.exp(-4.0 * np.linspace(0.0, 1.0, 12))
        return tuple(((-1.0 if self.direction == "decreasing" else 1.0) * effect).tolist())

    def on_scale(self, scale: Scale) -> "Fades":
        """Return the shape with another scale of the column along which the effect fades."""
        return replace(self, by_scale=scale)

    def contradiction(self, *, min_effect: float | None, metric_scale: str, knob_scale: str) -> str | None:
        """Return None: the scales of the signature are those of the effect."""
        del min_effect, metric_scale, knob_scale
        return None

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return first effect and decline of each seed, for the control too, and its last effect."""
        from sigstats.stats.scores.linear import linear_scores

        nothing = beside(context.common(0.0), 1)
        first, last = curves[..., 0] - nothing, curves[..., -1] - nothing
        parts = np.stack([first, -linear_scores(curves, context.x)], axis=-1)
        return {
            "there_and_fading": Scores(parts=parts),
            "not_reversed": Scores(parts=last[..., None]),
            "control": Scores(parts=parts),
        }

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the same as contrasts of level means."""
        from sigstats.stats.scores.combine import line_weights

        n, nothing = context.x.size, np.asarray(context.common(0.0))
        first, last = np.eye(n)[0], np.eye(n)[-1]
        parts = Weights(
            weights=np.stack([first, -line_weights(context.x)]),
            offsets=np.stack([-nothing, 0.0 * nothing], axis=-1),
        )
        return {
            "there_and_fading": parts,
            "not_reversed": Weights(weights=last[None], offsets=-nothing[..., None]),
            "control": parts,
        }
