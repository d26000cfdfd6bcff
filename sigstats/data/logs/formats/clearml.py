"""ClearML offline sessions: ``offline-<id>.zip``, or the folder that it was packed from.

A session holds ``task.json`` and ``metrics.jsonl``; each line of the latter is one list of events, written at one
flush.

*Run*: one session; if both archive and folder exist, the folder is read. *Metrics*: events of scalars, called
``METRIC/VARIANT``, such as ``loss/train``; a single value (``Summary/NAME``) is at step 0. *Step*: ``iter``.
*Settings*: ``hyperparams`` of ``task.json``, where all values are text; those of the sections General and Args keep
their own names, others are ``SECTION.NAME``; a ``/`` in a name is a dot. Also ``task_name`` and ``project_name``.
*State*: ``status``, which offline sessions lack: unknown.

*Problems*: lines that are cut off or not JSON, events without a number. One loss cannot be seen: by default, ClearML
itself writes 0.0 for a value that was NaN or infinite.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.files.archives import read_members
from sigstats.data.logs.folders import name_below, read_bytes
from sigstats.data.logs.model import Format, LogError, Run, RunState, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_scalar, json_lines, parse_json

__all__ = ["FORMAT"]

TASK = "task.json"
METRICS = "metrics.jsonl"
FILES = frozenset({TASK, METRICS})
SCALAR = "training_stats_scalar"
PLAIN_SECTIONS = frozenset({"General", "Args"})
SINGLE_VALUE = -(2**31)
STATES: dict[str, RunState] = {
    "completed": "finished", "published": "finished", "closed": "finished", "failed": "failed",
    "stopped": "failed", "in_progress": "unfinished",
}  # fmt: skip


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the sessions in a folder."""
    if set(names) >= FILES:
        return [folder]
    archives = [name for name in names if name.startswith("offline-") and name.endswith(".zip")]
    return [folder / name for name in archives if name.removesuffix(".zip") not in names]


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one session."""
    recorder = RunRecorder(run=name_below(source, root).removesuffix(".zip"), format=FORMAT.name)
    files = _files(source)
    try:
        task = parse_json(files.get(TASK, b""))
    except LogError as error:
        recorder.note("BAD_CONFIG", f"{TASK} {error.message}", "its settings are left out")
        task = {}
    task = task if isinstance(task, dict) else {}
    _take_settings(recorder, task)
    _take_events(recorder, files.get(METRICS, b""))
    run = recorder.finished(STATES.get(str(task.get("status")), "unknown"))
    if not run.series and not run.config:
        raise LogError("FOREIGN", "holds neither metrics nor settings")
    yield run


def _files(source: Path) -> dict[str, bytes]:
    if source.is_dir():
        return {name: read_bytes(source / name) for name in sorted(FILES)}
    return {
        Path(name).name: data
        for name, data in read_members(source, lambda name: Path(name).name in FILES).items()
    }


def _take_settings(recorder: RunRecorder, task: Mapping[str, Any]) -> None:
    sections = task.get("hyperparams")
    for section, entries in sections.items() if isinstance(sections, dict) else ():
        settings: dict[str, Scalar] = {}
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            value = entry.get("value") if isinstance(entry, dict) else entry
            key = str(name).replace("/", ".")
            settings[key if section in PLAIN_SECTIONS else f"{section}.{key}"] = as_scalar(value)
        recorder.take(settings, prefix=f"{section}.")
    names = {"task_name": task.get("name"), "project_name": task.get("project_name")}
    recorder.take({key: str(value) for key, value in names.items() if value}, prefix="task.")


def _take_events(recorder: RunRecorder, data: bytes) -> None:
    """Take the events of scalars, line by line."""
    broken: list[int] = []
    for number, value in json_lines(data.rstrip(b"\0")):
        if isinstance(value, LogError):
            broken.append(number)
            continue
        for event in value if isinstance(value, list) else [value]:
            if isinstance(event, dict) and event.get("type") == SCALAR:
                _take_event(recorder, event)
    if broken:
        lines = ", ".join(map(str, broken[:5]))
        recorder.note(
            "BAD_LINE", f"{len(broken):,} lines of {METRICS} are not JSON ({lines})", "they are left out"
        )


def _take_event(recorder: RunRecorder, event: Mapping[str, Any]) -> None:
    metric = "/".join(str(event[part]) for part in ("metric", "variant") if event.get(part))
    step = event.get("iter")
    recorder.add(metric, 0 if step == SINGLE_VALUE else step, event.get("value"))


FORMAT = Format(
    name="clearml",
    title="ClearML offline session",
    find=find,
    read=read,
    written_by="ClearML, offline sessions",
    reads="scalars and settings",
    leaves="plots; what is only on the server",
)
