import numpy as np
import pytest
from scipy import stats

from sigstats.stats.strength.standardised import standardised_difference, standardised_mean

SCORES = np.array([0.9, 1.4, 2.1, 1.0, 1.7])


@pytest.mark.parametrize("n", [2, 3, 5, 10, 200])
def test_bounds_of_a_mean_are_those_of_the_noncentral_t(n):
    """At each end, scipy's noncentral t exceeds what was observed with the probability that was asked for."""
    scores = np.random.default_rng(n).normal(1.5, 1.0, n)
    found = standardised_mean(scores, tail=0.05)
    observed = np.sqrt(n) * scores.mean() / scores.std(ddof=1)
    chances = [
        stats.nct.sf(observed, n - 1, np.sqrt(n) * end) for end in (found.low, found.value, found.high)
    ]
    assert chances == pytest.approx([0.05, 0.5, 0.95], abs=1e-4)


@pytest.mark.long
def test_bounds_of_a_difference_are_those_of_simulated_pivots():
    """The generalised pivot, drawn two million times from its definition, has the same quantiles."""
    treatment, control = SCORES, np.array([0.2, -0.4, 0.9, 0.1])
    rng, draws = np.random.default_rng(7), 2_000_000
    first = treatment.var(ddof=1) * 4 / rng.chisquare(4, draws)
    second = control.var(ddof=1) * 3 / rng.chisquare(3, draws)
    apart = treatment.mean() - control.mean() - rng.standard_normal(draws) * np.sqrt(first / 5 + second / 4)
    expected = np.quantile(apart / np.sqrt(first + second), [0.05, 0.5, 0.95])
    found = standardised_difference(treatment, control, tail=0.05)
    assert [found.low, found.value, found.high] == pytest.approx(expected, abs=0.006)


def test_sides_can_be_exchanged_and_units_changed():
    """The other way round it is the mirror image, and neither units nor a common shift matter."""
    treatment, control = SCORES, np.array([0.2, -0.4, 0.9])
    found = standardised_difference(treatment, control, tail=0.05)
    back = standardised_difference(control, treatment, tail=0.05)
    other = standardised_difference(1e6 * treatment + 5, 1e6 * control + 5, tail=0.05)
    assert [found.low, found.value, found.high] == pytest.approx([-back.high, -back.value, -back.low])
    assert [found.low, found.value, found.high] == pytest.approx([other.low, other.value, other.high])


def test_a_control_that_does_not_vary_is_a_number():
    """Only one variance is then unknown."""
    found = standardised_difference(SCORES, np.zeros(4), tail=0.05)
    assert found == standardised_mean(SCORES, tail=0.05)
    other = standardised_difference(np.full(3, 2.0), SCORES, tail=0.05)
    assert other == standardised_mean(2.0 - SCORES, tail=0.05)


@pytest.mark.parametrize("scores", [np.ones(4), np.array([1.0]), np.full(5, 0.1) * 3])
def test_without_variation_nothing_is_standardised(scores):
    assert standardised_mean(scores, tail=0.05) is None
    assert standardised_difference(scores, scores, tail=0.05) is None


def test_the_probability_is_that_of_a_normal_score():
    found = standardised_mean(SCORES, tail=0.05)
    assert found.probabilities() == pytest.approx(stats.norm.cdf([found.value, found.low, found.high]))
