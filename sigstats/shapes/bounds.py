"""Claims on every level: flat, above a value, below a value.

Each level is a part of the claim, and all parts must be shown. Testing every part at the level alpha needs no
correction if the claim is made only when all tests pass. One level that is shown outside refutes the claim, with Holm's
correction.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np

from sigstats.errors import SignatureError
from sigstats.shapes.base import Bounds, Clause, FloatArray, ScoreContext, Scores, Shape, Spare, Weights
from sigstats.shapes.checks import number, one_of
from sigstats.stats.blocks import beside

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form


By = Literal["level", "contrast"]
STRAIGHT = 3  # fewest levels that show more than a line
LASTING = 2  # levels on each side of a step that lasts, where there are four or more

EVERY_LEVEL = Clause(
    name="flat",
    kind="primary",
    says="stays within the margin of its mean at every level",
    refuted="not_flat",
    null="some level of the mean curve departs from its mean by the margin or more",
    sides=2,
    noun="room inside the margin",
    measures="distance inside the margin",
    beyond="distance outside the margin",
)
EVERY_CONTRAST = Clause(
    name="flat",
    kind="primary",
    says="has no slope, bend or step that reaches the margin",
    refuted="not_flat",
    null="the line, the parabola or some step of the mean curve departs from its mean by the margin or more",
    sides=2,
    noun="room inside the margin",
    measures="distance inside the margin",
    beyond="distance outside the margin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat(Shape):
    """The metric does not depend on the knob: nothing departs from the curve's mean by a margin.

    Not to be confused with a trend that was not found: flatness is shown by two one-sided tests, of every level or of
    every contrast. Every level is the stronger claim, and harder to show the more levels there are. A claim by
    contrast says that no line, no parabola and no step that lasts for two levels departs from the middle by the margin,
    a line or a step by half of its change; a single level may. A control must be *shown to depart*, so that the metric
    is known to be able to.

    Attributes
    ----------
    margin : float or None
        Largest departure from the curve's mean that counts as flat, in units of the metric, above 0; None means
        half of `min_effect`.
    by : {"level", "contrast"}
        What must lie within the margin: every level, or the contrasts of a line, a parabola and all steps. Half of
        the change of a line or a step counts, which is how far it departs from the middle.
    """

    name: ClassVar[str] = "flat"
    also_called: ClassVar[tuple[str, ...]] = (
        "constant",
        "no effect",
        "null",
        "invariant",
        "independent",
        "unchanged",
        "level",
        "irrelevant",
        "robust",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("no trend was found", "a trend that is not found is not shown to be flat: declare a margin"),
        (
            "moves at a single level, up or down",
            "flat by level refutes it; flat with by='contrast' allows it",
        ),
        ("stays on one side of a value", "above or below"),
        ("two conditions are as good as equal", "equivalent"),
    )
    one_way: ClassVar[bool] = False
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
    levels_to_spare: ClassVar[Spare] = "half"
    scores_blocks: ClassVar[bool] = True

    margin: float | None = None
    by: By = "level"

    def __post_init__(self) -> None:
        one_of(self.name, "by", self.by, ("contrast", "level"))
        if self.margin is not None and not number(self.name, "margin", self.margin) > 0:
            raise SignatureError(
                f"`margin` of the shape 'flat' is {self.margin!r}; it must be above 0, in units of the metric."
            )

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return a claim on every level, and one on contrasts."""
        return (cls(), cls(by="contrast"))

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim: of every level, or of contrasts."""
        return f"{'does not change with' if self.level_wise else 'has no slope, bend or step along'} the knob"

    @property
    def clauses(self) -> tuple[Clause, ...]:  # type: ignore[override]
        """What must lie within the margin."""
        return (EVERY_LEVEL if self.level_wise else EVERY_CONTRAST,)

    @property
    def level_wise(self) -> bool:
        """Whether the claim is about every level on its own."""
        return self.by == "level"

    @property
    def needs_order(self) -> bool:  # type: ignore[override]
        """Whether the levels must keep their places, as lines and steps need."""
        return not self.level_wise

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
        """Return how far each level, or each contrast, stays within the margin, on both sides."""
        if not self.level_wise:
            return {"flat": _contrasts(curves, context, self._margin(context))}
        from sigstats.stats.scores.reversal import mean_curve

        margin = beside(self._margin(context), 2)
        level = mean_curve(curves)[..., None, :]
        seed = np.nanmean(curves - level, axis=-1) + level.mean(axis=-1)
        away = curves - seed[..., None]
        parts = np.stack([margin - away, margin + away], axis=-1).reshape(*curves.shape[:-1], -1)
        return {"flat": Scores(parts=parts, at=np.repeat(context.levels, 2))}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return each level minus the mean of all, or each contrast, on both sides."""
        n, margin = context.x.size, np.asarray(self._margin(context))[..., None]
        if not self.level_wise:
            found = _contrasts(np.eye(n), context, 0.0)
            offsets = np.repeat(margin, found.parts.shape[-1], axis=-1)
            return {"flat": Weights(weights=found.parts.T, offsets=offsets, about=found.about)}
        away = np.eye(n) - 1.0 / n
        weights = np.stack([-away, away], axis=1).reshape(2 * n, n)
        return {
            "flat": Weights(
                weights=weights,
                offsets=np.repeat(margin, 2 * n, axis=-1),
                at=np.repeat(context.levels, 2),
            )
        }


