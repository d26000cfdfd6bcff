"""Priors: their distributions against SciPy, their wording, and what they refuse."""

import math

import numpy as np
import pytest
from scipy import stats

from sigstats import priors
from sigstats.errors import InputError, OptionError
from sigstats.stats.bayes.priors import as_location_prior, as_scale_prior

PAIRS = [
    (priors.normal(1.0, 2.5), stats.norm(1.0, 2.5), "normal(1, 2.5)"),
    (priors.half_normal(0.7), stats.halfnorm(scale=0.7), "half_normal(0.7)"),
    (priors.half_cauchy(5.0), stats.halfcauchy(scale=5.0), "half_cauchy(5)"),
    (priors.exponential(0.25), stats.expon(scale=4.0), "exponential(0.25)"),
]
MAKERS = (
    lambda scale: priors.normal(0.0, scale),
    priors.half_normal,
    priors.half_cauchy,
    priors.exponential,
    lambda scale: priors.half_t(3.0, scale),
    lambda df: priors.half_t(df, 1.0),
)


@pytest.mark.parametrize(("prior", "expected", "text"), PAIRS, ids=lambda value: str(value)[:12])
def test_priors_are_the_distributions_they_are_named_after(prior, expected, text):
    """Density, cdf and quantile agree with SciPy, and the text is the call that makes the prior."""
    x = np.array([0.01, 0.5, 1.0, 3.0, 40.0])
    p = np.array([1e-6, 0.025, 0.5, 0.975])
    np.testing.assert_allclose(prior.logpdf(x), expected.logpdf(x), rtol=1e-13)
    np.testing.assert_allclose(prior.cdf(x), expected.cdf(x), rtol=1e-12)
    np.testing.assert_allclose(prior.quantile(p), expected.ppf(p), rtol=1e-9)
    assert str(prior) == text


def test_half_t_is_twice_the_t_above_zero():
    """The half-t density is twice that of Student's t; its cdf and quantile invert each other."""
    prior, x = priors.half_t(4.0, 0.5), np.array([0.1, 1.0, 20.0])
    np.testing.assert_allclose(prior.logpdf(x), stats.t(4.0, scale=0.5).logpdf(x) + math.log(2.0))
    np.testing.assert_allclose(prior.quantile(prior.cdf(x)), x, rtol=1e-9)
    assert str(prior) == "half_t(4, 0.5)"


def test_half_cauchy_is_half_t_with_one_degree_of_freedom():
    """One degree of freedom gives the same prior, under the name that is better known."""
    assert priors.half_t(1, 2) == priors.half_cauchy(2)


@pytest.mark.parametrize("prior", [pair[0] for pair in PAIRS[1:]], ids=str)
def test_scale_priors_have_no_mass_below_zero(prior):
    """Below 0 the density is 0, and so is the cdf."""
    assert prior.logpdf(-1e-9) == -math.inf
    assert prior.cdf(-3.0) == 0.0


@pytest.mark.parametrize("prior", [pair[0] for pair in PAIRS[1:]], ids=str)
def test_rescaling_stretches_the_quantiles(prior):
    """A prior times three has three times the quantiles."""
    np.testing.assert_allclose(prior.rescaled(3.0).quantile(0.3), 3.0 * prior.quantile(0.3))


def test_rescaling_a_location_prior_keeps_its_mean():
    """Only the standard deviation of a normal prior is rescaled."""
    assert priors.normal(2.0, 1.0).rescaled(3.0) == priors.normal(2.0, 3.0)


def test_flat_is_one_everywhere_and_has_no_scale():
    """The flat prior has log density 0, and rescaling changes nothing."""
    np.testing.assert_array_equal(priors.flat().logpdf([0.0, 5.0]), [0.0, 0.0])
    assert priors.flat().rescaled(3.0) == priors.flat()
    assert str(priors.flat()) == "flat()"


@pytest.mark.parametrize(
    "scale", [0.0, -1.0, math.inf, math.nan, True, "1", None, np.array([1.0, 2.0])], ids=repr
)
@pytest.mark.parametrize("maker", MAKERS)
def test_impossible_scales_are_refused(maker, scale):
    """A scale of 0, below 0, infinite, missing or not a number is an option error."""
    with pytest.raises(OptionError, match="must be"):
        maker(scale)


def test_an_impossible_scale_names_the_remedy():
    """The message says what was given, the rule, and what to do."""
    with pytest.raises(OptionError) as caught:
        priors.half_normal(0.0)
    assert str(caught.value) == (
        "`scale` is 0.0; it must be above 0, in the units of the data. For a prior without information use flat(); "
        "to leave a term out of the model, leave it out of the data."
    )


def test_priors_of_the_wrong_kind_are_refused():
    """A normal prior cannot be that of a standard deviation, nor a half-normal that of a location."""
    with pytest.raises(OptionError, match=r"half_normal\(scale\)"):
        as_scale_prior("sigma", priors.normal(0.0, 1.0))
    with pytest.raises(InputError, match=r"normal\(mean, sd\)"):
        as_location_prior("mu", priors.half_normal(1.0))
