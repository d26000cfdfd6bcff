"""From numbers to findings: one constructed sweep for each row of the verdict table."""

import math

import numpy as np
import pandas as pd
import pytest

from sigstats import SweepTable, detect
from sigstats.evidence.reason import Reason
from sigstats.verdict.criteria import criterion
from sigstats.verdict.rules import Status

LEVELS = np.arange(8.0)
X = LEVELS / 7
TENT = np.where(X <= 0.6, X / 0.6, 1 - (X - 0.6) / 0.6)


def curves(mean, *, seeds=5, noise=0.3, rng=1):
    """Return noisy copies of a mean curve, each at a height of its own."""
    generator = np.random.default_rng(rng)
    mean = np.asarray(mean, dtype=float)
    return mean + generator.normal(size=(seeds, 1)) + noise * generator.normal(size=(seeds, mean.size))


def sweep(**conditions):
    """Return a table of conditions on the common levels, with seeds of their own labels."""
    levels = LEVELS[: next(iter(conditions.values())).shape[1]]
    seeds = {name: [f"{name}{s}" for s in range(len(values))] for name, values in conditions.items()}
    return SweepTable.from_matrices(levels, conditions, seeds=seeds)


def verdict(table, shape="increasing", **options):
    """Return the verdict on a rise."""
    return detect(table, shape=shape, **options)


def check(found, row, status, *reasons):
    """Assert row, status and reasons of a verdict at once."""
    assert (found.rule, found.status, found.reasons) == (row, Status(status), tuple(map(Reason, reasons)))


@pytest.mark.parametrize("relation", ["<=", ">=", ">"])
@pytest.mark.parametrize(("value", "bound"), [(math.nan, 0.0), (0.0, math.nan), (math.nan, math.nan)])
def test_a_missing_number_meets_nothing(relation, value, bound):
    """NaN on either side never fulfils a criterion."""
    assert criterion("x", value, relation, bound).met is False


@pytest.mark.parametrize(
    ("value", "relation", "met"),
    [(1.0, "<=", True), (1.0, ">=", True), (1.0, ">", False), (math.inf, ">", True)],
)
def test_a_criterion_compares_as_it_reads(value, relation, met):
    """Relations include the bound exactly where they say so."""
    assert criterion("x", value, relation, 1.0).met is met


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_claim_nothing(seeds):
    """However clear the rise, one or two seeds are too few; the effect is still described."""
    found = verdict(sweep(a=curves(9 * X, seeds=seeds, noise=0.01)))
    check(found, 1, "inconclusive", "too_few_seeds")
    assert found.effect.value == pytest.approx(9, rel=0.01)
    assert math.isnan(found.effect.low)
    assert found.scope is None


def test_a_control_with_two_seeds_claims_nothing():
    """The floor holds for controls as well."""
    table = sweep(a=curves(9 * X), b=curves(0 * X, seeds=2))
    check(verdict(table, control="b"), 1, "inconclusive", "too_few_seeds")


def test_two_levels_are_no_curve():
    """A change between two levels is a difference; a shape that needs a curve is not asked of it."""
    check(verdict(sweep(a=curves([0.0, 9.0]))), 16, "present")
    check(verdict(sweep(a=curves([0.0, 9.0])), "linear"), 1, "inconclusive", "too_few_levels")


def test_few_seeds_and_levels_are_both_named():
    """Whatever is lacking is listed."""
    found = verdict(sweep(a=curves([0.0, 9.0], seeds=2)), "linear")
    check(found, 1, "inconclusive", "too_few_seeds", "too_few_levels")


def test_a_rise_that_comes_down_again_is_partial_up_to_the_turn():
    """A tent with its top at 4 reverses, and the scope ends at the lower bound of the turn."""
    found = verdict(sweep(a=curves(8 * TENT, seeds=6)))
    check(found, 3, "partial", "reverses")
    assert found.scope[0] == 0.0
    assert found.scope[1] in (3.0, 4.0)
    assert found.evidence.reversal.end == "end"


