"""Databases are read as they stand, and nothing in or beside them changes or runs."""

import contextlib
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from sigstats.data.logs.files import sqlite
from sigstats.data.logs.files.sqlite import opened, table_names
from sigstats.data.logs.model import LogError

SAMPLES = Path(__file__).parents[1] / "samples"
STUDY = SAMPLES / "optuna" / "generated" / "study.db"


def state(folder):
    """Return names, times and contents of the files in a folder."""
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.iterdir())}


def made(path, *statements):
    with contextlib.closing(sqlite3.connect(path)) as database:
        for each in statements:
            database.execute(each)
        database.commit()
    return path


def rows(path, table, *columns):
    with opened(path) as database:
        return list(database.rows(table, *columns))


def test_reading_leaves_nothing_behind(tmp_path):
    for path in (STUDY, SAMPLES / "trackio" / "sweep.db", SAMPLES / "trackio" / "sweep.db-wal"):
        shutil.copy(path, tmp_path)
    before = state(tmp_path)
    with opened(tmp_path / "study.db") as database:
        assert list(database.rows("studies", "study_name"))
    with opened(tmp_path / "sweep.db") as database:
        assert list(database.rows("metrics", "run_name"))
    assert state(tmp_path) == before


def test_a_folder_that_cannot_be_written_is_read(tmp_path):
    shutil.copy(STUDY, tmp_path)
    (tmp_path / "study.db").chmod(stat.S_IRUSR)
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert rows(tmp_path / "study.db", "studies", "study_name") == [("one",), ("both",)]
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_the_write_ahead_log_is_read_too():
    path = SAMPLES / "trackio" / "sweep.db"
    names = [name for (name,) in rows(path, "configs", "run_id")]
    assert names == ["id-a", "id-b", "id-again"]


def test_without_its_log_a_database_holds_less(tmp_path):
    shutil.copy(SAMPLES / "trackio" / "sweep.db", tmp_path)
    assert len(rows(tmp_path / "sweep.db", "configs", "run_id")) == 2


def test_a_transaction_that_was_not_finished_is_undone_in_a_copy(tmp_path):
    path = made(tmp_path / "x.db", "CREATE TABLE runs (number INTEGER)", "INSERT INTO runs VALUES (1)")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA cache_spill = ON")
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("BEGIN")
    writer.execute("UPDATE runs SET number = 2")
    writer.execute("CREATE TABLE filler (text TEXT)")
    writer.executemany("INSERT INTO filler VALUES (?)", [("x" * 4000,)] * 50)
    killed = tmp_path / "killed"
    killed.mkdir()
    for each in ("x.db", "x.db-journal"):
        shutil.copy(tmp_path / each, killed)
    writer.close()
    before = state(killed)
    assert rows(killed / "x.db", "runs", "number") == [(1,)]
    assert state(killed) == before


def test_a_journal_over_several_databases_is_refused(tmp_path):
    made(tmp_path / "x.db", "CREATE TABLE runs (number INTEGER)")
    (tmp_path / "x.db-journal").write_bytes(b"x" * 100 + bytes.fromhex("d9d505f920a163d7"))
    with pytest.raises(LogError, match="BUSY"):
        rows(tmp_path / "x.db", "runs", "number")


def test_views_and_virtual_tables_are_no_tables(tmp_path):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS number FROM n"
    path = made(tmp_path / "x.db", "CREATE TABLE plain (a INTEGER)", f"CREATE VIEW runs AS {endless}")
    assert table_names(path) == {"plain"}
    assert rows(path, "runs", "number") == []


def test_triggers_do_not_fire(tmp_path):
    path = made(
        tmp_path / "x.db",
        "CREATE TABLE runs (number INTEGER)",
        "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END",
    )
    assert rows(path, "runs", "number") == []


def test_a_generated_column_is_not_computed(tmp_path):
    path = made(
        tmp_path / "x.db",
        "CREATE TABLE runs (number INTEGER, big TEXT GENERATED ALWAYS AS (hex(zeroblob(number))) VIRTUAL)",
        "INSERT INTO runs (number) VALUES (100000)",
    )
    assert rows(path, "runs", "number", "big") == [(100_000, None)]


@pytest.mark.long
def test_reading_that_takes_too_long_is_stopped(tmp_path):
    path = made(
        tmp_path / "x.db",
        "CREATE TABLE runs (number INTEGER)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400000) INSERT INTO runs SELECT i FROM n",
    )
    with pytest.raises(LogError, match="TOO_SLOW"), opened(path, seconds=0.01) as database:
        list(database.rows("runs", "number"))


def test_a_column_that_does_not_exist_is_none(tmp_path):
    path = made(tmp_path / "x.db", 'CREATE TABLE "a ""b" (x INTEGER)', 'INSERT INTO "a ""b" VALUES (7)')
    assert rows(path, 'a "b', "x", "y") == [(7, None)]


def test_text_that_is_no_utf8_is_text(tmp_path):
    path = made(
        tmp_path / "x.db", "CREATE TABLE runs (name TEXT)", "INSERT INTO runs VALUES (CAST(X'FF41' AS TEXT))"
    )
    assert rows(path, "runs", "name") == [("\\xffA",)]


@pytest.mark.parametrize("data", [b"", b"hello", b"SQLite format 3\0" + b"\xff" * 2000])
def test_what_is_no_database_is_an_error(tmp_path, data):
    path = tmp_path / "x.db"
    path.write_bytes(data)
    assert table_names(path) == set()
    with pytest.raises(LogError, match=r"NOT_A_DATABASE|CORRUPT"), opened(path):
        pass


@pytest.mark.long
def test_a_damaged_database_is_rows_or_an_error(tmp_path):
    data = STUDY.read_bytes()
    path = tmp_path / "x.db"
    for place in range(16, len(data), 401):
        flipped = bytearray(data)
        flipped[place] ^= 0xFF
        path.write_bytes(flipped)
        with contextlib.suppress(LogError), opened(path, seconds=2.0) as database:
            for table in database.tables:
                list(database.rows(table, *database.tables[table]))
    for length in range(0, len(data), 1733):
        path.write_bytes(data[:length])
        with contextlib.suppress(LogError), opened(path, seconds=2.0) as database:
            list(database.rows("trials", "trial_id"))


def test_names_of_tables_are_read_again_when_a_file_changes(tmp_path):
    path = made(tmp_path / "x.db", "CREATE TABLE one (a INTEGER)")
    assert table_names(path) == {"one"}
    made(path, "CREATE TABLE two (a INTEGER)", "CREATE TABLE three (a INTEGER)")
    assert table_names(path) == {"one", "two", "three"}
    assert sqlite.table_names(tmp_path / "missing.db") == set()
