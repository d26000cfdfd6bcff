"""SQLite databases of trackers, opened so that nothing is written and nothing in them is executed.

A database is opened read-only and immutable: no ``-wal`` or ``-shm`` file is made beside it, no lock is taken. Where a
write-ahead log or a rollback journal lies beside it, the database alone would be outdated or half written; then
database and log are copied into a temporary folder, and the copy is read. Only tables are read, never views or virtual
tables; triggers do not fire on reading. A query that takes too long is stopped.
"""

import contextlib
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sigstats.data.logs.folders import open_file
from sigstats.data.logs.model import LogError

MAGIC = b"SQLite format 3\0"
ENDINGS = (".db", ".sqlite", ".sqlite3", ".db3")
COMPANIONS = ("-wal", "-journal")
SECONDS = 60.0
MAX_FILE = 1 << 38
MAX_VALUE = 1 << 26
MAX_COPY = 1 << 32

_OPCODES = 50_000
_COPIES = 3
_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Database:
    """An open database."""

    connection: sqlite3.Connection  # read-only
    tables: dict[str, frozenset[str]]  # the columns of each table

    def rows(self, table: str, *columns: str) -> Iterator[Row]:
        """Yield the rows of a table, in the order in which they were inserted."""
        known = self.tables.get(table)
        if known is None:
            return
        wanted = ", ".join(_quoted(name) if name in known else "NULL" for name in columns)
        yield from self.connection.execute(f"SELECT {wanted} FROM {_quoted(table)} NOT INDEXED")  # noqa: S608 - quoted names


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def is_candidate(name: str) -> bool:
    """Return whether the name of a file is that of a database."""
    return name.lower().endswith(ENDINGS)


def table_names(path: Path) -> frozenset[str]:
    """Return the tables of a database."""
    try:
        status = path.stat()
        extra = tuple(_size(path, companion) for companion in COMPANIONS)
    except OSError:
        return frozenset()
    return _table_names(path, (status.st_mtime_ns, status.st_size, *extra))


@lru_cache(maxsize=64)
def _table_names(path: Path, state: tuple[int, ...]) -> frozenset[str]:  # noqa: ARG001 - the key of the cache
    try:
        with opened(path) as database:
            return frozenset(database.tables)
    except LogError:
        return frozenset()


def _size(path: Path, companion: str) -> int:
    beside = path.with_name(path.name + companion)
    return beside.stat().st_size if beside.is_file() and not beside.is_symlink() else 0


@contextlib.contextmanager
def opened(path: Path, seconds: float = SECONDS) -> Iterator[Database]:
    """Open a database for reading."""
    with open_file(path, MAX_FILE) as stream:
        head = stream.read(len(MAGIC))
    if head != MAGIC and not (head == b"" and _size(path, "-wal")):
        raise LogError("NOT_A_DATABASE", "is not an SQLite database")
    with contextlib.ExitStack() as stack:
        copied = any(_size(path, companion) for companion in COMPANIONS)
        if copied:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sigstats-"))
            path = _copy(path, Path(folder))
        deadline = time.monotonic() + seconds
        try:
            uri = f"{path.absolute().as_uri()}?{'mode=rw' if copied else 'mode=ro&immutable=1'}"
            connection = stack.enter_context(contextlib.closing(sqlite3.connect(uri, uri=True, timeout=1.0)))
            _protect(connection)
            connection.set_progress_handler(lambda: time.monotonic() > deadline, _OPCODES)
            yield Database(connection, _tables(connection))
        except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError) as error:
            if time.monotonic() > deadline:
                raise LogError("TOO_SLOW", f"takes more than {seconds:g} s to read") from None
            raise LogError("CORRUPT", f"is a damaged database: {error}") from None


def _copy(path: Path, folder: Path) -> Path:
    """Return a copy of a database with its log; taken again if it was written to meanwhile."""
    copy = folder / "copy.db"
    for _ in range(_COPIES):
        before = _state(path)
        if sum(size for size, _ in before) > MAX_COPY:
            raise LogError("TOO_LARGE", "has a log file and is too large to be copied")
        for companion in ("", *COMPANIONS):
            source = path.with_name(path.name + companion)
            target = copy.with_name(copy.name + companion)
            target.unlink(missing_ok=True)
            if companion and not _size(path, companion):
                continue
            with open_file(source, MAX_FILE) as stream, target.open("wb") as written:
                shutil.copyfileobj(stream, written)
            if companion == "-journal":
                _refuse_super_journal(target)
        if _state(path) == before:
            return copy
    raise LogError("BUSY", "is being written to; read it when the run has ended, or read a copy")


def _refuse_super_journal(journal: Path) -> None:
    """Refuse a journal that belongs to several databases: SQLite would look for, and may remove, files it names."""
    if journal.read_bytes().endswith(_SUPER_JOURNAL):
        raise LogError("BUSY", "has an unfinished transaction over several databases")


def _state(path: Path) -> list[tuple[int, int]]:
    """Return sizes and times of a database and its companions."""
    found = []
    for companion in ("", *COMPANIONS):
        try:
            status = path.with_name(path.name + companion).stat()
            found.append((status.st_size, status.st_mtime_ns))
        except OSError:
            found.append((0, 0))
    return found


def _protect(connection: sqlite3.Connection) -> None:
    """Forbid writing and functions in the schema, and bound what one value may take."""
    connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    for pragma in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")


def _tables(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """Return the ordinary tables with their columns; generated columns and virtual tables are left out."""
    found = {}
    for name, statement in connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    ).fetchall():
        if (
            isinstance(name, str)
            and isinstance(statement, str)
            and not statement.upper().startswith("CREATE VIRTUAL")
        ):
            columns = connection.execute(f"PRAGMA table_xinfo({_quoted(name)})").fetchall()
            found[name] = frozenset(str(column[1]) for column in columns if column[6] == 0)
    return found
