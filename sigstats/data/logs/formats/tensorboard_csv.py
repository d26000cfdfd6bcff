"""CSV files downloaded from TensorBoard's website: ``run-NAME-tag-TAG.csv``, one for each run and metric.

*Run*: NAME; if a folder holds only such files, the metrics of a run are collected from all of them. *Metrics*: TAG, as
the website writes it (``_`` for ``/``). A file under another name is a run of its own, its metric called ``Value``.
*Step*: ``Step``. *Settings*: none in the file. *State*: unknown.

*Problems*: the website keeps 1,000 points of a metric unless it was started with ``--samples_per_plugin``: a file with
exactly that many is told to be a sample; several files of one run and metric.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from sigstats.data.logs.files.text_table import as_table, cells_of, first_line, read_text
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Format, LogError, Run
from sigstats.data.logs.recording import RunRecorder

__all__ = ["FORMAT"]

HEADER = ("Wall time", "Step", "Value")
SAMPLE = 1_000

_NAME = re.compile(r"run-(?P<run>.*)-tag-(?P<tag>.*?)(?: ?\([0-9]+\))?\.csv")


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the folder, if all its CSV files are such downloads, else those that are."""
    tables = [folder / name for name in names if name.endswith(".csv")]
    ours = [path for path in tables if cells_of(first_line(path)) == HEADER]
    return [folder] if len(ours) > 1 and ours == tables else ours


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the runs of one file, or of a folder of files."""
    files = sorted(source.glob("*.csv")) if source.is_dir() else [source]
    base = source if source.is_dir() else source.parent
    runs: dict[str, RunRecorder] = {}
    broken: list[LogError] = []
    for path in files:
        found = _NAME.fullmatch(path.name)
        own = found["run"] if found else path.stem
        name = own if base == root else f"{name_below(base, root)}/{own}"
        recorder = runs.setdefault(name, RunRecorder(run=name, format=FORMAT.name))
        try:
            _take(recorder, path, found["tag"] if found else "Value")
        except LogError as error:
            broken.append(error)
            recorder.note(error.code, f"{path.name} {error.message}", "it is left out")
    if broken and not any(recorder.values for recorder in runs.values()):
        raise broken[0]
    for recorder in runs.values():
        yield recorder.finished()


def _take(recorder: RunRecorder, path: Path, metric: str) -> None:
    if metric in recorder.values:
        recorder.note("SAME_NAME", f"{path.name} is a second file of {metric}", "it is left out", metric)
        return
    table = as_table(recorder, read_text(recorder, path, whole_lines=False), path.name)
    if table.header[:3] != HEADER:
        raise LogError("FOREIGN", "is not a download of TensorBoard")
    for cells in table.rows:
        recorder.add(metric, cells[1].strip(), cells[2].strip())
    if len(table.rows) == SAMPLE:
        what = f"{path.name} has {SAMPLE:,} points, as many as the website keeps of a longer metric"
        recorder.note("MAYBE_SAMPLED", what, "taken as they are; the event files hold them all", metric)


FORMAT = Format(
    name="tensorboard_csv",
    title="TensorBoard CSV download",
    find=find,
    read=read,
    many=True,
    written_by="the website of TensorBoard",
    reads="`run-NAME-tag-TAG.csv`, put together by run",
    leaves="what the website left out (more than 1,000 points)",
)
