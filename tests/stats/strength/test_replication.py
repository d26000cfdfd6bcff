import numpy as np
import pytest
from scipy import integrate, optimize, stats

from sigstats.stats.strength.replication import majority_again, replication


def one(t, df, alpha=0.05):
    return replication(np.array([t]), np.array([df]), correlation=0.0, alpha=alpha, tail=0.05)


def power(effect, df, alpha=0.05):
    return stats.nct.sf(stats.t.isf(alpha, df), df, effect)


@pytest.mark.parametrize(("t", "df"), [(3.0, 4.0), (2.1, 9.0), (6.0, 2.0)])
def test_the_probability_is_the_mean_power_over_the_posterior(t, df):
    """Integrated by scipy over the effect, whose distribution function is that of the noncentral t."""
    effects = np.linspace(-6, 6 + 4 * t, 4001)
    below = stats.nct.sf(t, df, effects)
    expected = integrate.simpson(power(effects, df) * np.gradient(below, effects), x=effects)
    assert one(t, df).value == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("t", "df"), [(3.0, 4.0), (2.1, 9.0)])
def test_the_ends_are_the_power_at_the_bounds_of_the_effect(t, df):
    ends = [optimize.brentq(lambda x, p=p: stats.nct.sf(t, df, x) - p, -10, 30) for p in (0.05, 0.95)]
    found = one(t, df)
    assert (found.low, found.high) == pytest.approx([power(end, df) for end in ends], abs=1e-3)


def test_what_was_just_shown_is_shown_again_in_about_half():
    """With many seeds, a p-value at alpha leaves one half (Goodman 1992)."""
    assert one(stats.norm.isf(0.05), 1e6).value == pytest.approx(0.5, abs=0.01)


def test_two_tests_pass_together_less_often_than_either():
    both = replication(np.array([3.0, 3.0]), np.array([8.0, 8.0]), correlation=0.0, alpha=0.05, tail=0.05)
    same = replication(np.array([3.0, 3.0]), np.array([1e6, 1e6]), correlation=1.0, alpha=0.05, tail=0.05)
    assert both.value == pytest.approx(one(3.0, 8.0).value ** 2, abs=0.02)
    assert same.value == pytest.approx(one(3.0, 1e6).value, abs=0.02)


def test_nothing_is_certain():
    """Neither end of the scale is reached, however clear the result."""
    assert 0 < one(-80.0, 9.0).value < 1e-5
    assert 1 - 1e-5 < one(80.0, 9.0).value < 1


def test_it_is_the_same_at_every_call():
    assert one(3.0, 4.0) == one(3.0, 4.0)


@pytest.mark.parametrize(("k", "n", "needed"), [(9, 10, 9), (5, 5, 5), (0, 6, 6)])
def test_a_count_comes_again_by_the_beta_binomial(k, n, needed):
    found = majority_again(k, n, needed=needed, tail=0.05)
    assert found.value == pytest.approx(stats.betabinom.sf(needed - 1, n, k + 0.5, n - k + 0.5))
    bounds = stats.binomtest(k, n).proportion_ci(0.9, method="exact")
    assert found.low == pytest.approx(stats.binom.sf(needed - 1, n, bounds.low))
    assert found.high == pytest.approx(stats.binom.sf(needed - 1, n, bounds.high))
