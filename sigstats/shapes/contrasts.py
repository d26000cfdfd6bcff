"""Claims that users define: contrast weights over the levels, or a function from a seed's curve to a score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from sigstats.errors import SignatureError
from sigstats.shapes.base import Clause, FloatArray, ScoreContext, Scores, Shape, Spare, Weights
from sigstats.shapes.checks import number


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered(Shape):
    """A contrast that you define: a weighted sum of the levels is above 0.

    Attributes
    ----------
    weights : tuple of float
        One weight per level, in ascending order of the levels; they sum to 0.
    """

    name: ClassVar[str] = "ordered"
    also_called: ClassVar[tuple[str, ...]] = ("contrast", "weights", "double descent")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("rises along the levels, by whatever amounts", "increasing"),
        ("lies within bounds at every level", "above, below or flat"),
    )
    one_way: ClassVar[bool] = False
    claim: ClassVar[str] = "follows the declared contrast of the knob's levels"
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(
            name="contrast",
            kind="primary",
            says="follows the declared contrast",
            refuted="opposite",
            null="the declared contrast of the mean curve is <= 0",
            noun="contrast",
            measures="weighted sum of the levels",
        ),
    )

    on_two_levels: ClassVar[bool] = True
    levels_to_spare: ClassVar[Spare] = "none"
    metric_scale_open: ClassVar[bool] = True
    free_scores: ClassVar[bool] = True
    scores_blocks: ClassVar[bool] = True

    weights: tuple[float, ...]

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return the contrast of the last of three levels with the first."""
        return (cls(weights=(-1.0, 0.0, 1.0)),)

    def __post_init__(self) -> None:
        try:
            weights = tuple(number(self.name, "weights", weight) for weight in self.weights)
        except TypeError:
            weights = ()
        if len(weights) < 2 or abs(sum(weights)) > 1e-9 * max(map(abs, weights)) or not any(weights):
            raise SignatureError(
                f"`weights` of the shape 'ordered' is {self.weights!r}; it must hold one number per level, not all 0, "
                "that sum to 0, as in (-1, 0, 1)."
            )
        object.__setattr__(self, "weights", weights)

    def _weights(self, context: ScoreContext) -> FloatArray:
        weights = np.array(self.weights)
        if weights.size != context.x.size:
            levels = ", ".join(f"{level:g}" for level in context.levels)
            raise SignatureError(
                f"`weights` of the shape 'ordered' has {weights.size} numbers, the sweep {context.x.size} levels "
                f"({levels}); each level needs one. Give a weight of 0 to a level that does not matter."
            )
        return weights

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return the contrast of each seed that has all levels of a weight other than 0."""
        weights = self._weights(context)
        used = weights != 0
        return {"contrast": Scores(parts=(curves[..., used] @ weights[used])[..., None])}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the contrast of level means."""
        return {"contrast": Weights(weights=self._weights(context)[None], offsets=np.zeros(1))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom(Shape):
    """A claim that you define: a function turns each seed's curve into a score, whose mean must be above 0.

    Attributes
    ----------
    function : callable
        ``function(levels, values)``: levels of one seed in the knob's own units, ascending, and the metric there
        (after `metric_scale`); both without missing cells. It returns one number, larger for more of the shape, in
        units of the metric, and must not look at other seeds or choose anything from the data of all seeds.
    says : str
        The claim in words, as in "oscillates along the knob".
    """

    name: ClassVar[str] = "custom"
    also_called: ClassVar[tuple[str, ...]] = ("function", "callable", "other")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("is a weighted sum of the levels", "ordered, which a card can hold"),
    )
    one_way: ClassVar[bool] = False
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(
            name="score",
            kind="primary",
            says="has a positive score",
            refuted="opposite",
            null="mean score over seeds <= 0",
            measures="mean score of the function",
        ),
    )

    free_scores: ClassVar[bool] = True

    function: Callable[[FloatArray, FloatArray], float]
    says: str = "has a positive score on average"

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise SignatureError(
                f"`function` of the shape 'custom' is {self.function!r}; it must be a function of levels and values. "
                "A card cannot hold one: use the shape in Python, or 'ordered' with contrast weights."
            )

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return a score that weighs the metric by the levels."""
        return (cls(function=np.dot),)

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, in the user's words."""
        return self.says

    def options(self) -> dict[str, Any]:
        """Return the name of the function, and the claim."""
        return {"function": getattr(self.function, "__qualname__", repr(self.function)), "says": self.says}

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return the function of every seed's curve, in units of the metric."""
        found = np.full(len(curves), np.nan)
        for row, curve in enumerate(curves):
            seen = ~np.isnan(curve)
            values = (curve[seen] * context.orientation + context.centre) * context.scale
            try:
                found[row] = float(self.function(context.levels[seen].copy(), values)) / context.scale
            except (TypeError, ValueError) as error:
                raise SignatureError(
                    f"`function` of the shape 'custom' did not return a number for a seed with {seen.sum()} levels: "
                    f"{error}. It must return one finite number per seed."
                ) from error
        if not np.isfinite(found).all():
            raise SignatureError(
                "`function` of the shape 'custom' returned a value that is not finite; it must return one finite "
                "number per seed."
            )
        return {"score": Scores(parts=found[:, None])}
