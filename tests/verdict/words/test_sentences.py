import dataclasses
import math
import re

import numpy as np
import pytest

from sigstats import SweepTable, detect
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import SeedsNeeded
from sigstats.verdict.rules import Status
from sigstats.verdict.words import controls, phrases, sentences
from sigstats.verdict.words import names as naming
from sigstats.verdict.words.document import numbers


def numbers_of(verdict):
    return {fact.label: fact.said for fact in numbers(verdict)}


def test_every_status_has_words():
    """No status is left without a sentence."""
    assert [status for status in Status if not sentences.STATUS_WORDS[status].endswith(".")] == []


def test_every_reason_has_words(sample):
    """Every reason and note can be explained, whatever the verdict looks like."""
    verdict = sample()
    for reason in Reason:
        said = sentences.explain(verdict, reason)
        assert said.endswith("."), reason
        assert said[0].strip(), reason
        assert "nan" not in said.split(), reason
        assert sentences.in_brief(verdict, reason), reason


def test_a_reason_can_be_explained_without_numbers(samples):
    """With too few seeds or levels the lines are missing, and the sentences still stand."""
    bare = {"trend": None, "interval": None, "slopes": None, "control": None, "residual_sd": math.nan}
    verdict = samples.present(evidence=bare)
    assert [each for each in Reason if not sentences.explain(verdict, each).endswith(".")] == []


def test_a_control_that_rises_a_little_is_not_called_flat(samples):
    """The share of the treatment's effect is given, with the share that is allowed."""
    said = controls.change(samples.present())
    assert "21% of the treatment's 4.35" in said
    assert "less than the allowed half (p = " in said
    assert "flat" not in said


def test_a_control_is_not_measured_against_a_treatment_without_effect(samples):
    """Where the treatment shows no effect, a share of it would mean nothing."""
    assert "%" not in controls.change(samples.absent())


def test_a_control_that_goes_the_other_way_is_said_to(samples):
    """A negative change is against the predicted direction."""
    assert "against the predicted direction" in controls.change(samples.independent())


def test_the_default_margin_is_named(samples):
    """Without a declared smallest effect the reader learns which margin was used."""
    verdict = samples.present(signature={"min_effect": None}, evidence={"margin_source": "residual sd"})
    assert phrases.margin(verdict) == "0.5 return (one residual sd, because no min_effect was declared)"
    assert phrases.margin(samples.present()) == "0.5 return (the declared min_effect)"


def test_an_inconclusive_verdict_says_what_would_resolve_it(samples):
    """Seeds are counted at the declared effect, never at the observed one."""
    said = sentences.resolve(samples.inconclusive())
    expected = (
        "About 9 seeds per condition would show or rule out an effect of 0.5 return (the declared "
        "min_effect) with probability 0.8 (now 3); the comparison with the control needs most."
    )
    assert said == [expected]


def test_seeds_that_cannot_be_counted_are_said_to_be_unknown(samples):
    """No number is made up where the variation between seeds is unknown."""
    verdict = samples.inconclusive()
    needed = dataclasses.replace(verdict.evidence.seeds_needed, n_seeds=None, effect_source="residual sd")
    said = sentences.seeds_needed(verdict, needed)
    assert "cannot be said" in said
    assert "one residual sd, the default margin" in said


def test_a_definite_verdict_needs_nothing_more(samples):
    """Only an open question is resolved."""
    assert sentences.resolve(samples.present()) == []


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.TOO_FEW_SEEDS, "At least 3 seeds"),
        (Reason.TOO_FEW_LEVELS, "at least 3 levels"),
        (Reason.ZERO_VARIANCE, "truly differ"),
        (Reason.COMMON_SHIFT, "separate batches"),
    ],
)
def test_each_open_question_has_its_own_remedy(reason, expected, samples):
    """More seeds do not help everything."""
    verdict = samples.present(status=Status.INCONCLUSIVE, reasons=(reason,))
    assert expected in " ".join(sentences.resolve(verdict))


def test_a_curve_that_turns_is_told_in_its_order(samples):
    """Rise, turn and fall, then where the claim holds."""
    said = sentences.why(samples.reverses())[0]
    assert said.startswith("return rises with step up to about 4 and then falls by 2.4 ")
    assert said.endswith("The claim holds from 0 to 4.")


