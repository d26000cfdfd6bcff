"""Fit below, predict above, and hold both against what was observed there."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.detection import versions
from sigstats.errors import OptionError, SignatureError
from sigstats.evidence.open_table import read_table
from sigstats.signature.signature import Signature
from sigstats.studies.forecast.arms import FEWEST_SEEDS, Arm, arms_of, at_levels
from sigstats.studies.forecast.chosen import (
    FEWEST_FITTED,
    Fit,
    Split,
    check_within,
    fit_of,
    rivals_of,
    split_of,
)
from sigstats.studies.forecast.errors import (
    GRID,
    Predicted,
    ahead_of,
    bounds_along,
    level_of,
    nearer,
    part_of,
    predicted,
    rival_levels,
    seeds_for,
)
from sigstats.studies.forecast.judge import corrected, judged, settled_duels
from sigstats.studies.forecast.record import Drawn, Duel, FittedLaw, ForecastRecord, Ground, Note, Rival
from sigstats.verdict.decision import Provenance


def found(
    data: Any,  # noqa: ANN401 - see `sigstats.forecast`
    signature: Signature,
    *,
    to: object,
    within: float,
    beyond: bool,
) -> ForecastRecord:
    """Return a forecast as data; `sigstats.forecast` describes the arguments."""
    fit, part = fit_of(signature), check_within(within)
    if not isinstance(beyond, bool):
        raise OptionError(f"`beyond` is {beyond!r}; it must be True or False.")
    table = read_table(data, signature)
    if table.level_names:
        raise SignatureError(
            f"the levels of {table.knob} are words, between and beyond which there is nothing; a forecast needs "
            "numbers. Leave `levels` out and give the knob as numbers."
        )
    split = split_of(_levels_of(table, signature), to, beyond=beyond, knob=table.knob)
    design, arms = arms_of(table, signature, split.fitted, split.to)
    _check(table, arms, fit)
    rivals = rivals_of(
        fit, positive_knob=bool(split.fitted[0] > 0), positive_metric=all(_positive(arm) for arm in arms)
    )
    made = [predicted(arm, fit, rivals) for arm in arms]
    alpha = signature.alpha
    levels = corrected(
        [
            level_of(each, at, within=part, alpha=alpha, unit=table.metric)
            for each in made
            for at in range(split.to.size)
        ],
        alpha,
    )
    duels = settled_duels([duel for each in made for duel in _duels(each)], alpha)
    judgement = judged(levels, alpha, min(arm.n_seeds for arm in arms))
    names = [arm.condition for arm in arms]
    return ForecastRecord(
        status=judgement.status,
        reasons=judgement.reasons,
        notes=tuple(_notes(table, signature, split, arms, made, duels)),
        signature=signature,
        law=fit.law,
        to=tuple(split.to.tolist()),
        within=part,
        alpha=alpha,
        design=design,
        fits=tuple(_fitted(each) for each in made),
        levels=levels,
        rivals=tuple(level for each in made for level in rival_levels(each)),
        duels=duels,
        seeds_needed=_needed(made, part, alpha) if judgement.reasons == (Ground.UNDERPOWERED,) else None,
        left_out=tuple(split.left_out.tolist()),
        fitted_hash=at_levels(table, names, split.fitted).data_hash,
        provenance=Provenance(
            data_hash=table.data_hash, n_rows=table.n_rows, entropy=None, versions=versions()
        ),
        drawn=tuple(_drawn(each, fit, rivals, alpha) for each in made),
    )


def settled(earlier: ForecastRecord, data: Any) -> ForecastRecord:  # noqa: ANN401 - see `sigstats.forecast`
    """Return a forecast with the errors that new runs show."""
    now = found(data, earlier.signature, to=list(earlier.to), within=earlier.within, beyond=True)
    refuse_other_runs(now, earlier.fitted_hash)
    return now


def refuse_other_runs(now: ForecastRecord, fitted_hash: str) -> None:
    """Raise if a forecast was made from other runs than an earlier one."""
    if now.fitted_hash != fitted_hash:
        raise OptionError(
            f"the runs below {min(now.to):g} are not those that the forecast was made from (SHA-256 "
            f"{now.fitted_hash[:12]}... and {fitted_hash[:12]}...); a forecast is settled by new runs at the levels "
            "that it predicted. Give the earlier runs as they were, together with the new ones."
        )


def _levels_of(table: SweepTable, signature: Signature) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the levels at which any treatment was run."""
    from sigstats.evidence.conditions import roles

    names, _ = roles(table, signature)
    seen = np.any([np.isfinite(table.matrix(name)).any(axis=0) for name in names], axis=0)
    return np.asarray(table.levels[seen])


def _check(table: SweepTable, arms: Sequence[Arm], fit: Fit) -> None:
    """Refuse conditions with too few levels below, and values that the scales of the law have no place for."""
    from sigstats.evidence.scales import on_metric_scale, rescaled_knob

    for arm in arms:
        if arm.fitted.size < FEWEST_FITTED:
            raise OptionError(
                f"{arm.condition!r} was run at {arm.fitted.size} levels below {arm.to.min():g}; a law is fitted to at "
                f"least {FEWEST_FITTED}. Predict fewer levels, or leave this condition out with `treatment`."
            )
        on_metric_scale(arm.runs.means[: arm.n_fitted], fit.metric, table.metric)
        if fit.knob == "log":
            rescaled_knob(arm.fitted, "log", table.knob)


