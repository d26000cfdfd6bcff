"""Long runs of a sampler for lines that vary by group with noise that is not plain normal.

    pip install pymc nutpie
    python tests/reference/hierarchical/make_sampled.py tests/reference/hierarchical/sampled.json

Six simulated seeds at five levels, with one observation moved far off. Chains are long and their steps small, so that
the Monte-Carlo error, stored with every mean, is small beside the posterior sd.
"""

import importlib.metadata
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
CASES = (
    "student_t, df 4",
    "student_t, df unknown",
    "by_level, spread 0.5",
    "student_t, df 4, correlation lkj(2)",
)
MOVED, BY = 7, 2.5


def data():
    """Return x, y and the place of the group of each observation."""
    found = json.loads((HERE / "synth_6seeds.json").read_text("utf-8"))
    y = np.array(found["y"], dtype=float)
    y[MOVED] += BY
    return np.array(found["x"], dtype=float), y, np.array(found["g"]) - 1


def model(case):
    """Return the model in PyMC, non-centred."""
    import pymc
    import pytensor.tensor as pt

    x, y, group = data()
    with pymc.Model() as built:
        mu = [pymc.Normal("mu_alpha", 0, 5), pymc.Normal("mu_beta", 0, 2)]
        sigma, sigma_alpha = pymc.HalfNormal("sigma", 1), pymc.HalfNormal("sigma_alpha", 1)
        sigma_beta = pymc.HalfNormal("sigma_beta", 0.5)
        first, second = pymc.Normal("za", shape=6), pymc.Normal("zb", shape=6)
        if "correlation" in case:
            share = pymc.Beta("share", 2, 2)
            rho = pymc.Deterministic("rho", 2 * share - 1)
            second = rho * first + pt.sqrt(1 - rho**2) * second
        alpha = mu[0] + sigma_alpha * first
        beta = pymc.Deterministic("beta", mu[1] + sigma_beta * second)
        mean = alpha[group] + beta[group] * x
        if case.startswith("by_level"):
            eta = pymc.Normal("eta", 0, 0.5, shape=5)
            levels = pymc.Deterministic("level_sigma", sigma * pt.exp(eta))
            pymc.Normal("y", mean, levels[x.astype(int)], observed=y)
        else:
            df = pymc.Gamma("df", alpha=2, beta=0.1) if "unknown" in case else 4.0
            pymc.StudentT("y", nu=df, mu=mean, sigma=sigma, observed=y)
    return built


def main(target):
    """Run all cases and write means, sds and errors."""
    import arviz
    import nutpie

    result = {"versions": {name: importlib.metadata.version(name) for name in ("pymc", "nutpie")}}
    for case in CASES:
        found = nutpie.sample(
            nutpie.compile_pymc_model(model(case)),
            draws=4_000, tune=1_000, chains=4, seed=1, target_accept=0.9, progress_bar=False, cores=1,
        )  # fmt: skip
        names = ["mu_alpha", "mu_beta", "sigma", "sigma_alpha", "sigma_beta", "beta"]
        names += [name for name in ("df", "rho", "level_sigma") if name in found.posterior]
        result[case] = {}
        for name in names:
            draws = found.posterior[name].to_numpy()
            sd = draws.std(axis=(0, 1))
            each = np.moveaxis(draws.reshape(*draws.shape[:2], -1), -1, 0)
            size = np.array([float(arviz.ess(part, method="mean")) for part in each]).reshape(sd.shape)
            values = {"mean": draws.mean(axis=(0, 1)), "sd": sd, "error_of_mean": sd / np.sqrt(size)}
            result[case][name] = {key: np.round(value, 6).tolist() for key, value in values.items()}
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
