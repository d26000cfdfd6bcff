"""Scores per seed against numpy, scipy and explicit regressions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from sigstats.stats.scores.linear import (
    kendall_null_variance,
    linear_scores,
    rank_scores,
    residuals_independent,
    residuals_repeated,
    score_sd_factor,
)


def sweep(seeds, levels, rng, missing=0.0):
    """Return noisy curves, some cells missing but at least three left per seed, and uneven levels in [0, 1]."""
    x = np.concatenate([[0.0], np.sort(rng.uniform(0.05, 0.95, levels - 2)), [1.0]])
    curves = rng.normal(size=(seeds, 1)) + rng.normal(size=(seeds, 1)) * x + rng.normal(size=(seeds, levels))
    gone = rng.random(curves.shape) < missing
    gone[np.arange(seeds)[:, None], rng.permuted(np.tile(np.arange(levels), (seeds, 1)), axis=1)[:, :3]] = (
        False
    )
    return np.where(gone, np.nan, curves), x


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize(("seeds", "levels"), [(1, 3), (4, 5), (12, 20)])
def test_linear_score_is_the_slope_of_polyfit(seeds, levels, missing):
    """Each seed's score is the slope that numpy fits to the levels it has."""
    curves, x = sweep(seeds, levels, np.random.default_rng([seeds, levels]), missing)
    expected = [np.polyfit(x[~np.isnan(row)], row[~np.isnan(row)], 1)[0] for row in curves]
    np.testing.assert_allclose(linear_scores(curves, x), expected, rtol=1e-9, atol=1e-12)


def test_a_constant_seed_scores_exactly_zero():
    """Rounding never turns a flat curve into a slope, whatever its height."""
    heights = np.array([0.1, 1 / 3, 1e-9, 123456.789, -7.7])[:, None]
    curves = heights + np.zeros((5, 7))
    assert linear_scores(curves, np.linspace(0, 1, 7)).tolist() == [0.0] * 5
    assert rank_scores(curves).tolist() == [0.0] * 5


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_score_sd_factor_is_the_standard_error_of_a_slope_at_unit_noise(missing):
    """The factor is the root of the slope's entry in the inverse of X'X."""
    curves, x = sweep(5, 6, np.random.default_rng(3), missing)
    expected = []
    for row in curves:
        design = np.column_stack([np.ones_like(x), x])[~np.isnan(row)]
        expected.append(np.sqrt(np.linalg.inv(design.T @ design)[1, 1]))
    np.testing.assert_allclose(score_sd_factor(curves, x), expected, rtol=1e-12)


@pytest.mark.parametrize("levels", [3, 6, 15, 230])
def test_rank_score_is_the_tau_of_scipy_with_and_without_ties(levels):
    """Kendall's tau-b of scipy comes out, for few and many levels, ties and gaps included."""
    rng = np.random.default_rng(levels)
    smooth, x = sweep(4, levels, rng)
    tied = rng.integers(0, 4, size=(4, levels)).astype(float)
    tied[:, 0], tied[:, -1] = 0.0, 9.0
    gaps = np.where(rng.random((4, levels)) < 0.3, np.nan, tied)
    gaps[:, 0], gaps[:, -1], gaps[:, 1] = 0.0, 9.0, 3.0
    curves = np.concatenate([smooth, tied, gaps])
    expected = [scipy_stats.kendalltau(x[~np.isnan(row)], row[~np.isnan(row)]).statistic for row in curves]
    np.testing.assert_allclose(rank_scores(curves), expected, rtol=1e-12, atol=1e-15)


@given(st.lists(st.integers(-3, 3), min_size=3, max_size=9), st.sampled_from([np.exp, np.cbrt, np.arctan]))
def test_rank_score_is_blind_to_monotone_changes_of_the_metric(values, change):
    """Only the order of the values counts."""
    row = np.array([values], dtype=float)
    assert rank_scores(change(row)).tolist() == rank_scores(row).tolist()


@pytest.mark.parametrize("levels", [3, 4, 5, 6])
def test_null_variance_of_tau_is_that_over_all_orders(levels):
    """Kendall's formula equals the variance over every permutation."""
    from itertools import permutations

    taus = rank_scores(np.array(list(permutations(range(levels))), dtype=float))
    assert kendall_null_variance(levels) == pytest.approx(float((taus**2).mean()), rel=1e-12)


def dummy_regression(curves, x):
    """Return residual sum of squares and df of seed intercepts, seed slopes and level effects, by dense matrices."""
    seeds, levels = curves.shape
    rows = [(s, k) for s in range(seeds) for k in range(levels) if not np.isnan(curves[s, k])]
    design = np.zeros((len(rows), 2 * seeds + levels))
    for number, (s, k) in enumerate(rows):
        design[number, s], design[number, seeds + s], design[number, 2 * seeds + k] = 1.0, x[k], 1.0
    y = np.array([curves[row] for row in rows])
    fit = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return float(((y - fit) ** 2).sum()), len(y) - int(np.linalg.matrix_rank(design))


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.4])
@pytest.mark.parametrize(("seeds", "levels"), [(3, 4), (5, 8), (10, 5)])
def test_residuals_are_those_of_a_regression_with_dummies(seeds, levels, missing):
    """What remains beside each seed's line and the level means agrees with the dense regression, df included."""
    curves, x = sweep(seeds, levels, np.random.default_rng([seeds, levels, 1]), missing)
    squares, df = dummy_regression(curves, x)
    left = residuals_repeated(curves, x)
    assert left.df == df
    assert left.sum_of_squares == pytest.approx(squares, rel=1e-9, abs=1e-12)


def test_complete_curves_have_seeds_minus_one_times_levels_minus_two_degrees_of_freedom():
    """The degrees of freedom are those of noise beside lines and level means."""
    curves, x = sweep(5, 8, np.random.default_rng(9))
    assert residuals_repeated(curves, x).df == (5 - 1) * (8 - 2)


def test_a_common_bend_is_not_noise():
    """Adding any curve to all seeds leaves the residuals."""
    curves, x = sweep(4, 7, np.random.default_rng(4), 0.1)
    bent = residuals_repeated(curves + 50 * np.sin(5 * x), x)
    assert bent.sum_of_squares == pytest.approx(residuals_repeated(curves, x).sum_of_squares, rel=1e-9)


def test_independent_residuals_are_those_within_levels():
    """In the independent design only the level means are taken away."""
    curves, _ = sweep(5, 6, np.random.default_rng(6), 0.2)
    left = residuals_independent(curves)
    columns = [column[~np.isnan(column)] for column in curves.T]
    assert left.sum_of_squares == pytest.approx(sum(c.var() * c.size for c in columns if c.size), rel=1e-12)
    assert left.df == sum(max(c.size - 1, 0) for c in columns)
