"""An overview of a folder of logs: formats, settings that vary, metrics, seeds per cell, problems."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sigstats.data.logs.model import LogProblem
from sigstats.data.logs.overview_frames import Outline, varying_settings
from sigstats.data.logs.runs import Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigKey:
    """A setting in which runs differ."""

    name: str  # the key
    others: tuple[str, ...]  # settings that divide the runs in the same way
    values: tuple[Any, ...] = field(repr=False)  # its values, sorted; None for runs without it
    is_seed: bool  # whether its name says that it is a seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric and the steps at which it was logged."""

    name: str  # of the metric
    n_runs: int  # runs that have it
    fewest: int  # fewest, most: values per run
    most: int
    first: (
        float  # first, last_low, last_high: the first step of any run, and the smallest and largest last step
    )
    last_low: float
    last_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What a folder of logs holds."""

    formats: Mapping[str, Mapping[str, int]]  # runs by format and state
    names: tuple[str, ...]  # the first and the last names of runs
    settings: tuple[ConfigKey, ...]  # those in which some runs differ and others agree
    unique: tuple[str, ...]  # settings that differ in every run, such as names of folders
    metrics: tuple[Metric, ...] = field(repr=False)  # in the order in which they were found
    n_cells: int  # combinations of settings other than seeds
    per_cell: tuple[int, int]  # the smallest and the largest number of runs in one
    problems: Mapping[str, Sequence[LogProblem]] = field(repr=False)  # by code


def overview(runs: Runs) -> Overview:
    """Return what a folder of logs holds."""
    outlines = runs.outlines
    formats: dict[str, Counter[str]] = {}
    for each in outlines:
        formats.setdefault(each.format, Counter())[each.state] += 1
    settings, unique = _settings(outlines)
    cells = _cells(outlines, settings)
    problems: dict[str, list[LogProblem]] = {}
    for problem in runs.problems:
        problems.setdefault(problem.code, []).append(problem)
    return Overview(
        formats={name: dict(states) for name, states in formats.items()},
        names=_some(sorted(each.name for each in outlines)),
        settings=settings,
        unique=unique,
        metrics=_metrics(outlines),
        n_cells=len(cells),
        per_cell=(min(cells.values()), max(cells.values())) if cells else (0, 0),
        problems=problems,
    )


def _some(names: Sequence[str]) -> tuple[str, ...]:
    """Return the first names and the last, which show how runs are named."""
    return tuple(names) if len(names) <= 4 else (*names[:3], names[-1])


def _settings(outlines: Sequence[Outline]) -> tuple[tuple[ConfigKey, ...], tuple[str, ...]]:
    """Return the settings in which runs differ, once per division of the runs, and those unique to each run."""
    found = varying_settings(outlines)
    divisions: dict[tuple[bool, tuple[int, ...]], list[str]] = {}
    for key in found:
        values: dict[Any, int] = {}
        places = tuple(values.setdefault(each.config.get(key), len(values)) for each in outlines)
        divisions.setdefault((_is_seed(key), places), []).append(key)
    settings, unique = [], []
    for (is_seed, places), keys in divisions.items():
        if len(set(places)) == len(outlines) > 2 and not is_seed:
            unique += [key for key in keys if not _is_number(found[key])]
            keys = [key for key in keys if _is_number(found[key])]  # noqa: PLW2901 - the rest of them
        if keys:
            first, *others = keys
            settings.append(ConfigKey(name=first, others=tuple(others), values=found[first], is_seed=is_seed))
    return tuple(settings), tuple(unique)


def _is_seed(key: str) -> bool:
    return key.rpartition(".")[2].lower().endswith("seed")


def _is_number(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _cells(outlines: Sequence[Outline], settings: Sequence[ConfigKey]) -> Counter[tuple[Any, ...]]:
    """Return how many runs share all settings except seeds."""
    keys = [each.name for each in settings if not each.is_seed]
    return Counter((each.format, *(each.config.get(key) for key in keys)) for each in outlines)


def _metrics(outlines: Sequence[Outline]) -> tuple[Metric, ...]:
    spans: dict[str, list[Any]] = {}
    for each in outlines:
        for name, span in each.metrics.items():
            spans.setdefault(name, []).append(span)
    return tuple(
        Metric(
            name=name,
            n_runs=len(found),
            fewest=min(span.n for span in found),
            most=max(span.n for span in found),
            first=min(span.first for span in found),
            last_low=min(span.last for span in found),
            last_high=max(span.last for span in found),
        )
        for name, found in spans.items()
    )
