"""Which planned look is a table, and at what level is it tested?"""

import numpy as np
import pytest

from sigstats.data.table.sweep import SweepTable
from sigstats.evidence.look import WELCH, at_look, look_at, over_looks
from sigstats.signature.signature import Signature
from sigstats.stats import alpha_per_look

LEVELS = np.arange(6.0)
PLAN = (3, 5, 8)


def table(**seeds):
    """Return a table with so many seeds of each condition."""
    rng = np.random.default_rng(0)
    return SweepTable.from_matrices(
        LEVELS, {name: rng.standard_normal((n, LEVELS.size)) for name, n in seeds.items()}
    )


def claim(**given):
    return Signature(**{"shape": "increasing", "control": "c", "looks": PLAN} | given)


@pytest.mark.parametrize(
    ("treatment", "control", "number", "after"),
    [
        (3, 3, 1, 5),
        (5, 5, 2, 8),
        (8, 8, 3, None),
        (4, 4, None, 5),
        (3, 5, None, 5),
        (5, 3, None, 5),
        (5, 6, None, 8),
        (9, 9, None, None),
        (2, 2, None, 3),
    ],
)
def test_a_look_is_known_by_the_same_planned_number_of_seeds_in_every_condition(
    treatment, control, number, after
):
    look = look_at(table(t=treatment, c=control), claim())
    assert (look.number, look.next_seeds) == (number, after)
    assert dict(look.n_seeds) == {"t": treatment, "c": control}


def test_conditions_that_are_not_in_use_do_not_count():
    assert look_at(table(t=5, c=5, other=4), claim(treatment="t")).number == 2


def test_no_looks_no_look():
    assert look_at(table(t=3, c=3), claim(looks=None)) is None


def test_controls_have_as_many_more_seeds_as_the_plan_says():
    more = claim(seeds={"treatment": 8, "control": 10})
    assert [look_at(table(t=n, c=n + 2), more).number for n in PLAN] == [1, 2, 3]
    assert look_at(table(t=5, c=5), more).number is None
    assert look_at(table(t=5, c=5), claim(seeds={"treatment": 8})).number == 2


def test_seeds_that_failed_count_if_they_left_a_value():
    cells = np.random.default_rng(0).standard_normal((5, 6))
    cells[4, 1:] = np.nan
    grown = SweepTable.from_matrices(LEVELS, {"t": cells})
    assert look_at(grown, claim(control=None)).number == 2
    assert look_at(SweepTable.from_matrices(LEVELS, {"t": cells[:4]}), claim(control=None)).number is None


def test_independent_runs_are_counted_at_each_level():
    rng = np.random.default_rng(0)
    runs = np.full((18, 6), np.nan)
    for level in range(6):
        runs[3 * level : 3 * level + 3, level] = rng.standard_normal(3)
    fresh = claim(control=None)
    assert look_at(SweepTable.from_matrices(LEVELS, {"t": runs}), fresh).number == 1
    runs[0, 0] = np.nan
    assert look_at(SweepTable.from_matrices(LEVELS, {"t": runs}), fresh).number is None


def test_levels_are_those_of_the_joint_law():
    look = look_at(table(t=3, c=3), claim())
    assert look.alpha == alpha_per_look(PLAN)
    assert look.alpha == pytest.approx(0.021, abs=5e-4)
    assert look.alpha_control == WELCH * look.alpha


def test_one_look_or_pairs_do_not_pay_for_welch():
    only = look_at(table(t=3, c=3), claim(looks=[3]))
    assert (only.alpha, only.alpha_control) == (0.05, 0.05)
    pairs = look_at(table(t=3, c=3), claim(paired=True))
    assert pairs.alpha_control == pairs.alpha


@pytest.mark.parametrize("shape", ["peak", "threshold", "saturating", "flat", "power_law"])
def test_shapes_without_a_known_law_share_the_error_rate(shape):
    assert look_at(table(t=3, c=3), claim(shape=shape, min_effect=1.0)).alpha == pytest.approx(0.05 / 3)


def test_so_do_claims_on_most_seeds():
    assert look_at(table(t=8), claim(control=None, across_seeds="majority")).alpha == pytest.approx(0.05 / 3)


def test_smaller_parts_of_the_error_rate_cost_more():
    one = look_at(table(t=3, c=3), claim()).alpha
    two = look_at(table(t=3, u=3, c=3), claim()).alpha
    either = look_at(table(t=3, c=3), claim(shape={"name": "linear", "direction": "either"})).alpha
    assert two == pytest.approx(2 * alpha_per_look(PLAN, alpha=0.025))
    assert either == pytest.approx(two)
    assert two < one


def test_the_tested_signature_is_that_of_one_look():
    signature = claim()
    tested = at_look(signature, look_at(table(t=5, c=5), signature))
    assert (tested.looks, tested.alpha) == (None, alpha_per_look(PLAN))
    assert at_look(signature, None) is signature


@pytest.mark.parametrize("shape", ["increasing", "peak"])
def test_the_pvalue_over_looks_is_alpha_at_the_level_of_one_look(shape):
    signature = claim(shape=shape)
    level = look_at(table(t=3, c=3), signature).alpha
    assert over_looks(level, signature, parts=1) == pytest.approx(0.05, abs=1e-5)
    assert over_looks(0.9, signature, parts=1) <= 1.0
    assert over_looks(0.03, claim(looks=None), parts=1) == 0.03
