"""What a caller says beside the signature, and what stands for it where nothing is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sigstats.errors import OptionError, did_you_mean, unquoted
from sigstats.evidence.look import more_in_control
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.studies.planning import noise as noises
from sigstats.studies.planning import search
from sigstats.studies.planning.claims import by_condition
from sigstats.studies.planning.record import Noise

SEEDS = 3
LEVELS = 8
NO_KNOB = np.empty(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller says beside the signature."""

    pilot: Any
    noise: object
    seeds: object
    levels: object
    truths: Mapping[str, object] | None
    effect: float | None
    start: object
    target: float
    cost: object
    budget: float | None
    fewest_levels: int | None
    replications: int
    n_jobs: int
    entropy: int


def roles_of(signature: Signature, options: Options) -> dict[str, str]:
    """Return the role of each condition; treatments that are not named are those of the options, else one."""
    control = signature.control or ()
    named = signature.treatment
    if named is None:
        mentioned = [
            name
            for given in (options.seeds, options.noise)
            if isinstance(given, Mapping)
            for name in given
            if name not in ("treatment", "control", "baseline", *noises.PARTS)
            and name not in control
            and name != signature.baseline
            and not did_you_mean(str(name), ("treatment", "control", "baseline", *noises.PARTS))
        ]
        named = tuple(dict.fromkeys(map(str, mentioned))) or ("treatment",)
    roles = dict.fromkeys(named, "treatment")
    if signature.baseline is not None:
        roles[signature.baseline] = "baseline"
    return roles | dict.fromkeys(control, "control")


def noise_of(signature: Signature, options: Options, roles: Mapping[str, str]) -> Noise:
    """Return how much runs vary, from a pilot or as stated."""
    paired = signature.paired or (signature.shape.against_baseline and signature.design == "repeated")
    if options.pilot is None:
        return noises.stated(options.noise, roles, paired=paired)
    if signature.shape.against_baseline:
        return noises.from_runs(options.pilot, signature, roles, paired=paired)
    if noises.is_verdict(options.pilot):
        return noises.from_verdict(options.pilot, signature, roles)
    return noises.from_pilot(options.pilot, signature, roles)


def seeds_of(signature: Signature, options: Options, roles: Mapping[str, str]) -> dict[str, int]:
    """Return the seeds of each condition; those of the last look where looks are planned."""
    given = options.seeds if options.seeds is not None else signature.seeds
    if signature.looks is not None and options.seeds is None:
        more = more_in_control(signature)
        given = {"treatment": signature.looks[-1], "control": signature.looks[-1] + more}
    found = by_condition("seeds", SEEDS if given is None else _like_control(given), roles)
    seeds = {name: checks.whole("seeds", _whole(n), low=1) for name, n in found.items()}
    _check_looks(signature, seeds, roles)
    return seeds


def _check_looks(signature: Signature, seeds: Mapping[str, int], roles: Mapping[str, str]) -> None:
    """Refuse seeds that no look is planned at, or that leave a control without seeds at the first look."""
    looks = signature.looks
    if looks is None:
        return
    treated, others = (
        {n for name, n in seeds.items() if (roles[name] == "treatment") is role} for role in (True, False)
    )
    first = min(others, default=looks[-1]) - looks[-1] + looks[0]
    if treated != {looks[-1]} or len(others) > 1 or first < 1:
        planned = ", ".join(map(str, looks))
        raise OptionError(
            f"`seeds` is {dict(seeds)!r}, but looks are planned at {planned} seeds: every treatment must end with "
            f"{looks[-1]}, all controls with one number, and each has at least 1 at the first look. Leave `seeds` out, "
            "or change `looks`."
        )


def _like_control(given: object) -> object:
    """Return seeds of a baseline as those of a control, where only these were given."""
    if isinstance(given, Mapping) and "control" in given and "baseline" not in given:
        return {**given, "baseline": given["control"]}
    return given


def _whole(n: float) -> object:
    return int(n) if float(n).is_integer() else n


def levels_of(signature: Signature, options: Options) -> FloatArray:
    """Return the levels of the knob; empty for claims without one."""
    if signature.shape.against_baseline:
        return NO_KNOB
    given = options.levels
    if given is None:
        weights = getattr(signature.shape, "weights", None)
        given = LEVELS if weights is None else len(weights)
        if signature.levels is not None:
            given = signature.planned_levels or len(signature.levels)
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        given = np.arange(1.0, checks.whole("levels", given, low=2) + 1.0)
        if (signature.shape.knob_scale or signature.knob_scale) == "log":
            given = 2.0 ** (given - 1.0)
    try:
        levels = np.array(given, dtype=float)
    except (TypeError, ValueError):
        levels = np.empty(0)
    if levels.ndim != 1 or levels.size < 2 or not np.isfinite(levels).all() or (np.diff(levels) <= 0).any():
        raise OptionError(
            f"`levels` is {options.levels!r}; it must be a number of levels, or at least 2 ascending numbers."
            f"{unquoted('levels', options.levels)}"
        )
    return levels


def bounds_of(signature: Signature) -> tuple[float, float] | None:
    """Return the metric's bounds, where they were declared and the scale is the metric's own."""
    given = signature.bounds
    if given is None or given == "none" or signature.metric_scale != "linear":
        return None
    return float(given[0]), float(given[1])


def prices_of(signature: Signature, options: Options, roles: Mapping[str, str]) -> search.Prices:
    """Return what measurements cost."""
    given = options.cost
    if given is None:
        given = 1.0 if signature.cost_per_run is None else signature.cost_per_run
    if not isinstance(given, Mapping):
        return search.Prices(cell=dict.fromkeys(roles, checks.positive("cost", given)), seed=0.0)
    parts = dict(given)
    seed = checks.number("cost", parts.pop("seed", 0.0))
    cell = by_condition("cost", parts, roles) if parts else dict.fromkeys(roles, 0.0)
    if seed < 0 or min(cell.values()) < 0 or seed + min(cell.values()) <= 0:
        hint = did_you_mean("cost", tuple(roles))
        raise OptionError(
            f"`cost` is {given!r}; every cost is at least 0, and a seed must cost something. {hint}".rstrip()
        )
    return search.Prices(cell=cell, seed=seed)
