"""Where a mean curve reaches a value: coverage, bounds where it does not, and Fieller's interval."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as scipy_stats

from sigstats.errors import InputError, OptionError
from sigstats.stats.locations.crossing import crossing, reaches

X = np.linspace(0.0, 1.0, 9)
REPLICATIONS = 300


def sweep(middle=0.52, *, seeds=5, shift=0.1, noise=0.05, rng=0):
    """Return sigmoids from 0 to 1 that seeds shift."""
    generator = np.random.default_rng(rng)
    shifts = generator.normal(0.0, shift, (seeds, 1))
    return 1 / (1 + np.exp(-12 * (X - middle - shifts))) + generator.normal(0.0, noise, (seeds, X.size))


def test_the_interval_is_where_t_tests_do_not_reject():
    """SciPy's t tests of the interpolated values, solved for the critical value, give the same ends."""
    curves = sweep(shift=0.02, noise=0.3, rng=3)
    found = crossing(curves, X, value=0.5, confidence=0.95)

    def beyond(t, side):
        values = [np.interp(t, X, row) - 0.5 for row in curves]
        return side * scipy_stats.ttest_1samp(values, 0.0).statistic - scipy_stats.t.ppf(0.975, 4)

    low = optimize.brentq(beyond, 0.1, found.estimate, args=(-1,))
    high = optimize.brentq(beyond, found.estimate, 0.9, args=(1,))
    step = 1 / 8 / 16
    assert low - step <= found.low <= low
    assert high <= found.high <= high + step
    assert np.interp(found.estimate, X, curves.mean(axis=0)) == pytest.approx(0.5)


@pytest.mark.rates
@pytest.mark.parametrize("shift", [0.05, 0.15])
@pytest.mark.parametrize("seeds", [3, 5])
def test_intervals_cover_the_crossing(shift, seeds):
    """At a nominal 95 %, half height of a shifted sigmoid lies inside in at least 91 % of 300 sweeps."""
    found = [
        crossing(sweep(seeds=seeds, shift=shift, rng=number), X, value=0.5, confidence=0.95)
        for number in range(REPLICATIONS)
    ]
    bound = 0.95 - 3.29 * np.sqrt(0.95 * 0.05 / REPLICATIONS)
    assert np.mean([each.low <= 0.52 <= each.high for each in found]) >= bound
    assert np.mean([each.high - each.low < 0.9 for each in found]) >= 0.8


def test_plus_and_minus_the_normal_standard_error_would_miss_too_often():
    """Three seeds with normal quantiles in place of t fail the same bound."""
    covered = 0
    for number in range(REPLICATIONS):
        curves = sweep(seeds=3, shift=0.15, rng=number)
        values = np.array([np.interp(0.52, X, row) - 0.5 for row in curves])
        covered += abs(values.mean()) <= 1.96 * values.std(ddof=1) / np.sqrt(3)
    assert covered / REPLICATIONS < 0.95 - 3.29 * np.sqrt(0.95 * 0.05 / REPLICATIONS)


@pytest.mark.parametrize(("middle", "status"), [(1.2, "above_range"), (-0.2, "below_range")])
def test_a_value_that_is_not_reached_gives_one_bound(middle, status):
    """Outside the range there is no estimate, one end is open, and the other is a level or a place between them."""
    found = crossing(sweep(middle, shift=0.02), X, value=0.5, confidence=0.95)
    assert found.status == status
    assert np.isnan(found.estimate)
    ends = (found.low, found.high) if status == "above_range" else (-found.high, -found.low)
    assert ends[1] == np.inf
    assert ends[0] >= (0.7 if status == "above_range" else -0.3)


@pytest.mark.rates
@pytest.mark.parametrize("middle", [0.03, 0.97])
def test_near_the_ends_intervals_are_open_as_a_rule(middle):
    """Where resampled seeds would often not reach the value, no edge is handed out as a bound."""
    found = [
        crossing(sweep(middle, rng=number), X, value=0.5, confidence=0.95) for number in range(REPLICATIONS)
    ]
    assert np.mean([each.low <= middle <= each.high for each in found]) >= 0.9
    assert np.mean([np.isinf(each.low if middle < 0.5 else each.high) for each in found]) >= 0.6


