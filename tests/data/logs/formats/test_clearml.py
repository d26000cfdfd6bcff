"""Offline sessions of ClearML, as folder and as archive, against what the script that made them logged."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sigstats.data.logs.formats.clearml import FORMAT
from sigstats.data.logs.search import runs_of, search

SESSION = Path(__file__).parents[1] / "samples" / "clearml" / "session"


def runs_in(path):
    found = search(path, (FORMAT,))
    return [run for source in found.sources for run in runs_of(source, found.root)]


def codes(run):
    return [problem.code for problem in run.problems]


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(SESSION, tmp_path / "offline-1")
    return tmp_path


def test_every_value_is_the_one_that_was_logged():
    (run,) = runs_in(SESSION)
    np.testing.assert_array_equal(run.series["loss/train"].values, 1.0 / (np.arange(40) + 1))
    np.testing.assert_array_equal(run.series["loss/train"].steps, np.arange(40))
    np.testing.assert_array_equal(run.series["loss/validation"].values, 1.5 / np.array([10, 20, 30, 40]))
    np.testing.assert_array_equal(run.series["grad/norm"].values, [9 / 7, 19 / 7, 0.0, 39 / 7])
    assert (run.series["Summary/best"].steps[0], run.series["Summary/best"].values[0]) == (0, 0.0375)
    assert (run.state, run.problems) == ("unknown", ())


def test_settings_written_as_text_are_numbers():
    (run,) = runs_in(SESSION)
    assert dict(run.config) == {
        "amp": True, "lr": 0.01, "nested.dropout": 0.1, "optimizer": "adam", "seed": 3, "Model.depth": 4,
        "task_name": "lr_0.01_seed_3", "project_name": "sweep",
    }  # fmt: skip


def test_an_archive_is_read_like_its_folder_and_not_twice(copied):
    (folder,) = runs_in(copied)
    with zipfile.ZipFile(copied / "offline-1.zip", "w") as handle:
        for path in SESSION.iterdir():
            handle.write(path, path.name)
    assert [run.name for run in runs_in(copied)] == ["offline-1"]
    shutil.rmtree(copied / "offline-1")
    (packed,) = runs_in(copied)
    assert (packed.name, packed.config) == (folder.name, folder.config)
    assert {name: series.values.tolist() for name, series in packed.series.items()} == {
        name: series.values.tolist() for name, series in folder.series.items()
    }


def test_lines_that_are_cut_off_are_told(copied):
    path = copied / "offline-1" / "metrics.jsonl"
    event = {"type": "training_stats_scalar", "metric": "a", "variant": "b", "iter": 1, "value": "oops"}
    whole = path.read_bytes()
    path.write_bytes(whole + b"\n" + json.dumps([event, 3]).encode() + b"\n" + whole[:500])
    (run,) = runs_in(copied)
    assert codes(run) == ["BAD_LINE", "NOT_A_NUMBER"]
    assert len(run.series["loss/train"].steps) == 40


@pytest.mark.parametrize("told", [b"", b"[]", b"{", b'{"hyperparams": {"a": 3, "b": {"c": 4}}}'])
def test_a_session_without_settings_still_has_metrics(copied, told):
    (copied / "offline-1" / "task.json").write_bytes(told)
    (run,) = runs_in(copied)
    assert len(run.series) == 4


def test_a_status_tells_how_a_run_ended(copied):
    path = copied / "offline-1" / "task.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "failed"}))
    (run,) = runs_in(copied)
    assert run.state == "failed"
