"""Scores of a hinge: knots from the other seeds, slopes of the seed's own levels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigstats.stats.scores.critical_values import critical_value
from sigstats.stats.scores.hinge import (
    end_hinges,
    hinge_knots,
    hinge_scores,
    hinge_scores_all,
    hinge_scores_at,
)
from sigstats.stats.scores.reversal import t_statistic

UNEVEN = np.array([0.0, 0.05, 0.2, 0.45, 0.5, 0.8, 0.9, 1.0])
TABLES = hnp.arrays(float, (4, 8), elements=st.floats(-100, 100).map(lambda value: round(value, 3)))


def gappy(rng, shape, missing):
    """Return normal noise with some cells missing."""
    curves = rng.normal(size=shape)
    curves[rng.random(shape) < missing] = np.nan
    return curves


def residual(others, x, knot):
    """Return the sum of squares that a hinge leaves in the other seeds, each of which has a line of its own."""
    left, bends = [], []
    for curve in others:
        seen = ~np.isnan(curve)
        if (x[seen] <= knot + 1e-9).sum() < 2 or (x[seen] >= knot - 1e-9).sum() < 2:
            left.append(np.zeros(0))
            bends.append(np.zeros(0))
            continue
        line = np.column_stack([np.ones(seen.sum()), x[seen]])
        for target, values in ((left, curve[seen]), (bends, np.maximum(x[seen] - knot, 0))):
            target.append(values - line @ np.linalg.lstsq(line, values, rcond=None)[0])
    left, bends = np.concatenate(left), np.concatenate(bends)
    return -((left @ bends) ** 2) / (bends @ bends) if bends.size and bends @ bends > 1e-15 else np.inf


def naive(curves, x):
    """Score every seed by loops and general least squares."""
    knots = hinge_knots(x)
    for seed, curve in enumerate(curves):
        others = np.delete(curves, seed, axis=0)
        knot = knots[np.argmin([residual(others, x, each) for each in knots])]
        seen = ~np.isnan(curve)
        low, high = seen & (x <= knot + 1e-9), seen & (x >= knot - 1e-9)
        if low.sum() < 2 or high.sum() < 2:
            yield knot, np.nan, np.nan, np.nan
            continue
        hinge = np.column_stack([np.ones(seen.sum()), x[seen], np.maximum(x[seen] - knot, 0)])
        change = np.linalg.lstsq(hinge, curve[seen], rcond=None)[0][2]
        yield knot, np.polyfit(x[low], curve[low], 1)[0], np.polyfit(x[high], curve[high], 1)[0], change


@pytest.mark.long
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("x", [np.linspace(0, 1, 6), UNEVEN], ids=["even", "uneven"])
def test_scores_are_those_of_general_least_squares(x, missing):
    """Loops over seeds and knots with `lstsq` give the same knots and slopes, with gaps and without."""
    curves = gappy(np.random.default_rng(3), (20, 4, x.size), missing)
    found = hinge_scores(curves, x)
    expected = np.array([list(naive(table, x)) for table in curves])
    scored = ~np.isnan(expected[..., 1])
    assert scored.mean() > 0.7
    np.testing.assert_array_equal(np.isnan(found.change), ~scored)
    np.testing.assert_allclose(found.knot[scored], expected[..., 0][scored])
    for name, column in (("before", 1), ("after", 2), ("change", 3)):
        np.testing.assert_allclose(getattr(found, name), expected[..., column], rtol=1e-7, atol=1e-9)


def test_knot_of_complete_curves_fits_the_mean_of_the_others():
    """Without gaps the knot is that of the best continuous hinge in the others' mean curve."""
    x = UNEVEN
    curves = np.random.default_rng(1).normal(size=(5, x.size))
    found = hinge_scores(curves, x)
    for seed in range(5):
        mean = np.delete(curves, seed, axis=0).mean(axis=0)
        left = []
        for knot in hinge_knots(x):
            design = np.column_stack([np.ones(x.size), x, np.maximum(x - knot, 0)])
            left.append(((mean - design @ np.linalg.lstsq(design, mean, rcond=None)[0]) ** 2).sum())
        assert found.knot[seed] == hinge_knots(x)[np.argmin(left)]


def test_knots_leave_three_levels_on_each_side():
    """Knots stand at levels and at quarters between them, never in the outer two gaps."""
    x = np.linspace(0, 1, 7)
    assert hinge_knots(x) == pytest.approx(np.arange(8, 17) / 24)
    assert hinge_knots(np.linspace(0, 1, 5)) == pytest.approx([0.5])
    assert hinge_knots(np.linspace(0, 1, 4)).size == 0
    assert hinge_knots(np.linspace(0, 1, 5000)).size == 129


