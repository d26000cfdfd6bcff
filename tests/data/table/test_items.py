"""The guard against items that are taken for seeds."""

import numpy as np
import pandas as pd
import pytest

import sigstats as ss


def table(n_runs: int = 3, n_items: int = 30) -> pd.DataFrame:
    """Return scores of runs on items along a knob."""
    rng = np.random.default_rng(3)
    rows = [
        (run, item, knob, knob + rng.normal())
        for run in range(n_runs)
        for item in range(n_items)
        for knob in range(4)
    ]
    return pd.DataFrame(rows, columns=["run", "question", "knob", "metric"])


def codes(frame: pd.DataFrame, **options: object) -> set[str]:
    """Return the codes of what is noted of a table."""
    return {note.code for note in ss.SweepTable.from_frame(frame, **options).notes}


def test_a_run_that_recurs_in_every_item_is_told() -> None:
    """Items as seeds, averaged over three runs: the note names the columns that were meant."""
    found = ss.SweepTable.from_frame(table(), seed="question", aggregate="mean")
    note = next(note for note in found.notes if note.code == "items_as_seeds")
    assert (
        "'question' has 30 values while 'run' has 3, all of which recur in every one of them" in note.message
    )
    verdict = ss.detect(table(), seed="question", aggregate="mean", shape="increasing")
    assert "items were taken for runs" in " ".join(verdict.summary(full=True).split())


def test_labels_of_run_and_item_are_told() -> None:
    """A label for each run and item hides the run; the column that still holds it gives it away."""
    frame = table()
    frame = frame.assign(unit=frame["run"].astype(str) + "/" + frame["question"].astype(str))
    assert "items_as_seeds" in codes(frame.drop(columns="question"), seed="unit")


@pytest.mark.parametrize("extra", ["step", "dataset", "gpu"])
def test_other_columns_are_no_runs(extra: str) -> None:
    """A column with few values that recurs by design is no sign, unless its name or that of the seeds says so."""
    frame = table(n_runs=1, n_items=20).rename(columns={"run": extra, "question": "seed"})
    frame[extra] = frame["knob"] % 2
    assert "items_as_seeds" not in codes(frame)


def test_real_seeds_are_no_items() -> None:
    """Runs as seeds, with as many numbers of runs, are what they should be."""
    frame = table(n_runs=1, n_items=20).rename(columns={"run": "model", "question": "seed"})
    assert "items_as_seeds" not in codes(frame.assign(run=frame["seed"]))
