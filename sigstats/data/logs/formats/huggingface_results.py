"""Results that Hugging Face's example scripts write at the end: ``all_results.json``, ``eval_results.json`` and others.

*Run*: one folder without a ``trainer_state.json``, which would hold the history. *Metrics*: the numbers, at no step:
the files name the epoch at most. *Settings*: none in the files. *State*: finished.

*Problems*: files that differ in a metric; files that cannot be read.
"""

from collections.abc import Iterator
from pathlib import Path

from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Format, LogError, Run, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, flatten, read_json

__all__ = ["FORMAT"]

FILES = (
    "all_results.json",
    "eval_results.json",
    "train_results.json",
    "test_results.json",
    "predict_results.json",
)


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the first of the files in a folder without the history of a training."""
    if "trainer_state.json" in names or any(name.startswith("checkpoint-") for name in names):
        return []
    return [folder / next(name for name in FILES if name in names)] if set(FILES) & set(names) else []


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one folder."""
    folder = source.parent
    recorder = RunRecorder(run=name_below(folder, root), format=FORMAT.name)
    found: dict[str, Scalar] = {}
    for name in (each for each in FILES if (folder / each).is_file()):
        try:
            content = read_json(folder / name)
        except LogError as error:
            recorder.note(error.code, f"{name} {error.message}", "it is left out")
            continue
        if not isinstance(content, dict):
            recorder.note("FOREIGN", f"{name} does not hold a mapping", "it is left out")
            continue
        own = {key: value for key, value in flatten(content).items() if as_metric(value) is not None}
        differing = [key for key, value in own.items() if key in found and found[key] != value]
        if differing:
            what = f"{name} has another value of {differing[0]} than the file before it"
            recorder.note("RESULTS_DIFFER", what, "the first is taken", differing[0])
        found = {**own, **found}
    for key, value in found.items():
        recorder.add_result(key, value)
    if not recorder.values:
        raise LogError("FOREIGN", "does not hold a number")
    yield recorder.finished("finished")


FORMAT = Format(
    name="huggingface_results",
    title="Hugging Face results files",
    find=find,
    read=read,
    belongs=frozenset(FILES).__contains__,
    written_by="Hugging Face's example scripts",
    reads="`all_results.json`, `eval_results.json` and the like, at no step",
    leaves="the course of the training, which they lack",
)
