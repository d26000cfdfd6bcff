"""Settings that a launcher wrote for the folder of a job, whatever the format of the metrics."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sigstats.data.logs.folders import name_below
from sigstats.data.logs.formats.hydra import FOLDER, config_of
from sigstats.data.logs.model import LogProblem, Run, Scalar

MARK = FOLDER


class Jobs:
    """The folders of jobs below a root; the settings of each are read once.

    Parameters
    ----------
    folders : iterable of Path
        Each holds a folder ``.hydra``.
    root : Path
        The folder that is read.
    """

    def __init__(self, folders: Iterable[Path], root: Path) -> None:
        self._folders = frozenset(folders)
        self._root = root
        self._known: dict[Path, tuple[dict[str, Scalar], list[LogProblem]]] = {}
        self._used: set[Path] = set()

    def with_settings(self, run: Run, source: Path) -> Run:
        """Return a run with the settings of its job; settings in its own log take precedence."""
        if not self._folders:
            return run
        folder = next((each for each in (source, *source.parents) if each in self._folders), None)
        if folder is None:
            return run
        self._used.add(folder)
        if folder not in self._known:
            self._known[folder] = config_of(folder)
        config, problems = self._known[folder]
        named = (replace(problem, run=run.name) for problem in problems)
        return replace(run, config={**config, **run.config}, problems=(*run.problems, *named))

    def without_runs(self) -> list[LogProblem]:
        """Return a problem for each job without a run."""
        return [
            LogProblem(
                code="NO_METRICS",
                run=name_below(folder, self._root),
                message="the job has settings but no metrics, as after a crash",
                done="it is not a run",
            )
            for folder in sorted(self._folders - self._used)
        ]
