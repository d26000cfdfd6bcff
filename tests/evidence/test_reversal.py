"""Turns of one and of several treatments."""

import numpy as np
import pytest

from sigstats import SweepTable, detect

LEVELS = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0])
TENT = np.array([0.0, 2.0, 4.0, 6.0, 8.0, 6.0, 4.0, 2.0])


def noisy(mean, rng, seeds=5, noise=0.4):
    """Return noisy copies of a mean curve."""
    return np.asarray(mean, dtype=float) + noise * np.random.default_rng(rng).normal(size=(seeds, len(mean)))


def turning(shared=False, **conditions):
    """Return the evidence on a turn, on a logarithmic knob."""
    seeds = {name: [f"{'' if shared else name}{s}" for s in range(len(v))] for name, v in conditions.items()}
    table = SweepTable.from_matrices(LEVELS, conditions, seeds=seeds)
    return detect(table, shape="increasing", knob_scale="log").evidence.reversal


def shown(found):
    """Return whether both the fall and the rise exceed their critical values."""
    return found.statistic > found.critical_value and found.rise_statistic > found.rise_critical_value


def test_a_tent_turns_at_its_top():
    """The turn is a level of the knob, and the scope ends at the lower bound of its place, a level before it."""
    found = turning(a=noisy(TENT, 1))
    assert shown(found)
    assert (found.turn, found.scope, found.end) == (16.0, (1.0, 8.0), "end")
    assert found.fall == pytest.approx(6.0, abs=0.8)
    assert found.n_seeds == 5


def test_a_dip_turns_at_its_bottom():
    """Where the curve falls before it rises, the scope begins at the upper bound of the turn."""
    found = turning(a=noisy(-TENT[::-1], 1))
    assert shown(found)
    assert (found.turn, found.scope, found.end) == (8.0, (16.0, 128.0), "start")


@pytest.mark.long
@pytest.mark.parametrize("shared", [False, True])
def test_treatments_over_the_same_levels_are_asked_about_their_mean(shared):
    """Two tents turn; a tent and its mirror image do not, as their mean is flat."""
    assert shown(turning(shared=shared, a=noisy(TENT, 1), b=noisy(TENT, 2)))
    assert not shown(turning(shared=shared, a=noisy(TENT, 1), b=noisy(-TENT, 2)))


def test_treatments_over_other_levels_need_a_majority():
    """Where there is no mean curve, most treatments must be shown to turn on their own."""
    line = np.arange(8.0)
    gap = noisy(TENT, 2, seeds=7)
    gap[:, 7] = np.nan
    tent, rise = noisy(TENT, 1, seeds=7), noisy(line, 3, seeds=7)
    assert shown(turning(a=tent, b=gap, c=rise))
    assert not shown(turning(a=gap, b=rise, c=noisy(line, 4, seeds=7)))


@pytest.mark.parametrize("seeds", [3, 5, 8])
def test_a_rise_that_levels_off_does_not_turn(seeds):
    """A plateau has a rise and no fall."""
    plateau = np.minimum(np.arange(8.0), 3.0)
    assert not shown(turning(a=noisy(plateau, seeds, seeds=seeds)))
