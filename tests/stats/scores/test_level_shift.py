"""Shifts that all seeds share at a level."""

import numpy as np
import pytest

from sigstats.stats.scores.level_shift import level_shift_pvalue
from sigstats.stats.scores.linear import Residuals, residuals_independent

X = np.linspace(0, 1, 10)


def pvalue(mean, *, seeds=5, noise=1.0, rng=1, x=X):
    """Return the p-value of simulated runs around a mean curve."""
    curves = mean + noise * np.random.default_rng(rng).normal(size=(seeds, x.size))
    return level_shift_pvalue(curves, x, residuals_independent(curves))


@pytest.mark.parametrize(
    "mean",
    [
        0 * X,
        20 * X,
        -20 * X**2,
        30 * (X - 0.4) ** 2,
        20.0 * (X > 0.5),
        np.exp(6 * X),
        10 * np.minimum(X / 0.2, 1),
    ],
    ids=["flat", "line", "bend", "valley", "step", "exponential", "plateau"],
)
def test_smooth_and_monotone_curves_are_no_shift(mean):
    """Whatever a polynomial or a monotone curve explains is not called a shift."""
    assert pvalue(mean) > 0.01


def test_scatter_of_the_level_means_is_a_shift():
    """Alternating levels are neither smooth nor monotone."""
    assert pvalue(4.0 * (np.arange(10) % 2) + 3 * X) < 1e-4


@pytest.mark.long
def test_size_of_the_test_is_at_most_nominal():
    """On flat and on rising means the 5 % test rejects in at most 5 %, within Monte Carlo error."""
    for mean in (0 * X, 5 * X):
        hits = np.mean([pvalue(mean, rng=rng) <= 0.05 for rng in range(400)])
        assert hits <= 0.05 + 3.29 * np.sqrt(0.05 * 0.95 / 400)


def test_reversing_the_knob_or_the_sign_changes_nothing():
    """A shift is a shift, whichever way the curve is read."""
    curves = np.random.default_rng(3).normal(size=(4, 10)) + 2.0 * (np.arange(10) % 3)
    noise = residuals_independent(curves)
    first = level_shift_pvalue(curves, X, noise)
    assert level_shift_pvalue(-curves, X, noise) == pytest.approx(first, rel=1e-9)
    assert level_shift_pvalue(curves[:, ::-1], X, noise) == pytest.approx(first, rel=1e-9)


@pytest.mark.parametrize(
    ("curves", "noise"),
    [
        (np.arange(12.0).reshape(4, 3), Residuals(sum_of_squares=1.0, df=6.0)),
        (np.zeros((3, 6)), Residuals(sum_of_squares=0.0, df=12.0)),
        (np.zeros((1, 6)), Residuals(sum_of_squares=0.0, df=0.0)),
    ],
    ids=["three levels", "no noise", "one run"],
)
def test_where_nothing_can_be_tested_nothing_is_found(curves, noise):
    """Too few levels, or no noise to go by, give a p-value of 1."""
    assert level_shift_pvalue(curves, np.linspace(0, 1, curves.shape[1]), noise) == 1.0


def test_levels_without_runs_are_left_out():
    """A level that nobody ran does not count."""
    curves = np.random.default_rng(5).normal(size=(5, 10))
    curves[:, 4] = np.nan
    kept = np.delete(curves, 4, axis=1)
    noise = residuals_independent(kept)
    expected = level_shift_pvalue(kept, np.delete(X, 4), noise)
    with np.errstate(all="raise"):
        assert level_shift_pvalue(curves, X, noise) == pytest.approx(expected, rel=1e-9)
