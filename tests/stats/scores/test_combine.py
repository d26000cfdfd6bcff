"""Means and differences of conditions against scipy's t tests and written-out formulas."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from sigstats.stats.scores.combine import (
    Combination,
    combine,
    end_weights,
    influence,
    level_contrast,
    levels_with_weight,
    line_weights,
    mean_of,
    negligible_to_zero,
    welch,
)

SCORES = st.lists(st.floats(-100, 100).map(lambda value: round(value, 3)), min_size=3, max_size=9)


def varies(scores):
    """Return whether scores differ by more than rounding."""
    return float(np.std(scores)) > 1e-6


@given(scores=SCORES.filter(varies), bound=st.floats(-5, 5))
def test_mean_of_one_condition_is_the_one_sample_t_test(scores, bound):
    """Both one-sided p-values and the interval are scipy's."""
    values = np.array(scores)
    mean = mean_of(values)
    above = scipy_stats.ttest_1samp(values, bound, alternative="greater")
    below = scipy_stats.ttest_1samp(values, bound, alternative="less")
    assert mean.pvalue_above(bound) == pytest.approx(above.pvalue, rel=1e-9)
    assert mean.pvalue_below(bound) == pytest.approx(below.pvalue, rel=1e-9)
    expected = scipy_stats.ttest_1samp(values, 0.0).confidence_interval(0.9)
    assert mean.interval(0.9) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-9)
    assert (mean.df, mean.n_seeds) == (len(scores) - 1, len(scores))


def alike(first, second):
    """Return whether neither of two samples is small beside the other."""
    return min(len(first), len(second)) > 4 or max(len(first), len(second)) < 2 * min(len(first), len(second))


@pytest.mark.long
@given(first=SCORES.filter(varies), second=SCORES.filter(varies))
def test_difference_of_two_conditions_is_welchs_t_test(first, second):
    """One-sided p-value and degrees of freedom of unshared seeds are scipy's."""
    assume(alike(first, second))
    a, b = np.array(first), np.array(second)
    ids = [np.arange(a.size), a.size + np.arange(b.size)]
    difference = combine([a, b], ids, [1.0, -1.0])
    expected = scipy_stats.ttest_ind(a, b, equal_var=False, alternative="greater")
    assert difference.df == pytest.approx(expected.df, rel=1e-9)
    assert difference.pvalue_above() == pytest.approx(expected.pvalue, rel=1e-9)
    by_parts = welch([mean_of(a), mean_of(b)], [1.0, -1.0])
    assert by_parts == difference


@given(data=st.lists(st.tuples(*[st.floats(-50, 50).map(lambda v: round(v, 3))] * 2), min_size=3, max_size=8))
def test_shared_seeds_are_combined_within_each_seed(data):
    """With all seeds in common the sum is the one-sample t test of within-seed sums, in any order of seeds."""
    a, b = np.array(data).T
    within = mean_of(0.5 * a + 0.5 * b)
    order = np.random.default_rng(len(data)).permutation(a.size)
    joined = combine([a, b[order]], [np.arange(a.size), order], [0.5, 0.5])
    assert joined.estimate == pytest.approx(within.estimate, rel=1e-9, abs=1e-12)
    assert joined.df == within.df
    assert joined.variance == pytest.approx(
        within.variance, rel=1e-9, abs=1e-16 * max(1.0, np.abs(data).max() ** 2)
    )


def test_partly_shared_seeds_lie_between_the_two_extremes():
    """With one of several seeds in common, positive correlation adds to the variance of a mean."""
    rng = np.random.default_rng(5)
    a = rng.normal(size=6)
    b = a + 0.1 * rng.normal(size=6)
    apart = combine([a, b], [np.arange(6), np.arange(6, 12)], [0.5, 0.5])
    half = combine([a, b], [np.arange(6), np.array([0, 1, 2, 9, 10, 11])], [0.5, 0.5])
    together = combine([a, b], [np.arange(6), np.arange(6)], [0.5, 0.5])
    assert apart.variance < half.variance < together.variance
    assert half.estimate == apart.estimate == together.estimate
    assert half.df == 5


@pytest.mark.long
def test_partly_shared_seeds_have_the_right_variance_on_average():
    """Over many draws the estimated variance of a partly shared mean equals the variance of the estimate."""
    rng = np.random.default_rng(8)
    ids = [np.arange(5), np.arange(2, 9)]
    estimates, variances = [], []
    for _ in range(4000):
        seeds = rng.normal(size=9)
        scores = [seeds[which] + 0.5 * rng.normal(size=which.size) for which in ids]
        joined = combine(scores, ids, [0.5, 0.5])
        estimates.append(joined.estimate)
        variances.append(joined.variance)
    assert np.mean(variances) == pytest.approx(np.var(estimates), rel=0.12)


