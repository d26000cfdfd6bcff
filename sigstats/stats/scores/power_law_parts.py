"""Does a curve follow E + A x^-a? Per seed: how far it changes, bends and departs, with an exponent from the others.

The exponent alone makes the law nonlinear. Each seed is scored at the exponent of the law that fits the other seeds'
mean curve, so that nothing is chosen and tested on the same seed. At that exponent the law is a line along
(1 - x^-a) / a. What a slightly different exponent would add to it is taken out as well: to first order, the departures
do not depend on the exponent that was found (Neyman, 1959).
"""

from dataclasses import dataclass

import numpy as np

from sigstats.stats.checks import BoolArray, FloatArray
from sigstats.stats.curves.floor_law import FREE, floor_law, power_axis
from sigstats.stats.scores.polynomials import polynomial_departures
from sigstats.stats.scores.reversal import mean_curve

FEWEST = 5
# Below this product of exponent and log x, a series is more exact than the formula.
SMALL = 1e-2
REFERENCE = 2.0
MOST_KNOTS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class LawParts:
    """Parts of each seed's curve, in units of the curves; NaN for seeds seen at fewer than 5 levels."""

    # shape (n_seeds,): change from the first to the last level along a law with a fixed exponent
    change: FloatArray
    # shape (n_seeds,): peak departure of its parabola from the straight line in log x, positive where it slows down
    bend: FloatArray
    # shape (n_seeds,): change of the straight line in log x
    line: FloatArray
    # shape (n_seeds, n_parts): peak departures from the law that no exponent takes away
    departures: FloatArray
    # shape (n_seeds,): how much nearer the seed is to the others' law than to their broken line
    nearer: FloatArray
    # shape (n_seeds,): exponent that each seed was scored with
    exponent: FloatArray


def law_parts(curves: FloatArray, levels: FloatArray, *, floor: float | None) -> LawParts:
    """Score each seed at the exponent of the others; `floor` None leaves the floor to the data."""
    return parts_given(curves, means_of_others(curves), levels, floor=floor)


def parts_given(
    curves: FloatArray, others: FloatArray, levels: FloatArray, *, floor: float | None
) -> LawParts:
    """Score each row of `curves` at the exponent of the same row of `others`."""
    log_x = np.log(levels / levels[0])
    enough = (~np.isnan(curves)).sum(axis=1) >= FEWEST
    seen = ~np.isnan(curves) & enough[:, None]
    law = floor_law(others, levels, floor=FREE if floor is None else floor)
    exponent = np.nan_to_num(law.exponent)
    polynomial = polynomial_departures(curves, log_x / log_x[-1])
    return LawParts(
        change=_if(enough, change_along(curves, log_x)),
        bend=_if(enough, -polynomial.quadratic),
        line=_if(enough, polynomial.effect),
        departures=_if(enough, _departures(curves, log_x, seen, exponent, floor)),
        nearer=_if(enough, _nearer(curves, law.predict(levels), _broken_lines(others, log_x), seen)),
        exponent=exponent,
    )


def change_along(curves: FloatArray, log_x: FloatArray) -> FloatArray:
    """Return each seed's change from first to last level along a law that is fixed beforehand.

    Its exponent is 2 over the logarithm of the range, in the middle of those that can be told from a line and from a
    step: a weighted sum of the levels, the same for every seed, whose mean is 0 where the mean curve is flat.
    """
    seen = ~np.isnan(curves)
    along = np.where(seen, power_axis(log_x / log_x[-1], np.array([REFERENCE])), 0.0)
    count = np.maximum(seen.sum(axis=1), 1)[:, None]
    across = np.where(seen, along - along.sum(axis=1)[:, None] / count, 0.0)
    size = (across**2).sum(axis=1)
    slope = (across * np.where(seen, curves, 0.0)).sum(axis=1) / np.where(size > 0, size, np.nan)
    return np.asarray(slope * -np.expm1(-REFERENCE) / REFERENCE)


def exponent_parts(
    curves: FloatArray, levels: FloatArray, ends: tuple[float, float], *, floor: float | None
) -> FloatArray:
    """Return how far each rising seed lies on the inner side of the laws with two exponents, shape (n_seeds, 2).

    Along the direction in which the law with an exponent changes with it, everything else of the law taken out, a law
    with that very exponent has mean 0: nothing is fitted, and Student's t holds (the score test of Rao, 1948).
    """
    low, high = (_beyond(curves, levels, end, floor) for end in ends)
    return np.stack([low, -high], axis=1)


