"""Does a new estimate agree with an old one, given the errors of both?"""

import math
import sys
from dataclasses import dataclass
from typing import SupportsFloat

from scipy import special

from sigstats.stats.scores.power import detectable_effect, t_power
from sigstats.stats.tails import SMALLEST

LARGEST = sys.float_info.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An estimate, its standard error and the degrees of freedom of that."""

    value: float
    se: float
    df: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A new estimate beside an old one.

    Attributes
    ----------
    difference, se, df : float
        New minus old, its standard error and Welch's degrees of freedom.
    pvalue : float
        Two-sided p-value of the same true effect in both.
    pvalue_within : float
        P-value of true effects that differ by the margin or more; NaN without a margin.
    pvalue_opposite : float
        One-sided p-value of the new effect not being opposite to the old estimate's sign.
    pvalue_undetectable : float
        One-sided p-value of the new effect being at least `smallest_old`.
    detectable : float
        Effect that the new study shows with 80 % power: by a one-sided t test, at its own standard error.
    smallest_old : float
        Effect that the old study would have shown with a power of one third.
    power : float
        Power of the new study if the old estimate is the truth.
    """

    difference: float
    se: float
    df: float
    pvalue: float
    pvalue_within: float
    pvalue_opposite: float
    pvalue_undetectable: float
    detectable: float
    smallest_old: float
    power: float


def welch_df(first: Measured, second: Measured) -> float:
    """Return the degrees of freedom of a difference by Welch and Satterthwaite."""
    largest = max(first.se, second.se)
    a, b = (first.se / largest) ** 2, (second.se / largest) ** 2
    return (a + b) ** 2 / (a * a / first.df + b * b / second.df)


def agreement(old: Measured, new: Measured, *, margin: float | None, alpha: float) -> Agreement:
    """Return the tests of a new estimate against an old one.

    Notes
    -----
    *Prediction interval* [1]_: if both studies measure the same effect, the new estimate lies within ``t * se`` of
    the old one, with the errors of both in se. *Equivalence*: two one-sided tests of the difference against the
    margin. *Small telescopes* [2]_: an effect that the old study would have shown in one of three attempts is the
    smallest that it could be said to have seen; the new effect may be shown to be smaller.

    *Assumptions.* The studies share no runs; estimates are normal. Welch's degrees of freedom [3]_.

    *What would fool it.* An old study that was published because its estimate was large.

    References
    ----------
    .. [1] P. Patil, R. D. Peng and J. T. Leek, "What should researchers expect when they replicate studies? A
           statistical view of replicability in psychological science", Perspectives on Psychological Science 11 (2016).
           https://doi.org/10.1177/1745691616646366
    .. [2] U. Simonsohn, "Small telescopes: detectability and the evaluation of replication results", Psychological
           Science 26 (2015). https://doi.org/10.1177/0956797614567341
    .. [3] B. L. Welch, "The generalization of Student's problem when several different population variances are
           involved", Biometrika 34 (1947). https://doi.org/10.1093/biomet/34.1-2.28
    """
    difference, se, df = new.value - old.value, math.hypot(new.se, old.se), welch_df(old, new)
    sign = 1.0 if old.value >= 0 else -1.0
    smallest = _detectable(old, alpha=alpha, power=1.0 / 3.0)
    return Agreement(
        difference=difference,
        se=se,
        df=df,
        pvalue=_kept(2.0 * special.stdtr(df, -abs(difference) / se)),
        pvalue_within=float("nan")
        if margin is None
        else _kept(special.stdtr(df, (abs(difference) - margin) / se)),
        pvalue_opposite=_kept(special.stdtr(new.df, sign * new.value / new.se)),
        pvalue_undetectable=_kept(special.stdtr(new.df, (sign * new.value - smallest) / new.se)),
        detectable=_detectable(new, alpha=alpha, power=0.8),
        smallest_old=smallest,
        power=t_power(1.0, min(abs(old.value) / new.se, LARGEST), 1.0, new.df, alpha),
    )


def _detectable(measured: Measured, *, alpha: float, power: float) -> float:
    """Return the effect that a one-sided t test shows with a power, at the standard error that was estimated."""
    found = detectable_effect(measured.se, measured.df, alpha=alpha, power=power, tail=alpha)
    return float("nan") if found is None else found.value


def _kept(pvalue: SupportsFloat) -> float:
    return min(max(float(pvalue), SMALLEST), 1.0)
