"""How much runs vary: as stated, estimated from a pilot, or taken from a verdict."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy import special

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError, did_you_mean
from sigstats.evidence.conditions import Condition, Sweep, prepare
from sigstats.evidence.lines import residual_sd, residuals
from sigstats.evidence.open_table import read_table
from sigstats.shapes.trends import Increasing
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.scores.linear import Residuals
from sigstats.studies.planning.claims import LIKE, by_condition, in_simulation
from sigstats.studies.planning.record import Noise
from sigstats.verdict.verdict import Verdict

PARTS = ("sd", "slope_sd", "seed_sd", "correlation")
CONFIDENCE = 0.8
CORRELATION = 0.5  # of paired seeds, where nothing says another
LARGEST_CORRELATION = 0.95


def stated(given: object, roles: Mapping[str, str], *, paired: bool) -> Noise:
    """Return the noise that a caller states: a number, or a mapping of its parts, or of sds by condition or role."""
    parts: dict[str, Any] = {"sd": given}
    if isinstance(given, Mapping):
        parts = {name: value for name, value in given.items() if name in PARTS}
        others = {name: value for name, value in given.items() if name not in PARTS}
        for name in others:
            if name not in roles and name not in LIKE:
                allowed = (*PARTS, *roles, *LIKE)
                hint = did_you_mean(str(name), allowed)
                raise OptionError(f"`noise` has no part {name!r}; its parts are {allowed}. {hint}".rstrip())
        if others:
            parts["sd"] = others
    if "sd" not in parts:
        raise OptionError("`noise` lacks the residual sd; give it as 'sd', beside 'slope_sd' and 'seed_sd'.")
    if "correlation" in parts and not paired:
        raise OptionError(
            f"`correlation` is {parts['correlation']!r}, and the plan pairs no seeds, so that it would change nothing. "
            "Pair them - paired = true beside a control, design = 'repeated' beside a baseline - or leave it out."
        )
    sd = by_condition("noise", parts["sd"], roles)
    for value in sd.values():
        checks.positive("noise", value)
    return Noise(
        sd=sd,
        slope_sd=_at_least_0("slope_sd", parts.get("slope_sd", 0.0)),
        seed_sd=_at_least_0("seed_sd", parts.get("seed_sd", 0.0)),
        correlation=_correlation(parts.get("correlation", CORRELATION)) if paired else None,
    )


def from_pilot(pilot: Any, signature: Signature, roles: Mapping[str, str]) -> Noise:  # noqa: ANN401 - see detect
    """Return the noise that a pilot shows; conditions that it lacks take the mean of the others."""
    there = _conditions_there(pilot, signature, roles)
    table = read_table(pilot, there)
    return _estimated(prepare(table, there), signature, roles, source="pilot")


def from_verdict(verdict: Any, signature: Signature, roles: Mapping[str, str]) -> Noise:  # noqa: ANN401 - see below
    """Return the noise that a verdict shows: a Verdict, its `to_dict`, or a file of its JSON."""
    values = read_verdict(verdict)
    arms = values["evidence"]["arms"]
    if any("curves" not in arm for arm in arms):
        raise OptionError(
            "the verdict's JSON holds no curves, as those of large sweeps do not; give the sweep itself as `pilot`."
        )
    levels = sorted({float(each) for arm in arms for each in arm["levels"]})
    curves = {arm["condition"]: _on_levels(arm, levels) for arm in arms}
    seeds: dict[str, list[str]] = {
        arm["condition"]: arm["seeds"] or [f"{arm['condition']}-{row}" for row in range(len(arm["curves"]))]
        for arm in arms
    }
    table = SweepTable.from_matrices(levels, curves, seeds=seeds)
    # The curves of a verdict are on the metric's scale already.
    plain = replace(
        in_simulation(signature),
        shape=Increasing(),
        treatment=tuple(curves),
        control=None,
        paired=False,
        bounds="none",
    )
    return _estimated(prepare(table, plain), signature, roles, source="verdict")


def from_runs(pilot: Any, signature: Signature, roles: Mapping[str, str], *, paired: bool) -> Noise:  # noqa: ANN401
    """Return the noise between the runs of a pilot for a claim without a knob."""
    from sigstats.studies.baseline.table import read

    groups = {name: each.values.mean(axis=1) for name, each in read(pilot, signature).conditions.items()}
    several = {name: each for name, each in groups.items() if each.size >= 2 and name in roles}
    df = sum(each.size - 1 for each in several.values())
    if not df:
        raise OptionError(
            "the pilot has no condition with 2 runs, so that nothing tells the noise. State `noise`."
        )
    squares = sum(float(((each - each.mean()) ** 2).sum()) for each in several.values())
    typical = float(np.sqrt(squares / df))
    if not typical > 0:
        raise OptionError(
            "the runs of the pilot are all alike, so that nothing tells the noise. State `noise`."
        )
    return Noise(
        sd={name: float(several[name].std(ddof=1)) if name in several else typical for name in roles},
        correlation=CORRELATION if paired else None,
        source="pilot",
        low=float(np.sqrt(df / _chi2(df, upper=True))),
        high=float(np.sqrt(df / _chi2(df, upper=False))),
        n_seeds=df + len(several),
    )


def is_verdict(given: object) -> bool:
    """Return whether a pilot is a verdict, or its JSON as a mapping or a file, rather than a table."""
    if isinstance(given, Mapping):
        return "evidence" in given or "results" in given
    return isinstance(given, Verdict) or (
        isinstance(given, str | os.PathLike) and Path(given).suffix.lower() == ".json"
    )


def read_verdict(given: Any) -> Mapping[str, Any]:  # noqa: ANN401 - what a caller hands in
    """Return the plain values of a verdict."""
    if isinstance(given, Verdict):
        return given.to_dict()
    if not isinstance(given, Mapping):
        try:
            given = json.loads(Path(given).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise OptionError(f"the verdict {str(given)!r} cannot be read: {error}.") from error
    if isinstance(given, Mapping) and "results" in given:
        results = given["results"]
        if len(results) != 1:
            raise OptionError(
                f"the JSON holds {len(results)} verdicts; noise is taken from one. Hand in the one that is meant."
            )
        given = results[0]
    evidence = given.get("evidence") if isinstance(given, Mapping) else None
    if not isinstance(evidence, Mapping) or not evidence.get("arms"):
        raise OptionError("what was handed in is no verdict: it has no evidence. Use Verdict.to_json().")
    return given  # type: ignore[no-any-return]


def _on_levels(arm: Mapping[str, Any], levels: list[float]) -> np.ndarray:
    """Return the curves of a condition at the levels of all."""
    rows = np.array(
        [[np.nan if cell is None else cell for cell in row] for row in arm["curves"]], dtype=float
    )
    found = np.full((len(rows), len(levels)), np.nan)
    found[:, np.searchsorted(levels, np.array(arm["levels"], dtype=float))] = rows
    return found


def _conditions_there(pilot: Any, signature: Signature, roles: Mapping[str, str]) -> Signature:  # noqa: ANN401
    """Return the signature about those of its conditions that a pilot has: a pilot may lack the control."""
    try:
        conditions = read_table(
            pilot, replace(signature, treatment=None, control=None, paired=False)
        ).conditions
    except (TypeError, ValueError):
        return signature
    named = [name for name in roles if name in conditions]
    if signature.in_use is None or len(named) == len(roles):
        known = not signature.control or set(signature.control) <= set(conditions)
        return signature if known else replace(signature, control=None, paired=False)
    if not named:
        return signature
    return replace(signature, treatment=tuple(named), control=None, paired=False)


def _estimated(
    sweep: Sweep,
    signature: Signature,
    roles: Mapping[str, str],
    *,
    source: Literal["pilot", "verdict"],
) -> Noise:
    left = {arm.name: residuals([arm], sweep.x, sweep.design) for arm in sweep.conditions}
    usable = {name: each for name, each in left.items() if each.df > 0}
    if not usable:
        raise OptionError(
            "the pilot has too few runs to tell the noise: at least 2 seeds at 3 levels in one condition. Run more, or "
            "state `noise`."
        )
    pooled = Residuals(
        sum_of_squares=sum(each.sum_of_squares for each in usable.values()),
        df=sum(each.df for each in usable.values()),
    )
    typical = residual_sd(pooled) * sweep.scale
    own = {name: residual_sd(each) * sweep.scale for name, each in usable.items()}
    spread = _slope_spread(sweep, typical / sweep.scale)
    return Noise(
        sd={name: own.get(name, typical) for name in roles},
        slope_sd=spread[0] * sweep.scale,
        seed_sd=_between_seeds(sweep.conditions) * sweep.scale,
        correlation=_shared(sweep) if signature.paired else None,
        source=source,
        low=float(np.sqrt(pooled.df / _chi2(pooled.df, upper=True))),
        high=float(np.sqrt(pooled.df / _chi2(pooled.df, upper=False))),
        slope_high=spread[1] * sweep.scale,
        n_seeds=sum(arm.n_seeds for arm in sweep.conditions),
    )


def _chi2(df: float, *, upper: bool) -> float:
    """Return the upper or lower quantile of chi-square at the ends of the two-sided confidence."""
    tail = (1.0 - CONFIDENCE) / 2.0
    return float(special.chdtri(df, tail if upper else 1.0 - tail))


def _slope_spread(sweep: Sweep, noise: float) -> tuple[float, float]:
    """Return the sd of slopes beyond the noise, and its upper bound, over all conditions with two seeds or more."""
    arms = [arm for arm in sweep.conditions if arm.scores.size >= 2]
    df = sum(arm.scores.size - 1 for arm in arms)
    if not df:
        return 0.0, 0.0
    total = sum(float(((arm.scores - arm.scores.mean()) ** 2).sum()) for arm in arms) / df
    sampling = float(np.mean([(arm.sd_factors**2).mean() for arm in arms])) * noise**2
    upper = total * df / _chi2(df, upper=False)
    return float(np.sqrt(max(total - sampling, 0.0))), float(np.sqrt(max(upper - sampling, 0.0)))


def _between_seeds(arms: Iterable[Condition]) -> float:
    """Return the sd between seeds of their own level."""
    spreads = [float(np.nanmean(arm.curves, axis=1).var(ddof=1)) for arm in arms if arm.scores.size >= 2]
    return float(np.sqrt(np.mean(spreads))) if spreads else 0.0


def _shared(sweep: Sweep) -> float:
    """Return the correlation of the scores of shared seeds, as far as a few pairs can tell it."""
    treated, controls = sweep.treatments[0], sweep.controls[0] if sweep.controls else None
    if controls is None or not treated.scores.size or not controls.scores.size:
        return CORRELATION
    _, one, other = np.intersect1d(treated.ids, controls.ids, return_indices=True)
    if one.size < 3 or np.ptp(treated.scores[one]) == 0 or np.ptp(controls.scores[other]) == 0:
        return CORRELATION
    found = float(np.corrcoef(treated.scores[one], controls.scores[other])[0, 1])
    return float(np.clip(found, -LARGEST_CORRELATION, LARGEST_CORRELATION))


def _at_least_0(name: str, given: object) -> float:
    value = checks.number(name, given)
    if value < 0:
        raise OptionError(f"`{name}` is {given!r}; an sd is at least 0.")
    return value


def _correlation(given: object) -> float:
    value = checks.number("correlation", given)
    if not -1.0 < value < 1.0:
        raise OptionError(f"`correlation` is {given!r}; it must lie in (-1, 1).")
    return value
