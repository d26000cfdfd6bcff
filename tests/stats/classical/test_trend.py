"""Mann-Kendall and Theil-Sen: enumeration, other implementations, invariants."""

import functools
import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, theilslopes

from sigstats.errors import InputError, OptionError
from sigstats.stats.classical import slope_ranks
from sigstats.stats.classical.trend import mann_kendall, theil_sen

SERIES = st.lists(st.integers(-6, 6), min_size=3, max_size=25)


def brute_score(y, x):
    """Return S pair by pair."""
    pairs = itertools.combinations(range(len(y)), 2)
    return sum(int(np.sign(y[j] - y[i]) * np.sign(x[j] - x[i])) for i, j in pairs)


def patterns(n):
    """Return every pattern of ties of n values, as nondecreasing ranks."""
    for steps in itertools.product((0, 1), repeat=n - 1):
        yield (0, *itertools.accumulate(steps))


@functools.cache
def permutations(n):
    """Return all orders of n things, shape (n!, n)."""
    return np.array(list(itertools.permutations(range(n))), dtype=np.int8)


def all_scores(y, x):
    """Return S for every order of y."""
    n = len(y)
    shuffled = np.array(y, dtype=np.int8)[permutations(n)]
    scores = np.zeros(len(shuffled), dtype=np.int16)
    for i, j in itertools.combinations(range(n), 2):
        if x[i] != x[j]:
            scores += np.sign(shuffled[:, j] - shuffled[:, i]) * int(np.sign(x[j] - x[i]))
    return scores


@pytest.mark.long
@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_score_and_variance_are_those_of_all_permutations(n):
    """For every tie pattern in x and in y, the variance equals the variance over all n! permutations."""
    for x, y in itertools.product(patterns(n), repeat=2):
        result = mann_kendall(y, x)
        assert result.statistic == brute_score(y, x)
        expected = np.mean(np.square(all_scores(y, x), dtype=float))
        assert result.variance == pytest.approx(expected, rel=1e-12, abs=1e-12)


def assert_counted(y, x):
    """Compare the exact p-values of all sides with counts over all permutations."""
    scores = all_scores(y, x)
    observed = brute_score(y, x)
    upper, lower = np.count_nonzero(scores >= observed), np.count_nonzero(scores <= observed)
    both = min(2 * min(upper, lower), len(scores))
    for side, count in (("greater", upper), ("less", lower), ("two-sided", both)):
        assert mann_kendall(y, x, alternative=side, method="exact").pvalue == count / len(scores)


@pytest.mark.long
@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 8])
def test_exact_pvalue_is_a_count_of_permutations(n):
    """For every pattern of ties in y the exact p is a ratio of whole numbers, the very ones counted."""
    rng = np.random.default_rng(n)
    for y in patterns(n):
        assert_counted(rng.permutation(y).tolist(), range(n))


@pytest.mark.long
@pytest.mark.parametrize("n", [3, 4, 5, pytest.param(6, marks=pytest.mark.slow)])
def test_exact_pvalue_with_ties_on_both_sides(n):
    """The same holds for every pattern of ties in x against every pattern in y; the 1,024 pairs of six are slow."""
    rng = np.random.default_rng(n)
    for x, y in itertools.product(patterns(n), repeat=2):
        assert_counted(rng.permutation(y).tolist(), x)


@pytest.mark.parametrize("method", ["asymptotic", "exact"])
def test_exact_and_scipy_agree_without_ties(method):
    """SciPy's Kendall test gives the same exact p-value."""
    y = np.random.default_rng(5).permutation(30)
    ours = mann_kendall(y, method=method)
    theirs = kendalltau(np.arange(30), y, method=method)
    assert ours.tau == pytest.approx(theirs.statistic, rel=1e-14)
    assert ours.pvalue == pytest.approx(theirs.pvalue, rel=1e-12 if method == "exact" else 0.05)


@pytest.mark.long
@pytest.mark.parametrize("n", [129, 400, 3000])
@pytest.mark.parametrize("kinds", [2, 5, 10_000])
def test_fast_and_direct_counts_agree(n, kinds):
    """The count recovered from tau is the count pair by pair, with few and with many ties."""
    rng = np.random.default_rng(n + kinds)
    x, y = rng.integers(0, kinds, n), rng.integers(0, kinds, n)
    direct = sum(int(np.sum(np.sign(y[i + 1 :] - y[i]) * np.sign(x[i + 1 :] - x[i]))) for i in range(n))
    assert mann_kendall(y, x).statistic == direct


