"""Long tables: a line for each value, with columns that name the run, the metric, the step and the value.

So export those tracking tools whose website or command line writes one line per value (Aim, Comet, Neptune, SwanLab,
MLflow's ``metrics`` table), R's ``pivot_longer`` and pandas' ``melt``: the names of the columns decide, not the tool.

*Run*: each value of the column ``run``, ``run_id``, ``experiment`` or the like; the file, if there is none. *Metrics*:
the values of ``metric``, ``metric_name``, ``key``, ``tag`` or the like. *Step*: ``step``, ``epoch`` or the like; none
without such a column. *Settings*: the other columns that are the same in all lines of a run. *State*: unknown.

*Problems*: lines without a run, of which they are left out; words for a value; other columns that change within a run.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from sigstats.data.logs.files.text_table import (
    TextTable,
    as_table,
    cells_of,
    first_line,
    named_columns,
    read_text,
)
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.groups import CLOCKS, SUMMARIES, bare
from sigstats.data.logs.model import Format, LogError, Run
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import as_scalar

__all__ = ["FORMAT"]

RUN = ("runid", "run", "runname", "runhash", "experimentkey", "experimentid", "experimentname", "experiment", "exp",
       "runuuid", "customrunid", "trial", "trialid", "seed")  # fmt: skip
METRIC = ("metric", "metricname", "metrickey", "attributepath", "tag", "key", "variable", "series")
STEP = ("step", "globalstep", "iteration", "index", "epoch", "x")
VALUE = ("value", "metricvalue", "floatvalue", "val", "y")


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the long tables in a folder."""
    tables = [name for name in names if name.lower().endswith((".csv", ".tsv"))]
    return [folder / name for name in tables if _roles(_header(folder / name))]


def _delimiter(path: Path) -> str:
    line = first_line(path, 2**18)
    return (
        "\t"
        if path.suffix.lower() == ".tsv" or ("\t" in line and "," not in line)
        else ";"
        if ";" in line
        else ","
    )


def _header(path: Path) -> tuple[str, ...]:
    return cells_of(first_line(path, 2**18), _delimiter(path))


def _roles(header: tuple[str, ...]) -> dict[str, str]:
    """Return the columns of metric, value, run and step; nothing if it is no long table."""
    known = {bare(name): name for name in reversed(header)}
    found = {
        role: next((known[each] for each in options if each in known), "")
        for role, options in (("metric", METRIC), ("value", VALUE), ("run", RUN), ("step", STEP))
    }
    whole = found["metric"] and found["value"] and (found["run"] or found["step"])
    return {role: name for role, name in found.items() if name} if whole else {}


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the runs of one table."""
    name = name_below(source, root).removesuffix(source.suffix)
    files = RunRecorder(run=name, format=FORMAT.name)
    table = as_table(files, read_text(files, source, whole_lines=False), source.name, _delimiter(source))
    roles = _roles(table.header)
    if not roles:
        raise LogError("FOREIGN", "does not have columns for the metric and the value")
    places = named_columns(files, table.header)
    runs = _grouped(files, table, places, roles, name)
    if not any(recorder.values for recorder in runs.values()):
        raise LogError("NO_METRICS", "does not hold a number for any metric")
    for number, recorder in enumerate(runs.values()):
        recorder.problems[:0] = files.problems if number == 0 else []
        yield recorder.finished()


def _grouped(
    files: RunRecorder, table: TextTable, places: Mapping[str, int], roles: Mapping[str, str], name: str
) -> dict[str, RunRecorder]:
    """Return the recorders of all runs."""
    lines: dict[str, list[list[str]]] = {}
    for cells in table.rows:
        lines.setdefault(cells[places[roles["run"]]].strip() if "run" in roles else "", []).append(cells)
    if "run" in roles and "" in lines:
        what = f"{len(lines.pop('')):,} lines are blank in {roles['run']}"
        files.note("NO_LABEL", what, "they belong to no run and are left out")
    summaries = [run for run in lines if run.lower() in SUMMARIES]
    if summaries:
        files.note("SUMMARY_ROWS", f"lines of {listed(summaries)} sum up runs", "they are left out")
    others = {key: place for key, place in places.items() if key not in roles.values()}
    runs = {}
    for run in (each for each in lines if each not in summaries):
        recorder = RunRecorder(run=f"{name}/{run}" if run else name, format=FORMAT.name)
        recorder.take({roles["run"]: as_scalar(run)} if run else {})
        _take(recorder, lines[run], places, roles)
        _take_others(recorder, lines[run], others)
        runs[run] = recorder
    return runs


def _take(
    recorder: RunRecorder, lines: list[list[str]], places: Mapping[str, int], roles: Mapping[str, str]
) -> None:
    metric, value = places[roles["metric"]], places[roles["value"]]
    step = places[roles["step"]] if "step" in roles else None
    for cells in lines:
        name, text = cells[metric].strip(), cells[value].strip()
        if name and step is not None and cells[step].strip():
            recorder.add(name, cells[step].strip(), text)
        elif name:
            recorder.add_result(name, text)


def _take_others(recorder: RunRecorder, lines: list[list[str]], others: Mapping[str, int]) -> None:
    changing = []
    for key, place in others.items():
        found = {cells[place].strip() for cells in lines} - {""}
        if len(found) == 1:
            recorder.take({key: as_scalar(found.pop())})
        elif found and bare(key) not in CLOCKS:
            changing.append(key)
    if changing:
        what = f"{listed(changing)} changes within the run"
        recorder.note("TEXT_COLUMN", what, "left out: it is no setting of the run")


FORMAT = Format(
    name="long_table",
    title="Long tables (one line per value)",
    find=find,
    read=read,
    many=True,
    written_by="CSV exports of Aim, Comet, Neptune and SwanLab that have a line per value; `melt`, `pivot_longer`",
    reads="columns `run`, `metric`, `step`, `value` or names like them; other columns that are the same within a run",
    leaves="exports of these tools in other layouts, which are read as plain tables if they are such",
)
