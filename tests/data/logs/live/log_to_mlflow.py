"""Log runs to an MLflow server with MLflow's own client, and write what the client reads of them, as JSON.

Run as ``python log_to_mlflow.py ADDRESS FILE``.
"""

import json
import math
import sys
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

N_LONG = 26_500  # values of a metric: more than one page of any size
MOST = 1_000  # values in a request
CURVES = {
    "loss": [(step, 1 / (step + 1)) for step in range(12)],
    "odd/not finite": [(0, math.nan), (1, math.inf), (2, -math.inf), (3, 1e-300), (4, -0.1)],
    "restarted": [(0, 5.0), (1, 4.0), (2, 3.0), (1, 2.5), (2, 2.0)],
    "twice": [(1, 1.0), (1, 2.0), (2, 3.0)],
    "below 0": [(-2, 1.0), (0, 2.0)],
    "no steps": [(0, 0.25), (0, 0.5), (0, 0.75)],
    "only one": [(0, 42.0)],
}
TAKEN = (
    "step", "_step", "epoch", "iteration", "global_step", "time", "timestamp", "wall_time", "seed", "seed_2", "run 1",
    "run 2", "value", "metric", "steps", "config", "args", "_meta", "_summary", "_state", "_problems", "_fetched",
    "größe",
)  # fmt: skip


def main(address: str, path: str) -> None:
    """Log runs of every kind, and describe them."""
    client = MlflowClient(address)
    sweep = client.create_experiment("sweep")
    client.create_experiment("empty")
    gone = client.create_experiment("gone")
    deleted = [client.create_run(gone).info.run_id, a_run(client, sweep, 3.0, 0)]
    client.delete_experiment(gone)
    client.delete_run(deleted[1])
    ids = [a_run(client, sweep, rate, seed) for rate in (0.1, 0.01) for seed in range(3)]
    child = a_run(client, sweep, 1.0, 0, parent=ids[0])
    ids += [child, *(a_run(client, sweep, 2.0, 0, status=status) for status in ("FAILED", "KILLED", None))]
    log(client, ids[1], {"long": [(step, math.sqrt(step)) for step in range(N_LONG)]})
    default = client.get_experiment_by_name("Default").experiment_id
    bare, names = (client.create_run(default, run_name=name).info.run_id for name in ("bare", "names"))
    log(
        client,
        names,
        {name: [(10 * step, place + step / 7) for step in range(4)] for place, name in enumerate(TAKEN)},
    )
    client.log_batch(names, params=[Param(name, "7") for name in TAKEN], tags=[RunTag("step", "8")])
    client.set_terminated(bare)
    client.set_terminated(names)
    runs = {key: described(client, key) for key in [*ids, bare, names]}
    found = {"runs": runs, "deleted": deleted, "parent": ids[0], "child": child, "bare": bare, "long": ids[1]}
    Path(path).write_text(json.dumps(found))


def a_run(client, experiment, rate, seed, *, parent=None, status="FINISHED"):
    """Log a run and return its id."""
    tags = {"team": "été", "mlflow.note.content": "-", **({"mlflow.parentRunId": parent} if parent else {})}
    key = client.create_run(experiment, tags=tags, run_name=f"lr {rate} / {seed}").info.run_id
    given = {
        "lr": rate,
        "seed": seed,
        "model.name": "mlp/größe",
        "flag": True,
        "nothing": None,
        "long": "x" * 500,
    }
    params = [Param(name, str(value)) for name, value in given.items()]
    client.log_batch(key, params=params, tags=[RunTag("lines", "one\ntwo")])
    log(client, key, CURVES)
    if status:
        client.set_terminated(key, status=status)
    return key


def log(client, key, curves):
    """Log metrics in the order given, a thousandth of a second apart."""
    points = [
        Metric(name, value, 1_000 + place, step)
        for name, curve in curves.items()
        for place, (step, value) in enumerate(curve)
    ]
    for start in range(0, len(points), MOST):
        client.log_batch(key, metrics=points[start : start + MOST])


def described(client, key):
    """Return what MLflow's client says of a run; infinity is the largest number there."""
    run = client.get_run(key)
    history = {name: client.get_metric_history(key, name) for name in run.data.metrics}
    return {
        "name": run.info.run_name,
        "experiment": client.get_experiment(run.info.experiment_id).name,
        "status": run.info.status,
        "params": run.data.params,
        "tags": run.data.tags,
        "metrics": {name: [(each.step, each.value) for each in points] for name, points in history.items()},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