@pytest.mark.long
def test_count_is_exact_at_a_million_points():
    """At a million points the count is still a whole number without rounding error."""
    n = 1_000_000
    y = np.arange(n)
    y[[0, 1]] = y[[1, 0]]
    assert mann_kendall(y).statistic == n * (n - 1) // 2 - 2
    assert mann_kendall(y // 3).statistic == n * (n - 1) // 2 - (n // 3) * 3


def test_pvalue_never_underflows_to_zero():
    """A long clean rise has a positive p-value and a finite logarithm."""
    result = mann_kendall(np.arange(2000))
    assert result.pvalue == math.ulp(0.0)
    with mpmath.workdps(40):
        expected = mpmath.log10(mpmath.erfc(mpmath.mpf(result.z) / mpmath.sqrt(2)))
    assert result.log10_pvalue == pytest.approx(float(expected), rel=1e-14)


def test_tail_of_forty_clean_points_keeps_its_digits():
    """Forty rising points give 1.1e-19, which 1 minus the distribution function cannot hold."""
    assert mann_kendall(np.arange(40)).pvalue == pytest.approx(1.1e-19, rel=0.05)


def test_constant_series_has_no_tau_and_pvalue_one():
    """Where nothing can vary, tau has no value and nothing speaks against the null hypothesis."""
    result = mann_kendall([2.0, 2.0, 2.0, 2.0])
    assert (result.statistic, result.z, result.tau, result.pvalue) == (0, 0.0, None, 1.0)


@given(SERIES)
def test_monotone_changes_of_the_metric_change_nothing(y):
    """Any increasing transformation leaves the whole result as it is."""
    assert (
        mann_kendall(y) == mann_kendall([math.exp(v) for v in y]) == mann_kendall([3.0 * v + 7.0 for v in y])
    )


@given(SERIES)
def test_reversal_swaps_the_sides(y):
    """Reversing the series flips S and swaps "greater" and "less"."""
    there, back = mann_kendall(y, alternative="greater"), mann_kendall(y[::-1], alternative="less")
    assert (there.statistic, there.z) == (-back.statistic, -back.z)
    assert there.pvalue == back.pvalue


@given(SERIES, st.randoms())
def test_order_of_the_rows_does_not_matter_when_x_is_given(y, random):
    """Pairs of x and y can come in any order."""
    rows = list(enumerate(y))
    random.shuffle(rows)
    assert mann_kendall([v for _, v in rows], [t for t, _ in rows]) == mann_kendall(y)


@given(SERIES)
def test_pvalue_and_logarithm_agree(y):
    """The decimal logarithm is that of the p-value, and the two sides add up."""
    result = mann_kendall(y)
    assert 0 < result.pvalue <= 1
    assert 10**result.log10_pvalue == pytest.approx(result.pvalue, rel=1e-12)
    both = [mann_kendall(y, alternative=side).pvalue for side in ("greater", "less")]
    assert sum(both) == pytest.approx(1.0, abs=1e-12)
    assert min(1.0, 2 * min(both)) == pytest.approx(result.pvalue, rel=1e-12)


def test_nan_is_refused_unless_dropping_is_asked_for():
    """NaN raises with a remedy; with missing="drop" its pair is left out."""
    y = [1.0, math.nan, 2.0, 5.0, 3.0]
    with pytest.raises(InputError, match="NaN or infinite"):
        mann_kendall(y)
    assert mann_kendall(y, missing="drop") == mann_kendall([1, 2, 5, 3])
    assert mann_kendall(y, [0, 1, 2, 3, 3], missing="drop") == mann_kendall([1, 2, 5, 3], [0, 2, 3, 3])


def test_unusable_input_is_named():
    """Too few values, unequal lengths, unknown options and infinities are errors that say so."""
    with pytest.raises(InputError, match="at least 3"):
        mann_kendall([1, 2])
    with pytest.raises(InputError, match="differ in length"):
        mann_kendall([1, 2, 3], [1, 2])
    with pytest.raises(InputError, match="NaN or infinite"):
        mann_kendall([1, math.inf, 3], missing="drop")
    with pytest.raises(OptionError, match="Did you mean 'greater'"):
        mann_kendall([1, 2, 3], alternative="grater")
    with pytest.raises(OptionError, match="asymptotic"):
        mann_kendall(np.arange(101), method="exact")


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(-9, 9)), min_size=2, max_size=20))
def test_theil_sen_is_the_median_of_pairwise_slopes(points):
    """With repeated x and even counts, the slope is the median over pairs with different x."""
    x, y = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    pairs = itertools.combinations(range(len(x)), 2)
    slopes = [(y[j] - y[i]) / (x[j] - x[i]) for i, j in pairs if x[i] != x[j]]
    if not slopes:
        with pytest.raises(InputError, match="at least two"):
            theil_sen(x, y)
        return
    result = theil_sen(x, y)
    assert result.slope == pytest.approx(np.median(slopes), rel=1e-14)
    assert result.n_slopes == len(slopes)
    assert result.low <= result.slope <= result.high


