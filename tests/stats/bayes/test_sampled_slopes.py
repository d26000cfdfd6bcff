"""Student's t noise and noise by level against long runs of a sampler, exact limits, and what must be refused."""

import functools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sigstats.errors import InputError, OptionError, UnreliableError
from sigstats.priors import flat, half_normal, lkj, normal
from sigstats.stats.bayes import sampled_slopes
from sigstats.stats.bayes.grouped import LinePrior, mean_line
from sigstats.stats.bayes.random_slopes import random_slopes
from sigstats.stats.bayes.reduction import reduce_groups
from sigstats.stats.bayes.student_noise import StudentNoise
from sigstats.stats.bayes.weighted_lines import rows_of, weighted_lines

HERE = Path(__file__).parents[2] / "reference" / "hierarchical"
RUNS, SEEDS = (json.loads((HERE / f"{name}.json").read_text("utf-8")) for name in ("sampled", "synth_6seeds"))
X, GROUP = np.array(SEEDS["x"], dtype=float), np.array(SEEDS["g"]) - 1
Y = np.array(SEEDS["y"], dtype=float) + 2.5 * (np.arange(30) == 7)
PRIORS = {
    "mu_alpha": normal(0, 5),
    "mu_beta": normal(0, 2),
    "sigma": half_normal(1),
    "sigma_alpha": half_normal(1),
    "sigma_beta": half_normal(0.5),
}
OPTIONS = {
    "student_t, df 4": {"noise": "student_t", "df": 4},
    "student_t, df unknown": {"noise": "student_t"},
    "by_level, spread 0.5": {"noise": "by_level", "noise_spread": 0.5},
    "student_t, df 4, correlation lkj(2)": {"noise": "student_t", "df": 4, "correlation": lkj(2)},
}


@functools.cache
def sampled(case):
    """Return the posterior under one of the options; made once for all tests that ask for the same."""
    return random_slopes(X, Y, GROUP, **PRIORS, **OPTIONS[case])


@functools.cache
def exact():
    return random_slopes(X, Y, GROUP, **PRIORS)


def close(marginal, expected, effective_size, name):
    """Compare moments with those of a long run; the errors of both sides count."""
    error = np.hypot(np.array(expected["error_of_mean"]), np.array(expected["sd"]) * effective_size**-0.5)
    difference = np.abs(np.asarray(marginal.mean) - np.array(expected["mean"]))
    assert np.all(difference < 4.0 * error), (name, difference / error)
    np.testing.assert_allclose(marginal.sd, expected["sd"], rtol=0.12, err_msg=name)


@pytest.mark.long
@pytest.mark.parametrize("case", list(OPTIONS))
def test_posteriors_agree_with_long_runs(case):
    """Every mean within four Monte-Carlo errors of 16,000 draws by another sampler, every sd within an eighth."""
    result = sampled(case)
    size = result.sampling.effective_size
    assert result.sampling.pareto_k < 0.7
    assert size > 1_000
    assert result.error == pytest.approx(size**-0.5)
    names = set(RUNS[case]) - {"level_sigma"}
    for name in names:
        close(getattr(result, name), RUNS[case][name], size, name)
    assert names >= {"mu_alpha", "mu_beta", "sigma", "sigma_alpha", "sigma_beta", "beta"}
    if "level_sigma" in RUNS[case]:
        assert list(result.level_sigma) == [0.0, 1.0, 2.0, 3.0, 4.0]
        expected = RUNS[case]["level_sigma"]
        for i, marginal in enumerate(result.level_sigma.values()):
            close(marginal, {key: value[i] for key, value in expected.items()}, size, f"level {i}")


