"""One score per seed: how strongly that seed shows a trend.

The seed is the unit of replication, so a claim about the mean over seeds must pass through one number per seed. The
*linear score* is the change of the seed's least-squares line over the swept range; the *rank score* is its Kendall tau,
which is blind to monotone changes of the metric. Arrays have one row per seed and one column per level, with tables on
axes before them; NaN marks a cell that was not run. The knob is handed in rescaled to [0, 1], so that a slope is a
change from end to end.
"""

import functools
from dataclasses import dataclass

import numpy as np

from sigstats.stats.blocks import plain, seen_cells
from sigstats.stats.checks import FloatArray, IndexArray

PAIRWISE_LIMIT = 200
BLOCK = 400_000  # so many comparisons at once fit into the fast memory of a processor


def linear_scores(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return each seed's least-squares slope on the rescaled knob.

    Notes
    -----
    Rounding noise is set to exactly 0, so that a constant seed scores 0.
    """
    seen = seen_cells(curves)
    values = np.where(seen, curves, 0.0)
    count = seen.sum(axis=1)
    centred = np.where(seen, x - ((seen * x).sum(axis=1) / count)[:, None], 0.0)
    values = np.where(seen, values - (values.sum(axis=-1) / count)[..., None], 0.0)
    slopes = (centred * values).sum(axis=-1) / (centred**2).sum(axis=1)
    noise = 64 * np.finfo(float).eps * np.abs(np.where(seen, curves, 0.0)).max(axis=(-2, -1), initial=0.0)
    return np.where(np.abs(slopes) <= noise[..., None], 0.0, slopes)


def score_sd_factor(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return the sampling sd of each seed's linear score for a residual sd of 1, shape (n_seeds,)."""
    seen = seen_cells(curves)
    centred = np.where(seen, x - ((seen * x).sum(axis=1) / seen.sum(axis=1))[:, None], 0.0)
    return np.asarray(1.0 / np.sqrt((centred**2).sum(axis=1)))


def rank_scores(curves: FloatArray) -> FloatArray:
    """Return each seed's Kendall tau-b with the knob; 0 for a constant seed."""
    n_levels = curves.shape[-1]
    rows = curves.reshape(-1, n_levels)
    if n_levels > PAIRWISE_LIMIT:
        taus = np.array([_long_tau(row[~np.isnan(row)]) for row in rows])
    else:
        size = max(1, BLOCK // (n_levels * n_levels))
        taus = np.concatenate([_taus(rows[start : start + size]) for start in range(0, len(rows), size)])
    return taus.reshape(curves.shape[:-1])


@functools.cache
def _pairs(n_levels: int) -> tuple[IndexArray, IndexArray]:
    """Return the positions of the first and the second level of every pair."""
    first, second = np.triu_indices(n_levels, 1)
    return first, second


def _taus(curves: FloatArray) -> FloatArray:
    first, second = _pairs(curves.shape[1])
    levels = np.ascontiguousarray(curves.T)
    earlier, later = levels[first], levels[second]
    # No comparison with a missing cell holds.
    up, down, seen = (
        each.view(np.int8).sum(axis=0, dtype=np.int64)
        for each in (later > earlier, later < earlier, ~np.isnan(levels))
    )
    pairs = np.maximum(seen * (seen - 1) // 2, 1)
    return np.asarray((up - down) / np.sqrt(np.maximum(up + down, 1) * pairs))


def _long_tau(row: FloatArray) -> float:
    from sigstats.stats.classical.trend import mann_kendall

    return 0.0 if row.size < 2 or np.ptp(row) == 0 else float(mann_kendall(row).tau or 0.0)


def kendall_null_variance(n_levels: float) -> float:
    """Return the variance of Kendall's tau over all orders of `n_levels` distinct values.

    References
    ----------
    M. G. Kendall, "A new measure of rank correlation", Biometrika 30 (1938), https://doi.org/10.2307/2332226
    """
    return 2.0 * (2.0 * n_levels + 5.0) / (9.0 * n_levels * (n_levels - 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """What is left of the curves when lines and level means are taken away."""

    sum_of_squares: float  # residual sum of squares, in squared units of the metric
    df: float  # degrees of freedom: (n_seeds - 1)(n_levels - 2) for complete curves


def residuals_repeated(curves: FloatArray, x: FloatArray) -> Residuals:
    """Remove each seed's own line and the level means; what remains is noise, and a common bend is not.

    Notes
    -----
    Each seed's line is projected out first; the level means are then found from an L x L system, so any number
    of seeds costs the same.
    """
    seen = seen_cells(curves)
    count = seen.sum(axis=1)
    root = np.sqrt(count)
    centred = np.where(seen, x - ((seen * x).sum(axis=1) / count)[:, None], 0.0)
    unit = centred / np.sqrt((centred**2).sum(axis=1))[:, None]
    values = np.where(seen, curves, 0.0)
    ones = seen / root[:, None]
    free = values - ones * (ones * values).sum(axis=-1)[..., None]
    free = free - unit * (unit * values).sum(axis=-1)[..., None]
    if seen.all():
        left = free - free.mean(axis=-2, keepdims=True)
        squares = plain((left**2).sum(axis=(-2, -1)))
        return Residuals(sum_of_squares=squares, df=float((len(seen) - 1) * (x.size - 2)))
    used = seen.any(axis=0)
    removed = np.vstack([ones[:, used], unit[:, used]])
    target = free[..., used].sum(axis=-2)
    explained, rank = _explained(seen[:, used].sum(axis=0).astype(float), removed, target)
    squares = plain(np.maximum((free**2).sum(axis=(-2, -1)) - explained, 0.0))
    return Residuals(sum_of_squares=squares, df=float(seen.sum() - 2 * len(seen) - rank))


def _explained(cells: FloatArray, removed: FloatArray, target: FloatArray) -> tuple[FloatArray, int]:
    """Return the sum of squares that level means explain, and their rank: all but a line, if levels connect.

    The normal equations have the matrix ``diag(cells) - removed' removed``. Where there are more levels than lines were
    taken away, its inverse follows from a matrix as large as the number of these (Woodbury), which is as singular.
    """
    many = cells.size > len(removed)
    scaled = removed / np.sqrt(cells) if many else removed
    matrix = np.eye(len(removed)) - scaled @ scaled.T if many else np.diag(cells) - removed.T @ removed
    eigenvalues, vectors = np.linalg.eigh(matrix)
    kept = eigenvalues > 1e-9 * eigenvalues.max(initial=1.0)
    aim = (target / cells) @ removed.T if many else target
    explained = ((aim @ vectors[:, kept]) ** 2 / eigenvalues[kept]).sum(axis=-1)
    if many:
        explained = explained + (target**2 / cells).sum(axis=-1)
    return explained, cells.size - int(np.count_nonzero(~kept))


def residuals_independent(curves: FloatArray) -> Residuals:
    """Remove the level means only: in the independent design a run is seen at one level."""
    seen = seen_cells(curves)
    count = seen.sum(axis=0)
    values = np.where(seen, curves, 0.0)
    means = values.sum(axis=-2, keepdims=True) / np.maximum(count, 1)
    left = np.where(seen, values - means, 0.0)
    return Residuals(
        sum_of_squares=plain((left**2).sum(axis=(-2, -1))), df=float(np.maximum(count - 1, 0).sum())
    )
