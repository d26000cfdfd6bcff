"""A progress bar, for work that takes long: on a terminal, and below the cell of a notebook; never in a file."""

import contextlib
import html
import importlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 2.0  # seconds before a bar is shown
PAUSE = 0.2  # seconds between two drawings in a notebook

Advance = Callable[[], None]


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
def progress(label: str, total: int | None) -> Iterator[Advance]:
    """Show progress, if the work takes long and somebody is there to see it; work within work has a line below.

    A total of None means that nobody can say how much there is to do.
    """
    if in_notebook():
        with _notebook_bar(label, total) as advance:
            yield advance
        return
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


def in_notebook() -> bool:
    """Return whether the program runs in a kernel that shows HTML; one that only computes has no such front end."""
    ipython = sys.modules.get("IPython")
    shell: Any = None if ipython is None else ipython.get_ipython()
    return type(shell).__name__ in ("ZMQInteractiveShell", "Shell") and hasattr(shell, "kernel")


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


@contextlib.contextmanager
def _notebook_bar(label: str, total: int | None) -> Iterator[Advance]:
    """Draw below the cell, and leave nothing there in the end."""
    bar = _NotebookBar(label, total)
    try:
        yield bar.advance
    finally:
        bar.close()


class _NotebookBar:
    """What is shown of the work, drawn anew a few times in a second."""

    def __init__(self, label: str, total: int | None) -> None:
        self._label, self._total, self._done = html.escape(label), total, 0
        self._due = time.monotonic() + PATIENCE
        self._handle: Any = None

    def advance(self) -> None:
        self._done += 1
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + PAUSE
            self._draw()

    def close(self) -> None:
        if self._handle is not None:
            self._handle.update(_Shown(""))

    def _draw(self) -> None:
        # A notebook has loaded it.
        display: Any = importlib.import_module("IPython.display").display
        known = self._total is not None
        scale = f' value="{self._done}" max="{self._total}"' if known else ""
        done = f" {self._done} of {self._total}" if known else ""
        shown = _Shown(f"<label>{self._label} <progress{scale}></progress>{done}</label>")
        if self._handle is None:
            self._handle = display(shown, display_id=True)
        else:
            self._handle.update(shown)


class _Shown:
    """HTML for a notebook; as text it is empty."""

    def __init__(self, said: str) -> None:
        self._said = said

    def _repr_html_(self) -> str:
        return self._said

    def __repr__(self) -> str:
        return ""
