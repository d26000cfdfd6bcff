"""Laws that are fitted to the low levels of a curve and carried on to higher ones.

A law is fitted by least squares to the means at the levels that were run. Its value further on depends on these means;
to first order it is a weighted sum of them, and the weights say how the error of each mean is carried on (delta
method). The same weights, applied to the curve of each seed, give one score per seed.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sigstats.errors import InputError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.floor_law import FREE, floor_law, power_axis

Law = Literal["flat", "last_value", "linear", "power_law", "saturating", "scaling_law"]
KnobScale = Literal["linear", "log"]
MetricScale = Literal["linear", "log", "logit"]
LAWS: tuple[Law, ...] = ("flat", "last_value", "linear", "power_law", "saturating", "scaling_law")
KNOB_SCALES: tuple[KnobScale, ...] = ("linear", "log")
METRIC_SCALES: tuple[MetricScale, ...] = ("linear", "log", "logit")
STEP = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A law that was fitted to means at some levels, at others.

    Attributes
    ----------
    values : ndarray, shape (n_ahead,)
        What the law predicts, in units of the metric.
    weights : ndarray, shape (n_ahead, n_levels)
        How much each prediction changes per unit of each mean that it was fitted to.
    parameters : tuple of (str, float)
        Names and values of the fitted parameters, on the scales on which the law was fitted: floor (or ceiling) and
        exponent of a power law, plateau and rate per range of an approach to one, slope of a line; "start" is the value
        at the first level.
    at_limit : bool
        Whether the exponent stands at an end of its range, so that the levels do not bend as such a law does.
    """

    values: FloatArray
    weights: FloatArray = field(repr=False)
    parameters: tuple[tuple[str, float], ...]
    at_limit: bool = False


def carried_on(
    means: FloatArray,
    levels: FloatArray,
    ahead: FloatArray,
    *,
    law: Law,
    knob_scale: KnobScale,
    metric_scale: MetricScale,
    floor: float | None = None,
) -> Ahead:
    """Return what a law that fits the means at some levels predicts at others.

    Parameters
    ----------
    means : ndarray, shape (n_levels,)
        Means at the levels, in units of the metric.
    levels : ndarray, shape (n_levels,)
        Ascending levels of the knob.
    ahead : ndarray, shape (n_ahead,)
        Levels to predict.
    law : str
        One of `LAWS`. "flat": the mean over the levels; "last_value": the last mean; "linear": a line; "power_law": a
        line in log-log; "saturating": an exponential approach to a plateau; "scaling_law": E + A x^-a.
    knob_scale : {"linear", "log"}
        Scale of the knob for "linear" and "saturating".
    metric_scale : {"linear", "log", "logit"}
        Scale of the metric on which the law holds and squares are least; that of "power_law" is "log".
    floor : float or None
        E of "scaling_law" where it is known; None fits it.

    Returns
    -------
    Ahead
        Predictions, and their weights.

    Raises
    ------
    InputError
        If levels or means do not fit the scales.

    Notes
    -----
    All levels weigh the same. The weights are the derivative of the least-squares solution by the means, with the
    curvature of the law left out (Gauss and Newton): exact for laws that are linear in their parameters, and for curves
    that follow the law.

    References
    ----------
    G. A. F. Seber and C. J. Wild, *Nonlinear Regression*, Wiley, 1989, sections 2.1 and 5.1.
    https://doi.org/10.1002/0471725315

    Examples
    --------
    >>> import numpy as np
    >>> size = np.geomspace(1, 100, 6)
    >>> found = carried_on(2 + 3 * size**-0.5, size, np.array([1e4]), law="scaling_law", knob_scale="log",
    ...                    metric_scale="linear")
    >>> found.values.round(4)
    array([2.03])
    """
    checks.choice("law", law, LAWS)
    checks.choice("knob_scale", knob_scale, KNOB_SCALES)
    scale = "log" if law == "power_law" else checks.choice("metric_scale", metric_scale, METRIC_SCALES)
    heights, slopes = _on_scale(means, scale)
    log_knob = knob_scale == "log" or law in ("power_law", "scaling_law")
    x, x_ahead = _positions(levels, ahead, log_knob=log_knob)
    parameters: tuple[tuple[str, float], ...]
    if law == "last_value":
        values = np.full(ahead.size, heights[-1])
        weights, parameters, at_limit = (
            _only_last(ahead.size, levels.size),
            (("value", float(heights[-1])),),
            False,
        )
    elif law in ("saturating", "scaling_law"):
        values, weights, parameters, at_limit = _bent(heights, x, x_ahead, law, floor)
    else:
        values, weights, parameters = _straight(heights, x, x_ahead, flat=law == "flat")
        at_limit = False
        if law == "power_law":
            parameters = (("start", float(np.exp(parameters[0][1]))), ("exponent", parameters[1][1]))
    predicted, back = _off_scale(values, scale)
    return Ahead(
        values=predicted,
        weights=back[:, None] * weights * slopes,
        parameters=tuple((name, float(value)) for name, value in parameters),
        at_limit=at_limit,
    )


