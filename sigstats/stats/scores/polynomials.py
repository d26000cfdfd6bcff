"""How far does a curve leave its line? Per-seed quadratic and cubic departures, and the sag.

Orthogonal polynomials split a curve into a line, a bend, an S, and the rest, which do not disturb each other. The size
of each part is given as its *peak departure*: how far, at its largest, it lies off the line, in units of the metric.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigstats.stats.checks import FloatArray

NEGLIGIBLE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """Line of each seed and how far the seed departs from it, in units of the metric."""

    # shape (..., n_seeds): slope of the seed's line, which is its change over the whole range; NaN with
    # fewer than 2 levels
    effect: FloatArray
    # shape (..., n_seeds): peak departure of the quadratic part, positive for a convex curve; NaN with
    # fewer than 3 levels
    quadratic: FloatArray
    # shape (..., n_seeds): peak departure of the cubic part, positive where it rises at the last level;
    # NaN with fewer than 4 levels
    cubic: FloatArray
    # shape (..., n_seeds): largest absolute distance of a cell of the seed from its line. Noise makes
    # it larger: it describes, and is not to be tested
    worst: FloatArray


def polynomial_departures(curves: FloatArray, x: FloatArray) -> Departures:
    """Split each seed's curve into line, quadratic and cubic part on the seed's own levels.

    Notes
    -----
    The part of degree d is ``(p_d @ y) p_d`` with the orthonormal polynomial ``p_d`` on the levels at which the seed
    was seen; its peak departure is ``(p_d @ y) max |p_d|``.

    *Assumptions.* Seeds are independent; t over seeds holds. The parts of one seed are uncorrelated when its noise is
    independent with equal variance.

    *What would fool it.* A departure of higher degree, such as a wave or a single level that sticks out, has small
    quadratic and cubic parts: see `worst`. Where seeds miss different levels, their polynomials differ.

    References
    ----------
    G. E. Forsythe, "Generation and use of orthogonal polynomials for data-fitting with a digital computer", Journal of
    the Society for Industrial and Applied Mathematics 5 (1957), https://doi.org/10.1137/0105007
    """
    seen = _seen(curves)
    values = _centred(np.where(seen, curves, 0.0), seen)
    line, bend, wave = _orthonormal(seen, x)
    spread = np.sqrt((_centred(np.where(seen, x, 0.0), seen) ** 2).sum(axis=-1))
    along = (line * values).sum(axis=-1)
    left = np.where(seen, values - along[..., None] * line, 0.0)
    effect = along / np.where(spread > 0, spread, np.nan)
    return Departures(
        effect=effect,
        quadratic=_peak(bend, left),
        cubic=_peak(wave, left),
        worst=np.where(np.isnan(effect), np.nan, np.abs(left).max(axis=-1)),
    )


def curvature(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return each seed's sag: how far the middle of its parabola hangs below the chord."""
    seen = _seen(curves)
    values = _centred(np.where(seen, curves, 0.0), seen)
    _, bend, _ = _orthonormal(seen, x)
    scale = (bend * np.where(seen, x**2, 0.0)).sum(axis=-1)
    return np.asarray((bend * values).sum(axis=-1) / (4.0 * scale))


def _seen(curves: FloatArray) -> NDArray[np.bool_]:
    """Return which cells were seen; one row for all curves where these have no gaps."""
    seen = ~np.isnan(curves)
    return np.ones(curves.shape[-1], dtype=bool) if seen.all() else seen


def _centred(values: FloatArray, seen: NDArray[np.bool_]) -> FloatArray:
    mean = values.sum(axis=-1) / np.maximum(seen.sum(axis=-1), 1)
    return np.where(seen, values - mean[..., None], 0.0)


def _orthonormal(seen: NDArray[np.bool_], x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return each seed's orthonormal line, parabola and cubic on its own levels; NaN beyond its number of levels."""
    count = seen.sum(axis=-1)
    rising = _centred(np.where(seen, x, 0.0), seen)
    basis = [np.where(seen, 1.0, 0.0) / np.sqrt(np.maximum(count, 1))[..., None]]
    for degree in (1, 2, 3):
        row = basis[-1] * rising if degree > 1 else rising
        for _ in range(2):  # a second pass restores the orthogonality that rounding took away
            for lower in basis:
                row = row - (lower * row).sum(axis=-1, keepdims=True) * lower
        size = np.sqrt((row**2).sum(axis=-1))
        possible = (count > degree) & (size > 0)
        basis.append(np.where(possible[..., None], row / np.where(possible, size, 1.0)[..., None], np.nan))
    return basis[1], basis[2], basis[3]


def _peak(polynomial: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray((polynomial * values).sum(axis=-1) * np.abs(polynomial).max(axis=-1))
