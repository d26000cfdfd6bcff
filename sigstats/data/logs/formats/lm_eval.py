"""lm-evaluation-harness: one JSON file of results per evaluated checkpoint.

Old layout: ``{"results": ..., "versions": ..., "config": ...}`` under any name; new layout: ``results_<time>.json``
with metrics called ``acc,none`` and ``acc_stderr,none``, and ``configs``, ``n-shot`` and ``groups`` beside them.

*Run*: one file. *Metrics*: ``TASK/METRIC``; the filter is part of the name unless it is ``none``: ``gsm8k/exact_match``
under the filter strict-match is ``gsm8k/exact_match,strict-match``. Standard errors are metrics too. *Step*: N where
the model's revision names it (``stepN``, ``stage1-stepN-tokens21B``, ``checkpoint-N``), else none, with a problem.
*Items*: the scores of ``samples_TASK_TIME.jsonl`` beside the results of that time, by ``doc_id``, read when
`Runs.items` asks. *Settings*: what ``config`` holds; ``model_args`` is split (``model_args.pretrained``), and
``revision``, ``step`` and ``stage`` (if known), ``num_fewshot`` and the seeds keep their own names, as does
``n-shot.TASK``. *State*: finished, since the file is written at the end.

*Problems*: ``"N/A"`` for a standard error that was not estimated, NaN, a limited number of samples, a step that counts
within a stage.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sigstats.data.logs.files.text_table import first_text
from sigstats.data.logs.folders import name_below, read_bytes
from sigstats.data.logs.model import Deferred, Format, Items, LogError, Run, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, as_scalar, flatten, json_lines, read_json

__all__ = ["FORMAT"]

MAX_HEAD = 2**21
NO_SCORES = frozenset({"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter"})
NO_METRIC = frozenset({"alias", "name", "sample_len"})
SETTINGS = ("model_name", "model_source", "date", "git_hash", "lm_eval_version", "transformers_version")

_OPENING = re.compile(r'\s*\{\s*"results"\s*:\s*\{')
_TASKS = re.compile(r'"(?:versions|configs|n-shot|higher_is_better)"\s*:')
_STEP = re.compile(
    r"(?<![A-Za-z])(?:(?:global[-_]?)?step|checkpoint|ckpt|iter(?:ation)?)[-_=]?(?P<step>[0-9]{1,15})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_STAGE = re.compile(r"stage|phase|ingredient|part", re.IGNORECASE)


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the files of results in a folder."""
    return [folder / name for name in names if name.endswith(".json") and _is_ours(folder / name)]


