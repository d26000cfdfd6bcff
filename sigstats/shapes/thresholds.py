"""Thresholds: nothing happens until an onset; then the metric bends into a slope, or jumps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np

from sigstats.errors import SignatureError
from sigstats.shapes.base import (
    Clause,
    DirectedShape,
    Direction,
    FloatArray,
    Located,
    ScoreContext,
    Scores,
    Spare,
    Weights,
    directed,
)
from sigstats.shapes.checks import number, one_of
from sigstats.shapes.crossfit import LEAST_ALPHA, stretch
from sigstats.stats.blocks import mean_where, plain
from sigstats.stats.checks import BoolArray
from sigstats.stats.scores.critical_values import Statistic

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form

FLAT = 0.25
ABRUPT = 0.5
# Levels that a declared onset needs on each side: a line has a slope from two on.
FEWEST_BESIDE = 2
# Share of the range that both sides of a control's bend must span: on a shorter side noise allows for any slope.
SIDE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(DirectedShape):
    """Nothing happens until the knob passes an onset; then the metric bends (hinge) or jumps (step).

    The onset of each seed is found from the other seeds, and the seed is scored with it; or you declare it before the
    data. A declared onset is part of the claim: the metric is flat up to it, and not beyond it.

    Attributes
    ----------
    form : {"hinge", "step"}
        A bend into a slope, or a jump from one plateau to another.
    direction : {"increasing", "decreasing"}
        Direction of what happens at the onset.
    onset : float or None
        Where it happens, in units of the knob, if you know that before the data. A step comes before the first level
        that is not below the onset. Two levels must lie on each side; for a hinge, a level at the onset is on both.
    """

    name: ClassVar[str] = "threshold"
    also_called: ClassVar[tuple[str, ...]] = (
        "hinge",
        "step",
        "jump",
        "onset",
        "kink",
        "breakpoint",
        "changepoint",
        "piecewise",
        "critical point",
        "phase change",
        "phase transition",
        "emergence",
    )
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("rises from the first level on, and ever faster", "convex"),
        ("is level, rises, and is level again", "sigmoid, or form='step' if it jumps"),
        ("jumps in two places", "ordered, with weights of your own"),
    )
    location: ClassVar[str | None] = "onset"
    scores_blocks: ClassVar[bool] = True

    form: Literal["hinge", "step"] = "hinge"
    direction: Direction = "increasing"
    onset: float | None = None

    def __post_init__(self) -> None:
        if self.onset is not None:
            object.__setattr__(self, "onset", number(self.name, "onset", self.onset))
        one_of(self.name, "form", self.form, ("hinge", "step"))
        one_of(self.name, "direction", self.direction, ("decreasing", "increasing"))

    @property
    def levels_to_spare(self) -> Spare:  # type: ignore[override]
        """None where the onset is declared: the levels on both sides of it belong to the claim."""
        return "one" if self.onset is None else "none"

    @property
    def free_scores(self) -> bool:  # type: ignore[override]
        """Whether the onset is declared, so that no other seed says where a seed is scored."""
        return self.onset is not None

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return a bend and a jump."""
        return (cls(), cls(form="step"))

    @property
    def clauses(self) -> tuple[Clause, ...]:  # type: ignore[override]
        """The clauses of the form, in the words of the direction."""
        return directed(HINGE if self.form == "hinge" else STEP, falling=self.falling)

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with its form and direction."""
        where = "an onset along the knob" if self.onset is None else f"the knob is {self.onset:.6g}"
        if self.form == "hinge":
            verb = "falls" if self.falling else "rises"
            return f"stays flat until {where}, then {verb}"
        verb = "jumps up" if self.direction == "increasing" else "drops"
        at = "at" if self.onset is None else "where"
        return f"stays flat, {verb} {at} {where}, and stays flat"

    @property
    def located_as(self) -> Located:  # type: ignore[override]
        """Hinge or step."""
        return self.form

    @property
    def fitted_as(self) -> "Form":  # type: ignore[override]
        """Hinge or step."""
        return self.form

    @property
    def min_levels(self) -> int:  # type: ignore[override]
        """Three levels on each side of an onset that is sought, two of one that is declared."""
        if self.onset is not None:
            return 3 if self.form == "hinge" else 4
        return 5 if self.form == "hinge" else 6

    @property
    def least_alpha(self) -> float:  # type: ignore[override]
        """That of simulated critical values, which an onset that is sought needs."""
        return LEAST_ALPHA if self.onset is None else 0.0

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return the scores of the form's clauses."""
        if self.onset is not None:
            return self._at_onset(curves, context, self.onset)
        return _hinge(curves, context) if self.form == "hinge" else _step(curves, context)

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the same as contrasts of level means where the onset is declared; else the data choose it."""
        if self.onset is None:
            return None
        found = self._at_onset(np.eye(context.x.size), context, self.onset)
        return {
            name: Weights(weights=each.parts.T, offsets=np.zeros(each.parts.shape[-1]))
            for name, each in found.items()
        }

    def _at_onset(self, curves: FloatArray, context: ScoreContext, onset: float) -> Mapping[str, Scores]:
        """Return the scores at a declared onset, which no seed has chosen: Student's t holds."""
        place, levels = context.place(onset), context.levels
        hinge = self.form == "hinge"
        n_before = int((levels <= onset).sum() if hinge else (levels < onset).sum())
        n_after = int((levels >= onset).sum())
        if np.isnan(place) or min(n_before, n_after) < FEWEST_BESIDE:
            raise SignatureError(
                f"`onset` of the shape 'threshold' is {onset:g}, with {n_before} levels up to it and {n_after} from "
                f"it on ({levels[0]:g} to {levels[-1]:g}); it needs {FEWEST_BESIDE} on each side. Declare an onset "
                "further inside, or leave `onset` out: it is then sought."
            )
        if hinge:
            return _hinge_at(curves, context, place)
        return _step_at(curves, context, n_before - 1)


