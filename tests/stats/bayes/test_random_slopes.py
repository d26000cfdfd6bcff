"""Random slopes and random effects against references, dense linear algebra, and bad input."""

import functools
import importlib.util
import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from sigstats.errors import InputError, OptionError
from sigstats.priors import exponential, flat, half_cauchy, half_normal, half_t, lkj, normal
from sigstats.stats.bayes import random_slopes as random_slopes_module
from sigstats.stats.bayes.random_effects import EffectsModel, random_effects
from sigstats.stats.bayes.random_slopes import random_slopes

HERE = Path(__file__).parents[2] / "reference" / "hierarchical"
POSTERIORS, RATS, SCHOOLS, SEEDS = (
    json.loads((HERE / f"{name}.json").read_text("utf-8"))
    for name in ("posteriors", "rats_data", "eight_schools", "synth_6seeds")
)
PROPER = {
    "mu_alpha": normal(0, 5),
    "mu_beta": normal(0, 2),
    "sigma": half_normal(1),
    "sigma_alpha": half_normal(1),
    "sigma_beta": half_normal(0.5),
}
FLAT = dict.fromkeys(PROPER, flat())
HEAVY = {name: flat() if name.startswith("mu") else half_cauchy(1) for name in PROPER}


@functools.cache
def seeds():
    """Return the posterior of the six simulated seeds."""
    return random_slopes(SEEDS["x"], SEEDS["y"], SEEDS["g"], **PROPER)


def sweep(n_groups=6, n_levels=5, noise=0.5, spread=0.3, entropy=0):
    """Return x, y and group of a simulated sweep."""
    rng = np.random.default_rng(entropy)
    x = np.tile(np.arange(float(n_levels)), n_groups)
    group = np.repeat(np.arange(n_groups), n_levels)
    slope = rng.normal(0.5, 1.0, n_groups) * spread + 0.5
    return x, rng.normal(0, 1, n_groups)[group] + slope[group] * x + rng.normal(0, noise, x.size), group


@functools.cache
def least_squares():
    """Return the posterior of the simulated sweep under flat priors."""
    return random_slopes(*sweep(), **FLAT)


def dense(x, y, group, scales, sds):
    """Return log density and moments of the mean line given the sds, by whole covariance matrices."""
    sigma, sigma_alpha, sigma_beta = sds
    same = np.equal.outer(group, group)
    design = np.stack([np.ones_like(x), x], axis=1)
    prior = np.diag(np.square(scales))
    v = sigma**2 * np.eye(x.size) + same * (sigma_alpha**2 + sigma_beta**2 * np.outer(x, x))
    whole = v + design @ prior @ design.T
    gain = prior @ design.T @ np.linalg.inv(whole)
    density = stats.multivariate_normal(cov=whole).logpdf(y)
    return density, gain @ y, prior - gain @ design @ prior


def check(actual, expected, mean=1e-4, sd=1e-3):
    """Compare a marginal with reference moments."""
    np.testing.assert_allclose(actual.mean, expected["mean"], rtol=0, atol=mean * np.min(expected["sd"]))
    np.testing.assert_allclose(actual.sd, expected["sd"], rtol=sd)


def test_rats_have_the_reference_posterior():
    """Thirty rats under flat priors: every mean within 1e-4 sd, every sd within 1e-3, and the evidence."""
    expected = POSTERIORS["rats_data-rats_model"]
    wide = normal(0, 100)
    result = random_slopes(
        np.array(RATS["x"]) - 22, RATS["y"], RATS["rat"], **{**FLAT, "mu_alpha": wide, "mu_beta": wide}
    )
    for name in ("mu_alpha", "mu_beta", "sigma", "sigma_alpha", "sigma_beta", "alpha", "beta"):
        check(getattr(result, name), expected[name])
    for name in ("mu_alpha", "mu_beta"):
        for column, level in {"q2.5": 0.025, "q5": 0.05, "q50": 0.5, "q95": 0.95, "q97.5": 0.975}.items():
            error = getattr(result, name).quantile(level) - expected[name][column]
            assert abs(error) < 1e-4 * expected[name]["sd"]
    assert result.log_evidence == pytest.approx(expected["log_evidence"], abs=5e-5)
    assert result.accurate