def _is_ours(path: Path) -> bool:
    return bool(_OPENING.match(first_text(path, 512))) and bool(_TASKS.search(first_text(path, MAX_HEAD)))


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one file."""
    content = read_json(source)
    results = content.get("results") if isinstance(content, dict) else None
    if not isinstance(results, dict) or not results:
        raise LogError("FOREIGN", "does not hold results")
    recorder = RunRecorder(run=name_below(source, root), format=FORMAT.name)
    recorder.take(_settings(content))
    step = recorder.config.get("step")
    if step is None:
        what = "the model's revision names no training step"
        recorder.note(
            "NO_STEP", what, "its values stand at no step, and a sweep over the step leaves them out"
        )
    if "stage" in recorder.config:
        what = f"the revision counts its step within {recorder.config['stage']!r}"
        recorder.note("STAGE", what, "'stage' is a setting: compare steps within one stage only")
    groups = content.get("groups")
    for part in (results, groups if isinstance(groups, dict) else {}):
        for task, metrics in part.items():
            if part is results or task not in results:
                take_task(recorder, str(task), metrics, step)
    if recorder.config.get("limit") is not None:
        what = f"only {recorder.config['limit']} samples per task were evaluated"
        recorder.note("LIMITED", what, "the values are kept; the evaluation is not complete")
    samples = _samples_of(source)
    yield replace(recorder.finished("finished"), items=Deferred(functools.partial(_items, samples)))


def _samples_of(source: Path) -> list[tuple[str, Path]]:
    """Return the files of samples that were written with a file of results, with their tasks."""
    time = source.stem.removeprefix("results_")
    if time == source.stem:
        return []
    files = [path for path in sorted(source.parent.glob("samples_*.jsonl")) if path.stem.endswith(f"_{time}")]
    return [(path.stem.removeprefix("samples_").removesuffix(f"_{time}"), path) for path in files]


def _items(samples: list[tuple[str, Path]]) -> dict[str, Items]:
    """Return the scores of the samples of all tasks."""
    names: dict[str, list[str]] = {}
    values: dict[str, list[float]] = {}
    for task, path in samples:
        for _, row in json_lines(read_bytes(path)):
            if not isinstance(row, dict):
                raise LogError(
                    "BROKEN_LINES", f"cannot be read whole: {path.name} has lines that are no JSON objects"
                )
            told = row.get("metrics")
            applied = row.get("filter")
            suffix = "" if applied in (None, "none") else f",{applied}"
            for name in told if isinstance(told, list) else sorted(set(row) - NO_SCORES):
                number = as_metric(row.get(str(name)))
                if number is not None and isinstance(row.get(str(name)), int | float):
                    names.setdefault(f"{task}/{name}{suffix}", []).append(str(row.get("doc_id")))
                    values.setdefault(f"{task}/{name}{suffix}", []).append(number)
    return {key: Items(names=tuple(names[key]), values=np.array(values[key])) for key in names}


def take_task(recorder: RunRecorder, task: str, metrics: object, step: Scalar) -> None:
    """Take the metrics of one task."""
    if not isinstance(metrics, dict):
        recorder.count_word(task, "no mapping")
        return
    for key, value in metrics.items():
        name, _, applied = str(key).partition(",")
        if name not in NO_METRIC and isinstance(value, int | float | str):
            metric = f"{task}/{name}" if applied in ("", "none") else f"{task}/{name},{applied}"
            text = value.strip() if isinstance(value, str) else value
            if step is None:
                recorder.add_result(metric, text)
            else:
                recorder.add(metric, step, text)


def _settings(content: Mapping[str, Any]) -> dict[str, Scalar]:
    """Return the settings of an evaluation, flat."""
    config = content.get("config")
    config = dict(config) if isinstance(config, dict) else {}
    model_args = _taken_apart(config.pop("model_args", None))
    settings = flatten(config)
    settings |= flatten(model_args, "model_args")
    settings |= {key: as_scalar(content[key]) for key in SETTINGS if key in content}
    settings |= _fewshot(content)
    revision = model_args.get("revision", model_args.get("subfolder"))
    if revision is not None:
        settings["revision"] = as_scalar(revision)
        settings |= step_of(str(revision))
    return settings


def step_of(revision: str) -> dict[str, Scalar]:
    """Return the training step that a revision names, and the stage of the training if it names that too."""
    found = _STEP.search(revision[:200])
    if found is None:
        return {}
    stage = revision[: found.start()].strip("-_/.")
    return {"step": int(found["step"])} | ({"stage": stage} if _STAGE.search(stage) else {})


def _taken_apart(model_args: object) -> dict[str, Any]:
    """Return ``a=1,b=2`` as a mapping."""
    if isinstance(model_args, dict):
        return model_args
    if not isinstance(model_args, str):
        return {}
    pairs = (part.partition("=") for part in model_args.split(",") if "=" in part)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _fewshot(content: Mapping[str, Any]) -> dict[str, Scalar]:
    """Return the number of examples per task, and the common number if all tasks have the same."""
    shots = content.get("n-shot")
    if not isinstance(shots, dict):
        return {}
    fewshot: dict[str, Scalar] = {f"n-shot.{task}": as_scalar(shot) for task, shot in shots.items()}
    numbers = set(fewshot.values())
    return fewshot | ({"num_fewshot": numbers.pop()} if len(numbers) == 1 else {})


def _is_samples(name: str) -> bool:
    return name.startswith("samples_") and name.endswith(".jsonl")


FORMAT = Format(
    name="lm_eval",
    title="lm-evaluation-harness",
    find=find,
    read=read,
    belongs=_is_samples,
    written_by="lm-evaluation-harness",
    reads="results of tasks and groups, settings; `samples_*.jsonl` as items",
    leaves="documents and answers of samples",
)
