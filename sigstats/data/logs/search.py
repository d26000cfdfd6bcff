"""Find the sources of runs in a folder, and read them one after the other.

The content of a folder never raises an error: a source that cannot be read becomes a problem. One run is in memory at
a time, or a few dozen if small sources are read together and ahead.
"""

import itertools
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path

from sigstats.data.logs.folders import Walk, name_below
from sigstats.data.logs.model import Format, LogError, LogProblem, Run
from sigstats.data.logs.nearby import MARK
from sigstats.data.logs.unread import Unread
from sigstats.data.parallel import n_processes, on_processors
from sigstats.data.places import is_folder, mode_of
from sigstats.errors import OptionError

MAX_SOURCES = 200_000
THREADS = min(4, os.cpu_count() or 1)
AHEAD = 2 * THREADS  # batches
BATCH = 16  # sources
WINDOW = 4  # batches that a process reads ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """A file or folder that holds runs of a format."""

    path: Path  # its place
    format: Format  # the format of its runs


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSources:
    """The sources in a folder."""

    root: Path  # the folder that was searched, or the folder of the file
    sources: tuple[LogSource, ...] = field(repr=False)  # in the order of their paths
    problems: tuple[LogProblem, ...] = field(repr=False)  # what was skipped
    unread: Unread = field(repr=False)  # what no format took
    wanted: str = "auto"  # the format that was asked for
    jobs: tuple[Path, ...] = field(default=(), repr=False)  # folders for which a launcher wrote settings


def search(path: Path, formats: tuple[Format, ...]) -> FoundSources:
    """Find the sources at and below a path."""
    if mode_of(path) is None:
        raise OptionError(f"`path` is {os.fspath(path)!r}; this file or folder does not exist.")
    alone = not is_folder(path)
    root = path.parent if alone else path
    walk = Walk(root=root)
    names = iter([(root, (path.name,))]) if alone else walk.folders()
    sources: list[LogSource] = []
    problems: list[LogProblem] = []
    owned: set[Path] = set()
    unread = Unread(root=root)
    jobs = [root] if alone and (root / MARK).is_dir() else []
    for folder, entries in names:
        below = folder in owned or folder.parent in owned
        if below:
            owned.add(folder)
        if MARK in entries:
            jobs.append(folder)
        found, passed, left = _in_folder(folder, entries, formats, below=below and len(formats) > 1)
        for source in found:
            _take(source, folder, walk, owned)
        sources += found
        unread.look_at(folder, entries, left, walk.below)
        problems += [_passed_over(name_below(folder, root), *each) for each in passed]
        if len(sources) > MAX_SOURCES:
            raise OptionError(
                f"`path` holds more than {MAX_SOURCES} logs. Choose a folder inside it, or a format."
            )
    problems += _problems_of_walk(walk)
    all_formats = len(formats) > 1
    if all_formats or not sources:
        problems += unread.problems(anything_found=bool(sources))
    return FoundSources(
        root=root,
        sources=tuple(sources),
        problems=tuple(problems),
        unread=unread,
        wanted="auto" if all_formats else formats[0].name,
        jobs=tuple(jobs),
    )


def _take(source: LogSource, folder: Path, walk: Walk, owned: set[Path]) -> None:
    """Note the folders that belong to a source."""
    if source.path == folder or source.format.owner:
        owned.add(folder)
    if source.path != folder:
        walk.closed.add(source.path)


def _in_folder(
    folder: Path, names: tuple[str, ...], formats: tuple[Format, ...], *, below: bool
) -> tuple[list[LogSource], list[tuple[str, int]], tuple[str, ...]]:
    """Return the sources in one folder, how many of a fallback format were skipped, and what no format took."""
    found: list[LogSource] = []
    passed: list[tuple[str, int]] = []
    skipped: set[str] = set()
    left = names
    for each in formats:
        if not left:
            break
        paths = list(each.find(folder, left))
        if each.fallback and paths and len(formats) > 1 and (below or _has_specific(found)):
            passed.append((each.name, len(paths)))
            skipped |= {path.name for path in paths}
            continue
        found += [LogSource(path=path, format=each) for path in paths]
        taken = {path.name for path in paths}
        if paths and each.belongs is not None:
            taken |= {name for name in left if each.belongs(name)}
        left = () if folder in paths else tuple(name for name in left if name not in taken)
    again = [source for source in found if source.format.repeats]
    if again and len(formats) > 1 and 2 * len(again) <= len(found):
        found = [source for source in found if not source.format.repeats]
        passed.append((again[0].format.name, len(again)))
    return found, passed, tuple(name for name in left if name not in skipped)


def _has_specific(found: list[LogSource]) -> bool:
    return any(not source.format.fallback for source in found)


def _passed_over(folder: str, name: str, count: int) -> LogProblem:
    files = "1 file that could be a log" if count == 1 else f"{count} files that could be logs"
    return LogProblem(
        code="PASSED_OVER",
        run=folder,
        message=f"{files} of the format {name!r} are in the folder of another format",
        done=f"not read; pass format={name!r} to read them",
    )


