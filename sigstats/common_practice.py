"""What would common practice have said of the same table, and how often is it wrong on tables like it?

Most papers test a trend in one of five ways: Mann-Kendall on the curve of means, Spearman's correlation over all
cells, a straight line through all cells, a mixed model with a random intercept per seed, or a percentile bootstrap over
seeds. The first four take cells of one seed, or means of neighbouring levels, as independent; the last is too narrow
for few seeds. How wrong that goes depends on the table: on its levels, its seeds, its noise, and above all on how much
the slopes of seeds differ. So it is measured: on sweeps that look like the table (see `plan_like`) but have no effect,
each practice is asked what it claims.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.calibration import plan_like
from sigstats.detection import read_table
from sigstats.errors import OptionError
from sigstats.evidence.arms import prepare
from sigstats.signature import Signature
from sigstats.simulation import Plan
from sigstats.stats.contrast import mean_of
from sigstats.stats.scores import linear_scores

FloatArray = NDArray[np.float64]
Errs = Literal["claims too often", "claims too rarely", "not told from nominal", "not measured"]

ENTROPY = 20260102
REPLICATIONS = 300
DRAWS = 999
NOMINAL = 0.05
CONFIDENCE = 0.99

LABELS = {
    "mean_curve_mann_kendall": "Mann-Kendall on the mean curve",
    "pooled_spearman": "Spearman over all cells",
    "least_squares": "least squares on all cells",
    "random_intercept": "random-intercept model",
    "percentile_bootstrap": "percentile bootstrap over seeds",
    "seed_scores": "one score per seed, Student's t",
}
ASSUMES = {
    "mean_curve_mann_kendall": "the means of different levels are independent",
    "pooled_spearman": "all cells are independent",
    "least_squares": "all cells are independent around one line",
    "random_intercept": "seeds differ in level but not in slope",
    "percentile_bootstrap": "there are enough seeds for resampling them to show their spread",
    "seed_scores": "seeds are independent, and their scores near normal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """One way to test a trend: what it says of the table, and how often it is wrong on tables like it.

    Attributes
    ----------
    name : str
        Short stable name, such as ``"pooled_spearman"``.
    label : str
        Name for a reader.
    assumes : str
        What must hold for its p-value.
    pvalue : float or None
        One-sided p-value of no trend in the predicted direction; None where the table does not allow it.
    claims : bool or None
        Whether it would have claimed the trend, at one-sided 5 %.
    false_claims : float or None
        Share of simulated tables without an effect in which it claimed the trend; None where not measured.
    low, high : float or None
        Exact 99 % binomial interval of that share.
    """

    name: str
    label: str
    assumes: str
    pvalue: float | None
    claims: bool | None
    false_claims: float | None
    low: float | None
    high: float | None

    @property
    def errs(self) -> Errs:
        """In which direction it errs on tables like this one, as far as the simulations can tell."""
        if self.low is None or self.high is None:
            return "not measured"
        if self.low > NOMINAL:
            return "claims too often"
        return "claims too rarely" if self.high < NOMINAL else "not told from nominal"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonPractice:
    """What common practice says of a table, and how often it would be wrong on tables like it.

    Attributes
    ----------
    practices : tuple of Practice
        Five in common use, and last the one that this package rests on.
    nominal : float
        One-sided error rate that each of them promises.
    replications : int
        Simulated tables; 0 where there are too few seeds to simulate from.
    plan : Plan or None
        How they were simulated.
    entropy : int
        Entropy of the random streams.
    """

    practices: tuple[Practice, ...]
    nominal: float
    replications: int
    plan: Plan | None
    entropy: int

    def __getitem__(self, name: str) -> Practice:
        """Return a practice by its name."""
        for practice in self.practices:
            if practice.name == name:
                return practice
        raise KeyError(name)

    def __str__(self) -> str:
        """Return who would have claimed the trend as one line."""
        claiming = [practice.label for practice in self.practices if practice.claims]
        return f"would have claimed the trend: {', '.join(claiming) or 'none'}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for strict JSON."""
        return {
            "nominal": self.nominal,
            "replications": self.replications,
            "entropy": self.entropy,
            "practices": [
                {name: getattr(each, name) for name in (*Practice.__slots__, "errs")}
                for each in self.practices
            ],
        }


