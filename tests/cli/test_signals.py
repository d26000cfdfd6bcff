"""A command that is stopped ends at once, says nothing, and leaves nothing behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sigstats.__main__ as door

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")


def test_an_interrupt_while_the_command_line_is_loaded_is_quiet(monkeypatch):
    """Before there is a command that could say anything."""

    def interrupted(name, *rest, **options):
        if name == "sigstats.cli.main":
            raise KeyboardInterrupt
        return imported(name, *rest, **options)

    imported = __import__
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("builtins.__import__", interrupted)
    try:
        assert door.run() == 130
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_command_that_is_ended_cleans_up(monkeypatch):
    """The signal of `kill` is an exit, so that what was begun is taken back."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("sigstats.cli.main.app", lambda **_: signal.raise_signal(signal.SIGTERM))
    try:
        assert door.run() == 143
    finally:
        signal.signal(signal.SIGTERM, before)


PARENT = """
import sys, time
from sigstats.data.parallel import parallel_map
def slow(path):
    import os, pathlib, time
    pathlib.Path(path).write_text(str(os.getpid()))
    time.sleep(60)
parallel_map(slow, sys.argv[1:], n_jobs=2, block=1, label="slow")
"""


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_the_one_that_waits_for_it(number, tmp_path):
    """However that one ends, and while its processes are at work."""
    places = [tmp_path / "0", tmp_path / "1"]
    program = [sys.executable, "-c", PARENT, *map(str, places)]
    waiting = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert comes_true(lambda: all(place.exists() and place.read_text() for place in places))
    waiting.send_signal(number)
    waiting.communicate(timeout=60)  # until nobody holds its output open
    assert comes_true(lambda: not any(map(is_alive, places)))


def comes_true(asked):
    """Ask again and again, for a minute."""
    for _ in range(600):
        if asked():
            return True
        time.sleep(0.1)
    return False


def is_alive(place):
    """Return whether a process runs; one that ended may still be listed where nobody asks for its exit code."""
    number = int(place.read_text())
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    listed = Path(f"/proc/{number}/stat")
    with contextlib.suppress(OSError):
        return listed.read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in {"Z", "X"}
    return True
