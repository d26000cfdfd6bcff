"""Folders of DVCLive, against pandas and json."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sigstats.data.logs.formats.dvclive import FORMAT
from sigstats.data.logs.search import runs_of, search

SAMPLE = Path(__file__).parents[1] / "samples" / "dvclive"


def runs_in(path):
    found = search(path, (FORMAT,))
    return [run for source in found.sources for run in runs_of(source, found.root)]


def codes(run):
    return [problem.code for problem in run.problems]


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(SAMPLE / "dvclive", tmp_path / "dvclive")
    return tmp_path / "dvclive"


def test_every_value_is_the_one_that_pandas_reads():
    (run,) = runs_in(SAMPLE)
    assert (run.name, run.problems) == ("dvclive", ())
    assert sorted(run.series) == ["epoch", "learning_rate", "loss"]
    for metric, series in run.series.items():
        frame = pd.read_csv(SAMPLE / "dvclive" / "plots" / "metrics" / f"{metric}.tsv", sep="\t")
        assert len(frame) == 14
        np.testing.assert_array_equal(series.steps, frame["step"])
        np.testing.assert_array_equal(series.values, frame[metric])


def test_settings_are_those_of_yaml_1_2():
    (run,) = runs_in(SAMPLE)
    config = run.config
    assert (config["evaluation_strategy"], config["adam_epsilon"], config["seed"]) == ("no", 1e-08, 42)
    assert config["per_gpu_train_batch_size"] is None
    assert len(config) == 113


def test_metrics_in_folders_and_lower_case_nan_are_read(copied):
    (copied / "plots" / "metrics" / "train").mkdir()
    (copied / "plots" / "metrics" / "train" / "acc.tsv").write_text(
        "timestamp\tstep\tacc\n17\t0\tnan\n18\t1\t0.5\n"
    )
    (run,) = runs_in(copied)
    np.testing.assert_array_equal(run.series["train/acc"].values, [np.nan, 0.5])
    assert codes(run) == ["NOT_FINITE"]


def test_the_summary_is_held_against_the_curves(copied):
    told = {
        "loss": 9.0,
        "learning_rate": 0.0009066666666666666,
        "epoch": 0.09,
        "step": 13,
        "test": {"f1": 0.5},
    }
    (copied / "metrics.json").write_text(json.dumps(told))
    (run,) = runs_in(copied)
    assert codes(run) == ["SUMMARY_DIFFERS"]
    assert run.problems[0].metric == "loss"
    assert (run.series["test/f1"].steps[0], run.series["test/f1"].values[0]) == (13, 0.5)


def test_a_broken_curve_leaves_the_others(copied):
    (copied / "plots" / "metrics" / "loss.tsv").write_text("step\tloss\tother\n0\t1\t2\n")
    (run,) = runs_in(copied)
    assert codes(run) == ["FOREIGN"]
    assert list(run.series) == ["epoch", "learning_rate"]


def test_a_resumed_run_keeps_what_was_written_last(copied):
    with (copied / "plots" / "metrics" / "loss.tsv").open("a") as handle:
        handle.write("12\t4.0\n13\t4.1297\n")
    (run,) = runs_in(copied)
    assert codes(run) == ["RESUMED"]
    assert run.series["loss"].steps.tolist() == list(range(14))
    assert run.series["loss"].values[-2] == 4.0


def test_a_folder_of_plots_without_curves_is_not_claimed(tmp_path):
    (tmp_path / "plots" / "metrics").mkdir(parents=True)
    assert search(tmp_path, (FORMAT,)).sources == ()
