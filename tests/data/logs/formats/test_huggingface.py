"""The state of a Hugging Face Trainer: one run per output directory, from its furthest checkpoint."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.formats.huggingface import FORMAT
from sigstats.data.logs.model import LogError
from sigstats.data.logs.search import runs_of, search

SAMPLE = Path(__file__).parents[1] / "samples" / "huggingface"


def runs_in(path):
    found = search(path, (FORMAT,))
    return [run for source in found.sources for run in runs_of(source, found.root)]


def codes(run):
    return [problem.code for problem in run.problems]


def write(folder, history, **state):
    folder.mkdir(parents=True, exist_ok=True)
    told = {"log_history": history, "global_step": 30, "max_steps": 30} | state
    (folder / "trainer_state.json").write_text(json.dumps(told))


ROWS = [{"step": 10, "loss": 2.0, "epoch": 0.5}, {"step": 10, "eval_loss": 2.5, "epoch": 0.5}]


def test_an_output_directory_is_one_run_from_its_furthest_checkpoint():
    (run,) = runs_in(SAMPLE)
    told = json.loads((SAMPLE / "results" / "checkpoint-8610" / "trainer_state.json").read_text())
    train = [row for row in told["log_history"] if "loss" in row]
    evaluated = [row for row in told["log_history"] if "eval_loss" in row]
    assert run.name == "results"
    assert run.state == "finished"
    assert (len(train), len(evaluated)) == (17, 17)
    np.testing.assert_array_equal(run.series["loss"].steps, [row["step"] for row in train])
    np.testing.assert_array_equal(run.series["loss"].values, [row["loss"] for row in train])
    np.testing.assert_array_equal(run.series["eval_loss"].values, [row["eval_loss"] for row in evaluated])
    assert len(run.series["epoch"].steps) == 17
    assert run.config["max_steps"] == 8610
    assert run.config["train_batch_size"] == 4


def test_an_evaluation_that_is_missing_at_the_end_is_told():
    (run,) = runs_in(SAMPLE)
    assert codes(run) == ["NO_FINAL_EVAL"]
    assert "8500" in run.problems[0].message
    assert "8610" in run.problems[0].message


def test_a_checkpoint_that_is_asked_for_alone_is_read_alone():
    (run,) = runs_in(SAMPLE / "results" / "checkpoint-500")
    assert run.name == "checkpoint-500"
    assert run.state == "unfinished"
    assert run.series["loss"].values.tolist() == [1.4746]


def test_a_broken_checkpoint_gives_way_to_the_one_before(tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "logs")
    last = tmp_path / "logs" / "results" / "checkpoint-8610" / "trainer_state.json"
    last.write_bytes(last.read_bytes()[:3000])
    (run,) = runs_in(tmp_path / "logs")
    assert "BAD_JSON" in codes(run)
    assert run.state == "unfinished"
    assert len(run.series["loss"].steps) == 17


def test_the_state_in_the_output_directory_speaks_and_the_furthest_is_read(tmp_path):
    write(tmp_path / "out" / "checkpoint-10", ROWS[:1], global_step=10)
    write(tmp_path / "out", [*ROWS, {"step": 30, "train_runtime": 9.0, "train_loss": 1.7}])
    (run,) = runs_in(tmp_path)
    assert run.name == "out"
    assert run.state == "finished"
    assert run.series["train_loss"].values.tolist() == [1.7]
    write(
        tmp_path / "out" / "checkpoint-40", [*ROWS, {"step": 40, "loss": 1.0}], global_step=40, max_steps=90
    )
    (run,) = runs_in(tmp_path)
    assert run.state == "unfinished"
    assert run.series["loss"].steps.tolist() == [10, 40]


def test_two_trainings_in_one_folder_are_told(tmp_path):
    write(tmp_path / "checkpoint-10", [{"step": 10, "loss": 9.0}], global_step=10)
    write(tmp_path / "checkpoint-30", ROWS)
    (run,) = runs_in(tmp_path)
    assert "MIXED_RUNS" in codes(run)
    assert run.series["loss"].values.tolist() == [2.0]


def test_several_evaluation_sets_and_bare_nan_are_kept(tmp_path):
    row = {"step": 30, "eval_dev_loss": math.nan, "eval_test_loss": 1.5, "epoch": 1}
    write(tmp_path, [row], trial_params={"learning_rate": "1e-4", "layers": {"n": 2}}, trial_name="t")
    (run,) = runs_in(tmp_path)
    assert math.isnan(run.series["eval_dev_loss"].values[0])
    assert run.series["eval_test_loss"].values.tolist() == [1.5]
    assert codes(run) == ["NOT_FINITE"]
    assert run.config["learning_rate"] == 1e-4
    assert run.config["layers.n"] == 2


def test_nan_in_every_checkpoint_is_no_sign_of_two_trainings(tmp_path):
    row = {"step": 10, "loss": math.nan}
    write(tmp_path / "checkpoint-10", [row], global_step=10)
    write(tmp_path / "checkpoint-30", [row, {"step": 30, "loss": 1.0}])
    (run,) = runs_in(tmp_path)
    assert "MIXED_RUNS" not in codes(run)


def test_the_pickle_of_arguments_is_named_and_not_opened(tmp_path):
    write(tmp_path / "checkpoint-30", ROWS)
    (tmp_path / "checkpoint-30" / "training_args.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    (run,) = runs_in(tmp_path)
    assert "PICKLE_NOT_OPENED" in codes(run)


def test_an_early_stop_is_an_end(tmp_path):
    stop = {"TrainerControl": {"args": {"should_training_stop": True}}}
    write(tmp_path, ROWS, global_step=10, max_steps=90, stateful_callbacks=stop)
    (run,) = runs_in(tmp_path)
    assert run.state == "finished"


@pytest.mark.parametrize("told", ["[]", "{}", '{"log_history": 3}', "null", '{"log_history": [', ""])
def test_a_foreign_file_is_refused_with_its_reason(tmp_path, told):
    (tmp_path / "trainer_state.json").write_text(told)
    (problem,) = runs_in(tmp_path)
    assert problem.code in {"FOREIGN", "BAD_JSON"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
HISTORY = st.lists(st.dictionaries(st.sampled_from(["step", "loss", "epoch", "eval_loss"]), JSON) | JSON)


@pytest.mark.long
@given(history=HISTORY, step=JSON, control=JSON)
def test_no_history_makes_the_reader_fail(tmp_path_factory, history, step, control):
    folder = tmp_path_factory.mktemp("state")
    write(folder, history, global_step=step, stateful_callbacks=control, trial_params=control)
    try:
        (run,) = FORMAT.read(folder / "trainer_state.json", folder)
    except LogError as error:
        pytest.fail(f"refused: {error}")
    for series in run.series.values():
        assert np.isfinite(series.steps).all()
        assert (np.diff(series.steps) > 0).all()