def test_influences_add_up_to_nothing_and_name_each_seed_once():
    """Every seed of either condition has one contribution, and together they cancel."""
    a, b = np.array([1.0, 4.0, 2.0]), np.array([3.0, 3.5, 9.0, 1.0])
    ids, moved = influence([a, b], [np.array([0, 2, 4]), np.array([1, 2, 4, 7])], [0.5, 0.5])
    assert ids.tolist() == [0, 1, 2, 4, 7]
    assert moved.sum() == pytest.approx(0.0, abs=1e-12)
    assert moved[0] == pytest.approx(0.5 * (1.0 - a.mean()) / 3)


def test_contrast_of_independent_levels_follows_satterthwaite():
    """Estimate, variance and df are those of the formula written out level by level."""
    rng = np.random.default_rng(11)
    curves = rng.normal(size=(6, 4)) * np.array([1.0, 2.0, 0.5, 3.0]) + np.arange(4.0)
    curves[4:, 1] = curves[5:, 3] = np.nan
    weights = line_weights(np.array([0.0, 0.2, 0.5, 1.0]))
    found = level_contrast(curves, weights)
    levels = [column[~np.isnan(column)] for column in curves.T]
    parts = [w**2 * level.var(ddof=1) / level.size for w, level in zip(weights, levels, strict=True)]
    df = sum(parts) ** 2 / sum(p**2 / (level.size - 1) for p, level in zip(parts, levels, strict=True))
    assert found.estimate == pytest.approx(sum(w * v.mean() for w, v in zip(weights, levels, strict=True)))
    assert (found.variance, found.df) == pytest.approx((sum(parts), df), rel=1e-12)


def test_one_level_against_all_has_few_degrees_of_freedom_however_close_its_runs_lie():
    """The runs of other levels do not count for a level whose own variance seems small."""
    curves = np.random.default_rng(0).standard_normal((3, 20))
    curves[:, 4] = curves[:, 4].mean() + np.array([-1e-3, 0.0, 1e-3])
    weights = np.eye(20)[4] - 1.0 / 20
    own, other = 0.95**2, 0.05**2
    known = 2.0 * (own + 19.0 * other) ** 2 / (own**2 + 19.0 * other**2)
    assert level_contrast(curves, weights).df == pytest.approx(known, rel=1e-12)
    parts = [mean_of(np.sort(curves[:, level])) for level in range(20)]
    assert welch(parts, list(weights)).df > 10.0
    assert level_contrast(curves, line_weights(np.arange(20.0))).df > 10.0


def test_two_levels_of_few_and_many_runs_are_compared_as_two_groups_are():
    """Neither has more of the weight than the other, however many runs it has."""
    curves = np.random.default_rng(0).standard_normal((20, 2))
    curves[:, 0] = [-0.1, 0.0, 0.1, *[np.nan] * 17]
    groups = [mean_of(np.sort(curves[:3, 0])), mean_of(np.sort(curves[:, 1]))]
    assert level_contrast(curves, end_weights(2)).df == pytest.approx(
        welch(groups, [-1.0, 1.0]).df, rel=1e-12
    )


def test_line_weights_give_the_slope_and_end_weights_the_change():
    """The weights reproduce numpy's slope and last minus first."""
    x = np.array([0.0, 0.1, 0.7, 1.0])
    y = np.array([3.0, 1.0, 4.0, 1.5])
    assert line_weights(x) @ y == pytest.approx(np.polyfit(x, y, 1)[0])
    assert end_weights(4) @ y == -1.5


@pytest.mark.parametrize(
    "scores", [[2.0, 2.0, 2.0], [0.1, 0.1, 0.1], [0.0, 0.0, 0.0], [1.0, 1.0 + 1e-15, 1.0]]
)
def test_scores_that_do_not_vary_have_no_pvalue(scores):
    """Without variance there is neither a p-value (let alone one of 0) nor an interval."""
    mean = mean_of(np.array(scores))
    assert mean.variance == 0.0
    assert all(math.isnan(p) for p in (mean.pvalue_above(), mean.pvalue_below(), *mean.interval(0.9)))
    ids = np.arange(3)
    shared = combine([np.array(scores)] * 2, [ids, ids], [1.0, -1.0])
    assert math.isnan(shared.pvalue_above())


def test_an_exact_control_leaves_the_treatments_degrees_of_freedom():
    """A condition without variance adds nothing to variance or degrees of freedom."""
    noisy, exact = mean_of(np.array([1.0, 2.0, 4.0])), mean_of(np.array([0.5, 0.5, 0.5, 0.5]))
    difference = welch([noisy, exact], [1.0, -1.0])
    assert (difference.variance, difference.df) == (noisy.variance, noisy.df)


