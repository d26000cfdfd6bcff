"""Frames of hierarchical slopes: means, conditions, seeds, standard deviations, and sensitivity to the priors."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sigstats.evidence.conditions import Sweep
from sigstats.stats.bayes.crossed_contrast import CrossedContrast
from sigstats.stats.bayes.difference import Difference, difference
from sigstats.stats.bayes.priors import FlatPrior
from sigstats.studies.slopes import crossed_fit
from sigstats.studies.slopes.columns import Slope, frame, intervals, slope_columns, stacked
from sigstats.studies.slopes.crossed_fit import CrossedFit, contrast_of, raw_difference
from sigstats.studies.slopes.crossing import Crossing
from sigstats.studies.slopes.fit import SDS, RawSlope, RoleFit, fit_with

if TYPE_CHECKING:
    import pandas as pd

Fits = Sequence[RoleFit | CrossedFit]
LABELS = SDS | crossed_fit.SDS


def means(
    fits: Fits,
    contrast: Difference | CrossedContrast | None,
    crossing: Crossing | None,
    confidence: float,
    min_effect: float | None,
) -> "pd.DataFrame":
    """Return one row per mean: of each role's conditions, of what they stand for, and treatment minus control."""
    found: list[tuple[str, Slope, RawSlope]] = []
    for fitted in fits:
        name = f"{fitted.role}s" if len(fitted.arms) > 1 else fitted.role
        found += [(name, fitted.slope, fitted.raw_mean()), *fitted.further(name)]
    if contrast is not None:
        found.append(("treatment - control", contrast, _raw_contrast(fits, these=False)))
    if crossing is not None and crossing.contrast is not None:
        name = "treatment - control, on these items"
        found.append((name, crossing.contrast, _raw_contrast(fits, these=True)))
    rows = [
        {"mean_over": name, **_raw(raw)} | slope_columns(posterior, confidence, min_effect)
        for name, posterior, raw in found
    ]
    return frame(rows)


def _raw_contrast(fits: Fits, *, these: bool) -> RawSlope:
    """Return the difference of the raw slopes of treatments and controls."""
    crossed = [each for each in fits if isinstance(each, CrossedFit)]
    if crossed:
        return raw_difference(crossed, these=these)
    first, second = (fitted.raw_mean() for fitted in fits)
    return RawSlope(value=first.value - second.value, error=math.hypot(first.error, second.error))


def conditions(fits: Fits, confidence: float, min_effect: float | None) -> "pd.DataFrame":
    """Return one row per condition."""
    rows = [
        {"role": fitted.role, "condition": arm.name, "n_seeds": arm.n_seeds, **_raw(fitted.raw(place))}
        | slope_columns(posterior, confidence, min_effect)
        for fitted in fits
        for place, (arm, posterior) in enumerate(zip(fitted.arms, fitted.condition_slopes(), strict=True))
    ]
    return frame(rows)


def seeds(fits: Fits, confidence: float, min_effect: float | None) -> "pd.DataFrame":
    """Return one row per seed."""
    rows = []
    for fitted in fits:
        named = [(arm.name, seed) for arm in fitted.arms for seed in arm.seeds]
        raw = np.concatenate([arm.scores for arm in fitted.arms]) * fitted.scale
        errors = np.concatenate([arm.sd_factors for arm in fitted.arms]) * fitted.noise_sd()
        for (condition, seed), slope, error, posterior in zip(
            named, raw, errors, fitted.seed_slopes(), strict=True
        ):
            row = {"condition": condition, "seed": seed, "role": fitted.role, "raw": slope, "raw_sd": error}
            rows.append(row | slope_columns(posterior, confidence, min_effect))
    return frame(rows)


def items(fits: Fits, confidence: float) -> "pd.DataFrame | None":
    """Return one row per condition and item; None where no items were crossed with seeds."""
    rows = []
    for fitted in fits:
        if not isinstance(fitted, CrossedFit):
            return None
        for arm, table, posterior in zip(fitted.arms, fitted.slopes, fitted.each(), strict=True):
            found = posterior.item_slopes()
            columns = {
                "raw": table.mean(axis=0),
                "raw_sd": fitted.noise_sd() / math.sqrt(arm.n_seeds),
                "shrunken": found.mean,
                "sd": found.sd,
                **dict(zip(("low", "high"), found.interval(confidence).T, strict=True)),
                "prob_positive": found.prob_positive,
            }
            own = {"condition": arm.name, "item": fitted.items, "role": fitted.role, **columns}
            rows.append(frame(own))
    return stacked(rows)


def spreads(fits: Fits, confidence: float) -> "pd.DataFrame":
    """Return one row per standard deviation."""
    rows = [
        {
            "role": fitted.role,
            "parameter": name,
            "sd_of": LABELS[name],
            "mean": posterior.mean,
            "sd": posterior.sd,
            "median": float(posterior.quantile(0.5)),
            **_from_zero(intervals(posterior, confidence)),
            "prior": str(fitted.priors[name]),
        }
        for fitted in fits
        for name, posterior in fitted.sds.items()
    ]
    return frame(rows)


def sensitivity(fits: Fits, sweep: Sweep, factors: Sequence[float]) -> "pd.DataFrame":
    """Return how the answer moves when the scale of each prior is multiplied."""
    names = list(dict.fromkeys(name for fitted in fits for name in fitted.priors))
    scaled = [n for n in names if any(not isinstance(f.priors.get(n, FlatPrior()), FlatPrior) for f in fits)]
    rows = []
    for name in scaled:
        for factor in factors:
            again = [_rescaled(fitted, sweep, name, factor) for fitted in fits]
            slope = again[0].slope
            contrast = _contrast(again, factor if name == "sigma_item" else 1.0)
            rows.append(
                {
                    "prior": name,
                    "factor": factor,
                    "mean": float(slope.mean),
                    "sd": float(slope.sd),
                    "prob_positive": float(slope.prob_positive),
                    "contrast_mean": np.nan if contrast is None else contrast.mean,
                    "contrast_sd": np.nan if contrast is None else contrast.sd,
                    "contrast_prob_positive": np.nan if contrast is None else contrast.prob_positive,
                }
            )
    return frame(rows)


def _from_zero(ends: dict[str, float]) -> dict[str, float]:
    """Return intervals of a standard deviation, the shortest one from 0 on where its density falls from there."""
    low = ends["hdi_low"]
    return ends | {"hdi_low": 0.0 if low < 1e-6 * ends["hdi_high"] else low}


def _contrast(fits: Fits, item_factor: float) -> Difference | CrossedContrast | None:
    """Return treatment minus control; None without a control."""
    if len(fits) == 1:
        return None
    crossed = [each for each in fits if isinstance(each, CrossedFit)]
    return contrast_of(crossed, item_factor) if crossed else difference(fits[0].slope, fits[1].slope)


def _rescaled(fitted: RoleFit | CrossedFit, sweep: Sweep, name: str, factor: float) -> RoleFit | CrossedFit:
    """Return a role fitted again under another scale of one prior."""
    if isinstance(fitted, CrossedFit):
        return fitted.again(name, factor)
    if factor == 1.0 or name not in fitted.priors:
        return fitted
    return fit_with(sweep, fitted.role, {**fitted.priors, name: fitted.priors[name].rescaled(factor)})


def _raw(raw: RawSlope) -> dict[str, float]:
    """Return the columns of a mean of raw slopes."""
    return {"raw": raw.value, "raw_sd": raw.error}
