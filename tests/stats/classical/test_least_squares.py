"""Least squares: exact arithmetic as a judge, extreme units, dependent columns."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.errors import InputError
from sigstats.stats.classical.least_squares import least_squares


@given(st.lists(st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), min_size=3, max_size=12))
def test_a_line_is_right_to_the_last_digits(points):
    """Intercept and slope agree with fractions."""
    x, y = ([Fraction(v) for v in column] for column in zip(*points, strict=True))
    n = len(x)
    sxx = sum(v * v for v in x) - sum(x) ** 2 / n
    if sxx == 0:
        return
    slope = (sum(a * b for a, b in zip(x, y, strict=True)) - sum(x) * sum(y) / n) / sxx
    intercept = (sum(y) - slope * sum(x)) / n
    fit = least_squares(np.column_stack([np.ones(n), np.array(x, dtype=float)]), np.array(y, dtype=float))
    assert fit.coefficients[1] == pytest.approx(float(slope), rel=1e-12, abs=1e-12)
    assert fit.coefficients[0] == pytest.approx(float(intercept), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize(("x_power", "y_power"), [(500, 900), (-400, -900)])
def test_units_do_not_matter(x_power, y_power):
    """Columns and observations in extreme units scale the answer exactly."""
    rng = np.random.default_rng(0)
    design, y = np.column_stack([np.ones(9), rng.normal(size=9)]), rng.normal(size=9)
    scaled = design.copy()
    scaled[:, 1] = np.ldexp(scaled[:, 1], x_power)
    plain, other = least_squares(design, y), least_squares(scaled, np.ldexp(y, y_power))
    assert other.coefficients[1] == np.ldexp(plain.coefficients[1], y_power - x_power)
    assert other.standard_errors[0] == np.ldexp(plain.standard_errors[0], y_power)


def test_a_large_offset_costs_no_digits():
    """An offset of 1e12 in y leaves the slope right to what the data carry."""
    x = np.arange(10.0)
    y = 3.0 * x + np.array([1.0, -1.0] * 5) + 1e12
    slope = least_squares(np.column_stack([np.ones(10), x]), y).coefficients[1]
    assert slope == pytest.approx(
        least_squares(np.column_stack([np.ones(10), x]), y - 1e12).coefficients[1], rel=1e-6
    )


def test_as_many_coefficients_as_observations_leave_no_error():
    """A saturated fit has no residual degrees of freedom and no standard errors."""
    fit = least_squares([[1.0, 0.0], [1.0, 1.0]], [1.0, 3.0])
    assert (fit.df, fit.residual_sd, fit.standard_errors) == (0, None, None)


def test_unusable_designs_are_refused():
    """Dependent columns, empty columns and too many columns are errors."""
    x = np.arange(5.0)
    with pytest.raises(InputError, match="depend on each other"):
        least_squares(np.column_stack([np.ones(5), x, 2 * x + 1]), x)
    with pytest.raises(InputError, match="depend on each other"):
        least_squares(np.column_stack([np.ones(5), np.zeros(5)]), x)
    with pytest.raises(InputError, match="3 columns for 2 observations"):
        least_squares(np.ones((2, 3)), [1, 2])
