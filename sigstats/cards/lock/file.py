"""The file of a lock: ``card.toml.lock`` beside ``card.toml``, one line of JSON for each entry.

It is written whole or not at all, and two processes that add to it wait for each other.
"""

import contextlib
import os
import shlex
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from sigstats.cards.lock.canonical import written
from sigstats.cards.lock.chain import MOST_BYTES, Chain, parse
from sigstats.cards.lock.entries import Entry, record_of
from sigstats.errors import CardError, OutputError
from sigstats.report.files import write_report

ENDING = ".lock"


def lock_path(card: Path) -> Path:
    """Return where the lock of a card is."""
    return card.with_name(card.name + ENDING)


def read_lock(path: Path) -> tuple[Chain, bytes] | None:
    """Return the lines of a lock and its bytes, None where there is no lock."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CardError(f"the lock {str(path)!r} is not a regular file. Move it away.")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CardError(
            f"the lock {str(path)!r} cannot be read: {error.strerror}. Make it readable."
        ) from error
    if len(content) > MOST_BYTES:
        raise CardError(f"the lock {str(path)!r} is larger than 50 MB; no lock is. Move it away.")
    return parse(content), content


def create(path: Path, entry: Entry) -> Chain:
    """Write the first line of a lock; a file that exists is kept."""
    refuse_existing(path)
    content = _line(entry)
    _write(path, content, overwrite=False)
    return parse(content.encode())


def refuse_existing(path: Path) -> None:
    """Raise if there is a lock already."""
    if os.path.lexists(path):
        raise CardError(
            f"the lock {str(path)!r} exists already; a lock is never replaced. Declare a change of the card with: "
            f"sigstats amend {shlex.quote(path.name.removesuffix(ENDING))} --why REASON"
        )


def append(path: Path, make: Callable[[Chain], Entry | None]) -> Chain:
    """Add the line that `make` returns for the lines that are there, if it returns one; a broken lock is left alone."""
    with _alone(path):
        found = read_lock(path)
        if found is None:
            raise OutputError(f"the lock {str(path)!r} has gone. Restore it.")
        chain, content = found
        entry = None if chain.breaks else make(chain)
        if entry is None:
            return chain
        text = content.decode() + _line(entry)
        _write(path, text, overwrite=True)
        return parse(text.encode())


def _line(entry: Entry) -> str:
    return written(record_of(entry)) + "\n"


def _write(path: Path, text: str, *, overwrite: bool) -> None:
    """Write a lock whole, or say why not."""
    try:
        write_report(path, text, overwrite=overwrite)
    except OutputError as error:
        refused = str(error).partition("could not be written: ")[2] or str(error)
        what = getattr(error.__cause__, "strerror", None) or refused.partition(". ")[0].rstrip(".")
        raise OutputError(f"the lock {str(path)!r} could not be written: {what}.") from error


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process adds to a file; each puts a new file in its place, so look which one is there."""
    while True:
        with _opened(path) as file:
            if not _held(file):
                break
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                yield
                return
    yield


def _held(file: BinaryIO) -> bool:
    """Hold a file until it is closed; Windows cannot, and may lose one of two lines that are added at one moment."""
    try:
        import fcntl
    except ImportError:
        return False
    fcntl.flock(file, fcntl.LOCK_EX)
    return True


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise OutputError(f"the lock {str(path)!r} could not be opened: {error.strerror}.") from error
