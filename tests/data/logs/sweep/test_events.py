"""When a metric first reaches a value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.model import Series
from sigstats.data.logs.sweep.events import Event, as_event, check_sides, first_reached
from sigstats.errors import OptionError


def series(values, steps=None):
    values = np.array(values, dtype=float)
    return {
        "m": Series(steps=np.arange(values.size) * 10.0 if steps is None else np.array(steps), values=values)
    }


def first(values, given_):
    return first_reached(series(values), as_event("after", ("m", *given_)))


@pytest.mark.parametrize(
    ("values", "event", "step", "side"),
    [
        ([0.1, 0.5, 0.9, 0.7], (0.8,), 20, ">="),
        ([0.9, 0.5, 0.1], (0.2,), 20, "<="),
        ([0.5, 0.9], (0.5,), 0, None),
        ([0.1, 0.5], (0.8,), None, ">="),
        ([0.9, 0.5], (">=", 0.8), 0, ">="),
        ([np.nan, 0.5, 0.9], (0.8,), 20, ">="),
        ([np.nan, np.nan], (0.8,), None, None),
        ([0.1, np.inf], (0.8,), 10, ">="),
        ([3, 2, 1, 0, 0], (0,), 30, "<="),
    ],
)
def test_the_first_step_is_found_from_the_side_where_the_run_begins(values, event, step, side):
    found = first(values, event)
    assert (found.step, found.relation) == (step, side)


def test_a_run_without_the_metric_has_no_answer():
    assert first_reached(series([1]), as_event("after", ("other", 1))) is None


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=20), st.floats(-10, 10))
def test_mirrored_values_reach_mirrored_targets_at_the_same_step(values, target):
    up = first(values, (">=", target))
    down = first([-value for value in values], ("<=", -target))
    assert up.step == down.step


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=20), st.floats(-10, 10), st.floats(0, 5))
def test_a_higher_target_is_never_reached_earlier(values, target, more):
    low, high = first(values, (">=", target)), first(values, (">=", target + more))
    assert high.step is None or (low.step is not None and low.step <= high.step)


@pytest.mark.parametrize(
    "given_",
    ["acc", ("acc",), ("acc", "x"), ("acc", True), (1, 2), ("acc", ">", 1), ("acc", ">=", np.nan), ("", 1), 3, None,
     ("acc", "<=", 1, 2), ("acc", np.inf), ("acc", "1")],
)  # fmt: skip
def test_what_is_no_event_is_refused(given_):
    with pytest.raises(OptionError, match="after"):
        as_event("after", given_)


def test_runs_that_come_from_different_sides_are_an_error():
    event = Event(metric="loss", relation=None, value=0.5)
    check_sides(event, {">=": "a"})
    with pytest.raises(OptionError, match=r"below 0\.5 in run 'a' and above it in run 'b'"):
        check_sides(event, {">=": "a", "<=": "b"})
