"""Inverted tests: scores with gaps, t ratios against SciPy, and the walk from the estimate outwards."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from sigstats.stats.locations.inversion import bounds_from, evidence, fine_grid, scores_of

OPEN = (-float("inf"), float("inf"))


def test_evidence_is_t_over_its_critical_value():
    """The ratio exceeds 1 exactly where SciPy's one-sided t test gives less than half of what is left."""
    scores = np.random.default_rng(1).normal(0.8, 1.0, (5, 40))
    pvalues = scipy_stats.ttest_1samp(scores, 0.0, alternative="greater").pvalue
    ratio = evidence(scores, 0.9)
    assert ((ratio > 1.0) == (pvalues < 0.05)).all()
    assert 0 < (ratio > 1.0).sum() < 40
    t = scipy_stats.ttest_1samp(scores, 0.0).statistic
    assert ratio == pytest.approx(t / scipy_stats.t.ppf(0.95, 4))


def test_missing_scores_cost_degrees_of_freedom():
    """A candidate is tested by the seeds that have a score there; with two of them nothing is known."""
    scores = np.array([[1.0, 1.0], [2.0, 2.5], [4.0, np.nan], [3.0, np.nan]])
    ratio = evidence(scores, 0.8)
    t = scipy_stats.ttest_1samp(scores[:, 0], 0.0).statistic
    assert ratio[0] == pytest.approx(t / scipy_stats.t.ppf(0.9, 3))
    assert np.isnan(ratio[1])


def test_scores_without_spread_are_no_evidence():
    """Equal scores are no proof: nothing was seen of how seeds differ."""
    assert np.isnan(evidence(np.full((5, 1), 3.0), 0.9)).all()
    assert np.isnan(evidence(np.zeros((5, 1)), 0.9)).all()


def test_each_seed_is_scored_on_its_own_levels():
    """Seeds with gaps get weights for what was seen, in their own row."""
    rng = np.random.default_rng(2)
    curves = rng.normal(size=(6, 4))
    curves[1, 2] = curves[3, 0] = curves[4, 2] = np.nan

    def weigh(seen):
        weights = np.full((1, seen.sum()), 1.0 / seen.sum())
        return weights, 2.0 * weights

    means, doubled = scores_of(curves, weigh)
    assert means[:, 0] == pytest.approx(np.nanmean(curves, axis=1))
    assert doubled == pytest.approx(2.0 * means)


def walk(ratio, place, backing=0.25):
    """Return the bounds when the same evidence speaks on either side."""
    x = np.arange(6.0)
    sides = (x, np.array(ratio))
    return bounds_from(place, x, later=sides, earlier=sides, backing=(backing, backing))


def test_the_walk_ends_at_the_first_rejected_candidates():
    """Rejected candidates nearest to the estimate bound the interval."""
    assert walk([2.0, 2.0, 0.0, 0.0, 2.0, 2.0], 2.5) == (1.0, 4.0)
    assert walk([2.0, np.nan, 0.0, 0.0, np.nan, 2.0], 2.5) == (0.0, 5.0)


def test_a_rejection_that_candidates_further_out_contradict_does_not_count():
    """One candidate that is rejected while the next one is at home is passed over."""
    assert walk([2.0, 0.1, 2.0, 0.0, 2.0, 0.1], 2.5) == (0.0, float("inf"))
    assert walk([2.0, 0.1, 2.0, 0.0, 2.0, 0.1], 2.5, backing=-np.inf) == (2.0, 4.0)


def test_without_a_rejection_the_end_is_open():
    """No bound is made up; outside the range, the side away from it stays open whatever the evidence."""
    assert walk([0.5] * 6, 2.5) == OPEN
    assert walk([2.0] * 6, -np.inf) == (-float("inf"), 0.0)
    assert walk([2.0] * 6, np.inf) == (5.0, float("inf"))
    assert walk([2.0] * 6, np.nan) == OPEN


def test_the_grid_holds_every_level():
    """Levels are candidates, and so are places between them."""
    x = np.array([0.0, 1.0, 3.0])
    grid = fine_grid(x)
    assert set(x) <= set(grid)
    assert (np.diff(grid) > 0).all()
    assert grid.size == 33
    assert fine_grid(np.arange(2000.0)).size == 2000
