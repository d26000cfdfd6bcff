"""Run folders of Weights & Biases without their ``.wandb`` file."""

import shutil
from pathlib import Path

from sigstats import read_runs

SAMPLES = Path(__file__).parents[1] / "samples"


def test_the_last_values_stand_at_the_last_step_and_the_loss_of_the_course_is_told():
    runs = read_runs(SAMPLES / "wandb_files")
    old, first, second = runs.each()
    assert first.name == "run-20260101_101010-abc0"
    assert first.series["val/acc"].steps.tolist() == [100]
    assert (first.config, second.config["seed"]) == ({"lr": 0.1, "seed": 0}, 1)
    assert "fig.height" not in first.series
    assert [problem.code for problem in first.problems] == ["SUMMARY_ONLY"]
    assert old.problems == ()


def test_the_history_of_older_versions_is_read():
    old = next(read_runs(SAMPLES / "wandb_files").each())
    assert old.series["loss"].values.tolist() == [1.0, 0.9, 0.8]
    assert old.series["best"].values.tolist() == [0.7]


def test_a_run_whose_own_file_is_there_is_read_from_that(tmp_path):
    shutil.copytree(SAMPLES / "wandb", tmp_path / "x", ignore=shutil.ignore_patterns("expected.json"))
    names = [source.path.parent for source in read_runs(tmp_path, format="wandb").sources]
    for folder in names:
        (folder / "files").mkdir(exist_ok=True)
        (folder / "files" / "wandb-summary.json").write_text('{"_step": 1, "loss": 2}')
    assert {source.format.name for source in read_runs(tmp_path).sources} == {"wandb"}
