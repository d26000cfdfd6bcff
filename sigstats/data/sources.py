"""From the place that a signature names to its sweep: a file with a table, or a folder of training logs."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from sigstats.signature.signature import Signature

# Options of `read_runs`; the others are those of `Runs.sweep`.
READING = ("format", "step", "pattern", "levels")


def sweep_of(path: Path, signature: Signature, known: MutableMapping[Any, Any]) -> Any:  # noqa: ANN401 - a frame
    """Return the sweep that a signature speaks of."""
    if signature.runs or path.is_dir():
        return _from_runs(path, signature, known)
    if path not in known:
        from sigstats.data.files import read_sweep

        known[path] = read_sweep(path)
    return known[path]


def _from_runs(folder: Path, signature: Signature, known: MutableMapping[Any, Any]) -> Any:  # noqa: ANN401 - a frame
    from sigstats.data.logs.runs import read_runs

    options = dict(signature.runs or {})
    reading = {key: options.pop(key) for key in READING if key in options}
    place = (folder, tuple(reading.items()))
    if place not in known:
        known[place] = read_runs(folder, **reading)
    knob, metric = signature.knob or "knob", signature.metric or "metric"
    roles = {knob, metric, signature.seed or "seed", signature.condition or "condition", "run", "censored"}
    columns = tuple(key for key in signature.where or {} if key not in roles)
    return known[place].sweep(
        knob=knob,
        metric=metric,
        seed=signature.seed,
        condition=signature.condition,
        columns=columns,
        **options,
    )
