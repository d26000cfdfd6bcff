"""What is true of a simulated sweep, and whether what a verdict states is true of it.

The clauses of a shape are scored on the mean curves without noise: what its parts are there is what a verdict is about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import SignatureError, did_you_mean
from sigstats.evidence.reason import Reason
from sigstats.evidence.scales import knob_scale, metric_scale, rescaled_knob
from sigstats.shapes import Clause, ScoreContext, Scores
from sigstats.shapes.base import over_reach
from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.studies.simulation.plan import Plan
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

ROUNDING = 1e-9
MEDIAN_IS_MEAN = ("contaminated", "normal", "t3")
ROWS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of a plan, under a signature."""

    effect: float  # oriented mean effect of the treatments
    effects: tuple[float, ...]  # oriented effect of each treatment
    # mean score of treatments and of controls by which they are compared; None without a control
    compared: tuple[float, float] | None
    controls: tuple[float, ...]  # the same score of each control
    margin: float  # declared smallest effect, else the noise sd
    turns: bool  # whether the mean curve both rises and falls
    primary: bool  # whether the primary clause is true: for a trend, whether the effect is positive
    holds: Mapping[str, bool]  # whether each scored clause is true of the treatments' mean
    refuted: Mapping[str, bool]  # whether some part of a clause is false, by the reason for it
    # departs, alike: whether the controls depart from the shape, and whether they have it; None where
    # they need not depart
    departs: bool | None
    alike: bool | None

    def allows(self, verdict: Verdict, quiet_fraction: float) -> bool:
        """Return whether the statement that a verdict makes is true; inconclusive states nothing."""
        if verdict.status is Status.INCONCLUSIVE:
            return True
        if verdict.status is Status.PRESENT:
            required = [self.holds[each.name] for each in verdict.evidence.clauses if each.kind == "required"]
            return self.primary and all(required) and self._quiet(quiet_fraction)
        return all(self._holds(reason, quiet_fraction) for reason in verdict.reasons)

    def _quiet(self, quiet_fraction: float) -> bool:
        if self.departs:
            return True
        if self.compared is None:
            return self.departs is None
        treatment, control = self.compared
        return treatment > control and quiet_fraction * treatment > control

    def _holds(self, reason: Reason, quiet_fraction: float) -> bool:
        if reason.value in self.refuted:
            return self.refuted[reason.value]
        treatment, control = self.compared or (0.0, -np.inf)
        carried = max(control, *self.controls, -np.inf) > quiet_fraction * treatment
        statements = {
            Reason.REVERSES: self.turns,
            Reason.OPPOSITE: self.effect < 0,
            Reason.BELOW_MIN_EFFECT: self.effect < self.margin,
            Reason.WEAK: self.effect < self.margin,
            Reason.ARTIFACT: control > 0.8 * treatment and self.alike is not False,
            Reason.UNSPECIFIC: (carried or self.compared is None) and self.alike is not False,
            Reason.SOME_CONDITIONS: min(self.effects) < self.margin,
        }
        return bool(statements[reason])


