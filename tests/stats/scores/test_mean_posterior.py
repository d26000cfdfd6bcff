"""The posterior of a mean score against numerical integration of the same model."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special

from sigstats.stats.scores import mean_posterior as module
from sigstats.stats.scores.mean_posterior import mean_posterior

RNG = np.random.default_rng(20)
CASES = {
    "three seeds, no noise": (np.array([1.0, 2.0, 3.0]), np.zeros(3), 1.0),
    "three seeds near zero": (np.array([-0.2, 0.9, 0.4]), np.full(3, 0.3), 0.6),
    "equal noise": (np.array([1.2, 0.3, 0.8, 1.9, 0.1]), np.full(5, 0.5), 1.0),
    "unequal noise": (np.array([1.2, 0.3, 0.8, -1.9, 0.1]), np.array([0.1, 0.9, 0.5, 2.0, 0.3]), 2.0),
    "one exact seed among noisy ones": (np.array([0.5, 0.2, -0.4, 1.0]), np.array([0.0, 1.0, 1.0, 1.0]), 1.7),
    "wide spread": (np.array([10.0, -12.0, 4.0]), np.full(3, 0.1), 11.0),
    "agreement beyond the noise": (np.array([1.0, 1.01, 0.99, 1.0]), np.full(4, 0.5), 1.0),
    "a hundred seeds": (RNG.normal(0.2, 1.0, 100), np.full(100, 0.4), 1.1),
}


def integrated(scores, noise, scale):
    """Return mean, sd and P(theta > 0) by adaptive quadrature over the angle of the half-Cauchy prior.

    With omega = scale * tan(phi) the prior is flat in phi; theta is normal given omega.
    """

    def parts(phi):
        variance = (scale * np.tan(phi)) ** 2 + noise**2
        precision = 1 / variance
        centre = (precision * scores).sum() / precision.sum()
        log_weight = -0.5 * (
            np.log(variance).sum() + np.log(precision.sum()) + (precision * (scores - centre) ** 2).sum()
        )
        return log_weight, centre, 1 / np.sqrt(precision.sum())

    angles = np.linspace(1e-6, np.pi / 2 - 1e-6, 20001)
    logs = np.array([parts(phi)[0] for phi in angles[::20]])
    peak, top = angles[::20][logs.argmax()], logs.max()

    def integral(function):
        def integrand(phi):
            log_weight, centre, spread = parts(phi)
            return np.exp(log_weight - top) * function(centre, spread)

        ends = (1e-12, peak * 0.5, peak, (peak + np.pi / 2) / 2, np.pi / 2 - 1e-12)
        pieces = itertools.pairwise(ends)
        return sum(integrate.quad(integrand, a, b, epsabs=0, epsrel=1e-11, limit=500)[0] for a, b in pieces)

    total = integral(lambda _, __: 1.0)
    mean = integral(lambda centre, _: centre) / total
    second = integral(lambda centre, spread: spread**2 + (centre - mean) ** 2) / total
    return mean, np.sqrt(second), integral(lambda centre, spread: special.ndtr(centre / spread)) / total


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_posterior_is_that_of_adaptive_quadrature(name):
    """Mean, sd and probability agree with an independent integration of the model."""
    scores, noise, scale = CASES[name]
    posterior = mean_posterior(scores, noise, prior_scale=scale)
    mean, sd, probability = integrated(scores, noise, scale)
    assert posterior.mean == pytest.approx(mean, rel=1e-7, abs=1e-9)
    assert posterior.prob_positive == pytest.approx(probability, rel=1e-7)
    assert posterior.sd == pytest.approx(sd, rel=2e-4)


@pytest.mark.long
def test_posterior_is_that_of_a_plain_grid():
    """A two-dimensional grid over mean and spread gives the same probability."""
    scores, noise, scale = CASES["unequal noise"]
    theta = np.linspace(-60, 60, 6001)
    omega = scale * np.tan((np.arange(3000) + 0.5) / 3000 * np.pi / 2)
    variance = omega[:, None] ** 2 + noise**2
    log = sum(
        -0.5 * np.log(variance[:, s])[:, None] - 0.5 * (scores[s] - theta) ** 2 / variance[:, s][:, None]
        for s in range(scores.size)
    )
    density = np.exp(log - log.max()).sum(axis=0)
    expected = (density[theta > 0].sum() + density[theta == 0].sum() / 2) / density.sum()
    assert mean_posterior(scores, noise, prior_scale=scale).prob_positive == pytest.approx(expected, abs=2e-4)


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("unit", [1e-250, 1e-9, 1e-3, 1e5, 1e9, 1e250])
def test_the_unit_of_the_score_does_not_matter(name, unit):
    """Probability stays, and mean, sd and interval follow the unit."""
    scores, noise, scale = CASES[name]
    first = mean_posterior(scores, noise, prior_scale=scale)
    second = mean_posterior(scores * unit, noise * unit, prior_scale=scale * unit)
    assert second.prob_positive == pytest.approx(first.prob_positive, rel=1e-9)
    assert (second.mean, second.sd) == pytest.approx((first.mean * unit, first.sd * unit), rel=1e-9)
    ends = np.array(first.interval(0.9)) * unit
    np.testing.assert_allclose(second.interval(0.9), ends, atol=1e-8 * second.sd)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.998])
def test_interval_inverts_the_distribution(name, confidence):
    """The probability below each end is what was asked for."""
    scores, noise, scale = CASES[name]
    posterior = mean_posterior(scores, noise, prior_scale=scale)
    low, high = posterior.interval(confidence)
    tail = (1 - confidence) / 2
    np.testing.assert_allclose(posterior.cdf(np.array([low, high])), [tail, 1 - tail], atol=1e-8)


@given(
    scores=st.lists(st.floats(-100, 100), min_size=3, max_size=8),
    noise=st.floats(0.01, 10),
    scale=st.floats(0.1, 50),
)
def test_changing_the_sign_of_all_scores_mirrors_the_posterior(scores, noise, scale):
    """P(theta > 0) of the mirrored scores is P(theta < 0) of the scores."""
    values, sds = np.array(scores), np.full(len(scores), noise)
    first = mean_posterior(values, sds, prior_scale=scale)
    second = mean_posterior(-values, sds, prior_scale=scale)
    assert second.prob_positive == pytest.approx(1 - first.prob_positive, abs=1e-12)
    assert 0 <= first.prob_positive <= 1
    assert float(first.cdf(0.0)) == pytest.approx(1 - first.prob_positive, abs=1e-12)


def test_without_spread_the_noise_alone_remains():
    """Many seeds that agree to within the noise have a posterior sd near noise over root n."""
    scores = np.linspace(-0.01, 0.01, 200)
    posterior = mean_posterior(scores, np.ones(200), prior_scale=2.0)
    assert posterior.sd == pytest.approx(1 / np.sqrt(200), rel=0.05)


@pytest.mark.long
@pytest.mark.parametrize("n_seeds", [3, 4, 8, 40])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_ends_of_the_interval_are_quantiles_to_rounding(n_seeds, confidence):
    """The search ends at the quantile, also where the next step would leave its bracket by a rounding error."""
    rng = np.random.default_rng(n_seeds)
    for _ in range(10):
        found = mean_posterior(
            rng.normal(2.0, 1.0, n_seeds), np.exp(rng.normal(0.0, 0.5, n_seeds)), prior_scale=2.0
        )
        ends = found.cdf(np.array(found.interval(confidence)))
        assert ends == pytest.approx([(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0], abs=1e-14)


@pytest.mark.parametrize("n_seeds", [3, 5, 30])
def test_twice_as_many_nodes_give_the_same_probability(n_seeds, monkeypatch):
    """The rule is right to 1e-10, for noise from none to far above the spread, in a block of tables."""
    rng = np.random.default_rng(n_seeds)
    noise = np.array([0.0, 1e-6, 0.1, 1.0, 10.0])[:, None] * np.ones(n_seeds)
    scores = rng.normal(0.5, 1.0, (5, n_seeds)) + noise * rng.standard_normal((5, n_seeds))
    scale = np.maximum(2.0 * noise[:, 0], scores.std(axis=1, ddof=1))
    first = mean_posterior(scores, noise, prior_scale=scale)
    step = module._Summary.step.fget
    monkeypatch.setattr(module._Summary, "step", property(lambda tables: step(tables) / 2.0))
    second = mean_posterior(scores, noise, prior_scale=scale)
    np.testing.assert_allclose(first.prob_positive, second.prob_positive, atol=1e-10)
    np.testing.assert_allclose(first.sd, second.sd, rtol=1e-9)


def test_tables_of_a_block_have_the_posterior_of_each_alone():
    """Also where the sampling sds differ between seeds, and one table has no noise."""
    rng = np.random.default_rng(3)
    noise = np.array([0.0, 0.2, 3.0])[:, None] * np.array([1.0, 1.0, 1.5, 2.0])
    scores, scale = rng.normal(0.3, 1.0, (3, 4)), np.array([1.0, 2.0, 6.0])
    found = mean_posterior(scores, noise, prior_scale=scale)
    for at in range(3):
        alone = mean_posterior(scores[at], noise[at], prior_scale=scale[at])
        numbers = [found.mean[at], found.sd[at], found.prob_positive[at]]
        assert numbers == pytest.approx([alone.mean, alone.sd, alone.prob_positive], rel=1e-12)
