"""Random effects whose standard errors are estimates."""

import numpy as np
import pytest
from scipy import integrate, stats

from sigstats.errors import InputError, OptionError
from sigstats.priors import flat, half_cauchy, half_normal
from sigstats.stats import random_effects
from sigstats.stats.combining.few_seeds import studies_posterior

SCHOOLS = ([28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18])


def test_with_many_seeds_it_is_random_effects():
    prior = half_cauchy(5)
    exact = random_effects(*SCHOOLS, mu=flat(), tau=prior)
    found = studies_posterior(*SCHOOLS, np.full(8, 1e7), tau=prior)
    assert found.mean.mean == pytest.approx(float(exact.mu.mean), abs=0.01)
    assert found.mean.interval(0.95) == pytest.approx(exact.mu.interval(0.95), abs=0.02)
    assert found.tau.interval(0.9) == pytest.approx(exact.tau.interval(0.9), rel=0.02)


@pytest.mark.long
def test_a_t_likelihood_integrated_elsewhere_gives_the_same():
    """Two studies of 3 seeds: the mean given tau = 0 and tau > 0, by quadrature of the convolved t densities."""
    effects, errors, df = np.array([0.3, 1.6]), np.array([0.5, 0.4]), 2.0
    taus = np.exp(np.linspace(-6, 5, 56))
    grid = np.linspace(-40, 42, 1001)
    log_precision = np.linspace(-25, 3.2, 200)
    prior = stats.halfcauchy(scale=1.0)
    mixing = stats.chi2.pdf(df * np.exp(log_precision), df) * df * np.exp(log_precision)
    mixing /= mixing.sum()

    def density(tau):
        parts = []
        for effect, error in zip(effects, errors, strict=True):
            sd = np.sqrt(tau**2 + error**2 / np.exp(log_precision))
            parts.append((np.exp(-0.5 * ((effect - grid[:, None]) / sd) ** 2) / sd) @ mixing)
        return parts[0] * parts[1]

    joint = sum(density(tau) * prior.pdf(tau) * tau for tau in taus)
    cdf = integrate.cumulative_trapezoid(joint, grid, initial=0.0)
    cdf /= cdf[-1]
    found = studies_posterior(effects, errors, [df, df], tau=half_cauchy(1.0))
    for value in (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0):
        assert float(found.mean.cdf(value)) == pytest.approx(np.interp(value, grid, cdf), abs=0.006)


@pytest.mark.long
@pytest.mark.parametrize("df", [2.0, 4.0, 9.0])
def test_a_study_that_stands_alone_keeps_its_t_interval(df):
    found = studies_posterior([1.0, 0.0], [0.2, 1e5], [df, 50.0], tau=half_normal(1e-6))
    assert found.mean.interval(0.95) == pytest.approx(stats.t.interval(0.95, df, 1.0, 0.2), rel=0.03)


def test_the_next_study_varies_more_than_the_mean():
    found = studies_posterior([1.0, 3.0, 2.0, 5.0], [0.3] * 4, [4.0] * 4, tau=None)
    assert np.ptp(found.next_study.interval(0.9)) > 1.5 * np.ptp(found.mean.interval(0.9))


@pytest.mark.long
def test_units_and_order_do_not_matter():
    effects, errors, dfs = np.array([1.0, 3.0, 2.5]), np.array([0.3, 0.5, 0.2]), np.array([2.0, 4.0, 9.0])
    first = studies_posterior(effects, errors, dfs, tau=None).mean.interval(0.9)
    scaled = studies_posterior(1e-150 * effects + 0.0, 1e-150 * errors, dfs, tau=None).mean.interval(0.9)
    turned = studies_posterior(effects[::-1], errors[::-1], dfs[::-1], tau=None).mean.interval(0.9)
    assert scaled * 1e150 == pytest.approx(first, rel=1e-6)
    assert turned == pytest.approx(first, rel=1e-9)


def test_alike_estimates_and_two_studies_work():
    found = studies_posterior([2.0, 2.0], [0.5, 0.5], [2.0, 2.0], tau=None)
    low, high = found.mean.interval(0.95)
    assert low < 2.0 < high


def test_what_cannot_be_integrated_is_refused():
    with pytest.raises(OptionError, match="flat"):
        studies_posterior([1.0, 2.0], [1.0, 1.0], [4.0, 4.0], tau=flat())
    with pytest.raises(InputError, match="at least 2"):
        studies_posterior([1.0], [1.0], [4.0], tau=None)
    with pytest.raises(InputError, match="above 0"):
        studies_posterior([1.0, 2.0], [1.0, 0.0], [4.0, 4.0], tau=None)


@pytest.mark.long
def test_many_studies_of_few_seeds_get_more_draws():
    rng = np.random.default_rng(3)
    effects, errors = rng.normal(size=30), np.sqrt(rng.chisquare(2, 30) / 2)
    found = studies_posterior(effects, errors, np.full(30, 2.0), tau=None)
    first = studies_posterior(effects, errors, np.full(30, 2.0), tau=None, draws=(1024,))
    assert found.effective_draws > 3 * first.effective_draws


def test_studies_of_any_size_are_combined_but_none_beside_which_another_vanishes():
    """No square of an effect overflows; where errors differ by a hundred powers of ten, their squares would."""
    effects, errors, dfs = np.array([1.0, 2.0]), np.array([0.5, 0.4]), [4, 4]
    plain, large = (
        studies_posterior(unit * effects, unit * errors, dfs, tau=None) for unit in (1.0, 2.0**990)
    )
    assert large.mean.mean == pytest.approx(plain.mean.mean * 2.0**990, rel=1e-2)
    with pytest.raises(InputError, match="same unit"):
        studies_posterior(effects, [1e-300, 1.0], dfs, tau=None)
