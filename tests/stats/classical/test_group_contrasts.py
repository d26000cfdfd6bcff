"""Contrasts of group means: one planned, or the largest of several."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from sigstats.errors import InputError
from sigstats.stats.classical.group_contrasts import contrast_test, max_contrast

RNG = np.random.default_rng(12)
GROUPS = [RNG.normal(mean, 1.0, size) for mean, size in ((0.0, 6), (0.4, 4), (1.0, 7), (0.9, 5))]


def test_two_groups_give_the_pooled_t_test():
    """For two groups the contrast is Student's test."""
    theirs = scipy_stats.ttest_ind(GROUPS[1], GROUPS[0])
    ours = contrast_test(GROUPS[:2], [-1, 1])
    assert (ours.statistic, ours.pvalue) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-12)


@pytest.mark.long
def test_one_contrast_needs_no_adjustment():
    """The largest of one contrast has the p-value of that contrast, on every side and for both signs."""
    for weights in ([-1, 0, 0, 1], [1, 0, 0, -1]):
        for side in ("greater", "less", "two-sided"):
            single = contrast_test(GROUPS, weights, alternative=side)
            largest = max_contrast(GROUPS, [weights], alternative=side)
            assert largest.pvalue == pytest.approx(single.pvalue, rel=1e-3)
            assert largest.statistic == single.statistic


def test_copies_of_a_contrast_cost_nothing():
    """A contrast that is listed twice, once in other units, is counted once."""
    single = max_contrast(GROUPS, [[-1, 0, 0, 1]])
    copies = max_contrast(GROUPS, [[-1, 0, 0, 1], [-3, 0, 0, 3]])
    assert copies.pvalue == pytest.approx(single.pvalue, rel=1e-3)


@pytest.mark.long
def test_all_pairs_agree_with_tukey():
    """All pairwise contrasts, two-sided, give Tukey's honestly significant differences."""
    pairs = [[-1, 1, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1], [0, -1, 1, 0], [0, -1, 0, 1], [0, 0, -1, 1]]
    equal = [group[:4] for group in GROUPS]
    ours, theirs = max_contrast(equal, pairs, alternative="two-sided"), scipy_stats.tukey_hsd(*equal).pvalue
    expected = [theirs[row.index(-1), row.index(1)] for row in pairs]
    assert ours.pvalues == pytest.approx(expected, rel=2e-3)


def test_far_tails_keep_their_digits():
    """Far out the adjusted p-value lies between that of the best contrast and their number times that."""
    shifted = [group + 40 * i for i, group in enumerate(GROUPS)]
    rows = [[-1, 0, 0, 1], [-1, -1, 1, 1], [-3, -1, 1, 3]]
    result = max_contrast(shifted, rows)
    single = contrast_test(shifted, rows[result.best], alternative="greater").pvalue
    assert 0 < single * 0.99 <= result.pvalue <= 3 * single
    assert result.pvalue < 1e-15


def test_more_contrasts_never_make_it_easier():
    """Adding a contrast makes no adjusted p-value smaller."""
    rows = [[-1, 0, 0, 1], [-1, 1, 0, 0], [0, -1, 1, 0]]
    few, many = max_contrast(GROUPS, rows[:2]), max_contrast(GROUPS, rows)
    assert many.pvalues[0] >= few.pvalues[0] * (1 - 1e-3)


def test_groups_without_spread_have_no_pvalue():
    """Where no group varies, there is no t; several contrasts cannot be compared at all."""
    result = contrast_test([[1, 1], [2, 2]], [-1, 1])
    assert (result.statistic, result.pvalue, result.estimate) == (None, None, 1.0)
    with pytest.raises(InputError, match="a test needs noise"):
        max_contrast([[1, 1], [2, 2]], [[-1, 1]])


def test_unusable_input_is_named():
    """Weights that do not sum to 0, of the wrong number, and single observations are errors."""
    with pytest.raises(InputError, match="sum to 0"):
        contrast_test(GROUPS, [1, 1, 1, 1])
    with pytest.raises(InputError, match="3 entries for 4 groups"):
        contrast_test(GROUPS, [-1, 0, 1])
    with pytest.raises(InputError, match="one observation each"):
        contrast_test([[1], [2]], [-1, 1])
