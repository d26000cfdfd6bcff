"""Run folders of Weights & Biases without their ``.wandb`` file: what remains of a synced or copied run.

*Run*: one folder with ``wandb-summary.json``, mostly called ``files``; the run is named after the folder above it.
*Metrics*: ``wandb-history.jsonl`` (versions before 0.10), else only the last value of each, from the summary, at its
``_step``. *Settings*: ``config.yaml``, without the ``value:`` around each setting. *State*: unknown.

*Problems*: a run of which only the summary is there; lines that cannot be read.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.files.settings import settings_in
from sigstats.data.logs.folders import name_below, read_bytes
from sigstats.data.logs.formats.wandb import add_row, spread, without_media
from sigstats.data.logs.model import Format, LogError, Run
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, json_lines, read_json

__all__ = ["FORMAT"]

SUMMARY, HISTORY, CONFIG, FILES = "wandb-summary.json", "wandb-history.jsonl", "config.yaml", "files"
COMPANIONS = frozenset({
    HISTORY, "wandb-metadata.json", "wandb-events.jsonl", "requirements.txt", "output.log", "conda-environment.yaml",
})  # fmt: skip


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the summary in a folder, unless the file of the whole run is there or above."""
    if SUMMARY not in names or any(name.endswith(".wandb") for name in names):
        return []
    above = folder.parent if folder.name == FILES else folder
    try:
        has_file = any(each.suffix == ".wandb" for each in above.iterdir())
    except OSError:
        has_file = False
    return [] if has_file else [folder / SUMMARY]


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one folder."""
    folder = source.parent
    above = folder.parent if folder.name == FILES and folder != root else folder
    recorder = RunRecorder(run=name_below(above, root), format=FORMAT.name)
    if (folder / CONFIG).is_file():
        recorder.take(settings_in(recorder, folder / CONFIG))
    n_rows = _take_history(recorder, folder / HISTORY) if (folder / HISTORY).is_file() else 0
    summary = read_json(source)
    if not isinstance(summary, dict):
        raise LogError("FOREIGN", "does not hold a mapping")
    last = _flat(summary)
    only = {
        key: value
        for key, value in last.items()
        if key not in recorder.values and as_metric(value) is not None
    }
    step = summary.get("_step")
    for key, value in only.items():
        if not key.startswith("_") and isinstance(step, int | float):
            recorder.add(key, step, value)
        elif not key.startswith("_"):
            recorder.add_result(key, value)
    if not recorder.values:
        raise LogError("NO_METRICS", "does not hold a number that was logged")
    if not n_rows:
        what = "of this run only the last values are here"
        done = "taken; its course is in the .wandb file, or on the server: see sigstats.read_wandb"
        recorder.note("SUMMARY_ONLY", what, done)
    yield recorder.finished()


def _take_history(recorder: RunRecorder, path: Path) -> int:
    rows = broken = 0
    for _, row in json_lines(read_bytes(path)):
        if not isinstance(row, dict):
            broken += 1
            continue
        add_row(recorder, row.get("_step", rows), _flat(row))
        rows += 1
    if broken:
        recorder.note(
            "BROKEN_LINES", f"{broken:,} lines of {path.name} are not JSON objects", "they were left out"
        )
    return rows


def _flat(row: Mapping[str, Any]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in row.items():
        spread(str(key), value, flat)
    return without_media(flat)


FORMAT = Format(
    name="wandb_files",
    title="Weights & Biases run folders (without their .wandb file)",
    find=find,
    read=read,
    belongs=COMPANIONS.__contains__,
    written_by="wandb before 0.10, and run folders copied without their `.wandb` file",
    reads="`wandb-history.jsonl`, else the last values in `wandb-summary.json`; `config.yaml`",
    leaves="what is only on the server (`read_wandb`); the printed output",
)
