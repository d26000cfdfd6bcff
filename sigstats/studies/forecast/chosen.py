"""What is asked of a forecast: the law, the levels that it is fitted to, and those that it predicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sigstats.errors import OptionError, SignatureError, place_of_caller
from sigstats.evidence.scales import knob_scale, metric_scale
from sigstats.shapes import SHAPES, Shape
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.ahead import KNOB_SCALES, LAWS, KnobScale, Law, MetricScale
from sigstats.studies.forecast.record import Rival

FEWEST_FITTED = 4
FARTHEST = 1e12  # how many times the range that was fitted a prediction may lie beyond it
SAME = 1e-6  # relative distance within which two levels are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A law, and the scales on which it is fitted."""

    law: Law
    knob: KnobScale
    metric: MetricScale
    floor: float | None = None


RIVALS: dict[Rival, Fit] = {
    Rival.LAST_VALUE: Fit(law="last_value", knob="linear", metric="linear"),
    Rival.LOG_LOG: Fit(law="power_law", knob="log", metric="log"),
    Rival.SEMI_LOG: Fit(law="linear", knob="log", metric="linear"),
    Rival.LINE: Fit(law="linear", knob="linear", metric="linear"),
}


def fit_of(signature: Signature) -> Fit:
    """Return the law that the shape of a signature carries on."""
    shape = signature.shape
    if not shape.goes_on:
        known = tuple(sorted(name for name in SHAPES if name in LAWS))
        what = "has no knob" if shape.against_baseline else "does not say how a curve goes on"
        raise SignatureError(
            f"the shape {shape.name!r} {what}, so it predicts no level that was not run; shapes that do are {known}. "
            "Declare one of them."
        )
    axis = knob_scale(signature)
    if axis not in ("linear", "log"):
        raise SignatureError(
            f"`knob_scale` is {axis!r}, on which levels that were not run have no place; a forecast needs one of "
            f"{KNOB_SCALES}. Declare it."
        )
    floor = shape.options().get("floor")
    return Fit(
        law=law_of(shape),
        knob=axis,
        metric=metric_scale(signature),
        floor=float(floor) if isinstance(floor, int | float) and not isinstance(floor, bool) else None,
    )


def law_of(shape: Shape) -> Law:
    """Return the law of a shape."""
    return next(law for law in LAWS if law == shape.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Levels below and above the line that `to` draws."""

    fitted: FloatArray
    to: FloatArray
    left_out: FloatArray  # above the line, and not predicted


def split_of(levels: FloatArray, to: object, *, beyond: bool, knob: str) -> Split:
    """Return the levels that are fitted and those that are predicted; by default, these are the largest third."""
    if to is None:
        n = max(min(levels.size // 3, levels.size - FEWEST_FITTED), 1)
        wanted = levels[-n:]
    else:
        wanted = _numbers(to)
    found = np.array([_own(each, levels) for each in wanted])
    new = found[~np.isin(found, levels)]
    if new.size and not beyond:
        raise OptionError(
            f"`to` holds {_said(new)}, at which there is no run; {knob} was run at {_said(levels)}. Choose among "
            f"these, or {'pass beyond=True' if place_of_caller() == 'python' else 'add --beyond'}: levels without runs "
            "are predicted and not judged."
        )
    fitted = levels[levels < found.min()]
    if fitted.size < FEWEST_FITTED:
        raise OptionError(
            f"`to` starts at {found.min():g}, with {fitted.size} levels of {knob} below it ({_said(fitted)}); a law is "
            f"fitted to at least {FEWEST_FITTED}. Predict fewer levels, or run more below."
        )
    if (found[-1] - fitted[-1]) / FARTHEST > fitted[-1] - fitted[0]:
        raise OptionError(
            f"`to` holds {found[-1]:g}, more than {FARTHEST:g} times as far away as the fitted levels of {knob} reach, "
            f"from {fitted[0]:g} to {fitted[-1]:g}; no law is carried on so far. Predict nearer levels."
        )
    above = levels[levels >= found.min()]
    return Split(fitted=fitted, to=found, left_out=above[~np.isin(above, found)])


def _own(level: float, levels: FloatArray) -> float:
    """Return the level of the table that is meant, or the level itself where there is none."""
    near = levels[np.isclose(levels, level, rtol=SAME, atol=0.0)]
    return float(near[0]) if near.size else float(level)


def _said(levels: FloatArray) -> str:
    """Return levels in a message: at most six."""
    said = [f"{each:g}" for each in levels]
    return ", ".join(said if len(said) <= 6 else [*said[:3], "...", *said[-2:]]) or "none"


def _numbers(to: Any) -> FloatArray:  # noqa: ANN401 - it is checked here
    given = list(to) if isinstance(to, Sequence | np.ndarray) and not isinstance(to, str) else [to]
    if not given:
        raise OptionError(
            "`to` is empty; it must name at least one level. Leave it out for the largest third."
        )
    return np.unique([checks.number("to", each) for each in given])


def check_within(within: object) -> float:
    """Return the largest error that is allowed, as a part of the mean."""
    value = checks.number("within", within)
    if not 0.0 < value < 1.0:
        raise OptionError(
            f"`within` is {within!r}; it must be a part of the observed mean, in (0, 1), such as 0.05 for 5 %."
        )
    return value


def rivals_of(fit: Fit, *, positive_knob: bool, positive_metric: bool) -> dict[Rival, Fit]:
    """Return the rivals that can be asked for and are not the law itself."""
    names = [Rival.LAST_VALUE]
    if positive_knob:
        names += [Rival.LOG_LOG] * positive_metric + [Rival.SEMI_LOG]
    else:
        names += [Rival.LINE]
    return {name: RIVALS[name] for name in names if not _same(RIVALS[name], fit)}


def _same(one: Fit, other: Fit) -> bool:
    """Return whether two laws are the same: a power law is a line where both scales are logarithms."""
    as_line = [
        ("linear", "log", "log") if each.law == "power_law" else (each.law, each.knob, each.metric)
        for each in (one, other)
    ]
    return as_line[0] == as_line[1]
