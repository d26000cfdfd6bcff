"""The clauses of a shape: scores of every condition, combined over treatments and tested part by part.

A clause has one or more parts, each a mean over seeds that must be above zero, and is shown when all of them are:
testing every part at the same level needs no correction then. It is refuted when some part is shown to be below zero,
with Holm's correction over its comparisons; and where the data chose a split, only what is below zero at every
split that could have been chosen counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.evidence.arms import MIN_LEVELS, MIN_SEEDS, Arm, Sweep
from sigstats.evidence.lines import Frame, prob_positive
from sigstats.evidence.results import ClauseEvidence, Design
from sigstats.evidence.turning import deal
from sigstats.shapes import Clause, Scores, Setting, Shape, Weights
from sigstats.signature import Signature
from sigstats.stats.contrast import TINY, Combination, combine, level_contrast, mean_of, welch
from sigstats.stats.multiplicity import adjust

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
NAN = float("nan")
UNKNOWN = Combination(estimate=NAN, variance=NAN, df=NAN, n_seeds=0)

BY_SEED = "t on scores, one per seed"
CROSS_FITTED = "t on scores, one per seed, at the split that the other seeds show; simulated critical value"
BY_LEVEL = "t on contrasts of level means, Satterthwaite df"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The clauses of one condition.

    Attributes
    ----------
    ids : ndarray of int, shape (n_seeds,)
        Identity of each row of the scores; empty where clauses are contrasts of level means.
    scores : mapping of str to Scores
        By clause; empty where clauses are contrasts of level means.
    contrasts : mapping of str to tuple of Combination
        By clause, one per part; empty where there are scores.
    at : mapping of str to ndarray
        By clause, the level that each part speaks of, where parts are levels.
    """

    ids: IntArray
    scores: Mapping[str, Scores]
    contrasts: Mapping[str, tuple[Combination, ...]]
    at: Mapping[str, FloatArray] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Return whether the clause was scored."""
        return name in self.scores or name in self.contrasts


def setting_of(sweep: Sweep, signature: Signature) -> Setting:
    """Return what the shape needs to know beside curves.

    Parameters
    ----------
    sweep : Sweep
        Levels and scale.
    signature : Signature
        Level of the tests, smallest effect.

    Returns
    -------
    Setting
        For `Shape.score`.
    """
    least = signature.min_effect
    return Setting(
        x=sweep.x,
        levels=sweep.levels,
        alpha=signature.alpha,
        orientation=sweep.orientation,
        scale=sweep.scale,
        centre=sweep.centre,
        min_effect=None if least is None else least / sweep.scale,
    )


def score_arms(
    arms: Sequence[Arm], sweep: Sweep, signature: Signature, rng: np.random.Generator
) -> tuple[Scored, ...]:
    """Score every clause of the shape in each condition.

    Parameters
    ----------
    arms : sequence of Arm
        Conditions.
    sweep : Sweep
        Levels, design, scale.
    signature : Signature
        The shape.
    rng : numpy.random.Generator
        Deals independent runs into curves where the shape chooses a split.

    Returns
    -------
    tuple of Scored
        One per condition.
    """
    setting = setting_of(sweep, signature)
    shape = signature.shape
    if sweep.design == "repeated":
        return tuple(_by_seed(arm.curves, arm.ids, shape, setting) for arm in arms)
    found: list[Scored] = []
    rows = 0
    for arm in arms:
        by_level = _by_level(arm, shape, setting)
        if by_level is None:
            curves = deal(arm.curves, rng)
            by_level = _by_seed(curves, np.arange(rows, rows + len(curves)), shape, setting)
            rows += len(curves)
        found.append(by_level)
    return tuple(found)


def _by_seed(curves: FloatArray, ids: IntArray, shape: Shape, setting: Setting) -> Scored:
    seen = (~np.isnan(curves)).any(axis=0)
    if not seen.all() and seen.sum() >= MIN_LEVELS:
        setting = replace(setting, x=_rescaled(setting.x[seen]), levels=setting.levels[seen])
        curves = curves[:, seen]
    scores = shape.score(curves, setting)
    at = {name: each.at for name, each in scores.items() if each.at is not None}
    return Scored(ids=ids, scores=scores, contrasts={}, at=at)


def _rescaled(x: FloatArray) -> FloatArray:
    return np.asarray((x - x[0]) / (x[-1] - x[0]))


def _by_level(arm: Arm, shape: Shape, setting: Setting) -> Scored | None:
    used = (~np.isnan(arm.curves)).sum(axis=0) >= 2
    if used.sum() < MIN_LEVELS:
        return Scored(ids=np.empty(0, dtype=np.intp), scores={}, contrasts={})
    weights = shape.level_weights(replace(setting, x=setting.x[used], levels=setting.levels[used]))
    if weights is None:
        return None
    runs = arm.curves[:, used]
    contrasts = {name: tuple(_contrasts(runs, each)) for name, each in weights.items()}
    at = {name: each.at for name, each in weights.items() if each.at is not None}
    return Scored(ids=np.empty(0, dtype=np.intp), scores={}, contrasts=contrasts, at=at)


def _contrasts(runs: FloatArray, weights: Weights) -> list[Combination]:
    found = [level_contrast(runs, row) for row in weights.weights]
    return [
        replace(each, estimate=each.estimate + float(offset))
        for each, offset in zip(found, weights.offsets, strict=True)
    ]


def rescored(arms: Sequence[Arm], scored: Sequence[Scored], name: str, *, part: int = 0) -> tuple[Arm, ...]:
    """Return the arms with the scores of one part of a clause in place of linear scores.

    Parameters
    ----------
    arms : sequence of Arm
        Conditions.
    scored : sequence of Scored
        Their clauses.
    name : str
        The clause.
    part : int
        Which of its parts.

    Returns
    -------
    tuple of Arm
        Scores stretched so that Student's t holds; seeds without a score are left out.
    """
    return tuple(_rescored(arm, each, name, part) for arm, each in zip(arms, scored, strict=True))


def _rescored(arm: Arm, scored: Scored, name: str, part: int) -> Arm:
    if name in scored.contrasts:
        return replace(arm, effect=scored.contrasts[name][part])
    if name not in scored.scores:
        return replace(arm, effect=None, scores=np.empty(0), n_seeds=0)
    found = scored.scores[name]
    ids, values = _stretched(found.parts[:, part], found.stretch, scored.ids)
    labels = np.array(arm.seeds, dtype=object)[np.isin(arm.ids, ids)] if arm.seeds else ()
    return replace(
        arm,
        ids=ids,
        seeds=tuple(labels),
        scores=values,
        sd_factors=np.zeros(values.size),
        effect=mean_of(values) if values.size >= 2 else None,
        n_seeds=values.size,
    )


def _stretched(scores: FloatArray, stretch: float, ids: IntArray) -> tuple[IntArray, FloatArray]:
    """Return the scores that exist, moved away from their mean so that their standard error is stretched."""
    seen = ~np.isnan(scores)
    values = scores[seen]
    if stretch == 1.0 or values.size < 2:
        return ids[seen], values
    mean = values.mean()
    return ids[seen], np.asarray(mean + stretch * (values - mean))


def mean_over(scored: Sequence[Scored], name: str, part: int) -> Combination:
    """Return the equal-weight mean of one part over conditions; unknown where a condition has too few scores.

    Parameters
    ----------
    scored : sequence of Scored
        The conditions.
    name : str
        The clause.
    part : int
        Which of its parts.

    Returns
    -------
    Combination
        Mean with its variance; NaN where it cannot be had.
    """
    weights = [1.0 / len(scored)] * len(scored)
    if all(name in each.contrasts for each in scored):
        return welch([each.contrasts[name][part] for each in scored], weights)
    if not all(name in each.scores for each in scored):
        return UNKNOWN
    found = [
        _stretched(each.scores[name].parts[:, part], each.scores[name].stretch, each.ids) for each in scored
    ]
    if min(values.size for _, values in found) < MIN_SEEDS or not all(
        np.isfinite(values).all() for _, values in found
    ):
        return UNKNOWN
    return combine([values for _, values in found], [ids for ids, _ in found], weights)


def clause_evidence(
    clause: Clause, arms: Sequence[Arm], scored: Sequence[Scored], frame: Frame
) -> ClauseEvidence:
    """Test one clause in the mean of the conditions.

    Parameters
    ----------
    clause : Clause
        What must hold.
    arms : sequence of Arm
        The conditions.
    scored : sequence of Scored
        Their scores.
    frame : Frame
        Design, level and scale.

    Returns
    -------
    ClauseEvidence
        p-values of the least clear part; NaN where it could not be tested.
    """
    n_parts = min(_n_parts(each, clause.name) for each in scored)
    means = [mean_over(scored, clause.name, part) for part in range(n_parts)]
    pvalues = np.array([mean.pvalue_above() for mean in means])
    worst = _worst(pvalues) if n_parts else None
    least = means[worst] if worst is not None else UNKNOWN
    by_level = all(clause.name in each.contrasts for each in scored)
    stretched = any(clause.name in each.scores and each.scores[clause.name].stretch != 1.0 for each in scored)
    return ClauseEvidence(
        name=clause.name,
        kind=clause.kind,
        says=clause.says,
        reason=clause.refuted,
        estimate=frame.estimate(least),
        at=_level_of(scored, clause.name, worst),
        pvalue=float(pvalues[worst]) if worst is not None else NAN,
        pvalue_refuted=refuted_pvalue(scored, clause, n_parts),
        prob_positive=_probability(arms, scored, clause.name, means),
        n_parts=n_parts,
        method=BY_LEVEL if by_level else CROSS_FITTED if stretched else BY_SEED,
        null=clause.null,
        replicate=frame.replicate,
        n_seeds=least.n_seeds,
    )


def _n_parts(scored: Scored, name: str) -> int:
    if name in scored.contrasts:
        return len(scored.contrasts[name])
    return scored.scores[name].parts.shape[1] if name in scored.scores else 0


def _worst(pvalues: FloatArray) -> int:
    """Return the part that is shown least; one that could not be tested counts as such."""
    missing = np.flatnonzero(np.isnan(pvalues))
    return int(missing[0]) if missing.size else int(pvalues.argmax())


def _level_of(scored: Sequence[Scored], name: str, part: int | None) -> float | None:
    at = scored[0].at.get(name)
    return float(at[part]) if at is not None and part is not None and at.size > part else None


def _probability(
    arms: Sequence[Arm], scored: Sequence[Scored], name: str, means: Sequence[Combination]
) -> float:
    """Return the smallest posterior probability over parts.

    With scores alone it depends on a part's t and its number of seeds, so that the part with the smallest t decides
    among those with equally many seeds.
    """
    ratios = [mean.estimate / mean.se if mean.variance > 0 else NAN for mean in means]
    if not means or any(np.isnan(ratios)):
        return NAN
    deciding = {mean.n_seeds: at for at, mean in sorted(enumerate(means), key=lambda each: -ratios[each[0]])}
    found = [
        prob_positive(rescored(arms, scored, name, part=at), means[at], _design(scored, name), noise_sd=0.0)
        for at in deciding.values()
    ]
    return float(min(found))


def _design(scored: Sequence[Scored], name: str) -> Design:
    return "independent" if all(name in each.contrasts for each in scored) else "repeated"


def refuted_pvalue(scored: Sequence[Scored], clause: Clause, n_parts: int, *, bound: float = 0.0) -> float:
    """Return the Holm-adjusted p-value of every comparison of a clause being as claimed.

    Parameters
    ----------
    scored : sequence of Scored
        The conditions.
    clause : Clause
        Its parts come in groups of `Clause.sides`, of which one comparison is made.
    n_parts : int
        How many parts there are.
    bound : float
        What the parts are held against, on the common scale.

    Returns
    -------
    float
        Small where some comparison is shown to fail, at every split; NaN where none could be made.
    """
    parts = np.array([_opposite(scored, clause.name, part, bound) for part in range(n_parts)])
    if not n_parts or np.isnan(parts).all():
        return NAN
    comparisons = parts.reshape(-1, clause.sides)
    least = np.where(np.isnan(comparisons), 1.0, comparisons).min(axis=1)
    return float(adjust(least, method="holm").min())


def _opposite(scored: Sequence[Scored], name: str, part: int, bound: float) -> float:
    """Return the p-value of one part's mean being at least `bound`; at the split where that is most likely."""
    if all(name in each.scores and each.scores[name].every is not None for each in scored):
        return _opposite_everywhere(scored, name, part, bound)
    return mean_over(scored, name, part).pvalue_below(bound)


