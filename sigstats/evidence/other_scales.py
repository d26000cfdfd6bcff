"""Is a curve steepest in the middle on every scale of the metric, or on one only?

What is steep and what is flat depends on the scale on which a metric is told: an accuracy that leaps from near 0 may
have climbed steadily in its logarithm. A jump that is there on one scale only may be an artefact of that scale.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.evidence.clauses import clause_evidence, score_conditions
from sigstats.evidence.conditions import Sweep
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.results import ScaleEvidence
from sigstats.evidence.scales import common_scale, metric_scale, on_metric_scale
from sigstats.signature.fields import MetricScale
from sigstats.signature.signature import Signature

FloatArray = NDArray[np.float64]

SCALES: tuple[MetricScale, ...] = ("linear", "log", "logit")


def on_other_scales(
    sweep: Sweep, setting: LineSetting, signature: Signature, metric: str, rng: np.random.Generator
) -> tuple[ScaleEvidence, ...]:
    """Return whether the clause on where the curve is steepest is shown on the other scales of the metric.

    Notes
    -----
    *Null hypothesis.* That of the clause, for the mean over seeds of the metric on the other scale: which is not the
    other scale of its mean. *What would fool it.* Noise grows where a scale is stretched, as it is near 0 on the log
    scale, so that a clause may not be shown there for want of seeds.
    """
    own = metric_scale(signature)
    values = [_plain(each.curves, sweep, own) for each in sweep.treatments]
    return tuple(
        _on_scale(scale, values, sweep, setting, signature, metric, rng) for scale in SCALES if scale != own
    )


def _plain(curves: FloatArray, sweep: Sweep, scale: MetricScale) -> FloatArray:
    """Return the metric itself."""
    told = (curves * sweep.orientation + sweep.centre) * sweep.scale
    if scale == "linear":
        return told
    return np.asarray(np.exp(told) if scale == "log" else special.expit(told))


def _on_scale(
    scale: MetricScale,
    values: Sequence[FloatArray],
    sweep: Sweep,
    setting: LineSetting,
    signature: Signature,
    metric: str,
    rng: np.random.Generator,
) -> ScaleEvidence:
    unit = metric if scale == "linear" else f"{scale} {metric}"
    outside = _outside(values, scale)
    if outside:
        nothing = replace(setting, scale=1.0, unit=unit)
        nan = float("nan")
        return ScaleEvidence(
            scale=scale,
            n_outside=outside,
            estimate=nothing.measured(nan),
            pvalue=nan,
            prob_positive=nan,
            n_seeds=0,
        )
    told = [on_metric_scale(each, scale, metric) for each in values]
    size, centre = common_scale({str(number): each for number, each in enumerate(told)})
    treatments = tuple(
        replace(each, curves=(curves / size - centre) * sweep.orientation)
        for each, curves in zip(sweep.treatments, told, strict=True)
    )
    other = replace(sweep, treatments=treatments, controls=(), scale=size, centre=centre)
    clause = next(each for each in signature.shape.clauses if each.name == signature.shape.steep_clause)
    plain = replace(signature, min_effect=None)
    scored = score_conditions(treatments, other, plain, rng)
    found = clause_evidence(clause, treatments, scored, replace(setting, scale=size, unit=unit))
    return ScaleEvidence(
        scale=scale,
        n_outside=0,
        estimate=found.estimate,
        pvalue=found.pvalue,
        prob_positive=found.prob_positive,
        n_seeds=found.n_seeds,
    )


def _outside(values: Sequence[FloatArray], scale: MetricScale) -> int:
    """Return how many values the scale does not have."""
    if scale == "linear":
        return 0
    upper = np.inf if scale == "log" else 1.0
    return int(sum(((each <= 0) | (each >= upper)).sum() for each in values))
