"""Least-squares fits of forms: against brute force and NumPy, on curves they hold exactly, and their symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from sigstats.errors import InputError, OptionError
from sigstats.stats.curves.fit import FEWEST, FORMS, KnobAxis, fit_form
from sigstats.stats.curves.monotone import monotone_fit, prefix_misfits, rising_fits, unimodal_fit

X = np.linspace(0.0, 1.0, 9)
AXIS = KnobAxis(x=X)
LOG_AXIS = KnobAxis(x=X, positive=np.logspace(0.0, 3.0, 9))  # for laws, which need levels above 0
ONES = np.ones(9)
EXACT = {
    "flat": 0 * X + 3,
    "linear": 2 - 5 * X,
    "hinge": 1 + 4 * np.maximum(X - X[3], 0),
    "step": np.where(X > 0.4, 7.0, -1.0),
    "saturating": 3 * np.minimum(X, X[4]),
    "sigmoid": np.tanh((X - X[4]) / 0.125),  # of the narrowest width, half a gap
    "convex": (X - 0.3) ** 2,
    "concave": -((X - 0.3) ** 2),
    "tent": np.where(X[4] > X, 2 * X, 2 * X[4] - 3 * (X - X[4])),
    "increasing": np.sqrt(X),
    "decreasing": -np.sqrt(X),
    "peak": np.exp(-(((X - 0.5) / 0.2) ** 2)),
    "valley": -np.exp(-(((X - 0.5) / 0.2) ** 2)),
    "free": np.sin(9 * X),
}
DIRECTED = ("linear", "hinge", "step", "saturating", "sigmoid")
CURVES = st.lists(st.floats(-5, 5).map(lambda value: round(value, 3)), min_size=9, max_size=9).map(np.array)
WEIGHTS = st.lists(st.integers(1, 4), min_size=9, max_size=9).map(lambda given: np.array(given, dtype=float))


def fitted(curve, form, *, direction="either", weights=ONES, axis=AXIS):
    return fit_form(curve[None], axis, form=form, direction=direction, weights=weights).curves[0]


def misfit(curve, form, *, direction="either", weights=ONES, axis=AXIS):
    return float(
        ((curve - fitted(curve, form, direction=direction, weights=weights, axis=axis)) ** 2) @ weights
    )


def least_squares(curve, columns, weights=ONES):
    """Return the misfit of a weighted linear regression with an intercept."""
    design = np.column_stack([np.ones(curve.size), *columns]) * np.sqrt(weights)[:, None]
    target = curve * np.sqrt(weights)
    found, *_ = np.linalg.lstsq(design, target, rcond=None)
    return float(((target - design @ found) ** 2).sum())


@pytest.mark.parametrize("form", EXACT)
def test_a_form_fits_its_own_curve_exactly(form):
    """Every form reproduces a curve that it holds, whatever its height."""
    np.testing.assert_allclose(fitted(100 + EXACT[form], form), 100 + EXACT[form], atol=1e-9)


@pytest.mark.parametrize("rate", [0.08, 0.3])
@pytest.mark.parametrize(
    "curve", [lambda x, r: -np.expm1(-x / r), lambda x, r: x / (x + r)], ids=["exp", "hyper"]
)
def test_saturation_at_any_rate_is_met_closely(curve, rate):
    """Rates stand on a grid, whose gaps cost less than a thousandth of the rise."""
    assert np.abs(fitted(curve(X, rate), "saturating") - curve(X, rate)).max() < 0.005


@pytest.mark.parametrize("middle", [0.31, 0.5, 0.72])
@pytest.mark.parametrize("width", [0.07, 0.15])
def test_a_logistic_rise_is_met_closely_wherever_it_is(middle, width):
    """Middles and widths stand on a grid that costs less than a fiftieth of the rise."""
    curve = 1 / (1 + np.exp(-(X - middle) / width))
    assert np.abs(fitted(curve, "sigmoid") - curve).max() < 0.02


def test_a_curve_is_not_fitted_by_the_wrong_form():
    """The misfit of a wrong form is a good part of the curve's spread."""
    for form, wrong in (("hinge", "step"), ("peak", "increasing"), ("convex", "concave"), ("step", "linear")):
        curve = EXACT[form]
        assert misfit(curve, wrong) > 0.1 * ((curve - curve.mean()) ** 2).sum()


@given(CURVES, WEIGHTS)
def test_lines_and_parabolas_are_those_of_numpy(curve, weights):
    """Weighted polynomials agree with numpy.polyfit; a parabola of the wrong bend is the line."""
    line = np.polyval(np.polyfit(X, curve, 1, w=np.sqrt(weights)), X)
    square = np.polyfit(X, curve, 2, w=np.sqrt(weights))
    parabola = np.polyval(square, X)
    np.testing.assert_allclose(fitted(curve, "linear", weights=weights), line, atol=1e-9)
    expected = (parabola, line) if square[0] > 0 else (line, parabola)
    for form, curve_of_form in zip(("convex", "concave"), expected, strict=True):
        np.testing.assert_allclose(fitted(curve, form, weights=weights), curve_of_form, atol=1e-7)