@pytest.mark.long
@pytest.mark.parametrize(
    "options", [{"noise": "student_t", "df": 1e8}, {"noise": "by_level", "noise_spread": 1e-6}]
)
def test_limits_are_the_exact_posterior(options):
    """Student's t with very many degrees of freedom, and levels that cannot differ, are normal noise."""
    result = random_slopes(X, Y, GROUP, **PRIORS, **options)
    size = result.sampling.effective_size
    for name in ("mu_alpha", "mu_beta", "sigma", "sigma_alpha", "sigma_beta", "alpha", "beta"):
        first, second = getattr(exact(), name), getattr(result, name)
        assert np.all(
            np.abs(np.asarray(first.mean) - second.mean) < 4.5 * size**-0.5 * np.asarray(first.sd)
        ), name
        np.testing.assert_allclose(second.sd, first.sd, rtol=0.1)
    assert result.log_evidence == pytest.approx(exact().log_evidence, abs=0.06)


@pytest.mark.long
def test_an_outlier_moves_student_noise_less():
    """Moving one observation by 25 moves the mean slope under t noise by less than a tenth as much."""
    far = Y + 25.0 * (np.arange(30) == 9)
    moved = []
    for options in ({}, {"noise": "student_t", "df": 3}):
        first, second = (random_slopes(X, y, GROUP, **PRIORS, **options) for y in (Y, far))
        moved.append(abs(second.mu_beta.mean - first.mu_beta.mean))
    assert moved[1] < 0.1 * moved[0]


@pytest.mark.long
@pytest.mark.parametrize("noise", [pytest.param(1e-2, marks=pytest.mark.slow), 1e-4])
@pytest.mark.parametrize("options", [OPTIONS["student_t, df 4"], OPTIONS["by_level, spread 0.5"]])
def test_noise_far_below_the_spread_of_groups_is_found(noise, options):
    """Noise that is tiny beside the differences of groups is found, and the mean slope is that of normal noise.

    The harder of two sizes; the other one is slow.
    """
    rng = np.random.default_rng(11)
    y = rng.normal(0, 1, 6)[GROUP] + X * rng.normal(0.5, 0.4, 6)[GROUP] + rng.normal(0, noise, 30)
    priors = {**PRIORS, "sigma": half_normal(3 * noise)}
    normal_noise = random_slopes(X, y, GROUP, **priors).mu_beta
    result = random_slopes(X, y, GROUP, **priors, **options)
    assert result.mu_beta.mean == pytest.approx(normal_noise.mean, abs=0.15 * normal_noise.sd)
    assert 0.4 * noise < result.sigma.mean < 2 * noise


@pytest.mark.long
def test_levels_with_more_noise_are_found():
    """Where the noise of the last level is five times that of the others, its posterior says so."""
    rng = np.random.default_rng(3)
    group, x = np.repeat(np.arange(12), 6), np.tile(np.arange(6.0), 12)
    y = rng.normal(0, 1, 12)[group] + x * rng.normal(1, 0.3, 12)[group]
    y = y + rng.normal(0, 0.2, 72) * np.where(x == 5, 5.0, 1.0)
    result = random_slopes(x, y, group, **PRIORS, noise="by_level", noise_spread=1.0)
    assert result.level_sigma[5.0].interval(0.9)[0] > 1.5 * max(
        result.level_sigma[i].mean for i in (1.0, 2.0, 3.0)
    )
    assert result.mu_beta.sd < random_slopes(x, y, group, **PRIORS).mu_beta.sd
    assert list(result.summary().index[:3]) == ["mu_alpha", "mu_beta", "sigma"]


