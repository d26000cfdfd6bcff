"""Error rates of verdicts: what counts as wrong, and that the work may be shared."""

import math
from dataclasses import replace

import numpy as np
import pytest

from sigstats import Plan, Signature, SweepTable, calibrate, detect, plan_like, simulate_sweep
from sigstats.errors import OptionError, SignatureError
from sigstats.evidence.reason import Reason
from sigstats.studies.simulation.calibration import Truth, truth_of
from sigstats.verdict.rules import Status

RISE = Signature(shape="increasing")
TRUE = Truth(
    effect=3.0,
    effects=(3.0,),
    compared=(3.0, 0.0),
    controls=(0.0,),
    margin=1.0,
    turns=False,
    primary=True,
    holds={},
    refuted={},
    departs=None,
    alike=None,
)
SOME_VERDICT = detect(simulate_sweep(3.0, n_seeds=3, levels=4), RISE)


def says(status, *reasons):
    """Return a verdict with the given status and reasons."""
    return replace(SOME_VERDICT, status=Status(status), reasons=tuple(map(Reason, reasons)))


@pytest.mark.parametrize(
    ("changes", "status", "reasons", "right"),
    [
        ({}, "present", (), True),
        ({"effect": 0.0, "primary": False}, "present", (), False),
        ({"effect": -1.0, "primary": False}, "present", (), False),
        ({"compared": (3.0, 1.4)}, "present", (), True),
        ({"compared": (3.0, 1.5)}, "present", (), False),
        ({"compared": (3.0, -9.0)}, "present", (), True),
        ({"compared": None, "controls": ()}, "present", (), True),
        ({"refuted": {"not_linear": True}}, "partial", ("not_linear",), True),
        ({"refuted": {"not_linear": False}}, "partial", ("not_linear",), False),
        ({"compared": None, "departs": True}, "present", (), True),
        ({"compared": None, "departs": False}, "present", (), False),
        ({"compared": None, "departs": False, "alike": True}, "partial", ("unspecific",), True),
        ({"compared": None, "departs": True, "alike": False}, "partial", ("unspecific",), False),
        ({"turns": True}, "partial", ("reverses",), True),
        ({}, "partial", ("reverses",), False),
        ({"effect": -0.1}, "absent", ("opposite",), True),
        ({"effect": 0.0}, "absent", ("opposite",), False),
        ({"effect": 0.9}, "absent", ("below_min_effect",), True),
        ({"effect": 1.0}, "absent", ("below_min_effect",), False),
        ({"effect": 0.9}, "partial", ("weak",), True),
        ({}, "partial", ("weak",), False),
        ({"compared": (3.0, 2.5)}, "absent", ("artifact",), True),
        ({"compared": (3.0, 2.4)}, "absent", ("artifact",), False),
        ({"compared": (3.0, 1.6)}, "partial", ("unspecific",), True),
        ({"compared": (3.0, 1.5)}, "partial", ("unspecific",), False),
        ({"compared": (3.0, 0.0), "controls": (-2.0, 2.0)}, "partial", ("unspecific",), True),
        ({"effects": (5.0, 0.5)}, "partial", ("some_conditions",), True),
        ({"effects": (5.0, 1.0)}, "partial", ("some_conditions",), False),
        ({"effect": -9.0}, "inconclusive", ("underpowered",), True),
        ({}, "inconclusive", ("each_treatment",), True),
    ],
)
def test_a_definite_verdict_is_right_where_its_statement_holds(changes, status, reasons, right):
    """Each status and reason is held against the simulated truth, edges included."""
    assert replace(TRUE, **changes).allows(says(status, *reasons), 0.5) is right


def test_a_quieter_control_is_demanded_by_a_smaller_fraction():
    """The quiet fraction of the signature decides what a present verdict says of the control."""
    truth = replace(TRUE, compared=(3.0, 1.0))
    assert truth.allows(says("present"), 0.5)
    assert not truth.allows(says("present"), 0.3)


