"""The checks of the seed audit that compare runs with each other: copies, near copies, smoothed curves."""

import itertools
from collections.abc import Iterator

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.linear import linear_scores
from sigstats.stats.sizes import exponent_of
from sigstats.studies.seeds.checks import Finding, Inspected, spread

SAME = 1e-6  # of the range of the metric
ALIKE = 0.999
CHANCE_OF_COPIES = 0.05
CHANCE_OF_NEAR_COPIES = 0.01
SMOOTH = -0.15
STANDARD_ERRORS = 4.0
LEVELS_FOR_SMOOTHNESS = 8


def copies(inspected: Inspected) -> list[Finding]:
    """Find seeds that are copies or near copies of another."""
    if inspected.design == "independent":
        return []
    runs = [
        (name, seed, row)
        for name in inspected.conditions
        for seed, row in zip(inspected.table.seeds(name), inspected.curves(name), strict=True)
    ]
    rows = np.array([row for _, _, row in runs])
    tolerance = SAME * float(np.ptp(inspected.values))
    same = [
        (first, second)
        for first, second in itertools.combinations(range(len(runs)), 2)
        if _same(rows[first], rows[second], tolerance)
    ]
    chance = _chance_of_ties(rows, same, tolerance)
    found = []
    for (first, second), p in zip(same, chance, strict=True):
        one, other = runs[first], runs[second]
        if p < CHANCE_OF_COPIES and not _all_alike(inspected.curves(one[0]), tolerance):
            found.append(_copied(one[:2], other[:2], p, int(np.isfinite(rows[first] - rows[second]).sum())))
    known = {(runs[first][:2], runs[second][:2]) for first, second in same}
    return found + [each for name in inspected.conditions for each in _near_copies(inspected, name, known)]


def _same(one: FloatArray, other: FloatArray, tolerance: float) -> bool:
    shared = np.isfinite(one) & np.isfinite(other)
    if shared.sum() < 3 or _hardly_vary(one[None, shared]):
        return False
    return bool((np.abs(one[shared] - other[shared]) <= tolerance).all())


def _hardly_vary(rows: FloatArray) -> bool:
    """Return whether some run takes fewer than 3 values: what it shares with another may be a floor or a ceiling."""
    return any(np.unique(row[np.isfinite(row)]).size < 3 for row in rows)


def _all_alike(curves: FloatArray, tolerance: float) -> bool:
    """Return whether all seeds of a condition are the same, which is a finding of its own."""
    return len(curves) > 1 and bool(
        np.nanmax(spread(curves)[(~np.isnan(curves)).sum(axis=0) > 1], initial=0.0) <= tolerance
    )


def _chance_of_ties(rows: FloatArray, same: list[tuple[int, int]], tolerance: float) -> list[float]:
    """Return for each pair the chance that some pair ties at all levels, from how often other pairs tie at each."""
    if not same:
        return []
    first, second = np.triu_indices(len(rows), 1)
    gaps = np.abs(rows[first] - rows[second])
    seen = np.isfinite(gaps)
    ties = (gaps <= tolerance) & seen
    others = ~np.array([(int(a), int(b)) in set(same) for a, b in zip(first, second, strict=True)])
    share = (ties[others].sum(axis=0) + 0.5) / (seen[others].sum(axis=0) + 1.0)
    chances = []
    for pair in same:
        both = np.isfinite(rows[pair[0]] - rows[pair[1]])
        chances.append(min(1.0, float(np.prod(share[both])) * len(first)))
    return chances


def _copied(one: tuple[str, str], other: tuple[str, str], chance: float, n_levels: int) -> Finding:
    inside = one[0] == other[0]
    where = (
        f"condition {one[0]!r}, seeds {one[1]!r} and {other[1]!r}"
        if inside
        else f"seed {one[1]!r} of condition {one[0]!r} and seed {other[1]!r} of condition {other[0]!r}"
    )
    means = (
        "The same run was counted twice. The second is left out of every verdict; find out which run is missing."
        if inside
        else "One run appears under two conditions. Their comparison means nothing until it is known which of them the "
        "run belongs to."
    )
    return Finding(
        code="copies" if inside else "copies_across",
        weight="problem",
        where=where,
        numbers=(("levels", float(n_levels)), ("chance", chance)),
        means=means,
    )


