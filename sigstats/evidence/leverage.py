"""Levels that carry most of a line: on a linear scale, geometric levels leave the slope to the last of them.

The score of a seed is then little more than the value at one level. What is skewed there is skewed in the score, and t
calls an effect of 0 negative in .08 to .10 instead of .05 of tables. Ranks of the curve are not ruled by one level, so
that their test must agree before an effect is called small or opposite, as it must where a trend is shown.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sigstats.evidence import lines
from sigstats.evidence.conditions import Condition, Sweep
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.reason import Reason
from sigstats.evidence.results import IntervalEvidence
from sigstats.evidence.scales import knob_scale, metric_scale
from sigstats.signature.signature import Signature
from sigstats.stats.blocks import beside, plain, seen_cells
from sigstats.stats.checks import FloatArray
from sigstats.stats.scores.leverage import geometric, leverage
from sigstats.stats.scores.linear import rank_scores

# A level that carries more than this share of the leverage carries most of the line.
MOST = 0.5
DECADES = 3.0


def heeding_ranks(interval: IntervalEvidence, sweep: Sweep, setting: LineSetting) -> IntervalEvidence:
    """Return the p-values of an effect >= 0, and >= the margin, with the agreement of the ranks where it is needed."""
    if sweep.design != "repeated" or leverage(sweep.x) <= MOST:
        return interval
    opposite = np.maximum(interval.pvalue_opposite, rank_below(sweep, setting, 0.0))
    small = interval.pvalue_small
    if interval.margin is not None:
        small = plain(np.maximum(small, rank_below(sweep, setting, interval.margin / setting.scale)))
    return replace(interval, pvalue_opposite=plain(opposite), pvalue_small=small)


def rank_below(sweep: Sweep, setting: LineSetting, bound: float) -> float:
    """Return the p-value of the mean Kendall tau >= 0, once a line of the size of a bound is taken from every curve."""
    return lines.trend([_below(each, sweep, bound) for each in sweep.treatments], setting).pvalue


def _below(condition: Condition, sweep: Sweep, bound: float) -> Condition:
    """Return a condition with the reverse of the taus of its curves less a line."""
    x = sweep.x
    if sweep.ranges == "own":
        seen = np.flatnonzero(seen_cells(condition.curves).any(axis=0))
        x = (x - x[seen[0]]) / (x[seen[-1]] - x[seen[0]])
    return replace(condition, taus=-rank_scores(condition.curves - beside(bound, 2) * x))


def scale_hints(sweep: Sweep, signature: Signature, values: Sequence[FloatArray]) -> tuple[Reason, ...]:
    """Return notes on a log scale that the levels, or the values of the metric, may ask for."""
    shape = signature.shape
    hints: tuple[Reason, ...] = ()
    crowded = geometric(sweep.levels) and leverage(sweep.x) > MOST
    if (shape.is_trend or shape.location is not None) and knob_scale(signature) == "linear" and crowded:
        hints += (Reason.LOG_KNOB,)
    if shape.is_trend and metric_scale(signature) == "linear" and _over_decades(values):
        hints += (Reason.LOG_METRIC,)
    return hints


def _over_decades(values: Sequence[FloatArray]) -> bool:
    """Return whether a metric is above 0 throughout, and spans three powers of ten or more."""
    seen = np.concatenate([each[~np.isnan(each)] for each in values])
    return bool(seen.size and seen.min() > 0 and np.log10(seen.max()) - np.log10(seen.min()) >= DECADES)
