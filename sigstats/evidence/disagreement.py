"""Do the seeds of a condition agree: how many show the prediction, and do their scores fall into two groups?"""

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.conditions import Condition, Sweep
from sigstats.evidence.results import SeedGroups, UnseenSeeds
from sigstats.evidence.scales import metric_scale
from sigstats.shapes import Shape
from sigstats.signature.signature import Signature
from sigstats.stats.scores.bounded_mean import mean_upper_bound, share_not_excluded
from sigstats.stats.scores.two_groups import two_groups

FloatArray = NDArray[np.float64]

NULL = "the scores are a sample from one normal distribution"


def own_scores(shape: Shape) -> bool:
    """Return whether a seed's score depends on that seed alone; elsewhere other seeds chose where it was scored."""
    return shape.is_trend or shape.free_scores


def n_above(scores: FloatArray, shape: Shape, bound: float | None, *, scale: float = 1.0) -> int | None:
    """Return how many seeds have a score above 0, or at a bound or above it; None where they have none of their own."""
    if bound is None or not scores.size or not own_scores(shape):
        return None
    return int(((scores > 0) & (scores * scale >= bound)).sum())


def groups_of(condition: Condition, shape: Shape, *, noise_sd: float, scale: float) -> SeedGroups | None:
    """Return the two groups into which the scores of a condition fall; None where they look like one.

    Claims on every level have the change of each seed's line as its score. Curves into which independent runs were
    dealt are no seeds.
    """
    scores = condition.scores
    if not scores.size or not condition.seeds or not (own_scores(shape) or not shape.sized):
        return None
    typical = float(np.sqrt((condition.sd_factors**2).mean()))
    found = two_groups(scores, noise_sd * typical)
    if found is None:
        return None
    order = np.argsort(scores, kind="stable")
    lower, upper = order[: found.n_lower], order[found.n_lower :]
    return SeedGroups(
        upper=_labels(condition, upper),
        lower=_labels(condition, lower),
        upper_mean=float(scores[upper].mean() * scale),
        lower_mean=float(scores[lower].mean() * scale),
        statistic=found.statistic,
        critical_value=found.critical_value,
        method=found.method,
        null=NULL,
    )


def _labels(condition: Condition, rows: NDArray[np.intp]) -> tuple[str, ...]:
    """Return the labels of seeds, numbers in their order."""
    return tuple(sorted((condition.seeds[row] for row in rows), key=lambda seed: (len(seed), seed)))


def unseen(sweep: Sweep, main: Sweep, signature: Signature, margin: float | None) -> UnseenSeeds | None:
    """Return what the seeds of the treatment with the fewest of them cannot rule out.

    Claims on every level have the change of each seed's line as its score, in either direction.
    """
    shape = signature.shape
    if sweep.design == "independent" or not (own_scores(shape) or not shape.sized):
        return None
    few = min(main.treatments, key=lambda each: each.n_seeds)
    bound = margin if shape.sized else _width(signature, sweep)
    scores = few.scores if shape.sized else np.abs(few.scores)
    shows = (scores > 0) & (scores >= (bound or 0.0))
    confidence = 1.0 - signature.alpha
    low, high = _mean_bounds(few, sweep, signature, confidence) if len(main.treatments) == 1 else (None, None)
    n, k = few.n_seeds, int(shows.sum())
    return UnseenSeeds(
        condition=few.name,
        n_seeds=n,
        n_showing=k,
        share=share_not_excluded(k, n, confidence=confidence),
        confidence=confidence,
        mean_low=low,
        mean_high=high,
    )


def _width(signature: Signature, sweep: Sweep) -> float | None:
    """Return from one end to the other of the range in which every level must lie, on the common scale."""
    found = signature.shape.bounds(signature.min_effect)
    return (found.high - found.low) / sweep.scale if found is not None and found.around_mean else None


def _mean_bounds(
    condition: Condition, sweep: Sweep, signature: Signature, confidence: float
) -> tuple[float | None, float | None]:
    """Return bounds of the mean linear score that need only the declared bounds of the metric."""
    declared = signature.bounds
    if (
        declared is None
        or declared == "none"
        or not signature.shape.is_trend
        or metric_scale(signature) != "linear"
    ):
        return None, None
    low, high = declared
    values = condition.curves * sweep.orientation + sweep.centre
    if np.nanmin(values) * sweep.scale < low or np.nanmax(values) * sweep.scale > high:
        return None, None
    # The line through a curve rises most where the curve jumps from one bound to the other at the middle.
    seen = ~np.isnan(condition.curves)
    centred = np.where(seen, sweep.x - ((seen * sweep.x).sum(axis=1) / seen.sum(axis=1))[:, None], 0.0)
    steepest = np.maximum(centred, 0.0).sum(axis=1) / (centred**2).sum(axis=1)
    largest = float(steepest.max()) * (high - low)
    scores = condition.scores * sweep.scale
    return (
        -mean_upper_bound(-scores, largest, confidence=confidence),
        mean_upper_bound(scores, largest, confidence=confidence),
    )