def test_the_truth_of_a_plan_is_oriented_and_averaged():
    """Effects count in the predicted direction, treatments on average, and controls one by one."""
    plan = Plan(
        effects={"a": -4.0, "b": -2.0, "c": 1.0, "d": 3.0}, noise_sd={"a": 1.0, "b": 2.0, "c": 9.0, "d": 9.0}
    )
    signature = Signature(shape="decreasing", control=["c", "d"])
    truth = truth_of(plan, signature)
    assert (truth.effect, truth.effects) == (pytest.approx(3.0), pytest.approx((4.0, 2.0)))
    assert (truth.compared[1], truth.controls) == (pytest.approx(-2.0), pytest.approx((-1.0, -3.0)))
    assert truth.margin == 2.0
    assert truth_of(plan, replace(signature, min_effect=0.5)).margin == 0.5
    assert not truth.turns


@pytest.mark.parametrize(("form", "turns"), [("umbrella", True), ("fall first", True), ("plateau", False)])
def test_the_truth_knows_whether_the_mean_curve_turns(form, turns):
    """A curve that rises and falls turns; one that levels off does not."""
    assert truth_of(Plan(effects={"treatment": 2.0}, form=form), RISE).turns is turns


def test_the_truth_is_taken_on_the_scale_of_the_knob():
    """On a log scale the true effect is that of a line in the logarithm."""
    levels = np.array([1.0, 10.0, 100.0, 1000.0])
    plan = Plan(effects={"treatment": 3.0}, form=lambda x: np.log1p(999 * x) / np.log(1000), levels=levels)
    assert truth_of(plan, replace(RISE, knob_scale="log")).effect == pytest.approx(3.0)
    assert truth_of(plan, RISE).effect < 2.5


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        (Signature(shape="increasing", control="contrl"), "Did you mean 'control'"),
        (Signature(shape="increasing", treatment="x"), "'x'"),
        (Signature(shape="increasing", metric_scale="log"), "`metric_scale`"),
        (Signature(shape="increasing", knob_scale="log"), "`knob_scale`"),
    ],
)
def test_a_signature_must_fit_the_plan(signature, message):
    """Conditions and scales that are not simulated are refused before any work is done."""
    with pytest.raises(SignatureError) as caught:
        calibrate({"treatment": 1.0, "control": 0.0}, signature=signature, replications=1)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [{"replications": 0}, {"replications": 2.0}, {"rng": -1}, {"rng": "a"}, {"n_jobs": 0}, {"seeds": 3}],
)
def test_options_of_a_calibration_are_checked(options):
    """Each is refused by name."""
    with pytest.raises(OptionError, match=next(iter(options))):
        calibrate({"treatment": 1.0}, **options)


def test_a_whole_plan_goes_without_fields_of_it():
    """Fields beside a Plan would contradict it."""
    with pytest.raises(OptionError, match="Plan"):
        calibrate(Plan(effects={"treatment": 1.0}), n_seeds=3)


def test_the_number_of_processes_does_not_matter():
    """Two processes count exactly what one counts."""
    options = {"n_seeds": 3, "levels": 5, "replications": 120, "rng": 7}
    alone = calibrate({"treatment": 2.0, "control": 0.0}, n_jobs=1, **options)
    shared = calibrate({"treatment": 2.0, "control": 0.0}, n_jobs=2, **options)
    assert (alone.counts, alone.wrong, alone.lines) == (shared.counts, shared.wrong, shared.lines)


def test_more_replications_start_with_the_same_ones():
    """Every replication has a stream of its own, so that a longer run contains the shorter one."""
    short = calibrate({"treatment": 1.0}, n_seeds=3, levels=4, replications=30, rng=3)
    long = calibrate({"treatment": 1.0}, n_seeds=3, levels=4, replications=60, rng=3)
    assert all(long.counts.get(key, 0) >= count for key, count in short.counts.items())
    assert sum(short.counts.values()) == 30
    assert sum(long.counts.values()) == 60


