"""The parts of a clause, each with the conditions that have it.

A part that is about a level belongs to the conditions that were swept there, whatever its place among their own
parts; a part without a level belongs to every condition that has so many parts. The mean over conditions of a part is
taken over those that have it: a level that only one treatment was swept at must hold in that treatment.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sigstats.shapes import Scores
from sigstats.stats.scores.combine import Combination

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Key = tuple[float | str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The clauses of one condition, as scores by seed or as contrasts of level means."""

    # Identity of each row of the scores.
    ids: IntArray
    scores: Mapping[str, Scores]
    # One per part.
    contrasts: Mapping[str, tuple[Combination, ...]]
    # The level that each part is about, where parts are levels.
    at: Mapping[str, FloatArray] = field(default_factory=dict)
    # What each part is about in words, where parts are neither levels nor the same in every condition.
    about: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Return whether the clause was scored."""
        return name in self.scores or name in self.contrasts

    def n_parts(self, name: str) -> int:
        """Return how many parts the clause has here."""
        if name in self.contrasts:
            return len(self.contrasts[name])
        return self.scores[name].parts.shape[-1] if name in self.scores else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a clause."""

    # The level that it is about, if any.
    at: float | None
    # The same in words, where it is no level.
    about: str | None
    # Positions of the conditions that have it.
    conditions: tuple[int, ...]
    # Which of the parts of each of them it is.
    places: tuple[int, ...]


def parts_of(scored: Sequence[Scored], name: str) -> tuple[Part, ...]:
    """Return the parts of a clause over several conditions."""
    if not all(each.n_parts(name) for each in scored):
        return ()
    places = [{key: part for part, key in enumerate(_keys(each, name))} for each in scored]
    levels = all(name in each.at for each in scored)
    named = all(name in each.about for each in scored)
    found = []
    keys: set[Key] = set().union(*places)
    for key in sorted(keys) if not named else dict.fromkeys(key for each in places for key in each):
        having = tuple(i for i, known in enumerate(places) if key in known)
        at = key[0] if levels and isinstance(key[0], float) else None
        about = key[0] if named and isinstance(key[0], str) else None
        found.append(
            Part(at=at, about=about, conditions=having, places=tuple(places[i][key] for i in having))
        )
    return tuple(found)


def _keys(scored: Scored, name: str) -> list[Key]:
    """Return what tells parts apart across conditions: the level with the place among its parts."""
    at: Sequence[float | str] = scored.at.get(name, np.zeros(scored.n_parts(name))).tolist()
    seen: Counter[float | str] = Counter()
    keys = []
    for place in scored.about.get(name, at):
        keys.append((place, seen[place]))
        seen[place] += 1
    return keys


def alone(scored: Sequence[Scored], part: Part, name: str) -> tuple[Scored, ...]:
    """Return the conditions that have a part with this part alone, which is then their part 0."""
    return tuple(
        _alone(scored[i], name, place) for i, place in zip(part.conditions, part.places, strict=True)
    )


def _alone(scored: Scored, name: str, part: int) -> Scored:
    if name in scored.contrasts:
        return replace(scored, contrasts={name: scored.contrasts[name][part : part + 1]}, at={}, about={})
    found = scored.scores[name]
    every = None if found.every is None else found.every[..., part : part + 1, :]
    alone = replace(found, parts=found.parts[..., part : part + 1], every=every, at=None)
    return replace(scored, scores={name: alone}, at={}, about={})
