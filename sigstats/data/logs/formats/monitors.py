"""Monitors of Stable-Baselines3: one file per environment, one line per episode, sorted by time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sigstats.data.logs.files.text_table import TextTable, as_table, read_text
from sigstats.data.logs.model import LogError
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, as_scalar, parse_json

MONITOR = re.compile(r"(?:\A|\.)monitor\.csv\Z")
NAMES = {"r": "episode/reward", "l": "episode/length"}


@dataclass(slots=True, kw_only=True)
class Episodes:
    """The episodes of one environment."""

    start: float | None = None  # wall time at which the monitor began, in seconds
    env_id: str | None = None  # name of the environment
    # seconds since `start`, never going back, and the cells by column
    rows: list[tuple[float, dict[str, str]]] = field(default_factory=list)


def take_monitors(recorder: RunRecorder, files: list[Path]) -> bool:
    """Take all monitors of a run as one."""
    monitors: list[Episodes] = []
    for path in files:
        try:
            monitors.append(_read_monitor(recorder, path))
        except LogError as error:
            recorder.note(error.code, f"{path.name} {error.message}", "the file is left out")
    if files:
        recorder.take({"n_monitors": len(files)})
        ids = {monitor.env_id for monitor in monitors if monitor.env_id}
        recorder.take({"env_id": ids.pop()} if len(ids) == 1 else {})
    _take_episodes(recorder, monitors)
    return len(monitors) < len(files)


def _read_monitor(recorder: RunRecorder, path: Path) -> Episodes:
    lines = read_text(recorder, path, whole_lines=True).split("\n")
    comments = [line for line in lines if line.startswith("#")]
    table = as_table(recorder, "\n".join(line for line in lines if not line.startswith("#")), path.name)
    if "r" not in table.header or "l" not in table.header:
        raise LogError("FOREIGN", "does not have the columns r and l")
    if len(comments) > 1:
        recorder.note(
            "RESTARTED", f"{path.name} has {len(comments)} first lines", "its episodes are kept in order"
        )
    start, env_id = _head(comments)
    if start is None:
        recorder.note("NO_START", f"{path.name} does not say when it began", "it is taken to begin at 0")
    return Episodes(start=start, env_id=env_id, rows=list(_forward(recorder, table, path.name)))


def _head(comments: list[str]) -> tuple[float | None, str | None]:
    """Return when a monitor began, and the name of its environment."""
    try:
        said = parse_json(comments[0][1:].encode()) if comments else None
    except LogError:
        said = None
    if not isinstance(said, dict):
        return None, None
    env_id = as_scalar(said.get("env_id"))
    return as_metric(said.get("t_start")), None if env_id is None else str(env_id)


def _forward(recorder: RunRecorder, table: TextTable, file: str) -> Iterator[tuple[float, dict[str, str]]]:
    """Yield the episodes with times that never go back: after a restart, the time continues from the last one."""
    before = offset = 0.0
    restarts = 0
    for cells in table.rows:
        row = dict(zip(table.header, cells, strict=True))
        seconds = as_metric(row.pop("t", None))
        seconds = before if seconds is None or not abs(seconds) < 1e12 else seconds
        if seconds < before:
            restarts += 1
            offset += before
        before = seconds
        yield offset + seconds, row
    if restarts:
        message = (
            f"the time in {file} goes back {restarts} time{'s' if restarts > 1 else ''}, as after a restart"
        )
        recorder.note("RESTARTED", message, "its episodes are kept in the order of the file")


def _take_episodes(recorder: RunRecorder, monitors: list[Episodes]) -> None:
    """Take the episodes of all monitors in the order of time; the step counts the steps of ended episodes."""
    ended = [
        ((monitor.start or 0.0) + seconds, number, place, row)
        for number, monitor in enumerate(monitors)
        for place, (seconds, row) in enumerate(monitor.rows)
    ]
    total = 0.0
    for *_, row in sorted(ended, key=lambda each: each[:3]):
        length = as_metric(row["l"])
        if length is None or not 0 < length < 1e15:
            recorder.add("episode/length", 0, row["l"] if length is None else "no length")
            continue
        total += length
        for column, value in row.items():
            recorder.add(NAMES.get(column, f"episode/{column}"), total, value.strip())
