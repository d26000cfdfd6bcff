"""The claim that a function is given: a signature, an answer that holds one, or the keywords of `sigstats.detect`.

Functions that take a claim beside options of their own name its keywords only here. Type checkers read them from the
classes below; `takes_claim` writes them into what `help` and completion read.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Protocol, TypedDict, TypeVar, runtime_checkable

from sigstats.errors import SignatureError, did_you_mean
from sigstats.shapes import Shape
from sigstats.signature.fields import (
    Across,
    AcrossSeeds,
    Aggregate,
    DesignChoice,
    KnobScale,
    MetricScale,
    ShortSeeds,
)
from sigstats.signature.signature import CLAIM, Signature

F = TypeVar("F", bound=Callable[..., object])
TREND = {"shape": "increasing"}  # what is claimed where nothing is said
# Keywords of other packages, and what stands for them here.
MEANT = {
    "alternative": "The shape says the direction, as in shape='increasing' or shape='decreasing'.",
    "level": "Error rates are given as `alpha`: 0.05 goes with intervals of 90 %.",
    "hue": "The conditions are in the column `condition`.",
}


class _Shared(TypedDict, total=False):
    """The keywords that no function has an option of the same name for."""

    knob: str | None
    metric: str | None
    seed: str | None
    condition: str | None
    shape: Shape | str | Mapping[str, Any] | None
    treatment: object
    control: object
    over: object
    min_effect: float | None
    knob_scale: KnobScale
    metric_scale: MetricScale
    design: DesignChoice
    paired: bool
    quiet_fraction: float
    calibrate: bool
    alpha: float
    across: Across
    across_seeds: AcrossSeeds
    short_seeds: ShortSeeds
    looks: object
    where: Mapping[str, Any] | None
    aggregate: Aggregate | None


class Claim(_Shared, total=False):
    """All keywords of a claim."""

    item: str | None
    levels: object
    bounds: object


class ClaimBesideBounds(_Shared, total=False):
    """Those of a function with an option `bounds`."""

    item: str | None
    levels: object


class ClaimBesideItem(_Shared, total=False):
    """Those of a function with an option `item`."""

    levels: object
    bounds: object


class ClaimBesideLevels(_Shared, total=False):
    """Those of a function with an option `levels`."""

    item: str | None
    bounds: object


@runtime_checkable
class HasSignature(Protocol):
    """An answer to a signature, such as a verdict."""

    @property
    def signature(self) -> Signature:
        """What was predicted."""


def claimed(
    signature: object, claim: Mapping[str, object], defaults: Mapping[str, object] = TREND
) -> Signature:
    """Return the signature that was given, that of an answer, or the one that keywords make."""
    if signature is None:
        return _made({**defaults, **{name: value for name, value in claim.items() if value is not None}})
    found = signature if isinstance(signature, Signature) else getattr(signature, "signature", None)
    if not isinstance(found, Signature):
        value = f" {signature!r}" if isinstance(signature, str) else ""
        raise SignatureError(
            f"`signature` is a {type(signature).__name__}{value}; it must be a Signature, or a verdict, which has "
            "one. Read one with Signature.from_toml, or give its fields as keywords, as in shape='increasing'."
        )
    if claim:
        raise SignatureError(
            f"a {type(signature).__name__} was given together with {tuple(sorted(claim))}; it already says "
            "everything. Leave the keywords out, or change the signature with dataclasses.replace."
        )
    return found


def _made(claim: Mapping[str, Any]) -> Signature:
    """Return the signature that keywords make."""
    names = {each.name for each in fields(Signature)}
    for name in claim:
        if name not in names:
            hint = MEANT.get(name) or did_you_mean(name, CLAIM) or f"The keywords of a claim are {CLAIM}."
            raise SignatureError(f"there is no keyword {name!r}. {hint}")
    if claim.get("shape") is None:
        raise SignatureError(
            "`shape` is missing; a signature needs the shape that was predicted. "
            "Give shape='increasing', or another one."
        )
    return Signature(**claim)


def takes_claim(function: F) -> F:
    """Show the keywords of a claim, with their defaults, among those of a function that takes them as ``**claim``."""
    own = inspect.signature(function)
    defaults = {each.name: each.default for each in fields(Signature)}
    free = [name for name in CLAIM if name not in own.parameters]
    keywords = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None if name == "shape" else defaults[name],
            annotation=(_Shared.__annotations__ | Claim.__annotations__)[name],
        )
        for name in free
    ]
    kept = [each for each in own.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    function.__signature__ = own.replace(parameters=[*kept, *keywords])  # type: ignore[attr-defined]
    return function
