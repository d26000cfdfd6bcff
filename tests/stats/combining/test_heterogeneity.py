"""Whether studies differ, and whether they contradict each other."""

import numpy as np
import pytest
from scipy import stats

from sigstats.stats.combining.heterogeneity import contradiction, heterogeneity

GROUPS = ([6.1, 5.8, 6.4], [7.9, 6.6, 8.4, 7.1], [5.2, 6.9, 4.1, 6.0, 5.5])


def estimates(groups):
    means = np.array([np.mean(group) for group in groups])
    errors = np.array([np.std(group, ddof=1) / np.sqrt(len(group)) for group in groups])
    return means, errors, np.array([len(group) - 1.0 for group in groups])


def test_welchs_f_is_that_of_statsmodels():
    oneway = pytest.importorskip("statsmodels.stats.oneway")
    expected = oneway.anova_oneway(GROUPS, use_var="unequal", welch_correction=True)
    found = heterogeneity(*estimates(GROUPS))
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.df_error == pytest.approx(expected.df_denom, rel=1e-12)
    assert found.pvalue == pytest.approx(expected.pvalue, rel=0.25)


def test_of_two_studies_it_is_welchs_t_test():
    expected = stats.ttest_ind(*GROUPS[:2], equal_var=False)
    found = heterogeneity(*estimates(GROUPS[:2]))
    assert found.pvalue == pytest.approx(expected.pvalue, rel=0.2)
    assert found.pvalue >= expected.pvalue * (1 - 1e-10)


def test_q_with_known_errors_is_that_of_statsmodels():
    combine_effects = pytest.importorskip("statsmodels.stats.meta_analysis").combine_effects
    effects = np.array([28, 8, -3, 7, -1, 1, 18, 12.0])
    errors = np.array([15, 10, 16, 11, 9, 11, 10, 18.0])
    found = heterogeneity(effects, errors, np.full(8, 1e9))
    assert found.q == pytest.approx(combine_effects(effects, errors**2).q, rel=1e-9)
    assert found.pvalue == pytest.approx(stats.chi2.sf(found.q, 7), rel=0.03)
    assert found.i2 == 0.0


def test_scale_and_order_of_studies_do_not_matter():
    effects, errors, dfs = estimates(GROUPS)
    first, again = (
        heterogeneity(effects, errors, dfs),
        heterogeneity(1e-200 * effects[::-1], 1e-200 * errors[::-1], dfs[::-1]),
    )
    assert again.pvalue == pytest.approx(first.pvalue, rel=1e-9)


def test_a_contradiction_needs_both_directions():
    errors, dfs = np.full(3, 0.1), np.full(3, 9.0)
    assert contradiction(np.array([1.0, 2.0, 0.01]), errors, dfs).pvalue > 0.9
    found = contradiction(np.array([1.0, -2.0, 0.01]), errors, dfs)
    assert (found.above, found.below) == (0, 1)
    assert found.pvalue == pytest.approx(3 * stats.t.sf(10, 9), rel=1e-9)