def test_the_first_crossing_counts():
    """A curve that falls back and rises again is located at its first crossing."""
    form = np.array([0.0, 0.2, 0.8, 1.0, 0.3, 0.2, 0.9, 1.0, 1.0])
    curves = form + np.random.default_rng(0).normal(0.0, 0.02, (5, 9))
    found = crossing(curves, X, value=0.5, confidence=0.95)
    assert found.estimate == pytest.approx(0.1875, abs=0.01)
    assert found.high <= X[2]
    assert reaches(form[None, :] - 0.5, X)[0] == pytest.approx(0.1875)


def test_floors_without_spread_do_not_hide_the_crossing():
    """Levels at which all seeds agree say nothing, and are passed over."""
    curves = np.clip(sweep(shift=0.05, noise=0.0) * 1.6 - 0.3, 0.0, 1.0)
    assert (curves[:, 0] == 0).all()
    found = crossing(curves, X, value=0.5, confidence=0.95)
    assert 0.3 < found.low < 0.52 < found.high < 0.7


def test_seeds_with_gaps_count_where_they_were_seen():
    """A seed whose levels beside the crossing are missing is left out there, and the others are enough."""
    curves = sweep(seeds=6, shift=0.05)
    curves[0, 3:6] = np.nan
    found = crossing(curves, X, value=0.5, confidence=0.95)
    assert found.low <= 0.52 <= found.high
    assert found.n_seeds == 6
    others = crossing(curves[1:], X, value=0.5, confidence=0.95)
    assert found.high == pytest.approx(others.high, abs=1 / 8)


@given(
    st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-100, 100), st.floats(0.01, 100), st.floats(-9, 9)
)
def test_units_do_not_matter(rng, factor, shift, stretch, start):
    """In other units of metric and knob, with the value in the new unit, places are the same."""
    curves = sweep(rng=rng)
    expected = crossing(curves, X, value=0.5, confidence=0.9)
    found = crossing(factor * curves + shift, stretch * X + start, value=factor * 0.5 + shift, confidence=0.9)
    for name in ("estimate", "low", "high"):
        mapped = stretch * getattr(expected, name) + start
        assert getattr(found, name) == pytest.approx(mapped, rel=1e-6, abs=1e-6 * stretch)
    assert found.status == expected.status


@given(st.integers(0, 10**6), st.permutations(range(5)))
def test_the_order_of_seeds_does_not_matter(rng, order):
    """Seeds have no order."""
    curves = sweep(rng=rng, noise=0.2)
    found = crossing(curves[list(order)], X, value=0.5, confidence=0.9)
    expected = crossing(curves, X, value=0.5, confidence=0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.spread == pytest.approx(expected.spread, nan_ok=True)


@given(st.integers(0, 10**6))
def test_the_interval_holds_the_gap_around_the_estimate(rng):
    """Between two levels nothing was seen, so both belong to the interval."""
    found = crossing(sweep(rng=rng, shift=0.01, noise=0.01), X, value=0.5, confidence=0.5)
    assert found.low <= X[found.estimate >= X].max()
    assert found.high >= X[found.estimate <= X].min()
    assert found.resolution == pytest.approx(0.125)


def test_two_seeds_resolve_nothing():
    """Below three seeds there are no bounds."""
    found = crossing(sweep(seeds=2), X, value=0.5, confidence=0.95)
    assert (found.low, found.high, found.status) == (-np.inf, np.inf, "unresolved")


def test_what_cannot_be_used_is_refused():
    """The value must be finite, and curves must fit the levels."""
    with pytest.raises(OptionError, match="`value` is nan"):
        crossing(sweep(), X, value=float("nan"), confidence=0.95)
    with pytest.raises(InputError, match="one row per seed"):
        crossing(sweep()[0], X, value=0.5, confidence=0.95)


@pytest.mark.parametrize("value", [1e12, 1e300, -1e300])
def test_a_value_far_beyond_the_curves_is_never_reached_or_always(value):
    """How far it lies beyond them changes nothing."""
    found, near = (
        crossing(sweep(), X, value=each, confidence=0.95) for each in (value, math.copysign(1e10, value))
    )
    assert repr(found) == repr(near)
