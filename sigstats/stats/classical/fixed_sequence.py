"""Tests in an order that was declared before the data: each at the full alpha, up to the first that fails."""

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray


def in_sequence(pvalues: npt.ArrayLike) -> FloatArray:
    """Return p-values adjusted for tests that are made one after the other, in the order given.

    Parameters
    ----------
    pvalues : array_like, shape (m,)
        p-values in [0, 1], in the order that was declared before the data were seen.

    Returns
    -------
    ndarray of float, shape (m,)
        The largest p-value up to each place: comparing it with alpha is the same as testing each claim at alpha, and
        no further one after the first that is not shown.

    Notes
    -----
    The chance of any false claim is at most alpha, whatever the dependence: the first claim of the order that is false
    must be made for any false one to be made [1]_. No alpha is spent on the number of claims.

    *Assumptions.* The order does not depend on the data. Each p-value is valid on its own.

    *What would fool it.* An order that was chosen after seeing where the claims hold.

    References
    ----------
    .. [1] P. Westfall, A. Krishen, "Optimally weighted, fixed sequence and gatekeeper multiple testing procedures",
           Journal of Statistical Planning and Inference 99(1), 25-40, 2001.
           https://doi.org/10.1016/S0378-3758(01)00077-5

    Examples
    --------
    >>> from sigstats.stats.classical.fixed_sequence import in_sequence
    >>> in_sequence([0.01, 0.04, 0.2, 0.001]).tolist()
    [0.01, 0.04, 0.2, 0.2]
    """
    given = checks.vector("pvalues", pvalues, min_size=0)
    if np.any((given < 0) | (given > 1)):
        raise InputError(
            "`pvalues` has entries below 0 or above 1; p-values are probabilities. Check the column."
        )
    return np.maximum.accumulate(given)
