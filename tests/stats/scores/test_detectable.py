import numpy as np
import pytest
from scipy import stats

from sigstats.stats.scores.power import detectable_effect


@pytest.mark.parametrize("df", [2.0, 4.0, 9.0, 60.0])
def test_the_test_has_the_power_asked_for_at_that_effect(df):
    """By scipy's noncentral t; and the ends are those of the chi-square interval of the standard error."""
    found = detectable_effect(0.3, df, alpha=0.05, power=0.8, tail=0.05)
    assert stats.nct.sf(stats.t.isf(0.05, df), df, found.value / 0.3) == pytest.approx(0.8, abs=1e-6)
    ends = np.sqrt(df / stats.chi2.ppf([0.95, 0.05], df))
    assert [found.low, found.high] == pytest.approx(found.value * ends)


def test_without_variation_nothing_is_said():
    assert detectable_effect(0.0, 4.0, alpha=0.05, power=0.8, tail=0.05) is None
    assert detectable_effect(float("nan"), 4.0, alpha=0.05, power=0.8, tail=0.05) is None
