"""A progress bar on standard error, for work that takes long."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 2.0  # seconds before a bar is shown


@dataclass(slots=True, eq=False)
class _Task:
    """One thing that is being done; its line is known once the bar is shown."""

    label: str
    total: int | None
    done: int = 0
    line: "TaskID | None" = None


class _Display:
    """The bar of the outermost work: a line for it, and one for each work within it.

    It is made when the time of patience is over, so that quick work never waits for it.
    """

    def __init__(self) -> None:
        self._tasks: list[_Task] = []
        self._bar: Progress | None = None
        self._lock = threading.Lock()

    def show(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        with self._lock:
            # Standard output belongs to the answer.
            self._bar = Progress(console=Console(stderr=True), transient=True, redirect_stdout=False)
            for task in self._tasks:
                self._draw(task)
            self._bar.start()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, label: str, total: int | None) -> _Task:
        task = _Task(label, total)
        with self._lock:
            self._tasks.append(task)
            self._draw(task)
        return task

    def advance(self, task: _Task) -> None:
        with self._lock:
            task.done += 1
            if self._bar is not None and task.line is not None:
                self._bar.advance(task.line)

    def end(self, task: _Task) -> None:
        with self._lock:
            self._tasks.remove(task)
            if self._bar is not None and task.line is not None:
                self._bar.remove_task(task.line)

    def _draw(self, task: _Task) -> None:
        if self._bar is not None:
            task.line = self._bar.add_task(task.label, total=task.total, completed=task.done)


_SHOWN = threading.local()


@contextlib.contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Show progress, if the work takes long and standard error is a terminal; work within work has a line below.

    A total of None means that nobody can say how much there is to do.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    outer: _Display | None = getattr(_SHOWN, "display", None)
    with contextlib.nullcontext(outer) if outer is not None else _shown() as display:
        task = display.begin(label, total)
        try:
            yield lambda: display.advance(task)
        finally:
            display.end(task)


@contextlib.contextmanager
def _shown() -> Iterator[_Display]:
    """Show a display after the time of patience, until the work is done."""
    _SHOWN.display = display = _Display()
    timer = threading.Timer(PATIENCE, display.show)
    timer.daemon = True
    timer.start()
    try:
        yield display
    finally:
        timer.cancel()
        timer.join()
        display.close()
        _SHOWN.display = None
