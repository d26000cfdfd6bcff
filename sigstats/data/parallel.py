"""One function applied to many tasks, on several processors if asked, with a progress bar."""

import functools
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sigstats.data.progress import progress
from sigstats.errors import WorkerError

BLOCK = 16  # tasks that are handed to a process at a time
OWN = "LokyProcess"  # how joblib calls the processes that it starts itself, on this machine
WATCH = 1.0  # seconds between two looks at whether somebody still waits
_WATCHED: set[int] = set()


def parallel_map(
    function: Callable[..., Any],
    tasks: Sequence[Any],
    *shared: object,
    n_jobs: int,
    label: str,
    block: int = BLOCK,
) -> list[Any]:
    """Return ``function(task, *shared)`` for every task, in order, whatever the number of processes."""
    blocks = [tasks[start : start + block] for start in range(0, len(tasks), block)]
    found: list[Any] = []
    with progress(label, len(blocks)) as advance:
        for done in _results(function, blocks, shared, n_jobs, label):
            found += done
            advance()
    return found


def n_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def n_processes(n_jobs: int, n_tasks: int) -> int:
    """Return how many processes serve: no more than there are tasks or processors; -1 is all processors."""
    there = n_processors()
    wanted = n_jobs if n_jobs > 0 else there + 1 + n_jobs
    return max(1, min(wanted, there, n_tasks))


def _results(
    function: Callable[..., Any],
    blocks: Sequence[Sequence[Any]],
    shared: tuple[object, ...],
    n_jobs: int,
    label: str,
) -> Iterator[list[Any]]:
    count = n_processes(n_jobs, len(blocks))
    if count == 1:
        yield from (_of_block(function, block, shared) for block in blocks)
    else:
        from concurrent.futures.process import BrokenProcessPool

        try:
            yield from on_processors(functools.partial(_of_block, function), blocks, shared, n_jobs=count)
        except BrokenProcessPool:
            raise WorkerError(
                f"one of {count} processes was ended before its part of the work ({label!r}) was done, as a system "
                "does when memory is short; there is no answer. Use fewer processes: n_jobs=1, or --jobs 1 in a shell."
            ) from None


def on_processors(
    function: Callable[..., Any], tasks: Iterable[Any], *shared: object, n_jobs: int
) -> Iterator[Any]:
    """Yield ``function(task, *shared)`` for every task, in order, as other processes return it."""
    import joblib

    parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    yield from parallel(joblib.delayed(_watched)(os.getpid(), function, task, *shared) for task in tasks)


def _watched(parent: int, function: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - as the function
    """Call a function; where this is a process of its own, it shall not outlive the one that waits for it."""
    own = multiprocessing.current_process().name.startswith(OWN)
    if own and parent not in _WATCHED:  # also where that one has gone already
        _WATCHED.add(parent)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    return function(*arguments)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH)
    os._exit(1)


def _of_block(function: Callable[..., Any], block: Sequence[Any], shared: tuple[object, ...]) -> list[Any]:
    return [function(task, *shared) for task in block]
