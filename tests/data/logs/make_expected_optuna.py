"""Make samples/optuna: a trimmed real study, studies of old and new schemas, a journal, and what they hold.

Run by hand, first with the path of the real database as argument; needs optuna 5.0.0 for the new database and the
journal, which the tests do not need. Optuna 5.0.0 refuses the database of version 2.10: its expected values are those
that Optuna gives after `optuna storage upgrade` of a copy.
"""

import contextlib
import json
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

import optuna
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend

SAMPLES = Path(__file__).parent / "samples" / "optuna"
KEEP = "number < 5 OR number = 17 OR state <> 'COMPLETE'"


def trim(path: Path) -> None:
    """Delete all trials of the real study but those that are kept."""
    copy = SAMPLES / "guide4" / "optuna_hparam_search.db"
    shutil.copyfile(path, copy)
    with contextlib.closing(sqlite3.connect(copy)) as database:
        for table in ("trial_params", "trial_values", "trial_intermediate_values"):
            database.execute(
                f"DELETE FROM {table} WHERE trial_id NOT IN (SELECT trial_id FROM trials WHERE {KEEP})"  # noqa: S608
            )
        database.execute(f"DELETE FROM trials WHERE NOT ({KEEP})")  # noqa: S608 - a constant
        database.commit()
        database.execute("PRAGMA page_size = 1024")
        database.execute("VACUUM")


def objective(trial: optuna.Trial) -> float:
    """Return a number that needs no learning."""
    x = trial.suggest_float("x", 0.01, 10, log=True)
    depth = trial.suggest_int("depth", 1, 5)
    kind = trial.suggest_categorical("kind", ["relu", "tanh", None, 3])
    trial.set_user_attr("seed", trial.number % 3)
    for step in range(4):
        trial.report(float("nan") if trial.number == 2 and step == 1 else x / (step + 1), step)
    if trial.number == 3:
        raise optuna.TrialPruned
    if trial.number == 4:
        raise ValueError
    if trial.number == 5:
        return float("inf")
    return x + depth + len(str(kind))


def study(storage: object, name: str) -> None:
    """Run a study."""
    made = optuna.create_study(
        storage=storage, study_name=name, sampler=optuna.samplers.RandomSampler(seed=1)
    )
    made.set_metric_names(["cost"])
    made.optimize(objective, n_trials=7, catch=(ValueError,))
    made.ask()
    both = optuna.create_study(storage=storage, study_name="both", directions=["minimize", "maximize"])
    both.optimize(lambda t: (t.suggest_float("x", 0, 1), t.suggest_float("y", 0, 1)), n_trials=2)


def expected(storage: object) -> dict[str, list[dict[str, object]]]:
    """Return what Optuna says of all trials."""
    found = {}
    for name in optuna.get_all_study_names(storage):
        trials = optuna.load_study(study_name=name, storage=storage).get_trials()
        found[name] = [
            {
                "number": t.number, "state": t.state.name, "params": t.params, "user_attrs": t.user_attrs,
                "values": t.values, "intermediate": sorted(t.intermediate_values.items()),
            }
            for t in trials
        ]  # fmt: skip
    return found


def main() -> None:
    """Write the samples."""
    if len(sys.argv) > 1:
        trim(Path(sys.argv[1]))
    made = SAMPLES / "generated"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    journal = JournalStorage(JournalFileBackend(str(made / "journal.log")))
    study(journal, "one")
    database = RDBStorage(f"sqlite:///{made / 'study.db'}")
    study(database, "one")
    database.engine.dispose()
    with contextlib.closing(sqlite3.connect(made / "study.db")) as connection:
        connection.execute("PRAGMA page_size = 1024")
        connection.execute("VACUUM")
    found = {"journal.log": expected(journal), "study.db": expected(database)}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(SAMPLES / "guide4" / "optuna_hparam_search.db", copy)
        old = RDBStorage(f"sqlite:///{copy}", skip_compatibility_check=True)
        old.upgrade()
        found["optuna_hparam_search.db"] = expected(old)
    (SAMPLES / "expected.json").write_text(json.dumps(found, indent=1) + "\n")
    text = "made by ../../../make_expected_optuna.py with optuna 5.0.0\n"
    (made / "SOURCE.txt").write_text(text)


if __name__ == "__main__":
    main()
