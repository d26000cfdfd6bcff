"""Make samples/trackio: a project's database with its write-ahead log, and what Trackio reads from it.

Run by hand, in an environment with trackio 0.43.0; the tests do not need it.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

FOLDER = tempfile.mkdtemp()
os.environ["TRACKIO_DIR"] = FOLDER

from trackio.sqlite_storage import SQLiteStorage  # noqa: E402 - reads the environment
from trackio.utils import serialize_values  # noqa: E402

SAMPLES = Path(__file__).parent / "samples" / "trackio"


def main() -> None:
    """Write the samples."""
    rows = [{"loss": 1.0 / (step + 1), "eval": {"acc": step / 10}, "note": "a word"} for step in range(10)]
    rows[4]["loss"] = float("nan")
    rows[5]["loss"] = float("inf")
    for run, seed in (("a", 1), ("b", 2)):
        SQLiteStorage.bulk_log(
            "sweep", run, [serialize_values(row) for row in rows], list(range(10)), run_id=f"id-{run}",
            config={"seed": seed, "opt": {"lr": "1e-3"}, "_Username": "x"},
        )  # fmt: skip
    path = SQLiteStorage.get_project_db_path("sweep")
    with contextlib.closing(sqlite3.connect(path)) as settled:
        for statement in ("journal_mode = DELETE", "page_size = 1024", "journal_mode = WAL"):
            settled.execute(f"PRAGMA {statement}")
            settled.execute("VACUUM")
    with contextlib.closing(
        sqlite3.connect(path)
    ) as reader:  # an open reader keeps the log from being merged
        reader.execute("SELECT count(*) FROM metrics").fetchall()
        SQLiteStorage.bulk_log(
            "sweep", "a", [{"loss": 0.5, "late": 1}], [20], run_id="id-again", config={"seed": 3}
        )
        shutil.rmtree(SAMPLES, ignore_errors=True)
        SAMPLES.mkdir(parents=True)
        for name in ("sweep.db", "sweep.db-wal"):
            shutil.copyfile(path.with_name(name), SAMPLES / name)
        found = {
            run: {
                "logs": [
                    {key: value for key, value in row.items() if key != "timestamp"}
                    for row in SQLiteStorage.get_logs("sweep", run_id=run)
                ],
                "config": SQLiteStorage.get_run_config("sweep", run_id=run),
            }
            for run in ("id-a", "id-b", "id-again")
        }
    (SAMPLES / "expected.json").write_text(json.dumps(found, indent=1) + "\n")
    (SAMPLES / "SOURCE.txt").write_text("made by ../../make_expected_trackio.py with trackio 0.43.0\n")
    shutil.rmtree(FOLDER)


if __name__ == "__main__":
    main()