def _problems_of_walk(walk: Walk) -> list[LogProblem]:
    """Return the problems of walking through folders."""
    problems = []
    if walk.links:
        first = name_below(walk.links[0], walk.root)
        what = f"{len(walk.links)} symbolic links, the first is {first!r}"
        problems.append(LogProblem(code="LINKS", run=walk.root.name, message=what, done="not followed"))
    problems += [
        LogProblem(
            code="UNREADABLE",
            run=name_below(folder, walk.root),
            message=f"cannot be listed: {why}",
            done="skipped",
        )
        for folder, why in walk.unreadable
    ]
    if walk.cut:
        what = f"{len(walk.cut)} folders are too deep or hold too much, such as {name_below(walk.cut[0], walk.root)!r}"
        problems.append(LogProblem(code="TOO_MUCH", run=walk.root.name, message=what, done="not read"))
    return problems


def runs_of(source: LogSource, root: Path) -> Iterator[Run | LogProblem]:
    """Yield the runs in a source, and a problem if reading fails."""
    name = name_below(source.path, root)
    try:
        yield from source.format.read(source.path, root)
    except LogError as error:
        yield _problem_of(error, source, root)
    except Exception as error:  # noqa: BLE001 - a broken log must not stop the other runs from being read
        what = (
            f"the reader of {source.format.name} logs failed with {type(error).__name__}: {str(error)[:200]}"
        )
        yield LogProblem(code="READER_FAILED", run=name, message=what, done="not read")


Reading = Iterator[tuple[LogSource, Iterable[Run | LogProblem]]]


def read_ahead(sources: Sequence[LogSource], root: Path, n_jobs: int = 1) -> Reading:
    """Yield each source with its runs, in order, read by so many processes; the answer is the same for any number."""
    count = n_processes(n_jobs, len(sources))
    return _by_processes(sources, root, count) if count > 1 else _by_threads(sources, root)


def _by_processes(sources: Sequence[LogSource], root: Path, count: int) -> Reading:
    """Yield each source with its runs; if a process dies, the other sources are read here."""
    size = max(1, min(BATCH, len(sources) // (4 * count)))
    stretch = WINDOW * count * size
    windows = [sources[start : start + stretch] for start in range(0, len(sources), stretch)]
    here = Path.cwd()  # a process may have started elsewhere
    with ThreadPoolExecutor(max_workers=1) as beside:  # the next window is read while one is used

        def started(place: int) -> Future[list[list[Run | LogProblem]]] | None:
            if place == len(windows):
                return None
            window = [replace(source, path=here / source.path) for source in windows[place]]
            return beside.submit(_read_window, window, here / root, count, size)

        coming = started(0)
        for place, window in enumerate(windows):
            try:
                results = coming.result() if coming else []
            except BrokenProcessPool:
                yield from _by_threads(sources[place * stretch :], root)
                return
            coming = started(place + 1)
            yield from zip(window, results, strict=True)


def _read_window(
    sources: Sequence[LogSource], root: Path, count: int, size: int
) -> list[list[Run | LogProblem]]:
    """Return what each of several sources holds, as several processes read them."""
    batches = [sources[start : start + size] for start in range(0, len(sources), size)]
    found = on_processors(_read_sources, batches, root, n_jobs=count)
    return [results for batch in found for results in batch]


def _read_sources(sources: Sequence[LogSource], root: Path) -> list[list[Run | LogProblem]]:
    """Return what each of several sources of any format holds."""
    found: list[list[Run | LogProblem]] = []
    for batch in _batches(sources):
        many = batch[0].format.read_many is not None
        found += _read_batch(batch, root) if many else [list(runs_of(batch[0], root))]
    return found


def _by_threads(sources: Sequence[LogSource], root: Path) -> Reading:
    """Yield each source with its runs; several are read at once and ahead, if the format allows."""
    waiting: deque[tuple[Sequence[LogSource], Future[list[list[Run | LogProblem]]] | None]] = deque()
    coming = _batches(sources)
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        try:
            while True:
                for batch in itertools.islice(coming, AHEAD - len(waiting)):
                    many = batch[0].format.read_many is not None
                    waiting.append((batch, pool.submit(_read_batch, batch, root) if many else None))
                if not waiting:
                    return
                batch, job = waiting.popleft()
                results = [runs_of(batch[0], root)] if job is None else job.result()
                yield from zip(batch, results, strict=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _batches(sources: Sequence[LogSource]) -> Iterator[Sequence[LogSource]]:
    """Yield neighbouring sources together if their format reads several at once, all others alone."""
    start = 0
    while start < len(sources):
        own = sources[start].format
        stop = start + 1
        while own.read_many and stop < min(start + BATCH, len(sources)) and sources[stop].format is own:
            stop += 1
        yield sources[start:stop]
        start = stop


def _read_batch(batch: Sequence[LogSource], root: Path) -> list[list[Run | LogProblem]]:
    """Return the run or the problem of each source; if reading them together fails, they are read alone."""
    read_many = batch[0].format.read_many
    try:
        found = read_many([source.path for source in batch], root) if read_many else []
    except Exception:  # noqa: BLE001 - each source is then read alone
        found = []
    if len(found) != len(batch):
        return [list(runs_of(source, root)) for source in batch]
    return [
        [_problem_of(each, source, root) if isinstance(each, LogError) else each]
        for each, source in zip(found, batch, strict=True)
    ]


def _problem_of(error: LogError, source: LogSource, root: Path) -> LogProblem:
    return LogProblem(
        code=error.code, run=name_below(source.path, root), message=error.message, done="not read"
    )
