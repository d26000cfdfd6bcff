"""Clauses: parts that must all hold, refutation at every split, both designs."""

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sigstats import Signature, SweepTable, detect, simulate_sweep
from sigstats.data.table.block import CellBlock
from sigstats.detection.blocks import verdicts_on_block
from sigstats.evidence.clauses import _chosen_part, _largest_below, clause_evidence, refuted_pvalue
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.part_means import chosen_mean, means_over
from sigstats.evidence.parts import Scored, alone, parts_of
from sigstats.shapes import Clause, Scores

CLAUSE = Clause(
    name="c",
    kind="required",
    says="holds",
    refuted="not_linear",
    unresolved="straight",
    null="it does not hold",
)
SETTING = LineSetting(design="repeated", alpha=0.05, scale=1.0, unit="score")


def scored(parts, **options):
    """Return one condition with these scores of the clause."""
    parts = np.asarray(parts, dtype=float)
    return Scored(ids=np.arange(len(parts)), scores={"c": Scores(parts=parts, **options)}, contrasts={})


def mean_over(conditions, part=0):
    """Return the mean of one part over conditions."""
    parts = parts_of(conditions, "c")
    return chosen_mean(means_over(conditions, parts, "c"), part)


def evidence_of(shape, sweep, **claim):
    return detect(sweep, shape=shape, **claim).evidence


def test_one_part_is_students_t_over_seeds():
    """The p-value is that of scipy's one-sided t test on the scores."""
    values = np.array([0.3, 1.1, 0.7, 0.2, 0.9])
    found = mean_over([scored(values[:, None])])
    expected = stats.ttest_1samp(values, 0.0, alternative="greater")
    assert found.pvalue_above() == pytest.approx(expected.pvalue, rel=1e-12)


def test_parts_that_other_seeds_tell_of_are_each_a_mean_of_their_own():
    """With gaps of every kind, each part is scipy's t test on the seeds that have it; fewer than three tell nothing."""
    rng = np.random.default_rng(4)
    values = rng.normal(0.5, 1.0, (2, 6, 5))
    values[:, 0, 1] = values[1, 2, 2] = values[0, :4, 3] = np.nan
    values[1, 3, 4] = np.inf
    one, other = scored(values[0]), replace(scored(values[1]), ids=np.arange(10, 16))
    for part in range(5):
        columns = [own[~np.isnan(own)] for own in values[:, :, part]]
        found = mean_over([one, other], part)
        if part >= 3:
            assert np.isnan(found.variance)
        else:
            expected = stats.ttest_ind(columns[0], -columns[1], equal_var=False, alternative="greater")
            assert found.pvalue_above() == pytest.approx(expected.pvalue, rel=1e-9)


def test_the_part_that_is_shown_least_decides():
    """All parts must hold, so the largest p-value is the clause's."""
    rng = np.random.default_rng(1)
    parts = rng.normal([3.0, 0.4, 2.0], 1.0, (6, 3))
    expected = max(stats.ttest_1samp(part, 0.0, alternative="greater").pvalue for part in parts.T)
    sweep = simulate_sweep(1.0, n_seeds=6)
    arm = _conditions(sweep)[0]
    found = clause_evidence(CLAUSE, [arm], [scored(parts)], SETTING)
    assert found.pvalue == pytest.approx(expected, rel=1e-12)
    assert found.n_parts == 3


def _conditions(sweep):
    from sigstats.evidence.conditions import prepare

    return prepare(sweep, Signature(shape="increasing")).treatments


def test_refutation_is_corrected_for_the_number_of_comparisons():
    """One of four comparisons below zero: Holm multiplies its p-value by four."""
    rng = np.random.default_rng(2)
    parts = rng.normal([5.0, 5.0, -2.0, 5.0], 1.0, (6, 4))
    least = stats.ttest_1samp(parts[:, 2], 0.0, alternative="less").pvalue
    assert refuted_pvalue([scored(parts)], CLAUSE) == pytest.approx(4 * least, rel=1e-9)


def test_two_sides_of_one_number_are_one_comparison():
    """A number cannot lie beyond both bounds, but be found beyond either: its p-value has both tails."""
    rng = np.random.default_rng(3)
    away = rng.normal(3.0, 1.0, 6)
    parts = np.stack([1.0 - away, 1.0 + away], axis=1)
    beyond = stats.ttest_1samp(away, 1.0, alternative="greater").pvalue
    expected = beyond + stats.ttest_1samp(away, -1.0, alternative="greater").pvalue
    assert refuted_pvalue([scored(parts)], replace(CLAUSE, sides=2)) == pytest.approx(expected, rel=1e-9)


