"""Grouped straight lines with known standard deviations: everything that is Gaussian, in closed form.

The model of one group g with n observations is y = X theta_g + noise, theta_g = (intercept, slope), with
theta_g ~ N(mu, T), T = diag(sigma_alpha^2, sigma_beta^2). In the coordinates z of `reduction`,

    z ~ N(R mu, C),   C = sigma^2 I + R T R',

where R is the triangle of X = Q R. Determinants and covariances are written as sums of positive terms, so
that nothing cancels when a standard deviation is 0 or huge. All functions take the three standard deviations
as arrays of nodes, in internal units; where intercept and slope of a group are correlated, a fourth row holds
sqrt((1 + rho) / (1 - rho)), which is positive as the others are, and keeps the digits of 1 - rho^2.
"""

import math
from dataclasses import dataclass

import numpy as np

from sigstats.stats.bayes.reduction import Reduced
from sigstats.stats.checks import FloatArray, IntArray

_FAR = 1e4  # mean of x over its spread from which 1e-8 of the digits would be lost
_BLOCK = 1 << 17  # nodes times designs handled at once, so that they stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePrior:
    """Normal or flat priors of the mean intercept and the mean slope, internal units."""

    mean: FloatArray  # shape (2,): prior means; 0 where flat
    precision: FloatArray  # shape (2,): one over the prior variances; 0 where flat
    log_constant: float  # log of the normalising constant; for a flat prior, of the density 1 in data units


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanLine:
    """Posterior of the mean line at each node, and the likelihood."""

    log_likelihood: (
        FloatArray  # shape (n_nodes,): log density of y, in internal units, given the standard deviations
    )
    mean: FloatArray  # shape (2, n_nodes): posterior mean of intercept and slope
    covariance: FloatArray  # shape (3, n_nodes): variance of the intercept, covariance, variance of the slope


def mean_line(groups: Reduced, prior: LinePrior, sds: FloatArray) -> MeanLine:
    """Return the posterior of the mean line given the standard deviations."""
    sums, log_determinants = information(
        groups, tables_by_condition(groups, np.zeros_like(groups.design)), sds
    )
    return _combine(groups, prior, center_of(groups), (*sums[:, 0], log_determinants), variances(sds))


def variances(sds: FloatArray) -> FloatArray:
    """Return sigma^2, a, b, det T; and c where a fourth row says how intercepts and slopes correlate."""
    noise, a, b = sds[:3] ** 2
    if len(sds) == 3:
        return np.stack([noise, a, b, a * b])
    odds = sds[3] ** 2
    free = odds / (0.5 + 0.5 * odds) ** 2  # 1 - rho^2
    rho = (odds - 1.0) / (odds + 1.0)
    return np.stack([noise, a, b, free * a * b, rho * sds[1] * sds[2]])


def center_of(groups: Reduced) -> float:
    """Return where x is counted from in `information`: 0, unless x is far from it."""
    n, xbar = groups.n[groups.design], groups.xbar[groups.design]
    mean = float(n @ xbar) / float(n.sum())
    spread = math.sqrt(float(np.mean((xbar - mean) ** 2 + groups.root[groups.design] ** 2 / n)))
    return mean if abs(mean) > _FAR * spread else 0.0


Table = tuple[IntArray, FloatArray]


def tables_by_condition(groups: Reduced, condition: IntArray) -> tuple[Table, ...]:
    """Return what `information` needs to know of the groups of each condition."""
    center = center_of(groups)
    return tuple(
        _table(groups, np.flatnonzero(condition == c), center) for c in range(int(condition.max()) + 1)
    )