@pytest.mark.long
@given(CURVES, WEIGHTS)
def test_steps_and_hinges_are_the_best_of_all_places(curve, weights):
    """Regression at every gap, and at every knot of a grid with eight places to a gap, finds nothing better."""
    steps = [least_squares(curve, [X[at] <= X], weights) for at in range(2, 8)]
    knots = np.interp(np.linspace(1, 7, 49), np.arange(9), X)
    hinges = [least_squares(curve, [np.maximum(X - knot, 0)], weights) for knot in knots]
    assert misfit(curve, "step", weights=weights) == pytest.approx(min(steps), abs=1e-8)
    assert misfit(curve, "hinge", weights=weights) == pytest.approx(min(hinges), abs=1e-8)


@given(CURVES, WEIGHTS)
def test_a_tent_is_the_best_pair_of_lines_with_a_turn(curve, weights):
    """Non-negative least squares at every turn of the grid finds nothing better."""
    turns = np.interp(np.linspace(1, 7, 49), np.arange(9), X)
    root = np.sqrt(weights)
    ones = np.column_stack([root, -root])

    def rest(turn):
        arms = np.column_stack([np.minimum(X, turn), -np.maximum(X - turn, 0)]) * root[:, None]
        return optimize.nnls(np.hstack([ones, arms]), curve * root)[1] ** 2

    expected = min(map(rest, turns))
    assert misfit(curve, "tent", direction="increasing", weights=weights) == pytest.approx(expected, abs=1e-7)


@given(
    values=st.lists(st.integers(-3, 3), min_size=1, max_size=30),
    increasing=st.booleans(),
    rng=st.randoms(use_true_random=False),
)
def test_a_monotone_fit_is_that_of_scipy(values, increasing, rng):
    curve, weights = np.array(values, dtype=float), np.array([rng.uniform(0.1, 3.0) for _ in values])
    expected = optimize.isotonic_regression(curve, weights=weights, increasing=increasing).x
    np.testing.assert_allclose(monotone_fit(curve, weights, increasing=increasing), expected, atol=1e-12)


@given(CURVES, WEIGHTS)
def test_misfits_of_prefixes_are_those_of_single_fits(curve, weights):
    """One pass gives what fitting every prefix on its own gives."""
    expected = [
        float((curve[:n] - monotone_fit(curve[:n], weights[:n], increasing=True)) ** 2 @ weights[:n])
        for n in range(1, 10)
    ]
    np.testing.assert_allclose(prefix_misfits(curve, weights), expected, atol=1e-9)


@given(CURVES, WEIGHTS)
def test_a_peak_is_the_best_of_all_turns(curve, weights):
    """A rise and a fall fitted on either side of every gap are nowhere better."""
    best = min(
        ((curve[:at] - monotone_fit(curve[:at], weights[:at], increasing=True)) ** 2 @ weights[:at])
        + ((curve[at:] - monotone_fit(curve[at:], weights[at:], increasing=False)) ** 2 @ weights[at:])
        for at in range(2, 8)
    )
    assert ((curve - unimodal_fit(curve, weights)) ** 2) @ weights == pytest.approx(float(best), abs=1e-9)


@pytest.mark.long
@settings(max_examples=25)
@given(CURVES, WEIGHTS)
def test_general_forms_fit_no_worse_than_special_ones(curve, weights):
    """A line is convex, a rising step is increasing, a tent is a peak or a valley, and nothing beats the free curve."""

    def left(form, direction="either"):
        return misfit(curve, form, direction=direction, weights=weights)

    slack = 1e-9 * (1 + float(curve**2 @ weights))
    assert left("convex") <= left("linear") + slack
    for special in DIRECTED:
        assert left("increasing") <= left(special, "increasing") + slack
        assert left("decreasing") <= left(special, "decreasing") + slack
    assert left("flat") + slack >= left("increasing")
    assert left("free") <= slack


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=15)
@given(curve=CURVES, weights=WEIGHTS, factor=st.sampled_from([0.5, 3.0]), shift=st.sampled_from([-7.0, 40.0]))
def test_scale_and_offset_of_the_metric_do_not_matter(form, curve, weights, factor, shift):
    """The fit to a stretched and shifted curve leaves the stretched misfit, and keeps the weighted mean."""
    if form == "power_law":
        return
    moved = factor * curve + shift
    assert misfit(moved, form, weights=weights, axis=LOG_AXIS) == pytest.approx(
        factor**2 * misfit(curve, form, weights=weights, axis=LOG_AXIS), abs=1e-6
    )
    assert fitted(moved, form, weights=weights, axis=LOG_AXIS) @ weights == pytest.approx(
        moved @ weights, abs=1e-6
    )


