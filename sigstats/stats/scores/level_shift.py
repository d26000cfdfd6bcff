"""Do levels share a shift that no curve explains?

A batch effect common to all runs of a level looks the same in every seed. It cannot be told from the curve
itself, unless the curve is assumed to be simple. Here it is called a shift only when the level means scatter
around every smooth curve (a polynomial) *and* around every monotone curve by more than the noise allows.
"""

import numpy as np
from scipy import special

from sigstats.stats.blocks import agreed, by_table, plain, seen_cells
from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.monotone import monotone_fit
from sigstats.stats.scores.combine import TINY
from sigstats.stats.scores.linear import Residuals

HIGHEST_DEGREE = 3
CLEAR = 0.05


def level_shift_pvalue(curves: FloatArray, x: FloatArray, noise: Residuals) -> float:
    """Return the p-value of the level means lying on a smooth or a monotone curve.

    Notes
    -----
    The F test against the polynomial of degree 3 (less with few levels) is exact for independent normal noise;
    the one against the better of the increasing and the decreasing least-squares fit uses the degrees of freedom
    of a line, which is conservative.

    References
    ----------
    R. E. Barlow, D. J. Bartholomew, J. M. Bremner and H. D. Brunk, *Statistical Inference under Order
    Restrictions*, 1972.
    """
    counts = seen_cells(curves).sum(axis=0).astype(float)
    used = counts > 0
    n_levels = int(used.sum())
    if n_levels < 4 or noise.df <= 0 or not agreed(noise.sum_of_squares > 0):
        return 1.0
    weights = counts[used]
    means = np.nansum(curves[..., used], axis=-2) / weights
    degree = int(np.clip(n_levels - 3, 1, HIGHEST_DEGREE))
    basis = np.vander(2.0 * x[used] - 1.0, degree + 1) * np.sqrt(weights)[:, None]
    target = means * np.sqrt(weights)
    coefficients, *_ = np.linalg.lstsq(basis, target.T, rcond=None)
    misfit = ((target - (basis @ coefficients).T) ** 2).sum(axis=-1)
    rough = _f_pvalue(misfit, n_levels - degree - 1, noise)
    if not agreed(np.asarray(rough) <= CLEAR):
        return rough
    scatter = np.minimum(
        *(by_table(_monotone_misfit, means, weights, up, axes=(1, 1, 0)) for up in (True, False))
    )
    return plain(np.maximum(rough, _f_pvalue(scatter, n_levels - 2, noise)))


def _monotone_misfit(means: FloatArray, weights: FloatArray, increasing: bool) -> float:
    fit = monotone_fit(means, weights, increasing=increasing)
    return float((weights * (means - fit) ** 2).sum())


def _f_pvalue(squares: FloatArray, df: int, noise: Residuals) -> float:
    if df < 1:
        return 1.0
    ratio = (squares / df) / (noise.sum_of_squares / noise.df)
    return plain(np.maximum(special.fdtrc(df, noise.df, ratio), TINY))
