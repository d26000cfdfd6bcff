"""Forms of a mean curve, fitted by least squares: a line, a hinge, a step, a peak, and the curve that is free.

Some forms are one amplitude times an *atom*, a curve of known form whose place or width stands on a grid: the hinge
with its knot here, the step in this gap, the logistic rise of that width. The least-squares fit is then the atom that
explains most of the curve, found for many curves at once by one product of matrices. Tents and parabolas have a second
atom. The others only say which way a curve goes: monotone curves come from pooling adjacent violators, and peaks are
two monotone pieces. The free curve is the curve itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from sigstats.errors import OptionError
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.curves.floor_law import exponent_limits, power_axis
from sigstats.stats.curves.monotone import monotone_fit, unimodal_fit

Form = Literal[
    "flat", "linear", "power_law", "scaling_law", "hinge", "step", "saturating", "convex", "concave", "sigmoid", "tent",
    "increasing", "decreasing", "peak", "valley", "free",
]  # fmt: skip
FormDirection = Literal["increasing", "decreasing", "either"]
Fitter = Callable[[FloatArray, "KnobAxis", FloatArray, FormDirection], "FormFit"]

DIRECTIONS: tuple[FormDirection, ...] = ("either", "decreasing", "increasing")
# Fewest levels at which each form is one; the more specific forms come first.
FEWEST: dict[Form, int] = {
    "flat": 3, "linear": 3, "power_law": 4, "scaling_law": 5, "hinge": 5, "step": 4, "saturating": 5, "convex": 4,
    "concave": 4, "sigmoid": 6, "tent": 5, "increasing": 3, "decreasing": 3, "peak": 4, "valley": 4, "free": 3,
}  # fmt: skip
FORMS: tuple[Form, ...] = tuple(FEWEST)
STEPS_PER_GAP = 8
MOST_PLACES = 400
MOST_MIDDLES = 200
MOST_CELLS = 1_000_000
WIDTHS = 12
RATES = 60
EXPONENTS = np.concatenate([np.linspace(-4.0, -0.05, 80), np.linspace(0.05, 4.0, 80)])


@dataclass(frozen=True, slots=True, kw_only=True)
class KnobAxis:
    """The levels at which curves were seen.

    Attributes
    ----------
    x : ndarray, shape (n_levels,)
        Ascending levels on the scale on which lines are straight, from 0 to 1.
    positive : ndarray, shape (n_levels,), or None
        The same levels in units in which a power of them makes sense, all above 0; None where there are none.
    log_metric : bool
        Whether the curves are logarithms, in which a power law is a line in the logarithm of the level.
    """

    x: FloatArray = field(repr=False)
    positive: FloatArray | None = field(default=None, repr=False)
    log_metric: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFit:
    """Least-squares fits of one form.

    Attributes
    ----------
    curves : ndarray, shape (n, n_levels)
        The fitted curves.
    parameters : ndarray, shape (n,)
        Numbers of parameters beside the mean. Monotone curves and peaks have one for each jump and one for the places
        of jumps, at most as many as the free curve.
    """

    curves: FloatArray = field(repr=False)
    parameters: FloatArray


def fit_form(
    curves: npt.ArrayLike, axis: KnobAxis, *, form: Form, direction: FormDirection, weights: npt.ArrayLike
) -> FormFit:
    """Return the least-squares fit of a form to each curve.

    Parameters
    ----------
    curves : array_like, shape (n, n_levels)
        Curves without gaps.
    axis : KnobAxis
        Levels.
    form : str
        One of `FORMS`.
    direction : {"increasing", "decreasing", "either"}
        Which sign the amplitude may have: of lines, hinges (after the knot), steps, sigmoids, saturating curves
        (before they level off), power laws and tents (before the turn). Other forms say it themselves.
    weights : array_like, shape (n_levels,)
        Weight of each level, above 0, such as at how many seeds it was seen.

    Returns
    -------
    FormFit
        Fitted curves and numbers of parameters.

    Raises
    ------
    OptionError
        If the form or the direction is unknown, there are too few levels for the form, or a power law is asked for
        at levels that are not positive.
    InputError
        If curves, weights and levels do not fit each other.

    Notes
    -----
    *Of one formula.* "flat": the mean. "linear": a line. "hinge": level up to a knot, then a line; the knot stands on a
    level or at one of seven places between two of them, with two levels on each side. "step": one value, then another,
    with two levels on each side (one below 5 levels). "sigmoid": a logistic rise, so wide that it takes at least two
    gaps between levels from 10 to 90 %; narrower ones are steps. "saturating": an exponential or hyperbolic approach to
    a plateau at any rate, or a line that ends in a plateau. "power_law": the level to a power from -4 to 4 times a
    constant, without an offset; for logarithms of a metric a line in the logarithm of the level. "scaling_law": a power
    below 0 plus a constant, the floor or ceiling that it approaches. "convex", "concave": a
    parabola that bends that way. "tent": two lines that meet in a turn, one not falling and one not rising, or both the
    other way round.

    *Of a direction only.* "increasing", "decreasing": any monotone curve. "peak": any curve that does not fall before a
    turn and does not rise after it, with two levels at least in either part; "valley" is its mirror. "free": the curve
    itself.

    A form holds its limits: a convex curve may be a line, a tent or a peak may lack one of its sides. Where a curve
    goes against the direction, the best fit is flat.

    *Accuracy.* Knots and middles stand on a grid of eighths of a gap, coarser above 50 levels (400 knots and 200 to 40
    middles in all); rates and widths on geometric grids.

    References
    ----------
    R. E. Barlow, D. J. Bartholomew, J. M. Bremner and H. D. Brunk, *Statistical Inference under Order Restrictions*,
    1972 (monotone curves; peaks as in `sigstats.stats.curves.monotone`).

    Examples
    --------
    >>> import numpy as np
    >>> axis = KnobAxis(x=np.linspace(0, 1, 5))
    >>> fit_form([[0.0, 0.0, 0.0, 1.0, 2.0]], axis, form="hinge", direction="increasing", weights=np.ones(5)).curves
    array([[0., 0., 0., 1., 2.]])
    """
    known, way = checks.choice("form", form, FORMS), checks.choice("direction", direction, DIRECTIONS)
    values, levels = checks.matrix("curves", curves), checks.vector("weights", weights)
    checks.same_size(weights=levels, levels=axis.x, columns=values.T)
    if (levels <= 0).any():
        raise OptionError(
            f"`weights` holds {levels.min():g}; each must be above 0. Leave out levels without weight."
        )
    if axis.x.size < FEWEST[known]:
        raise OptionError(
            f"`form` is {known!r} and there are {axis.x.size} levels; it needs at least {FEWEST[known]}. Leave it out."
        )
    mean = np.zeros((len(values), 1)) if known == "power_law" else (values @ levels / levels.sum())[:, None]
    found = FITS[known](values - mean, axis, levels, way)
    return FormFit(curves=mean + found.curves, parameters=found.parameters)


def _centred(atoms: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray(atoms - (atoms @ weights / weights.sum())[:, None])


def _largest(values: FloatArray, atoms: FloatArray, weights: FloatArray, way: FormDirection) -> FloatArray:
    """Return for each curve the multiple of an atom that leaves the smallest weighted sum of squares."""
    size = np.sqrt(atoms**2 @ weights)
    units = atoms[size > 0] / size[size > 0][:, None]
    products = (values * weights) @ units.T
    signed = {"increasing": products, "decreasing": -products, "either": np.abs(products)}[way]
    best = signed.argmax(axis=1)
    rows = np.arange(len(values))
    amplitude = np.where(signed[rows, best] > 0, products[rows, best], 0.0)
    return np.asarray(amplitude[:, None] * units[best])


def _one_atom(atoms: Callable[[KnobAxis], FloatArray], *, parameters: int, centred: bool = True) -> Fitter:
    """Return the fit of a form that is one atom, from the function that makes its atoms."""

    def fitter(values: FloatArray, axis: KnobAxis, weights: FloatArray, way: FormDirection) -> FormFit:
        choice = _centred(atoms(axis), weights) if centred else atoms(axis)
        fitted = _largest(values, choice, weights, way)
        return FormFit(curves=fitted, parameters=np.full(len(values), float(parameters)))

    return fitter


def _mirrored(fitter: Fitter) -> Fitter:
    """Return the fit of the same form upside down."""

    def mirror(values: FloatArray, axis: KnobAxis, weights: FloatArray, way: FormDirection) -> FormFit:
        found = fitter(-values, axis, weights, way)
        return FormFit(curves=-found.curves, parameters=found.parameters)

    return mirror


def _places(x: FloatArray, most: int = MOST_PLACES) -> FloatArray:
    """Return places from the second level to the last but one, evenly many in every gap."""
    last = x.size - 2
    number = min(STEPS_PER_GAP * (last - 1) + 1, most)
    return np.interp(np.linspace(1, last, number), np.arange(x.size), x)


def _flat(values: FloatArray, _axis: KnobAxis, _weights: FloatArray, _way: FormDirection) -> FormFit:
    return FormFit(curves=np.zeros_like(values), parameters=np.zeros(len(values)))


def _line(axis: KnobAxis) -> FloatArray:
    return axis.x[None, :]


def _hinges(axis: KnobAxis) -> FloatArray:
    return np.maximum(axis.x - _places(axis.x)[:, None], 0.0)


def _steps(axis: KnobAxis) -> FloatArray:
    each = 2 if axis.x.size >= 5 else 1
    index = np.arange(axis.x.size)
    return (index >= np.arange(each, axis.x.size - each + 1)[:, None]).astype(float)


def _saturating(axis: KnobAxis) -> FloatArray:
    """Return exponential and hyperbolic approaches to a plateau at many rates, and lines that end in one."""
    x = axis.x
    rates = np.geomspace(min(x[1] / 2.0, 0.5), 1.0, RATES)[:, None]
    return np.vstack([-np.expm1(-x / rates), x / (x + rates), np.minimum(x, _places(x)[:, None])])


def _sigmoids(axis: KnobAxis) -> FloatArray:
    x = axis.x
    most = int(np.clip(MOST_CELLS / (WIDTHS * x.size), 40, MOST_MIDDLES))
    middles = _places(x, most)[:, None]
    narrowest = min(0.5 * float(np.median(np.diff(x))), 0.25)
    widths = np.geomspace(narrowest, 0.25, WIDTHS)[:, None, None]
    return np.asarray(np.tanh((x - middles) / (2.0 * widths)).reshape(-1, x.size))


def _logs(axis: KnobAxis) -> FloatArray:
    if axis.positive is None or not (axis.positive > 0).all():
        raise OptionError("`form` is a power law, which needs levels above 0. Leave it out.")
    return np.asarray(np.log(axis.positive))


def _powers(axis: KnobAxis) -> FloatArray:
    """Return powers of the levels, scaled so that they stay near 1."""
    logs = _logs(axis)
    return np.asarray(np.exp(EXPONENTS[:, None] * (logs - logs.mean())))


def _scaling_laws(axis: KnobAxis) -> FloatArray:
    """Return laws that approach a floor or a ceiling, at many exponents, from nearly a line in the logarithm."""
    logs = _logs(axis)
    most = exponent_limits(np.exp(logs - logs[0]))
    exponents = np.geomspace(0.05 / (logs[-1] - logs[0]), most, RATES)
    return power_axis(logs - logs[0], exponents)


def _power_law(values: FloatArray, axis: KnobAxis, weights: FloatArray, way: FormDirection) -> FormFit:
    """Return the best power without an offset; of logarithms, the best line."""
    if not axis.log_metric:
        # The sign of the exponent is the direction; the constant is positive, as the metric is.
        kept = {"increasing": EXPONENTS > 0, "decreasing": EXPONENTS < 0, "either": EXPONENTS != 0}[way]
        return _one_atom(lambda on: _powers(on)[kept], parameters=2, centred=False)(
            values, axis, weights, "increasing"
        )
    mean = (values @ weights / weights.sum())[:, None]
    found = _one_atom(lambda on: _logs(on)[None, :], parameters=1)(values - mean, axis, weights, way)
    return FormFit(curves=mean + found.curves, parameters=found.parameters)


def _by_jumps(fitted: FloatArray) -> FormFit:
    jumps = (np.diff(fitted, axis=1) != 0).sum(axis=1).astype(float)
    return FormFit(curves=fitted, parameters=np.minimum(jumps + (jumps > 0), fitted.shape[1] - 1.0))


def _increasing(values: FloatArray, _axis: KnobAxis, weights: FloatArray, _way: FormDirection) -> FormFit:
    return _by_jumps(np.array([monotone_fit(row, weights, increasing=True) for row in values]))


def _peak(values: FloatArray, _axis: KnobAxis, weights: FloatArray, _way: FormDirection) -> FormFit:
    return _by_jumps(np.array([unimodal_fit(row, weights) for row in values]))


def _convex(values: FloatArray, axis: KnobAxis, weights: FloatArray, _way: FormDirection) -> FormFit:
    """Return the best parabola that does not bend downwards."""
    line, square = _centred(np.stack([axis.x, axis.x**2]), weights)
    square = square - (square * weights) @ line / (line**2 @ weights) * line
    slope, bend = ((values * weights) @ atom / (atom**2 @ weights) for atom in (line, square))
    fitted = slope[:, None] * line + np.maximum(bend, 0.0)[:, None] * square
    return FormFit(curves=fitted, parameters=np.full(len(values), 2.0))


def _tent(values: FloatArray, axis: KnobAxis, weights: FloatArray, way: FormDirection) -> FormFit:
    """Return the best two lines that meet in a turn, upwards, downwards, or whichever is better."""
    up, down = _two_arms(values, axis, weights), -_two_arms(-values, axis, weights)
    misfits = [(values - fitted) ** 2 @ weights for fitted in (up, down)]
    upwards = misfits[0] <= misfits[1] if way == "either" else np.full(len(values), way == "increasing")
    fitted = np.where(upwards[:, None], up, down)
    return FormFit(curves=fitted, parameters=np.full(len(values), 3.0))


def _two_arms(values: FloatArray, axis: KnobAxis, weights: FloatArray) -> FloatArray:
    """Return the best two lines of which the first does not fall and the second does not rise.

    For every turn both arms are atoms with an amplitude of at least 0; where one of the two would be negative, the
    better one stays alone.
    """
    turns = _places(axis.x)[:, None]
    first = _centred(np.minimum(axis.x, turns), weights)
    second = _centred(-np.maximum(axis.x - turns, 0.0), weights)
    F, G, H = first**2 @ weights, second**2 @ weights, (first * second) @ weights
    P, Q = (values * weights) @ first.T, (values * weights) @ second.T
    rise, fall = (P * G - Q * H) / (F * G - H**2), (Q * F - P * H) / (F * G - H**2)
    both = (rise >= 0) & (fall >= 0)
    alone = np.maximum(P, 0.0) ** 2 / F >= np.maximum(Q, 0.0) ** 2 / G
    rise = np.where(both, rise, np.where(alone, np.maximum(P, 0.0) / F, 0.0))
    fall = np.where(both, fall, np.where(alone, 0.0, np.maximum(Q, 0.0) / G))
    gain = 2.0 * (rise * P + fall * Q) - rise**2 * F - fall**2 * G - 2.0 * rise * fall * H
    best, rows = gain.argmax(axis=1), np.arange(len(values))
    return np.asarray(rise[rows, best, None] * first[best] + fall[rows, best, None] * second[best])


def _free(values: FloatArray, axis: KnobAxis, _weights: FloatArray, _way: FormDirection) -> FormFit:
    return FormFit(curves=values, parameters=np.full(len(values), axis.x.size - 1.0))


FITS: dict[Form, Fitter] = {
    "flat": _flat,
    "linear": _one_atom(_line, parameters=1),
    "power_law": _power_law,
    "scaling_law": _one_atom(_scaling_laws, parameters=2),
    "hinge": _one_atom(_hinges, parameters=2),
    "step": _one_atom(_steps, parameters=2),
    "saturating": _one_atom(_saturating, parameters=2),
    "convex": _convex,
    "concave": _mirrored(_convex),
    "sigmoid": _one_atom(_sigmoids, parameters=3),
    "tent": _tent,
    "increasing": _increasing,
    "decreasing": _mirrored(_increasing),
    "peak": _peak,
    "valley": _mirrored(_peak),
    "free": _free,
}
