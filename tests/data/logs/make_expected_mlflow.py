"""Make samples/mlflow/database and samples/mlflow/expected.json.

Run by hand, in an environment with mlflow-skinny 3.17.2 and SQLAlchemy; the tests need neither. The expected values are
those of MlflowClient. Of the database, only the tables that hold runs are kept, as MLflow made them: the others are
empty and 1 MB large.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, ViewType

SAMPLES = Path(__file__).parent / "samples" / "mlflow"
KEPT = (
    "experiments",
    "runs",
    "metrics",
    "params",
    "tags",
    "latest_metrics",
    "experiment_tags",
    "alembic_version",
)


def fill(client: MlflowClient) -> None:
    """Log runs with what the file store of the other sample lacks."""
    experiment = client.create_experiment("sweep", artifact_location="nowhere")
    parent = client.create_run(experiment, run_name="parent")
    for seed in range(2):
        run = client.create_run(
            experiment, run_name=f"seed {seed}", tags={"mlflow.parentRunId": parent.info.run_id, "team": "a"}
        )
        number = run.info.run_id
        metrics = [Metric("loss", 1.0 / (step + 1 + seed), 1000 + step, step) for step in range(30)]
        metrics += [
            Metric("val/acc", value, 2000 + k, 10 * k) for k, value in enumerate([0.5, float("nan"), 0.75])
        ]
        metrics += [Metric("big", float("inf"), 3000, 0), Metric("big", float("-inf"), 3001, 1)]
        metrics += [Metric("twice", 1.0, 4000, 5), Metric("twice", 2.0, 4001, 5)]
        client.log_batch(
            number, metrics, [Param("lr", "1e-3"), Param("seed", str(seed)), Param("opt", "adam")], []
        )
        client.set_terminated(number, "FINISHED" if seed else "FAILED")
    gone = client.create_run(experiment, run_name="gone")
    client.log_metric(gone.info.run_id, "loss", 1.0)
    client.delete_run(gone.info.run_id)
    removed = client.create_experiment("removed", artifact_location="nowhere")
    client.log_metric(client.create_run(removed).info.run_id, "loss", 1.0)
    client.delete_experiment(removed)


def keep(path: Path, copy: Path) -> None:
    """Copy the tables that hold runs, with their own statements."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        statements = dict(
            source.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        )
        for table in KEPT:
            target.execute(statements[table])
            rows = source.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - names stand above
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                target.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
        target.commit()


def expected(client: MlflowClient) -> dict[str, dict[str, object]]:
    """Return what MLflow says of all runs."""
    experiments = {each.experiment_id: each.name for each in client.search_experiments(ViewType.ALL)}
    found: dict[str, dict[str, object]] = {}
    for run in client.search_runs(list(experiments), run_view_type=ViewType.ACTIVE_ONLY, max_results=1000):
        histories = {key: client.get_metric_history(run.info.run_id, key) for key in run.data.metrics}
        found[run.info.run_id] = {
            "experiment": experiments[run.info.experiment_id],
            "status": run.info.status,
            "params": run.data.params,
            "tags": {key: text for key, text in run.data.tags.items() if isinstance(text, str)},
            "metrics": {k: [[m.timestamp, m.step, m.value] for m in each] for k, each in histories.items()},
        }
    return found


def main() -> None:
    """Write the samples."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mlflow.db"
        client = MlflowClient(tracking_uri=f"sqlite:///{path}")
        fill(client)
        found = {"database": expected(client)}
        keep(path, SAMPLES / "database" / "mlflow.db")
        store = Path(folder) / "mlruns"
        shutil.copytree(SAMPLES / "store" / "mlruns", store)
        for run in store.glob("*/*/meta.yaml"):
            for part in (
                "artifacts",
                "metrics",
                "params",
                "tags",
            ):  # MLflow refuses runs without them; git drops them
                (run.parent / part).mkdir(exist_ok=True)
        found["store"] = expected(MlflowClient(tracking_uri=store.as_uri()))
    (SAMPLES / "expected.json").write_text(json.dumps(found, indent=1) + "\n")
    text = "made by ../../../make_expected_mlflow.py with mlflow-skinny 3.17.2\n"
    (SAMPLES / "database" / "SOURCE.txt").write_text(text)


if __name__ == "__main__":
    main()
