"""Spinning Up's EpochLogger: ``progress.txt``, a table with tabs, with ``config.json`` beside it.

*Run*: one folder. *Metrics*: the columns. *Step*: ``TotalEnvInteracts``, else ``Epoch``. *Settings*: ``config.json``,
which holds the seed. *State*: unknown.

*Problems*: as of every table of text: lines that are too short, a last line that was cut off, a header that comes
again.
"""

from collections.abc import Iterator
from pathlib import Path

from sigstats.data.logs.files.text_table import cells_of, first_line, read_table, take_columns
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Format, LogError, Run
from sigstats.data.logs.recording import RunRecorder, first_of

__all__ = ["FORMAT"]

FILE = "progress.txt"
STEPS = ("TotalEnvInteracts", "Epoch", "Iteration", "step", "Step")


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the table in a folder, if it is one that the logger wrote."""
    if FILE not in names:
        return []
    header = cells_of(first_line(folder / FILE), "\t")
    return [folder / FILE] if len(header) > 1 and first_of(header, STEPS) else []


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one folder."""
    recorder = RunRecorder(run=name_below(source.parent, root), format=FORMAT.name)
    table = read_table(recorder, source, delimiter="\t")
    if not table.rows:
        raise LogError("EMPTY", "does not have a line of values")
    take_columns(recorder, table, STEPS)
    yield recorder.finished()


FORMAT = Format(
    name="spinning_up",
    title="Spinning Up",
    find=find,
    read=read,
    written_by="Spinning Up",
    reads="`progress.txt`",
    leaves="saved models; `vars.pkl`, which is a pickle",
)
