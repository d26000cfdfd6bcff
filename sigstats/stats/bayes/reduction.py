"""Observations in groups, reduced to what a model of straight lines needs.

A QR decomposition X = Q R of a group's design reduces its observations to z = Q'y = (sqrt(n) ybar, Sxy /
sqrt(Sxx)) and a residual sum of squares; only 2 x 2 matrices remain, one for each *design* (n, mean of x,
Sxx). Groups observed at the same x share theirs.

Numbers are kept in internal units: x divided by its largest absolute value, y minus the line through all observations
and divided by the scale of what remains. `Reduced.unit_y` and the like lead back to the data's units.

Where the noise of observations differs by known factors k, each counts with the weight 1 / k^2, and n becomes the sum
of the weights. The factors are divided by their geometric mean first, so that no determinant changes.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray, IntArray

_ROUNDING = 16.0 * np.finfo(float).eps  # relative size of residuals that are only rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """Observations of groups, reduced to what a model of straight lines needs; internal units."""

    # n, xbar, root: shape (n_designs,): observations (or sum of their weights), mean of x and square
    # root of Sxx of each design
    n: FloatArray
    xbar: FloatArray
    root: FloatArray
    design: IntArray  # shape (n_groups,): design of each group
    # shape (2, n_groups): sqrt(n) ybar and Sxy / sqrt(Sxx) of each group; 0 where a group has one level
    z: FloatArray
    residual: float  # sum of squares around each group's own line, over all groups
    n_observations: int  # number of observations
    labels: npt.NDArray[np.generic]  # shape (n_groups,): the groups' labels, sorted
    line: tuple[float, float]  # intercept and slope, in data units, that were subtracted from y
    unit_y: (
        float  # unit_y, unit_slope, unit_noise: data units of y, of a slope and of sigma, per internal unit
    )
    unit_slope: float
    unit_noise: float


def reduce_groups(
    x: npt.ArrayLike, y: npt.ArrayLike, group: npt.ArrayLike, noise_scale: npt.ArrayLike | None = None
) -> Reduced:
    """Check observations in groups and reduce them."""
    knob, metric = checks.vector("x", x, min_size=2), checks.vector("y", y, min_size=2)
    labels, index = checks.sorted_labels("group", group)
    checks.same_size(x=knob, y=metric, group=index)
    if np.ptp(knob) == 0.0:
        raise InputError(
            f"`x` has one value, {knob[0]!r}; a slope needs at least two. Pass observations at other levels, "
            f"or use random_effects on one estimate per group."
        )
    scales, unit_scale = _relative(noise_scale, metric)
    order = np.lexsort((metric, knob, scales, index))
    knob, metric, index, scales = knob[order], metric[order], index[order].astype(np.int64), scales[order]
    size_x = float(np.abs(knob).max())
    knob = knob / size_x
    metric, line, unit_y = _centred(knob, metric)
    weights = scales**-2.0
    n, xbar, sxx = _moments(knob, index, weights)
    ybar = np.bincount(index, weights * metric) / n
    deviation = knob - xbar[index]
    sxy = np.bincount(index, weights * deviation * (metric - ybar[index]), len(labels))
    slope = np.divide(sxy, sxx, out=np.zeros_like(sxx), where=sxx > 0.0)
    residuals = metric - ybar[index] - slope[index] * deviation
    exact = _exact(residuals, metric, max(abs(line[0]), abs(line[1])) / unit_y, index, sxx)
    designs, design = np.unique(np.stack([n, xbar, sxx]), axis=1, return_inverse=True)
    return Reduced(
        n=designs[0],
        xbar=designs[1],
        root=np.sqrt(designs[2]),
        design=design.ravel().astype(np.int64),
        z=np.stack([np.sqrt(n) * ybar, slope * np.sqrt(sxx)]),
        residual=0.0 if exact else float(weights @ residuals**2),
        n_observations=metric.size,
        labels=labels,
        line=(line[0], line[1] / size_x),
        unit_y=unit_y,
        unit_slope=unit_y / size_x,
        unit_noise=unit_y / unit_scale,
    )


def _relative(noise_scale: npt.ArrayLike | None, y: FloatArray) -> tuple[FloatArray, float]:
    """Return the noise scales divided by their geometric mean, and that mean."""
    if noise_scale is None:
        return np.ones(y.size), 1.0
    scales = checks.vector("noise_scale", noise_scale)
    checks.same_size(y=y, noise_scale=scales)
    if not np.all(scales > 0.0):
        first = int(np.argmin(scales > 0.0))
        raise InputError(
            f"`noise_scale` holds {scales[first]!r} at position {first}; each must be above 0, the noise sd of the "
            f"observation in units of sigma. Drop observations without information."
        )
    logs = np.log(scales)
    middle = float(np.sort(logs).sum()) / logs.size
    return np.exp(logs - middle), math.exp(middle)


def _centred(x: FloatArray, y: FloatArray) -> tuple[FloatArray, tuple[float, float], float]:
    """Return y without the line through all observations, that line, and y's unit."""
    size = float(np.abs(y).max())
    if size == 0.0:
        return y, (0.0, 0.0), 1.0
    scaled = y / size
    deviation = x - x.mean()
    slope = float(deviation @ scaled) / float(deviation @ deviation)
    intercept = float(scaled.mean()) - slope * float(x.mean())
    rest = scaled - intercept - slope * x
    spread = math.sqrt(float(rest @ rest) / rest.size)
    if spread <= _ROUNDING:
        return np.zeros_like(y), (intercept * size, slope * size), size
    return rest / spread, (intercept * size, slope * size), size * spread


def _moments(
    x: FloatArray, index: IntArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return sum of weights, mean and centred sum of squares of x in each group."""
    count = int(index.max()) + 1
    n = np.asarray(np.bincount(index, weights, count), dtype=np.float64)
    xbar: FloatArray = np.bincount(index, weights * x, count) / n
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, index, x)
    np.maximum.at(high, index, x)
    xbar = np.where(low == high, low, xbar)  # one level: its mean is itself, without rounding
    sxx = np.asarray(np.bincount(index, weights * (x - xbar[index]) ** 2, count), dtype=np.float64)
    return n, xbar, sxx


def _exact(residuals: FloatArray, y: FloatArray, line: float, index: IntArray, sxx: FloatArray) -> bool:
    """Return whether groups lie on their lines up to rounding; raise where they need not have."""
    spare = int(np.sum(np.maximum(np.bincount(index) - 1.0 - (sxx > 0.0), 0.0)))
    size = line + float(np.abs(y).max(initial=0.0))
    exact = bool(np.abs(residuals).max() <= _ROUNDING * size)
    if exact and (spare or not np.any(y)):
        raise no_noise()
    return exact


def no_noise() -> InputError:
    """Return the error for groups whose observations lie on their lines up to rounding."""
    return InputError(
        "`y` does not vary around the groups' own lines, so the likelihood grows without bound as the "
        "noise goes to 0; some residual must exceed rounding. If the measurement error is known, use "
        "random_effects on the slopes with standard errors; if y was rounded, pass it unrounded."
    )
