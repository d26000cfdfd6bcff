"""The weaker parts of two sides, held against each other."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from sigstats import Signature, SweepTable
from sigstats.evidence import gather
from sigstats.weighing import weigh

BY = np.arange(5.0)
CENTRED = BY / 4 - 0.5
FADES = {"name": "fades", "by": "step"}


def course(first, last):
    """Return an effect that changes along a line."""
    return first + (last - first) * BY / 4


def control_of(matrices, **options):
    """Return the control evidence of a fading effect, from the effects themselves."""
    seeds = {name: [f"{name}{s}" for s in range(len(v))] for name, v in matrices.items()}
    signature = Signature(shape=FADES, treatment="t", control=[n for n in matrices if n != "t"], **options)
    table = SweepTable.from_matrices(BY, matrices, seeds=seeds)
    evidence = gather(table, signature, rng=np.random.default_rng(1))
    return evidence.control, {each.name: each.met for each in weigh(evidence, signature)[1]}


def parts(values):
    """Return first effect and decline of each seed, by numpy."""
    return values[:, 0], -(values @ CENTRED) / (CENTRED @ CENTRED)


def pvalue(plus, minus):
    return scipy_stats.ttest_ind(plus, minus, equal_var=False, alternative="greater").pvalue


def noisy(*courses, seeds=5, rng=1):
    generator = np.random.default_rng(rng)
    return [np.array(each) + generator.normal(size=(seeds, BY.size)) for each in courses]


def test_each_part_of_the_larger_side_is_held_against_all_parts_of_the_smaller():
    """Scipy's Welch tests: the least clear part of the larger side, Bonferroni over those of the smaller."""
    treatment, control = noisy(course(6, 1), course(4, 2))
    found, _ = control_of({"t": treatment, "c": control})
    t, c = parts(treatment), parts(control)
    quiet = max(min(2 * pvalue(0.5 * one, other) for other in c) for one in t)
    responds = max(min(2 * pvalue(other, 0.5 * one) for one in t) for other in c)
    assert found.quiet.pvalue == pytest.approx(min(quiet, 1.0), rel=1e-9)
    assert found.responds.pvalue == pytest.approx(min(responds, 1.0), rel=1e-9)
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
    assert not met["control_specific_pvalue"]


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