def _contrasts(curves: FloatArray, context: ScoreContext, margin: float) -> Scores:
    """Return how far line, parabola and steps stay within the margin, as departures from the middle."""
    from sigstats.stats.scores.polynomials import polynomial_departures
    from sigstats.stats.scores.step import step_scores_at

    found, n = polynomial_departures(curves, context.x), context.x.size
    away, about = [0.5 * found.effect], ["the line"]
    if n >= STRAIGHT:
        # Where runs are fresh at every level, one level against many would be tested at .060 instead of .05.
        gaps = np.arange(n - 1) if n == STRAIGHT else np.arange(LASTING - 1, n - LASTING)
        steps = step_scores_at(curves, context.x, gaps).jump
        away += [found.quadratic, *np.moveaxis(0.5 * steps, -1, 0)]
        about += ["the parabola", *(f"the step up to level {level:g}" for level in context.levels[gaps + 1])]
    room = beside(margin, 1)
    parts = np.stack([room + sign * each for each in away for sign in (-1.0, 1.0)], axis=-1)
    return Scores(parts=parts, about=tuple(np.repeat(about, 2).tolist()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound(Shape):
    """Base of `Above` and `Below`."""

    sized: ClassVar[bool] = False
    on_two_levels: ClassVar[bool] = True
    needs_order: ClassVar[bool] = False
    levels_to_spare: ClassVar[Spare] = "half"
    scores_blocks: ClassVar[bool] = True

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
        parts = curves - beside(context.common(self.value), 2)
        control = np.nanmean(parts, axis=-1)[..., None]
        return {self.primary: Scores(parts=parts, at=context.levels), "control": Scores(parts=control)}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the mean of each level, compared with the value."""
        n = context.x.size
        beyond = -np.asarray(context.common(self.value))[..., None]
        mean = Weights(weights=np.full((1, n), 1.0 / n), offsets=beyond)
        return {
            self.primary: Weights(
                weights=np.eye(n), offsets=np.repeat(beyond, n, axis=-1), at=context.levels
            ),
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
    also_called: ClassVar[tuple[str, ...]] = ("at least", "floor", "minimum", "lower bound")
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
    also_called: ClassVar[tuple[str, ...]] = ("at most", "ceiling", "maximum", "upper bound")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("is below on average", "lower, against a baseline"),
        ("falls towards a floor", "saturating with direction='decreasing'"),
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
