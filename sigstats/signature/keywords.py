"""The claim that a function is given: a signature, an answer that holds one, or the keywords of `sigstats.detect`.

Functions that take a claim beside options of their own name its keywords only here. Type checkers read them from the
classes below; `takes_claim` writes them into what `help` and completion read.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, ParamSpec, Protocol, TypedDict, TypeVar, cast, runtime_checkable

from sigstats.data.memory import says_need
from sigstats.errors import KeywordError, SignatureError, knows_keywords, nearest, unknown_keyword
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

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., object])
TREND = {"shape": "increasing"}  # what is claimed where nothing is said


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
            raise unknown_keyword(name, CLAIM)
    if claim.get("shape") is None:
        raise SignatureError(
            "`shape` is missing; a signature needs the shape that was predicted. "
            "Give shape='increasing', or another one."
        )
    return Signature(**claim)


def takes_signature(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse unknown keywords; of those of a claim, say that they are fields of the signature."""
    own = set(inspect.signature(function).parameters)
    known = knows_keywords(function)

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in set(kwargs) - own:
            meant = name if name in CLAIM else nearest(name, CLAIM)
            if meant is not None and nearest(name, own) is None:
                fields_of = f"shape=..., {meant}=..." if meant != "shape" else "shape=..."
                raise KeywordError(
                    f"there is no keyword {name!r} here; `{meant}` is a field of the signature. Write it there, as in "
                    f"sigstats.Signature({fields_of}), and hand that in."
                )
        return known(*args, **kwargs)

    return checked


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
    return cast("F", knows_keywords(says_need(function)))