def test_simulated_seeds_have_the_reference_posterior():
    """Six seeds under half-normal priors agree with the reference, as far as its box reaches."""
    expected, result = POSTERIORS["synth_6seeds"], seeds()
    for name in ("mu_alpha", "mu_beta", "sigma", "sigma_beta", "alpha", "beta"):
        check(getattr(result, name), expected[name])
    check(result.sigma_alpha, expected["sigma_alpha"], mean=5e-4, sd=2e-3)
    for column, level in {"q2.5": 0.025, "q50": 0.5, "q97.5": 0.975}.items():
        assert result.mu_beta.quantile(level) == pytest.approx(expected["mu_beta"][column], abs=1e-5)
    assert result.prob_positive == pytest.approx(expected["mu_beta"]["P_gt0"], abs=2e-6)
    assert result.log_evidence == pytest.approx(expected["log_evidence"], abs=5e-5)


def dense_posterior(y, x, sds, scales):
    """Return log likelihood, and mean and variance of the mean line, at each column of sds, by whole matrices.

    The groups, rows of y, were all seen at x.
    """
    design = np.stack([np.ones_like(x), x], axis=1)
    squares = np.square(sds)
    v = squares[0][:, None, None] * np.eye(x.size) + squares[1][:, None, None]
    v = v + squares[2][:, None, None] * np.outer(x, x)
    inverse = np.linalg.inv(v)
    precision = len(y) * np.einsum("ia,kij,jb->kab", design, inverse, design) + np.diag(1 / np.square(scales))
    score = np.einsum("ia,kij,j->ka", design, inverse, y.sum(axis=0))
    mean = np.linalg.solve(precision, score[..., None])[..., 0]
    logs = y.size * math.log(2 * math.pi) + len(y) * np.linalg.slogdet(v)[1] + np.linalg.slogdet(precision)[1]
    misfit = np.einsum("gi,kij,gj->k", y, inverse, y) - np.einsum("ka,ka->k", score, mean)
    return -0.5 * (logs + 2 * np.sum(np.log(scales)) + misfit), mean, np.linalg.inv(precision)


@pytest.mark.long
def test_simulated_seeds_agree_with_a_wide_dense_grid():
    """Whole covariance matrices on a Gauss-Legendre grid of a wide box give the same posterior."""
    result = seeds()
    nodes, weights = np.polynomial.legendre.leggauss(28)
    share = (nodes + 1) / 2
    axes = [0.13 + 1.2 * share**2, 5.0 * share**2, 2.5 * share**2]
    log_weights = [np.log(width * share * weights) for width in (1.2, 5.0, 2.5)]
    points = np.array(np.meshgrid(*axes, indexing="ij")).reshape(3, -1)
    log_mass = sum(np.meshgrid(*log_weights, indexing="ij")).ravel()
    for name, t in zip(("sigma", "sigma_alpha", "sigma_beta"), points, strict=True):
        log_mass = log_mass + PROPER[name].logpdf(t)
    y, x = np.array(SEEDS["y"]).reshape(6, 5), np.arange(5.0)
    log_likelihood, means, covariances = dense_posterior(y, x, points, np.array([5.0, 2.0]))
    log_mass = log_mass + log_likelihood
    mass = np.exp(log_mass - log_mass.max())
    assert result.log_evidence == pytest.approx(math.log(mass.sum()) + log_mass.max(), abs=2e-5)
    mass /= mass.sum()
    for marginal, t in zip((result.sigma, result.sigma_alpha, result.sigma_beta), points, strict=True):
        assert marginal.mean == pytest.approx(mass @ t, abs=2e-5 * marginal.sd)
        assert marginal.sd == pytest.approx(math.sqrt(mass @ (t - mass @ t) ** 2), rel=5e-5)
    for i, marginal in enumerate((result.mu_alpha, result.mu_beta)):
        mean = mass @ means[:, i]
        assert marginal.mean == pytest.approx(mean, abs=2e-5 * marginal.sd)
        variance = mass @ (covariances[:, i, i] + (means[:, i] - mean) ** 2)
        assert marginal.sd == pytest.approx(math.sqrt(variance), rel=5e-5)


