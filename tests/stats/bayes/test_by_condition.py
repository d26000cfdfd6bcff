"""Slopes of seeds within conditions against whole covariance matrices, draws, and limits of the model."""

import functools
import math

import numpy as np
import pytest
from scipy import stats

from sigstats.errors import InputError, OptionError
from sigstats.priors import flat, half_cauchy, half_normal, normal
from sigstats.stats import random_slopes
from sigstats.stats.bayes.by_condition import random_slopes_by_condition

PRIORS = {
    "mu_beta": normal(0, 2),
    "sigma": half_normal(1),
    "sigma_seed_intercept": half_normal(1),
    "sigma_seed_slope": half_normal(0.5),
    "sigma_condition_slope": half_normal(0.5),
}
SCALES = tuple(PRIORS)[1:]


def sweep(n_conditions=3, n_seeds=4, n_levels=5, entropy=0):
    """Return x, y, seed and condition of a simulated sweep."""
    rng = np.random.default_rng(entropy)
    condition = np.repeat(np.arange(n_conditions), n_seeds * n_levels)
    seed = np.tile(np.repeat(np.arange(n_seeds), n_levels), n_conditions)
    x = np.tile(np.arange(float(n_levels)), n_conditions * n_seeds)
    slope = 0.5 + rng.normal(0, 0.3, n_conditions)[condition]
    slope = slope + rng.normal(0, 0.2, (n_conditions, n_seeds))[condition, seed]
    intercept = rng.normal(0, 2, n_conditions)[condition]
    intercept = intercept + rng.normal(0, 0.5, (n_conditions, n_seeds))[condition, seed]
    return x, intercept + slope * x + rng.normal(0, 0.4, x.size), seed, condition


@functools.cache
def simulated():
    """Return the posterior of the simulated sweep; made once for all tests that ask for it."""
    return random_slopes_by_condition(*sweep(), **PRIORS)


@pytest.mark.long
def test_the_density_is_that_of_whole_matrices():
    """At given sds, unbalanced, the density is the limit of whole covariance matrices with wide intercepts."""
    x, y, seed, condition = (v[np.random.default_rng(3).random(60) > 0.2] for v in sweep())
    model = random_slopes_by_condition(x, y, seed, condition, **PRIORS)._model
    same = np.equal.outer(condition, condition)
    own, square, wide = same & np.equal.outer(seed, seed), np.outer(x, x), 300.0
    for sds in ((0.4, 0.5, 0.2, 0.3), (1.0, 0.1, 0.01, 2.0), (0.3, 2.0, 1.0, 1e-3)):
        cov = sds[0] ** 2 * np.eye(x.size) + own * (sds[1] ** 2 + sds[2] ** 2 * square)
        cov = cov + same * (sds[3] ** 2 * square + wide**2) + 4.0 * square
        expected = stats.multivariate_normal(cov=cov).logpdf(y)
        expected += 3 * (0.5 * math.log(2 * math.pi) + math.log(wide))
        expected += sum(prior.logpdf(t) + math.log(t) for prior, t in zip(model.scales, sds, strict=True))
        log_sds = [np.array([math.log(t / unit)]) for t, unit in zip(sds, model.units, strict=True)]
        assert model.log_density(*log_sds)[0] == pytest.approx(expected, abs=1e-3)


@pytest.mark.long
def test_draws_follow_the_posterior():
    """Draws of slopes and sds have the distribution of the posterior, for mean, conditions and seeds."""
    result = simulated()
    assert result.accurate
    draws = result.draws(10_000, rng=1)
    for name in SCALES:
        rank = getattr(result, name).cdf(getattr(draws, name)[:2_000])
        assert stats.kstest(rank, "uniform").statistic < 1.95 / math.sqrt(2_000)
    for sample, mean, sd in (
        (draws.mu_beta[:, None], result.mu_beta.mean, result.mu_beta.sd),
        (draws.condition_slope, result.condition_slope.mean, result.condition_slope.sd),
        (draws.seed_slope, result.seed_slope_mean, result.seed_slope_sd),
    ):
        np.testing.assert_allclose((sample.mean(axis=0) - mean) / sd, 0.0, atol=0.045)
        np.testing.assert_allclose(sample.std(axis=0) / sd, 1.0, atol=0.06)
    difference = result.contrast([1.0, 0.0, -1.0])
    sample = draws.condition_slope[:, 0] - draws.condition_slope[:, 2]
    assert sample.mean() == pytest.approx(difference.mean, abs=0.045 * difference.sd)
    assert sample.std() == pytest.approx(difference.sd, rel=0.06)


