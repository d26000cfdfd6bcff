"""Time and posterior of slopes of seeds within conditions: sigstats beside samplers.

Three conditions of five seeds at ten levels; the same model with the same priors is given to all. Each sampler runs
with four chains of 1,000 tuning steps and 1,000 draws, its default or what its manual shows; one row gives a sampler
smaller steps and more draws. Times include building and compiling the model, as a user waits for both. What they say of
every parameter is compared with the exact posterior in units of the posterior's sd; beside it stands the Monte-Carlo
error that their effective sample size leaves.

Run by hand, in an environment that has the samplers:

    pip install bambi nutpie numpyro
    python tests/benchmarks/bench_nuts.py tests/benchmarks/nuts.json

It writes the file anew, but for samplers that `--samplers` leaves out; a page of the documentation is made from it.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import sys
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from sigstats.priors import half_normal, normal
from sigstats.stats.bayes.by_condition import random_slopes_by_condition

CHAINS, TUNE, DRAWS, CAREFUL_DRAWS, RNG = 4, 1_000, 1_000, 5_000, 20260301
SCALES = ("sigma", "sigma_seed_intercept", "sigma_seed_slope", "sigma_condition_slope")
SHOWN = ("mu_beta", *SCALES, *(f"condition_slope[{c}]" for c in range(3)))


def sweep(n_conditions, n_seeds, n_levels):
    """Return x, y, seed and condition of a simulated sweep."""
    rng = np.random.default_rng(7)
    condition = np.repeat(np.arange(n_conditions), n_seeds * n_levels)
    seed = np.tile(np.repeat(np.arange(n_seeds), n_levels), n_conditions)
    x = np.tile(np.arange(float(n_levels)), n_conditions * n_seeds)
    slope = 0.5 + rng.normal(0, 0.3, n_conditions)[condition]
    slope = slope + rng.normal(0, 0.2, (n_conditions, n_seeds))[condition, seed]
    y = rng.normal(0, 0.5, (n_conditions, n_seeds))[condition, seed] + slope * x
    return x, y + rng.normal(0, 0.4, x.size), seed, condition


def exact(x, y, seed, condition):
    """Return the posterior by sigstats."""
    priors = {name: half_normal(1) for name in SCALES}
    return random_slopes_by_condition(x, y, seed, condition, mu_beta=normal(0, 2), **priors)


def by_bambi(x, y, seed, condition):
    """Return draws by Bambi, with its own sampler."""
    import bambi
    import pandas as pd

    unit = [f"{c}.{s}" for c, s in zip(condition, seed, strict=True)]
    table = pd.DataFrame({"x": x, "y": y, "unit": unit, "condition": [f"c{c}" for c in condition]})
    hyper = bambi.Prior("Normal", mu=0, sigma=bambi.Prior("HalfNormal", sigma=1))
    priors = {
        "condition": bambi.Prior("Flat"),
        "x": bambi.Prior("Normal", mu=0, sigma=2),
        "x|condition": hyper,
        "1|unit": hyper,
        "x|unit": hyper,
        "sigma": bambi.Prior("HalfNormal", sigma=1),
    }
    model = bambi.Model("y ~ 0 + condition + x + (0 + x|condition) + (1 + x|unit)", table, priors=priors)
    found = model.fit(draws=DRAWS, tune=TUNE, chains=CHAINS, random_seed=RNG, progressbar=False)
    names = ("x", "sigma", "1|unit_sigma", "x|unit_sigma", "x|condition_sigma")
    draws = [found.posterior[name].to_numpy() for name in names]
    return named(*draws, draws[0][..., None] + found.posterior["x|condition"].to_numpy())


def pymc_model(x, y, seed, condition):
    """Return the model in PyMC, non-centred."""
    import pymc

    units = condition * (seed.max() + 1) + seed
    n_units, n_conditions = int(units.max()) + 1, int(condition.max()) + 1
    with pymc.Model() as model:
        alpha = pymc.Flat("alpha", shape=n_conditions)
        mu_beta = pymc.Normal("mu_beta", 0, 2)
        sigma, intercept, slope, between = (pymc.HalfNormal(name, 1) for name in SCALES)
        z = [
            pymc.Normal(name, shape=n) for name, n in (("za", n_units), ("zb", n_units), ("zg", n_conditions))
        ]
        condition_slope = pymc.Deterministic("condition_slope", mu_beta + between * z[2])
        mean = alpha[condition] + intercept * z[0][units]
        mean = mean + (condition_slope[condition] + slope * z[1][units]) * x
        pymc.Normal("y", mean, sigma, observed=y)
    return model


def by_nutpie(*table, draws=DRAWS, target_accept=0.8):
    """Return draws by nutpie."""
    import nutpie

    found = nutpie.sample(
        nutpie.compile_pymc_model(pymc_model(*table)),
        draws=draws, tune=TUNE, chains=CHAINS, seed=RNG, target_accept=target_accept, progress_bar=False,
    )  # fmt: skip
    names = ("mu_beta", *SCALES, "condition_slope")
    return named(*(found.posterior[name].to_numpy() for name in names))


def by_nutpie_with_care(*table):
    """Return draws by nutpie, its steps small enough for the long tail of the conditions' spread, and more of them."""
    return by_nutpie(*table, draws=CAREFUL_DRAWS, target_accept=0.99)