def test_a_rise_after_a_fall_is_partial_from_the_turn_on():
    """The mirror of a tent reverses as well, and the scope starts at the upper bound of the turn."""
    found = verdict(sweep(a=curves(-8 * TENT[::-1], seeds=6)))
    check(found, 3, "partial", "reverses")
    assert found.scope[0] in (3.0, 4.0)
    assert found.scope[1] == 7.0
    assert found.evidence.reversal.end == "start"


def test_a_fall_is_the_opposite_of_a_rise():
    """A significant fall is absent with its reason, and present for the mirrored claim."""
    table = sweep(a=curves(-5 * X))
    check(verdict(table), 4, "absent", "opposite")
    check(verdict(table, "decreasing"), 16, "present")


def test_flat_seeds_are_below_the_smallest_effect():
    """An upper bound below the declared effect shows absence."""
    found = verdict(sweep(a=curves(0 * X, seeds=8)), min_effect=2.0)
    check(found, 5, "absent", "below_min_effect")
    assert found.evidence.interval.margin == 2.0


def test_without_a_declared_effect_the_margin_is_the_noise():
    """Many flat seeds are shown to change by less than one residual sd."""
    found = verdict(sweep(a=curves(0 * X, seeds=40)))
    check(found, 5, "absent", "below_min_effect")
    assert found.evidence.interval.margin == pytest.approx(found.evidence.residual_sd, rel=0.1)
    assert "one residual sd; no min_effect was declared" in str(found)


def test_one_diverged_cell_does_not_widen_the_margin():
    """Six seeds rise by 5 with noise .3; a single 1000 among 36 cells must not make the rise look small."""
    generator = np.random.default_rng(1)
    values = np.arange(1.0, 7.0) + generator.normal(0, 0.3, (6, 6))
    values[0, 3] = 1000
    found = verdict(SweepTable.from_matrices(np.arange(1.0, 7.0), {"a": values}))
    assert 0.15 < found.evidence.interval.margin < 0.6
    assert found.evidence.residual_sd > 100
    assert found.status == "inconclusive"


def test_one_diverged_run_does_not_widen_the_margin_of_independent_runs():
    """Fresh runs at every level: the margin is the sd of a typical level."""
    values = 0.3 * np.random.default_rng(1).normal(size=(6, 8))
    values[0, 3] = 1000
    found = verdict(SweepTable.from_matrices(LEVELS, {"a": values}), design="independent")
    assert 0.15 < found.evidence.interval.margin < 0.6


def test_a_late_jump_is_not_a_small_effect():
    """Where last minus first exceeds the margin, a small slope does not mean absence."""
    jump = np.where(np.arange(8) == 7, 3.0, 0.0)
    found = verdict(sweep(a=curves(jump, seeds=5, noise=0.3)), min_effect=2.5)
    met = {each.name: each.met for each in found.criteria}
    assert met["small_pvalue"]
    assert met["late_jump_pvalue"]
    check(found, 13, "inconclusive", "size_unresolved")


def test_noise_beside_a_small_rise_is_underpowered():
    """Neither the rise nor its absence can be shown."""
    found = verdict(sweep(a=curves(1.0 * X, seeds=3, noise=1.5, rng=1)), min_effect=1.0)
    check(found, 6, "inconclusive", "underpowered")
    assert found.evidence.seeds_needed.n_seeds > 3
    assert found.evidence.seeds_needed.effect == 1.0


def test_equal_ranks_with_unequal_slopes_disagree():
    """Three perfectly monotone seeds of which one is far steeper: ranks say yes, the mean slope does not."""
    slopes = np.array([[0.1], [0.12], [9.0]])
    wiggle = 0.001 * np.random.default_rng(2).normal(size=(3, 8))
    check(verdict(sweep(a=slopes * X + wiggle)), 6, "inconclusive", "lines_disagree")


