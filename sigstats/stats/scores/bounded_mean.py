"""What few seeds cannot rule out: seeds of a kind that was not drawn, and what they would do to the mean."""

import math

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray


def share_not_excluded(n_showing: int, n: int, *, confidence: float) -> float:
    """Return the largest share of all seeds that may show something of which `n_showing` of `n` seeds show it.

    Notes
    -----
    The exact upper bound of Clopper and Pearson. Where none of the `n` seeds shows it, this is
    ``1 - (1 - confidence) ** (1 / n)``: a larger share would have been seen with a probability of `confidence` or more.
    The only assumption is that seeds are independent.

    References
    ----------
    C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    Biometrika 26 (1934), https://doi.org/10.1093/biomet/26.4.404
    """
    if n_showing >= n:
        return 1.0
    return float(special.betaincinv(n_showing + 1, n - n_showing, confidence))


def mean_upper_bound(values: FloatArray, largest: float, *, confidence: float) -> float:
    """Return an upper confidence bound of the mean of values that cannot exceed `largest`.

    Notes
    -----
    The product of what is left up to `largest` has the expectation ``(largest - mean) ** n`` for independent values of
    one distribution, whatever it is. So, by Markov's inequality, it exceeds ``1 / (1 - confidence)`` times that with a
    probability of at most ``1 - confidence``. This is the bet of Waudby-Smith and Ramdas that stakes all on the mean
    being lower; it can do no better where all values agree, as `share_not_excluded` shows. Where they are spread
    widely, other bets give narrower bounds. ``docs/validity/bounded_means.csv`` compares it with others.

    References
    ----------
    I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting", Journal of the Royal
    Statistical Society B 86 (2024), https://doi.org/10.1093/jrsssb/qkad009
    """
    room = np.maximum(largest - values, 0.0)
    if not values.size or not np.isfinite(room).all():
        return math.inf
    typical = float(np.exp(np.log(room).mean())) if (room > 0).all() else 0.0
    return float(largest - (1.0 - confidence) ** (1.0 / values.size) * typical)