def test_theil_sen_agrees_with_scipy():
    """SciPy gives the same slope and interval on data without ties in x."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=60), rng.normal(size=60).round(1)
    ours, theirs = theil_sen(x, y, confidence=0.9), theilslopes(y, x, 0.9)
    assert (ours.slope, ours.low, ours.high) == pytest.approx(
        (theirs.slope, theirs.low_slope, theirs.high_slope)
    )


@pytest.mark.long
@pytest.mark.parametrize("digits", [0, 1, 8])
def test_streamed_and_direct_slopes_agree(monkeypatch, digits):
    """Past the memory limit the same numbers come out, with heavy ties as well."""
    rng = np.random.default_rng(digits)
    x, y = rng.integers(0, 90, 900), rng.normal(size=900).round(digits)
    direct = theil_sen(x, y)
    monkeypatch.setattr(slope_ranks, "BLOCK", 1000)
    assert theil_sen(x, y) == direct


def test_every_rank_is_found_between_coarse_brackets():
    """With a sample of a few slopes only, each rank still gets the slope that sorting gives, atoms included."""
    x, y = np.arange(12.0), np.array([0, 0, 1, 1, 1, 2, 2, 5, 5, 5, 5, 9.0])
    slopes = np.sort([(y[j] - y[i]) / (x[j] - x[i]) for i, j in itertools.combinations(range(12), 2)])
    values = np.unique(slopes)
    for sample in (values, values[::3], values[[0, -1]], slopes):
        found = [
            slope_ranks._kth_slope(x, y, rank, rank / len(slopes), sample) for rank in range(len(slopes))
        ]
        assert found == slopes.tolist()


def test_interval_is_infinite_where_there_are_too_few_pairs():
    """Three points cannot bound a slope at 95 %."""
    result = theil_sen([0, 1, 2], [0.0, 1.0, 2.5])
    assert (result.low, result.high) == (-math.inf, math.inf)


@pytest.mark.parametrize(("x_power", "y_power"), [(500, 900), (-500, 0), (0, -900), (500, 0)])
def test_slope_survives_extreme_units(x_power, y_power):
    """Units of 2^500 in x and 2^900 in y scale the slope exactly."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=12), rng.normal(size=12)
    plain, scaled = theil_sen(x, y), theil_sen(np.ldexp(x, x_power), np.ldexp(y, y_power))
    assert scaled.slope == math.ldexp(plain.slope, y_power - x_power)
    assert scaled.low == math.ldexp(plain.low, y_power - x_power)


def test_slope_beyond_the_largest_float_is_an_error():
    """A slope that no float can hold is refused rather than called infinite."""
    with pytest.raises(InputError, match="larger units"):
        theil_sen([0.0, 1e-300, 2e-300], [0.0, 1e300, 2e300])


def test_the_slope_carries_the_test_that_goes_with_it():
    """Statistic, p-value and null of Theil-Sen are those of Mann-Kendall on the same points."""
    x, y = [1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 50]
    slope, test = theil_sen(x, y), mann_kendall(y, x)
    assert (slope.statistic, slope.pvalue, slope.null) == (test.statistic, test.pvalue, test.null)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["normal", "heavy tails", "far from 0", "few levels", "rounded", "a line"])
def test_slopes_that_are_only_counted_give_the_same_numbers(kind, monkeypatch):
    """Brackets of counted slopes lead to the slope of the same rank as sorting all of them."""
    rng = np.random.default_rng(5)
    x, y = np.arange(300.0), rng.normal(size=300) + np.arange(300) / 100
    x, y = {
        "normal": (x, y),
        "heavy tails": (rng.normal(size=300), rng.standard_cauchy(300)),
        "far from 0": (1e6 + x, 1e9 + y),
        "few levels": (x // 30, y),
        "rounded": (x, np.round(y)),
        "a line": (x, 3.0 * x),
    }[kind]
    sorted_out = [theil_sen(x, y, confidence=each) for each in (0.01, 0.95)]
    for name, value in (("BLOCK", 20_000), ("NEAR", 300), ("SAMPLE", 10_000)):
        monkeypatch.setattr(slope_ranks, name, value)
    if kind not in ("rounded", "a line"):  # many slopes are equal: all are gone through
        monkeypatch.setattr(slope_ranks, "_kth_slope", None)
    assert [theil_sen(x, y, confidence=each) for each in (0.01, 0.95)] == sorted_out
