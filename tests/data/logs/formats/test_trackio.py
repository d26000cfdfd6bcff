"""Trackio projects: what Trackio itself reads, its write-ahead log included."""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from sigstats.data.logs.formats.trackio import FORMAT
from sigstats.data.logs.model import LogError

SAMPLES = Path(__file__).parents[1] / "samples" / "trackio"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
NAMES = {"id-a": "sweep.db/a/id-a", "id-again": "sweep.db/a/id-again", "id-b": "sweep.db/b"}


def read(folder):
    names = tuple(sorted(each.name for each in folder.iterdir()))
    return {run.name: run for source in FORMAT.find(folder, names) for run in FORMAT.read(source, folder)}


def test_runs_are_those_of_trackio_and_bear_their_id_where_names_repeat():
    runs = read(SAMPLES)
    assert set(runs) == set(NAMES.values())
    for number, name in NAMES.items():
        logs = EXPECTED[number]["logs"]
        run = runs[name]
        assert run.series["loss"].steps.tolist() == [row["step"] for row in logs]
        assert list(map(repr, run.series["loss"].values.tolist())) == [
            repr(float(row["loss"])) for row in logs
        ]
        assert run.config["seed"] == EXPECTED[number]["config"]["seed"]
    assert runs[NAMES["id-b"]].series["eval.acc"].values.tolist() == [k / 10 for k in range(10)]
    assert runs[NAMES["id-b"]].config == {"seed": 2, "opt.lr": 0.001}


def test_a_database_without_run_ids_is_read(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "old.db")) as database:
        database.executescript("""
            CREATE TABLE metrics (id INTEGER, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT);
            CREATE TABLE configs (id INTEGER, run_name TEXT, config TEXT);
            INSERT INTO metrics VALUES (1, '', 'a', 0, '{"loss": "NaN"}'), (2, '', 'a', 1, '{"loss": 0.5}');
            INSERT INTO metrics VALUES (3, '', 'a', 2, 'no json');
            INSERT INTO configs VALUES (1, 'a', '{"lr": 0.1}');
        """)
    (run,) = read(tmp_path).values()
    assert run.name == "old.db/a"
    assert list(map(repr, run.series["loss"].values.tolist())) == ["nan", "0.5"]
    assert run.config == {"lr": 0.1}
    assert {problem.code for problem in run.problems} == {"BAD_ROW", "NOT_FINITE"}


@pytest.mark.long
def test_a_damaged_database_or_log_is_an_error_or_runs(tmp_path):
    whole = read(SAMPLES)
    for name in ("sweep.db", "sweep.db-wal"):
        data = (SAMPLES / name).read_bytes()
        for place in range(0, len(data), 1999):
            for each in ("sweep.db", "sweep.db-wal"):
                shutil.copy(SAMPLES / each, tmp_path)
            flipped = bytearray(data)
            flipped[place] ^= 0x10
            (tmp_path / name).write_bytes(flipped)
            with contextlib.suppress(LogError):
                assert len(read(tmp_path)) <= len(whole) + 3


def test_an_empty_file_is_not_a_project(tmp_path):
    (tmp_path / "sweep.db").write_bytes(b"")
    assert read(tmp_path) == {}
    with pytest.raises(LogError, match="NOT_A_DATABASE"):
        list(FORMAT.read(tmp_path / "sweep.db", tmp_path))
