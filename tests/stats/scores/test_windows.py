"""Slopes over the two ends: which levels belong to the windows, and what the slopes are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.stats.scores.windows import end_windows, window_slopes


@pytest.mark.parametrize(
    ("x", "early", "late"),
    [
        (np.linspace(0, 1, 6), [0, 1, 2], [3, 4, 5]),
        (np.linspace(0, 1, 7), [0, 1, 2], [4, 5, 6]),
        (np.linspace(0, 1, 10), [0, 1, 2, 3], [6, 7, 8, 9]),
        (np.array([0, 0.9, 0.92, 0.94, 0.96, 0.98, 1.0]), [0, 1, 2], [3, 4, 5, 6]),
        (np.array([0, 0.01, 0.02, 0.03, 0.04, 0.05, 1.0]), [0, 1, 2, 3], [4, 5, 6]),
        (np.linspace(0, 1, 5), [], []),
    ],
)
def test_windows_are_thirds_of_the_range_with_three_levels_at_least(x, early, late):
    """Thirds of the range, not of the levels; widened to three, never overlapping."""
    found = end_windows(x)
    assert [np.flatnonzero(window).tolist() for window in found] == [early, late]


@given(st.lists(st.floats(0.001, 1), min_size=5, max_size=40))
def test_windows_never_share_a_level(gaps):
    """From six levels on, both windows have three levels or more, and none in common."""
    x = np.concatenate([[0.0], np.cumsum(gaps)]) / np.sum(gaps)
    early, late = end_windows(x)
    assert min(early.sum(), late.sum()) >= 3
    assert not (early & late).any()
    assert early[0]
    assert late[-1]


def test_slopes_are_those_of_the_window():
    """`polyfit` on the cells of each window gives the same slopes, batches and gaps included."""
    rng = np.random.default_rng(4)
    x = np.sort(np.concatenate([[0, 1], rng.random(9)]))
    curves = rng.normal(size=(5, 4, x.size))
    curves[rng.random(curves.shape) < 0.2] = np.nan
    found = window_slopes(curves, x)
    for slopes, window in zip((found.early, found.late), end_windows(x), strict=True):
        assert slopes.shape == (5, 4)
        for slope, curve in zip(slopes.ravel(), curves.reshape(-1, x.size), strict=True):
            used = window & ~np.isnan(curve)
            if used.sum() < 2:
                assert np.isnan(slope)
            else:
                assert slope == pytest.approx(np.polyfit(x[used], curve[used], 1)[0])


def test_too_few_levels_have_no_slopes():
    """With five levels the two windows would share one."""
    found = window_slopes(np.ones((3, 5)), np.linspace(0, 1, 5))
    assert np.isnan(found.early).all()
    assert np.isnan(found.late).all()


def test_a_constant_seed_has_slopes_of_zero():
    """A flat curve with a large offset has no slope from rounding."""
    found = window_slopes(np.full((2, 8), 0.1 + 1e12), np.linspace(0, 1, 8))
    assert found.early.tolist() == [0.0, 0.0]
    assert found.late.tolist() == [0.0, 0.0]