def test_unbalanced_groups_agree_with_whole_matrices():
    """The density at given sds is that of whole covariance matrices, also for groups of one level or one row."""
    rng = np.random.default_rng(2)
    group = np.array([0] * 4 + [1] * 7 + [2] * 2 + [3] * 1 + [4] * 3 + [5] * 4)
    x = rng.uniform(1, 4, group.size)
    x[group == 4] = 2.5
    y = rng.normal(0, 1, 6)[group] + x * rng.normal(1, 0.5, 6)[group] + rng.normal(0, 0.3, x.size)
    model = random_slopes(x, y, group, **PROPER)._model
    sds = np.array([[0.3, 1.0, 0.2, 2.0], [1.0, 1e-6, 0.3, 1e-3], [0.5, 0.1, 1e-7, 30.0]])
    units = np.array(model.scale_units)[:, None]
    actual = model.log_density(*np.log(sds / units))
    priors = (PROPER[name] for name in ("sigma", "sigma_alpha", "sigma_beta"))
    jacobian = sum(prior.logpdf(t) + np.log(t) for prior, t in zip(priors, sds, strict=True))
    expected = [dense(x, y, group, (5.0, 2.0), t)[0] for t in sds.T]
    np.testing.assert_allclose(actual, expected + jacobian, rtol=1e-9)


def test_eight_schools_have_the_reference_posterior():
    """Mean, spread and every school agree with the reference."""
    expected = POSTERIORS["eight_schools"]
    result = random_effects(SCHOOLS["y"], SCHOOLS["sigma"], mu=normal(0, 5), tau=half_cauchy(5))
    for name in ("mu", "tau", "theta"):
        check(getattr(result, name), expected[name], mean=1e-6, sd=1e-6)
    assert result.accurate


@pytest.mark.long
def test_eight_schools_have_the_quantiles_of_adaptive_quadrature():
    """Evidence and quantiles of tau agree with a direct integral of the marginal likelihood."""
    y, errors = np.array(SCHOOLS["y"], dtype=float), np.array(SCHOOLS["sigma"], dtype=float)
    prior = half_cauchy(5)
    result = random_effects(y, errors, mu=normal(0, 5), tau=prior)

    def density(tau):
        cov = np.diag(errors**2 + tau**2) + 25.0
        return math.exp(stats.multivariate_normal(cov=cov).logpdf(y) + 30.0 + prior.logpdf(tau))

    whole = integrate.quad(density, 0, math.inf, epsabs=0, epsrel=1e-10, limit=200)[0]
    assert result.log_evidence == pytest.approx(math.log(whole) - 30.0, abs=1e-8)
    for level in (0.05, 0.5, 0.95):
        expected = optimize.brentq(
            lambda tau, level=level: (
                integrate.quad(density, 0, tau, epsabs=0, epsrel=1e-10)[0] / whole - level
            ),
            0.01,
            40,
        )
        assert result.tau.quantile(level) == pytest.approx(expected, rel=1e-6)
        assert result.tau.cdf(expected) == pytest.approx(level, abs=1e-6)


def test_quantiles_invert_the_cdf():
    """For every parameter the cdf of a quantile is its probability."""
    result, levels = seeds(), np.array([1e-4, 0.025, 0.5, 0.975, 1 - 1e-4])
    for name in ("mu_alpha", "mu_beta", "sigma", "sigma_alpha", "sigma_beta"):
        marginal = getattr(result, name)
        np.testing.assert_allclose(marginal.cdf(marginal.quantile(levels)), levels, atol=1e-7)
    quantiles = result.beta.quantile(levels)
    assert quantiles.shape == (6, 5)
    for i in range(6):
        np.testing.assert_allclose(result.beta.entry(i).cdf(quantiles[i]), levels, atol=1e-7)


@pytest.mark.long
def test_intervals_hold_the_mass_that_they_claim():
    """Equal-tailed and shortest intervals hold their level, and the shortest is no longer."""
    result = seeds()
    for marginal in (result.mu_beta, result.sigma_alpha):
        equal, short = marginal.interval(0.9), marginal.hdi(0.9)
        assert marginal.mass_inside(*equal) == pytest.approx(0.9, abs=1e-7)
        assert marginal.mass_inside(*short) == pytest.approx(0.9, abs=1e-6)
        assert np.diff(short) <= np.diff(equal)
    assert result.mass_inside(-0.1, 0.7) == pytest.approx(
        float(np.diff(result.mu_beta.cdf([-0.1, 0.7]))[0]), abs=1e-12
    )
    assert result.alpha.hdi(0.5).shape == result.alpha.interval(0.5).shape == (6, 2)


