"""Correlated intercepts and slopes, and noise scales that are known, against whole matrices and brute-force grids."""

import functools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from sigstats.errors import InputError, OptionError
from sigstats.priors import flat, half_cauchy, half_normal, lkj, normal
from sigstats.stats.bayes.random_slopes import random_slopes

PRIORS = {
    "mu_alpha": normal(0, 2),
    "mu_beta": normal(0, 1),
    "sigma": half_normal(0.5),
    "sigma_alpha": half_normal(1),
    "sigma_beta": half_normal(1),
}
SCALES = ("sigma", "sigma_alpha", "sigma_beta")
X = np.tile([-1.0, 0.0, 0.5, 1.5], 4)
GROUP = np.repeat(np.arange(4), 4)


def table(entropy=3, rho=0.7):
    """Return y of four groups at four levels, whose intercepts and slopes are correlated."""
    rng = np.random.default_rng(entropy)
    first, second = rng.standard_normal((2, 4))
    slope = 0.5 + 0.6 * (rho * first + math.sqrt(1 - rho * rho) * second)
    return 1.0 + 0.8 * first[GROUP] + slope[GROUP] * X + rng.normal(0, 0.3, X.size)


@functools.cache
def correlated(eta=1.0):
    """Return the posterior of the table with a correlation; made once for all tests that ask for the same."""
    return random_slopes(X, table(), GROUP, **PRIORS, correlation=lkj(eta))


@functools.cache
def uncorrelated():
    return random_slopes(X, table(), GROUP, **PRIORS)


def whole(x, y, group, scale, sds, rho):
    """Return log density and moments of the mean line at given sds, by whole covariance matrices."""
    sigma, sigma_alpha, sigma_beta = sds
    same, cross = np.equal.outer(group, group), np.add.outer(x, x)
    v = np.diag((sigma * scale) ** 2)
    v = v + same * (sigma_alpha**2 + rho * sigma_alpha * sigma_beta * cross + sigma_beta**2 * np.outer(x, x))
    design, prior = np.stack([np.ones_like(x), x], axis=1), np.diag([4.0, 1.0])
    total = v + design @ prior @ design.T
    gain = prior @ design.T @ np.linalg.inv(total)
    return stats.multivariate_normal(cov=total).logpdf(y), gain @ y, prior - gain @ design @ prior


def brute_force(y, scale, *, eta):
    """Return nodes, their masses, evidence, and moments of the mean line: Gauss-Legendre rules and whole matrices."""
    nodes, weights = np.polynomial.legendre.leggauss(20)
    share, weights = (nodes + 1) / 2, weights / 2
    low, width = np.array([0.09, 0.2, 0.0]), np.array([1.1, 4.3, 3.9])
    axes = [*(low[:, None] + width[:, None] * share**2), np.sin(0.5 * math.pi * nodes)]
    heights = [*(2 * width[:, None] * share * weights), math.pi * np.cos(0.5 * math.pi * nodes) * weights]
    points = np.array(np.meshgrid(*axes, indexing="ij")).reshape(4, -1)
    mass = np.log(np.array(np.meshgrid(*heights, indexing="ij"))).sum(axis=0).ravel()
    mass += (eta - 1) * np.log1p(-(points[3] ** 2))
    mass -= math.log(integrate.quad(lambda r: (1 - r * r) ** (eta - 1), -1, 1)[0])
    mass += sum(PRIORS[name].logpdf(t) for name, t in zip(SCALES, points, strict=False))
    found = [dense(y, scale, points[:, i : i + 20_000]) for i in range(0, points.shape[1], 20_000)]
    log_likelihood, means, variances = (np.concatenate(part) for part in zip(*found, strict=True))
    mass += log_likelihood
    evidence = math.log(np.exp(mass - mass.max()).sum()) + mass.max()
    return points, np.exp(mass - evidence), evidence, means, variances


def dense(y, scale, points):
    """Return log density, and mean and variances of the mean line, at each column of points, by whole matrices."""
    sigma, a, b, rho = points[:, :, None, None]
    same, cross = np.equal.outer(GROUP, GROUP), np.add.outer(X, X)
    design = np.stack([np.ones_like(X), X], axis=1)
    prior = np.diag([4.0, 1.0])
    total = np.diag(scale**2) * sigma**2 + same * (a * a + rho * a * b * cross + b * b * np.outer(X, X))
    total = total + design @ prior @ design.T
    gain = prior @ design.T @ np.linalg.inv(total)
    whitened = np.linalg.solve(total, np.broadcast_to(y[:, None], (len(total), y.size, 1)))[..., 0]
    logs = np.linalg.slogdet(total)[1] + y.size * math.log(2 * math.pi)
    variances = prior - gain @ design @ prior
    return -0.5 * (logs + whitened @ y), gain @ y, variances[:, [0, 1], [0, 1]]


