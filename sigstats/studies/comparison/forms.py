"""Which shapes are compared: the declared one, those that were asked for, and the free curve beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sigstats.errors import OptionError, unknown_option
from sigstats.shapes import SHAPES, Shape, as_shape
from sigstats.stats.curves.fit import FEWEST, FORMS, Form, FormDirection
from sigstats.studies.comparison.curves import Curves

NONE = "none of these"
COMPARED: tuple[Form, ...] = tuple(form for form in FORMS if form != "free")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One form that takes part."""

    form: Form  # what is fitted
    direction: FormDirection = "either"  # sign that its amplitude may have

    @property
    def name(self) -> str:
        """What tables call it."""
        if self.form == "free":
            return NONE
        return self.form if self.direction == "either" else f"{self.form}, {self.direction}"


def candidate_of(shape: Shape) -> Candidate:
    """Return the form that a shape claims for the curve."""
    if shape.fitted_as is None:
        raise OptionError(
            f"the shape {shape.name!r} does not say which form the curve has, so it predicts no curve that could be "
            f"compared; shapes that do are {_names()}. Use `detect` for it."
        )
    return Candidate(form=shape.fitted_as, direction=shape.fitted_direction)


def _names() -> tuple[str, ...]:
    """Return what may be asked for by name: forms, and shapes that say which form the curve has."""
    shapes = (name for name, shape in SHAPES.items() if shape.fitted_as is not None)
    return tuple(sorted({*COMPARED, *shapes}))


def asked_for(shapes: Sequence[object]) -> tuple[Candidate, ...]:
    """Return what was asked for by name or as shapes."""
    if isinstance(shapes, str) or not isinstance(shapes, Sequence) or not shapes:
        raise OptionError(
            f"`shapes` is {shapes!r}; it must be a sequence of names or shapes, as in ['linear', 'step', 'sigmoid']. "
            "Leave it out to compare all."
        )
    return tuple(dict.fromkeys(_one(each) for each in shapes))


def _one(given: object) -> Candidate:
    for form in COMPARED:
        if given == form:
            return Candidate(form=form)
    if isinstance(given, str) and given not in SHAPES:
        raise OptionError(unknown_option("shapes", given, _names()))
    return candidate_of(as_shape(given))


def taking_part(
    shapes: Sequence[object] | None, declared: Candidate | None, curves: Curves
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """Return everything that is compared, the free curve last, and what could not be."""
    own = () if declared is None else (declared,)
    if shapes is None:
        named, notes = own, _too_few(curves)
        chosen = {Candidate(form=form) for form in COMPARED if _obstacle(form, curves) is None}
        chosen -= {Candidate(form=each.form) for each in own}
        if curves.power_is_line:
            claimed = declared is not None and declared.form == "power_law"
            chosen -= {Candidate(form="linear" if claimed else "power_law")}
    else:
        named, notes, chosen = (*own, *asked_for(shapes)), (), set()
    for each in named:
        obstacle = _obstacle(each.form, curves)
        if obstacle is not None:
            raise OptionError(f"the shape {each.name!r} {obstacle}. Leave it out.")
    order = sorted({*named, *chosen}, key=lambda each: (FORMS.index(each.form), each.direction))
    return (*order, Candidate(form="free")), notes


def _obstacle(form: Form, curves: Curves) -> str | None:
    """Return why a form cannot be fitted, or None."""
    if curves.levels.size < FEWEST[form]:
        return f"needs at least {FEWEST[form]} levels, and there are {curves.levels.size}"
    if form == "power_law" and not curves.positive:
        return "needs levels and a metric above 0"
    if form == "scaling_law" and (curves.axis.positive is None or curves.axis.log_metric):
        return "needs levels above 0, and the metric on its own scale"
    return None


def _too_few(curves: Curves) -> tuple[str, ...]:
    short = [f"{form} ({FEWEST[form]})" for form in COMPARED if curves.levels.size < FEWEST[form]]
    if not short:
        return ()
    return (f"with {curves.levels.size} levels, these need more and were left out: {', '.join(short)}",)
