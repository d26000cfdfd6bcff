"""CSV files exported from the Weights & Biases website: charts, and tables of runs.

*A chart* is wide: ``Step`` first, then ``RUN - METRIC``, ``RUN - METRIC__MIN`` and ``RUN - METRIC__MAX``. *Run*: each
name of a run; if a folder holds only exports, the metrics of a run are collected from all files.
*Step*: the first column. ``__MIN`` and ``__MAX`` are not metrics.

*A table of runs* has ``Name``, ``State``, ``Created`` and further columns. *Run*: each row. *Settings*: all columns.
*Metrics*: the columns of numbers that do not belong to the website, one value each, at ``_step`` if that column
exists, else at 0: the export does not distinguish settings from results. *State*: the column ``State``.
In a folder of exports only, runs of charts get their settings from the row of the same name in the table.

Blank cells are not values. *Problems*: every chart is noted, as an export can be smoothed or sampled, and the note says
so if ``__MIN`` and ``__MAX`` prove it; runs with the same name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sigstats.data.logs.files.text_table import TextTable, as_table, cells_of, first_line, read_text
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Format, LogError, Run, RunState
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, as_scalar

__all__ = ["FORMAT"]

SEPARATOR = " - "
BOUNDS = ("__MIN", "__MAX")
WEBSITE = frozenset({
    "Name", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep", "ID", "Group", "Job Type", "Updated",
    "End Time", "Host", "Hostname", "GPU Type", "GPU Count", "Commit", "Agent", "_step", "_runtime", "_timestamp",
})  # fmt: skip
STATES: dict[str, RunState] = {
    "finished": "finished", "crashed": "failed", "failed": "failed", "killed": "failed", "running": "unfinished",
}  # fmt: skip


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the exports in a folder."""
    tables = [folder / name for name in names if name.endswith(".csv")]
    exports = [path for path in tables if _kind(cells_of(first_line(path, 2**20)))]
    return [folder] if len(exports) > 1 and exports == tables else exports


def _kind(header: tuple[str, ...]) -> str:
    """Return whether a header is that of a chart, of a table of runs, or of something else."""
    names = set(header)
    series = [name for name in header if SEPARATOR in name]
    bounded = any(name + end in names for name in series for end in BOUNDS)
    if header and bounded and SEPARATOR not in header[0] and len(series) >= len(header) - 2:
        return "chart"
    return "runs" if header[:1] == ("Name",) and {"State", "Created"} <= names else ""


@dataclass(slots=True)
class _Export:
    """What the exports of one folder say: a recorder for each run, and one for what concerns the files."""

    files: RunRecorder
    runs: dict[str, RunRecorder] = field(default_factory=dict)
    states: dict[str, RunState] = field(default_factory=dict)

    def of(self, run: str) -> RunRecorder:
        """Return the recorder of a run."""
        return self.runs.setdefault(run, RunRecorder(run=run, format=FORMAT.name))


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the runs of one export, or of a folder of exports."""
    export = _Export(files=RunRecorder(run=name_below(source, root), format=FORMAT.name))
    files = sorted(source.glob("*.csv")) if source.is_dir() else [source]
    broken: list[LogError] = []
    for path in files:
        try:
            _take_file(export, path)
        except LogError as error:
            broken.append(error)
            export.files.note(error.code, f"{path.name} {error.message}", "it is left out")
    if not export.runs:
        raise broken[0] if broken else LogError("EMPTY", "does not hold runs")
    for number, (name, recorder) in enumerate(export.runs.items()):
        recorder.problems += export.files.problems if number == 0 else []
        yield recorder.finished(export.states.get(name, "unknown"))


def _take_file(export: _Export, path: Path) -> None:
    text = read_text(export.files, path, whole_lines=False)
    header = next(iter(text.splitlines()), "")
    kind = _kind(cells_of(header))
    if not kind:
        raise LogError("FOREIGN", "is not an export of Weights & Biases")
    table = as_table(export.files, text, path.name)
    if kind == "chart":
        _take_chart(export, table, path.name)
    else:
        _take_runs(export, table)


def _take_chart(export: _Export, table: TextTable, file: str) -> None:
    columns: dict[str, int] = {}
    for place, name in enumerate(table.header[1:], start=1):
        columns.setdefault(name, place)
    if len(columns) < len(table.header) - 1:
        export.files.note(
            "SAME_NAME",
            f"{file} has several runs with one name",
            "the first is read, the others are left out",
        )
    series = {
        name: place for name, place in columns.items() if SEPARATOR in name and not name.endswith(BOUNDS)
    }
    for name, place in series.items():
        run, _, metric = name.rpartition(SEPARATOR)
        recorder = export.of(run)
        for cells in table.rows:
            recorder.add(metric, cells[0], cells[place].strip())
    _note_sampled(export, table, columns, series, file)


def _note_sampled(
    export: _Export, table: TextTable, columns: dict[str, int], series: dict[str, int], file: str
) -> None:
    """Note that the export may not be the full history, and whether its own bounds prove that."""
    differing = 0
    for name, place in series.items():
        bounds = [columns[name + end] for end in BOUNDS if name + end in columns]
        differing += sum(
            as_metric(cells[bound]) not in (None, as_metric(cells[place]))
            for cells in table.rows
            for bound in bounds
            if cells[place].strip().lower() not in ("", "nan")
        )
    found = (
        f"{file} was exported from a chart, which may be smoothed or sampled (at most 500 points are usual)"
    )
    proof = f"; in {differing:,} cells __MIN or __MAX differs from the value: it is" if differing else ""
    export.files.note("MAYBE_SAMPLED", found + proof, "the values are taken as they are")


def _take_runs(export: _Export, table: TextTable) -> None:
    """Take a table of runs."""
    names = [cells[0].strip() for cells in table.rows]
    if len(set(names)) < len(names):
        export.files.note(
            "SAME_NAME",
            "the table has several runs with one name",
            "the last is read, the others are left out",
        )
    state = table.header.index("State")
    for cells in {cells[0].strip(): cells for cells in table.rows}.values():
        recorder = export.of(cells[0].strip())
        row = {name: cell for name, cell in zip(table.header, cells, strict=True) if name and cell.strip()}
        recorder.take({name: as_scalar(cell) for name, cell in row.items()}, prefix="table.")
        for name, cell in row.items():
            if name not in WEBSITE and as_metric(cell) is not None:
                recorder.add(name, row.get("_step", 0), cell)
        export.states[recorder.run] = STATES.get(cells[state].strip().lower(), "unknown")


FORMAT = Format(name="wandb_csv", title="Weights & Biases CSV export", find=find, read=read, many=True)
