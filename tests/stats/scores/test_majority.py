"""The exact tests behind claims on most seeds."""

import itertools

import numpy as np
import pytest
from scipy import stats

from sigstats.stats.scores.majority import (
    SeedMedian,
    fewest_for_majority,
    medians_apart,
    seeds_for_majority,
    sign_test,
    successes_needed,
)


@pytest.mark.parametrize("n", [1, 3, 5, 10, 37])
def test_the_sign_test_is_the_binomial_test(n):
    """Every count of seeds gives the p-value of scipy's binomial test."""
    for k in range(n + 1):
        expected = stats.binomtest(k, n, 0.5, alternative="greater").pvalue
        assert sign_test(k, n) == pytest.approx(expected, rel=1e-12)


def test_a_pvalue_is_never_zero():
    """Thousands of seeds that agree leave a p-value above 0."""
    assert sign_test(5000, 5000) > 0


@pytest.mark.parametrize(
    ("alpha", "fewest"), [(0.05, 5), (0.025, 6), (0.1, 4), (0.01, 7), (0.03125, 5), (0.5, 1)]
)
def test_the_fewest_seeds_are_those_that_can_all_agree(alpha, fewest):
    """One half to the power of the seeds must not exceed alpha."""
    assert fewest_for_majority(alpha) == fewest
    assert successes_needed(fewest, alpha) == fewest
    assert successes_needed(fewest - 1, alpha) is None


@pytest.mark.long
@pytest.mark.parametrize("share", [0.7, 0.8, 0.9, 0.99])
def test_seeds_for_a_majority_reach_the_power_and_fewer_do_not(share):
    """Power is counted by scipy's binomial distribution."""
    n = seeds_for_majority(share=share, alpha=0.05, power=0.8)

    def power(size):
        needed = [
            k for k in range(size + 1) if stats.binomtest(k, size, 0.5, alternative="greater").pvalue <= 0.05
        ]
        return stats.binom.sf(needed[0] - 1, size, share) if needed else 0.0

    assert power(n) >= 0.8
    assert all(power(size) < 0.8 for size in range(1, n))
    assert seeds_for_majority(share=0.5, alpha=0.05, power=0.8) is None


def test_bounds_of_the_median_follow_from_the_sign_test():
    """The lower bound is the largest value that the test does not keep above the median: 2nd of 10 at 95 %."""
    scores = np.array([4.0, 1, 9, 3, 7, 2, 8, 6, 5, 10])
    found = SeedMedian(scores=scores)
    # One-sided 5 %: P(Bin(10, .5) >= 9) = .011, >= 8 = .055, so 9 of 10 are needed.
    assert found.interval(0.9) == (2.0, 9.0)
    low, high = found.interval(0.9)
    assert found.pvalue_above(np.nextafter(low, -1)) <= 0.05 < found.pvalue_above(low)
    assert found.pvalue_below(np.nextafter(high, 99)) <= 0.05 < found.pvalue_below(high)
    assert SeedMedian(scores=scores[:4]).interval(0.9) == (-np.inf, np.inf)


def test_a_score_at_the_bound_counts_for_neither_side():
    """A seed exactly at the bound is neither above nor below it."""
    found = SeedMedian(scores=np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0]))
    assert found.pvalue_above(1.0) == found.pvalue_below(1.0) == 1.0


def test_medians_are_apart_by_the_bounds_of_both_sides():
    """The p-value is at most alpha exactly where the exact bounds of both medians, at half of it, do not meet."""
    rng = np.random.default_rng(3)
    for n, m, shift, alpha in itertools.product(
        (5, 6, 9, 14), (6, 8, 15), (0.5, 1.5, 4.0), (0.02, 0.05, 0.2)
    ):
        larger, smaller = rng.normal(shift, 1, n), rng.normal(0, 1, m)
        low, _ = SeedMedian(scores=larger).interval(1 - alpha)
        _, high = SeedMedian(scores=smaller).interval(1 - alpha)
        assert (medians_apart(larger, smaller) <= alpha) == (low > high)


@pytest.mark.long
def test_medians_that_are_equal_are_seldom_apart():
    """Skewed and normal scores with one median: at most 5 % false, far fewer as both sides must err."""
    rng = np.random.default_rng(4)
    skewed = rng.exponential(size=(2000, 9)) - np.log(2)
    plain = rng.normal(size=(2000, 7))
    assert np.mean([medians_apart(a, b) <= 0.05 for a, b in zip(skewed, plain, strict=True)]) <= 0.05
