"""Two one-sided tests: error rates, agreement of p and interval, scores without spread."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from sigstats.errors import InputError, OptionError
from sigstats.stats.classical.equivalence import tost

SCORES = st.lists(st.floats(-3, 3).map(lambda v: round(v, 3)), min_size=3, max_size=12).filter(
    lambda scores: np.std(scores) > 1e-3
)


@given(SCORES)
def test_each_side_is_a_t_test(scores):
    """Both p-values are those of SciPy's one-sided t tests against the margins."""
    result = tost(scores, -1.0, 0.7)
    below = scipy_stats.ttest_1samp(scores, -1.0, alternative="greater").pvalue
    above = scipy_stats.ttest_1samp(scores, 0.7, alternative="less").pvalue
    assert (result.p_low, result.p_high) == (pytest.approx(below, rel=1e-9), pytest.approx(above, rel=1e-9))
    assert result.pvalue == max(result.p_low, result.p_high)


@given(SCORES, st.sampled_from([0.01, 0.05, 0.2]))
def test_interval_inside_the_margins_means_small_p(scores, alpha):
    """The interval lies inside the margins exactly where p is below alpha."""
    result = tost(scores, -0.8, 1.1, alpha=alpha)
    inside = result.low > -0.8 and result.high < 1.1
    assert inside == (result.pvalue < alpha) or abs(result.pvalue - alpha) < 1e-9


@pytest.mark.rates
@pytest.mark.parametrize(("n", "power"), [(5, 0.28), (8, 0.60), (10, 0.78), (20, 0.99)])
def test_error_rate_and_power(n, power):
    """Equivalence is claimed in at most 5 % at the margin, 1 % beyond it, and often enough inside it."""
    rng = np.random.default_rng(n)
    draws = 4000
    noise = rng.normal(size=(draws, n))
    claimed = {
        shift: np.mean([tost(row + shift, -1.0, 1.0).pvalue <= 0.05 for row in noise])
        for shift in (0.0, 1.0, 1.5)
    }
    error = 3.29 * math.sqrt(0.05 * 0.95 / draws)
    assert claimed[1.0] <= 0.05 + error
    assert claimed[1.5] <= 0.01
    assert claimed[0.0] >= power - 3.29 * math.sqrt(power * (1 - power) / draws)


def test_equal_scores_prove_nothing():
    """Scores without spread have no p-value, inside the margins or outside."""
    result = tost([0.1, 0.1, 0.1], -1.0, 1.0)
    assert (result.statistic, result.pvalue, result.log10_pvalue, result.low, result.high) == (None,) * 5
    assert result.estimate == 0.1


@pytest.mark.parametrize("power", [-900, -3, 900])
def test_units_do_not_matter(power):
    """Scores and margins in units of 2^900 give the same p-value."""
    scores = np.array([0.3, -0.2, 0.15, 0.05, 0.4])
    scaled = tost(np.ldexp(scores, power), math.ldexp(-1, power), math.ldexp(1, power))
    assert scaled.pvalue == tost(scores, -1.0, 1.0).pvalue


def test_tails_do_not_underflow():
    """Wide margins around tight scores give a tiny p-value whose logarithm is right."""
    scores = np.linspace(-1e-9, 1e-9, 60)
    result = tost(scores, -1.0, 1.0)
    assert result.pvalue > 0
    assert -700 < result.log10_pvalue < -400


def test_margins_must_be_in_order():
    """Reversed or infinite margins, one score, and silly levels are errors."""
    with pytest.raises(OptionError, match="low must be below high"):
        tost([1, 2, 3], 1.0, -1.0)
    with pytest.raises(OptionError, match="finite"):
        tost([1, 2, 3], -math.inf, 1.0)
    with pytest.raises(OptionError, match=r"below 0\.5"):
        tost([1, 2, 3], -1, 1, alpha=0.6)
    with pytest.raises(InputError, match="at least 2"):
        tost([1.0], -1, 1)
