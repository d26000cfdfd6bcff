"""TensorBoard event files, of TensorFlow 1 and 2, Keras, PyTorch, JAX and all who write the same format.

*Layout.* A folder with files ``*tfevents*`` is a run; files of one folder are read in the order of the time in their
name. Sub-folders ``train``, ``validation``, ``val``, ``valid``, ``test`` and ``eval`` (Keras, estimators) belong to the
run above them, and their metrics are named ``train/epoch_loss``: they are the same training. So does the one
sub-folder that PyTorch's ``add_hparams`` makes; if there are several, each is a separate run, and so are those that
``add_scalars`` makes.

*Metrics.* `simple_value` of TF1 and tensors of one number of TF2 (plugin "scalars" or none); the tag is the metric, the
event's step is the step. Images, histograms, texts, audio and graphs are skipped.

*Config.* The hparams plugin, the text ``args`` of the Hugging Face trainer, and files beside the event files:
``hparams.yaml`` (Lightning), ``hparams.json`` and ``flags_0.json``. The state is what the hparams plugin
says at the end, if it says so after the last value: PyTorch writes "success" at any time.

*Problems.* Both checksums of every record are verified. A damaged record is left out; after a damaged
length, a file that ends within a record, or a tail of zeros, reading ends there; each is a problem. A resumed run
(a second file that starts at an earlier step) replaces the values from that step on, metric by metric. Where a session
says at which step it starts (``SessionLog``, ``purge_step``), all metrics are void from there on, as in TensorBoard; a
step written twice keeps the later value; steps that go back within a file, and files without values, are
noted. At most 100,000 metrics are kept; records over 256 MiB are skipped.
"""

import math
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sigstats.data.logs.files.records import TFRecords
from sigstats.data.logs.files.tensorboard_events import EventReader
from sigstats.data.logs.files.yaml import take_yaml
from sigstats.data.logs.folders import name_below, open_file
from sigstats.data.logs.model import FloatArray, Format, LogError, Run, RunState, Series
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import finish, listed, overtaken, together
from sigstats.data.logs.values import flatten, read_json

NAME = "tensorboard"
PHASES = ("train", "validation", "val", "valid", "test", "eval")
MAX_FILE = 1 << 40

_TIME = re.compile(r"tfevents\.(\d+)")
_ANNEX = re.compile(r"\d{9,}\.\d+")


def _is_event_file(name: str) -> bool:
    return "tfevents" in name


def _find(folder: Path, names: tuple[str, ...]) -> Iterable[Path]:
    """Return the folder if it, or a phase below it, holds event files; or the file, if only that is read."""
    here = [name for name in names if _is_event_file(name) and _is_regular(folder / name)]
    if here and len(names) == 1 and len(_names(folder)) > 1:
        return (folder / here[0],)
    return (folder,) if here or any(_holds_events(folder / name) for name in PHASES if name in names) else ()


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return []


def _holds_events(folder: Path) -> bool:
    if folder.is_symlink():
        return False
    return any(_is_event_file(name) and _is_regular(folder / name) for name in _names(folder))


def _is_regular(path: Path) -> bool:
    """Return whether a name is that of a file, not of a folder, a link or a pipe."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _members(folder: Path) -> list[tuple[str, Path]]:
    """Return the folders that make up a run, each with the prefix of its metrics."""
    names = _names(folder)
    own = [("", folder)] if any(_is_event_file(name) for name in names) else []
    phases = [
        (f"{name}/", folder / name) for name in PHASES if name in names and _holds_events(folder / name)
    ]
    annexes = [("", folder / name) for name in names if own and _ANNEX.fullmatch(name)]
    annexes = [annex for annex in annexes if _holds_events(annex[1])]
    return own + (annexes if len(annexes) == 1 else []) + phases


def _read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of a folder; nothing for a folder that belongs to the run above it."""
    run = _RunReader(RunRecorder(run=name_below(source, root), format=NAME))
    if source.is_file():
        run.read_files("", source.parent, [source.name])
    elif source == root or all(folder != source for _, folder in _members(source.parent)):
        for prefix, folder in _members(source):
            run.read_files(prefix, folder, [name for name in _names(folder) if _is_event_file(name)])
        run.read_settings(source)
    else:
        return
    yield run.finish()


