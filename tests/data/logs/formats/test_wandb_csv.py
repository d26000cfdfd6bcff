"""Exports of the Weights & Biases website, against pandas."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sigstats import read_runs
from sigstats.data.logs.formats.wandb_csv import FORMAT
from sigstats.data.logs.search import runs_of, search
from sigstats.errors import OptionError

CASES = Path(__file__).parents[1] / "cases"
SAMPLE = Path(__file__).parents[1] / "samples" / "wandb_csv"
METRICS = {"val/accuracy": "val_acc.csv", "val/loss_contrastive": "val_loss_contrastive.csv"}


def runs_in(path):
    found = search(path, (FORMAT,))
    return [run for source in found.sources for run in runs_of(source, found.root)]


@pytest.fixture
def charts(tmp_path):
    for name in METRICS.values():
        shutil.copy(SAMPLE / name, tmp_path)
    return tmp_path


def codes(run):
    return [problem.code for problem in run.problems]


def test_the_metrics_of_a_run_are_put_together_from_all_charts_of_a_folder(charts):
    runs = runs_in(charts)
    for metric, file in METRICS.items():
        frame = pd.read_csv(SAMPLE / file)
        names = [column.removesuffix(f" - {metric}") for column in frame.columns[1::3]]
        assert [run.name for run in runs] == names
        for run in runs:
            column = frame[f"{run.name} - {metric}"]
            np.testing.assert_array_equal(run.series[metric].steps, frame["Step"][column.notna()])
            np.testing.assert_array_equal(run.series[metric].values, column.dropna())
    assert len(runs) == 7
    assert sum(len(series.steps) for run in runs for series in run.series.values()) == 1120


def test_every_chart_is_told_to_be_perhaps_sampled(charts):
    first, *others = runs_in(charts)
    assert codes(first) == ["MAYBE_SAMPLED", "MAYBE_SAMPLED"]
    assert {code for run in others for code in codes(run)} == set()
    assert "differs" not in first.problems[0].message


def test_bounds_that_differ_from_the_value_prove_it(tmp_path):
    text = '"Step","a - loss","a - loss__MIN","a - loss__MAX"\n"0","2","1","3"\n"1","1","1","1"\n"2","","",""'
    (tmp_path / "chart.csv").write_text(text)
    (run,) = runs_in(tmp_path)
    assert "for 1 value __MIN or __MAX differs from it" in run.problems[0].message
    assert run.series["loss"].values.tolist() == [2, 1]


def test_a_row_of_the_table_of_runs_gives_settings_results_and_state():
    first, crashed, blank = runs_in(SAMPLE / "table")
    assert [first.name, crashed.name, blank.name] == ["adam-1", "adam-2", "sgd-1"]
    assert [run.state for run in (first, crashed, blank)] == ["finished", "failed", "finished"]
    assert (first.config["lr"], first.config["seed"], first.config["optimizer"]) == (0.001, 1, "adam")
    assert (first.series["val/accuracy"].steps[0], first.series["val/accuracy"].values[0]) == (5000, 0.81)
    assert "val/accuracy" not in blank.series


def test_charts_get_the_settings_of_the_table_beside_them(tmp_path):
    shutil.copy(SAMPLE / "table" / "runs.csv", tmp_path)
    (tmp_path / "a.csv").write_text('"Step","adam-2 - loss","adam-2 - loss__MIN"\n"1","0.5","0.5"\n')
    runs = {run.name: run for run in runs_in(tmp_path)}
    assert runs["adam-2"].series["loss"].values.tolist() == [0.5]
    assert (runs["adam-2"].config["lr"], runs["adam-2"].state) == (0.001, "failed")


def test_a_chart_beside_another_table_is_read_alone(charts):
    (charts / "other.csv").write_text("a,b\n1,2\n")
    found = search(charts, (FORMAT,))
    assert [source.path.name for source in found.sources] == sorted(METRICS.values())


def test_columns_that_share_a_name_are_runs_of_their_own(tmp_path):
    (tmp_path / "a.csv").write_text('"Step","a - x","a - x__MIN","a - x","a - x__MIN"\n"1","1","1","2","2"\n')
    first, second = runs_in(tmp_path)
    assert [first.name, second.name] == ["a (1)", "a (2)"]
    assert [run.series["x"].values.tolist() for run in (first, second)] == [[1], [2]]
    assert codes(first) == ["SAME_NAME", "MAYBE_SAMPLED"]


def test_rows_that_share_a_name_are_runs_of_their_own():
    case = CASES / "wandb_runs_same_name"
    expected = json.loads((case / "expected.json").read_text())
    runs = read_runs(case / "input")
    table = runs.sweep(knob="width", metric="val/loss", seed="seed")
    assert len(table) == expected["rows"]
    columns = (table["width"], table["seed"], table["val/loss"])
    found = {f"{width}/{seed}": value for width, seed, value in zip(*columns, strict=True)}
    assert found == expected["values_by_width_seed"]
    assert [problem.code for problem in runs.problems] == ["SAME_NAME"]


@pytest.mark.parametrize("name", ["input", "input2"])
def test_a_table_of_runs_is_known_without_the_column_of_states(name):
    case = CASES / "wandb_runs_without_state"
    runs = read_runs(case / name)
    assert len(runs.outlines) == json.loads((case / "expected.json").read_text())["runs"][name]
    assert sorted(set(runs.config["seed"])) == [0, 1, 2]


def test_means_of_groups_are_never_seeds():
    runs = read_runs(CASES / "wandb_group_means" / "input")
    assert runs.config["algo"].tolist() == ["A", "B", "C"]
    assert [problem.code for problem in runs.problems] == ["GROUP_MEANS", "MAYBE_SAMPLED"]
    assert len(runs.frame) > 0
    with pytest.raises(OptionError, match="sum up several runs"):
        runs.sweep(knob="step", metric="score")


def test_groups_by_two_settings_have_both(tmp_path):
    head = '"Step","algo: A, env: X - s","algo: A, env: X - s__MIN","algo: A, env: X - s__MAX"'
    (tmp_path / "a.csv").write_text(f'{head}\n"1","2","1","3"\n')
    (run,) = runs_in(tmp_path)
    assert (run.config, run.is_summary) == ({"algo": "A", "env": "X"}, True)


def test_a_colon_in_names_of_single_runs_is_no_group(tmp_path):
    (tmp_path / "a.csv").write_text('"Step","lr: 0.1 - s","lr: 0.1 - s__MIN"\n"1","2","2"\n')
    (run,) = runs_in(tmp_path)
    assert not run.is_summary


def test_a_row_of_means_in_a_table_of_runs_is_no_run(tmp_path):
    (tmp_path / "a.csv").write_text("Name,State,lr,acc\na,finished,1,2\nmean,,1,2\nstd,,0,0\n")
    runs = read_runs(tmp_path)
    assert runs.sweep(knob="lr", metric="acc")["run"].tolist() == ["a"]
    assert "SUMMARY_ROWS" in [problem.code for problem in runs.problems]


def test_one_row_in_two_exports_is_one_run(tmp_path):
    text = "Name,State,ID,acc\na,finished,x1,2\n"
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "b.csv").write_text(text + "a,finished,x2,3\n")
    assert [run.series["acc"].values.tolist() for run in runs_in(tmp_path)] == [[2], [3]]


@pytest.mark.parametrize("text", ["", "Step,loss\n1,2\n", "Name,Value\na,1\n", '"Step","a - b"\n"1","2"\n'])
def test_other_tables_are_not_claimed(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    assert search(tmp_path, (FORMAT,)).sources == ()


def test_a_table_that_was_grouped_holds_no_runs(tmp_path):
    (tmp_path / "a.csv").write_text("Name,State,Runtime,acc\nalgo: A,,,1\nalgo: B,,,2\n")
    runs = read_runs(tmp_path)
    assert "GROUP_MEANS" in [problem.code for problem in runs.problems]
    with pytest.raises(OptionError, match="sum up several runs"):
        runs.sweep(knob="Name", metric="acc")


def test_means_without_the_name_of_a_group_are_no_seeds(tmp_path):
    names = ("sac", "ppo", "td3")
    head = ",".join(f'"{name} - s","{name} - s__MIN","{name} - s__MAX"' for name in names)
    rows = "".join(f"{step}," + ",".join([f"0.{step}5,0.{step},0.{step}9"] * 3) + "\n" for step in (1, 2, 3))
    (tmp_path / "a.csv").write_text(f'"Step",{head}\n{rows}')
    runs = read_runs(tmp_path)
    assert [problem.code for problem in runs.problems] == ["GROUP_MEANS", "MAYBE_SAMPLED"]
    assert "in 9 of 9 cells of a.csv, __MIN or __MAX differs from the value" in runs.problems[0].message
    assert not any("it is;" in str(problem) for problem in runs.problems)
    with pytest.raises(OptionError, match="sum up several runs"):
        runs.sweep(knob="step", metric="s")


def test_groups_without_bounds_are_means(tmp_path):
    (tmp_path / "a.csv").write_text('"Step","lr: 0.1 - s","lr: 0.2 - s"\n"1","2","3"\n')
    shown = (tmp_path / "a.csv").rename(tmp_path / "wandb_export_1.csv")
    (problem, *_) = read_runs(shown).problems
    assert problem.code == "GROUP_MEANS"
