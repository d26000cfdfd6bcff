"""JSON Lines as scripts write them: settings first, a line per step, a summary last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigstats.data.logs.files.spelled import is_step, spelled
from sigstats.data.logs.folders import read_bytes
from sigstats.data.logs.model import FloatArray, LogError, LogProblem, RunState, Scalar
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import as_metric, as_scalar, flatten, json_lines

BoolArray = NDArray[np.bool_]

SETTINGS = frozenset({"config", "params", "hparams", "args", "hyperparameters"})
MAX_COLUMNS = 20_000


@dataclass(slots=True)
class Log:
    """What a file says."""

    columns: dict[str, FloatArray] = field(
        default_factory=dict
    )  # as long as each other; NaN if nothing was logged
    # where something was logged; None for everywhere
    logged: dict[str, BoolArray | None] = field(default_factory=dict)
    # columns of text that changes, as long as the others; None if nothing was logged
    texts: dict[str, list[str | None]] = field(default_factory=dict)
    config: dict[str, Scalar] = field(default_factory=dict)  # settings
    summary: dict[str, Scalar] | None = None  # what the run ended with, if recorded
    state: RunState = "unknown"  # how it ended
    problems: list[LogProblem] = field(default_factory=list)  # what was irregular


def read_lines(source: Path, name: str) -> Log:
    """Read JSON Lines."""
    return log_of(json_lines(read_bytes(source)), name)


def log_of(lines: Iterable[tuple[int, Any]], name: str) -> Log:
    """Return the log in numbered lines, each of which should be a mapping."""
    log = Log()
    gathered: dict[str, list[tuple[int, float]]] = {}
    texts: dict[str, dict[int, str]] = {}
    broken: list[int] = []
    twice: list[str] = []
    count = last = 0
    for last, value in lines:
        if isinstance(value, LogError) and value.code == "SAME_KEY":
            twice.append(f"line {last} {value.message}")
        elif not isinstance(value, dict):
            broken.append(last)
        elif "_meta" in value or "_summary" in value:
            _take_meta(log, value)
        else:
            _take_row(value, count, gathered, texts, log.config)
            count += 1
    if len(gathered) + len(texts) > MAX_COLUMNS:
        raise LogError(
            "TOO_MANY_METRICS", f"has {len(gathered) + len(texts)} different keys, more than {MAX_COLUMNS}"
        )
    _take_spelled(log, name, gathered, texts)
    for key, points in gathered.items():
        places = [place for place, _ in points]
        column, logged = np.full(count, np.nan), np.zeros(count, dtype=bool)
        column[places] = [value for _, value in points]
        logged[places] = True
        log.columns[key], log.logged[key] = column, None if logged.all() else logged
    for key, found in texts.items():
        if len(set(found.values())) == 1:
            log.config[key] = as_scalar(next(iter(found.values())))
        else:
            log.texts[key] = [found.get(place) for place in range(count)]
    _note_broken(log, name, broken, last)
    if twice:
        log.problems.append(LogProblem(code="SAME_KEY", run=name, message=listed(twice), done="left out"))
    return log


def _take_spelled(
    log: Log, name: str, gathered: dict[str, list[tuple[int, float]]], texts: dict[str, dict[int, str]]
) -> None:
    """Take steps that are spelled, such as 1k, as numbers; note the cells among numbers that spell none."""
    for key in [each for each in texts if is_step(each)]:
        found = spelled(key, texts[key].values())
        if found.numbers:
            points = [
                (place, found.numbers[text]) for place, text in texts[key].items() if text in found.numbers
            ]
            gathered[key] = sorted([*gathered.get(key, []), *points])
            what = f"numbers are spelled, in {key}: {found.told}"
            log.problems.append(
                LogProblem(code="SPELLED_NUMBER", run=name, message=what, done="they are read so")
            )
            del texts[key]
        elif key in gathered:
            what = f"{len(texts[key]):,} entries of {key} are not numbers: {listed(map(repr, texts[key].values()))}"
            log.problems.append(LogProblem(code="NOT_A_NUMBER", run=name, message=what, done="left out"))
            del texts[key]


def _take_meta(log: Log, value: Mapping[str, Any]) -> None:
    """Take the settings or the summary of a run."""
    if isinstance(value.get("_meta"), Mapping):
        log.config |= flatten(value["_meta"])
        log.state = "unfinished" if log.state == "unknown" else log.state
    if isinstance(value.get("_summary"), Mapping):
        log.summary = flatten(value["_summary"])
        log.state = "failed" if value.get("_state") == "failed" else "finished"


def _take_row(
    row: Mapping[str, Any],
    place: int,
    gathered: dict[str, list[tuple[int, float]]],
    texts: dict[str, dict[int, str]],
    config: dict[str, Scalar],
) -> None:
    """Take one line of measurements."""
    for key, value in row.items():
        if value is True or value is False:
            value = str(value).lower() if is_step(key) else value  # noqa: PLW2901 - a step is no truth value
        number = as_metric(value)
        if number is not None:
            gathered.setdefault(key, []).append((place, number))
        elif isinstance(value, str):
            texts.setdefault(key, {})[place] = value
        elif isinstance(value, Mapping) and key in SETTINGS:
            config |= flatten(value)
        elif isinstance(value, Mapping):
            _take_row(
                {f"{key}.{inner}": each for inner, each in flatten(value).items()},
                place,
                gathered,
                texts,
                config,
            )


def _note_broken(log: Log, name: str, broken: list[int], last: int) -> None:
    """Note lines that are not objects; a broken last line was cut off."""
    if broken and broken[-1] == last:
        broken.pop()
        log.state = "unfinished" if log.state == "unknown" else log.state
        what = f"the last line, {last}, is cut off or broken"
        log.problems.append(
            LogProblem(code="TRUNCATED", run=name, message=what, done="the line was left out")
        )
    if broken:
        what = f"{len(broken)} lines are not JSON objects, the first is line {broken[0]}"
        log.problems.append(
            LogProblem(code="BROKEN_LINES", run=name, message=what, done="they were left out")
        )
