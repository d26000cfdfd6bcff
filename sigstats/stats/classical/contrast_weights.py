"""Contrasts: weights over levels that single out one shape.

A contrast is a row of weights that sum to 0. Applied to the values of one seed over the levels, or to the
means of groups, it gives one number: how strongly the shape is there. `polynomial_contrast` separates line,
bend and so on; `shape_contrast` finds the weights with the best signal to noise for a shape that a theory
predicts, as in the MCP-Mod procedure for dose finding.
"""

import math

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError, OptionError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray


def polynomial_contrast(levels: npt.ArrayLike, degree: int) -> FloatArray:
    """Return the orthonormal polynomial weights of a degree over levels.

    Parameters
    ----------
    levels : array_like, shape (k,)
        Different numbers, at any spacing, in any order.
    degree : int
        1 for the line, 2 for the bend, ...; at most k - 1.

    Returns
    -------
    ndarray of float, shape (k,)
        Weights that sum to 0, have squares that sum to 1, are orthogonal to all lower degrees, and are
        positive at the largest level.

    Notes
    -----
    *Assumptions.* None; for unequal group sizes contrasts of different degrees are correlated.

    References
    ----------
    .. [1] G. E. Forsythe, "Generation and use of orthogonal polynomials for data-fitting with a digital
           computer", Journal of the Society for Industrial and Applied Mathematics 5(2), 74-88, 1957.
           https://doi.org/10.1137/0105007

    Examples
    --------
    >>> from sigstats.stats.classical.contrast_weights import polynomial_contrast
    >>> (polynomial_contrast([1, 2, 3], 2) * 6**0.5).round(12).tolist()
    [1.0, -2.0, 1.0]
    """
    x = checks.vector("levels", levels, min_size=2)
    if len(np.unique(x)) < len(x):
        raise InputError("`levels` has equal entries; give each level once.")
    d = checks.whole("degree", degree, low=1, high=len(x) - 1)
    scaled = np.ldexp(x, -math.frexp(float(np.max(np.abs(x))))[1])
    scaled = (scaled - scaled.mean()) / np.ptp(scaled)
    basis = [np.full(len(x), 1.0 / math.sqrt(len(x)))]
    for _ in range(d):
        row = basis[-1] * scaled
        for _ in range(2):  # a second pass restores the orthogonality that rounding took away
            for lower in basis:
                row = row - (lower @ row) * lower
        basis.append(row / math.sqrt(float(row @ row)))
    weights = basis[-1]
    return np.asarray(weights * np.sign(weights[np.argmax(x)]))


def emax(levels: npt.ArrayLike, *, ed50: float) -> FloatArray:
    """Return a rise that saturates, x / (ed50 + x), half of it reached at `ed50` > 0."""
    x, half = checks.vector("levels", levels), checks.positive("ed50", ed50)
    _require_nonnegative(x)
    return np.asarray(x / (half + x))


def sigmoid_emax(levels: npt.ArrayLike, *, ed50: float, steepness: float) -> FloatArray:
    """Return an S-shaped rise, x^h / (ed50^h + x^h), half of it reached at `ed50` > 0."""
    x, half = checks.vector("levels", levels), checks.positive("ed50", ed50)
    power = checks.positive("steepness", steepness)
    _require_nonnegative(x)
    ratio = (x / half) ** power
    return np.asarray(ratio / (1.0 + ratio))


def exponential(levels: npt.ArrayLike, *, delta: float) -> FloatArray:
    """Return a rise that accelerates, exp(x / delta) - 1, with `delta` > 0 in units of the levels."""
    x, scale = checks.vector("levels", levels), checks.positive("delta", delta)
    if np.max(np.abs(x)) > 700 * scale:
        raise OptionError(f"`delta` is {delta!r}, too small for levels up to {x.max()}; use a larger one.")
    return np.asarray(np.expm1(x / scale))


def quadratic(levels: npt.ArrayLike, *, delta: float) -> FloatArray:
    """Return a parabola through 0, x + delta x^2; with `delta` < 0 it has its top at -1 / (2 delta)."""
    x, bend = checks.vector("levels", levels), checks.number("delta", delta)
    return np.asarray(x + bend * x * x)


def _require_nonnegative(levels: FloatArray) -> None:
    """Raise where a level is below 0."""
    if np.any(levels < 0):
        raise InputError(
            f"`levels` goes down to {levels.min()}; this shape is defined from 0 on. Shift the levels."
        )


def shape_contrast(shape: npt.ArrayLike, sizes: npt.ArrayLike | None = None) -> FloatArray:
    """Return the weights with which a predicted shape has the best signal to noise.

    Parameters
    ----------
    shape : array_like, shape (k,)
        The predicted mean at each level, up to shift and scale: `emax(levels, ed50=0.2)`, or any numbers.
    sizes : array_like, shape (k,), optional
        Observations at each level; by default equal.

    Returns
    -------
    ndarray of float, shape (k,)
        Weights that sum to 0, have squares that sum to 1, and give the shape itself a positive value.

    Notes
    -----
    *Assumptions.* The noise is the same at every level.

    *What would fool it.* Other shapes have a positive value too: a large one says that there is a trend of
    this kind, not that the shape is right.

    References
    ----------
    .. [1] F. Bretz, J. C. Pinheiro, M. Branson, "Combining multiple comparisons and modeling techniques in
           dose-response studies", Biometrics 61(3), 738-748, 2005. https://doi.org/10.1111/j.1541-0420.2005.00344.x

    Examples
    --------
    >>> from sigstats.stats.classical.contrast_weights import emax, shape_contrast
    >>> shape_contrast(emax([0, 0.05, 0.2, 0.6, 1], ed50=0.2)).round(4).tolist()
    [-0.6431, -0.3615, 0.061, 0.4131, 0.5305]
    """
    means = checks.vector("shape", shape, min_size=2)
    counts = np.ones(len(means)) if sizes is None else checks.vector("sizes", sizes)
    checks.same_size(shape=means, sizes=counts)
    if np.any(counts <= 0):
        raise InputError("`sizes` has an entry of 0 or less; drop levels without observations.")
    if np.ptp(means) == 0:
        raise InputError("`shape` is constant; a contrast needs a shape that varies over the levels.")
    scaled = means / np.max(np.abs(means))
    weights = counts * (scaled - counts @ scaled / counts.sum())
    return np.asarray(weights / math.sqrt(float(weights @ weights)))