def test_a_falling_signature_is_told_in_its_own_direction(samples):
    """The opposite of a predicted fall is a rise."""
    verdict = samples.present(signature={"shape": "decreasing"})
    assert sentences.explain(verdict, Reason.OPPOSITE).startswith("return rises where it should have fallen")


def test_controls_that_respond_on_their_own_are_named(samples):
    """With several controls the reader learns which one responds."""
    verdict = samples.two_by_two()
    control = dataclasses.replace(verdict.evidence.control, single_responds=(("rnn", 0.01), ("ssm", 0.7)))
    said = sentences.explain(samples.with_evidence(verdict, control=control), Reason.UNSPECIFIC)
    assert "'rnn' (p = 0.01)" in said
    assert "'ssm' (p" not in said


@pytest.mark.parametrize("met", [True, False])
def test_what_is_shown_of_a_control_is_what_the_verdict_held_it_against(met, samples):
    """A comparison may have a bound below alpha, as where a control can lack the shape in two ways."""
    verdict = samples.present()
    assert verdict.evidence.control.quiet.pvalue < 0.05
    control = verdict.groups.control
    held = dataclasses.replace(control, quiet=dataclasses.replace(control.quiet, met=met))
    said = controls.change(
        dataclasses.replace(verdict, groups=dataclasses.replace(verdict.groups, control=held))
    )
    assert ("; shown to be less than" in said, "; not shown to be less than" in said) == (met, not met)


def on_part_of_the_range(n_levels):
    """Return a table of a treatment on the first levels and a control on all eight."""
    x = np.arange(8.0)
    rise, still = x + np.arange(5.0)[:, None] * (0.1 + 0.01 * x), 0.01 * np.arange(40.0).reshape(5, 8) % 0.07
    rise[:, n_levels:] = math.nan
    seeds = {name: [f"{name}{seed}" for seed in range(5)] for name in "ab"}
    return SweepTable.from_matrices(x, {"a": rise, "b": still}, seeds=seeds)


@pytest.mark.parametrize("shape", ["increasing", "convex"])
def test_the_range_that_effects_speak_of_is_said(shape):
    """A treatment on more than half the range of its control: both count over that part."""
    found = detect(on_part_of_the_range(5), shape=shape, control="b")
    assert found.effect.value == pytest.approx(4.08 if shape == "increasing" else 0.0)
    assert sentences.explain(found, Reason.RANGE_DIFFERS).endswith(
        "'a' 0 to 4 and 'b' 0 to 7. They are compared on the levels that they have in common: 0, 1, 2, 3 and 4."
    )


def test_a_control_that_cannot_be_compared_is_said_with_both_ranges():
    """Four of eight levels span less than half: what is missing is said, and more seeds are not advised."""
    found = detect(on_part_of_the_range(4), shape="increasing", control="b")
    said = (
        "The trend is shown, but the control cannot be compared: it and the treatment have too few levels of knob "
        "in common ('a' 0 to 3 and 'b' 0 to 7). They need at least 3 that span half of each range."
    )
    assert sentences.why(found) == [said]
    assert sentences.resolve(found) == ["Run the control at the levels of the treatment."]


def test_conditions_at_other_levels_of_one_range_are_said_without_a_range():
    """Both were swept from 0 to 7: what differs is the levels between."""
    table = on_part_of_the_range(8)
    cells = {name: table.matrix(name).copy() for name in "ab"}
    cells["b"][:, [1, 3, 5]] = math.nan
    few = SweepTable.from_matrices(table.levels, cells, seeds={name: table.seeds(name) for name in "ab"})
    found = detect(few, shape="increasing", control="b")
    assert sentences.explain(found, Reason.RANGE_DIFFERS) == (
        "The conditions were not run at the same levels of knob. They are compared on the levels that they have in "
        "common: 0, 2, 4, 6 and 7."
    )


def early_falls():
    """Return three seeds that fall early and stay: whatever the turn, nothing rises before it."""
    curves = [
        [0.80, 0.11, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.45, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.64, 0.04, 0.0, 0.0, 0.0, 0.0, 0.0],
    ]
    curves = np.array(curves) + 1e-4 * np.random.default_rng(1).normal(size=(3, 7))
    return SweepTable.from_matrices(np.arange(7.0), {"a": curves})