def test_what_was_chosen_is_refuted_only_at_every_split():
    """One split at which the score is positive is enough to keep a clause from being refuted."""
    rng = np.random.default_rng(4)
    bad, good = rng.normal(-3.0, 1.0, 6), rng.normal(2.0, 1.0, 6)
    parts = bad[:, None]
    both = np.stack([bad, good], axis=1)[:, None, :]
    alone = bad[:, None, None]
    assert refuted_pvalue([scored(parts, every=alone)], CLAUSE) < 0.01
    assert refuted_pvalue([scored(parts, every=both)], CLAUSE) > 0.9


def test_a_stretch_divides_the_t_statistic():
    """Scores stretched by a factor have a standard error larger by that factor, and the same mean."""
    values = np.array([0.3, 1.1, 0.7, 0.2, 0.9])[:, None]
    plain, wide = (mean_over([scored(values, stretch=f)]) for f in (1.0, 1.5))
    assert wide.estimate == pytest.approx(plain.estimate)
    assert wide.se == pytest.approx(1.5 * plain.se)


def test_too_few_scores_leave_a_clause_unresolved():
    """Two seeds with a score are none to test with; NaN is no evidence."""
    parts = np.array([[1.0], [2.0], [np.nan], [np.nan]])
    found = clause_evidence(
        CLAUSE, [_conditions(simulate_sweep(1.0, n_seeds=4))[0]], [scored(parts)], SETTING
    )
    assert np.isnan(found.pvalue)
    assert np.isnan(found.prob_positive)


@pytest.mark.parametrize(
    "shape",
    ["linear", "saturating", "convex", {"name": "flat", "margin": 2.0}, {"name": "above", "value": -3.0}],
)
def test_independent_runs_are_tested_by_contrasts_of_level_means(shape):
    """Where no split is chosen, fresh runs keep the degrees of freedom of their levels."""
    sweep = simulate_sweep(8.0, form="saturating", n_seeds=4, levels=9, independent=True)
    found = evidence_of(shape, sweep, design="independent").clauses[-1]
    assert "contrasts of level means" in found.method
    assert 0 < found.pvalue <= 1


@pytest.mark.long
@pytest.mark.parametrize("shape", ["threshold", "peak", {"name": "threshold", "form": "step"}])
def test_independent_runs_are_dealt_into_curves_where_a_split_is_chosen(shape):
    """The replicate is then the run, and the answer is the same every time."""
    sweep = simulate_sweep(12.0, form="step", n_seeds=5, levels=9, independent=True)
    first, second = (evidence_of(shape, sweep, design="independent") for _ in range(2))
    assert "dealt" in first.clauses[0].replicate
    assert first.clauses == second.clauses


def test_contrasts_of_level_means_agree_with_scores_in_their_mean():
    """The same sweep seen in either design has the same estimates, only other standard errors."""
    values = np.random.default_rng(5).normal(np.linspace(0, 9, 7), 1.0, (5, 7))
    shared = SweepTable.from_matrices(range(7), {"t": values})
    fresh = np.full((35, 7), np.nan)
    for row, (seed, level) in enumerate(np.ndindex(5, 7)):
        fresh[row, level] = values[seed, level]
    apart = SweepTable.from_matrices(range(7), {"t": fresh})
    one = evidence_of("convex", shared).clauses[0].estimate
    other = evidence_of("convex", apart, design="independent").clauses[0].estimate
    assert one.value == pytest.approx(other.value, rel=1e-9)


RISING = np.random.default_rng(6).normal(np.linspace(0, 9, 8) ** 1.5, 1.0, (5, 8))


@functools.cache
def plain(shape):
    """Return the clauses in the unit that all others are compared with."""
    return evidence_of(shape, SweepTable.from_matrices(range(8), {"t": RISING})).clauses


