"""HELM: a folder per run with ``stats.json`` and ``run_spec.json``, as ``helm-run`` writes them.

*Run*: one folder. *Metrics*: the mean of each statistic: ``exact_match`` on the test split, ``SPLIT/NAME`` on others,
``NAME@PERTURBATION`` where inputs were perturbed; at no step. *Items*: the statistics of each instance in
``per_instance_stats.json``, by its id, read when `Runs.items` asks. *Settings*: what the name of the run says
(``mmlu:subject=anatomy,model=...``), the adapter's options (``adapter.max_train_instances``), the scenario's arguments.
*State*: finished, since ``stats.json`` is written at the end.

*Problems*: statistics without any value, files that cannot be read.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sigstats.data.logs.folders import name_below
from sigstats.data.logs.model import Deferred, Format, Items, LogError, Run, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_metric, as_scalar, flatten, read_json

__all__ = ["FORMAT"]

STATS, SPEC, INSTANCES = "stats.json", "run_spec.json", "per_instance_stats.json"
COMPANIONS = frozenset(
    {SPEC, INSTANCES, "scenario_state.json", "scenario.json", "instances.json", "display_requests.json"}
)


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the statistics of a run, if its folder holds them."""
    return [folder / STATS] if STATS in names and SPEC in names else []


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one folder."""
    folder = source.parent
    stats = read_json(source)
    if not isinstance(stats, list):
        raise LogError("FOREIGN", "does not hold a list of statistics")
    recorder = RunRecorder(run=name_below(folder, root), format=FORMAT.name)
    recorder.take(_settings(recorder, folder / SPEC))
    blank = 0
    for stat in stats:
        name = _name(stat)
        mean = None if name is None else _mean(stat)
        blank += name is not None and mean is None
        if name is not None and mean is not None:
            recorder.add_result(name, mean)
    if blank:
        recorder.note("NO_VALUE", f"{blank:,} statistics have no value", "they are left out")
    run = recorder.finished("finished")
    yield replace(run, items=Deferred(functools.partial(_items, folder / INSTANCES)))


def _name(stat: object) -> str | None:
    """Return the name of a statistic: with its split unless that is the test split, and its perturbation."""
    about = stat.get("name") if isinstance(stat, Mapping) else None
    if not isinstance(about, Mapping) or not isinstance(about.get("name"), str):
        return None
    split = "/".join(str(about[key]) for key in ("split", "sub_split") if about.get(key))
    name = about["name"] if split in ("", "test") else f"{split}/{about['name']}"
    change = about.get("perturbation")
    if isinstance(change, Mapping):
        on = change.get("computed_on")
        name += f"@{change.get('name')}" + (f",{on}" if on not in (None, "perturbed") else "")
    return str(name)


def _mean(stat: Mapping[str, Any]) -> float | None:
    mean = as_metric(stat.get("mean"))
    total, count = as_metric(stat.get("sum")), as_metric(stat.get("count"))
    return total / count if mean is None and total is not None and count else mean


def _settings(recorder: RunRecorder, path: Path) -> dict[str, Scalar]:
    try:
        spec = read_json(path)
    except LogError as error:
        recorder.note("BAD_CONFIG", f"{SPEC} {error.message}", "its settings are left out")
        return {}
    if not isinstance(spec, Mapping):
        return {}
    name, _, said = str(spec.get("name", "")).partition(":")
    settings: dict[str, Scalar] = {"scenario": name} if name else {}
    for part in said.split(","):
        key, equals, value = part.partition("=")
        if equals:
            settings[key] = as_scalar(value)
    for part, prefix in (("adapter_spec", "adapter"), ("scenario_spec", "scenario")):
        inner = spec.get(part)
        if isinstance(inner, Mapping):
            own = inner.get("args") if prefix == "scenario" else inner
            settings |= flatten(own, prefix) if isinstance(own, Mapping) else {}
    return settings


def _items(path: Path) -> dict[str, Items]:
    """Return the statistics of each instance."""
    if not path.is_file():
        return {}
    names: dict[str, list[str]] = {}
    values: dict[str, list[float]] = {}
    content = read_json(path)
    for each in content if isinstance(content, list) else []:
        stats = each.get("stats") if isinstance(each, Mapping) else None
        for stat in stats if isinstance(stats, list) else []:
            name, mean = _name(stat), _mean(stat) if isinstance(stat, Mapping) else None
            if name is not None and mean is not None:
                names.setdefault(name, []).append(str(each.get("instance_id"))[:1_000])
                values.setdefault(name, []).append(mean)
    return {key: Items(names=tuple(names[key]), values=np.array(values[key])) for key in names}


FORMAT = Format(
    name="helm",
    title="HELM",
    find=find,
    read=read,
    belongs=COMPANIONS.__contains__,
    written_by="HELM (`helm-run`)",
    reads="means in `stats.json`, `run_spec.json`; instances as items",
    leaves="requests and predictions; summaries of several runs",
)
