"""Intervals of exponent and floor: exact curves, noise that hides the floor, and coverage."""

import numpy as np
import pytest
from scipy import stats

from sigstats.stats.curves.law_estimates import decades_more, law_estimates

X = np.geomspace(1.0, 1000.0, 8)


def runs(exponent, n, noise, seed=0):
    """Return seeds of a law that rises to 2."""
    return 2.0 - 3.0 * X**-exponent + noise * np.random.default_rng(seed).standard_normal((n, X.size))


def test_estimates_are_near_the_truth_and_inside_their_intervals():
    """With little noise all three are known well."""
    found = law_estimates(runs(0.34, 5, 0.01), X, floor=None, confidence=0.9)
    for (value, low, high), truth in (
        (found.exponent, 0.34),
        (found.floor, 2.0),
        (found.excess, 3.0 * 1000 ** (-0.17)),
    ):
        assert low < value < high
        assert low < truth < high
        assert value == pytest.approx(truth, rel=0.05)


def test_the_interval_of_the_exponent_inverts_a_t_test():
    """At its ends the t over seeds of the score is the critical value, computed here by least squares."""
    curves = runs(0.34, 5, 0.05)
    _, *ends = law_estimates(curves, X, floor=None, confidence=0.9).exponent
    for end in ends:
        log_x = np.log(X)
        line = (1 - X**-end) / end
        shift = ((1 + end * log_x) * X**-end - 1) / end**2
        design = np.column_stack([np.ones(8), line])
        axis = shift - design @ np.linalg.lstsq(design, shift, rcond=None)[0]
        assert abs(stats.ttest_1samp(curves @ axis, 0.0).statistic) == pytest.approx(
            stats.t.ppf(0.95, 4), rel=0.02
        )


def test_no_floor_is_bounded_where_the_curve_is_straight():
    """Floor and exponent trade off without end."""
    curves = np.log(X) + 0.05 * np.random.default_rng(1).standard_normal((5, 8))
    found = law_estimates(curves, X, floor=None, confidence=0.9)
    assert found.exponent[1] == 0.0
    assert found.floor[2] == np.inf


def test_a_declared_floor_is_taken():
    """It has no interval, and narrows that of the exponent."""
    curves = runs(0.34, 5, 0.05)
    found, free = (law_estimates(curves, X, floor=floor, confidence=0.9) for floor in (2.0, None))
    assert found.floor == (2.0, 2.0, 2.0)
    assert np.diff(found.exponent[1:]) < np.diff(free.exponent[1:])


def test_decades_that_would_tell():
    """None where the bend is plain; some where it is not; no number of them where there is none."""
    plain = decades_more(runs(0.34, 5, 0.02), X, least_bend=0.01, alpha=0.05)
    short = decades_more(runs(0.1, 5, 0.1)[:, :5], X[:5], least_bend=0.01, alpha=0.05)
    straight = np.log(X) ** 1.3 + 0.01 * np.random.default_rng(1).standard_normal((5, 8))
    assert plain == 0.0
    assert 0.0 < short < np.inf
    assert decades_more(straight, X, least_bend=0.01, alpha=0.05) == np.inf


@pytest.mark.slow
@pytest.mark.parametrize("n_seeds", [3, 10])
def test_intervals_cover(n_seeds):
    """90 % intervals of exponent and floor, over 200 sweeps."""
    hits = np.zeros(2)
    for seed in range(200):
        found = law_estimates(runs(0.34, n_seeds, 0.1, seed), X, floor=None, confidence=0.9)
        hits += [found.exponent[1] <= 0.34 <= found.exponent[2], found.floor[1] <= 2.0 <= found.floor[2]]
    assert (hits / 200 > 0.83).all()
