"""Run folders of HELM."""

import json
import shutil
from pathlib import Path

import pytest

from sigstats import read_runs

SAMPLE = Path(__file__).parents[1] / "samples" / "helm"


def test_means_of_statistics_are_metrics_by_split_and_perturbation():
    runs = read_runs(SAMPLE)
    first, second = runs.each()
    values = {metric: series.values.tolist() for metric, series in first.series.items()}
    assert values == {
        "exact_match": [0.5],
        "valid/exact_match": [0.25],
        "exact_match@robustness,worst": [0.25],
    }
    assert (first.config["seed"], second.config["seed"]) == (0, 1)
    assert (first.config["subject"], first.config["adapter.max_train_instances"]) == ("anatomy", 5)
    assert [problem.code for problem in first.problems] == ["NO_VALUE"]


def test_statistics_of_instances_have_an_item_each():
    items = read_runs(SAMPLE).items
    means = items.groupby("run")["value"].mean().tolist()
    assert means == [0.5, 0.75]
    assert items["item"].tolist() == ["id0", "id1", "id2", "id3"] * 2


def test_settings_of_the_run_can_be_joined_to_its_items():
    runs = read_runs(SAMPLE)
    joined = runs.items.merge(runs.config[["run", "seed"]])
    assert joined.groupby("seed")["value"].mean().tolist() == [0.5, 0.75]


@pytest.mark.long
@pytest.mark.parametrize("name", ["run_spec.json", "stats.json", "per_instance_stats.json"])
@pytest.mark.parametrize("text", ["{", "[]", "3", '[{"name": 3}, 4]', '{"name": [1]}', "[" * 50_000])
def test_files_of_another_shape_raise_nothing(tmp_path, name, text):
    shutil.copytree(SAMPLE, tmp_path / "x")
    for path in tmp_path.rglob(name):
        path.write_text(text)
    runs = read_runs(tmp_path)
    assert not [problem for problem in runs.problems if problem.code == "READER_FAILED"]
    frame = runs.items
    if name == "per_instance_stats.json" and text in ("{", "[" * 50_000):
        assert [problem.code for problem in frame.attrs["problems"]] == ["BAD_JSON"] * 2


def test_json_called_stats_without_a_spec_is_not_claimed(tmp_path):
    (tmp_path / "stats.json").write_text(json.dumps([]))
    assert read_runs(tmp_path).sources == ()
