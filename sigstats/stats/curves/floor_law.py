"""Power laws with a floor, E + A x^-a, fitted to one curve or to many at once by least squares.

Given the exponent a, floor and amplitude are the intercept and slope of a line in x^-a. What is left to find is one
number: the exponent whose line leaves the smallest sum of squares (variable projection). It is looked for on a grid
over every exponent that the levels can tell apart, so that no start is needed and no local minimum is taken for the
best one, and then refined by golden section.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.checks import BoolArray, FloatArray

FREE: Literal["free"] = "free"
# Beyond these limits the law falls by less than rounding shows, or all of it between two levels.
MOST_LEFT = 50.0
STEEPEST = 40.0
GRID = 160
REFINEMENTS = 34
GOLDEN = (5.0**0.5 - 1.0) / 2.0
ROUNDING = 64 * float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorLaw:
    """Laws E + A x^-a of least squares, one for each curve.

    Attributes
    ----------
    floor : ndarray, shape (n_curves,)
        E, what the law goes to as x grows; in units of the curves. Infinite where the exponent is 0. For rising laws it
        is a ceiling.
    exponent : ndarray, shape (n_curves,)
        a, above 0 where the law approaches the floor as x grows. NaN where the curve is constant.
    excess : ndarray, shape (n_curves,)
        What the law has beyond its floor at the first level, A x_1^-a; below 0 for laws that rise to a ceiling.
    squares : ndarray, shape (n_curves,)
        Residual sum of squares.
    n_levels : ndarray of int, shape (n_curves,)
        Levels at which each curve was seen.
    at_limit : ndarray of bool, shape (n_curves,)
        Whether the best exponent stands at an end of its range. At the lower end, 0, the curve bends less than any
        law with a floor: the floor is not in sight. At the upper one it has fallen before the second level.
    start : float
        The first level, x_1.
    level, slope : ndarray, shape (n_curves,)
        Value of the law at x_1, and its change there for each factor of e in x.
    """

    floor: FloatArray
    exponent: FloatArray
    excess: FloatArray
    squares: FloatArray
    n_levels: npt.NDArray[np.int64]
    at_limit: BoolArray
    start: float
    level: FloatArray = field(repr=False)
    slope: FloatArray = field(repr=False)

    @property
    def amplitude(self) -> FloatArray:
        """A, in units of the curves at x = 1."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(self.excess * self.start**self.exponent)

    def predict(self, x: npt.ArrayLike) -> FloatArray:
        """Return the values of every law at other values of x.

        Parameters
        ----------
        x : array_like, shape (n,)
            Values above 0.

        Returns
        -------
        ndarray, shape (n_curves, n)
            In units of the curves. With exponent 0, a line in log x.
        """
        log_x = np.log(_positive("x", x)) - np.log(self.start)
        exponent = np.nan_to_num(self.exponent)
        return np.asarray(self.level[:, None] + self.slope[:, None] * power_axis(log_x, exponent))


def power_axis(log_x: FloatArray, exponents: FloatArray) -> FloatArray:
    """Return (1 - x^-a) / a for every exponent, which is log x where a is 0; shape (n_exponents, n_levels).

    A law with a floor is a straight line along it, with the slope that it has at x = 1 (Box and Cox, 1964).
    """
    steep = exponents[:, None]
    safe = np.where(steep == 0, 1.0, steep)
    return np.asarray(np.where(steep == 0, log_x, -np.expm1(-safe * log_x) / safe))


def exponent_limits(x: npt.ArrayLike) -> float:
    """Return the largest exponent that levels can tell apart from a fall between the first two of them."""
    log_x = np.log(_positive("x", x, min_size=2))
    return float(min(np.log(MOST_LEFT) / (log_x[1] - log_x[0]), STEEPEST / (log_x[-1] - log_x[0])))


