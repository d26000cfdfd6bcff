"""Compare exact posteriors with stored ones, and where a stored one is itself cut short, with a wider integral.

    python tests/calibration/reference_agreement.py docs/validity/hierarchical_reference.csv

The stored posteriors, in tests/reference/hierarchical, come from another implementation. The wider integral is made
here, by whole covariance matrices on Gauss-Legendre nodes; it shares no code with the package but the densities of the
priors.
"""

import csv
import json
import math
import sys
from pathlib import Path

import numpy as np

from sigstats.priors import flat, half_cauchy, half_normal, normal
from sigstats.stats import random_effects, random_slopes

HERE = Path(__file__).parents[1] / "reference" / "hierarchical"
SCALES = ("sigma", "sigma_alpha", "sigma_beta")
SEEDS_PRIORS = {
    "mu_alpha": normal(0, 5),
    "mu_beta": normal(0, 2),
    "sigma": half_normal(1),
    "sigma_alpha": half_normal(1),
    "sigma_beta": half_normal(0.5),
}


def stored(name):
    """Return a stored file."""
    return json.loads((HERE / f"{name}.json").read_text("utf-8"))


def posteriors():
    """Return the posterior of each stored case by sigstats."""
    rats, seeds, schools = (stored(name) for name in ("rats_data", "synth_6seeds", "eight_schools"))
    wide = {name: normal(0, 100) for name in ("mu_alpha", "mu_beta")} | dict.fromkeys(SCALES, flat())
    return {
        "rats_data-rats_model": random_slopes(np.array(rats["x"]) - 22, rats["y"], rats["rat"], **wide),
        "synth_6seeds": random_slopes(seeds["x"], seeds["y"], seeds["g"], **SEEDS_PRIORS),
        "eight_schools": random_effects(schools["y"], schools["sigma"], mu=normal(0, 5), tau=half_cauchy(5)),
    }


def wide_box(size):
    """Return means and sds of the six simulated seeds by whole matrices on a wide box of size^3 nodes."""
    seeds = stored("synth_6seeds")
    y, x = np.array(seeds["y"]).reshape(6, 5), np.arange(5.0)
    nodes, weights = np.polynomial.legendre.leggauss(size)
    share = (nodes + 1) / 2
    low, width = np.array([0.13, 0.0, 0.0]), np.array([1.2, 5.0, 2.5])
    axes = low[:, None] + width[:, None] * share**2
    points = np.array(np.meshgrid(*axes, indexing="ij")).reshape(3, -1)
    log_mass = (
        np.log(np.array(np.meshgrid(*(width[:, None] * share * weights), indexing="ij"))).sum(axis=0).ravel()
    )
    log_mass += sum(SEEDS_PRIORS[name].logpdf(t) for name, t in zip(SCALES, points, strict=True))
    parts = [given(y, x, points[:, i : i + 10_000]) for i in range(0, points.shape[1], 10_000)]
    log_likelihood, means, variances = (np.concatenate(part) for part in zip(*parts, strict=True))
    log_mass += log_likelihood
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    found = {name: moments(mass, t) for name, t in zip(SCALES, points, strict=True)}
    for i, name in enumerate(("mu_alpha", "mu_beta")):
        mean, sd = moments(mass, means[:, i])
        found[name] = mean, math.sqrt(sd**2 + mass @ variances[:, i])
    return found


def given(y, x, sds):
    """Return log likelihood, and mean and variances of the mean line, at each column of standard deviations."""
    design, scales = np.stack([np.ones_like(x), x], axis=1), np.array([5.0, 2.0])
    sigma, sigma_alpha, sigma_beta = sds[:, :, None, None] ** 2
    inverse = np.linalg.inv(sigma * np.eye(x.size) + sigma_alpha + sigma_beta * np.outer(x, x))
    precision = len(y) * np.einsum("ia,kij,jb->kab", design, inverse, design) + np.diag(scales**-2.0)
    score = np.einsum("ia,kij,j->ka", design, inverse, y.sum(axis=0))
    covariance = np.linalg.inv(precision)
    mean = np.einsum("kab,kb->ka", covariance, score)
    logs = np.linalg.slogdet(precision)[1] - len(y) * np.linalg.slogdet(inverse)[1]
    misfit = np.einsum("gi,kij,gj->k", y, inverse, y) - np.einsum("ka,ka->k", score, mean)
    return -0.5 * (logs + misfit), mean, covariance[:, [0, 1], [0, 1]]


def moments(mass, values):
    """Return mean and sd."""
    mean = float(mass @ values)
    return mean, math.sqrt(float(mass @ (values - mean) ** 2))


def differences(marginal, mean, sd):
    """Return the largest difference of means in sds, and of sds relative."""
    means = np.abs(np.asarray(marginal.mean) - mean) / sd
    return float(np.max(means)), float(np.max(np.abs(np.asarray(marginal.sd) / sd - 1.0)))


def main(target):
    """Write a row per case and parameter."""
    expected, found = stored("posteriors"), posteriors()
    rows = []
    for case, result in found.items():
        for name, values in expected[case].items():
            if isinstance(values, dict) and "mean" in values:
                pair = np.asarray(values["mean"]), np.asarray(values["sd"])
                rows.append(
                    [case, name, "stored", np.size(pair[0]), *differences(getattr(result, name), *pair)]
                )
    for name, pair in wide_box(40).items():
        against = differences(getattr(found["synth_6seeds"], name), *pair)
        rows.append(["synth_6seeds", name, "wider box, 40^3 nodes", 1, *against])
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["case", "parameter", "against", "entries", "mean_difference_in_sd", "sd_relative_difference"]
        )
        writer.writerows([*row[:4], f"{row[4]:.1e}", f"{row[5]:.1e}"] for row in rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
