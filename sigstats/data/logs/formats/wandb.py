"""Weights & Biases: the ``.wandb`` file of a run that was written offline (or online), and runs of its public API.

*Layout.* ``wandb/offline-run-<date>_<time>-<id>/run-<id>.wandb``: a LevelDB log of protocol buffers, the only place
where recent versions keep an offline run. The run is named after its folder.

*Metrics.* The numbers of ``history``, nested keys joined with dots; the step is W&B's own. Keys that begin with an
underscore are W&B's. A number that is only in the summary is a metric of one value, at the summary's step,
unless parts of the file are missing.

*Config.* ``wandb.init(config=...)`` and its updates, flat; beside it ``wandb.name``, ``wandb.id``, ``wandb.project``,
``wandb.group``, ``wandb.job_type``, ``wandb.sweep_id`` and ``wandb.tags``. The exit record says how the run ended; a
run without it was killed or is still running.

*Problems.* The checksum of every piece of the log is verified: a damaged piece is left out with the rest of its block,
a file that ends within a record ends there. A summary that is ahead of the history (a tail that was never written), a
run that continues one in another file, records that cannot be decoded and values that are not numbers are problems.
Bare ``NaN`` and ``Infinity`` are numbers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sigstats.data.logs.files import protobuf
from sigstats.data.logs.files.records import LevelRecords
from sigstats.data.logs.folders import name_below, open_file
from sigstats.data.logs.model import Format, LogError, Run, RunState
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, as_scalar, flatten, parse_json

NAME = "wandb"
MAX_FILE = 1 << 40
MAX_DEPTH = 32

_HISTORY, _SUMMARY, _CONFIG, _RUN, _EXIT = 2, 3, 5, 17, 18
_LABELS = {1: "id", 3: "project", 6: "group", 7: "job_type", 8: "name", 12: "sweep_id"}
_STATES: dict[str, RunState] = {
    "finished": "finished", "failed": "failed", "crashed": "failed", "killed": "failed",
    "running": "unfinished", "pending": "unfinished", "preempting": "unfinished", "preempted": "unfinished",
}  # fmt: skip


def _find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    return [folder / name for name in names if name.endswith(".wandb")]


def _read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of a file."""
    alone = sum(entry.suffix == ".wandb" for entry in source.parent.iterdir()) == 1
    run = _RunReader(RunRecorder(run=name_below(source.parent if alone else source, root), format=NAME))
    with open_file(source, MAX_FILE) as stream:
        records = LevelRecords(stream)
        try:
            for record in records:
                run.take(record)
        except ValueError as error:
            raise LogError("NOT_WANDB", f"is not a W&B file: {error}") from None
    if not run.n_records and records.faults:
        raise LogError(records.faults[0].code, records.faults[0].message)
    for fault in records.faults:
        run.recorder.note(fault.code, fault.message, fault.done)
    yield run.finish(whole=not records.faults)


@dataclass(slots=True)
class _RunReader:
    """What the records of a run say."""

    recorder: RunRecorder
    config: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    summary: dict[str, object] = field(default_factory=dict)
    state: RunState = "unfinished"
    last_step: int = -1
    continues: bool = False
    n_records: int = 0
    undecoded: int = 0

    def take(self, record: bytes) -> None:
        """Take in a record."""
        try:
            for number, kind, value in protobuf.fields(record):
                if kind == protobuf.BYTES and isinstance(value, bytes):
                    self._part(number, value)
            self.n_records += 1
        except (protobuf.ProtobufError, LogError):
            self.undecoded += 1

    def _part(self, number: int, value: bytes) -> None:
        if number == _HISTORY:
            self._history(value)
        elif number == _SUMMARY:
            self._summary(value)
        elif number == _CONFIG:
            self._configure(value)
        elif number == _RUN:
            self._run(value)
        elif number == _EXIT:
            code = protobuf.last_integer(value, 1) or 0
            unfinished = bool(protobuf.last_integer(value, 3))
            self.state = "unfinished" if unfinished else "failed" if code else "finished"

    def _history(self, message: bytes) -> None:
        row: dict[str, object] = {}
        for item in protobuf.messages(message, 1):
            keys, value = _item(item)
            spread(".".join(keys), value, row)
        row = without_media(row)
        step = row.get("_step")
        if not isinstance(step, int):
            step = protobuf.last_integer(protobuf.last_bytes(message, 2), 1) or 0
        self.last_step = max(self.last_step, step)
        add_row(self.recorder, step, row)

    def _summary(self, message: bytes) -> None:
        for item in protobuf.messages(message, 1):
            keys, value = _item(item)
            spread(".".join(keys), value, self.summary)
        for item in protobuf.messages(message, 2):
            self.summary.pop(".".join(_item(item)[0]), None)

    def _configure(self, message: bytes) -> None:
        for item in protobuf.messages(message, 1):
            keys, value = _item(item)
            _put(self.config, keys, value)
        for item in protobuf.messages(message, 2):
            self.config.pop(".".join(_item(item)[0]), None)

    def _run(self, message: bytes) -> None:
        for config in protobuf.messages(message, 4):
            self._configure(config)
        for number, name in _LABELS.items():
            label = protobuf.last_text(message, number)
            if label:
                self.labels[name] = label
        tags = [protobuf.text(tag) for tag in protobuf.messages(message, 10)]
        if tags:
            self.labels["tags"] = ", ".join(tags)
        self.continues = self.continues or bool(protobuf.last_integer(message, 18))

    def finish(self, *, whole: bool) -> Run:
        """Return the run; what is only in the summary is not trusted if parts of the file are missing."""
        self.config.pop("_wandb", None)
        self.recorder.take(flatten(self.config))
        self.recorder.take({f"wandb.{name}": label for name, label in self.labels.items()})
        self._finish_summary(whole=whole and not self.undecoded)
        if self.undecoded:
            self.recorder.note(
                "BAD_RECORD", f"{self.undecoded:,} records cannot be decoded", "they were left out"
            )
        if self.continues:
            self.recorder.note(
                "CONTINUES", "the run was resumed; its beginning is in another file", "nothing is joined"
            )
        return self.recorder.finished(self.state)

    def _finish_summary(self, *, whole: bool) -> None:
        step = self.summary.get("_step")
        if not isinstance(step, int):
            step = max(self.last_step, 0)
        if step > self.last_step >= 0:
            message = f"the summary is at step {step}, the history ends at {self.last_step}"
            self.recorder.note("HISTORY_ENDS_EARLY", message, "the steps in between are missing")
        known = self.recorder.values
        only = {key: value for key, value in without_media(self.summary).items() if key not in known}
        if whole:
            add_row(self.recorder, step, {k: v for k, v in only.items() if as_metric(v) is not None})


