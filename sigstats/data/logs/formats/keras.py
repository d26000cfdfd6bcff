"""Keras CSVLogger: one CSV file per run, the column ``epoch`` first and the metrics in alphabetical order.

*Run*: one file. *Metrics*: all other columns, such as ``loss`` and ``val_loss``. *Step*: ``epoch``, from 0.
*Settings*: none in the file; they must come from the name of the file or folder. *State*: unknown.

*Problems*: with ``append=True`` a second training continues below the first, so that epochs repeat (the later training
is kept); ``NA`` for a missing value; a last line that was cut off; zeros at the end; NaN.
"""

from collections.abc import Iterator
from pathlib import Path

from sigstats.data.logs.files.text_table import cells_of, first_line, read_table, take_columns
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.groups import PHASES, RUNS, bare
from sigstats.data.logs.model import Format, LogError, Run
from sigstats.data.logs.recording import RunRecorder

__all__ = ["FORMAT"]

STEP = "epoch"
DELIMITERS = ",;\t"
OTHERS = frozenset({"metrics.csv", "progress.csv"})


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the files in a folder that the logger wrote."""
    files = [folder / name for name in names if name.endswith((".csv", ".log")) and name not in OTHERS]
    return [file for file in files if _delimiter(first_line(file))]


def _delimiter(line: str) -> str | None:
    """Return the delimiter of a header that the logger wrote."""
    for delimiter in DELIMITERS:
        first, *others = cells_of(line, delimiter) or ("",)
        if any(bare(name) in RUNS | PHASES for name in others):
            continue
        if first == STEP and others and others == sorted(others) and "step" not in others:
            return delimiter
    return None


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one file."""
    name = name_below(source, root)
    delimiter = _delimiter(first_line(source))
    if delimiter is None:
        raise LogError(
            "FOREIGN", "does not have a header with `epoch` first and the metrics in alphabetical order"
        )
    recorder = RunRecorder(run=name, format=FORMAT.name)
    take_columns(recorder, read_table(recorder, source, delimiter=delimiter), (STEP,))
    yield recorder.finished()


FORMAT = Format(
    name="keras",
    title="Keras CSVLogger",
    find=find,
    read=read,
    fallback=True,
    written_by="Keras' CSVLogger",
    reads="all columns along the epoch",
    leaves="settings, which it does not write",
)