@pytest.mark.long
def test_draws_follow_the_posterior():
    """Means, sds and quantile ranks of 10,000 joint draws are those of the posterior."""
    result = seeds()
    draws = result.draws(10_000, rng=1)
    for name in ("mu_alpha", "mu_beta", "sigma", "sigma_alpha", "sigma_beta"):
        marginal, sample = getattr(result, name), getattr(draws, name)
        some = sample[:2_000]
        assert stats.kstest(marginal.cdf(some), "uniform").statistic < 1.95 / math.sqrt(some.size)
    for name in ("alpha", "beta"):
        marginal, sample = getattr(result, name), getattr(draws, name)
        np.testing.assert_allclose(sample.mean(axis=0), marginal.mean, atol=4.5 * np.max(marginal.sd) / 100)
        np.testing.assert_allclose(sample.std(axis=0), marginal.sd, rtol=0.06)
    residual = np.array(SEEDS["y"]) - (
        draws.alpha[:, np.array(SEEDS["g"]) - 1]
        + draws.beta[:, np.array(SEEDS["g"]) - 1] * np.array(SEEDS["x"])
    )
    assert np.mean(residual**2) == pytest.approx(np.mean(draws.sigma**2), rel=0.15)


def test_draws_of_effects_follow_the_posterior():
    """Draws of mean, spread and schools have the moments of the posterior."""
    result = random_effects(SCHOOLS["y"], SCHOOLS["sigma"], mu=normal(0, 5), tau=half_cauchy(5))
    draws = result.draws(10_000, rng=3)
    for name in ("mu", "tau"):
        rank = getattr(result, name).cdf(getattr(draws, name))
        assert stats.kstest(rank, "uniform").statistic < 1.95 / 100
    np.testing.assert_allclose(draws.theta.mean(axis=0), result.theta.mean, atol=0.2)


@pytest.mark.long
def test_same_input_gives_the_same_answer():
    """Two calls agree to the last bit, whatever the order of rows and the state of the global generator."""
    first, order = seeds(), np.random.default_rng(0).permutation(30)
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    x, y, group = (np.array(SEEDS[name])[order] for name in "xyg")
    second = random_slopes(x, y, group, **PROPER)
    assert second.log_evidence == first.log_evidence
    assert second.summary().equals(first.summary())
    np.testing.assert_array_equal(second.draws(9).beta, first.draws(9).beta)
    np.testing.assert_array_equal(second.draws(9, rng=5).sigma, first.draws(9, rng=5).sigma)
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


@pytest.mark.long
def test_the_summary_is_indexed_by_parameter():
    """The frame has a row per parameter, with mean, sd and quantiles."""
    frame = seeds().summary()
    assert list(frame.columns) == ["mean", "sd", "q2.5", "q5", "q50", "q95", "q97.5"]
    assert list(frame.index[:7]) == [
        "mu_alpha",
        "mu_beta",
        "sigma",
        "sigma_alpha",
        "sigma_beta",
        "alpha[0]",
        "alpha[1]",
    ]
    assert frame.loc["mu_beta", "mean"] == seeds().mu_beta.mean
    effects = random_effects(SCHOOLS["y"], SCHOOLS["sigma"], mu=flat(), tau=exponential(0.1)).summary()
    assert list(effects.index) == ["mu", "tau", *(f"theta[{i}]" for i in range(8))]


def test_results_pickle_and_speak():
    """A result survives pickling with its draws, and says the mean slope in a line."""
    result = seeds()
    again = pickle.loads(pickle.dumps(result))  # noqa: S301
    np.testing.assert_array_equal(again.draws(5).beta, result.draws(5).beta)
    assert str(result).startswith("mean slope 0.4829 (90 % 0.2685 to 0.6957)")
    assert result.priors["sigma_beta"] == "half_normal(0.5)"
    with pytest.raises(ValueError, match="read-only"):
        result.mu_beta.means[0] = 1.0


