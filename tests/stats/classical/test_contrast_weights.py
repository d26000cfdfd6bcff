"""Weights for polynomials and for predicted shapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.errors import InputError, OptionError
from sigstats.stats.classical.contrast_weights import (
    emax,
    exponential,
    polynomial_contrast,
    quadratic,
    shape_contrast,
    sigmoid_emax,
)

LEVELS = st.lists(st.integers(-50, 50), min_size=3, max_size=10, unique=True)


@given(LEVELS)
def test_polynomials_are_orthonormal(levels):
    """Weights of different degrees are orthogonal to each other and to a constant, and have length 1."""
    degrees = range(1, min(len(levels), 5))
    rows = np.array([polynomial_contrast(levels, d) for d in degrees])
    assert rows @ rows.T == pytest.approx(np.eye(len(rows)), abs=1e-9)
    assert rows.sum(axis=1) == pytest.approx(np.zeros(len(rows)), abs=1e-9)


@given(LEVELS)
def test_the_linear_weights_give_the_slope(levels):
    """Applied to values, the linear weights give the least-squares slope times the spread of the levels."""
    x = np.array(levels, dtype=float)
    y = np.sin(x)
    centred = x - x.mean()
    slope = centred @ y / (centred @ centred)
    expected = slope * np.sqrt(centred @ centred)
    assert polynomial_contrast(levels, 1) @ y == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(LEVELS)
def test_shift_and_scale_of_levels_do_not_matter(levels):
    """Levels in other units or with an offset give the same weights; order goes in and comes out."""
    x = np.array(levels, dtype=float)
    for degree in (1, 2):
        weights = polynomial_contrast(x, degree)
        assert polynomial_contrast(4 * x + 1024, degree) == pytest.approx(weights, abs=1e-9)
        assert polynomial_contrast(x[::-1], degree) == pytest.approx(weights[::-1], abs=1e-9)
        assert weights[np.argmax(x)] > 0


@given(LEVELS, st.floats(0.1, 10), st.floats(-5, 5))
def test_shape_weights_are_optimal_and_blind_to_units(shape, scale, shift):
    """The weights do not depend on units, and no other contrast gives the shape a larger signal to noise."""
    mean = np.array(shape, dtype=float)
    weights = shape_contrast(mean)
    assert shape_contrast(scale * mean + shift) == pytest.approx(weights, abs=1e-9)
    others = np.random.default_rng(0).normal(size=(50, len(mean)))
    others -= others.mean(axis=1, keepdims=True)
    signal = others @ mean / np.sqrt(np.sum(others**2, axis=1))
    assert weights @ mean >= signal.max() - 1e-9


def test_unequal_sizes_weigh_levels():
    """With unequal sizes the weights maximise signal over the noise of means of these sizes."""
    mean, sizes = np.array([0.0, 1.0, 3.0]), np.array([10.0, 2.0, 5.0])
    weights = shape_contrast(mean, sizes)
    assert weights.sum() == pytest.approx(0.0, abs=1e-12)

    def ratio(row):
        return row @ mean / np.sqrt(np.sum(row**2 / sizes))

    others = np.random.default_rng(0).normal(size=(200, 3))
    others -= others.mean(axis=1, keepdims=True)
    assert ratio(weights) >= max(ratio(row) for row in others)


def test_shapes_have_their_landmarks():
    """Half of the rise at ed50, a top at -1 / (2 delta), an acceleration in between."""
    assert emax([0, 0.2], ed50=0.2).tolist() == [0.0, 0.5]
    assert sigmoid_emax([0, 3.0], ed50=3.0, steepness=4).tolist() == [0.0, 0.5]
    top = quadratic(np.linspace(0, 1, 101), delta=-0.8)
    assert np.argmax(top) in (62, 63)
    assert np.all(np.diff(exponential([0.0, 1, 2, 3], delta=1.0), 2) > 0)


def test_unusable_input_is_named():
    """Repeated levels, too high a degree, flat shapes and impossible parameters are errors."""
    with pytest.raises(InputError, match="equal entries"):
        polynomial_contrast([1, 2, 2], 1)
    with pytest.raises(OptionError, match="from 1 to 2"):
        polynomial_contrast([1, 2, 3], 3)
    with pytest.raises(InputError, match="constant"):
        shape_contrast([2, 2, 2])
    with pytest.raises(InputError, match="`sizes`"):
        shape_contrast([1, 2, 3], [1, 0, 2])
    with pytest.raises(InputError, match="from 0 on"):
        emax([-1.0, 2.0], ed50=1.0)
    with pytest.raises(OptionError, match="above 0"):
        sigmoid_emax([1.0, 2.0], ed50=1.0, steepness=0)
    with pytest.raises(OptionError, match="larger one"):
        exponential([0, 1e6], delta=1.0)
