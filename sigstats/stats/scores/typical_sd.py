"""The residual sd of a typical seed, which a diverged cell, or one seed with much more noise, cannot widen."""

from collections.abc import Sequence

import numpy as np

from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.linear import residuals_independent

ROUNDS = 8
# Taking level medians away, and a median of few seeds, make the result too small: measured on normal noise.
SHRINKAGE = 0.75


def typical_sd_repeated(curves: Sequence[FloatArray], x: FloatArray) -> float:
    """Return the median over seeds of each seed's own residual sd; NaN if no seed has one.

    Notes
    -----
    Each seed's line and the level medians of its condition are removed; medians, since a diverged cell would move a
    level mean, and so appear in every seed. On normal noise the mean of the result is the sd, within .03 of it.
    """
    own, df = (np.concatenate(each) for each in zip(*(_own(part, x) for part in curves), strict=True))
    own, df = own[df > 0], df[df > 0]
    if not own.size:
        return float("nan")
    return float(np.median(own / _chi_median(df))) / (1.0 - SHRINKAGE / (own.size * float(np.median(df))))


def typical_sd_independent(curves: Sequence[FloatArray]) -> float:
    """Return the median over levels of the sd of the runs at each level; NaN without two runs at a level."""
    parts = [residuals_independent(column[:, None]) for each in curves for column in each.T]
    own = [
        np.sqrt(part.sum_of_squares / part.df) / _chi_median(np.array(part.df))
        for part in parts
        if part.df > 0
    ]
    return float(np.median(own)) if own else float("nan")


def _own(curves: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each seed's own residual sd, and its degrees of freedom: levels less 2."""
    seen = ~np.isnan(curves)
    count = seen.sum(axis=1)
    centred = np.where(seen, x - ((seen * x).sum(axis=1) / count)[:, None], 0.0)
    unit = centred / np.sqrt((centred**2).sum(axis=1))[:, None]
    complete, common = bool(seen.all()), np.zeros(x.size)
    # Seeds that miss levels have other lines: lines and medians are then removed in turn until they agree.
    for _ in range(1 if complete else ROUNDS):
        free = np.where(seen, curves - common, 0.0)
        free = free - np.where(seen, (free.sum(axis=1) / count)[:, None], 0.0)
        free = free - unit * (unit * free).sum(axis=1)[:, None]
        middle = np.median(free, axis=0) if complete else _medians(free, seen)
        common = common + middle
    left = np.where(seen, free - middle, 0.0)
    kept = (seen * _kept(seen.sum(axis=0))).sum(axis=1) / count
    df = np.where(kept > 0, count - 2.0, 0.0)
    return np.sqrt((left**2).sum(axis=1) / np.where(df > 0, kept * df, 1.0)), df


def _medians(values: FloatArray, seen: FloatArray) -> FloatArray:
    return np.array([np.median(v[s]) if s.any() else 0.0 for v, s in zip(values.T, seen.T, strict=True)])


def _kept(n: FloatArray) -> FloatArray:
    """Return the variance of one of n normal values around their median, for a variance of 1."""
    of_median = np.pi / (2.0 * n + np.where(n % 2, 0.95, 2.55))
    return np.where(n > 1, 1.0 + of_median - 2.0 / np.maximum(n, 1), 0.0)


def _chi_median(df: FloatArray) -> FloatArray:
    """Return the median of the sd of normal values with these degrees of freedom, for an sd of 1.

    References
    ----------
    E. B. Wilson and M. M. Hilferty, "The distribution of chi-square", PNAS 17 (1931),
    https://doi.org/10.1073/pnas.17.12.684
    """
    return np.asarray((1.0 - 2.0 / (9.0 * df)) ** 1.5)
