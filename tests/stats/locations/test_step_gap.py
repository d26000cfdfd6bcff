"""Where a step happens, held against a search over all splits, and the contrasts that test a gap."""

import numpy as np
import pytest

from sigstats.stats.locations.step_gap import step_candidates, step_contrasts, steps

X = np.array([0.0, 1.0, 2.0, 4.0, 5.0, 6.0, 8.0])


@pytest.mark.parametrize("draw", range(20))
def test_the_gap_is_that_of_a_search_over_splits(draw):
    """The split with the smallest sum of squares about two means, the second higher, is the one that is found."""
    curve = np.random.default_rng(draw).normal(size=X.size)
    best = (np.inf, np.nan)
    for k in range(1, X.size):
        before, after = curve[:k], curve[k:]
        squares = before.var() * k + after.var() * (X.size - k)
        if after.mean() > before.mean() and squares < best[0]:
            best = (squares, (X[k - 1] + X[k]) / 2)
    assert steps(curve[None, :], X)[0] == pytest.approx(best[1], nan_ok=True)


def test_what_never_rises_has_no_step():
    """A constant and a falling curve give no place."""
    assert np.isnan(steps(np.stack([np.ones(7), -X]), X)).all()


def contrast_by_hand(first, n):
    """Return the sum over splits of levels first .. n - 1 of unit differences of means."""
    total = np.zeros(n)
    for split in range(first + 1, n):
        weights = np.zeros(n)
        weights[split:] = 1.0 / (n - split)
        weights[first:split] = -1.0 / (split - first)
        total += weights / np.linalg.norm(weights)
    return total


def test_contrasts_compare_means_on_one_side_of_the_candidate():
    """ "Later" uses levels after the candidate only, "earlier" those before it, and both are as made by hand."""
    later, earlier = step_contrasts(X, step_candidates(X))
    for gap in range(6):
        assert later[gap] == pytest.approx(contrast_by_hand(gap, 7))
        assert earlier[7 - gap] == pytest.approx(-contrast_by_hand(gap, 7)[::-1])
    assert np.isnan(later[6:]).all()
    assert np.isnan(earlier[:2]).all()


def test_contrasts_are_blind_to_a_step_at_the_candidate_and_see_others():
    """A step at the candidate scores zero; a later one scores for "later" only, an earlier one for "earlier" only."""
    candidates = step_candidates(X)
    later, earlier = step_contrasts(X, candidates)
    scores = np.nan_to_num(np.stack([later, earlier]) @ (X[:, None] > candidates))
    np.testing.assert_allclose(scores[:, np.arange(8), np.arange(8)], 0.0, atol=1e-12)
    assert (scores[0][np.triu_indices(6, 1)] > 0).all()
    assert (scores[1].T[np.triu_indices(7, 1)][-3:] > 0).all()
    assert (np.tril(scores[0], -1) < 1e-12).all()
    assert (np.triu(scores[1], 1) < 1e-12).all()
