"""Grouped straight lines with known standard deviations: everything that is Gaussian, in closed form.

The model of one group g with n observations is y = X theta_g + noise, theta_g = (intercept, slope), with
theta_g ~ N(mu, T), T = diag(sigma_alpha^2, sigma_beta^2). A QR decomposition X = Q R reduces the observations
to z = Q'y = (sqrt(n) ybar, Sxy / sqrt(Sxx)) and a residual sum of squares, so that

    z ~ N(R mu, C),   C = sigma^2 I + R T R',

and only 2 x 2 matrices remain, one for each *design* (n, mean of x, Sxx). Groups observed at the same x share
theirs. Determinants and covariances are written as sums of positive terms, so that nothing cancels when a
standard deviation is 0 or huge. All functions take the three standard deviations as arrays of nodes.

Everything here is in internal units: x divided by its largest absolute value, y minus the line through all
observations and divided by the scale of what remains. `Reduced.unit_...` lead back to the data's units.
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
    """Observations of groups, reduced to what a model of straight lines needs; internal units.

    Attributes
    ----------
    n, xbar, root : ndarray, shape (n_designs,)
        Observations, mean of x and square root of Sxx of each design.
    design : ndarray of int, shape (n_groups,)
        Design of each group.
    z : ndarray, shape (2, n_groups)
        sqrt(n) ybar and Sxy / sqrt(Sxx) of each group; 0 where a group has one level.
    residual : float
        Sum of squares around each group's own line, over all groups.
    n_observations : int
        Number of observations.
    labels : ndarray, shape (n_groups,)
        The groups' labels, sorted.
    line : tuple of float
        Intercept and slope, in data units, that were subtracted from y.
    unit_y, unit_slope : float
        Data units of y, and of a slope, per internal unit.
    """

    n: FloatArray
    xbar: FloatArray
    root: FloatArray
    design: IntArray
    z: FloatArray
    residual: float
    n_observations: int
    labels: npt.NDArray[np.generic]
    line: tuple[float, float]
    unit_y: float
    unit_slope: float


def reduce_groups(x: npt.ArrayLike, y: npt.ArrayLike, group: npt.ArrayLike) -> Reduced:
    """Check observations in groups and reduce them.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Knob and metric; finite. x takes at least two values.
    group : array_like, shape (n,)
        Label of each observation's group.

    Returns
    -------
    Reduced
        Designs, coordinates and residual sum of squares.
    """
    knob, metric = checks.vector("x", x, min_size=2), checks.vector("y", y, min_size=2)
    labels, index = _labels(group)
    checks.same_size(x=knob, y=metric, group=index)
    if np.ptp(knob) == 0.0:
        raise InputError(
            f"`x` has one value, {knob[0]!r}; a slope needs at least two. Pass observations at other levels, "
            f"or use random_effects on one estimate per group."
        )
    order = np.lexsort((metric, knob, index))
    knob, metric, index = knob[order], metric[order], index[order].astype(np.int64)
    size_x = float(np.abs(knob).max())
    knob = knob / size_x
    metric, line, unit_y = _centred(knob, metric)
    n, xbar, sxx = _moments(knob, index, len(labels))
    ybar = np.bincount(index, metric) / n
    deviation = knob - xbar[index]
    sxy = np.bincount(index, deviation * (metric - ybar[index]), len(labels))
    slope = np.divide(sxy, sxx, out=np.zeros_like(sxx), where=sxx > 0.0)
    residuals = metric - ybar[index] - slope[index] * deviation
    designs, design = np.unique(np.stack([n, xbar, sxx]), axis=1, return_inverse=True)
    return Reduced(
        n=designs[0],
        xbar=designs[1],
        root=np.sqrt(designs[2]),
        design=design.ravel().astype(np.int64),
        z=np.stack([np.sqrt(n) * ybar, slope * np.sqrt(sxx)]),
        residual=_residual(residuals, metric, line, unit_y, n, sxx),
        n_observations=metric.size,
        labels=labels,
        line=(line[0], line[1] / size_x),
        unit_y=unit_y,
        unit_slope=unit_y / size_x,
    )


def _labels(group: npt.ArrayLike) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.intp]]:
    """Return the sorted labels and each observation's place among them."""
    given = np.asarray(group)
    if given.ndim != 1:
        raise InputError(f"`group` has {given.ndim} dimensions; it must have one label per observation.")
    if given.dtype.kind == "f" and not np.all(np.isfinite(given)):
        raise InputError(
            "`group` holds NaN or infinite labels; each observation needs a group. Drop these rows."
        )
    try:
        labels, index = np.unique(given, return_inverse=True)
    except TypeError:
        raise InputError(
            "`group` mixes labels that cannot be sorted together. Convert them to text first."
        ) from None
    return labels, index.ravel()


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


