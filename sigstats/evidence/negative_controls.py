"""Many negative controls: is the effect larger than what conditions show in which nothing should be there?

A condition counts by the score by which treatments and controls are compared, of several parts by the weakest, at the
place where it may have most of the shape: the same for both sides, so that a treatment in which nothing is there is one
more control.
"""

import math
from collections.abc import Sequence

import numpy as np

from sigstats.evidence.conditions import Condition, Sweep
from sigstats.evidence.lines import LineSetting, mean_effect
from sigstats.evidence.results import NegativeControls
from sigstats.stats.classical.empirical_null import FEWEST, EmpiricalNull, empirical_null
from sigstats.stats.classical.two_way import rows_pvalue
from sigstats.stats.scores.combine import Combination

NAN = math.nan


def negative_controls(
    parts: Sequence[Sweep], setting: LineSetting, nominal_pvalue: float
) -> NegativeControls | None:
    """Return what the controls say of the effect; None with fewer than five. One sweep for each part of the score."""
    controls = [_weakest(parts, [at], setting, of="controls") for at in range(len(parts[0].controls))]
    if len(controls) < FEWEST:
        return None
    null = empirical_null([each.estimate for each in controls], [each.se for each in controls])
    every = range(len(parts[0].treatments))
    names = [each.name for each in parts[0].controls]
    level = 2.0 * setting.alpha
    return NegativeControls(
        n_controls=null.n_controls,
        mean=null.mean * setting.scale,
        sd=null.sd * setting.scale,
        n_nonzero=sum(_differs(each, level) for each in controls) if len(parts) == 1 else None,
        level=level,
        nominal_pvalue=nominal_pvalue,
        pvalue=_calibrated(null, _weakest(parts, every, setting, of="treatments")),
        pvalues=tuple(
            (each.name, _calibrated(null, _weakest(parts, [at], setting, of="treatments")))
            for at, each in enumerate(parts[0].treatments)
        ),
        outliers=tuple(names[at] for at in null.outliers),
        pvalue_shared=_shared(parts[0].controls, setting),
        pvalue_off=null.pvalue_off,
    )


def _weakest(parts: Sequence[Sweep], places: Sequence[int], setting: LineSetting, *, of: str) -> Combination:
    """Return the mean score of some conditions, by its weakest part."""
    sides = [getattr(part, of) for part in parts]
    means = [mean_effect([side[at] for at in places], setting.design) for side in sides]
    return min(means, key=lambda each: each.estimate)


def _calibrated(null: EmpiricalNull, found: Combination) -> float:
    return null.pvalue(found.estimate, found.se, found.df)


def _differs(found: Combination, level: float) -> bool:
    """Return whether a control differs from 0 by its own seeds; one that does not vary does, unless it is 0."""
    if not found.variance > 0:
        return found.estimate != 0.0
    return 2.0 * min(found.pvalue_above(), found.pvalue_below()) <= level


def _shared(controls: Sequence[Condition], setting: LineSetting) -> float:
    """Return the p-value of no common effect of seeds: of those that all controls have."""
    if setting.design != "repeated":
        return NAN
    shared = set.intersection(*(set(each.ids.tolist()) for each in controls))
    if len(shared) < 3:
        return NAN
    scores = np.array(
        [[each.scores[each.ids.tolist().index(seed)] for each in controls] for seed in sorted(shared)]
    )
    return rows_pvalue(scores)
