"""DVCLive: a folder with ``plots/metrics/**.tsv``, ``metrics.json`` and ``params.yaml``.

*Run*: one folder; further runs are in the history of the repository, which is not read. *Metrics*: one TSV file each,
named by its path below ``plots/metrics``, such as ``train/loss``; and what only ``metrics.json`` holds, one value each.
*Step*: the column ``step``. *Settings*: ``params.yaml``, in YAML 1.2, where ``no`` is a word. *State*: unknown.

*Problems*: ``nan`` in lower case, a last line that was cut off, zeros at the end, steps that go back after ``resume``,
a last value that differs from the one in ``metrics.json``.
"""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from sigstats.data.logs.files.text_table import read_table
from sigstats.data.logs.files.yaml import take_yaml
from sigstats.data.logs.folders import Walk, name_below
from sigstats.data.logs.model import Format, LogError, Run, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, as_scalar, read_json

__all__ = ["FORMAT"]

PLOTS = Path("plots") / "metrics"
SUMMARY = "metrics.json"
SETTINGS = "params.yaml"
STEP = "step"
NO_METRIC = frozenset({STEP, "timestamp"})
MAX_FILES = 10_000


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the curves in a folder, if DVCLive wrote it."""
    if "plots" not in names or not (folder / PLOTS).is_dir():
        return []
    return [folder / "plots"] if next(iter(_curves(folder)), None) else []


def _curves(folder: Path) -> Iterator[Path]:
    """Yield the TSV files, without following links."""
    for below, names in Walk(root=folder / PLOTS, max_entries=MAX_FILES).folders():
        yield from (below / name for name in names if name.endswith(".tsv"))


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one folder."""
    folder = source.parent
    recorder = RunRecorder(run=name_below(folder, root), format=FORMAT.name)
    curves: set[str] = set()
    for path in _curves(folder):
        metric = path.relative_to(folder / PLOTS).with_suffix("").as_posix()
        curves.add(metric)
        try:
            _take_curve(recorder, metric, path)
        except LogError as error:
            recorder.note(error.code, f"{path.name} {error.message}", "it is left out", metric)
    _take_summary(recorder, folder / SUMMARY, curves)
    take_yaml(recorder, folder / SETTINGS)
    run = recorder.finished()
    if not run.series:
        raise LogError(
            "NOTHING_READABLE", "; ".join(f"{each.code}: {each.message}" for each in run.problems[:5])
        )
    yield run


def _take_curve(recorder: RunRecorder, metric: str, path: Path) -> None:
    table = read_table(recorder, path, delimiter="\t")
    values = [column for column, name in enumerate(table.header) if name not in NO_METRIC]
    if STEP not in table.header or len(values) != 1:
        raise LogError("FOREIGN", f"has the columns {table.header}; a step and one metric are expected")
    step = table.header.index(STEP)
    for cells in table.rows:
        recorder.add(metric, cells[step], cells[values[0]].strip())


def _take_summary(recorder: RunRecorder, path: Path, curves: set[str]) -> None:
    """Take what only the summary holds, and note where it differs from the curves."""
    if not path.is_file():
        return
    try:
        content = read_json(path)
    except LogError as error:
        recorder.note(error.code, f"{path.name} {error.message}", "it is left out")
        return
    last = {metric: values[-1] for metric, (_, values) in recorder.columns().items()}
    summary = _flat(content)
    for metric, value in summary.items():
        number = as_metric(value)
        known = last.get(metric)
        if metric == STEP or number is None:
            continue
        if metric not in curves:
            recorder.add(metric, summary.get(STEP, 0), value)
        elif known is not None and known != number and not (math.isnan(known) and math.isnan(number)):
            what = f"{path.name} says {number}, but the last value of the curve is {known}"
            recorder.note("SUMMARY_DIFFERS", what, "the curve is kept", metric)


def _flat(content: object) -> dict[str, Scalar]:
    """Return a nested summary with ``/`` between the names, as in the paths of the curves."""
    flat: dict[str, Scalar] = {}
    stack = [("", content)]
    while stack:
        name, value = stack.pop()
        if isinstance(value, Mapping):
            stack += [(f"{name}/{key}" if name else str(key), inner) for key, inner in value.items()]
        elif name:
            flat[name] = as_scalar(value)
    return flat


FORMAT = Format(
    name="dvclive",
    title="DVCLive",
    find=find,
    read=read,
    written_by="DVCLive",
    reads="`plots/metrics`, `metrics.json`, `params.yaml`",
    leaves="images; custom plots",
)
