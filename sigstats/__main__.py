"""``python -m sigstats`` and the command ``sigstats``: the command line, ended cleanly by signals at any time."""

import signal
import sys
from types import FrameType

INTERRUPTED = 130  # as shells have it
ENDED = 143


def run() -> int:
    """Load the command line and run it."""
    try:
        signal.signal(signal.SIGTERM, _end)
        from sigstats.cli.main import main

        return main()
    except KeyboardInterrupt:
        return INTERRUPTED


def _end(_number: int, _frame: FrameType | None) -> None:
    """End as after an answer: what was begun is taken back, and processes that help end too."""
    raise SystemExit(ENDED)


if __name__ == "__main__":
    sys.exit(run())
