"""A middle that is steeper than both ends: where it is found, what it scores, and what must not show it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from sigstats.stats.scores.critical_values import critical_value
from sigstats.stats.scores.middle import (
    end_places,
    means_of_others,
    middle_places,
    middle_scores,
    middle_scores_at,
    n_at_end,
    rise_of,
)
from sigstats.stats.scores.reversal import t_statistic

X = np.linspace(0.0, 1.0, 8)
LOGISTIC = 1.0 / (1.0 + np.exp(-(X - 0.5) / 0.08))
STAIRS = np.array([0.0, 0, 0, 1, 1, 2, 2, 2])


def test_scores_are_the_differences_of_lines_fitted_by_scipy():
    """Each stretch is a line of its own, at the middle that the other seeds show."""
    curves = 8.0 * LOGISTIC + np.random.default_rng(1).standard_normal((5, 8))
    found = middle_scores(curves, X)
    for seed in range(5):
        first, last = found.first[seed], found.last[seed]
        narrow = last - first < 3
        middle = slice(first, last + 1) if narrow else slice(first + 1, last)
        slope = [
            stats.linregress(X[part], curves[seed, part]).slope
            for part in (middle, slice(None, first + 1), slice(last, None))
        ]
        width = np.ptp(X[middle])
        assert found.over_start[seed] == pytest.approx((slope[0] - slope[1]) * width)
        assert found.over_end[seed] == pytest.approx((slope[0] - slope[2]) * width)
        assert found.along_end[seed] == pytest.approx(slope[2] * (X[-1] - X[last]))


@pytest.mark.parametrize(
    ("curve", "first", "last", "steep"),
    [(LOGISTIC, 2, 5, True), (STAIRS, 2, 5, False), ((X > 0.5) * 1.0, 3, 4, True), (X, 1, 6, False)],
    ids=["logistic", "stairs", "step", "line"],
)
def test_the_middle_lies_between_the_ends(curve, first, last, steep):
    """A step has its gap, a staircase its landing, which is not steep; a line is nowhere steeper."""
    found = middle_scores(np.tile(curve, (3, 1)), X)
    assert (found.first[0], found.last[0]) == (first, last)
    assert (found.over_start[0] > 1e-9) == steep
    assert (found.over_end[0] > 1e-9) == steep


def test_a_seed_does_not_choose_its_own_middle():
    """Another value of one seed moves the middles of the others, never its own."""
    curves = 8.0 * LOGISTIC + np.random.default_rng(2).standard_normal((4, 8))
    changed = curves.copy()
    changed[0] = changed[0, ::-1] * 3.0
    one, other = middle_scores(curves, X), middle_scores(changed, X)
    assert (one.first[0], one.last[0]) == (other.first[0], other.last[0])
    assert (one.first[1:] != other.first[1:]).any()


@given(
    seed=st.integers(0, 2**32 - 1), factor=st.sampled_from([1e-3, 7.0]), shift=st.sampled_from([-5.0, 100.0])
)
@settings(max_examples=10)
def test_units_and_levels_of_seeds_do_not_matter(seed, factor, shift):
    """Scores are in units of the metric; what is added to a seed is not part of them."""
    curves = 4.0 * LOGISTIC + np.random.default_rng(seed).standard_normal((4, 8))
    found = middle_scores(curves, X)
    other = middle_scores(factor * curves + shift, X)
    np.testing.assert_allclose(other.over_start, factor * found.over_start, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(
        rise_of(factor * curves + shift), factor * rise_of(curves), rtol=1e-6, atol=1e-9
    )


def test_the_mirror_of_a_curve_has_the_mirror_of_its_scores():
    """Run backwards and upside down, the start becomes the end."""
    curves = 6.0 * LOGISTIC + np.random.default_rng(3).standard_normal((5, 8))
    found, other = middle_scores(curves, X), middle_scores(-curves[:, ::-1], X)
    np.testing.assert_allclose(found.over_start, other.over_end, atol=1e-9)
    np.testing.assert_allclose(found.along_start, other.along_end, atol=1e-9)


def test_missing_cells_leave_scores_of_what_was_seen():
    """A gap changes the scores of its seed little, and a stretch seen at one level gives none."""
    curves = 20.0 * LOGISTIC + 0.01 * np.random.default_rng(4).standard_normal((5, 8))
    whole = middle_scores(curves, X)
    gap = curves.copy()
    gap[0, 0] = np.nan
    assert middle_scores(gap, X).over_start[0] == pytest.approx(whole.over_start[0], abs=0.5)
    gap[0, :2] = np.nan
    assert np.isnan(middle_scores(gap, X).over_start[0])
    assert np.isnan(rise_of(gap)[0])
    gap = curves.copy()
    gap[1:, 3] = np.nan
    assert np.isfinite(means_of_others(gap)).all()


def test_places_that_are_sought_and_those_near_an_end_are_all_places():
    """Every pair of ends is either sought or too near an end, never both."""
    for n_levels in (6, 8, 11):
        sought = set(zip(*map(np.ndarray.tolist, middle_places(n_levels)), strict=True))
        first, last, n_start = end_places(n_levels)
        near = set(zip(first.tolist(), last.tolist(), strict=True))
        assert not sought & near
        assert all(one == 0 for one in first[:n_start])
        assert all(other == n_levels - 1 for other in last[n_start:])
        assert len(sought) == (n_levels - 2) * (n_levels - 3) // 2
        assert len(near) == len(first) == 2 * (n_levels - 2)  # all but from the first level to the last
    scores = middle_scores_at(np.tile(LOGISTIC, (3, 1)), X, *end_places(8)[:2])
    assert np.isnan(scores.over_start[:, 0]).all()
    assert middle_scores(np.zeros((3, 4)), np.linspace(0, 1, 4)).over_start.shape == (3,)


def test_a_sixth_of_the_levels_stands_for_each_end():
    """Two at least."""
    assert [n_at_end(n) for n in (6, 12, 17, 18, 60)] == [2, 2, 2, 3, 10]


@pytest.mark.long
@pytest.mark.parametrize("n_seeds", [3, 10])
@pytest.mark.parametrize(
    "mean",
    [0 * X, 8 * np.minimum(X / 0.6, 1.0), 4 * STAIRS, 8 * X],
    ids=["flat", "plateau", "stairs", "line"],
)
def test_what_is_not_steeper_in_the_middle_is_seldom_shown(mean, n_seeds):
    """At most 5 %, within Monte Carlo error."""
    curves = mean + np.random.default_rng(n_seeds).standard_normal((1_500, n_seeds, 8))
    found = middle_scores(curves, X)
    least = np.minimum(t_statistic(found.over_start), t_statistic(found.over_end))
    rate = (least > critical_value("middle_steeper", n_seeds, 8, 0.05)).mean()
    assert rate <= 0.05 + 3.29 * (0.05 * 0.95 / 1_500) ** 0.5


def test_critical_values_are_at_least_students_and_fall_with_alpha():
    """Also between the rows and beyond them."""
    for n_seeds, n_levels in ((3, 6), (7, 9), (15, 14), (40, 100), (500, 8)):
        values = [critical_value("middle_steeper", n_seeds, n_levels, alpha) for alpha in (0.1, 0.05, 0.01)]
        assert values == sorted(values)
        assert values[1] >= special.stdtrit(n_seeds - 1, 0.95)
