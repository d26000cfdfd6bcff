"""The forecast that a signature promises: which levels its law will predict, and how well."""

import math
from collections.abc import Mapping
from typing import Any

from sigstats.errors import SignatureError, option
from sigstats.shapes import SHAPES, Shape
from sigstats.signature.fields import Filters, Problems, as_number, elements, is_number, shown

WITHIN = 0.05
KEYS = ("to", "within")


def forecast(key: str, value: object) -> Filters | None:
    """Check the forecast of a signature, which may be left out: the levels, and the largest error that is allowed."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or not set(value) <= set(KEYS) or "to" not in value:
        raise SignatureError(
            f"`{key}` is {shown(value)}; it must name the levels that are predicted and may say how well, as in "
            f"{option(key, {'to': [512, 1024], 'within': 0.1})}."
        )
    return Filters({"to": _levels(key, value["to"]), "within": _within(key, value.get("within", WITHIN))})


def _levels(key: str, value: object) -> tuple[float, ...]:
    found = elements(value)
    given = [value] if found is None else found
    levels = [as_number(key, each) for each in given if is_number(each)]
    if not given or len(levels) < len(given) or not all(map(math.isfinite, levels)):
        raise SignatureError(
            f"`to` of `{key}` is {shown(value)}; it must be a level of the knob or a list of them, all finite numbers, "
            "as in [512, 1024]."
        )
    return tuple(sorted(set(levels)))


def _within(key: str, value: object) -> float:
    found = as_number(key, value) if is_number(value) else math.nan
    if not 0.0 < found < 1.0:
        raise SignatureError(
            f"`within` of `{key}` is {shown(value)}; it must be a part of the observed mean, in (0, 1), such as 0.05 "
            "for 5 %."
        )
    return found


def against_forecast(values: Mapping[str, Any], shape: Shape) -> Problems:
    """Return what contradicts a promised forecast: a shape, or a scale of the knob, that does not go on."""
    if values.get("forecast") is None:
        return []
    if not shape.goes_on:
        known = tuple(sorted(name for name, each in SHAPES.items() if each.examples()[0].goes_on))
        what = "has no knob" if shape.against_baseline else "does not say how a curve goes on"
        message = (
            f"a `forecast` is promised, and the shape {shape.name!r} {what}; shapes that do are {known}. Declare one "
            "of them, or leave `forecast` out."
        )
        return [("forecast", message)]
    levels, scale = values.get("levels") or (), shape.knob_scale or values.get("knob_scale")
    if scale in ("rank", "fraction") or isinstance(next(iter(levels), None), str):
        where = f"`knob_scale` is {scale!r}" if scale in ("rank", "fraction") else "`levels` are words"
        message = (
            f"a `forecast` is promised, and {where}, where levels that were not run have no place. Give the knob as "
            "numbers, on the linear or the log scale; or leave `forecast` out."
        )
        return [("forecast", message)]
    return []
