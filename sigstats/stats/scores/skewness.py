"""Are scores visibly skewed? A caveat for t, which relies on their mean being close to normal."""

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray

FEWEST = 8


def skewness_pvalue(scores: FloatArray) -> float:
    """Return the two-sided p-value of D'Agostino's test of zero skewness.

    References
    ----------
    R. B. D'Agostino, "Transformation to normality of the null distribution of g1", Biometrika 57 (1970),
    https://doi.org/10.1093/biomet/57.3.679
    """
    n = scores.size
    centred = scores - scores.mean() if n else scores
    second = float((centred**2).mean()) if n else 0.0
    if n < FEWEST or second <= 0:
        return 1.0
    skewness = float((centred**3).mean()) / second**1.5
    y = skewness * np.sqrt((n + 1.0) * (n + 3.0) / (6.0 * (n - 2.0)))
    kurtosis = 3.0 * (n**2 + 27.0 * n - 70.0) * (n + 1.0) * (n + 3.0)
    kurtosis /= (n - 2.0) * (n + 5.0) * (n + 7.0) * (n + 9.0)
    w2 = np.sqrt(2.0 * (kurtosis - 1.0)) - 1.0
    z = np.arcsinh(y / np.sqrt(2.0 / (w2 - 1.0))) / np.sqrt(0.5 * np.log(w2))
    return max(float(2.0 * special.ndtr(-abs(z))), float(np.finfo(float).tiny))
