"""Simulation-based calibration of `random_slopes`.

Parameters are drawn from the priors, a table from the parameters, and the posterior of that table is asked for
the rank of each true value. If the posterior is right, the ranks are uniform, whatever the priors [1]_. Ranks
of parameters are exact probability integral transforms; that of the log likelihood counts 999 draws; that of
the event mu_beta > 0 is randomised between the two probabilities.

Run by hand; it takes a few minutes:

    python tests/calibration/sbc_random_slopes.py tests/calibration/sbc_random_slopes.csv

References
----------
.. [1] S. Talts, M. Betancourt, D. Simpson, A. Vehtari and A. Gelman, "Validating Bayesian inference algorithms
       with simulation-based calibration", 2018. https://doi.org/10.48550/arXiv.1804.06788
"""

import csv
import sys
from pathlib import Path

import joblib
import numpy as np
from scipy import stats

from sigstats.priors import half_normal, normal
from sigstats.stats.hierarchical import random_slopes

SIZES = ((3, 4), (5, 8), (10, 5))
TABLES = 2_000
DRAWS = 999
ENTROPY = 20260501
PRIORS = {
    "mu_alpha": normal(0, 1),
    "mu_beta": normal(0, 1),
    "sigma": half_normal(0.5),
    "sigma_alpha": half_normal(1),
    "sigma_beta": half_normal(1),
}
QUANTITIES = ("mu_beta", "sigma_beta", "sigma", "slope_1", "log_likelihood", "mu_beta_positive")


def log_likelihood(y, fitted, sigma):
    """Return the log density of y, whose observations are on the last axis, given its mean and noise."""
    misfit = np.sum((y - fitted) ** 2, axis=-1) / sigma**2
    return -0.5 * misfit - y.shape[-1] * np.log(sigma)


def ranks(n_groups, n_levels, table):
    """Return the rank of each true quantity in its posterior, and whether the posterior was accurate."""
    rng = np.random.default_rng([ENTROPY, n_groups, n_levels, table])
    mu = [PRIORS[name].quantile(rng.random()) for name in ("mu_alpha", "mu_beta")]
    sigma, sigma_alpha, sigma_beta = (
        float(PRIORS[name].quantile(rng.random())) for name in ("sigma", "sigma_alpha", "sigma_beta")
    )
    alpha, beta = rng.normal(mu[0], sigma_alpha, n_groups), rng.normal(mu[1], sigma_beta, n_groups)
    x, group = np.tile(np.linspace(-1, 1, n_levels), n_groups), np.repeat(np.arange(n_groups), n_levels)
    fitted = alpha[group] + beta[group] * x
    y = rng.normal(fitted, sigma)
    posterior = random_slopes(x, y, group, **PRIORS)
    draws = posterior.draws(DRAWS, rng=rng)
    drawn = log_likelihood(y, draws.alpha[:, group] + draws.beta[:, group] * x, draws.sigma)
    below = int(np.sum(drawn < log_likelihood(y, fitted, sigma)))
    negative = 1.0 - posterior.prob_positive
    event = (negative + rng.random() * (1.0 - negative)) if mu[1] > 0 else rng.random() * negative
    return posterior.accurate, (
        float(posterior.mu_beta.cdf(mu[1])),
        float(posterior.sigma_beta.cdf(sigma_beta)),
        float(posterior.sigma.cdf(sigma)),
        float(posterior.beta.entry(0).cdf(beta[0])),
        (below + rng.random()) / (DRAWS + 1),
        event,
    )


def calibrate(n_groups, n_levels, tables, n_jobs=1):
    """Return the Kolmogorov-Smirnov distance of each quantity's ranks, and the number of failures."""
    found = joblib.Parallel(n_jobs=n_jobs)(
        joblib.delayed(ranks)(n_groups, n_levels, table) for table in range(tables)
    )
    each = np.array([values for _, values in found])
    distances = [float(stats.kstest(column, "uniform").statistic) for column in each.T]
    return distances, sum(not accurate for accurate, _ in found)


def main(target):
    """Write the distances of all sizes."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["groups", "levels", "tables", "quantity", "ks_distance", "not_accurate"])
        for n_groups, n_levels in SIZES:
            distances, failures = calibrate(n_groups, n_levels, TABLES, n_jobs=2)
            for quantity, distance in zip(QUANTITIES, distances, strict=True):
                writer.writerow([n_groups, n_levels, TABLES, quantity, f"{distance:.4f}", failures])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
