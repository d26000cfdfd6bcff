"""Sacred: the folder that its FileStorageObserver writes for a run.

*Layout.* ``<runs>/<number>/`` with ``config.json``, ``run.json``, ``metrics.json`` and ``info.json``.

*Metrics.* ``metrics.json``: values and steps by name. Where that is empty, the lists of numbers in ``info.json``;
beside a list ``x`` there may be a list ``x_T`` of its steps, as pymarl writes them, else the step is the position. A
result that is a number is the metric ``result``.

*Config.* ``config.json``, with the seed, and ``sacred.experiment`` and ``sacred.status``. A run whose status is still
RUNNING was killed or still runs; one that was INTERRUPTED or timed out is unfinished too.

*Problems.* Numbers that jsonpickle wrapped (``py/object``: numpy types) are unwrapped; nothing is
unpickled. Bare NaN is a number. A list whose steps repeat holds several measurements per step: all are kept, by their
position. Lists whose steps are of another length keep the common part. Files that are missing or damaged are
problems.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Format, LogError, Run, RunState
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import as_metric, flatten, read_json

NAME = "sacred"
MAX_DEPTH = 16

_STATES: dict[str, RunState] = {
    "COMPLETED": "finished", "FAILED": "failed", "RUNNING": "unfinished", "QUEUED": "unfinished",
    "INTERRUPTED": "unfinished", "TIMEOUT": "unfinished",
}  # fmt: skip


def _find(folder: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the folder where it is that of a run."""
    return (folder,) if {"run.json", "config.json"} <= set(names) else ()


def _read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of a folder."""
    recorder = RunRecorder(run=name_below(source, root), format=NAME)
    about = _mapping(recorder, source / "run.json")
    recorder.take(flatten(_mapping(recorder, source / "config.json")))
    status = str(about.get("status"))
    experiment = about.get("experiment")
    name = experiment.get("name") if isinstance(experiment, Mapping) else None
    recorder.take(flatten({"sacred.experiment": name, "sacred.status": status}))
    metrics = _mapping(recorder, source / "metrics.json", needed=False)
    for metric, columns in metrics.items():
        if isinstance(columns, Mapping):
            _add(recorder, metric, columns.get("steps"), columns.get("values"))
    if not recorder.values:
        repeated: list[str] = []
        _add_info(recorder, _mapping(recorder, source / "info.json", needed=False), repeated)
        if repeated:
            message = f"several values have the same step in {listed(repeated)}"
            recorder.note("REPEATED_STEPS", message, "all are kept, by their position")
    result = _plain(about.get("result"))
    if as_metric(result) is not None and "result" not in recorder.values:
        recorder.add("result", 0, result)
    yield recorder.finished(_STATES.get(status, "unknown"))


def _mapping(recorder: RunRecorder, path: Path, *, needed: bool = True) -> dict[str, Any]:
    """Return what a file holds; nothing, with a problem, where it is missing or damaged."""
    if not needed and not path.is_file():
        return {}
    try:
        found = read_json(path)
    except LogError as error:
        recorder.note(error.code, f"{path.name} {error.message}", "what it holds is missing")
        return {}
    if not isinstance(found, dict):
        recorder.note("BAD_JSON", f"{path.name} does not hold a mapping", "its content is left out")
        return {}
    return found


def _plain(value: object) -> object:
    """Return the number in what jsonpickle made of a numpy number."""
    return value.get("value") if isinstance(value, Mapping) and "py/object" in value else value


def _add(recorder: RunRecorder, metric: str, steps: object, values: object) -> None:
    """Add the values of a metric; without steps, at their positions."""
    if not isinstance(values, list):
        return
    if not isinstance(steps, list):
        steps = list(range(len(values)))
    if len(steps) != len(values):
        message = f"{len(values):,} values have {len(steps):,} steps"
        recorder.note("UNEQUAL_LENGTH", message, "the common part is kept", metric)
    for step, value in zip(steps, values, strict=False):
        recorder.add(metric, _plain(step), _plain(value))


def _add_info(
    recorder: RunRecorder, info: Mapping[str, Any], repeated: list[str], prefix: str = "", depth: int = 0
) -> None:
    """Add the lists and the numbers of info.json."""
    for key, value in info.items():
        found = _plain(value)
        if isinstance(found, Mapping) and depth < MAX_DEPTH:
            _add_info(recorder, found, repeated, f"{prefix}{key}.", depth + 1)
        elif isinstance(found, list) and any(as_metric(_plain(each)) is not None for each in found):
            if not (key.endswith("_T") and key[:-2] in info):
                steps = _plain(info.get(f"{key}_T"))
                if isinstance(steps, list) and _repeat(steps):
                    repeated.append(prefix + key)
                    steps = None
                _add(recorder, prefix + key, steps, found)
        elif as_metric(found) is not None:
            recorder.add(prefix + key, 0, found)


def _repeat(steps: list[Any]) -> bool:
    """Return whether the steps fail to distinguish measurements."""
    numbers = [as_metric(_plain(each)) for each in steps]
    return len(set(numbers)) < len(numbers)


FORMAT = Format(
    name=NAME,
    title="Sacred",
    find=_find,
    read=_read,
    written_by="Sacred's FileStorageObserver",
    reads="`metrics.json`, `config.json`, `run.json`",
    leaves="MongoDB; the printed output",
)
