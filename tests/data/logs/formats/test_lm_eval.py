"""Results of lm-evaluation-harness in its old and its new layout, against json."""

import json
import math
from pathlib import Path

import pytest

from sigstats.data.logs.formats.lm_eval import FORMAT
from sigstats.data.logs.search import runs_of, search

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
    assert run.series["a/acc"].steps.tolist() == [0]


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