def common_practice(data: Any, signature: Signature) -> CommonPractice:  # noqa: ANN401 - a data frame or SweepTable
    """Say what five common ways to test a trend find in a table, and how often each is wrong on tables like it.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, as for `detect`.
    signature : Signature
        What was predicted; its shape must be a trend.

    Returns
    -------
    CommonPractice
        p-values, claims, and measured rates of false claims.

    Raises
    ------
    OptionError
        If the shape is no trend: these practices test trends only.
    TableError
        If the data cannot be used.
    SignatureError
        If the signature does not fit the table.

    Notes
    -----
    All runs of the treatments are taken together, on the scales of the signature; the control plays no part. Every
    p-value is one-sided in the predicted direction, so that all practices make the same claim at the same 5 %.

    * Mann-Kendall: normal with continuity correction and variance for ties, on the mean over seeds at each level.
    * Spearman: t with n - 2 degrees of freedom, over all cells.
    * Least squares: t with n - 2 degrees of freedom, over all cells.
    * Random intercept: the slope within seeds, which is the model's own where every seed has every level, with the
      residual variance within seeds, and t with n - S - 1 degrees of freedom (S seeds).
    * Percentile bootstrap: 999 resamples of the seeds' linear scores; the p-value is (1 + means at or below 0) / 1000,
      and the claim is that the 5 % quantile lies above 0.

    Where the shape leaves the direction open, p-values are two-sided instead.

    False claims are counted on 300 sweeps simulated from `plan_like` without an effect, with fixed entropy, so that the
    same table always gives the same answer. Noise is independent between levels there, and slopes differ between seeds
    as they seem to in the table. Both are estimates from few seeds: a practice that errs here errs on tables like
    this one as far as they can be known.

    *What would fool it.* Noise that neighbouring levels share makes the first four worse than is measured here.

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> table = simulate_sweep(0.0, n_seeds=4, levels=12, slope_sd=4.0, rng=2)
    >>> found = common_practice(table, Signature(shape="increasing"))
    >>> found["least_squares"].errs, found["seed_scores"].errs
    ('claims too often', 'not told from nominal')
    """
    if not signature.shape.is_trend:
        raise OptionError(
            f"`signature` claims the shape {signature.shape.name!r}; the practices that are compared here test trends "
            "only. Give a signature with shape='increasing', 'decreasing' or 'linear'."
        )
    sweep = prepare(read_table(data, signature), signature)
    curves = _stacked([arm.curves for arm in sweep.treatments])
    setting = _Setting(x=sweep.x, repeated=sweep.design == "repeated", two_sided=signature.shape.two_sided)
    found = _pvalues(curves, setting)
    plan = _plan(data, signature)
    names = [arm.condition for arm in sweep.treatments]
    rates = _false_claims(plan, names, setting) if plan is not None else {}
    return CommonPractice(
        practices=tuple(_practice(name, found[name], rates.get(name)) for name in LABELS),
        nominal=NOMINAL,
        replications=REPLICATIONS if plan is not None else 0,
        plan=plan,
        entropy=ENTROPY,
    )


def _plan(data: Any, signature: Signature) -> Plan | None:  # noqa: ANN401 - as above
    """Return how to simulate tables like this one without an effect; None where there are too few seeds for it."""
    try:
        return plan_like(data, signature)
    except OptionError:
        return None


def _practice(name: str, pvalue: float, hits: int | None) -> Practice:
    known = not np.isnan(pvalue)
    low, high = _exact_interval(hits) if hits is not None and known else (None, None)
    return Practice(
        name=name,
        label=LABELS[name],
        assumes=ASSUMES[name],
        pvalue=pvalue if known else None,
        claims=pvalue <= NOMINAL if known else None,
        false_claims=hits / REPLICATIONS if hits is not None and known else None,
        low=low,
        high=high,
    )


def _exact_interval(hits: int) -> tuple[float, float]:
    n, tail = REPLICATIONS, (1 - CONFIDENCE) / 2
    low = float(special.betaincinv(hits, n - hits + 1, tail)) if hits else 0.0
    high = float(special.betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return low, high


def _false_claims(plan: Plan, names: list[str], setting: "_Setting") -> dict[str, int]:
    """Return how often each practice claims a trend on sweeps without one."""
    hits = dict.fromkeys(LABELS, 0)
    for replication in range(REPLICATIONS):
        stream = np.random.SeedSequence(ENTROPY, spawn_key=(replication,))
        table = plan.simulate(np.random.default_rng(stream))
        curves = _stacked([table.matrix(name) for name in names])
        for name, pvalue in _pvalues(curves, setting).items():
            hits[name] += bool(pvalue <= NOMINAL)
    return hits


def _stacked(parts: list[FloatArray]) -> FloatArray:
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What the practices must know beside the curves: levels, whether seeds recur, whether the direction is open."""

    x: FloatArray
    repeated: bool
    two_sided: bool


def _pvalues(curves: FloatArray, setting: _Setting) -> dict[str, float]:
    """Return the p-value of each practice; NaN where the runs do not allow it."""
    found = {name: test(curves, setting.x) for name, test in _BY_CELL.items()}
    usable = curves[(~np.isnan(curves)).sum(axis=1) >= 2]
    enough = setting.repeated and len(usable) > 1
    found |= {name: test(usable, setting.x) if enough else float("nan") for name, test in _BY_SEED.items()}
    if setting.two_sided:
        return {name: min(1.0, 2 * min(p, 1 - p)) for name, p in found.items()}
    return found


def _mann_kendall(curves: FloatArray, x: FloatArray) -> float:
    del x  # levels ascend
    seen = ~np.isnan(curves)
    used = seen.any(axis=0)
    means = np.where(seen, curves, 0.0).sum(axis=0)[used] / seen.sum(axis=0)[used]
    n = means.size
    first, second = np.triu_indices(n, 1)
    total = float(np.sign(means[second] - means[first]).sum())
    ties = np.unique(means, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18.0
    if variance <= 0:
        return 1.0
    return float(special.ndtr(-(total - np.sign(total)) / np.sqrt(variance)))


def _cells(curves: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    seen = ~np.isnan(curves)
    return np.broadcast_to(x, curves.shape)[seen], curves[seen]


def _spearman(curves: FloatArray, x: FloatArray) -> float:
    places, values = _cells(curves, x)
    return _correlated(_ranks(places), _ranks(values))


def _ranks(values: FloatArray) -> FloatArray:
    """Return mid-ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2.0)[place])


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
    if error <= (1e-13 * float(np.abs(b).max(initial=0.0))) ** 2:
        return float("nan")  # a perfect line, or no variance at all
    return float(special.stdtr(df, -slope / np.sqrt(error)))


def _random_intercept(curves: FloatArray, x: FloatArray) -> float:
    seen = ~np.isnan(curves)
    counts = seen.sum(axis=1, keepdims=True)
    places = np.where(seen, x, 0.0)
    values = np.where(seen, curves, 0.0)
    a = np.where(seen, places - places.sum(axis=1, keepdims=True) / counts, 0.0)
    b = np.where(seen, values - values.sum(axis=1, keepdims=True) / counts, 0.0)
    return _slope_pvalue(a[seen], b[seen], int(seen.sum()) - len(curves) - 1)


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