def floor_law(
    curves: npt.ArrayLike,
    x: npt.ArrayLike,
    *,
    floor: float | Literal["free"],
    exponents: tuple[float, float] | None = None,
) -> FloorLaw:
    """Return the law E + A x^-a that fits each curve best.

    Parameters
    ----------
    curves : array_like, shape (n_curves, n_levels) or (n_levels,)
        Curves, NaN where missing.
    x : array_like, shape (n_levels,)
        Ascending levels above 0.
    floor : float or "free"
        E where it is known, 0 for a plain power law; "free" fits it to each curve.
    exponents : (float, float), optional
        Range of a. By default from 0 (with a known floor, from minus the largest) to the largest that the levels can
        tell apart: `exponent_limits`.

    Returns
    -------
    FloorLaw
        One law for each curve. NaN for curves seen at fewer than 3 levels (2 with a known floor).

    Raises
    ------
    InputError
        If levels are not positive and ascending, or curves do not fit them.
    OptionError
        If the floor is no number, or the range of exponents does not ascend; with a free floor, if it holds a negative
        exponent.

    Notes
    -----
    *Errors are absolute*: the sum of squares is that of the metric, also where the floor is known. So one fit serves
    curves at, above and below the floor, and seeds whose noise is as large at the end as at the start. A line through
    the logarithms of what exceeds a known floor weighs levels near the floor most, and fails below it.

    *Range.* The exponent 0 is the limit of laws whose floor goes to minus infinity: a straight line in log x. A curve
    that bends less than that, or the other way, is given that line (`at_limit`).

    *Assumptions.* Noise with the same variance at all levels makes least squares efficient; it is unbiased in the limit
    of small noise without it. *What would fool it.* Floor and exponent trade off: a longer range of x, not more
    levels, tells them apart. The estimates are biased where the noise is not small next to the bend, the floor more so
    than the curve; `at_limit` is then common.

    References
    ----------
    G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose
    variables separate", SIAM Journal on Numerical Analysis 10 (1973), https://doi.org/10.1137/0710036

    J. Hoffmann et al., "Training compute-optimal large language models" (2022),
    https://doi.org/10.48550/arXiv.2203.15556 (losses as E + A N^-a + B D^-b)

    Examples
    --------
    >>> import numpy as np
    >>> size = np.geomspace(1e6, 1e9, 8)
    >>> found = floor_law(1.69 + 406 * size**-0.34, size, floor="free")
    >>> found.floor.round(4), found.exponent.round(4), found.amplitude.round(2)
    (array([1.69]), array([0.34]), array([406.]))
    >>> found.predict([1e10]).round(3)
    array([[1.852]])
    """
    values, levels = _checked(curves, x)
    known = None if isinstance(floor, str) and floor == FREE else _known(floor)
    low, high = _range(levels, exponents, known)
    seen = ~np.isnan(values)
    log_x = np.log(levels) - np.log(levels[0])
    filled = np.where(seen, values - (0.0 if known is None else known), 0.0)
    grid = _grid(low, high, 0.25 / log_x[-1])
    exponent = _refined(filled, seen, log_x, grid, _profile(filled, seen, log_x, grid, known), known)
    return _assembled(filled, seen, log_x, exponent, (low, high), known, float(levels[0]))


def _positive(name: str, x: npt.ArrayLike, *, min_size: int = 1) -> FloatArray:
    levels = checks.vector(name, x, min_size=min_size)
    if (levels <= 0).any():
        raise InputError(
            f"`{name}` holds {levels.min():g}; a power law needs levels above 0. Leave out the others."
        )
    return levels


