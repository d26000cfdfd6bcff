"""Inspect AI: logs of evaluations, ``.eval`` (a zip archive, packed with zstd or deflate) and ``.json``.

*Run*: one file; an evaluation that was written in both formats is two runs. *Metrics*: ``SCORER/METRIC`` of its
results, such as ``match/accuracy``, at no step. *Items*: the scores of each sample, by its id, with ``C``, ``P``, ``I``
and ``N`` for 1, 0.5, 0 and 0 as in Inspect; they are read when `Runs.items` asks. *Settings*: ``task``, ``model``, the
arguments of both (``task_args.NAME``), the options of generation (``seed``, ``temperature``), ``dataset``. *State*: its
status.

*Problems*: an evaluation without results; samples that ended with an error; samples scored in words.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sigstats.data.logs.files.archives import read_members
from sigstats.data.logs.files.text_table import first_text
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Deferred, Format, Items, LogError, Run, RunState, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, as_scalar, flatten, parse_json, read_json

__all__ = ["FORMAT"]

HEADER, START, SUMMARIES = "header.json", "_journal/start.json", "summaries.json"
MAX_HEAD = 2**14
STATES: dict[str, RunState] = {
    "success": "finished",
    "error": "failed",
    "cancelled": "failed",
    "started": "unfinished",
}
WORDS = {"c": 1.0, "i": 0.0, "p": 0.5, "n": 0.0}

_EVAL = re.compile(r'\s*\{\s*"version"\s*:\s*[0-9]+')
_PARTS = re.compile(r'"eval"\s*:\s*\{')


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the logs of evaluations in a folder."""
    return [
        folder / name
        for name in names
        if name.endswith(".eval") or (name.endswith(".json") and _is_ours(folder / name))
    ]


def _is_ours(path: Path) -> bool:
    head = first_text(path, MAX_HEAD)
    return bool(_EVAL.match(head) and _PARTS.search(head))


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one evaluation."""
    content = _header(source)
    about = content.get("eval")
    if not isinstance(about, dict):
        raise LogError("FOREIGN", "is not the log of an evaluation")
    recorder = RunRecorder(run=name_below(source, root), format=FORMAT.name)
    recorder.take(_settings(content, about))
    results = content.get("results")
    _take_results(recorder, results if isinstance(results, dict) else {})
    if not recorder.values:
        recorder.note("NO_RESULTS", "the evaluation has no results", "it has settings only")
    status = str(content.get("status"))
    if status == "error":
        error = content.get("error")
        message = str(error.get("message") if isinstance(error, dict) else error)[:200]
        recorder.note("FAILED", f"the evaluation ended with an error: {message}", "kept as it is")
    run = recorder.finished(STATES.get(status, "unknown"))
    yield replace(run, items=Deferred(functools.partial(_items, source)))


def _header(source: Path) -> Mapping[str, Any]:
    if source.suffix != ".eval":
        content = read_json(source)
    else:
        members = read_members(source, lambda name: name in (HEADER, START))
        if not members:
            raise LogError("FOREIGN", "does not hold header.json")
        content = parse_json(members.get(HEADER, members.get(START, b"")))
        if HEADER not in members and isinstance(content, dict):
            content = {**content, "status": "started"}
    if not isinstance(content, dict):
        raise LogError("FOREIGN", "is not the log of an evaluation")
    return content


def _settings(content: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Scalar]:
    plan = content.get("plan")
    generation = {**_mapping(plan, "config"), **_mapping(about, "model_generate_config")}
    settings: dict[str, Scalar] = {key: as_scalar(about.get(key)) for key in ("task", "model")}
    settings |= {
        key: as_scalar(about[key])
        for key in ("solver", "task_version", "created")
        if about.get(key) is not None
    }
    dataset = _mapping(about, "dataset").get("name")
    settings |= {"dataset": as_scalar(dataset)} if dataset is not None else {}
    for key in ("task_args", "model_args", "solver_args", "metadata"):
        settings |= flatten(_mapping(about, key), key) if _mapping(about, key) else {}
    config = _mapping(about, "config")
    settings |= {key: as_scalar(config[key]) for key in ("epochs", "limit") if config.get(key) is not None}
    return settings | flatten(generation)


def _mapping(outer: object, key: str) -> Mapping[str, Any]:
    inner = outer.get(key) if isinstance(outer, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _take_results(recorder: RunRecorder, results: Mapping[str, Any]) -> None:
    for score in _list(results.get("scores")):
        metrics = _mapping(score, "metrics")
        for key, metric in metrics.items():
            value = metric.get("value") if isinstance(metric, Mapping) else metric
            recorder.add_result(
                f"{score.get('name', 'score')}/{key}", value if _plain(value) else "no number"
            )
    total, completed = results.get("total_samples"), results.get("completed_samples")
    if isinstance(total, int) and isinstance(completed, int) and completed < total:
        what = f"{total - completed:,} of {total:,} samples were not completed"
        recorder.note("LIMITED", what, "the results are kept; they are of the others")


def _plain(value: object) -> bool:
    return value is None or isinstance(value, int | float | str)


def _list(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _items(source: Path) -> dict[str, Items]:
    """Return the scores of the samples, by scorer."""
    names: dict[str, list[str]] = {}
    values: dict[str, list[float]] = {}
    for sample in _samples(source):
        for scorer, score in _mapping(sample, "scores").items():
            told = score.get("value") if isinstance(score, Mapping) else score
            parts = told.items() if isinstance(told, Mapping) else [("", told)]
            for key, value in parts:
                number = WORDS.get(value.strip().lower()) if isinstance(value, str) else None
                number = as_metric(value) if number is None else number
                if number is not None:
                    metric = f"{scorer}/{key}" if key else str(scorer)
                    names.setdefault(metric, []).append(str(sample.get("id"))[:1_000])
                    values.setdefault(metric, []).append(number)
    return {key: Items(names=tuple(names[key]), values=np.array(values[key])) for key in names}


def _samples(source: Path) -> list[Mapping[str, Any]]:
    if source.suffix != ".eval":
        content = read_json(source)
        return _list(content.get("samples")) if isinstance(content, dict) else []
    members = read_members(source, lambda name: name == SUMMARIES)
    found = _list(parse_json(members[SUMMARIES])) if SUMMARIES in members else []
    if found and all("scores" in sample for sample in found):
        return found
    samples = read_members(source, lambda name: name.startswith("samples/") and name.endswith(".json"))
    return _list([parse_json(data) for data in samples.values()])


FORMAT = Format(
    name="inspect_ai",
    title="Inspect AI",
    find=find,
    read=read,
    written_by="Inspect AI",
    reads="results, settings, status of `.eval` and JSON logs; scores of samples as items",
    leaves="messages and events; scores in words other than C, I, P and N",
)
