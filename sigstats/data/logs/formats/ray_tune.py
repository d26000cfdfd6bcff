"""Ray Tune: the folder of a trial.

*Layout.* ``<experiment>/<trial>/`` with ``result.json`` (a JSON object per line), ``progress.csv`` (the same, flat) and
``params.json``. ``result.json`` is read; ``progress.csv`` only without it.

*Metrics.* The numbers of each result, nested keys joined with ``/`` as in ``progress.csv``; the step is
``training_iteration``. What Ray notes about itself (host, process, date, identifiers) is left out, and so are lists.

*Config.* ``params.json``, else the ``config`` of the first result. A last result that says ``done`` ended the trial; an
``error.txt`` means that it failed; a trial with neither was stopped from outside.

*Problems.* Bare NaN and Infinity are numbers. A restored trial repeats iterations: the later results are kept. Lines
that are not JSON, such as a last line that was cut off, are problems.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.files.text_table import cells_of, first_line, read_table
from sigstats.data.logs.folders import name_below, read_bytes
from sigstats.data.logs.model import Format, LogError, Run, RunState
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, as_scalar, flatten, json_lines, read_json

NAME = "ray_tune"
STEP = "training_iteration"
MAX_DEPTH = 16

_OWN = frozenset(
    {
        "config", "date", "done", "experiment_id", "experiment_tag", "hostname", "node_ip", "pid", "timestamp",
        "trial_id", STEP,
    }
)  # fmt: skip


def _find(folder: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    known = "params.json" in names or "params.pkl" in names
    if "result.json" in names and (known or f'"{STEP}"' in first_line(folder / "result.json")):
        return (folder,)
    if "progress.csv" in names and STEP in cells_of(first_line(folder / "progress.csv")):
        return (folder,)
    return ()


def _read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of a trial."""
    recorder = RunRecorder(run=name_below(source, root), format=NAME)
    results, table = source / "result.json", source / "progress.csv"
    done = False
    if (source / "params.json").is_file():
        _take_params(recorder, source / "params.json")
    if results.is_file() and results.stat().st_size:
        done = _read_results(recorder, results)
    elif table.is_file():
        done = _read_table(recorder, table)
    else:
        recorder.note("EMPTY", "the trial does not have results", "it is a run without metrics")
    error = source / "error.txt"
    failed = error.is_file() and error.stat().st_size > 0
    state: RunState = "finished" if done else "failed" if failed else "unfinished"
    yield recorder.finished(state)


def _take_params(recorder: RunRecorder, path: Path) -> None:
    try:
        found = read_json(path)
    except LogError as error:
        recorder.note(error.code, f"params.json {error.message}", "its settings are left out")
        return
    if isinstance(found, Mapping):
        recorder.take(flatten(found))


def _read_results(recorder: RunRecorder, path: Path) -> bool:
    """Take in result.json; return whether the last result says that the trial is done."""
    done, bad, position, whole = False, 0, 0, read_bytes(path)
    for _, result in json_lines(whole):
        if not isinstance(result, Mapping):
            bad += 1
            continue
        if position == 0 and not recorder.config and isinstance(result.get("config"), Mapping):
            recorder.take(flatten(result["config"]))
        _take_result(recorder, result.get(STEP, position), result)
        done = bool(result.get("done"))
        position += 1
    if bad:
        cut = "; the file does not end with a line break" if not whole.endswith(b"\n") else ""
        recorder.note("BAD_LINE", f"{bad:,} lines of result.json are not results{cut}", "they were left out")
    return done


def _take_result(recorder: RunRecorder, step: object, result: Mapping[str, Any]) -> None:
    stack: list[tuple[str, object, int]] = [
        (key, value, 0) for key, value in result.items() if key not in _OWN
    ]
    for key, value, depth in stack:
        if isinstance(value, Mapping) and depth < MAX_DEPTH:
            stack.extend((f"{key}/{name}", inner, depth + 1) for name, inner in value.items())
        elif as_metric(value) is not None:
            recorder.add(key, step, value)


def _read_table(recorder: RunRecorder, path: Path) -> bool:
    """Take in progress.csv; return whether the last line says that the trial is done."""
    table = read_table(recorder, path)
    done = False
    for position, cells in enumerate(table.rows):
        row = dict(zip(table.header, cells, strict=False))
        if position == 0 and not recorder.config:
            recorder.take(
                {k[7:].replace("/", "."): as_scalar(v) for k, v in row.items() if k.startswith("config/")}
            )
        step = row.get(STEP, str(position))
        for key, cell in row.items():
            if key not in _OWN and not key.startswith("config/") and as_metric(cell) is not None:
                recorder.add(key, step, cell)
        done = row.get("done") == "True"
    return done


FORMAT = Format(
    name=NAME,
    title="Ray Tune",
    find=_find,
    read=_read,
    written_by="Ray Tune and RLlib",
    reads="`progress.csv` or `result.json`, `params.json`",
    leaves="checkpoints; `params.pkl`, which is a pickle",
)
