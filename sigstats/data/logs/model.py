"""What a reader of training logs returns: one `Run` per run, whatever the format it was written in."""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Scalar = str | int | float | bool | None
RunState = Literal["finished", "failed", "unfinished", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProblem:
    """One irregularity in a training log; nothing is repaired silently.

    Attributes
    ----------
    code : str
        Short stable name in capitals, such as ``"TRUNCATED"``.
    run : str
        Name of the run, or the file's path below the folder that was read.
    metric : str or None
        The affected metric.
    message : str
        What was found.
    done : str
        What the reader did about it.
    """

    code: str
    run: str
    metric: str | None = None
    message: str
    done: str

    def __str__(self) -> str:
        """Return the problem as one line."""
        what = f"{self.run}, {self.metric}" if self.metric else self.run
        return f"{self.code} ({what}): {self.message}; {self.done}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The values of one metric in one run, in the order in which they were written.

    Attributes
    ----------
    steps : ndarray, shape (n,)
        The step of each value: what the format calls step, else its epoch, else the position in the file. A single
        NaN stands for a result that does not say its step.
    values : ndarray, shape (n,)
        The values; NaN and infinities stay as they were meant.
    """

    steps: FloatArray
    values: FloatArray

    def __post_init__(self) -> None:
        if self.steps.shape != self.values.shape or self.steps.ndim != 1:
            raise ValueError(
                f"steps {self.steps.shape} and values {self.values.shape} must have the same length"
            )

    @property
    def has_steps(self) -> bool:
        """Whether the values say their steps; a result of a whole run may not."""
        return not (self.steps.size == 1 and np.isnan(self.steps[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The scores of single items in one run.

    Attributes
    ----------
    names : tuple of str
        The item of each score; an item that was answered several times stands several times.
    values : ndarray, shape (n,)
        The scores.
    """

    names: tuple[str, ...]
    values: FloatArray


class Deferred(Mapping[str, Items]):
    """Scores of items that are only read when they are asked for.

    Parameters
    ----------
    load : callable
        Returns the scores by metric; it may raise `LogError`.
    """

    def __init__(self, load: Callable[[], Mapping[str, Items]]) -> None:
        self._load = load

    @functools.cached_property
    def _loaded(self) -> Mapping[str, Items]:
        return self._load()

    def __getitem__(self, metric: str) -> Items:
        return self._loaded[metric]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded)

    def __len__(self) -> int:
        return len(self._loaded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One training run.

    Attributes
    ----------
    name : str
        Its path below the folder that was read, with ``/``; or its name in a file of several runs.
    format : str
        Name of the format.
    series : mapping of str to Series
        By metric. Metrics may have different steps: nothing is padded.
    config : mapping of str to str, int, float, bool or None
        Flat, with dotted keys; numbers written as text are numbers.
    state : {"finished", "failed", "unfinished", "unknown"}
        How it ended, if the format records that.
    problems : tuple of LogProblem
        What was irregular.
    is_summary : bool
        Whether it sums up several runs, such as the mean of a group: it is in frames, but never in a sweep table.
    items : mapping of str to Items
        Scores of single items (questions, samples), by metric.
    """

    name: str
    format: str
    series: Mapping[str, Series] = field(repr=False)
    config: Mapping[str, Scalar] = field(default_factory=dict, repr=False)
    state: RunState = "unknown"
    problems: tuple[LogProblem, ...] = field(default=(), repr=False)
    is_summary: bool = False
    items: Mapping[str, Items] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of training logs: how its runs are found in a folder, and how they are read."""

    name: str  # what format= takes
    title: str  # the name in words, for tables
    # find(folder, names): given a folder and the names of its files and sub-folders (sorted, links left
    # out), the files or sub-folders that hold runs of this format, one entry per source; empty when
    # there are none. It looks at names, and opens a file only when its name could mean several formats.
    # A file that is returned is taken; a sub-folder is taken whole and not entered; the folder itself
    # means that all its files are taken, while its sub-folders are still looked at. What is taken is
    # not shown to the formats that come later
    find: Callable[[Path, tuple[str, ...]], Iterable[Path]]
    # read(source, root): the runs in one source that `find` returned, one after the other. A broken
    # source gives runs with problems, or raises `LogError`; it never hangs and never writes
    read: Callable[[Path, Path], Iterable[Run]]
    # for the table in the documentation: who writes it, what is read, what is not
    written_by: str = ""
    reads: str = ""
    leaves: str = ""
    # whether files of this kind may be companions of another format's logs, such as the CSV beside
    # event files: it is then only looked for in folders in which no other format found anything, nor in
    # a folder above that was itself a source
    fallback: bool = False
    # whether such files repeat what other logs of their folder say, as printed text does: they are then not read where
    # other formats found at least as many sources in the folder
    repeats: bool = False
    # whether a file that is a source speaks for its folder and those below, like the folder itself
    owner: bool = False
    # whether a source can hold several runs, so that the settings in files beside it are not theirs
    many: bool = False
    # whether a file belongs to the sources of its folder, such as scores of single items beside results; it is then
    # not shown to the formats that come later
    belongs: Callable[[str], bool] | None = None
    # read_many(sources, root): for formats of one run per source, the same for several sources at once,
    # and safe in threads: the run of each, or the `LogError` that `read` would raise
    read_many: Callable[[Sequence[Path], Path], Sequence["Run | LogError"]] | None = None


class LogError(Exception):
    """A source without a readable run; `read_runs` reports it as a problem of that source."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")