def test_parallel_seeds_have_no_variance():
    """Seeds that differ in nothing but height leave nothing to test with."""
    check(verdict(sweep(a=3 * X + np.arange(5.0)[:, None])), 6, "inconclusive", "zero_variance")


def test_a_rise_below_the_smallest_effect_is_weak():
    """There is a rise, but it is shown to be smaller than what would matter."""
    found = verdict(sweep(a=curves(1.0 * X, seeds=8, noise=0.1)), min_effect=2.0)
    check(found, 7, "partial", "weak")


def test_a_control_with_the_whole_effect_makes_an_artifact():
    """What the control shows as well is no sign of the mechanism."""
    table = sweep(a=curves(6 * X, seeds=6), b=curves(6 * X, seeds=6, rng=2))
    check(verdict(table, control="b"), 8, "absent", "artifact")


def test_a_control_with_two_thirds_of_the_effect_makes_it_unspecific():
    """More than half but less than four fifths of the effect is partial."""
    table = sweep(a=curves(9 * X, seeds=8), b=curves(6 * X, seeds=8, rng=2))
    check(verdict(table, control="b"), 9, "partial", "unspecific")


def test_a_single_control_that_responds_is_enough():
    """Two controls that are quiet on average do not hide one that responds."""
    table = sweep(
        a=curves(9 * X, seeds=8), quiet=curves(-3 * X, seeds=8, rng=2), loud=curves(6.5 * X, seeds=8, rng=3)
    )
    check(verdict(table, control=["quiet", "loud"]), 9, "partial", "unspecific")
    check(verdict(table, treatment="a", control="quiet"), 16, "present")


def test_one_treatment_below_the_smallest_effect_is_named():
    """The mean over treatments rises, one of them is shown not to."""
    table = sweep(a=curves(9 * X, seeds=6), b=curves(0 * X, seeds=6, rng=2))
    check(verdict(table, min_effect=2.0), 11, "partial", "some_conditions")


def test_an_estimate_below_the_smallest_effect_stays_open():
    """A rise is shown, but whether it matters is not."""
    found = verdict(sweep(a=curves(2.0 * X, seeds=6)), min_effect=1.95)
    assert 0 < found.effect.low < found.effect.value < 1.95 < found.effect.high
    check(found, 13, "inconclusive", "size_unresolved")


def test_across_each_demands_every_treatment():
    """The mean over treatments is not enough where every one of them was claimed."""
    table = sweep(a=curves(9 * X, seeds=6), b=curves(0 * X, seeds=6, rng=2))
    mean = verdict(table)
    check(mean, 16, "present")
    assert Reason.AVERAGE_ONLY in mean.notes
    check(verdict(table, across="each"), 14, "inconclusive", "each_treatment")
    both = sweep(a=curves(9 * X, seeds=6), b=curves(8 * X, seeds=6, rng=2))
    each = verdict(both, across="each")
    check(each, 16, "present")
    assert Reason.AVERAGE_ONLY not in each.notes


def test_a_noisy_control_stays_unresolved():
    """A control that can be neither cleared nor charged leaves the claim open."""
    table = sweep(a=curves(3 * X, seeds=4), b=curves(1.3 * X, seeds=3, noise=1.5, rng=5))
    check(verdict(table, control="b"), 15, "inconclusive", "control_unresolved")


def test_a_control_at_the_floor_of_a_share_cannot_be_quiet():
    """Where a share cannot fall below 0, a control at 0 shows nothing about a fall; it could have risen."""
    rng = np.random.default_rng(1)
    treatment = np.clip(0.2 + 0.6 * X + 0.05 * rng.normal(size=(6, 8)), 0, 1)
    floor = np.where(rng.random((6, 8)) < 0.2, 0.01, 0.0)
    falls = verdict(sweep(a=treatment[:, ::-1], b=floor), "decreasing", control="b")
    check(falls, 15, "inconclusive", "control_unresolved")
    rises = verdict(sweep(a=treatment, b=floor), control="b")
    check(rises, 16, "present")
    for found in (falls, rises):
        assert Reason.CONTROL_AT_BOUND in found.notes


