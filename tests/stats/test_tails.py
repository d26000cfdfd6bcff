"""Tail probabilities against fifty-digit arithmetic."""

import math

import mpmath
import pytest

from sigstats.stats.tails import count_tail, normal_tail, t_tail

SIDES = ("two-sided", "greater", "less")


def exact_normal(z, side):
    """Return the normal tail with fifty digits."""
    with mpmath.workdps(50):
        if side == "two-sided":
            return mpmath.erfc(abs(mpmath.mpf(z)) / mpmath.sqrt(2))
        return mpmath.erfc((z if side == "greater" else -z) / mpmath.sqrt(2)) / 2


def exact_t(t, df, side):
    """Return the tail of Student's t with fifty digits."""
    with mpmath.workdps(50):
        t, df = mpmath.mpf(t), mpmath.mpf(df)
        # the complement by its own integral, so that neither end loses digits
        outside = mpmath.betainc(df / 2, mpmath.mpf("0.5"), 0, df / (df + t * t), regularized=True)
        if side == "two-sided":
            return outside
        beyond = (t > 0) == (side == "greater")
        return outside / 2 if beyond else 1 - outside / 2


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("z", [-37.0, -8.3, -1.0, 0.0, 0.3, 1.96, 8.3, 20.0, 37.0, 60.0])
def test_normal_tail_is_right_far_out(z, side):
    """The normal tail is right to 12 digits down to 1e-300, and its logarithm beyond."""
    tail, expected = normal_tail(z, side), exact_normal(z, side)
    if expected > 1e-300:
        assert tail.pvalue == pytest.approx(float(expected), rel=1e-12)
    assert tail.log10_pvalue == pytest.approx(float(mpmath.log10(expected)), rel=1e-12, abs=1e-15)
    assert 0 < tail.pvalue <= 1


@pytest.mark.long
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("df", [1, 2, 2.7, 5, 17, 100, 5000.5])
@pytest.mark.parametrize("t", [-30.0, -2.0, 0.4, 3.0, 12.0, 80.0, 1e4, 1e30])
def test_t_tail_is_right_far_out(t, df, side):
    """The tail of Student's t is right to 11 digits where a float can hold it, and its logarithm beyond."""
    tail, expected = t_tail(t, df, side), exact_t(t, df, side)
    if expected > 1e-300:
        assert tail.pvalue == pytest.approx(float(expected), rel=1e-11)
    assert tail.log10_pvalue == pytest.approx(float(mpmath.log10(expected)), rel=1e-11, abs=1e-14)
    assert 0 < tail.pvalue <= 1


def test_counts_too_large_for_floats_still_give_a_logarithm():
    """One arrangement in 400 factorial is not zero."""
    tail = count_tail(1, math.factorial(400), math.factorial(400), "less")
    assert tail.pvalue == math.ulp(0.0)
    assert tail.log10_pvalue == pytest.approx(-math.lgamma(401) / math.log(10), rel=1e-12)


def test_two_sided_count_is_twice_the_smaller_tail():
    """Two-sided is twice the smaller tail and never above 1."""
    assert count_tail(3, 8, 10, "two-sided").pvalue == 0.6
    assert count_tail(7, 6, 10, "two-sided").pvalue == 1.0
