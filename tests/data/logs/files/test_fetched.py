"""Runs that were fetched: written and read again without a loss, whatever their names are."""

import math

import numpy as np
import pytest

from sigstats import read_runs
from sigstats.data.logs.files.fetched import fetched_run, has_ended, is_fetched, written
from sigstats.data.logs.model import LogError, LogProblem, Run, Series

NAMES = ("step", "_meta", "_summary", "seed", "run 1", "größe", "\ud800", "")


def a_run(state="finished", **more):
    values = np.array([0.1, -math.inf, math.nan, 1e300])
    series = {
        name: Series(steps=np.array([-1, 0, 2.5, 2.0**60]), values=values + n) for n, name in enumerate(NAMES)
    }
    series["whole"] = Series(steps=np.array([math.nan]), values=np.array([3.0]))
    problem = LogProblem(code="NO_STEP", run="r", message="m", done="d", metric="x")
    config = {"lr": 0.1, "step": 7, "text": "x\n", "nothing": None, "flag": True}
    return Run(
        name="r", format="plain", series=series, config=config, state=state, problems=(problem,), **more
    )


@pytest.mark.parametrize("state", ["finished", "failed", "unfinished"])
def test_a_run_comes_back_whole(tmp_path, state):
    path, run = tmp_path / "r.jsonl", a_run(state)
    path.write_text("".join(f"{line}\n" for line in written(run)))
    assert is_fetched(path)
    assert has_ended(path) == (state != "unfinished")
    again = fetched_run(path, "r", "plain")
    assert (again.config, again.state, again.problems) == (run.config, run.state, run.problems)
    assert list(again.series) == list(run.series)
    for name, series in run.series.items():
        np.testing.assert_array_equal(again.series[name].steps, series.steps)
        np.testing.assert_array_equal(again.series[name].values, series.values)


@pytest.mark.parametrize(
    "rest",
    [
        '{"metric": "a", "steps": [1]}', '{"metric": "a", "steps": [1], "values": [1, 2]}', "[]", "3", "{", "{}",
        '{"metric": "a", "steps": ["1"], "values": [1]}', '{"metric": "a", "steps": [[1]], "values": [[1]]}',
        '{"metric": "a", "steps": 1, "values": 1}', '{"metric": "a", "steps": [null], "values": [1]}', '{"_meta": 1}',
        '{"metric": "a", "steps": [1, [2]], "values": [1, 2]}',
        '{"metric": "a", "steps": [1e400, "x"], "values": [1, 2]}',
    ],
)  # fmt: skip
def test_what_is_not_whole_is_a_problem(tmp_path, rest):
    path = tmp_path / "r.jsonl"
    path.write_text('{"_fetched": 1, "_meta": {}, "_problems": []}\n' + rest + "\n")
    with pytest.raises(LogError, match="is not whole as it was fetched"):
        fetched_run(path, "r", "plain")
    assert [problem.code for problem in read_runs(tmp_path).problems] == ["BAD_JSON", "NO_RUNS"]
