"""Do studies differ by more than their own errors, and does one show the opposite of another?"""

import functools
from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.tails import SMALLEST

ENTROPY = 20261130
DRAWS = 19_999
CELLS = 1 << 20  # numbers handled at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """Whether the true effects of studies differ.

    Attributes
    ----------
    q : float
        Cochran's Q: squared distances from the weighted mean, in squared standard errors.
    df, df_error : float
        Degrees of freedom of the F test.
    statistic : float
        Welch's F.
    pvalue : float
        P-value of all studies having the same true effect: the larger of Welch's and the parametric bootstrap's.
    i2 : float
        Part of the variance of the estimates that errors do not explain, in [0, 1): ``1 - 1/F``, at least 0.
    """

    q: float
    df: float
    df_error: float
    statistic: float
    pvalue: float
    i2: float


def heterogeneity(
    effects: FloatArray, standard_errors: FloatArray, dfs: FloatArray, *, draws: int = DRAWS
) -> Heterogeneity:
    """Return the test of equal effects, from estimates with estimated standard errors.

    Notes
    -----
    *Null.* All studies have the same true effect. *Assumptions.* Estimates are independent and normal.

    Cochran's Q has a chi-square distribution where standard errors are known. With few seeds they are not, and Q is too
    large too often. Welch's F [1]_ makes up for this where studies are few; of many studies of few seeds it still finds
    too much, and the parametric bootstrap [3]_ does not: errors are drawn anew around one effect, with the standard
    errors that were estimated. The larger p-value of the two is taken. It is 1/20000 at least.

    References
    ----------
    .. [1] B. L. Welch, "On the comparison of several mean values: an alternative approach", Biometrika 38 (1951).
           https://doi.org/10.1093/biomet/38.3-4.330
    .. [2] J. P. T. Higgins and S. G. Thompson, "Quantifying heterogeneity in a meta-analysis", Statistics in Medicine
           21 (2002). https://doi.org/10.1002/sim.1186
    .. [3] K. Krishnamoorthy, F. Lu and T. Mathew, "A parametric bootstrap approach for ANOVA with unequal variances:
           fixed and random models", Computational Statistics and Data Analysis 51 (2007).
           https://doi.org/10.1016/j.csda.2006.09.039
    """
    k = effects.size
    weights = (standard_errors.min() / standard_errors) ** 2
    total = float(weights.sum())
    mean = float(weights @ effects) / total
    q = float((((effects - mean) / standard_errors) ** 2).sum())
    spread = float(((1.0 - weights / total) ** 2 / dfs).sum())
    statistic = q / (k - 1) / (1.0 + 2.0 * (k - 2) / (k * k - 1) * spread)
    df_error = (k * k - 1) / (3.0 * spread)
    return Heterogeneity(
        q=q,
        df=float(k - 1),
        df_error=df_error,
        statistic=statistic,
        pvalue=max(
            float(special.fdtrc(k - 1, df_error, statistic)),
            _bootstrap(q, standard_errors, dfs, draws),
            SMALLEST,
        ),
        i2=max(0.0, 1.0 - 1.0 / statistic) if statistic > 0.0 else 0.0,
    )


def _bootstrap(q: float, standard_errors: FloatArray, dfs: FloatArray, draws: int) -> float:
    """Return how often Q is as large for studies of one effect, whose errors are those that were estimated."""
    order = np.lexsort((standard_errors, dfs))  # so that the order of studies does not matter
    errors, dfs = standard_errors[order] / standard_errors.max(), dfs[order]
    rows, larger = max(1, CELLS // errors.size), 0
    normal, ratio = _null_draws(draws, tuple(dfs.tolist()))
    for first in range(0, draws, rows):
        part = slice(first, first + rows)
        effects, variances = errors * normal[part], errors**2 * ratio[part]
        means = (effects / variances).sum(axis=1) / (1.0 / variances).sum(axis=1)
        larger += int((((effects - means[:, None]) ** 2 / variances).sum(axis=1) >= q).sum())
    return (1 + larger) / (1 + draws)


@functools.lru_cache(maxsize=4)
def _null_draws(draws: int, dfs: tuple[float, ...]) -> tuple[FloatArray, FloatArray]:
    """Return standard normal errors, and estimated over true variances; the same for each call."""
    rng = np.random.default_rng(ENTROPY)
    shape = (draws, len(dfs))
    freedom = np.array(dfs)
    return rng.normal(size=shape), rng.chisquare(freedom, size=shape) / freedom


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Whether some study has an effect in one direction and another study one in the other.

    Attributes
    ----------
    pvalue : float
        P-value of no true effect being below 0, or none above 0.
    above, below : int
        Places of the studies that show most of each direction.
    """

    pvalue: float
    above: int
    below: int


def contradiction(effects: FloatArray, standard_errors: FloatArray, dfs: FloatArray) -> Contradiction:
    """Return the test of effects in opposite directions.

    Notes
    -----
    *Null.* No study has a true effect below 0, or none has one above 0. Both parts must be refuted, each by its
    smallest p-value times the number of studies (Bonferroni), so that the larger of the two is a p-value.

    References
    ----------
    M. Gail and R. Simon, "Testing for qualitative interactions between treatment effects and patient subsets",
    Biometrics 41 (1985). https://doi.org/10.2307/2530862
    """
    t = effects / standard_errors
    above, below = special.stdtr(dfs, -t), special.stdtr(dfs, t)
    pvalue = effects.size * max(float(above.min()), float(below.min()))
    return Contradiction(
        pvalue=float(np.clip(pvalue, SMALLEST, 1.0)), above=int(above.argmin()), below=int(below.argmin())
    )


def each_above(effects: FloatArray, standard_errors: FloatArray, dfs: FloatArray) -> float:
    """Return the p-value of some study having a true effect of 0 or below: the largest of all (intersection-union)."""
    return float(np.clip(special.stdtr(dfs, -effects / standard_errors).max(), SMALLEST, 1.0))
