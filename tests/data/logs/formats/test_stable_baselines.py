"""Logs of Stable-Baselines3: monitors against pandas, evaluations against numpy, settings against the files."""

import io
import json
import math
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.data.logs.files import archives
from sigstats.data.logs.formats.stable_baselines import FORMAT
from sigstats.data.logs.model import LogError
from sigstats.data.logs.search import runs_of, search

SAMPLE = Path(__file__).parents[1] / "samples" / "stable_baselines"
NAMES = ("ppo/CartPole-v1_1", "ppo/Pendulum-v1_1")


def runs_in(path):
    found = search(path, (FORMAT,))
    return [run for source in found.sources for run in runs_of(source, found.root)]


def codes(run):
    return [problem.code for problem in run.problems]


def by_name():
    return {run.name: run for run in runs_in(SAMPLE)}


def episodes(folder):
    """Return the episodes of all monitors in the order of wall time, by pandas."""
    frames = []
    for number, path in enumerate(sorted(folder.glob("*.monitor.csv"))):
        with path.open() as handle:
            start = json.loads(handle.readline()[1:])["t_start"]
            frames.append(pd.read_csv(handle).assign(number=number, start=start))
    frame = pd.concat(frames, ignore_index=True)
    frame["wall"] = frame["start"] + frame["t"]
    return frame.sort_values(["wall", "number"], kind="stable")


@pytest.mark.parametrize("name", NAMES)
def test_the_monitors_of_parallel_environments_are_one_run_in_the_order_of_time(name):
    run = by_name()[name]
    frame = episodes(SAMPLE / name)
    np.testing.assert_array_equal(run.series["episode/reward"].values, frame["r"])
    np.testing.assert_array_equal(run.series["episode/length"].values, frame["l"])
    np.testing.assert_array_equal(run.series["episode/reward"].steps, frame["l"].cumsum())
    assert run.problems == ()


@pytest.mark.parametrize("name", NAMES)
def test_an_evaluation_is_the_mean_over_its_episodes(name):
    run = by_name()[name]
    with np.load(SAMPLE / name / "evaluations.npz") as told:
        steps, results, lengths = told["timesteps"], told["results"], told["ep_lengths"]
    np.testing.assert_array_equal(run.series["eval/mean_reward"].steps, steps)
    np.testing.assert_array_equal(run.series["eval/mean_reward"].values, results.mean(axis=1))
    np.testing.assert_array_equal(run.series["eval/mean_ep_length"].values, lengths.mean(axis=1))
    assert results.shape == (10, 10 if "Cart" in name else 20)


def test_tagged_settings_give_the_seed_and_the_hyperparameters():
    config = by_name()["ppo/CartPole-v1_1"].config
    assert config["seed"] == 1648070233
    assert config["env_id"] == "CartPole-v1"
    assert config["n_monitors"] == 8
    assert config["batch_size"] == 256
    assert config["learning_rate"] == "lin_0.001"
    assert (config["n_timesteps"], config["args.n_timesteps"]) == (100_000, -1)


HEAD = '#{"t_start": 100.0, "env_id": "E"}\nr,l,t\n'


def test_further_columns_are_metrics_and_episodes_interleave(tmp_path):
    (tmp_path / "0.monitor.csv").write_text(
        HEAD.replace("r,l,t", "r,l,t,is_success") + "1,10,1,0\n2,10,5,1\n"
    )
    (tmp_path / "1.monitor.csv").write_text('#{"t_start": 102.0, "env_id": "E"}\nr,l,t\n7,5,1\n')
    (run,) = runs_in(tmp_path)
    assert run.series["episode/reward"].values.tolist() == [1, 7, 2]
    assert run.series["episode/reward"].steps.tolist() == [10, 15, 25]
    assert run.series["episode/is_success"].steps.tolist() == [10, 25]


def test_a_monitor_that_was_started_again_keeps_its_order(tmp_path):
    (tmp_path / "monitor.csv").write_text(HEAD + "1,10,50\n2,10,90\n3,10,20\n" + HEAD + "4,10,10\n")
    (run,) = runs_in(tmp_path)
    assert run.series["episode/reward"].values.tolist() == [1, 2, 3, 4]
    assert codes(run) == ["HEADER_AGAIN", "RESTARTED", "RESTARTED"]


