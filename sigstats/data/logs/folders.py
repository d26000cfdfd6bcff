"""Folders of logs: walked without following links; files are opened without waiting or writing.

A folder of logs can be anything: other people's, half written, huge or hostile. Symbolic links are not followed, the
depth and the number of entries are bounded, and only regular files are opened, read-only, up to a size.
"""

import contextlib
import errno
import os
import stat
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sigstats.data.logs.model import LogError

__all__ = ["Walk", "name_below", "open_file", "read_bytes"]

MAX_DEPTH = 24
MAX_ENTRIES = 1_000_000
MAX_BYTES = 2**30
SKIPPED = frozenset({".git", ".svn", ".hg", ".dvc", "__pycache__", "node_modules", ".ipynb_checkpoints"})


@dataclass(slots=True, kw_only=True)
class Walk:
    """The folders at and below a root, and what was skipped."""

    root: Path  # where to start
    max_depth: int = MAX_DEPTH  # how deep below the root folders are entered, at least 0
    max_entries: int = MAX_ENTRIES  # how many entries of folders are looked at in total
    # folders that must not be entered; the caller adds to it while walking
    closed: set[Path] = field(default_factory=set)
    links: list[Path] = field(default_factory=list)  # symbolic links, none of which was followed
    unreadable: list[tuple[Path, str]] = field(
        default_factory=list
    )  # folders that could not be listed, and why
    cut: list[Path] = field(
        default_factory=list
    )  # folders that are too deep, or that come after too many entries
    below: frozenset[str] = frozenset()  # which of the names that were yielded last are folders

    def folders(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """Yield each folder with the sorted names of its files and sub-folders; a parent before its children."""
        stack = [(self.root, 0)]
        left = self.max_entries
        while stack:
            folder, depth = stack.pop()
            if folder in self.closed:
                continue
            if depth > self.max_depth or left <= 0:
                self.cut.append(folder)
                continue
            names, children = self._entries(folder, left)
            left -= len(names)
            self.below = frozenset(children)
            yield folder, names
            stack += [(folder / name, depth + 1) for name in reversed(children)]

    def _entries(self, folder: Path, most: int) -> tuple[tuple[str, ...], list[str]]:
        """Return the names in a folder, and those that are folders, both sorted."""
        names: list[str] = []
        children: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if len(names) >= most:
                        self.cut.append(folder)
                        break
                    self._sort_in(entry, names, children)
            if names and not os.access(folder, os.X_OK):  # its names are known, and nothing else
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            self.unreadable.append((folder, error.strerror or str(error)))
            return (), []
        return tuple(sorted(names)), sorted(children)

    def _sort_in(self, entry: os.DirEntry[str], names: list[str], children: list[str]) -> None:
        if entry.is_symlink():
            self.links.append(Path(entry.path))
            return
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and entry.name in SKIPPED:
            return
        names.append(entry.name)
        if is_folder:
            children.append(entry.name)


def name_below(path: Path, root: Path) -> str:
    """Return a path below a root as text with ``/``; the root itself goes by its own name."""
    try:
        name = path.relative_to(root).as_posix()
    except ValueError:
        name = path.name
    name = name if name.isascii() else os.fsencode(name).decode("utf-8", "replace")
    return name if name not in ("", ".") else (root.name or root.resolve().name or ".")


@contextlib.contextmanager
def open_file(path: Path, max_bytes: int = MAX_BYTES) -> Iterator[BinaryIO]:
    """Open a regular file for reading; never waits, never follows a link, never writes."""
    flags = os.O_RDONLY
    for flag in ("O_NONBLOCK", "O_BINARY", "O_NOFOLLOW", "O_CLOEXEC"):
        flags |= getattr(os, flag, 0)
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LogError("UNREADABLE", f"cannot be read: {reason}") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise LogError("NOT_A_FILE", "is not a regular file")
    with open(descriptor, "rb") as handle:  # noqa: PTH123 - a descriptor, not a path
        if status.st_size > max_bytes:
            raise LogError("TOO_LARGE", f"has {status.st_size} bytes, more than {max_bytes}")
        yield handle


def as_utf8(data: bytes) -> bytes:
    """Return text in UTF-16, as a mark in front of it tells, in UTF-8; all else as it is."""
    return (
        data.decode("utf-16", "replace").encode() if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else data
    )


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of a regular file."""
    with open_file(path, max_bytes) as handle:
        try:
            return as_utf8(handle.read(max_bytes + 1))
        except OSError as error:
            raise LogError("UNREADABLE", f"cannot be read: {error.strerror or error}") from None
