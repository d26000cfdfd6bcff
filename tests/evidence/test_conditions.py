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


def wide_and_narrow(scale="linear"):
    """Return the sweep of a treatment on the first four levels and a control on all five."""
    short = CURVES.copy()
    short[:, 4] = np.nan
    return prepare(
        table_of(a=short, b=CURVES + 1), Signature(shape="increasing", control="b", knob_scale=scale)
    )


@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_effects_are_changes_over_the_range_of_the_treatments(scale):
    """A control that was swept further stretches nobody's line; its slope is that of numpy over the same range."""
    sweep = wide_and_narrow(scale)
    assert sweep.x[[0, 3]].tolist() == [0.0, 1.0]
    assert sweep.x[4] > 1
    assert "range_differs" in sweep.notes
    knob = {"linear": LEVELS, "log": np.log(LEVELS), "rank": np.arange(5.0)}[scale]
    change = knob[3] - knob[0]
    for arms, last, metric in ((sweep.treatments, 4, CURVES), (sweep.controls, 5, CURVES + 1)):
        expected = np.polyfit(knob[:last], metric[:, :last].T, 1)[0].mean() * change
        assert arms[0].effect.estimate * sweep.scale == pytest.approx(expected)


def test_a_control_that_was_swept_further_leaves_the_treatment_as_it_is():
    """The same effect as of the treatment alone, in both designs and for a shape that bends."""
    short = CURVES.copy()
    short[:, 4] = np.nan
    for design in ("repeated", "independent"):
        for shape in ("increasing", "linear", "convex"):
            alone = detect(table_of(a=CURVES[:, :4], levels=LEVELS[:4]), shape=shape, design=design)
            beside = detect(table_of(a=short, b=CURVES + 1), shape=shape, control="b", design=design)
            assert beside.effect.value == pytest.approx(alone.effect.value, rel=1e-9)


def test_several_treatments_span_the_range_together():
    """Treatments on either half: from the first level of one to the last of the other."""
    first, second = CURVES.copy(), CURVES + 1
    first[:, 4], second[:, 0] = np.nan, np.nan
    sweep = prepare(table_of(a=first, b=second), RISE)
    assert sweep.x[[0, 4]].tolist() == [0.0, 1.0]


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