def _checked(curves: npt.ArrayLike, x: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    levels = _positive("x", x, min_size=2)
    if (np.diff(levels) <= 0).any():
        raise InputError(
            "`x` is not ascending; each level must be larger than the one before. Sort the columns."
        )
    values = np.atleast_2d(np.asarray(curves, dtype=float))
    if values.ndim != 2 or values.shape[1] != levels.size or np.isinf(values).any():
        raise InputError(
            f"`curves` has shape {values.shape} and `x` has {levels.size} levels; curves must be finite, one row "
            "each, with one column per level and NaN where missing. Reshape it."
        )
    return values, levels


def _known(floor: object) -> float:
    if isinstance(floor, str):
        raise OptionError(f"`floor` is {floor!r}; it must be a number, or 'free'.")
    return checks.number("floor", floor)


def _range(
    levels: FloatArray, exponents: tuple[float, float] | None, known: float | None
) -> tuple[float, float]:
    if exponents is None:
        most = exponent_limits(levels)
        return (0.0 if known is None else -most), most
    low, high = (checks.number("exponents", end) for end in exponents)
    if not low < high or (known is None and low < 0):
        raise OptionError(
            f"`exponents` is {exponents!r}; it must be an ascending range, from 0 or more where the floor is free, "
            "as in (0, 2)."
        )
    return low, high


def _grid(low: float, high: float, fine: float) -> FloatArray:
    """Return exponents, as dense near 0 as they must be and as sparse far from it as they can be."""
    grid = fine * np.sinh(np.linspace(float(np.arcsinh(low / fine)), float(np.arcsinh(high / fine)), GRID))
    grid[[0, -1]] = low, high
    return np.asarray(grid)


def _atoms(log_x: FloatArray, exponents: FloatArray, known: float | None) -> FloatArray:
    """Return the curve whose multiple is fitted, for each exponent."""
    if known is None:
        return power_axis(log_x, exponents)
    # Scaled by its largest value, which no amplitude notices.
    steps = -exponents[:, None] * log_x
    return np.asarray(np.exp(steps - steps.max(axis=1, keepdims=True)))


def _profile(
    filled: FloatArray, seen: BoolArray, log_x: FloatArray, grid: FloatArray, known: float | None
) -> FloatArray:
    """Return how much of each curve's sum of squares every exponent explains, shape (n_curves, n_exponents)."""
    atoms = _atoms(log_x, grid, known)
    mask = seen.astype(float)
    if known is not None:
        return np.asarray((filled @ atoms.T) ** 2 / np.maximum(mask @ (atoms**2).T, 1e-300))
    atoms = atoms / np.abs(atoms).max(axis=1, keepdims=True)
    count = np.maximum(mask.sum(axis=1), 1.0)[:, None]
    centred = np.where(seen, filled - filled.sum(axis=1)[:, None] / count, 0.0)
    total = mask @ (atoms**2).T - (mask @ atoms.T) ** 2 / count
    return np.asarray((centred @ atoms.T) ** 2 / np.maximum(total, 1e-300))


def _fit(
    filled: FloatArray, seen: BoolArray, log_x: FloatArray, exponent: FloatArray, known: float | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return intercept, multiple and sum of squares at one exponent for each curve."""
    atoms = np.where(seen, _atoms(log_x, exponent, known), 0.0)
    count = np.maximum(seen.sum(axis=1), 1)
    if known is None:
        middle, mean = atoms.sum(axis=1) / count, filled.sum(axis=1) / count
    else:
        middle = mean = np.zeros(len(filled))
    across = np.where(seen, atoms - middle[:, None], 0.0)
    height = np.where(seen, filled - mean[:, None], 0.0)
    multiple = (across * height).sum(axis=1) / np.maximum((across**2).sum(axis=1), 1e-300)
    squares = ((height - multiple[:, None] * across) ** 2).sum(axis=1)
    return mean - multiple * middle, multiple, squares


def _refined(
    filled: FloatArray,
    seen: BoolArray,
    log_x: FloatArray,
    grid: FloatArray,
    explained: FloatArray,
    known: float | None,
) -> FloatArray:
    """Return the best exponent of each curve, between the neighbours of the best one on the grid."""
    best = explained.argmax(axis=1)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, grid.size - 1)]

    def misfit(exponent: FloatArray) -> FloatArray:
        return _fit(filled, seen, log_x, exponent, known)[2]

    inner, outer = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_inner, at_outer = misfit(inner), misfit(outer)
    for _ in range(REFINEMENTS):
        left = at_inner <= at_outer
        low, high = np.where(left, low, inner), np.where(left, outer, high)
        fresh = np.where(left, high - GOLDEN * (high - low), low + GOLDEN * (high - low))
        at_fresh = misfit(fresh)
        inner, outer = np.where(left, fresh, outer), np.where(left, inner, fresh)
        at_inner, at_outer = np.where(left, at_fresh, at_outer), np.where(left, at_inner, at_fresh)
    middle = (low + high) / 2.0
    for end in (grid[0], grid[-1]):
        edge = np.full_like(middle, end)
        middle = np.where(misfit(edge) <= misfit(middle), edge, middle)
    return np.asarray(middle)


def _assembled(
    filled: FloatArray,
    seen: BoolArray,
    log_x: FloatArray,
    exponent: FloatArray,
    limits: tuple[float, float],
    known: float | None,
    start: float,
) -> FloorLaw:
    level, multiple, squares = _fit(filled, seen, log_x, exponent, known)
    offset = 0.0 if known is None else known
    size = np.abs(filled).max(axis=1)
    count = seen.sum(axis=1)
    mean = filled.sum(axis=1) / np.maximum(count, 1)
    spread = np.where(seen, np.abs(filled - mean[:, None]), 0.0).max(axis=1)
    constant = spread <= ROUNDING * size
    with np.errstate(divide="ignore", invalid="ignore"):
        if known is None:
            slope = np.where(constant, 0.0, multiple)
            excess = np.where(constant, 0.0, -slope / exponent)
            level = np.where(constant, mean, level)
        else:
            scale = np.exp(np.minimum(exponent * log_x[-1], 0.0))  # undoes the scaling of the atoms
            excess = multiple * scale
            level, slope = excess, -exponent * excess
        floor = level - excess
    lost = count < (3 if known is None else 2)

    def kept(values: FloatArray, add: float = 0.0) -> FloatArray:
        return np.asarray(np.where(lost, np.nan, values + add))

    plain = constant if known is None else size == 0
    at_limit = ~plain & ~lost & ((exponent <= limits[0]) | (exponent >= limits[1]))
    return FloorLaw(
        floor=kept(floor, offset),
        exponent=kept(np.where(plain, np.nan, exponent)),
        excess=kept(excess),
        squares=kept(np.where(constant & (known is None), 0.0, squares)),
        n_levels=count,
        at_limit=at_limit,
        start=start,
        level=kept(level, offset),
        slope=kept(slope),
    )
