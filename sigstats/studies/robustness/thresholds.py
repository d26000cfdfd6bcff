"""Margins: the range of each bound over which a verdict stands.

The smallest effect, alpha and the quiet fraction are bounds against which the same numbers are held. Each is moved up
and down while everything else stays; where the verdict changes is found to 1 %. The scale of the prior on the spread
between seeds, which the posterior needs, follows from the data; it is multiplied by a factor in the same way.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sigstats.data.parallel import parallel_map
from sigstats.errors import SignatureError
from sigstats.studies.robustness.readings import attempted
from sigstats.studies.robustness.variants import Variant
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

POINTS = 24
CLOSE = 0.01
WIDEST = 100.0
LEAST = 1e-307  # bounds below it, or above its inverse, are not tried: numbers end there
ALPHAS = (0.001, 0.4)
FRACTIONS = (0.02, 0.98)
PRIOR = "prior_scale"
FACTORS = (0.125, 8.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A range of a bound over which the verdict is the same.

    Attributes
    ----------
    low, high : float
        Its ends; the outermost are where the search ends.
    status : Status
        What is said there.
    """

    low: float
    high: float
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The verdict as a function of one bound.

    Attributes
    ----------
    name : str
        ``"min_effect"``, ``"alpha"``, ``"quiet_fraction"`` or ``"prior_scale"``, which is a factor on the default
        scale.
    declared : float or None
        What the signature declares, 1 for the prior; None where no smallest effect was declared.
    low, high : float or None
        Range around the declared value over which the status stands, each end to 1 %; None where the search did not
        find an end, or nothing was declared.
    segments : tuple of Segment
        All that was found, from the smallest value to the largest.
    """

    name: str
    declared: float | None
    low: float | None
    high: float | None
    segments: tuple[Segment, ...]

    @property
    def nearest(self) -> float | None:
        """Smallest factor (at least 1) by which the bound must move before the verdict changes."""
        if self.declared is None:
            return None
        factors = [] if self.low is None else [self.declared / self.low]
        factors += [] if self.high is None else [self.high / self.declared]
        return min(factors, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A bound that is moved, and between which values."""

    name: str  # a field of the signature, or PRIOR
    declared: float | None
    low: float
    high: float


def find_margins(variant: Variant, verdict: Verdict, *, n_jobs: int) -> tuple[Margin, ...]:
    """Return over which bounds the verdict stands."""
    return tuple(_margin(each, variant, n_jobs) for each in _searches(variant, verdict))


def _searches(variant: Variant, verdict: Verdict) -> list[Search]:
    signature = variant.signature
    found = []
    size = _size(verdict)
    if signature.shape.sized and signature.shape.unit == "metric" and size > 0:
        declared = signature.min_effect
        low, high = min(size, declared or size), max(size, declared or size)
        low, high = max(low / WIDEST, LEAST), min(high * WIDEST, 1.0 / LEAST)
        found.append(Search(name="min_effect", declared=declared, low=low, high=high))
    low, high = min(ALPHAS[0], signature.alpha), max(ALPHAS[1], signature.alpha)
    found.append(Search(name="alpha", declared=signature.alpha, low=low, high=high))
    if signature.control and not signature.shape.positive_control:
        declared = signature.quiet_fraction
        low, high = min(FRACTIONS[0], declared), max(FRACTIONS[1], declared)
        found.append(Search(name="quiet_fraction", declared=declared, low=low, high=high))
    slopes = verdict.evidence.slopes
    if slopes is not None and slopes.prior_scale > 0:  # NaN where runs are independent: t has no prior
        found.append(Search(name=PRIOR, declared=1.0, low=FACTORS[0], high=FACTORS[1]))
    return found


def _size(verdict: Verdict) -> float:
    """Return a typical size of the effect: its bounds where there are any, else the estimate."""
    effect = verdict.effect
    values = [] if effect is None else [abs(effect.value), abs(effect.low), abs(effect.high)]
    return max((each for each in values if math.isfinite(each)), default=0.0)


def _margin(search: Search, variant: Variant, n_jobs: int) -> Margin:
    grid = np.geomspace(search.low, search.high, POINTS).tolist()
    grid[0], grid[-1] = search.low, search.high
    grid = sorted({*grid, *([] if search.declared is None else [search.declared])})
    statuses = parallel_map(_status, grid, search.name, variant, n_jobs=n_jobs, label=search.name)
    segments = _segments(grid, statuses, lambda value: _status(value, search.name, variant))
    own = _own(segments, search.declared)
    low = None if own is None or own.low <= search.low else own.low
    high = None if own is None or own.high >= search.high else own.high
    return Margin(name=search.name, declared=search.declared, low=low, high=high, segments=segments)


def _own(segments: tuple[Segment, ...], declared: float | None) -> Segment | None:
    if declared is None:
        return None
    return next((each for each in segments if each.low <= declared <= each.high), None)


def _status(value: float, name: str, variant: Variant) -> Status | None:
    """Return the status with another bound; None where a signature cannot declare it, or there is no verdict."""
    moved: dict[str, Any] = {} if name == PRIOR else {name: value}
    try:
        signature = replace(variant.signature, **moved)
    except SignatureError:
        return None
    verdict = attempted(replace(variant, signature=signature), prior_scale=value if name == PRIOR else 1.0)
    return None if isinstance(verdict, str) else verdict.status


def _segments(
    grid: list[float], statuses: list[Status | None], status: Callable[[float], Status | None]
) -> tuple[Segment, ...]:
    """Return where the verdict is the same; the ends between two grid points are found by halving."""
    found: list[Segment] = []
    start, said = grid[0], statuses[0]
    points = list(zip(grid, statuses, strict=True))
    for left, right in itertools.pairwise(points):
        for last, first, after in _changes(left, right, status):
            found += _segment(start, last, said)
            start, said = first, after
    return (*found, *_segment(start, grid[-1], said))


def _changes(
    left: tuple[float, Status | None],
    right: tuple[float, Status | None],
    status: Callable[[float], Status | None],
) -> list[tuple[float, float, Status | None]]:
    """Return the changes between two points: last value before, first value after, what is said after."""
    if left[1] is right[1]:
        return []
    if right[0] <= left[0] * (1.0 + CLOSE):
        return [(left[0], right[0], right[1])]
    # Two roots, since the product of two very small or large bounds is 0 or infinite.
    value = math.sqrt(left[0]) * math.sqrt(right[0])
    if not left[0] < value < right[0]:
        return [(left[0], right[0], right[1])]
    middle = (value, status(value))
    return [*_changes(left, middle, status), *_changes(middle, right, status)]


def _segment(low: float, high: float, status: Status | None) -> list[Segment]:
    return [] if status is None else [Segment(low=low, high=high, status=status)]
