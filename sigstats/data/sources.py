"""From a path to a sweep: a file with a table, or a folder of training logs."""

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

# Options of `read_runs`; the others are those of `Runs.sweep`.
READING = ("format", "step", "pattern", "levels")

Options = Mapping[str, Any]


def sweep_at(
    path: Path,
    known: MutableMapping[Any, Any],
    *,
    columns: Mapping[str, str | None],
    where: Options | None,
    runs: Options | None,
) -> Any:  # noqa: ANN401 - a frame
    """Return the sweep at a path; what was read before is taken from `known`."""
    if runs or path.is_dir():
        return _from_runs(path, known, columns, where or {}, dict(runs or {}))
    if path not in known:
        from sigstats.data.files import read_sweep

        known[path] = read_sweep(path)
    return known[path]


def _from_runs(
    folder: Path,
    known: MutableMapping[Any, Any],
    columns: Mapping[str, str | None],
    where: Options,
    options: dict[str, Any],
) -> Any:  # noqa: ANN401 - a frame
    from sigstats.data.logs.runs import read_runs

    reading = {key: options.pop(key) for key in READING if key in options}
    place = (folder, tuple(reading.items()))
    if place not in known:
        known[place] = read_runs(folder, **reading)
    named = {role: column or role for role, column in columns.items()}
    further = tuple(key for key in where if key not in {*named.values(), "run", "censored"})
    return known[place].sweep(
        knob=named["knob"],
        metric=named["metric"],
        seed=columns["seed"],
        condition=columns["condition"],
        columns=further,
        **options,
    )
