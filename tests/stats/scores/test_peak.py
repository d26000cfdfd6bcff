"""Scores of a peak: turns from the other seeds, rise and fall of the seed's own levels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigstats.stats.scores.critical_values import critical_value
from sigstats.stats.scores.peak import end_turns, peak_scores, peak_scores_all, peak_turns
from sigstats.stats.scores.reversal import t_statistic

X = np.linspace(0, 1, 8)
UNEVEN = np.array([0.0, 0.05, 0.2, 0.45, 0.5, 0.8, 0.9, 1.0])
TABLES = hnp.arrays(float, (4, 8), elements=st.floats(-100, 100).map(lambda value: round(value, 3)))


def arm(curve, x, stretch):
    """Return the change of the line over a stretch."""
    used = stretch[~np.isnan(curve[stretch])]
    if used.size < 2:
        return np.nan
    return np.polyfit(x[used], curve[used], 1)[0] * (x[stretch[-1]] - x[stretch[0]])


def downwards(others, x, turn):
    """Return the root of what a common bend explains beside a line for each seed, positive where it is downwards."""
    lines, bends, values = [], [], []
    for number, curve in enumerate(others):
        seen = ~np.isnan(curve)
        if min(seen[: turn + 1].sum(), seen[turn:].sum()) < 2:
            continue
        own = np.zeros((seen.sum(), 2 * len(others)))
        own[:, 2 * number], own[:, 2 * number + 1] = 1.0, x[seen]
        lines.append(own)
        bends.append(np.maximum(x[seen] - x[turn], 0.0))
        values.append(curve[seen])
    if not lines:
        return -np.inf
    lines, bend, values = np.vstack(lines), np.concatenate(bends), np.concatenate(values)
    bend = bend - lines @ np.linalg.lstsq(lines, bend, rcond=None)[0]
    return -(bend @ values) / np.sqrt(bend @ bend) if bend @ bend > 1e-12 else -np.inf


def naive(curves, x):
    """Score every seed by loops."""
    for seed, curve in enumerate(curves):
        others = np.delete(curves, seed, axis=0)
        turn = max(peak_turns(x.size), key=lambda k: round(downwards(others, x, k), 9))
        yield arm(curve, x, np.arange(turn + 1)), -arm(curve, x, np.arange(turn, x.size)), turn


@pytest.mark.long
@pytest.mark.parametrize("missing", [0.0, 0.25])
@pytest.mark.parametrize("x", [np.linspace(0, 1, 6), UNEVEN], ids=["even", "uneven"])
def test_scores_are_those_of_plain_loops(x, missing):
    """Loops over seeds and turns with `polyfit` give the same scores, with gaps and without."""
    rng = np.random.default_rng(3)
    curves = rng.normal(size=(20, 4, x.size))
    curves[rng.random(curves.shape) < missing] = np.nan
    found = peak_scores(curves, x)
    expected = np.array([list(naive(table, x)) for table in curves])
    np.testing.assert_array_equal(found.split, expected[..., 2])
    np.testing.assert_allclose(found.rise, expected[..., 0], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.fall, expected[..., 1], rtol=1e-7, atol=1e-9)


def test_turns_leave_three_levels_on_each_side():
    """The turn counts on both sides."""
    assert [peak_turns(number).tolist() for number in (4, 5, 8)] == [[], [2], [2, 3, 4, 5]]
    assert peak_turns(1000)[[0, -1]].tolist() == [19, 980]


def test_exact_peaks_are_read_off():
    """A clean peak at a level gives its rise and fall, at any spacing."""
    form = np.minimum(UNEVEN / 0.5, 1) - np.maximum(UNEVEN - 0.5, 0)
    found = peak_scores(form + np.arange(3.0)[:, None], UNEVEN)
    every = peak_scores_all(form + np.arange(3.0)[:, None], UNEVEN)
    at = list(every.split).index(4)
    assert every.rise[:, at] == pytest.approx(1.0)
    assert every.fall[:, at] == pytest.approx(0.5)
    assert np.isin(found.split, (3, 4)).all()


def test_the_turn_of_a_seed_comes_from_the_other_seeds():
    """Changing a seed leaves its own turn."""
    curves = -np.abs(X - X[3]) * np.ones((3, 1))
    curves[0] = -50.0 * np.abs(X - X[5])
    assert peak_scores(curves, X).split.tolist() == [3, 5, 5]


def test_every_turn_is_scored_where_none_is_chosen():
    """At the turn that was chosen for a seed, the scores at all turns are its scores."""
    curves = np.random.default_rng(5).normal(size=(30, 4, 8))
    found, every = peak_scores(curves, UNEVEN), peak_scores_all(curves, UNEVEN)
    index = np.searchsorted(every.split, found.split)[..., None]
    for name in ("rise", "fall"):
        picked = np.take_along_axis(getattr(every, name), index, axis=-1)[..., 0]
        np.testing.assert_allclose(picked, getattr(found, name), atol=1e-12)


def test_a_batch_is_scored_like_its_tables():
    """Leading dimensions are independent tables."""
    curves = np.random.default_rng(6).normal(size=(6, 5, 8))
    curves[:, 1, 3] = np.nan
    together = peak_scores(curves.reshape(2, 3, 5, 8), UNEVEN)
    for number, table in enumerate(curves):
        alone = peak_scores(table, UNEVEN)
        np.testing.assert_allclose(together.rise.reshape(6, 5)[number], alone.rise, atol=1e-12)
        np.testing.assert_allclose(together.fall.reshape(6, 5)[number], alone.fall, atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 4), (1, 8), (5, 2)])
def test_too_few_levels_or_seeds_have_no_scores(shape):
    """Below 5 levels or 2 seeds there is no turn that others could choose."""
    found = peak_scores(np.zeros(shape), np.linspace(0, 1, shape[1]))
    assert np.isnan(found.rise).all()
    assert np.isnan(found.fall).all()


def test_levels_that_no_other_seed_saw_cannot_be_its_turn_by_accident():
    """The mean curve of the others runs straight through levels that they lack, whatever the metric's origin."""
    curves = np.array([[0.0, 1, 2, 3, 4, 3, 2, 1]] * 3) - 100.0
    curves[1:, 2] = np.nan
    assert peak_scores(curves, X).split.tolist() == [4, 4, 4]


