"""Exponent, floor and size of a law E + A x^-a, with intervals over seeds.

The intervals of exponent and floor invert a test over seeds: a value belongs to the interval where the law with that
value is not rejected. Where floor and exponent trade off, the interval of the floor has no end, as it should (Gleser
and Hwang, 1987: no interval of finite length covers such a parameter).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.floor_law import FREE, exponent_limits, floor_law, power_axis
from sigstats.stats.curves.left_out import pseudo_values
from sigstats.stats.scores.polynomials import polynomial_departures
from sigstats.stats.scores.power_law_parts import exponent_axis, means_of_others
from sigstats.stats.scores.reversal import mean_curve

STEPS = 40
MOST_DECADES = 8.0
POWER = 0.8
FINER = 17
NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class LawEstimates:
    """The law of the mean curve; each an estimate with the ends of its interval."""

    # exponent: from 0, where no floor is in sight, to infinity, where all of the fall lies before the second level
    exponent: tuple[float, float, float]
    # floor: in units of the curves; infinite ends where the data set none
    floor: tuple[float, float, float]
    # excess: distance from the floor at the middle of log x
    excess: tuple[float, float, float]
    # jackknife pseudo-values of exponent and log excess, shape (n_seeds,); NaN where a fit has no floor in sight
    exponents: FloatArray
    log_excesses: FloatArray


def law_estimates(
    curves: FloatArray, levels: FloatArray, *, floor: float | None, confidence: float
) -> LawEstimates:
    """Return the law of the mean of curves that rise towards a ceiling.

    Notes
    -----
    *Exponent.* For every value, each seed's distance from the law with it, along the direction in which the law
    changes with the exponent (the score of Rao); Student's t over seeds. Exact where the mean curve follows a law and
    scores are normal. *Floor.* The same for every value of the floor, at the exponent that fits best beside it, whose
    own direction is taken out: exact in the limit of many seeds. *Excess*, and differences of conditions: jackknife
    over seeds.

    References
    ----------
    L. J. Gleser and J. T. Hwang, "The nonexistence of 100(1-a)% confidence sets of finite expected diameter in
    errors-in-variables and related models", Annals of Statistics 15 (1987), https://doi.org/10.1214/aos/1176350597

    R. G. Miller, "The jackknife: a review", Biometrika 61 (1974), https://doi.org/10.1093/biomet/61.1.1
    """
    mean, others = mean_curve(curves), means_of_others(curves)
    own = FREE if floor is None else floor
    low = np.log(levels / levels[0])[-1]
    ends = (0.0, exponent_limits(levels))
    found = floor_law(np.vstack([mean, others]), levels, floor=own, exponents=ends)
    middle = float(np.sqrt(levels[0] * levels[-1]))
    excess = np.abs(found.floor - found.predict([middle])[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(found.at_limit, np.nan, np.log(excess))
    bound = float(special.stdtrit(len(curves) - 1, 0.5 + confidence / 2.0))
    at = np.concatenate([[0.0], np.geomspace(0.02 / low, ends[1], STEPS)])

    def statistic(at: FloatArray) -> FloatArray:
        return _exponent_t(curves, levels, at, floor)

    exponents, sizes = (pseudo_values(each[0], each[1:]) for each in (found.exponent, logs))
    value = float(found.exponent[0])
    return LawEstimates(
        exponent=(value, *_accepted(statistic, at, bound, value, (0.0, np.inf))),
        floor=_floor(curves, levels, mean, float(found.floor[0]), bound)
        if floor is None
        else (floor, floor, floor),
        excess=_exponentiated(float(logs[0]), sizes, bound),
        exponents=exponents,
        log_excesses=sizes,
    )


def _exponent_t(curves: FloatArray, levels: FloatArray, at: FloatArray, floor: float | None) -> FloatArray:
    """Return the t over seeds of the distance from the law with each exponent; falls as the exponent grows."""
    log_x = np.log(levels / levels[0])
    if floor is None:
        columns = [np.ones((at.size, levels.size)), power_axis(log_x, at), exponent_axis(log_x, at)]
    else:
        power = np.exp(-at[:, None] * log_x)
        columns = [power, power * log_x]
    return _t(np.stack(columns, axis=-1), curves, np.full(at.size, floor or 0.0))


def _t(columns: FloatArray, curves: FloatArray, offsets: FloatArray) -> FloatArray:
    """Return the t over seeds along the last column, the others taken out, for each set of columns."""
    seen = ~np.isnan(curves)
    scores = np.empty((len(columns), len(curves)))
    for mask in seen[:1] if seen.all() else np.unique(seen, axis=0):
        rows = (seen == mask).all(axis=1)
        axes = np.linalg.qr(np.where(mask[:, None], columns, 0.0))[0][..., -1]
        axes = axes * np.sign((axes * columns[..., -1]).sum(axis=1, keepdims=True))
        scores[:, rows] = axes @ np.where(mask, curves[rows], 0.0).T - (axes.sum(axis=1) * offsets)[:, None]
    spread = scores.std(axis=1, ddof=1) / np.sqrt(len(curves))
    mean = scores.mean(axis=1)
    return np.asarray(
        np.where(
            spread > 0,
            mean / np.where(spread > 0, spread, 1.0),
            np.where(mean == 0, np.nan, np.copysign(np.inf, mean)),
        )
    )


def _accepted(
    statistic: Callable[[FloatArray], FloatArray],
    grid: FloatArray,
    bound: float,
    value: float,
    open_ends: tuple[float, float],
) -> tuple[float, float]:
    """Return the ends of the accepted stretch around an estimate, or the open ends where it has none."""
    at = np.unique(np.append(grid, value)) if np.isfinite(value) else grid
    inside = np.abs(statistic(at)) <= bound
    if not inside.any():
        return value, value
    accepted = np.flatnonzero(inside)
    nearest = at[accepted] - value if np.isfinite(value) else accepted
    first = last = int(accepted[np.abs(nearest).argmin()])
    while first > 0 and inside[first - 1]:
        first -= 1
    while last < at.size - 1 and inside[last + 1]:
        last += 1
    low = open_ends[0] if first == 0 else _edge(statistic, at[first], at[first - 1], bound)
    high = open_ends[1] if last == at.size - 1 else _edge(statistic, at[last], at[last + 1], bound)
    return min(low, value), max(high, value)


def _edge(
    statistic: Callable[[FloatArray], FloatArray], inside: float, outside: float, bound: float
) -> float:
    """Return the last accepted place on the way from one that is to one that is not."""
    places = np.linspace(inside, outside, FINER)
    excess = np.abs(statistic(places)) - bound
    left_out = np.flatnonzero(~(excess[1:] <= 0))
    cut = int(left_out[0]) + 1 if left_out.size else FINER - 1
    below, above = excess[cut - 1], excess[cut]
    share = below / (below - above) if np.isfinite(above) and below < above else 0.5
    return float(places[cut - 1] + np.clip(share, 0.0, 1.0) * (places[cut] - places[cut - 1]))


def _floor(
    curves: FloatArray, levels: FloatArray, mean: FloatArray, value: float, bound: float
) -> tuple[float, float, float]:
    """Return the ceiling of rising curves with its interval."""
    log_x = np.log(levels / levels[0])
    change = float(np.abs(np.ptp(mean))) or 1.0
    beyond = change * np.concatenate([-np.geomspace(0.3, 1e-3, 16), np.geomspace(1e-3, 300.0, STEPS)])
    at = float(mean[-1]) + beyond
    limits = (1e-3 / log_x[-1], exponent_limits(levels))

    def statistic(at: FloatArray) -> FloatArray:
        fits = floor_law(mean - at[:, None], levels, floor=0.0, exponents=limits)
        power = np.exp(-fits.exponent[:, None] * log_x)
        return _t(np.stack([power, power * log_x, np.ones_like(power)], axis=-1), curves, at)

    return (value, *_accepted(statistic, at, bound, value, (-np.inf, np.inf)))


def _exponentiated(value: float, pseudo: FloatArray, bound: float) -> tuple[float, float, float]:
    half = bound * float(pseudo.std(ddof=1)) / np.sqrt(pseudo.size)
    with np.errstate(over="ignore"):
        low, high = float(np.exp(value - half)), float(np.exp(value + half))
    return float(np.exp(value)), low, high


def decades_more(curves: FloatArray, levels: FloatArray, *, least_bend: float, alpha: float) -> float:
    """Return how many decades more would show the bend of the law as it was fitted, with probability .8.

    The levels go on at the same spacing, with the same seeds and noise. 0 where the levels suffice; infinite where no
    law with a floor fits better than a straight line over log x, or more than 8 decades would be needed.
    """
    log_x = np.log(levels / levels[0])
    mean = mean_curve(curves)
    found = floor_law(mean, levels, floor=FREE)
    if not found.exponent[0] > 0:
        return float("inf")
    n, gap = len(curves), float(np.median(np.diff(log_x)))
    own = polynomial_departures(curves, log_x / log_x[-1])
    spread = float(np.std(-own.quadratic - least_bend * own.effect, ddof=1)) / _height(log_x)
    needed = float(special.stdtrit(n - 1, 1.0 - alpha) + special.stdtrit(n - 1, POWER))
    for more in range(int(MOST_DECADES * np.log(10.0) / gap) + 1):
        longer = np.concatenate([log_x, log_x[-1] + gap * np.arange(1, more + 1)])
        curve = found.predict(levels[0] * np.exp(longer))
        parts = polynomial_departures(curve, longer / longer[-1])
        score = float(-parts.quadratic[0] - least_bend * parts.effect[0])
        if score * np.sqrt(n) >= needed * spread * _height(longer):
            return more * gap / float(np.log(10.0))
    return float("inf")


def _height(log_x: FloatArray) -> float:
    """Return the sd of the bend of a seed whose cells have an sd of 1."""
    x = log_x / log_x[-1]
    basis = np.linalg.qr(np.column_stack([np.ones_like(x), x, x**2]))[0][:, 2]
    return float(np.abs(basis).max())
