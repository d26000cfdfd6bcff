"""One cell of simulation-based calibration of the hierarchical slopes.

Parameters are drawn from the priors, a table from the parameters, and the posterior of the table is asked for the
rank of each true value. If the posterior is right, the ranks are uniform [1]_.

References
----------
.. [1] S. Talts, M. Betancourt, D. Simpson, A. Vehtari and A. Gelman, "Validating Bayesian inference algorithms
       with simulation-based calibration", 2018. https://doi.org/10.48550/arXiv.1804.06788
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats

from sigstats.errors import UnreliableError
from sigstats.priors import half_normal, normal
from sigstats.stats.bayes.random_slopes import random_slopes
from sigstats.stats.random import ENTROPY, stream
from sigstats.studies.selftest.check import Check, at_most

SOURCE = "uniform ranks, one false alarm in a thousand"
FALSE_ALARM = 1e-3
SEEDS, LEVELS = 5, 8
PRIORS: dict[str, Any] = {
    "mu_alpha": normal(0, 1),
    "mu_beta": normal(0, 1),
    "sigma": half_normal(0.5),
    "sigma_alpha": half_normal(1),
    "sigma_beta": half_normal(1),
}
TOLD = {"mu_beta": "mean slope", "sigma_beta": "sd of slopes", "sigma": "noise sd"}


def _ranks(number: int) -> dict[str, float] | None:
    """Return the rank of each true value for one table; None where the posterior is refused or not accurate."""
    rng = stream(ENTROPY, number)
    truth = {name: float(prior.quantile(rng.random())) for name, prior in PRIORS.items()}
    x, seed = np.tile(np.linspace(-1, 1, LEVELS), SEEDS), np.repeat(np.arange(SEEDS), LEVELS)
    alpha = rng.normal(truth["mu_alpha"], truth["sigma_alpha"], SEEDS)
    beta = rng.normal(truth["mu_beta"], truth["sigma_beta"], SEEDS)
    y = rng.normal(alpha[seed] + beta[seed] * x, truth["sigma"])
    try:
        posterior = random_slopes(x, y, seed, **PRIORS)
    except UnreliableError:
        return None
    found = {said: float(getattr(posterior, name).cdf(truth[name])) for name, said in TOLD.items()}
    found["slope of a seed"] = float(posterior.beta.entry(0).cdf(beta[0]))
    return found if posterior.accurate else None


def calibrated_ranks(tables: int) -> Iterator[Check]:
    """Yield how far the ranks are from uniform, and how many posteriors are not accurate."""
    found = [_ranks(number) for number in range(tables)]
    ranks = [each for each in found if each is not None]
    cell = f"{tables} posteriors of {SEEDS} seeds x {LEVELS} levels"
    yield at_most(f"{cell}: not accurate", "none may be", tables - len(ranks), 0)
    bound = float(stats.kstwo.isf(FALSE_ALARM, len(ranks)))
    for name in ranks[0]:
        distance = float(stats.kstest([each[name] for each in ranks], "uniform").statistic)
        yield at_most(f"{cell}: distance of ranks from uniform, {name}", SOURCE, distance, bound)