@dataclass(slots=True)
class _RunReader:
    """What the files of one run say, folder by folder."""

    recorder: RunRecorder
    parts: dict[str, list[tuple[FloatArray, FloatArray]]] = field(default_factory=dict)
    voided: dict[str, int] = field(default_factory=dict)
    n_records: int = 0
    last_value: float = -math.inf
    end: tuple[float, RunState] | None = None

    def read_files(self, prefix: str, folder: Path, names: list[str]) -> None:
        """Take in event files of a folder, in the order of the time in their names."""
        plugins: dict[str, str] = {}
        n_values = sum(self._read_file(prefix, folder / name, plugins) for name in sorted(names, key=_order))
        if not n_values:
            files = f"{len(names)} event file{'s' if len(names) > 1 else ''}"
            self.recorder.note(
                "EMPTY", f"{files} in {prefix or 'the folder'} without values", "they do not give metrics"
            )

    def _read_file(self, prefix: str, path: Path, plugins: dict[str, str]) -> int:
        """Take in a file; return how many values it holds."""
        name = f"{prefix}{path.name}"
        reader = EventReader(f"{name}: ", plugins, RunRecorder(run=self.recorder.run, format=NAME))
        try:
            with open_file(path, MAX_FILE) as stream:
                records = TFRecords(stream)
                reader.read(records)
        except LogError as error:
            self.recorder.note(error.code, f"{name} {error.message}", "it was left out")
            return 0
        for fault in records.faults:
            self.recorder.note(fault.code, f"{name}: {fault.message}", fault.done)
        self.recorder.problems += reader.recorder.problems
        self.n_records += records.n_records
        self.recorder.config.update(reader.recorder.config)
        self.last_value = max(self.last_value, reader.last_value)
        self.end = reader.end or self.end
        self._void(prefix, reader)
        columns = reader.recorder.columns()
        for metric, column in columns.items():
            self.parts.setdefault(prefix + metric, []).append(column)
        return sum(len(steps) for steps, _ in columns.values())

    def _void(self, prefix: str, reader: EventReader) -> None:
        """Void what earlier files of the folder hold from the step on at which a session of this file starts."""
        for metric, count in reader.voided.items():
            self.voided[prefix + metric] = self.voided.get(prefix + metric, 0) + count
        if not math.isfinite(reader.restart):
            return
        for metric, parts in self.parts.items():
            if not metric.startswith(prefix):
                continue
            for place, (steps, values) in enumerate(parts):
                keep = steps < reader.restart
                if not keep.all():
                    self.voided[metric] = self.voided.get(metric, 0) + int(np.count_nonzero(~keep))
                    parts[place] = steps[keep], values[keep]

    def read_settings(self, folder: Path) -> None:
        """Take the settings in files beside the event files; those in the event files take precedence."""
        beside = RunRecorder(run=self.recorder.run, format=NAME)
        take_yaml(beside, folder / "hparams.yaml")
        for name in ("hparams.json", "flags_0.json"):
            if (folder / name).is_file():
                self._read_json(folder / name, beside)
        self.recorder.config = {**beside.config, **self.recorder.config}
        self.recorder.problems += beside.problems

    def _read_json(self, path: Path, beside: RunRecorder) -> None:
        try:
            found = read_json(path)
        except LogError as error:
            self.recorder.note(error.code, f"{path.name} {error.message}", "its settings are left out")
            return
        if isinstance(found, dict):
            beside.take(flatten(found), prefix=f"{path.stem}.")

    def finish(self) -> Run:
        """Return the run."""
        if not self.n_records and self.recorder.problems:
            raise LogError(self.recorder.problems[0].code, self.recorder.problems[0].message)
        columns, replaced = {}, dict(self.voided)
        for metric, parts in self.parts.items():
            steps, values, dropped = overtaken(parts)
            if steps.size:
                columns[metric] = steps, values
            if dropped:
                replaced[metric] = replaced.get(metric, 0) + dropped
        series, problems = finish(columns, self.recorder.run)
        self._note_not_finite(series)
        state: RunState = "unknown"
        if self.end is not None and self.end[0] >= self.last_value:
            state = self.end[1]
        self.recorder.problems += together("RESUMED", self.recorder.run, replaced) + problems
        return Run(
            name=self.recorder.run,
            format=NAME,
            series=series,
            config=self.recorder.config,
            state=state,
            problems=tuple(self.recorder.problems),
        )

    def _note_not_finite(self, series: dict[str, Series]) -> None:
        counts = {name: len(each.values) - np.isfinite(each.values).sum() for name, each in series.items()}
        odd = {name: count for name, count in counts.items() if count}
        if odd:
            message = f"{sum(odd.values()):,} NaN or infinite values in {listed(odd)}"
            self.recorder.note("NOT_FINITE", message, "they are kept")


def _order(name: str) -> tuple[int, str]:
    """Return what files are sorted by: the time in the name, then the name."""
    found = _TIME.search(name)
    return (int(found[1][:20]) if found else 0, name)


FORMAT = Format(
    name=NAME,
    title="TensorBoard",
    find=_find,
    read=_read,
    written_by="TensorFlow, Keras, PyTorch, JAX, tensorboardX and all who write event files",
    reads="scalars, hparams, the settings of the Hugging Face trainer, sessions that restart",
    leaves="images, histograms, graphs, texts",
)
