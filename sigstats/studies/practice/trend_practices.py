"""How papers test a trend, each as one function from curves to a p-value.

Curves are oriented, so that the predicted direction is up: every p-value is of "no rise". Missing cells are NaN. What
each test assumes is told in `sigstats.studies.practice.common_practice`, which also measures how often it is wrong.

The two linear models come in two forms. For the table itself `reported` fits them with statsmodels, as a paper would.
`pvalues` has them in closed form, for hundreds of simulated tables: a fit by statsmodels takes as long as twenty of
these. The tests hold the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.combine import mean_of
from sigstats.stats.scores.linear import linear_scores

ENTROPY = 20260102
DRAWS = 999
ROUNDING = 1e-13  # relative to the values, a standard error that is nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendData:
    """What the tests must know beside the curves."""

    x: FloatArray  # levels on the scale of the knob, rescaled to [0, 1]
    repeated: bool  # whether a row is a seed that is seen at several levels
    two_sided: bool  # whether the direction is open


def pvalues(curves: FloatArray, trend: TrendData) -> dict[str, float]:
    """Return the p-value of each test, in closed form."""
    return _asked(curves, trend, _BY_CELL, _BY_SEED)


def reported(curves: FloatArray, trend: TrendData) -> dict[str, float]:
    """Return the p-value of each test, with the linear models fitted by statsmodels."""
    by_cell = _BY_CELL | {"least_squares": _least_squares_fitted}
    return _asked(curves, trend, by_cell, _BY_SEED | {"random_intercept": _random_intercept_fitted})


def _asked(
    curves: FloatArray, trend: TrendData, by_cell: "dict[str, _Test]", by_seed: "dict[str, _Test]"
) -> dict[str, float]:
    found = {name: test(curves, trend.x) for name, test in by_cell.items()}
    usable = curves[(~np.isnan(curves)).sum(axis=1) >= 2]
    enough = trend.repeated and len(usable) > 1
    found |= {name: test(usable, trend.x) if enough else float("nan") for name, test in by_seed.items()}
    if trend.two_sided:
        return {name: min(1.0, 2 * min(p, 1 - p)) for name, p in found.items()}
    return found


def _mann_kendall(curves: FloatArray, x: FloatArray) -> float:
    from sigstats.stats.classical.concordance import concordance, concordance_variance, dense_ranks
    from sigstats.stats.classical.trend import standardised

    del x  # levels ascend
    seen = ~np.isnan(curves)
    used = seen.any(axis=0)
    means = np.where(seen, curves, 0.0).sum(axis=0)[used] / seen.sum(axis=0)[used]
    place, once = np.arange(means.size), np.ones(means.size, dtype=np.int64)
    ranks, counts = dense_ranks(means)
    variance = concordance_variance(once, counts)
    if variance <= 0:
        return 1.0
    return float(special.ndtr(-standardised(concordance(place, ranks, once, counts), variance)))


def _cells(curves: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    seen = ~np.isnan(curves)
    return np.broadcast_to(x, curves.shape)[seen], curves[seen]


def _spearman(curves: FloatArray, x: FloatArray) -> float:
    places, values = _cells(curves, x)
    return _correlated(_mid_ranks(places), _mid_ranks(values))


def _mid_ranks(values: FloatArray) -> FloatArray:
    from sigstats.stats.classical.concordance import dense_ranks

    ranks, counts = dense_ranks(values)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2.0)[ranks])


def _least_squares(curves: FloatArray, x: FloatArray) -> float:
    return _correlated(*_cells(curves, x))


def _correlated(a: FloatArray, b: FloatArray) -> float:
    """Return the one-sided p-value of a correlation, which is that of the slope of a line."""
    a, b = a - a.mean(), b - b.mean()
    return _slope_pvalue(a, b, a.size - 2)


def _slope_pvalue(a: FloatArray, b: FloatArray, df: int) -> float:
    """Return the one-sided p-value of the slope of b on a, both centred."""
    squares = float(a @ a)
    if df < 1 or squares <= 0:
        return float("nan")
    slope = float(a @ b) / squares
    left = b - slope * a
    error = float(left @ left) / df / squares
    if error <= (ROUNDING * float(np.abs(b).max(initial=0.0))) ** 2:
        return float("nan")  # a perfect line, or no variance at all
    return float(special.stdtr(df, -slope / np.sqrt(error)))


def _random_intercept(curves: FloatArray, x: FloatArray) -> float:
    """Return the p-value of the slope of a random-intercept model; see the notes of `common_practice`."""
    seen = ~np.isnan(curves)
    if seen.all() and _no_spread_between(curves, x):
        return _least_squares(curves, x)
    counts = seen.sum(axis=1, keepdims=True)
    places = np.where(seen, x, 0.0)
    values = np.where(seen, curves, 0.0)
    a = np.where(seen, places - places.sum(axis=1, keepdims=True) / counts, 0.0)
    b = np.where(seen, values - values.sum(axis=1, keepdims=True) / counts, 0.0)
    return _slope_pvalue(a[seen], b[seen], int(seen.sum()) - len(curves) - 1)


def _no_spread_between(curves: FloatArray, x: FloatArray) -> bool:
    """Return whether restricted maximum likelihood sets the variance between seeds to 0, with all cells seen."""
    n_seeds, n_levels = curves.shape
    middles = curves.mean(axis=1, keepdims=True)
    centred = x - x.mean()
    left = curves - middles
    slope = float((left @ centred).mean() / (centred @ centred))
    within = float(((left - slope * centred) ** 2).sum()) / (n_seeds * (n_levels - 1) - 1)
    return bool(n_levels * float(middles.var(ddof=1)) < within)


def _least_squares_fitted(curves: FloatArray, x: FloatArray) -> float:
    places, values = _cells(curves, x)
    return _fitted_pvalue(places, values - values.mean(), np.zeros(values.size, dtype=np.intp))


def _random_intercept_fitted(curves: FloatArray, x: FloatArray) -> float:
    """Return the p-value of the random-intercept model, by least squares with an intercept for each seed.

    Where the curves are complete, that is the mixed model at its exact optimum, to which MixedLM comes within 1e-6.
    """
    seen = ~np.isnan(curves)
    if seen.all() and _no_spread_between(curves, x):
        return _least_squares_fitted(curves, x)
    places, _ = _cells(curves, x)
    own = curves - np.nanmean(curves, axis=1, keepdims=True)
    return _fitted_pvalue(places, own[seen], np.nonzero(seen)[0])


def _fitted_pvalue(places: FloatArray, values: FloatArray, line: NDArray[np.intp]) -> float:
    """Return the one-sided p-value of the slope of parallel lines, as fitted by statsmodels."""
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.eye(int(line.max()) + 1)[line], places])
    if values.size <= design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        return float("nan")
    fit = OLS(values, design).fit()
    if fit.bse[-1] <= ROUNDING * float(np.abs(values).max()):
        return float("nan")  # a perfect line, or no variance at all
    return float(special.stdtr(fit.df_resid, -fit.tvalues[-1]))


def _bootstrap(curves: FloatArray, x: FloatArray) -> float:
    scores = linear_scores(curves, x)
    draws = np.random.default_rng(ENTROPY).integers(0, scores.size, (DRAWS, scores.size))
    return float((1 + (scores[draws].mean(axis=1) <= 0).sum()) / (1 + DRAWS))


def _seed_scores(curves: FloatArray, x: FloatArray) -> float:
    return mean_of(linear_scores(curves, x)).pvalue_above()


_Test = Callable[[FloatArray, FloatArray], float]
_BY_CELL: dict[str, _Test] = {
    "mean_curve_mann_kendall": _mann_kendall,
    "pooled_spearman": _spearman,
    "least_squares": _least_squares,
}
_BY_SEED: dict[str, _Test] = {
    "random_intercept": _random_intercept,
    "percentile_bootstrap": _bootstrap,
    "seed_scores": _seed_scores,
}
