"""One function applied to many tasks, on several processors if asked, with a progress bar."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sigstats.data.progress import progress

BLOCK = 16  # tasks that are handed to a process at a time


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
        for done in _results(function, blocks, shared, n_jobs):
            found += done
            advance()
    return found


def _results(
    function: Callable[..., Any], blocks: Sequence[Sequence[Any]], shared: tuple[object, ...], n_jobs: int
) -> Iterator[list[Any]]:
    if n_jobs == 1 or len(blocks) < 2:
        yield from (_of_block(function, block, shared) for block in blocks)
        return
    import joblib

    parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    yield from parallel(joblib.delayed(_of_block)(function, block, shared) for block in blocks)


def _of_block(function: Callable[..., Any], block: Sequence[Any], shared: tuple[object, ...]) -> list[Any]:
    return [function(task, *shared) for task in block]
