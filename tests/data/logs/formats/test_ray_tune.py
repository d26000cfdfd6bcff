"""Ray Tune trials: result.json against the progress.csv that Ray wrote beside it."""

import csv
import json
import math
import shutil
from pathlib import Path

from sigstats.data.logs.formats.ray_tune import FORMAT

SAMPLES = Path(__file__).parents[1] / "samples" / "ray_tune"
(TRIAL,) = (SAMPLES / "pong-impala-lowlatency-128").iterdir()


def read(folder, root=None):
    (source,) = FORMAT.find(folder, tuple(sorted(each.name for each in folder.iterdir())))
    (run,) = FORMAT.read(source, root or folder)
    return run


def trial(folder, *results, **files):
    folder.mkdir(exist_ok=True)
    text = "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in results)
    if results:
        (folder / "result.json").write_text(text)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    return folder


def codes(run):
    return {problem.code for problem in run.problems}


def test_values_are_those_of_the_table_that_ray_wrote():
    run = read(TRIAL, SAMPLES)
    with (TRIAL / "progress.csv").open() as file:
        rows = list(csv.DictReader(file))
    for metric in ("episode_reward_mean", "timesteps_total", "time_this_iter_s"):
        assert list(map(repr, run.series[metric].values.tolist())) == [
            repr(float(row[metric])) for row in rows
        ]
        assert run.series[metric].steps.tolist() == [float(row["training_iteration"]) for row in rows]
    assert math.isnan(run.series["episode_reward_mean"].values[0])
    assert len(run.series["info/learner/policy_loss"].values) == len(rows)
    assert run.name.startswith("pong-impala-lowlatency-128/IMPALA_PongNoFrameskip-v4_0")


def test_settings_are_those_of_params_json():
    run = read(TRIAL)
    params = json.loads((TRIAL / "params.json").read_text())
    assert (run.config["num_workers"], run.config["model.dim"]) == (128, 42)
    assert len(run.config) == len(params)
    assert run.state == "unfinished"


def test_the_table_is_read_where_there_is_nothing_else(tmp_path):
    shutil.copy(TRIAL / "progress.csv", tmp_path)
    table, results = read(tmp_path), read(TRIAL)
    for metric in ("episode_reward_mean", "episodes_total", "time_total_s"):
        assert repr(table.series[metric].values.tolist()) == repr(results.series[metric].values.tolist())


def test_settings_come_from_the_first_result_or_from_columns(tmp_path):
    row = {"training_iteration": 1, "loss": 0.5, "config": {"lr": 0.1, "net": {"depth": 3}}, "done": True}
    run = read(trial(tmp_path / "a", row))
    assert (run.config, run.state) == ({"lr": 0.1, "net.depth": 3}, "finished")
    table = "training_iteration,loss,config/lr,config/net/depth,done\n1,0.5,0.1,3,True\n"
    run = read(trial(tmp_path / "b", progress_csv=table))
    assert (run.config, run.state) == ({"lr": 0.1, "net.depth": 3}, "finished")


def test_a_restored_trial_keeps_the_later_results(tmp_path):
    rows = [{"training_iteration": k, "loss": v} for k, v in ((1, 5), (2, 4), (3, 3), (2, 40), (3, 30))]
    run = read(trial(tmp_path / "a", *rows))
    assert run.series["loss"].values.tolist() == [5, 40, 30]
    assert codes(run) == {"RESUMED"}


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path):
    run = read(trial(tmp_path / "a", {"training_iteration": 1, "loss": 0.5}, '{"training_iteration": 2, "lo'))
    assert run.series["loss"].values.tolist() == [0.5]
    assert codes(run) == {"BAD_LINE"}


def test_a_trial_that_failed_says_so(tmp_path):
    run = read(
        trial(tmp_path / "a", {"training_iteration": 1, "loss": 0.5, "done": False}, error_txt="Traceback")
    )
    assert run.state == "failed"


def test_a_trial_without_results_is_told(tmp_path):
    run = read(trial(tmp_path / "a", params_json='{"lr": 0.1}', result_json=""))
    assert (run.series, run.config, codes(run)) == ({}, {"lr": 0.1}, {"EMPTY"})


def test_results_cut_anywhere_give_what_was_written_before(tmp_path):
    data = (TRIAL / "result.json").read_bytes()
    whole = read(TRIAL)
    for length in range(10, len(data), 3001):
        (tmp_path / "params.json").write_text("{}")
        (tmp_path / "result.json").write_bytes(data[:length])
        run = read(tmp_path)
        for metric, series in run.series.items():
            full = whole.series[metric]
            assert repr(series.values.tolist()) == repr(full.values.tolist()[: len(series.values)])


def test_a_folder_of_something_else_is_left_to_others(tmp_path):
    (tmp_path / "result.json").write_text('{"accuracy": 0.5}')
    (tmp_path / "progress.csv").write_text("time/iterations,loss\n1,0.5\n")
    assert list(FORMAT.find(tmp_path, ("progress.csv", "result.json"))) == []
