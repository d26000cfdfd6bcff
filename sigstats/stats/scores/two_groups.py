"""Do scores fall into two groups: seeds that show something, and seeds that do not?

A mean over two such groups describes neither of them, and Student's t relies on scores that are close to normal. Sorted
scores are split at a gap, and the gap is compared with what is left within the two groups.
"""

import csv
import functools
import math
from dataclasses import dataclass
from importlib import resources

import numpy as np

from sigstats.stats.checks import FloatArray

FEWEST = 3
# From so many scores on, the spread within the groups can be estimated from the scores themselves.
FROM_SCORES = 5
# With fewer: the gap, the spread within a group and the distance from 0, in sampling sds of a score.
GAP, RANGE, NEAR_ZERO = 6.0, 3.0, 2.0
LEAST_NOISE = 0.5

BY_SPREAD = "largest gap over the sd within both groups; critical value simulated for normal scores"
BY_NOISE = "largest gap over the sampling sd of a score, with one group near 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoGroups:
    """Scores in two groups."""

    n_lower: int  # scores in the lower group
    statistic: float  # the gap, in units of the spread
    critical_value: float  # what it exceeds
    method: str


def two_groups(scores: FloatArray, sampling_sd: float) -> TwoGroups | None:
    """Return the two groups into which scores fall; None where they look like one.

    Parameters
    ----------
    scores : ndarray, shape (n_seeds,)
        One per seed, without NaN.
    sampling_sd : float
        Sd of a score that the noise within a seed alone would cause; NaN or 0 where it is not known.

    Notes
    -----
    From 5 scores on, the null is that they are a sample from one normal distribution. The statistic is the largest
    ratio, over all splits of the sorted scores, of the gap to the pooled sd within both groups: the two-sample form of
    the outlier tests of Dixon (1950). It exceeds its simulated critical value in 5 % of normal samples
    (``gap_critical_values.csv``).

    3 or 4 scores cannot tell two groups from one by themselves: the same test would find nothing. So the noise within
    the seeds is the measure. The gap must be 6 sampling sds or more, each group no wider than 3, and the mean of one
    group within 2 standard errors of 0. The null, that seeds vary around one mean, is then rejected in at most 10 %
    (3 scores) or 5 % (4 scores) of normal samples, whatever their spread; ``docs/validity/two_groups.csv`` has the
    rates.

    *What would fool it.* Strong skewness or heavy tails look like two groups, and are no less a reason for care.

    References
    ----------
    W. J. Dixon, "Analysis of extreme values", Annals of Mathematical Statistics 21 (1950),
    https://doi.org/10.1214/aoms/1177729747
    """
    if scores.size < FEWEST:
        return None
    ordered = np.sort(scores)
    noise = sampling_sd if sampling_sd > 0 else 0.0
    return _by_spread(ordered, noise) if scores.size >= FROM_SCORES else _by_noise(ordered, noise)


def _by_spread(ordered: FloatArray, noise: float) -> TwoGroups | None:
    n = ordered.size
    gaps = np.diff(ordered)
    inside = np.sqrt(_within(ordered) / (n - 2))
    # Scores of a coarse metric repeat: their spread is not smaller than the noise allows.
    spread = np.maximum(inside, LEAST_NOISE * noise)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(gaps > 0, gaps / spread, 0.0)
    split = int(ratios.argmax())
    statistic, bound = float(ratios[split]), critical_gap(n)
    if not statistic > bound:
        return None
    return TwoGroups(n_lower=split + 1, statistic=statistic, critical_value=bound, method=BY_SPREAD)


def _within(ordered: FloatArray) -> FloatArray:
    """Return the sum of squares within both groups for each split; exactly 0 where it is rounding."""
    n = ordered.size
    centred = ordered - ordered.mean()
    below = np.arange(1, n)
    sums = centred.cumsum()[:-1]
    squares = float((centred**2).sum())
    within = squares - sums**2 * n / (below * (n - below))
    return np.where(within > 1e-12 * squares, within, 0.0)


def _by_noise(ordered: FloatArray, noise: float) -> TwoGroups | None:
    gaps = np.diff(ordered)
    split = int(gaps.argmax())
    groups = (ordered[: split + 1], ordered[split + 1 :])
    near = any(abs(group.mean()) * math.sqrt(group.size) <= NEAR_ZERO * noise for group in groups)
    together = all(np.ptp(group) <= RANGE * noise for group in groups)
    if not (noise > 0 and near and together and gaps[split] >= GAP * noise):
        return None
    return TwoGroups(
        n_lower=split + 1, statistic=float(gaps[split] / noise), critical_value=GAP, method=BY_NOISE
    )


def critical_gap(n_scores: int) -> float:
    """Return what the largest ratio of gap to spread exceeds in 5 % of normal samples; infinite below 5 scores."""
    if n_scores < FROM_SCORES:
        return math.inf
    sizes, values = _table()
    return float(np.interp(math.log(n_scores), np.log(sizes), values))


@functools.cache
def _table() -> tuple[FloatArray, FloatArray]:
    source = resources.files("sigstats.stats.scores").joinpath("gap_critical_values.csv")
    with source.open("r", encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return np.array([float(row["n_scores"]) for row in rows]), np.array(
        [float(row["critical_value"]) for row in rows]
    )
