"""Sacred runs: the files of its observer, with metrics in either place."""

import json
import math
from pathlib import Path

import pytest

from sigstats.data.logs.formats.sacred import FORMAT

SAMPLES = Path(__file__).parents[1] / "samples" / "sacred" / "results"


def read(folder, root=None):
    (source,) = FORMAT.find(folder, tuple(sorted(each.name for each in folder.iterdir())))
    (run,) = FORMAT.read(source, root or folder)
    return run


def written(folder, **files):
    folder.mkdir(exist_ok=True)
    for name in ("run", "config", "metrics", "info"):
        content = files.get(name, {})
        (folder / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def codes(run):
    return {problem.code for problem in run.problems}


def test_lists_of_info_are_metrics_where_there_are_no_others():
    run = read(SAMPLES / "1", SAMPLES)
    assert (run.name, run.state, run.problems) == ("1", "finished", ())
    assert set(run.series) == {"episode", "test_ep_length_mean", "test_return_mean", "test_return_std"}
    for metric, value in {
        "episode": 256,
        "test_return_mean": 0.46875,
        "test_return_std": 1.676759803162039,
    }.items():
        assert run.series[metric].steps.tolist() == [3002880]
        assert run.series[metric].values.tolist() == [value]


def test_settings_hold_the_seed():
    run = read(SAMPLES / "1")
    assert (run.config["seed"], run.config["env_args.r_success"]) == (100, 1)
    assert (run.config["sacred.experiment"], run.config["sacred.status"]) == ("pymarl", "COMPLETED")


def test_several_measurements_of_one_step_are_all_kept():
    run = read(SAMPLES / "2")
    info = json.loads((SAMPLES / "2" / "info.json").read_text())
    assert len(set(info["test_return_mean_T"])) < 20
    values = [each["value"] if isinstance(each, dict) else each for each in info["test_return_mean"]]
    assert run.series["test_return_mean"].values.tolist() == values
    assert run.series["test_return_mean"].steps.tolist() == list(range(20))
    assert "REPEATED_STEPS" in codes(run)


def test_metrics_of_the_metrics_file_go_first(tmp_path):
    metrics = '{"loss": {"steps": [0, 5, 10], "values": [1.0, NaN, -Infinity], "timestamps": ["", "", ""]}}'
    run = read(
        written(tmp_path, metrics=metrics, info={"other": [1, 2]}, run={"status": "RUNNING", "result": 0.5})
    )
    assert run.series["loss"].steps.tolist() == [0, 5, 10]
    assert [repr(each) for each in run.series["loss"].values.tolist()] == ["1.0", "nan", repr(-math.inf)]
    assert set(run.series) == {"loss", "result"}
    assert run.state == "unfinished"


def test_steps_of_another_length_keep_the_common_part(tmp_path):
    run = read(written(tmp_path, metrics={"loss": {"steps": [0, 1], "values": [1.0, 2.0, 3.0]}}))
    assert run.series["loss"].values.tolist() == [1.0, 2.0]
    assert codes(run) == {"UNEQUAL_LENGTH"}


def test_arrays_of_numpy_are_unwrapped(tmp_path):
    array = {"py/object": "numpy.ndarray", "dtype": "float64", "value": [1.0, 2.0]}
    run = read(written(tmp_path, info={"loss": array, "deep": {"acc": [0.5]}, "name": ["a", "b"]}))
    assert {name: each.values.tolist() for name, each in run.series.items()} == {
        "loss": [1, 2],
        "deep.acc": [0.5],
    }


@pytest.mark.long
@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", "[" * 100_000, "\x00"])
@pytest.mark.parametrize("file", ["run", "config", "metrics", "info"])
def test_a_damaged_file_is_told_and_the_others_are_read(tmp_path, file, text):
    sound = {"run": {"status": "COMPLETED"}, "config": {"seed": 1}, "info": {"loss": [0.5]}}
    run = read(written(tmp_path, **{**sound, file: text}))
    assert codes(run) == {"BAD_JSON"}
    assert ("seed" in run.config) is (file != "config")
    assert ("loss" in run.series) is (file != "info")


def test_a_file_cut_anywhere_gives_a_run(tmp_path):
    data = (SAMPLES / "2" / "info.json").read_text()
    for length in range(0, len(data), 331):
        run = read(written(tmp_path, info=data[:length] if length else "{}"))
        assert not run.series
