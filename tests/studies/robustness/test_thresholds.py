"""Over which bounds a verdict stands: against the numbers that the same verdict compares with them."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, special

from sigstats import Signature, SweepTable, detect
from sigstats.detection import verdict_on
from sigstats.studies.robustness.influence import Influence
from sigstats.studies.robustness.report.weakest_words import told
from sigstats.studies.robustness.thresholds import Margin, Segment, find_margins
from sigstats.studies.robustness.variants import Variant
from sigstats.studies.robustness.weakest import weakest_point
from sigstats.verdict.rules import Status

X = np.linspace(0.0, 1.0, 8)


def variant_of(heights, signature, n_seeds=6, sd=0.2):
    rng = np.random.default_rng(2)
    cells = {name: height * X + rng.normal(0.0, sd, (n_seeds, X.size)) for name, height in heights.items()}
    return Variant(table=SweepTable.from_matrices(np.arange(1.0, 9.0), cells), signature=signature)


def margins_of(variant):
    verdict = detect(variant.table, variant.signature)
    return verdict, {each.name: each for each in find_margins(variant, verdict, n_jobs=1)}


@pytest.fixture(scope="module")
def found():
    claim = Signature(shape="increasing", control="none", min_effect=0.5)
    variant = variant_of({"treatment": 2.0, "none": 0.2}, claim)
    return (variant, *margins_of(variant))


@pytest.mark.long
def test_a_present_effect_stands_up_to_its_own_size(found):
    """Rule 11 of the verdict table: the estimate must reach the smallest effect."""
    _, verdict, margins = found
    assert verdict.status == "present"
    assert margins["min_effect"].high == pytest.approx(verdict.effect.value, rel=0.02)
    assert margins["min_effect"].low is None


def test_alpha_stands_down_to_the_largest_pvalue_that_must_cross_it(found):
    _, verdict, margins = found
    evidence = verdict.evidence
    needed = max(
        evidence.trend.pvalue,
        evidence.interval.pvalue,
        1.0 - evidence.slopes.prob_positive,
        evidence.control.quiet.pvalue,
    )
    assert margins["alpha"].low == pytest.approx(needed, rel=0.02)


@pytest.mark.long
def test_on_either_side_of_an_end_the_verdict_is_what_is_said(found):
    variant, _, margins = found
    for name, margin in margins.items():
        for segment in margin.segments if name != "prior_scale" else ():
            for value in (segment.low, segment.high):
                changed = Signature(
                    **{
                        "shape": "increasing",
                        "control": "none",
                        "min_effect": variant.signature.min_effect,
                        name: value,
                    }
                )
                assert detect(variant.table, changed).status is segment.status


def test_segments_follow_each_other_within_one_percent(found):
    _, _, margins = found
    for margin in margins.values():
        for before, after in zip(margin.segments, margin.segments[1:], strict=False):
            assert before.status is not after.status
            assert 1.0 < after.low / before.high <= 1.01


def test_the_nearest_end_is_a_factor(found):
    _, _, margins = found
    margin = margins["min_effect"]
    assert margin.nearest == pytest.approx(margin.high / 0.5)


@pytest.mark.long
def test_without_a_declared_effect_the_whole_map_is_given():
    variant = variant_of({"treatment": 2.0}, Signature(shape="increasing"))
    verdict, margins = margins_of(variant)
    margin = margins["min_effect"]
    assert (margin.declared, margin.low, margin.high, margin.nearest) == (None, None, None, None)
    assert [each.status for each in margin.segments] == [Status.PRESENT, Status.INCONCLUSIVE, Status.PARTIAL]
    assert margin.segments[2].low == pytest.approx(verdict.effect.high, rel=0.02)


@pytest.mark.long
def test_bounds_that_do_not_apply_are_left_out():
    rises = Signature(shape="increasing")
    assert list(margins_of(variant_of({"treatment": 2.0}, rises))[1]) == [
        "min_effect",
        "alpha",
        "prior_scale",
    ]
    fresh = replace(rises, design="independent")
    assert list(margins_of(variant_of({"treatment": 2.0}, fresh))[1]) == ["min_effect", "alpha"]
    flat = Signature(shape={"name": "flat", "margin": 1.0})
    assert list(margins_of(variant_of({"treatment": 0.0}, flat))[1]) == ["alpha", "prior_scale"]
    alike = Variant(table=SweepTable.from_matrices([1, 2, 3], {"a": [[1.0, 2.0, 3.0]] * 3}), signature=rises)
    assert "prior_scale" not in margins_of(alike)[1]


# ---- the scale of the prior


def by_quadrature(scores, sampling, scale):
    """Return P(theta > 0) of the model by adaptive quadrature over omega, theta in closed form."""

    def moments(omega):
        precision = 1.0 / (omega**2 + sampling**2)
        centre = (precision * scores).sum() / precision.sum()
        fit = -0.5 * (precision * (scores - centre) ** 2).sum() + 0.5 * np.log(precision).sum()
        weight = np.exp(fit - 0.5 * np.log(precision.sum())) / (1.0 + (omega / scale) ** 2)
        return weight, special.ndtr(centre * np.sqrt(precision.sum()))

    cuts = {"limit": 500, "epsabs": 0.0, "epsrel": 1e-9}
    ends = [0.0, *np.geomspace(1e-3, 1e4, 15), np.inf]
    total = above = 0.0
    for low, high in itertools.pairwise(ends):
        total += integrate.quad(lambda o: moments(o)[0], low, high, **cuts)[0]
        above += integrate.quad(lambda o: np.prod(moments(o)), low, high, **cuts)[0]
    return above / total


@pytest.mark.long
@pytest.mark.parametrize("factor", [0.125, 0.5, 1.0, 8.0])
def test_the_factor_multiplies_the_scale_of_the_half_cauchy_prior(factor):
    variant = variant_of({"treatment": 0.15}, Signature(shape="increasing"), n_seeds=4)
    slopes = [
        verdict_on(variant.table, variant.signature, prior_scale=each).evidence.slopes
        for each in (1.0, factor)
    ]
    assert slopes[1].prior_scale == pytest.approx(factor * slopes[0].prior_scale)
    arm = detect(variant.table, variant.signature).evidence.arms[0]
    expected = by_quadrature(arm.scores, np.full(4, slopes[0].sampling_sd), slopes[1].prior_scale)
    assert slopes[1].prob_positive == pytest.approx(expected, abs=1e-6)


@pytest.mark.long
def test_a_wider_prior_makes_the_posterior_less_sure():
    """Three seeds, of which all rise: the verdict falls where P(theta > 0) falls below 95 %, and nowhere else."""
    rng = np.random.default_rng(8)
    cells = {"treatment": np.array([[1.0], [1.3], [0.6]]) * X + rng.normal(0.0, 0.15, (3, X.size))}
    variant = Variant(
        table=SweepTable.from_matrices(np.arange(1.0, 9.0), cells), signature=Signature(shape="increasing")
    )
    verdict, margins = margins_of(variant)
    margin = margins["prior_scale"]
    assert (verdict.status, margin.declared, margin.low) == ("present", 1.0, None)
    assert 1.0 < margin.high < 8.0
    below, above = (
        verdict_on(variant.table, variant.signature, prior_scale=each).evidence.slopes.prob_positive
        for each in (margin.high, 1.02 * margin.high)
    )
    assert above < 0.95 <= below
    assert below - above < 0.005


def test_a_prior_that_is_near_to_deciding_is_a_weak_point():
    """Nothing else changes the verdict, and a prior that is a fifth wider does."""
    verdict = detect(variant_of({"treatment": 2.0}, Signature(shape="increasing")).table, shape="increasing")
    segments = tuple(
        Segment(low=low, high=high, status=status)
        for low, high, status in ((0.125, 1.2, Status.PRESENT), (1.21, 8.0, Status.INCONCLUSIVE))
    )
    margin = Margin(name="prior_scale", declared=1.0, low=None, high=1.2, segments=segments)
    nothing = Influence(removals=(), smallest=None, shifts=(), notes=())
    assert str(told(weakest_point(verdict, (), (), nothing, (margin,)))) == (
        "The verdict changes from present to inconclusive where the scale of the prior, in times the default, is "
        "above 1.2 instead of 1."
    )


def test_the_prior_of_a_shape_with_clauses_is_moved_too():
    table = variant_of({"treatment": 0.3}, Signature(shape="convex"), n_seeds=4).table
    found = [
        verdict_on(table, Signature(shape="convex"), prior_scale=each).evidence.clauses[0].prob_positive
        for each in (0.125, 1.0, 8.0)
    ]
    assert len({round(each, 6) for each in found}) == 3