def test_replications_are_verdicts_on_simulated_sweeps():
    """Counting by hand, with the documented streams, gives the same shares."""
    plan = Plan(effects={"treatment": 1.5}, n_seeds=3, levels=5)
    found = calibrate(plan, replications=25, rng=11)
    statuses = []
    for number in range(25):
        stream = np.random.SeedSequence(11, spawn_key=(number,))
        statuses.append(detect(plan.simulate(np.random.default_rng(stream)), RISE).status)
    for status in Status:
        assert found.rate(status) == statuses.count(status) / 25


def test_shares_add_up_and_the_table_lists_them():
    """The four statuses share all replications, and reasons share their status."""
    found = calibrate({"treatment": 1.0, "control": 0.0}, n_seeds=3, levels=5, replications=60)
    assert sum(found.rate(status) for status in Status) == pytest.approx(1.0)
    assert found.table()["share"].sum() == pytest.approx(1.0)
    by_reason = sum(found.rate("absent", reason) for reason in ("opposite", "below_min_effect", "artifact"))
    assert by_reason == pytest.approx(found.rate("absent"))
    assert str(found).endswith("(60 sweeps)")
    with pytest.raises(ValueError, match="perhaps"):
        found.rate("perhaps")


def test_margin_of_error_is_that_of_a_share():
    """The half-width is 3.29 binomial standard errors."""
    found = calibrate({"treatment": 0.0}, n_seeds=3, levels=4, replications=20)
    assert found.margin_of_error(0.05) == pytest.approx(3.29 * math.sqrt(0.05 * 0.95 / 20))
    assert found.margin_of_error(0.0) == 0.0


BAND = 3.29 * math.sqrt(0.05 * 0.95 / 300)


@pytest.mark.rates
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"slope_sd": 2.0},
        {"autocorrelation": 0.8},
        {"missing": 0.2, "slope_sd": 1.0},
        {"noise_growth": 5.0},
        {"independent": True},
    ],
    ids=str,
)
def test_statements_about_no_effect_are_wrong_in_at_most_alpha(options):
    """On flat means no statement is made falsely more often than alpha, and the lines keep their size."""
    found = calibrate({"treatment": 0.0}, n_seeds=4, levels=6, replications=300, **options)
    assert found.worst_statement <= 0.05 + BAND
    assert found.lines["interval_low"] / 300 <= 0.055 + BAND
    assert found.lines["opposite_pvalue"] / 300 <= 0.055 + BAND


@pytest.mark.rates
def test_a_control_with_the_effect_is_seldom_called_present():
    """Where the control has most of the effect, present is wrong, and rare."""
    found = calibrate({"treatment": 4.0, "control": 3.0}, n_seeds=5, levels=6, replications=300)
    assert found.wrong.get("present", 0) / 300 <= 0.05 + BAND
    assert found.rate("partial", "unspecific") + found.rate("absent", "artifact") > 0.1


@pytest.mark.rates
@pytest.mark.parametrize(("seeds", "least"), [(3, 0.5), (10, 0.95)])
def test_a_clear_effect_beside_a_flat_control_is_found(seeds, least):
    """An effect of four noise sd over eight levels is present in most sweeps, and the interval covers it."""
    found = calibrate({"treatment": 4.0, "control": 0.0}, n_seeds=seeds, levels=8, replications=200)
    assert found.rate("present") >= least
    assert found.worst_statement <= 0.05
    assert found.lines["interval_covers"] / 200 == pytest.approx(0.9, abs=3.29 * math.sqrt(0.09 / 200))


def test_a_plan_like_a_table_has_its_size_and_its_noise():
    """Levels, seeds and conditions are those of the table, and its noise is found within its sampling error."""
    truth = {"noise_sd": 2.0, "slope_sd": 3.0, "intercept_sd": 5.0}
    table = simulate_sweep({"a": 1.0, "control": 0.0}, n_seeds=40, levels=9, rng=4, **truth)
    claim = Signature(shape="increasing", control="control")
    plan = plan_like(table, claim)
    assert plan.effects == {"a": 0.0, "control": 0.0}
    assert plan.n_seeds == {"a": 40, "control": 40}
    np.testing.assert_array_equal(plan.levels, table.levels)
    assert plan.noise_sd["a"] == pytest.approx(2.0, rel=0.15)
    assert plan.slope_sd == pytest.approx(3.0, rel=0.35)
    assert plan_like(table, claim, effects={"a": 4.0, "control": 0.0}).true_effect("a") == pytest.approx(4.0)


