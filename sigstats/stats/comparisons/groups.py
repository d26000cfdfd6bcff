"""Weighted sums of group means, where runs, items or both are what would be drawn anew.

A group holds one value per run and item; without items there is one column. Items are the same in all groups, so that
they are compared with themselves. Three populations can be meant:

* new *runs* on these items: each run counts by its mean over items;
* new *items* with these runs: each item counts by its mean over runs;
* new runs *and* new items: both vary, and the two variances add, less the noise that is in both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray, IndexArray
from sigstats.stats.scores.combine import Combination, banerjee_df, combine, mean_of, welch

Population = Literal["runs", "items", "both"]

FEW = 5
# Below so many runs, Welch's test is bold at small levels beside a group at least UNLIKE times as large.
FEW_AT_SMALL_LEVELS = 8
UNLIKE = 2.0
# Values that differ by no more than so many units in their last digit do not vary.
LAST_DIGITS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The values of one group."""

    ids: IndexArray  # identity of each run among the runs of all groups, shape (n_runs,)
    values: FloatArray = field(repr=False)  # shape (n_runs, n_items)
    offset: float = 0.0  # what was taken off the values, the same in all groups

    @property
    def scores(self) -> FloatArray:
        """Mean of each run over its items."""
        return np.asarray(self.values.mean(axis=1))

    @property
    def rounding(self) -> float:
        """Size up to which differences are rounding errors, of values of this size and of sums over items."""
        largest = float(np.abs(self.values).max(initial=0.0)) + abs(self.offset)
        return LAST_DIGITS * float(np.finfo(float).eps) * largest * math.sqrt(self.values.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What the variance of a weighted sum of means is made of: variance components of the sum itself.

    With S runs and I items its variance is ``runs / S + items / I + rest / (S I)``.
    """

    runs: float  # between runs, beyond what their items explain
    items: float  # between items, beyond what their runs explain
    rest: float  # of single cells: what neither a run nor an item carries, and noise

    def variance(self, n_runs: float, n_items: float) -> float:
        """Return the variance of the sum with so many runs and items."""
        return self.runs / n_runs + self.items / n_items + self.rest / (n_runs * n_items)


def contrast(
    groups: Sequence[Group],
    weights: Sequence[float],
    population: Population,
    *,
    level: float | None = None,
) -> Combination:
    """Return the weighted sum of group means with its variance over a population.

    Notes
    -----
    *Assumptions.* Runs are independent, and items are; runs with the same id belong together. For new runs and items
    every run has every item, effects of run and item are additive and near normal, and one residual variance is left.

    `level` is the smallest level at which the sum will be tested, where it is one of several; see `over_runs`.

    *What would fool it.* Runs that share a cause (a data order, a machine); items in families.

    References
    ----------
    F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2
    (1946), https://doi.org/10.2307/3002019

    W. G. Cochran, "Approximate significance levels of the Behrens-Fisher test", Biometrics 20 (1964),
    https://doi.org/10.2307/2527841
    """
    return _moved_back(_of_reduced(groups, weights, population, level), groups, weights)


def _of_reduced(
    groups: Sequence[Group], weights: Sequence[float], population: Population, level: float | None
) -> Combination:
    """Return the weighted sum of the means of values from which the offset was taken."""
    if population == "items":
        return over_items(groups, weights)
    by_run = over_runs(groups, weights, level=level)
    if population == "runs" or groups[0].values.shape[1] < 2:
        return by_run
    return crossed(by_run, over_items(groups, weights), rest_of(groups, weights))


def _moved_back(found: Combination, groups: Sequence[Group], weights: Sequence[float]) -> Combination:
    """Return a weighted sum with what the offset of the values brings to it: nothing where the weights add up to 0."""
    total = math.fsum(weights)
    if not groups[0].offset or abs(total) <= 1e-15 * math.fsum(map(abs, weights)):
        return found
    return replace(found, estimate=found.estimate + total * groups[0].offset)


def over_runs(
    groups: Sequence[Group], weights: Sequence[float], *, level: float | None = None
) -> Combination:
    """Return the weighted sum over new runs; cautious where few runs in groups of other size could make it bold.

    Welch's degrees of freedom keep the error rate for groups of one size, or of 5 runs and more; else Cochran's do. At
    a level that is smaller since several sums are tested, the tail is thicker than Welch's formula has it
    (docs/validity/compare.md has the rates). Groups of fewer than 8 runs beside one twice as large have the degrees of
    freedom of Banerjee's bound there, which hold whatever the variances are.
    """
    used = [(group, weight) for group, weight in zip(groups, weights, strict=True) if weight]
    scores, ids = [group.scores for group, _ in used], [group.ids for group, _ in used]
    factors = [weight for _, weight in used]
    rounding = [group.rounding for group, _ in used]
    found = combine(scores, ids, factors, rounding=rounding)
    sizes = {each.size for each in scores}
    shared = np.unique(np.concatenate(ids)).size < sum(each.size for each in ids)
    if shared or len(sizes) == 1 or not found.variance > 0:
        return found
    parts = [
        (w**2 * mean_of(s, rounding=r).variance / found.variance, s.size - 1.0)
        for s, w, r in zip(scores, factors, rounding, strict=True)
    ]
    unlike = min(sizes) < FEW_AT_SMALL_LEVELS and max(sizes) >= UNLIKE * min(sizes)
    if level is not None and unlike:
        shares, dfs = zip(*parts, strict=True)
        return replace(found, df=min(found.df, banerjee_df(shares, dfs, 1.0 - level)))
    return found if min(sizes) >= FEW else replace(found, df=_cochran_df(parts))


def over_items(groups: Sequence[Group], weights: Sequence[float]) -> Combination:
    """Return the weighted sum over new items, each of which counts by its mean over runs."""
    return mean_of(_by_item(groups, weights), rounding=_rounding(groups, weights))


def _rounding(groups: Sequence[Group], weights: Sequence[float]) -> float:
    """Return the size up to which differences of weighted sums are rounding errors."""
    return max(abs(weight) * group.rounding for group, weight in zip(groups, weights, strict=True))


def crossed(by_run: Combination, by_item: Combination, rest: Combination) -> Combination:
    """Return the sum over new runs and new items from its variances over runs, over items and of single cells.

    The estimate of the two-way analysis of variance, runs + items - rest, can come out too small by chance, even below
    0. Its floor are the sums over runs alone and over items alone: no interval over both is narrower than theirs.
    Degrees of freedom are Satterthwaite's (Cochran's where runs or items are few).
    """
    parts = [(by_run.variance, by_run.df), (by_item.variance, by_item.df)]
    total = by_run.variance + by_item.variance - rest.variance
    candidates = list(parts)
    if total > 0 and min(by_run.df, by_item.df) < FEW - 1:
        candidates.append((total, _cochran_df(parts)))
    elif total > 0:
        spread = sum(v**2 / d for v, d in [*parts, (rest.variance, rest.df)] if v > 0)
        candidates.append((total, total**2 / spread))
    variance, df = max(candidates, key=lambda each: _half_width(*each))
    return replace(by_run, variance=variance, df=df)


def _half_width(variance: float, df: float) -> float:
    """Return the half-width of the 90 % interval."""
    return float(np.sqrt(variance) * special.stdtrit(df, 0.95))


def _cochran_df(parts: Sequence[tuple[float, float]]) -> float:
    """Return degrees of freedom whose critical value is near Cochran's mean of the critical values of the parts."""
    total = sum(variance for variance, _ in parts)
    if not total > 0:
        return min(df for _, df in parts)
    return 1.0 / sum(variance / total / df for variance, df in parts if variance > 0)


