"""The least-squares broken line, held against a search by brute force, and the contrasts that test a join."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.stats.locations.broken_line import (
    hinge,
    join_advantages,
    join_contrasts,
    joins,
    off_the_line,
)

LEVELS = {
    "even": np.linspace(0.0, 1.0, 9),
    "uneven": np.array([0.0, 0.05, 0.2, 0.3, 0.55, 0.6, 0.9, 1.4]),
    "four": np.array([1.0, 2.0, 4.0, 5.0]),
}


def searched(curve, x, steps=4001):
    """Return the best upward join on a fine grid by ordinary least squares at each place, and its sum of squares."""
    places = np.linspace(x[1], x[-2], steps)
    beyond = np.maximum(x - places[:, None], 0.0)
    designs = np.stack(np.broadcast_arrays(np.ones(x.size), x, beyond), axis=-1)
    q, r = np.linalg.qr(designs)
    found = np.linalg.solve(r, q.swapaxes(1, 2) @ curve[:, None])
    squares = ((curve - (designs @ found)[..., 0]) ** 2).sum(axis=-1)
    squares[found[:, 2, 0] <= 0] = np.inf
    best = squares.argmin()
    return (squares[best], places[best]) if np.isfinite(squares[best]) else (np.inf, np.nan)


@pytest.mark.long
@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("draw", range(4))
def test_the_join_is_that_of_a_search_over_the_knob(levels, draw):
    """No place on a fine grid fits better than the closed form, and the best of them lies beside it."""
    x = LEVELS[levels]
    rng = np.random.default_rng(draw)
    curve = 4.0 * np.maximum(x - rng.uniform(x[1], x[-2]), 0.0) + rng.normal(0.0, 0.7, x.size)
    squares, place = searched(curve, x)
    found = joins(curve[None, :], x)[0]
    expected = -np.inf if place == x[1] else np.inf if place == x[-2] else place
    assert found == pytest.approx(expected, abs=2.0 * (x[-2] - x[1]) / 4000)
    design = np.column_stack([np.ones(x.size), x, np.maximum(x - np.clip(found, x[1], x[-2]), 0.0)])
    assert ((curve - design @ np.linalg.lstsq(design, curve, rcond=None)[0]) ** 2).sum() <= squares * (
        1 + 1e-9
    )


@pytest.mark.parametrize("levels", ["even", "uneven"])
def test_a_clean_join_is_found_exactly(levels):
    """Without noise the join is the one that was drawn, in a gap or at a level."""
    x = LEVELS[levels]
    for at in (x[2], 0.3 * x[3] + 0.7 * x[4], x[-3]):
        assert joins((2.0 + x + 3.0 * np.maximum(x - at, 0.0))[None, :], x)[0] == pytest.approx(at)


def test_what_has_no_upward_bend_has_no_join():
    """Lines, constants, downward bends and fewer than four levels give no place."""
    x = LEVELS["even"]
    curves = np.stack([x, np.zeros(9), np.minimum(x, 0.5)])
    assert np.isnan(joins(curves, x)).all()
    assert np.isnan(joins(np.array([[0.0, 0.0, 5.0]]), x[:3])).all()


def test_bends_at_the_first_and_last_that_can_be_told_lie_outside():
    """With one level before the bend its place cannot be told: it lies at or before the second level."""
    x = LEVELS["even"]
    assert joins(np.maximum(x - x[-2], 0.0)[None, :], x)[0] == np.inf
    assert joins(np.maximum(x - x[1], 0.0)[None, :], x)[0] == -np.inf


@given(st.floats(0.13, 0.87), st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5))
def test_contrasts_are_blind_to_every_broken_line_at_the_candidate(at, intercept, slope, bend):
    """Under the null hypothesis, with any intercept and slopes, the scores have mean zero."""
    x = LEVELS["even"]
    curve = intercept + slope * x + bend * np.maximum(x - at, 0.0)
    later, earlier = join_contrasts(x, np.array([at]))
    np.testing.assert_allclose(np.concatenate([later @ curve, earlier @ curve]), 0.0, atol=1e-9)


@pytest.mark.parametrize("levels", ["even", "uneven"])
def test_contrasts_tell_later_from_earlier(levels):
    """A join after the candidate gives positive scores for "later" and negative ones for "earlier"; and the reverse."""
    x = LEVELS[levels]
    places = np.linspace(x[1], x[-2], 23)[1:-1]
    later, earlier = join_contrasts(x, places)
    scores = later @ hinge(x, places).T
    beyond = places - places[:, None] > 0.3 * np.diff(x).max()
    assert (scores[beyond] > 0).all()
    assert ((earlier @ hinge(x, places).T)[beyond.T] > 0).all()


def test_levels_that_cannot_tell_give_no_contrast():
    """A candidate with fewer than two seen levels on a side, and three levels, cannot be tested."""
    x = LEVELS["even"]
    later, earlier = join_contrasts(x[3:], np.array([0.1, 0.7]))
    assert np.isnan(later[0]).all()
    assert np.isfinite(later[1]).all()
    assert np.isnan(np.stack(join_contrasts(x[:3], np.array([0.1])))).all()
    assert earlier.shape == (2, 6)


def test_advantages_are_differences_of_fit():
    """The mean advantage is twice the difference of the sums of squares of two broken lines for the mean curve."""
    x = LEVELS["even"]
    rows = 3.0 * np.maximum(x - 0.45, 0.0) + np.random.default_rng(3).normal(0.0, 0.2, (4, 9))
    found = join_advantages(rows, x, 0.45, np.array([0.2, 0.7])).mean(axis=0)
    squares = []
    for t in (0.45, 0.2, 0.7):
        design = np.column_stack([np.ones(9), x, np.maximum(x - t, 0.0)])
        squares.append(np.linalg.lstsq(design, rows.mean(axis=0), rcond=None)[1][0])
    assert found == pytest.approx(np.array(squares[1:]) - squares[0])
    assert off_the_line(np.stack([x, 2.0 - x]), x) == pytest.approx(np.zeros((2, 9)))
