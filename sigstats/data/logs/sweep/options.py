"""The options of `Runs.sweep`, checked before any file is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sigstats.data.logs.model import FloatArray
from sigstats.data.logs.sweep.align import as_grid
from sigstats.data.logs.sweep.events import Event, as_event
from sigstats.data.logs.sweep.reduce import Align, Reduction, as_align, as_reduction
from sigstats.errors import OptionError, unknown_option

Censored = Literal["inf", "rank", "drop"]
Missing = Literal["keep", "censored"]
Unfinished = Literal["keep", "drop"]
CountFrom = Literal["start", "event"]
STEP, RUN = "step", "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepOptions:
    """What a sweep table should hold."""

    knob: str  # knob, metric: the columns; the knob is a setting, or the step
    metric: str
    seed: str | None  # seed, condition: settings, or "run"; a seed of None is looked for
    condition: str | None
    columns: tuple[str, ...]  # further settings
    how: Reduction | None  # how a course becomes a number; None if the knob is the step
    after: Event | None  # values before it are left out
    count_from: CountFrom  # where steps are counted from
    align: Align  # what to do about steps that differ
    grid: int | FloatArray  # the common steps
    censored: Censored  # what becomes of runs that never reach the value
    missing: Missing  # what a value of NaN means
    unfinished: Unfinished  # whether runs that did not finish are used


def as_sweep_options(step: str | None, given: Mapping[str, Any]) -> SweepOptions:
    """Return the checked options."""
    knob, metric = _name("knob", given["knob"]), given["metric"]
    at, along = given["at"], given["knob"] in (STEP, step)
    if along and at is not None:
        raise OptionError(f"`at` is {at!r}, but the knob is the step, so every step is used. Leave out `at`.")
    how = None if along else as_reduction("last" if at is None else at, metric)
    if metric is None and how is not None and how.kind == "first":
        metric = "first_step"
    after = None if given["after"] is None else as_event("after", given["after"])
    options = SweepOptions(
        knob=knob,
        metric=_name("metric", metric),
        seed=None if given["seed"] is None else _name("seed", given["seed"]),
        condition=None if given["condition"] is None else _name("condition", given["condition"]),
        columns=tuple(_name("columns", each) for each in given["columns"]),
        how=how,
        after=after,
        count_from=_one_of("count_from", given["count_from"], CountFrom),
        align=as_align(given["align"]),
        grid=as_grid(given["grid"]),
        censored=_one_of("censored", given["censored"], Censored),
        missing=_one_of("missing", given["missing"], Missing),
        unfinished=_one_of("unfinished", given["unfinished"], Unfinished),
    )
    _check(options)
    return options


def _name(option: str, given: object) -> str:
    if not isinstance(given, str) or not given:
        raise OptionError(f"`{option}` is {given!r}; it must be a name, as text.")
    return given


def _one_of(option: str, given: object, options: Any) -> Any:  # noqa: ANN401 - a Literal
    if given not in get_args(options):
        raise OptionError(unknown_option(option, given, get_args(options)))
    return given


def _check(options: SweepOptions) -> None:
    roles = [options.knob, options.metric, options.seed, options.condition, *options.columns]
    named = [each for each in roles if each is not None]
    twice = sorted({each for each in named if named.count(each) > 1})
    if twice:
        raise OptionError(f"{twice[0]!r} is named for two columns; each must have its own name.")
    if options.count_from == "event" and options.after is None:
        raise OptionError("`count_from` is 'event', but `after` is not given. Give the event in `after`.")
    if options.align == "bin" and options.how is not None:
        raise OptionError(
            "`align` is 'bin', which needs the step as the knob. Use at=(low, high) for a mean."
        )