def moments(weights, value):
    """Return mean and sd."""
    mean = float(weights @ value)
    return mean, math.sqrt(float(weights @ (value - mean) ** 2))


@pytest.mark.long
def test_a_correlated_posterior_agrees_with_brute_force():
    """Evidence, mean line, standard deviations and correlation are those of 160,000 nodes with whole matrices."""
    y, scale = table(), np.exp(np.sin(np.arange(16.0)))
    points, weights, evidence, means, variances = brute_force(y, scale, eta=2.0)
    result = random_slopes(X, y, GROUP, **PRIORS, correlation=lkj(2), noise_scale=scale)
    assert result.accurate
    assert result.log_evidence == pytest.approx(evidence, abs=2e-4)
    for name, t in zip((*SCALES, "rho"), points, strict=True):
        mean, sd = moments(weights, t)
        assert getattr(result, name).mean == pytest.approx(mean, abs=2e-3 * sd), name
        assert getattr(result, name).sd == pytest.approx(sd, rel=2e-3), name
    for i, name in enumerate(("mu_alpha", "mu_beta")):
        mean, sd = moments(weights, means[:, i])
        sd = math.sqrt(sd**2 + weights @ variances[:, i])
        assert getattr(result, name).mean == pytest.approx(mean, abs=2e-3 * sd), name
        assert getattr(result, name).sd == pytest.approx(sd, rel=2e-3), name
    assert result.priors["correlation"] == "lkj(2)"


@pytest.mark.long
def test_the_density_is_that_of_whole_matrices():
    """For unbalanced groups, also of one level or one row, and correlations near 1, nothing is lost."""
    rng = np.random.default_rng(2)
    group = np.array([0] * 4 + [1] * 7 + [2] * 2 + [3] * 1 + [4] * 3 + [5] * 4)
    x, scale = rng.uniform(1, 4, group.size), rng.uniform(0.2, 3.0, group.size)
    x[group == 4] = 2.5
    y = rng.normal(0, 1, 6)[group] + x * rng.normal(1, 0.5, 6)[group] + rng.normal(0, 0.3, x.size)
    model = random_slopes(x, y, group, **PRIORS, correlation=lkj(1.5), noise_scale=scale)._model
    sds = np.array([[0.3, 1.0, 0.2, 2.0], [1.0, 1e-6, 0.3, 1e-3], [0.5, 0.1, 1e-7, 30.0]])
    rho = np.array([-0.9999, 0.5, 0.99, -0.3])
    actual = model.log_density(*np.log(sds / np.array(model.scale_units)[:, None]), np.arctanh(rho))
    priors = sum(PRIORS[name].logpdf(t) + np.log(t) for name, t in zip(SCALES, sds, strict=True))
    priors = priors + lkj(1.5).logpdf(rho) + np.log1p(-(rho**2))
    expected = [whole(x, y, group, scale, t, r)[0] for t, r in zip(sds.T, rho, strict=True)]
    np.testing.assert_allclose(actual, expected + priors, rtol=1e-8)


@pytest.mark.long
def test_the_groups_lines_are_those_of_whole_matrices():
    """Given all standard deviations and the correlation, the groups' lines have mean and covariance of a normal."""
    y, sds, rho = table(), np.array([0.4, 0.9, 0.6]), -0.6
    model = correlated()._model
    from sigstats.stats.bayes.grouped import group_lines, mean_line
    from sigstats.stats.bayes.slopes_model import group_moments

    node = np.append(sds / model.scale_units, math.sqrt((1 + rho) / (1 - rho)))[:, None]
    own = group_moments(
        model.groups.design, mean_line(model.groups, model.line_prior, node), group_lines(model.groups, node)
    )
    t = np.array([[sds[1] ** 2, rho * sds[1] * sds[2]], [rho * sds[1] * sds[2], sds[2] ** 2]])
    prior = np.kron(np.ones((4, 4)), np.diag([4.0, 1.0])) + np.kron(np.eye(4), t)
    design = np.zeros((16, 8))
    design[np.arange(16), 2 * GROUP], design[np.arange(16), 2 * GROUP + 1] = 1.0, X
    gain = prior @ design.T @ np.linalg.inv(design @ prior @ design.T + sds[0] ** 2 * np.eye(16))
    mean, covariance = gain @ y, prior - gain @ design @ prior
    units, line = (model.groups.unit_y, model.groups.unit_slope), model.groups.line
    for i in range(2):
        np.testing.assert_allclose(line[i] + units[i] * own[0][i, :, 0], mean[i::2], rtol=1e-9)
        np.testing.assert_allclose(units[i] ** 2 * own[1][i, :, 0], np.diag(covariance)[i::2], rtol=1e-9)


