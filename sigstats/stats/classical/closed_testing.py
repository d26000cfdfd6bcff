"""How many of several claims hold, at least: a bound that stays true for whichever of them one looks at.

A correction such as Holm's says which claims hold. Closed testing says more: for every set of claims, chosen before or
after the data were seen, a number of which at least so many hold. All these bounds are true together with probability
1 - alpha.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.classical.multiplicity import adjust

Dependence = Literal["any", "positive"]
DEPENDENCES: tuple[Dependence, ...] = get_args(Dependence)


def at_least(
    pvalues: npt.ArrayLike,
    chosen: Sequence[int] | None = None,
    *,
    alpha: float = 0.05,
    dependence: Dependence = "any",
) -> int:
    """Return how many of the chosen claims hold at least.

    Parameters
    ----------
    pvalues : array_like, shape (m,)
        p-value of each claim, in [0, 1]: small where the claim holds. All claims that were made, also those that are
        not chosen.
    chosen : sequence of int or None
        Positions of the claims that are counted; None means all.
    alpha : float
        Probability that any of these bounds, for all possible choices together, is too large; in (0, 1).
    dependence : {"any", "positive"}
        "any" holds whatever the dependence between the tests; "positive" (the local tests of Simes) finds more, and
        holds where they are independent or positively dependent.

    Returns
    -------
    int
        From 0 to the number of chosen claims.

    Notes
    -----
    Goeman and Solari [1]_ bound the number of false null hypotheses in a set R by closed testing: the size of R, less
    that of the largest part of R whose intersection is not rejected. The null hypothesis of each claim is that it does
    not hold. With Bonferroni's local tests the closure rejects a set whenever it holds a claim that Holm's procedure
    rejects (the procedure is consonant), so that the bound is the number of such claims in R. With Simes' local tests
    it is found by the shortcut of Goeman and others [2]_, which rests on Hommel's number h [3]_.

    *Assumptions.* Each p-value is valid on its own; for "positive", also Simes' inequality among the true null
    hypotheses.

    *What would fool it.* Claims that were tried and left out of the list.

    References
    ----------
    .. [1] J. Goeman, A. Solari, "Multiple testing for exploratory research", Statistical Science 26(4), 584-597, 2011.
           https://doi.org/10.1214/11-STS356
    .. [2] J. Goeman, R. Meijer, T. Krebs, A. Solari, "Simultaneous control of all false discovery proportions in
           large-scale multiple hypothesis testing", Biometrika 106(4), 841-856, 2019.
           https://doi.org/10.1093/biomet/asz041
    .. [3] G. Hommel, "A stagewise rejective multiple test procedure based on a modified Bonferroni test", Biometrika
           75(2), 383-386, 1988. https://doi.org/10.1093/biomet/75.2.383

    Examples
    --------
    >>> from sigstats.stats.classical.closed_testing import at_least
    >>> at_least([0.001, 0.03, 0.04])
    1
    >>> at_least([0.001, 0.03, 0.04], dependence="positive")
    3
    """
    how = checks.choice("dependence", dependence, DEPENDENCES)
    given = _probabilities(pvalues)
    places = np.arange(len(given)) if chosen is None else np.array(sorted(set(chosen)), dtype=int)
    if places.size == 0:
        return 0
    if how == "any":
        return int((adjust(given, method="holm")[places] <= alpha).sum())
    h = hommel_number(given, alpha)
    within = given[places]
    sizes = np.arange(1, places.size + 1)
    # [2], Lemma 2: with u claims at h p <= u alpha, all but u - 1 of them hold.
    counts = (h * within[:, None] <= sizes[None, :] * alpha).sum(axis=0)
    return max(0, int((1 - sizes + counts).max()))


def hommel_number(pvalues: FloatArray, alpha: float) -> int:
    """Return the size of the largest set of claims whose intersection Simes' test does not reject."""
    ordered = np.sort(pvalues)
    m = len(ordered)
    for size in range(m, 0, -1):
        largest, ranks = ordered[m - size :], np.arange(1, size + 1)
        if np.all(size * largest > ranks * alpha):
            return size
    return 0


def adjusted(pvalues: npt.ArrayLike, *, dependence: Dependence = "any") -> FloatArray:
    """Return p-values adjusted by closed testing: Holm's, or Hommel's where tests are positively dependent."""
    how = checks.choice("dependence", dependence, DEPENDENCES)
    given = _probabilities(pvalues)
    return adjust(given, method="holm") if how == "any" else _hommel(given)


def _hommel(pvalues: FloatArray) -> FloatArray:
    """Return Hommel's adjusted p-values, by the algorithm of Wright (1992), https://doi.org/10.2307/2532694."""
    m = len(pvalues)
    order = np.argsort(pvalues, kind="stable")
    ordered = pvalues[order]
    ranks = np.arange(1, m + 1)
    least = float((m * ordered / ranks).min()) if m else 1.0
    raised = np.full(m, least)
    bound = np.full(m, least)
    for size in range(m - 1, 1, -1):
        upper = np.arange(m - size + 1, m)
        smallest = float((size * ordered[upper] / np.arange(2, size + 1)).min())
        lower = np.arange(m - size + 1)
        bound[lower] = np.minimum(size * ordered[lower], smallest)
        bound[upper] = bound[m - size]
        raised = np.maximum(raised, bound)
    found = np.empty(m)
    found[order] = np.minimum(np.maximum(raised, ordered), 1.0)
    return found


def _probabilities(pvalues: npt.ArrayLike) -> FloatArray:
    given = checks.vector("pvalues", pvalues, min_size=0)
    if np.any((given < 0) | (given > 1)):
        raise InputError(
            "`pvalues` has entries below 0 or above 1; p-values are probabilities. Check the column."
        )
    return given
