"""lighteval: ``results_<time>.json`` of one evaluation, with ``config_general`` before its results.

*Run*: one file. *Metrics*: ``TASK/METRIC``, without the suite and the number of examples of ``suite|task|shots``;
standard errors and ``all`` too. *Step*: where the model's revision or name ends with one (``checkpoint-500``), else
none. *Settings*: ``model_name``, ``model_config`` flat, ``max_samples``, ``n-shot.TASK``, ``num_fewshot`` if all tasks
have the same. *State*: finished, since the file is written at the end.

*Problems*: a limited number of samples, NaN, entries that are not numbers. Details of samples (Parquet) are not read.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.files.text_table import first_text
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.formats.lm_eval import step_of, take_task
from sigstats.data.logs.model import Format, LogError, Run, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_scalar, flatten, read_json

__all__ = ["FORMAT"]

SETTINGS = (
    "model_name",
    "model_sha",
    "model_dtype",
    "model_size",
    "max_samples",
    "override_batch_size",
    "lighteval_sha",
)

_OPENING = re.compile(r'\s*\{\s*"config_general"\s*:\s*\{')


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the files of results in a folder."""
    return [
        folder / name
        for name in names
        if name.endswith(".json") and _OPENING.match(first_text(folder / name, 512))
    ]


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one file."""
    content = read_json(source)
    results = content.get("results") if isinstance(content, dict) else None
    general = content.get("config_general") if isinstance(content, dict) else None
    if not isinstance(results, dict) or not isinstance(general, dict) or not results:
        raise LogError("FOREIGN", "does not hold results")
    recorder = RunRecorder(run=name_below(source, root), format=FORMAT.name)
    recorder.take(_settings(general, results))
    if general.get("max_samples") is not None:
        what = f"only {general['max_samples']} samples per task were evaluated"
        recorder.note("LIMITED", what, "the values are kept; the evaluation is not complete")
    for key, metrics in results.items():
        take_task(recorder, _task(str(key))[0], metrics, recorder.config.get("step"))
    yield recorder.finished("finished")


def _task(key: str) -> tuple[str, Scalar]:
    """Return the task in ``suite|task|shots`` or ``task|shots``, and the number of examples."""
    parts = key.split("|")
    if len(parts) == 1:
        return key, None
    return parts[-2], as_scalar(parts[-1])


def _settings(general: Mapping[str, Any], results: Mapping[str, Any]) -> dict[str, Scalar]:
    settings = {key: as_scalar(general[key]) for key in SETTINGS if general.get(key) is not None}
    model = general.get("model_config")
    settings |= flatten(model, "model_config") if isinstance(model, dict) else {}
    shots = {task: n for task, n in map(_task, map(str, results)) if n is not None}
    settings |= {f"n-shot.{task}": n for task, n in shots.items()}
    settings |= {"num_fewshot": next(iter(shots.values()))} if len(set(shots.values())) == 1 else {}
    revision = settings.get("model_config.revision")
    found = step_of(str(revision)) if revision is not None else {}
    return settings | (found or step_of(str(settings.get("model_name", "")).rpartition("/")[2]))


FORMAT = Format(
    name="lighteval",
    title="lighteval",
    find=find,
    read=read,
    written_by="lighteval",
    reads="results, settings, shots",
    leaves="details of samples (Parquet)",
)
