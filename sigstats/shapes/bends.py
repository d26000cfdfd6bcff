"""Bends: saturation, thresholds and curvature."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np

from sigstats.shapes.base import (
    Clause,
    Direction,
    EitherDirection,
    FloatArray,
    Located,
    ScoreContext,
    Scores,
    Shape,
    Weights,
    directed,
)
from sigstats.shapes.checks import fraction, one_of
from sigstats.shapes.crossfit import stretch
from sigstats.stats.checks import BoolArray
from sigstats.stats.scores.critical_values import Statistic

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form

FLAT = 0.25
ABRUPT = 0.5
# Share of the range that both sides of a control's bend must span: on a shorter side noise allows for any slope.
SIDE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturating(Shape):
    """The metric changes early and levels off late.

    The windows are fixed before the data are seen: the first and the last third of the knob's range, at least three
    levels each. The late slope, up or down, must be shown to be less than a part of the early one.

    Attributes
    ----------
    late : float
        The late slope must lie below this part of the early slope, in (0, 1).
    direction : {"rising", "falling"}
        Whether the metric rises, or falls, before it levels off.
    """

    name: ClassVar[str] = "saturating"
    min_levels: ClassVar[int] = 6
    location: ClassVar[str | None] = "knee"
    located_as: ClassVar[Located | None] = "saturating"
    fitted_as: ClassVar["Form | None"] = "saturating"
    compared: ClassVar[str | None] = "the early slope minus the late slope"

    late: float = 0.25
    direction: Direction = "rising"

    def __post_init__(self) -> None:
        fraction(self.name, "late", self.late)
        one_of(self.name, "direction", self.direction, ("falling", "rising"))

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with its direction."""
        return f"{'falls' if self.direction == 'falling' else 'rises'} early and levels off along the knob"

    @property
    def clauses(self) -> tuple[Clause, ...]:  # type: ignore[override]
        """The clauses, in the words of the direction."""
        return directed(SATURATING, falling=self.direction == "falling")

    @property
    def orientation(self) -> int:
        """-1 where the metric falls before it levels off."""
        return -1 if self.direction == "falling" else 1

    @property
    def fitted_direction(self) -> EitherDirection:
        """The claimed direction."""
        return self.direction

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return early slope, allowance minus late slope, and their difference for the control."""
        from sigstats.stats.scores.windows import late_slopes, window_slopes

        found = window_slopes(curves, context.x)
        allowed, later = self.late * found.early, late_slopes(curves, context.x)
        return {
            "rises_early": Scores(parts=found.early[:, None]),
            "levels_off": Scores(
                parts=np.stack([allowed - found.late, allowed + found.late], axis=1),
                ends=np.stack([allowed[:, None] - later, allowed[:, None] + later], axis=1),
            ),
            "control": Scores(parts=(found.early - found.late)[:, None]),
        }

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the slopes of the two windows as contrasts of level means."""
        from sigstats.stats.scores.combine import line_weights
        from sigstats.stats.scores.windows import end_windows

        early, late = np.zeros(context.x.size), np.zeros(context.x.size)
        first, last = end_windows(context.x)
        early[first], late[last] = line_weights(context.x[first]), line_weights(context.x[last])
        none, allowed = np.zeros(1), self.late * early
        return {
            "rises_early": Weights(weights=early[None], offsets=none),
            "levels_off": Weights(weights=np.stack([allowed - late, allowed + late]), offsets=np.zeros(2)),
            "control": Weights(weights=(early - late)[None], offsets=none),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(Shape):
    """Nothing happens until the knob passes an onset; then the metric bends (hinge) or jumps (step).

    The onset of each seed is found from the other seeds, and the seed is scored with it.

    Attributes
    ----------
    form : {"hinge", "step"}
        A bend into a slope, or a jump from one plateau to another.
    direction : {"rising", "falling"}
        Direction of what happens at the onset.
    """

    name: ClassVar[str] = "threshold"
    location: ClassVar[str | None] = "onset"

    form: Literal["hinge", "step"] = "hinge"
    direction: Direction = "rising"

    def __post_init__(self) -> None:
        one_of(self.name, "form", self.form, ("hinge", "step"))
        one_of(self.name, "direction", self.direction, ("falling", "rising"))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return a bend and a jump."""
        return (cls(), cls(form="step"))

    @property
    def orientation(self) -> int:
        """-1 where the metric falls at the onset."""
        return -1 if self.direction == "falling" else 1

    @property
    def clauses(self) -> tuple[Clause, ...]:  # type: ignore[override]
        """The clauses of the form, in the words of the direction."""
        return directed(HINGE if self.form == "hinge" else STEP, falling=self.direction == "falling")

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with its form and direction."""
        if self.form == "hinge":
            verb = "falls" if self.direction == "falling" else "rises"
            return f"stays flat until an onset along the knob, then {verb}"
        verb = "jumps up" if self.direction == "rising" else "drops"
        return f"stays flat, {verb} at an onset along the knob, and stays flat"

    @property
    def located_as(self) -> Located:  # type: ignore[override]
        """Hinge or step."""
        return self.form

    @property
    def fitted_as(self) -> "Form":  # type: ignore[override]
        """Hinge or step."""
        return self.form

    @property
    def fitted_direction(self) -> EitherDirection:
        """The claimed direction."""
        return self.direction

    @property
    def min_levels(self) -> int:  # type: ignore[override]
        """Three levels on each side of the onset."""
        return 5 if self.form == "hinge" else 6

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return the scores of the form's clauses."""
        return _hinge(curves, context) if self.form == "hinge" else _step(curves, context)


SATURATING = (
    Clause(
        name="rises_early",
        kind="primary",
        says="{rises} over the first third of the knob's range",
        refuted="opposite",
        null="slope over the first third, in the claimed direction, <= 0",
        noun="early {rise}",
        measures="{slope} over the first third, per full range of the knob",
    ),
    Clause(
        name="levels_off",
        kind="required",
        says="levels off over the last third",
        refuted="not_levelling_off",
        unresolved="levels_off",
        null="the late slope, in either direction, is at least the allowed part of the early slope",
        noun="levelling",
        measures="margin by which the late slope, whatever its sign, stays below the allowed part of the early slope",
        beyond="excess of the late slope, whatever its sign, over the allowed part of the early slope",
        sides=2,
    ),
)
HINGE = (
    Clause(
        name="bends",
        kind="primary",
        says="bends at an onset",
        refuted="opposite",
        null="slope after the onset, in the claimed direction, <= slope before it",
        noun="bend",
        measures="{slope} after the onset minus {slope} before it, per full range of the knob",
    ),
    Clause(
        name="rises_after",
        kind="required",
        says="{rises} after the onset",
        refuted="no_change_after",
        unresolved="rises_after",
        null="slope after the onset, in the claimed direction, <= 0",
        noun="{rise} after the onset",
        measures="{slope} after the onset, per full range of the knob",
    ),
    Clause(
        name="flat_before",
        kind="required",
        says="is flat before the onset",
        refuted="not_flat_before",
        unresolved="flat_before",
        null="the slope before the onset is at least a quarter of the slope after it",
        noun="flatness",
        measures="margin by which the {slope} before the onset stays below a quarter of the {slope} after it",
        beyond="excess of the {slope} before the onset over a quarter of the {slope} after it",
    ),
    Clause(
        name="no_fall_before",
        kind="tolerated",
        says="does not {fall} before the onset",
        refuted="not_flat_before",
        null="before the onset, the metric moves against the claim by at most a quarter of the slope after it",
        noun="flatness",
        measures="margin by which an opposite slope before the onset stays below a quarter of the {slope} after it",
        beyond="excess of the opposite slope before the onset over a quarter of the {slope} after it",
    ),
)
STEP = (
    Clause(
        name="jumps",
        kind="primary",
        says="{jumps} at an onset",
        refuted="opposite",
        null="mean after the onset, in the claimed direction, <= mean before it",
        noun="{jump}",
        measures="{rise} from the mean before the onset to the mean after it",
    ),
    Clause(
        name="flat_before",
        kind="required",
        says="is flat before the onset",
        refuted="not_flat_before",
        unresolved="flat_before",
        null="the drift before the onset is at least a quarter of the jump",
        sides=2,
        noun="flatness",
        measures="margin by which the drift before the onset stays below a quarter of the {jump}",
        beyond="excess of the drift before the onset over a quarter of the {jump}",
    ),
    Clause(
        name="flat_after",
        kind="required",
        says="is flat after the onset",
        refuted="not_flat_after",
        unresolved="flat_after",
        null="the drift after the onset is at least a quarter of the jump",
        sides=2,
        noun="flatness",
        measures="margin by which the drift after the onset stays below a quarter of the {jump}",
        beyond="excess of the drift after the onset over a quarter of the {jump}",
    ),
    Clause(
        name="abrupt",
        kind="required",
        says="{jumps} between two neighbouring levels",
        refuted="not_abrupt",
        unresolved="abrupt",
        null="the gap between neighbouring levels carries at most half of the jump",
        noun="abruptness",
        measures="margin by which the {rise} between the two levels at the onset exceeds half of the {jump}",
        beyond="amount by which the {rise} between the two levels at the onset falls short of half of the {jump}",
    ),
)


def _long_sides(knots: FloatArray) -> BoolArray:
    """Return at which knots both sides are long enough for the slope of a control to be bounded; all, if at none."""
    found = np.minimum(knots, 1.0 - knots) >= SIDE - 1e-9
    return found if found.any() else np.ones_like(found)


def _hinge(curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
    from sigstats.stats.scores.hinge import end_hinges, hinge_scores, hinge_scores_all

    chosen, every = hinge_scores(curves, context.x), hinge_scores_all(curves, context.x)
    end = end_hinges(curves, context.x)

    def near(ends: FloatArray) -> dict[str, Any]:
        return {"ends": ends[:, None, :], "n_start": end.n_start}

    def scores(statistic: Statistic, one: FloatArray, all_: FloatArray, ends: FloatArray) -> Scores:
        bound = stretch(statistic, one, context)
        return Scores(parts=one[:, None], stretch=bound, every=all_[:, None, :], **near(ends))

    low, high, allowed = FLAT * chosen.after, FLAT * every.after, FLAT * end.after
    flat, other = allowed - end.before, allowed + end.before
    bends = scores("hinge_change", chosen.change, every.change, end.after - end.before)
    return {
        "bends": bends,
        "control": Scores(
            parts=bends.parts, stretch=bends.stretch, every=every.change[:, None, _long_sides(every.knot)]
        ),
        "rises_after": scores("hinge_flat_before", chosen.after, every.after, end.after),
        "flat_before": scores("hinge_flat_before", low - chosen.before, high - every.before, flat),
        # The other way before the onset: no split but the right one makes that of a threshold.
        "no_fall_before": Scores(parts=(low + chosen.before)[:, None], **near(other)),
        "place": Scores(parts=np.full((len(curves), 1), np.nan), **near(end.straight)),
    }


def _step(curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
    from sigstats.stats.scores.step import (
        StepScores,
        end_gaps,
        step_scores,
        step_scores_all,
        step_scores_at,
    )

    chosen, every = step_scores(curves, context.x), step_scores_all(curves, context.x)
    gaps = end_gaps(context.x.size)
    end = step_scores_at(curves, context.x, gaps)

    def scores(statistic: Statistic, parts_of: Callable[[StepScores], list[FloatArray]]) -> Scores:
        parts = np.stack(parts_of(chosen), axis=1)
        return Scores(
            parts=parts,
            stretch=stretch(statistic, parts[:, 0], context),
            every=np.stack(parts_of(every), axis=1),
            ends=np.stack(parts_of(end), axis=1),
            n_start=int((gaps < every.split.min()).sum()),
        )

    def within(jump: FloatArray, drift: FloatArray) -> list[FloatArray]:
        return [FLAT * jump - drift, FLAT * jump + drift]

    jumps = scores("step_jump", lambda at: [at.jump])
    return {
        "jumps": jumps,
        "control": Scores(
            parts=jumps.parts,
            stretch=jumps.stretch,
            every=np.concatenate([every.jump, end.jump], axis=1)[:, None, :],
        ),
        "flat_before": scores("step_drift", lambda at: within(at.jump, at.drift_before)),
        "flat_after": scores("step_drift", lambda at: within(at.jump, at.drift_after)),
        "abrupt": scores("step_gap", lambda at: [at.gap - ABRUPT * at.jump]),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Convex(Shape):
    """The curve bends upwards: its middle lies below the line between its ends.

    The score is the sag of the seed's best-fitting parabola, in units of the metric.
    """

    name: ClassVar[str] = "convex"
    one_way: ClassVar[bool] = False
    claim: ClassVar[str] = "bends upwards along the knob"
    fitted_as: ClassVar["Form | None"] = "convex"
    opposes: ClassVar[frozenset[str]] = frozenset({"concave"})
    free_scores: ClassVar[bool] = True
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

        return {self.primary: Scores(parts=curvature(curves, context.x)[:, None])}

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
