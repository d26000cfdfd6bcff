"""Optuna studies: what Optuna itself reads, from databases of old and new schemas and from a journal."""

import contextlib
import json
import math
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.files.optuna_stores import Journal, param
from sigstats.data.logs.formats.optuna import FORMAT
from sigstats.data.logs.model import LogError

SAMPLES = Path(__file__).parents[1] / "samples" / "optuna"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
FILES = {"journal.log": "generated", "study.db": "generated", "optuna_hparam_search.db": "guide4"}
STATES = {"COMPLETE": "finished", "PRUNED": "unfinished", "RUNNING": "unfinished", "FAIL": "failed"}


def read(folder, name=None):
    """Return the runs in a file by their name, or of all files in a folder."""
    names = (name,) if name else tuple(sorted(each.name for each in folder.iterdir()))
    return {run.name: run for source in FORMAT.find(folder, names) for run in FORMAT.read(source, folder)}


def codes(run):
    return [problem.code for problem in run.problems]


def same(found, expected):
    assert len(found) == len(expected)
    assert list(map(repr, map(float, found))) == list(map(repr, map(float, expected)))


@pytest.mark.parametrize("file", FILES)
def test_trials_are_those_of_optuna(file):
    runs = read(SAMPLES / FILES[file], file)
    trials = {f"{file}/{study}/{t['number']}": t for study, found in EXPECTED[file].items() for t in found}
    assert set(runs) == set(trials)
    for name, trial in trials.items():
        run = runs[name]
        assert run.state == STATES[trial["state"]]
        assert {key: run.config[key] for key in trial["params"]} == trial["params"]
        assert {key: run.config[key] for key in trial["user_attrs"]} == trial["user_attrs"]
        objectives = [each for each in run.series if each != "intermediate"]
        same([run.series[each].values[0] for each in objectives], trial["values"] or [])
        intermediate = [tuple(each) for each in trial["intermediate"]]
        if intermediate:
            assert run.series["intermediate"].steps.tolist() == [step for step, _ in intermediate]
            same(run.series["intermediate"].values, [value for _, value in intermediate])
        else:
            assert "intermediate" not in run.series


@pytest.mark.parametrize("file", ["journal.log", "study.db"])
def test_objectives_bear_the_names_that_the_study_gives_them(file):
    runs = read(SAMPLES / "generated", file)
    assert set(runs[f"{file}/one/0"].series) == {"intermediate", "cost"}
    assert set(runs[f"{file}/both/0"].series) == {"value_0", "value_1"}
    assert runs[f"{file}/both/0"].config["optuna.direction"] == "MINIMIZE, MAXIMIZE"
    assert runs[f"{file}/one/5"].series["cost"].values.tolist() == [math.inf]


def test_a_search_is_told_once_per_study_and_a_pruned_trial_every_time():
    runs = read(SAMPLES / "generated", "study.db")
    told = {name: codes(run) for name, run in runs.items()}
    assert [name for name, found in told.items() if "ADAPTIVE" in found] == [
        "study.db/one/0",
        "study.db/both/0",
    ]
    assert [name for name, found in told.items() if "PRUNED" in found] == ["study.db/one/3"]


def first_schema(path):
    """Make a database as Optuna 1 did: objective values in `trials`, intermediate ones in `trial_values`."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript("""
            CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name TEXT, direction VARCHAR(8));
            CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state VARCHAR(8),
                value FLOAT);
            CREATE TABLE trial_params (trial_id INTEGER, param_name TEXT, param_value FLOAT, distribution_json TEXT);
            CREATE TABLE trial_values (trial_id INTEGER, step INTEGER, value FLOAT);
            INSERT INTO studies VALUES (1, 'old', 'MINIMIZE');
            INSERT INTO trials VALUES (7, 0, 1, 'COMPLETE', 0.5);
            INSERT INTO trial_params VALUES (7, 'n', 3.0, '{"name": "IntUniformDistribution", "attributes": {}}');
            INSERT INTO trial_params VALUES (7, 'kind', 1.0,
                '{"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b"]}}');
            INSERT INTO trial_values VALUES (7, 0, 1.5), (7, 1, NULL);
        """)


def test_the_first_schema_is_read(tmp_path):
    first_schema(tmp_path / "old.db")
    (run,) = read(tmp_path).values()
    assert run.series["value"].values.tolist() == [0.5]
    assert list(map(repr, run.series["intermediate"].values.tolist())) == ["1.5", "nan"]
    assert (run.config["n"], run.config["kind"], run.config["optuna.direction"]) == (3, "b", "MINIMIZE")


def test_a_choice_that_does_not_exist_is_not_another_one():
    choices = {"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b"]}}
    assert param(1, choices) == "b"
    for index in (-1, 2, math.nan):
        with pytest.raises(ValueError, match="not among the choices"):
            param(index, choices)


def test_a_grid_is_a_designed_sweep(tmp_path):
    lines = [
        {"op_code": 0, "worker_id": "w", "study_name": "s", "directions": [1]},
        {
            "op_code": 4,
            "worker_id": "w",
            "study_id": 0,
            "datetime_start": None,
            "system_attrs": {"grid_id": 0},
        },
        {"op_code": 6, "worker_id": "w", "trial_id": 0, "state": 1, "values": [0.5]},
        {"op_code": 6, "worker_id": "w", "trial_id": 0, "state": 3, "values": [9.0]},
    ]
    (tmp_path / "a.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (run,) = read(tmp_path).values()
    assert run.problems == ()
    assert (run.state, run.series["value"].values.tolist()) == ("finished", [0.5])


def test_a_journal_that_was_cut_off_gives_what_was_written_before(tmp_path):
    data = (SAMPLES / "generated" / "journal.log").read_bytes()
    whole = read(SAMPLES / "generated", "journal.log")
    for length in range(300, len(data), 977):
        (tmp_path / "journal.log").write_bytes(data[:length])
        for name, run in read(tmp_path).items():
            for metric, series in run.series.items():
                full = whole[name].series[metric]
                same(series.values, full.values[: len(series.values)])
                assert series.steps.tolist() == full.steps.tolist()[: len(series.steps)]


@given(st.lists(st.binary(max_size=60) | st.integers(-2, 11), max_size=6))
def test_any_lines_are_operations_or_counted(lines):
    journal = Journal()
    wild = [b'{"op_code": %d, "study_id": 0, "trial_id": -1}' % x if isinstance(x, int) else x for x in lines]
    journal.replay(b"\n".join(wild))
    assert journal.n_bad <= sum(len(line.split(b"\n")) for line in wild)


def test_other_logs_and_databases_are_left_to_others(tmp_path):
    (tmp_path / "train.log").write_text('{"step": 1, "loss": 0.5}\n')
    (tmp_path / "empty.log").write_bytes(b"")
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as database:
        database.execute("CREATE TABLE trials (a INTEGER)")
    assert read(tmp_path) == {}


@pytest.mark.long
def test_a_damaged_database_is_an_error_or_trials(tmp_path):
    data = (SAMPLES / "guide4" / "optuna_hparam_search.db").read_bytes()
    for place in range(100, len(data), 1499):
        flipped = bytearray(data)
        flipped[place] ^= 0x10
        (tmp_path / "study.db").write_bytes(flipped)
        with contextlib.suppress(LogError):
            assert all(run.format == "optuna" for run in read(tmp_path).values())