def _by_item(groups: Sequence[Group], weights: Sequence[float]) -> FloatArray:
    """Return the weighted sum of the groups' means over runs, for each item."""
    return np.asarray(
        sum(weight * group.values.mean(axis=0) for group, weight in zip(groups, weights, strict=True))
    )


def rest_of(groups: Sequence[Group], weights: Sequence[float]) -> Combination:
    """Return the variance of the weighted sum that single cells bring: what is left without runs and items.

    Where groups share only some of their runs it counts as 0, which makes the sum over runs and items cautious.
    """
    used = [(group, weight) for group, weight in zip(groups, weights, strict=True) if weight]
    ids = [group.ids for group, _ in used]
    if all(np.array_equal(each, ids[0]) for each in ids):
        table = np.asarray(sum(weight * group.values for group, weight in used))
        return _cells(table, _rounding(groups, weights))
    if np.unique(np.concatenate(ids)).size < sum(each.size for each in ids):
        return Combination(estimate=0.0, variance=0.0, df=1.0, n_seeds=0)
    return welch([_cells(group.values, group.rounding) for group, _ in used], [weight for _, weight in used])


def _cells(values: FloatArray, rounding: float) -> Combination:
    """Return the variance of the mean that the cells of a two-way table bring."""
    n_runs, n_items = values.shape
    df = float((n_runs - 1) * (n_items - 1))
    left = values - values.mean(axis=0) - values.mean(axis=1)[:, None] + values.mean()
    square = float((left**2).sum()) / df if df else 0.0
    variance = 0.0 if square <= rounding**2 else square
    return Combination(estimate=0.0, variance=variance / (n_runs * n_items), df=max(df, 1.0), n_seeds=n_runs)


def split(groups: Sequence[Group], weights: Sequence[float]) -> Split | None:
    """Return the variance components of a weighted sum; None with fewer than two runs or items.

    Components that come out negative count as 0. Groups of several sizes are described by their harmonic mean.
    """
    used = [group for group, weight in zip(groups, weights, strict=True) if weight]
    n_items = used[0].values.shape[1]
    if n_items < 2 or min(len(group.values) for group in used) < 2:
        return None
    n_runs = typical_runs(groups, weights)
    rest = rest_of(groups, weights).variance * n_runs * n_items
    runs = over_runs(groups, weights).variance * n_runs - rest / n_items
    items = over_items(groups, weights).variance * n_items - rest / n_runs
    return Split(runs=max(runs, 0.0), items=max(items, 0.0), rest=rest)


def typical_runs(groups: Sequence[Group], weights: Sequence[float]) -> float:
    """Return the harmonic mean of the number of runs in the groups that count."""
    sizes = [len(group.values) for group, weight in zip(groups, weights, strict=True) if weight]
    return len(sizes) / sum(1.0 / size for size in sizes)
