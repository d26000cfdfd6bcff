"""How far predictions are off, by how much rivals are, and which is nearer: numbers only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.ahead import Ahead, carried_on
from sigstats.stats.curves.left_out import beyond_first_order
from sigstats.stats.curves.linked_means import LevelRuns, level_runs, relative_error
from sigstats.stats.estimate import Estimate
from sigstats.studies.forecast.arms import FEWEST_SEEDS, Arm
from sigstats.studies.forecast.chosen import Fit
from sigstats.studies.forecast.record import ForecastLevel, Rival, RivalLevel

GRID = 80
POWER = 0.8
MOST_SEEDS = 10_000


def ahead_of(arm: Arm, fit: Fit, at: FloatArray, means: FloatArray | None = None) -> Ahead:
    """Return a law, fitted to the means of a condition or to others, at some levels."""
    return carried_on(
        arm.runs.means[: arm.n_fitted] if means is None else means,
        arm.fitted,
        at,
        law=fit.law,
        knob_scale=fit.knob,
        metric_scale=fit.metric,
        floor=fit.floor,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """The law and its rivals at the predicted levels of one condition."""

    arm: Arm
    # The runs with one more column for each prediction, what its weights leave out: law first, then its rivals.
    scored: LevelRuns
    law: Ahead
    rivals: Mapping[Rival, Ahead]

    def weights(self, found: Ahead, at: int) -> FloatArray:
        """Return the weights of a prediction over all columns of the condition, and over what they leave out."""
        every = (self.law, *self.rivals.values())
        place = next(i for i, each in enumerate(every) if each is found)
        return _weights(self.arm, found, at, place, len(every))

    def own(self, at: int) -> FloatArray:
        """Return the weights of the observed mean at a level."""
        found = np.zeros(self.scored.means.size)
        found[self.arm.n_fitted + at] = 1.0
        return found


def _weights(arm: Arm, found: Ahead, at: int, place: int, n: int) -> FloatArray:
    """Return the weights of a prediction of one of n laws over the columns of `_scored`."""
    left_out = np.zeros((n, found.values.size))
    left_out[place, at] = 1.0
    return np.concatenate([found.weights[at], np.zeros(arm.to.size), left_out.ravel()])


def predicted(arm: Arm, fit: Fit, rivals: Mapping[Rival, Fit]) -> Predicted:
    """Return what a law and its rivals predict for a condition."""
    fits = (fit, *rivals.values())
    found = [ahead_of(arm, each, arm.to) for each in fits]
    others = dict(zip(rivals, found[1:], strict=True))
    return Predicted(arm=arm, scored=_scored(arm, fits, found, arm.to), law=found[0], rivals=others)


def bounds_along(arm: Arm, fit: Fit, at: FloatArray, confidence: float) -> tuple[Ahead, FloatArray]:
    """Return a law along the knob, with the ends of the intervals of its mean, shape (n_at, 2)."""
    law = ahead_of(arm, fit, at)
    runs = _scored(arm, (fit,), (law,), at)
    ends = [
        runs.contrast(_weights(arm, law, place, 0, 1), float(value)).bounds(confidence)
        for place, value in enumerate(law.values)
    ]
    return law, np.array(ends)


def _values_of(arm: Arm, fit: Fit, at: FloatArray, means: FloatArray) -> FloatArray:
    return ahead_of(arm, fit, at, means).values


def _scored(arm: Arm, fits: Sequence[Fit], found: Sequence[Ahead], at: FloatArray) -> LevelRuns:
    """Return the runs with one more column for each prediction: what a seed does to it that its weights leave out.

    Notes
    -----
    So the scores of seeds become jackknife pseudo-values. Where a law is fitted on the scale of the metric, the columns
    are left at 0. On a log scale, the slope at a mean says little of what one run far away does to the logarithm of
    that mean. Fresh runs at every level have no scores of seeds, and the weights alone.
    """
    values = arm.runs.values[:, : arm.n_fitted]
    more = [np.zeros((len(values), at.size)) for _ in fits]
    for place, (fit, law) in enumerate(zip(fits, found, strict=True)):
        if arm.runs.design == "repeated" and (fit.metric != "linear" or fit.law == "power_law"):
            refitted = partial(_values_of, arm, fit, at)
            more[place] = beyond_first_order(values, law.values, law.weights, refitted)
    return arm.runs.with_columns(np.hstack(more), int((~np.isnan(values)).any(axis=1).sum()))


def level_of(found: Predicted, at: int, *, within: float, alpha: float, unit: str) -> ForecastLevel:
    """Return the prediction at one level, and its error where there are runs."""
    arm, confidence = found.arm, 1.0 - 2.0 * alpha
    runs, value, weights = found.scored, float(found.law.values[at]), found.weights(found.law, at)
    spread = runs.contrast(weights, value)
    n = int(runs.counts[arm.n_fitted + at])
    made = ForecastLevel(
        condition=arm.condition,
        level=float(arm.to[at]),
        n_seeds=n,
        prediction=_estimate(value, spread.bounds(confidence), confidence, unit),
        new_run=_estimate(value, _new_run(arm, value, spread.se, confidence), confidence, unit),
    )
    if n == 0:
        return made
    own, mean = found.own(at), float(runs.means[arm.n_fitted + at])
    gap = runs.contrast(weights - own, value - mean)
    part = relative_error(runs, weights, own, value, confidence)
    tested = min(n, arm.n_seeds) >= FEWEST_SEEDS
    inside, outside = pvalues_of(found, at, within) if tested else (1.0, 1.0)
    return replace(
        made,
        observed=_estimate(mean, runs.contrast(own).bounds(confidence), confidence, unit),
        error=_estimate(gap.value, gap.bounds(confidence), confidence, unit),
        relative_error=_estimate(part.value, (part.low, part.high), confidence, "of the observed mean"),
        pvalue_within=inside,
        pvalue_outside=outside,
        adjusted_within=inside,
    )


def _estimate(value: float, bounds: tuple[float, float], confidence: float, unit: str) -> Estimate:
    return Estimate(value=value, low=bounds[0], high=bounds[1], confidence=confidence, unit=unit)


def _new_run(arm: Arm, value: float, se: float, confidence: float) -> tuple[float, float]:
    """Return where one new run is expected, if runs scatter as they do at the fitted levels."""
    below = level_runs(arm.runs.values[:, : arm.n_fitted], arm.runs.design)
    sd, df = below.sd(), arm.n_seeds - 1
    if not (se > 0 and sd > 0 and df >= 1):
        return float("nan"), float("nan")
    reach = float(special.stdtrit(df, (1.0 + confidence) / 2.0)) * float(np.hypot(se, sd))
    return value - reach, value + reach


def pvalues_of(found: Predicted, at: int, within: float) -> tuple[float, float]:
    """Return the p-values of an error that reaches the allowed part to either side, and of one that does not.

    Within: prediction > (1 - w) mean and < (1 + w) mean, both sides of which must be shown. Outside: either of these
    is shown to be the other way round, for which the smaller p-value is doubled.
    """
    runs, own = found.scored, found.own(at)
    value, mean = float(found.law.values[at]), float(runs.means[found.arm.n_fitted + at])
    weights, size = found.weights(found.law, at), np.sign(mean) * within
    above = runs.contrast(weights - (1.0 - size) * own, value - (1.0 - size) * mean)
    below = runs.contrast((1.0 + size) * own - weights, (1.0 + size) * mean - value)
    inside = max(above.pvalue, below.pvalue)
    beyond = (
        runs.contrast((1.0 - size) * own - weights, (1.0 - size) * mean - value),
        runs.contrast(weights - (1.0 + size) * own, value - (1.0 + size) * mean),
    )
    return inside, min(1.0, 2.0 * min(each.pvalue for each in beyond))


def rival_levels(found: Predicted) -> list[RivalLevel]:
    """Return what each rival predicts, with its error where there are runs."""
    arm = found.arm
    means = arm.runs.means[arm.n_fitted :]
    return [
        RivalLevel(
            rival=name,
            condition=arm.condition,
            level=float(level),
            prediction=float(each.values[at]),
            relative_error=part_of(float(each.values[at]), float(means[at])),
        )
        for name, each in found.rivals.items()
        for at, level in enumerate(arm.to)
    ]


def part_of(value: float, mean: float) -> float | None:
    """Return an error as a part of the observed mean; None without one."""
    return (value - mean) / abs(mean) if np.isfinite(mean) and mean != 0 else None


def nearer(found: Predicted, rival: Rival, at: int) -> tuple[float, float]:
    """Return the p-values of the law, and of a rival, not being nearer to the observed mean.

    The law is nearer where the mean lies on its side of the middle between both. So two things must be shown: which of
    the predictions is the larger one, and on which side of their middle the mean lies. The data choose which of the
    two orders is tested, so that the larger p-value is doubled.
    """
    runs, own, other = found.scored, found.own(at), found.rivals[rival]
    if min(runs.counts[found.arm.n_fitted + at], found.arm.n_seeds) < FEWEST_SEEDS:
        return 1.0, 1.0
    law, second = found.weights(found.law, at), found.weights(other, at)
    values = float(found.law.values[at]), float(other.values[at])
    mean = float(runs.means[found.arm.n_fitted + at])
    gap, middle = values[1] - values[0], sum(values) / 2.0 - mean
    apart = [runs.contrast(sign * (second - law), sign * gap).pvalue for sign in (1.0, -1.0)]
    side = [runs.contrast(sign * ((law + second) / 2.0 - own), sign * middle).pvalue for sign in (1.0, -1.0)]
    own_side = min(max(apart[0], side[0]), max(apart[1], side[1]))
    other_side = min(max(apart[0], side[1]), max(apart[1], side[0]))
    return min(1.0, 2.0 * own_side), min(1.0, 2.0 * other_side)


def seeds_for(found: Predicted, at: int, within: float, alpha: float) -> int | None:
    """Return the seeds with which a law without error is shown to be within a part, with probability `POWER`."""
    runs, own = found.scored, found.own(at)
    gap = runs.contrast(found.weights(found.law, at) - own)
    mean, n = abs(float(runs.means[found.arm.n_fitted + at])), gap.df + 1.0
    if not gap.se > 0 or not mean > 0:
        return None
    sd = gap.se * np.sqrt(n) / mean
    tried = np.arange(FEWEST_SEEDS, MOST_SEEDS + 1, dtype=np.float64)
    reach = special.stdtrit(tried - 1, 1.0 - alpha) + special.stdtrit(tried - 1, (1.0 + POWER) / 2.0)
    enough = np.flatnonzero(reach * sd / np.sqrt(tried) <= within)
    return int(tried[enough[0]]) if enough.size else None
