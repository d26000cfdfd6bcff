"""Scores of laws with a floor: exact laws, least squares elsewhere, and what does not change them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigstats.stats.scores.power_law_parts import (
    _broken_lines,
    change_along,
    exponent_axis,
    exponent_parts,
    law_parts,
    means_of_others,
)

X = np.geomspace(1e6, 1e9, 8)


def law(exponent, size=3.0):
    """Return a law that rises to 0."""
    return -size * (X / X[0]) ** -exponent


def several(curve, n=5, noise=0.02, seed=1):
    return curve + noise * np.random.default_rng(seed).standard_normal((n, curve.size))


@pytest.mark.parametrize("exponent", [0.05, 0.34, 1.0])
def test_an_exact_law_has_no_departures(exponent):
    """Whatever the exponent."""
    found = law_parts(np.tile(law(exponent), (4, 1)), X, floor=None)
    assert np.abs(found.departures).max() < 1e-6
    assert (found.bend > 0).all()
    assert found.exponent == pytest.approx(exponent, rel=1e-5)


def test_a_law_with_a_declared_floor_departs_from_another_floor():
    """The floor 0 is right, and 0.5 is not."""
    curves = np.tile(law(0.34), (4, 1))
    assert np.abs(law_parts(curves, X, floor=0.0).departures).max() < 1e-6
    assert np.abs(law_parts(curves, X, floor=0.5).departures).max() > 0.05


def test_departures_are_those_of_least_squares():
    """The residual of the regression on the law and its derivative, projected on a cubic."""
    curves = several(law(0.34) + 0.3 * np.sin(np.arange(8)))
    found = law_parts(curves, X, floor=None)
    log_x = np.log(X / X[0])
    for row, exponent in zip(range(5), found.exponent, strict=True):
        step = 1e-5
        power = (X / X[0]) ** -exponent
        slope = ((X / X[0]) ** -(exponent + step) - (X / X[0]) ** -(exponent - step)) / (2 * step)
        tangent = np.column_stack([np.ones(8), power, slope])
        cubic = (2 * log_x / log_x[-1] - 1) ** 3
        axis = cubic - tangent @ np.linalg.lstsq(tangent, cubic, rcond=None)[0]
        axis /= np.linalg.norm(axis)
        expected = abs(axis @ curves[row]) * np.abs(axis).max()
        assert abs(found.departures[row, 0]) == pytest.approx(expected, rel=1e-4)


def test_the_axis_of_the_exponent_is_a_derivative():
    """Of (1 - x^-a) / a, by differences; and its series near 0 meets the formula."""
    log_x = np.linspace(0.1, 7.0, 9)
    for exponent in (1e-9, 1e-3, 0.3, 2.0):
        step = 1e-4
        ends = [-np.expm1(-(exponent + sign * step) * log_x) / (exponent + sign * step) for sign in (-1, 1)]
        expected = (ends[1] - ends[0]) / (2 * step)
        assert exponent_axis(log_x, np.array([exponent]))[0] == pytest.approx(expected, rel=1e-4)


def test_scores_of_an_exponent_are_zero_at_the_own_law():
    """Both ends at the true exponent have mean 0; a range around it has both positive."""
    curves = np.tile(law(0.34), (3, 1))
    assert exponent_parts(curves, X, (0.34, 0.34001), floor=None) == pytest.approx(0.0, abs=1e-4)
    assert (exponent_parts(curves, X, (0.2, 0.5), floor=None) > 0).all()
    assert (exponent_parts(curves, X, (0.2, 0.5), floor=0.0) > 0).all()
    assert (exponent_parts(curves, X, (0.4, 0.5), floor=None)[:, 0] < 0).all()
    assert (exponent_parts(curves, X, (0.1, 0.3), floor=0.0)[:, 1] < 0).all()


def test_the_nearer_of_two_curves_is_told():
    """A law is nearer to the law, a broken line to the broken line."""
    u = np.log(X / X[0]) / np.log(1e3)
    broken = np.minimum(u, 0.5) * 2 + np.maximum(u - 0.5, 0.0)
    assert (law_parts(several(law(0.34), noise=0.005), X, floor=None).nearer > 0).all()
    assert (law_parts(several(3 * broken, noise=0.005), X, floor=None).nearer < 0).all()


def test_the_change_is_that_of_the_curve():
    """Of a law in the middle of the range of exponents it is last minus first."""
    curve = law(2.0 / np.log(1e3))
    assert change_along(curve[None], np.log(X / X[0]))[0] == pytest.approx(curve[-1] - curve[0])


def test_no_seed_is_scored_with_an_exponent_of_its_own():
    """Changing one seed leaves the exponent with which it is scored."""
    curves = several(law(0.34))
    other = curves.copy()
    other[2] = 7.0 * np.arange(8)
    found, changed = law_parts(curves, X, floor=None), law_parts(other, X, floor=None)
    assert found.exponent[2] == changed.exponent[2]
    assert found.exponent[0] != changed.exponent[0]


def test_seeds_with_few_levels_have_no_score():
    """Five levels are needed; gaps of other seeds do not matter."""
    curves = several(law(0.34))
    curves[1, :4], curves[2, 3] = np.nan, np.nan
    found = law_parts(curves, X, floor=None)
    assert np.isnan(found.change[1])
    assert np.isnan(found.departures[1]).all()
    assert np.isfinite(found.departures[[0, 2, 3, 4]]).all()
    assert np.abs(found.departures[[0, 2, 3, 4]]).max() < 0.1


@pytest.mark.long
@settings(max_examples=12)
@given(shift=st.floats(-100, 100), scale=st.floats(1e-2, 1e2), units=st.floats(1e-6, 1e6))
def test_units_of_metric_and_knob_do_not_matter(shift, scale, units):
    """Parts grow with the metric's unit, and do not see an offset or the unit of the knob."""
    curves = several(law(0.34), noise=0.1)
    plain, other = law_parts(curves, X, floor=None), law_parts(scale * curves + shift, units * X, floor=None)
    for name in ("change", "bend", "departures", "nearer"):
        assert getattr(other, name) / scale == pytest.approx(getattr(plain, name), abs=2e-3)


def test_means_of_others_leave_each_seed_out():
    """With and without gaps."""
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 9.0]])
    assert means_of_others(rows)[0] == pytest.approx([4.0, 6.5])
    assert np.isnan(means_of_others(rows[:1])).all()


@pytest.mark.parametrize("kink", [2, 3, 4, 5])
def test_two_lines_that_meet_at_a_level_are_found_exactly(kink):
    """Knots lie at the levels, and three between each two."""
    log_x = np.log(2.0) * np.arange(8)
    curves = np.array([1.0 - 0.5 * log_x + 0.4 * np.maximum(log_x - log_x[kink], 0.0), 2.0 - 0.1 * log_x])
    curves -= curves.mean(axis=1, keepdims=True)
    assert _broken_lines(curves[:1], log_x) == pytest.approx(curves[:1], abs=1e-12)
