"""Results of lighteval."""

import json
from pathlib import Path

import pytest

from sigstats import read_runs

SAMPLE = Path(__file__).parents[1] / "samples" / "lighteval"


def test_tasks_lose_their_suite_and_shots_and_the_step_is_that_of_the_revision():
    (run,) = read_runs(SAMPLE).each()
    assert run.series["gpqa:main/extractive_match"].values.tolist() == [0.25]
    assert run.series["arc:challenge/acc"].steps.tolist() == [500]
    assert (run.config["n-shot.arc:challenge"], run.config["n-shot.gpqa:main"]) == (25, 0)
    assert (run.config["model_name"], run.config["model_config.seed"]) == ("org/small-sft", 1234)
    assert "num_fewshot" not in run.config
    assert (run.state, run.problems) == ("finished", ())


def write(folder, general, results):
    (folder / "results_x.json").write_text(json.dumps({"config_general": general, "results": results}))
    return read_runs(folder)


def test_newer_keys_and_limited_samples(tmp_path):
    runs = write(
        tmp_path, {"model_name": "m", "max_samples": 10}, {"gpqa|5": {"em": 0.5}, "aime|5": {"em": 1}}
    )
    (run,) = runs.each()
    assert set(run.series) == {"gpqa/em", "aime/em"}
    assert run.config["num_fewshot"] == 5
    assert not run.series["gpqa/em"].has_steps
    assert [problem.code for problem in run.problems] == ["LIMITED"]


@pytest.mark.parametrize("results", [{}, [], 3, None])
def test_results_of_another_shape_are_a_problem(tmp_path, results):
    assert [problem.code for problem in write(tmp_path, {}, results).problems] == ["FOREIGN", "NO_RUNS"]
