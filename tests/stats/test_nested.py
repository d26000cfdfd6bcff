"""Slopes of seeds within conditions against whole covariance matrices, draws, and limits of the model."""

import math

import numpy as np
import pytest
from scipy import stats

from sigstats.errors import InputError, OptionError
from sigstats.priors import flat, half_cauchy, half_normal, normal
from sigstats.stats.nested import random_slopes_by_condition

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


def test_draws_follow_the_posterior():
    """Draws of slopes and sds have the distribution of the posterior, for mean, conditions and seeds."""
    result = random_slopes_by_condition(*sweep(), **PRIORS)
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
    result = random_slopes_by_condition(*sweep(), **PRIORS)
    alone, second = result.contrast([0.0, 1.0, 0.0]), result.condition_slope.entry(1)
    assert alone.mean == pytest.approx(second.mean, rel=1e-12)
    assert alone.sd == pytest.approx(second.sd, rel=1e-12)


def test_conditions_may_lie_anywhere():
    """A shift of each condition's metric, or of the labels, leaves every slope as it was."""
    x, y, seed, condition = sweep()
    first = random_slopes_by_condition(x, y, seed, condition, **PRIORS)
    names = np.array(["a", "b", "c"])[condition]
    second = random_slopes_by_condition(x, y + 100.0 * condition, seed, names, **PRIORS)
    np.testing.assert_allclose(second.condition_slope.mean, first.condition_slope.mean, rtol=1e-8)
    assert second.log_evidence == pytest.approx(first.log_evidence, abs=1e-7)
    assert second.conditions == ("a", "b", "c")
    assert second.seeds[:2] == (("a", 0), ("a", 1))


def test_the_summary_has_a_row_per_condition():
    """The frame names the mean slope, the four sds and the conditions' slopes."""
    frame = random_slopes_by_condition(*sweep(), **PRIORS).summary()
    assert list(frame.index) == ["mu_beta", *SCALES, *(f"condition_slope[{i}]" for i in range(3))]


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
        random_slopes_by_condition(x, y, seed, condition, **PRIORS).contrast([1.0, -1.0])
