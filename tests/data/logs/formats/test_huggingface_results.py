"""Results files of Hugging Face's example scripts."""

import shutil
from pathlib import Path

from sigstats import read_runs

SAMPLES = Path(__file__).parents[1] / "samples"


def test_numbers_are_metrics_at_no_step():
    runs = read_runs(SAMPLES / "huggingface_results", pattern=r"s(?P<seed>\d+)")
    first, _ = runs.each()
    assert first.series["eval_accuracy"].values.tolist() == [0.8]
    assert not first.series["eval_accuracy"].has_steps
    table = runs.sweep(knob="seed", metric="eval_accuracy", seed="run")
    assert table["eval_accuracy"].tolist() == [0.8, 0.81]


def test_files_that_differ_are_told(tmp_path):
    (tmp_path / "all_results.json").write_text('{"eval_loss": 1}')
    (tmp_path / "eval_results.json").write_text('{"eval_loss": 2, "eval_acc": 3}')
    (run,) = read_runs(tmp_path).each()
    assert {key: each.values.tolist() for key, each in run.series.items()} == {
        "eval_loss": [1],
        "eval_acc": [3],
    }
    assert [problem.code for problem in run.problems] == ["RESULTS_DIFFER"]


def test_beside_the_history_of_a_training_they_are_no_run(tmp_path):
    (tmp_path / "trainer_state.json").write_text(
        '{"log_history": [{"step": 1, "loss": 2}], "global_step": 1}'
    )
    (tmp_path / "all_results.json").write_text('{"train_loss": 1}')
    runs = read_runs(tmp_path)
    assert [source.format.name for source in runs.sources] == ["huggingface"]


def test_a_broken_file_is_a_problem(tmp_path):
    shutil.copytree(SAMPLES / "huggingface_results", tmp_path / "x")
    (tmp_path / "x" / "s0" / "all_results.json").write_text("{")
    first, _ = read_runs(tmp_path).each()
    assert first.series["eval_accuracy"].values.tolist() == [0.8]
    assert [problem.code for problem in first.problems] == ["BAD_JSON"]
