"""Conditions in canonical form: scores, copies, short seeds, order and scale."""

import numpy as np
import pytest

from sigstats import Signature, SweepTable, detect
from sigstats.errors import SignatureError, TableError
from sigstats.evidence.conditions import prepare, roles

LEVELS = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
RNG = np.random.default_rng(1)
CURVES = RNG.normal(size=(4, 5)) + np.arange(5.0)
RISE = Signature(shape="increasing")


def table_of(seeds=None, levels=LEVELS, **conditions):
    """Return a table of conditions; seeds are called 0, 1, 2 ... in each of them unless named."""
    return SweepTable.from_matrices(levels, conditions, seeds=seeds)


def test_metric_and_knob_are_brought_to_a_common_scale_by_a_power_of_two():
    """Curves are the metric over a power of two about its median; the knob runs from 0 to 1."""
    sweep = prepare(table_of(a=CURVES * 1000), RISE)
    arm = sweep.treatments[0]
    assert np.frexp(sweep.scale)[0] == 0.5
    assert np.abs(arm.curves).max() < 2
    back = (arm.curves + sweep.centre) * sweep.scale
    np.testing.assert_allclose(np.sort(back, axis=None), np.sort(CURVES * 1000, axis=None), rtol=1e-12)
    assert (sweep.x[0], sweep.x[-1]) == (0.0, 1.0)


def test_a_fall_is_oriented_to_be_positive():
    """Scores are multiplied by the direction of the claim."""
    rise = prepare(table_of(a=CURVES), RISE).treatments[0]
    fall = prepare(table_of(a=CURVES), Signature(shape="decreasing")).treatments[0]
    assert sorted(-fall.scores) == pytest.approx(sorted(rise.scores))


def test_roles_follow_the_signature():
    """Treatments are those named, or all that are no controls."""
    table = table_of(a=CURVES, b=CURVES + 1, c=CURVES + 2)
    assert roles(table, RISE) == (("a", "b", "c"), ())
    assert roles(table, Signature(shape="increasing", control="b")) == (("a", "c"), ("b",))
    assert roles(table, Signature(shape="increasing", control="b", treatment="c")) == (("c",), ("b",))
    with pytest.raises(SignatureError, match="at least one treatment"):
        roles(table, Signature(shape="increasing", control=["a", "b", "c"]))


def test_levels_of_conditions_that_are_not_asked_for_do_not_stretch_the_range():
    """Only levels at which the conditions in question were seen count."""
    short, long = CURVES.copy(), CURVES + 1
    short[:, 4] = np.nan
    sweep = prepare(table_of(a=short, b=long), Signature(shape="increasing", treatment="a"))
    assert sweep.levels.tolist() == LEVELS[:4].tolist()
    both = prepare(table_of(a=short, b=long), RISE)
    assert "range_differs" in both.notes


def wide_and_narrow(scale):
    """Return the sweep of a treatment on the first four levels and a control on all five."""
    short = CURVES.copy()
    short[:, 4] = np.nan
    return prepare(
        table_of(a=short, b=CURVES + 1), Signature(shape="increasing", control="b", knob_scale=scale)
    )


@pytest.mark.parametrize("scale", ["log", "rank"])
def test_conditions_are_compared_on_the_levels_that_all_of_them_span(scale):
    """A control that was swept further counts on the treatment's levels alone; the slopes are those of numpy."""
    sweep = wide_and_narrow(scale)
    assert sweep.x[[0, 3]].tolist() == [0.0, 1.0]
    assert sweep.levels.tolist() == LEVELS[:4].tolist()
    assert (sweep.ranges, sweep.apart) == ("common", False)
    assert [each.swept for each in sweep.conditions] == [(1.0, 8.0), (1.0, 16.0)]
    assert "range_differs" in sweep.notes
    knob = {"log": np.log(LEVELS), "rank": np.arange(5.0)}[scale][:4]
    for arms, metric in ((sweep.treatments, CURVES), (sweep.controls, CURVES + 1)):
        expected = np.polyfit(knob, metric[:, :4].T, 1)[0].mean() * (knob[3] - knob[0])
        assert arms[0].effect.estimate * sweep.scale == pytest.approx(expected)


def test_a_control_with_less_than_half_of_its_range_in_common_is_not_compared():
    """On the linear scale 1 to 8 is less than half of 1 to 16: each side has its own line, and nothing is claimed."""
    sweep = wide_and_narrow("linear")
    assert (sweep.ranges, sweep.apart) == ("equal", True)
    for arms, last, metric in ((sweep.treatments, 4, CURVES), (sweep.controls, 5, CURVES + 1)):
        knob = LEVELS[:last]
        expected = np.polyfit(knob, metric[:, :last].T, 1)[0].mean() * (knob[-1] - knob[0])
        assert arms[0].effect.estimate * sweep.scale == pytest.approx(expected)


