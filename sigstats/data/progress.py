"""A progress bar, for work that takes long: on a terminal, and below the cell of a notebook; never in a file."""

import contextlib
import html
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

PATIENCE = 2.0  # seconds before a bar is shown
PAUSE = 0.2  # seconds between two drawings in a notebook

Advance = Callable[[], None]


@contextlib.contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """Show progress, if the work takes long and somebody is there to see it."""
    if in_notebook():
        with _notebook_bar(label, total) as advance:
            yield advance
    elif sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
    else:
        with _terminal_bar(label, total) as advance:
            yield advance


def in_notebook() -> bool:
    """Return whether the program runs in a kernel that shows HTML; one that only computes has no such front end."""
    ipython = sys.modules.get("IPython")
    shell: Any = None if ipython is None else ipython.get_ipython()
    return type(shell).__name__ in ("ZMQInteractiveShell", "Shell") and hasattr(shell, "kernel")


@contextlib.contextmanager
def _terminal_bar(label: str, total: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task(label, total=total)
    timer = threading.Timer(PATIENCE, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda: bar.advance(task)
    finally:
        timer.cancel()
        timer.join()
        bar.stop()


@contextlib.contextmanager
def _notebook_bar(label: str, total: int) -> Iterator[Advance]:
    """Draw below the cell, and leave nothing there in the end."""
    bar = _NotebookBar(label, total)
    try:
        yield bar.advance
    finally:
        bar.close()


class _NotebookBar:
    """What is shown of the work, drawn anew a few times in a second."""

    def __init__(self, label: str, total: int) -> None:
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
        from IPython.display import display  # type: ignore[import-not-found,unused-ignore]

        shown = _Shown(
            f'<label>{self._label} <progress value="{self._done}" max="{self._total}"></progress> '
            f"{self._done} of {self._total}</label>"
        )
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
