"""The least clear level of a claim on every level: one number per seed, for the right panel."""

import dataclasses
import math

import numpy as np

from sigstats.evidence.results import ClauseEvidence, Estimate, FloatArray
from sigstats.shapes.base import Bounds
from sigstats.verdict.decision import Decision
from sigstats.verdict.figure.traces import Trace, level_intervals, level_means


def bounds_at_level(verdict: Decision) -> Bounds | None:
    """Return what the least clear level must lie within; None where the claim is not on every level."""
    found = verdict.evidence.primary
    if found is None or found.at is None:
        return None
    return verdict.signature.shape.bounds(verdict.signature.min_effect)


def level_of(verdict: Decision, trace: Trace) -> float:
    """Return the level at which a condition is drawn: the least clear one of its side."""
    departs: ClauseEvidence | None = verdict.evidence.control_departs
    found = departs if departs is not None and trace.role == "control" else verdict.evidence.primary
    return math.nan if found is None or found.at is None else found.at


def at_level(verdict: Decision, trace: Trace, bounds: Bounds) -> tuple[Trace, Estimate]:
    """Return a trace with the metric at its least clear level as scores, and their mean with its interval."""
    values = _departures(trace.curves) if bounds.around_mean else trace.curves
    unit = verdict.signature.metric or "metric"
    alpha = verdict.alpha
    found = np.flatnonzero(np.isclose(trace.levels, level_of(verdict, trace), rtol=1e-12, atol=0.0))
    if not found.size:
        nowhere = Estimate(value=math.nan, low=math.nan, high=math.nan, confidence=1 - 2 * alpha, unit=unit)
        return dataclasses.replace(trace, scores=np.empty(0)), nowhere
    column = int(found[0])
    low, high = level_intervals(values, alpha)
    pooled = len(trace.arms) > 1
    estimate = Estimate(
        value=float(level_means(values)[column]),
        low=math.nan if pooled else float(low[column]),
        high=math.nan if pooled else float(high[column]),
        confidence=1 - 2 * alpha,
        unit=unit,
    )
    return dataclasses.replace(trace, scores=values[:, column]), estimate


def _departures(curves: FloatArray) -> FloatArray:
    """Return each line's distance from its own mean, as if no cell were missing."""
    means = level_means(curves)
    away = curves - means
    present = np.isfinite(away)
    count = np.maximum(present.sum(axis=1), 1)
    own = np.where(present, away, 0.0).sum(axis=1) / count + np.nanmean(means)
    return np.asarray(curves - own[:, None])
