"""Plugin of pytest that moves whatever a number is compared with by ten times the tolerance.

    PYTHONPATH=tests/mutation pytest -p moved -rp -m "long or not slow" tests/stats/test_known_answers.py

A test against an answer that was computed elsewhere must fail then; `-rp` lists those that pass, which compare nothing.
"""

import importlib
import math

import numpy as np
import pytest

Scalar = type(pytest.approx(1.0))
is_close, assert_close = Scalar.__eq__, np.testing.assert_allclose


def _moved_scalar(expected, actual):
    """Compare a number with one that lies ten tolerances above."""
    try:
        value, tolerance = float(expected.expected), expected.tolerance
    except TypeError:
        return is_close(expected, actual)
    if math.isfinite(value) and math.isfinite(tolerance):
        step = 10 * (tolerance or 1e-12 * abs(value) or 1e-12)
        expected = Scalar(value + step, rel=0, abs=tolerance, nan_ok=expected.nan_ok)
    return is_close(expected, actual)


def _moved_array(actual, desired, rtol=1e-7, atol=0, **options):
    """Compare arrays with ones that lie ten tolerances above."""
    moved = np.asarray(desired) + 10 * (atol + rtol * np.abs(desired))
    assert_close(actual, moved, rtol=rtol, atol=atol, **options)


def pytest_configure():
    """Put both in place before any test is loaded."""
    importlib.import_module(Scalar.__module__).ApproxScalar.__eq__ = _moved_scalar
    np.testing.assert_allclose = _moved_array