def _item(item: bytes) -> tuple[list[str], object]:
    """Return the keys and the value of an item of history, summary or config."""
    key, nested = "", []
    value: object = None
    for number, kind, found in protobuf.fields(item):
        if isinstance(found, int):
            value = bool(found) if number == 4 else (found >> 1) ^ -(found & 1) if number == 5 else value
        elif number == 2:
            nested.append(protobuf.text(found))
        elif number == 1:
            key = protobuf.text(found)
        elif number in (8, 16):
            value = parse_json(found) if found else None
        elif number == 6 and kind == protobuf.FIXED64:
            value = protobuf.double(found)
        elif number == 7:
            value = protobuf.text(found)
    return nested or [key], value


def _put(config: dict[str, Any], keys: list[str], value: object) -> None:
    """Set a value by its nested keys."""
    inner = config
    for key in keys[:-1]:
        deeper = inner.get(key)
        if not isinstance(deeper, dict):
            deeper = inner[key] = {}
        inner = deeper
    inner[keys[-1]] = value


def spread(key: str, value: object, row: dict[str, object], depth: int = 0) -> None:
    """Put a value into a row; mappings are spread over dotted keys, unless they describe a figure or a file."""
    if not isinstance(value, Mapping):
        row[key] = value
    elif "_type" not in value and depth < MAX_DEPTH:
        for name, inner in value.items():
            spread(f"{key}.{name}", inner, row, depth + 1)


def without_media(row: dict[str, object]) -> dict[str, object]:
    """Return a row without figures, files and tables, whose parts have dotted keys."""
    media = {key.removesuffix("_type") for key in row if key.endswith("._type")}
    return {key: value for key, value in row.items() if not any(key.startswith(each) for each in media)}


def add_row(recorder: RunRecorder, step: object, row: Mapping[str, object]) -> None:
    """Add the numbers of a row; internal keys of W&B and lists are skipped."""
    for key, value in row.items():
        if not key.startswith("_") and not isinstance(value, list | tuple):
            recorder.add(key, step, value)


class WandbRun(Protocol):
    """What `read_wandb` needs of a run of ``wandb.Api().runs(...)``."""

    name: str
    state: str
    config: Mapping[str, Any]

    def scan_history(self) -> Iterable[Mapping[str, Any]]:
        """Return all rows of the history."""


def run_of_api(found: WandbRun) -> Run:
    """Return a run of the public API, with its whole history; what only its summary holds stands at the last step."""
    recorder = RunRecorder(run=str(found.name), format=NAME)
    recorder.take(flatten({key: value for key, value in found.config.items() if not key.startswith("_")}))
    recorder.take(
        {f"wandb.{key}": as_scalar(getattr(found, key, None)) for key in ("name", "group", "job_type")}
    )
    recorder.config = {
        key: value for key, value in recorder.config.items() if value is not None or "." not in key
    }
    last: object = None
    for position, row in enumerate(found.scan_history()):
        flat: dict[str, object] = {}
        for key, value in row.items():
            spread(str(key), value, flat)
        last = row.get("_step", position)
        add_row(recorder, last, without_media(flat))
    summary = getattr(found, "summary", None)
    ending: dict[str, object] = {}
    for key, value in dict(summary or {}).items():
        spread(str(key), value, ending)
    only = {key: value for key, value in without_media(ending).items() if key not in recorder.values}
    numbers = {key: value for key, value in only.items() if as_metric(value) is not None}
    add_row(recorder, 0 if last is None else last, numbers)
    return recorder.finished(_STATES.get(str(found.state), "unknown"))


FORMAT = Format(
    name=NAME,
    title="Weights & Biases (offline files)",
    find=_find,
    read=_read,
    owner=True,
    written_by="wandb, offline or synced, with its `.wandb` file",
    reads="history, settings, summary, how it ended, from the file itself",
    leaves="media and tables; system metrics",
)
