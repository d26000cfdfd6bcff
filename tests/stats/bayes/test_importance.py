"""Importance sampling against arviz, closed forms, and densities that it must refuse."""

import math

import numpy as np
import pytest
from scipy import stats

from sigstats.errors import UnreliableError
from sigstats.stats.bayes.importance import importance_sample, pareto_fit, smoothed
from sigstats.stats.bayes.sampled_marginals import sampled_marginal


@pytest.mark.long
@pytest.mark.parametrize("spread", [0.1, 0.5, 1.0, 2.0])
def test_smoothed_weights_are_those_of_arviz(spread):
    """Weights and shape of the tail agree with arviz's implementation of the same method."""
    arviz = pytest.importorskip("arviz")
    psislw = getattr(arviz, "psislw", None)
    if psislw is None:
        pytest.skip("this arviz has no psislw for arrays")
    log_ratio = spread * np.random.default_rng(0).standard_t(5, 4_000)
    weights, shape = smoothed(log_ratio)
    expected, expected_shape = psislw(log_ratio.copy())
    assert shape == pytest.approx(float(expected_shape), abs=1e-9)
    np.testing.assert_allclose(weights, np.exp(np.asarray(expected)), rtol=1e-8, atol=1e-15)


def test_the_tail_of_a_pareto_distribution_is_found():
    """Shape and scale of 20,000 draws from a generalised Pareto distribution are recovered."""
    draws = np.sort(stats.genpareto(0.6, scale=2.0).rvs(20_000, random_state=3))
    shape, scale = pareto_fit(draws)
    assert shape == pytest.approx(0.6, abs=0.04)
    assert scale == pytest.approx(2.0, rel=0.05)


def test_equal_weights_stay_equal():
    """A proposal that is the target has equal weights and no tail."""
    weights, shape = smoothed(np.zeros(1_000))
    np.testing.assert_allclose(weights, 1e-3)
    assert shape == -math.inf


def gamma_logs(points, _):
    """Return the log density of logs of gamma variables with shapes 1, 2, 3, and nothing kept."""
    shapes = np.array([1.0, 2.0, 3.0])[:, None]
    return (shapes * points - np.exp(points)).sum(axis=0), np.empty((0, points.shape[1]))


def test_skewed_densities_have_their_moments_and_integral():
    """From a start far off, means and the integral of logs of gamma variables are found."""
    found = importance_sample(gamma_logs, np.full(3, 3.0), 4 * np.eye(3), 8_000, np.random.default_rng(1))
    error = found.effective_size**-0.5
    assert found.pareto_k < 0.7
    np.testing.assert_allclose(np.exp(found.points) @ found.weights, [1.0, 2.0, 3.0], atol=8 * error)
    assert found.log_integral == pytest.approx(math.log(2.0), abs=4 * error)
    assert found.weights.sum() == pytest.approx(1.0)
    assert 1_000 < found.effective_size < 8_000


def test_a_density_with_far_heavier_tails_is_refused():
    """Logs of ratios that grow without bound are refused."""

    def heavy(points, _):
        return -1.05 * np.log1p(np.abs(points)).sum(axis=0), np.empty((0, points.shape[1]))

    with pytest.raises(UnreliableError, match=r"(tail of shape|too few effective points).*at most 0.7"):
        importance_sample(heavy, np.zeros(6), np.eye(6), 4_000, np.random.default_rng(1))


def test_a_density_that_is_no_number_is_refused():
    """NaN everywhere is an error, not an answer."""

    def nowhere(points, _):
        return np.full(points.shape[1], math.nan), np.empty((0, points.shape[1]))

    with pytest.raises(UnreliableError, match="NaN or infinite at every point"):
        importance_sample(nowhere, np.zeros(2), np.eye(2), 1_000, np.random.default_rng(1))


def test_a_sample_that_collapses_is_refused():
    """A proposal without extent in one direction is an error of its own kind, not one of linear algebra."""
    flat = np.diag([1.0, 0.0])
    with pytest.raises(UnreliableError, match="collapsed"):
        importance_sample(gamma_logs, np.zeros(2), flat, 1_000, np.random.default_rng(1))


def test_marginals_of_weighted_points_hold_what_they_claim():
    """Quantiles invert the cdf, and weights that undo a wrong proposal give the right distribution."""
    rng = np.random.default_rng(5)
    values = rng.normal(0, 2, 200_000)
    weights = stats.norm.pdf(values) / stats.norm.pdf(values, scale=2)
    marginal = sampled_marginal(values, weights / weights.sum())
    assert marginal.mean == pytest.approx(0.0, abs=0.02)
    assert marginal.sd == pytest.approx(1.0, abs=0.02)
    assert marginal.prob_positive == pytest.approx(0.5, abs=0.01)
    assert marginal.mass_inside(*marginal.interval(0.9)) == pytest.approx(0.9, abs=1e-6)
    np.testing.assert_allclose(marginal.quantile([0.05, 0.95]), stats.norm.ppf([0.05, 0.95]), atol=0.03)
    assert np.diff(marginal.hdi(0.9)) <= np.diff(marginal.interval(0.9)) + 1e-9
    assert np.array_equal(marginal.cdf([-100.0, 100.0]), [0.0, 1.0])
    assert sampled_marginal(values, weights / weights.sum(), moments=1).sd == math.inf
