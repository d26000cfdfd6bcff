"""Means over conditions of all parts of a clause; parts that the same seeds tell of are computed at one go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.conditions import MIN_SEEDS
from sigstats.evidence.parts import Part, Scored
from sigstats.shapes import Scores
from sigstats.stats.blocks import agreed, agreed_pattern, picked, plain
from sigstats.stats.checks import BoolArray
from sigstats.stats.scores.combine import Combination, combine, welch

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
NAN = float("nan")
UNKNOWN = Combination(estimate=NAN, variance=NAN, df=NAN, n_seeds=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMeans:
    """Equal-weight means of parts that belong to the same conditions and have equally many seeds."""

    # Which of the clause's parts.
    at: IntArray
    # Positions of the conditions that have them.
    conditions: tuple[int, ...]
    # Parts on the first axis of every number; one number for all where nothing is known of them.
    mean: Combination


def means_over(scored: Sequence[Scored], parts: Sequence[Part], name: str) -> list[PartMeans]:
    """Return the means of all parts over the conditions that have each; unknown where one has too few scores."""
    sharing: dict[tuple[int, ...], list[int]] = {}
    for at, part in enumerate(parts):
        sharing.setdefault(part.conditions, []).append(at)
    found = []
    for conditions, members in sharing.items():
        having = [scored[i] for i in conditions]
        places = np.array([parts[at].places for at in members]).T
        if all(name in each.contrasts for each in having):
            groups = _of_contrasts([each.contrasts[name] for each in having], places)
        elif all(name in each.scores for each in having):
            groups = _of_scores([(each.ids, each.scores[name]) for each in having], places)
        else:
            groups = [(list(range(len(members))), UNKNOWN)]
        found += [
            PartMeans(at=np.array(members)[rows], conditions=conditions, mean=mean) for rows, mean in groups
        ]
    return found


def of_each(means: Sequence[PartMeans], number: Callable[[Combination], float]) -> FloatArray:
    """Return a number of every part, in the order of the parts."""
    found = [(each.at, np.asarray(number(each.mean))) for each in means]
    # One number stands for all parts of which nothing is known.
    tables = np.broadcast_shapes(*(values.shape[1:] for _, values in found))
    every = np.empty((sum(at.size for at, _ in found), *tables))
    for at, values in found:
        every[at] = values
    return every


def chosen_mean(means: Sequence[PartMeans], at: IntArray | int) -> Combination:
    """Return the mean of one part, or in a block of the part that each table chose."""
    sizes = of_each(means, lambda mean: mean.n_seeds).astype(np.intp)
    numbers = [
        of_each(means, lambda mean, name=name: getattr(mean, name))  # type: ignore[misc]
        for name in ("estimate", "variance", "df")
    ]
    if np.ndim(at) == 0:
        estimate, variance, df = (float(values[at]) for values in numbers)
        return Combination(estimate=estimate, variance=variance, df=df, n_seeds=int(sizes[at]))
    estimate, variance, df = (plain(picked(list(values), np.asarray(at))) for values in numbers)
    alike = (sizes == sizes[0]).all()
    own = int(sizes[0]) if alike else picked(list(sizes), np.asarray(at))
    return Combination(estimate=estimate, variance=variance, df=df, n_seeds=own)  # type: ignore[arg-type]


def stretched(scores: FloatArray, stretch: float) -> FloatArray:
    """Return scores moved away from their mean so that their standard error is stretched."""
    if stretch == 1.0 or scores.shape[-1] < 2:
        return scores
    mean = scores.mean(axis=-1, keepdims=True)
    return np.asarray(mean + stretch * (scores - mean))


Group = tuple[list[int], Combination]


def _of_contrasts(contrasts: Sequence[Sequence[Combination]], places: IntArray) -> list[Group]:
    """Return means of contrasts of levels, of the parts that stand at these places in each condition."""
    groups: dict[int | None, list[int]] = {}
    for row, own in enumerate(places.T):
        found = [each[place] for each, place in zip(contrasts, own, strict=True)]
        known = not any(agreed(np.isnan(each.variance)) for each in found)
        groups.setdefault(min(each.n_seeds for each in found) if known else None, []).append(row)
    weights = [1.0 / len(contrasts)] * len(contrasts)
    found = []
    for n_seeds, rows in groups.items():
        if n_seeds is None:
            found.append((rows, UNKNOWN))
            continue
        stacked = [
            _stacked([each[place] for place in own[rows]], n_seeds)
            for each, own in zip(contrasts, places, strict=True)
        ]
        found.append((rows, welch(stacked, weights)))
    return found


def _stacked(found: Sequence[Combination], n_seeds: int) -> Combination:
    numbers = np.array(
        np.broadcast_arrays(*(number for each in found for number in (each.estimate, each.variance, each.df)))
    )
    estimate, variance, df = numbers.reshape(len(found), 3, *numbers.shape[1:]).swapaxes(0, 1)
    return Combination(estimate=plain(estimate), variance=plain(variance), df=plain(df), n_seeds=n_seeds)


def _of_scores(scores: Sequence[tuple[IntArray, Scores]], places: IntArray) -> list[Group]:
    """Return means of scores by seed, of the parts that stand at these places in each condition."""
    values = [
        np.ascontiguousarray(np.moveaxis(each.parts[..., own], -1, 0))
        for (_, each), own in zip(scores, places, strict=True)
    ]
    weights = [1.0 / len(scores)] * len(scores)
    found = []
    for rows, patterns in _alike([~np.isnan(each) for each in values]):
        ids = [own[seen] for (own, _), seen in zip(scores, patterns, strict=True)]
        taken = [each[rows][..., seen] for each, seen in zip(values, patterns, strict=True)]
        if min(own.size for own in ids) < MIN_SEEDS:
            found.append((rows, UNKNOWN))
            continue
        finite = np.logical_and.reduce([np.isfinite(each).all(axis=-1) for each in taken])
        known = np.array([agreed(each) for each in finite])
        if not known.all():
            found.append(([row for row, fine in zip(rows, known, strict=True) if not fine], UNKNOWN))
        if known.any():
            moved = [
                stretched(each[known], own.stretch) for each, (_, own) in zip(taken, scores, strict=True)
            ]
            fine = [row for row, fine in zip(rows, known, strict=True) if fine]
            found.append((fine, combine(moved, ids, weights)))
    return found


def _alike(seen: Sequence[BoolArray]) -> list[tuple[list[int], list[BoolArray]]]:
    """Return the parts that have scores of the same seeds in every condition, and of which."""
    if all(each.all() for each in seen):
        return [(list(range(len(seen[0]))), [each[(0,) * (each.ndim - 1)] for each in seen])]
    groups: dict[bytes, tuple[list[int], list[BoolArray]]] = {}
    for row, patterns in enumerate(zip(*seen, strict=True)):
        own = [agreed_pattern(each) for each in patterns]
        groups.setdefault(np.concatenate(own).tobytes(), ([], own))[0].append(row)
    return list(groups.values())
