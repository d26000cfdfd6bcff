"""The weaker parts of two sides, held against each other."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from sigstats import Signature, SweepTable
from sigstats.evidence import gather
from sigstats.stats.scores.peak import peak_scores
from sigstats.verdict.criteria import compare

BY = np.arange(5.0)
CENTRED = BY / 4 - 0.5
FADES = {"name": "fades", "by": "step"}
KNOB = np.arange(8.0) / 7


def course(first, last):
    """Return an effect that changes along a line."""
    return first + (last - first) * BY / 4


def control_of(matrices, shape=FADES, **options):
    """Return the control evidence of a fading effect, from the effects themselves, or of another shape."""
    seeds = {name: [f"{name}{s}" for s in range(len(v))] for name, v in matrices.items()}
    signature = Signature(shape=shape, treatment="t", control=[n for n in matrices if n != "t"], **options)
    table = SweepTable.from_matrices(np.arange(float(matrices["t"].shape[1])), matrices, seeds=seeds)
    evidence = gather(table, signature, rng=np.random.default_rng(1))
    return evidence.control, {each.name: each.met for each in compare(evidence, signature).listed()}


def parts(values):
    """Return first effect and decline of each seed, by numpy."""
    return values[:, 0], -(values @ CENTRED) / (CENTRED @ CENTRED)


def pvalue(plus, minus):
    return scipy_stats.ttest_ind(plus, minus, equal_var=False, alternative="greater").pvalue


def simes(pvalues):
    """Return Simes' p-value, which is the smallest one that Benjamini and Hochberg adjust."""
    return scipy_stats.false_discovery_control(list(pvalues)).min()


def noisy(*courses, seeds=5, rng=1):
    generator = np.random.default_rng(rng)
    return [np.array(each) + generator.normal(size=(seeds, len(each))) for each in courses]


def tent(rise, fall, turn=0.5):
    """Return a curve that rises to a turn and falls after it."""
    return np.where(turn >= KNOB, rise * KNOB / turn, rise - fall * (KNOB - turn) / (1 - turn))


def test_each_part_of_the_larger_side_is_held_against_all_parts_of_the_smaller():
    """Scipy's Welch tests: the least clear part of the larger side, Simes over those of the smaller."""
    treatment, control = noisy(course(6, 1), course(4, 2))
    found, _ = control_of({"t": treatment, "c": control})
    t, c = parts(treatment), parts(control)
    quiet = max(simes(pvalue(0.5 * one, other) for other in c) for one in t)
    responds = max(simes(pvalue(other, 0.5 * one) for one in t) for other in c)
    assert found.quiet.pvalue == pytest.approx(quiet, rel=1e-9)
    assert found.responds.pvalue == pytest.approx(responds, rel=1e-9)
    assert found.treatment.value == pytest.approx(min(part.mean() for part in t))
    assert found.effect.value == pytest.approx(min(part.mean() for part in c))
    assert "weaker" in found.quiet.method
    assert "weaker" in found.quiet.null


def test_single_controls_are_compared_by_their_own_weaker_part():
    """Of two controls the one that fades responds, the one whose effect stays does not."""
    treatment, fading, constant = noisy(course(8, 0), course(8, 0), course(8, 8))
    found, _ = control_of({"t": treatment, "c": fading, "d": constant})
    single = dict(found.single_responds)
    assert single["c"] < 0.05 < single["d"]


def test_a_part_without_variance_leaves_the_comparison_open():
    """The decline could be compared, the first effect could not: nothing is shown."""
    treatment, control = noisy(course(60, 1), course(0, 0))
    treatment[:, 0], control[:] = 60.0, 0.0
    found, met = control_of({"t": treatment, "c": control})
    assert np.isnan([found.specific.pvalue, found.quiet.pvalue]).all()
    assert not met["control_quiet_pvalue"]


@pytest.mark.rates
@pytest.mark.parametrize("seeds", [5, 10])
@pytest.mark.parametrize(
    ("control", "false"),
    [
        ((1.5, 0.0), ("quiet", "responds", "artifact")),
        ((3.0, 1.5), ("quiet", "responds", "artifact")),
        ((2.4, 0.0), ("quiet", "artifact")),
        ((3.0, 3.0), ("responds", "artifact")),
        ((0.0, 0.0), ("responds", "artifact")),
    ],
)
def test_false_claims_on_the_control_stay_below_alpha(control, false, seeds):
    """On simulated tables, at the boundary and beyond; the bound leaves three standard errors of simulation."""
    replications, rng = 300, np.random.default_rng(5)
    counts = dict.fromkeys(false, 0)
    for _ in range(replications):
        treatment, other = noisy(course(3, 0), course(*control), seeds=seeds, rng=rng)
        _, met = control_of({"t": treatment, "c": other})
        for name in false:
            counts[name] += met[f"control_{name}_pvalue"]
    limit = 0.05 + 3.0 * np.sqrt(0.05 * 0.95 / replications)
    assert max(counts.values()) / replications <= limit, counts