def test_a_clear_rise_beside_a_flat_control_is_present():
    """Specific and quiet: present without a reason, over the whole range."""
    table = sweep(a=curves(6 * X, seeds=6), b=curves(0 * X, seeds=6, rng=2))
    found = verdict(table, control="b", min_effect=2.0)
    check(found, 16, "present")
    assert found.scope == (0.0, 7.0)
    assert Reason.UNCONTROLLED not in found.notes
    assert found.contrast.low > 0


def test_the_scope_leaves_out_runs_that_stand_alone():
    """Independent runs of which a single one was seen at either end: nothing was tested there."""
    values = curves(9 * X, noise=0.3)
    values[1:, [0, 7]] = np.nan
    found = verdict(sweep(a=values), design="independent")
    assert (found.status, found.scope) == ("present", (1.0, 6.0))
    assert verdict(sweep(a=curves(9 * X)), design="independent").scope == (0.0, 7.0)


def test_the_scope_is_where_every_treatment_was_swept():
    """A control that was swept further does not widen it, and neither does one of two treatments."""
    control = curves(0 * X, seeds=6, rng=2)
    short, shorter = curves(6 * X, seeds=6), curves(6 * X, seeds=6, rng=3)
    short[:, 7:], shorter[:, :1] = math.nan, math.nan
    found = verdict(sweep(a=short, b=control), control="b")
    assert (found.status, found.scope) == ("present", (0.0, 6.0))
    found = verdict(sweep(a=short, c=shorter, b=control), control="b")
    assert (found.status, found.scope) == ("present", (1.0, 6.0))


def test_treatments_without_a_common_range_have_no_scope():
    """A mean over conditions that share no levels holds nowhere in particular."""
    low, high = curves(6 * X, seeds=6), curves(6 * X, seeds=6, rng=3)
    low[:, 4:], high[:, :4] = math.nan, math.nan
    found = verdict(sweep(a=low, b=high))
    assert (found.status, found.scope) == ("present", None)
    assert found.summary(full=True)


@pytest.mark.parametrize(
    "shape", [{"name": "above", "value": -9.0}, {"name": "flat", "margin": 9.0}], ids=str
)
def test_too_few_seeds_at_a_level_are_not_called_seeds_that_do_not_differ(shape):
    """The seeds do differ; at one level only two of them were seen."""
    values = curves(0 * X)
    values[2:, 3] = math.nan
    found = verdict(sweep(a=values), shape)
    check(found, 6, "inconclusive", "too_few_seeds")
    text = " ".join(found.summary(full=True).split())
    assert "Too few seeds were seen at knob = 3 to test the claim there" in text
    assert "At least 3 seeds are needed at every level that the claim is about" in text
    assert "seeds per condition would" not in text


def test_too_few_seeds_with_the_levels_of_a_contrast_are_told():
    """Each seed lacks a level of the contrast: there is no score, though nobody lacks seeds."""
    values = curves(3 * X)
    for seed in range(5):
        values[seed, seed] = math.nan
    found = verdict(sweep(a=values), {"name": "ordered", "weights": (-4, -3, -2, -1, 1, 2, 3, 4)})
    check(found, 1, "inconclusive", "too_few_seeds")
    assert "Too few seeds were seen at all the levels that the claim needs" in " ".join(
        found.summary(full=True).split()
    )


def test_without_a_control_the_reader_is_told():
    """A present verdict without a control says that it is uncontrolled."""
    found = verdict(sweep(a=curves(6 * X)))
    check(found, 16, "present")
    assert found.notes[0] is Reason.UNCONTROLLED
    assert found.contrast is None