def _beyond(curves: FloatArray, levels: FloatArray, exponent: float, floor: float | None) -> FloatArray:
    """Return how far each seed lies beyond the law with an exponent, positive where its own is larger."""
    seen = ~np.isnan(curves)
    log_x = np.log(levels / levels[0])
    alone = np.array([exponent])
    if floor is None:
        columns = [np.ones_like(log_x), power_axis(log_x, alone)[0], exponent_axis(log_x, alone)[0]]
    else:
        power = np.exp(-exponent * log_x)
        columns = [power, power * log_x]
    axis = last_axis(np.stack(columns, axis=-1), seen)
    values = np.where(seen, curves - (floor or 0.0), 0.0)
    found = (axis * values).sum(axis=1) * np.abs(axis).max(axis=1)
    return _if(seen.sum(axis=1) >= FEWEST, found)


def last_axis(columns: FloatArray, seen: BoolArray) -> FloatArray:
    """Return the part of the last column at right angles to the others, of length 1, on each seed's own levels."""
    scaled = columns / np.abs(columns).max(axis=0)
    alike, group = np.unique(seen, axis=0, return_inverse=True)
    axes = []
    for mask in alike:
        q, r = np.linalg.qr(np.where(mask[:, None], scaled, 0.0))
        axes.append(q[:, -1] * np.sign(r[-1, -1]))
    return np.asarray(np.stack(axes)[group.ravel()])


def means_of_others(curves: FloatArray) -> FloatArray:
    """Return for each seed the mean curve of the other seeds; NaN for a seed on its own."""
    if len(curves) < 2:
        return np.full_like(curves, np.nan)
    if not np.isnan(curves).any():
        return np.asarray((curves.sum(axis=0) - curves) / (len(curves) - 1))
    return np.stack([mean_curve(np.delete(curves, row, axis=0)) for row in range(len(curves))])


def exponent_axis(log_x: FloatArray, exponents: FloatArray) -> FloatArray:
    """Return how (1 - x^-a) / a changes with a, shape (n_exponents, n_levels)."""
    product = exponents[:, None] * log_x
    series = -0.5 + product / 3.0 - product**2 / 8.0 + product**3 / 30.0
    safe = np.where(np.abs(product) < SMALL, 1.0, product)
    exact = ((1.0 + safe) * np.exp(-safe) - 1.0) / safe**2
    return np.asarray(log_x**2 * np.where(np.abs(product) < SMALL, series, exact))


def _if(enough: BoolArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.where(enough.reshape(-1, *[1] * (values.ndim - 1)), values, np.nan))


def _departures(
    curves: FloatArray, log_x: FloatArray, seen: BoolArray, exponent: FloatArray, floor: float | None
) -> FloatArray:
    """Return the peak departures along two curves at right angles to the law and to its change with the exponent."""
    place = np.broadcast_to(2.0 * log_x / log_x[-1] - 1.0, curves.shape)
    law, shift = power_axis(log_x, exponent), exponent_axis(log_x, exponent)
    if floor is None:
        columns = [np.ones_like(curves), law, shift, place**3, place**4]
    else:
        power = np.exp(-exponent[:, None] * log_x)
        columns = [power, power * log_x, np.ones_like(curves), place**3]
    columns = [each / np.abs(each).max(axis=1, keepdims=True) for each in columns]
    basis = np.where(seen[..., None], np.stack(columns, axis=-1), 0.0)
    axes = np.linalg.qr(basis)[0][..., -2:]
    values = np.where(seen, curves - (floor or 0.0), 0.0)
    return np.asarray((axes * values[..., None]).sum(axis=1) * np.abs(axes).max(axis=1))


def _broken_lines(curves: FloatArray, log_x: FloatArray) -> FloatArray:
    """Return the best two straight lines in log x that meet, with two levels at least on each side."""
    x = log_x / log_x[-1]
    last = x.size - 2
    number = min(4 * (last - 1) + 1, MOST_KNOTS)
    knots = np.interp(np.linspace(1, last, number), np.arange(x.size), x)[:, None]
    ones = np.ones((number, x.size))
    design = np.stack([ones, ones * x, np.maximum(x - knots, 0.0)], axis=-1)
    axes = np.linalg.qr(design)[0]
    explained = ((curves @ axes) ** 2).sum(axis=-1)
    best = axes[explained.argmax(axis=0)]
    return np.asarray((best @ (curves[:, None] @ best).swapaxes(1, 2))[..., 0])


def _nearer(curves: FloatArray, law: FloatArray, broken: FloatArray, seen: BoolArray) -> FloatArray:
    """Return each seed's place between two predicted curves, 0 halfway, in units of the curves."""
    count = np.maximum(seen.sum(axis=1), 1)[:, None]

    def centred(values: FloatArray) -> FloatArray:
        return np.where(seen, values - np.where(seen, values, 0.0).sum(axis=1)[:, None] / count, 0.0)

    gap = centred(law - broken)
    size = np.sqrt((gap**2).sum(axis=1))
    along = (centred(curves - (law + broken) / 2.0) * gap).sum(axis=1)
    return np.asarray(along / np.where(size > 0, size, 1.0))
