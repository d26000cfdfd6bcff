"""CSV files exported from the Weights & Biases website: charts, and tables of runs.

*A chart* is wide: ``Step`` first, then ``RUN - METRIC``, ``RUN - METRIC__MIN`` and ``RUN - METRIC__MAX``. *Run*: each
name of a run; if a folder holds only exports, the metrics of a run are collected from all files; runs that share a name
are numbered, file by file. *Step*: the first column. ``__MIN`` and ``__MAX`` are not metrics.

*A chart of groups* has ``KEY: VALUE`` for the names, and bounds that differ from the values: these are means over the
runs of each group. *Run*: each group, marked as a summary, which no sweep takes. *Settings*: KEY.

*A table of runs* has ``Name`` first, and ``State``, ``Created``, a seed or the like. *Run*: each row, also those that
share a name. *Settings*: all columns. *Metrics*: the columns of numbers that do not belong to the website, one value
each, at ``_step`` if that column exists, else at no step: the export does not distinguish settings from results.
*State*: the column ``State``. In a folder of exports only, runs of charts get their settings from the row of the same
name in the table, if there is one such row.

Blank cells are not values. *Problems*: every chart is noted, as an export can be smoothed or sampled, and the note says
so if ``__MIN`` and ``__MAX`` prove it; runs with the same name; groups; rows such as ``mean``.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sigstats.data.logs.files.text_table import TextTable, as_table, cells_of, first_line, read_text
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.groups import SUMMARIES, bare
from sigstats.data.logs.model import Format, LogError, Run, RunState, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import as_metric, as_scalar

__all__ = ["FORMAT"]

SEPARATOR = " - "
BOUNDS = ("__MIN", "__MAX")
WEBSITE = frozenset({
    "Name", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep", "ID", "Group", "Job Type", "Updated",
    "End Time", "Host", "Hostname", "GPU Type", "GPU Count", "Commit", "Agent", "_step", "_runtime", "_timestamp",
})  # fmt: skip
_GROUP = re.compile(r"(?P<key>[^:\n]{1,100}?): ?(?P<value>[^\n]{0,200})")
_PAIRS = re.compile(r",? (?=[\w./-]{1,100}: )")
STATES: dict[str, RunState] = {
    "finished": "finished", "crashed": "failed", "failed": "failed", "killed": "failed", "running": "unfinished",
}  # fmt: skip


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the exports in a folder."""
    tables = [folder / name for name in names if name.endswith(".csv")]
    exports = [path for path in tables if _kind(cells_of(first_line(path, 2**20)), path.name)]
    return [folder] if len(exports) > 1 and exports == tables else exports


def _kind(header: tuple[str, ...], file: str) -> str:
    """Return whether a header is that of a chart, of a table of runs, or of something else."""
    names = set(header)
    downloaded = file.startswith("wandb_export")
    series = [name for name in header if SEPARATOR in name]
    bounded = any(name + end in names for name in series for end in BOUNDS)
    if (
        header
        and (bounded or downloaded)
        and SEPARATOR not in header[0]
        and len(series) >= len(header) - 2 > 0
    ):
        return "chart"
    others = {name for name in header[1:] if name in WEBSITE or bare(name) in ("seed", "randomseed")}
    return "runs" if header[:1] == ("Name",) and len(header) > 1 and (downloaded or others) else ""


