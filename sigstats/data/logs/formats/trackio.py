"""Trackio: the SQLite database of a project.

*Layout.* ``<project>.db`` with the tables ``metrics`` (a JSON object per step) and ``configs``; often with a log
``<project>.db-wal`` beside it, which is read too.

*Runs.* Named ``<file>/<run>``; if two runs have the same name, ``<file>/<run>/<run id>``. Before runs had ids, runs of
one name were one run.

*Metrics.* The numbers of each row, nested keys joined with dots; the step is Trackio's. Trackio does not keep how a run
ended. Measurements of the machine are not read.

*Config.* The run's settings; keys that begin with an underscore are Trackio's own.

*Problems.* NaN and infinities, stored as text, are numbers. Rows that are not JSON objects are problems.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sigstats.data.logs.files.sqlite import Database, is_candidate, opened, table_names
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Format, LogError, Run
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, flatten, parse_json

NAME = "trackio"

_TABLES = frozenset({"metrics", "configs"})
_FOREIGN = frozenset({"runs", "trials", "experiments"})


def _find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    return [folder / name for name in names if is_candidate(name) and _is_trackio(table_names(folder / name))]


def _is_trackio(tables: frozenset[str]) -> bool:
    return tables >= _TABLES and not tables & _FOREIGN


def _read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the runs of a project."""
    with opened(source) as database:
        project = _Project(database)
        project.read()
    yield from project.runs(name_below(source, root))


@dataclass(slots=True)
class _Project:
    """The runs of a database, by id, or by name if they lack ids."""

    database: Database
    names: dict[str, str] = field(default_factory=dict)
    recorder: dict[str, RunRecorder] = field(default_factory=dict)
    bad: Counter[str] = field(default_factory=Counter)

    def read(self) -> None:
        """Take in settings and metrics."""
        for name, run, step, text in self.database.rows("metrics", "run_name", "run_id", "step", "metrics"):
            key = self._known(name, run)
            row = self._parsed(key, text)
            for metric, value in _spread(row).items():
                self.recorder[key].add(metric, step, value)
        for name, run, text in self.database.rows("configs", "run_name", "run_id", "config"):
            key = self._known(name, run)
            config = {k: v for k, v in self._parsed(key, text).items() if not k.startswith("_")}
            self.recorder[key].take(flatten(config))

    def _known(self, name: object, run: object) -> str:
        key = str(name if run is None else run)
        if key not in self.recorder:
            self.names[key] = str(name)
            self.recorder[key] = RunRecorder(run=key, format=NAME)
        return key

    def _parsed(self, key: str, text: object) -> dict[str, object]:
        try:
            found = parse_json(text if isinstance(text, bytes) else str(text).encode("utf-8", "replace"))
        except LogError:
            found = None
        if isinstance(found, dict):
            return found
        self.bad[key] += 1
        return {}

    def runs(self, file: str) -> Iterator[Run]:
        """Yield the runs, named."""
        often = Counter(self.names.values())
        for key, recorder in self.recorder.items():
            name = self.names[key]
            recorder.run = f"{file}/{name}/{key}" if often[name] > 1 else f"{file}/{name}"
            if self.bad[key]:
                recorder.note("BAD_ROW", f"{self.bad[key]:,} rows are not JSON objects", "they were left out")
            yield recorder.finished()


def _spread(row: Mapping[str, object]) -> dict[str, object]:
    """Return the numbers in a row by dotted keys."""
    found: dict[str, object] = {}
    stack: list[tuple[str, object, int]] = [(key, value, 0) for key, value in row.items()]
    for key, value, depth in stack:
        if isinstance(value, Mapping) and "_type" not in value and depth < 16:
            stack.extend((f"{key}.{name}", inner, depth + 1) for name, inner in value.items())
        elif as_metric(value) is not None:
            found[key] = value
    return found


FORMAT = Format(
    name=NAME,
    title="Trackio",
    find=_find,
    read=_read,
    many=True,
    written_by="Trackio",
    reads="metrics and settings of all runs in its database",
    leaves="media",
)
