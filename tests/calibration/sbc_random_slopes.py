"""Simulation-based calibration of `random_slopes`.

Parameters are drawn from the priors, a table from the parameters, and the posterior of that table is asked for
the rank of each true value. If the posterior is right, the ranks are uniform, whatever the priors [1]_. Ranks
of parameters are exact probability integral transforms; that of the log likelihood counts 999 draws; that of
the event mu_beta > 0 is randomised between the two probabilities.

In posterior calibration [2]_ the parameters are drawn from the posterior of a table that exists, new observations of
the same groups are drawn from them, and the posterior of old and new observations together is asked. That looks where
the data lie, not where the priors do, and it allows flat priors.

Two numbers judge the ranks of a quantity: their Kolmogorov-Smirnov distance from the uniform distribution, and how
often uniform ranks leave a simultaneous band around the diagonal as far as these do [3]_ (below .001: outside the
99.9 % band).

Run by hand; it takes a few minutes:

    python tests/calibration/sbc_random_slopes.py tests/calibration/sbc_random_slopes.csv

An option named after the file, such as "correlation", restricts the run to its cases.

References
----------
.. [1] S. Talts, M. Betancourt, D. Simpson, A. Vehtari and A. Gelman, "Validating Bayesian inference algorithms
       with simulation-based calibration", 2018. https://doi.org/10.48550/arXiv.1804.06788
.. [2] T. Säilynoja, M. Schmitt, P.-C. Bürkner and A. Vehtari, "Posterior SBC: simulation-based calibration checking
       conditional on data", 2025. https://doi.org/10.48550/arXiv.2502.03279
.. [3] T. Säilynoja, P.-C. Bürkner and A. Vehtari, "Graphical test for discrete uniformity and its applications in
       goodness-of-fit evaluation and multiple sample comparison", Statistics and Computing 32, 32, 2022.
       https://doi.org/10.1007/s11222-022-10090-6
"""

import csv
import json
import sys
from functools import cache
from pathlib import Path

import joblib
import numpy as np
from scipy import stats

from sigstats.errors import UnreliableError
from sigstats.priors import flat, half_normal, lkj, normal
from sigstats.stats.bayes.random_slopes import random_slopes

REFERENCE = Path(__file__).parents[1] / "reference" / "hierarchical"
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
SEEDS_PRIORS = {
    "mu_alpha": normal(0, 5),
    "mu_beta": normal(0, 2),
    "sigma": half_normal(1),
    "sigma_alpha": half_normal(1),
    "sigma_beta": half_normal(0.5),
}
CORRELATION = lkj(2)
QUANTITIES = (
    "mu_beta", "sigma_beta", "sigma", "slope_1", "log_likelihood", "mu_beta_positive", "rho", "sigma_of_level_1",
)  # fmt: skip
POINTS = 200


def log_likelihood(y, fitted, sigma):
    """Return the log density of y, whose observations are on the last axis, given its mean and noise, but for a sum."""
    misfit = np.sum((y - fitted) ** 2, axis=-1) / np.square(np.asarray(sigma)[..., 0])
    return -0.5 * misfit - y.shape[-1] * np.log(np.asarray(sigma)[..., 0])


def judged(posterior, truth, new, rng):
    """Return the rank of each true quantity in a posterior, and whether the posterior was accurate."""
    x, y, group, scale = new
    found = {
        name: float(getattr(posterior, name).cdf(truth[name])) for name in ("mu_beta", "sigma_beta", "sigma")
    }
    found["slope_1"] = float(posterior.beta.entry(0).cdf(truth["beta"][0]))
    if posterior.sampling is None:
        draws = posterior.draws(DRAWS, rng=rng)
        drawn = log_likelihood(
            y / scale, (draws.alpha[:, group] + draws.beta[:, group] * x) / scale, draws.sigma[:, None]
        )
        fitted = truth["alpha"][group] + truth["beta"][group] * x
        below = int(np.sum(drawn < log_likelihood(y / scale, fitted / scale, np.array([truth["sigma"]]))))
        found["log_likelihood"] = (below + rng.random()) / (DRAWS + 1)
    negative = 1.0 - posterior.prob_positive
    positive = truth["mu_beta"] > 0
    event = (negative + rng.random() * (1.0 - negative)) if positive else rng.random() * negative
    found["mu_beta_positive"] = event
    if posterior.rho is not None:
        found["rho"] = float(posterior.rho.cdf(truth["rho"]))
    if posterior.level_sigma is not None:
        found["sigma_of_level_1"] = float(
            next(iter(posterior.level_sigma.values())).cdf(truth["level_sigma"])
        )
    return posterior.accurate, found


def ranks(n_groups, n_levels, option, table):
    """Return the ranks for a table drawn from the priors."""
    rng = np.random.default_rng([ENTROPY, n_groups, n_levels, table])
    truth = {name: float(prior.quantile(rng.random())) for name, prior in PRIORS.items()}
    x, group = np.tile(np.linspace(-1, 1, n_levels), n_groups), np.repeat(np.arange(n_groups), n_levels)
    first, second = rng.standard_normal((2, n_groups))
    options, scale = {}, np.ones(x.size)
    if option == "correlation":
        truth["rho"] = float(CORRELATION.quantile(rng.random()))
        second = truth["rho"] * first + np.sqrt(1 - truth["rho"] ** 2) * second
        options = {"correlation": CORRELATION}
    if option == "noise scale":
        scale = np.exp(rng.normal(0, 1, x.size))
        options = {"noise_scale": scale}
    truth["alpha"] = truth["mu_alpha"] + truth["sigma_alpha"] * first
    truth["beta"] = truth["mu_beta"] + truth["sigma_beta"] * second
    if option == "noise by level":
        eta = rng.normal(0, 0.5, n_levels)
        scale, truth["level_sigma"] = np.tile(np.exp(eta), n_groups), truth["sigma"] * np.exp(eta[0])
        options = {"noise": "by_level", "noise_spread": 0.5}
    if option == "Student's t noise":
        scale = np.sqrt(4.0 / rng.chisquare(4.0, x.size))
        options = {"noise": "student_t", "df": 4.0}
    y = rng.normal(truth["alpha"][group] + truth["beta"][group] * x, truth["sigma"] * scale)
    try:
        posterior = random_slopes(x, y, group, **PRIORS, **options)
    except UnreliableError:
        return False, {}  # refused: no rank, and counted as a failure
    return judged(posterior, truth, (x, y, group, scale), rng)


