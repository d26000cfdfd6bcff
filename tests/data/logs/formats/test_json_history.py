"""JSON files that hold the course of a run."""

import json
from pathlib import Path

import pytest

from sigstats import read_runs

SAMPLE = Path(__file__).parents[1] / "samples" / "json_history"


def write(folder, content, name="a.json"):
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return read_runs(folder)


def codes(runs):
    return [problem.code for problem in runs.problems if problem.code not in ("NO_SEED", "NO_STEP")]


def test_lists_by_metric_are_counted_and_entries_with_a_config_are_runs():
    first, *others = read_runs(SAMPLE).each()
    assert first.series["val_loss"].values.tolist() == [1.1, 0.7, 0.6]
    assert first.series["val_loss"].steps.tolist() == [0, 1, 2]
    assert [(run.name, run.config["seed"]) for run in others] == [("runs/0", 0), ("runs/1", 1)]
    assert others[1].series["acc"].steps.tolist() == [1, 2]


@pytest.mark.parametrize(
    "content",
    [
        {"epoch": [1, 2], "loss": [3, 2]},
        [{"epoch": 1, "loss": 3}, {"epoch": 2, "loss": 2}],
        {"history": {"epoch": [1, 2], "loss": [3, 2]}},
        {"config": {}, "history": [{"epoch": 1, "loss": 3}, {"epoch": 2, "loss": 2}]},
    ],
)
def test_all_layouts_give_the_same(tmp_path, content):
    (run,) = write(tmp_path, content).each()
    assert (run.series["loss"].steps.tolist(), run.series["loss"].values.tolist()) == ([1, 2], [3, 2])


def test_settings_and_results_beside_the_history_are_kept(tmp_path):
    content = {"args": {"lr": 0.1}, "seed": 3, "history": {"loss": [2, 1]}, "results": {"test": 0.5}}
    (run,) = write(tmp_path, content).each()
    assert run.config == {"lr": 0.1, "seed": 3}
    assert run.series["test"].values.tolist() == [0.5]


def test_lists_of_different_lengths_are_told(tmp_path):
    runs = write(tmp_path, {"loss": [3, 2, 1], "val_loss": [3, 2]})
    assert codes(runs) == ["RAGGED_LISTS"]
    (run,) = runs.each()
    assert run.series["val_loss"].values.tolist() == [3, 2]


def test_rows_of_several_runs_are_told_apart(tmp_path):
    runs = write(tmp_path, [{"seed": s, "epoch": e, "loss": s + e} for s in (0, 1) for e in (1, 2)])
    assert runs.config["seed"].tolist() == [0, 1]
    assert codes(runs) == ["SEVERAL_RUNS"]


@pytest.mark.parametrize(
    "content",
    [
        [{"width": 64, "seed": 0, "acc": 0.5}],
        {"w64": {"0": {"acc": 0.5}}},
        {"a": 1},
        [],
        "{",
        '{"history": [',
        '{"loss": [1, 2',
        "[" * 100_000,
        '{"history": ' + "[" * 100_000,
        {"history": [1, 2]},
        {"loss": [1, "x", None], "b": [[1], {"c": 1}]},
    ],
)
def test_other_json_is_a_problem_or_not_claimed(tmp_path, content):
    runs = write(tmp_path, content)
    assert codes(runs)
    assert "READER_FAILED" not in codes(runs)