def by_numpyro(x, y, seed, condition):
    """Return draws by NumPyro, its four chains vectorised."""
    import jax
    import numpyro
    from numpyro import distributions as dist
    from numpyro.infer import MCMC, NUTS

    units = condition * (seed.max() + 1) + seed

    def model():
        alpha = numpyro.sample(
            "alpha", dist.ImproperUniform(dist.constraints.real, (), (condition.max() + 1,))
        )
        mu_beta = numpyro.sample("mu_beta", dist.Normal(0, 2))
        sigma, intercept, slope, between = (numpyro.sample(name, dist.HalfNormal(1)) for name in SCALES)
        za, zb = (numpyro.sample(n, dist.Normal().expand([units.max() + 1])) for n in ("za", "zb"))
        zg = numpyro.sample("zg", dist.Normal().expand([condition.max() + 1]))
        condition_slope = numpyro.deterministic("condition_slope", mu_beta + between * zg)
        mean = alpha[condition] + intercept * za[units]
        mean = mean + (condition_slope[condition] + slope * zb[units]) * x
        numpyro.sample("y", dist.Normal(mean, sigma), obs=y)

    jax.config.update("jax_enable_x64", True)
    sampler = MCMC(
        NUTS(model),
        num_warmup=TUNE,
        num_samples=DRAWS,
        num_chains=CHAINS,
        chain_method="vectorized",
        progress_bar=False,
    )
    sampler.run(jax.random.PRNGKey(RNG))
    found = sampler.get_samples(group_by_chain=True)
    return named(*(np.asarray(found[name]) for name in ("mu_beta", *SCALES, "condition_slope")))


def named(*draws):
    """Return draws by parameter, each of shape (chains, draws)."""
    *scalars, slopes = draws
    return dict(zip(SHOWN, (*scalars, *np.moveaxis(slopes, -1, 0)), strict=True))


SAMPLERS = {
    "Bambi, default": (by_bambi, ("bambi", "pymc")),
    "NumPyro, non-centred": (by_numpyro, ("numpyro", "jax")),
    "nutpie, non-centred": (by_nutpie, ("nutpie", "pymc")),
    "nutpie, small steps, 20,000 draws": (by_nutpie_with_care, ("nutpie", "pymc")),
}