def _opposite_everywhere(scored: Sequence[Scored], name: str, part: int, bound: float) -> float:
    chosen: list[tuple[IntArray, FloatArray]] = []
    for each in scored:
        every = each.scores[name].every
        if every is None:
            return NAN
        splits = every[:, part, :]
        counts = (~np.isnan(splits)).sum(axis=0)
        usable = np.flatnonzero(counts >= MIN_SEEDS)
        if not usable.size:
            return NAN
        if len(scored) == 1:
            return _largest_below(splits[:, usable], bound)
        values = [splits[~np.isnan(splits[:, at]), at] for at in usable]
        high = [float(v.mean() + 2.0 * v.std(ddof=1) / np.sqrt(v.size)) for v in values]
        at = usable[int(np.argmax(high))]
        seen = ~np.isnan(splits[:, at])
        chosen.append((each.ids[seen], splits[seen, at]))
    weights = [1.0 / len(chosen)] * len(chosen)
    return combine([v for _, v in chosen], [i for i, _ in chosen], weights).pvalue_below(bound)


def _largest_below(splits: FloatArray, bound: float) -> float:
    """Return the largest p-value over the columns of their mean being at least `bound`."""
    seen = ~np.isnan(splits)
    count = seen.sum(axis=0)
    mean = np.where(seen, splits, 0.0).sum(axis=0) / count
    squares = (np.where(seen, splits - mean, 0.0) ** 2).sum(axis=0)
    se = np.sqrt(squares / (count - 1.0) / count)
    if not (se > 0).all():
        return NAN
    return max(float(special.stdtr(count - 1.0, (mean - bound) / se).max()), TINY)