@pytest.mark.long
@given(scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_units_of_the_metric_do_not_matter(scale, shift):
    """Clauses of shapes without a value in metric units have the same p-values in any unit."""
    table = SweepTable.from_matrices(range(8), {"t": scale * RISING + shift})
    for shape in ("linear", "threshold", "peak", "saturating", "concave"):
        for a, b in zip(plain(shape), evidence_of(shape, table).clauses, strict=True):
            assert a.pvalue == pytest.approx(b.pvalue, rel=1e-6, abs=1e-12)


# Conditions that were not swept at the same levels.


def swept(**conditions):
    """Return a frame of conditions, each a mapping of level to mean, with five seeds that differ a little."""
    noise = np.random.default_rng(7)
    rows = [
        (level, mean + 0.05 * noise.normal(), f"{name}{seed}", name)
        for name, curve in conditions.items()
        for seed in range(5)
        for level, mean in curve.items()
    ]
    return pd.DataFrame(rows, columns=["knob", "metric", "seed", "condition"])


LOW_LATE = dict.fromkeys((1, 2, 3, 4), 1.0) | dict.fromkeys((5, 6, 7, 8), -2.0)
SHORT = dict.fromkeys((1, 2, 3), 1.0)


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_a_level_that_one_treatment_lacks_must_hold_in_the_others(names):
    """Levels 5 to 8 lie below the value in the only treatment that was swept there."""
    sweep = swept(**{names[0]: LOW_LATE, names[1]: SHORT})
    found = detect(sweep, shape={"name": "above", "value": 0.0})
    assert (found.status, found.reasons) == ("absent", ("not_above",))
    (clause,) = found.evidence.clauses
    assert clause.n_parts == 8
    assert clause.at >= 5
    assert clause.estimate.value == pytest.approx(-2.0, abs=0.1)


def test_levels_are_paired_by_value_and_not_by_place():
    """One treatment is high at its last level and one low at its own; they are different levels, so nothing cancels."""
    one, other = {1: 0.0, 2: 0.0, 3: 0.0, 4: 0.0, 5: 4.0}, {1: 0.0, 3: 0.0, 5: 0.0, 7: 0.0, 9: -4.0}
    found = detect(swept(a=one, b=other), shape={"name": "flat", "margin": 0.5})
    assert (found.status, found.reasons) == ("absent", ("not_flat",))


def test_parts_without_a_level_are_tested_where_there_are_any():
    """A cubic needs four levels: the treatment that has them decides on its own, whatever the other lacks."""
    x = np.linspace(-1, 1, 9)
    curves = {"a": dict(enumerate(3 * x + 5 * (x**3 - 0.6 * x))), "b": {0: -3.0, 4: 0.0, 8: 3.0}}
    found = {clause.name: clause for clause in detect(swept(**curves), shape="linear").evidence.clauses}
    assert found["straight"].n_parts == 4
    assert found["straight"].pvalue_refuted < 0.01


def test_equal_levels_give_the_parts_of_one_grid():
    """Without gaps the parts over conditions are those of each condition, in order of level."""
    one = scored(np.arange(12.0).reshape(3, 4))
    each = replace(one, at={"c": np.array([1.0, 1.0, 2.0, 2.0])})
    parts = parts_of([each, each], "c")
    assert [part.at for part in parts] == [1.0, 1.0, 2.0, 2.0]
    assert [part.conditions for part in parts] == [(0, 1)] * 4
    assert [alone([each, each], part, "c")[0].scores["c"].parts[0, 0] for part in parts] == [
        0.0,
        1.0,
        2.0,
        3.0,
    ]
    assert parts_of([each, Scored(ids=np.arange(3), scores={}, contrasts={})], "c") == ()


@pytest.mark.long
@pytest.mark.parametrize("shape", [{"name": "above", "value": 0.0}, {"name": "flat", "margin": 0.5}], ids=str)
def test_a_level_with_a_single_run_is_not_passed_over(shape):
    """Independent runs, one of them alone at its level and far away: every level cannot have been shown."""
    rows = [
        (level, 1.0 + 0.01 * ((3 * run + level) % 5), f"r{level}{run}")
        for level in range(8)
        for run in range(5)
    ]
    frame = pd.DataFrame(rows, columns=["knob", "metric", "seed"])
    assert detect(frame, shape=shape).status == "present"
    alone = frame[(frame["knob"] != 5) | (frame["seed"] == "r50")].copy()
    alone.loc[alone["knob"] == 5, "metric"] = -50.0
    found = detect(alone, shape=shape)
    assert found.status == "inconclusive"
    assert found.evidence.clauses[0].at == 5.0


@pytest.mark.long
@pytest.mark.parametrize("left", [1, 2])
@pytest.mark.parametrize("shape", [{"name": "above", "value": 0.0}, {"name": "flat", "margin": 0.5}], ids=str)
def test_a_level_that_few_seeds_have_leaves_the_claim_open(shape, left):
    """One or two of five seeds at the last level: no error, no warning, nothing claimed."""
    frame = swept(a=dict.fromkeys(range(8), 1.0))
    frame = frame[(frame["knob"] < 7) | frame["seed"].isin([f"a{s}" for s in range(left)])]
    found = detect(frame, shape=shape)
    assert found.status == "inconclusive"
    assert found.evidence.clauses[0].at == 7.0
    assert found.summary(full=True)


def runs(mean, *, levels, alone=()):
    """Return a frame of independent runs, four at each level; at some of the levels only one."""
    noise = np.random.default_rng(5)
    rows = [
        (level, mean(level) * np.exp(0.02 * noise.normal()), f"r{level}{run}")
        for level in levels
        for run in range(1 if level in alone else 4)
    ]
    return pd.DataFrame(rows, columns=["knob", "metric", "seed"])


@pytest.mark.long
@pytest.mark.parametrize("alone", [(), (1,), (64,), (1, 64)], ids=str)
def test_an_exponent_does_not_depend_on_levels_that_are_left_out(alone):
    """Levels with one run carry no variance; the slope over the others is divided by their own range."""
    frame = runs(lambda level: 3.0 * level**-0.5, levels=[1, 2, 4, 8, 16, 32, 64], alone=alone)
    found = detect(frame, shape={"name": "power_law", "exponent": (-0.6, -0.4)})
    assert found.status == "present"
    assert -found.effect.value == pytest.approx(-0.5, abs=0.02)


def test_a_window_needs_levels_that_can_be_tested():
    """Six levels, two of them seen once: four are too few for two windows, and nothing is claimed."""
    found = detect(
        runs(lambda level: 1 - np.exp(-level), levels=range(1, 7), alone=(2, 5)), shape="saturating"
    )
    assert (found.status, found.reasons) == ("inconclusive", ("too_few_seeds",))
    assert found.summary(full=True)


@pytest.mark.long
@pytest.mark.parametrize(
    "shape", [{"name": "above", "value": -1.0}, {"name": "flat", "margin": 1.0}], ids=str
)
@pytest.mark.parametrize("seeds", ["ab", "aa"])
def test_a_bound_far_above_the_metric_is_no_error(shape, seeds):
    """Values of 1e-200 beside a bound of 1: their squares differ by more than a float can say."""
    values = 1e-200 * np.random.default_rng(1).normal(size=(2, 5, 6))
    names = {arm: [f"{label}{seed}" for seed in range(5)] for arm, label in zip("xy", seeds, strict=True)}
    table = SweepTable.from_matrices(np.arange(6.0), dict(zip("xy", values, strict=True)), seeds=names)
    assert detect(table, shape=shape).status == "inconclusive"


def test_every_table_of_a_block_has_the_scores_of_the_part_that_it_picked():
    """And no others: what is held grows with the tables, not with their square."""
    scores = np.arange(24.0).reshape(4, 3, 2)
    own = Scored(ids=np.arange(3), scores={"c": Scores(parts=scores)}, contrasts={})
    picked = np.array([0, 1, 1, 0])
    (found,) = _chosen_part([own], parts_of([own], "c"), "c", picked)
    np.testing.assert_array_equal(found.scores["c"].parts, scores[np.arange(4), :, picked][..., None])


@pytest.mark.parametrize("bound", [0.0, 0.3])
def test_the_opposite_is_refuted_by_student_at_the_split_where_it_is_most_likely(bound):
    """SciPy's t test of each split, with the seeds that have a score there."""
    splits = np.random.default_rng(3).normal(-1.0, 1.0, size=(5, 4))
    splits[0, 2] = np.nan
    found = [
        stats.ttest_1samp(column[~np.isnan(column)], bound, alternative="less").pvalue for column in splits.T
    ]
    assert _largest_below(splits, bound) == pytest.approx(max(found), rel=1e-12)


@pytest.mark.parametrize("by", ["level", "contrast"])
@pytest.mark.parametrize(("design", "n_seeds", "n_levels"), [("repeated", 5, 3), ("independent", 3, 12)])
def test_a_flat_curve_is_seldom_shown_to_depart_from_a_margin_far_below_the_noise(
    by, design, n_seeds, n_levels
):
    """A level may lie beyond either side of the margin by chance, and three runs of a level close together."""
    n_tables = 2000
    values = np.random.default_rng(4).standard_normal((n_tables, n_seeds, n_levels))
    block = CellBlock(
        table_of=np.arange(n_tables),
        conditions=("a",),
        seeds=(tuple("abcde")[:n_seeds],),
        levels=np.arange(float(n_levels)),
        cells=(values,),
    )
    signature = Signature(shape={"name": "flat", "margin": 0.01, "by": by}, design=design)
    refuted = sum(
        part.tables.size
        for part in verdicts_on_block(block, signature)
        if part.verdict is not None and part.verdict.status == "absent"
    )
    # Four standard errors of a rate of .05.
    assert refuted <= n_tables * 0.05 + 4 * np.sqrt(n_tables * 0.05 * 0.95)


def test_a_departure_beyond_either_side_has_both_tails():
    """Without a margin worth the name it is the two-sided t test of every level, by Holm's procedure."""
    values = np.random.default_rng(4).standard_normal((6, 3)) + np.array([0.0, 0.0, 2.0])
    table = SweepTable.from_matrices(np.arange(3.0), {"a": values}, seeds={"a": list("abcdef")})
    found = detect(table, shape={"name": "flat", "margin": 1e-9}, design="repeated").evidence.clauses[0]
    apart = values - values.mean(axis=1, keepdims=True)
    known = min(3 * stats.ttest_1samp(apart, 0.0).pvalue.min(), 1.0)
    assert found.pvalue_refuted == pytest.approx(known, rel=1e-6)