def _near_copies(
    inspected: Inspected, name: str, known: set[tuple[tuple[str, str], tuple[str, str]]]
) -> Iterator[Finding]:
    curves = inspected.curves(name)
    left = leftovers(curves, inspected.x)
    seeds = inspected.table.seeds(name)
    pairs = list(itertools.combinations(range(len(seeds)), 2))
    if len(seeds) < 3:  # with two seeds, what is left of one mirrors the other
        return
    for first, second in pairs:
        if ((name, seeds[first]), (name, seeds[second])) in known or _hardly_vary(curves[[first, second]]):
            continue
        both = np.isfinite(left[first]) & np.isfinite(left[second])
        a, b = left[first][both], left[second][both]
        size = float(a @ a + b @ b)
        df = int(both.sum()) - 2
        if df < 2 or size <= 0 or _all_alike(curves, SAME * float(np.ptp(inspected.values))):
            continue
        likeness = 2.0 * float(a @ b) / size
        chance = len(pairs) * 0.5 * float(special.betainc((df - 1) / 2, 0.5, max(1.0 - likeness**2, 0.0)))
        if likeness > ALIKE and chance < CHANCE_OF_NEAR_COPIES:
            yield Finding(
                code="near_copies",
                weight="problem",
                where=f"condition {name!r}, seeds {seeds[first]!r} and {seeds[second]!r}",
                numbers=(("likeness", likeness), ("levels", float(both.sum())), ("chance", chance)),
                means="Their noise is the same. They are one run that was resumed, logged twice or shifted, and are "
                "counted as two.",
            )


def leftovers(curves: FloatArray, x: FloatArray) -> FloatArray:
    """Return what is left of each seed after the level means and its own line; divided by a power of two, to square."""
    curves = np.ldexp(curves, -exponent_of(curves))
    seen = ~np.isnan(curves)
    counts = np.maximum(seen.sum(axis=0), 1)
    left = curves - np.where(seen, curves, 0.0).sum(axis=0) / counts
    enough = seen.sum(axis=1) >= 3
    result = np.full(curves.shape, np.nan)
    if enough.any():
        rows = left[enough]
        places = np.where(np.isnan(rows), np.nan, x)
        slopes = linear_scores(rows, x)[:, None]
        middle = np.nanmean(rows, axis=1, keepdims=True)
        result[enough] = rows - middle - slopes * (places - np.nanmean(places, axis=1, keepdims=True))
    return result


def smoothing(inspected: Inspected) -> list[Finding]:
    """Find curves whose noise is far smoother from level to level than independent noise."""
    if inspected.design == "independent" or inspected.x.size < LEVELS_FOR_SMOOTHNESS:
        return []
    found = []
    for name in inspected.conditions:
        correlation, error = _followed(inspected.curves(name), inspected.x)
        if correlation > SMOOTH and correlation + 0.5 > STANDARD_ERRORS * error:
            numbers = (("correlation", correlation), ("standard_error", error))
            means = (
                "Neighbouring levels share their noise, as after a moving average or where seeds differ by smooth "
                "curves. One score per seed remains valid, but the residual sd (and a margin that is taken from it) is "
                "too small, and a change is located too early or too late."
            )
            found.append(
                Finding(
                    code="smooth", weight="caution", where=f"condition {name!r}", numbers=numbers, means=means
                )
            )
    return found


def _followed(curves: FloatArray, x: FloatArray) -> tuple[float, float]:
    """Return the lag-one correlation of the leftovers' differences, and its standard error in independent noise.

    Differences of independent noise are a moving average of order 1 with correlation -1/2, of which n pairs have an
    estimate with variance (1 - 3/4 + 4/16) / n = 1 / (2 n) (Bartlett).
    """
    if len(curves) < 2:
        return float("nan"), float("nan")
    steps = np.diff(leftovers(curves, x), axis=1)
    steps = steps - np.nanmean(
        np.where(np.isnan(steps).all(axis=1, keepdims=True), 0.0, steps), axis=1, keepdims=True
    )
    before, after = steps[:, :-1], steps[:, 1:]
    both = np.isfinite(before) & np.isfinite(after)
    squares = float((before[both] ** 2).sum() + (after[both] ** 2).sum())
    if squares == 0 or not both.any():
        return float("nan"), float("nan")
    independent = both.sum() * (len(curves) - 1) / len(curves)  # the level means were estimated
    return 2.0 * float((before[both] * after[both]).sum()) / squares, float(np.sqrt(0.5 / independent))
