"""The clauses of a shape: scores of every condition, combined over treatments and tested part by part.

A clause has one or more parts, each a mean over seeds that must be above zero, and is shown when all of them are:
testing every part at the same level needs no correction then. It is refuted when some part is shown to be below zero,
with Holm's correction over its comparisons; and where the data chose a split, only what is below zero at every
split that could have been chosen counts.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.evidence.conditions import MIN_LEVELS, MIN_SEEDS, Condition, Sweep
from sigstats.evidence.lines import LineSetting, prob_positive
from sigstats.evidence.part_means import UNKNOWN, PartMeans, chosen_mean, means_over, of_each, stretched
from sigstats.evidence.parts import Part, Scored, alone, parts_of
from sigstats.evidence.results import ClauseEvidence, Design
from sigstats.evidence.reversal import deal
from sigstats.evidence.scales import knob_scale
from sigstats.evidence.shape_scores import scores_of, weights_of
from sigstats.shapes import Clause, ScoreContext, Shape, Weights
from sigstats.shapes.base import over_reach
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import agreed, agreed_pattern, beside, chosen_number, plain, seen_cells
from sigstats.stats.scores.combine import (
    TINY,
    Combination,
    combine,
    level_contrasts,
    levels_with_weight,
    mean_of,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
NAN = float("nan")

BY_SEED = "t on scores, one per seed"
CROSS_FITTED = "t on scores, one per seed, at the split that the other seeds show; simulated critical value"
BY_LEVEL = "t on contrasts of level means, Satterthwaite df"


def context_of(sweep: Sweep, signature: Signature) -> ScoreContext:
    """Return what the shape needs to know besides the curves."""
    least = signature.min_effect
    return ScoreContext(
        x=sweep.x,
        levels=sweep.levels,
        alpha=signature.alpha,
        orientation=sweep.orientation,
        scale=sweep.scale,
        centre=sweep.centre,
        min_effect=None if least is None else least / sweep.scale,
        knob_scale=knob_scale(signature),
    )


def score_conditions(
    conditions: Sequence[Condition], sweep: Sweep, signature: Signature, rng: np.random.Generator
) -> tuple[Scored, ...]:
    """Score every clause of the shape in each condition."""
    context = context_of(sweep, signature)
    shape = signature.shape
    if sweep.design == "repeated":
        return _sized((_by_seed(each.curves, each.ids, shape, context) for each in conditions), sweep)
    found: list[Scored] = []
    rows = 0
    for condition in conditions:
        by_level = _by_level(condition, shape, context)
        if by_level is None:
            curves = deal(condition.curves, rng)
            n_rows = curves.shape[-2]
            by_level = _by_seed(curves, np.arange(rows, rows + n_rows), shape, context)
            rows += n_rows
        found.append(by_level)
    return _sized(found, sweep)


def _sized(scored: Iterable[Scored], sweep: Sweep) -> tuple[Scored, ...]:
    """Return scores in units of the metric."""
    found = tuple(scored)
    scores = over_reach([each.scores for each in found], range(len(sweep.treatments)))
    return tuple(replace(each, scores=own) for each, own in zip(found, scores, strict=True))


def _by_seed(curves: FloatArray, ids: IntArray, shape: Shape, context: ScoreContext) -> Scored:
    seen = seen_cells(curves).any(axis=0)
    if seen.sum() >= MIN_LEVELS:
        context = replace(context, x=_rescaled(context.x[seen]), levels=context.levels[seen])
        curves = curves[..., seen]
    scores = scores_of(shape, curves, context)
    at = {name: each.at for name, each in scores.items() if each.at is not None}
    about = {name: each.about for name, each in scores.items() if each.about is not None}
    return Scored(ids=ids, scores=scores, contrasts={}, at=at, about=about)


def _rescaled(x: FloatArray) -> FloatArray:
    return np.asarray((x - x[0]) / (x[-1] - x[0]))


def _by_level(condition: Condition, shape: Shape, context: ScoreContext) -> Scored | None:
    counts = seen_cells(condition.curves).sum(axis=0)
    # A level on its own has an exact test, however few its runs; a contrast of levels has none.
    used = counts >= 2 if shape.level_wise else levels_with_weight(counts)
    two = shape.on_two_levels and used.size == 2
    if used.sum() < (2 if two else max(MIN_LEVELS, shape.min_levels)):
        return Scored(ids=np.empty(0, dtype=np.intp), scores={}, contrasts={})
    x = _rescaled(context.x[used])
    weights = weights_of(shape, replace(context, x=x, levels=context.levels[used]))
    if weights is None:
        return None
    runs = condition.curves[..., used]
    contrasts = {name: tuple(_contrasts(runs, each)) for name, each in weights.items()}
    at = {name: each.at for name, each in weights.items() if each.at is not None}
    for name, tested in at.items():
        # A level with a single run has no variance: it cannot be tested, and must not count as tested.
        single = np.repeat(context.levels[counts == 1], tested.size // int(used.sum()))
        contrasts[name] += (UNKNOWN,) * single.size
        at[name] = np.append(tested, single)
    about = {name: each.about for name, each in weights.items() if each.about is not None}
    return Scored(ids=np.empty(0, dtype=np.intp), scores={}, contrasts=contrasts, at=at, about=about)


def _contrasts(runs: FloatArray, weights: Weights) -> list[Combination]:
    found = level_contrasts(runs, weights.weights)
    return [
        replace(each, estimate=plain(each.estimate + weights.offsets[..., part]))
        for part, each in enumerate(found)
    ]


def rescored(
    conditions: Sequence[Condition], scored: Sequence[Scored], name: str, *, part: int = 0
) -> tuple[Condition, ...]:
    """Return the conditions with the scores of a clause, or of one part of it, in place of linear scores."""
    return tuple(
        _rescored(condition, each, name, part) for condition, each in zip(conditions, scored, strict=True)
    )


def _rescored(condition: Condition, scored: Scored, name: str, part: int) -> Condition:
    if name in scored.contrasts:
        return replace(condition, effect=scored.contrasts[name][part])
    if name not in scored.scores:
        return replace(condition, effect=None, seeds=(), scores=np.empty(0), n_seeds=0)
    found = scored.scores[name]
    own = found.parts[..., part]
    seen = agreed_pattern(~np.isnan(own))
    ids, values = scored.ids[seen], stretched(own[..., seen], found.stretch)
    labels = np.array(condition.seeds, dtype=object)[np.isin(condition.ids, ids)] if condition.seeds else ()
    return replace(
        condition,
        ids=ids,
        seeds=tuple(labels),
        scores=values,
        sd_factors=np.zeros(ids.size),
        effect=mean_of(values) if ids.size >= 2 else None,
        n_seeds=ids.size,
    )


def clause_evidence(
    clause: Clause, conditions: Sequence[Condition], scored: Sequence[Scored], setting: LineSetting
) -> ClauseEvidence:
    """Test one clause in the mean of the conditions."""
    parts = parts_of(scored, clause.name)
    means = means_over(scored, parts, clause.name)
    pvalues = of_each(means, Combination.pvalue_above) if parts else np.empty(0)
    worst = _worst(pvalues) if parts else None
    least = chosen_mean(means, worst) if worst is not None else UNKNOWN
    # In a block each table may have a part of its own, which only reports on one table tell.
    part = parts[worst] if isinstance(worst, int) else None
    by_level = all(clause.name in each.contrasts for each in scored)
    stretched = any(clause.name in each.scores and each.scores[clause.name].stretch != 1.0 for each in scored)
    return ClauseEvidence(
        name=clause.name,
        kind=clause.kind,
        says=clause.says,
        reason=clause.refuted,
        estimate=setting.estimate(least),
        at=None if part is None else part.at,
        about=None if part is None else part.about,
        pvalue=plain(chosen_number(pvalues, worst)) if worst is not None else NAN,
        pvalue_refuted=_refuted(scored, clause, parts, means),
        prob_positive=_probability(
            conditions, scored, parts, clause.name, means, prior_scale=setting.prior_scale
        ),
        n_parts=len(parts),
        method=BY_LEVEL if by_level else CROSS_FITTED if stretched else BY_SEED,
        null=clause.null,
        replicate=setting.replicate,
        n_seeds=least.n_seeds,
    )


def _worst(pvalues: FloatArray) -> IntArray | int:
    """Return the part that is shown least, of each table; one that could not be tested counts as such."""
    at = np.where(np.isnan(pvalues), np.inf, pvalues).argmax(axis=0)
    return int(at) if at.ndim == 0 else at


def _probability(
    conditions: Sequence[Condition],
    scored: Sequence[Scored],
    parts: Sequence[Part],
    name: str,
    means: Sequence[PartMeans],
    *,
    prior_scale: float,
) -> float:
    """Return the smallest posterior probability over parts.

    With scores alone it depends on a part's t and its number of seeds, so that the part with the smallest t decides
    among those of the same conditions with equally many seeds.
    """
    if not means or not all(agreed(known) for known in of_each(means, lambda mean: mean.variance) > 0):
        return NAN
    ratios = of_each(means, lambda mean: mean.estimate / mean.se)
    groups: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for each in means:
        groups.setdefault((each.mean.n_seeds, each.conditions), []).extend(each.at.tolist())
    found = []
    for (_, places), members in groups.items():
        at = np.array(sorted(members))[ratios[sorted(members)].argmin(axis=0)]
        own = _chosen_part([scored[i] for i in places], parts, name, at)
        found.append(
            prob_positive(
                rescored([conditions[i] for i in places], own, name),
                chosen_mean(means, at),
                _design(own, name),
                noise_sd=0.0,
                prior_scale=prior_scale,
            )
        )
    return plain(functools.reduce(np.minimum, found))


def _chosen_part(scored: Sequence[Scored], parts: Sequence[Part], name: str, at: IntArray) -> list[Scored]:
    """Return the conditions with one of several parts alone, of each table its own."""
    if any(name in each.contrasts for each in scored):
        # Of contrasts of levels the mean says everything.
        return list(scored)
    found = []
    for i, each in enumerate(scored):
        own = each.scores[name]
        places = np.array([parts[part].places[i] for part in np.ravel(at).tolist()])
        one = (
            np.take_along_axis(own.parts, beside(places, 2), axis=-1)
            if np.ndim(at)
            else own.parts[..., places]
        )
        found.append(replace(each, scores={name: replace(own, parts=one)}))
    return found


def _design(scored: Sequence[Scored], name: str) -> Design:
    return "independent" if all(name in each.contrasts for each in scored) else "repeated"


def refuted_pvalue(scored: Sequence[Scored], clause: Clause, *, bound: float = 0.0) -> float:
    """Return the Holm-adjusted p-value of every comparison of a clause being as claimed."""
    parts = parts_of(scored, clause.name)
    return _refuted(scored, clause, parts, means_over(scored, parts, clause.name), bound)


def _refuted(
    scored: Sequence[Scored],
    clause: Clause,
    parts: Sequence[Part],
    means: Sequence[PartMeans],
    bound: float = 0.0,
) -> float:
    if not parts:
        return NAN
    pvalues = _opposite(scored, clause.name, parts, means, bound)
    comparisons = pvalues.reshape(-1, clause.sides, *pvalues.shape[1:])
    known = np.where(np.isnan(comparisons), 1.0, comparisons)
    least = known.min(axis=1)
    if clause.sides == 2:
        # A number within bounds that are near can be found beyond either of them by chance: both tails count.
        least = least + (1.0 - known.max(axis=1))
    # The smallest of all is raised by their number, and by Holm's procedure no other becomes smaller.
    smallest = np.minimum(least.min(axis=0) * len(least), 1.0)
    return plain(np.where(np.isnan(pvalues).all(axis=0), np.nan, smallest))


def _opposite(
    scored: Sequence[Scored], name: str, parts: Sequence[Part], means: Sequence[PartMeans], bound: float
) -> FloatArray:
    """Return the p-value of every part's mean being at least `bound`; at the split where that is most likely."""
    plainly = of_each(means, lambda mean: mean.pvalue_below(bound))
    split = [name in each.scores and each.scores[name].every is not None for each in scored]
    if not any(split):
        return plainly
    found = [
        _opposite_everywhere(alone(scored, part, name), name, bound)
        if all(split[i] for i in part.conditions)
        else below
        for part, below in zip(parts, plainly, strict=True)
    ]
    return np.array(np.broadcast_arrays(*found))


