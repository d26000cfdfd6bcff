"""What is done to every run, whatever its format."""

import numpy as np
import pytest

from sigstats.data.logs.model import Run, Series
from sigstats.data.logs.normalise import RunSelection, as_selection, is_averaged, normalised
from sigstats.errors import OptionError


def series(steps, values):
    return Series(steps=np.array(steps, dtype=float), values=np.array(values, dtype=float))


def run(state="finished", config=None, **metrics):
    return Run(name="r", format="f", series=metrics, config=config or {}, state=state)


def codes(found):
    return [each.code for each in found.problems]


def test_a_run_in_order_stays_as_it_is():
    before = run(loss=series([1, 2], [5, 4]))
    after = normalised(before, RunSelection())
    assert after.series["loss"] is before.series["loss"]
    assert after.problems == ()


def test_steps_rise_and_the_last_written_value_of_a_step_counts():
    after = normalised(run(loss=series([3, 1, 3, np.nan], [1, 2, 4, 9])), RunSelection())
    assert after.series["loss"].steps.tolist() == [1, 3]
    assert after.series["loss"].values.tolist() == [2, 4]
    assert codes(after) == ["DUPLICATE_STEP"]


def test_an_empty_metric_is_no_metric():
    assert normalised(run(loss=series([], [])), RunSelection()).series == {}


@pytest.mark.parametrize("value", [1.797e308, 1.7976931348623157e308, -1.797e308])
def test_the_largest_number_of_a_database_is_infinite(value):
    after = normalised(run(loss=series([1, 2], [5, value])), RunSelection())
    assert after.series["loss"].values[1] == np.copysign(np.inf, value)
    assert codes(after) == ["HUGE_VALUE", "NOT_FINITE"]


def test_values_that_are_no_numbers_are_kept_and_listed():
    after = normalised(run(loss=series([1, 2], [np.nan, 4]), acc=series([1, 2], [0, np.nan])), RunSelection())
    assert np.isnan(after.series["loss"].values[0])
    (problem,) = after.problems
    assert (problem.code, problem.metric) == ("NOT_FINITE", None)
    assert problem.message.startswith(
        "2 values are not finite, in loss, acc; the last value is not finite in acc"
    )


@pytest.mark.parametrize(
    "name",
    ["loss_smooth", "train/loss_smoothed", "ema", "loss.ema", "reward_moving_avg", "rollout/ep_rew_mean",
     "running_mean", "episode_reward_mean", "Loss-Rolling", "rollout/success_rate"],
)  # fmt: skip
def test_names_of_moving_averages_are_known(name):
    assert is_averaged(name)
    assert codes(normalised(run(**{name: series([1], [1])}), RunSelection())) == ["MOVING_AVERAGE"]


@pytest.mark.parametrize(
    "name", ["loss", "smoothness", "cinema", "schema", "eval/mean_reward", "label_smoothing"]
)
def test_other_names_are_not(name):
    assert not is_averaged(name)


@pytest.mark.parametrize("state", ["failed", "unfinished"])
def test_runs_that_did_not_finish_are_listed(state):
    assert codes(normalised(run(state, loss=series([1], [1])), RunSelection())) == ["UNFINISHED"]


def test_metrics_and_settings_can_be_chosen():
    before = run(
        config={"lr": 1, "opt.name": 2, "opt.eps": 3}, loss=series([1], [1]), **{"eval/a": series([1], [1])}
    )
    after = normalised(before, RunSelection(metrics=("eval/*",), config=("lr", "opt.n*")))
    assert set(after.series) == {"eval/a"}
    assert after.config == {"lr": 1, "opt.name": 2}


def test_another_metric_can_count_the_steps():
    before = run(tokens=series([1, 2, 4], [100, 200, 400]), loss=series([1, 2, 3], [9, 8, 7]))
    after = normalised(before, RunSelection(step="tokens"))
    assert after.series["loss"].steps.tolist() == [100, 200]
    assert after.series["loss"].values.tolist() == [9, 8]
    assert codes(after) == ["NO_STEP"]
    assert "tokens" not in after.series


def test_a_run_without_that_metric_has_nothing_left():
    after = normalised(run(loss=series([1], [9])), RunSelection(step="tokens"))
    assert after.series == {}
    assert codes(after) == ["NO_STEP"]


@pytest.mark.parametrize(
    "option", [{"step": 3}, {"step": ""}, {"metrics": 3}, {"metrics": []}, {"config": [""]}]
)
def test_options_that_make_no_sense_are_refused(option):
    with pytest.raises(OptionError, match=next(iter(option))):
        as_selection(option)
