"""The residual sd of a typical seed: right on average, blind to bends and to single bad cells."""

import numpy as np
import pytest

from sigstats.stats.scores.typical_sd import _kept, typical_sd_independent, typical_sd_repeated


def tables(seeds, levels, n=400):
    """Return normal noise with an sd of 2, around lines of each seed's own and a common bend."""
    rng, x = np.random.default_rng(seeds * levels), np.linspace(0, 1, levels)
    common = 100 * np.sin(4 * x)
    for _ in range(n):
        yield common + 50 * rng.normal(size=(seeds, 1)) * x + 2 * rng.normal(size=(seeds, levels)), x


@pytest.mark.long
@pytest.mark.parametrize(("seeds", "levels"), [(3, 4), (3, 8), (4, 6), (5, 10), (10, 5)])
def test_it_is_the_sd_on_average(seeds, levels):
    """A margin that is systematically smaller than the noise would make *absent* too rare."""
    found = [typical_sd_repeated([curves], x) for curves, x in tables(seeds, levels)]
    assert np.mean(found) == pytest.approx(2, abs=4 * np.std(found) / np.sqrt(len(found)) + 0.06)


@pytest.mark.long
def test_it_is_the_sd_where_cells_are_missing():
    """Seeds that miss levels have other lines; the common bend is still no noise."""
    rng, found = np.random.default_rng(1), []
    for curves, x in tables(6, 10):
        lost = rng.random(curves.shape) < 0.15
        lost[:, :3] = False
        found.append(typical_sd_repeated([np.where(lost, np.nan, curves)], x))
    assert np.mean(found) == pytest.approx(2, abs=0.1)


def test_one_bad_cell_hardly_moves_it():
    """In any one cell, the result stays near what it was."""
    curves, x = next(tables(6, 6))
    clean = typical_sd_repeated([curves], x)
    for cell in np.ndindex(curves.shape):
        bad = curves.copy()
        bad[cell] = 1e4
        assert 0.5 * clean < typical_sd_repeated([bad], x) < 1.8 * clean


@pytest.mark.long
def test_independent_runs_are_asked_level_by_level():
    """One noisy level does not count; a level with a single run says nothing."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(400):
        values = 2 * rng.normal(size=(4, 7))
        values[:, 2] *= 100
        values[1:, 5] = np.nan
        found.append(typical_sd_independent([values]))
    assert np.mean(found) == pytest.approx(2.2, abs=0.25)


def test_without_a_third_level_nothing_is_known():
    """A line through two points leaves no residual; a single run has no sd."""
    assert np.isnan(typical_sd_repeated([np.ones((4, 2))], np.array([0.0, 1.0])))
    assert np.isnan(typical_sd_independent([np.ones((1, 4))]))


@pytest.mark.parametrize("n", [3, 4, 5, 6, 9, 12])
def test_the_variance_around_the_median_is_known_from_three_seeds_on(n):
    """Simulated normal values."""
    values = np.random.default_rng(n).standard_normal((100_000, n))
    around = (values - np.median(values, axis=1, keepdims=True))[:, 0]
    assert _kept(np.array([float(n)]))[0] == pytest.approx((around**2).mean(), rel=0.02)
