"""Do the cells that are missing depend on the level, or on what the runs showed before they were lost?

Where runs are lost because of what they would have shown, those that are left are survivors: their mean rises or falls
without the knob doing anything. Both tests compare sums of ranks with all ways in which as many cells could have been
lost, so that nothing is assumed of the values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.blocks import plain, seen_cells
from sigstats.stats.checks import BoolArray, FloatArray, IndexArray
from sigstats.stats.classical.concordance import midranks

MOST_COUNTED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Some of the scores of a stratum: those that were lost."""

    scores: IndexArray  # all scores, whole numbers; of several tables on the last axis
    lost: BoolArray  # which of them were lost, in all tables alike


def lost_by_level(missing: BoolArray) -> float:
    """Return the two-sided p-value of missing cells not depending on the level.

    Parameters
    ----------
    missing : ndarray of bool, shape (n_seeds, n_levels)
        The cells that are missing, levels in ascending order.

    Returns
    -------
    float
        In (0, 1]; 1 where nothing is missing.

    Notes
    -----
    *Null.* Within each seed, every set of as many cells is equally likely to be missing. The sum of the ranks of the
    levels at which cells are missing is compared with all such sets: Mantel's extension test with seeds as strata. It
    is exact while the sums can be counted, and normal with the exact variance beyond.

    *Assumptions.* Seeds are independent; the cells of a seed are lost one by one. A run that ends early loses
    neighbouring cells together, and counts for more than it should.

    References
    ----------
    N. Mantel, "Chi-square tests with one degree of freedom; extensions of the Mantel-Haenszel procedure", Journal of
    the American Statistical Association 58 (1963), https://doi.org/10.1080/01621459.1963.10500879

    Examples
    --------
    >>> import numpy as np
    >>> missing = np.zeros((4, 6), dtype=bool)
    >>> missing[:, -1] = True
    >>> round(lost_by_level(missing), 4)
    0.0015
    """
    return two_sided(draws_by_level(missing))


def draws_by_level(missing: BoolArray) -> list[Draw]:
    """Return one draw for each seed: the ranks of the levels at which its cells are missing."""
    ranks = np.arange(missing.shape[1])
    return [Draw(scores=ranks, lost=row) for row in missing]


def lost_by_last_value(curves: FloatArray) -> float:
    """Return the two-sided p-value of runs not ending because of the last value that they showed.

    Parameters
    ----------
    curves : ndarray, shape (n_seeds, n_levels)
        One row per seed, NaN where missing; every level seen by some seed.

    Returns
    -------
    float
        In (0, 1]; 1 where all runs end at the same level.

    Notes
    -----
    *Null.* Of the runs that were seen at a level, every set of as many is equally likely to end there. The sum of the
    ranks that the values of the runs that end have among all at that level is compared with all such sets, over all
    levels (Diggle 1989).

    *Assumptions.* Runs are independent, and a run ends for what it has shown so far: one that is lost for a value that
    was never recorded leaves no trace here.

    References
    ----------
    P. J. Diggle, "Testing for random dropouts in repeated measurement data", Biometrics 45 (1989),
    https://doi.org/10.2307/2531777

    Examples
    --------
    >>> import numpy as np
    >>> curves = np.array([[0.1, np.nan], [0.2, np.nan], [0.5, 1], [0.6, 1], [0.7, 1], [0.8, 1]])
    >>> round(lost_by_last_value(curves), 4)
    0.1333
    """
    return two_sided(draws_by_last_value(curves))


def draws_by_last_value(curves: FloatArray) -> list[Draw]:
    """Return one draw for each level at which runs end: the ranks of their values among all at that level."""
    seen = seen_cells(curves)
    curves, seen = curves[..., seen.any(axis=1), :], seen[seen.any(axis=1)]
    if not len(seen):
        return []
    last = seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)
    draws = []
    for level in np.unique(last[last < last.max()]):
        here = seen[:, level]
        # Twice the midranks, which are whole numbers.
        ranks = (2.0 * midranks(curves[..., here, level])).astype(np.intp)
        draws.append(Draw(scores=ranks, lost=last[here] == level))
    return draws


def two_sided(strata: Sequence[Draw]) -> float:
    """Return the two-sided p-value of the sum of the lost scores, over all ways to lose as many in each stratum."""
    if any(each.scores.ndim > 1 for each in strata):
        return plain(_of_each_table(strata))
    # One order for all orders of seeds, so that sums are the same to the last digit.
    found = sorted((_sorted(each) for each in strata if 0 < each.lost.sum() < each.lost.size), key=_key)
    if not found:
        return 1.0
    least = [int(each.scores.min()) for each in found]
    shifted = [each.scores - low for each, low in zip(found, least, strict=True)]
    total = sum(int(scores[each.lost].sum()) for each, scores in zip(found, shifted, strict=True))
    size = sum(int(scores.max()) * int(each.lost.sum()) for each, scores in zip(found, shifted, strict=True))
    if size > MOST_COUNTED:
        return _normal(found, shifted, total)
    ways = np.ones(1)
    for each, scores in zip(found, shifted, strict=True):
        ways = np.convolve(ways, _subset_sums(scores, int(each.lost.sum())))
    ways = ways / ways.sum()
    return min(1.0, 2.0 * float(min(ways[: total + 1].sum(), ways[total:].sum())))


def _of_each_table(strata: Sequence[Draw]) -> FloatArray:
    """Return the p-value of each of several tables, computed once for those with the same ties and sums."""
    alike = np.concatenate(
        [np.column_stack([np.sort(each.scores), each.scores[:, each.lost].sum(axis=1)]) for each in strata],
        axis=1,
    )
    first, member = np.unique(alike, axis=0, return_index=True, return_inverse=True)[1:]
    found = [
        two_sided([Draw(scores=each.scores[at], lost=each.lost) for each in strata]) for at in first.tolist()
    ]
    return np.array(found)[member.reshape(-1)]


def _sorted(draw: Draw) -> Draw:
    order = np.lexsort((draw.lost, draw.scores))
    return Draw(scores=draw.scores[order], lost=draw.lost[order])


def _key(draw: Draw) -> tuple[list[int], list[bool]]:
    return draw.scores.tolist(), draw.lost.tolist()


def _subset_sums(scores: IndexArray, n: int) -> FloatArray:
    """Return how likely each sum of `n` of the scores is."""
    top = int(scores.max()) * n
    ways = np.zeros((n + 1, top + 1))
    ways[0, 0] = 1.0
    for score in scores.tolist():
        ways[1:, score:] += ways[:-1, : top + 1 - score]
        ways /= ways.sum()
    return np.asarray(ways[n] / ways[n].sum())


def _normal(found: list[Draw], shifted: list[IndexArray], total: int) -> float:
    """Return the two-sided p-value by the normal approximation, with the exact variance and a correction."""
    mean = variance = 0.0
    for each, scores in zip(found, shifted, strict=True):
        n, lost = scores.size, int(each.lost.sum())
        mean += lost * float(scores.mean())
        variance += lost * (n - lost) / n * float(scores.var(ddof=1))
    if not variance > 0:
        return 1.0
    away = max(abs(total - mean) - 0.5, 0.0) / np.sqrt(variance)
    return max(float(2.0 * special.ndtr(-away)), float(np.finfo(float).tiny))
