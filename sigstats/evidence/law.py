"""Floor, exponent and size of the law that a shape claims, and how those of treatment and control differ."""

import math

import numpy as np
from numpy.typing import NDArray

from sigstats.evidence.conditions import MIN_SEEDS, Condition, Sweep
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.results.law import ConditionLaw, LawEvidence
from sigstats.evidence.reversal import curves_of
from sigstats.shapes import Shape
from sigstats.stats.curves.law_estimates import LawEstimates, decades_more, law_estimates
from sigstats.stats.estimate import Estimate
from sigstats.stats.scores.combine import Combination, mean_of, welch
from sigstats.stats.scores.power_law_parts import FEWEST

FloatArray = NDArray[np.float64]
METHOD = "least squares on the mean curve; inverted t tests of exponent and floor, jackknife of the others, over seeds"


def fitted_law(
    sweep: Sweep, setting: LineSetting, shape: Shape, rng: np.random.Generator
) -> LawEvidence | None:
    """Return the laws of all conditions; None where a treatment has too few seeds or levels."""
    rows, _ = curves_of(sweep.conditions, setting, rng)
    options = shape.options()
    floor = None if options["floor"] is True else _common(options["floor"], sweep)
    found = [_of(curves, sweep.levels, floor, setting) for curves in rows]
    n = len(sweep.treatments)
    if any(each is None for each in found[:n]):
        return None
    known = [(one, each) for one, each in zip(sweep.conditions, found, strict=True) if each is not None]
    treated, controls = [each for _, each in known[:n]], [each for _, each in known[n:]]
    compared = bool(controls) and len(controls) == len(sweep.controls)
    difference = _difference(
        [each.exponents for each in treated], [each.exponents for each in controls], setting
    )
    ratio = _difference(
        [each.log_excesses for each in treated], [each.log_excesses for each in controls], setting
    )
    return LawEvidence(
        conditions=tuple(_told(condition, each, sweep, setting) for condition, each in known),
        exponent_difference=difference if compared else None,
        excess_ratio=_exponentiated(ratio) if compared else None,
        decades_more=_decades(rows[:n], sweep.levels, shape.least_bend, setting.alpha),
        method=METHOD,
    )


def _common(value: float, sweep: Sweep) -> float:
    return sweep.orientation * (value / sweep.scale - sweep.centre)


def _usable(curves: FloatArray, levels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the seeds and levels that take part."""
    kept = curves[(~np.isnan(curves)).sum(axis=1) >= FEWEST]
    seen = (~np.isnan(kept)).any(axis=0)
    return kept[:, seen], levels[seen]


def _of(
    curves: FloatArray, levels: FloatArray, floor: float | None, setting: LineSetting
) -> LawEstimates | None:
    kept, own = _usable(curves, levels)
    if len(kept) < MIN_SEEDS or own.size < FEWEST:
        return None
    return law_estimates(kept, own, floor=floor, confidence=setting.confidence)


def _decades(curves: list[FloatArray], levels: FloatArray, least_bend: float, alpha: float) -> float | None:
    """Return how many decades more are needed in the treatment that needs most; None where none are."""
    needs = [decades_more(*_usable(each, levels), least_bend=least_bend, alpha=alpha) for each in curves]
    return max(needs) or None


def _told(condition: Condition, found: LawEstimates, sweep: Sweep, setting: LineSetting) -> ConditionLaw:
    """Return the law of one condition in units of the metric."""
    own = sweep.levels[(~np.isnan(condition.curves)).any(axis=0)]
    ends = [sweep.scale * (sweep.orientation * each + sweep.centre) for each in found.floor]
    low, high = sorted(ends[1:])
    return ConditionLaw(
        condition=condition.name,
        exponent=_estimate(found.exponent, setting, "exponent"),
        floor=_estimate((ends[0], low, high), setting, setting.unit),
        excess=_estimate(tuple(sweep.scale * each for each in found.excess), setting, setting.unit),
        at=float(np.sqrt(own[0]) * np.sqrt(own[-1])),
        n_seeds=found.exponents.size,
    )


def _estimate(values: tuple[float, ...], setting: LineSetting, unit: str) -> Estimate:
    value, low, high = values
    return Estimate(value=value, low=low, high=high, confidence=setting.confidence, unit=unit)


def _difference(
    treated: list[FloatArray], controls: list[FloatArray], setting: LineSetting
) -> Estimate | None:
    """Return the mean of the treatments minus that of the controls; None where a fit has no floor in sight."""
    if not controls or not all(np.isfinite(each).all() for each in (*treated, *controls)):
        return None
    weights = [1.0 / len(treated)] * len(treated) + [-1.0 / len(controls)] * len(controls)
    found: Combination = welch([mean_of(each) for each in (*treated, *controls)], weights)
    low, high = found.interval(setting.confidence)
    return _estimate((found.estimate, low, high), setting, "exponent")


def _exponentiated(found: Estimate | None) -> Estimate | None:
    if found is None:
        return None
    value, low, high = (math.exp(min(each, 700.0)) for each in (found.value, found.low, found.high))
    return Estimate(value=value, low=low, high=high, confidence=found.confidence, unit="ratio")