def test_a_monitor_without_its_first_line_or_end_is_told(tmp_path):
    (tmp_path / "monitor.csv").write_text("r,l,t\n1,10,1\n2,10,2\n3,1")
    (run,) = runs_in(tmp_path)
    assert run.series["episode/length"].steps.tolist() == [10, 20]
    assert codes(run) == ["TRUNCATED", "NO_START"]


def test_moving_averages_are_told(tmp_path):
    text = "time/total_timesteps,rollout/ep_rew_mean,train/loss\n2048,10.5,\n4096,12.0,0.5\n"
    (tmp_path / "progress.csv").write_text(text)
    (run,) = runs_in(tmp_path)
    assert codes(run) == ["MOVING_AVERAGE"]
    assert run.series["train/loss"].steps.tolist() == [4096]
    assert run.series["rollout/ep_rew_mean"].values.tolist() == [10.5, 12.0]


def test_progress_of_another_library_is_not_claimed(tmp_path):
    (tmp_path / "progress.csv").write_text("training_iteration,timesteps_total\n1,100\n")
    assert runs_in(tmp_path) == []


def save(folder, **arrays):
    np.savez(folder / "evaluations.npz", **arrays)


def test_arrays_of_objects_are_refused_and_nothing_is_unpickled(tmp_path):
    ragged = np.empty(2, dtype=object)
    ragged[:] = [[1.0], [1.0, 2.0]]
    save(tmp_path, timesteps=np.array([1, 2]), results=ragged, ep_lengths=np.ones((2, 3)))
    (run,) = runs_in(tmp_path)
    assert codes(run) == ["ARRAY_REFUSED"]
    assert list(run.series) == ["eval/mean_ep_length"]


def test_arrays_of_another_length_and_nan_are_told(tmp_path):
    results = np.array([[1.0, math.nan], [2.0, 4.0]])
    save(tmp_path, timesteps=np.array([1, 2]), results=results, ep_lengths=np.ones((3, 3)))
    (run,) = runs_in(tmp_path)
    assert codes(run) == ["BAD_SHAPE", "NOT_FINITE"]
    np.testing.assert_array_equal(run.series["eval/mean_reward"].values, [math.nan, 3.0])


def test_integers_and_the_order_of_fortran_are_read_alike(tmp_path):
    results = np.asfortranarray(np.arange(6, dtype=np.int32).reshape(3, 2))
    save(tmp_path, timesteps=np.array([1, 2, 3]), results=results)
    (run,) = runs_in(tmp_path)
    assert run.series["eval/mean_reward"].values.tolist() == [0.5, 2.5, 4.5]


def archive(folder, members):
    with zipfile.ZipFile(folder / "evaluations.npz", "w", zipfile.ZIP_DEFLATED) as handle:
        for name, data in members.items():
            handle.writestr(name, data)


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_an_archive_that_unpacks_to_very_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED", 2**20)
    archive(tmp_path, {"timesteps.npy": npy(np.arange(2)), "results.npy": bytes(2**20)})
    assert (tmp_path / "evaluations.npz").stat().st_size < 2_000
    (problem,) = runs_in(tmp_path)
    assert problem.code == "NOTHING_READABLE"
    assert "TOO_LARGE" in problem.message


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000, 100000)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}",
        "__import__('os').system('false')",
        "(" * 500,
    ],
)
def test_a_header_that_lies_is_refused(tmp_path, header):
    text = header.ljust(600) + "\n"
    data = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + bytes(16)
    archive(tmp_path, {"timesteps.npy": npy(np.arange(2)), "results.npy": data})
    (run,) = runs_in(tmp_path)
    assert codes(run) == ["ARRAY_REFUSED"]


@given(data=st.binary(max_size=300), where=st.integers(0, 900))
def test_no_bytes_make_the_reader_of_evaluations_fail(tmp_path_factory, data, where):
    folder = tmp_path_factory.mktemp("npz")
    save(folder, timesteps=np.arange(5), results=np.ones((5, 2)))
    whole = (folder / "evaluations.npz").read_bytes()
    (folder / "evaluations.npz").write_bytes(whole[:where] + data + whole[where + len(data) :])
    try:
        list(FORMAT.read(folder, folder))
    except LogError as error:
        assert error.code == "NOTHING_READABLE"  # noqa: PT017 - both ends are allowed