@pytest.mark.parametrize("form", DIRECTED)
def test_a_curve_against_the_direction_is_fitted_flat(form):
    """What falls has no rising part, and the other way round; "either" takes both."""
    falls = -EXACT[form] if form != "linear" else EXACT[form]
    np.testing.assert_allclose(fitted(falls, form, direction="increasing"), falls.mean(), atol=1e-9)
    np.testing.assert_allclose(fitted(-falls, form, direction="decreasing"), -falls.mean(), atol=1e-9)
    np.testing.assert_allclose(fitted(falls, form, direction="either"), falls, atol=1e-9)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "power_law"])
def test_many_curves_at_once_are_fitted_like_each_alone(form):
    """Rows do not know of each other."""
    curves = np.random.default_rng(1).normal(size=(4, 9))
    together = fit_form(curves, LOG_AXIS, form=form, direction="either", weights=ONES).curves
    np.testing.assert_allclose(together, [fitted(row, form, axis=LOG_AXIS) for row in curves], atol=1e-12)


@pytest.mark.parametrize("exponent", [-1.5, 0.5, 2.0])
def test_a_power_law_has_no_offset(exponent):
    """The level to a power is met; the same with an offset is not."""
    levels = np.geomspace(1.0, 1000.0, 9)
    axis = KnobAxis(x=X, positive=levels)
    np.testing.assert_allclose(
        fitted(4 * levels**exponent, "power_law", axis=axis), 4 * levels**exponent, rtol=1e-9
    )
    offset = 4 * levels**exponent + 2 * (4 * levels**exponent).max()
    assert np.abs(fitted(offset, "power_law", axis=axis) - offset).max() > 0.05 * np.ptp(offset)


def test_the_direction_of_a_power_law_is_the_sign_of_its_exponent():
    """A falling power law is met by "decreasing" and not by "increasing"."""
    levels = np.geomspace(1.0, 100.0, 9)
    axis, curve = KnobAxis(x=X, positive=levels), levels**-1.0
    np.testing.assert_allclose(fitted(curve, "power_law", axis=axis, direction="decreasing"), curve)
    assert np.ptp(fitted(curve, "power_law", axis=axis, direction="increasing")) < 0.5


def test_a_power_law_of_logarithms_is_a_line():
    """With a metric on the log scale the fit is straight in the logarithm of the level, and has an offset."""
    levels = np.geomspace(1.0, 100.0, 9)
    axis = KnobAxis(x=X, positive=levels, log_metric=True)
    curve = -8 + 0.7 * np.log(levels)
    np.testing.assert_allclose(fitted(curve, "power_law", axis=axis), curve, atol=1e-12)


def test_parameters_count_the_jumps_of_monotone_curves():
    """A step has two parameters, found by either form; one that rises everywhere has as many as the free curve."""

    def count(curve, form):
        return fit_form(curve[None], AXIS, form=form, direction="either", weights=ONES).parameters[0]

    assert count(EXACT["step"], "step") == count(EXACT["step"], "increasing") == 2
    assert count(X, "increasing") == count(X, "free") == 8
    assert count(-X, "increasing") == count(X, "flat") == 0


@pytest.mark.parametrize("form", FORMS)
def test_each_form_works_at_its_fewest_levels_and_is_refused_below(form):
    """The fewest levels give a finite fit, one less an error that names the number."""
    for size in (FEWEST[form], FEWEST[form] - 1):
        axis = KnobAxis(x=np.linspace(0, 1, size), positive=np.arange(1.0, size + 1))
        curve = np.arange(1.0, size + 1)[None] ** 1.5
        if size == FEWEST[form]:
            found = fit_form(curve, axis, form=form, direction="either", weights=np.ones(size))
            assert np.isfinite(found.curves).all()
        else:
            with pytest.raises(OptionError, match=f"at least {FEWEST[form]}"):
                fit_form(curve, axis, form=form, direction="either", weights=np.ones(size))


def test_what_cannot_be_fitted_is_named():
    """Unknown words, a power law of nothing, and sizes that differ are refused."""
    curve = X[None]
    with pytest.raises(OptionError, match="'hinge'"):
        fit_form(curve, AXIS, form="hinges", direction="either", weights=ONES)
    with pytest.raises(OptionError, match="direction"):
        fit_form(curve, AXIS, form="hinge", direction="up", weights=ONES)
    with pytest.raises(OptionError, match="levels above 0"):
        fit_form(curve, AXIS, form="power_law", direction="either", weights=ONES)
    with pytest.raises(OptionError, match="above 0"):
        fit_form(curve, AXIS, form="flat", direction="either", weights=0 * ONES)
    with pytest.raises(InputError, match="columns"):
        fit_form(curve[:, :5], AXIS, form="flat", direction="either", weights=ONES)


@pytest.mark.parametrize("n_levels", [5, 9, 70])
def test_rising_fits_of_many_rows_are_those_of_scipy(n_levels):
    """The formula of largest and smallest means, and pooling, give the same curves."""
    rows = np.random.default_rng(n_levels).standard_normal((2, 3, n_levels)).cumsum(axis=-1)
    found = rising_fits(rows)
    for one, other in zip(rows.reshape(-1, n_levels), found.reshape(-1, n_levels), strict=True):
        np.testing.assert_allclose(other, optimize.isotonic_regression(one).x, atol=1e-9)
