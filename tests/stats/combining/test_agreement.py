"""Whether a new estimate agrees with an old one."""

import numpy as np
import pytest
from scipy import stats

from sigstats.stats.combining.agreement import Measured, agreement, welch_df

OLD, NEW = [5.1, 4.2, 6.0, 5.5], [3.9, 4.4, 3.1, 4.0, 4.6]


def measured(values):
    return Measured(value=np.mean(values), se=stats.sem(values), df=len(values) - 1.0)


def test_the_difference_is_tested_as_by_welch():
    expected = stats.ttest_ind(NEW, OLD, equal_var=False)
    found = agreement(measured(OLD), measured(NEW), margin=None, alpha=0.05)
    assert found.pvalue == pytest.approx(expected.pvalue, rel=1e-10)
    assert found.df == pytest.approx(expected.df, rel=1e-10)
    assert np.isnan(found.pvalue_within)


def test_equivalence_is_two_one_sided_tests():
    old, new = measured(OLD), measured(NEW)
    found = agreement(old, new, margin=3.0, alpha=0.05)
    t = (found.difference + np.array([3.0, -3.0])) / found.se
    expected = max(stats.t.sf(t[0], found.df), stats.t.cdf(t[1], found.df))
    assert found.pvalue_within == pytest.approx(expected, rel=1e-10)


def test_powers_are_those_of_the_noncentral_t():
    old, new = Measured(value=2.0, se=0.5, df=4.0), Measured(value=0.1, se=0.2, df=9.0)
    found = agreement(old, new, margin=None, alpha=0.05)
    power = stats.nct.sf(stats.t.isf(0.05, 4), 4, found.smallest_old / 0.5)
    assert power == pytest.approx(1 / 3, abs=1e-6)
    assert stats.nct.sf(stats.t.isf(0.05, 9), 9, found.detectable / 0.2) == pytest.approx(0.8, abs=1e-6)
    assert found.power == pytest.approx(stats.nct.sf(stats.t.isf(0.05, 9), 9, 10.0), abs=1e-6)
    assert found.pvalue_undetectable == pytest.approx(
        stats.t.cdf((0.1 - found.smallest_old) / 0.2, 9), rel=1e-9
    )


def test_opposite_directions_follow_the_original():
    for sign in (1.0, -1.0):
        old, new = Measured(value=sign, se=0.1, df=9.0), Measured(value=-sign, se=0.1, df=9.0)
        found = agreement(old, new, margin=None, alpha=0.05)
        assert found.pvalue_opposite == pytest.approx(stats.t.sf(10, 9), rel=1e-9)


def test_freedom_survives_tiny_errors():
    tiny = Measured(value=0.0, se=1e-200, df=4.0)
    assert welch_df(tiny, tiny) == pytest.approx(8.0)


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_the_size_of_the_unit_changes_nothing(unit):
    old, new = Measured(value=2.0, se=1.0, df=4.0), Measured(value=1.0, se=0.5, df=6.0)
    plain = agreement(old, new, margin=None, alpha=0.05)
    old, new = (Measured(value=each.value * unit, se=each.se * unit, df=each.df) for each in (old, new))
    found = agreement(old, new, margin=None, alpha=0.05)
    assert (found.power, found.pvalue) == (pytest.approx(plain.power), pytest.approx(plain.pvalue))