@pytest.mark.long
@pytest.mark.parametrize(
    ("factor_y", "factor_x"), [(1e9, 1.0), (1e-9, 1.0), (1.0, 1e9), (2.0**900, 1.0), (1.0, 2.0**-500)]
)
def test_a_change_of_units_changes_only_the_units(factor_y, factor_x):
    """With priors in the new units, mean slope, its sd and P(slope > 0) follow the units; the evidence too."""
    x, y, group = sweep()
    first = random_slopes(x, y, group, **PROPER)
    slope = factor_y / factor_x
    second = random_slopes(
        x * factor_x,
        y * factor_y,
        group,
        mu_alpha=normal(0, 5 * factor_y),
        mu_beta=normal(0, 2 * slope),
        sigma=half_normal(factor_y),
        sigma_alpha=half_normal(factor_y),
        sigma_beta=half_normal(0.5 * slope),
    )
    assert second.mu_beta.mean == pytest.approx(slope * first.mu_beta.mean, rel=1e-9)
    assert second.mu_beta.sd == pytest.approx(slope * first.mu_beta.sd, rel=1e-9)
    assert second.sigma_beta.sd == pytest.approx(slope * first.sigma_beta.sd, rel=1e-9)
    assert second.prob_positive == pytest.approx(first.prob_positive, rel=1e-9)
    assert second.log_evidence == pytest.approx(first.log_evidence - x.size * math.log(factor_y), rel=1e-9)


@pytest.mark.long
@pytest.mark.parametrize("priors", [PROPER, HEAVY, FLAT])
@pytest.mark.parametrize(
    ("factor", "options"),
    [
        pytest.param(1e9, {}, marks=pytest.mark.slow),
        pytest.param(1e-9, {}, marks=pytest.mark.slow),
        (1e30, {}),
        (1e-30, {}),
        (1e30, {"correlation": lkj(2)}),
        (1e-9, {"correlation": lkj(2)}),
    ],
)
def test_scales_far_from_the_priors_are_answered_or_flagged(priors, factor, options):
    """With y many orders of magnitude off the priors, the answer is right or not called accurate, and never warns.

    Factors between the largest and the smallest are slow.
    """
    x, y, group = sweep()
    result = random_slopes(x, factor * y, group, **priors, **options)
    assert result.accurate or factor > 1
    if result.accurate:
        expected = least_squares().mu_beta
        assert result.mu_beta.mean == pytest.approx(factor * expected.mean, rel=1e-3)
        assert result.mu_beta.sd < 3 * factor * expected.sd


@pytest.mark.long
@pytest.mark.parametrize("slope", [1e9, -1e9, 1e-9])
def test_steep_and_flat_slopes_are_found(slope):
    """A common slope of any size, under flat priors of the mean line, adds to the mean slope and leaves its sd."""
    x, y, group = sweep()
    first, second = random_slopes(x, y, group, **HEAVY), random_slopes(x, y + slope * x, group, **HEAVY)
    assert second.accurate
    assert second.mu_beta.mean == pytest.approx(slope + first.mu_beta.mean, rel=1e-12)
    assert second.mu_beta.sd == pytest.approx(first.mu_beta.sd, rel=1e-5)


@pytest.mark.parametrize("make", [half_normal, half_cauchy, exponential, lambda scale: half_t(3, scale)])
@pytest.mark.parametrize("scale", [0, 0.0, -1, math.inf, math.nan])
def test_priors_without_a_scale_are_refused(make, scale):
    """A scale of 0, below 0, infinite or NaN makes no prior."""
    with pytest.raises(OptionError, match="must be"):
        make(scale)


@pytest.mark.long
def test_a_prior_of_tiny_noise_is_answered_or_flagged():
    """A prior that forbids the noise that is there gives no warning, and no number that is called accurate."""
    x, y, group = sweep()
    for scale in (1e-9, 1e-300):
        assert not random_slopes(x, y, group, **{**PROPER, "sigma": half_normal(scale)}).accurate


def test_a_shift_of_the_metric_moves_only_the_intercept():
    """Under a flat prior of the intercept, adding 1e9 to y changes nothing but the intercepts."""
    x, y, group = sweep()
    first, second = random_slopes(x, y, group, **HEAVY), random_slopes(x, y + 1e9, group, **HEAVY)
    assert second.mu_beta.mean == pytest.approx(first.mu_beta.mean, abs=1e-6)
    assert second.mu_beta.sd == pytest.approx(first.mu_beta.sd, rel=1e-6)


