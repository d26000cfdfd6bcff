"""When a metric first reaches a value: as an event to count from, and as a quantity.

Whether a value is reached from below or from above is part of the question. If it is not given, the side on which a
run begins decides, and runs that disagree are an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sigstats.data.logs.model import Series
from sigstats.data.logs.values import as_metric
from sigstats.errors import OptionError

Relation = Literal[">=", "<="]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The event that a metric reaches a value."""

    metric: str  # which metric
    relation: Relation | None  # from which side; with None, the side on which the run begins decides
    value: float  # in the unit of the metric

    def __str__(self) -> str:
        """Return the event in words."""
        return f"{self.metric} {self.relation or 'reaches'} {self.value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """When a run reached a value."""

    step: float | None  # the first step at which it is reached; None for never
    relation: Relation | None  # from which side; None if the run begins at the value itself


def as_event(option: str, given: object) -> Event:
    """Return a checked event."""
    parts = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
    if len(parts) == 2:
        parts.insert(1, None)
    number = as_metric(parts[2]) if len(parts) == 3 and not isinstance(parts[2], str | bool) else None
    if (
        number is None
        or not np.isfinite(number)
        or parts[1] not in (None, ">=", "<=")
        or not _is_name(parts[0])
    ):
        raise OptionError(
            f"`{option}` is {given!r}; it must be a metric and a value, as in ('train_error', 0), or include the side: "
            "('train_error', '<=', 0)."
        )
    return Event(metric=parts[0], relation=parts[1], value=number)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def first_reached(series: Mapping[str, Series], event: Event) -> Reached | None:
    """Return when a run first reached a value."""
    own = series.get(event.metric)
    if own is None:
        return None
    values = own.values
    relation = event.relation
    if relation is None:
        apart = values[np.isfinite(values) & (values != event.value)]
        begins_at_it = values.size and values[0] == event.value
        relation = None if begins_at_it or not apart.size else (">=" if apart[0] < event.value else "<=")
    if relation is None:
        hit = values == event.value
    else:
        hit = values >= event.value if relation == ">=" else values <= event.value
    places = np.flatnonzero(hit)
    return Reached(step=float(own.steps[places[0]]) if places.size else None, relation=relation)


def check_sides(event: Event, sides: Mapping[Relation, str]) -> None:
    """Raise if some runs reach a value from below and others from above."""
    if len(sides) > 1:
        below, above = sides[">="], sides["<="]
        raise OptionError(
            f"{event.metric!r} begins below {event.value:g} in run {below!r} and above it in run {above!r}; give "
            f"the side from which it is reached, as in ({event.metric!r}, '>=', {event.value:g})."
        )