@pytest.mark.long
def test_draws_of_a_correlated_posterior_follow_it():
    """Draws of the correlation and of the mean slope have the distribution of the posterior."""
    result = correlated()
    draws = result.draws(400, rng=1)
    for name in ("rho", "mu_beta", "sigma_alpha"):
        sample = getattr(draws, name)
        grid = np.linspace(sample.min(), sample.max(), 50)
        ranks = np.interp(sample, grid, getattr(result, name).cdf(grid))
        assert stats.kstest(ranks, "uniform").statistic < 1.95 / math.sqrt(400), name
    np.testing.assert_allclose(draws.beta.mean(axis=0), result.beta.mean, atol=0.15)
    assert uncorrelated().draws(3).rho is None


@pytest.mark.long
def test_a_strong_shape_makes_lines_independent():
    """As eta grows, rho is held at 0 and the posterior becomes that of independent intercepts and slopes."""
    tight, plain = correlated(1e5), uncorrelated()
    assert tight.rho.sd < 0.005
    assert tight.mu_beta.mean == pytest.approx(plain.mu_beta.mean, abs=1e-3)
    assert tight.log_evidence == pytest.approx(plain.log_evidence, abs=1e-3)


@pytest.mark.long
def test_turning_the_knob_around_turns_the_correlation():
    """With x negated, slopes and correlation change sign and nothing else."""
    first, second = correlated(), random_slopes(-X, table(), GROUP, **PRIORS, correlation=lkj(1))
    assert second.rho.mean == pytest.approx(-first.rho.mean, abs=1e-5)
    assert second.rho.prob_positive == pytest.approx(1 - first.rho.prob_positive, abs=1e-5)
    assert second.mu_beta.mean == pytest.approx(-first.mu_beta.mean, abs=1e-5)
    assert second.log_evidence == pytest.approx(first.log_evidence, abs=1e-5)


@pytest.mark.long
def test_marginals_of_a_correlation_hold_what_they_claim():
    """Quantiles invert the cdf, and intervals hold their level inside (-1, 1)."""
    rho = correlated(0.5).rho
    levels = np.array([0.01, 0.3, 0.5, 0.99])
    np.testing.assert_allclose(rho.cdf(rho.quantile(levels)), levels, atol=1e-6)
    assert np.array_equal(rho.cdf([-1.0, 1.0]), [0.0, 1.0])
    assert rho.mass_inside(*rho.interval(0.9)) == pytest.approx(0.9, abs=1e-6)
    assert np.diff(rho.hdi(0.9)) <= np.diff(rho.interval(0.9)) + 1e-9
    assert rho.prob_positive == pytest.approx(1 - rho.cdf(0.0), abs=1e-12)


@pytest.mark.parametrize("eta", [0.5, 1.0, 2.0, 30.0])
def test_the_prior_is_a_distribution(eta):
    """Its density integrates to 1, its cdf is the integral, its quantiles invert it, and u = atanh(rho) agrees."""
    prior = lkj(eta)
    u = np.linspace(-25, 25, 20_001)
    density = np.exp(prior.log_density_of_atanh(u))
    assert integrate.trapezoid(density, u) == pytest.approx(1.0, rel=1e-9)
    below = u <= np.arctanh(0.4)
    assert float(prior.cdf(0.4)) == pytest.approx(integrate.trapezoid(density[below], u[below]), abs=2e-3)
    assert float(prior.cdf(prior.quantile(0.2))) == pytest.approx(0.2, abs=1e-12)
    expected = prior.logpdf(0.4) + math.log1p(-0.16)
    assert prior.log_density_of_atanh(math.atanh(0.4)) == pytest.approx(float(expected), rel=1e-12)
    assert prior.logpdf(1.5) == -math.inf


