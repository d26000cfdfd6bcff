"""MLflow stores: what MlflowClient reads, and what it refuses."""

import contextlib
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from sigstats.data.logs.formats.mlflow import FORMAT
from sigstats.data.logs.model import LogError

SAMPLES = Path(__file__).parents[1] / "samples" / "mlflow"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
STATES = {"FINISHED": "finished", "FAILED": "failed", "RUNNING": "unfinished"}


def read(folder, root=None):
    """Return the runs in a folder and in the folders right below it, as a walk finds them."""
    root = root or folder
    sources = list(FORMAT.find(folder, tuple(sorted(each.name for each in folder.iterdir()))))
    runs = [run for source in sources for run in FORMAT.read(source, root)]
    for below in sorted(each for each in folder.iterdir() if each.is_dir() and each not in sources):
        runs += read(below, root)
    return runs


def as_text(value):
    return str(float(value)) if isinstance(value, int | float) else value


@pytest.mark.parametrize("store", ["database", "store"])
def test_runs_are_those_of_the_client(store):
    runs = {run.name.rsplit("/", 1)[-1]: run for run in read(SAMPLES / store)}
    gone = {name for name, run in runs.items() if [p.code for p in run.problems] == ["DELETED"]}
    assert set(runs) - gone == set(EXPECTED[store])
    for name, expected in EXPECTED[store].items():
        run = runs[name]
        assert run.state == STATES[expected["status"]]
        assert run.config["mlflow.experiment"] == expected["experiment"]
        for key, text in expected["params"].items():
            assert as_text(run.config[key]) in (text, as_text(float(text)) if _is_number(text) else text)
        assert set(run.series) == set(expected["metrics"])
        for metric, history in expected["metrics"].items():
            last = {step: value for _, step, value in sorted(history, key=lambda row: row[0])}
            assert dict(
                zip(run.series[metric].steps, run.series[metric].values, strict=True)
            ) == pytest.approx(
                {k: math.inf * np.sign(v) if abs(v) > 1.79e308 else v for k, v in last.items()}, nan_ok=True
            )


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_nan_and_infinity_are_numbers_again():
    run = next(run for run in read(SAMPLES / "database") if run.config.get("mlflow.name") == "seed 1")
    assert np.isnan(run.series["val/acc"].values).tolist() == [False, True, False]
    assert run.series["big"].values.tolist() == [math.inf, -math.inf]
    assert {problem.code for problem in run.problems} == {"NOT_FINITE", "DUPLICATE_STEP"}
    assert run.series["twice"].values.tolist() == [2.0]


def test_a_nested_run_names_its_parent():
    runs = {run.config["mlflow.name"]: run for run in read(SAMPLES / "database") if run.series}
    parents = {run.name.rsplit("/", 1)[1] for run in read(SAMPLES / "database")}
    assert runs["seed 0"].config["mlflow.parent"] == runs["seed 1"].config["mlflow.parent"]
    assert runs["seed 0"].config["mlflow.parent"] in parents
    assert (runs["seed 0"].config["lr"], runs["seed 0"].config["tags.team"]) == (0.001, "a")


def test_deleted_runs_and_experiments_are_told_and_not_read():
    gone = [run for run in read(SAMPLES / "database") if [p.code for p in run.problems] == ["DELETED"]]
    assert len(gone) == 2
    assert all(not run.series for run in gone)


def store(folder, lines, *, meta="status: 3\nlifecycle_stage: active\nname: 'it''s'\n"):
    run = folder / "mlruns" / "0" / "abc"
    (run / "metrics" / "train").mkdir(parents=True)
    (run / "params").mkdir()
    (run.parent / "meta.yaml").write_text("experiment_id: '0'\nname: Default\n")
    (run / "meta.yaml").write_text(meta)
    (run / "metrics" / "train" / "loss").write_bytes(lines)
    return folder


def test_metrics_with_slashes_lie_in_sub_folders(tmp_path):
    (run,) = read(store(tmp_path, b"1 0.5 0\n2 nan 1\n3 0.25 2 data digest\n"))
    assert run.name == "mlruns/0/abc"
    assert set(run.series) == {"train/loss"}
    assert run.series["train/loss"].steps.tolist() == [0, 1, 2]


def test_values_that_were_logged_without_a_step_are_kept_by_their_position(tmp_path):
    (run,) = read(store(tmp_path, b"1 0.5\n2 0.25\n3 0.125 0\n"))
    assert run.series["train/loss"].steps.tolist() == [0, 1, 2]
    assert run.series["train/loss"].values.tolist() == [0.5, 0.25, 0.125]
    assert [problem.code for problem in run.problems] == ["NO_STEPS"]


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    (run,) = read(store(tmp_path, b"1 0.5 0\n2 0.25 1\n3 0.12"))
    assert run.series["train/loss"].values.tolist() == [0.5, 0.25]
    assert [problem.code for problem in run.problems] == ["TRUNCATED"]


def test_lines_of_another_form_are_told(tmp_path):
    (run,) = read(store(tmp_path, b"hello\n1 0.5 0\n\n2 word 1\n3 0.5 word\n\xff\xfe 1 2 3\n"))
    assert run.series["train/loss"].values.tolist() == [0.5]
    assert {problem.code for problem in run.problems} == {"BAD_LINE", "NOT_A_NUMBER", "NO_STEP"}


@pytest.mark.parametrize("meta", ["", "\x00\xff", "status: [1, 2\n", "status: 99\n"])
def test_a_meta_file_that_says_nothing_leaves_the_state_open(tmp_path, meta):
    (run,) = read(store(tmp_path, b"1 0.5 0\n", meta=meta))
    assert run.state == "unknown"
    assert run.series["train/loss"].values.tolist() == [0.5]


def test_a_run_that_was_asked_for_itself_is_read():
    folder = SAMPLES / "store" / "mlruns" / "18" / "10cac6c252254a3e9adde3004e611a59"
    (run,) = read(folder)
    assert run.name == folder.name
    assert run.series["init_cash"].values.tolist() == [1000.0]


@pytest.mark.long
def test_a_damaged_database_is_an_error_or_runs(tmp_path):
    data = (SAMPLES / "database" / "mlflow.db").read_bytes()
    said = {str(run.series) for run in read(SAMPLES / "database")}
    assert said
    for place in range(100, len(data), 1999):
        flipped = bytearray(data)
        flipped[place] ^= 0x10
        (tmp_path / "mlflow.db").write_bytes(flipped)
        with contextlib.suppress(LogError):
            assert all(run.format == "mlflow" for run in read(tmp_path))


def test_reading_writes_nothing(tmp_path):
    shutil.copytree(SAMPLES, tmp_path / "copy")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "copy").rglob("*")}
    read(tmp_path / "copy")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "copy").rglob("*")} == before