@pytest.mark.long
def test_a_control_that_was_swept_further_leaves_the_treatment_as_it_is():
    """The same effect as of the treatment alone, in both designs and for a shape that bends."""
    short = CURVES.copy()
    short[:, 4] = np.nan
    for design in ("repeated", "independent"):
        for shape in ("increasing", "linear", "convex"):
            alone = detect(table_of(a=CURVES[:, :4], levels=LEVELS[:4]), shape=shape, design=design)
            beside = detect(table_of(a=short, b=CURVES + 1), shape=shape, control="b", design=design)
            assert beside.effect.value == pytest.approx(alone.effect.value, rel=1e-9)


def test_several_treatments_are_compared_where_they_overlap():
    """Levels 2 to 8 lie within both ranges, and make up most of them on a log scale."""
    first, second = CURVES.copy(), CURVES + 1
    first[:, 4], second[:, 0] = np.nan, np.nan
    sweep = prepare(table_of(a=first, b=second), Signature(shape="increasing", knob_scale="log"))
    assert (sweep.ranges, sweep.levels.tolist()) == ("common", [2.0, 4.0, 8.0])


def test_without_overlap_each_treatment_counts_over_its_own_range():
    """Rises of 2 over 1 to 3 and of 8 over 11 to 13 have the mean 5; neither line is drawn further."""
    levels = np.array([1.0, 2.0, 3.0, 11.0, 12.0, 13.0])
    wiggle = np.array([[0.1], [0.0], [-0.1]]) * np.array([0.0, 1.0, 2.0])
    first, second = np.full((2, 3, 6), np.nan)
    first[:, :3] = np.array([0.0, 1.0, 2.0]) + wiggle
    second[:, 3:] = np.array([0.0, 4.0, 8.0]) + wiggle
    found = detect(table_of(a=first, b=second, levels=levels), shape="increasing")
    assert [arm.effect.value for arm in found.evidence.arms] == pytest.approx([2.0, 8.0])
    assert found.effect.value == pytest.approx(5.0)
    assert found.evidence.ranges == "own"
    assert "range_differs" in found.notes


def test_a_control_over_another_range_is_never_called_quiet():
    """A treatment over 1 to 3 and a flat control over 4 to 6 say nothing about each other."""
    levels = np.arange(1.0, 6.5, 0.5)
    noise = np.random.default_rng(2).normal(scale=0.2, size=(2, 5, levels.size))
    rise, flat = noise[0] + levels, noise[1].copy()
    rise[:, levels > 3], flat[:, levels < 4] = np.nan, np.nan
    table = table_of(seeds={"a": list("abcde"), "b": list("fghij")}, levels=levels, a=rise, b=flat)
    found = detect(table, shape="increasing", control="b")
    assert (found.status, found.reasons) == ("inconclusive", ("ranges_do_not_overlap",))
    assert found.evidence.control is None
    assert "'a' 1 to 3 and 'b' 4 to 6" in found.summary(full=True)
    shares = detect(table, shape="increasing", control="b", knob_scale="fraction")
    assert shares.status == "present"


def test_a_positive_control_over_another_range_does_not_count():
    """That a control departs from flat elsewhere does not show that the metric could have moved here."""
    levels = np.arange(12.0)
    noise = np.random.default_rng(3).normal(scale=0.1, size=(2, 5, 12))
    flat, moves = noise[0], noise[1] + levels
    flat[:, 5:], moves[:, :6] = np.nan, np.nan
    found = detect(
        table_of(levels=levels, a=flat, b=moves), shape={"name": "flat", "margin": 1.0}, control="b"
    )
    assert found.reasons == ("ranges_do_not_overlap",)
    assert found.evidence.control_departs is None


def test_tasks_of_different_length_are_compared_by_the_share_of_their_range():
    """A rise of 2 over 0 to 4 and of 4 over 0 to 400: the levels are the same shares, and the mean rise is 3."""
    short, long = np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([0.0, 100.0, 200.0, 300.0, 400.0])
    levels = np.unique([short, long])
    first, second = np.full((2, 3, levels.size), np.nan)
    wiggle = np.array([[0.1], [0.0], [-0.1]])
    first[:, np.isin(levels, short)] = short * (0.5 + wiggle) + wiggle
    second[:, np.isin(levels, long)] = long * (0.01 + 0.01 * wiggle) + wiggle
    table = table_of(levels=levels, a=first, b=second)
    found = detect(table, shape="increasing", knob_scale="fraction")
    assert found.effect.value == pytest.approx(3.0)
    assert found.evidence.arms[0].levels.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    flat = detect(table, shape={"name": "below", "value": 9.0}, knob_scale="fraction")
    assert flat.status == "present"