def _positive(arm: Arm) -> bool:
    return bool((arm.runs.means[: arm.n_fitted] > 0).all())


def _fitted(found: Predicted) -> FittedLaw:
    arm = found.arm
    return FittedLaw(
        condition=arm.condition,
        n_seeds=arm.n_seeds,
        levels=tuple(arm.fitted.tolist()),
        means=tuple(arm.runs.means[: arm.n_fitted].tolist()),
        parameters=found.law.parameters,
        at_limit=found.law.at_limit,
        seeds_left_out=arm.seeds_left_out,
        copies_left_out=arm.copies_left_out,
    )


def _last_run(found: Predicted) -> int | None:
    """Return which of the predicted levels is the largest with enough runs for a test, or with any."""
    counts = found.arm.runs.counts[found.arm.n_fitted :]
    for least in (FEWEST_SEEDS, 1):
        run = np.flatnonzero(counts >= least)
        if run.size:
            return int(run[-1])
    return None


def _duels(found: Predicted) -> list[Duel]:
    at = _last_run(found)
    if at is None:
        return []
    mean = float(found.arm.runs.means[found.arm.n_fitted + at])
    duels = []
    for name, rival in found.rivals.items():
        p, q = nearer(found, name, at)
        own, other = part_of(float(found.law.values[at]), mean), part_of(float(rival.values[at]), mean)
        duels.append(
            Duel(
                rival=name,
                condition=found.arm.condition,
                level=float(found.arm.to[at]),
                law_error=float("nan") if own is None else abs(own),
                rival_error=float("nan") if other is None else abs(other),
                pvalue_law=p,
                pvalue_rival=q,
                law_nearer=None,
            )
        )
    return duels


def _needed(found: Sequence[Predicted], within: float, alpha: float) -> int | None:
    """Return the seeds that the level needs which needs most."""
    needed = [
        seeds_for(each, int(at), within, alpha)
        for each in found
        for at in np.flatnonzero(each.arm.runs.counts[each.arm.n_fitted :] > 0)
    ]
    known = [each for each in needed if each is not None]
    return max(known) if known and len(known) == len(needed) else None


def _notes(
    table: SweepTable,
    signature: Signature,
    split: Split,
    arms: Sequence[Arm],
    found: Sequence[Predicted],
    duels: Sequence[Duel],
) -> list[Note]:
    beyond = split.to > table.levels[-1]
    log = fit_of(signature).knob == "log"
    ends = (split.fitted[0], split.fitted[-1], split.to[-1])
    first, last, most = np.log(ends) if log and ends[0] > 0 else ends
    ahead = [arm.runs.counts[arm.n_fitted :] for arm in arms]
    holds = {
        Note.BEYOND_DATA: bool(beyond.any()) or any((each == 0).any() for each in ahead),
        Note.FAR_BEYOND: bool(most - last > last - first),
        Note.AT_LIMIT: any(each.law.at_limit for each in found),
        Note.RIVAL_NEARER: any(each.law_nearer is False for each in duels),
        Note.NO_NEARER: bool(duels) and not any(each.law_nearer for each in duels),
        Note.LEVELS_LEFT_OUT: bool(split.left_out.size),
        Note.SEEDS_LEFT_OUT: any(arm.seeds_left_out for arm in arms),
        Note.COPIES_LEFT_OUT: any(arm.copies_left_out for arm in arms),
        Note.FEWER_SEEDS_AHEAD: any(
            ((each > 0) & (each < arm.n_seeds)).any() for arm, each in zip(arms, ahead, strict=True)
        ),
        Note.NO_LOG_RIVALS: not (split.fitted[0] > 0 and all(_positive(arm) for arm in arms)),
        Note.CONTROLS_LEFT_OUT: bool(signature.control),
    }
    return [note for note, true in holds.items() if true]


def _drawn(found: Predicted, fit: Fit, rivals: dict[Rival, Fit], alpha: float) -> Drawn:
    arm = found.arm
    ends = float(arm.fitted[0]), float(max(arm.to.max(), arm.fitted[-1]))
    log = ends[0] > 0 and (fit.knob == "log" or ends[1] / ends[0] > 50)
    grid = np.geomspace(*ends, GRID) if log else np.linspace(*ends, GRID)
    grid = np.unique(np.concatenate([grid, arm.fitted[-1:], arm.to]))
    law, bounds = bounds_along(arm, fit, grid, 1 - 2 * alpha)
    others = tuple((name, ahead_of(arm, each, grid).values) for name, each in rivals.items())
    return Drawn(
        condition=arm.condition,
        levels=np.concatenate([arm.fitted, arm.to]),
        values=arm.runs.values,
        grid=grid,
        law=law.values,
        low=bounds[:, 0],
        high=bounds[:, 1],
        rivals=others,
    )
