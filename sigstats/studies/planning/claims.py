"""What a claim predicts, as curves: the curve that a shape asks for, and the worlds in which a design is tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sigstats.errors import OptionError, did_you_mean
from sigstats.evidence.scales import metric_scale, rescaled_knob
from sigstats.shapes import ScoreContext, Shape
from sigstats.signature.signature import COLUMNS, Signature
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.studies.planning.record import World
from sigstats.studies.simulation.plan import Plan
from sigstats.studies.simulation.truth import truth_of

Form = Callable[[FloatArray], FloatArray]
# sized: an effect is claimed; level: every level lies on one side of a value; no change: nothing happens; no
# difference: treatment and baseline are as good as equal.
Kind = Literal["sized", "level", "no change", "no difference"]
EffectSource = Literal["stated", "min_effect", "noise", "shape"]

TWICE = 2.0
PLACE = 0.4  # of the onset of a hinge
# The curve that is tried for each form that a shape is fitted as, on the knob from 0 to 1.
CURVES: dict[str, Form] = {
    "increasing": lambda x: x,
    "decreasing": lambda x: x,
    "linear": lambda x: x,
    "power_law": lambda x: x,
    "scaling_law": lambda x: np.expm1(-2.0 * x) / np.expm1(-2.0),
    "flat": lambda x: x,
    "saturating": lambda x: (1.0 - np.exp(-6.0 * x)) / (1.0 - np.exp(-6.0)),
    "hinge": lambda x: np.clip((x - PLACE) / (1.0 - PLACE), 0.0, 1.0),
    "step": lambda x: (x > 0.5).astype(float),
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-12.0 * (x - 0.5))),
    "peak": lambda x: 1.0 - np.abs(2.0 * x - 1.0),
    "valley": lambda x: np.abs(2.0 * x - 1.0),
    "convex": np.square,
    "concave": lambda x: x * (2.0 - x),
}
LIKE = ("treatment", "control", "baseline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """The curve that a claim predicts, of unit effect, and where it starts."""

    kind: Kind
    form: Form
    start: float  # level of the metric at which the curve starts, where the claim says one


def in_simulation(signature: Signature) -> Signature:
    """Return the signature as it judges simulated sweeps, which are made on the metric's scale.

    Columns, filters and names of levels are those of a file; a scale that the shape itself asks for stays.
    """
    own = signature.shape.metric_scale
    plain = dict.fromkeys((*COLUMNS, "where", "aggregate"))
    return replace(
        signature,
        **plain,  # type: ignore[arg-type]
        levels=None,
        bounds="none",
        metric_scale="linear" if own is None else signature.metric_scale,
    )


def kind_of(shape: Shape) -> Kind:
    """Return what a shape claims: an effect, a side of a value, or that nothing changes or differs."""
    if getattr(shape, "needs_margin", False):
        return "no difference"
    if shape.sized:
        return "sized"
    return "no change" if shape.positive_control else "level"


def not_covered(shape: Shape, levels: FloatArray) -> str | None:
    """Return why planning does not cover a shape; None where it does."""
    if shape.against_baseline:
        return None
    if shape.along is not None:
        return f"the claim runs along a second column, {shape.along!r}, which is not simulated"
    if shape.sized and shape.fitted_as is None and _weights(shape, levels) is None:
        return "the claim is a function of your own, and does not say which curve it predicts"
    return None


def claimed(signature: Signature, levels: FloatArray) -> Claimed:
    """Return the curve that a signature predicts, of unit effect in the units of `min_effect`."""
    shape, kind = signature.shape, kind_of(signature.shape)
    alone = replace(in_simulation(signature), treatment=None, control=None, paired=False)
    if kind == "no change":
        return Claimed(kind=kind, form=CURVES["flat"], start=0.0)
    if kind == "level":
        bounds = shape.bounds(signature.min_effect)
        if bounds is None:
            raise OptionError(f"the shape {shape.name!r} says no level, so that nothing can be simulated.")
        up = np.isfinite(bounds.low)
        sign = 1.0 if up else -1.0
        return Claimed(
            kind=kind,
            form=lambda x: np.full(x.size, sign),
            start=float(bounds.low if up else bounds.high),
        )
    raw = _raw_curve(shape, levels, alone)
    # The curve and its mirror image; that one is taken of which the shape is more true.
    grid = _enough(levels, shape)
    tried = {sign: _unit(alone, grid, _scaled(raw, sign)) for sign in (1.0, -1.0)}
    sign = max(tried, key=lambda each: (tried[each] > 0, each if shape.two_sided else tried[each]))
    size = sign / tried[sign] if tried[sign] > 0 else sign
    return Claimed(kind=kind, form=_scaled(raw, size), start=0.0)


def holds(signature: Signature, levels: FloatArray, found: Claimed, effect: float) -> bool:
    """Return whether the clauses that a signature requires are true of the curve that it is tried on."""
    if found.kind != "sized" or levels.size < signature.shape.min_levels:
        return True
    alone = replace(in_simulation(signature), treatment=None, control=None, paired=False)
    truth = truth_of(_plan(alone, levels, _scaled(found.form, effect)), alone)
    clauses = [
        each for each in signature.shape.clauses if each.kind == "required" and each.name in truth.holds
    ]
    return truth.primary and all(truth.holds[each.name] for each in clauses)


def _enough(levels: FloatArray, shape: Shape) -> FloatArray:
    """Return the levels, or where a shape cannot be scored at so few of them, as many as it needs in their range."""
    if levels.size >= shape.min_levels:
        return levels
    if levels[0] > 0:
        return np.geomspace(levels[0], levels[-1], shape.min_levels)
    return np.linspace(levels[0], levels[-1], shape.min_levels)


def predicted_effect(
    signature: Signature, effect: float | None, noise: float, margin: float | None
) -> tuple[float, EffectSource]:
    """Return the effect that is taken as predicted, and where it comes from."""
    if effect is not None:
        return checks.positive("effect", effect), "stated"
    inside = getattr(signature.shape, "exponent", None)
    if inside is not None:
        return abs(sum(inside) / 2.0), "shape"
    bounds = signature.shape.bounds(signature.min_effect)
    if bounds is not None and bounds.around_mean:
        # A line that ends twice the margin away from its mean on either side.
        return 2.0 * TWICE * bounds.high, "min_effect"
    if margin is not None:
        return TWICE * margin, "min_effect"
    return TWICE * noise, "noise"


def worlds_of(
    kind: Kind, roles: Mapping[str, str], effect: float, truths: Mapping[str, object] | None
) -> tuple[World, ...]:
    """Return the worlds in which a design is tried."""
    if truths is not None:
        return _own_worlds(roles, truths)
    controlled = "control" in roles.values()
    if kind == "no change":
        named = {
            "as predicted": (0.0, effect),
            "control does the same": (0.0, 0.0),
            "it changes": (effect, effect),
            "half the change": (effect / 2.0, effect),
        }
    elif kind == "no difference":
        named = {
            "as predicted": (0.0, 0.0),
            "it differs": (-effect, 0.0),
            "half the difference": (-effect / 2.0, 0.0),
        }
    else:
        none = -effect if kind == "level" else 0.0
        named = {
            "as predicted": (effect, none),
            "nothing": (none, none),
            "control does the same": (effect, effect),
            "half the effect": (effect / 2.0, none),
        }
    if not controlled:
        named.pop("control does the same", None)
    return tuple(
        World(
            name=name,
            effects={
                each: 0.0 if role == "baseline" else both[role == "control"] for each, role in roles.items()
            },
        )
        for name, both in named.items()
    )


def _own_worlds(roles: Mapping[str, str], truths: Mapping[str, object]) -> tuple[World, ...]:
    """Return the worlds that the caller names; one mapping of effects is a single world."""
    if not truths:
        raise OptionError("`truths` is empty; give each truth its effects, or leave it out.")
    if not all(isinstance(each, Mapping) for each in truths.values()):
        truths = {"as predicted": truths}
    return tuple(
        World(name=str(name), effects=by_condition("truths", effects, roles))
        for name, effects in truths.items()
    )


def by_condition(option: str, given: object, roles: Mapping[str, str]) -> dict[str, float]:
    """Return one number per condition from a number, or from a mapping by condition or by role."""
    if not isinstance(given, Mapping):
        return dict.fromkeys(roles, checks.number(option, given))
    for name in given:
        if name not in roles and name not in LIKE:
            allowed = (*roles, *LIKE)
            raise OptionError(
                f"`{option}` names {name!r}; it may name conditions and roles {allowed}. "
                f"{did_you_mean(str(name), allowed)}".rstrip()
            )
    found = {}
    for name, role in roles.items():
        if name not in given and role not in given:
            raise OptionError(f"`{option}` says nothing of {name!r}; give it a number, or its role {role!r}.")
        found[name] = checks.number(option, given.get(name, given.get(role)))
    return found


def _raw_curve(shape: Shape, levels: FloatArray, alone: Signature) -> Form:
    """Return a curve of the shape, of any size."""
    if shape.fitted_as is not None:
        return CURVES[shape.fitted_as]
    weights = _weights(shape, levels)
    if weights is None:
        raise OptionError(f"the shape {shape.name!r} does not say which curve it predicts.")
    places = rescaled_knob(levels, alone.knob_scale, "levels")
    return lambda x: np.interp(x, places, weights)


def _weights(shape: Shape, levels: FloatArray) -> FloatArray | None:
    """Return the contrast of the levels that a shape is about, if it is one."""
    context = ScoreContext(
        x=np.linspace(0.0, 1.0, levels.size),
        levels=levels,
        alpha=0.05,
        orientation=1,
        scale=1.0,
        centre=0.0,
        min_effect=1.0,
    )
    found = shape.level_weights(context)
    return None if found is None or shape.primary not in found else found[shape.primary].weights[0]


def _scaled(form: Form, size: float) -> Form:
    return lambda x: size * np.asarray(form(x), dtype=float)


def _plan(signature: Signature, levels: FloatArray, form: Form) -> Plan:
    return Plan(
        effects={"treatment": 1.0},
        form=form,
        levels=levels,
        knob_scale=signature.shape.knob_scale or signature.knob_scale,
        exponential=metric_scale(signature) == "log",
    )


def _unit(signature: Signature, levels: FloatArray, form: Form) -> float:
    """Return the true effect of a curve, by the shape's own score; positive where it is as claimed."""
    return truth_of(_plan(signature, levels, form), signature).effect
