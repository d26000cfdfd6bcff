"""Over which bounds a verdict stands: against the numbers that the same verdict compares with them."""

import numpy as np
import pytest

from sigstats import Signature, SweepTable, detect
from sigstats.margins import find_margins
from sigstats.robustness_tables import Task
from sigstats.verdict import Status

X = np.linspace(0.0, 1.0, 8)


def task_of(heights, signature, n_seeds=6, sd=0.2):
    rng = np.random.default_rng(2)
    cells = {name: height * X + rng.normal(0.0, sd, (n_seeds, X.size)) for name, height in heights.items()}
    return Task(table=SweepTable.from_matrices(np.arange(1.0, 9.0), cells), signature=signature)


def margins_of(task):
    verdict = detect(task.table, task.signature)
    return verdict, {each.name: each for each in find_margins(task, verdict, n_jobs=1)}


@pytest.fixture(scope="module")
def found():
    claim = Signature(shape="increasing", control="none", min_effect=0.5)
    task = task_of({"treatment": 2.0, "none": 0.2}, claim)
    return (task, *margins_of(task))


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
        evidence.control.specific.pvalue,
        evidence.control.quiet.pvalue,
    )
    assert margins["alpha"].low == pytest.approx(needed, rel=0.02)


def test_on_either_side_of_an_end_the_verdict_is_what_is_said(found):
    task, _, margins = found
    for name, margin in margins.items():
        for segment in margin.segments:
            for value in (segment.low, segment.high):
                changed = Signature(
                    **{
                        "shape": "increasing",
                        "control": "none",
                        "min_effect": task.signature.min_effect,
                        name: value,
                    }
                )
                assert detect(task.table, changed).status is segment.status


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


def test_without_a_declared_effect_the_whole_map_is_given():
    task = task_of({"treatment": 2.0}, Signature(shape="increasing"))
    verdict, margins = margins_of(task)
    margin = margins["min_effect"]
    assert (margin.declared, margin.low, margin.high, margin.nearest) == (None, None, None, None)
    assert [each.status for each in margin.segments] == [Status.PRESENT, Status.INCONCLUSIVE, Status.PARTIAL]
    assert margin.segments[2].low == pytest.approx(verdict.effect.high, rel=0.02)


def test_bounds_that_do_not_apply_are_left_out():
    assert set(margins_of(task_of({"treatment": 2.0}, Signature(shape="increasing")))[1]) == {
        "min_effect",
        "alpha",
    }
    flat = Signature(shape={"name": "flat", "margin": 1.0})
    assert set(margins_of(task_of({"treatment": 0.0}, flat))[1]) == {"alpha"}
