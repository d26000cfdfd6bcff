"""Merged nodes and differences of independent posteriors against sums over all pairs of nodes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from sigstats.errors import InputError
from sigstats.stats.bayes.compaction import ERROR, compacted
from sigstats.stats.bayes.difference import difference
from sigstats.stats.bayes.marginals import mixture


def random_mixture(entropy, size, *, spread=1.0, shift=0.0):
    """Return a mixture whose normals differ in place and widely in width."""
    rng = np.random.default_rng(entropy)
    weights = rng.dirichlet(np.full(size, 0.5))
    sds = np.exp(rng.normal(0.0, spread, size))
    return mixture(weights, shift + rng.normal(0.0, 0.7, size), sds, finite_sd=np.array(True))


def pairs_cdf(first, second, value):
    """Return the cdf of the difference by the sum over all pairs of nodes."""
    mean = first.means[:, None] - second.means
    sd = np.hypot(first.sds[:, None], second.sds)
    return np.array([first.weights @ special.ndtr((v - mean) / sd) @ second.weights for v in value])


@pytest.mark.long
@pytest.mark.parametrize("spread", [0.1, 1.0, 2.5])
def test_merging_nodes_keeps_moments_and_moves_no_probability(spread):
    """Thousands of nodes become few; the cdf moves by less than is stated."""
    whole = random_mixture(1, 20_000, spread=spread)
    small = compacted(whole)
    assert small.weights.size < whole.weights.size * (0.25 if spread < 1.0 else 0.75)
    assert small.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert small.weights @ small.means == pytest.approx(whole.mean, abs=1e-12)
    square = small.weights @ (small.sds**2 + (small.means - whole.mean) ** 2)
    assert math.sqrt(square) == pytest.approx(whole.sd, rel=1e-12)
    x = np.linspace(-6.0, 6.0, 101)
    np.testing.assert_allclose(small.cdf(x), whole.cdf(x), rtol=0, atol=ERROR)


def test_two_normals_have_a_normal_difference():
    """For single normals the difference is known: mean 2, sd 5."""
    one = np.ones(1)
    first, second = (
        mixture(one, m * one, s * one, finite_sd=np.array(True)) for m, s in ((3.0, 3.0), (1.0, 4.0))
    )
    found, exact = difference(first, second), stats.norm(2.0, 5.0)
    x = np.linspace(-20.0, 25.0, 91)
    np.testing.assert_allclose(found.cdf(x), exact.cdf(x), rtol=0, atol=1e-6)
    p = np.array([1e-4, 0.025, 0.5, 0.9, 0.999])
    np.testing.assert_allclose(found.quantile(p), exact.ppf(p), rtol=0, atol=1e-3)
    np.testing.assert_allclose(found.hdi(0.9), exact.interval(0.9), rtol=0, atol=2e-2)
    assert found.prob_positive == pytest.approx(exact.sf(0.0), abs=1e-9)


@pytest.mark.long
@pytest.mark.parametrize(("one", "other"), [(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)])
def test_a_difference_is_the_sum_over_all_pairs(one, other):
    """Probabilities are those of all pairs of nodes, to well below what is stated."""
    first, second = random_mixture(2, 300, spread=one, shift=2.0), random_mixture(3, 200, spread=other)
    found = difference(first, second)
    x = np.linspace(-12.0, 16.0, 57)
    np.testing.assert_allclose(found.cdf(x), pairs_cdf(first, second, x), rtol=0, atol=found.error)
    exact = 1.0 - pairs_cdf(first, second, [0.0])[0]
    assert found.prob_positive == pytest.approx(exact, abs=found.error)
    assert found.mean == pytest.approx(first.mean - second.mean)
    assert found.sd == pytest.approx(math.hypot(first.sd, second.sd))
    ends = found.interval(0.9)
    np.testing.assert_allclose(pairs_cdf(first, second, ends), [0.05, 0.95], rtol=0, atol=found.error)
    low, high = found.hdi(0.9)
    assert high - low <= ends[1] - ends[0] + 1e-6
    inside = np.diff(pairs_cdf(first, second, [low, high]))[0]
    assert inside == pytest.approx(0.9, abs=found.error)


def test_a_mixture_too_sharp_for_the_axis_is_refused():
    """Where a spike hides among wide normals, there is an error that says by how much the sum misses."""
    weights, means = np.full(2, 0.5), np.array([0.3, 0.0])
    spike = mixture(weights, means, np.array([1e-7, 1.0]), finite_sd=np.array(True))
    with pytest.raises(InputError, match=r"misses .* of the probability"):
        difference(spike, random_mixture(6, 5))


@pytest.mark.long
@given(st.floats(-30.0, 30.0), st.integers(-30, 30))
def test_units_and_a_swap_of_sides_change_nothing_else(shift, power):
    """In other units all is multiplied; the other way round the probability is one minus it."""
    first, second = random_mixture(4, 40, shift=shift), random_mixture(5, 40)
    found, swapped = difference(first, second), difference(second, first)
    assert swapped.prob_positive == pytest.approx(1.0 - found.prob_positive, abs=2e-6)
    unit = 2.0**power
    scaled = [
        mixture(m.weights, unit * m.means, unit * m.sds, finite_sd=np.array(True)) for m in (first, second)
    ]
    other = difference(*scaled)
    np.testing.assert_allclose(other.interval(0.9), unit * found.interval(0.9), rtol=1e-9, atol=1e-9 * unit)
    assert other.prob_positive == pytest.approx(found.prob_positive, abs=1e-12)
