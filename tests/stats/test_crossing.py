"""Where functions cross 0: against SciPy."""

import math

import pytest
from scipy import optimize

from sigstats.stats.crossing import crossing

FUNCTIONS = {
    "cubic": (lambda x: x**3 - 2.0, 0.0, 10.0),
    "steep": (lambda x: math.atan(1e6 * (x - 0.3)), -50.0, 1.0),
    "decreasing": (lambda x: 0.2 - math.erf(x), -4.0, 9.0),
    "root at an end": (lambda x: x - 5.0, 1.0, 5.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_crossing_is_where_scipy_finds_it(name):
    function, low, high = FUNCTIONS[name]
    calls = []
    found = crossing(lambda x: calls.append(x) or function(x), low, high, tolerance=1e-12)
    assert found == pytest.approx(optimize.brentq(function, low, high, xtol=1e-12), abs=1e-11)
    assert len(calls) < 60
