"""Settings that lie near a log, whatever the format of the metrics.

In this order, of which the first that knows a setting decides: the log itself; files such as ``config.yaml`` or
``args.json`` in its folder; a file ``NAME.yaml`` beside
its folder ``NAME``; such files one folder above, but not outside of what is read; what Hydra wrote for the job.
Where two of them differ, that is a problem. A file above that serves several folders is given to all of them, without
its seeds, and noted.
"""

import functools
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from sigstats.data.logs.files.settings import NAMES, NOTATIONS, same, settings_in
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.formats.hydra import FOLDER, config_of
from sigstats.data.logs.model import LogProblem, Run, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.series import listed

MARK = FOLDER
Found = tuple[dict[str, Scalar], list[LogProblem]]


class Nearby:
    """The settings near the logs below a root; each file is read once for neighbouring logs.

    Parameters
    ----------
    sources : iterable of Path
        The logs: files, or folders.
    jobs : iterable of Path
        Folders that hold a folder ``.hydra``.
    root : Path
        The folder that is read.
    """

    def __init__(self, sources: Iterable[Path], jobs: Iterable[Path], root: Path) -> None:
        self._sources = frozenset(sources)
        self._jobs = frozenset(jobs)
        self._root = root
        self._known: dict[Path, Found] = {}
        self._used: set[Path] = set()
        self._folder = functools.lru_cache(maxsize=32)(self._read_folder)

    @functools.cached_property
    def _folders_below(self) -> Counter[Path]:
        """How many folders with logs there are below each folder."""
        folders = {each if each.is_dir() else each.parent for each in self._sources}
        return Counter(folder.parent for folder in folders)

    def with_settings(self, run: Run, source: Path, *, jobs_only: bool = False) -> Run:
        """Return a run with the settings near its log; with those of its job only, if the log holds several runs."""
        layers = [] if jobs_only else self._layers(source)
        config = dict(run.config)
        problems = list(run.problems)
        for found, noted in layers:
            problems += [replace(problem, run=run.name) for problem in noted]
            differing = [key for key in found if key in config and not same(config[key], found[key])]
            if differing:
                problems.append(_differs(run.name, differing, config, found))
            config = {**found, **config}
        job, noted = self._job(source)
        problems += [replace(problem, run=run.name) for problem in noted]
        if len(problems) == len(run.problems) and len(config) == len(run.config) and not job:
            return run
        return replace(run, config={**job, **config}, problems=tuple(problems))

    def _layers(self, source: Path) -> list[Found]:
        """Return the settings in files near a log, the nearest first."""
        is_folder = source.is_dir()
        home = source if is_folder else source.parent
        layers = [] if is_folder else [self._own_file(source)]
        layers.append(self._folder(home))
        if home != self._root:
            layers.append(self._beside(home))
        if home != self._root and home.parent.is_relative_to(self._root):
            layers.append(self._above(home.parent))
        return layers

    def _own_file(self, source: Path) -> Found:
        """Return the settings in ``NAME.json`` or ``NAME.yaml`` beside ``NAME.csv``."""
        names = _names(source.parent)
        for ending in NOTATIONS[:-1]:
            path = source.with_suffix(ending)
            if path.name in names and path != source and path not in self._sources and path.name not in NAMES:
                recorder = RunRecorder(run="", format="")
                return settings_in(recorder, path), recorder.problems
        return {}, []

    def _beside(self, home: Path) -> Found:
        """Return the settings in ``NAME.json`` or ``NAME.yaml`` beside the folder ``NAME`` of a log."""
        names = _names(home.parent)
        for ending in NOTATIONS[:-1]:
            path = home.parent / f"{home.name}{ending}"
            if path.name in names and path not in self._sources and path.name not in NAMES:
                recorder = RunRecorder(run="", format="")
                return settings_in(recorder, path), recorder.problems
        return {}, []

    def _read_folder(self, folder: Path) -> Found:
        """Return the settings in the files of a folder, and what is odd about them."""
        recorder = RunRecorder(run="", format="")
        config: dict[str, Scalar] = {}
        present = _names(folder)
        for name in (each for each in NAMES if each in present):
            if folder / name in self._sources:
                continue
            found = settings_in(recorder, folder / name)
            differing = [key for key in found if key in config and not same(config[key], found[key])]
            if differing:
                recorder.problems.append(_differs(name, differing, config, found))
            config = {**found, **config}
        return config, recorder.problems

    def _above(self, folder: Path) -> Found:
        """Return the settings one folder above; those of several folders lack their seeds."""
        found, problems = self._folder(folder)
        n_folders = self._folders_below[folder]
        if not found or n_folders < 2:
            return found, problems
        seeds = [key for key in found if "seed" in key.lower()]
        apart = f" except {listed(seeds)}, which cannot be that of all" if seeds else ""
        shared = LogProblem(
            code="SHARED_SETTINGS",
            run="",
            message=f"the settings in {name_below(folder, self._root)} lie above {n_folders} folders with logs",
            done=f"given to all of them{apart}",
        )
        return {key: value for key, value in found.items() if key not in seeds}, [*problems, shared]

    def _job(self, source: Path) -> Found:
        """Return what Hydra wrote for the job of a log."""
        if not self._jobs:
            return {}, []
        folder = next((each for each in (source, *source.parents) if each in self._jobs), None)
        if folder is None:
            return {}, []
        self._used.add(folder)
        if folder not in self._known:
            self._known[folder] = config_of(folder)
        return self._known[folder]

    def without_runs(self) -> Iterator[LogProblem]:
        """Yield a problem for each job without a run."""
        for folder in sorted(self._jobs - self._used):
            yield LogProblem(
                code="NO_METRICS",
                run=name_below(folder, self._root),
                message="the job has settings but no metrics, as after a crash",
                done="it is not a run",
            )


def _differs(run: str, keys: list[str], config: dict[str, Scalar], other: dict[str, Scalar]) -> LogProblem:
    first = keys[0]
    return LogProblem(
        code="SETTINGS_DIFFER",
        run=run,
        message=f"files near the log differ in {listed(keys)}: {first} is {config[first]!r} and {other[first]!r}",
        done=f"{config[first]!r} is used, which is nearer to the log",
    )


def _names(folder: Path) -> frozenset[str]:
    try:
        return _listed(folder, folder.stat().st_mtime_ns)
    except OSError:
        return frozenset()


@functools.lru_cache(maxsize=16)
def _listed(folder: Path, changed: int) -> frozenset[str]:
    """Return the files in a folder, links left out; they are listed again when it changed."""
    del changed
    with os.scandir(folder) as entries:
        return frozenset(each.name for each in entries if each.is_file(follow_symlinks=False))