@pytest.mark.rates
def test_controls_that_do_not_fade_are_found_quiet():
    """With ten seeds an effect that stays, and none at all, are seen to be quiet in most of the tables."""
    for control in ((3.0, 3.0), (0.0, 0.0)):
        rng = np.random.default_rng(6)
        met = [
            control_of(
                dict(zip("tc", noisy(course(3, 0), course(*control), seeds=10, rng=rng), strict=True))
            )[1]
            for _ in range(60)
        ]
        assert np.mean([each["control_quiet_pvalue"] for each in met]) > 0.75


def rise_fall(curves, turn):
    """Return rise and fall of each seed by lines up to a turn and from it on."""
    before, after = KNOB[: turn + 1], KNOB[turn:]
    return [
        np.polyfit(before, curves[:, : turn + 1].T, 1)[0] * np.ptp(before),
        -np.polyfit(after, curves[:, turn:].T, 1)[0] * np.ptp(after),
    ]


def upper_bound(arms):
    """Return the upper 95 % bound of the weaker arm."""
    bounds = (scipy_stats.t.interval(0.9, arm.size - 1, arm.mean(), scipy_stats.sem(arm)) for arm in arms)
    return min(high for _, high in bounds)


@pytest.mark.long
@pytest.mark.parametrize(("shape", "sign"), [("peak", 1.0), ("valley", -1.0)])
def test_peaks_and_valleys_are_compared_by_rise_and_by_fall(shape, sign):
    """Scipy's Welch tests on rise and fall, the control's at the turn where its weaker arm may be largest."""
    treatment, control = noisy(tent(16, 8), tent(4, 5), seeds=6)
    found, _ = control_of({"t": sign * treatment, "c": sign * control}, shape)
    t, c = ((each.rise, each.fall) for each in (peak_scores(treatment, KNOB), peak_scores(control, KNOB)))
    most = max((rise_fall(control, turn) for turn in range(1, KNOB.size - 1)), key=upper_bound)
    quiet = max(simes(pvalue(0.5 * one, other) for other in most) for one in t)
    assert found.quiet.pvalue == pytest.approx(quiet, rel=1e-9)
    assert found.effect.value == pytest.approx(min(part.mean() for part in c))
    assert found.treatment.value == pytest.approx(min(part.mean() for part in t))


def shares(courses, shape, seeds, replications, design):
    """Return in which share of simulated tables each comparison with the control was met."""
    rng, counts = np.random.default_rng(7), dict.fromkeys(("quiet", "responds", "artifact"), 0)
    sign = -1.0 if shape == "valley" else 1.0
    for _ in range(replications):
        treatment, other = (sign * each for each in noisy(*courses, seeds=seeds, rng=rng))
        _, met = control_of({"t": treatment, "c": other}, shape, design=design)
        for name in counts:
            counts[name] += met[f"control_{name}_pvalue"]
    return {name: count / replications for name, count in counts.items()}


def limit(replications):
    """Return what a rate of 5 % stays below but once in a thousand simulations."""
    return 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / replications)


@pytest.mark.rates
def test_a_control_with_half_of_the_weaker_arm_is_not_called_quiet():
    """A control whose seeds each count by their own weaker arm is called quiet in a third of these tables."""
    found = shares([tent(16, 8, 0.67), tent(4, 4, 0.67)], "peak", 10, 200, "repeated")
    assert max(found.values()) <= limit(200), found


@pytest.mark.slow
@pytest.mark.parametrize("design", ["repeated", "independent"])
@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize("turn", [0.5, 0.67])
@pytest.mark.parametrize("size", [8.0, 16.0])
def test_false_claims_on_the_control_of_a_peak_stay_below_alpha(size, turn, seeds, design):
    """Controls with half of the treatment's weaker arm, and controls alike, for peaks and for valleys."""
    for treated in (tent(size, size, turn), tent(2 * size, size, turn)):
        half, alike = [treated, tent(size / 2, size / 2, turn)], [treated, treated]
        for shape in ("peak", "valley"):
            found = shares(half, shape, seeds, 500, design)
            assert max(found.values()) <= limit(500), (shape, found)
        assert shares(alike, "peak", seeds, 500, design)["quiet"] <= limit(500)


@pytest.mark.rates
def test_a_control_that_only_rises_is_found_quiet():
    """It has one arm of a peak, and not the other."""
    found = shares([tent(8, 8), tent(8, 0)], "peak", 5, 60, "repeated")
    assert found["quiet"] > 0.75
    assert found["responds"] < 0.05


def test_a_flat_control_is_quiet_beside_a_hinge_whose_levels_crowd_at_the_end():
    """The last levels lie close together: a bend between them could be anything, and is not sought in the control."""
    levels = np.concatenate([np.linspace(0, 0.9, 10), np.linspace(0.95, 1.0, 8)])
    treatment, control = noisy(12 * np.maximum(levels - 0.4, 0), 0 * levels, seeds=6)
    seeds = {name: [f"{name}{seed}" for seed in range(6)] for name in ("t", "c")}
    table = SweepTable.from_matrices(levels, {"t": treatment, "c": control}, seeds=seeds)
    signature = Signature(shape="threshold", treatment="t", control="c")
    assert gather(table, signature, rng=np.random.default_rng(1)).control.quiet.pvalue < 0.01
