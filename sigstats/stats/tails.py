"""Tail probabilities that neither underflow to 0 nor lose digits by subtracting from 1.

A p-value is the area of one tail. Taking it as 1 minus the area of the rest is wrong below about 1e-16; here the tail
is computed as such, and its logarithm beside it, which stays right when the number itself no longer fits into a float.
"""

import math
from dataclasses import dataclass

from scipy import special

from sigstats.stats.checks import Alternative

SMALLEST = math.ulp(0.0)
_LN10 = math.log(10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """A tail probability and its logarithm."""

    pvalue: float  # in (0, 1]; where it would underflow, the smallest positive float stands in its place
    log10_pvalue: float  # its decimal logarithm, right also where `pvalue` underflows


def _from_log(log_p: float, p: float) -> Tail:
    """Return the tail whose natural logarithm and value are given."""
    return Tail(pvalue=min(1.0, max(p, SMALLEST)), log10_pvalue=min(0.0, log_p / _LN10))


def normal_tail(z: float, alternative: Alternative) -> Tail:
    """Return the tail of the standard normal distribution beyond z."""
    if alternative == "two-sided":
        return _from_log(math.log(2.0) + float(special.log_ndtr(-abs(z))), 2.0 * float(special.ndtr(-abs(z))))
    below = -z if alternative == "greater" else z
    return _from_log(float(special.log_ndtr(below)), float(special.ndtr(below)))


def t_tail(t: float, df: float, alternative: Alternative) -> Tail:
    """Return the tail of Student's t distribution beyond t."""
    if alternative == "two-sided":
        log_p, p = _t_below(-abs(t), df)
        return _from_log(math.log(2.0) + log_p, 2.0 * p)
    return _from_log(*_t_below(-t if alternative == "greater" else t, df))


def _t_below(t: float, df: float) -> tuple[float, float]:
    """Return log P(T < t) and P(T < t)."""
    p = float(special.stdtr(df, t))
    if p > 1e-290:
        return math.log(p), p
    # P = x^a / (2 a B(a, 1/2)) (1 - x)^(1/2) F(a + 1/2, 1; a + 1; x) with x = df / (df + t^2), a = df / 2
    a, log_x = df / 2.0, -math.log1p((t / df) * t)
    x = math.exp(log_x)
    series = float(special.hyp2f1(a + 0.5, 1.0, a + 1.0, x))
    log_p = (
        a * log_x
        - math.log(2.0 * a)
        - float(special.betaln(a, 0.5))
        + 0.5 * math.log1p(-x)
        + math.log(series)
    )
    return log_p, math.exp(log_p)


def count_tail(lower: int, upper: int, total: int, alternative: Alternative) -> Tail:
    """Return the exact p-value of an enumerated null distribution."""
    if alternative == "two-sided":
        count = min(2 * min(lower, upper), total)
    else:
        count = upper if alternative == "greater" else lower
    return Tail(pvalue=max(count / total, SMALLEST), log10_pvalue=math.log10(count) - math.log10(total))