def _on_scale(means: FloatArray, scale: MetricScale) -> tuple[FloatArray, FloatArray]:
    """Return means on the scale of the fit, and how fast they change there."""
    if scale == "linear":
        return means, np.ones_like(means)
    most = np.inf if scale == "log" else 1.0
    if not ((means > 0) & (means < most)).all():
        allowed = "above 0" if scale == "log" else "strictly between 0 and 1"
        raise InputError(
            f"`means` runs from {means.min():g} to {means.max():g}; on the {scale} scale they must be {allowed}."
        )
    if scale == "log":
        return np.log(means), 1.0 / means
    return np.log(means) - np.log1p(-means), 1.0 / (means * (1.0 - means))


def _off_scale(values: FloatArray, scale: MetricScale) -> tuple[FloatArray, FloatArray]:
    """Return predictions in units of the metric, and how fast they change there."""
    if scale == "linear":
        return values, np.ones_like(values)
    with np.errstate(over="ignore"):
        found = np.exp(values) if scale == "log" else 1.0 / (1.0 + np.exp(-values))
    return found, found if scale == "log" else found * (1.0 - found)


def _positions(levels: FloatArray, ahead: FloatArray, *, log_knob: bool) -> tuple[FloatArray, FloatArray]:
    """Return levels so that those of the fit run from 0: in logarithms, or as parts of their range."""
    if log_knob:
        if levels.min() <= 0 or ahead.min(initial=np.inf) <= 0:
            raise InputError(
                f"`levels` holds {min(levels.min(), ahead.min(initial=np.inf)):g}, which has no logarithm; levels must "
                "be above 0."
            )
        return np.log(levels) - np.log(levels[0]), np.log(ahead) - np.log(levels[0])
    width = levels[-1] - levels[0]
    return (levels - levels[0]) / width, (ahead - levels[0]) / width


def _only_last(n_ahead: int, n_levels: int) -> FloatArray:
    weights = np.zeros((n_ahead, n_levels))
    weights[:, -1] = 1.0
    return weights


def _straight(
    heights: FloatArray, x: FloatArray, ahead: FloatArray, *, flat: bool
) -> tuple[FloatArray, FloatArray, tuple[tuple[str, float], ...]]:
    """Return a line, or the mean, carried on."""
    n = 1 if flat else 2
    design, further = np.stack([x**0, x], axis=1)[:, :n], np.stack([ahead**0, ahead], axis=1)[:, :n]
    solve = np.linalg.pinv(design)
    found = solve @ heights
    return further @ found, further @ solve, tuple(zip(("start", "slope"), found, strict=False))


def _bent(
    heights: FloatArray, x: FloatArray, ahead: FloatArray, law: Law, floor: float | None
) -> tuple[FloatArray, FloatArray, tuple[tuple[str, float], ...], bool]:
    """Return a law with a floor carried on; an exponential approach is such a law in exp(x)."""
    known = floor if law == "scaling_law" else None
    found = floor_law(heights[None], np.exp(x), floor=FREE if known is None else known)
    exponent = float(np.nan_to_num(found.exponent[0]))
    level, slope, excess = float(found.level[0]), float(found.slope[0]), float(found.excess[0])

    def derivatives(at: FloatArray) -> FloatArray:
        if known is not None:
            power = np.exp(-exponent * at)
            return np.stack([power, -excess * at * power], axis=1)
        near = np.array([exponent, exponent - STEP, exponent + STEP])
        axis, below, above = power_axis(at, near)
        return np.stack([axis**0, axis, slope * (above - below) / (2.0 * STEP)], axis=1)

    weights = derivatives(ahead) @ np.linalg.pinv(derivatives(x))
    values = level + slope * power_axis(ahead, np.array([exponent]))[0]
    end, speed = ("plateau", "rate") if law == "saturating" else ("floor", "exponent")
    named = ((end, float(found.floor[0])), (speed, exponent), ("start", level))
    return values, weights, named, bool(found.at_limit[0])