def _opposite_everywhere(scored: Sequence[Scored], name: str, bound: float) -> float:
    taken: list[tuple[IntArray, FloatArray]] = []
    for each in scored:
        every = each.scores[name].every
        if every is None:
            return NAN
        splits = every[..., 0, :]
        counts = (~np.isnan(splits)).sum(axis=-2)
        usable = np.flatnonzero(agreed_pattern(counts >= MIN_SEEDS))
        if not usable.size:
            return NAN
        splits, counts = splits[..., usable], counts[..., usable]
        if len(scored) == 1:
            return _largest_below(splits, bound)
        seen = ~np.isnan(splits)
        mean = np.where(seen, splits, 0.0).sum(axis=-2) / counts
        squares = (np.where(seen, splits - mean[..., None, :], 0.0) ** 2).sum(axis=-2)
        high = mean + 2.0 * np.sqrt(squares / (counts - 1.0)) / np.sqrt(counts)
        at = high.argmax(axis=-1)
        values = np.take_along_axis(splits, beside(at, 2) if at.ndim else at[None, None], axis=-1)[..., 0]
        kept = agreed_pattern(~np.isnan(values))
        taken.append((each.ids[kept], values[..., kept]))
    weights = [1.0 / len(taken)] * len(taken)
    return combine([v for _, v in taken], [i for i, _ in taken], weights).pvalue_below(bound)


def _largest_below(splits: FloatArray, bound: float) -> float:
    """Return the largest p-value over the columns of their mean being at least `bound`."""
    seen = ~np.isnan(splits)
    count = seen.sum(axis=-2)
    mean = np.where(seen, splits, 0.0).sum(axis=-2) / count
    squares = (np.where(seen, splits - mean[..., None, :], 0.0) ** 2).sum(axis=-2)
    se = np.sqrt(squares / (count - 1.0) / count)
    known = (se > 0).all(axis=-1)
    found = special.stdtr(count - 1.0, (mean - beside(bound, 1)) / np.where(se > 0, se, 1.0)).max(axis=-1)
    return plain(np.where(known, np.maximum(found, TINY), np.nan))
