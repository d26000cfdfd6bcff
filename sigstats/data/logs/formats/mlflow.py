"""MLflow: the file store ``mlruns`` and the database ``mlflow.db``.

*Layout.* ``mlruns/<experiment>/<run>/`` with ``meta.yaml``, and a file per parameter, tag and metric; slashes in
their names are sub-folders. In the database, the tables ``runs``, ``params``, ``tags``, ``metrics`` hold the same.

*Metrics.* Lines ``time value step``; the step is MLflow's. In the database NaN is a flag and infinity
the largest number.

*Config.* The parameters; numbers written as text are numbers. Beside them ``mlflow.name``, ``mlflow.experiment``,
``mlflow.parent`` (the run that a nested run belongs to) and those tags that are the user's, as ``tags.<name>``. The
run is named after its folder, or in a database ``<experiment>/<run id>`` below the file. The status says how it ended;
MLflow leaves killed runs at RUNNING.

*Problems.* Deleted runs are not read, but noted. A step written twice keeps the later value; values that were all
logged without a step, which MLflow notes as step 0, are kept by their position. Lines of another form, values that are
not numbers, files that cannot be read and a missing or unreadable ``meta.yaml`` are problems. Metrics that were logged
as parameters stay settings.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sigstats.data.logs.files.sqlite import Database, is_candidate, opened, table_names
from sigstats.data.logs.files.yaml import plain_word
from sigstats.data.logs.folders import name_below, read_bytes
from sigstats.data.logs.model import Format, LogError, Run, RunState, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_scalar

NAME = "mlflow"
INFINITE = 1.797e308  # the database cannot hold infinity
MAX_VALUE = 1 << 16
MAX_METRIC = 1 << 30

_TABLES = frozenset({"runs", "metrics", "params", "experiments"})
_PARTS = frozenset({"metrics", "params", "tags"})
STATES: dict[str, RunState] = {
    "1": "unfinished", "2": "unfinished", "3": "finished", "4": "failed", "5": "failed",
    "RUNNING": "unfinished", "SCHEDULED": "unfinished", "FINISHED": "finished", "FAILED": "failed", "KILLED": "failed",
}  # fmt: skip
_LABELS = {"mlflow.runName": "name", "mlflow.parentRunId": "parent"}
_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):(?: +(.*))?")


def _find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the runs of an experiment's folder, the folder itself if it is a run, and databases."""
    found = [folder / name for name in names if is_candidate(name) and table_names(folder / name) >= _TABLES]
    if "meta.yaml" not in names:
        return found
    if _PARTS & set(names):
        return [*found, folder]
    return found + [folder / name for name in names if _is_run(folder / name)]


def _is_run(folder: Path) -> bool:
    return (
        folder.is_dir()
        and (folder / "meta.yaml").is_file()
        and any((folder / part).is_dir() for part in _PARTS)
    )


def _read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of a folder, or the runs of a database."""
    if source.is_dir():
        yield from _read_folder(source, root)
    else:
        with opened(source) as database:
            runs = _Runs(database, name_below(source, root)).read()
        yield from runs


def _read_folder(source: Path, root: Path) -> Iterator[Run]:
    recorder = RunRecorder(run=name_below(source, root), format=NAME)
    meta = _meta(source / "meta.yaml", recorder)
    if meta.get("lifecycle_stage") == "deleted" or ".trash" in source.parts:
        yield _deleted(recorder)
        return
    for name, text in _texts(source / "params", recorder):
        recorder.config[name] = as_scalar(text)
    tags = dict(_texts(source / "tags", recorder))
    experiment = (
        _meta(source.parent / "meta.yaml", recorder) if (source.parent / "meta.yaml").is_file() else {}
    )
    _label(recorder, tags, experiment.get("name"))
    for name, path in _files(source / "metrics", recorder):
        _metric(name, path, recorder)
    yield recorder.finished(STATES.get(str(meta.get("status")), "unknown"))


def _meta(path: Path, recorder: RunRecorder) -> dict[str, Scalar]:
    """Return what a meta.yaml says: lines ``key: value``; others are skipped."""
    try:
        lines = read_bytes(path, MAX_VALUE).decode("utf-8", "replace").splitlines()
    except LogError as error:
        recorder.note(error.code, f"{path.name} {error.message}", "name and status are not known")
        return {}
    found = [_LINE.fullmatch(line) for line in lines]
    return {match[1]: _value(match[2] or "") for match in found if match}


def _value(text: str) -> Scalar:
    """Return a plain or quoted word of YAML."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return plain_word(text)


def _files(folder: Path, recorder: RunRecorder) -> list[tuple[str, Path]]:
    """Return the files in a folder and below, by their names in MLflow."""
    try:
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    except OSError as error:
        recorder.note("UNREADABLE", f"{folder.name} cannot be listed: {error.strerror}", "it was left out")
        return []
    return [(path.relative_to(folder).as_posix(), path) for path in paths]


def _texts(folder: Path, recorder: RunRecorder) -> Iterator[tuple[str, str]]:
    """Yield name and text of parameters or tags."""
    for name, path in _files(folder, recorder):
        try:
            yield name, read_bytes(path, MAX_VALUE).decode("utf-8", "backslashreplace")
        except LogError as error:
            recorder.note(error.code, f"{folder.name}/{name} {error.message}", "it was left out")


