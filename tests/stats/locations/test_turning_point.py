"""Where a curve turns, and the contrasts that test a turn whatever the curve's form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigstats.stats.locations.turning_point import turn_contrasts, turns

X = np.array([0.0, 1.0, 2.0, 3.0, 4.5, 6.0, 7.0, 8.0, 9.0])


def test_a_symmetric_top_is_found_between_levels():
    """The vertex of a parabola is found exactly, also between levels."""
    x = np.linspace(0.0, 1.0, 11)
    for top in (0.3, 0.47, 0.5):
        assert turns(-((x - top) ** 2)[None, :], x)[0] == pytest.approx(top)


def test_curves_that_only_rise_or_fall_turn_outside():
    """The top of a rise lies at or beyond the last level, that of a fall at or before the first."""
    assert turns(np.stack([X, -X]), X).tolist() == [np.inf, -np.inf]


def test_constants_and_two_levels_do_not_turn():
    """No place is made up where there is none."""
    assert np.isnan(turns(np.ones((2, 9)), X)).all()
    assert np.isnan(turns(np.array([[0.0, 1.0]]), X[:2])).all()


def test_a_single_high_level_does_not_outweigh_its_neighbours():
    """The running mean is what counts, not one value."""
    curve = np.array([0.0, 2.5, 0.0, 1.0, 2.0, 2.2, 2.0, 1.0, 0.0])
    assert turns(curve[None, :], np.arange(9.0))[0] == pytest.approx(5.0, abs=0.5)


@given(hnp.arrays(float, 9, elements=st.floats(0, 5)), st.integers(0, 8))
def test_contrasts_are_not_positive_for_any_curve_that_turns_there(steps, top):
    """A curve that rises to a level and falls after it, in any way, speaks neither for a later nor an earlier turn."""
    curve = -np.abs(np.cumsum(steps) - np.cumsum(steps)[top])
    later, earlier = turn_contrasts(X, X)
    assert np.nan_to_num(earlier[top] @ curve) <= 1e-9
    assert np.nan_to_num(later[top] @ curve) <= 1e-9


def test_contrasts_see_a_turn_elsewhere():
    """Two levels from the turn, the fall or rise in between is seen."""
    curve = -np.abs(X - X[4])
    later, earlier = turn_contrasts(X, X)
    assert (earlier[6:] @ curve > 0).all()
    assert (later[:3] @ curve > 0).all()
    assert np.isnan(earlier[0]).all()
    assert np.isnan(later[-1]).all()