def test_exact_hinges_are_read_off():
    """A clean hinge gives its own slopes, wherever its knot is among the quarters."""
    x = np.linspace(0, 1, 9)
    for knot in (0.25, 0.40625, 0.5, 0.71875):
        curves = 2 * x + 3 * np.maximum(x - knot, 0) + np.arange(3.0)[:, None]
        found = hinge_scores(curves, x)
        assert found.knot == pytest.approx(knot)
        assert found.before == pytest.approx(2.0)
        assert found.after == pytest.approx(5.0)
        assert found.change == pytest.approx(3.0)
        assert (x[found.split] <= knot + 1e-9).all()
        assert (x[found.split + 1] > knot).all()


def test_the_knot_of_a_seed_comes_from_the_other_seeds():
    """Changing a seed leaves its own knot, and may move those of the others."""
    x = np.linspace(0, 1, 9)
    curves = np.maximum(x - 0.25, 0) * np.ones((3, 1))
    first = hinge_scores(curves, x)
    curves[0] = 50 * np.maximum(x - 0.75, 0)
    second = hinge_scores(curves, x)
    assert second.knot[0] == first.knot[0] == 0.25
    assert (second.knot[1:] == 0.75).all()


def test_every_knot_is_scored_where_none_is_chosen():
    """At the knot that was chosen for a seed, the scores at all knots are its scores."""
    x = UNEVEN
    curves = gappy(np.random.default_rng(5), (30, 4, x.size), 0.15)
    found, every = hinge_scores(curves, x), hinge_scores_all(curves, x)
    assert every.change.shape == (30, 4, hinge_knots(x).size)
    index = np.searchsorted(every.knot, found.knot - 1e-9)
    usable = ~np.isnan(found.change)
    for name in ("before", "after", "change"):
        picked = np.take_along_axis(getattr(every, name), index[..., None], axis=-1)[..., 0]
        np.testing.assert_allclose(picked[usable], getattr(found, name)[usable], atol=1e-9)


def test_a_batch_is_scored_like_its_tables():
    """Leading dimensions are independent tables."""
    curves = gappy(np.random.default_rng(6), (6, 5, 8), 0.1)
    together = hinge_scores(curves.reshape(2, 3, 5, 8), UNEVEN)
    for number, table in enumerate(curves):
        alone = hinge_scores(table, UNEVEN)
        np.testing.assert_allclose(together.before.reshape(6, 5)[number], alone.before, atol=1e-12)
        np.testing.assert_allclose(together.change.reshape(6, 5)[number], alone.change, atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 4), (1, 8), (5, 2)])
def test_too_few_levels_or_seeds_have_no_scores(shape):
    """Below 5 levels or 2 seeds there is no knot that others could choose."""
    found = hinge_scores(np.zeros(shape), np.linspace(0, 1, shape[1]))
    for values in (found.before, found.after, found.change, found.knot):
        assert values.shape == (shape[0],)
        assert np.isnan(values).all()


def test_a_seed_without_two_levels_on_a_side_has_no_score():
    """The other seeds keep theirs."""
    x = np.linspace(0, 1, 8)
    curves = np.maximum(x - 0.5, 0) + 0.01 * np.random.default_rng(2).normal(size=(4, 8))
    curves[0, 5:] = np.nan
    curves[1] = np.nan
    found = hinge_scores(curves, x)
    assert np.isnan(found.change).tolist() == [True, True, False, False]


@given(TABLES, st.floats(0.1, 50), st.floats(-1000, 1000), st.floats(-100, 100))
def test_scale_offset_and_lines_do_not_matter_to_the_change(curves, scale, offset, tilt):
    """The change of slope scales with the metric, and stays when each seed gets a line of its own."""
    lines = offset + tilt * np.arange(1, 5)[:, None] * UNEVEN
    curves = curves + 1e-3 * np.random.default_rng(0).normal(size=curves.shape)
    first, second = hinge_scores(curves, UNEVEN), hinge_scores(scale * curves + lines, UNEVEN)
    np.testing.assert_allclose(second.change, scale * first.change, atol=1e-5 * scale)
    slope = tilt * np.arange(1, 5)
    np.testing.assert_allclose(second.before, scale * first.before + slope, atol=1e-5 * scale)


