"""The rows of a condition: copies, short seeds, order and identity."""

import numpy as np

from sigstats import Signature, SweepTable
from sigstats.evidence.conditions import enough, prepare

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