def test_equal_weights_give_the_lines_of_normal_noise():
    """At given standard deviations and correlation, likelihood and lines are those of the reduced data."""
    groups = reduce_groups(X, Y, GROUP)
    rows = rows_of(groups, X, Y, GROUP)
    prior = LinePrior(mean=np.array([0.3, -0.2]), precision=np.array([0.5, 0.0]), log_constant=0.7)
    sds = np.array([[0.3, 1.0, 0.2], [1.0, 0.1, 0.3], [0.5, 0.1, 2.0], [0.4, 1.0, 3.0]])
    expected = mean_line(groups, prior, sds)
    actual, each = weighted_lines(rows, prior, sds, np.ones((30, 3)))
    np.testing.assert_allclose(actual.log_likelihood, expected.log_likelihood, rtol=1e-10)
    np.testing.assert_allclose(actual.mean, expected.mean, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(actual.covariance, expected.covariance, rtol=1e-8)
    assert each.own.shape == (2, 6, 3)


def test_known_weights_are_known_noise_scales():
    """Weights that differ by observation give the likelihood of the same noise scales, known beforehand."""
    scale = np.exp(np.sin(np.arange(30.0)))
    groups = reduce_groups(X, Y, GROUP, scale)
    rows = rows_of(groups, X, Y, GROUP)
    order = np.lexsort((Y, X, GROUP))
    weights = (scale[order] / math.exp(np.log(scale).mean()))[:, None] ** -2.0
    prior = LinePrior(mean=np.zeros(2), precision=np.ones(2), log_constant=0.0)
    sds = np.array([[0.4], [0.8], [0.3]])
    expected, (actual, _) = mean_line(groups, prior, sds), weighted_lines(rows, prior, sds, weights)
    assert actual.log_likelihood[0] == pytest.approx(float(expected.log_likelihood[0]), rel=1e-10)


@pytest.mark.long
def test_the_estimated_likelihood_of_student_noise_is_without_bias():
    """The mean over 4,000 estimates is the integral over the line of a group, on a fine grid."""
    x, y, df = np.array([0.0, 1.0, 2.0]), np.array([0.1, 2.5, 0.4]), 3.0
    model = random_slopes(np.append(x, x), np.append(y, y[::-1]), [0] * 3 + [1] * 3, **PRIORS)._model
    rows = rows_of(model.groups, np.append(x, x), np.append(y, y[::-1]), np.repeat([0, 1], 3))
    noise = StudentNoise(model=model, rows=rows, df=df)
    point = [*np.log([0.3, 0.6, 0.5]).tolist(), 0.1, -0.2]
    points = np.repeat(np.array(point)[:, None], 4_000, axis=1)
    estimate, lines = noise._block(points, np.random.default_rng(0))
    expected, means = 0.0, []
    a, b = np.linspace(-4.0, 4.0, 401)[:, None], np.linspace(-3.5, 3.5, 401)
    for g in (0, 1):
        own = noise.rows.group == g
        residual = (noise.rows.y[own] - a[..., None] - b[:, None] * noise.rows.x[own]) / 0.3
        height = stats.t(df).logpdf(residual).sum(axis=-1) - own.sum() * math.log(0.3)
        density = np.exp(height + stats.norm.logpdf(a, 0.1, 0.6) + stats.norm.logpdf(b, -0.2, 0.5))
        expected += math.log(density.sum() * 0.02 * 0.0175)
        means.append(float((a * density).sum() / density.sum()))
    ratio = np.exp(estimate - expected)
    assert ratio.mean() == pytest.approx(1.0, abs=5 * ratio.std() / math.sqrt(ratio.size))
    assert ratio.std() < 0.25
    weighted = lines[:2] @ ratio / ratio.sum()
    np.testing.assert_allclose(weighted, means, atol=0.03)


def test_draws_follow_the_sampled_posterior():
    """Joint draws have the means and sds of the marginals, and the correlation where there is one."""
    result = sampled("student_t, df 4, correlation lkj(2)")
    draws = result.draws(4_000, rng=1)
    for name in ("mu_beta", "sigma", "sigma_beta", "rho"):
        marginal, sample = getattr(result, name), getattr(draws, name)
        assert sample.mean() == pytest.approx(marginal.mean, abs=5 * marginal.sd / 40)
        assert sample.std() == pytest.approx(marginal.sd, rel=0.15)
    np.testing.assert_allclose(draws.beta.mean(axis=0), result.beta.mean, atol=0.02)


@pytest.mark.long
def test_the_same_input_gives_the_same_sample():
    """Two calls agree to the last bit, whatever the order of rows."""
    order = np.random.default_rng(1).permutation(30)
    first = sampled("student_t, df 4")
    second = random_slopes(X[order], Y[order], GROUP[order], **PRIORS, noise="student_t", df=4)
    assert second.summary().equals(first.summary())
    assert second.log_evidence == first.log_evidence
    np.testing.assert_array_equal(second.draws(5).beta, first.draws(5).beta)


@pytest.mark.long
def test_units_change_only_the_units():
    """With y in other units, and priors with it, slopes and noise follow."""
    first = sampled("student_t, df 4")
    factor = 2.0**20
    wide = {name: prior.rescaled(factor) for name, prior in PRIORS.items()}
    second = random_slopes(X, factor * Y, GROUP, **wide, noise="student_t", df=4)
    assert second.mu_beta.mean == pytest.approx(factor * first.mu_beta.mean, rel=1e-6)
    assert second.sigma.mean == pytest.approx(factor * first.sigma.mean, rel=1e-6)
    assert second.log_evidence == pytest.approx(first.log_evidence - 30 * math.log(factor), abs=1e-6)


def test_unreliable_weights_are_refused(monkeypatch):
    """Where the tail of the weights is too heavy there is an error that names what to do, not a number."""
    plain = sampled_slopes.LevelNoise.log_density

    def heavier(self, points, rng):
        density, kept = plain(self, points, rng)
        return density + 3.0 * np.abs(points).sum(axis=0), kept

    monkeypatch.setattr(sampled_slopes.LevelNoise, "log_density", heavier)
    with pytest.raises(UnreliableError, match="use noise='normal'"):
        random_slopes(X, Y, GROUP, **PRIORS, noise="by_level", noise_spread=0.5)


@pytest.mark.long
@pytest.mark.parametrize("options", list(OPTIONS.values()))
@pytest.mark.parametrize("factor", [1e9, 1e-9, pytest.param(1e30, marks=pytest.mark.slow)])
def test_scales_far_from_the_priors_give_an_error_or_an_answer(options, factor):
    """With y many orders of magnitude off the priors, the slopes follow, or there is an error, and never a warning.

    A larger factor, at which the same error is raised, is slow.
    """
    if factor > 1:
        with pytest.raises(UnreliableError, match=r"units of the data|effective points"):
            random_slopes(X, factor * Y, GROUP, **PRIORS, **options)
    else:
        result = random_slopes(X, factor * Y, GROUP, **PRIORS, **options)
        assert 0.3 * factor < result.mu_beta.mean < 0.7 * factor


@pytest.mark.long
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            each, marks=pytest.mark.slow if each in ("student_t, df 4", "student_t, df unknown") else []
        )
        for each in OPTIONS
    ],
)
def test_small_tables_have_a_posterior_or_an_error(case):
    """One group, a group with one level, and constant y: a finite answer or an error that says why.

    Noise by level and correlated lines; Student's noise without a correlation is slow.
    """
    options = OPTIONS[case]
    for rows in (GROUP == 0, (GROUP != 2) | (X == 1)):
        result = random_slopes(X[rows], Y[rows], GROUP[rows], **PRIORS, **options)
        assert math.isfinite(result.mu_beta.mean)
        assert math.isfinite(result.log_evidence)
    with pytest.raises(InputError, match="does not vary"):
        random_slopes(X, 0 * Y + 1, GROUP, **PRIORS, **options)


def test_wrong_combinations_are_refused():
    """Options of one noise with another, missing options, flat priors, and numbers that are not above 0."""
    for options, message in (
        ({"noise": "cauchy"}, r"must be one of \('by_level', 'normal', 'student_t'\)"),
        ({"df": 4}, "only noise='student_t'"),
        ({"noise": "student_t", "noise_spread": 1}, "only the noise of noise='by_level'"),
        ({"noise": "by_level"}, "needs the prior sd"),
        ({"noise": "by_level", "noise_spread": 0}, "`noise_spread` is 0; it must be above 0"),
        ({"noise": "student_t", "df": -1.0}, "`df` is -1.0; it must be above 0"),
        ({"noise": "student_t", "noise_scale": np.ones(30)}, "known noise scales go with noise='normal'"),
        ({"noise": "student_t", "sigma_beta": flat()}, r"`sigma_beta` has the prior flat\(\)"),
    ):
        with pytest.raises(OptionError, match=message):
            random_slopes(X, Y, GROUP, **{**PRIORS, **options})
