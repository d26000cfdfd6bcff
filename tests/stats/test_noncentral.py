"""The noncentral t distribution against an integral over the variance, and scipy."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, special
from scipy import stats as scipy_stats

from sigstats.stats.noncentral import shift_of, t_above


def integral(bound, df, shift):
    """Return the probability of a noncentral t above a bound, by adaptive quadrature."""

    def density(at):
        chi_square = np.exp(df / 2 * at - np.exp(at) / 2 - special.gammaln(df / 2) - df / 2 * np.log(2))
        return float(chi_square * special.ndtr(shift - bound * np.sqrt(np.exp(at) / df)))

    steep = np.log(max(shift, 0.1) ** 2 / bound**2 * df)
    ends = -60 / df, np.log(2 * df + 90)
    return integrate.quad(density, *ends, limit=2000, epsabs=1e-13, epsrel=1e-13, points=[steep])[0]


@pytest.mark.parametrize("df", [1, 2, 2.37, 4, 19, 500])
def test_probabilities_are_those_of_the_integral(df):
    """For any shift and error rate, where the function of scipy is NaN at times."""
    for alpha, shift in itertools.product((0.2, 0.05, 1e-3, 1e-9), (-40, -8, -1, 0, 0.3, 2, 10, 38, 100)):
        bound = float(special.stdtrit(df, 1 - alpha))
        assert t_above(bound, df, shift) == pytest.approx(integral(bound, df, shift), abs=1e-9)


@pytest.mark.parametrize(("df", "bound", "shift"), [(2, 2.9, 1.0), (4, 8.6, 2.5), (30, 1.7, 3.0)])
def test_probabilities_are_those_of_scipy(df, bound, shift):
    """They agree in the digits that older versions of scipy have."""
    assert t_above(bound, df, shift) == pytest.approx(scipy_stats.nct.sf(bound, df, shift), rel=1e-6)


@pytest.mark.parametrize(("df", "bound"), [(1, 6.3), (2, 3e3), (4, 2.1), (50, 6.0)])
@pytest.mark.parametrize("chance", [0.01, 0.5, 0.8, 0.999])
def test_a_shift_is_found_for_any_chance(df, bound, chance):
    """Back and forth."""
    assert t_above(bound, df, shift_of(bound, df, chance)) == pytest.approx(chance, abs=1e-8)


def test_what_is_far_away_is_certain():
    """Neither NaN nor beyond 0 and 1."""
    for shift in (-1e12, -38.0, 38.0, 1e12):
        found = t_above(20.0, 2, shift)
        assert math.isfinite(found)
        assert -1e-12 <= found <= 1 + 1e-12
