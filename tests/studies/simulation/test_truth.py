"""What is true of a simulated sweep, for shapes that are no plain trend."""

import numpy as np
import pytest

from sigstats import Plan, Signature
from sigstats.errors import SignatureError
from sigstats.studies.simulation.truth import truth_of


def truth(form, shape, effect=8.0, **options):
    """Return the truth of one treatment with a mean curve of this form."""
    return truth_of(Plan(effects={"t": effect}, form=form, **options), Signature(shape=shape))


@pytest.mark.parametrize(
    ("form", "shape", "primary", "required"),
    [
        ("linear", "linear", True, True),
        ("saturating", "linear", True, False),
        ("linear", "saturating", True, False),
        (lambda x: np.minimum(x / 0.3, 1.0), "saturating", True, True),
        ("step", {"name": "threshold", "form": "step"}, True, True),
        ("sigmoid", {"name": "threshold", "form": "step"}, True, False),
        (lambda x: np.maximum(x - 0.4, 0.0), "threshold", True, True),
        ("saturating", "threshold", False, False),
        ("umbrella", "peak", True, True),
        ("saturating", "peak", True, False),
        (lambda x: -np.abs(x - 0.5), "valley", False, False),
    ],
)
def test_clauses_are_true_of_curves_that_have_them(form, shape, primary, required):
    """The primary and the required clauses are held against the mean curve itself."""
    found = truth(form, shape)
    signature = Signature(shape=shape)
    assert found.primary is primary
    names = [clause.name for clause in signature.shape.clauses if clause.kind == "required"]
    assert all(found.holds[name] for name in names) is required


def test_the_direction_of_a_line_is_that_of_its_effect():
    """A falling line is as linear as a rising one, and its effect is positive along itself."""
    assert truth("linear", "linear", effect=-5.0).effect == pytest.approx(5.0)
    assert truth("linear", "linear", effect=-5.0).holds["straight"]


def test_a_flat_claim_needs_a_control_that_departs():
    """A control as flat as the treatment does not show that the metric can move."""
    signature = Signature(shape={"name": "flat", "margin": 1.0}, control="c")
    moving = truth_of(Plan(effects={"t": 0.0, "c": 5.0}), signature)
    resting = truth_of(Plan(effects={"t": 0.0, "c": 0.0}), signature)
    assert (moving.departs, resting.departs) == (True, False)
    assert moving.primary
    assert moving.refuted == {"not_flat": False}


def test_a_power_law_is_simulated_on_the_log_scale():
    """The exponent is the slope of log metric in log knob; other plans are refused."""
    levels = np.logspace(0, 3, 7)
    plan = Plan(effects={"t": -1.5 * np.log(10)}, levels=levels, exponential=True)
    plan_log = Plan(
        effects={"t": -1.5 * np.log(10)},
        form=lambda x: np.log1p(x * 999) / np.log(1000),
        levels=levels,
        exponential=True,
    )
    found = truth_of(plan_log, Signature(shape={"name": "power_law", "exponent": (-0.6, -0.4)}))
    assert found.effect == pytest.approx(0.5)
    assert found.holds["exponent_inside"]
    assert not truth_of(plan, Signature(shape="power_law")).holds["straight"]
    with pytest.raises(SignatureError, match="exponential=True"):
        truth_of(Plan(levels=levels), Signature(shape="power_law"))


@pytest.mark.parametrize(
    ("control", "weaker"),
    [(lambda x: 1.0 - x, 4.0), (lambda x: 1.0 + 0 * x, 0.0), (lambda x: 1.0 - x / 4, 1.0)],
)
def test_a_fading_effect_is_compared_by_the_weaker_of_its_parts(control, weaker):
    """What both sides are compared by is the smaller of first effect and decline, and not the first effect."""
    signature = Signature(shape={"name": "fades", "by": "step"}, control="c")
    plan = Plan(effects={"t": 3.0, "c": 4.0}, form={"t": lambda x: 1.0 - x, "c": control})
    assert truth_of(plan, signature).compared == pytest.approx((3.0, weaker))


@pytest.mark.parametrize(
    ("control", "weaker"),
    [
        (lambda x: np.minimum(x, 0.5), 0.0),
        (lambda x: 0.5 - np.abs(x - 0.5), 3.0),
        (lambda x: np.minimum(x, 0.75 - x / 2), 1.5),
    ],
)
def test_a_peak_is_compared_by_its_weaker_arm(control, weaker):
    """What both sides are compared by is the smaller of rise and fall of the mean curve; a valley mirrors it."""
    forms = {"t": lambda x: 0.5 - np.abs(x - 0.5), "c": control}
    for shape, sign in (("peak", 1.0), ("valley", -1.0)):
        plan = Plan(effects={"t": 8.0 * sign, "c": 6.0 * sign}, form=forms, levels=9)
        found = truth_of(plan, Signature(shape=shape, control="c"))
        assert found.compared == pytest.approx((4.0, weaker))
        assert found.controls == pytest.approx((weaker,))


def test_controls_are_compared_by_the_weaker_arm_of_their_mean():
    """One control rises more, the other falls more: their mean has more of both than the mean of weaker arms."""
    forms = {
        "t": lambda x: 0.5 - np.abs(x - 0.5),
        "rises": lambda x: np.minimum(2 * x, 1.0),
        "falls": lambda x: np.minimum(1.0, 2 - 2 * x),
    }
    plan = Plan(effects=dict.fromkeys(forms, 4.0), form=forms, levels=9)
    found = truth_of(plan, Signature(shape="peak", control=("rises", "falls")))
    assert found.controls == pytest.approx((0.0, 0.0), abs=1e-9)
    assert found.compared[1] > 1.9
