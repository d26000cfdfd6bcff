"""Results of lm-evaluation-harness in its old and its new layout, against json."""

import json
import math
from pathlib import Path

import pytest

from sigstats import read_runs
from sigstats.data.logs.formats.lm_eval import FORMAT
from sigstats.data.logs.search import runs_of, search

CASES = Path(__file__).parents[1] / "cases"
SAMPLE = Path(__file__).parents[1] / "samples" / "lm_eval"


def runs_in(path):
    found = search(path, (FORMAT,))
    return [run for source in found.sources for run in runs_of(source, found.root)]


def codes(run):
    return [problem.code for problem in run.problems]


@pytest.mark.parametrize(("name", "step"), [("70m_step16.json", 16), ("70m_step143000.json", 143000)])
def test_every_metric_of_the_old_layout_stands_at_the_step_of_its_revision(name, step):
    (run,) = [run for run in runs_in(SAMPLE) if run.name == name]
    told = json.loads((SAMPLE / name).read_text())["results"]
    expected = {
        f"{task}/{metric}": value for task, metrics in told.items() for metric, value in metrics.items()
    }
    assert len(expected) == 344
    assert {metric: series.values.tolist() for metric, series in run.series.items()} == {
        metric: [value] for metric, value in expected.items()
    }
    assert {float(series.steps[0]) for series in run.series.values()} == {step}
    assert (run.config["revision"], run.config["step"]) == (f"step{step}", step)
    assert run.config["model_args.pretrained"] == "EleutherAI/pythia-v1.1-70m"
    assert run.config["num_fewshot"] == 0
    assert (run.state, run.problems) == ("finished", ())


def test_the_new_layout_keeps_filters_and_groups_apart():
    (run,) = runs_in(SAMPLE / "new_layout")
    values = {metric: series.values[0] for metric, series in run.series.items()}
    assert values["gsm8k/exact_match,strict-match"] == 0.02
    assert values["gsm8k/exact_match,flexible-extract"] == 0.03
    assert values["mmlu/acc"] == 0.25
    assert values["pile/acc"] == 0.5
    assert math.isnan(values["lambada_openai/perplexity"])
    assert len(values) == 10
    assert {float(series.steps[0]) for series in run.series.values()} == {8000}


def test_the_new_layout_tells_what_is_missing_or_limited():
    (run,) = runs_in(SAMPLE / "new_layout")
    assert codes(run) == ["LIMITED", "NOT_FINITE", "MISSING_VALUE"]
    config = run.config
    assert (config["num_fewshot"], config["n-shot.gsm8k"], config["random_seed"]) == (5, 5, 0)
    assert (config["model_args.dtype"], config["model_name"]) == ("float", "EleutherAI/pythia-160m")


def write(folder, told):
    (folder / "results_x.json").write_text(json.dumps(told))
    (run,) = runs_in(folder)
    return run


def test_a_revision_that_names_no_step_is_told(tmp_path):
    run = write(
        tmp_path,
        {"results": {"a": {"acc": 0.5}}, "versions": {}, "config": {"model_args": {"revision": "main"}}},
    )
    assert codes(run) == ["NO_STEP"]
    assert run.config == {"model_args.revision": "main", "revision": "main"}
    assert not run.series["a/acc"].has_steps


@pytest.mark.parametrize(
    "told",
    [
        {"results": {}, "versions": {}},
        {"results": [1]},
        {"config": {}, "results": {"a": 1}},
        [],
        {"results": {"a": 1}},
    ],
)
def test_other_json_is_not_claimed_or_refused(tmp_path, told):
    (tmp_path / "other.json").write_text(json.dumps(told))
    assert [run.code for run in runs_in(tmp_path)] in ([], ["FOREIGN"])


def test_entries_that_are_no_metrics_are_told(tmp_path):
    run = write(
        tmp_path,
        {
            "results": {"a": {"acc": "high"}, "b": 3},
            "versions": {},
            "config": {"model_args": "revision=step5"},
        },
    )
    assert run.series == {}
    assert codes(run) == ["NOT_A_NUMBER"]


def test_revisions_that_name_a_step_within_other_words_stand_at_it():
    case = CASES / "lm_eval_revisions"
    expected = json.loads((case / "expected.json").read_text())["steps"]
    table = read_runs(case / "input").sweep(knob="step", metric="hellaswag/acc")
    found = {run.split("/")[0]: step for run, step in zip(table["run"], table["step"], strict=True)}
    assert found == {name: step for name, step in expected.items() if step != "none"}
    assert table.attrs["left_out"] == ("main/results_2026-01-05T10-00-00.json: do not say their step",)


@pytest.mark.parametrize(
    ("revision", "step", "stage"),
    [
        ("step16", 16, None),
        ("global_step1000", 1000, None),
        ("step-2000", 2000, None),
        ("step_3000", 3000, None),
        ("checkpoint-500", 500, None),
        ("ckpt_70", 70, None),
        ("iter_0005000", 5000, None),
        ("step1000-tokens4B", 1000, None),
        ("stage2-ingredient1-step7000-tokens30B", 7000, "stage2-ingredient1"),
        ("main", None, None),
        ("v1.1", None, None),
        ("footstep5", None, None),
        ("tokens4B", None, None),
    ],
)
def test_the_step_is_found_in_the_forms_that_are_usual(tmp_path, revision, step, stage):
    config = {"model_args": {"revision": revision}}
    run = write(tmp_path, {"results": {"a": {"acc": 0.5}}, "versions": {}, "config": config})
    assert (run.config.get("step"), run.config.get("stage")) == (step, stage)


def test_a_result_without_a_step_is_still_in_a_sweep_over_a_setting(tmp_path):
    for n, model in enumerate(("a", "b")):
        told = {"results": {"t": {"acc": n / 2}}, "versions": {}, "config": {"model": model}}
        (tmp_path / f"{n}.json").write_text(json.dumps(told))
    table = read_runs(tmp_path).sweep(knob="model", metric="t/acc")
    assert table["t/acc"].tolist() == [0.0, 0.5]


def test_samples_beside_the_results_are_items(tmp_path):
    told = {"results": {"t": {"acc,none": 0.5}}, "versions": {}, "config": {}}
    (tmp_path / "results_2026.json").write_text(json.dumps(told))
    rows = [
        {"doc_id": n, "doc": {}, "target": "x", "filter": "none", "metrics": ["acc"], "acc": float(n)}
        for n in (0, 1)
    ]
    (tmp_path / "samples_t_2026.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "samples_t_1999.jsonl").write_text("x\n")
    runs = read_runs(tmp_path)
    assert len(runs.outlines) == 1
    assert [problem.code for problem in runs.problems] == ["NO_STEP", "NO_SEED"]
    items = runs.items
    assert items[["metric", "item", "value"]].to_numpy().tolist() == [
        ["t/acc", "0", 0.0],
        ["t/acc", "1", 1.0],
    ]


def test_samples_that_are_broken_are_told_and_not_half_read(tmp_path):
    told = {"results": {"t": {"acc,none": 0.5}}, "versions": {}, "config": {}}
    (tmp_path / "results_2026.json").write_text(json.dumps(told))
    (tmp_path / "samples_t_2026.jsonl").write_text('{"doc_id": 1, "acc": 1}\n{"doc')
    items = read_runs(tmp_path).items
    assert len(items) == 0
    assert [problem.code for problem in items.attrs["problems"]] == ["BROKEN_LINES"]
