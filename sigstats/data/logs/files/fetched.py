"""Runs fetched from a server, as JSON Lines: settings and problems, a line for each metric, and how the run ended.

A name is only ever a value here, so that a metric may be called ``step``, ``seed`` or anything else.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sigstats.data.logs.folders import open_file, read_bytes
from sigstats.data.logs.model import FloatArray, LogError, LogProblem, Run, RunState, Series
from sigstats.data.logs.values import flatten, json_lines

START = b'{"_fetched": 1, '
END = b'{"_summary": '
ENDED: tuple[RunState, ...] = ("finished", "failed")


def written(run: Run) -> Iterator[str]:
    """Yield the lines of a run; the last is that of a run that has ended."""
    problems = [[each.code, each.message, each.done, each.metric] for each in run.problems]
    yield json.dumps({"_fetched": 1, "_meta": dict(run.config), "_problems": problems})
    for metric, series in run.series.items():
        steps = [int(step) if step % 1 == 0 else step for step in series.steps.tolist()]
        yield json.dumps({"metric": metric, "steps": steps, "values": series.values.tolist()})
    if run.state in ENDED:
        yield json.dumps({"_summary": {}, "_state": run.state})


def has_ended(path: Path) -> bool:
    """Return whether a file holds a run that had ended when it was fetched."""
    try:
        with open_file(path) as file:
            file.seek(max(0, path.stat().st_size - 100))
            return file.read().rstrip(b"\n").rpartition(b"\n")[2].startswith(END)
    except (OSError, LogError):
        return False


def is_fetched(path: Path) -> bool:
    """Return whether a file holds a run that was fetched."""
    with open_file(path) as file:
        return file.read(len(START)) == START


def fetched_run(path: Path, name: str, form: str) -> Run:
    """Return the run in a file that `written` gave."""
    state: RunState = "unfinished"
    series: dict[str, Series] = {}
    try:
        (_, head), *lines = json_lines(read_bytes(path))
        for _, line in lines:
            if "metric" in line:
                series[str(line["metric"])] = Series(
                    steps=_numbers(line["steps"]), values=_numbers(line["values"])
                )
            else:
                state = "failed" if line["_state"] == "failed" else "finished"
        config = flatten(head["_meta"])
        problems = [_problem(each, name) for each in head["_problems"]]
    except (TypeError, ValueError, KeyError, OverflowError, AttributeError) as error:
        raise LogError("BAD_JSON", f"is not whole as it was fetched: {str(error)[:100]}") from None
    if not series:
        what = "no metric was logged"
        problems.append(LogProblem(code="NO_METRICS", run=name, message=what, done="its settings are kept"))
    return Run(name=name, format=form, series=series, config=config, state=state, problems=tuple(problems))


def _numbers(given: Any) -> FloatArray:  # noqa: ANN401 - whatever the file holds
    """Return a list of numbers as an array."""
    numbers = np.array(given)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iuf":
        raise ValueError("a metric does not hold numbers")
    return numbers.astype(np.float64)


def _problem(given: Any, name: str) -> LogProblem:  # noqa: ANN401 - whatever the file holds
    code, message, done, metric = given
    own = None if metric is None else str(metric)
    return LogProblem(code=str(code), run=name, message=str(message), done=str(done), metric=own)
