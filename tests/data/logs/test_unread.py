"""What was not read is counted and named, and a folder without runs says so."""

from pathlib import Path

import pytest

from sigstats import read_runs
from sigstats.errors import OptionError

CASES = Path(__file__).parent / "cases"


def told(runs, code):
    return [problem for problem in runs.problems if problem.code == code]


def put(folder, *names, content=b"x"):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a/results.json", "no known format"),
        ("a/train.log.gz", "packed"),
        ("runs.zip", "packed"),
        ("a.npz", "arrays"),
        ("a.xlsx", "spreadsheets"),
        ("history.pkl", "run code"),
        ("notes/out.txt", "no known format"),
    ],
)
def test_a_file_that_could_be_a_log_is_named_with_the_reason(tmp_path, name, why):
    put(tmp_path, name)
    runs = read_runs(tmp_path)
    (problem,) = told(runs, "NOT_READ")
    assert why in problem.message
    assert name in problem.message
    assert len(told(runs, "NO_RUNS")) == 1


def test_files_of_one_kind_are_counted_together(tmp_path):
    put(tmp_path, *(f"{n}/x.json" for n in range(30)), "b.txt")
    (problem,) = told(read_runs(tmp_path), "NOT_READ")
    assert "31 files" in problem.message
    assert "30 .json such as '0/x.json', 1 .txt such as 'b.txt'" in problem.message


def test_a_folder_of_something_else_says_what_it_holds(tmp_path):
    put(tmp_path, "model.pt", "a/b.png", "a/c.png")
    (problem,) = read_runs(tmp_path).problems
    assert problem.code == "NO_RUNS"
    assert "3 files (2 .png, 1 .pt) in 2 folders" in problem.message


def test_beside_runs_only_what_could_be_a_log_is_named(tmp_path):
    put(tmp_path, "a.csv", content=b"step,loss\n1,2\n2,1\n")
    put(tmp_path, "config.yaml", content=b"seed: 1\n")
    put(tmp_path, "requirements.txt", "model.pt", "README.md", "plot.png")
    assert not read_runs(tmp_path).problems
    put(tmp_path, "b.pkl")
    assert [problem.code for problem in read_runs(tmp_path).problems] == ["NOT_READ"]


def test_a_format_that_was_asked_for_and_is_not_there_is_told(tmp_path):
    put(tmp_path, "a.csv", content=b"step,loss\n1,2\n")
    (_, problem) = read_runs(tmp_path, format="tensorboard").problems
    assert "leave out format='tensorboard'" in problem.done
    assert len(read_runs(tmp_path).outlines) == 1


def test_a_log_that_cannot_be_read_leaves_no_silence(tmp_path):
    put(tmp_path, "a.csv", content=b"")
    assert [problem.code for problem in read_runs(tmp_path).problems] == ["EMPTY", "NO_RUNS"]


def test_a_sweep_of_nothing_says_what_was_seen(tmp_path):
    put(tmp_path, "a.png")
    with pytest.raises(OptionError, match=r"1 file \(1 \.png\) in 1 folder"):
        read_runs(tmp_path).sweep(knob="step", metric="loss")


def test_a_folder_of_many_formats_leaves_no_file_unmentioned():
    runs = read_runs(CASES / "unrecognised_silent" / "input")
    (problem,) = told(runs, "NOT_READ")
    assert "2 .json such as 'nested.json'" in problem.message
    assert "sigstats.read_sweep" in problem.done
    assert len(runs.outlines) == 15


PRINTED = b"step 1: loss 2\nstep 2: loss 1\n"


def test_what_a_script_printed_beside_its_table_is_no_second_run(tmp_path):
    for seed in "01":
        put(tmp_path, f"s{seed}/log.csv", content=b"step,loss\n1,2\n2,1\n")
        put(tmp_path, f"s{seed}/train.log", content=PRINTED)
    runs = read_runs(tmp_path)
    assert [each.name for each in runs.outlines] == ["s0/log", "s1/log"]
    assert len(told(runs, "PASSED_OVER")) == 2
    assert len(read_runs(tmp_path, format="stdout").outlines) == 2


def test_printed_logs_are_read_beside_a_table_that_sums_them_up(tmp_path):
    put(tmp_path, "s0.log", "s1.log", "s2.log", content=PRINTED)
    put(tmp_path, "summary.csv", content=b"seed,acc\n0,1\n1,2\n")
    runs = read_runs(tmp_path)
    assert [each.name for each in runs.outlines] == ["s0.log", "s1.log", "s2.log"]
    assert len(told(runs, "TABLE_OF_RESULTS")) == 1
