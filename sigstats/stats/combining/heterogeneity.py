"""Do studies differ by more than their own errors, and does one show the opposite of another?"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.tails import SMALLEST


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
        P-value of all studies having the same true effect.
    i2 : float
        Part of the variance of the estimates that errors do not explain, in [0, 1): ``1 - 1/F``, at least 0.
    """

    q: float
    df: float
    df_error: float
    statistic: float
    pvalue: float
    i2: float


def heterogeneity(effects: FloatArray, standard_errors: FloatArray, dfs: FloatArray) -> Heterogeneity:
    """Return Welch's test of equal effects, from estimates with estimated standard errors.

    Notes
    -----
    *Null.* All studies have the same true effect. *Assumptions.* Estimates are independent and normal.

    Cochran's Q has a chi-square distribution where standard errors are known. With few seeds they are not, and Q is
    far too large too often; Welch's F is Q divided by what makes up for this.

    References
    ----------
    .. [1] B. L. Welch, "On the comparison of several mean values: an alternative approach", Biometrika 38 (1951).
           https://doi.org/10.1093/biomet/38.3-4.330
    .. [2] J. P. T. Higgins and S. G. Thompson, "Quantifying heterogeneity in a meta-analysis", Statistics in Medicine
           21 (2002). https://doi.org/10.1002/sim.1186
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
        pvalue=max(float(special.fdtrc(k - 1, df_error, statistic)), SMALLEST),
        i2=max(0.0, 1.0 - 1.0 / statistic) if statistic > 0.0 else 0.0,
    )


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
