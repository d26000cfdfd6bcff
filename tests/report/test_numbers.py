import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats.evidence.results import Estimate
from sigstats.report import numbers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (-0.5, "-0.5"),
        (0.012345, "0.0123"),
        (999.96, "1000"),
        (123456.0, "123000"),
        (2.5e7, "2.5e7"),
        (1e-7, "1e-7"),
        (math.nan, "n/a"),
        (None, "n/a"),
        (math.inf, "infinity"),
        (-math.inf, "-infinity"),
    ],
)
def test_a_number_is_short_and_plain(value, expected):
    """Three significant digits, no trailing zeros, an exponent only where digits would be many."""
    assert numbers.number(value) == expected


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_a_number_keeps_its_value_to_three_digits(value):
    """What is printed is the number, up to half a unit of the third digit."""
    assert float(numbers.number(value)) == pytest.approx(value, rel=0.0051)


@given(st.floats(min_value=0.0, max_value=1.0))
def test_a_pvalue_is_never_zero_nor_one(pvalue):
    """A p-value that rounds to 0 or 1 is printed as a bound."""
    said = numbers.pvalue(pvalue)
    sign, shown = said.split()[1:]
    assert 0 < float(shown) < 1
    assert {"<": pvalue < float(shown), ">": pvalue > float(shown), "=": True}[sign]


@pytest.mark.parametrize(
    ("pvalue", "expected"),
    [
        (0.0, "p < 1e-16"),
        (1e-300, "p < 1e-16"),
        (3.21e-9, "p = 3.2e-9"),
        (0.0123, "p = 0.012"),
        (0.9512, "p = 0.95"),
        (0.05004, "p = 0.05004"),
        (0.04996, "p = 0.04996"),
        (1.0, "p > 0.99"),
        (math.nan, "no p-value"),
        (None, "no p-value"),
    ],
)
def test_a_pvalue_is_a_statement(pvalue, expected):
    """Small p-values keep their exponent; missing ones are said to be missing."""
    assert numbers.pvalue(pvalue) == expected


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        (1.0, "P(x) > 0.9999"),
        (0.0, "P(x) < 0.0001"),
        (0.9812, "P(x) = 0.981"),
        (math.nan, "P(x) not available"),
    ],
)
def test_a_probability_is_never_certain(chance, expected):
    """A posterior probability that rounds to 0 or 1 is printed as a bound."""
    assert numbers.probability(chance, "x") == expected


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (4.6123, 3.9, 5.3246, "4.61 [3.90, 5.32]"),
        (0.00012, 0.00010, 0.00014, "0.000120 [0.000100, 0.000140]"),
        (1234.6, 1000.0, 1469.0, "1235 [1000, 1469]"),
        (1.5e8, 1.0e8, 2.0e8, "1.5e8 [1e8, 2e8]"),
        (-0.001, -0.5, 0.498, "0.00 [-0.50, 0.50]"),
        (2.0, math.nan, math.nan, "2"),
        (math.nan, math.nan, math.nan, "n/a"),
        (1.0, 1.0, 1.0, "1.00000 [1.00000, 1.00000]"),
        (0.0, 0.0, 0.0, "0.00 [0.00, 0.00]"),
    ],
)
def test_an_estimate_has_the_digits_that_its_interval_supports(value, low, high, expected):
    """Value and ends share their decimals: two digits of the half-width."""
    estimate = Estimate(value=value, low=low, high=high, confidence=0.9, unit="return")
    assert numbers.interval(estimate) == expected


@pytest.mark.parametrize(
    ("share", "expected"), [(0.24, "24%"), (0.001, "less than 1%"), (0.0, "0%"), (1.0, "100%")]
)
def test_a_small_share_is_not_none(share, expected):
    """A share below one per cent is not rounded away."""
    assert numbers.percent(share) == expected


@pytest.mark.parametrize(
    ("ends", "printed"),
    [
        ((1.1782, 1.1945), "1.186 [1.178, 1.194]"),  # as the treatment
        ((0.00271, 0.00318), "0.00295 [0.00271, 0.00318]"),  # too few digits would be left
        ((1.1861, 1.1865), "1.18630 [1.18610, 1.18650]"),  # its interval would vanish
        ((20.0, 30.0), "25.0 [20.0, 30.0]"),  # has fewer already
    ],
)
def test_a_number_beside_another_has_no_more_decimals(ends, printed):
    """Digits are even where that takes nothing away."""
    low, high = ends
    estimates = [
        Estimate(value=(a + b) / 2, low=a, high=b, confidence=0.9, unit="return")
        for a, b in ((low, high), (0.970, 1.006))
    ]
    assert numbers.interval(estimates[0], beside=estimates[1]) == printed


def test_a_number_without_an_interval_is_printed_beside_one_that_has_it():
    """And the other way round."""
    known = Estimate(value=1.186, low=1.178, high=1.194, confidence=0.9, unit="return")
    bare = Estimate(value=1.2, low=math.nan, high=math.nan, confidence=0.9, unit="return")
    assert numbers.interval(known, beside=bare) == numbers.interval(known)
    assert "1.2" in numbers.interval(bare, beside=known)