@given(TABLES, st.floats(0.1, 50), st.floats(-1000, 1000))
def test_scale_and_offsets_do_not_matter(curves, scale, offset):
    """Scores scale with the metric and stay when seeds are shifted."""
    curves = curves + 1e-3 * np.random.default_rng(0).normal(size=curves.shape)
    first = peak_scores(curves, UNEVEN)
    second = peak_scores(scale * curves + offset * np.arange(4)[:, None], UNEVEN)
    np.testing.assert_allclose(second.rise, scale * first.rise, atol=1e-5 * scale)
    np.testing.assert_allclose(second.fall, scale * first.fall, atol=1e-5 * scale)


@given(TABLES, st.permutations(range(4)))
def test_the_order_of_seeds_does_not_matter(curves, order):
    """Scores follow their seeds."""
    curves = curves + 1e-3 * np.random.default_rng(0).normal(size=curves.shape)
    first, second = peak_scores(curves, UNEVEN), peak_scores(curves[order], UNEVEN)
    np.testing.assert_allclose(second.rise, first.rise[order], atol=1e-7)
    np.testing.assert_allclose(second.fall, first.fall[order], atol=1e-7)


def test_the_mirrored_knob_exchanges_rise_and_fall():
    """Reading the knob backwards turns the rise into the fall."""
    curves = np.random.default_rng(8).normal(size=(40, 5, 8))
    first, second = peak_scores(curves, UNEVEN), peak_scores(curves[..., ::-1], 1 - UNEVEN[::-1])
    np.testing.assert_allclose(second.rise, first.fall, atol=1e-9)
    np.testing.assert_allclose(second.fall, first.rise, atol=1e-9)


def claimed(mean, seeds, *, replications=4000):
    """Return how often rise and fall are both shown, with noise sd 1."""
    curves = mean + np.random.default_rng(9).normal(size=(replications, seeds, mean.size))
    scores = peak_scores(curves, np.linspace(0, 1, mean.size))
    rise = t_statistic(scores.rise) > critical_value("peak_rise", seeds, mean.size, 0.05)
    return (rise & (t_statistic(scores.fall) > critical_value("peak_fall", seeds, mean.size, 0.05))).mean()


@pytest.mark.rates
@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize(
    "mean",
    [
        np.minimum(X / 0.2, 1),
        np.minimum(X / 0.5, 1),
        -np.expm1(-4 * X),
        np.log1p(20 * X) / 3,
        (X > 0.5) * 1.0,
        X,
    ],
    ids=["early plateau", "late plateau", "saturating", "logarithm", "step", "vertex at the edge"],
)
def test_curves_that_never_fall_are_seldom_called_a_peak(mean, seeds):
    """Plateaus, curves that saturate, steps and lines are claimed in 5 % at most."""
    assert claimed(8 * mean, seeds) <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / 4000)


@pytest.mark.parametrize("vertex", [0.25, 0.5, 0.75])
def test_a_peak_is_found_with_five_seeds(vertex):
    """A tent of 4 noise sd is found in four of five sweeps and more."""
    assert claimed(4 * np.where(vertex > X, X / vertex, (1 - X) / (1 - vertex)), 5) >= 0.8


def test_a_lopsided_peak_turns_at_its_top():
    """A smoothed maximum would lie one level past it, on the flatter side."""
    index = np.arange(9.0)
    for top in (2, 6):
        curve = np.where(index <= top, index / top, (8 - index) / (8 - top))
        assert (peak_scores(np.tile(curve, (3, 1)), index / 8).split == top).all()


def test_turns_near_an_end_are_the_inner_levels_that_are_not_sought():
    """Together they are all inner levels."""
    assert end_turns(8).tolist() == [1, 6]
    assert sorted([*end_turns(30), *peak_turns(30)]) == list(range(1, 29))
