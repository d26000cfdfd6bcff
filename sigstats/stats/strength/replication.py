"""Would as many new seeds show it again? The predictive probability that tests pass once more."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.by_value import by_value
from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.power import t_power
from sigstats.stats.strength.standardised import noncentrality

ENTROPY = 20261130
EFFECTS = 1000  # effects drawn from the posterior
REPLICATIONS = 2000  # replications drawn for each of them


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """The probability that all tests pass again."""

    value: float  # predictive: the mean over the effects that the data leave possible
    low: float  # low, high: what it is at the ends of the interval of these effects
    high: float


def replication(
    statistics: FloatArray, dfs: FloatArray, *, correlation: float, alpha: float, tail: float
) -> Replication:
    """Return the probability that one-sided t tests pass again in a replication with as many seeds.

    Parameters
    ----------
    statistics, dfs : ndarray, shape (n_tests,)
        One or two t statistics that must be large, and their degrees of freedom.
    correlation : float
        Of the two estimates; without meaning for one test.
    alpha : float
        Error rate of each test.
    tail : float
        Probability with which each end errs.

    Notes
    -----
    The true effect in units of its standard error is drawn from its posterior under a flat prior on the mean and on the
    log of the sd, ``t sqrt(V / df) - Z`` with V chi-square and Z normal: so the power of the replication is not that of
    the effect that was seen, but its mean over those that may be true. The ends are quantiles of that power; for one
    test they are its values at the bounds of the effect, and have their confidence exactly.

    *Assumptions.* Scores are normal; a replication is made in the same way. *What would fool it.* Results that were
    chosen because they were shown: among these the predictive probability is too large, as any without a prior for the
    effect. ``docs/validity/strength.csv`` says by how much.

    References
    ----------
    D. J. Spiegelhalter, L. S. Freedman and P. R. Blackburn, "Monitoring clinical trials: conditional or predictive
    power?", Controlled Clinical Trials 7 (1986), https://doi.org/10.1016/0197-2456(86)90003-6

    S. N. Goodman, "A comment on replication, p-values and evidence", Statistics in Medicine 11 (1992),
    https://doi.org/10.1002/sim.4780110705
    """
    rng = np.random.default_rng(ENTROPY)
    sizes, errors = _draws(rng, EFFECTS, dfs, correlation)
    effects = statistics * np.sqrt(sizes) - errors
    sizes, errors = _draws(rng, REPLICATIONS, dfs, correlation)
    needed = special.stdtrit(dfs, 1.0 - alpha) * np.sqrt(sizes) - errors
    passed = np.ones((EFFECTS, REPLICATIONS), dtype=bool)
    for effect, bound in zip(effects.T, needed.T, strict=True):
        passed &= effect[:, None] > bound
    power = passed.mean(axis=1)
    low, high = np.quantile(power, [tail, 1.0 - tail])
    if statistics.size == 1:
        effect, df = noncentrality(float(statistics[0]), float(dfs[0]), tail=tail), float(dfs[0])
        low, high = (t_power(1.0, end, 1.0, df, alpha) for end in (effect.low, effect.high))
    # What no draw or every draw shows is not certain for that.
    least = 0.5 / passed.size
    value, low, high = np.clip([power.mean(), low, high], least, 1.0 - least)
    return Replication(value=float(value), low=float(low), high=float(high))


def _draws(
    rng: np.random.Generator, n: int, dfs: FloatArray, correlation: float
) -> tuple[FloatArray, FloatArray]:
    """Return chi-squares over their degrees of freedom, and normal errors, one column per test; evenly spread."""
    k = dfs.size
    uniform = np.column_stack([(rng.permutation(n) + 0.5) / n for _ in range(2 * k)])
    sizes = special.chdtri(dfs, uniform[:, :k]) / dfs
    errors = special.ndtri(uniform[:, k:])
    if k > 1:
        errors[:, 1] = correlation * errors[:, 0] + np.sqrt(1.0 - correlation**2) * errors[:, 1]
    return np.asarray(sizes), np.asarray(errors)


def majority_again(k: int, n: int, *, needed: int, tail: float) -> Replication:
    """Return the probability that `needed` of n new seeds show something that k of n showed.

    Notes
    -----
    The share of all seeds has the posterior of Jeffreys' prior, so that the count is beta-binomial; the ends are the
    chances at the exact bounds of Clopper and Pearson.
    """
    counts = np.arange(needed, n + 1)
    ways = special.gammaln(n + 1.0) - special.gammaln(counts + 1.0) - special.gammaln(n - counts + 1.0)
    a, b = k + 0.5, n - k + 0.5
    value = float(np.exp(ways + special.betaln(counts + a, n - counts + b) - special.betaln(a, b)).sum())
    low = float(special.betaincinv(k, n - k + 1.0, tail)) if k else 0.0
    high = float(special.betaincinv(k + 1.0, n - k, 1.0 - tail)) if k < n else 1.0
    ends = [float(special.bdtrc(needed - 1, n, share)) for share in (low, high)]
    return Replication(value=value, low=ends[0], high=ends[1])
