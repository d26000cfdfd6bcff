"""Plain tables: every file is a run."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.files import number_table, text_table
from sigstats.data.logs.files.number_table import read_numbers
from sigstats.data.logs.files.text_table import as_table
from sigstats.data.logs.formats import plain
from sigstats.data.logs.formats.plain import FORMAT, read_plain
from sigstats.data.logs.model import LogError
from sigstats.data.logs.recording import RunRecorder

SAMPLE = Path(__file__).parents[1] / "samples" / "plain"


def run_of(folder, name, content):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (run,) = read_plain(path, folder)
    return run


def courses(run):
    return {key: (each.steps.tolist(), each.values.tolist()) for key, each in run.series.items()}


def recorder():
    return RunRecorder(run="a", format="plain")


def codes(run):
    return [each.code for each in run.problems]


def test_columns_of_numbers_become_metrics_along_the_step(tmp_path):
    run = run_of(tmp_path, "a.csv", "loss,step,name\n0.5,10,x\n0.25,20,x\n")
    assert courses(run) == {"loss": ([10, 20], [0.5, 0.25])}
    assert run.config == {"name": "x"}
    assert (run.name, run.format, codes(run)) == ("a", "plain", [])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Epoch,Step", "Step"),
        ("epoch,loss", "epoch"),
        ("global_step,epoch", "global_step"),
        ("epoch,trainer/global_step", "trainer/global_step"),
    ],
)
def test_the_step_is_the_first_column_of_a_known_name(tmp_path, header, expected):
    run = run_of(tmp_path, "a.csv", f"{header},acc\n1,2,3\n4,5,6\n")
    place = header.split(",").index(expected)
    assert run.series["acc"].steps.tolist() == [[1, 4], [2, 5]][place]


def test_without_a_step_the_lines_are_counted_and_that_is_said(tmp_path):
    run = run_of(tmp_path, "a.csv", "acc\n3\n6\n")
    assert courses(run) == {"acc": ([0, 1], [3, 6])}
    assert codes(run) == ["NO_STEP"]


def test_a_blank_field_was_not_logged_and_nan_was(tmp_path):
    run = run_of(tmp_path, "a.csv", "step,a,b,c\n1,,nan,1\n2,5,2,2\n")
    assert courses(run)["a"] == ([2], [5])
    steps, values = courses(run)["b"]
    assert steps == [1, 2]
    assert math.isnan(values[0])


def test_a_metric_that_was_never_logged_is_not_there(tmp_path):
    assert set(run_of(tmp_path, "a.csv", "step,a,b\n1,,1\n2,,2\n").series) == {"b"}


def test_lines_of_different_metrics_at_one_step_are_no_repeats(tmp_path):
    run = run_of(tmp_path, "a.csv", "step,train,val\n1,5,\n1,,6\n2,4,\n2,,5\n")
    assert courses(run) == {"train": ([1, 2], [5, 4]), "val": ([1, 2], [6, 5])}
    assert codes(run) == []


def test_a_resumed_run_goes_on_where_it_was_resumed(tmp_path):
    """Steps 20 and 30 of the first part are void, although the second part logs at 15, 25 and 35."""
    text = "step,loss\n10,1\n20,2\n30,3\n15,1.5\n25,2.5\n35,3.5\n"
    run = run_of(tmp_path, "a.csv", text)
    assert courses(run) == {"loss": ([10, 15, 25, 35], [1, 1.5, 2.5, 3.5])}
    assert codes(run) == ["RESUMED"]


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        ("step,a\n1,1\n2,2\n3", [1, 2], "TRUNCATED"),
        ("step,a\n1,1\nstep,a\n2,2\n", [1, 2], "HEADER_AGAIN"),
        ("step,a\n1,1\n9,9,9\n2,2\n", [1, 2], "RAGGED_ROW"),
        ("step,a\n1,1\n2,N/A\n3,3\n", [1, 3], "MISSING_VALUE"),
        ("step,a\n1,1\n2,oops\n3,3\n", [1, 3], "NOT_A_NUMBER"),
        ("step,a\n1,1\n2,2,\n", [1, 2], "EXTRA_FIELD"),
        ("step,a\n1,1\n2,2,7\n3,3,8\n", [1, 2, 3], "EXTRA_FIELD"),
        ("step,a\n1,1\nstep,a,b\n2,2,7\n", [1, 2], "HEADER_CHANGES"),
        ("step,a,a\n1,1,9\n2,2,9\n", [1, 2], "DUPLICATE_COLUMN"),
        ("step,a\n1,1\n2,2\n\0\0", [1, 2], "ZERO_TAIL"),
        (b"step,a,b\n1,1,\xff\n2,2,x\n", [1, 2], "BAD_TEXT"),
        (f"step,a\n1,1\n2,2\n3,{'x' * 140_000}\n", [1, 2], "BAD_TABLE"),
        ("step,a\n1,1\n,5\n2,2\n", [1, 2], "NO_STEP"),
        ("step,a\n1,1\n2,2", [1, 2], "UNENDED_LINE"),
    ],
)
def test_what_is_odd_about_a_table_is_said(tmp_path, text, expected, code):
    run = run_of(tmp_path, "a.csv", text)
    assert run.series["a"].values.tolist() == expected
    assert code in codes(run)


@pytest.mark.parametrize(
    "text",
    [
        "step;a\n1;2\n",
        "step\ta\n1\t2\n",
        "# made by x\n\nstep,a\n1,2\n",
        "\ufeffstep,a\r\n1,2\r\n",
        '"step","a"\n1,2\n',
    ],
)
def test_delimiters_comments_marks_and_quotes_are_understood(tmp_path, text):
    assert courses(run_of(tmp_path, "a.csv", text)) == {"a": ([1], [2])}


@pytest.mark.parametrize("content", ["", "\n\n", "a,b\n", "# only\n", b"\0\0\0", "name\nx\n", "a,b\nx,y\n"])
def test_a_table_without_numbers_is_no_run(tmp_path, content):
    with pytest.raises(LogError):
        run_of(tmp_path, "a.csv", content)


@pytest.mark.long
@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.none() | st.floats(-1e30, 1e30)),
        min_size=1,
        max_size=8,
    )
)
def test_the_quick_and_the_careful_way_agree(rows):
    text = "a,b\n" + "".join(f"{a!r},{'' if b is None else repr(b)}\n" for a, b in rows)
    quick = number_table._from_numbers(text.encode(), b"a,b", ",")
    careful = number_table._from_text(recorder(), as_table(recorder(), text, "a.csv"))
    assert quick is not None
    for name, column in careful.columns.items():
        np.testing.assert_array_equal(quick.columns[name], column)


@pytest.mark.parametrize("parse", [number_table._parsed_by_arrow, None])
def test_numbers_are_read_to_the_last_digit(parse):
    """What stands in the file is read, not its neighbour."""
    numbers = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, 123456789.123456789]
    data = ("a\n" + "".join(f"{number!r}\n" for number in numbers)).encode()
    columns = parse(data, ["a"], ",") if parse else number_table._parsed_by_numpy(data, 1, ",")
    assert columns[0][0].tolist() == numbers


def test_without_pyarrow_the_same_is_read(tmp_path, monkeypatch):
    text = "step,a,b\n1,0.1,\n2,0.2,5\n"
    expected = courses(run_of(tmp_path, "a.csv", text))
    monkeypatch.setattr(number_table, "_parsed_by_arrow", lambda *_: None)
    assert courses(run_of(tmp_path, "b.csv", text)) == expected


TABLES = ("step,a\n1,2\n", "step,a\n3,4\n5,6\n", "step,a\n7,\n", "step,b\n1,2\n", "step,a\n1,2", "step,a\n\n1,2\n",
          "step,a\n", "step,a\n1,x\n", "step,a\n1,2,3\n", "step,a\n1\n", "", "#\nstep,a\n1,2\n", "step,a\r\n1,2\r\n",
          "step,a\n1,nan\n", "step,a\n2,1\n1,0\n", "step;a\n1;2\n")  # fmt: skip


@pytest.mark.long
@given(st.lists(st.sampled_from(TABLES), max_size=6))
def test_tables_read_together_are_those_read_alone(tmp_path_factory, tables):
    folder = tmp_path_factory.mktemp("together")
    paths = [folder / f"{number}.csv" for number in range(len(tables))]
    for path, text in zip(paths, tables, strict=True):
        path.write_text(text, newline="")
    for path, found in zip(paths, plain.read_many(paths, folder), strict=True):
        try:
            (expected,) = read_plain(path, folder)
        except LogError as error:
            assert found.code == error.code  # noqa: PT017 - one of two outcomes
        else:
            assert repr(courses(found)) == repr(courses(expected))
            assert found.problems == expected.problems


LINES = [
    {"_meta": {"lr": 0.1, "model": {"width": 8}, "seed": 3}},
    {"step": 0, "loss": 1.0, "eval": {"acc": 0.5}, "host": "h"},
    {"step": 10, "loss": float("nan"), "host": "h"},
    {"_summary": {"lr": 0.1, "grok_step": None, "best": 0.5, "note": "x"}},
]


def lines(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def test_the_first_line_holds_settings_and_the_last_a_summary(tmp_path):
    run = run_of(tmp_path, "a.jsonl", lines(LINES))
    assert run.config == {"lr": 0.1, "model.width": 8, "seed": 3, "host": "h"}
    assert run.state == "finished"
    assert courses(run)["eval.acc"] == ([0], [0.5])
    assert math.isnan(run.series["loss"].values[1])
    assert courses(run)["best"] == ([10], [0.5])
    assert math.isnan(run.series["grok_step"].values[0])
    assert set(run.series) == {"loss", "eval.acc", "best", "grok_step"}


def test_a_run_with_settings_and_no_summary_did_not_finish(tmp_path):
    assert run_of(tmp_path, "a.jsonl", lines(LINES[:3])).state == "unfinished"
    assert run_of(tmp_path, "b.jsonl", lines(LINES[1:3])).state == "unknown"


def test_a_cut_last_line_and_broken_lines_are_told_apart(tmp_path):
    text = lines(LINES[1:3]) + "[1]\n" + '{"step": 20, "loss": 2}\n{"step": 30, "lo'
    run = run_of(tmp_path, "a.jsonl", text)
    assert codes(run) == ["TRUNCATED", "BROKEN_LINES"]
    assert run.series["loss"].steps.tolist() == [0, 10, 20]
    assert run.state == "unfinished"


def test_parquet_is_read(tmp_path):
    frame = pd.DataFrame({"step": [1, 2, 3], "a": [0.5, None, 0.25], "b": [1, 2, 3], "opt": "adam"})
    frame.to_parquet(tmp_path / "a.parquet")
    (run,) = read_plain(tmp_path / "a.parquet", tmp_path)
    assert courses(run) == {"a": ([1, 3], [0.5, 0.25]), "b": ([1, 2, 3], [1, 2, 3])}
    assert run.config == {"opt": "adam"}


def test_a_broken_parquet_file_is_no_run(tmp_path):
    with pytest.raises(LogError, match="BAD_PARQUET"):
        run_of(tmp_path, "a.parquet", b"PAR1 nothing PAR1")


def test_only_files_of_known_endings_are_looked_at(tmp_path):
    names = ("a.csv", "b.tsv", "c.JSONL", "d.parquet", "e.txt", "f.json", "g.pkl", "h")
    assert [path.name for path in FORMAT.find(tmp_path, names)] == ["a.csv", "b.tsv", "c.JSONL", "d.parquet"]


def test_the_sample_is_read_as_its_authors_summed_it_up():
    """Each log ends with a summary that its training script wrote: the last accuracies are those of the last row."""
    paths = sorted(SAMPLE.rglob("*.jsonl"))
    assert len(paths) == 12
    for path in paths:
        (run,) = read_plain(path, SAMPLE)
        assert run.series["test_acc"].values[-1] == run.series["final_test_acc"].values[0]
        assert run.series["test_acc"].steps[-1] == run.series["stopped_step"].values[0]
        reached = run.series["test_acc"].values >= run.config["grok_thresh"]
        assert run.series["test_acc"].steps[reached][0] == run.series["grok_step"].values[0]
        assert run.config["seed"] == int(path.stem[-1])


def test_too_many_columns_are_refused(monkeypatch):
    monkeypatch.setattr(number_table, "MAX_COLUMNS", 3)
    monkeypatch.setattr(text_table, "MAX_COLUMNS", 3)
    with pytest.raises(LogError, match="TOO_MANY_COLUMNS"):
        read_numbers(recorder(), b"a,b,c,d\n1,2,3,4\n", "a.csv")
