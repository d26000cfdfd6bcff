"""A phase change: where the curve is half-way between its low and its high end, and how wide the change is.

Low and high are the means of the first and of the last levels (`middle.n_at_end`). A place is held against the level
that lies so far between the two: each seed's interpolated value minus its own low and high in these shares is a
contrast, whose mean over seeds is 0 at the place. Between levels the mean curve is taken to be straight.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sigstats.stats import checks
from sigstats.stats.checks import BoolArray, FloatArray
from sigstats.stats.locations.crossing import interpolations, reaches
from sigstats.stats.locations.inversion import BACKING, bounds_from, evidence, fine_grid, scores_of
from sigstats.stats.locations.location import average, checked, gap_at
from sigstats.stats.scores.middle import n_at_end

HALF = 0.5
START, END = 0.1, 0.9
ANYWHERE = -float("inf")


def midpoints(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return where each curve is first half-way from its low to its high end; NaN where it does not rise."""
    return _places(curves, x, HALF)


def _places(curves: FloatArray, x: FloatArray, share: float) -> FloatArray:
    """Return where each curve has so much of its rise behind it: from below the half, the last such place."""
    n = n_at_end(x.size)
    low, high = curves[:, :n].mean(axis=1), curves[:, -n:].mean(axis=1)
    above = curves - ((1.0 - share) * low + share * high)[:, None]
    found = reaches(above, x) if share >= HALF else -reaches(-above[:, ::-1], -x[::-1])
    size = np.abs(curves - curves.mean(axis=1, keepdims=True)).max(axis=1)
    return np.where(high - low > 1e-9 * size, found, np.nan)


def middle_bounds(rows: FloatArray, x: FloatArray, place: float, confidence: float) -> tuple[float, float]:
    """Return the bounds of the midpoint."""
    return _bounds(rows, x, place, confidence, HALF)


def _bounds(
    rows: FloatArray, x: FloatArray, place: float, confidence: float, share: float
) -> tuple[float, float]:
    """Return the bounds of one place.

    What the curve does beyond the half, seen from the place, does not matter for the start and the end of the change:
    the first of them is the last place below, the second the first place above.
    """
    candidates = fine_grid(x)
    later, earlier = scores_of(rows, lambda seen: _contrasts(x, seen, candidates, share))
    return bounds_from(
        place,
        x,
        later=(candidates, evidence(later, confidence)),
        earlier=(candidates, evidence(earlier, confidence)),
        backing=(ANYWHERE if share < HALF else BACKING, ANYWHERE if share > HALF else BACKING),
    )


def _contrasts(
    x: FloatArray, seen: BoolArray, candidates: FloatArray, share: float
) -> tuple[FloatArray, FloatArray]:
    """Return weights of minus and plus the value at each candidate above what lies so far between low and high."""
    below, above = interpolations(x, seen, candidates)
    n = n_at_end(x.size)
    between = np.zeros(x.size)
    for part, weight in ((slice(None, n), 1.0 - share), (slice(-n, None), share)):
        count = int(seen[part].sum())
        between[part] += np.where(seen[part], weight / count, 0.0) if count else np.nan
    return below + between[seen], above - between[seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """How far the knob moves while the mean curve goes from 10 to 90 % of its rise, in units of the levels."""

    estimate: float  # NaN where the mean curve does not rise
    low: float  # low, high: ends of the interval, within 0 and the swept range
    high: float
    confidence: float  # two-sided confidence, at least
    start: float  # start, end: where the mean curve has 10 % and 90 % of its rise behind it
    end: float


def rise_width(curves: npt.ArrayLike, x: npt.ArrayLike, *, confidence: float) -> Width:
    """Return the 10-90 % width of the rise of the mean curve, with an interval over seeds.

    Notes
    -----
    Each of the two places has an interval whose error is half of the width's, so that the width lies between the
    distances of their ends (Bonferroni): the interval covers more often than it says.

    *Assumptions.* Seeds are independent, and their values at each level roughly normal; between levels the mean curve
    is straight.

    *What would fool it.* Where low and high ends are not reached within the levels that were swept, 10 and 90 % are
    those of the part of the rise that was seen.

    References
    ----------
    E. C. Fieller, "Some problems in interval estimation", Journal of the Royal Statistical Society B 16 (1954),
    https://doi.org/10.1111/j.2517-6161.1954.tb00159.x
    """
    level = checks.fraction("confidence", confidence)
    rows, levels = checked(curves, x)
    each = 1.0 - (1.0 - level) / 2.0
    mean = average(rows)[None, :]
    start, end = (float(_places(mean, levels, share)[0]) for share in (START, END))
    (start_low, start_high), (end_low, end_high) = (
        _within(_bounds(rows, levels, place, each, share), place, levels)
        for share, place in ((START, start), (END, end))
    )
    return Width(
        estimate=end - start,
        low=max(end_low - start_high, 0.0),
        high=end_high - start_low,
        confidence=level,
        start=start,
        end=end,
    )


def _within(bounds: tuple[float, float], place: float, x: FloatArray) -> tuple[float, float]:
    """Return bounds that lie within the levels, and hold the whole gap at the place."""
    low, high = bounds
    if np.isfinite(place):
        left, right = gap_at(place, x)
        low, high = min(low, left), max(high, right)
    return max(low, float(x[0])), min(high, float(x[-1]))
