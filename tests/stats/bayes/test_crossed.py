"""Posterior of slopes of runs and items that are crossed."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from sigstats.errors import InputError, OptionError
from sigstats.priors import exponential, flat, half_cauchy, half_normal, half_t
from sigstats.stats.bayes.compaction import compacted
from sigstats.stats.bayes.crossed import CrossedSlopes, crossed_slopes
from sigstats.stats.bayes.crossed_contrast import crossed_contrast
from sigstats.stats.bayes.marginals import NormalMixture

OWN = {"sigma_seed": half_normal(0.5), "sigma_item": half_cauchy(0.8), "sigma_rest": exponential(1.5)}


def table(n_runs: int, n_items: int, rng: int, seed: float = 0.5, item: float = 0.7) -> np.ndarray:
    """Return slopes of runs on items around 1."""
    source = np.random.default_rng(rng)
    parts = source.normal(0, seed, (n_runs, 1)) + source.normal(0, item, n_items)
    return 1.0 + parts + source.normal(0, 0.6, (n_runs, n_items))


@pytest.fixture(scope="module")
def slopes() -> np.ndarray:
    return table(4, 6, 3)


@pytest.fixture(scope="module")
def found(slopes: np.ndarray) -> CrossedSlopes:
    return crossed_slopes([slopes], [1.0], **OWN)


def dense(slopes: np.ndarray, mean: float, rest: float, seed: float, item: float) -> float:
    """Return the density of all slopes by their whole covariance matrix."""
    n_runs, n_items = slopes.shape
    run, question = (each.ravel() for each in np.indices(slopes.shape))
    covariance = rest**2 * np.eye(run.size) + seed**2 * np.equal.outer(run, run)
    covariance += item**2 * np.equal.outer(question, question)
    assert covariance.shape == (n_runs * n_items,) * 2
    return float(stats.multivariate_normal(np.full(run.size, mean), covariance).logpdf(slopes.ravel()))


@pytest.mark.long
def test_the_density_of_the_sums_is_that_of_the_whole_covariance_matrix(slopes, found):
    """With the mean integrated out numerically, the dense normal density is what the sums of squares give."""
    rest, seed, item = 0.5, 0.3, 0.9
    peak = dense(slopes, slopes.mean(), rest, seed, item)
    area = integrate.quad(
        lambda m: math.exp(dense(slopes, m, rest, seed, item) - peak), -4.0, 6.0, epsabs=1e-11
    )[0]
    priors = (OWN["sigma_rest"], OWN["sigma_seed"], OWN["sigma_item"])
    jacobian = sum(
        float(p.logpdf(sd)) + math.log(sd) for p, sd in zip(priors, (rest, seed, item), strict=True)
    )
    log_sds = [np.array(math.log(sd / found.model.unit)) for sd in (rest, seed, item)]
    assert float(found.model.log_density(*log_sds)) == pytest.approx(
        peak + math.log(area) + jacobian, abs=1e-8
    )


def test_the_posterior_is_the_integral_over_a_fine_box(slopes, found):
    """Mean, sd and evidence agree with a plain rule of 61 points per axis."""
    nodes = [
        np.exp(np.linspace(math.log(low), math.log(high), 61))
        for low, high in ((0.2, 3), (1e-4, 4), (1e-3, 400))
    ]
    mesh = np.meshgrid(*nodes, indexing="ij")
    log_mass = found.model.log_density(*(np.log(each / found.model.unit) for each in mesh))
    mass = np.exp(log_mass - log_mass.max())
    cell = np.prod([math.log(axis[1] / axis[0]) for axis in nodes])
    assert found.log_evidence == pytest.approx(math.log(mass.sum() * cell) + log_mass.max(), abs=1e-3)
    variance = mesh[1] ** 2 / 4 + mesh[2] ** 2 / 6 + mesh[0] ** 2 / 24
    these = mesh[1] ** 2 / 4 + mesh[0] ** 2 / 24
    assert found.mean_slope.mean == pytest.approx(slopes.mean(), rel=1e-12)
    assert found.mean_slope.sd**2 == pytest.approx((mass * variance).sum() / mass.sum(), rel=2e-3)
    assert found.these_items.sd**2 == pytest.approx((mass * these).sum() / mass.sum(), rel=2e-3)


def test_means_given_the_spreads_are_those_of_generalised_least_squares(slopes):
    """With spreads that are all but known, each run's and item's slope is its best linear prediction."""
    rest, seed, item = 0.6, 0.4, 0.8
    known = {name: half_t(400, 1e-4) for name in OWN}
    model = crossed_slopes([slopes], [1.0], **known).model
    log_sds = np.log(np.array([rest, seed, item]) / model.unit)
    n_runs, n_items = slopes.shape
    run, question = (each.ravel() for each in np.indices(slopes.shape))
    design = np.column_stack([np.ones(run.size), np.eye(n_runs)[run], np.eye(n_items)[question]])
    precision = design.T @ design / rest**2 + np.diag([0.0] + [seed**-2] * n_runs + [item**-2] * n_items)
    covariance = np.linalg.inv(precision)
    beta = covariance @ design.T @ slopes.ravel() / rest**2
    of_run = np.column_stack([np.ones(n_runs), np.eye(n_runs), np.full((n_runs, n_items), 1 / n_items)])
    of_item = np.column_stack([np.ones(n_items), np.zeros((n_items, n_runs)), np.eye(n_items)])
    # a posterior whose grid is one point
    _, by_run, by_item = model.variances(*np.exp(log_sds))
    keep_run, keep_item = (seed / model.unit) ** 2 / by_run, (item / model.unit) ** 2 / by_item
    means = slopes.mean() + keep_run * (slopes.mean(axis=1) - slopes.mean())
    np.testing.assert_allclose(of_run @ beta, means, rtol=1e-10)
    means = slopes.mean() + keep_item * (slopes.mean(axis=0) - slopes.mean())
    np.testing.assert_allclose(of_item @ beta, means, rtol=1e-10)
    own = keep_run * rest**2 / n_items + (1 - keep_run) ** 2 * by_run * model.unit**2 / n_runs
    np.testing.assert_allclose(np.diag(of_run @ covariance @ of_run.T), own, rtol=1e-10)
    own = model.kappa * (rest**2 * keep_item * (1 - 1 / n_items) + by_run * model.unit**2)
    np.testing.assert_allclose(np.diag(of_item @ covariance @ of_item.T), own, rtol=1e-10)


@pytest.mark.long
def test_draws_follow_the_marginals(found):
    """Draws of everything have the cdf of every marginal."""
    drawn, items = found.draws(4_000, rng=4), found.item_slopes()
    pairs = [(drawn.mean_slope, found.mean_slope), (drawn.these_items, found.these_items)]
    pairs += [(drawn.sigma_seed, found.sigma_seed), (drawn.sigma_item, found.sigma_item)]
    pairs += [(drawn.seed_slope[:, i], found.seed_slope.entry(i)) for i in range(4)]
    pairs += [(drawn.item_slope[:, i], items.entry(i)) for i in range(6)]
    for sample, marginal in pairs:
        known = compacted(marginal) if isinstance(marginal, NormalMixture) else marginal
        assert stats.kstest(known.cdf(sample), "uniform").statistic < 0.0308  # p = .001
    # a run's slope on these items, averaged over new runs, is the mean on these items
    gap = drawn.item_slope.mean(axis=1) - drawn.these_items
    np.testing.assert_allclose(gap, 0.0, atol=1e-12)


def test_several_conditions_of_unequal_size_are_a_weighted_sum():
    """The item part is that of each item's weighted sum: an item that is steep in both cancels in their difference."""
    source = np.random.default_rng(8)
    shared = source.normal(0, 3.0, 12)
    first, second = table(3, 12, 1, item=0.0) + shared, table(5, 12, 2, item=0.0) + shared
    found = crossed_slopes([first, second], [1.0, -1.0], **OWN)
    assert found.mean_slope.mean == pytest.approx(first.mean() - second.mean())
    assert found.sigma_item.quantile(0.5) < 0.5
    alone = crossed_slopes([first, second], [0.5, 0.5], **OWN)
    assert alone.sigma_item.quantile(0.5) > 2.0
    assert found.model.kappa == pytest.approx(1 / 3 + 1 / 5)
    assert found.seed_slope.means.shape[0] == 8
    # one spread of runs for both, on this few runs, and the same in both questions but for the prior of the items
    assert found.sigma_seed.mean == pytest.approx(alone.sigma_seed.mean, rel=0.01)


