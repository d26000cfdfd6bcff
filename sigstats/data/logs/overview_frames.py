"""What is known of many runs together: frames of settings and values, settings that vary, problems between runs."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from sigstats.data.logs.model import LogError, LogProblem, Run, RunState, Scalar
from sigstats.data.logs.pooled import pooled, sentence
from sigstats.data.logs.series import listed

MOST_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The steps of a metric in a run."""

    n: int  # how many
    first: float  # first, last: the first and the last step
    last: float
    digest: bytes = field(repr=False)  # equal if all steps are equal


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What is known of a run without its values.

    Attributes
    ----------
    name, format : str
        As in `Run`.
    state : str
        As in `Run`.
    config : mapping
        Settings and labels.
    metrics : mapping of str to Span
        The steps of each metric.
    is_summary : bool
        As in `Run`.
    problems : tuple of LogProblem
        What was irregular within the run.
    """

    name: str
    format: str
    state: RunState
    config: Mapping[str, Scalar] = field(repr=False)
    metrics: Mapping[str, Span] = field(repr=False)
    is_summary: bool = False
    problems: tuple[LogProblem, ...] = field(repr=False)


def outline(run: Run) -> Outline:
    """Return what is known of a run without its values."""
    metrics = {}
    for name, each in run.series.items():
        digest = hashlib.blake2b(each.steps.tobytes(), digest_size=8).digest()
        first, last = float(each.steps[0]), float(each.steps[-1])
        metrics[name] = Span(n=each.steps.size, first=first, last=last, digest=digest)
    return Outline(
        name=run.name,
        format=run.format,
        state=run.state,
        config=run.config,
        metrics=metrics,
        is_summary=run.is_summary,
        problems=run.problems,
    )


def renamed(run: Run, name: str) -> Run:
    """Return a run under another name, because its own is taken."""
    problem = LogProblem(
        code="DUPLICATE_NAME",
        run=name,
        message=f"another run is called {run.name!r}",
        done=f"renamed to {name!r}",
    )
    return replace(run, name=name, problems=(*run.problems, problem))


def config_frame(outlines: Sequence[Outline]) -> pd.DataFrame:
    """Return the settings of runs."""
    rows = [
        {**each.config, "run": each.name, "format": each.format, "state": each.state} for each in outlines
    ]
    own = ["run", "format", "state"]
    keys = dict.fromkeys(key for row in rows for key in row if key not in own)
    return pd.DataFrame(rows, columns=[*own, *keys])


def long_frame(runs: Iterable[Run]) -> pd.DataFrame:
    """Return all values of runs."""
    names: list[str] = []
    metrics: dict[str, int] = {}
    pieces: list[tuple[int, int, Any, Any]] = []
    for place, run in enumerate(runs):
        names.append(run.name)
        for metric, each in run.series.items():
            pieces.append((place, metrics.setdefault(metric, len(metrics)), each.steps, each.values))
    sizes = [piece[2].size for piece in pieces]
    empty = [np.empty(0)]
    runs, labels = pd.Index(names, dtype=object), pd.Index(list(metrics), dtype=object)
    return pd.DataFrame(
        {
            "run": pd.Categorical.from_codes(_repeated(pieces, 0, sizes), categories=runs),
            "metric": pd.Categorical.from_codes(_repeated(pieces, 1, sizes), categories=labels),
            "step": np.concatenate([piece[2] for piece in pieces] or empty),
            "value": np.concatenate([piece[3] for piece in pieces] or empty),
        }
    )


def item_frame(runs: Iterable[Run]) -> pd.DataFrame:
    """Return the scores of items of runs."""
    pieces: list[pd.DataFrame] = []
    problems: list[LogProblem] = []
    for run in runs:
        try:
            for metric, each in run.items.items():
                columns = {"run": run.name, "metric": metric, "item": list(each.names), "value": each.values}
                pieces.append(pd.DataFrame(columns))
        except LogError as error:
            problems.append(
                LogProblem(
                    code=error.code, run=run.name, message=error.message, done="its items are left out"
                )
            )
    empty = pd.DataFrame({"run": [], "metric": [], "item": [], "value": []})
    frame = pd.concat(pieces, ignore_index=True) if pieces else empty
    frame.attrs["problems"] = tuple(problems)
    return frame


def _repeated(pieces: Sequence[tuple[int, int, Any, Any]], place: int, sizes: Sequence[int]) -> Any:  # noqa: ANN401
    return np.repeat(np.array([piece[place] for piece in pieces], dtype=np.int64), sizes)


def varying_settings(outlines: Sequence[Outline]) -> dict[str, tuple[Any, ...]]:
    """Return the settings in which runs differ."""
    keys = dict.fromkeys(key for each in outlines for key in each.config)
    found = {}
    for key in keys:
        values = {None if value != value else value for value in (each.config.get(key) for each in outlines)}  # noqa: PLR0124
        if len(values) > 1:
            found[key] = tuple(sorted(values, key=_order))
    return found


def _order(value: Scalar) -> tuple[int, float, str]:
    """Return what settings are sorted by: numbers first, then text, then what is missing."""
    if value is None:
        return (2, 0.0, "")
    if isinstance(value, str):
        return (1, 0.0, value)
    return (0, float(value) if value == value else np.inf, "")  # noqa: PLR0124 - NaN sorts last


def problems_between(outlines: Sequence[Outline]) -> list[LogProblem]:
    """Return the problems that show when runs are compared."""
    problems = _without_seed(outlines)
    groups: dict[str, list[Outline]] = {}
    for each in outlines:
        if not each.is_summary:
            groups.setdefault(each.format, []).append(each)
    for group in groups.values():
        if len(group) > 1:
            problems += _missing_metrics(group) + _different_steps(group)
    return problems


def _count(n: int) -> str:
    return "1 run" if n == 1 else f"{n} runs"


def _without_seed(outlines: Sequence[Outline]) -> list[LogProblem]:
    runs = [each for each in outlines if not each.is_summary]
    lost = [each.name for each in runs if not any("seed" in key.lower() for key in each.config)]
    if not lost:
        return []
    problems = [
        LogProblem(
            code="NO_SEED",
            run=_count(len(lost)),
            message="none of the settings is a seed",
            done="a sweep counts each run as a separate seed",
        )
    ]
    found = pooled(lost)
    if found is not None:
        done = f"a sweep of the step pools them as seeds of one thing; {found.remedy()}"
        problems.append(LogProblem(code="POOLED", run=_count(len(lost)), message=sentence(found), done=done))
    return problems


def _missing_metrics(group: Sequence[Outline]) -> list[LogProblem]:
    """Return one problem for the metrics that most runs have but some lack."""
    counts = Counter(name for each in group for name in each.metrics)
    lost = {
        name: len(group) - count for name, count in counts.items() if len(group) / 2 <= count < len(group)
    }
    if not lost:
        return []
    some = max(lost.values())
    return [
        LogProblem(
            code="MISSING_METRIC",
            run=f"up to {_count(some)}",
            metric=next(iter(lost)) if len(lost) == 1 else None,
            message=f"{listed(lost)} were not logged by all {len(group)} runs",
            done="a sweep leaves out the runs that lack its metric, and counts them",
        )
    ]


def _different_steps(group: Sequence[Outline]) -> list[LogProblem]:
    """Return one problem for the metrics whose steps differ between runs."""
    digests: dict[str, set[bytes]] = {}
    lasts: dict[str, list[float]] = {}
    for each in group:
        for name, span in each.metrics.items():
            if span.first != span.first:
                continue
            digests.setdefault(name, set()).add(span.digest)
            lasts.setdefault(name, []).append(span.last)
    names = [name for name, found in digests.items() if len(found) > 1]
    if not names:
        return []
    low, high = min(lasts[names[0]]), max(lasts[names[0]])
    return [
        LogProblem(
            code="STEPS_DIFFER",
            run=_count(len(group)),
            metric=names[0] if len(names) == 1 else None,
            message=f"the steps of {listed(names)} differ between runs; {names[0]} ends at {low:g} to {high:g}",
            done="kept; see `align` of `Runs.sweep`",
        )
    ]
