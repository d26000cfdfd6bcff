"""Tables of Spinning Up."""

from pathlib import Path

from sigstats import read_runs

SAMPLE = Path(__file__).parents[1] / "samples" / "spinning_up"


def test_columns_are_metrics_along_the_interactions_and_the_seed_is_found():
    runs = read_runs(SAMPLE)
    assert runs.config["seed"].tolist() == [0, 10]
    (first, _) = runs.each()
    assert first.series["AverageEpRet"].steps.tolist() == [4000, 8000, 12000, 16000]
    assert first.series["AverageEpRet"].values.tolist() == [0, 10, 20, 30]
    assert [problem.code for problem in runs.problems] == []


def test_a_table_of_seeds_becomes_a_sweep():
    table = read_runs(SAMPLE).sweep(knob="step", metric="AverageEpRet", seed="seed")
    assert len(table) == 8


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path):
    (tmp_path / "progress.txt").write_text("Epoch\tRet\n0\t1\n1\t2\n2\t3")
    (run,) = read_runs(tmp_path).each()
    assert run.series["Ret"].values.tolist() == [1, 2]
    assert "TRUNCATED" in [problem.code for problem in run.problems]


def test_another_text_of_that_name_is_not_claimed(tmp_path):
    (tmp_path / "progress.txt").write_text("We make progress.\n")
    assert read_runs(tmp_path).sources == ()
