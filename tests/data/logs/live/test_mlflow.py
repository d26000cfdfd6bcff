"""Runs of an MLflow tracking server: a small server on this machine answers as MLflow's REST API documents.

It is not MLflow: what is tested is that requests and answers are those of https://mlflow.org/docs/latest/rest-api.html.
"""

import json
import math
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from sigstats import read_mlflow
from sigstats.data.logs.live import mlflow
from sigstats.errors import OptionError


def a_run(number, status="FINISHED"):
    return {
        "info": {
            "run_id": f"{number:032x}",
            "run_name": f"run {number}",
            "experiment_id": "1",
            "status": status,
        },
        "data": {
            "params": [{"key": "lr", "value": "0.1"}, {"key": "seed", "value": str(number)}],
            "tags": [{"key": "mlflow.user", "value": "x"}, {"key": "team", "value": "a"}],
            "metrics": [{"key": "loss", "value": 0.5, "step": 2}, {"key": "bare", "value": 1, "step": 0}],
        },
    }


HISTORY = {
    "loss": [{"step": n, "value": value} for n, value in enumerate((1.0, "NaN", 0.5))],
    "bare": [{"step": 0, "value": n} for n in range(2)],
}


class Handler(BaseHTTPRequestHandler):
    """Answers two items per page."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        where = urlsplit(self.path).path
        if where.endswith("experiments/search"):
            experiments = [{"experiment_id": str(n), "name": f"exp{n}"} for n in range(3)]
            self.page("experiments", experiments, asked)
        elif where.endswith("runs/search"):
            assert set(asked["experiment_ids"]) <= {"0", "1", "2"}
            self.page("runs", self.server.runs if "1" in asked["experiment_ids"] else [], asked)

    def do_GET(self):
        asked = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        self.page("metrics", HISTORY[asked["metric_key"]], asked)

    def page(self, part, items, asked):
        self.server.requests.append((self.path, self.headers.get("Authorization")))
        if self.server.failing:
            code = self.server.failing.pop()
            self.send_error(code)
            return
        start = int(asked.get("page_token", 0))
        answer = {part: items[start : start + 2]}
        if start + 2 < len(items):
            answer["next_page_token"] = str(start + 2)
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(mlflow, "PAUSES", (0.0, 0.0, 0.0))
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.runs, found.requests, found.failing = [a_run(n) for n in range(3)], [], []
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join()


def address(server):
    return f"http://127.0.0.1:{server.server_address[1]}/"


def test_all_values_of_all_runs_come_page_by_page(server):
    runs = read_mlflow(address(server))
    assert runs.config["seed"].tolist() == [0, 1, 2]
    assert set(runs.config["mlflow.experiment"]) == {"exp1"}
    assert (runs.config["tags.team"] == "a").all()
    first = next(runs.each())
    assert first.series["loss"].steps.tolist() == [0, 1, 2]
    assert math.isnan(first.series["loss"].values[1])
    assert first.series["bare"].steps.tolist() == [0, 1]
    assert {"NO_STEP", "NOT_FINITE"} == {problem.code for problem in first.problems}
    assert first.state == "finished"


def test_only_the_experiments_that_are_named_are_asked_for(server):
    assert read_mlflow(address(server), experiments="exp0").outlines == ()
    assert len(read_mlflow(address(server), experiments=["exp1", "exp2"]).outlines) == 3
    with pytest.raises(OptionError, match=r"no experiment called 'x'; it has \('exp0', 'exp1', 'exp2'\)"):
        read_mlflow(address(server), experiments="x")


def test_what_has_ended_is_fetched_once(server, tmp_path):
    server.runs[0]["info"]["status"] = "RUNNING"
    read_mlflow(address(server), folder=tmp_path)
    first = sum("get-history" in path for path, _ in server.requests)
    runs = read_mlflow(address(server), folder=tmp_path)
    again = sum("get-history" in path for path, _ in server.requests) - first
    assert again < first / 2
    assert [each.state for each in runs.outlines] == ["unfinished", "finished", "finished"]


def test_headers_are_sent_and_not_kept(server, tmp_path):
    read_mlflow(address(server), folder=tmp_path, headers={"Authorization": "Bearer secret"})
    assert {sent for _, sent in server.requests} == {"Bearer secret"}
    assert not any("secret" in path.read_text() for path in tmp_path.iterdir())


def test_a_server_that_stumbles_is_asked_again(server):
    server.failing = [503, 500]
    assert len(read_mlflow(address(server)).outlines) == 3


@pytest.mark.parametrize("failing", [[401], [503] * 9])
def test_a_server_that_refuses_is_an_error(server, failing):
    server.failing = failing
    with pytest.raises(OptionError, match=f"answers {failing[0]}"):
        read_mlflow(address(server))


@pytest.mark.parametrize("uri", ["mlruns", "file:///etc", "sqlite:///x.db", "", 3, "http://", "ftp://x/y"])
def test_what_is_no_address_of_a_server_is_refused(uri):
    with pytest.raises(OptionError, match=r"sigstats\.read_runs"):
        read_mlflow(uri)


def test_a_server_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setattr(mlflow, "PAUSES", ())
    with pytest.raises(OptionError, match="cannot be asked"):
        read_mlflow("http://127.0.0.1:9")