def test_a_claim_on_every_level_needs_the_same_shares():
    """Where the shares differ, a line can be compared and levels cannot."""
    levels = np.arange(1.0, 9.0)
    first, second = CURVES[:, :1] + levels, CURVES[:, :1] - 1.0 + levels
    first[:, [1, 6, 7]], second[:, 0] = np.nan, np.nan
    table = table_of(levels=levels, a=first, b=second)
    with pytest.raises(TableError, match="same shares in every condition"):
        detect(table, shape={"name": "above", "value": 0.0}, knob_scale="fraction")
    assert detect(table, shape="increasing", knob_scale="fraction").evidence.ranges == "equal"


def test_no_level_of_a_treatment_is_left_out_of_a_claim_on_every_level():
    """A level at which only one treatment was run, and lies above the bound, still refutes it."""
    first, second = CURVES * 0.01, CURVES * 0.01
    first[:, 4] = 5.0 + CURVES[:, 4] * 0.01
    second[:, 4] = np.nan
    found = detect(
        table_of(a=first, b=second + 0.001), shape={"name": "below", "value": 1.0}, knob_scale="log"
    )
    assert (found.status, found.reasons) == ("absent", ("not_below",))


def test_a_treatment_at_one_level_leaves_the_range_to_all():
    """Nothing can be claimed of it, and nothing is divided by zero."""
    single = np.full_like(CURVES, np.nan)
    single[:, 2] = 1.0
    sweep = prepare(
        table_of(a=single, b=CURVES), Signature(shape="increasing", control="b", design="independent")
    )
    assert sweep.x[[0, 4]].tolist() == [0.0, 1.0]


def test_mixed_designs_name_the_conditions_at_odds():
    """Which conditions look like fresh runs is said in the error."""
    fresh = np.full((5, 5), np.nan)
    np.fill_diagonal(fresh, 1.0)
    with pytest.raises(TableError, match=r"\('b',\)"):
        prepare(table_of(a=CURVES, b=fresh), RISE)


def early_rise(levels, control_levels, share, noise=0.3):
    """Return a rise of 8 between 1 and 2, and a share of it in a control at other levels."""
    union = np.union1d(levels, control_levels).astype(float)
    rng = np.random.default_rng(4)
    cells = {}
    for name, own, size in (("a", levels, 1.0), ("b", control_levels, share)):
        curves = size * 8.0 * np.minimum(union - 1.0, 1.0) + rng.normal(scale=noise, size=(5, union.size))
        curves[:, ~np.isin(union, own)] = np.nan
        cells[name] = curves
    return table_of(levels=union, seeds={"a": list("abcde"), "b": list("fghij")}, **cells)


CONTROLLED = Signature(shape="increasing", control="b")


def test_treatment_and_control_are_compared_on_the_levels_that_they_share():
    """Both rise between 1 and 2: on all of its own levels the control's line would be flatter."""
    few, many = [1, 6, 7, 8], list(range(1, 9))
    for levels, control_levels in ((few, many), (many, few)):
        table = early_rise(levels, control_levels, 0.5)
        sweep = prepare(table, CONTROLLED)
        assert (sweep.ranges, sweep.apart, sweep.levels.tolist()) == ("common", False, few)
        assert sweep.notes[0] == "range_differs"
        columns = np.searchsorted(table.levels, few)
        for arm in sweep.conditions:
            expected = np.polyfit(few, table.matrix(arm.name)[:, columns].T, 1)[0].mean() * 7.0
            assert arm.effect.estimate * sweep.scale == pytest.approx(expected)


def test_too_few_shared_levels_leave_the_control_uncompared():
    """Two levels of four in common are not enough, though the ranges are the same; the treatment keeps its levels."""
    table = early_rise([1, 3, 5, 8], [1, 2, 4, 8], 0.1, noise=0.01)
    sweep = prepare(table, CONTROLLED)
    assert (sweep.ranges, sweep.apart, sweep.treatments[0].n_levels) == ("equal", True, 4)
    alone = prepare(table, Signature(shape="increasing", treatment="a"))
    assert sweep.treatments[0].effect.estimate * sweep.scale == pytest.approx(
        alone.treatments[0].effect.estimate * alone.scale
    )


def test_a_level_counts_for_a_condition_if_half_of_its_runs_have_it():
    """What two of five runs of the control have is left out on both sides; what three have is kept."""
    table = early_rise(range(1, 9), range(1, 9), 0.5)
    cells = {name: table.matrix(name).copy() for name in "ab"}
    cells["b"][:3, 3] = cells["b"][:2, 5] = np.nan
    gaps = table_of(levels=table.levels, seeds={name: table.seeds(name) for name in "ab"}, **cells)
    assert prepare(gaps, CONTROLLED).levels.tolist() == [1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0]


def test_other_levels_change_nothing_without_a_control_or_for_a_claim_on_every_level():
    """Each treatment keeps its levels where no control is compared with it."""
    table = early_rise([1, 6, 7, 8], range(1, 9), 0.5)
    assert [arm.n_levels for arm in prepare(table, RISE).treatments] == [4, 8]
    below = prepare(table, Signature(shape={"name": "below", "value": 20.0}))
    assert [arm.n_levels for arm in below.treatments] == [4, 8]