@pytest.mark.long
@pytest.mark.parametrize(("n_runs", "n_items"), [(2, 2), (3, 3), (3, 400), (40, 3), (10, 100)])
def test_large_and_small_tables_reach_their_accuracy(n_runs, n_items):
    """From two runs on two items to many of either, the grid says that it can be relied on."""
    priors = {name: half_cauchy(0.7) for name in OWN}
    slopes = [table(n_runs, n_items, 5), table(n_runs, n_items, 6)]
    each = [crossed_slopes([one], [1.0], **priors) for one in slopes]
    contrast = crossed_contrast(*each, sigma_item=half_cauchy(0.7))
    assert all(one.accurate for one in each)
    assert contrast.accurate
    wide = crossed_contrast(*each, sigma_item=half_cauchy(7.0))
    assert wide.quantile(0.95) - wide.quantile(0.05) > contrast.quantile(0.95) - contrast.quantile(0.05)


@pytest.mark.parametrize("unit", [1e-300, 2.0**-40, 1e9, 1e300])
def test_the_unit_of_the_slopes_does_not_matter(slopes, found, unit):
    """Slopes and prior scales times a factor give the posterior times that factor."""
    scaled = {
        "sigma_seed": half_normal(0.5 * unit),
        "sigma_item": half_cauchy(0.8 * unit),
        "sigma_rest": exponential(1.5 / unit),
    }
    other = crossed_slopes([slopes * unit], [1.0], **scaled)
    assert other.mean_slope.sd == pytest.approx(unit * found.mean_slope.sd, rel=1e-6)
    assert other.prob_positive == pytest.approx(found.prob_positive, rel=1e-8)