def test_an_upper_bound_is_only_named_where_the_interval_has_it():
    """A rise that is refuted at every turn, though the interval at the chosen one is too wide to say so."""
    found = detect(early_falls(), shape="peak")
    assert found.reasons == (Reason.OPPOSITE,)
    assert "and its upper bound is below 0." in sentences.why(found)[0]
    line = found.evidence.interval
    wide = dataclasses.replace(line, estimate=dataclasses.replace(line.estimate, high=0.03))
    evidence = dataclasses.replace(found.evidence, interval=wide)
    said = sentences.why(dataclasses.replace(found, evidence=evidence))[0]
    assert "its upper bound" not in said
    assert "it is shown to be below 0 at every turn that could have been chosen (p = 0.0" in said


def test_a_remedy_is_given_once(samples):
    """A reason that is a note as well needs one remedy."""
    verdict = samples.present()
    verdict = dataclasses.replace(
        verdict, status=Status.INCONCLUSIVE, reasons=(Reason.COMMON_SHIFT,), notes=(Reason.COMMON_SHIFT,)
    )
    assert len(sentences.resolve(verdict)) == len(set(sentences.resolve(verdict))) >= 1


def test_fewer_seeds_than_there_are_resolve_nothing(samples):
    """The trend is shown and its control is open: that two seeds would show the trend is no advice."""
    verdict = samples.present()
    needed = dataclasses.replace(SAMPLE_NEEDED, n_seeds=2)
    evidence = dataclasses.replace(verdict.evidence, seeds_needed=needed)
    for reason, advised in ((Reason.CONTROL_UNRESOLVED, False), (Reason.UNDERPOWERED, True)):
        asked = dataclasses.replace(
            verdict, status=Status.INCONCLUSIVE, reasons=(reason,), notes=(), evidence=evidence
        )
        assert ("2 seeds per condition would" in " ".join(sentences.resolve(asked))) is advised


SAMPLE_NEEDED = SeedsNeeded(
    n_seeds=4, effect=0.5, effect_source="min_effect", power=0.8, bottleneck="treatment"
)


def test_scores_that_agree_are_not_seeds_that_agree():
    """Seeds that differ, but at one level were rounded to the same value: nothing is said of copied runs."""
    curves = 5.0 + np.random.default_rng(2).normal(size=(4, 6))
    curves[:, 3] = 5.0
    found = detect(
        SweepTable.from_matrices(np.arange(6.0), {"a": curves}), shape={"name": "above", "value": 0.0}
    )
    assert found.reasons == (Reason.ZERO_VARIANCE,)
    said = " ".join(found.summary(full=True).split())
    assert "but all have the same score at knob = 3, so there is no variation" in said
    assert "The seeds do not differ" not in said
    assert "check that the seed reaches the system" not in said


def test_every_treatment_that_lacks_a_claim_is_one_reason():
    """Two of three treatments fall short: one sentence names both."""
    x, rng = np.linspace(0, 1, 6), np.random.default_rng(3)
    rises = {"a": 0.0, "b": 0.0, "c": 30.0}
    seeds = {name: [f"{name}{seed}" for seed in range(6)] for name in rises}
    curves = {name: rise * x + rng.normal(size=(6, 6)) for name, rise in rises.items()}
    table = SweepTable.from_matrices(x, curves, seeds=seeds)
    found = detect(table, shape="increasing", across="each")
    assert found.reasons == (Reason.EACH_TREATMENT,)
    assert "not in 'a' (" in sentences.why(found)[0]
    assert "'b' (" in sentences.why(found)[0]


@pytest.mark.parametrize(
    ("shape", "said"), [("valley", "that metric falls before the turn is shown"), ("decreasing", "(shown")]
)
def test_a_headline_says_shown_of_what_is_shown(shape, said):
    """A small fall that merely levels off is the first half of a valley; a plain fall is all of a fall."""
    x = np.linspace(0, 1, 9)
    curves = -np.minimum(x, 0.6) + 0.03 * np.random.default_rng(5).normal(size=(6, 9))
    found = detect(SweepTable.from_matrices(x, {"a": curves}), shape=shape, min_effect=5.0)
    assert found.reasons == (Reason.WEAK,)
    assert said in str(found)
    assert ", but smaller than the declared min_effect)" in str(found)


