"""Folders of Lightning's CSVLogger, against pandas."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.formats.lightning import FORMAT
from sigstats.data.logs.search import runs_of, search

SAMPLE = Path(__file__).parents[1] / "samples" / "lightning"


def runs_in(path):
    found = search(path, (FORMAT,))
    return [run for source in found.sources for run in runs_of(source, found.root)]


def codes(run):
    return [problem.code for problem in run.problems]


def write(folder, text):
    (folder / "metrics.csv").write_text(text)
    (run,) = runs_in(folder)
    return run


@pytest.mark.parametrize("version", ["neuron_0", "neuron_17"])
def test_every_value_is_the_one_that_pandas_reads(version):
    (run,) = [run for run in runs_in(SAMPLE) if run.name == version]
    frame = pd.read_csv(SAMPLE / version / "metrics.csv", keep_default_na=False, dtype=str)
    counts = {}
    for metric in ("lr-Adam", "train_loss", "val_loss", "corr"):
        rows = frame[frame[metric] != ""]
        counts[metric] = len(rows)
        np.testing.assert_array_equal(run.series[metric].steps, rows["step"].astype(float))
        np.testing.assert_array_equal(run.series[metric].values, rows[metric].astype(float))
    assert counts == {"lr-Adam": 54, "train_loss": 54, "val_loss": 10, "corr": 10}
    expected = {"hidden_size": 40, "kernel_size": 20, "model_type": "CNN", "n_neurons": 1, "num_layers": 4}
    assert dict(run.config) == expected


def test_nan_as_text_is_a_value_and_told():
    clean, dirty = runs_in(SAMPLE)
    assert codes(clean) == []
    assert codes(dirty) == ["NOT_FINITE"]
    assert np.isnan(dirty.series["corr"].values).all()


def test_blanks_are_no_values_and_twins_are_two_metrics(tmp_path):
    run = write(tmp_path, "step,epoch,loss_step,loss_epoch\n0,0,1.5,\n4,0,,1.2\n5,1,1.1,\n")
    assert run.series["loss_step"].values.tolist() == [1.5, 1.1]
    assert run.series["loss_epoch"].steps.tolist() == [4]
    assert run.series["epoch"].values.tolist() == [0, 0, 1]


def test_a_blank_step_gives_way_to_the_epoch(tmp_path):
    run = write(tmp_path, "epoch,step,loss\n0,,1.5\n1,,1.2\n")
    assert run.series["loss"].steps.tolist() == [0, 1]


def test_lines_that_fit_another_header_are_left_out(tmp_path):
    run = write(tmp_path, "step,loss\n0,1.5\n1,1.2,0.9\n2\n3,1.0\n")
    assert run.series["loss"].steps.tolist() == [0, 3]
    assert codes(run) == ["RAGGED_ROW"]
    assert "2 lines (3, 4)" in run.problems[0].done


def test_a_last_line_that_does_not_end_is_left_out(tmp_path):
    run = write(tmp_path, "step,loss\n0,1.5\n1,1.23")
    assert run.series["loss"].values.tolist() == [1.5]
    assert codes(run) == ["TRUNCATED"]


def test_zeros_at_the_end_are_told_and_hide_nothing(tmp_path):
    run = write(tmp_path, "step,loss\n0,1.5\n1,1.25\n" + "\0" * 512)
    assert run.series["loss"].values.tolist() == [1.5, 1.25]
    assert codes(run) == ["ZERO_TAIL"]
    assert "512" in run.problems[0].message


def test_steps_that_go_back_void_what_was_written_before(tmp_path):
    run = write(tmp_path, "step,loss\n0,9\n1,8\n2,7\nstep,loss\n1,5\n2,4\n")
    assert run.series["loss"].steps.tolist() == [0, 1, 2]
    assert run.series["loss"].values.tolist() == [9, 5, 4]
    assert codes(run) == ["HEADER_AGAIN", "RESUMED"]


def test_words_and_equal_names_are_told(tmp_path):
    run = write(tmp_path, "step,loss,loss\n0,1.5,3\n1,oops,3\n2,n/a,3\n")
    assert run.series["loss"].values.tolist() == [1.5]
    assert codes(run) == ["DUPLICATE_COLUMN", "MISSING_VALUE", "NOT_A_NUMBER"]
    assert "'oops'" in run.problems[2].message


def test_settings_that_are_no_plain_data_are_told_and_left_out(tmp_path):
    shutil.copy(SAMPLE / "neuron_0" / "metrics.csv", tmp_path)
    settings = "lr: 1e-3\nact: !!python/name:torch.nn.ReLU\nbetas: !!python/tuple [0.9, 0.999]\n"
    (tmp_path / "hparams.yaml").write_text(settings)
    (run,) = runs_in(tmp_path)
    assert dict(run.config) == {"lr": 0.001, "betas": "[0.9, 0.999]"}
    assert codes(run) == ["CONFIG_LEFT_OUT"]
    (tmp_path / "hparams.yaml").write_text("a: [1\n")
    (run,) = runs_in(tmp_path)
    assert codes(run) == ["BAD_CONFIG"]


@pytest.mark.parametrize("header", ["a,b\n1,2\n", "step\n1\n", "", "\0\0\0"])
def test_another_table_of_the_same_name_is_not_claimed(tmp_path, header):
    (tmp_path / "metrics.csv").write_text(header)
    assert search(tmp_path, (FORMAT,)).sources == ()


CELLS = st.text(alphabet='0123456789.,-+eEnaif"\n \0;', max_size=60) | st.binary(max_size=60).map(
    lambda data: data.decode("latin-1")
)


@given(rest=CELLS)
def test_no_text_below_the_header_makes_the_reader_fail(tmp_path_factory, rest):
    folder = tmp_path_factory.mktemp("version")
    (folder / "metrics.csv").write_bytes(b"step,loss\n0,1\n" + rest.encode())
    (run,) = runs_in(folder)
    assert getattr(run, "code", "") in {"", "BAD_TABLE"}
    if hasattr(run, "series"):
        assert (np.diff(run.series["loss"].steps) > 0).all()
