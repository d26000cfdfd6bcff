"""Files of the Keras CSVLogger, against pandas."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sigstats.data.logs.formats.keras import FORMAT
from sigstats.data.logs.search import runs_of, search

SAMPLE = Path(__file__).parents[1] / "samples" / "keras"


def runs_in(path):
    found = search(path, (FORMAT,))
    return [run for source in found.sources for run in runs_of(source, found.root)]


def codes(run):
    return [problem.code for problem in run.problems]


def write(folder, text):
    (folder / "log.csv").write_text(text)
    (run,) = runs_in(folder)
    return run


def test_every_value_is_the_one_that_pandas_reads():
    (run,) = runs_in(SAMPLE)
    frame = pd.read_csv(SAMPLE / "training_log.csv").set_index("epoch")
    assert (run.name, run.problems, len(frame)) == ("training_log.csv", (), 12)
    assert list(run.series) == list(frame.columns)
    for metric, series in run.series.items():
        np.testing.assert_array_equal(series.steps, frame.index)
        np.testing.assert_array_equal(series.values, frame[metric])


def test_a_second_training_in_the_same_file_is_told_and_kept_alone(tmp_path):
    run = write(tmp_path, "epoch,loss\n0,9\n1,8\n2,7\n0,6\n1,5\n")
    assert run.series["loss"].values.tolist() == [6, 5]
    assert codes(run) == ["RESUMED"]


def test_na_is_missing_and_told(tmp_path):
    run = write(tmp_path, "epoch;loss;val_loss\n0;9;NA\n1;8;7\n")
    assert run.series["val_loss"].steps.tolist() == [1]
    assert codes(run) == ["MISSING_VALUE"]


@pytest.mark.parametrize(
    "header", ["epoch,val_loss,loss", "loss,epoch", "epoch", "epoch,loss,step", "step,loss"]
)
def test_other_tables_are_not_claimed(tmp_path, header):
    (tmp_path / "log.csv").write_text(f"{header}\n1,2,3\n")
    assert search(tmp_path, (FORMAT,)).sources == ()
