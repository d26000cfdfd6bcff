"""Lightning CSVLogger: ``lightning_logs/version_N/metrics.csv`` with ``hparams.yaml`` beside it.

*Run*: one folder with a ``metrics.csv`` that has a column ``step`` or ``epoch``. *Metrics*: its other columns, and
``epoch``; ``loss_step`` and ``loss_epoch`` are two metrics. *Step*: the column ``step``, which is the step at which a
value was logged, else ``epoch``. *Settings*: ``hparams.yaml``; the seed is often not among them. *State*: unknown.

Blank cells are not values: train, learning rate and validation are on different lines of one step. *Problems*: a last
line that was cut off, zeros at the end, lines that are longer or shorter than the header (it is rewritten when a metric
appears), a header that repeats, steps that go back, a step logged twice, NaN, words, settings that are not plain data.
"""

from collections.abc import Iterator
from pathlib import Path

from sigstats.data.logs.files.text_table import cells_of, first_line, read_table, take_columns
from sigstats.data.logs.files.yaml import take_yaml
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Format, Run
from sigstats.data.logs.recording import RunRecorder, first_of

__all__ = ["FORMAT"]

FILE = "metrics.csv"
SETTINGS = "hparams.yaml"
STEPS = ("step", "epoch")


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the folder, if it is one that the logger wrote."""
    if FILE not in names:
        return []
    header = cells_of(first_line(folder / FILE))
    return [folder / FILE] if first_of(header, STEPS) and len(header) > 1 else []


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one folder."""
    recorder = RunRecorder(run=name_below(source.parent, root), format=FORMAT.name)
    take_columns(recorder, read_table(recorder, source), STEPS)
    take_yaml(recorder, source.parent / SETTINGS)
    yield recorder.finished()


FORMAT = Format(
    name="lightning",
    title="Lightning CSVLogger",
    find=find,
    read=read,
    fallback=True,
    written_by="Lightning's CSVLogger",
    reads="`metrics.csv`, `hparams.yaml`",
    leaves="what only code could make in `hparams.yaml`",
)
