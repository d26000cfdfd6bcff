"""The law of the errors of negative controls, and p-values that count it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sigstats.errors import InputError, OptionError
from sigstats.stats import empirical_null

# Estimates with an error of their own (mean .2, sd .3) beside sampling errors of different size.
RNG = np.random.default_rng(20261130)
ERRORS = RNG.uniform(0.05, 0.3, 40)
ESTIMATES = 0.2 + 0.3 * RNG.standard_normal(40) + ERRORS * RNG.standard_normal(40)


def test_mean_and_spread_are_those_of_the_controls_and_the_sd_is_what_errors_leave():
    estimates = np.array([0.3, -0.2, 0.5, 0.1, 0.4, -0.1])
    null = empirical_null(estimates, np.full(6, 0.1))
    assert null.mean == pytest.approx(estimates.mean())
    assert null.spread == pytest.approx(estimates.std(ddof=1))
    assert null.sd == pytest.approx(np.sqrt(estimates.var(ddof=1) - 0.01))
    assert null.n_controls == 6


def test_where_sampling_errors_explain_all_the_sd_is_zero():
    null = empirical_null([0.1, -0.1, 0.05, 0.0, -0.05], [0.2] * 5)
    assert null.sd == 0.0
    assert empirical_null([0.3] * 5, [0.1] * 5).mean == pytest.approx(0.3)


def test_a_single_case_beside_a_small_sample_is_that_of_crawford_and_howell():
    """Their t is the pooled two-sample t of one value beside n, which scipy computes."""
    null = empirical_null(ESTIMATES[:7], np.full(7, 0.1))
    alone = stats.ttest_ind([0.9], ESTIMATES[:7], equal_var=True, alternative="greater")
    assert null.pvalue(0.9, 0.1) == pytest.approx(alone.pvalue)
    assert null.pvalue(0.9, 0.05) == pytest.approx(alone.pvalue)


def test_an_estimate_that_is_less_certain_than_the_controls_has_a_larger_pvalue():
    null = empirical_null(ESTIMATES[:9], ERRORS[:9])
    found = [null.pvalue(0.9, error, df) for error, df in ((0.1, 4), (0.5, np.inf), (0.5, 4), (0.5, 2))]
    assert found == sorted(found)
    assert found[0] < found[1] < found[3]


def test_with_many_controls_it_is_the_normal_law_of_both():
    """Beside a law that is known, only the normal distribution is left, as in Schuemie and others (2014)."""
    quantiles = stats.norm.ppf((np.arange(500) + 0.5) / 500)
    null = empirical_null(0.2 + np.hypot(0.3, 0.1) * quantiles, np.full(500, 0.1))
    assert null.pvalue(0.9, 0.2) == pytest.approx(stats.norm.sf(0.9, 0.2, np.hypot(0.3, 0.2)), rel=0.05)


@given(
    st.lists(st.floats(-5, 5), min_size=5, max_size=12, unique=True),
    st.floats(-5, 5),
    st.floats(0.01, 3),
    st.floats(0.1, 10),
)
def test_the_unit_does_not_matter(estimates, estimate, error, unit):
    errors = np.full(len(estimates), 0.5)
    one = empirical_null(estimates, errors)
    other = empirical_null(np.array(estimates) * unit, errors * unit)
    assert 0.0 < one.pvalue(estimate, error, 4) <= 1.0
    assert other.pvalue(estimate * unit, error * unit, 4) == pytest.approx(
        one.pvalue(estimate, error, 4), rel=1e-6
    )
    assert one.outliers == other.outliers


@pytest.mark.parametrize(
    ("n", "low", "high"), [(30, 0.0, 0.15), pytest.param(200, 0.01, 0.1, marks=pytest.mark.slow)]
)
def test_controls_that_share_runs_exceed_the_nominal_bound_and_are_calibrated(n, low, high):
    """Errors of their own with twice the sampling error put about 5 of 14 null tasks beyond |t| = 2.2.

    Without calibration, more than a third of new tasks would have p <= 0.05, which 30 of them tell from 0.05; many
    more are slow.
    """
    rng = np.random.default_rng(1)
    beyond, calibrated = [], []
    for _ in range(n):
        errors = np.full(15, 0.1)
        estimates = rng.normal(0.0, 0.2, 15) + errors * rng.standard_normal(15)
        beyond.append(np.mean(np.abs(estimates[:14] / errors[:14]) > 2.2))
        calibrated.append(empirical_null(estimates[:14], errors[:14]).pvalue(estimates[14], 0.1) <= 0.05)
    assert np.mean(beyond) == pytest.approx(5 / 14, abs=0.05)
    assert low <= np.mean(calibrated) <= high


def test_a_control_that_does_not_fit_the_others_is_named():
    estimates, errors = np.append(ESTIMATES[:10], 5.0), np.append(ERRORS[:10], 0.1)
    assert empirical_null(estimates, errors).outliers == (10,)
    assert empirical_null(ESTIMATES[:10], ERRORS[:10]).outliers == ()


@pytest.mark.parametrize(
    ("estimates", "errors", "message"),
    [
        ([0.1] * 4, [0.1] * 4, "at least 5 controls"),
        ([0.1] * 6, [0.1] * 5, "6 `estimates` and 5 `errors`"),
        ([0.1] * 5, [0.1, 0.1, -0.1, 0.1, 0.1], "below 0"),
        ([0.1, np.nan, 0.1, 0.1, 0.1], [0.1] * 5, "estimates"),
    ],
)
def test_controls_that_cannot_be_used(estimates, errors, message):
    with pytest.raises(InputError, match=message):
        empirical_null(estimates, errors)


def test_an_estimate_needs_a_standard_error_and_degrees_of_freedom():
    null = empirical_null(ESTIMATES, ERRORS)
    with pytest.raises(OptionError, match="0 or above"):
        null.pvalue(0.9, -0.1)
    with pytest.raises(OptionError, match="degrees of freedom"):
        null.pvalue(0.9, 0.1, 0.0)


def test_where_nothing_varies_there_is_no_pvalue():
    assert np.isnan(empirical_null([0.0] * 5, [0.0] * 5).pvalue(1.0, 0.0))


def test_that_all_controls_are_off_is_told_by_the_t_test_of_scipy():
    found = empirical_null(ESTIMATES, ERRORS).pvalue_off
    assert found == pytest.approx(stats.ttest_1samp(ESTIMATES, 0.0, alternative="greater").pvalue)
    assert np.isnan(empirical_null([0.3] * 5, [0.1] * 5).pvalue_off)