@pytest.mark.long
@pytest.mark.parametrize(
    ("rows", "priors"),
    [
        (slice(0, 5), PROPER),
        (slice(0, 10), PROPER),
        (slice(0, 10), HEAVY),
        (slice(0, 15), HEAVY),
        (slice(0, 20), FLAT),
        (slice(2, 30), HEAVY),
        (slice(4, 30), HEAVY),
        (slice(0, 30, 4), PROPER),
    ],
)
def test_small_and_ragged_tables_have_an_accurate_posterior(rows, priors):
    """One group, two groups, groups of one level or one row: the answer is finite where it exists, and accurate."""
    x, y, group = sweep()
    result = random_slopes(x[rows], y[rows], group[rows], **priors)
    assert result.accurate
    assert math.isfinite(result.log_evidence)
    assert math.isfinite(result.mu_beta.mean)
    assert np.all(np.isfinite(result.beta.quantile([0.025, 0.5, 0.975])))


def test_a_heavy_tail_without_a_variance_says_so():
    """With two groups under half-Cauchy priors the sd of the mean slope does not exist; quantiles do."""
    x, y, group = sweep(n_groups=2)
    result = random_slopes(x, y, group, **HEAVY)
    assert result.mu_beta.sd == math.inf
    assert math.isfinite(result.sigma_beta.mean)
    assert result.sigma_beta.sd == math.inf
    assert np.all(np.isfinite(result.mu_beta.interval(0.9)))


def test_groups_on_one_line_have_a_posterior():
    """Zero spread between groups: the spreads pile up at 0, and the mean slope is the common one."""
    rng = np.random.default_rng(4)
    x, group = np.tile(np.arange(5.0), 6), np.repeat(np.arange(6), 5)
    y = np.tile(rng.normal(0, 0.5, 5), 6) + x
    for priors in (PROPER, HEAVY, FLAT):
        result = random_slopes(x, y, group, **priors)
        assert result.accurate
        assert result.mu_beta.mean == pytest.approx(np.polyfit(x, y, 1)[0], abs=0.01)
        assert result.sigma_beta.mean < 0.1


@pytest.mark.parametrize("priors", [PROPER, HEAVY, FLAT])
@pytest.mark.parametrize("y", ["lines", "constant", "zero"])
def test_groups_without_noise_are_refused(y, priors):
    """Where every residual is rounding, the likelihood has no bound: the error names the remedy."""
    x, _, group = sweep()
    values = {"lines": 1 + 0.3 * group + (0.5 + 0.1 * group) * x, "constant": 0 * x + 0.1, "zero": 0 * x}[y]
    with pytest.raises(InputError, match=r"does not vary around the groups' own lines.*random_effects"):
        random_slopes(x, values, group, **priors)


def test_two_levels_without_noise_still_have_a_posterior():
    """Two levels per group leave no residual, but the priors decide how much of the spread is noise."""
    x, _, group = sweep()
    ends = np.isin(x, (0, 4))
    y = (1 + 0.3 * group + (0.5 + 0.1 * group) * x)[ends]
    result = random_slopes(x[ends], y, group[ends], **PROPER)
    assert result.accurate
    assert result.mu_beta.mean == pytest.approx(0.7475, abs=1e-3)


@pytest.mark.parametrize("groups", [1, 2])
def test_improper_posteriors_are_refused(groups):
    """Flat priors need more groups; the error says which prior, and what else to use."""
    x, y, group = sweep(n_groups=groups)
    with pytest.raises(OptionError, match=r"`sigma_alpha` has the prior flat\(\).*half_cauchy\(scale\)"):
        random_slopes(x, y, group, **FLAT)
    with pytest.raises(OptionError, match="improper with 1 group:"):
        random_effects([1.0], [1.0], mu=flat(), tau=flat())


