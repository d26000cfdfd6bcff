"""Weighted sums of level means: their value, standard error and degrees of freedom, from runs of either design."""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from sigstats.stats.checks import FloatArray
from sigstats.stats.estimate import Design
from sigstats.stats.tails import t_tail

ROUNDING = 64 * float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A weighted sum of level means."""

    value: float
    se: float  # NaN with fewer than 2 runs at a level that counts, or where nothing varies but by rounding
    df: float

    def bounds(self, confidence: float) -> tuple[float, float]:
        """Return the two-sided t interval; NaN without a standard error."""
        if not self.se > 0:
            return float("nan"), float("nan")
        reach = float(special.stdtrit(self.df, (1.0 + confidence) / 2.0)) * self.se
        return self.value - reach, self.value + reach

    @property
    def pvalue(self) -> float:
        """One-sided p-value of a value of 0 or below; 1 without a standard error."""
        return t_tail(self.value / self.se, self.df, "greater").pvalue if self.se > 0 else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRuns:
    """Runs of one condition at some levels; `level_runs` makes them.

    Attributes
    ----------
    values : ndarray, shape (n_rows, n_levels)
        Metric, NaN where missing. In the repeated design a row is a seed; in the independent one rows mean nothing.
    design : {"repeated", "independent"}
        Whether a seed is seen at several levels, or every run at one.
    counts, means : ndarray, shape (n_levels,)
        Runs at each level, and their mean; NaN where there is none.
    deviations : ndarray, shape (n_rows, n_levels)
        Distance of each run from the mean of its level, 0 where missing.
    """

    values: FloatArray = field(repr=False)
    design: Design
    counts: FloatArray = field(repr=False)
    means: FloatArray = field(repr=False)
    deviations: FloatArray = field(repr=False)

    def sd(self) -> float:
        """Return the sd between runs at one level, pooled over levels; NaN where no level has two."""
        df = float(np.maximum(self.counts - 1.0, 0.0).sum())
        return float(np.sqrt((self.deviations**2).sum() / df)) if df > 0 else float("nan")

    def with_columns(self, more: FloatArray, n_rows: int) -> "LevelRuns":
        """Return the runs with more columns: what each of some rows adds to a sum beside what its levels add."""
        n = more.shape[1]
        return replace(
            self,
            counts=np.append(self.counts, np.full(n, float(n_rows))),
            means=np.append(self.means, np.zeros(n)),
            deviations=np.hstack([self.deviations, more]),
        )

    def contrast(self, weights: FloatArray, value: float | None = None) -> Contrast:
        """Return a weighted sum of the means; `value` is its value where the weights are a linearisation.

        Notes
        -----
        Repeated: the weights make one score of each seed, and the error is that of their mean, with the runs of the
        level with fewest of them as degrees of freedom. Independent: variances of levels add, with Satterthwaite's
        degrees of freedom.

        References
        ----------
        F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2
        (1946), https://doi.org/10.2307/3002019
        """
        used = weights != 0
        counts, means = self.counts[used], self.means[used]
        value = float(weights[used] @ means) if value is None else value
        if not used.any() or counts.min() < 2:
            return Contrast(value=value, se=float("nan"), df=float("nan"))
        parts = self.deviations[:, used] * weights[used] / np.sqrt(counts * (counts - 1.0))
        if self.design == "repeated":
            variance, df = float((parts.sum(axis=1) ** 2).sum()), float(counts.min() - 1.0)
        else:
            each = (parts**2).sum(axis=0)
            variance = float(each.sum())
            df = variance**2 / float((each**2 / (counts - 1.0)).sum()) if variance > 0 else 0.0
        rounding = ROUNDING * float(np.abs(weights[used]) @ np.abs(means))
        se = float(np.sqrt(variance))
        return Contrast(value=value, se=se if se > rounding else float("nan"), df=df)


def level_runs(values: FloatArray, design: Design) -> LevelRuns:
    """Return runs with their means."""
    counts = np.asarray((~np.isnan(values)).sum(axis=0), dtype=np.float64)
    means = np.where(counts > 0, np.nansum(values, axis=0) / np.maximum(counts, 1.0), np.nan)
    return LevelRuns(
        values=values, design=design, counts=counts, means=means, deviations=np.nan_to_num(values - means)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeError:
    """By what part a prediction misses the mean that was observed."""

    value: float
    low: float  # low, high: Fieller's set; infinite where the observed mean may be 0, NaN without a standard error
    high: float


def relative_error(
    runs: LevelRuns, prediction: FloatArray, at: FloatArray, predicted: float, confidence: float
) -> RelativeError:
    """Return (prediction - mean) / |mean| with Fieller's interval.

    `prediction` holds the weights of a prediction, whose value is `predicted`; `at` is 1 at the level that it is of.

    References
    ----------
    E. C. Fieller, "Some problems in interval estimation", Journal of the Royal Statistical Society B 16 (1954),
    https://doi.org/10.1111/j.2517-6161.1954.tb00159.x
    """
    own = runs.contrast(at)
    sign = 1.0 if own.value >= 0 else -1.0
    gap = runs.contrast(prediction - at)
    value = (predicted - own.value) / abs(own.value) if own.value else float("nan")
    if not (gap.se > 0) or not own.value:
        return RelativeError(value=value, low=float("nan"), high=float("nan"))
    critical = float(special.stdtrit(gap.df, (1.0 + confidence) / 2.0)) ** 2
    # An end r solves (d - r |m|)^2 = critical var(d - r |m|), with d = prediction - mean.
    difference, size = predicted - own.value, abs(own.value)
    var_size, var_gap = np.nan_to_num(own.se) ** 2, gap.se**2
    both = np.nan_to_num(runs.contrast(prediction).se) ** 2
    covariance = sign * (both - var_size - var_gap) / 2.0
    a, b = size**2 - critical * var_size, difference * size - critical * covariance
    c = difference**2 - critical * var_gap
    if a <= 0:
        return RelativeError(value=value, low=-np.inf, high=np.inf)
    root = float(np.sqrt(max(b**2 - a * c, 0.0)))
    return RelativeError(value=value, low=float((b - root) / a), high=float((b + root) / a))