@pytest.mark.parametrize("power", [-500, 0, 500])
def test_degrees_of_freedom_do_not_depend_on_the_unit(power):
    """Variances whose squares vanish or overflow have the degrees of freedom of any other unit."""
    first, second = np.array([1.0, 2.0, 4.0]), np.array([0.5, 0.1, 0.9, 3.0])
    expected = welch([mean_of(first), mean_of(second)], [1.0, -1.0])
    scaled = welch([mean_of(np.ldexp(values, power)) for values in (first, second)], [1.0, -1.0])
    assert scaled.df == pytest.approx(expected.df, rel=1e-12)
    assert scaled.pvalue_above() == pytest.approx(expected.pvalue_above(), rel=1e-12)


def test_pvalues_never_reach_zero():
    """An overwhelming effect has the smallest positive p-value rather than 0."""
    strong = Combination(estimate=1e10, variance=1e-290, df=500.0, n_seeds=501)
    assert strong.pvalue_above() > 0.0
    assert strong.pvalue_below() == 1.0


def test_only_rounding_counts_as_negligible():
    """A variance is called zero at a relative 1e-20 and no earlier."""
    assert negligible_to_zero(1e-21, 1.0) == 0.0
    assert negligible_to_zero(1e-19, 1.0) == 1e-19


@pytest.mark.parametrize("sizes", [(3, 20), (20, 3), (4, 9), (3, 12, 12, 12)])
def test_a_small_part_beside_a_large_one_has_the_critical_value_of_the_bound(sizes):
    """Its square is the mean of the squared critical values, weighted by the shares of the variance."""
    rng = np.random.default_rng(1)
    parts = [mean_of(rng.normal(0, 1 + size / 20, size)) for size in sizes]
    weights = [1.0, -0.5, 0.3, 0.2][: len(sizes)]
    found = welch(parts, weights)
    shares = [weight**2 * part.variance / found.variance for weight, part in zip(weights, parts, strict=True)]
    critical = [float(scipy_stats.t.ppf(0.95, size - 1)) for size in sizes]
    bound = math.sqrt(sum(share * each**2 for share, each in zip(shares, critical, strict=True)))
    plain = 1.0 / sum(share**2 / (size - 1) for share, size in zip(shares, sizes, strict=True))
    assert float(scipy_stats.t.ppf(0.95, found.df)) == pytest.approx(
        max(bound, float(scipy_stats.t.ppf(0.95, plain)))
    )


@pytest.mark.parametrize("sizes", [(3, 3), (3, 5), (5, 20), (8, 8, 8)])
def test_like_sizes_and_larger_ones_keep_the_degrees_of_freedom_of_welch(sizes):
    """The bound is for variances that are hardly known beside one that is."""
    rng = np.random.default_rng(2)
    parts = [mean_of(rng.normal(0, 1, size)) for size in sizes]
    found = welch(parts, [1.0] * len(sizes))
    shares = [part.variance / found.variance for part in parts]
    plain = 1.0 / sum(share**2 / (size - 1) for share, size in zip(shares, sizes, strict=True))
    assert found.df == pytest.approx(plain)


def test_levels_with_two_runs_carry_no_weight_where_others_have_more():
    """Three levels with 3 runs are needed; fewer leave the others in, to describe."""
    assert levels_with_weight(np.array([2, 3, 3, 1, 4])).tolist() == [False, True, True, False, True]
    assert levels_with_weight(np.array([2, 2, 3, 1, 4])).tolist() == [True, True, True, False, True]


def test_a_part_without_variance_has_no_say_in_the_degrees_of_freedom():
    """Two groups of 10 have 18, whatever stands beside them without varying."""
    rng = np.random.default_rng(3)
    parts = [mean_of(rng.normal(0, 1, 10)) for _ in range(2)]
    parts = [replace(each, variance=0.1) for each in parts]
    assert welch(parts, [1.0, 1.0]).df == pytest.approx(18)
    still = mean_of(np.array([0.3, 0.3, 0.3]))
    assert welch([*parts, still], [1.0, 1.0, 1.0]).df == pytest.approx(18)


def test_where_nothing_varies_the_fewest_degrees_of_freedom_are_kept():
    """They are told, though no test is made with them."""
    found = welch([mean_of(np.full(3, 0.5)), mean_of(np.full(9, 0.25))], [1.0, 1.0])
    assert (found.estimate, found.variance, found.df) == (0.75, 0.0, 2.0)