def test_bad_arguments_are_refused():
    """Unequal lengths, NaN, one level of x, wrong priors and wrong generators: each error names the rule."""
    x, y, group = sweep()
    for given, message in (
        ((x[:-1], y, group), "differ in length"),
        ((x, y * math.nan, group), "NaN or infinite"),
        ((0 * x + 3, y, group), "a slope needs at least two"),
        ((x, y, group.astype(float) * math.nan), "NaN or infinite labels"),
        ((x, y, group[:, None]), "one label per observation"),
        ((x, y, np.array([*group[:-1].tolist(), "b"], dtype=object)), "cannot be sorted"),
    ):
        with pytest.raises(InputError, match=message):
            random_slopes(*given, **PROPER)
    with pytest.raises(OptionError, match="prior of a standard deviation"):
        random_slopes(x, y, group, **{**PROPER, "sigma": 3.0})
    with pytest.raises(OptionError, match="`rng`"):
        seeds().draws(5, rng="seven")
    with pytest.raises(OptionError, match="`n`"):
        seeds().draws(0)
    with pytest.raises(OptionError, match="between"):
        seeds().mu_beta.quantile(1.0)
    with pytest.raises(OptionError, match="Swap"):
        seeds().mass_inside(1, 0)
    with pytest.raises(InputError, match="above 0"):
        random_effects([1.0, 2.0], [1.0, 0.0], mu=flat(), tau=half_normal(1))


def test_group_labels_of_any_sort_work():
    """Text labels are sorted, and the groups are numbered in that order."""
    x, y, group = sweep()
    result = random_slopes(x, y, np.array(["f", "e", "d", "c", "b", "a"])[group], **PROPER)
    assert result.groups == ("a", "b", "c", "d", "e", "f")
    plain = random_slopes(x, y, group, **PROPER)
    np.testing.assert_allclose(np.asarray(result.beta.mean)[::-1], plain.beta.mean, rtol=1e-9)


@pytest.mark.long
@pytest.mark.parametrize(
    "prior", [half_t(3, 0.01), exponential(2.0), half_normal(1e-6), half_cauchy(1e6), half_t(1.5, 1)]
)
def test_the_grid_adapts_to_any_prior(prior):
    """A prior far narrower or wider than the data, or heavy-tailed, keeps the answer accurate."""
    x, y, group = sweep()
    result = random_slopes(x, y, group, **{**PROPER, "sigma_beta": prior})
    assert result.accurate
    finer = random_slopes_module.integrate_scales(
        result._model.log_density,
        random_slopes_module.likely_ranges(result._model),
        moments=random_slopes_module.existing_moments(result._model),
        step=0.2,
    )
    assert finer.log_integral == pytest.approx(result.log_evidence, abs=1e-4)


def test_a_failing_density_is_never_an_answer(monkeypatch):
    """Where the density is NaN, the result says that it is not accurate."""
    monkeypatch.setattr(EffectsModel, "log_density", lambda _, log_tau: np.full(np.shape(log_tau), math.nan))
    with np.errstate(invalid="ignore"):
        result = random_effects(SCHOOLS["y"], SCHOOLS["sigma"], mu=flat(), tau=half_normal(5))
    assert not result.accurate
    assert math.isnan(result.mu.mean)
    assert math.isnan(result.log_evidence)


def test_a_density_too_narrow_for_the_grid_is_reported():
    """Two far modes, one of which no grid of the allowed size resolves, are not passed off as an answer."""

    def two_modes(u):
        return np.logaddexp(-0.5 * ((u - 1.0) / 1e-4) ** 2 + 8.0, -0.5 * (u + 3.0) ** 2)

    result = random_slopes_module.integrate_scales(two_modes, [(-1.0, 1.0)], moments=[2], step=0.6)
    exact = math.log(math.sqrt(2 * math.pi) * (1.0 + 1e-4 * math.exp(8.0)))
    assert not result.accurate or result.log_integral == pytest.approx(exact, abs=1e-3)


@pytest.mark.slow
def test_posteriors_are_calibrated():
    """Ranks of true values in the posteriors of 300 tables drawn from the priors are uniform."""
    path = HERE.parents[1] / "calibration" / "sbc_random_slopes.py"
    spec = importlib.util.spec_from_file_location("sbc_random_slopes", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    distances, _, failures = script.calibrate(5, 8, 300)
    assert failures == 0
    assert max(distances.values()) < 1.95 / math.sqrt(300)
