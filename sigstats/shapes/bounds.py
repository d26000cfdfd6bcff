"""Claims on every level: flat, above a value, below a value.

Each level is a part of the claim, and all parts must be shown. Testing every part at the level alpha needs no
correction if the claim is made only when all tests pass. One level that is shown outside refutes the claim, with Holm's
correction.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from sigstats.errors import SignatureError
from sigstats.shapes.base import Bounds, Clause, FloatArray, ScoreContext, Scores, Shape, Spare, Weights
from sigstats.shapes.checks import number

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat(Shape):
    """The metric does not depend on the knob: every level lies within a margin of the curve's mean.

    Not to be confused with a trend that was not found: flatness is shown, level by level, by two one-sided tests.
    A control must be *shown to depart*, so that the metric is known to be able to.

    Attributes
    ----------
    margin : float or None
        Largest departure from the curve's mean that counts as flat, in units of the metric, above 0; None means
        half of `min_effect`.
    """

    name: ClassVar[str] = "flat"
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("no trend was found", "a trend that is not found is not shown to be flat: declare a margin"),
        ("stays on one side of a value", "above or below"),
        ("two conditions are as good as equal", "equivalent"),
    )
    one_way: ClassVar[bool] = False
    claim: ClassVar[str] = "does not change with the knob"
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(
            name="flat",
            kind="primary",
            says="stays within the margin of its mean at every level",
            refuted="not_flat",
            null="some level of the mean curve departs from its mean by the margin or more",
            sides=2,
            noun="room inside the margin",
            measures="distance inside the margin",
            beyond="distance outside the margin",
        ),
    )
    sized: ClassVar[bool] = False
    on_two_levels: ClassVar[bool] = True
    positive_control: ClassVar[bool] = True
    departs_by: ClassVar[str | None] = "flat"
    fitted_as: ClassVar["Form | None"] = "flat"
    opposes: ClassVar[frozenset[str]] = frozenset(
        {
            "increasing", "decreasing", "linear", "saturating", "threshold", "peak", "valley", "convex", "concave",
            "power_law", "scaling_law",
        }
    )  # fmt: skip
    needs_order: ClassVar[bool] = False
    levels_to_spare: ClassVar[Spare] = "half"

    margin: float | None = None

    def __post_init__(self) -> None:
        if self.margin is not None and not number(self.name, "margin", self.margin) > 0:
            raise SignatureError(
                f"`margin` of the shape 'flat' is {self.margin!r}; it must be above 0, in units of the metric."
            )

    def contradiction(self, *, min_effect: float | None, metric_scale: str, knob_scale: str) -> str | None:
        """Return that a margin is missing, if it is."""
        del metric_scale, knob_scale
        if self.margin is None and min_effect is None:
            return (
                "`shape` is 'flat', which needs a margin: no data can show that a metric does not change at all. Give "
                "`min_effect` (the margin is half of it), or shape={'name': 'flat', 'margin': ...}."
            )
        return None

    def sketch(self) -> tuple[float, ...] | None:
        """Return a curve that stays where it is."""
        return (0.0,) * 12

    def _margin(self, context: ScoreContext) -> float:
        if self.margin is not None:
            return self.margin / context.scale
        return 0.5 * (context.min_effect if context.min_effect is not None else np.nan)

    def bounds(self, min_effect: float | None) -> Bounds | None:
        """Return the margin on either side of the mean.

        Parameters
        ----------
        min_effect : float or None
            Smallest effect of interest, as declared.

        Returns
        -------
        Bounds or None
            In units of the metric (after `metric_scale`).
        """
        half = None if min_effect is None else 0.5 * min_effect
        margin = half if self.margin is None else self.margin
        return None if margin is None else Bounds(low=-margin, high=margin, around_mean=True)

    def target(self, context: ScoreContext) -> float | None:
        """Return the margin: the score of a level that does not depart at all."""
        return self._margin(context)

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return how far each level stays within the margin, on both sides."""
        from sigstats.stats.scores.reversal import mean_curve

        margin = self._margin(context)
        level = mean_curve(curves)
        seed = np.nanmean(curves - level, axis=1) + level.mean()
        away = curves - seed[:, None]
        parts = np.stack([margin - away, margin + away], axis=2).reshape(len(curves), -1)
        return {"flat": Scores(parts=parts, at=np.repeat(context.levels, 2))}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return each level minus the mean of all, on both sides."""
        n = context.x.size
        away = np.eye(n) - 1.0 / n
        weights = np.stack([-away, away], axis=1).reshape(2 * n, n)
        return {
            "flat": Weights(
                weights=weights,
                offsets=np.full(2 * n, self._margin(context)),
                at=np.repeat(context.levels, 2),
            )
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound(Shape):
    """Base of `Above` and `Below`."""

    sized: ClassVar[bool] = False
    on_two_levels: ClassVar[bool] = True
    needs_order: ClassVar[bool] = False
    levels_to_spare: ClassVar[Spare] = "half"

    value: float

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return the claim with a value of one half."""
        return (cls(value=0.5),)

    def __post_init__(self) -> None:
        number(self.name, "value", self.value)

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with the value."""
        return f"lies {self.name} {self.value:.6g} at every level of the knob"

    @property
    def compared(self) -> str:  # type: ignore[override]
        """The mean over the levels, compared with the value."""
        return f"the mean distance {self.name} {self.value:.6g}"

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return the distance of each level from the value."""
        parts = curves - context.common(self.value)
        control = np.nanmean(parts, axis=1)[:, None]
        return {self.primary: Scores(parts=parts, at=context.levels), "control": Scores(parts=control)}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the mean of each level, compared with the value."""
        n = context.x.size
        bound = context.common(self.value)
        mean = Weights(weights=np.full((1, n), 1.0 / n), offsets=np.array([-bound]))
        return {
            self.primary: Weights(weights=np.eye(n), offsets=np.full(n, -bound), at=context.levels),
            "control": mean,
        }


def _on_side(side: str, other: str) -> Clause:
    return Clause(
        name=side,
        kind="primary",
        says=f"lies {side} the value at every level",
        refuted=f"not_{side}",
        null=f"at some level the mean is not {side} the value",
        noun=f"distance {side} the value",
        measures=f"distance {side} the value",
        beyond=f"distance {other} the value",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Above(_Bound):
    """The metric lies above a value at every level.

    Attributes
    ----------
    value : float
        The value, in units of the metric (after `metric_scale`, as the report shows it).
    """

    name: ClassVar[str] = "above"
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("is above on average", "higher, against a baseline"),
        ("rises above the value from an onset on", "threshold"),
    )
    clauses: ClassVar[tuple[Clause, ...]] = (_on_side("above", "below"),)

    def bounds(self, min_effect: float | None) -> Bounds | None:
        """Return everything above the value.

        Parameters
        ----------
        min_effect : float or None
            Smallest effect of interest, as declared.

        Returns
        -------
        Bounds or None
            In units of the metric (after `metric_scale`).
        """
        del min_effect
        return Bounds(low=self.value, high=math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Below(_Bound):
    """The metric lies below a value at every level.

    Attributes
    ----------
    value : float
        The value, in units of the metric (after `metric_scale`, as the report shows it).
    """

    name: ClassVar[str] = "below"
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("is below on average", "lower, against a baseline"),
        ("falls towards a floor", "saturating with direction='falling'"),
    )
    clauses: ClassVar[tuple[Clause, ...]] = (_on_side("below", "above"),)

    def bounds(self, min_effect: float | None) -> Bounds | None:
        """Return everything below the value.

        Parameters
        ----------
        min_effect : float or None
            Smallest effect of interest, as declared.

        Returns
        -------
        Bounds or None
            In units of the metric (after `metric_scale`).
        """
        del min_effect
        return Bounds(low=-math.inf, high=self.value)

    @property
    def orientation(self) -> int:
        """-1: the further below, the larger the score."""
        return -1
