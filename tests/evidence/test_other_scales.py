"""Is a jump there on other scales of the metric?"""

import numpy as np
import pytest

from sigstats import detect
from sigstats.data.table.sweep import SweepTable
from sigstats.evidence.reason import Reason

LEVELS = np.arange(8.0)
LOGIT = 8.0 / (1.0 + np.exp(-3.0 * (LEVELS - 3.5))) - 4.0


def told(mean, *, noise=0.02, **claim):
    """Return the verdict on a sigmoid and what it says of each scale."""
    curves = mean + noise * np.random.default_rng(1).standard_normal((6, 8))
    shape = claim.pop("shape", "sigmoid")
    verdict = detect(
        SweepTable.from_matrices(LEVELS, {"a": claim.pop("inverse", np.asarray)(curves)}),
        shape=shape,
        **claim,
    )
    return verdict, {each.scale: each for each in verdict.evidence.other_scales}


def shown(scales):
    """Return the scales on which the middle is steepest: test and posterior, at the level .05."""
    return {name for name, each in scales.items() if each.pvalue <= 0.05 and each.prob_positive >= 0.95}


def expit(values):
    return 1.0 / (1.0 + np.exp(-values))


def test_a_jump_on_every_scale_is_said_to_be_so():
    """A phase change between .018 and .982 in the logit is one in the accuracy and in its logarithm."""
    verdict, scales = told(LOGIT, inverse=expit)
    assert verdict.status == "present"
    assert shown(scales) == {"log", "logit"}
    assert Reason.STEEP_ON_OTHER_SCALES in verdict.notes
    assert "the log scale" in str(verdict.summary(full=True))


def test_a_jump_that_is_steady_on_another_scale_is_said_to_be_so():
    """A line in the logit is a sigmoid in the accuracy, and nowhere steepest in the logit."""
    verdict, scales = told(1.2 * (LEVELS - 3.5), inverse=expit)
    assert verdict.status == "present"
    assert "logit" not in shown(scales)
    assert scales["logit"].estimate.value == pytest.approx(0.0, abs=0.2)
    assert Reason.STEEP_ON_THIS_SCALE in verdict.notes
    text = " ".join(verdict.summary(full=True).split())
    assert "not on the log scale" in text
    caveat = "the jump may come from the scale, or noise may hide it elsewhere"
    assert caveat in text
    (limits,) = (
        each for each in verdict.methods(full=True).passages if each.title == "What this does not show"
    )
    (reply,) = (each for each in verdict.answers().passages if "scale of the metric" in each.title)
    assert [caveat in " ".join(map(str, each.sentences)) for each in (limits, reply)] == [True, True]


@pytest.mark.long
def test_a_jump_that_was_asked_on_one_scale_is_said_to_be_about_that_one():
    """Nothing is asked of a step on other scales; on every scale, a sigmoid is no matter of the scale."""
    said = "It is about the linear scale of the metric: on another one"
    step, _ = told(np.repeat([0.0, 1.0], 4), shape={"name": "threshold", "form": "step"})
    assert (str(step.status), said in str(step.methods(full=True))) == ("present", True)
    anywhere, _ = told(LOGIT, inverse=expit)
    assert "may come from the scale" not in str(anywhere.methods(full=True))
    assert "The middle is steepest on the log scale" in str(anywhere.answers())
    flat, _ = told(np.zeros(8), shape={"name": "threshold", "form": "step"}, min_effect=1.0)
    assert (str(flat.status), said in str(flat.methods(full=True))) == ("absent", False)


def test_a_scale_that_lacks_values_is_counted_and_not_asked():
    """Negative values have no logarithm; nothing is concluded from that."""
    verdict, scales = told(LOGIT)
    assert {each.n_outside > 0 for each in scales.values()} == {True}
    assert not {Reason.STEEP_ON_OTHER_SCALES, Reason.STEEP_ON_THIS_SCALE} & set(verdict.notes)


def test_the_own_scale_is_left_out_and_the_plain_one_is_asked():
    """A claim on the logit scale is asked of the metric itself and of its logarithm."""
    _, scales = told(LOGIT, inverse=expit, metric_scale="logit")
    assert set(scales) == {"linear", "log"}
    assert "linear" in shown(scales)


def test_a_falling_claim_is_asked_as_a_falling_one():
    """Orientation goes with the curves."""
    _, scales = told(-LOGIT, inverse=expit, shape={"name": "sigmoid", "direction": "decreasing"})
    assert shown(scales) == set(scales) != set()


def test_other_shapes_are_not_asked():
    """Only a claim on where a curve is steepest hangs on the scale."""
    verdict, scales = told(LEVELS + 1.0, shape="increasing")
    assert not scales
    assert verdict.status == "present"


def test_a_line_has_no_jump_to_speak_of():
    """It is shown to rise and to keep its ends, which says nothing about other scales."""
    verdict, _ = told(LEVELS, inverse=lambda values: values + 2.0)
    assert {each.name: each.state.name for each in verdict.findings.clauses}["keeps_ends"] == "SHOWN"
    assert not {Reason.STEEP_ON_OTHER_SCALES, Reason.STEEP_ON_THIS_SCALE} & {*verdict.notes}
