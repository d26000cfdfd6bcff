"""Corrections for serial correlation, and seasons."""

import math

import numpy as np
import pytest

from sigstats.errors import InputError, OptionError
from sigstats.stats.classical.serial import hamed_rao, seasonal_mann_kendall, yue_wang
from sigstats.stats.classical.trend import mann_kendall

NOISY = np.random.default_rng(8).normal(size=40) + 0.02 * np.arange(40)


@pytest.mark.long
def test_unusable_variance_gives_no_pvalue():
    """Where the corrected variance is negative or undefined there is no p-value, and never NaN."""
    found = []
    for seed in range(200):
        result = yue_wang(np.random.default_rng(seed).normal(size=12), lag=3)
        found.append(result.variance is not None and result.variance <= 0)
        assert (result.pvalue is None) == (result.variance is None or result.variance <= 0)
        assert result.pvalue is None or 0 < result.pvalue <= 1
    assert any(found)


@pytest.mark.parametrize("y", [[1.0] * 8, np.arange(8.0)])
def test_series_without_residuals_have_no_autocorrelation(y):
    """A constant series and a perfect line leave nothing to estimate: no variance, no p-value, no warning."""
    for test in (hamed_rao, yue_wang):
        result = test(y)
        assert (result.variance, result.z, result.pvalue, result.log10_pvalue) == (None, None, None, None)


def test_long_clean_rises_do_not_underflow():
    """The p-value of a long rise is positive, where one minus the distribution function is 0."""
    y = np.arange(400) + np.random.default_rng(1).normal(size=400)
    result = hamed_rao(y, lag=1)
    assert 0 < result.pvalue < 1e-30
    assert result.log10_pvalue == pytest.approx(math.log10(result.pvalue), rel=1e-12)


def test_without_significant_lags_the_plain_test_remains():
    """If no lag passes the screen, Hamed and Rao's correction leaves the plain test."""
    corrected, plain = hamed_rao(NOISY, screen=1e-9), mann_kendall(NOISY)
    assert (corrected.statistic, corrected.variance, corrected.z) == (
        plain.statistic,
        plain.variance,
        plain.z,
    )
    assert corrected.pvalue == plain.pvalue
    assert corrected.uncorrected_variance == plain.variance


@pytest.mark.parametrize(
    "test", [hamed_rao, yue_wang, lambda y, **options: seasonal_mann_kendall(y, 4, **options)]
)
def test_sides_add_up_and_reversal_swaps_them(test):
    """The two one-sided p-values sum to 1, and a falling series has the other side's p-value."""
    greater, less, both = (test(NOISY, alternative=a).pvalue for a in ("greater", "less", "two-sided"))
    assert greater + less == pytest.approx(1.0, rel=1e-12)
    assert both == pytest.approx(2 * min(greater, less), rel=1e-12)
    assert test(-NOISY, alternative="less").pvalue == pytest.approx(greater, rel=1e-9)


def test_seasons_are_compared_with_themselves():
    """S and its variance are sums over seasons, an unfinished cycle included."""
    y = np.random.default_rng(3).integers(0, 6, size=22).astype(float)
    parts = [mann_kendall(y[start::4]) for start in range(4)]
    result = seasonal_mann_kendall(y, 4)
    assert result.statistic == sum(part.statistic for part in parts)
    assert result.variance == pytest.approx(sum(part.variance for part in parts), rel=1e-12)


def test_gaps_are_refused_unless_dropping_is_asked_for():
    """NaN raises; with missing="drop" it is left out."""
    y = NOISY.copy()
    y[7] = math.nan
    for call in (hamed_rao, yue_wang, lambda values, **options: seasonal_mann_kendall(values, 4, **options)):
        with pytest.raises(InputError, match="NaN"):
            call(y)
        assert call(y, missing="drop").n == 39


def test_unusable_input_is_named():
    """Short series, impossible lags, levels and periods are errors."""
    with pytest.raises(InputError, match="at least 4"):
        hamed_rao([1, 2, 3])
    with pytest.raises(OptionError, match="`lag`"):
        yue_wang(NOISY, lag=40)
    with pytest.raises(OptionError, match="`screen`"):
        hamed_rao(NOISY, screen=0)
    with pytest.raises(OptionError, match="`period`"):
        seasonal_mann_kendall(NOISY, 1)
    with pytest.raises(InputError, match="add cycles"):
        seasonal_mann_kendall([1, 2, 3], 4)