def _moments(x: FloatArray, index: IntArray, count: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return number, mean and centred sum of squares of x in each group."""
    n = np.asarray(np.bincount(index, minlength=count), dtype=np.float64)
    xbar: FloatArray = np.bincount(index, x, count) / n
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, index, x)
    np.maximum.at(high, index, x)
    xbar = np.where(low == high, low, xbar)  # one level: its mean is itself, without rounding
    sxx = np.asarray(np.bincount(index, (x - xbar[index]) ** 2, count), dtype=np.float64)
    return n, xbar, sxx


def _residual(
    residuals: FloatArray,
    y: FloatArray,
    line: tuple[float, float],
    unit_y: float,
    n: FloatArray,
    sxx: FloatArray,
) -> float:
    """Return the residual sum of squares; raise where groups lie on their lines up to rounding."""
    spare = int(np.sum(np.maximum(n - 1.0 - (sxx > 0.0), 0.0)))
    size = max(abs(line[0]), abs(line[1])) / unit_y + float(np.abs(y).max(initial=0.0))
    exact = float(np.abs(residuals).max()) <= _ROUNDING * size
    if exact and (spare or not np.any(y)):
        raise InputError(
            "`y` does not vary around the groups' own lines, so the likelihood grows without bound as the "
            "noise goes to 0; some residual must exceed rounding. If the measurement error is known, use "
            "random_effects on the slopes with standard errors; if y was rounded, pass it unrounded."
        )
    return 0.0 if exact else float(residuals @ residuals)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePrior:
    """Normal or flat priors of the mean intercept and the mean slope, internal units.

    Attributes
    ----------
    mean : ndarray, shape (2,)
        Prior means; 0 where flat.
    precision : ndarray, shape (2,)
        One over the prior variances; 0 where flat.
    log_constant : float
        Log of the normalising constant; for a flat prior, of the density 1 in data units.
    """

    mean: FloatArray
    precision: FloatArray
    log_constant: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Posterior of the mean line at each node, and the likelihood.

    Attributes
    ----------
    log_likelihood : ndarray, shape (n_nodes,)
        Log density of y, in internal units, given the standard deviations.
    mean : ndarray, shape (2, n_nodes)
        Posterior mean of intercept and slope.
    covariance : ndarray, shape (3, n_nodes)
        Variance of the intercept, covariance, variance of the slope.
    """

    log_likelihood: FloatArray
    mean: FloatArray
    covariance: FloatArray


_FAR = 1e4  # mean of x over its spread from which 1e-8 of the digits would be lost
_BLOCK = 1 << 17  # nodes times designs handled at once, so that they stay in the processor's cache


def mean_line(groups: Reduced, prior: LinePrior, sds: FloatArray) -> Lines:
    """Return the posterior of the mean line given the standard deviations.

    Parameters
    ----------
    groups : Reduced
        The data.
    prior : LinePrior
        Prior of the mean line.
    sds : ndarray, shape (3, n_nodes)
        sigma, sigma_alpha, sigma_beta; internal units.

    Returns
    -------
    Lines
        Likelihood, mean and covariance at each node.
    """
    center = _center(groups)
    tables = _tables(groups, center)
    squares = sds**2
    rows = max(1, _BLOCK // groups.n.size)
    parts = [_information(groups, tables, squares[:, i : i + rows]) for i in range(0, sds.shape[1], rows)]
    return _combine(groups, prior, center, np.concatenate(parts, axis=1), squares)


def _center(groups: Reduced) -> float:
    """Return where x is counted from while the mean line is solved for: 0, unless x is far from it."""
    n, xbar = groups.n[groups.design], groups.xbar[groups.design]
    mean = float(n @ xbar) / groups.n_observations
    spread = math.sqrt(float(np.mean((xbar - mean) ** 2 + groups.root[groups.design] ** 2 / n)))
    return mean if abs(mean) > _FAR * spread else 0.0


def _tables(groups: Reduced, center: float) -> FloatArray:
    """Return what each design adds to information, score and square, before division by det C.

    With A = X'X / sigma^2 and 2 x 2 matrices, R' C^-1 R = (A^-1 + T)^-1 = (A + det A adj T) / det(I + T A):
    linear in the three variances. Shape (3, n_designs, 6): factors of sigma^2, sigma_alpha^2, sigma_beta^2;
    then P11, P12, P22, h1, h2, q, with x counted from `center`.
    """
    d, (z1, z2) = groups.design, groups.z
    n, root, xbar = groups.n[d], groups.root[d], groups.xbar[d]
    m, spread = xbar - center, groups.n[d] * groups.root[d] ** 2
    u1, u2 = np.sqrt(n) * z1, np.sqrt(n) * m * z1 + root * z2  # X'y
    e = root * z1 - np.sqrt(n) * xbar * z2
    f1, f2 = np.sqrt(n) * root * e, n * root * z2
    zero = np.zeros(d.size)
    each = [
        [n, n * m, root**2 + n * m * m, u1, u2, z1 * z1 + z2 * z2],
        [zero, zero, spread, zero, f2, n * z2 * z2],
        [spread, -center * spread, center**2 * spread, f1, -center * f1, e * e],
    ]
    return np.array([[np.bincount(d, entry, groups.n.size) for entry in row] for row in each]).transpose(
        0, 2, 1
    )


def _information(groups: Reduced, tables: FloatArray, squares: FloatArray) -> FloatArray:
    """Return P11, P12, P22, h1, h2, q and the log determinants, shape (7, n_nodes)."""
    noise, a, b = squares[..., None]
    n, spread = groups.n, groups.root**2
    determinant = noise * (noise + n * a + (spread + n * groups.xbar**2) * b) + (n * spread) * (a * b)
    inverse = 1.0 / determinant
    sums = sum(squares[k] * (inverse @ tables[k]).T for k in range(3))
    count = np.bincount(groups.design, minlength=n.size).astype(float)
    return np.concatenate([sums, (np.log(determinant) @ count)[None, :]])


def _combine(
    groups: Reduced, prior: LinePrior, center: float, sums: FloatArray, squares: FloatArray
) -> Lines:
    """Return the posterior of the mean line from information and score, x counted from its mean."""
    p11, p12, p22, h1, h2, q, log_determinants = sums
    (d1, d2), (m1, m2) = prior.precision, prior.mean
    m1 = m1 + center * m2  # the prior intercept at the mean of x
    q11, q12, q22 = p11 + d1, p12 - center * d1, p22 + d2 + center**2 * d1
    determinant = q11 * q22 - q12 * q12
    r1, r2 = h1 - p11 * m1 - p12 * m2, h2 - p12 * m1 - p22 * m2
    e1, e2 = (q22 * r1 - q12 * r2) / determinant, (q11 * r2 - q12 * r1) / determinant
    u1, u2 = m1 + e1, m2 + e2
    misfit = q - 2.0 * (u1 * h1 + u2 * h2) + u1 * u1 * p11 + 2.0 * u1 * u2 * p12 + u2 * u2 * p22
    mean = np.stack([u1 - center * u2, u2])
    cancelled = misfit < 1e-9 * q
    if np.any(cancelled):
        misfit[cancelled] = _misfit(groups, mean[:, cancelled], squares[:, cancelled])
    misfit += d1 * (e1 - center * e2) ** 2 + d2 * e2 * e2 + groups.residual / squares[0]
    logs = (groups.n_observations - 2 * groups.labels.size) * np.log(squares[0]) + log_determinants
    constant = prior.log_constant - 0.5 * groups.n_observations * math.log(2.0 * math.pi)
    v11, v12, v22 = q22 / determinant, -q12 / determinant, q11 / determinant
    return Lines(
        log_likelihood=constant + math.log(2.0 * math.pi) - 0.5 * (logs + np.log(determinant) + misfit),
        mean=mean,
        covariance=np.stack([v11 - 2.0 * center * v12 + center**2 * v22, v12 - center * v22, v22]),
    )


def _misfit(groups: Reduced, mean: FloatArray, squares: FloatArray) -> FloatArray:
    """Return the quadratic form of each node from the groups' deviations, where the sums cancel."""
    d, (noise, a, b) = groups.design, squares[:, None, :]
    n, root, xbar = (v[d][:, None] for v in (groups.n, groups.root, groups.xbar))
    e1 = groups.z[0][:, None] - np.sqrt(n) * (mean[0] + xbar * mean[1])
    e2 = groups.z[1][:, None] - root * mean[1]
    extra = n * a + (root**2 + n * xbar**2) * b
    determinant = noise * (noise + extra) + n * root**2 * a * b
    form = noise * (e1 * e1 + e2 * e2) + b * (root * e1 - np.sqrt(n) * xbar * e2) ** 2 + a * n * e2 * e2
    return np.asarray((form / determinant).sum(axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLines:
    """Posterior of the groups' lines at each node.

    Attributes
    ----------
    carry : ndarray, shape (2, 2, n_designs, n_nodes)
        What a group's mean line takes over from the mean line: theta_g = carry mu + own.
    own : ndarray, shape (2, n_groups, n_nodes)
        What it takes from its own observations.
    covariance : ndarray, shape (3, n_designs, n_nodes)
        Covariance of a group's line given the mean line: of the intercept, mixed, of the slope.
    """

    carry: FloatArray
    own: FloatArray
    covariance: FloatArray


def group_lines(groups: Reduced, sds: FloatArray) -> GroupLines:
    """Return the posterior of each group's line given the mean line and the standard deviations.

    Parameters
    ----------
    groups : Reduced
        The data.
    sds : ndarray, shape (3, n_nodes)
        sigma, sigma_alpha, sigma_beta; internal units.

    Returns
    -------
    GroupLines
        Shrinkage, own part and covariance.
    """
    noise, a, b = sds[0] ** 2, sds[1] ** 2, sds[2] ** 2
    n, root, xbar = (v[:, None] for v in (groups.n, groups.root, groups.xbar))
    a11, a12, a22 = n / noise, n * xbar / noise, (root**2 + n * xbar**2) / noise
    determinant = 1.0 + a * a11 + b * a22 + a * b * (n / noise) * (root**2 / noise)
    keep = np.array([[1.0 + b * a22, -a * a12], [-b * a12, 1.0 + a * a11]]) / determinant
    w11, w12, w22 = keep[0, 0] * a, keep[0, 1] * b, keep[1, 1] * b
    z1, z2 = groups.z[..., None]
    d = groups.design
    xy1 = np.sqrt(groups.n[d])[:, None] * z1 / noise
    xy2 = (
        np.sqrt(groups.n[d])[:, None] * groups.xbar[d][:, None] * z1 + groups.root[d][:, None] * z2
    ) / noise
    own = np.stack([w11[d] * xy1 + w12[d] * xy2, w12[d] * xy1 + w22[d] * xy2])
    return GroupLines(carry=keep, own=own, covariance=np.stack([w11, w12, w22]))
