"""Several runs in one table, phases of one run, and steps that start again: nothing is merged or lost."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats import read_runs
from sigstats.data.logs.restarts import counted_on

CASES = Path(__file__).parent / "cases"


def runs_of(folder, text, name="all.csv"):
    (folder / name).write_text(text)
    return read_runs(folder)


def told(runs):
    return [problem.code for problem in runs.problems if problem.code not in ("NO_SEED", "STEPS_DIFFER")]


def values(runs, metric="loss"):
    return {run.name: run.series[metric].values.tolist() for run in runs.each()}


def test_a_column_that_tells_runs_apart_gives_runs():
    runs = read_runs(CASES / "many_runs_in_one_csv" / "input")
    expected = json.loads((CASES / "many_runs_in_one_csv" / "expected.json").read_text())
    assert len(runs.outlines) == expected["runs"]
    assert {each.metrics["loss"].n for each in runs.outlines} == {expected["values_per_run"]}
    assert runs.config["seed"].tolist() == [0, 1, 2]
    assert runs.metrics == ("loss",)
    assert told(runs) == ["SEVERAL_RUNS"]


def test_a_table_of_runs_becomes_a_sweep():
    runs = read_runs(CASES / "many_runs_in_one_csv" / "input")
    table = runs.sweep(knob="step", metric="loss", seed="seed")
    assert len(table) == 15
    assert sorted(set(table["seed"])) == [0, 1, 2]


ROWS = [(seed, lr, step, seed + lr + step) for lr in (0.1, 0.2) for seed in (0, 1) for step in (1, 2, 3)]


@pytest.mark.long
@pytest.mark.parametrize("order", ["blocks", "mixed"])
@pytest.mark.parametrize(
    ("header", "name"),
    [("seed,lr", "x.csv"), ("trial,lr", "x.csv"), ("random_seed,lr", "x.csv"), ("config.seed,lr", "x.csv")],
)
def test_settings_beside_the_seed_tell_runs_apart_where_the_seed_alone_does_not(
    tmp_path, header, name, order
):
    rows = ROWS if order == "blocks" else sorted(ROWS, key=lambda row: row[2])
    text = "".join(f"{seed},{lr},{step},{loss}\n" for seed, lr, step, loss in rows)
    runs = runs_of(tmp_path, f"{header},step,loss\n{text}", name)
    assert len(runs.outlines) == 4
    assert sorted(runs.config["lr"]) == [0.1, 0.1, 0.2, 0.2]
    assert all(len(each) == 3 for each in values(runs).values())


@pytest.mark.parametrize("order", ["blocks", "mixed"])
def test_words_and_numbers_tell_runs_apart_in_any_order(tmp_path, order):
    rows = [(seed, model, step) for model in ("a", "b") for seed in (0, 1) for step in (1, 2, 3)]
    rows = rows if order == "blocks" else sorted(rows, key=lambda row: row[2])
    text = "".join(f"{seed},{model},{step},{seed + step}\n" for seed, model, step in rows)
    runs = runs_of(tmp_path, f"seed,model,step,loss\n{text}")
    assert len(runs.outlines) == 4
    assert sorted(set(runs.config["model"])) == ["a", "b"]


def test_json_lines_of_several_runs(tmp_path):
    lines = [{"run_name": f"r{r}", "step": s, "loss": r + s} for s in range(3) for r in range(2)]
    runs = runs_of(tmp_path, "".join(json.dumps(line) + "\n" for line in lines), "a.jsonl")
    assert values(runs) == {"a/r0": [0, 1, 2], "a/r1": [1, 2, 3]}


def test_rows_that_sum_up_runs_or_belong_to_none_are_left_out_and_told(tmp_path):
    text = "".join(f"{seed},{step},1\n" for seed in ("s0", "s1", "mean", "std", "") for step in (1, 2))
    runs = runs_of(tmp_path, f"run,step,loss\n{text}")
    assert [each.name for each in runs.outlines] == ["all/s0", "all/s1"]
    assert told(runs) == ["SEVERAL_RUNS", "NO_LABEL", "SUMMARY_ROWS"]


def test_a_resumed_run_stays_one_run(tmp_path):
    runs = runs_of(tmp_path, "step,lr,loss\n1,.1,3\n2,.1,2\n3,.1,1\n2,.2,5\n3,.2,4\n")
    assert values(runs) == {"all": [3, 5, 4]}
    assert told(runs) == ["RESUMED"]


def test_a_learning_rate_that_falls_with_every_epoch_does_not_tell_runs_apart(tmp_path):
    rows = [f"{epoch},{step},{1 / (epoch + 1)},{epoch}" for epoch in range(3) for step in range(4)]
    runs = runs_of(tmp_path, "epoch,step,lr,loss\n" + "\n".join(rows) + "\n")
    assert len(values(runs)["all"]) == 12
    assert told(runs) == ["STEP_PER_EPOCH"]


@pytest.mark.parametrize("column", ["seed", "run_id", "run"])
def test_a_table_of_results_is_refused_with_the_call_that_reads_it(tmp_path, column):
    runs = runs_of(tmp_path, f"{column},lr,acc\n0,0.1,0.5\n1,0.1,0.6\n0,0.2,0.7\n", "sweep.csv")
    assert runs.outlines == ()
    problem = runs.problems[0]
    assert problem.code == "TABLE_OF_RESULTS"
    assert "sigstats.read_sweep('sweep.csv')" in problem.message


@pytest.mark.parametrize("name", ["train", "train2"])
def test_steps_that_start_again_with_every_epoch_lose_nothing(name):
    case = CASES / "epoch_step_resets"
    expected = json.loads((case / "expected.json").read_text())["values"]
    runs = read_runs(case / "input")
    (run,) = [run for run in runs.each() if run.name == name]
    assert run.series["loss"].values.size == expected[f"{name}/loss"]
    assert (np.diff(run.series["loss"].values) < 0).all()


def test_several_runs_whose_steps_start_again_with_every_epoch(tmp_path):
    rows = [f"{seed},{e},{s},{seed + e}" for seed in (0, 1) for e in range(3) for s in (10, 20)]
    runs = runs_of(tmp_path, "seed,epoch,step,loss\n" + "\n".join(rows) + "\n")
    assert [run.series["loss"].steps.tolist() for run in runs.each()] == [[10, 20, 30, 40, 50, 60]] * 2


def test_phases_have_metrics_of_their_own(tmp_path):
    text = "epoch,phase,loss\n1,train,3\n1,val,4\n2,train,2\n2,val,3\n"
    runs = runs_of(tmp_path, text)
    assert values(runs, "train/loss") == {"all": [3, 2]}
    assert values(runs, "val/loss") == {"all": [4, 3]}
    assert runs.metrics == ("train/loss", "val/loss")
    assert told(runs) == []


def test_phases_in_json_lines_as_openmmlab_writes_them(tmp_path):
    lines = [{"mode": "train", "epoch": e, "iter": i, "loss": e + i} for e in (1, 2) for i in (50, 100)]
    lines = [*lines[:2], {"mode": "val", "epoch": 1, "iter": 20, "mAP": 0.5}, *lines[2:],
             {"mode": "val", "epoch": 2, "iter": 20, "mAP": 0.6}]  # fmt: skip
    runs = runs_of(
        tmp_path, '{"env_info": "x", "seed": 3}\n' + "\n".join(map(json.dumps, lines)), "a.log.json"
    )
    (run,) = runs.each()
    assert run.series["loss"].values.tolist() == [51, 101, 52, 102]
    assert run.series["mAP"].values.tolist() == [0.5, 0.6]


def test_text_that_changes_is_told(tmp_path):
    runs = runs_of(tmp_path, "step,note,loss\n1,x,3\n2,y,2\n")
    assert told(runs) == ["TEXT_COLUMN"]


@pytest.mark.parametrize(
    ("epochs", "steps", "expected"),
    [
        ([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 2, 3]),
        ([1, 1, 2, 2], [1, 2, 1, 2], [1, 2, 3, 4]),
        ([1, 1, 3, 3], [5, 10, 5, 10], [5, 10, 25, 30]),
        ([0, 0, 1], [0, 50, 0], [0, 50, 100]),
        ([0, 0, 1, 1], [0, 1, 2, 3], None),
        ([0, 0, 0, 0], [0, 1, 0, 1], None),
        ([0.1, 0.2, 0.3], [1, 2, 1], None),
        ([0, 0, 1, 1, 0, 0, 1, 1], [0, 1, 2, 3, 0, 1, 2, 3], None),
    ],
)
def test_steps_are_counted_on_only_where_epochs_explain_them(epochs, steps, expected):
    found = counted_on(np.array(epochs, dtype=float), np.array(steps, dtype=float))
    assert (None if found is None else found[0].tolist()) == expected


@given(
    n_epochs=st.integers(2, 6), length=st.integers(1, 20), every=st.integers(1, 7), start=st.integers(0, 1)
)
def test_counted_steps_rise_and_are_spaced_as_within_an_epoch(n_epochs, length, every, start):
    within = (np.arange(length) + start) * every
    epochs, steps = np.repeat(np.arange(n_epochs), length), np.tile(within, n_epochs)
    found = counted_on(epochs.astype(float), steps.astype(float))
    if length > 1:
        assert found is not None
        assert (np.diff(found[0]) == every).all()


def test_columns_that_look_like_runs_are_told_with_the_call_that_makes_them_rows(tmp_path):
    runs = runs_of(tmp_path, "step,seed_0,seed_1,mean\n1,3,4,3.5\n2,2,3,2.5\n")
    assert told(runs) == ["COLUMNS_ARE_RUNS"]
    assert "sigstats.from_wide" in runs.problems[0].done


def test_a_run_that_was_resumed_among_others_is_still_told_apart(tmp_path):
    rows = "x,1,3\nx,2,2\nx,3,1\nx,3,1.5\nx,4,1\ny,1,2\ny,2,1\n"
    runs = runs_of(tmp_path, f"run_id,step,loss\n{rows}")
    assert values(runs) == {"all/x": [3, 2, 1.5, 1], "all/y": [2, 1]}
    assert told(runs) == ["SEVERAL_RUNS", "RESUMED"]


def test_batches_within_epochs_are_steps_and_validation_stands_at_the_end_of_its_epoch(tmp_path):
    lines = [
        row
        for epoch in (1, 2)
        for row in (
            [{"epoch": epoch, "batch": b, "loss": epoch + b} for b in (1, 2)]
            + [{"epoch": epoch, "val": epoch}]
        )
    ]
    runs = runs_of(tmp_path, "".join(json.dumps(line) + "\n" for line in lines), "a.jsonl")
    (run,) = runs.each()
    assert run.series["loss"].steps.tolist() == [1, 2, 3, 4]
    assert run.series["val"].steps.tolist() == [2, 4]
    assert told(runs) == ["STEP_PER_EPOCH", "STEP_CARRIED"]
