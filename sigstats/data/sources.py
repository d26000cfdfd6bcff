"""From a path to a sweep: a file with a table, or a folder of training logs."""

from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from sigstats.data.places import is_folder
from sigstats.errors import OptionError

# Options of `read_runs`; the others are those of `Runs.sweep`.
READING = ("format", "step", "pattern", "levels")


def open_sweep(
    path: Path,
    roles: Mapping[str, str | None],
    *,
    filtered: Iterable[str],
    runs: Mapping[str, Any] | None,
    read: Mapping[str, Any] | None = None,
    known: MutableMapping[Any, Any],
) -> Any:  # noqa: ANN401 - a frame
    """Return the sweep in a file or folder, which is read once: `known` keeps what has been read.

    `roles` maps knob, metric, seed and condition to their columns, None where the default serves; `filtered` are the
    columns that filters need; `runs` are the options for a folder of logs, `read` those for a file.
    """
    if runs or is_folder(path):
        if read:
            raise OptionError(
                f"`read` says how a file is read, and {str(path)!r} is read as training logs. Leave it out."
            )
        return _from_runs(path, roles, filtered, dict(runs or {}), known)
    options: dict[str, Any] = {
        key: list(value) if isinstance(value, tuple) else value for key, value in (read or {}).items()
    }
    place = (path, repr(options))
    if place not in known:
        from sigstats.data.files import read_sweep

        known[place] = read_sweep(path, **options)
    return known[place]


def _from_runs(
    folder: Path,
    roles: Mapping[str, str | None],
    filtered: Iterable[str],
    options: dict[str, Any],
    known: MutableMapping[Any, Any],
) -> Any:  # noqa: ANN401 - a frame
    from sigstats.data.logs.runs import read_runs

    reading = {key: options.pop(key) for key in READING if key in options}
    place = (folder, tuple(reading.items()))
    if place not in known:
        known[place] = read_runs(folder, **reading)
    taken = {"run", "censored", *(name or role for role, name in roles.items())}
    columns = tuple(name for name in filtered if name not in taken)
    named = {**roles, "knob": roles["knob"] or "knob", "metric": roles["metric"] or "metric"}
    return known[place].sweep(**named, columns=columns, **options)