@given(TABLES, st.permutations(range(4)))
def test_the_order_of_seeds_does_not_matter(curves, order):
    """Scores follow their seeds."""
    curves = curves + 1e-3 * np.random.default_rng(0).normal(size=curves.shape)
    first, second = hinge_scores(curves, UNEVEN), hinge_scores(curves[order], UNEVEN)
    np.testing.assert_allclose(second.change, first.change[order], atol=1e-7)
    np.testing.assert_allclose(second.after, first.after[order], atol=1e-7)


def test_a_seed_of_enormous_scale_leaves_its_own_knot_to_the_others():
    """No rounding of the large seed enters the choice made by the small ones."""
    x = np.linspace(0, 1, 9)
    curves = np.maximum(x - 0.5, 0) * np.ones((3, 1))
    curves[1] = 1e15 * np.random.default_rng(0).normal(size=9)
    assert hinge_scores(curves, x).knot[1] == 0.5


def test_straight_noise_seldom_has_a_knot():
    """A change is claimed in 5 % of the lines, and choosing with the same seeds would claim it more often."""
    x, replications = np.linspace(0, 1, 8), 4000
    curves = 8 * x + np.random.default_rng(11).normal(size=(replications, 5, 8))
    bound = critical_value("hinge_change", 5, 8, 0.05)
    scores = hinge_scores(curves, x)
    change = t_statistic(scores.change) > bound
    flat = t_statistic(0.25 * scores.after - scores.before) > critical_value("hinge_flat_before", 5, 8, 0.05)
    assert change.mean() <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / replications)
    assert (change & flat).mean() <= 0.005
    everywhere = t_statistic(np.moveaxis(hinge_scores_all(curves, x).change, -1, -2))
    assert (everywhere.max(axis=-1) > bound).mean() > 1.4 * change.mean()


@pytest.mark.long
@pytest.mark.parametrize("onset", [0.4, 3 / 7, 0.5])
def test_a_slope_before_at_the_margin_is_seldom_called_flat(onset):
    """Where the slope before is a quarter of that after, at a level or between two, it is shown flat in 5 %."""
    x, replications = np.linspace(0, 1, 8), 4000
    mean = np.where(x < onset, 0.25 * x, 0.25 * onset + (x - onset))
    curves = 32 * mean / mean[-1] + np.random.default_rng(13).normal(size=(replications, 10, 8))
    scores = hinge_scores(curves, x)
    flat = t_statistic(0.25 * scores.after - scores.before) > critical_value("hinge_flat_before", 10, 8, 0.05)
    assert flat.mean() <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / replications)


def test_knots_near_an_end_are_scored_by_lines_of_their_own():
    """Slopes by `polyfit` on either side; a single level before the knot has none, and the long side sags."""
    x = np.array([0.0, 0.1, 0.3, 0.4, 0.6, 0.7, 0.9, 1.0])
    curves = np.random.default_rng(4).normal(size=(4, 8))
    found = end_hinges(curves, x)
    sides = [(1, 1), (2, 1), (2, 2), (6, 6), (7, 6)]
    assert found.n_start == 3
    assert found.before.shape == (4, len(sides))
    for at, (n_before, first_after) in enumerate(sides):
        before = np.polyfit(x[:n_before], curves[:, :n_before].T, 1)[0] if n_before > 1 else np.zeros(4)
        after = np.polyfit(x[first_after:], curves[:, first_after:].T, 1)[0]
        longer = slice(None, n_before) if at >= 3 else slice(first_after, None)
        bend = np.polyfit(x[longer], curves[:, longer].T, 2)[0] * np.ptp(x[longer]) ** 2 / 4
        np.testing.assert_allclose(found.before[:, at], before, atol=1e-9)
        np.testing.assert_allclose(found.after[:, at], after, atol=1e-9)
        assert (np.sign(found.straight[:, at]) == -np.sign(bend)).all()


@pytest.mark.parametrize("knot", [0.375, 0.4, 0.61])
def test_a_hinge_at_a_declared_knot_is_least_squares(knot):
    """The change is that of numpy's fit of a line and a bend; the slopes are those of two lines."""
    x = np.linspace(0.0, 1.0, 9)
    curves = np.random.default_rng(4).normal(size=(5, 9)) + 3.0 * np.maximum(x - 0.4, 0.0)
    found = hinge_scores_at(curves, x, knot)
    design = np.column_stack([np.ones_like(x), x, np.maximum(x - knot, 0.0)])
    np.testing.assert_allclose(found.change, np.linalg.lstsq(design, curves.T, rcond=None)[0][2])
    for slopes, side in ((found.before, x <= knot), (found.after, x >= knot)):
        np.testing.assert_allclose(slopes, np.polyfit(x[side], curves[:, side].T, 1)[0])
