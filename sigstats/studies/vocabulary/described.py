"""One shape, told to someone who looks for the right word."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any

import numpy as np

from sigstats.errors import meant_by
from sigstats.evidence.conditions import MIN_SEEDS
from sigstats.shapes import SHAPES, Clause, Shape, other_words, unknown_shape
from sigstats.shapes.against import AGAINST
from sigstats.signature.signature import Signature
from sigstats.studies.planning.claims import claimed, not_covered

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 12
SIZE = 0.1  # of the smallest effect in examples
POSITION = np.linspace(1.0, 10.0, WIDTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldClause:
    """One clause of a shape."""

    name: str
    kind: str  # primary, required or tolerated
    says: str
    null: str  # the null hypothesis against which it must be shown
    measures: str
    refuted: str  # reason of a verdict that refutes it


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOption:
    """One option of a shape."""

    name: str
    default: object  # None where it must be given, too
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """Something that looks like the shape, and the shape that says it."""

    seen: str
    use: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldShape:
    """What a shape claims and needs."""

    name: str
    options_given: str  # options in which several entries of the same name differ, as in form='step'
    sketch: str
    claim: str
    needs: tuple[str, ...]
    options: tuple[ToldOption, ...]
    clauses: tuple[ToldClause, ...]
    location: str | None
    also_called: tuple[str, ...]  # other words for it
    near_misses: tuple[NearMiss, ...]
    opposes: tuple[str, ...]  # shapes that cannot describe the same curve
    about: str  # the shape's own description
    call: str  # the shape in Python
    card: str | None  # a card that declares it; None where no card can

    @property
    def called(self) -> str:
        """Name with the options in which it differs from others of that name."""
        return f"{self.name} ({self.options_given})" if self.options_given else self.name


def told(name: str | None = None) -> tuple[ToldShape, ...]:
    """Return every shape, or all forms of one, or of those that have another word; a claim without a knob last."""
    known = SHAPES | AGAINST
    chosen = known if name is None else {each: known[each] for each in named(name)}
    return tuple(_told(shape) for kind in chosen.values() for shape in kind.examples())


def named(name: str) -> list[str]:
    """Return the shape of a name, or the shapes that it is another word for."""
    known = SHAPES | AGAINST
    found = [name] if name in known else meant_by(name, other_words(known))
    if not found:
        raise unknown_shape(name, known)
    return found


def _told(shape: Shape) -> ToldShape:
    default = type(shape).examples()[0].options()
    differs = {key: value for key, value in shape.options().items() if default[key] != value}
    return ToldShape(
        name=shape.name,
        options_given=", ".join(f"{key}={value!r}" for key, value in differs.items()),
        sketch=sketch(shape),
        claim=shape.claim,
        needs=tuple(_needs(shape)),
        options=tuple(_option(each) for each in fields(shape)),
        clauses=tuple(_clause(each) for each in shape.clauses),
        location=shape.location,
        also_called=shape.also_called,
        near_misses=tuple(NearMiss(seen=seen, use=use) for seen, use in shape.near_misses),
        opposes=tuple(sorted(shape.opposes)),
        about=_about(shape),
        call=_call(shape),
        card=card(shape),
    )


def _clause(clause: Clause) -> ToldClause:
    return ToldClause(
        name=clause.name,
        kind=clause.kind,
        says=clause.says,
        null=clause.null,
        measures=clause.measures,
        refuted=clause.refuted,
    )


def _option(option: "Field[object]") -> ToldOption:
    required = option.default is MISSING
    return ToldOption(name=option.name, default=None if required else option.default, required=required)


def _call(shape: Shape) -> str:
    """Return the shape as a call gives it, with what must be given left to be filled in."""
    known = {option.name: option for option in fields(shape)}
    given = [
        f"{key}=..." if known[key].default is MISSING else f"{key}={value!r}"
        for key, value in shape.options().items()
        if known[key].default is MISSING or value != known[key].default
    ]
    return f"sigstats.shapes.{type(shape).__name__}({', '.join(given)})"


def _about(shape: Shape) -> str:
    """Return the first paragraphs of the description, without the list of options."""
    text = (type(shape).__doc__ or "").split("\n\n    Attributes")[0]
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _needs(shape: Shape) -> Iterator[str]:
    if shape.against_baseline:
        yield "a baseline in place of a knob"
    else:
        yield f"{2 if shape.on_two_levels else shape.min_levels} levels or more"
    yield f"{MIN_SEEDS} seeds or more in every condition"
    if shape.knob_scale and shape.along is None:
        yield f"a {shape.knob_scale} scale of the knob"
    if shape.metric_scale and shape.along is None:
        yield f"a {shape.metric_scale} scale of the metric"
    for option in fields(shape):
        if option.default is MISSING:
            yield f"the option {option.name}"
    if shape.contradiction(min_effect=None, metric_scale="linear", knob_scale="linear"):
        yield "a margin"
    if shape.positive_control:
        yield "a control, if any, that does depart from it"


def sketch(shape: Shape) -> str:
    """Return a curve that has the shape, in small bars; empty where it does not say which curve it predicts."""
    drawn = shape.sketch()
    if drawn is None:
        if shape.against_baseline or not_covered(shape, _levels(shape)) is not None:
            return ""
        drawn = tuple(_predicted(shape).tolist())
    values = np.asarray(drawn, dtype=float)
    spread = np.ptp(values)
    level = 0.5 + 0.4 * np.sign(values)  # of a curve that stays where it is
    at = (values - values.min()) / spread if spread > 0 else level
    return "".join(BARS[int(each)] for each in np.rint(at * (len(BARS) - 1)))


def _levels(shape: Shape) -> np.ndarray:
    """Return levels that the shape can be scored at: as many as it has weights, if it has any."""
    weights = shape.options().get("weights")
    return POSITION if weights is None else np.linspace(1.0, 10.0, len(weights))


def _predicted(shape: Shape) -> np.ndarray:
    found = claimed(Signature(shape=shape, min_effect=SIZE), _levels(shape))
    x = (POSITION - POSITION[0]) / np.ptp(POSITION)
    return np.asarray(found.form(x), dtype=float)


def card(shape: Shape) -> str | None:
    """Return a card that declares the shape, ready to be filled in; None where a card cannot hold its options."""
    if any(callable(getattr(shape, option.name)) for option in fields(shape)):
        return None
    margin = shape.contradiction(min_effect=None, metric_scale="linear", knob_scale="linear") is not None
    own: dict[str, Any] = {"baseline": "without"} if shape.against_baseline else {"control": "without"}
    if not shape.against_baseline:
        own["knob"] = "level"
    if shape.sized or margin:
        own["min_effect"] = SIZE
    return Signature(
        name=f"score {shape.claim}".replace("the knob", "level"),
        data="sweep.csv",
        metric="score",
        seed="seed",
        condition="model",
        shape=shape,
        treatment="with",
        **own,
    ).to_toml()