def test_a_contrast_of_one_condition_is_that_condition():
    """Weights that pick one condition give back its slope."""
    result = simulated()
    alone, second = result.contrast([0.0, 1.0, 0.0]), result.condition_slope.entry(1)
    assert alone.mean == pytest.approx(second.mean, rel=1e-12)
    assert alone.sd == pytest.approx(second.sd, rel=1e-12)
    mean = result.contrast([1 / 3, 1 / 3, 1 / 3])
    assert result.mean_slope.mean == pytest.approx(mean.mean, rel=1e-12)
    assert result.mean_slope.sd == pytest.approx(mean.sd, rel=1e-12)


@pytest.mark.long
def test_conditions_may_lie_anywhere():
    """A shift of each condition's metric, or of the labels, leaves every slope as it was."""
    x, y, seed, condition = sweep()
    first = simulated()
    names = np.array(["a", "b", "c"])[condition]
    second = random_slopes_by_condition(x, y + 100.0 * condition, seed, names, **PRIORS)
    np.testing.assert_allclose(second.condition_slope.mean, first.condition_slope.mean, rtol=1e-8)
    assert second.log_evidence == pytest.approx(first.log_evidence, abs=1e-7)
    assert second.conditions == ("a", "b", "c")
    assert second.seeds[:2] == (("a", 0), ("a", 1))


@pytest.mark.long
def test_the_summary_has_a_row_per_condition():
    """The frame names the mean slope, the four sds and the conditions' slopes."""
    frame = simulated().summary()
    assert list(frame.index) == ["mu_beta", *SCALES, *(f"condition_slope[{i}]" for i in range(3))]


@pytest.mark.long
def test_its_line_and_its_mass_are_those_of_the_mean_slope():
    """One line says the mean slope; the mass between limits is that of the mean slope, as in the simple model."""
    result = random_slopes_by_condition(*sweep(), **PRIORS)
    low, high = result.mu_beta.interval(0.9)
    assert str(result) == (
        f"mean slope {result.mu_beta.mean:.4g} (90 % {low:.4g} to {high:.4g}), above 0 with probability "
        f"{result.prob_positive:.4g}; 12 seeds in 3 conditions"
    )
    assert result.mass_inside(low, high) == pytest.approx(0.9, abs=1e-6)


@pytest.mark.long
def test_two_conditions_under_heavy_tails_are_accurate():
    """Two conditions with half-Cauchy priors have finite quantiles, though not every moment."""
    heavy = {name: half_cauchy(1) for name in SCALES}
    result = random_slopes_by_condition(*sweep(2, 3, 4), mu_beta=flat(), **heavy)
    assert result.accurate
    assert result.mu_beta.sd == math.inf
    assert np.all(np.isfinite(result.mu_beta.interval(0.9)))


def test_bad_input_is_refused():
    """One condition under flat priors, lines without noise, and weights of the wrong length raise."""
    x, y, seed, condition = sweep()
    flat_priors = dict.fromkeys(PRIORS, flat())
    with pytest.raises(OptionError, match="`sigma_condition_slope` has the prior flat"):
        random_slopes_by_condition(x, y, seed, 0 * condition, **flat_priors)
    with pytest.raises(InputError, match="does not vary around"):
        random_slopes_by_condition(x, 0.1 * condition + x, seed, condition, **PRIORS)
    with pytest.raises(InputError, match="3 conditions"):
        simulated().contrast([1.0, -1.0])


