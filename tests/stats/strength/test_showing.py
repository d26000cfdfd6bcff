import numpy as np
import pytest
from scipy import stats

from sigstats.stats.strength.showing import share_above_zero, share_of_pairs, share_within_pairs


@pytest.mark.parametrize(("k", "n"), [(0, 3), (3, 3), (5, 5), (7, 10)])
def test_bounds_of_a_share_of_seeds_are_exact(k, n):
    """They are those of scipy's binomial test."""
    found = share_above_zero(np.array([1.0] * k + [-1.0] * (n - k)), tail=0.05)
    expected = stats.binomtest(k, n).proportion_ci(0.9, method="exact")
    assert (found.share, found.low, found.high) == pytest.approx((k / n, expected.low, expected.high))


def test_a_score_of_zero_shows_nothing():
    """Without a control it does not count; between two sides a tie counts half."""
    assert share_above_zero(np.array([0.0, 0.0, 1.0]), tail=0.05).share == pytest.approx(1 / 3)
    assert share_within_pairs(np.ones(2), np.array([1.0, 0.0]), tail=0.05).share == pytest.approx(0.75)
    assert share_of_pairs(np.zeros(3), np.zeros(4), tail=0.05).share == pytest.approx(0.5)


def test_the_share_of_pairs_is_the_statistic_of_mann_and_whitney():
    rng = np.random.default_rng(3)
    treatment, control = rng.normal(1, 1, 6), rng.normal(0, 2, 4)
    expected = stats.mannwhitneyu(treatment, control).statistic / 24
    assert share_of_pairs(treatment, control, tail=0.05).share == pytest.approx(expected)


def test_scores_that_differ_by_rounding_are_level():
    """One tenth, made in two ways."""
    found = share_of_pairs(np.array([0.1 * 3]), np.array([0.3]), tail=0.05)
    assert found.share == pytest.approx(0.5)


def test_pairs_bring_no_more_than_the_seeds_of_the_smaller_side():
    """Three seeds beside a hundred leave open what three leave open."""
    found = share_of_pairs(np.full(3, 1.0), np.zeros(100), tail=0.05)
    assert (found.share, found.low, found.high) == pytest.approx((1.0, 0.05 ** (1 / 3), 1.0))


@pytest.mark.long
@pytest.mark.parametrize("correlation", [0.9, -0.9])
def test_bounds_hold_where_some_seeds_go_together(correlation):
    """Eight of ten seeds of either side are correlated: 90 % intervals hold the true 0.5 at least as often."""
    rng, held, n_tables = np.random.default_rng(5), 0, 1_000
    for _ in range(n_tables):
        treatment, control = rng.normal(size=(2, 10))
        control[:8] = correlation * treatment[:8] + np.sqrt(1 - correlation**2) * control[:8]
        found = share_of_pairs(treatment, control, tail=0.05)
        held += found.low <= 0.5 <= found.high
    assert held / n_tables > 0.9
