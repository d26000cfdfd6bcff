"""What hinge, step and peak share: sums over the other seeds, choices, slopes of stretches."""

import numpy as np
import pytest

from sigstats.stats.scores.splits import (
    FOLDS,
    chosen,
    fewest_levels,
    first_best,
    line_slope,
    line_slopes,
    sum_of_others,
)


@pytest.mark.parametrize("n_seeds", [2, 5, 20, 21, 45])
def test_a_seed_or_its_fold_has_no_part_in_the_sum(n_seeds):
    """The sum of the others is the sum over all seeds that are not in the seed's fold."""
    values = np.random.default_rng(1).normal(size=(3, n_seeds, 4))
    folds = np.arange(n_seeds) % FOLDS
    expected = np.stack([values[:, folds != fold].sum(axis=1) for fold in folds], axis=1)
    np.testing.assert_allclose(sum_of_others(values), expected, atol=1e-12)


def test_an_enormous_seed_leaves_no_rounding_in_its_own_sum():
    """The others of the large seed are added up exactly."""
    values = np.array([[0.1], [1e20], [0.2]])
    assert sum_of_others(values)[1, 0] == 0.1 + 0.2


def test_ties_up_to_rounding_go_to_the_first():
    """Differences of rounding size do not move the choice; real ones do."""
    assert first_best(
        np.array([[1.0, 3.0, 3.0 + 1e-13], [1.0, 3.0, 3.1], [-np.inf, -np.inf, -np.inf]])
    ).tolist() == [
        1,
        2,
        0,
    ]


def test_the_chosen_entry_of_each_seed():
    """One entry per row."""
    assert chosen(np.arange(6.0).reshape(2, 3), np.array([2, 0])).tolist() == [2.0, 3.0]


def test_long_curves_keep_splits_away_from_their_ends():
    """Three levels, or 2 % of many."""
    assert [fewest_levels(number) for number in (5, 150, 151, 1000)] == [3, 3, 4, 20]


def test_slope_of_a_stretch_is_that_of_its_seen_levels():
    """`polyfit` on the seen levels inside; unknown below two of them."""
    x = np.array([0.0, 0.1, 0.4, 0.6, 1.0])
    curve = np.array([3.0, np.nan, 1.0, 5.0, 2.0])
    inside = np.array([True, True, True, True, False])
    assert line_slope(curve, x, inside) == pytest.approx(np.polyfit(x[[0, 2, 3]], curve[[0, 2, 3]], 1)[0])
    assert np.isnan(line_slope(curve, x, np.array([True, True, False, False, False])))


def test_slopes_over_many_stretches_are_those_of_one_after_the_other():
    """Also with gaps, where stretches hold fewer than two levels of a seed, and for curves far from 0."""
    rng = np.random.default_rng(3)
    x, curves = np.sort(rng.random(12)), 100.0 + rng.normal(size=(2, 6, 12))
    curves[1][rng.random((6, 12)) < 0.5] = np.nan
    curves[1, 2] = np.nan
    stretches = np.arange(12) >= np.arange(12)[:, None]
    expected = np.stack([line_slope(curves, x, each) for each in stretches], axis=-1)
    np.testing.assert_allclose(line_slopes(curves, x, stretches), expected, rtol=1e-9, atol=1e-9)
    assert line_slopes(np.full((1, 12), 0.1), x, stretches)[0, :-1].tolist() == [0.0] * 11