def test_an_exponent_has_no_margin_in_units_of_the_metric():
    """Without a declared exponent there is no margin, which is not for want of noise."""
    x = np.arange(1.0, 9.0)
    curves = x**0.5 * np.exp(0.02 * np.random.default_rng(4).normal(size=(4, 8)))
    said = numbers_of(detect(SweepTable.from_matrices(x, {"a": curves}), shape="power_law"))["margin"]
    assert said == "none: no min_effect was declared, and the noise cannot serve as a margin for an exponent"


def test_a_control_at_a_bound_is_not_said_to_show_as_much():
    """The control is flat at its floor: the headline tells why that is no answer, and claims nothing else of it."""
    x, rng = np.linspace(0, 1, 8), np.random.default_rng(1)
    curves = {"a": 0.8 - 0.6 * x + 0.02 * rng.normal(size=(5, 8)), "b": np.zeros((5, 8))}
    curves["b"][:, 3] = 0.01 * rng.random(5)
    seeds = {name: [f"{name}{seed}" for seed in range(5)] for name in curves}
    found = detect(SweepTable.from_matrices(x, curves, seeds=seeds), shape="decreasing", control="b")
    assert found.reasons == (Reason.CONTROL_UNRESOLVED,)
    assert str(found).endswith("(shown, but the control sits at a bound of the metric)")
    (said,) = sentences.why(found)
    assert "the control 'b' sits at a bound of the metric, where a change may stay hidden, so that" in said
    assert "being quiet says nothing. The control 'b' " in said
    assert "shown to be less" not in said + numbers_of(found)["control"]
    title = " ".join(text.get_text() for text in found.plot().axes[0].texts)
    assert "being quiet says nothing" in " ".join(title.split())


@pytest.mark.parametrize(("share", "said"), [(0.5, "half"), (0.6, "60%")])
def test_a_headline_says_what_is_not_shown_of_the_control(share, said):
    """The control is not shown to change by so much less."""
    found = against_a_control(1.0, share - 0.01, quiet_fraction=share)
    assert found.reasons == (Reason.CONTROL_UNRESOLVED,)
    assert str(found).endswith(f"(shown, but not shown to be less than {said} as much in the control)")


def against_a_control(treatment, control, *, bend=0.0, names="ab", **options):
    """Return the verdict on a rise beside a control with a rise, and perhaps a bend, of its own."""
    x, rng = np.linspace(0, 1, 8), np.random.default_rng(1)
    course = {names[0]: treatment * x, names[1]: control * x + bend * 4 * x * (1 - x)}
    curves = {name: mean + 0.05 * rng.normal(size=(8, 8)) for name, mean in course.items()}
    seeds = {name: [f"{name}{seed}" for seed in range(8)] for name in curves}
    table = SweepTable.from_matrices(x, curves, seeds=seeds)
    return detect(table, **{"shape": "increasing", "control": names[1], "min_effect": 0.1, **options})


def test_a_control_that_departs_from_a_line_is_told_before_its_size():
    """Its size alone would read as evidence against the claim, which its departure supports."""
    found = against_a_control(1.0, 1.2, bend=0.5, shape="linear")
    assert found.status == "present"
    said = numbers_of(found)["control"]
    assert said.startswith("the control 'b' is shown to depart from a straight line (p ")
    assert "), and rises by 1.1" in said
    assert "allowed" not in said
    title = " ".join(text.get_text() for text in found.plot().axes[0].texts)
    assert "is shown to depart from a straight line (p " in " ".join(title.split())


def test_a_control_with_the_same_line_is_said_to_have_it():
    """Not by its size alone: a control could be as large and bent."""
    found = against_a_control(1.0, 1.2, shape="linear")
    assert found.reasons == (Reason.ARTIFACT,)
    said = sentences.why(found)[0]
    assert "mechanism: the control 'b' is shown to follow a straight line as well (p " in said
    assert "), and rises by 1.1" in said
    assert "shown to be more than 80% of the treatment's (p " in said


def test_a_control_that_neither_departs_nor_is_less_is_said_to_do_neither():
    """Both ways in which it could lack the shape are named, in the headline too."""
    found = against_a_control(1.0, 0.49, bend=0.05, shape="linear")
    assert found.reasons == (Reason.CONTROL_UNRESOLVED,)
    assert "shown neither to depart nor to have less than half as much)" in str(found)
    assert ", nor to be more, nor to depart from a straight line (p " in sentences.why(found)[0]


