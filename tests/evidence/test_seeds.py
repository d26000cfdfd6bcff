"""The rows of a condition: copies, short seeds, order and identity."""

import numpy as np
import pytest

from sigstats import Signature, SweepTable, detect
from sigstats.evidence.conditions import enough, prepare
from sigstats.evidence.seeds import SeedRows, _stack_runs, cut, usable_rows

LEVELS = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
CURVES = np.random.default_rng(1).normal(size=(4, 5)) + np.arange(5.0)
RISE = Signature(shape="increasing")


def table_of(seeds=None, **conditions):
    """Return a table of conditions; seeds are called 0, 1, 2 ... in each of them unless named."""
    return SweepTable.from_matrices(LEVELS, conditions, seeds=seeds)


def test_copies_are_left_out_whatever_their_names():
    """Of bit-identical seeds one is kept; zeros of either sign are alike."""
    zero, minus = CURVES[0].copy(), CURVES[0].copy()
    zero[0], minus[0] = 0.0, -0.0
    arm = prepare(table_of(a=np.array([zero, minus, CURVES[1], CURVES[2], CURVES[1]])), RISE).treatments[0]
    assert (arm.n_seeds, arm.n_copies) == (3, 2)


def test_curves_of_two_values_repeat_by_chance_and_are_kept():
    """Outcomes that are 0 or 1 agree without being copies."""
    steps = np.array([[0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 1, 1]], dtype=float)
    arm = prepare(table_of(a=steps), RISE).treatments[0]
    assert (arm.n_seeds, arm.n_copies) == (3, 0)


def test_seeds_with_two_levels_are_set_aside():
    """Three levels are needed for a line with anything left over."""
    curves = CURVES.copy()
    curves[0, 2:] = np.nan
    arm = prepare(table_of(a=curves), RISE).treatments[0]
    assert (arm.n_seeds, arm.n_excluded) == (3, 1)
    assert "0" not in arm.seeds
    assert enough((arm,))


def test_a_run_that_covers_less_than_80_percent_is_left_out_and_named():
    """Eight runs over 20 levels, one broke off after 3: its line is not drawn out."""
    levels = np.arange(1.0, 21.0)
    curves = -0.1 * levels + np.random.default_rng(5).normal(scale=0.1, size=(8, 20))
    curves[7, :3], curves[7, 3:] = [2.0, 3.0, 4.0], np.nan
    table = SweepTable.from_matrices(levels, {"adamw": curves})
    found = detect(table, shape="decreasing")
    arm = found.evidence.arms[0]
    assert (found.status, arm.n_seeds) == ("present", 7)
    assert [(run.seed, run.first, run.last) for run in arm.short] == [("7", 1.0, 3.0)]
    assert "7 of 8 runs" in str(found)
    assert "seed '7' of 'adamw' (1 to 3, of 1 to 20)" in " ".join(found.summary(full=True).split())
    assert detect(table, shape="decreasing", short_seeds="keep").status == "inconclusive"


def test_a_run_that_covers_80_percent_stays():
    """Five of six levels cover exactly 80 % of the range."""
    levels = np.arange(6.0)
    curves = levels + CURVES[:, :1]
    curves[0, 5] = np.nan
    sweep = prepare(SweepTable.from_matrices(levels, {"a": curves}), RISE)
    assert (sweep.treatments[0].n_seeds, sweep.treatments[0].short) == (4, ())


def test_one_long_run_does_not_make_all_others_short():
    """The range is what at least half of the runs reach; what only the long one saw is left out, and said."""
    levels = np.arange(10.0)
    curves = levels + np.random.default_rng(6).normal(scale=0.1, size=(5, 10))
    curves[1:, 5:] = np.nan
    found = detect(SweepTable.from_matrices(levels, {"a": curves}), shape="increasing")
    arm = found.evidence.arms[0]
    assert (arm.n_seeds, arm.short, arm.swept, arm.n_trimmed) == (5, (), (0.0, 4.0), 5)
    assert found.effect.value == pytest.approx(np.polyfit(levels[:5], curves[:, :5].T, 1)[0].mean() * 4)
    assert "levels_left_out" in found.notes


def test_too_few_long_runs_are_inconclusive_and_the_short_ones_are_named():
    """Two of four runs stop early: two are left."""
    levels = np.arange(10.0)
    curves = levels + np.random.default_rng(7).normal(scale=0.1, size=(4, 10))
    curves[2:, 4:] = np.nan
    found = detect(SweepTable.from_matrices(levels, {"a": curves}), shape="increasing")
    assert (found.status, found.reasons) == ("inconclusive", ("too_few_seeds",))
    said = found.summary(full=True)
    assert "2 of 4 runs" in said
    assert "seed '2' of 'a'" in said
    assert "seed '3' of 'a'" in said


def test_seeds_that_are_shared_have_one_identity():
    """Equal labels in two conditions are the same seed, and other labels are not."""
    sweep = prepare(
        table_of(
            seeds={"a": ["p", "q", "r", "s"], "b": ["s", "q", "x", "y"]}, a=CURVES, b=CURVES[::-1] + 0.1
        ),
        RISE,
    )
    first, second = (dict(zip(arm.seeds, arm.ids.tolist(), strict=True)) for arm in sweep.conditions)
    assert {name for name in first if first[name] in second.values()} == {"q", "s"}
    assert all(first[name] == second[name] for name in ("q", "s"))


def test_fresh_runs_lose_their_rows():
    """In the independent design the replicates are the runs of a level, and no seed has a score."""
    sweep = prepare(table_of(a=CURVES), Signature(shape="increasing", design="independent"))
    arm = sweep.treatments[0]
    assert (arm.n_seeds, arm.scores.size, arm.seeds) == (4, 0, ())
    assert (np.diff(arm.curves, axis=0) >= 0).all()


def test_single_runs_still_say_which_levels_were_seen():
    """Where no three levels have runs enough for a variance, the range is that of the levels with a run."""
    runs = np.array([[np.nan, 1.0, 2.0, np.nan, 3.0, np.nan]])
    assert _stack_runs(runs, every_level=False).ends == (1, 4)


@pytest.mark.parametrize(("short_seeds", "left"), [("drop", ("a",)), ("keep", ("a", "b"))])
def test_within_some_levels_too_a_short_run_is_dropped_or_kept(short_seeds, left):
    """Three of six levels are enough to be kept, and too little of the range to stay otherwise."""
    curves = np.arange(14.0).reshape(2, 7)
    curves[1, 3:6] = np.nan
    rows = SeedRows(
        seeds=("a", "b"), curves=curves, n_copies=0, n_equal=0, short=(), ends=(0, 6), n_trimmed=0
    )
    kept = np.arange(7) < 6
    found = cut(rows, np.arange(7.0), kept, short_seeds=short_seeds)
    assert found.seeds == left
    assert np.isnan(found.curves[:, 6]).all()
    assert found.short == (() if short_seeds == "keep" else (("b", 0, 6),))


@pytest.mark.parametrize("n_seeds", [3, 8])
def test_seeds_stand_in_an_order_that_their_values_give(n_seeds):
    """Neither labels nor the order of rows move a digit."""
    curves = np.random.default_rng(1).normal(size=(n_seeds, 5))
    names = tuple("hgfedcba"[:n_seeds])
    options = {"fewest": 3, "short_seeds": "drop", "every_level": False}
    found = usable_rows(curves, names, "repeated", np.linspace(0, 1, 5), **options)
    turned = usable_rows(curves[::-1], names[::-1], "repeated", np.linspace(0, 1, 5), **options)
    assert (found.curves == turned.curves).all()
    assert found.seeds == turned.seeds
