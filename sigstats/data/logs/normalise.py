"""Normalise the runs of all formats: choose metrics, count the steps, sort, and note irregularities.

A reader returns what was logged. Here values that mean infinity become infinite, steps rise and occur once per metric,
and what could mislead becomes a problem: values that are not finite, moving averages, runs that did not finish.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from sigstats.data.logs.labels import Labels
from sigstats.data.logs.model import FloatArray, LogProblem, Run, Scalar, Series
from sigstats.data.logs.series import last_written, listed, together
from sigstats.data.logs.values import LARGEST, whole_letters
from sigstats.errors import OptionError

_AVERAGED = re.compile(
    r"(?:^|[/_.\- ])(?:smooth(?:ed)?|ema|ewma|moving(?:_?(?:avg|average|mean))?|rolling"
    r"|running_(?:avg|average|mean))(?:$|[/_.\- ])"
    r"|^rollout/ep_(?:rew|len)_mean$|(?:^|/)episode_(?:reward|len|return)_mean$|(?:^|/)success_rate$",
    re.IGNORECASE,
)  # fmt: skip
_UNFINISHED = frozenset({"UNFINISHED", "FAILED", "KILLED", "TRUNCATED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSelection:
    """Which parts of each run are wanted."""

    metrics: tuple[str, ...] | None = None  # metrics, config: names or patterns with *; None for all
    config: tuple[str, ...] | None = None
    step: str | None = None  # the metric that counts the steps, instead of the step of the format
    labels: Labels = field(default_factory=Labels)  # labels in addition to the settings in the log


def as_names(option: str, given: object) -> tuple[str, ...] | None:
    """Return names as a tuple."""
    if given is None:
        return None
    names = [given] if isinstance(given, str) else given
    if (
        not isinstance(names, Sequence)
        or not names
        or not all(isinstance(name, str) and name for name in names)
    ):
        raise OptionError(
            f"`{option}` is {given!r}; it must be a name or a list of names, such as ['eval/*']."
        )
    return tuple(names)


def normalised(run: Run, selection: RunSelection) -> Run:
    """Return a run in the form in which it is used."""
    run = _whole(run)
    problems = list(run.problems)
    series = dict(run.series) if selection.step is None else _recounted(run, selection.step, problems)
    series = {key: value for key, value in series.items() if _wanted(key, selection.metrics)}
    series = _in_order(series, run.name, problems)
    series = _infinite(series, run.name, problems)
    noted = {each.code for each in problems}
    problems += [each for each in _value_problems(series, run.name) if each.code not in noted]
    if run.state in ("unfinished", "failed") and not any(each.code in _UNFINISHED for each in problems):
        what = "the run failed" if run.state == "failed" else "the run did not finish"
        problems.append(
            LogProblem(code="UNFINISHED", run=run.name, message=what, done="kept up to where it ended")
        )
    config, odd = selection.labels.of(run.name, run.config)
    kept = {
        key: value for key, value in config.items() if _wanted(key, selection.config) or key not in run.config
    }
    return replace(run, series=series, config=kept, problems=(*problems, *odd))


def _whole(run: Run) -> Run:
    """Return a run whose names and settings can be written into any file or frame."""
    config = {whole_letters(key): _whole_value(value) for key, value in run.config.items()}
    series = {whole_letters(key): value for key, value in run.series.items()}
    return replace(run, name=whole_letters(run.name), config=config, series=series)


def _whole_value(value: Scalar) -> Scalar:
    return whole_letters(value) if isinstance(value, str) else value


def _wanted(name: str, patterns: Iterable[str] | None) -> bool:
    return patterns is None or any(name == each or fnmatchcase(name, each) for each in patterns)


def _recounted(run: Run, step: str, problems: list[LogProblem]) -> dict[str, Series]:
    """Return the metrics with another count of steps, which is itself a metric of the run."""
    clock = run.series.get(step)
    if clock is None:
        what = f"it lacks {step!r}, by which steps are counted"
        problems.append(
            LogProblem(code="NO_STEP", run=run.name, message=what, done="its values were left out")
        )
        return {}
    order = np.argsort(clock.steps, kind="stable")
    old, new = clock.steps[order], clock.values[order]
    series, lost = {}, 0
    for key, each in run.series.items():
        if key == step:
            continue
        place = np.minimum(np.searchsorted(old, each.steps, side="right") - 1, max(old.size - 1, 0))
        known = (place >= 0) & (old[place] == each.steps) & np.isfinite(new[place])
        lost += int(np.count_nonzero(~known))
        if known.any():
            series[key] = Series(steps=new[place[known]], values=each.values[known])
    if lost:
        what = f"{lost} values were logged at steps without {step!r}"
        problems.append(LogProblem(code="NO_STEP", run=run.name, message=what, done="they were left out"))
    return series


def _in_order(series: Mapping[str, Series], name: str, problems: list[LogProblem]) -> dict[str, Series]:
    """Return series whose steps rise; of values at one step, the last written."""
    found: dict[str, Series] = {}
    twice: dict[str, int] = {}
    for key, each in series.items():
        steps, values = each.steps, each.values
        if not each.has_steps:
            found[key] = each
            continue
        if not (steps[1:] > steps[:-1]).all() or not np.isfinite(steps[-1:]).all():
            finite = np.isfinite(steps)
            steps, values = steps[finite], values[finite]
            keep = last_written(steps)
            if not keep.all():
                twice[key] = int(np.count_nonzero(~keep))
            steps, values = _sorted(steps[keep], values[keep])
        if steps.size:
            found[key] = each if steps is each.steps else Series(steps=steps, values=values)
    problems += together("DUPLICATE_STEP", name, twice)
    return found


def _sorted(steps: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    order = np.argsort(steps, kind="stable")
    return steps[order], values[order]


def _infinite(series: Mapping[str, Series], name: str, problems: list[LogProblem]) -> dict[str, Series]:
    """Return series in which the largest number that a database can hold is infinite."""
    found = dict(series)
    changed = []
    for key, each in series.items():
        huge = np.abs(each.values) >= LARGEST
        huge &= np.isfinite(each.values)
        if huge.any():
            values = np.where(huge, np.copysign(np.inf, each.values), each.values)
            found[key] = Series(steps=each.steps, values=values)
            changed.append(key)
    if changed:
        what = f"{listed(changed)} holds 1.797e308, which means infinity"
        problems.append(LogProblem(code="HUGE_VALUE", run=name, message=what, done="taken as infinite"))
    return found


def _value_problems(series: Mapping[str, Series], name: str) -> list[LogProblem]:
    """Return the problems of the values of a run."""
    problems = []
    odd = {key: bad for key, each in series.items() if (bad := ~np.isfinite(each.values)).any()}
    if odd:
        count = sum(int(np.count_nonzero(bad)) for bad in odd.values())
        ends = [key for key, bad in odd.items() if bad[-1]]
        also = f"; the last value is not finite in {listed(ends)}" if ends else ""
        what = f"{count} values are not finite, in {listed(odd)}{also}"
        metric = next(iter(odd)) if len(odd) == 1 else None
        problems.append(
            LogProblem(code="NOT_FINITE", run=name, metric=metric, message=what, done="kept as they are")
        )
    averaged = [key for key in series if is_averaged(key)]
    if averaged:
        what = (
            f"{listed(averaged)} seems to be a moving average, whose neighbouring values share measurements"
        )
        metric = averaged[0] if len(averaged) == 1 else None
        problems.append(
            LogProblem(code="MOVING_AVERAGE", run=name, metric=metric, message=what, done="kept as it is")
        )
    return problems


def is_averaged(metric: str) -> bool:
    """Return whether the name of a metric says that it is a moving average."""
    return bool(_AVERAGED.search(metric[:500]))


def as_selection(given: Mapping[str, Any]) -> RunSelection:
    """Return checked options of `read_runs`."""
    from sigstats.data.logs.labels import as_extra, as_levels, as_pattern

    step = given.get("step")
    if step is not None and not (isinstance(step, str) and step):
        raise OptionError(
            f"`step` is {step!r}; it must be the name of a metric that counts steps, such as 'epoch'."
        )
    labels = Labels(
        pattern=as_pattern(given.get("pattern")),
        levels=as_levels(given.get("levels")),
        extra=as_extra(given.get("extra")),
    )
    metrics, config = as_names("metrics", given.get("metrics")), as_names("config", given.get("config"))
    return RunSelection(metrics=metrics, config=config, step=step, labels=labels)