@pytest.mark.parametrize(("n_levels", "reach"), [(5, 4.0), (4, 8.0)])
def test_a_plan_like_a_table_whose_control_was_swept_further_has_slopes_over_the_levels_in_use(
    n_levels, reach
):
    """On half of the range both are compared; on less each has its own range, and the plan has all levels."""
    levels, rng = np.arange(9.0), np.random.default_rng(1)
    slopes = rng.normal(0.0, 1.0, (2, 40, 1))
    values = slopes * levels + 1e-3 * rng.normal(size=(2, 40, 9))
    values[0, :, n_levels:] = np.nan
    table = SweepTable.from_matrices(levels, {"a": values[0], "c": values[1]})
    plan = plan_like(table, Signature(shape="increasing", control="c"))
    spread = [reach * each.std(ddof=1) for each in slopes]
    assert plan.slope_sd == pytest.approx(np.mean(spread), rel=0.01)


def test_a_plan_like_a_table_on_a_log_knob_is_straight_on_that_knob():
    """The effect is the change of a line on the knob's own scale."""
    levels = np.logspace(0, 3, 7)
    table = SweepTable.from_matrices(levels, {"treatment": np.random.default_rng(0).normal(size=(5, 7))})
    claim = Signature(shape="increasing", knob_scale="log")
    plan = plan_like(table, claim, effects={"treatment": 3.0})
    np.testing.assert_allclose(plan.mean_curve("treatment"), np.linspace(0.0, 3.0, 7), atol=1e-9)
    assert plan.true_effect("treatment", knob_scale="log") == pytest.approx(3.0)


@pytest.mark.parametrize("knob_scale", ["log", "rank"])
def test_a_plan_like_a_table_finds_its_spread_on_the_knobs_own_scale(knob_scale):
    """Slopes of seeds are lines on the scale on which the knob is analysed, and their sd is found again there."""
    levels = np.logspace(0, 4, 9)
    x = np.linspace(0.0, 1.0, 9)
    rng = np.random.default_rng(5)
    slopes = 3.0 * rng.standard_normal(60)
    values = slopes[:, None] * x + rng.standard_normal((60, 9))
    claim = Signature(shape="increasing", knob_scale=knob_scale)
    plan = plan_like(SweepTable.from_matrices(levels, {"treatment": values}), claim)
    assert plan.slope_sd == pytest.approx(slopes.std(ddof=1), rel=0.1)
    again = plan_like(plan.simulate(rng), claim)
    assert again.slope_sd == pytest.approx(plan.slope_sd, rel=0.35)


def test_a_plan_on_a_log_knob_needs_levels_above_zero():
    """A level without a logarithm is an error of the plan."""
    with pytest.raises(OptionError, match="starts at 0"):
        Plan(levels=np.arange(4.0), knob_scale="log")


def test_a_plan_for_other_conditions_is_refused():
    """Effects must name the conditions of the table."""
    table = simulate_sweep(1.0, n_seeds=4)
    with pytest.raises(OptionError, match="treatment"):
        plan_like(table, Signature(shape="increasing"), effects={"other": 1.0})


def test_a_claim_that_names_columns_is_calibrated_as_one_that_does_not():
    """Simulated sweeps have names of their own."""
    named = Signature(shape="increasing", knob="width", metric="accuracy", seed="run", condition="model")
    own, other = (calibrate({"a": 2.0}, signature=each, n_seeds=4, replications=12) for each in (named, RISE))
    assert own.counts == other.counts
    assert own.signature == named
