"""A bar on a terminal's standard error, once work takes longer than anybody likes to wait."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator

PATIENCE = 2.0  # seconds before a bar is shown


@contextlib.contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how far work has come, if it takes long and somebody is looking."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
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
