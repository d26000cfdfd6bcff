"""Do the seeds of a condition agree: how many show the prediction, and do their scores fall into two groups?"""

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.conditions import Condition
from sigstats.evidence.results import SeedGroups
from sigstats.shapes import Shape
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

    Claims on every level have the change of each seed's line as its score.
    """
    scores = condition.scores
    if not scores.size or not (own_scores(shape) or not shape.sized):
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