@cache
def existing(name):
    """Return x, y, group and priors of a stored table, and its posterior."""
    found = json.loads((REFERENCE / f"{name}.json").read_text("utf-8"))
    if name == "rats_data":
        wide = normal(0, 100)
        priors = {"mu_alpha": wide, "mu_beta": wide, **dict.fromkeys(list(PRIORS)[2:], flat())}
        x, y, group = np.array(found["x"]) - 22.0, np.array(found["y"]), np.array(found["rat"])
    else:
        priors = SEEDS_PRIORS
        x, y, group = (np.array(found[column], dtype=float) for column in "xyg")
    group = np.unique(group, return_inverse=True)[1]
    return x, y, group, priors, random_slopes(x, y, group, **priors)


def posterior_ranks(name, table):
    """Return the ranks of a draw from the posterior of a stored table, once new observations are added."""
    rng = np.random.default_rng([ENTROPY, 1, table])
    x, y, group, priors, known = existing(name)
    draw = known.draws(1, rng=rng)
    truth = {name: float(getattr(draw, name)[0]) for name in PRIORS}
    truth |= {"alpha": draw.alpha[0], "beta": draw.beta[0]}
    new = rng.normal(truth["alpha"][group] + truth["beta"][group] * x, truth["sigma"])
    both = (np.concatenate(pair) for pair in ((x, x), (y, new), (group, group)))
    return judged(random_slopes(*both, **priors), truth, (x, new, group, np.ones(x.size)), rng)


def _excess(values):
    """Return the smallest pointwise tail probability of the ECDF of ranks, rows being samples."""
    n = values.shape[1]
    places = np.arange(1, POINTS) / POINTS
    counts = np.array([np.searchsorted(np.sort(row), places, side="right") for row in values])
    tails = np.minimum(stats.binom.cdf(counts, n, places), stats.binom.sf(counts - 1, n, places))
    return tails.min(axis=1)


@cache
def _uniform(n):
    """Return the same of 20,000 samples of uniform ranks, sorted."""
    rng = np.random.default_rng(ENTROPY)
    return np.sort(np.concatenate([_excess(rng.random((1_000, n))) for _ in range(20)]))


def band_pvalue(values):
    """Return how often uniform ranks stray as far from the diagonal as these."""
    simulated = _uniform(values.size)
    return (1 + int(np.searchsorted(simulated, _excess(values[None])[0], side="right"))) / (
        1 + simulated.size
    )


def summarised(found):
    """Return the Kolmogorov-Smirnov distance and the band's p-value of each quantity, and the number of failures."""
    each = {name: np.array([values[name] for _, values in found if name in values]) for name in QUANTITIES}
    each = {name: column for name, column in each.items() if column.size}
    distances = {name: float(stats.kstest(column, "uniform").statistic) for name, column in each.items()}
    pvalues = {name: band_pvalue(column) for name, column in each.items()}
    return distances, pvalues, sum(not accurate for accurate, _ in found)


def calibrate(n_groups, n_levels, tables, n_jobs=1, option="none"):
    """Return what `summarised` does, for tables drawn from the priors."""
    calls = (joblib.delayed(ranks)(n_groups, n_levels, option, table) for table in range(tables))
    return summarised(joblib.Parallel(n_jobs=n_jobs)(calls))


def calibrate_posterior(name, tables, n_jobs=1):
    """Return what `summarised` does, for a stored table."""
    calls = (joblib.delayed(posterior_ranks)(name, table) for table in range(tables))
    return summarised(joblib.Parallel(n_jobs=n_jobs)(calls))


def main(target, options):
    """Write the distances of all cases, or of those with given options."""
    cases = [("priors", "none", size, TABLES) for size in SIZES]
    cases += [("priors", option, (5, 8), 1_000) for option in ("correlation", "noise scale")]
    cases += [("priors", "noise by level", (5, 8), 500), ("priors", "Student's t noise", (5, 8), 200)]
    cases += [("synth_6seeds", "none", (6, 5), 1_000), ("rats_data", "none", (30, 5), 1_000)]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        heads = ("parameters_from", "option", "groups", "levels", "tables", "quantity", "ks_distance")
        writer.writerow([*heads, "band_pvalue", "not_accurate"])
        for source, option, size, tables in cases:
            if options and option not in options:
                continue
            if source == "priors":
                distances, pvalues, failures = calibrate(*size, tables, option=option)
            else:
                distances, pvalues, failures = calibrate_posterior(source, tables)
            for name, distance in distances.items():
                row = [
                    source,
                    option,
                    *size,
                    tables,
                    name,
                    f"{distance:.4f}",
                    f"{pvalues[name]:.4f}",
                    failures,
                ]
                writer.writerow(row)
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
