"""Grouped straight lines where the weights of observations differ from node to node.

`grouped` reduces observations once, for all standard deviations. Where the noise of single observations
is itself unknown, each node has its own weights, and the sums over a group's observations are made at every node. The
algebra is the same: with A = X'WX / sigma^2 and u = X'Wy / sigma^2 in a group,

    (I + T A)^-1 = keep,   cov(theta | mu) = keep T,   information on mu = A keep,   score = keep' u.
"""

import math
from dataclasses import dataclass

import numpy as np

from sigstats.stats.bayes.grouped import GroupLines, LinePrior, MeanLine, shrunken, variances
from sigstats.stats.bayes.reduction import Reduced
from sigstats.stats.checks import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Single observations in internal units."""

    x: FloatArray  # x, y: shape (n,): knob, and metric without the line through all observations
    y: FloatArray
    group: IntArray  # shape (n,): group of each
    member: FloatArray  # shape (n, n_groups): 1 where an observation belongs to a group, else 0


def rows_of(groups: Reduced, x: FloatArray, y: FloatArray, index: IntArray) -> Rows:
    """Return observations in the internal units of their reduction, in an order that depends on their values only."""
    order = np.lexsort((y, x, index))
    x, y, index = x[order], y[order], index[order]
    member = np.equal.outer(index, np.arange(groups.labels.size)).astype(float)
    metric = (y - groups.line[0] - groups.line[1] * x) / groups.unit_y
    return Rows(x=x * (groups.unit_slope / groups.unit_y), y=metric, group=index, member=member)


def weighted_lines(
    rows: Rows, prior: LinePrior, sds: FloatArray, weights: FloatArray
) -> tuple[MeanLine, GroupLines]:
    """Return the posterior of all lines given standard deviations and weights."""
    entries = variances(sds)
    noise, a, b, product = entries[:4]
    c = entries[4] if len(entries) == 5 else np.zeros_like(noise)
    x, y, member = rows.x[:, None], rows.y[:, None], rows.member.T
    scaled = weights / noise
    a11, a12, a22 = (member @ (scaled * power) for power in (1.0, x, x * x))
    u1, u2 = member @ (scaled * y), member @ (scaled * x * y)
    determinant = 1.0 + a * a11 + b * a22 + 2.0 * c * a12 + product * np.maximum(a11 * a22 - a12 * a12, 0.0)
    keep, (w11, w12, w22) = shrunken((a, b, c, product), (a11, a12, a22), determinant)
    own = np.stack([w11 * u1 + w12 * u2, w12 * u1 + w22 * u2])
    information = np.einsum("ijgk,jlgk->ilk", np.array([[a11, a12], [a12, a22]]), keep)
    score = np.einsum("jigk,jgk->ik", keep, np.stack([u1, u2]))
    square = (scaled * y * y).sum(axis=0) - (u1 * own[0] + u2 * own[1]).sum(axis=0)
    logs = rows.y.size * np.log(noise) - np.log(weights).sum(axis=0) + np.log(determinant).sum(axis=0)
    lines = _mean(prior, information, score, square, logs + rows.y.size * math.log(2.0 * math.pi))
    return lines, GroupLines(carry=keep, own=own, covariance=np.stack([w11, w12, w22]))


def _mean(
    prior: LinePrior, information: FloatArray, score: FloatArray, square: FloatArray, logs: FloatArray
) -> MeanLine:
    """Return the posterior of the mean line from what all groups say of it."""
    (m1, m2), (d1, d2) = prior.mean, prior.precision
    (p11, p12), (_, p22) = information
    r1, r2 = score[0] - p11 * m1 - p12 * m2, score[1] - p12 * m1 - p22 * m2
    q11, q22 = p11 + d1, p22 + d2
    determinant = q11 * q22 - p12 * p12
    v11, v12, v22 = q22 / determinant, -p12 / determinant, q11 / determinant
    e1, e2 = v11 * r1 + v12 * r2, v12 * r1 + v22 * r2
    square = square - 2.0 * (m1 * score[0] + m2 * score[1])
    square = square + m1 * m1 * p11 + 2.0 * m1 * m2 * p12 + m2 * m2 * p22
    misfit = square - e1 * r1 - e2 * r2
    constant = prior.log_constant + math.log(2.0 * math.pi)
    return MeanLine(
        log_likelihood=constant - 0.5 * (logs + np.log(determinant) + misfit),
        mean=np.stack([m1 + e1, m2 + e2]),
        covariance=np.stack([v11, v12, v22]),
    )
