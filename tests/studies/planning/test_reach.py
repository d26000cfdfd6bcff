"""Verdicts that a design can never reach are named with their reason, before any run."""

from pathlib import Path

import pytest

import sigstats as ss

CARDS = Path(__file__).parents[3] / "examples"

QUICK = {"noise": 1.0, "replications": 20}
RISE = {"shape": "increasing", "min_effect": 2.0}


def codes(outlook):
    return {(each.status.value, each.code) for each in outlook.unreachable}


def found(options, **claim):
    return ss.plan(ss.Signature(**(RISE | claim)), **(QUICK | options))


@pytest.mark.long
def test_a_good_design_reaches_everything():
    """Eight seeds at five levels leave nothing out of reach, and nothing at risk."""
    plan = found({"seeds": 8, "levels": 5})
    assert plan.unreachable == ()
    assert plan.at_risk == ()


@pytest.mark.long
def test_two_seeds_reach_nothing():
    """No definite verdict comes from fewer than three seeds, whichever condition has them."""
    plan = found({"seeds": {"treatment": 5, "control": 2}, "levels": 5}, control="control")
    assert codes(plan) == {(status, "too_few_seeds") for status in ("present", "absent", "partial")}
    assert "'control' has 2" in plan.unreachable[0].words
    assert plan.prospect().chance("as predicted", "inconclusive").probability == 1.0


@pytest.mark.long
def test_too_few_levels_reach_nothing():
    """A peak needs five levels; a rise is content with two of them."""
    plan = found({"seeds": 5, "levels": 4}, shape="peak")
    assert codes(plan) == {(status, "too_few_levels") for status in ("present", "absent", "partial")}
    assert plan.prospect().chance("as predicted", "inconclusive").probability == 1.0
    assert "too_few_levels" not in {each.code for each in found({"seeds": 5, "levels": 2}).unreachable}


@pytest.mark.long
def test_most_seeds_need_five():
    """With four seeds the smallest p-value of a claim on most seeds is 1/16, above .05."""
    plan = found({"seeds": 4, "levels": 5}, across_seeds="majority")
    assert ("present", "too_few_for_majority") in codes(plan)
    assert "1/16" in plan.unreachable[0].words
    assert "needs 5 seeds" in plan.unreachable[0].words
    assert plan.prospect().chance("as predicted", "present").probability == 0.0


@pytest.mark.long
def test_a_strict_level_can_be_out_of_reach_of_sign_flips():
    """Six seeds cannot give a p-value below 1/64."""
    plan = found({"seeds": 6, "levels": 5}, alpha=0.01)
    assert ("present", "smallest_pvalue") in codes(plan)
    assert "1/64" in plan.unreachable[0].words
    assert plan.prospect().chance("as predicted", "present").probability == 0.0


@pytest.mark.long
def test_absence_is_out_of_reach_where_the_noise_exceeds_the_margin():
    """Three noisy seeds cannot show that an effect is smaller than a small margin."""
    plan = ss.plan(ss.Signature(**RISE), noise=15.0, seeds=3, levels=5, replications=100)
    words = {each.status.value: each for each in plan.unreachable}
    assert words["absent"].code == "underpowered"
    assert "the margin is 2" in words["absent"].words


@pytest.mark.long
def test_absence_needs_a_margin():
    """An exponent without a smallest effect cannot be shown to be too small."""
    plan = found({"seeds": 5, "levels": 5, "noise": 0.1}, shape="power_law", min_effect=None)
    assert ("absent", "no_margin") in codes(plan)


def test_an_effect_below_the_smallest_one_is_never_present():
    """Where less is predicted than would matter, the design cannot help."""
    plan = found({"seeds": 5, "levels": 5, "effect": 1.0})
    assert ("present", "effect_below_min_effect") in codes(plan)
    assert [each.code for each in plan.prospect().next] == ["change_card"]


@pytest.mark.long
@pytest.mark.parametrize(("shape", "blind"), [("increasing", 1.0), ("decreasing", 0.0)])
def test_a_control_at_the_bound_can_never_be_quiet(shape, blind):
    """It is named before any run, and no simulated sweep is found present."""
    start = {"treatment": 0.5, "control": blind}
    plan = found(
        {"seeds": 4, "levels": 5, "noise": 0.05, "start": start},
        shape=shape,
        control="control",
        min_effect=0.1,
        bounds=[0, 1],
    )
    assert ("present", "control_at_bound") in codes(plan)
    assert plan.prospect().chance("as predicted", "present").probability == 0.0
    assert plan.cheapest() is None


@pytest.mark.long
def test_a_control_at_the_other_bound_is_flagged():
    """It counts as quiet, and what it hides is said: wrong labels that are all reproduced have no ceiling below."""
    start = {"treatment": 0.9, "control": 1.0}
    claim = {"shape": "decreasing", "control": "control", "min_effect": 0.1, "bounds": [0, 1]}
    plan = found({"seeds": 4, "levels": 5, "noise": 0.03, "start": start}, **claim)
    assert [each.code for each in plan.at_risk] == ["control_at_bound"]
    assert "counts as quiet" in plan.at_risk[0].words
    assert plan.prospect().chance("as predicted", "present").probability > 0.8


@pytest.mark.long
def test_the_ceiling_of_the_mixup_card_is_flagged_before_data():
    """Once the bounds of the share are declared, the report says what a control at one of them means."""
    from dataclasses import replace

    card = ss.Card.from_toml(CARDS / "mixup" / "card.toml")
    claim = next(each for each in card.signatures if each.name == "fewer wrong labels are reproduced")
    plan = ss.plan(replace(claim, bounds=[0, 1]), noise=0.03, seeds=3, levels=5, replications=20)
    assert [each.code for each in plan.at_risk] == ["control_at_bound"]
    assert "One that sits at 1 counts as quiet" in plan.at_risk[0].words


@pytest.mark.long
def test_an_effect_without_room_is_flagged():
    """A metric that starts near its ceiling cannot rise by as much as is predicted."""
    plan = found({"seeds": 4, "levels": 5, "noise": 0.02, "start": 0.9}, min_effect=0.1, bounds=[0, 1])
    assert [each.code for each in plan.at_risk] == ["no_room"]
    wide = found({"seeds": 4, "levels": 5, "noise": 0.02}, min_effect=2.0, bounds=[0, 1])
    assert ("present", "no_room") in codes(wide)


@pytest.mark.long
def test_a_curve_that_misses_the_claim_is_flagged():
    """An exponent outside its range is not what the shape requires."""
    shape = {"name": "power_law", "exponent": [-0.75, -0.25]}
    plan = found({"seeds": 4, "levels": 5, "noise": 0.05, "effect": 1.0}, shape=shape, min_effect=0.25)
    assert [each.code for each in plan.at_risk] == ["form"]
