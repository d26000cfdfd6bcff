"""Two groups of scores: found where there are two, seldom where there is one."""

import numpy as np
import pytest

from sigstats.stats.scores.two_groups import critical_gap, two_groups


def brute_force(scores):
    """Return the largest ratio of gap to pooled sd of each row, by two calls of numpy's variance for each split."""
    ordered = np.sort(scores, axis=-1)
    n, ratios = ordered.shape[-1], []
    for k in range(1, n):
        lower, upper = ordered[..., :k], ordered[..., k:]
        squares = np.var(lower, axis=-1) * k + np.var(upper, axis=-1) * (n - k)
        ratios.append((upper[..., 0] - lower[..., -1]) / np.sqrt(squares / (n - 2)))
    return np.max(ratios, axis=0)


def test_the_statistic_is_the_largest_gap_over_the_spread_within_the_groups():
    """The sums of squares agree with those of two separate variances."""
    scores = np.array([0.3, 5.2, -0.4, 4.9, 0.1, 5.6, 0.0])
    found = two_groups(scores, 0.1)
    assert found.n_lower == 4
    assert found.statistic == pytest.approx(brute_force(scores), rel=1e-12)


@pytest.mark.parametrize("n", [5, 6, 8, 10, 15, 20])
def test_normal_scores_rarely_look_like_two_groups(n):
    """The critical values keep 5 % of normal samples out, within Monte Carlo error."""
    rng = np.random.default_rng(7)
    alarms = np.mean(brute_force(rng.standard_normal((2000, n))) > critical_gap(n))
    assert alarms == pytest.approx(0.05, abs=3.29 * (0.05 * 0.95 / 2000) ** 0.5)


@pytest.mark.parametrize(
    "scores", [[0.2, 8.1, 8.4], [0.1, -0.3, 9.0], [0.0, 0.4, 8.2, 8.6], [0.1, 7.9, 8.0, 8.3]]
)
def test_few_seeds_are_measured_by_their_noise(scores):
    """Three or four scores fall into two groups where the gap is far beyond the noise, and one group is near 0."""
    assert two_groups(np.array(scores), 1.0) is not None
    # The same scores are one sample where a score is known less well, or where the noise is not known.
    assert two_groups(np.array(scores), 3.0) is None
    assert two_groups(np.array(scores), float("nan")) is None


@pytest.mark.parametrize("scores", [[4.0, 12.0, 12.4], [0.0, 8.0, 16.0], [0.2, 0.1, 0.3], [1.0], []])
def test_few_seeds_that_vary_around_one_mean_are_one_group(scores):
    """A gap far from 0, seeds that differ evenly, and seeds that agree are no groups."""
    assert two_groups(np.array(scores), 1.0) is None


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_units_do_not_matter(scale):
    """The groups are those of the scores, whatever their unit."""
    scores = scale * np.array([0.1, 0.0, 9.0, 8.8, 9.3, -0.2])
    found = two_groups(scores, 0.1 * scale)
    assert (found.n_lower, found.statistic) == (3, pytest.approx(two_groups(scores / scale, 0.1).statistic))


def test_equal_scores_are_one_group():
    """Scores without any difference have no gap."""
    assert two_groups(np.full(8, 3.0), 0.0) is None
    assert two_groups(np.zeros(5), float("nan")) is None


def test_ties_of_a_coarse_metric_are_no_groups():
    """Many equal scores and one that is a step away differ by no more than the noise does."""
    assert two_groups(np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.1]), 0.1) is None
    # Without noise the same scores are two groups.
    assert two_groups(np.array([0.0, 0.0, 0.0, 5.0, 5.0, 5.0]), 0.0).n_lower == 3


def test_sizes_between_the_rows_of_the_table_are_interpolated():
    """The bound falls with the number of scores, and stays beyond the table."""
    bounds = [critical_gap(n) for n in range(5, 120)]
    assert bounds == sorted(bounds, reverse=True)
    assert critical_gap(10_000) == critical_gap(100)
    assert critical_gap(4) == np.inf
