"""From what the caller names to the bytes of files: paths, patterns and open files, never pipes or devices."""

import contextlib
import functools
import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from sigstats.data.memory import need_stated, too_little
from sigstats.data.readers.model import Content, refused, too_large
from sigstats.errors import OptionError, Problem, TableError, did_you_mean

MAX_FILES = 10_000


def contents(path: object, max_bytes: int) -> Iterator[Content]:
    """Yield the content of each file that the caller names."""
    if hasattr(path, "read"):
        yield _from_handle(path, max_bytes)
        return
    paths = files_named(path)
    for each, (name, label) in zip(paths, _told_apart(paths), strict=True):
        with _opened(each, max_bytes) as (handle, size):
            with need_stated(functools.partial(_need, name, size)):
                data = handle.read(size)
            yield Content(name=name, data=data, label=label)


def _need(name: str, size: int) -> Problem:
    """Return the problem of a file that cannot be loaded; as a table it needs more."""
    return too_little(
        f"loading {name!r} alone", size, "Filter or aggregate it first, for instance with duckdb."
    )


def _told_apart(paths: list[Path]) -> list[tuple[str, str]]:
    """Return for each file its path from where the paths part, and that without the end that all share."""
    parts = [each.parts for each in paths]
    shortest = min(map(len, parts)) - 1
    start = next((n for n in range(shortest) if len({each[n] for each in parts}) > 1), shortest)
    left = [each[start:] for each in parts]
    shortest = min(map(len, left)) - 1
    end = next((n for n in range(shortest) if len({each[-1 - n] for each in left}) > 1), shortest)
    end = end if len(paths) > 1 else 0
    return [("/".join(each), "/".join(each[: len(each) - end])) for each in left]


def is_pattern(path: object) -> bool:
    """Return whether a path is a pattern that stands for several files."""
    if not isinstance(path, str | os.PathLike):
        return False
    text = os.fspath(path)
    return isinstance(text, str) and glob.has_magic(text) and not os.path.lexists(_expanded(text))


def _expanded(text: str) -> str:
    return str(Path(text).expanduser()) if text.startswith("~") else text


def files_named(path: object) -> list[Path]:
    """Return the files that a path or a pattern stands for."""
    if not isinstance(path, str | os.PathLike):
        raise OptionError(
            f"`path` is of type {type(path).__name__!r}; it must be text, a path or an open file."
        )
    text = os.fspath(path)
    if not isinstance(text, str) or "\x00" in text or not text:
        raise OptionError(f"`path` is {text!r}; it must be the name of a file.")
    try:
        text = _expanded(text)
    except RuntimeError:
        raise refused(
            "NO_FILE", f"the home directory in {text!r} is not known", "Write the whole path."
        ) from None
    if not is_pattern(text):
        return [Path(text)]
    found = sorted(each for each in map(Path, glob.glob(text, recursive=True)) if not each.is_dir())  # noqa: PTH207
    if not found:
        raise refused("NO_FILE", f"no file matches {text!r}", "Check the pattern, and where it starts from.")
    if len(found) > MAX_FILES:
        raise refused(
            "TOO_MANY_FILES", f"{len(found)} files match {text!r}", f"At most {MAX_FILES} are read."
        )
    return found


def _from_handle(handle: Any, max_bytes: int) -> Content:  # noqa: ANN401 - any open file
    """Return what is left in an open file, which stays open."""
    name = getattr(handle, "name", None)
    name = Path(name).name if isinstance(name, str) and name else "the open file"
    try:
        data = handle.read(max_bytes + 1)
    except (OSError, ValueError, TypeError) as error:
        raise refused(
            "UNREADABLE_FILE", f"{name!r} cannot be read: {error}", "Open it for reading."
        ) from None
    if isinstance(data, str):
        try:
            data = data.encode()
        except UnicodeEncodeError as error:
            raise refused(
                "NOT_UTF8", f"{name!r} is not whole text: {error}", "Open it in binary mode."
            ) from None
    if not isinstance(data, bytes | bytearray | memoryview):
        raise OptionError(
            f"`path` has a method read, which gave {type(data).__name__!r} and not bytes or text."
        )
    if len(data) > max_bytes:
        raise too_large(name, "has more bytes", max_bytes)
    return Content(name=name, data=bytes(data))


@contextlib.contextmanager
def _opened(path: Path, max_bytes: int) -> Iterator[tuple[BinaryIO, int]]:
    """Open a regular file without waiting, and give its size at that moment."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb") as handle:  # noqa: PTH123 - a descriptor, not a path
            yield handle, _checked_size(path, os.fstat(handle.fileno()), max_bytes)
    except FileNotFoundError:
        raise refused("NO_FILE", f"the file {str(path)!r} does not exist", _near_files(path)) from None
    except IsADirectoryError:
        raise _not_regular(path) from None
    except OSError as error:
        if isinstance(error, TableError):
            raise
        reason = error.strerror or str(error)
        message = f"{str(path)!r} cannot be read: {reason}"
        raise refused("UNREADABLE_FILE", message, "Check its permissions.") from error


def _checked_size(path: Path, status: os.stat_result, max_bytes: int) -> int:
    """Return the size of a regular file, or refuse it."""
    if not stat.S_ISREG(status.st_mode):
        raise _not_regular(path)
    if status.st_size > max_bytes:
        raise too_large(path.name, f"has {status.st_size} bytes, more", max_bytes)
    return status.st_size


def _not_regular(path: Path) -> TableError:
    """Return the error for a directory, a pipe or a device."""
    message = f"{str(path)!r} is not a regular file but a directory, a pipe or a device"
    return refused(
        "NOT_A_FILE", message, "Give the path of a file with a table; read_runs reads folders of logs."
    )


def _near_files(path: Path) -> str:
    """Return a hint at files with a similar name."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return "Check the path."
    return did_you_mean(path.name, names) or "Check the path."