def test_neither_the_order_of_runs_nor_of_items_matters(slopes, found):
    """Runs and items in another order give the same numbers."""
    other = crossed_slopes([slopes[::-1, [3, 1, 0, 2, 5, 4]]], [1.0], **OWN)
    assert other.mean_slope.sd == pytest.approx(found.mean_slope.sd, rel=1e-9)
    np.testing.assert_allclose(other.seed_slope.sd, found.seed_slope.sd[::-1], rtol=1e-9)


def test_what_cannot_be_computed_is_an_error(slopes):
    """Tables that do not fit, slopes without a rest, and priors that leave the posterior improper."""
    with pytest.raises(InputError, match="at least 2 runs and 2 items"):
        crossed_slopes([slopes[:1]], [1.0], **OWN)
    with pytest.raises(InputError, match="at least 2 runs and 2 items"):
        crossed_slopes([slopes, slopes[:, :5]], [0.5, 0.5], **OWN)
    with pytest.raises(InputError, match="one weight"):
        crossed_slopes([slopes], [0.5, 0.5], **OWN)
    with pytest.raises(InputError, match="not finite"):
        crossed_slopes([np.where(slopes > 2, np.nan, slopes)], [1.0], **OWN)
    with pytest.raises(InputError, match="no rest"):
        crossed_slopes([np.add.outer([1.0, 2.0, 4.0], [0.0, 1.0, 5.0])], [1.0], **OWN)
    with pytest.raises(InputError, match="no rest"):
        crossed_slopes([np.zeros((3, 4))], [1.0], **OWN)
    with pytest.raises(OptionError, match="`sigma_seed` has the prior flat"):
        crossed_slopes([slopes[:2]], [1.0], **OWN | {"sigma_seed": flat()})
    with pytest.raises(OptionError, match="prior of a standard deviation"):
        crossed_slopes([slopes], [1.0], **OWN | {"sigma_item": 2.0})


def test_a_flat_prior_leaves_the_sd_infinite_where_it_does_not_exist(slopes):
    """With three runs and a flat prior the spread has no second moment, and the sd says so; quantiles exist."""
    found = crossed_slopes([slopes[:3]], [1.0], **OWN | {"sigma_seed": flat()})
    assert found.mean_slope.sd == math.inf
    assert np.isfinite(found.mean_slope.interval(0.9)).all()
