"""Weighted sums of level means: against scipy's t tests and the definition of Fieller's interval."""

import numpy as np
import pytest
from scipy import optimize, stats

from sigstats.stats.curves.linked_means import level_runs, relative_error

RNG = np.random.default_rng(0)
VALUES = 2.0 + RNG.normal(0, 0.3, (6, 4)) + RNG.normal(0, 0.5, (6, 1))
WEIGHTS = np.array([0.5, -0.2, 0.9, -1.0])


def test_in_the_repeated_design_it_is_a_t_test_of_one_score_per_seed():
    found = level_runs(VALUES, "repeated").contrast(WEIGHTS)
    expected = stats.ttest_1samp(VALUES @ WEIGHTS, 0.0, alternative="greater")
    assert (found.value / found.se, found.df) == (pytest.approx(expected.statistic), 5)
    assert found.pvalue == pytest.approx(expected.pvalue)
    interval = stats.ttest_1samp(VALUES @ WEIGHTS, 0.0).confidence_interval(0.9)
    assert found.bounds(0.9) == pytest.approx((interval.low, interval.high))


def test_independent_runs_of_two_levels_are_welchs_test():
    values = VALUES.copy()
    values[4:, 1] = np.nan
    found = level_runs(values, "independent").contrast(np.array([1.0, -1.0, 0.0, 0.0]))
    expected = stats.ttest_ind(values[:, 0], values[:4, 1], equal_var=False)
    assert (found.value / found.se, found.df) == pytest.approx((expected.statistic, expected.df))


def test_seeds_that_share_no_level_count_as_independent():
    values = np.full((9, 2), np.nan)
    values[:5, 0], values[5:, 1] = VALUES[:5, 0], VALUES[:4, 1]
    found = level_runs(values, "repeated").contrast(np.array([1.0, -1.0]))
    assert found.se == pytest.approx(np.sqrt(VALUES[:5, 0].var(ddof=1) / 5 + VALUES[:4, 1].var(ddof=1) / 4))
    assert found.df == 3


def test_without_variance_or_with_one_run_there_is_no_test():
    constant = level_runs(np.full((4, 2), 0.1), "repeated").contrast(np.array([1.0, 2.0]))
    assert np.isnan(constant.se)
    assert constant.pvalue == 1.0
    assert np.isnan(constant.bounds(0.9)).all()
    single = level_runs(VALUES[:1], "repeated").contrast(WEIGHTS)
    assert (single.value, single.pvalue) == (pytest.approx(VALUES[0] @ WEIGHTS), 1.0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_ends_of_a_relative_error_are_where_the_test_just_rejects(sign):
    prediction, at = np.array([0.6, 0.5, 0.0, 0.0]), np.array([0.0, 0.0, 0.0, 1.0])
    values = sign * VALUES
    found = relative_error(
        level_runs(values, "repeated"), prediction, at, values.mean(axis=0) @ prediction, 0.9
    )
    scores, own = values @ prediction, values[:, 3]
    size = sign * own
    assert found.value == pytest.approx((scores.mean() - own.mean()) / abs(own.mean()))

    def excess(part):
        return abs(stats.ttest_1samp(scores - own - part * size, 0.0).statistic) - stats.t.ppf(0.95, 5)

    ends = [optimize.brentq(excess, found.value, found.value + far) for far in (-3.0, 3.0)]
    assert (found.low, found.high) == pytest.approx(tuple(ends), rel=1e-6)


def test_a_mean_that_may_be_zero_bounds_no_relative_error():
    values = VALUES - VALUES.mean(axis=0) + 0.01
    found = relative_error(
        level_runs(values, "repeated"), np.array([1.0, 0, 0, 0]), np.array([0, 0, 0, 1.0]), 0.01, 0.9
    )
    assert (found.low, found.high) == (-np.inf, np.inf)
