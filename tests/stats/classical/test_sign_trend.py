"""Cox-Stuart: thirds of a series by sign."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sigstats.errors import InputError
from sigstats.stats.classical.sign_trend import cox_stuart

SERIES = st.lists(st.integers(-5, 5), min_size=3, max_size=40)


@given(SERIES, st.sampled_from(["two-sided", "greater", "less"]))
def test_exact_pvalue_is_binomial(y, side):
    """The exact p-value is that of SciPy's binomial test of the rises."""
    result = cox_stuart(y, alternative=side, method="exact")
    if result.n_pairs:
        expected = binomtest(result.statistic, result.n_pairs, alternative=side).pvalue
        assert result.pvalue == pytest.approx(expected, rel=1e-9)
    else:
        assert result.pvalue == 1.0


@given(SERIES)
def test_turning_the_series_over_swaps_the_sides(y):
    """The mirrored series has the other side's p-value, and the middle third is never looked at."""
    for how in ("asymptotic", "exact"):
        up, down = (
            cox_stuart(y, alternative="greater", method=how),
            cox_stuart(-np.array(y), alternative="less", method=how),
        )
        assert up.pvalue == pytest.approx(down.pvalue, rel=1e-12)
    third = -(-len(y) // 3)
    middle = [999 if third <= i < len(y) - third else value for i, value in enumerate(y)]
    assert cox_stuart(middle) == cox_stuart(y)


def test_too_short_a_series_is_an_error():
    """Two values have no thirds."""
    with pytest.raises(InputError, match="at least 3"):
        cox_stuart([1, 2])
