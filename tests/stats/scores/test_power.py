"""Power of the t test against statsmodels and simulation."""

import numpy as np
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.power import TTestPower

from sigstats.stats.scores.power import seeds_for_power, t_power


@pytest.mark.parametrize("n", [3, 5, 10, 40])
@pytest.mark.parametrize("size", [0.2, 0.8, 2.5])
@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_power_is_that_of_statsmodels(n, size, alpha):
    """The one-sided one-sample power agrees for any standard deviation."""
    expected = TTestPower().power(size, n, alpha, alternative="larger")
    # Older versions of scipy have no more digits.
    assert t_power(n, 3.0 * size, 9.0, n - 1, alpha) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("effect", "variance", "power"), [(1.0, 1.0, 0.8), (0.3, 1.0, 0.9), (2.0, 5.0, 0.5)])
def test_seeds_are_the_fewest_with_the_power_asked_for(effect, variance, power):
    """One seed less would not do."""
    n = seeds_for_power(effect, variance, 1.0, alpha=0.05, power=power)
    assert t_power(n, effect, variance, n - 1, 0.05) >= power
    assert n == 3 or t_power(n - 1, effect, variance, n - 2, 0.05) < power


@pytest.mark.parametrize("size", [0.5, 0.8, 0.95, 1.1, 1.3, 1.6, 2.0, 2.6])
def test_seeds_are_those_at_which_statsmodels_has_the_power(size):
    """Going through the sizes one by one with statsmodels leads to the same number of seeds."""
    expected = next(
        n for n in range(3, 100) if TTestPower().power(size, n, 0.05, alternative="larger") >= 0.8
    )
    assert seeds_for_power(size, 1.0, 1.0, alpha=0.05, power=0.8) == expected


def test_power_is_the_share_of_rejections():
    """Simulated t tests reject as often as the formula says."""
    rng = np.random.default_rng(3)
    draws = rng.normal(1.0, 1.2, size=(20_000, 6))
    hits = scipy_stats.ttest_1samp(draws, 0.0, axis=1, alternative="greater").pvalue <= 0.05
    assert hits.mean() == pytest.approx(t_power(6, 1.0, 1.44, 5, 0.05), abs=0.012)


def test_a_hopeless_effect_has_no_number_of_seeds():
    """Beyond the largest number, or without a variance to go by, there is no answer."""
    assert seeds_for_power(0.001, 1.0, 1.0, alpha=0.05, power=0.8) is None
    assert seeds_for_power(1.0, 0.0, 1.0, alpha=0.05, power=0.8) is None
    assert seeds_for_power(0.1, 1.0, 1.0, alpha=0.05, power=0.8, largest=50) is None
    assert seeds_for_power(1e-200, 1e200, 1.0, alpha=0.05, power=0.8) is None
    assert seeds_for_power(0.0, 1.0, 1.0, alpha=0.05, power=0.8) is None


def test_an_overwhelming_effect_needs_three_seeds():
    """The floor is three, whatever the effect."""
    assert seeds_for_power(1e6, 1.0, 1.0, alpha=0.05, power=0.8) == 3
    assert t_power(3, 1e12, 1e-12, 2, 0.05) == pytest.approx(1.0)


def test_power_is_what_simulated_seeds_show():
    """The noncentral t gives the share of simulated sets of scores in which the one-sided t test rejects."""
    n, effect, replications = 6, 1.2, 20_000
    scores = np.random.default_rng(5).normal(effect, 1.0, (replications, n))
    pvalues = scipy_stats.ttest_1samp(scores, 0.0, axis=1, alternative="greater").pvalue
    found = (pvalues <= 0.05).mean()
    expected = t_power(n, effect, 1.0, n - 1, 0.05)
    assert abs(found - expected) <= 3.29 * np.sqrt(expected * (1 - expected) / replications)
