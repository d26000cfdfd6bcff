"""Scores of a step: gaps from the other seeds, jump, drifts and gap of the seed's own levels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigstats.stats.scores.critical_values import critical_value
from sigstats.stats.scores.reversal import t_statistic
from sigstats.stats.scores.step import end_gaps, step_gaps, step_scores, step_scores_all, step_scores_at

UNEVEN = np.array([0.0, 0.05, 0.2, 0.45, 0.5, 0.8, 0.9, 1.0])
TABLES = hnp.arrays(float, (4, 8), elements=st.floats(-100, 100).map(lambda value: round(value, 3)))
FIELDS = ("jump", "drift_before", "drift_after", "gap")


def gappy(rng, shape, missing):
    """Return normal noise with some cells missing."""
    curves = rng.normal(size=shape)
    curves[rng.random(shape) < missing] = np.nan
    return curves


def explained(others, gap):
    """Return what one jump explains in the other seeds, each of which has a mean of its own."""
    product = square = 0.0
    for curve in others:
        seen = np.flatnonzero(~np.isnan(curve))
        after = seen > gap
        if after.any() and not after.all():
            form = after - after.mean()
            product += form @ (curve[seen] - curve[seen].mean())
            square += form @ form
    return product**2 / square if square else -np.inf


def drift(curve, x, stretch):
    """Return the change of the line over a stretch."""
    used = stretch[~np.isnan(curve[stretch])]
    if used.size < 2:
        return np.nan
    return np.polyfit(x[used], curve[used], 1)[0] * (x[stretch[-1]] - x[stretch[0]])


def naive(curves, x):
    """Score every seed by loops."""
    gaps = step_gaps(x.size)
    for seed, curve in enumerate(curves):
        others = np.delete(curves, seed, axis=0)
        gap = gaps[np.argmax([explained(others, each) for each in gaps])]
        before, after = np.arange(gap + 1), np.arange(gap + 1, x.size)
        means = [curve[side][~np.isnan(curve[side])] for side in (before, after)]
        jump = means[1].mean() - means[0].mean() if means[0].size and means[1].size else np.nan
        yield jump, drift(curve, x, before), drift(curve, x, after), curve[gap + 1] - curve[gap]


@pytest.mark.long
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("x", [np.linspace(0, 1, 5), UNEVEN], ids=["five even", "uneven"])
def test_scores_are_those_of_plain_loops(x, missing):
    """Loops over seeds and gaps with means and `polyfit` give the same scores, with gaps and without."""
    curves = gappy(np.random.default_rng(3), (20, 4, x.size), missing)
    found = step_scores(curves, x)
    expected = np.array([list(naive(table, x)) for table in curves])
    for column, name in enumerate(FIELDS):
        np.testing.assert_allclose(getattr(found, name), expected[..., column], rtol=1e-7, atol=1e-9)


def test_gap_of_complete_curves_fits_the_mean_of_the_others():
    """Without missing cells the gap is that of the two means that fit the others' mean curve best."""
    curves = np.random.default_rng(1).normal(size=(5, 8))
    for seed, split in enumerate(step_scores(curves, UNEVEN).split):
        mean = np.delete(curves, seed, axis=0).mean(axis=0)
        left = [mean[: gap + 1].var() * (gap + 1) + mean[gap + 1 :].var() * (7 - gap) for gap in (2, 3, 4)]
        assert split == 2 + np.argmin(left)


def test_gaps_leave_levels_on_each_side():
    """Three levels on each side, two where there are four or five."""
    assert [step_gaps(number).tolist() for number in (3, 4, 5, 6, 8)] == [[], [1], [1, 2], [2], [2, 3, 4]]
    assert step_gaps(1000)[[0, -1]].tolist() == [19, 979]


def test_exact_steps_are_read_off():
    """A clean step with a drift on each side gives back what was put in."""
    x = np.linspace(0, 1, 9)
    form = np.array([-0.5, -0.25, 0.0, 0.25, 0.5, 8.0, 9.0, 10.0, 11.0])
    found = step_scores(form + np.arange(3.0)[:, None], x)
    assert found.split.tolist() == [4, 4, 4]
    assert found.jump == pytest.approx(9.5)
    assert found.drift_before == pytest.approx(1.0)
    assert found.drift_after == pytest.approx(3.0)
    assert found.gap == pytest.approx(7.5)


def test_the_gap_of_a_seed_comes_from_the_other_seeds():
    """Changing a seed leaves its own gap."""
    x = np.linspace(0, 1, 8)
    curves = (x > 0.5) * np.ones((3, 1))
    curves[0] = 50.0 * (x > 0.6)
    assert step_scores(curves, x).split.tolist() == [3, 4, 4]


def test_every_gap_is_scored_where_none_is_chosen():
    """At the gap that was chosen for a seed, the scores at all gaps are its scores."""
    curves = gappy(np.random.default_rng(5), (30, 4, 8), 0.15)
    found, every = step_scores(curves, UNEVEN), step_scores_all(curves, UNEVEN)
    index = np.searchsorted(every.split, found.split)[..., None]
    for name in FIELDS:
        picked = np.take_along_axis(getattr(every, name), index, axis=-1)[..., 0]
        np.testing.assert_allclose(picked, getattr(found, name), atol=1e-12)


