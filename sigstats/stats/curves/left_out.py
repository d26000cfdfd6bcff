"""What each seed does to an estimate: the estimate without it, and the jackknife pseudo-values that follow."""

from collections.abc import Callable

import numpy as np

from sigstats.errors import InputError
from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.linked_means import level_runs


def pseudo_values(every: FloatArray | float, without: FloatArray) -> FloatArray:
    """Return the jackknife pseudo-values from the estimate of all seeds and those without each of them.

    Notes
    -----
    The first axis of `without` holds the seeds. Their mean and its standard error hold for smooth functions of means.

    References
    ----------
    R. G. Miller, "The jackknife - a review", Biometrika 61 (1974), https://doi.org/10.1093/biomet/61.1.1
    """
    n = len(without)
    with np.errstate(invalid="ignore"):  # what is infinite with and without a seed says nothing of it
        return np.asarray(n * np.asarray(every) - (n - 1) * without)


def beyond_first_order(
    values: FloatArray, found: FloatArray, weights: FloatArray, refitted: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Return how much more each seed moves each prediction than weights of level means say.

    `values` has shape (n_seeds, n_levels), NaN where missing; `found` holds the predictions, `weights` how much each
    changes per unit of each level mean, to first order; `refitted` returns the predictions of other means. A seed
    without values moves nothing; NaN where the law cannot be fitted without a seed.
    """
    more = np.zeros((len(values), found.size))
    rows = np.flatnonzero((~np.isnan(values)).any(axis=1))
    without = np.full((rows.size, found.size), np.nan)
    for at, row in enumerate(rows):
        try:
            without[at] = refitted(level_runs(np.delete(values, row, axis=0), "repeated").means)
        except InputError:
            continue
    first_order = level_runs(values, "repeated").deviations[rows] @ weights.T
    more[rows] = pseudo_values(found, without) - found - first_order
    return more
