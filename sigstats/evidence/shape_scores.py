"""The scores of a shape for one table, or for a block of them.

A shape whose `scores_blocks` is true scores all tables of a block at once; any other is asked for one table after the
other, and its answers are stacked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigstats.shapes import ScoreContext, Scores, Shape, Weights
from sigstats.stats.blocks import SingleTableError, plain
from sigstats.stats.scores.splits import FOLDS

FloatArray = NDArray[np.float64]


def scores_of(shape: Shape, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
    """Return the scores of every clause, by the seeds of one condition."""
    if curves.ndim == 2:
        return shape.score(curves, context)
    found = shape.score(curves, context) if shape.scores_blocks else _one_by_one(shape, curves, context)
    if curves.shape[-2] > FOLDS and any(each.every is not None for each in found.values()):
        # Seeds choose a split in folds, which each table deals in an order of its own.
        raise SingleTableError
    return found


def _one_by_one(shape: Shape, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:
    every = [shape.score(each, _of_table(context, at)) for at, each in enumerate(curves)]
    names = list(every[0])
    if any(list(each) != names for each in every):
        raise SingleTableError
    return {name: _stacked([each[name] for each in every]) for name in names}


def _of_table(context: ScoreContext, at: int) -> ScoreContext:
    """Return what the shape needs to know of one table of a block."""
    return replace(
        context,
        scale=_own(context.scale, at),
        centre=_own(context.centre, at),
        min_effect=_own(context.min_effect, at),
    )


def _own(value: Any, at: int) -> Any:  # noqa: ANN401 - a number or none, or one per table
    return float(value[at]) if np.ndim(value) else value


def _stacked(found: Sequence[Scores]) -> Scores:
    """Return the scores of several tables as those of a block."""
    first = found[0]
    alike = all(
        each.parts.shape == first.parts.shape
        and (each.stretch, each.n_start, each.about) == (first.stretch, first.n_start, first.about)
        and np.array_equal(_or_none(each.at), _or_none(first.at))
        and _shape(each.every) == _shape(first.every)
        and _shape(each.ends) == _shape(first.ends)
        and (each.reach is None) == (first.reach is None)
        for each in found
    )
    if not alike:
        raise SingleTableError
    return replace(
        first,
        parts=np.stack([each.parts for each in found]),
        every=None if first.every is None else np.stack([_or_none(each.every) for each in found]),
        ends=None if first.ends is None else np.stack([_or_none(each.ends) for each in found]),
        reach=None if first.reach is None else plain([each.reach for each in found]),
    )


def _or_none(values: FloatArray | None) -> FloatArray:
    return np.empty(0) if values is None else values


def _shape(values: FloatArray | None) -> tuple[int, ...] | None:
    return None if values is None else values.shape


def weights_of(shape: Shape, context: ScoreContext) -> Mapping[str, Weights] | None:
    """Return the clauses as contrasts of level means, whose weights are the same in all tables of a block."""
    if np.ndim(context.scale) == 0 or shape.scores_blocks:
        return shape.level_weights(context)
    every = [shape.level_weights(_of_table(context, at)) for at in range(len(context.scale))]  # type: ignore[arg-type]
    if every[0] is None:
        return None
    return {name: _same_weights([each[name] for each in every if each is not None]) for name in every[0]}


def _same_weights(found: Sequence[Weights]) -> Weights:
    """Return the weights of several tables, with the offsets of each."""
    if not all(np.array_equal(each.weights, found[0].weights) for each in found):
        raise SingleTableError
    return replace(found[0], offsets=np.stack([each.offsets for each in found]))
