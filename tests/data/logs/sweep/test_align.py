"""Courses on common steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.model import Series
from sigstats.data.logs.sweep.align import aligned, as_grid
from sigstats.errors import OptionError


def course(steps, values=None):
    steps = np.array(steps, dtype=float)
    return Series(steps=steps, values=steps * 10 if values is None else np.array(values, dtype=float))


def test_equal_steps_need_no_note():
    courses = [course([0, 1]), course([0, 1])]
    assert aligned(courses, "exact", 20) == (courses, ())


def test_exact_keeps_what_was_logged_and_says_what_is_shared():
    courses = [course([0, 1, 2]), course([0, 2]), course([0])]
    found, notes = aligned(courses, "exact", 20)
    assert found == courses
    assert "1 of 3 steps were logged by all 3 runs" in notes[0]


def test_exact_is_refused_where_no_step_is_shared():
    with pytest.raises(OptionError, match="no two of the 2 runs share a step"):
        aligned([course([0, 2]), course([1, 3])], "exact", 20)


def test_nearest_takes_each_value_once_and_says_how_far_it_went():
    found, notes = aligned([course([0, 9, 21]), course([1, 30])], "nearest", as_grid([0, 10, 20, 30]))
    assert [each.steps.tolist() for each in found] == [[0, 10, 20], [0, 30]]
    assert [each.values.tolist() for each in found] == [[0, 90, 210], [10, 300]]
    assert "at most 1 steps away" in notes[0]


def test_interpolation_stays_between_the_ends_of_a_run():
    found, notes = aligned([course([0, 10]), course([4, 6])], "interpolate", 3)
    assert [each.steps.tolist() for each in found] == [[0, 5, 10], [5]]
    assert found[0].values.tolist() == [0, 50, 100]
    assert "interpolated linearly" in notes[0]


def test_bins_hold_means_and_the_last_edge_belongs_to_the_last_bin():
    found, notes = aligned([course([0, 4, 5, 10]), course([10])], "bin", 2)
    assert [each.steps.tolist() for each in found] == [[2.5, 7.5], [7.5]]
    assert found[0].values.tolist() == [20, 75]
    assert "2 intervals" in notes[0]


def test_values_outside_the_edges_are_left_out():
    found, _ = aligned([course([0, 5, 20])], "bin", as_grid([4, 6, 8]))
    assert found[0].steps.tolist() == [5]


def test_nan_stays_nan():
    found, _ = aligned([course([0, 1, 2], [1, np.nan, 3])], "bin", as_grid([0, 2]))
    assert np.isnan(found[0].values).all()
    found, _ = aligned([course([0, 1, 2], [1, np.nan, 3])], "interpolate", as_grid([0.5, 2]))
    assert np.isnan(found[0].values[0])
    assert found[0].values[1] == 3


COURSES = st.lists(
    st.lists(st.integers(0, 100), min_size=1, max_size=8, unique=True).map(
        lambda steps: course(sorted(steps))
    ),
    min_size=1,
    max_size=4,
)


@given(COURSES, st.sampled_from(["nearest", "interpolate", "bin"]), st.integers(2, 12))
def test_no_run_gets_values_beyond_what_it_logged(courses, align, grid):
    found, notes = aligned(courses, align, grid)
    assert len(notes) == 1
    for before, after in zip(courses, found, strict=True):
        assert (np.diff(after.steps) > 0).all()
        if after.values.size:
            assert before.values.min() - 1e-9 <= after.values.min()
            assert after.values.max() <= before.values.max() + 1e-9
    assert len({step for each in found for step in each.steps}) <= grid


@given(COURSES, st.integers(2, 12))
def test_a_straight_line_is_interpolated_exactly(courses, grid):
    found, _ = aligned(courses, "interpolate", grid)
    for each in found:
        np.testing.assert_allclose(each.values, each.steps * 10, atol=1e-9)


@pytest.mark.parametrize(
    "given_", [1, 0, True, "20", [1], [2, 1], [1, 1], [1, np.nan], None, [[1, 2]], 10**9, ["a", "b"]]
)
def test_what_is_no_grid_is_refused(given_):
    with pytest.raises(OptionError, match="grid"):
        as_grid(given_)
