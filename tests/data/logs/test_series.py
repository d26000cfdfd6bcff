"""Steps that were written twice: what is kept, and what is told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import finish, last_written, listed, not_resumed, overtaken

steps_lists = st.lists(st.integers(0, 12).map(float), min_size=1, max_size=25)


def arrays(steps):
    return np.array(steps), np.arange(float(len(steps)))


@given(steps_lists)
def test_the_last_value_of_each_step_is_kept(steps):
    keep = last_written(np.array(steps))
    assert [steps[i] for i in np.flatnonzero(keep)] == [
        s for i, s in enumerate(steps) if s not in steps[i + 1 :]
    ]


@given(steps_lists)
def test_after_a_resume_only_what_was_not_overtaken_is_kept(steps):
    keep = not_resumed(np.array(steps))
    assert keep.tolist() == [all(later > s for later in steps[i + 1 :]) for i, s in enumerate(steps)]


@given(st.lists(steps_lists, min_size=1, max_size=4))
def test_a_later_file_replaces_the_values_from_its_smallest_step_on(files):
    parts = [arrays(steps) for steps in files]
    steps, values, dropped = overtaken(parts)
    expected = [
        (s, v)
        for number, (own, numbers) in enumerate(parts)
        for s, v in zip(own, numbers, strict=True)
        if all(s < min(later) for later in files[number + 1 :])
    ]
    assert list(zip(steps, values, strict=True)) == expected
    assert dropped == sum(map(len, files)) - len(expected)


@given(steps_lists, st.booleans())
def test_no_step_is_there_twice_and_losses_are_told(steps, resumes):
    series, problems = finish({"loss": arrays(steps)}, "run", resumes=resumes)
    found = series["loss"].steps.tolist()
    assert len(set(found)) == len(found)
    assert set(found) <= set(steps)
    codes = {problem.code for problem in problems}
    assert (len(found) < len(steps)) == bool(codes & {"DUPLICATE_STEP", "RESUMED"})
    assert (found != sorted(found)) == ("STEPS_GO_BACK" in codes)


def test_metrics_with_one_fault_are_told_together():
    columns = {name: arrays([1.0, 1.0]) for name in "abcde"}
    _, (problem,) = finish(columns, "run")
    assert "a, b, c and 2 others" in problem.message
    assert problem.metric is None
    assert "5 earlier ones" in problem.done


def test_names_are_listed_up_to_a_number():
    assert [listed("ab"), listed("abc"), listed("abcd")] == ["a, b", "a, b, c", "a, b, c and 1 other"]


def test_a_recorder_keeps_the_order_of_writing():
    recorder = RunRecorder(run="run", format="plain")
    for step, value in ((3, 0.5), (1, 0.25)):
        recorder.add("loss", step, value)
    steps, values = recorder.columns()["loss"]
    assert (steps.tolist(), values.tolist()) == ([3, 1], [0.5, 0.25])
    assert recorder.problems == []


@pytest.mark.parametrize("resumes", [False, True])
def test_rising_steps_are_left_alone(resumes):
    series, problems = finish({"loss": arrays([0.0, 5.0, 7.0])}, "run", resumes=resumes)
    assert (series["loss"].steps.tolist(), problems) == ([0, 5, 7], [])