def effective_size(draws):
    """Return the effective sample size of the mean of chains, from autocovariances (Geyer's initial sequence)."""
    halves = draws.reshape(2 * draws.shape[0], -1)
    n = halves.shape[1]
    centred = halves - halves.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, 2 * n, axis=1)) ** 2
    covariance = np.fft.irfft(power, axis=1)[:, :n].mean(axis=0) / n
    within = covariance[0] * n / (n - 1)
    total = within * (n - 1) / n + halves.mean(axis=1).var(ddof=1)
    rho = 1.0 - (within - covariance) / total
    pairs = rho[: 2 * (n // 2)].reshape(-1, 2).sum(axis=1)
    stop = int(np.argmax(pairs <= 0.0)) if np.any(pairs <= 0.0) else pairs.size
    tau = -1.0 + 2.0 * np.minimum.accumulate(pairs[:stop]).sum()
    return halves.size / max(tau, 1.0 / np.log10(halves.size))


def compared(posterior, draws):
    """Return how far the draws' means and sds are from the exact ones, and the error that they leave."""
    means, sds, errors = [], [], []
    for name, sample in draws.items():
        marginal = getattr(posterior, name.split("[")[0])
        if "[" in name:
            marginal = marginal.entry(int(name.split("[")[1][:-1]))
        means.append(abs(sample.mean() - marginal.mean) / marginal.sd)
        sds.append(abs(sample.std() / marginal.sd - 1.0))
        errors.append(effective_size(sample) ** -0.5)
    worst = int(np.argmax(np.array(means) / errors))
    return {
        "largest_mean_difference_in_sd": round(float(max(means)), 4),
        "largest_mean_difference_in_its_errors": round(float(means[worst] / errors[worst]), 2),
        "largest_relative_difference_of_sd": round(float(max(sds)), 4),
        "smallest_effective_sample_size": round(min(error**-2.0 for error in errors)),
    }


def seconds_of(call, repeats):
    """Return the medians of wall time and of processor time of a call, in seconds, and what the last one returned."""
    times = []
    for _ in range(repeats):
        wall, used = time.perf_counter(), processor_seconds()
        found = call()
        times.append([time.perf_counter() - wall, processor_seconds() - used])
    return np.median(times, axis=0), found


def processor_seconds():
    """Return the processor time of this process, its threads and its finished children."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def known(output):
    """Return the samplers' results that are in the file already, from the same machine."""
    if not output.exists():
        return []
    found = json.loads(output.read_text(encoding="utf-8"))
    return found["samplers"] if found["processor"] == processor() else []


def processor():
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())


def main():
    """Time everything and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--samplers", nargs="*", default=list(SAMPLERS))
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    table, large = sweep(3, 5, 10), sweep(100, 10, 50)
    exact(*table)  # what is loaded when first asked for
    fit, posterior = seconds_of(lambda: exact(*table), 21)
    both, _ = seconds_of(lambda: exact(*table).draws(CHAINS * DRAWS), 21)
    hundred, _ = seconds_of(lambda: exact(*large), 3)
    rows = []
    for name in asked.samplers:
        call, packages = SAMPLERS[name]
        seconds, draws = seconds_of(lambda call=call: call(*table), 1)
        versions = ", ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)
        row = {"method": name, "versions": versions}
        row |= {"wall_seconds": round(seconds[0], 2), "processor_seconds": round(seconds[1], 2)}
        rows.append(row | compared(posterior, draws))
        print(rows[-1], file=sys.stderr, flush=True)
    rows = [*rows, *(row for row in known(asked.output) if row["method"] not in asked.samplers)]
    rows.sort(key=lambda row: list(SAMPLERS).index(row["method"]))
    for row in rows:
        row["wall_ratio"] = round(row["wall_seconds"] / both[0])
        row["processor_ratio"] = round(row["processor_seconds"] / both[1])
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": importlib.metadata.version("scipy"),
        "processor": processor(),
        "chains": CHAINS,
        "tuning_steps": TUNE,
        "draws_per_chain": DRAWS,
        "sigstats": [
            {"what": what, "wall_seconds": round(seconds[0], 4), "processor_seconds": round(seconds[1], 4)}
            for what, seconds in (
                ("3 x 5 x 10, posterior", fit),
                ("3 x 5 x 10, posterior and 4,000 draws", both),
                ("100 x 10 x 50, posterior", hundred),
            )
        ],
        "samplers": rows,
    }
    asked.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