def information(groups: Reduced, tables: tuple[Table, ...], sds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what the groups of each condition say about its mean line.

    With A = X'X / sigma^2 and 2 x 2 matrices, R' C^-1 R = (A^-1 + T)^-1 = (A + det A adj T) / det(I + T A), which is
    linear in sigma^2 and the entries of T once divided by det C.
    """
    entries = variances(sds)
    rows = max(1, _BLOCK // groups.n.size)
    parts = [_sums(groups, tables, entries[:, i : i + rows]) for i in range(0, sds.shape[1], rows)]
    return np.concatenate([part[0] for part in parts], axis=2), np.concatenate([part[1] for part in parts])


def _table(groups: Reduced, members: IntArray, center: float) -> Table:
    """Return the designs of some groups, and what each adds to the sums before division by det C."""
    designs, d = np.unique(groups.design[members], return_inverse=True)
    z1, z2 = groups.z[:, members]
    n, root, xbar = (v[groups.design[members]] for v in (groups.n, groups.root, groups.xbar))
    m, spread = xbar - center, n * root**2
    u1, u2 = np.sqrt(n) * z1, np.sqrt(n) * m * z1 + root * z2  # X'y
    e, g = root * z1 - np.sqrt(n) * xbar * z2, np.sqrt(n) * z2  # adj(R) z
    f1, f2 = np.sqrt(n) * root * e, np.sqrt(n) * root * g
    zero = np.zeros(d.size)
    each = [
        [n, n * m, root**2 + n * m * m, u1, u2, z1 * z1 + z2 * z2],
        [zero, zero, spread, zero, f2, g * g],
        [spread, -center * spread, center**2 * spread, f1, -center * f1, e * e],
        [zero, -spread, 2.0 * center * spread, -f2, center * f2 - f1, -2.0 * e * g],
    ]
    sums = np.array([[np.bincount(d, entry, designs.size) for entry in row] for row in each])
    return designs, sums.transpose(0, 2, 1)


def _sums(groups: Reduced, tables: tuple[Table, ...], entries: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the sums of each condition and the log determinants, for a block of nodes."""
    determinant = _determinant(groups.n, groups.xbar, groups.root, entries[..., None])
    factors = entries[[0, 1, 2, 4][: len(entries) - 1]]
    inverse = 1.0 / determinant
    sums = []
    for designs, table in tables:
        own = inverse if designs.size == groups.n.size else inverse[:, designs]
        sums.append(sum(factor * (own @ part).T for factor, part in zip(factors, table, strict=False)))
    count = np.bincount(groups.design, minlength=groups.n.size).astype(float)
    return np.stack(sums, axis=1), np.log(determinant) @ count


def _determinant(n: FloatArray, xbar: FloatArray, root: FloatArray, entries: FloatArray) -> FloatArray:
    """Return det C."""
    noise, a, b, product = entries[:4]
    spread = root**2
    trace = n * a + (spread + n * xbar**2) * b
    if len(entries) == 5:
        trace = trace + 2.0 * n * xbar * entries[4]
    return np.asarray(noise * (noise + trace) + (n * spread) * product)


def _combine(
    groups: Reduced, prior: LinePrior, center: float, sums: tuple[FloatArray, ...], entries: FloatArray
) -> MeanLine:
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
        misfit[cancelled] = _misfit(groups, mean[:, cancelled], entries[:, cancelled])
    misfit += d1 * (e1 - center * e2) ** 2 + d2 * e2 * e2 + groups.residual / entries[0]
    logs = (groups.n_observations - 2 * groups.labels.size) * np.log(entries[0]) + log_determinants
    constant = prior.log_constant - 0.5 * groups.n_observations * math.log(2.0 * math.pi)
    v11, v12, v22 = q22 / determinant, -q12 / determinant, q11 / determinant
    return MeanLine(
        log_likelihood=constant + math.log(2.0 * math.pi) - 0.5 * (logs + np.log(determinant) + misfit),
        mean=mean,
        covariance=np.stack([v11 - 2.0 * center * v12 + center**2 * v22, v12 - center * v22, v22]),
    )


def _misfit(groups: Reduced, mean: FloatArray, entries: FloatArray) -> FloatArray:
    """Return the quadratic form of each node from the groups' deviations, where the sums cancel."""
    d, (noise, a, b) = groups.design, entries[:3, None, :]
    n, root, xbar = (v[d][:, None] for v in (groups.n, groups.root, groups.xbar))
    e1 = groups.z[0][:, None] - np.sqrt(n) * (mean[0] + xbar * mean[1])
    e2 = groups.z[1][:, None] - root * mean[1]
    e, g = root * e1 - np.sqrt(n) * xbar * e2, np.sqrt(n) * e2
    form = noise * (e1 * e1 + e2 * e2) + b * e * e + a * g * g
    if len(entries) == 5:
        form = form - 2.0 * entries[4] * e * g
    return np.asarray((form / _determinant(n, xbar, root, entries[:, None, :])).sum(axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLines:
    """Posterior of the groups' lines at each node."""

    # shape (2, 2, n_designs, n_nodes): what a group's mean line takes over from the mean line: theta_g
    # = carry mu + own
    carry: FloatArray
    own: FloatArray  # shape (2, n_groups, n_nodes): what it takes from its own observations
    # shape (3, n_designs, n_nodes): covariance of a group's line given the mean line: of the intercept,
    # mixed, of the slope
    covariance: FloatArray


def shrunken(
    spread: tuple[FloatArray, ...], information: tuple[FloatArray, ...], determinant: FloatArray
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Return (I + T A)^-1 and the entries of (I + T A)^-1 T, from the entries of T and A and det(I + T A)."""
    (a, b, c, product), (a11, a12, a22) = spread, information
    keep = np.array(
        [[1.0 + c * a12 + b * a22, -a * a12 - c * a22], [-c * a11 - b * a12, 1.0 + a * a11 + c * a12]]
    )
    covariance = (a + product * a22, c - product * a12, b + product * a11)
    return keep / determinant, tuple(entry / determinant for entry in covariance)


def group_lines(groups: Reduced, sds: FloatArray) -> GroupLines:
    """Return the posterior of each group's line given the mean line and the standard deviations."""
    entries = variances(sds)
    noise, a, b, product = entries[:4]
    c = entries[4] if len(entries) == 5 else np.zeros_like(noise)
    n, root, xbar = (v[:, None] for v in (groups.n, groups.root, groups.xbar))
    a11, a12, a22 = n / noise, n * xbar / noise, (root**2 + n * xbar**2) / noise
    determinant = 1.0 + a * a11 + b * a22 + 2.0 * c * a12 + product * (n / noise) * (root**2 / noise)
    keep, (w11, w12, w22) = shrunken((a, b, c, product), (a11, a12, a22), determinant)
    z1, z2 = groups.z[..., None]
    d = groups.design
    xy1 = np.sqrt(groups.n[d])[:, None] * z1 / noise
    xy2 = (
        np.sqrt(groups.n[d])[:, None] * groups.xbar[d][:, None] * z1 + groups.root[d][:, None] * z2
    ) / noise
    own = np.stack([w11[d] * xy1 + w12[d] * xy2, w12[d] * xy1 + w22[d] * xy2])
    return GroupLines(carry=keep, own=own, covariance=np.stack([w11, w12, w22]))
