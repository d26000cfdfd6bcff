"""Hugging Face Trainer: ``trainer_state.json`` in ``OUTPUT_DIR/checkpoint-N/`` and in ``OUTPUT_DIR``.

*Run*: one output directory. Every checkpoint repeats the history so far, so the file of the furthest one is read;
if it is broken, the one before it.
*Metrics*: every number in ``log_history``: ``loss``, ``eval_loss``, ``eval_<set>_loss``, and the averages of the last
row (``train_loss``, ``train_runtime``). Train and eval rows are separate rows of one step. *Step*: ``step``.
*Settings*: the file holds few: ``trial_params``, and ``max_steps``, ``num_train_epochs``, ``train_batch_size`` and the
like. The others are in ``training_args.bin``, a pickle, which is never opened.
*State*: finished when the last row has ``train_runtime``, when all steps were made, or when the trainer was
asked to stop.

*Problems*: checkpoints of different trainings in one directory, a file that was cut off, bare NaN, evaluations that end
before the training does, rows without a step.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Format, LogError, Run, RunState
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import flatten, read_json

__all__ = ["FORMAT"]

FILE = "trainer_state.json"
PICKLE = "training_args.bin"
RESULTS = frozenset({  # the last row of the history, written again
    "all_results.json", "eval_results.json", "train_results.json", "test_results.json", "predict_results.json",
})  # fmt: skip
MAX_COMPARED = 20
SETTINGS = (
    "max_steps", "num_train_epochs", "train_batch_size", "logging_steps", "eval_steps", "save_steps", "trial_name",
)  # fmt: skip
NO_METRIC = frozenset({"step"})

_CHECKPOINT = re.compile(r"checkpoint-([0-9]{1,15})\Z")


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the state of the trainer in a folder."""
    return [folder / FILE] if FILE in names else []


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of an output directory; it is read from one of its states."""
    states = _states(source, root)
    if not _speaks(source, states, root):
        return
    output = _output(source, root)
    recorder = RunRecorder(run=name_below(output, root), format=FORMAT.name)
    state, history, used = _first_readable(states, recorder)
    _take_history(recorder, history)
    recorder.take(_settings(state))
    _note_missing_end(recorder, state, history)
    _note_others(recorder, history, [path for path in states[:MAX_COMPARED] if path != used])
    if (used.parent / PICKLE).exists() or (output / PICKLE).exists():
        recorder.note("PICKLE_NOT_OPENED", f"settings are in {PICKLE}, a pickle", "it is never opened")
    yield recorder.finished(_ended(state, history))


def _alone(source: Path, root: Path) -> bool:
    """Return whether only this checkpoint is to be read."""
    return root == source.parent and _CHECKPOINT.match(root.name) is not None


def _output(source: Path, root: Path) -> Path:
    """Return the output directory: the folder above a checkpoint, unless that is outside of what is read."""
    is_checkpoint = _CHECKPOINT.match(source.parent.name) is not None
    return source.parent.parent if is_checkpoint and not _alone(source, root) else source.parent


def _states(source: Path, root: Path) -> list[Path]:
    """Return the states in the output directory of a source, the furthest first."""
    if _alone(source, root):
        return [source]
    output = _output(source, root)
    steps = {path: int(path.parent.name.removeprefix("checkpoint-")) for path in _checkpoints(output)}
    top = output / FILE
    if top.is_file():
        steps[top] = _global_step(top, most=max(steps.values(), default=0))
    return sorted(steps, key=lambda path: (-steps[path], path != top, str(path))) or [source]


def _speaks(source: Path, states: list[Path], root: Path) -> bool:
    """Return whether a source is the one of its output directory that gives the run."""
    top = _output(source, root) / FILE
    return source == (top if top in states else states[0])


def _checkpoints(output: Path) -> list[Path]:
    try:
        entries = [
            entry for entry in output.iterdir() if _CHECKPOINT.match(entry.name) and not entry.is_symlink()
        ]
    except OSError:
        return []
    return [entry / FILE for entry in entries if (entry / FILE).is_file()]


def _global_step(path: Path, most: int) -> int:
    """Return how far a state goes; a broken one comes last when there are others."""
    try:
        step = _state(path).get("global_step")
    except LogError:
        return -1
    return int(step) if isinstance(step, int | float) and abs(step) < 1e15 else most


def _state(path: Path) -> Mapping[str, Any]:
    state = read_json(path)
    if not isinstance(state, dict) or not isinstance(state.get("log_history"), list):
        raise LogError("FOREIGN", "does not hold a log_history")
    return state


def _first_readable(states: list[Path], recorder: RunRecorder) -> tuple[Mapping[str, Any], list[Any], Path]:
    """Return the furthest state that can be read, and note those that cannot."""
    for number, path in enumerate(states):
        try:
            state = _state(path)
        except LogError as error:
            if number == len(states) - 1:
                raise
            place = f"{path.parent.name}/{path.name}"
            recorder.note(error.code, f"{place} {error.message}", "the checkpoint before it is read")
        else:
            return state, state["log_history"], path
    raise LogError("FOREIGN", "does not hold a log_history")


def _take_history(recorder: RunRecorder, history: list[Any]) -> None:
    for row in history:
        if not isinstance(row, dict):
            recorder.add("log_history", None, "a row that is not a mapping")
            continue
        for metric, value in row.items():
            if metric not in NO_METRIC and isinstance(value, int | float | str):
                recorder.add(str(metric), row.get("step", "none"), value)


def _settings(state: Mapping[str, Any]) -> dict[str, Any]:
    settings = {key: state[key] for key in SETTINGS if state.get(key) is not None}
    trial = state.get("trial_params")
    return flatten(trial if isinstance(trial, dict) else {}) | flatten(settings)


def _note_missing_end(recorder: RunRecorder, state: Mapping[str, Any], history: list[Any]) -> None:
    """Note evaluations that end before the training does."""
    rows = [row for row in history if isinstance(row, dict) and isinstance(row.get("step"), int | float)]
    evaluated = [row["step"] for row in rows if any(str(key).startswith("eval_") for key in row)]
    end = state.get("global_step")
    if evaluated and isinstance(end, int | float) and max(evaluated) < end:
        message = f"the last evaluation is at step {max(evaluated)}, the last training step is {end}"
        recorder.note("NO_FINAL_EVAL", message, "nothing is filled in")


def _note_others(recorder: RunRecorder, history: list[Any], others: list[Path]) -> None:
    """Note checkpoints whose history is not the beginning of the one that was read."""
    for path in others:
        try:
            other = _state(path)["log_history"]
        except LogError:
            continue
        if other != history[: len(other)] and repr(other) != repr(history[: len(other)]):
            what = f"{path.parent.name} and the furthest checkpoint differ in history: two trainings in one folder"
            recorder.note("MIXED_RUNS", what, "the furthest checkpoint is read, the other one is left out")


def _ended(state: Mapping[str, Any], history: list[Any]) -> RunState:
    if any(isinstance(row, dict) and "train_runtime" in row for row in history[-5:]):
        return "finished"
    made, planned = state.get("global_step"), state.get("max_steps")
    if isinstance(made, int) and isinstance(planned, int) and planned > 0 and made >= planned:
        return "finished"
    if _was_stopped(state):
        return "finished"
    return "unfinished" if isinstance(made, int) and isinstance(planned, int) else "unknown"


def _was_stopped(state: Mapping[str, Any]) -> bool:
    nested: object = state
    for key in ("stateful_callbacks", "TrainerControl", "args", "should_training_stop"):
        nested = nested.get(key) if isinstance(nested, dict) else None
    return nested is True


FORMAT = Format(
    name="huggingface",
    title="Hugging Face Trainer",
    find=find,
    read=read,
    belongs=RESULTS.__contains__,
    written_by="Hugging Face Trainer (transformers, TRL, Accelerate with it)",
    reads="`trainer_state.json` of the furthest checkpoint",
    leaves="`training_args.bin`, which is a pickle",
)
