"""Corrections for asking several questions at once.

Of twenty tests of things that are not there, one comes out at p < .05. The corrections here raise each p-value so that
comparing it with alpha keeps one of two promises: Holm's, that the chance of *any* false claim is at most alpha;
Benjamini and Hochberg's, that the expected *share* of false claims among all claims is.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray

Correction = Literal["holm", "bh", "by", "hochberg", "bonferroni"]
CORRECTIONS: tuple[Correction, ...] = ("holm", "bh", "by", "hochberg", "bonferroni")


def adjust(pvalues: npt.ArrayLike, *, method: Correction) -> FloatArray:
    """Return p-values adjusted for their number.

    Parameters
    ----------
    pvalues : array_like, shape (m,)
        p-values in [0, 1], in any order.
    method : {"holm", "bh", "by", "hochberg", "bonferroni"}
        "holm" controls the chance of any false claim, whatever the dependence; it is never worse than "bonferroni".
        "hochberg" does so for independent tests. "bh" (Benjamini-Hochberg) controls the expected share of false claims
        for independent or positively dependent tests, "by" (Benjamini-Yekutieli) for any.

    Returns
    -------
    ndarray of float, shape (m,)
        Adjusted p-values in the same order; none is smaller than the one it came from.

    Notes
    -----
    *Assumptions.* All tests that were made are in the list, also those that were not reported.

    *What would fool it.* Choosing the list after seeing the p-values.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
           Statistics 6(2), 65-70, 1979.
    .. [2] Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal Statistical
           Society B 57(1), 289-300, 1995. https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
    .. [3] Y. Benjamini, D. Yekutieli, "The control of the false discovery rate in multiple testing under
           dependency", Annals of Statistics 29(4), 1165-1188, 2001. https://doi.org/10.1214/aos/1013699998
    .. [4] Y. Hochberg, "A sharper Bonferroni procedure for multiple tests of significance", Biometrika 75(4),
           800-802, 1988. https://doi.org/10.1093/biomet/75.4.800

    Examples
    --------
    >>> from sigstats.stats.classical.multiplicity import adjust
    >>> adjust([0.01, 0.04, 0.03], method="holm").tolist()
    [0.03, 0.06, 0.06]
    """
    how = checks.choice("method", method, CORRECTIONS)
    given = checks.vector("pvalues", pvalues, min_size=0)
    if np.any((given < 0) | (given > 1)):
        raise InputError(
            "`pvalues` has entries below 0 or above 1; p-values are probabilities. Check the column."
        )
    if how == "holm":
        return holm(given)
    m = len(given)
    order = np.argsort(given, kind="stable")
    rank = np.arange(1, m + 1)
    harmonic = float(np.sum(1.0 / rank)) if how == "by" else 1.0
    factor = {
        "hochberg": m - rank + 1.0,
        "bonferroni": np.full(m, float(m)),
        "bh": m / rank,
        "by": harmonic * m / rank,
    }[how]
    raised = given[order] * factor
    if how != "bonferroni":
        raised = np.minimum.accumulate(raised[::-1])[::-1]
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted


def holm(pvalues: FloatArray) -> FloatArray:
    """Return p-values adjusted by Holm's procedure along the first axis, for numbers that need no check."""
    order = np.argsort(pvalues, axis=0, kind="stable")
    factor = np.arange(len(pvalues), 0.0, -1.0).reshape(-1, *(1,) * (pvalues.ndim - 1))
    raised = np.maximum.accumulate(np.take_along_axis(pvalues, order, axis=0) * factor, axis=0)
    adjusted = np.empty_like(pvalues)
    np.put_along_axis(adjusted, order, np.minimum(raised, 1.0), axis=0)
    return adjusted