def _label(recorder: RunRecorder, tags: dict[str, str], experiment: Scalar) -> None:
    """Add name, experiment, parent and the user's own tags to the settings."""
    labels: dict[str, Scalar] = {
        f"mlflow.{_LABELS[tag]}": text for tag, text in tags.items() if tag in _LABELS
    }
    if experiment is not None:
        labels["mlflow.experiment"] = experiment
    labels |= {f"tags.{tag}": as_scalar(text) for tag, text in tags.items() if not tag.startswith("mlflow.")}
    recorder.take(labels)


def _metric(name: str, path: Path, recorder: RunRecorder) -> None:
    try:
        data = read_bytes(path, MAX_METRIC)
    except LogError as error:
        recorder.note(error.code, f"the metric {error.message}", "it was left out", name)
        return
    if data and not data.endswith(b"\n"):
        recorder.note("TRUNCATED", "the last line does not end", "it was left out", name)
        data = data[: data.rfind(b"\n") + 1]
    lines = [line.split() for line in data.decode("utf-8", "replace").splitlines()]
    rows = [words for words in lines if len(words) in (2, 3, 5)]
    bad = sum(bool(words) for words in lines) - len(rows)
    _add(recorder, name, [(words[2] if len(words) > 2 else "0", words[1]) for words in rows])
    if bad:
        recorder.note("BAD_LINE", f"{bad:,} lines are not `time value step`", "they were left out", name)


def _add(recorder: RunRecorder, name: str, rows: list[tuple[object, object]]) -> None:
    """Add step and value of a metric; values that were all logged without a step, by their position."""
    if len(rows) > 1 and all(step in (0, "0", None) for step, _ in rows):
        recorder.note(
            "NO_STEPS", f"{len(rows):,} values were logged without a step", "kept by their position", name
        )
        rows = [(position, value) for position, (_, value) in enumerate(rows)]
    for step, value in rows:
        recorder.add(name, 0 if step is None else step, value)


@dataclass(slots=True)
class _Runs:
    """The runs of a database."""

    database: Database
    file: str
    experiments: dict[object, tuple[str, bool]] = field(default_factory=dict)
    recorders: dict[object, RunRecorder] = field(default_factory=dict)
    states: dict[object, RunState] = field(default_factory=dict)
    experiment_of: dict[object, str] = field(default_factory=dict)

    def read(self) -> list[Run]:
        """Return all runs; those that were deleted come last, without values."""
        rows = self.database.rows
        for number, name, stage in rows("experiments", "experiment_id", "name", "lifecycle_stage"):
            self.experiments[number] = str(name), stage == "deleted"
        deleted = self._list_runs()
        for run, key, value in rows("params", "run_uuid", "key", "value"):
            if run in self.recorders:
                self.recorders[run].config[str(key)] = as_scalar(value)
        self._label_runs()
        values: dict[tuple[object, str], list[tuple[object, object]]] = {}
        for run, key, value, step, is_nan in rows("metrics", "run_uuid", "key", "value", "step", "is_nan"):
            if run in self.recorders:
                values.setdefault((run, str(key)), []).append((step, _measured(value, is_nan)))
        for (run, key), found in values.items():
            _add(self.recorders[run], key, found)
        return [each.finished(self.states[run]) for run, each in self.recorders.items()] + deleted

    def _list_runs(self) -> list[Run]:
        deleted = []
        columns = ("run_uuid", "experiment_id", "status", "lifecycle_stage", "name")
        for run, number, status, stage, name in self.database.rows("runs", *columns):
            experiment, gone = self.experiments.get(number, (str(number), False))
            recorder = RunRecorder(run=f"{self.file}/{experiment}/{run}", format=NAME)
            if name:
                recorder.config["mlflow.name"] = str(name)
            if stage == "deleted" or gone:
                deleted.append(_deleted(recorder))
                continue
            self.recorders[run] = recorder
            self.states[run] = STATES.get(str(status), "unknown")
            self.experiment_of[run] = experiment
        return deleted

    def _label_runs(self) -> None:
        tags: dict[object, dict[str, str]] = {}
        for run, key, value in self.database.rows("tags", "run_uuid", "key", "value"):
            tags.setdefault(run, {})[str(key)] = str(value)
        for run, recorder in self.recorders.items():
            _label(recorder, tags.get(run, {}), self.experiment_of[run])


def _deleted(recorder: RunRecorder) -> Run:
    recorder.note("DELETED", "the run was deleted in MLflow", "its values are not read")
    return recorder.finished()


def _measured(value: object, is_nan: object) -> object:
    """Return what a row of the database means: NaN and infinity are not stored as such."""
    if is_nan:
        return math.nan
    if isinstance(value, float) and abs(value) >= INFINITE:
        return math.copysign(math.inf, value)
    return value


FORMAT = Format(
    name=NAME,
    title="MLflow",
    find=_find,
    read=_read,
    many=True,
    written_by="MLflow, as `mlruns` or a database",
    reads="all values of all metrics, parameters, tags, status",
    leaves="artifacts; deleted runs",
)