def test_a_control_that_goes_the_other_way_is_noted():
    """The effect is specific and the control quiet, and the reader is told that the control falls."""
    table = sweep(a=curves(6 * X, seeds=6), b=curves(-4 * X, seeds=6, rng=2))
    found = verdict(table, control="b")
    check(found, 16, "present")
    assert Reason.CONTROL_OPPOSITE in found.notes


def test_a_shift_common_to_all_runs_of_a_level_stays_open():
    """Fresh runs whose level means scatter more than runs do: no curve explains that, so nothing is claimed."""
    shifts = np.array([0.0, 4.0, -3.0, 5.0, -2.0, 6.0, 0.0, 8.0])
    found = verdict(sweep(a=curves(3 * X + shifts, seeds=5, noise=0.2)), design="independent")
    check(found, 6, "inconclusive", "common_shift")


@pytest.mark.parametrize("seeds", [3, 4, 5])
def test_small_samples_are_noted(seeds):
    """Up to five seeds the reader is told that scores are taken to be near normal."""
    assert Reason.SMALL_SAMPLE in verdict(sweep(a=curves(6 * X, seeds=seeds))).notes
    assert Reason.SMALL_SAMPLE not in verdict(sweep(a=curves(6 * X, seeds=6))).notes


def test_skewed_scores_are_noted():
    """Scores with one far-off seed raise the caveat."""
    slopes = np.append(np.linspace(1, 2, 11), 40.0)[:, None]
    assert Reason.SKEWED_SCORES in verdict(sweep(a=slopes * X + curves(0 * X, seeds=12))).notes


def test_every_comparison_is_listed_with_its_outcome():
    """The criteria of a controlled claim name all lines, sizes and contrasts, and each holds what it says."""
    table = sweep(a=curves(6 * X, seeds=6), b=curves(0 * X, seeds=6, rng=2))
    found = verdict(table, control="b", min_effect=2.0)
    names = {each.name for each in found.criteria}
    assert {
        "seeds[a]", "seeds[b]", "trend_pvalue", "interval_low", "slopes_prob_positive", "opposite_pvalue",
        "small_pvalue", "late_jump_pvalue", "reversal_fall", "reversal_rise", "control_quiet_pvalue",
        "control_responds_pvalue", "control_artifact_pvalue", "effect",
    } <= names  # fmt: skip
    relations = {"<=": float.__le__, ">=": float.__ge__, ">": float.__gt__}
    for each in found.criteria:
        assert each.met is relations[each.relation](float(each.value), float(each.bound))


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
def test_every_bound_follows_from_alpha_and_the_smallest_effect(alpha):
    """P-values are held against alpha, the posterior against 1 - alpha, and the estimate against the effect."""
    table = sweep(a=curves(6 * X, seeds=6), b=curves(0 * X, seeds=6, rng=2))
    found = verdict(table, control="b", min_effect=2.0, alpha=alpha)
    bounds = {each.name: each.bound for each in found.criteria}
    assert {bound for name, bound in bounds.items() if "pvalue" in name} == {alpha}
    assert bounds["slopes_prob_positive"] == 1 - alpha
    assert (bounds["interval_low"], bounds["effect"], bounds["seeds[a]"]) == (0.0, 2.0, 3.0)
    assert found.effect.confidence == 1 - 2 * alpha


def test_refuting_treatments_is_corrected_for_their_number():
    """Of m treatments the smallest p-value is held against alpha / m, the next against alpha / (m - 1)."""
    table = sweep(
        a=curves(9 * X, seeds=6), b=curves(0 * X, seeds=6, rng=2), c=curves(1.9 * X, seeds=6, rng=3)
    )
    found = verdict(table, min_effect=2.0, treatment=["a", "b", "c"])
    bounds = {each.name: each.bound for each in found.criteria if each.name.startswith("small_pvalue[")}
    by_p = sorted(
        (each for each in found.criteria if each.name.startswith("small_pvalue[")),
        key=lambda each: each.value,
    )
    assert [each.name[-2] for each in by_p[:1]] == ["b"]
    assert sorted(bounds.values()) == pytest.approx([0.05 / 3, 0.05 / 2, 0.05])
    assert by_p[0].bound == pytest.approx(0.05 / 3)


