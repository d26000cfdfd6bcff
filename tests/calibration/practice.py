"""What common practice says of the same sweeps: how often each method claims an increase.

The claim of each method is the one that papers make with it, at a one-sided 5 %:

* Mann-Kendall on the seed-mean curve; regional (pooled) Mann-Kendall with seeds as sites; Page's L with seeds as
  blocks;
* ordinary least squares on all points; a random-intercept model (the same slope, with the residual variance
  after seed means are removed);
* percentile bootstrap over seeds;
* "significant in the treatment, not in the control" with t tests on seed slopes.
"""

import numpy as np
from scipy import special

from sigstats.stats.scores.combine import mean_of
from sigstats.stats.scores.linear import linear_scores
from sigstats.studies.simulation.plan import Plan

PRACTICES = (
    "mann_kendall_on_means",
    "regional_mann_kendall",
    "page",
    "least_squares",
    "random_intercept",
    "percentile_bootstrap",
    "significant_here_not_there",
)
ALPHA = 0.05
DRAWS = 200


def common_practice(plan: Plan, replications: int, entropy: int) -> dict[str, float]:
    """Return how often each practice claims an increase; NaN where it does not apply."""
    treatment = next(iter(plan.effects))
    if plan.independent or plan.missing:
        return dict.fromkeys(PRACTICES, float("nan"))
    hits = dict.fromkeys(PRACTICES, 0)
    for replication in range(replications):
        rng = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(replication,)))
        table = plan.simulate(rng)
        control = table.matrix("control") if "control" in plan.effects else None
        claims = claim(table.matrix(treatment), plan.x, control, rng)
        for name, made in claims.items():
            hits[name] += made
    rates = {name: hits[name] / replications for name in PRACTICES}
    if "control" not in plan.effects:
        rates["significant_here_not_there"] = float("nan")
    return rates


def claim(
    curves: np.ndarray, x: np.ndarray, control: np.ndarray | None, rng: np.random.Generator
) -> dict[str, bool]:
    """Return which practices claim an increase in one treatment."""
    scores = linear_scores(curves, x)
    slopes = mean_of(scores)
    resampled = scores[rng.integers(0, scores.size, (DRAWS, scores.size))].mean(axis=1)
    here = slopes.pvalue_above() <= ALPHA
    there = False if control is None else mean_of(linear_scores(control, x)).pvalue_above() <= ALPHA
    return {
        "mann_kendall_on_means": _z(*_kendall(curves.mean(axis=0)[None])) <= ALPHA,
        "regional_mann_kendall": _z(*_kendall(curves)) <= ALPHA,
        "page": _page(curves) <= ALPHA,
        "least_squares": _slope(curves, x, within=False) <= ALPHA,
        "random_intercept": _slope(curves, x, within=True) <= ALPHA,
        "percentile_bootstrap": bool(np.quantile(resampled, ALPHA) > 0),
        "significant_here_not_there": bool(here and not there),
    }


def _kendall(curves: np.ndarray) -> tuple[float, float]:
    n = curves.shape[1]
    first, second = np.triu_indices(n, 1)
    total = float(np.sign(curves[:, second] - curves[:, first]).sum())
    return total, curves.shape[0] * n * (n - 1) * (2 * n + 5) / 18.0


def _z(total: float, variance: float) -> float:
    return float(special.ndtr(-(total - np.sign(total)) / np.sqrt(variance)))


def _page(curves: np.ndarray) -> float:
    m, n = curves.shape
    ranks = curves.argsort(axis=1).argsort(axis=1) + 1.0
    statistic = float((ranks.sum(axis=0) * np.arange(1, n + 1)).sum())
    mean, variance = m * n * (n + 1) ** 2 / 4.0, m * n**2 * (n + 1) * (n**2 - 1) / 144.0
    return float(special.ndtr(-(statistic - mean) / np.sqrt(variance)))


def _slope(curves: np.ndarray, x: np.ndarray, *, within: bool) -> float:
    m, n = curves.shape
    centred = x - x.mean()
    values = curves - (curves.mean(axis=1, keepdims=True) if within else curves.mean())
    slope = float((values @ centred).sum() / (m * centred @ centred))
    left = values - slope * centred
    df = m * n - 1 - (m if within else 1)
    variance = float((left**2).sum()) / df / (m * centred @ centred)
    return float(special.stdtr(df, -slope / np.sqrt(variance)))
