"""Stable-Baselines3 and RL Zoo: ``N.monitor.csv``, ``progress.csv``, ``evaluations.npz``, ``args.yml``, ``config.yml``.

*Run*: one folder with any of these files. *Metrics and steps*:

* monitors: ``episode/reward`` and ``episode/length`` (and ``episode/<name>`` for further columns) of every episode. The
  monitors of parallel environments are one run: episodes in the order in which they ended, by ``t_start`` in the first
  line plus ``t``; the step is the number of steps in all episodes that had ended.
* evaluations: ``eval/mean_reward``, ``eval/mean_ep_length`` and ``eval/success_rate``, each the mean over the episodes
  of one evaluation; the step is ``timesteps``. The archive is read without unpickling; arrays of objects are refused.
* progress: its columns under their own names; the step is ``time/total_timesteps``.

*Settings*: ``config.yml`` and ``args.yml`` of RL Zoo, in the folder or one below (the seed is in ``args.yml``), and
``env_id`` and the number of monitors. Their tags are not executed; the ordered dictionary that they hold is plain data.

*Problems*: moving averages in ``progress.csv``, monitors that go back in time or were cut off, several first lines in a
monitor, evaluations with another number of episodes, arrays of objects, NaN.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from sigstats.data.logs.files.npz import Array, read_npz
from sigstats.data.logs.files.text_table import cells_of, first_line, read_table, take_columns
from sigstats.data.logs.files.yaml import take_yaml
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.formats.monitors import MONITOR, take_monitors
from sigstats.data.logs.model import Format, LogError, Run
from sigstats.data.logs.recording import RunRecorder, first_of
from sigstats.data.logs.series import listed

__all__ = ["FORMAT"]

PROGRESS = "progress.csv"
EVALUATIONS = "evaluations.npz"
SETTINGS = ("config.yml", "args.yml")
STEPS = ("time/total_timesteps", "total_timesteps")
EVALUATED = {
    "results": "eval/mean_reward",
    "ep_lengths": "eval/mean_ep_length",
    "successes": "eval/success_rate",
}

_AVERAGE = re.compile(r"ep_?(?:rew|len)_?mean\Z|success_rate\Z")


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the folder, if it holds a log of this format."""
    known = EVALUATIONS in names or any(MONITOR.search(name) for name in names)
    return [folder] if known or (PROGRESS in names and _is_progress(folder / PROGRESS)) else []


def _is_progress(path: Path) -> bool:
    return first_of(cells_of(first_line(path)), STEPS) is not None


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one folder."""
    recorder = RunRecorder(run=name_below(source, root), format=FORMAT.name)
    files = _files(source)
    names = {path.name for path in files}
    broken = take_monitors(recorder, [path for path in files if MONITOR.search(path.name)])
    if EVALUATIONS in names:
        broken |= _attempt(recorder, source / EVALUATIONS, _take_evaluations)
    if PROGRESS in names and _is_progress(source / PROGRESS):
        broken |= _attempt(recorder, source / PROGRESS, _take_progress)
    for file in SETTINGS:
        for path in (source / file, *sorted(source.glob(f"*/{file}"))):
            take_yaml(recorder, path, prefix=f"{path.stem}.")
    run = recorder.finished()
    if broken and not run.series:
        raise LogError(
            "NOTHING_READABLE", "; ".join(f"{each.code}: {each.message}" for each in run.problems[:5])
        )
    yield run


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    except OSError as error:
        raise LogError("UNREADABLE", f"cannot be read: {error.strerror or error}") from None


def _attempt(recorder: RunRecorder, path: Path, take: Callable[[RunRecorder, Path], None]) -> bool:
    """Take a file; return whether it is broken."""
    try:
        take(recorder, path)
    except LogError as error:
        recorder.note(error.code, f"{path.name} {error.message}", "the file is left out")
        return True
    return False


def _take_evaluations(recorder: RunRecorder, path: Path) -> None:
    arrays, refused = read_npz(path)
    for name, why in refused.items():
        if name in EVALUATED or name == "timesteps":
            recorder.note("ARRAY_REFUSED", f"`{name}` in {path.name} {why}", "it is left out")
    steps = arrays.get("timesteps")
    if steps is None or steps.ndim != 1:
        raise LogError("FOREIGN", "does not have a list of timesteps")
    for name, metric in EVALUATED.items():
        if name in arrays:
            _take_means(recorder, metric, steps, arrays[name])


def _take_means(recorder: RunRecorder, metric: str, steps: Array, results: Array) -> None:
    """Take the mean over the episodes of each evaluation."""
    if results.ndim == 0 or len(results) != len(steps) or results.size == 0:
        message = f"shape {results.shape} does not fit {len(steps)} evaluations"
        recorder.note("BAD_SHAPE", message, "it is left out", metric)
        return
    with np.errstate(all="ignore"):
        means = results.reshape(len(results), -1).mean(axis=1)
    for step, value in zip(steps, means, strict=True):
        recorder.add(metric, float(step), float(value))


def _take_progress(recorder: RunRecorder, path: Path) -> None:
    table = read_table(recorder, path)
    averages = [name for name in table.header if _AVERAGE.search(name)]
    if averages:
        what = f"{listed(averages)} in {path.name} are averages over the last 100 episodes"
        recorder.note("MOVING_AVERAGE", what, "they are kept; neighbouring values share episodes")
    take_columns(recorder, table, STEPS)


FORMAT = Format(
    name="stable_baselines",
    title="Stable-Baselines3",
    find=find,
    read=read,
    written_by="Stable-Baselines3, RL Zoo",
    reads="monitors, `evaluations.npz`, `progress.csv`, `args.yml`, `config.yml`",
    leaves="models; arrays of objects",
)