@pytest.mark.long
@pytest.mark.parametrize("shape", ["peak", "threshold", "saturating", "convex", "linear"])
def test_with_too_few_levels_no_other_number_passes_for_the_effect(shape):
    """Below the levels of a shape its score does not exist; the change of a line is an effect of trends alone."""
    few = 2 if shape in ("convex", "linear") else 4
    found = verdict(sweep(a=curves(3 * X)[:, :few]), shape)
    check(found, 1, "inconclusive", "too_few_levels")
    assert math.isnan(found.effect.value) == (shape != "linear")
    assert found.summary(full=True)
    assert found.to_json()
    assert found.to_html()


def test_a_treatment_that_is_shown_to_do_what_is_only_tolerated_is_told_of():
    """Three hinges and a valley: on average nothing falls before the onset, and one of the treatments does."""
    hinge = 12 * np.clip(X - 0.5, 0, None)
    valley = hinge + 8 * np.clip(0.5 - X, 0, None)
    table = sweep(
        **{name: curves(hinge, seeds=8, noise=0.1, rng=at) for at, name in enumerate("abc")},
        v=curves(valley, seeds=8, noise=0.1, rng=9),
    )
    check(verdict(table, "threshold"), 16, "present")
    each = verdict(table, "threshold", across="each")
    check(each, 10, "partial", "each_treatment")
    assert [arm.condition for arm in each.groups.alone if arm.refuted.met] == ["v"]
    assert "In 'v' it is refuted that metric does not fall before the onset." in " ".join(
        each.summary().split()
    )
    same = sweep(**{name: curves(hinge, seeds=8, noise=0.1, rng=at) for at, name in enumerate("abc")})
    check(verdict(same, "threshold", across="each"), 16, "present")


def test_every_level_on_average_is_not_every_level_of_every_treatment():
    """One treatment rises as much as the other falls: their mean is flat, and the reader is told of both."""
    table = sweep(a=curves(2 * X, seeds=6, noise=0.05), b=curves(-2 * X, seeds=6, noise=0.05, rng=2))
    found = verdict(table, {"name": "flat", "margin": 0.5})
    check(found, 16, "present")
    assert Reason.AVERAGE_ONLY in found.notes
    assert "on its own it is not shown in 'a' and 'b'." in " ".join(found.summary(full=True).split())
    same = sweep(a=curves(0 * X, seeds=6, noise=0.05), b=curves(0 * X, seeds=6, noise=0.05, rng=2))
    assert Reason.AVERAGE_ONLY not in verdict(same, {"name": "flat", "margin": 0.5}).notes
    each = verdict(table, {"name": "flat", "margin": 0.5}, across="each")
    check(each, 14, "inconclusive", "each_treatment")
    assert {c.name for c in each.criteria if not c.met} >= {"claim_pvalue[a]", "claim_pvalue[b]"}


def test_comparisons_are_named_in_the_words_of_the_claimed_direction():
    falling = np.where(X > 0.5, -(X - 0.5) * 8, 0.0)
    found = verdict(
        sweep(a=curves(falling, seeds=5, noise=0.1)), {"name": "threshold", "direction": "decreasing"}
    )
    named = {each.name for each in found.criteria}
    assert "falls_after_pvalue" in named
    assert not any("rises_after" in each for each in named)


def test_two_treatments_that_are_flat_are_each_flat_on_their_own():
    """No effect above 0 is asked of a claim that there is none."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        [(k, rng.normal(), s, c) for c in "ab" for s in range(5) for k in range(6)],
        columns=["knob", "metric", "seed", "condition"],
    )
    found = detect(frame, shape="flat", min_effect=9)
    assert found.is_present
    assert found.findings.not_alone == ()