def truth_of(plan: Plan, signature: Signature) -> Truth:
    """Return what is true of a plan."""
    treatments, controls = _roles(plan, signature)
    _check_scales(plan, signature)
    _check_spread(plan, signature)
    shape = signature.shape
    lines = {
        name: plan.true_effect(name, knob_scale=knob_scale(signature)) for name in (*treatments, *controls)
    }
    orientation = shape.orientation
    if shape.two_sided and np.mean([lines[name] for name in treatments]) * orientation < 0:
        orientation = -orientation
    setting = _setting(plan, signature, orientation)
    names = (*treatments, *controls)
    raw = [_scores(plan, name, signature, setting) for name in names]
    scores = dict(zip(names, over_reach(raw, range(len(treatments))), strict=True))
    effects = {name: orientation * lines[name] for name in lines}
    near = {name: _near_end(scores[name], name in treatments) for name in lines}
    if shape.sized and not shape.is_trend:
        effects = {
            name: max(
                _mean_part(scores[name][shape.primary]), *_effects_at(scores[name], shape.primary, near[name])
            )
            for name in lines
        }
    parts = {clause.name: _parts(scores, treatments, clause.name) for clause in _scored(signature, scores)}
    mean_curve = np.mean([plan.mean_curve(name) for name in treatments], axis=0) * orientation
    effect = float(np.mean([effects[name] for name in treatments]))
    slack = ROUNDING * max(float(np.ptp(mean_curve)), np.finfo(float).tiny)
    refuted: dict[str, bool] = {}
    for clause in shape.clauses:
        if clause.name in parts and clause.refuted != Reason.OPPOSITE:
            # What the shape near an end allows is not refuted, whatever the clause says of another place.
            failing = bool((parts[clause.name] < -slack).any()) and not any(
                each.any() for each in near.values()
            )
            refuted[clause.refuted] = refuted.get(clause.refuted, False) or failing
    holds = {name: bool((part > slack).all()) for name, part in parts.items()}
    departing = _departing(signature, scores, controls)
    compared = None
    if controls and not shape.positive_control:
        compared = _strength(scores, treatments, effects), _strength(scores, controls, effects)
    return Truth(
        effect=effect,
        effects=tuple(effects[name] for name in treatments),
        compared=compared,
        controls=tuple(_strength(scores, (name,), effects) for name in controls),
        margin=_margin(plan, signature, treatments),
        turns=_turns(mean_curve),
        primary=holds.get(shape.primary, effect > 0),
        holds=holds,
        refuted=refuted,
        departs=None if departing is None else bool((departing < -slack).any()),
        alike=None if departing is None else bool((departing > slack).all()),
    )


def _roles(plan: Plan, signature: Signature) -> tuple[tuple[str, ...], tuple[str, ...]]:
    controls = signature.control or ()
    treatments = signature.treatment or tuple(name for name in plan.effects if name not in controls)
    for name in (*treatments, *controls):
        if name not in plan.effects:
            raise SignatureError(
                f"the signature names the condition {name!r}, which the plan does not simulate; it has "
                f"{tuple(plan.effects)}. {did_you_mean(name, plan.effects)}".rstrip()
            )
    return treatments, controls


def _check_scales(plan: Plan, signature: Signature) -> None:
    claimed = metric_scale(signature)
    simulated = "log" if plan.exponential else "linear"
    if claimed != simulated:
        raise SignatureError(
            f"`metric_scale` is {claimed!r}; the plan's effects are on the {simulated} scale. Simulate on the "
            "scale that is claimed (Plan has `exponential=True` for the log scale), or leave `metric_scale` out."
        )
    if knob_scale(signature) == "log" and not plan.levels[0] > 0:
        raise SignatureError(
            f"`knob_scale` is 'log', but the plan's first level is {plan.levels[0]:g}; a log scale needs levels above "
            "0. Give `levels` that are."
        )


def _check_spread(plan: Plan, signature: Signature) -> None:
    """Refuse claims on most seeds where the median seed is not the mean one: only of the mean the truth is known."""
    if signature.across_seeds == "majority" and plan.slope_spread not in MEDIAN_IS_MEAN:
        raise SignatureError(
            f"`across_seeds` is 'majority', but the plan's `slope_spread` is {plan.slope_spread!r}, where the "
            f"median seed differs from the mean; what is true of most seeds is known for {MEDIAN_IS_MEAN}. Simulate "
            "one of these, or claim the mean."
        )


def _setting(plan: Plan, signature: Signature, orientation: int) -> ScoreContext:
    return ScoreContext(
        x=rescaled_knob(plan.levels, knob_scale(signature), "levels"),
        levels=plan.levels,
        alpha=signature.alpha,
        orientation=orientation,
        scale=1.0,
        centre=0.0,
        min_effect=signature.min_effect,
        knob_scale=knob_scale(signature),
    )


