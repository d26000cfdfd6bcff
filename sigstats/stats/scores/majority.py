"""Do most seeds show it? Exact answers from signs and order alone, whatever the distribution of the scores."""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.combine import TINY

MOST = 1000


def sign_test(n_successes: int, n: int) -> float:
    """Return the exact one-sided p-value of at most half of a population having what `n_successes` of `n` have.

    Notes
    -----
    The null is that the population's share is at most 1/2, the replicate is the seed, and the only assumption is that
    the seeds are independent.

    References
    ----------
    W. J. Dixon and A. M. Mood, "The statistical sign test", Journal of the American Statistical Association 41 (1946),
    https://doi.org/10.1080/01621459.1946.10501898
    """
    if n_successes <= 0:
        return 1.0
    return max(float(special.bdtrc(n_successes - 1, n, 0.5)), TINY)


def fewest_for_majority(alpha: float) -> int:
    """Return the fewest seeds with which a majority can be shown, if all of them show it."""
    return next(n for n in range(1, MOST) if 0.5**n <= alpha)


def successes_needed(n: int, alpha: float) -> int | None:
    """Return how many of `n` seeds must show it; None where all of them would not be enough."""
    return next((k for k in range(n // 2, n + 1) if sign_test(k, n) <= alpha), None)


def seeds_for_majority(*, share: float, alpha: float, power: float, sides: int = 1) -> int | None:
    """Return the seeds at which a majority is shown with a probability of `power` if a `share` of all seeds show it.

    With two `sides`, as in treatment and control, each of which must show a majority of its own, `power` is that of
    both. None if it takes more than 1000.
    """
    for n in range(1, MOST + 1):
        needed = successes_needed(n, alpha)
        if needed is not None and float(special.bdtrc(needed - 1, n, share)) ** sides >= power:
            return n
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedMedian:
    """The median of scores, tested by the sign test; a `Combination` for claims on most seeds."""

    scores: FloatArray = field(repr=False)  # one per seed, without NaN

    # A median has no standard error here, and its test no degrees of freedom.
    variance: float = math.nan
    se: float = math.nan
    df: float = math.nan

    @property
    def estimate(self) -> float:
        """The median score."""
        return float(np.median(self.scores))

    @property
    def n_seeds(self) -> int:
        """Number of scores."""
        return int(self.scores.size)

    def pvalue_above(self, bound: float = 0.0) -> float:
        """Return the p-value of at most half of the seeds having a score above `bound`."""
        return sign_test(int((self.scores > bound).sum()), self.n_seeds)

    def pvalue_below(self, bound: float = 0.0) -> float:
        """Return the p-value of at most half of the seeds having a score below `bound`."""
        return sign_test(int((self.scores < bound).sum()), self.n_seeds)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the bounds of the median from the sign test, exact at each end; infinite where too few seeds."""
        needed = successes_needed(self.n_seeds, (1.0 - confidence) / 2.0)
        if needed is None:
            return -math.inf, math.inf
        ordered = np.sort(self.scores)
        return float(ordered[self.n_seeds - needed]), float(ordered[needed - 1])


def medians_apart(larger: FloatArray, smaller: FloatArray) -> float:
    """Return the p-value of the median of `larger` being at most that of `smaller`, two samples of scores.

    Notes
    -----
    The medians are apart where some value lies below most of the larger and above most of the smaller scores. Each of
    these two statements is tested by the exact sign test at half the error rate, so that both hold together whatever
    the distributions and however the samples depend on each other (Bonferroni). One value serves at every error rate,
    so the smallest p-value over all values is that of the test.
    """
    values = np.unique(np.concatenate([larger, smaller]))
    cuts = np.concatenate([values, (values[1:] + values[:-1]) / 2.0])
    sides = [
        max(
            sign_test(int((larger > cut).sum()), larger.size),
            sign_test(int((smaller < cut).sum()), smaller.size),
        )
        for cut in cuts
    ]
    return min(1.0, 2.0 * min(sides, default=1.0))
