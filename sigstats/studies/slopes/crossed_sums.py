"""Sums of tables of slopes, one table of seeds and items for each condition."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def item_scale(tables: Sequence[tuple[FloatArray, ...]], weights: Sequence[FloatArray]) -> float:
    """Return the sd over items of a weighted sum or of a difference of two, at least twice what the rest adds."""
    each = list(zip(weights, tables, strict=True))
    values = items_of(*each[0]) if len(each) == 1 else items_of(*each[0]) - items_of(*each[1])
    noise = math.hypot(*(rest_sd(own) * math.sqrt(kappa_of(w, own)) for w, own in each))
    return max(2.0 * noise, float(values.std(ddof=1)))


def rest_sd(tables: Sequence[FloatArray]) -> float:
    """Return the sd of what runs and items leave."""
    left = [each - each.mean(axis=0) - each.mean(axis=1)[:, None] + each.mean() for each in tables]
    df = sum((each.shape[0] - 1) * (each.shape[1] - 1) for each in tables)
    return math.sqrt(sum(float((each**2).sum()) for each in left) / df)


def items_of(weights: FloatArray, tables: Sequence[FloatArray]) -> FloatArray:
    """Return the weighted sum over conditions of each item's mean slope."""
    return np.asarray(
        np.sum([w * each.mean(axis=0) for w, each in zip(weights, tables, strict=True)], axis=0)
    )


def kappa_of(weights: FloatArray, tables: Sequence[FloatArray]) -> float:
    """Return the sum over conditions of squared weight over number of seeds."""
    return float(sum(w * w / len(each) for w, each in zip(weights, tables, strict=True)))