def _scores(plan: Plan, name: str, signature: Signature, setting: ScoreContext) -> Mapping[str, Scores]:
    curve = plan.mean_curve(name) * setting.orientation
    return signature.shape.score(np.tile(curve, (ROWS, 1)), setting)


def _scored(signature: Signature, scores: Mapping[str, Mapping[str, Scores]]) -> tuple[Clause, ...]:
    return tuple(
        clause for clause in signature.shape.clauses if all(clause.name in found for found in scores.values())
    )


def _parts(scores: Mapping[str, Mapping[str, Scores]], treatments: tuple[str, ...], name: str) -> FloatArray:
    return np.asarray(np.mean([scores[each][name].parts[0] for each in treatments], axis=0))


def _strength(
    scores: Mapping[str, Mapping[str, Scores]], names: tuple[str, ...], effects: Mapping[str, float]
) -> float:
    """Return the mean score by which conditions are compared, of several parts the weakest; else their effect."""
    if all("control" in scores[name] for name in names):
        return _most([scores[name]["control"] for name in names])
    return _mean(effects, names)


def _near_end(scores: Mapping[str, Scores], treatment: bool) -> NDArray[np.bool_]:
    """Return at which places near an end the curve of a treatment has the shape."""
    ends = [each.ends[0] for each in scores.values() if each.ends is not None] if treatment else []
    if not ends:
        return np.zeros(0, dtype=bool)
    slack = ROUNDING * max(float(np.nanmax(np.abs(np.concatenate(ends)), initial=0.0)), np.finfo(float).tiny)
    return np.asarray(np.all([(np.isnan(each) | (each >= -slack)).all(axis=0) for each in ends], axis=0))


def _effects_at(scores: Mapping[str, Scores], primary: str, near: NDArray[np.bool_]) -> list[float]:
    """Return the effect at these places; minus infinity where there are none."""
    ends = scores[primary].ends
    if ends is None or not near.any():
        return [-np.inf]
    return [float(each) for each in ends[0, 0, near]]


def _most(scores: Sequence[Scores]) -> float:
    """Return how much the mean of conditions has of the shape, by its weakest part, wherever it has most."""
    parts = [_at_best(each) for each in scores]
    every = [each.every[0] for each in scores if each.every is not None]
    own = float(np.mean(parts, axis=0).min())
    return max(own, float(np.nanmax(np.mean(every, axis=0).min(axis=0)))) if every else own


def _at_best(scores: Scores) -> FloatArray:
    """Return the parts of a curve at the place where the weakest of them is largest."""
    if scores.every is None:
        return np.asarray(scores.parts[0])
    return np.asarray(scores.every[0][:, np.nanargmax(scores.every[0].min(axis=0))])


def _mean_part(scores: Scores) -> float:
    return float(scores.parts[0, 0])


def _mean(values: Mapping[str, float], names: tuple[str, ...]) -> float:
    return float(np.mean([values[name] for name in names]))


def _margin(plan: Plan, signature: Signature, treatments: tuple[str, ...]) -> float:
    if signature.min_effect is not None:
        return signature.min_effect
    if isinstance(plan.noise_sd, Mapping):
        return max(plan.noise_sd[name] for name in treatments)
    return plan.noise_sd


def _turns(curve: FloatArray) -> bool:
    steps, size = np.diff(curve), np.ptp(curve)
    return bool((steps > ROUNDING * size).any() and (steps < -ROUNDING * size).any())


def _departing(
    signature: Signature, scores: Mapping[str, Mapping[str, Scores]], controls: tuple[str, ...]
) -> FloatArray | None:
    """Return the parts, in the controls, of the clause by which they depart from the shape."""
    name = signature.shape.departs_by
    return None if name is None or not controls else _parts(scores, controls, name)
