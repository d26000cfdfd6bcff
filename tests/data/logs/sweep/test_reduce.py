"""From the course of a metric to one number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.model import Series
from sigstats.data.logs.sweep.reduce import as_align, as_reduction, reduce_series
from sigstats.errors import OptionError

COURSE = Series(steps=np.array([0.0, 10, 20, 40]), values=np.array([4.0, 3, 1, 2]))


def value(at, align="exact", course=COURSE, metric="loss"):
    return reduce_series(course, as_reduction(at, metric), as_align(align)).value


@pytest.mark.parametrize(
    ("at", "align", "expected"),
    [
        ("last", "exact", 2), (("last", 3), "exact", 2), (("last", 5), "exact", None),
        ("max", "exact", 4), ("min", "exact", 1), ("best", "exact", 1),
        (20, "exact", 1), (25, "exact", None), (25, "nearest", 1), (30, "nearest", 1), (31, "nearest", 2),
        (30, "interpolate", 1.5), (41, "nearest", None), (41, "interpolate", None), (-1, "nearest", None),
        ((10, 20), "exact", 2), ((11, 19), "exact", None), ([0, 40], "exact", 2.5),
    ],
)  # fmt: skip
def test_a_course_becomes_the_number_that_was_asked_for(at, align, expected):
    assert value(at, align) == expected


def test_a_run_that_ends_in_nan_has_the_value_nan():
    course = Series(steps=np.array([0.0, 1, 2]), values=np.array([1.0, 0.5, np.nan]))
    assert np.isnan(value("last", course=course))
    assert np.isnan(value(("last", 2), course=course))
    assert np.isnan(value((1, 2), course=course))
    assert value("min", course=course) == 0.5
    assert np.isnan(value("min", course=Series(steps=np.array([1.0]), values=np.array([np.nan]))))


def test_the_reason_names_what_was_logged():
    found = reduce_series(COURSE, as_reduction(25, "loss"), "exact")
    assert found.why == "nothing was logged at step 25 (steps 0 to 40 were logged, the nearest is 20)"


@pytest.mark.parametrize(
    ("metric", "kind"),
    [("loss", "min"), ("val_loss", "min"), ("eval/rmse", "min"), ("test_error", "min"), ("ppl", "min"),
     ("val_acc", "max"), ("eval/mean_reward", "max"), ("episode_return", "max"), ("F1", "max"), ("accuracy", "max")],
)  # fmt: skip
def test_best_goes_by_the_name(metric, kind):
    assert as_reduction("best", metric).kind == kind


@pytest.mark.parametrize("metric", ["x", None, "loss_accuracy", "gloss", "accumulated", "entropy"])
def test_best_is_refused_where_the_name_does_not_tell(metric):
    with pytest.raises(OptionError, match="at='max' or at='min'"):
        as_reduction("best", metric)


@pytest.mark.parametrize(
    "at",
    ["final", None, (2, 1), (1,), (1, 2, 3), True, np.nan, ("last", 0), ("last", True), ("first",), ("first", "a"), {},
     ("last", "x"), (1, "x"), np.inf],
)  # fmt: skip
def test_what_is_no_reduction_is_refused(at):
    with pytest.raises(OptionError, match="at"):
        as_reduction(at, "loss")


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=10),
    st.floats(-20, 20),
    st.sampled_from(["nearest", "interpolate"]),
)
def test_a_value_at_a_step_lies_within_what_was_logged(values, step, align):
    course = Series(steps=np.arange(len(values)) * 2.0, values=np.array(values))
    found = value(step, align, course)
    if 0 <= step <= course.steps[-1]:
        assert course.values.min() - 1e-9 <= found <= course.values.max() + 1e-9
    else:
        assert found is None


def test_an_unknown_alignment_is_refused():
    with pytest.raises(OptionError, match="nearest"):
        as_align("neerest")