HINGE = (
    Clause(
        name="bends",
        kind="primary",
        says="bends at an onset",
        refuted="opposite",
        null="slope after the onset, in the claimed direction, <= slope before it",
        noun="bend",
        measures="{rise} that the bend adds by the end of the range",
    ),
    Clause(
        name="rises_after",
        kind="required",
        says="{rises} after the onset",
        refuted="no_change_after",
        unresolved="rises_after",
        null="slope after the onset, in the claimed direction, <= 0",
        noun="{rise} after the onset",
        measures="{rise} of the line from the onset to the end of the range",
    ),
    Clause(
        name="flat_before",
        kind="required",
        says="is flat before the onset",
        refuted="not_flat_before",
        unresolved="flat_before",
        null="the slope before the onset is at least a quarter of the slope after it",
        noun="flatness",
        measures="margin by which the {rise} before the onset stays below a quarter of that after it (equal stretches)",
        beyond="excess of the {rise} before the onset over a quarter of that after it (equal stretches)",
    ),
    Clause(
        name="no_fall_before",
        kind="tolerated",
        says="does not {fall} before the onset",
        refuted="not_flat_before",
        null="before the onset, the metric moves against the claim by at most a quarter of the slope after it",
        noun="flatness",
        measures="margin by which an opposite change before the onset stays below a quarter of the {rise} after it",
        beyond="excess of the opposite change before the onset over a quarter of the {rise} after it",
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
    """Return slopes with the part of the range that follows the onset, over which they count."""
    from sigstats.stats.scores.hinge import end_hinges, hinge_scores, hinge_scores_all

    chosen, every = hinge_scores(curves, context.x), hinge_scores_all(curves, context.x)
    end = end_hinges(curves, context.x)
    found = ~np.isnan(chosen.change)
    reach = plain(1.0 - mean_where(chosen.knot, found))
    reaches, end_reaches = 1.0 - every.knot, 1.0 - end.knot

    def near(ends: FloatArray) -> dict[str, Any]:
        return {"ends": ends[..., None, :], "n_start": end.n_start}

    def scores(statistic: Statistic, one: FloatArray, all_: FloatArray, ends: FloatArray) -> Scores:
        return Scores(
            parts=one[..., None],
            stretch=stretch(statistic, one, context),
            reach=reach,
            every=reaches * all_[..., None, :],
            **near(end_reaches * ends),
        )

    low, high, allowed = FLAT * chosen.after, FLAT * every.after, FLAT * end.after
    flat, other = allowed - end.before, allowed + end.before
    bends = scores("hinge_change", chosen.change, every.change, end.after - end.before)
    at_any = every.change[..., None, _long_sides(every.knot)]
    return {
        "bends": bends,
        "control": Scores(parts=bends.parts, stretch=bends.stretch, reach=reach, every=at_any),
        "rises_after": scores("hinge_flat_before", chosen.after, every.after, end.after),
        "flat_before": scores("hinge_flat_before", low - chosen.before, high - every.before, flat),
        # The other way before the onset: no split but the right one makes that of a threshold.
        "no_fall_before": Scores(
            parts=(low + chosen.before)[..., None], reach=reach, **near(end_reaches * other)
        ),
        "place": Scores(parts=np.full((*curves.shape[:-1], 1), np.nan), **near(end.straight)),
    }


def _hinge_at(curves: FloatArray, context: ScoreContext, knot: float) -> Mapping[str, Scores]:
    from sigstats.stats.scores.hinge import hinge_scores_at

    at, reach = hinge_scores_at(curves, context.x, knot), 1.0 - knot

    def scores(slopes: FloatArray) -> Scores:
        return Scores(parts=reach * slopes[..., None])

    return {
        "bends": scores(at.change),
        "rises_after": scores(at.after),
        "flat_before": scores(FLAT * at.after - at.before),
        "no_fall_before": scores(FLAT * at.after + at.before),
    }


def _step_at(curves: FloatArray, context: ScoreContext, gap: int) -> Mapping[str, Scores]:
    from sigstats.stats.scores.step import step_scores_at

    at = step_scores_at(curves, context.x, np.array([gap]))
    low = FLAT * at.jump

    def within(drift: FloatArray) -> Scores:
        return Scores(parts=np.concatenate([low - drift, low + drift], axis=-1))

    return {
        "jumps": Scores(parts=at.jump),
        "flat_before": within(at.drift_before),
        "flat_after": within(at.drift_after),
        "abrupt": Scores(parts=at.gap - ABRUPT * at.jump),
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
        parts = np.stack(parts_of(chosen), axis=-1)
        return Scores(
            parts=parts,
            stretch=stretch(statistic, parts[..., 0], context),
            every=np.stack(parts_of(every), axis=-2),
            ends=np.stack(parts_of(end), axis=-2),
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
            every=np.concatenate([every.jump, end.jump], axis=-1)[..., None, :],
        ),
        "flat_before": scores("step_drift", lambda at: within(at.jump, at.drift_before)),
        "flat_after": scores("step_drift", lambda at: within(at.jump, at.drift_after)),
        "abrupt": scores("step_gap", lambda at: [at.gap - ABRUPT * at.jump]),
    }
