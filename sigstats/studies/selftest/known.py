"""Answers that were computed or certified elsewhere, from data that come with the package.

Data and answers stand in `known.json`, each case with its source.
"""

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.detection import detect
from sigstats.errors import UnreliableError
from sigstats.priors import flat, half_cauchy, half_normal, normal
from sigstats.stats.bayes.random_effects import random_effects
from sigstats.stats.bayes.random_slopes import random_slopes
from sigstats.stats.classical.equivalence import tost
from sigstats.stats.classical.least_squares import least_squares
from sigstats.stats.classical.ordered import jonckheere, page
from sigstats.stats.classical.trend import mann_kendall, theil_sen
from sigstats.stats.classical.umbrella import mack_wolfe
from sigstats.stats.classical.wild_bootstrap import wild_cluster_bootstrap
from sigstats.studies.selftest.check import Check, at_least, near

Data = Mapping[str, Any]
SMALLEST_ERROR = 1e-16  # relative; smaller ones count as 16 digits


@functools.cache
def cases() -> tuple[dict[str, Any], ...]:
    """Return the cases of the file."""
    text = resources.files(__package__).joinpath("known.json").read_text(encoding="utf-8")
    return tuple(json.loads(text))


def known_answers(case: Mapping[str, Any]) -> Iterator[Check]:
    """Yield the checks of one case."""
    name, source = case["name"], case["source"]
    found = ANSWERS[case["asks"]](case["data"])
    if case["asks"] == "regression":
        right = _digits(found, case["expected"])
        yield at_least(f"{name}: digits of estimates and standard errors", source, right, case["digits"])
        return
    for field, expected in case["expected"].items():
        yield near(f"{name}: {field}", source, found[field], expected, case["tolerance"][field])


def _digits(found: Mapping[str, Any], certified: Mapping[str, Any]) -> float:
    """Return the number of right digits of the worst number."""
    pairs = [(a, b) for name, values in certified.items() for a, b in zip(found[name], values, strict=True)]
    actual, expected = np.array(pairs).T
    error = np.abs(actual - expected) / np.where(expected == 0, 1.0, np.abs(expected))
    return float(-np.log10(np.maximum(error, SMALLEST_ERROR)).min())


def _regression(data: Data) -> dict[str, Any]:
    columns = np.array(data["columns"], dtype=float).T
    if data["degree"] > 1:
        columns = np.vander(columns[:, 0], data["degree"] + 1, increasing=True)
    else:
        columns = np.column_stack([np.ones(len(columns)), columns])
    fit = least_squares(columns, data["y"])
    return {"estimates": fit.coefficients, "standard errors": fit.standard_errors}


def _trend(data: Data) -> dict[str, Any]:
    test = mann_kendall(data["y"], data["x"])
    return {"S": test.statistic, "tau": test.tau, "p": test.pvalue}


def _slope(data: Data) -> dict[str, Any]:
    line = theil_sen(data["x"], data["y"], confidence=data["confidence"])
    return {"slope": line.slope, "low": line.low, "high": line.high}


def _peak(data: Data) -> dict[str, Any]:
    return {"exact p": mack_wolfe(data["groups"], data["peak"]).pvalue}


def _equivalence(data: Data) -> dict[str, Any]:
    return {"p": tost(np.subtract(data["x"], data["y"]), data["low"], data["high"]).pvalue}


def _wild_bootstrap(data: Data) -> dict[str, Any]:
    design = np.column_stack([np.ones(len(data["x"])), data["x"]])
    test = wild_cluster_bootstrap(design, data["y"], data["seed"], contrast=[0, 1], weights="rademacher")
    return {"t": test.statistic, "p": test.pvalue}


def _verdict(data: Data) -> dict[str, Any]:
    """Return effect and p of `detect`, on one table of equal runs."""
    levels = sorted(set(data["x"]))
    table = SweepTable.from_matrices(levels, {"runs": np.reshape(data["y"], (-1, len(levels)))})
    interval = detect(table, shape="increasing").evidence.interval
    if interval is None:
        raise UnreliableError("`detect` gave no interval for the effect.")
    return {"effect": interval.estimate.value, "one-sided p": interval.pvalue}


def _rats(data: Data) -> dict[str, Any]:
    wide = normal(0, 100)
    sds: dict[str, Any] = dict.fromkeys(("sigma", "sigma_alpha", "sigma_beta"), flat())
    x = np.array(data["x"], dtype=float) - data["middle"]
    posterior = random_slopes(x, data["y"], data["group"], mu_alpha=wide, mu_beta=wide, **sds)
    return {
        "mean of mean slope": posterior.mu_beta.mean,
        "sd of mean slope": posterior.mu_beta.sd,
        "mean of noise sd": posterior.sigma.mean,
        "mean of sd of slopes": posterior.sigma_beta.mean,
    }


def _seeds(data: Data) -> dict[str, Any]:
    posterior = random_slopes(
        data["x"],
        data["y"],
        data["seed"],
        mu_alpha=normal(0, 5),
        mu_beta=normal(0, 2),
        sigma=half_normal(1),
        sigma_alpha=half_normal(1),
        sigma_beta=half_normal(0.5),
    )
    return {"mean of mean slope": posterior.mu_beta.mean, "P(mean slope > 0)": posterior.prob_positive}


def _schools(data: Data) -> dict[str, Any]:
    posterior = random_effects(data["y"], data["sigma"], mu=normal(0, 5), tau=half_cauchy(5))
    return {"mean of mu": posterior.mu.mean, "mean of tau": posterior.tau.mean}


ANSWERS: dict[str, Callable[[Data], dict[str, Any]]] = {
    "regression": _regression,
    "trend": _trend,
    "slope": _slope,
    "ordered groups": lambda data: {"exact p": jonckheere(data["groups"], alternative="greater").pvalue},
    "ordered columns": lambda data: {"exact p": page(data["rows"]).pvalue},
    "peak": _peak,
    "equivalence": _equivalence,
    "wild bootstrap": _wild_bootstrap,
    "verdict": _verdict,
    "rats": _rats,
    "seeds": _seeds,
    "schools": _schools,
}
