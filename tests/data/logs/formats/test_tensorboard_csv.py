"""Downloads from the website of TensorBoard."""

from pathlib import Path

from sigstats import read_runs

SAMPLE = Path(__file__).parents[1] / "samples" / "tensorboard_csv"
HEAD = "Wall time,Step,Value\n"


def test_the_files_of_a_run_are_put_together():
    runs = read_runs(SAMPLE)
    assert [(run.name, sorted(run.series)) for run in runs.each()] == [
        ("a", ["train_loss", "val_acc"]),
        ("b", ["train_loss", "val_acc"]),
    ]
    (first, _) = runs.each()
    assert first.series["val_acc"].steps.tolist() == [0, 1, 2, 3, 4]
    assert first.series["val_acc"].values.tolist() == [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]


def test_a_file_of_another_name_is_a_run_of_its_own(tmp_path):
    (tmp_path / "seed1.csv").write_text(HEAD + "1.5,10,0.5\n")
    (tmp_path / "other.csv").write_text("step,loss\n1,2\n")
    names = {run.name: list(run.series) for run in read_runs(tmp_path).each()}
    assert names["seed1"] == ["Value"]


def test_as_many_points_as_the_website_keeps_are_told_to_be_a_sample(tmp_path):
    (tmp_path / "run-a-tag-b.csv").write_text(HEAD + "".join(f"1,{n},0\n" for n in range(1000)))
    (run,) = read_runs(tmp_path).each()
    assert [problem.code for problem in run.problems] == ["MAYBE_SAMPLED"]


def test_two_files_of_one_metric_are_told(tmp_path):
    (tmp_path / "run-a-tag-b.csv").write_text(HEAD + "1,1,1\n")
    (tmp_path / "run-a-tag-b (1).csv").write_text(HEAD + "1,1,2\n")
    (run,) = read_runs(tmp_path).each()
    assert [problem.code for problem in run.problems] == ["SAME_NAME"]