@pytest.mark.long
def test_equal_noise_scales_only_change_the_unit_of_sigma():
    """Noise scales of 1e9 everywhere divide sigma by 1e9, and leave the slopes alone."""
    y, plain = table(), uncorrelated()
    for factor in (1.0, 1e9, 1e-9):
        priors = {**PRIORS, "sigma": half_normal(0.5 / factor)}
        scaled = random_slopes(X, y, GROUP, **priors, noise_scale=np.full(16, factor))
        assert scaled.mu_beta.sd == pytest.approx(plain.mu_beta.sd, rel=1e-9)
        assert scaled.sigma.mean * factor == pytest.approx(plain.sigma.mean, rel=1e-9)
        assert scaled.log_evidence == pytest.approx(plain.log_evidence, rel=1e-9)


def test_an_observation_with_huge_noise_says_nothing_of_the_lines():
    """At a given sigma, an outlier whose noise scale is 1e6 leaves the likelihood of the spreads as it was."""
    y = table()
    y[5] += 100.0
    kept, scale = np.arange(16) != 5, np.ones(16)
    scale[5] = 1e6
    without = random_slopes(X[kept], y[kept], GROUP[kept], **PRIORS)._model
    model = random_slopes(X, y, GROUP, **PRIORS, noise_scale=scale)._model
    sds = np.array([[0.5, 0.5, 0.5], [0.1, 1.0, 2.0], [0.2, 2.0, 0.7]])
    first, second = (m.log_density(*np.log(sds / np.array(m.scale_units)[:, None])) for m in (without, model))
    assert np.ptp(first - second) < 1e-6


def test_averages_with_known_noise_equal_their_observations():
    """Replacing pairs of observations at a level by means with noise 1 / sqrt(2) keeps the likelihood of the lines."""
    rng = np.random.default_rng(8)
    y = rng.normal(np.repeat(table(), 2), 0.3)
    pairs = y.reshape(-1, 2)
    single = random_slopes(np.repeat(X, 2), y, np.repeat(GROUP, 2), **PRIORS)._model
    mean = random_slopes(X, pairs.mean(axis=1), GROUP, **PRIORS, noise_scale=np.full(16, 0.5**0.5))._model
    sds = np.array([[0.3, 0.3], [0.1, 1.0], [0.2, 2.0]])
    difference = [
        model.log_density(*np.log(sds / np.array(model.scale_units)[:, None])) for model in (single, mean)
    ]
    assert np.ptp(difference[0] - difference[1]) < 1e-9


def test_wrong_options_are_refused():
    """A number for the prior, an eta of 0, and noise scales of 0, negative, NaN or the wrong length."""
    y = table()
    with pytest.raises(OptionError, match=r"`correlation` is 0.5; it must be None.*lkj\(eta\)"):
        random_slopes(X, y, GROUP, **PRIORS, correlation=0.5)
    for eta in (0, -1.0):
        with pytest.raises(OptionError, match="`eta`"):
            lkj(eta)
    for scale, message in (
        (np.zeros(16), "position 0; each must be above 0"),
        (np.full(16, math.nan), "NaN"),
        (np.ones(15), "differ in length"),
        (-np.ones(16), "above 0"),
    ):
        with pytest.raises(InputError, match=message):
            random_slopes(X, y, GROUP, **PRIORS, noise_scale=scale)


@pytest.mark.long
def test_flat_priors_with_a_correlation_need_enough_groups():
    """Three groups bound neither spread under flat priors; half-Cauchy priors or more groups do."""
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(8), 5)
    x = np.tile(np.arange(5.0), 8)
    y = rng.normal(0, 1, 8)[group] + x * rng.normal(1, 1, 8)[group] + rng.normal(0, 1, 40)
    free = dict.fromkeys(PRIORS, flat())
    few = group < 2
    with pytest.raises(OptionError, match="improper with 2 groups"):
        random_slopes(x[few], y[few], group[few], **free, correlation=lkj(1))
    heavy = {name: flat() if name.startswith("mu") else half_cauchy(1) for name in PRIORS}
    assert random_slopes(x, y, group, **free, correlation=lkj(1)).accurate
    assert random_slopes(x[few], y[few], group[few], **heavy, correlation=lkj(1)).accurate