def brute_force(x, y, seed, condition, nodes):
    """Return posterior means and second moments of slopes and sds, and the evidence, from a product rule.

    Whole covariance matrices at each node; intercepts by generalised least squares, as for a flat prior.
    """
    sds = np.array(np.meshgrid(*[t for t, _ in nodes], indexing="ij")).reshape(4, -1)
    weight = np.prod(np.meshgrid(*[w for _, w in nodes], indexing="ij"), axis=0).ravel()
    same = np.equal.outer(condition, condition).astype(float)
    own, square = same * np.equal.outer(seed, seed), np.outer(x, x)
    levels = np.equal.outer(condition, np.unique(condition)).astype(float)
    pairs = sorted(set(zip(condition.tolist(), seed.tolist(), strict=True)))
    in_condition = [condition == c for c in np.unique(condition)] + [condition == c for c, _ in pairs]
    in_seed = [np.zeros(x.size)] * 2 + [(condition == c) & (seed == s) for c, s in pairs]
    of_seed = np.array([0.0] * 3 + [1.0] * len(pairs))
    rows = []
    for part in np.array_split(np.arange(weight.size), 40):
        t = sds[:, part] ** 2
        s0, s1, s2, s3 = t[:, :, None, None]
        whole = s0 * np.eye(x.size) + own * (s1 + s2 * square) + same * s3 * square + 4.0 * square
        solved = np.linalg.solve(whole, np.column_stack([np.eye(x.size), levels]))
        inverse, weighted = solved[..., : x.size], solved[..., x.size :]
        middle = levels.T @ weighted
        projected = inverse - weighted @ np.linalg.solve(middle, np.swapaxes(weighted, 1, 2))
        log_density = -0.5 * (np.linalg.slogdet(whole)[1] + np.linalg.slogdet(middle)[1])
        log_density -= 0.5 * ((projected @ y) @ y + (y.size - 2) * math.log(2 * math.pi))
        log_density += sum(PRIORS[name].logpdf(sds[i, part]) for i, name in enumerate(SCALES))
        cov = [4.0 * x + 0.0 * t[2][:, None]]
        cov += [
            x * (4.0 + np.outer(t[3], c) + np.outer(t[2], s))
            for c, s in zip(in_condition, in_seed, strict=True)
        ]
        cov = np.stack(cov, axis=1)
        projected = cov @ projected
        mean = projected @ y
        prior = 4.0 + t[3][:, None] * (np.arange(of_seed.size) > 0) + t[2][:, None] * of_seed
        variance = prior - (projected * cov).sum(axis=2)
        moments = np.hstack([mean, sds[:, part].T])
        second = np.hstack([variance + mean**2, t.T])
        mass = weight[part] * np.exp(log_density)
        rows.append((mass.sum(), mass @ moments, mass @ second))
    total, first, second = (sum(row[i] for row in rows) for i in range(3))
    return first / total, np.sqrt(second / total - (first / total) ** 2), math.log(total)


def near_zero(low, high, count):
    """Return points and weights of Gauss's rule on an interval, crowded at its lower end."""
    at, weight = np.polynomial.legendre.leggauss(count)
    u = 0.5 * (at + 1.0)
    return low + (high - low) * u**2, (high - low) * weight * u


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "entropy", "counts"),
    [
        ((2, 2, 3), 8, (30, 18, 22, 12)),
        pytest.param((2, 3, 4), 2, (40, 22, 22, 12), marks=pytest.mark.slow),
    ],
)
def test_means_and_sds_are_those_of_a_dense_product_rule(size, entropy, counts):
    """Slopes of mean, conditions and seeds, the four sds and the evidence agree with brute force, unbalanced."""
    x, y, seed, condition = (v[:-1] for v in sweep(*size, entropy=entropy))
    x = x - x.mean()
    limits = ((0.03, 3.0), (0.0, 5.6), (0.0, 2.9), (0.0, 2.9))  # where the densities are 1e-6 of their peak
    nodes = [near_zero(*ends, count) for ends, count in zip(limits, counts, strict=True)]
    mean, sd, evidence = brute_force(x, y, seed, condition, nodes)
    found = random_slopes_by_condition(x, y, seed, condition, **PRIORS)
    assert found.accurate
    scales = [getattr(found, name) for name in SCALES]
    means = [
        found.mu_beta.mean,
        *found.condition_slope.mean,
        *found.seed_slope_mean,
        *(s.mean for s in scales),
    ]
    sds = [found.mu_beta.sd, *found.condition_slope.sd, *found.seed_slope_sd, *(s.sd for s in scales)]
    np.testing.assert_allclose((np.array(means) - mean) / sd, 0.0, atol=1e-4)
    np.testing.assert_allclose(sds, sd, rtol=1e-3)
    assert found.log_evidence == pytest.approx(evidence, abs=1e-3)


