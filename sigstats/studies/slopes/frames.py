"""Frames of hierarchical slopes: means, conditions, seeds, standard deviations, and sensitivity to the priors."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.evidence.conditions import Condition, Sweep
from sigstats.stats.bayes.difference import Difference, difference
from sigstats.stats.bayes.priors import FlatPrior
from sigstats.studies.slopes.columns import frame, intervals, slope_columns
from sigstats.studies.slopes.fit import SDS, RoleFit, fit_with

if TYPE_CHECKING:
    import pandas as pd

Fits = Sequence[RoleFit]


def means(
    fits: Fits, contrast: Difference | None, confidence: float, min_effect: float | None
) -> "pd.DataFrame":
    """Return one row per mean: of each role's conditions, of their population, and treatment minus control."""
    rows: list[dict[str, Any]] = []
    for fitted in fits:
        name = f"{fitted.role}s" if len(fitted.arms) > 1 else fitted.role
        row = {"mean_over": name, **_raw_mean(fitted)}
        rows.append(row | slope_columns(fitted.slope, confidence, min_effect))
        if len(fitted.arms) > 1:
            row = {"mean_over": f"population of {name}", "raw": np.nan, "raw_sd": np.nan}
            rows.append(row | slope_columns(fitted.population, confidence, min_effect))
    if contrast is not None:
        first, second = (_raw_mean(fitted) for fitted in fits)
        raw = {
            "raw": first["raw"] - second["raw"],
            "raw_sd": float(np.hypot(first["raw_sd"], second["raw_sd"])),
        }
        row = {"mean_over": "treatment - control", **raw}
        rows.append(row | slope_columns(contrast, confidence, min_effect))
    return frame(rows)


def conditions(fits: Fits, confidence: float, min_effect: float | None) -> "pd.DataFrame":
    """Return one row per condition."""
    rows = [
        {"role": fitted.role, "condition": arm.name, "n_seeds": arm.n_seeds, **_raw(arm, fitted.scale)}
        | slope_columns(posterior, confidence, min_effect)
        for fitted in fits
        for arm, posterior in zip(fitted.arms, fitted.condition_slopes(), strict=True)
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


def spreads(fits: Fits, confidence: float) -> "pd.DataFrame":
    """Return one row per standard deviation."""
    rows = [
        {
            "role": fitted.role,
            "parameter": name,
            "sd_of": SDS[name],
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
            contrast = difference(slope, again[1].slope) if len(again) > 1 else None
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


def _rescaled(fitted: RoleFit, sweep: Sweep, name: str, factor: float) -> RoleFit:
    """Return a role fitted again under another scale of one prior."""
    if factor == 1.0 or name not in fitted.priors:
        return fitted
    return fit_with(sweep, fitted.role, {**fitted.priors, name: fitted.priors[name].rescaled(factor)})


def _raw(arm: Condition, scale: float) -> dict[str, float]:
    """Return the mean of the seeds' least-squares slopes, and its standard error."""
    error = float(arm.scores.std(ddof=1)) / float(np.sqrt(arm.n_seeds))
    return {"raw": float(arm.scores.mean()) * scale, "raw_sd": error * scale}


def _raw_mean(fitted: RoleFit) -> dict[str, float]:
    """Return the mean over conditions of their raw slopes, and its standard error."""
    each = [_raw(arm, fitted.scale) for arm in fitted.arms]
    error = math.hypot(*(row["raw_sd"] for row in each)) / len(each)
    return {"raw": float(np.mean([row["raw"] for row in each])), "raw_sd": error}
