"""Can chance have made two curves equal? With few values of the metric it can; where values never recur it cannot."""

import numpy as np

from sigstats.stats.checks import FloatArray


def chances_of_coincidence(equal: FloatArray, apart: FloatArray, n_seeds: int) -> FloatArray:
    """Return how likely it is that chance makes some pair of seeds equal at all levels at which a curve was seen.

    Parameters
    ----------
    equal : ndarray, shape (n_curves, n_levels)
        The curves that recur, NaN where missing.
    apart : ndarray, shape (n_different, n_levels)
        One curve of each kind, so that no two of them are equal.
    n_seeds : int
        Seeds among which some pair may be equal.

    Returns
    -------
    ndarray, shape (n_curves,)
        Upper bounds in [0, 1].

    Notes
    -----
    *Null.* Seeds are independent, and whether two of them tie at a level depends on the level before alone. How often
    they tie is taken from `apart`, and, where some of these tie at the level before, how often they still do. The
    product over levels is multiplied by the number of pairs (Boole's inequality). A metric whose values never recur
    leaves no room for coincidence; one with 3 values does.

    *What would fool it.* Seeds that share a stretch of their course by design, as after a common checkpoint.
    """
    m = len(apart) * (len(apart) - 1) / 2.0
    if not m:
        return np.zeros(len(equal))
    ties = np.array([_ties(column) for column in apart.T])
    still = np.array([0.0, *(_ties(*pair) for pair in zip(apart.T[:-1], apart.T[1:], strict=True))])
    before = np.array([0.0, *ties[:-1]])
    usual = (ties.sum() + 0.5) / (m * ties.size + 1.0)
    share = (ties + usual) / (m + 1.0)
    share = np.maximum(share, np.where(before > 0, (still + usual) / (before + 1.0), 0.0))
    pairs = n_seeds * (n_seeds - 1) / 2.0
    chance: FloatArray = np.minimum(1.0, pairs * np.where(np.isnan(equal), 1.0, share).prod(axis=1))
    return chance


def _ties(*columns: FloatArray) -> float:
    """Return how many pairs of rows have the same values in all of some columns."""
    values = np.stack(columns, axis=1)
    seen = values[~np.isnan(values).any(axis=1)]
    counts = np.unique(seen, axis=0, return_counts=True)[1] if len(seen) else np.zeros(0)
    return float((counts * (counts - 1.0)).sum() / 2.0)
