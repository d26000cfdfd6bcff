"""Runs of a real MLflow server on this machine: logged and read by MLflow's own client, and read by `read_mlflow`.

Starting the server and its client takes most of a minute, so that these are slow tests; `test_mlflow.py` holds the
reader to the answers of a server that it plays itself.
"""

import contextlib
import importlib.util
import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from sigstats import read_mlflow, read_runs
from sigstats.data.logs.live import mlflow

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("mlflow") is None, reason="needs MLflow"),
    pytest.mark.skipif(sys.platform == "win32", reason="groups of processes are ended otherwise there"),
]
TRIES = 900  # a fifth of a second apart
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
STATES = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "failed", "RUNNING": "unfinished"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start a server on a free port; give its address, its database and what MLflow's client says of its runs."""
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    store = [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--default-artifact-root",
        f"{folder}/files",
    ]
    command = [sys.executable, "-m", "mlflow", "server", *store, "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, **QUIET}
    output = folder / "server.txt"
    with output.open("w") as file:
        process = subprocess.Popen(
            [*command, "--workers", "1"], stdout=file, stderr=file, env=environment, start_new_session=True
        )
    try:
        wait_for(f"{address}/health", process, output)
        script = [
            sys.executable,
            Path(__file__).with_name("log_to_mlflow.py"),
            address,
            folder / "truth.json",
        ]
        subprocess.run(script, check=True, capture_output=True, env=environment)
        yield address, folder / "mlflow.db", json.loads((folder / "truth.json").read_text())
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def wait_for(address, process, output):
    """Wait until the server answers."""
    for _ in range(TRIES):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
            if answer.status == 200:
                return
        time.sleep(0.2)
    pytest.fail(f"the server does not answer: {output.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def found(server):
    """Read all runs."""
    runs = read_mlflow(server[0])
    return runs, {run.name: run for run in runs.each()}


def infinite(value):
    """Return a number, as MLflow means it."""
    return math.copysign(math.inf, value) if abs(value) > 1.797e308 else value


def last_of_each_step(points):
    """Return the curve after a restart: what was written for a step later replaces what was written earlier."""
    kept = {}
    for step, value in points:
        if kept and step <= next(reversed(kept)):
            kept = {at: each for at, each in kept.items() if at < step}
        kept[step] = value
    return sorted(kept.items())


def test_each_run_that_was_not_deleted_is_read_once(server, found):
    runs, by_name = found
    assert len(runs.outlines) == len(by_name)
    assert set(by_name) == set(server[2]["runs"])
    assert not set(by_name) & set(server[2]["deleted"])


def test_every_value_of_every_metric_is_that_of_mlflow(server, found):
    n_values = 0
    for key, told in server[2]["runs"].items():
        series = found[1][key].series
        assert series.keys() == told["metrics"].keys()
        for metric, points in told["metrics"].items():
            right = list(enumerate(value for _, value in points))
            if metric != "no steps":
                right = last_of_each_step(points)
            steps, values = zip(*right, strict=True)
            np.testing.assert_array_equal(series[metric].steps, steps)
            np.testing.assert_array_equal(series[metric].values, [infinite(value) for value in values])
            n_values += len(values)
    assert n_values > 26_500


def test_settings_tags_names_and_states_are_those_of_mlflow(server, found):
    for key, told in server[2]["runs"].items():
        run = found[1][key]
        assert run.config["mlflow.name"] == told["name"]
        assert run.config["mlflow.experiment"] == told["experiment"]
        assert run.state == STATES[told["status"]]
        tags = {f"tags.{name}": text for name, text in told["tags"].items() if not name.startswith("mlflow.")}
        settings = {name: value for name, value in run.config.items() if not name.startswith("mlflow.")}
        assert settings.keys() == told["params"].keys() | tags.keys()
        assert all(settings[name] == text for name, text in tags.items() if not text.isdigit())
        for name, text in told["params"].items():
            assert str(settings[name]) == text
        assert isinstance(settings.get("lr", 0.0), float)
        assert isinstance(settings.get("seed", 0), int)


def test_a_nested_run_names_its_parent(server, found):
    parents = {
        key: run.config["mlflow.parent"] for key, run in found[1].items() if "mlflow.parent" in run.config
    }
    assert parents == {server[2]["child"]: server[2]["parent"]}


def test_a_run_without_metrics_is_there_and_said_to_be_empty(server, found):
    bare = found[1][server[2]["bare"]]
    assert bare.series == {}
    assert [problem.code for problem in bare.problems] == ["NO_METRICS"]


def test_what_is_irregular_is_listed(server, found):
    codes = {(problem.code, problem.metric) for problem in found[1][server[2]["long"]].problems}
    assert codes == {
        ("DUPLICATE_STEP", "twice"), ("RESUMED", "restarted"), ("NO_STEP", "no steps"), ("HUGE_VALUE", None),
        ("NOT_FINITE", "odd/not finite"),
    }  # fmt: skip


def test_small_pages_give_the_same(server, found, monkeypatch):
    """Runs by twos, and 26,500 values by thousands, with the tokens of the server."""
    monkeypatch.setattr(mlflow, "PAGE", 2)
    monkeypatch.setattr(mlflow, "PAGE_OF_VALUES", 1_000)
    again = read_mlflow(server[0])
    assert again.frame.equals(found[0].frame)
    assert again.config.equals(found[0].config)


def test_the_database_of_the_server_says_the_same(server, found):
    """Read as a file, beside the server."""
    for run in read_runs(server[1]).each():
        key = run.name.rpartition("/")[2]
        if key in server[2]["deleted"]:
            continue
        other = found[1][key]
        assert run.config == other.config
        assert run.state == other.state
        assert run.series.keys() == other.series.keys()
        for metric, series in run.series.items():
            np.testing.assert_array_equal(series.steps, other.series[metric].steps)
            np.testing.assert_array_equal(series.values, other.series[metric].values)


def test_a_sweep_of_one_experiment(server):
    table = read_mlflow(server[0], experiments="sweep").sweep(
        knob="lr", metric="loss", seed="seed", at=("last", 1)
    )
    assert sorted(table.query("lr < 1")["lr"]) == [0.01] * 3 + [0.1] * 3
    assert (table["loss"] == 1 / 12).all()
    assert read_mlflow(server[0], experiments="empty").outlines == ()