def test_a_condition_that_is_a_bare_number_is_named_with_its_column(samples):
    """Quoted numbers say nothing of what they are; other names stay as they are."""
    arms = [
        samples.arm(name, role, samples.curves_of(effect=size))
        for name, role, size in (("16", "treatment", 4.0), ("2048", "control", 0.1))
    ]
    found = samples.verdict_of(arms, signature={"condition": "width"})
    assert naming.against(found) == "width 16 against the control width 2048"
    assert "the control width 2048 rises by " in numbers_of(found)["control"]
    arms[0] = samples.arm("1e5x", "treatment", samples.curves_of(effect=4.0))
    mixed = samples.verdict_of(arms, signature={"condition": "width"})
    assert naming.against(mixed) == "'1e5x' against the control '2048'"


def test_several_controls_that_go_the_other_way_are_several():
    """The note speaks of the mean of the controls, in the plural."""
    x, rng = np.linspace(0, 1, 8), np.random.default_rng(1)
    curves = {
        name: way * x + 0.1 * rng.normal(size=(5, 8)) for name, way in zip("abc", (3, -2, -2), strict=True)
    }
    seeds = {name: [f"{name}{seed}" for seed in range(5)] for name in curves}
    found = detect(SweepTable.from_matrices(x, curves, seeds=seeds), shape="increasing", control=["b", "c"])
    assert Reason.CONTROL_OPPOSITE in found.notes
    said = sentences.explain(found, Reason.CONTROL_OPPOSITE)
    assert said.startswith("On average the controls go the other way: their effect is -2")


def four_treatments(seed):
    """Return treatments of which two rise clearly, one rises by some amount, and one hardly does."""
    x, rng = np.linspace(0, 1, 7), np.random.default_rng(seed)
    heights = rng.permutation([1.5, 1.2, rng.uniform(0.1, 1.2), rng.uniform(-0.1, 0.45)])
    curves = {
        name: height * x + 0.2 * rng.normal(size=(6, 7)) + 0.2 * rng.normal(size=(6, 1))
        for name, height in zip(("ant", "bee", "cow", "doe"), heights, strict=True)
    }
    return SweepTable.from_matrices(x, curves)


def test_treatments_that_fall_short_are_named_as_the_verdict_found_them():
    """Exactly those whose own criterion is met by Holm's procedure; an interval below the effect is not enough."""
    verdicts = [detect(four_treatments(seed), shape="increasing", min_effect=0.5) for seed in range(60)]
    short = [each for each in verdicts if each.reasons == (Reason.SOME_CONDITIONS,)]
    by_interval = 0
    for found in short:
        met = {
            each.condition for each in found.criteria if each.name.startswith("small_pvalue[") and each.met
        }
        named = re.findall(r"'(\w+)'", sentences.why(found)[0].partition("everywhere: ")[2])
        assert set(named) == met == set(found.findings.below_in) != set()
        by_interval += {arm.condition for arm in found.evidence.arms if arm.effect.high < 0.5} != met
    assert len(short) >= 20
    assert by_interval >= 1


def with_slopes(*treatments, levels=((0, 8),) * 4):
    """Return treatments whose seeds rise by so much over the levels, each on part of them."""
    x, rng, curves = np.arange(12.0), np.random.default_rng(7), {}
    for name, slopes, (first, end) in zip("abcd", treatments, levels, strict=False):
        found = np.multiply.outer(slopes, x / 7) + rng.normal(0, 0.05, (len(slopes), 12))
        found[:, :first], found[:, end:] = math.nan, math.nan
        curves[name] = found
    return SweepTable.from_matrices(x, curves)