@pytest.mark.long
def test_one_condition_without_a_spread_of_its_own_is_the_simple_model():
    """With one condition, whose slope can hardly leave the mean, the seeds' slopes are those of random_slopes."""
    x, y, seed, condition = sweep(1, 5, 5)
    tight = {**PRIORS, "sigma_condition_slope": half_normal(1e-3)}
    nested = random_slopes_by_condition(x, y, seed, condition, **tight)
    simple = random_slopes(
        x,
        y,
        seed,
        mu_alpha=flat(),
        mu_beta=PRIORS["mu_beta"],
        sigma=PRIORS["sigma"],
        sigma_alpha=PRIORS["sigma_seed_intercept"],
        sigma_beta=PRIORS["sigma_seed_slope"],
    )
    np.testing.assert_allclose(nested.seed_slope_mean, simple.beta.mean, atol=1e-4 * float(simple.mu_beta.sd))
    np.testing.assert_allclose(nested.seed_slope_sd, simple.beta.sd, rtol=1e-4)
    assert nested.mu_beta.sd == pytest.approx(simple.mu_beta.sd, rel=1e-4)
    assert nested.log_evidence == pytest.approx(simple.log_evidence, abs=1e-4)


@pytest.mark.long
def test_whole_posteriors_of_seeds_have_the_moments_that_are_given_at_once():
    """Mean and sd of each seed's mixture are those of the arrays, and its quantiles those of draws."""
    result = simulated()
    each = result.seed_slopes()
    np.testing.assert_allclose([seed.mean for seed in each], result.seed_slope_mean, rtol=1e-9)
    np.testing.assert_allclose([seed.sd for seed in each], result.seed_slope_sd, rtol=1e-6)
    draws = result.draws(1_000, rng=2).seed_slope
    for place in (0, 5, 11):
        rank = np.sort(each[place].cdf(draws[:, place]))
        assert np.abs(rank - (np.arange(1_000) + 0.5) / 1_000).max() < 1.95 / math.sqrt(1_000)


@pytest.mark.long
@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize("scale", [1e-200, pytest.param(1e200, marks=pytest.mark.slow)])
def test_absurd_prior_scales_give_the_limit_or_say_that_they_cannot(name, scale):
    """A prior scale of 1e-200 or 1e200 warns of nothing: the answer is marked inaccurate, refused, or the limit.

    The larger one is slow.
    """
    given = {**PRIORS, name: half_normal(scale)}
    try:
        found = random_slopes_by_condition(*sweep(2, 3, 4), **given)
    except InputError as error:
        assert "no finite density" in str(error)  # noqa: PT017
        return
    if found.accurate:
        assert -2.0 < found.mu_beta.mean < 2.0
        assert 0.0 < found.mu_beta.sd < 3.0
    limit = {**PRIORS, name: half_normal(1e-4 if scale < 1 else 1e4)}
    if found.accurate and name != "sigma":
        near = random_slopes_by_condition(*sweep(2, 3, 4), **limit)
        assert found.mu_beta.mean == pytest.approx(near.mu_beta.mean, abs=0.01 * near.mu_beta.sd)
