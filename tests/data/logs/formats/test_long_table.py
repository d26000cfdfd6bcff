"""Long tables, one line per value."""

from pathlib import Path

import pandas as pd
import pytest

from sigstats import read_runs

SAMPLE = Path(__file__).parents[1] / "samples" / "long_table"


def test_lines_become_runs_and_metrics_and_columns_that_stay_the_same_settings():
    runs = read_runs(SAMPLE)
    assert [each.name for each in runs.outlines] == ["metrics/RUN-1", "metrics/RUN-2"]
    assert runs.config["lr"].tolist() == [0.1, 0.2]
    first, second = runs.each()
    assert first.series["train/loss"].values.tolist() == [1.0, 0.5]
    assert second.series["val/acc"].steps.tolist() == [10]
    assert first.problems == ()


def test_values_are_those_that_pandas_pivots():
    frame = pd.read_csv(SAMPLE / "metrics.csv")
    wide = frame.pivot(index=["run_id", "step"], columns="metric", values="value")
    for run in read_runs(SAMPLE).each():
        for metric, series in run.series.items():
            column = wide.loc[run.config["run_id"]][metric].dropna()
            assert (series.steps.tolist(), series.values.tolist()) == (column.index.tolist(), column.tolist())


def write(folder, text, name="a.csv"):
    (folder / name).write_text(text)
    return read_runs(folder)


@pytest.mark.parametrize(
    "header",
    [
        "experiment,key,step,value",
        "Run,Metric,Epoch,Value",
        "run_name,metric_name,step,metric_value",
        "seed,tag,step,value",
    ],
)
def test_the_names_that_tools_use_are_known(tmp_path, header):
    runs = write(tmp_path, f"{header}\n1,loss,0,3\n1,loss,1,2\n2,loss,0,4\n")
    assert [run.series["loss"].values.tolist() for run in runs.each()] == [[3, 2], [4]]


def test_without_a_column_of_runs_the_file_is_the_run(tmp_path):
    (run,) = write(tmp_path, "step\tmetric\tvalue\n0\tloss\t1\n1\tloss\t2\n", "a.tsv").each()
    assert (run.name, run.series["loss"].values.tolist()) == ("a", [1, 2])


def test_results_without_a_step_stand_at_none(tmp_path):
    (run,) = write(tmp_path, "run,metric,value\na,acc,0.5\n").each()
    assert not run.series["acc"].has_steps


def test_means_blanks_and_changing_columns_are_told(tmp_path):
    text = "run,metric,step,value,host\na,loss,0,1,x\na,loss,1,2,y\nmean,loss,0,9,x\n,loss,0,9,x\na,note,1,word,x\n"
    runs = write(tmp_path, text.replace("host", "place"))
    assert [each.name for each in runs.outlines] == ["a/a"]
    codes = [problem.code for problem in runs.problems if problem.code != "NO_SEED"]
    assert codes == ["NO_LABEL", "SUMMARY_ROWS", "TEXT_COLUMN", "NOT_A_NUMBER"]


@pytest.mark.parametrize("text", ["step,value\n1,2\n", "metric,value\na,1\n", "run,step,loss\na,1,2\n"])
def test_other_tables_are_not_claimed(tmp_path, text):
    assert not [each for each in write(tmp_path, text).sources if each.format.name == "long_table"]
