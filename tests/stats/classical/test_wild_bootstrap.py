"""Wild cluster bootstrap against refitting every draw."""

import itertools
import math

import numpy as np
import pytest

from sigstats.errors import OptionError
from sigstats.stats.classical.wild_bootstrap import wild_cluster_bootstrap


def sweep(seeds, levels, rng):
    """Return design, observations and seeds of a noisy sweep with random slopes."""
    x = np.tile(np.arange(levels, dtype=float), seeds)
    seed = np.repeat(np.arange(seeds), levels)
    y = rng.normal(size=seeds)[seed] + (0.5 + rng.normal(size=seeds)[seed]) * x + rng.normal(size=len(x))
    return np.column_stack([np.ones(len(x)), x]), y, seed


def refitted_t(design, y, seed, null_value):
    """Return the slope's t with the CR1 sandwich from a fit of its own."""
    n, p = design.shape
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ y
    residuals = y - design @ beta
    labels = np.unique(seed)
    scores = [bread[1] @ design[seed == g].T @ residuals[seed == g] for g in labels]
    factor = len(labels) / (len(labels) - 1) * (n - 1) / (n - p)
    return (beta[1] - null_value) / math.sqrt(factor * np.sum(np.square(scores)))


@pytest.mark.parametrize("null_value", [0.0, 0.4])
@pytest.mark.parametrize("seeds", [3, 5])
def test_every_combination_of_signs_is_refitted(seeds, null_value):
    """The p-values of all sides are those of refitting all combinations with the null hypothesis imposed."""
    design, y, seed = sweep(seeds, 4, np.random.default_rng(seeds))
    constant = y - null_value * design[:, 1]
    fitted = np.full(len(y), constant.mean()) + null_value * design[:, 1]
    residuals = y - fitted
    observed = refitted_t(design, y, seed, null_value)
    drawn = [
        refitted_t(design, fitted + np.array(signs)[seed] * residuals, seed, null_value)
        for signs in itertools.product((1, -1), repeat=seeds)
    ]
    for side, values, bound in (
        ("two-sided", np.abs(drawn), abs(observed)),
        ("greater", np.array(drawn), observed),
        ("less", -np.array(drawn), -observed),
    ):
        result = wild_cluster_bootstrap(
            design, y, seed, contrast=[0, 1], weights="rademacher", null_value=null_value, alternative=side
        )
        assert result.statistic == pytest.approx(observed, rel=1e-10)
        assert result.n_reached == np.count_nonzero(values >= bound - 1e-9 * abs(bound))
        assert result.n_draws == 2**seeds


@pytest.mark.parametrize("seeds", [3, 6, 8])
def test_smallest_pvalue_is_attained_by_a_clear_trend(seeds):
    """However clear the trend, the data and their mirror are counted, so p is 2 / 2^G and never 0."""
    design, _, seed = sweep(seeds, 4, np.random.default_rng(0))
    noise = np.random.default_rng(1).normal(size=len(seed))
    for y in (100 * design[:, 1] + noise, 0.1 * design[:, 1]):
        result = wild_cluster_bootstrap(design, y, seed, contrast=[0, 1], weights="rademacher")
        assert result.pvalue == result.smallest == 2 / 2**seeds


def test_no_effect_at_all_has_pvalue_one():
    """A constant metric reaches its own t in every draw."""
    design, y, seed = sweep(4, 4, np.random.default_rng(0))
    assert wild_cluster_bootstrap(design, 0 * y, seed, contrast=[0, 1], weights="rademacher").pvalue == 1.0


@pytest.mark.parametrize("weights", ["rademacher", "webb"])
def test_drawn_weights_are_reproducible_and_close_to_enumeration(weights, monkeypatch):
    """Random draws repeat with the same rng, include the data, and come near the full enumeration."""
    design, y, seed = sweep(9, 4, np.random.default_rng(5))
    full = wild_cluster_bootstrap(design, y, seed, contrast=[0, 1], weights="rademacher")
    monkeypatch.setattr("sigstats.stats.classical.wild_bootstrap.MAX_ENUMERATED", 2)
    options = {"contrast": [0, 1], "weights": weights, "n_draws": 4999}
    first, second = (wild_cluster_bootstrap(design, y, seed, **options, rng=3) for _ in range(2))
    assert first == second
    assert first.n_draws == 5000
    assert first.pvalue == pytest.approx(full.pvalue, abs=0.03)


def test_webb_has_variance_one():
    """The six factors have mean 0 and variance 1."""
    from sigstats.stats.classical.wild_bootstrap import _WEBB

    assert _WEBB.mean() == pytest.approx(0.0, abs=1e-15)
    assert np.mean(_WEBB**2) == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize("power", [-900, 0, 900])
def test_units_do_not_matter(power):
    """Metrics in extreme units give the same count."""
    design, y, seed = sweep(5, 4, np.random.default_rng(8))
    plain = wild_cluster_bootstrap(design, y, seed, contrast=[0, 1], weights="rademacher")
    scaled = wild_cluster_bootstrap(design, np.ldexp(y, power), seed, contrast=[0, 1], weights="rademacher")
    assert scaled.n_reached == plain.n_reached


@pytest.mark.rates
def test_size_with_six_seeds_and_random_slopes():
    """Without a mean slope, about one sweep in twenty has p <= .05."""
    rng = np.random.default_rng(21)
    rejected = 0
    for _ in range(600):
        design, y, seed = sweep(6, 4, rng)
        y = y - 0.5 * design[:, 1]
        rejected += (
            wild_cluster_bootstrap(design, y, seed, contrast=[0, 1], weights="rademacher").pvalue <= 0.05
        )
    assert rejected / 600 <= 0.05 + 3.29 * math.sqrt(0.05 * 0.95 / 600)


def test_unknown_weights_are_named():
    """Other weights are an error with the allowed ones."""
    design, y, seed = sweep(4, 4, np.random.default_rng(0))
    with pytest.raises(OptionError, match=r"\('rademacher', 'webb'\)"):
        wild_cluster_bootstrap(design, y, seed, contrast=[0, 1], weights="mammen")
