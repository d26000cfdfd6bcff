"""The law of the errors of negative controls, and p-values that count it."""

import numpy as np
import pytest
from scipy import optimize, stats

from sigstats.errors import InputError, OptionError
from sigstats.stats import empirical_null

# Estimates with an error of their own (mean .2, sd .3) beside sampling errors of different size.
RNG = np.random.default_rng(20261130)
ERRORS = RNG.uniform(0.05, 0.3, 40)
ESTIMATES = 0.2 + 0.3 * RNG.standard_normal(40) + ERRORS * RNG.standard_normal(40)


def likelihood(at, estimates, errors):
    """The normal likelihood of both parameters, as in Schuemie and others (2014), equation 1."""
    return -stats.norm.logpdf(estimates, at[0], np.hypot(errors, at[1])).sum()


@pytest.mark.parametrize("n", [5, 12, 40])
def test_mean_and_sd_maximise_the_likelihood(n):
    """Against a search over both parameters at once that knows no profile."""
    given = ESTIMATES[:n], ERRORS[:n]
    best = min(
        (
            optimize.minimize(
                likelihood,
                [0.1, start],
                args=given,
                method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-12},
            )
            for start in (0.05, 0.3, 1.0)
        ),
        key=lambda found: found.fun,
    )
    null = empirical_null(*given)
    assert null.mean == pytest.approx(best.x[0], abs=1e-5)
    assert null.sd == pytest.approx(abs(best.x[1]), abs=1e-5)
    assert null.n_controls == n


def test_with_equal_errors_both_are_known_in_closed_form():
    estimates = np.array([0.3, -0.2, 0.5, 0.1, 0.4, -0.1])
    null = empirical_null(estimates, np.full(6, 0.1))
    assert null.mean == pytest.approx(estimates.mean())
    assert null.sd == pytest.approx(np.sqrt(estimates.var() - 0.01))


def test_where_sampling_errors_explain_all_the_sd_is_zero():
    null = empirical_null([0.1, -0.1, 0.05, 0.0, -0.05], [0.2] * 5)
    assert null.sd == 0.0
    assert empirical_null([0.3] * 5, [0.1] * 5).mean == pytest.approx(0.3)


def test_a_calibrated_pvalue_counts_both_laws():
    null = empirical_null(ESTIMATES, ERRORS)
    expected = stats.norm.sf(0.9, loc=null.mean, scale=np.hypot(null.sd, 0.1))
    assert null.pvalue(0.9, 0.1) == pytest.approx(expected)
    assert null.pvalue(0.9, 0.1) > 1000.0 * stats.norm.sf(0.9 / 0.1)
    assert null.pvalue(1e6, 1e-3) > 0.0


@pytest.mark.parametrize(
    ("n", "low", "high"), [(30, 0.0, 0.15), pytest.param(200, 0.02, 0.12, marks=pytest.mark.slow)]
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
        ([0.1] * 5, [0.1, 0.1, 0.0, 0.1, 0.1], "not above 0"),
        ([0.1, np.nan, 0.1, 0.1, 0.1], [0.1] * 5, "estimates"),
    ],
)
def test_controls_that_cannot_be_used(estimates, errors, message):
    with pytest.raises(InputError, match=message):
        empirical_null(estimates, errors)


def test_an_estimate_needs_its_standard_error():
    with pytest.raises(OptionError, match="above 0"):
        empirical_null(ESTIMATES, ERRORS).pvalue(0.9, 0.0)
