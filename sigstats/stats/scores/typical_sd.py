"""The residual sd of a typical seed, which a diverged cell, or one seed with much more noise, cannot widen."""

from collections.abc import Sequence

import numpy as np

from sigstats.stats.blocks import plain, seen_cells
from sigstats.stats.checks import BoolArray, FloatArray
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
    parts = [_own(part, x) for part in curves]
    own = np.concatenate([sds for sds, _ in parts], axis=-1)
    df = np.concatenate([each for _, each in parts])
    own, df = own[..., df > 0], df[df > 0]
    if not df.size:
        return float("nan")
    middle = np.median(own / _chi_median(df), axis=-1)
    return plain(middle / (1.0 - SHRINKAGE / (df.size * float(np.median(df)))))


def typical_sd_independent(curves: Sequence[FloatArray]) -> float:
    """Return the median over levels of the sd of the runs at each level; NaN without two runs at a level."""
    parts = [residuals_independent(each[..., [level]]) for each in curves for level in range(each.shape[-1])]
    own = [
        np.sqrt(part.sum_of_squares / part.df) / _chi_median(np.array(part.df))
        for part in parts
        if part.df > 0
    ]
    return plain(np.median(own, axis=0)) if own else float("nan")


def _own(curves: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each seed's own residual sd, and its degrees of freedom: levels less 2."""
    seen = seen_cells(curves)
    count = seen.sum(axis=1)
    centred = np.where(seen, x - ((seen * x).sum(axis=1) / count)[:, None], 0.0)
    unit = centred / np.sqrt((centred**2).sum(axis=1))[:, None]
    complete, common = bool(seen.all()), np.zeros(x.size)
    # Seeds that miss levels have other lines: lines and medians are then removed in turn until they agree.
    for _ in range(1 if complete else ROUNDS):
        free = np.where(seen, curves - common, 0.0)
        free = free - np.where(seen, (free.sum(axis=-1) / count)[..., None], 0.0)
        free = free - unit * (unit * free).sum(axis=-1)[..., None]
        middle = np.median(free, axis=-2, keepdims=True) if complete else _medians(free, seen)
        common = common + middle
    left = np.where(seen, free - middle, 0.0)
    kept = (seen * _kept(seen.sum(axis=0))).sum(axis=1) / count
    df = np.where(kept > 0, count - 2.0, 0.0)
    return np.sqrt((left**2).sum(axis=-1) / np.where(df > 0, kept * df, 1.0)), df


def _medians(values: FloatArray, seen: BoolArray) -> FloatArray:
    """Return the medians over seeds, which keep their axis."""
    found = [
        np.median(values[..., rows, level], axis=-1) if rows.any() else np.zeros(values.shape[:-2])
        for level, rows in enumerate(seen.T)
    ]
    return np.stack(found, axis=-1)[..., None, :]


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
