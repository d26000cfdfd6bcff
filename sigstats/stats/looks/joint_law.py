"""At what level may the data be tested at each of several planned looks?

A t statistic that is asked again after more seeds depends on the one before, because the first seeds are in both.
Where scores are normal with mean 0, their joint law does not depend on the sd. It is best seen by the *cosine*, ``R
= sum of scores / sqrt(n * sum of squares)``, from which t follows. The direction of a normal vector does not depend
on its length, so that the cosine at one look depends on all earlier ones through the last only, and on two numbers
that are independent of it: the share of the old scores in the sum of squares (a beta law), and the cosine of the
new scores. The chance to go beyond a bound at any look is then an integral over one cosine after the other, done
here by Gauss and Legendre's rule.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import special

from sigstats.errors import OptionError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.crossing import crossing

FEWEST = 3
MOST_LOOKS = 20
MOST_SEEDS = 10_000
NODES = 40
# Weights beyond so many sds, of laws that are near normal on an angle, are below 1e-8.
REACH = 6.0
TABLE = 800
ACCURACY = 2e-5
# Below this level rounding would show: the sum over looks, an upper bound, takes the place of the integral.
SMALLEST = 2e-4

Inside = Callable[[FloatArray], FloatArray]

_AT, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)
_FINE = np.linspace(-1.0, 1.0, TABLE)


def _refining() -> FloatArray:
    """Return the matrix that takes a polynomial from the nodes to a fine grid."""
    legendre = np.polynomial.legendre.legvander
    scale = (2.0 * np.arange(NODES) + 1.0) / 2.0
    return np.asarray(legendre(_FINE, NODES - 1) @ (scale[:, None] * (legendre(_AT, NODES - 1).T * _WEIGHTS)))


_TO_FINE = _refining()


def alpha_per_look(looks: Sequence[int], *, alpha: float = 0.05) -> float:
    """Return the level of a one-sided t test at each planned look, so that all looks together err in `alpha`.

    Parameters
    ----------
    looks : sequence of int
        Seeds at each look, ascending, each at least 3, at most 20 looks.
    alpha : float
        Error rate of all looks together, in (0, 1).

    Returns
    -------
    float
        The same level for every look; `alpha` itself for a single one.

    Raises
    ------
    OptionError
        If an option is out of range.

    See Also
    --------
    error_over_looks : The error rate of a level.

    Notes
    -----
    Null: the mean is 0 (or below, where the error rate is smaller). Assumptions: scores of different seeds are
    independent and normal with one sd; seeds are only added. The level is accurate to .0001. It is that of Pocock
    for small samples; as the numbers of seeds grow together it tends to that of Pocock for normal means with the
    same spacing.

    *What would fool it.* A look that was not planned, seeds that are taken out or replaced after a look.

    References
    ----------
    S. J. Pocock, "Group sequential methods in the design and analysis of clinical trials", Biometrika 64 (1977),
    https://doi.org/10.1093/biomet/64.2.191. C. Jennison and B. W. Turnbull, "Exact calculations for sequential t,
    chi-squared and F tests", Biometrika 78 (1991), https://doi.org/10.1093/biomet/78.1.133

    Examples
    --------
    >>> round(alpha_per_look([3, 5, 8]), 4)
    0.0212
    """
    return _level(checked_looks(looks), checks.fraction("alpha", alpha))


def error_over_looks(looks: Sequence[int], *, level: float) -> float:
    """Return how often a one-sided t test at `level` rejects a true null at one look or more.

    Parameters
    ----------
    looks : sequence of int
        Seeds at each look, ascending, each at least 3, at most 20 looks.
    level : float
        Level at every look, in (0, 1).

    Returns
    -------
    float
        Error rate of all looks together.

    Raises
    ------
    OptionError
        If an option is out of range.

    See Also
    --------
    alpha_per_look : The level for an error rate.

    Notes
    -----
    Null, assumptions and reference as for `alpha_per_look`. Applied to a p-value in place of a level, this is the
    p-value that counts the looks.

    Examples
    --------
    >>> round(error_over_looks([3, 5, 8], level=0.05), 3)
    0.107
    """
    return _error(checked_looks(looks), checks.fraction("level", level))


def checked_looks(looks: Sequence[int]) -> tuple[int, ...]:
    """Return planned looks that can be computed."""
    given: Any = looks
    alone = isinstance(given, np.ndarray) and given.ndim == 0
    found = tuple(given) if isinstance(given, Iterable) and not alone else ()
    whole = all(isinstance(each, int | np.integer) and not isinstance(each, bool) for each in found)
    if not found or not whole or any(a >= b for a, b in pairwise(found)):
        raise OptionError(f"`looks` is {looks!r}; it must be ascending whole numbers, as in [3, 5, 8].")
    if found[0] < FEWEST or found[-1] > MOST_SEEDS or len(found) > MOST_LOOKS:
        raise OptionError(
            f"`looks` is {looks!r}; there can be at most {MOST_LOOKS} looks of {FEWEST} to {MOST_SEEDS} seeds."
        )
    return tuple(int(each) for each in found)


@functools.cache
def _level(looks: tuple[int, ...], alpha: float) -> float:
    if len(looks) == 1:
        return alpha
    # No more than one look alone would allow, no less than the share of each.
    low, high = alpha / len(looks), alpha
    xtol = ACCURACY * alpha
    return crossing(lambda level: _error(looks, level) - alpha, low, high, tolerance=xtol)


@functools.lru_cache(maxsize=10_000)
def _error(looks: tuple[int, ...], level: float) -> float:
    """Integrate from the last look to the first."""
    if len(looks) == 1:
        return level
    if level < SMALLEST:
        return len(looks) * level
    bounds = [_cosine(float(special.stdtrit(n - 1, 1.0 - level)), n) for n in looks]
    inside: Inside | None = None
    for at in range(len(looks) - 2, -1, -1):
        n, n_next, bound = looks[at], looks[at + 1], bounds[at + 1]
        pieces = _pieces(n, bounds[at], bound if n_next == n + 1 else None)
        angles, width = _nodes(pieces[:-1], pieces[1:])
        chance = _stays(np.cos(angles).ravel(), n, n_next, bound, inside).reshape(angles.shape)
        # The density of the angle of n normal scores to the diagonal.
        density = np.sin(angles) ** (n - 2) / special.beta((n - 1) / 2, 0.5)
        inside = functools.partial(_interpolated, *_tabled(chance, pieces))
    error = 1.0 - float((chance * width * density).sum())
    return min(max(error, level), len(looks) * level)


def _cosine(t: float, n: int) -> float:
    return float(t / np.sqrt(t**2 + n - 1.0))


def _pieces(n: int, bound: float, bound_next: float | None) -> FloatArray:
    """Return ends of stretches of the angle within its bound, in each of which what follows is smooth."""
    reach = REACH / np.sqrt(n)
    low = max(float(np.arccos(bound)), np.pi / 2 - reach)
    high = min(np.pi, np.pi / 2 + reach)
    inner: list[float] = []
    if bound_next is not None:
        # Beyond these cosines one more score, however large, cannot reach the next bound.
        square = (bound_next**2 * (n + 1.0) - 1.0) / n
        ends = np.sqrt(max(square, 0.0)) * np.array([1.0, -1.0])
        inner = np.arccos(np.clip(ends, -1.0, 1.0)).tolist()
    return np.unique(np.clip([low, *inner, high], low, high))


def _nodes(low: FloatArray | float, high: FloatArray | float) -> tuple[FloatArray, FloatArray]:
    start, stop = (np.asarray(end, dtype=float)[..., None] for end in (low, high))
    half = (stop - start) / 2.0
    return stop - half * (1.0 - _AT), half * _WEIGHTS


def _stays(cosine: FloatArray, n: int, n_next: int, bound: float, inside: Inside | None) -> FloatArray:
    """Return the chance to stay within all later bounds, given the cosine at a look."""
    new = n_next - n
    if new == 1:
        return _stays_by_one(cosine, n, bound, inside)
    centre, reach = np.arctan(np.sqrt(n / new)), REACH / np.sqrt(n_next)
    share, width = _nodes(max(0.0, centre - reach), min(np.pi / 2, centre + reach))
    weights = width * _density(share, n, new)
    old = np.sqrt(n / n_next) * np.sin(share) * cosine[:, None]
    size = np.sqrt(new / n_next) * np.cos(share)
    limit = np.clip((bound - old) / size, -1.0, 1.0)
    if inside is None:
        tail = 0.5 * special.betainc((new - 1) / 2, 0.5, 1.0 - limit**2)
        chance = np.where(limit > 0, 1.0 - tail, tail)
    else:
        low = np.maximum(np.arccos(limit), np.pi / 2 - REACH / np.sqrt(new))
        angles, measure = _nodes(low, np.pi)
        measure = measure * np.sin(angles) ** (new - 2) / special.beta((new - 1) / 2, 0.5)
        chance = (inside(old[..., None] + size[:, None] * np.cos(angles)) * measure).sum(axis=-1)
    return np.asarray((chance * weights).sum(axis=1) / weights.sum())


def _stays_by_one(cosine: FloatArray, n: int, bound: float, inside: Inside | None) -> FloatArray:
    """Return the same where one seed is added: its sign and the share of the old scores make one angle."""
    first, second = np.sqrt(n / (n + 1.0)) * cosine, 1.0 / np.sqrt(n + 1.0)
    # The next cosine is ``first * sin + second * cos``, which exceeds its bound around its largest value.
    top, size = np.arctan2(first, second), np.hypot(first, second)
    half = np.arccos(np.clip(bound / size, -1.0, 1.0))
    reach = np.pi / 2 - REACH / np.sqrt(n), np.pi / 2 + REACH / np.sqrt(n)
    low, high = max(0.0, reach[0]), min(np.pi, reach[1])
    ends = np.clip([np.full_like(top, low), top - half, top + half, np.full_like(top, high)], low, high)
    chance = np.zeros_like(top)
    for start, stop in ((ends[0], ends[1]), (ends[2], ends[3])):
        angles, width = _nodes(start, stop)
        met = 1.0 if inside is None else inside(first[:, None] * np.sin(angles) + second * np.cos(angles))
        chance += (met * width * np.sin(angles) ** (n - 1)).sum(axis=1)
    return np.asarray(chance / special.beta(n / 2, 0.5))


def _density(share: FloatArray, n: int, new: int) -> FloatArray:
    """Return the density, up to a factor, of the angle whose squared sine is the share of the old scores."""
    with np.errstate(divide="ignore"):
        found = (n - 1) * np.log(np.sin(share)) + (new - 1) * np.log(np.cos(share))
    return np.asarray(np.exp(found - found.max()))


def _tabled(values: FloatArray, pieces: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a function that is known at the nodes of each stretch on a fine grid of cosines, ascending."""
    middle, half = (pieces[1:] + pieces[:-1]) / 2.0, np.diff(pieces) / 2.0
    angles = (middle[:, None] + half[:, None] * _FINE).ravel()
    return np.cos(angles)[::-1], (values @ _TO_FINE.T).ravel()[::-1]


def _interpolated(cosines: FloatArray, values: FloatArray, at: FloatArray) -> FloatArray:
    return np.interp(at, cosines, values)