@dataclass(slots=True)
class _Export:
    """What the exports of one folder say: a recorder for each run, and one for what concerns the files."""

    files: RunRecorder
    runs: dict[str, RunRecorder] = field(default_factory=dict)
    states: dict[str, RunState] = field(default_factory=dict)
    summaries: set[str] = field(default_factory=set)  # names of what sums up several runs
    n_files: int = 1
    rows: set[tuple[tuple[str, ...], tuple[str, ...]]] = field(
        default_factory=set
    )  # rows of tables, to know repeats
    numbers: Counter[str] = field(default_factory=Counter)  # how many rows had a name so far

    def of(self, run: str) -> RunRecorder:
        """Return the recorder of a run."""
        return self.runs.setdefault(run, RunRecorder(run=run, format=FORMAT.name))


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the runs of one export, or of a folder of exports."""
    export = _Export(files=RunRecorder(run=name_below(source, root), format=FORMAT.name))
    files = sorted(source.glob("*.csv")) if source.is_dir() else [source]
    export.n_files = len(files)
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
        run = recorder.finished(export.states.get(name, "unknown"))
        yield replace(run, is_summary=True) if name in export.summaries else run


def _take_file(export: _Export, path: Path) -> None:
    text = read_text(export.files, path, whole_lines=False)
    header = next(iter(text.splitlines()), "")
    kind = _kind(cells_of(header), path.name)
    if not kind:
        raise LogError("FOREIGN", "is not an export of Weights & Biases")
    table = as_table(export.files, text, path.name)
    if kind == "chart":
        _take_chart(export, table, path.name)
    else:
        _take_runs(export, table, path.name)


def _take_chart(export: _Export, table: TextTable, file: str) -> None:
    columns = _numbered(table.header)
    series = {
        key: place for key, place in columns.items() if SEPARATOR in key[0] and not key[0].endswith(BOUNDS)
    }
    repeated = {key[0] for key in series if key[1] > 1}
    if repeated:
        what = f"in {file}, several columns are called {listed(sorted(repeated))}: runs that share a name"
        export.files.note("SAME_NAME", what, "each is read as a run, numbered in the order of the columns")
    differing = _differing(table, columns, series)
    runs = [key[0].rpartition(SEPARATOR)[0] for key in series]
    groups = _groups(runs)
    named = groups and (differing.any or not differing.of)
    means = list(groups) if named else list(dict.fromkeys(runs)) if differing.most else []
    if means:
        what = (
            f"the columns of {file} are means over the runs of each group, such as {means[0]!r}"
            if named
            else f"in {differing.any:,} of {differing.of:,} cells of {file}, __MIN or __MAX differs from the value: "
            f"columns such as {means[0]!r} are means, over the runs of a group or over neighbouring steps"
        )
        done = (
            "kept in frames but out of sweeps, as a mean over seeds is not a seed; ungroup the chart and export it "
            "again, or export the table of runs"
        )
        export.files.note("GROUP_MEANS", what, done)
        export.summaries |= set(means)
    for (column, number), place in series.items():
        run, _, metric = column.rpartition(SEPARATOR)
        name = run
        if column in repeated:
            name = f"{run} ({number})" if export.n_files == 1 else f"{run} ({number}) in {file}"
        recorder = export.of(name)
        recorder.config |= groups.get(run, {})
        for cells in table.rows:
            recorder.add(metric, cells[0], cells[place].strip())
    _note_sampled(export, differing, file)


def _numbered(header: tuple[str, ...]) -> dict[tuple[str, int], int]:
    """Return the place of each column but the first by its name and the count of that name so far."""
    counts: Counter[str] = Counter()
    places = {}
    for place, name in enumerate(header[1:], start=1):
        counts[name] += 1
        places[name, counts[name]] = place
    return places


def _groups(runs: list[str]) -> dict[str, dict[str, Scalar]]:
    """Return the settings in the names of groups, if all names are such."""
    found: dict[str, dict[str, Scalar]] = {}
    for run in dict.fromkeys(runs):
        pairs = [_GROUP.fullmatch(part) for part in _PAIRS.split(run)]
        if not all(pairs):
            return {}
        found[run] = {pair["key"]: as_scalar(pair["value"]) for pair in pairs if pair}
    return found if len({tuple(settings) for settings in found.values()}) == 1 else {}


@dataclass(frozen=True, slots=True)
class _Bounds:
    """In how many of the cells that have bounds one of them differs from the value."""

    any: int
    of: int

    @property
    def most(self) -> bool:
        return 2 * self.any > self.of


def _differing(
    table: TextTable, columns: dict[tuple[str, int], int], series: dict[tuple[str, int], int]
) -> _Bounds:
    """Return in how many cells a bound differs from the value."""
    differing = of = 0
    for (name, number), place in series.items():
        bounds = [columns[name + end, number] for end in BOUNDS if (name + end, number) in columns]
        for cells in table.rows if bounds else ():
            if cells[place].strip().lower() in ("", "nan"):
                continue
            of += 1
            value = as_metric(cells[place])
            differing += any(as_metric(cells[bound]) not in (None, value) for bound in bounds)
    return _Bounds(any=differing, of=of)


def _note_sampled(export: _Export, differing: _Bounds, file: str) -> None:
    """Note that the export may not be the full history, and whether its own bounds prove that."""
    proof = ""
    if differing.any and not export.summaries:
        values = f"{differing.any:,} value{'s' if differing.any > 1 else ''}"
        proof = f"; for {values} __MIN or __MAX differs from it, which proves it"
    what = f"{file} was exported from a chart, which may be smoothed or sampled (at most 500 points are usual){proof}"
    export.files.note("MAYBE_SAMPLED", what, "the values are taken as they are")


def _take_runs(export: _Export, table: TextTable, file: str) -> None:
    """Take a table of runs, row by row."""
    rows = [cells for cells in table.rows if (table.header, tuple(cells)) not in export.rows]
    if len(rows) < len(table.rows):
        what = f"{len(table.rows) - len(rows):,} rows of {file} are in another export too, to the letter"
        export.files.note("SAME_ROWS", what, "they are read once")
    export.rows |= {(table.header, tuple(cells)) for cells in rows}
    counts = Counter(cells[0].strip() for cells in rows)
    shared = [name for name, count in counts.items() if count > 1 or export.numbers[name]]
    if shared:
        n_rows = sum(counts[name] for name in shared)
        what = f"{n_rows:,} rows of {file} share {len(shared):,} names, such as {shared[0]!r}"
        export.files.note(
            "SAME_NAME", what, "each row is read as a run, with its ID or a number behind the name"
        )
    summaries = [name for name in counts if name.lower() in SUMMARIES]
    if summaries:
        what = f"rows of {file} called {listed(summaries)} sum up runs and are none themselves"
        export.files.note("SUMMARY_ROWS", what, "kept in frames but out of sweeps")
    states = table.header.index("State") if "State" in table.header else None
    groups = _groups([name for name in counts if name not in summaries])
    if groups and states is not None and not any(cells[states].strip() for cells in rows):
        what = f"the rows of {file} are groups of runs, such as {next(iter(groups))!r}, without a state of their own"
        done = "kept in frames but out of sweeps; ungroup the table and export it again"
        export.files.note("GROUP_MEANS", what, done)
        summaries += list(groups)
    for cells in rows:
        name = cells[0].strip()
        row = {
            column: cell for column, cell in zip(table.header, cells, strict=True) if column and cell.strip()
        }
        export.numbers[name] += 1
        own = f"{name} [{row.get('ID') or export.numbers[name]}]" if name in shared else name
        _take_row(export, own, row)
        if name in summaries:
            export.summaries.add(own)


def _take_row(export: _Export, name: str, row: dict[str, str]) -> None:
    recorder = export.of(name)
    recorder.take({column: as_scalar(cell) for column, cell in row.items()}, prefix="table.")
    for column, cell in row.items():
        if column not in WEBSITE and as_metric(cell) is not None:
            if "_step" in row:
                recorder.add(column, row["_step"], cell)
            else:
                recorder.add_result(column, cell)
    export.states[recorder.run] = STATES.get(row.get("State", "").strip().lower(), "unknown")


FORMAT = Format(
    name="wandb_csv",
    title="Weights & Biases CSV export",
    find=find,
    read=read,
    many=True,
    written_by="the website of Weights & Biases",
    reads="charts and tables of runs; means of groups, marked as such",
    leaves="what a chart left out when it was sampled",
)