@pytest.mark.parametrize(
    ("slopes", "said"),
    [
        ((0.17, -0.97, -0.2, -0.6), "not above the margin; the estimate goes the other way"),
        ((0.17, -0.17, -0.2, 0.1), "any effect is smaller than the margin"),
    ],
)
def test_an_effect_on_the_other_side_is_not_called_smaller_than_the_margin(slopes, said):
    """What bounds it above says nothing about how far it goes the other way; headline and figure say the same."""
    found = detect(with_slopes(slopes), shape="increasing", min_effect=0.5)
    assert found.reasons == (Reason.BELOW_MIN_EFFECT,)
    assert f"({said}; 4 seeds cannot rule out" in str(found)
    assert said in " ".join(" ".join(text.get_text() for text in found.plot().axes[0].texts).split())
    assert ("goes the other way" in sentences.why(found)[0]) is ("other way" in said)


RISE, FLAT = (2.0, 2.1, 1.9, 2.0), (0.1, -0.1, 0.05, -0.05)


@pytest.mark.parametrize(
    ("treatments", "said"),
    [
        ((RISE, RISE), "both treatments show it"),
        ((RISE, RISE, RISE), "all 3 treatments show it"),
        ((RISE, RISE, FLAT), "2 of 3 treatments show it on their own"),
        ((RISE, FLAT, FLAT), "only 1 of 3 treatments shows it on its own"),
        ((FLAT, FLAT, FLAT), ""),
        ((RISE,), ""),
    ],
)
def test_a_headline_says_how_many_treatments_show_the_claim(treatments, said):
    """Of several; one alone, or none where their mean does not show it either, needs no such words."""
    found = detect(with_slopes(*treatments), shape="increasing", min_effect=0.3)
    assert phrases.treatments_showing(found) == said
    assert said in str(found)
    assert said or "treatment" not in str(found)


def test_a_claim_over_own_ranges_holds_on_each_of_them():
    """Treatments with too little in common have no one range on which the claim holds."""
    found = detect(with_slopes(RISE, RISE, levels=((0, 5), (3, 12))), shape="increasing")
    assert (found.status, found.evidence.ranges, found.scope) == (Status.PRESENT, "own", None)
    assert numbers_of(found)["scope"] == "each condition's own range: 'a' 0 to 4 and 'b' 3 to 11"


def test_an_early_rise_is_no_larger_than_any_rise_in_the_plot():
    """It is the change over the first window, not a slope drawn out over the whole range."""
    curves = np.minimum(np.arange(12.0), 1) * 15 + 0.1 * np.random.default_rng(2).normal(size=(5, 12))
    found = detect(SweepTable.from_matrices(np.arange(12.0), {"a": curves}), shape="saturating")
    assert 10 < found.effect.value < 15
    assert "rise of the line over the first third" in numbers_of(found)["effect"]


def test_a_size_that_holds_elsewhere_is_said_to():
    """An onset too near the start has no location, and the jump is that of the places that could be tested."""
    curves = 8.0 * (np.arange(8) > 0) + 0.1 * np.random.default_rng(2).normal(size=(5, 8))
    shape = {"name": "threshold", "form": "step"}
    found = detect(SweepTable.from_matrices(np.arange(8.0), {"a": curves}), shape=shape)
    assert found.reasons == (Reason.ONSET_NEAR_END,)
    assert "where it could be tested" in numbers_of(found)["effect"]
    assert "location" not in numbers_of(found)


def test_one_wild_seed_beside_seeds_that_rise_is_not_the_only_one_that_shows_it():
    """Seven seeds rise by 3.5, one ends at 1e5: two groups, and both show it."""
    curves = np.arange(8.0) / 2 + 0.1 * np.random.default_rng(2).normal(size=(8, 8))
    curves[3, 7] = 1e5
    found = detect(SweepTable.from_matrices(np.arange(8.0), {"a": curves}), shape="increasing")
    assert found.evidence.arms[0].groups.lower_mean == pytest.approx(3.5, rel=0.1)
    assert "seeds show" not in str(found)
    assert "seed shows" not in str(found)
    assert "have a mean score of" in sentences.explain(found, Reason.SEEDS_DISAGREE)


def test_treatments_that_disagree_are_counted_one_by_one():
    """A mean near 0 says nothing of an effect that is large in both directions."""
    found = detect(with_slopes(RISE, [-each for each in RISE]), shape="increasing", min_effect=1.0)
    assert "the mean effect is smaller than the margin; only 1 of 2 treatments shows it" in str(found)
    assert numbers_of(found)["seeds"] == (
        "those that rise: 4 of 4 in 'a' (all by the min_effect or more) and 0 of 4 in 'b'"
    )