def test_a_batch_is_scored_like_its_tables():
    """Leading dimensions are independent tables."""
    curves = gappy(np.random.default_rng(6), (6, 5, 8), 0.1)
    together = step_scores(curves.reshape(2, 3, 5, 8), UNEVEN)
    for number, table in enumerate(curves):
        alone = step_scores(table, UNEVEN)
        for name in FIELDS:
            np.testing.assert_allclose(
                getattr(together, name).reshape(6, 5)[number], getattr(alone, name), atol=1e-12
            )


@pytest.mark.parametrize("shape", [(3, 3), (1, 8), (5, 1)])
def test_too_few_levels_or_seeds_have_no_scores(shape):
    """Below 4 levels or 2 seeds there is no gap that others could choose."""
    found = step_scores(np.zeros(shape), np.linspace(0, 1, shape[1]))
    for name in FIELDS:
        assert getattr(found, name).shape == (shape[0],)
        assert np.isnan(getattr(found, name)).all()


def test_missing_levels_take_only_the_scores_that_need_them():
    """A seed that was not seen at the gap has a jump and drifts, but no gap."""
    x = np.linspace(0, 1, 8)
    curves = (x > 0.5) + 0.01 * np.random.default_rng(2).normal(size=(4, 8))
    curves[0, 4] = np.nan
    curves[1, 4:] = np.nan
    curves[2, 5:] = np.nan
    found = step_scores(curves, x)
    assert np.isnan(found.jump).tolist() == [False, True, False, False]
    assert np.isnan(found.drift_after).tolist() == [False, True, True, False]
    assert np.isnan(found.gap).tolist() == [True, True, False, False]


@given(TABLES, st.floats(0.1, 50), st.floats(-1000, 1000))
def test_scale_and_offsets_do_not_matter(curves, scale, offset):
    """Scores scale with the metric and stay when seeds are shifted."""
    curves = curves + 1e-3 * np.random.default_rng(0).normal(size=curves.shape)
    first = step_scores(curves, UNEVEN)
    second = step_scores(scale * curves + offset * np.arange(4)[:, None], UNEVEN)
    for name in FIELDS:
        np.testing.assert_allclose(getattr(second, name), scale * getattr(first, name), atol=1e-6 * scale)


@given(TABLES, st.permutations(range(4)))
def test_the_order_of_seeds_does_not_matter(curves, order):
    """Scores follow their seeds."""
    curves = curves + 1e-3 * np.random.default_rng(0).normal(size=curves.shape)
    first, second = step_scores(curves, UNEVEN), step_scores(curves[order], UNEVEN)
    for name in FIELDS:
        np.testing.assert_allclose(getattr(second, name), getattr(first, name)[order], atol=1e-7)


@pytest.mark.parametrize("autocorrelation", [0.0, 0.9])
def test_flat_noise_seldom_jumps(autocorrelation):
    """A jump is claimed in 5 % of flat curves, also where the noise drifts along the knob."""
    replications = 4000
    curves = np.random.default_rng(11).normal(size=(replications, 5, 8))
    for k in range(1, 8):
        curves[..., k] += autocorrelation * (curves[..., k - 1] - curves[..., k])
    shown = t_statistic(step_scores(curves, np.linspace(0, 1, 8)).jump) > critical_value(
        "step_jump", 5, 8, 0.05
    )
    assert shown.mean() <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / replications)


def test_a_line_is_no_step():
    """A line has a jump, but its drifts are large and no gap carries half of it."""
    x, replications = np.linspace(0, 1, 8), 4000
    scores = step_scores(8 * x + np.random.default_rng(12).normal(size=(replications, 10, 8)), x)
    assert (t_statistic(scores.jump) > critical_value("step_jump", 10, 8, 0.05)).mean() > 0.99
    gap = t_statistic(scores.gap - 0.5 * scores.jump) > critical_value("step_gap", 10, 8, 0.05)
    flat = t_statistic(0.5 * scores.jump - scores.drift_before) > critical_value("step_drift", 10, 8, 0.05)
    assert gap.mean() < 0.01
    assert flat.mean() < 0.01


def test_gaps_near_an_end_are_those_that_are_not_sought():
    """Together they are all gaps; a side of one level has no drift."""
    assert end_gaps(8).tolist() == [0, 1, 5, 6]
    curves = np.random.default_rng(2).normal(size=(3, 8))
    found = step_scores_at(curves, np.linspace(0, 1, 8), end_gaps(8))
    assert np.isnan(found.drift_before[:, 0]).all()
    assert np.isnan(found.drift_after[:, -1]).all()
    np.testing.assert_allclose(found.jump[:, 0], curves[:, 1:].mean(axis=1) - curves[:, 0])
    np.testing.assert_allclose(found.gap[:, -1], curves[:, 7] - curves[:, 6])


def test_two_seeds_choose_for_each_other():
    """One has nobody to choose for it."""
    x = np.linspace(0, 1, 8)
    curves = (x > 0.5) * np.ones((2, 1))
    curves[0] = 50.0 * (x > 0.6)
    found = step_scores(curves, x)
    assert found.split.tolist() == [3, 4]
    assert found.jump == pytest.approx(
        [curves[0, 4:].mean() - curves[0, :4].mean(), curves[1, 5:].mean() - 0.2]
    )
    assert np.isnan(step_scores(curves[:1], x).jump).all()
